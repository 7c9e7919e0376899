//! `latchkey setup` where no systemd is: by options, asked at a terminal, and run again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::support::server::{Cli, Folder, binary, command, free_port, text_of};
use crate::support::{Browser, PASSWORD, Server};

/// A folder with room for a settings file and a data folder.
struct Machine {
    folder: Arc<Folder>,
    port: u16,
}

impl Machine {
    fn new() -> Self {
        Self { folder: Folder::new(), port: free_port() }
    }

    fn file(&self) -> PathBuf {
        self.folder.data().with_file_name("etc").join("latchkey.toml")
    }

    fn settings(&self) -> String {
        std::fs::read_to_string(self.file()).expect("the settings")
    }

    fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// `latchkey --config FILE` and more, with something on standard input.
    fn latchkey(&self, arguments: &[&str], input: &str) -> Cli {
        let mut command = command();
        command.arg("--config").arg(self.file()).args(arguments).current_dir(self.folder.data().parent().expect("one"));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        drop(child.stdin.take().expect("stdin").write_all(format!("{input}\n").as_bytes()));
        text_of(child.wait_with_output().expect("output"))
    }

    fn setup(&self, options: &[&str], input: &str) -> Cli {
        self.latchkey(&[&["setup"], options].concat(), input)
    }

    /// What setup says to run, run.
    fn started(&self, said: &str) -> Server {
        let words = format!("latchkey --config {} serve", self.file().display());
        assert!(said.contains(&words), "{said}");
        let mut serve = command();
        serve.arg("--config").arg(self.file()).args(["serve", "--password-passes", "2"]);
        Server::spawn(serve, Arc::clone(&self.folder), self.port, &self.url())
    }
}

#[test]
fn options_leave_settings_an_administrator_and_the_words_to_run() {
    let machine = Machine::new();
    let url = machine.url();
    let said = machine.setup(&["--url", &url, "--admin", "ada", "--password-stdin", "--yes"], PASSWORD).ok();
    assert!(said.contains("Created the administrator ada"), "{said}");
    let settings = machine.settings();
    assert!(settings.contains(&format!("url = \"{url}\"")), "{settings}");
    assert!(settings.contains(&format!("listen = \"127.0.0.1:{}\"", machine.port)), "{settings}");
    assert!(settings.contains(&format!("data-dir = \"{}\"", machine.folder.data().display())), "{settings}");
    assert!(!settings.contains(PASSWORD));
    let server = machine.started(&said);
    Browser::signed_in(&server, "ada");
    assert!(!server.printed().contains("/setup/?token="), "there is an administrator already");
}

#[test]
fn run_again_it_changes_nothing_that_nobody_agreed_to() {
    let machine = Machine::new();
    let url = machine.url();
    let options = ["--url", url.as_str(), "--admin", "ada", "--password-stdin"];
    machine.setup(&options, PASSWORD).ok();
    let mut settings = machine.settings();
    settings.push_str("# our own words\nsession-idle = \"2h\"\n");
    std::fs::write(machine.file(), &settings).expect("written");
    for again in [&options[..], &["--url", &url], &[], &["--yes"]] {
        let said = machine.setup(again, "another password altogether").ok();
        assert!(said.contains("nothing was changed in it") && said.contains("an administrator already"), "{said}");
        assert_eq!(machine.settings(), settings, "{again:?}");
    }
    let other = ["--url", "http://localhost:1", "--listen", "127.0.0.1:1"];
    let words = machine.setup(&other, "").refused(1);
    assert!(words.contains(&url) && words.contains("http://localhost:1") && words.contains("--yes"), "{words}");
    assert_eq!(machine.settings(), settings);
    machine.setup(&[&other[..], &["--yes"]].concat(), "").ok();
    let changed = machine.settings();
    assert!(changed.contains("url = \"http://localhost:1\"") && changed.contains("listen = \"127.0.0.1:1\""));
    assert!(changed.contains("# our own words\nsession-idle = \"2h\""), "{changed}");
    // The password is still the first one.
    machine.setup(&["--url", &url, "--listen", &format!("127.0.0.1:{}", machine.port), "--yes"], "").ok();
    let said = machine.setup(&[], "").ok();
    Browser::signed_in(&machine.started(&said), "ada");
}

#[test]
fn beside_a_running_server_it_prints_the_link_that_makes_the_administrator() {
    let machine = Machine::new();
    let said = machine.setup(&["--url", &machine.url()], "").ok();
    assert!(said.contains("It then prints the link"), "{said}");
    let server = machine.started(&said);
    let said = machine.setup(&[], "").ok();
    let link = said.split_whitespace().find(|w| w.contains("/setup/?token=")).expect("a link").to_owned();
    assert!(Browser::new(&server).open(&link).body.contains("id=\"setup-submit\""));
    assert!(!said.contains('\u{1b}'), "no picture where nobody looks");
}

#[test]
fn what_cannot_be_used_is_refused_before_anything_is_written() {
    let machine = Machine::new();
    let url = machine.url();
    for wrong in [
        &[][..],
        &["--yes"],
        &["--url", "ftp://x"],
        &["--url", "https://auth.example/path"],
        &["--url", &url, "--listen", "8410"],
        &["--url", &url, "--trusted-proxies", "proxy"],
        &["--url", &url, "--admin", "two words", "--password-stdin"],
        &["--url", &url, "--admin", "ada"],
        &["--url", &url, "--password-stdin"],
    ] {
        let words = machine.setup(wrong, PASSWORD).refused(2);
        assert!(!words.contains("panicked"), "{wrong:?}: {words}");
        assert!(!machine.file().exists() && !machine.folder.data().exists(), "{wrong:?}");
    }
    machine.setup(&["--url", &url, "--admin", "ada", "--password-stdin"], "short").refused(2);
    assert!(!machine.file().exists() && !machine.folder.data().exists());
    // A file that says what is no setting is not made worse.
    std::fs::create_dir(machine.file().parent().expect("one")).expect("a folder");
    std::fs::write(machine.file(), "sesion-idle = \"2h\"\n").expect("written");
    let words = machine.setup(&["--url", &url], "").refused(2);
    assert!(words.contains("sesion-idle"), "{words}");
    assert_eq!(machine.settings(), "sesion-idle = \"2h\"\n");
}

#[test]
fn a_base_url_brings_the_addresses_and_proxies_that_go_with_it() {
    let listen_of = |url: &str| {
        let machine = Machine::new();
        machine.setup(&["--url", url], "").ok();
        machine.settings()
    };
    let behind_a_proxy = listen_of("https://auth.home.example");
    assert!(behind_a_proxy.contains("trusted-proxies = \"127.0.0.1,::1\""), "{behind_a_proxy}");
    assert!(!behind_a_proxy.contains("listen ="), "the loopback default is right: {behind_a_proxy}");
    let plain = listen_of("http://auth.home.example:8410");
    assert!(plain.contains(":8410\"") && (plain.contains("\"[::]") || plain.contains("\"0.0.0.0")), "{plain}");
}

#[test]
fn https_of_our_own_is_served_where_the_base_url_says() {
    let machine = Machine::new();
    let url = format!("https://localhost:{}", machine.port);
    let plain = format!("127.0.0.1:{}", free_port());
    let options = ["--url", url.as_str(), "--tls", "own-ca", "--tls-names", "nas", "--listen", plain.as_str()];
    machine.setup(&options, "").ok();
    let settings = machine.settings();
    for line in ["tls = \"own-ca\"", "tls-names = \"nas\"", &format!("https-listen = \"127.0.0.1:{}\"", machine.port)] {
        assert!(settings.lines().any(|l| l == line), "{line}: {settings}");
    }
    assert!(!settings.contains("trusted-proxies"), "{settings}");
    let said = machine.setup(&[], "").ok();
    assert!(said.contains("nothing was changed in it"), "{said}");

    let refused = Machine::new();
    for wrong in [
        &["--url", "http://nas:8410", "--tls", "own-ca"][..],
        &["--url", "https://nas", "--tls", "yes"],
        &["--url", "https://nas", "--tls", "files"],
        &["--url", "https://nas", "--tls-names", "nas"],
    ] {
        refused.setup(wrong, "").refused(2);
        assert!(!refused.file().exists(), "{wrong:?}");
    }
    let everybody = Machine::new();
    everybody.setup(&["--url", "https://auth.home.example", "--tls", "own-ca"], "").ok();
    let settings = everybody.settings();
    assert!(settings.contains("]:443\"") || settings.contains("\"0.0.0.0:443\""), "{settings}");
}

#[test]
fn certificate_files_are_tried_before_they_are_written_down_and_by_whole_paths() {
    let machine = Machine::new();
    let folder = machine.folder.data().parent().expect("one").to_owned();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).expect("written");
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("written");
    let mode = |mode: &str| {
        assert!(Command::new("chmod").arg(mode).arg(folder.join("key.pem")).status().expect("chmod").success());
    };
    let url = format!("https://localhost:{}", machine.port);
    let plain = format!("127.0.0.1:{}", free_port());
    let setup = |certificate: &str, key: &str| {
        let files = ["--tls-certificate-file", certificate, "--tls-key-file", key];
        machine.setup(&[&["--url", &url, "--listen", &plain, "--tls", "files"][..], &files].concat(), "")
    };
    mode("644");
    for (certificate, key, why) in [
        ("/nonexistent", "key.pem", "/nonexistent cannot be read"),
        ("cert.pem", "nothing.pem", "nothing.pem cannot be read"),
        ("key.pem", "key.pem", "holds no certificate"),
        ("cert.pem", "key.pem", "chmod 600"),
    ] {
        let words = setup(certificate, key).refused(2);
        assert!(words.contains(why), "{words}");
        assert!(!machine.file().exists() && !machine.folder.data().exists(), "{why}");
    }
    mode("600");
    let said = setup("cert.pem", "key.pem").ok();
    let settings = machine.settings();
    for line in [
        format!("tls-certificate-file = \"{}\"", folder.join("cert.pem").display()),
        format!("tls-key-file = \"{}\"", folder.join("key.pem").display()),
    ] {
        assert!(settings.lines().any(|l| l == line), "{line}: {settings}");
    }
    assert_eq!(said.contains("must be able to read"), is_root(), "{said}");
}

#[test]
fn at_a_terminal_it_asks_who_serves_https() {
    let machine = Machine::new();
    let url = format!("https://localhost:{}", machine.port);
    let asked = [("Address", url.as_str()), ("proxy or own", "both"), ("proxy or own", "own"), ("Username", "")];
    let (shown, code) = typed(&machine, &asked);
    assert!(code == 0 && machine.settings().contains("tls = \"own-ca\""), "{shown}");
    let (shown, code) = typed(&machine, &[("Address", ""), ("proxy or own", ""), ("Username", "")]);
    assert!(code == 0 && shown.contains("nothing was changed in it"), "{shown}");

    let behind = Machine::new();
    let (shown, code) = typed(&behind, &[("Address", &url), ("proxy or own", ""), ("Username", "")]);
    let settings = behind.settings();
    assert!(code == 0 && !settings.contains("tls") && settings.contains("trusted-proxies"), "{shown} {settings}");
}

#[test]
fn who_is_not_root_is_told_what_to_type() {
    // A copy that anybody may run: the checkout may be root's alone.
    let folder = Folder::new();
    std::fs::create_dir(folder.data()).expect("a folder");
    let copy = folder.data().join("latchkey");
    std::fs::copy(binary(), &copy).expect("a copy");
    let arguments = ["setup", "--url", "https://auth.home.example", "--yes"];
    let mut setup = if is_root() {
        let mut as_nobody = Command::new("setpriv");
        as_nobody.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(&copy);
        as_nobody
    } else {
        Command::new(&copy)
    };
    let words = text_of(setup.args(arguments).env_remove("LATCHKEY_CONFIG").output().expect("it ran")).refused(1);
    assert!(words.contains("sudo latchkey setup") && words.contains("latchkey serve"), "{words}");
    assert!(!Path::new("/etc/latchkey/latchkey.toml").exists());
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    id.stdout == b"0\n"
}

/// Types at a terminal (made by `script`, of Debian's bsdutils), each line once its question stands there.
fn typed(machine: &Machine, dialogue: &[(&str, &str)]) -> (String, i32) {
    let lines: Vec<(&str, String)> = dialogue.iter().map(|(q, answer)| (*q, format!("{answer}\n"))).collect();
    typed_at(&format!("{} --config {} setup", binary(), machine.file().display()), machine, &lines)
}

/// The same for any command, and for keys that are not followed by Enter.
fn typed_at(words: &str, machine: &Machine, dialogue: &[(&str, String)]) -> (String, i32) {
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", words, "/dev/null"]).env("TERM", "xterm");
    script.current_dir(machine.folder.data().parent().expect("one"));
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script runs");
    let mut stdin = child.stdin.take().expect("stdin");
    let mut stdout = child.stdout.take().expect("stdout");
    let mut shown = Vec::new();
    for (question, answer) in dialogue {
        let asked_before = shown.len();
        while !String::from_utf8_lossy(&shown[asked_before..]).contains(question) {
            let mut bytes = [0; 1024];
            let read = std::io::Read::read(&mut stdout, &mut bytes).expect("the terminal");
            assert!(read > 0, "{question:?} was not asked: {}", String::from_utf8_lossy(&shown));
            shown.extend(&bytes[..read]);
        }
        stdin.write_all(answer.as_bytes()).expect("typed");
    }
    std::io::Read::read_to_end(&mut stdout, &mut shown).expect("the rest");
    let status = child.wait().expect("ended");
    (String::from_utf8_lossy(&shown).into_owned(), status.code().unwrap_or(-1))
}

#[test]
fn at_a_terminal_it_asks_shows_no_password_and_asks_before_it_changes() {
    let machine = Machine::new();
    let url = machine.url();
    let (shown, code) = typed(
        &machine,
        &[
            ("Address", "not an address"),
            ("Address", &url),
            ("Username", "ada"),
            ("Password", "short"),
            ("Password", PASSWORD),
            ("again", "another one entirely"),
            ("Password", PASSWORD),
            ("again", PASSWORD),
        ],
    );
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("The two differ") && shown.contains("Created the administrator ada"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    let settings = machine.settings();
    let server = machine.started(&shown);
    Browser::signed_in(&server, "ada");

    let (shown, code) = typed(&machine, &[("Address", "")]);
    assert!(code == 0 && shown.contains("nothing was changed in it"), "Enter keeps what is: {code} {shown}");
    let (shown, code) = typed(&machine, &[("Address", "http://localhost:1"), ("Change it?", "")]);
    assert!(code == 1 && shown.contains("nothing was changed"), "{code} {shown}");
    assert_eq!(machine.settings(), settings);
    let (shown, code) = typed(&machine, &[("Address", "http://localhost:1"), ("Change it?", "y")]);
    assert!(code == 0 && machine.settings().contains("http://localhost:1"), "{code} {shown}");
}

#[test]
fn whoever_gives_up_at_the_password_has_a_terminal_that_shows_what_is_typed() {
    for key in ["\u{3}", "\u{1c}", "half of it\u{3}", "\u{4}"] {
        let machine = Machine::new();
        let words = format!("{} --config {} setup; echo code $?; stty -a", binary(), machine.file().display());
        let dialogue = [
            ("Address", format!("{}\n", machine.url())),
            ("Username", "ada\n".to_owned()),
            ("Password", key.to_owned()),
        ];
        let (shown, _) = typed_at(&words, &machine, &dialogue);
        assert!(shown.contains("interrupted; nothing was changed") && shown.contains("code 1"), "{key:?}: {shown}");
        let modes: Vec<&str> = shown.split_whitespace().collect();
        assert!(modes.contains(&"echo") && modes.contains(&"isig"), "{key:?}: {shown}");
        assert!(!shown.contains("half of it") && !machine.file().exists() && !machine.folder.data().exists());
    }
}

#[test]
fn the_settings_are_everybodys_to_read_and_a_link_is_not_followed() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let machine = Machine::new();
    machine.setup(&["--url", &machine.url()], "").ok();
    assert_eq!(std::fs::metadata(machine.file()).expect("there").permissions().mode() & 0o777, 0o644);
    let elsewhere = machine.folder.data().with_file_name("elsewhere");
    std::fs::rename(machine.file(), &elsewhere).expect("moved");
    symlink(&elsewhere, machine.file()).expect("a link");
    let before = std::fs::read(&elsewhere).expect("read");
    let words = machine.setup(&["--url", "http://localhost:1", "--yes"], "").refused(1);
    assert!(words.contains("is a link"), "{words}");
    assert_eq!(std::fs::read(&elsewhere).expect("read"), before);
}

#[test]
fn at_a_terminal_the_link_comes_as_a_qr_code_too() {
    let machine = Machine::new();
    let said = machine.setup(&["--url", &machine.url()], "").ok();
    let server = machine.started(&said);
    let (shown, code) = typed(&machine, &[("Address", ""), ("Username", "")]);
    assert_eq!(code, 0, "{shown}");
    let link = shown.split_whitespace().find(|w| w.contains("/setup/?token=")).expect("a link").to_owned();
    assert!(Browser::new(&server).open(&link).body.contains("id=\"setup-submit\""));
    assert!(shown.contains("█▀▀▀▀▀█"), "{shown}");
}
