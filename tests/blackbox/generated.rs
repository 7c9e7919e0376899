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

#[test]
fn the_reference_in_the_documents_is_what_the_program_says_of_itself() {
    let said = latchkey(&["generate", "reference"]).ok();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.md");
    let kept = std::fs::read_to_string(file).expect("the reference");
    assert!(kept == said, "docs/reference.md is out of date: cargo run -- generate reference > docs/reference.md");
    for name in commands().iter().filter(|name| *name != "help") {
        assert!(said.contains(&format!("### `latchkey {name}")), "{name}");
    }
    assert!(
        said.contains("| `https-listen` |") && said.contains("`/application/o/token/`") && said.contains("- `login`")
    );
}

#[test]
fn the_document_about_trouble_is_the_help_page_in_english() {
    let said = latchkey(&["generate", "troubleshooting"]).ok();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/troubleshooting.md");
    let kept = std::fs::read_to_string(file).expect("the document");
    let command = "cargo run -- generate troubleshooting > docs/troubleshooting.md";
    assert!(kept == said, "docs/troubleshooting.md is out of date: {command}");
    assert!(said.contains("<a id=\"redirect-uri\"></a>") && said.contains("(backup.md)"), "{said}");
}

/// Each command that the documents tell to type is one that the program takes.
#[test]
fn the_documents_tell_of_commands_that_are_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md"), root.join("packaging/README.md")];
    files.extend(std::fs::read_dir(root.join("docs")).expect("docs").map(|e| e.expect("a file").path()));
    let texts = files.iter().filter(|f| f.extension().is_some_and(|e| e == "md"));
    let mut seen = 0;
    for file in texts {
        let text = std::fs::read_to_string(file).expect("a text");
        for said in text.split("latchkey ").skip(1).filter(|said| said.starts_with(|c: char| c.is_ascii_lowercase())) {
            let line = said.split(['\n', '`', '#', '|', '<', '(', ')', ';', '"', ',']).next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some(first) = words.first().filter(|w| commands().contains(&(**w).to_owned())) else { continue };
            let mut arguments = vec![*first];
            let is_name = |w: &&&str| w.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !w.starts_with('-');
            let helped = latchkey(&[first, "--help"]).ok();
            if helped.contains("Commands:") {
                arguments.extend(words.get(1).filter(is_name));
            }
            let help = latchkey(&[&arguments[..], &["--help"]].concat()).ok();
            for option in words.iter().filter_map(|w| w.strip_prefix("--")).map(|o| o.split('=').next().unwrap_or(o)) {
                assert!(help.contains(&format!("--{option}")), "{}: latchkey {line}: --{option}", file.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

/// The table of specifications names tests that there are, and leaves none out where something is said to work.
#[test]
fn what_is_said_of_specifications_is_shown_by_tests() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = std::collections::BTreeSet::new();
    let mut folders = vec![root.join("src"), root.join("tests/blackbox")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(path).expect("a text");
                let marked = text.split("#[test]").skip(1).filter_map(|t| t.split("fn ").nth(1)?.split('(').next());
                tests.extend(marked.map(str::to_owned));
            }
        }
    }
    let page = std::fs::read_to_string(root.join("docs/specifications.md")).expect("the page");
    let cells = |row: &str| row.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect::<Vec<_>>();
    let rows = page.lines().filter(|l| l.starts_with("| ") && !l.contains("| State | Tests |")).map(cells);
    let mut seen = 0;
    for row in rows {
        let [_, what, state, shown_by] = &row[..] else { panic!("four columns: {row:?}") };
        assert!(["supported", "setting", "not"].contains(&state.as_str()), "{row:?}");
        let named: Vec<&str> = shown_by.split(", ").map(|n| n.trim_matches('`')).filter(|n| !n.is_empty()).collect();
        assert!(state == "not" || !named.is_empty(), "no test shows: {what}");
        for name in named {
            assert!(tests.contains(name), "there is no test {name}, which is to show: {what}");
        }
        seen += 1;
    }
    assert!(seen > 60, "{seen}");
}
