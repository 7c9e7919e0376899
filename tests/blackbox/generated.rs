//! What packages ship beside the program: completions and manual pages, made by the program itself.

use crate::support::server::{Cli, Folder, command, text_of};

fn latchkey(arguments: &[&str]) -> Cli {
    text_of(command().args(arguments).output().expect("it ran"))
}

/// The commands of the help text.
fn commands() -> Vec<String> {
    let help = latchkey(&["--help"]).ok();
    let listed = help.split_once("Commands:").expect("a list").1.split_once("\n\n").expect("an end").0;
    let names = listed.lines().filter_map(|l| l.strip_prefix("  ")?.split(' ').next().map(str::to_owned));
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_shell_completes_every_command() {
    let commands = commands();
    assert!(commands.len() > 10 && commands.iter().any(|c| c == "serve"), "{commands:?}");
    assert!(!commands.iter().any(|c| c == "generate"), "packagers know it, nobody else needs it");
    for shell in ["bash", "zsh", "fish"] {
        let script = latchkey(&["generate", "completions", shell]).ok();
        for name in &commands {
            assert!(script.contains(name.as_str()), "{shell}: {name}");
        }
        assert!(script.contains("recovery-link") && script.contains("data-dir"), "{shell}");
    }
}

#[test]
fn every_command_has_its_manual_page() {
    let folder = Folder::new();
    std::fs::create_dir(folder.data()).expect("a folder");
    latchkey(&["generate", "man", folder.data().to_str().expect("UTF-8")]).ok();
    let page = |name: &str| std::fs::read_to_string(folder.data().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let main = page("latchkey.1");
    for name in commands() {
        assert!(main.contains(&name.replace('-', "\\-")), "{name}: {main}");
        assert!(page(&format!("latchkey-{name}.1")).contains(".SH DESCRIPTION"), "{name}");
    }
    assert!(page("latchkey-user-create.1").contains("password\\-stdin"));
    assert!(!folder.data().join("latchkey-generate.1").exists());
    let words = latchkey(&["generate", "man", "/no/such/folder"]).refused(1);
    assert!(words.contains("/no/such/folder"), "{words}");
}
