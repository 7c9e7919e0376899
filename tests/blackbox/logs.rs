//! Log lines, by where they go: systemd's journal, a file or a pipe, and what insists on one look.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::support::process::serve_through_shell;
use crate::support::server::{Folder, free_port};
use crate::support::{Browser, Server};

/// Whose stream the process is told that its stderr is.
enum Told {
    Nothing,
    Itself,
    Another,
}

/// A user's name that would be a line of its own.
const HOSTILE: &str = "nobody\n<0>all is lost";

/// What a server writes to stderr, a refused sign-in included.
fn written(told: Told, options: &str) -> Vec<String> {
    let folder = Folder::new();
    let log: PathBuf = folder.data().with_extension("log");
    let about = File::create(&log).expect("a file").metadata().expect("about it");
    let port = free_port();
    let base = format!("http://localhost:{port}");
    let script = format!("exec \"$@\" {options} 2>>'{}'", log.display());
    let mut serve = serve_through_shell(&script, &folder.data(), port, &base);
    serve.env_remove("LATCHKEY_LOG_FORMAT");
    match told {
        Told::Nothing => {}
        Told::Itself => drop(serve.env("JOURNAL_STREAM", format!("{}:{}", about.dev(), about.ino()))),
        Told::Another => drop(serve.env("JOURNAL_STREAM", format!("{}:{}", about.dev(), about.ino() + 1))),
    }
    let mut server = Server::spawn(serve, Arc::clone(&folder), port, &base);
    server.http().get(&format!("/application/o/authorize/?client_id={}", urlencoded(HOSTILE))).expect(400);
    let mut browser = Browser::new(&server);
    let page = browser.open("/login/");
    browser.submit(&page, &[("username", "nobody"), ("password", "the-secret-typed")]).expect(403);
    assert_eq!(server.stop(), Some(0));
    let text = std::fs::read_to_string(&log).expect("the log");
    assert!(!text.contains("the-secret-typed"), "{text}");
    assert!(
        text.contains("login_failed") && text.contains("listening") && text.contains("authorize_refused"),
        "{text}"
    );
    text.lines().map(str::to_owned).collect()
}

fn urlencoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn is_json(line: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(line).is_ok_and(|l| l["level"].is_string() && l["timestamp"].is_string())
}

/// Begins with a date, and has no colours.
fn is_plain(line: &str) -> bool {
    line.starts_with("20") && line.contains("Z  INFO ") && !line.contains('\u{1b}')
}

#[test]
fn the_journal_gets_priorities_and_leaves_the_time_to_itself() {
    for line in written(Told::Itself, "--log debug") {
        let rest = ["<3>", "<4>", "<6>", "<7>"].iter().find_map(|p| line.strip_prefix(p));
        let rest = rest.unwrap_or_else(|| panic!("no priority: {line}"));
        assert!(rest.starts_with(char::is_alphabetic) && !line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn a_file_gets_json_also_when_a_parent_was_connected_to_the_journal() {
    for told in [Told::Nothing, Told::Another] {
        for line in written(told, "") {
            assert!(is_json(&line), "{line}");
        }
    }
}

/// Programs compare names: they get them as they are, and not in quotation marks of people's.
#[test]
fn json_has_names_as_they_are_and_text_has_them_quoted() {
    let printed = |format: &str| {
        let server = Server::start_on(Folder::new(), &["--log-format", format]);
        server.alice();
        let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
        let mut alice = Browser::signed_in(&server, "alice");
        app.code(&mut alice, &[("scope", "openid made_up other")]);
        (server.printed(), app.id)
    };
    let (json, client_id) = printed("json");
    let lines: Vec<serde_json::Value> = json.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
    for (name, expected) in [("username", "alice"), ("client_id", &client_id), ("scopes", "made_up other")] {
        let found: Vec<_> = lines.iter().filter_map(|l| l[name].as_str()).collect();
        assert!(!found.is_empty() && found.iter().all(|text| *text == expected), "{name}: {found:?}");
    }
    let (text, client_id) = printed("text");
    for part in ["username=\"alice\"", &format!("client_id=\"{client_id}\""), "scopes=\"made_up other\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn who_asks_for_a_format_gets_it() {
    for line in written(Told::Itself, "--log-format text") {
        assert!(is_plain(&line), "{line}");
    }
    for line in written(Told::Itself, "--log-format json") {
        assert!(is_json(&line), "{line}");
    }
}
