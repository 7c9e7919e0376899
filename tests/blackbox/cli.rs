//! The command line: where settings come from, exit codes, and every command beside the running server.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::support::disk::{eventually, execute};
use crate::support::process::ended;
use crate::support::server::{Folder, command, run_cli};
use crate::support::{Browser, PASSWORD, Server};

#[test]
fn every_command_works_beside_the_server_and_data_comes_as_json() {
    let server = Server::start();
    server.user("ada", &["--admin", "--name", "Ada Lovelace"]);
    server.cli(&["group", "create", "staff"]).ok();
    server.cli(&["group", "add", "staff", "ada"]).ok();
    server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    server.cli(&["provider", "create", "Alone", "--redirect-uri", "https://alone.example/"]).ok();
    for listing in [
        &["user", "list"][..],
        &["user", "show", "ada"],
        &["group", "list"],
        &["app", "list"],
        &["app", "show", "wiki"],
        &["provider", "list"],
        &["provider", "show", "Alone"],
        &["key", "list"],
    ] {
        let people = server.cli(listing).ok();
        assert!(people.lines().count() > 1 && !people.contains('{'), "{listing:?}: {people}");
        let json = server.cli(&[listing, &["--json"]].concat()).ok();
        let value: serde_json::Value =
            serde_json::from_str(&json).unwrap_or_else(|e| panic!("{listing:?}: {e}: {json}"));
        let one = if value.is_array() { &value[0] } else { &value };
        assert!(one.as_object().is_some_and(|o| o.len() > 2), "{listing:?}: {json}");
    }
    for other in [&["config", "check"][..], &["config", "reference"], &["routes"], &["version"]] {
        assert!(!server.cli(other).ok().is_empty(), "{other:?}");
    }
    assert!(server.cli(&["routes"]).ok().contains("/application/o/token/"));
    let events = server.cli(&["events"]).ok();
    assert!(events.contains("user_created") && events.contains("user=ada"), "{events}");
    assert!(server.events().iter().all(|e| e["time"].as_str().is_some_and(|t| t.ends_with('Z'))));

    // What the commands did holds in the running server at once.
    let home = Browser::signed_in(&server, "ada").open("/");
    assert!(home.body.contains("Ada Lovelace") && home.body.contains("Wiki"), "{home:?}");
}

#[test]
fn the_healthcheck_asks_the_server_of_the_settings() {
    let mut server = Server::start();
    let listen = format!("127.0.0.1:{}", server.port);
    let check = || {
        let mut check = command();
        check.env("LATCHKEY_LISTEN", &listen).arg("healthcheck");
        ended(check)
    };
    check().ok();
    server.stop();
    let words = check().refused(1);
    assert!(words.contains(&listen), "{words}");
}

#[test]
fn following_the_events_prints_what_happens() {
    let server = Server::start();
    server.alice();
    let mut follow = command();
    follow.arg("--data-dir").arg(server.data()).args(["events", "--follow", "--json"]);
    let mut child = follow.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let mut until = |kind: &str, who: &str| {
        lines.by_ref().map_while(Result::ok).any(|line| {
            let event: serde_json::Value = serde_json::from_str(&line).expect("a line of JSON");
            event["kind"] == kind && event["username"] == who
        })
    };
    assert!(until("user_created", "alice"), "what was before comes first");
    Browser::signed_in(&server, "alice");
    assert!(until("login", "alice"), "then what happens");
    server.user("bob", &[]);
    assert!(until("user_created", "bob"));
    child.kill().expect("killed");
    child.wait().expect("ended");
}

#[test]
fn the_exit_code_says_who_has_to_act() {
    let server = Server::start();
    server.alice();
    // 2: the command was not understood.
    for wrong in [
        &["nonsense"][..],
        &["user", "create"],
        &["user", "create", "two words"],
        &["user", "create", "bob", "--email", "not-an-address"],
        &["user", "create", "bob", "--nonsense"],
        &["app", "create", "Wiki"],
        &["app", "create", "Wiki", "--redirect-uri", "javascript:alert(1)"],
        &["app", "create", "Wiki", "--redirect-uri", "not a uri"],
        &["app", "create", "Wiki", "--slug", "token", "--redirect-uri", "https://wiki.example/"],
        &["app", "create", "Wiki", "--preset", "none", "--app-url", "https://wiki.example"],
        &["key", "add", "--alg", "HS256"],
        &["--url", "ftp://x", "user", "list"],
        &["--url", "https://auth.example/path", "user", "list"],
        &["--log", "loud", "user", "list"],
    ] {
        let words = server.cli(wrong).refused(2);
        assert!(!words.trim().is_empty() && !words.contains("panicked"), "{wrong:?}: {words}");
    }
    // 1: understood and refused, with words.
    for refused in [
        &["user", "create", "alice"][..],
        &["user", "show", "nobody"],
        &["user", "disable", "nobody"],
        &["group", "add", "none", "alice"],
        &["group", "delete", "none"],
        &["app", "show", "none"],
        &["app", "bind", "none", "--user", "alice"],
        &["provider", "delete", "none"],
        &["key", "add", "--alg", "RS256"],
    ] {
        let words = server.cli(refused).refused(1);
        assert!(words.starts_with("latchkey: "), "{refused:?}: {words}");
    }
    // 70: our fault or the machine's.
    execute(&server.data(), "ALTER TABLE groups RENAME TO lost");
    assert_eq!(server.cli(&["group", "list"]).code, 70);
    execute(&server.data(), "ALTER TABLE lost RENAME TO groups");
    // 0, and nothing on stderr.
    let good = server.cli(&["user", "list"]);
    assert_eq!((good.code, good.stderr.as_str()), (0, ""));
}

/// Names and values.
type Environment<'a> = &'a [(&'a str, &'a str)];

#[test]
fn the_data_folder_is_named_before_or_after_the_command_in_the_environment_or_in_a_file() {
    let server = Server::start();
    server.alice();
    let data = server.data();
    let text = data.to_str().expect("UTF-8");
    let settings = Folder::new();
    std::fs::create_dir(settings.data()).expect("a folder");
    let file = settings.data().join("latchkey.toml");
    let config = file.to_str().expect("UTF-8");
    std::fs::write(&file, format!("data-dir = \"{text}\"\nsession_idle = \"2h\"\nlisten = [\"127.0.0.1:1\"]\n"))
        .expect("written");
    let run = |arguments: &[&str], environment: Environment| {
        let mut list = command();
        list.args(arguments).envs(environment.iter().copied()).current_dir(settings.data());
        ended(list)
    };
    let ways: [(&[&str], Environment); 6] = [
        (&["--data-dir", text, "user", "list"], &[]),
        (&["user", "list", "--data-dir", text], &[]),
        (&["user", "--data-dir", text, "list"], &[]),
        (&["user", "list"], &[("LATCHKEY_DATA_DIR", text)]),
        (&["user", "list", "--config", config], &[]),
        (&["user", "list"], &[("LATCHKEY_CONFIG", config)]),
    ];
    for (arguments, environment) in ways {
        assert!(run(arguments, environment).ok().contains("alice"), "{arguments:?} {environment:?}");
    }
    // The command line wins over the environment, and that over the file.
    let checked = run(&["config", "check", "--config", config], &[("LATCHKEY_SESSION_IDLE", "3h")]).ok();
    assert!(checked.contains("10800 s idle") && checked.contains("127.0.0.1:1"), "{checked}");
    let words = run(&["user", "list", "--config", config], &[("LATCHKEY_DATA_DIR", "/no/such/folder")]).refused(1);
    assert!(words.contains("/no/such/folder"), "{words}");
    run(&["--data-dir", text, "user", "list", "--config", config], &[("LATCHKEY_DATA_DIR", "/no/such")]).ok();

    // What is not understood is an error that names itself and its place.
    for (line, named) in [("sesion-idle = \"2h\"", "sesion-idle"), ("session-idle = \"soon\"", "soon"), ("[", "toml")] {
        std::fs::write(&file, line).expect("written");
        let words = run(&["user", "list", "--config", config], &[]).refused(2);
        assert!(words.contains(named) && words.contains(config), "{words}");
    }
    let words = run(&["user", "list"], &[("LATCHKEY_DATA_DIR", text), ("LATCHKEY_SESSION_IDLE", "soon")]).refused(2);
    assert!(words.contains("LATCHKEY_SESSION_IDLE"), "{words}");
    run(&["user", "list", "--config", "/no/such/file.toml"], &[]).refused(2);
}

#[test]
fn a_bare_command_without_a_database_says_what_to_do_and_makes_none() {
    let folder = Folder::new();
    std::fs::create_dir(folder.data()).expect("a folder");
    for arguments in
        [&["user", "list"][..], &["setup-link"], &["user", "create", "eve", "--admin"], &["config", "check"]]
    {
        let mut bare = command();
        bare.args(arguments).current_dir(folder.data());
        let words = ended(bare).refused(1);
        assert!(words.contains("latchkey serve") && words.contains("--data-dir"), "{words}");
        assert_eq!(std::fs::read_dir(folder.data()).expect("the folder").count(), 0, "{arguments:?}");
    }
    // Named, the folder is made, and the first administrator can be there before the server.
    let data = folder.data().join("data");
    let create = ["user", "create", "ada", "--admin", "--password-stdin"];
    run_cli(&data, &create, PASSWORD).ok();
    let mut bare = command();
    bare.args(["user", "list"]).current_dir(folder.data());
    assert!(ended(bare).ok().contains("ada"), "./data is the default");
}

#[test]
fn the_commands_print_links_with_the_address_that_serve_used() {
    let server = Server::start_with(&["--url", "https://auth.home.example"]);
    server.alice();
    let link = server.cli(&["user", "recovery-link", "alice"]).ok();
    assert!(link.starts_with("https://auth.home.example/recovery/?token="), "{link}");
    let link = server.cli(&["--url", "https://other.example", "user", "recovery-link", "alice"]).ok();
    assert!(link.starts_with("https://other.example/"), "{link}");
    let link = server.cli(&["setup-link"]).ok();
    assert!(link.starts_with("https://auth.home.example/setup/?token="), "{link}");
}

#[test]
fn a_stopped_reader_ends_the_printing_quietly() {
    let server = Server::start();
    let mut routes = command();
    let mut child = routes.arg("routes").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("output");
    assert!(output.status.code().is_some_and(|c| c == 0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    eventually("the server still answers", || server.http().get("/healthz").status == 200);
}

/// The program header type of a dynamic loader's path (ELF specification, chapter 5).
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
const PT_INTERP: usize = 3;

#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
#[test]
fn the_binary_needs_no_loader_and_no_library() {
    let has_loader = |program: &str| {
        let elf = std::fs::read(program).expect("a program");
        let number = |at: usize, bytes: usize| {
            elf[at..at + bytes].iter().rev().fold(0_usize, |n, byte| n << 8 | usize::from(*byte))
        };
        assert_eq!(&elf[..5], b"\x7fELF\x02", "64 bit");
        let (table, size, count) = (number(0x20, 8), number(0x36, 2), number(0x38, 2));
        (0..count).any(|n| number(table + n * size, 4) == PT_INTERP)
    };
    assert!(!has_loader(crate::support::server::binary()));
    assert!(has_loader("/bin/sh"), "the search finds one where there is one");
}
