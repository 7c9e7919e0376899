//! What lies on the disk: who may read it, and what is refused rather than opened, overwritten or made anew.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::support::disk::{contents, database, execute, restarted};
use crate::support::process::{ended, passing_start, refused_start, serve_command, serve_through_shell};
use crate::support::server::{Folder, binary, command, free_port, run_cli, text_of};
use crate::support::{Browser, PASSWORD, Server, Tokens};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("metadata").permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("mode");
}

/// A folder of a provider with alice that was stopped in order.
fn stopped() -> Arc<Folder> {
    let mut server = Server::start();
    server.alice();
    assert_eq!(server.stop(), Some(0));
    server.folder()
}

/// The provider on this folder works, and alice is still its user.
fn works(folder: &Arc<Folder>, options: &[&str]) {
    let server = Server::start_on(Arc::clone(folder), options);
    Browser::signed_in(&server, "alice");
}

#[test]
fn folder_and_files_are_the_owners_alone_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let folder = Folder::new();
        let (port, data) = (free_port(), folder.data());
        let base = format!("http://localhost:{port}");
        let script = format!("umask {umask}; exec \"$@\"");
        let server = Server::spawn(serve_through_shell(&script, &data, port, &base), Arc::clone(&folder), port, &base);
        server.alice();
        Browser::signed_in(&server, "alice");
        assert_eq!(mode(&data), 0o700, "umask {umask}");
        let mut seen = 0;
        for entry in std::fs::read_dir(&data).expect("the folder") {
            let path = entry.expect("an entry").path();
            assert_eq!(mode(&path) & 0o177, 0, "umask {umask}: {}", path.display());
            seen += 1;
        }
        assert!(seen >= 3, "database, log and key at least");
    }
}

#[test]
fn looser_modes_are_refused_with_the_command_that_mends_them() {
    let folder = stopped();
    let data = folder.data();
    let cases = [(data.clone(), 0o700), (data.join("latchkey.db"), 0o600), (data.join("master.key"), 0o600)];
    for (path, right) in cases {
        for loose in [right | 0o040, right | 0o004, right | 0o070, right | 0o007] {
            set_mode(&path, loose);
            let words = refused_start(&data, &[]);
            let command = words.lines().find_map(|l| l.split_once("chmod ")).expect("a chmod command").1;
            assert!(words.contains(&format!("{right:o}")) && words.contains(&format!("{loose:o}")), "{words}");
            run_cli(&data, &["user", "list"], "").refused(1);
            // The command does what it promises.
            let shell = Command::new("sh").args(["-c", &format!("chmod {command}")]).status();
            assert!(shell.expect("sh").success(), "{words}");
            assert_eq!(mode(&path), right, "{words}");
            run_cli(&data, &["user", "list"], "").ok();
        }
    }
    works(&folder, &[]);
}

#[test]
fn a_newer_schema_is_refused_untouched() {
    let folder = stopped();
    let data = folder.data();
    let known: i64 = database(&data).query_row("PRAGMA user_version", [], |r| r.get(0)).expect("a version");
    database(&data).pragma_update(None, "user_version", 999).expect("set");
    let before = std::fs::read(data.join("latchkey.db")).expect("the database");
    let words = refused_start(&data, &[]);
    assert!(words.contains("newer") && words.contains("999"), "{words}");
    run_cli(&data, &["user", "list"], "").refused(1);
    assert!(std::fs::read(data.join("latchkey.db")).expect("the database") == before, "nothing was changed");
    database(&data).pragma_update(None, "user_version", known).expect("set");
    works(&folder, &[]);
}

#[test]
fn a_damaged_or_lost_database_is_refused_and_never_made_anew() {
    let folder = stopped();
    let data = folder.data();
    let file = data.join("latchkey.db");
    let good = std::fs::read(&file).expect("the database");
    let garbage = b"this is not a database, whatever its name says. ".repeat(200);
    let mut flipped = good.clone();
    // From the second page on: the header alone is still right.
    flipped[4096..].iter_mut().for_each(|b| *b = !*b);
    let cases: [(&str, Option<&[u8]>); 7] = [
        ("garbage", Some(&garbage)),
        ("cut in half", Some(&good[..good.len() / 2])),
        ("cut to one page", Some(&good[..4096])),
        ("cut within a page", Some(&good[..good.len() - 100])),
        ("empty", Some(b"")),
        ("overwritten inside", Some(&flipped)),
        ("gone", None),
    ];
    for (what, bytes) in cases {
        match bytes {
            Some(bytes) => std::fs::write(&file, bytes).expect("written"),
            None => std::fs::remove_file(&file).expect("removed"),
        }
        let before = contents(&data);
        let words = refused_start(&data, &[]);
        assert!(words.contains("backup"), "{what} does not say what to do: {words}");
        assert!(!words.contains("/setup/"), "{what}: {words}");
        for command in [&["user", "create", "eve", "--admin"][..], &["setup-link"], &["user", "list"]] {
            let refused = run_cli(&data, command, "");
            assert_ne!(refused.code, 0, "{what}: {command:?}: {refused:?}");
        }
        assert!(contents(&data) == before, "{what}: something was written");
        std::fs::write(&file, &good).expect("put back");
        set_mode(&file, 0o600);
    }
    works(&folder, &[]);
}

#[test]
fn one_damaged_page_anywhere_in_the_database_is_refused() {
    let folder = stopped();
    let data = folder.data();
    let file = data.join("latchkey.db");
    let pages: Vec<usize> = {
        let other = database(&data);
        let sql = "SELECT rootpage FROM sqlite_schema WHERE rootpage > 0 ORDER BY 1";
        let mut roots = other.prepare(sql).expect("prepared");
        roots.query_map([], |r| r.get::<_, u32>(0)).expect("pages").map(|p| p.expect("a page") as usize).collect()
    };
    let good = std::fs::read(&file).expect("the database");
    assert!(pages.len() > 60 && good.len().is_multiple_of(4096), "{pages:?} of {}", good.len());
    for page in pages.iter().step_by(7).chain(pages.last()) {
        let mut damaged = good.clone();
        damaged[(page - 1) * 4096 + usize::from(*page == 1) * 100..page * 4096].fill(0xa5);
        std::fs::write(&file, damaged).expect("written");
        let before = contents(&data);
        let words = refused_start(&data, &[]);
        assert!(words.contains("latchkey restore") && !words.contains("panicked"), "page {page}: {words}");
        assert!(contents(&data) == before, "page {page}: something was written");
    }
    std::fs::write(&file, &good).expect("put back");
    works(&folder, &[]);
}

#[test]
fn either_trace_of_an_earlier_setup_keeps_a_lost_database_from_being_made_anew() {
    for trace in ["master.key", "installed"] {
        let folder = stopped();
        let data = folder.data();
        for entry in std::fs::read_dir(&data).expect("the folder") {
            let entry = entry.expect("an entry");
            if entry.file_name() != trace {
                std::fs::remove_file(entry.path()).expect("removed");
            }
        }
        assert!(data.join(trace).exists());
        let words = refused_start(&data, &[]);
        assert!(words.contains("backup"), "{words}");
        // The empty folder that is offered as the way out works.
        std::fs::remove_file(data.join(trace)).expect("removed");
        drop(Server::start_on(Arc::clone(&folder), &[]));
    }
}

#[test]
fn without_its_own_master_key_the_provider_does_not_start() {
    let folder = stopped();
    let data = folder.data();
    let file = data.join("master.key");
    let good = std::fs::read_to_string(&file).expect("the key");
    let other = std::fs::read_to_string(stopped().data().join("master.key")).expect("another key");
    std::fs::remove_file(&file).expect("removed");
    let words = refused_start(&data, &[]);
    assert!(words.contains("master key") && words.contains("--master-key-file"), "{words}");
    assert!(!file.exists(), "no new one is made");
    let half = good[..good.len() / 2].to_owned();
    for (wrong, expected) in [(other.as_str(), "not the one"), ("", "backup"), ("garbage", "backup"), (&half, "backup")]
    {
        std::fs::write(&file, wrong).expect("written");
        set_mode(&file, 0o600);
        let words = refused_start(&data, &[]);
        assert!(words.contains(expected) && words.contains("master.key"), "{words}");
        assert!(!words.contains(good.trim()) && !words.contains(other.trim()), "{words}");
        assert_eq!(std::fs::read_to_string(&file).expect("the key"), wrong, "left alone");
    }
    std::fs::write(&file, good).expect("put back");
    works(&folder, &[]);
}

#[test]
fn the_master_key_can_come_from_a_file_or_from_systemd() {
    let folder = stopped();
    let (data, elsewhere) = (folder.data(), Folder::new());
    let root = elsewhere.data();
    std::fs::create_dir(&root).expect("a folder");
    let file = root.join("master-key");
    std::fs::rename(data.join("master.key"), &file).expect("moved");
    refused_start(&data, &[]);
    let path = file.to_str().expect("UTF-8");
    works(&folder, &["--master-key-file", path]);
    set_mode(&file, 0o640);
    assert!(refused_start(&data, &["--master-key-file", path]).contains("chmod 600"));

    // A credential has the modes that systemd gives it.
    let mut serve = serve_command(&data, &["--password-passes", "2", "--url", "http://localhost:1"]);
    serve.env("CREDENTIALS_DIRECTORY", &root);
    drop(Server::spawn(serve, Arc::clone(&folder), 1, "http://localhost:1"));
    let mut wrong = serve_command(&data, &[]);
    std::fs::write(&file, "garbage").expect("written");
    wrong.env("CREDENTIALS_DIRECTORY", &root);
    assert!(ended(wrong).refused(1).contains("master-key"));
    assert!(!data.join("master.key").exists());
}

#[test]
fn a_sealed_secret_moved_to_another_row_does_not_open() {
    let server = Server::start();
    server.alice();
    let one = server.app("One", &["--redirect-uri", "https://one.example/"]);
    let two = server.app("Two", &["--redirect-uri", "https://two.example/"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let code = one.code(&mut browser, &[]);
    execute(&server.data(), "CREATE TABLE kept AS SELECT id, client_secret_sealed AS sealed FROM providers");
    let swapped = "UPDATE providers SET client_secret_sealed =
                     (SELECT sealed FROM kept WHERE kept.id <> providers.id)";
    assert_eq!(execute(&server.data(), swapped), 2);
    // Neither the own secret nor the one that was moved there is a way in.
    for secret in [&one.secret, &two.secret] {
        let answer = one.redeem(&browser.http, &code, &[("client_secret", secret)]);
        assert!([401, 500].contains(&answer.status), "{answer:?}");
        assert!(answer.json()["access_token"].is_null());
    }
    let shown = server.cli(&["app", "show", "one", "--reveal", "--json"]);
    assert_ne!(shown.code, 0, "{shown:?}");
    assert!(!shown.stdout.contains(&two.secret) && !shown.stderr.contains(&two.secret), "{shown:?}");
    execute(
        &server.data(),
        "UPDATE providers SET client_secret_sealed = (SELECT sealed FROM kept WHERE kept.id = providers.id)",
    );
    Tokens::of(&one.redeem(&browser.http, &code, &[]));

    // The same for the private keys.
    let swapped = "UPDATE signing_keys SET private_sealed =
                     (SELECT private_sealed FROM signing_keys o WHERE o.kid <> signing_keys.kid)";
    assert_eq!(execute(&server.data(), swapped), 2);
    let server = restarted(server, &[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let code = one.code(&mut browser, &[]);
    let answer = one.redeem(&browser.http, &code, &[]);
    assert_eq!(answer.status, 500, "{answer:?}");
}

#[test]
fn one_folder_and_one_port_have_one_server() {
    let server = Server::start();
    server.alice();
    let words = passing_start(&server.data(), &[]);
    assert!(words.contains("another latchkey serve") && words.contains("--data-dir"), "{words}");

    let elsewhere = Folder::new();
    let listen = format!("127.0.0.1:{}", server.port);
    let mut second = command();
    second.arg("--data-dir").arg(elsewhere.data()).args(["serve", "--listen", &listen]);
    let words = ended(second).refused(70);
    assert!(words.contains(&listen) && words.contains("in use"), "{words}");
    // The first one never noticed, and its commands work beside it.
    Browser::signed_in(&server, "alice");
    server.cli(&["user", "list"]).ok();
    // Killed without a word, it leaves nothing that keeps the next one out.
    let folder = server.folder();
    drop(server);
    works(&folder, &[]);
}

#[test]
fn an_empty_read_only_root_with_a_data_folder_is_all_it_needs() {
    let folder = Folder::new();
    let root = folder.data().with_file_name("root");
    std::fs::create_dir_all(root.join("data")).expect("a root");
    set_mode(&root.join("data"), 0o700);
    std::fs::copy(binary(), root.join("latchkey")).expect("the binary");
    // No /tmp, no /proc, no /etc, and nothing but /data can be written.
    let script = "mount --bind \"$0\" \"$0\" && mount --bind \"$0/data\" \"$0/data\" &&
                  mount -o remount,bind,ro \"$0\" && exec chroot \"$0\" /latchkey --data-dir /data \"$@\"";
    let inside = |arguments: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args(["-rm", "sh", "-c", script]).arg(&root).args(arguments);
        unshare
    };
    let (port, base) = (free_port(), "http://localhost:1".to_owned());
    let listen = format!("127.0.0.1:{port}");
    let serve = inside(&["serve", "--listen", &listen, "--url", &base, "--password-passes", "2"]);
    let server = Server::spawn(serve, Arc::clone(&folder), port, &base);
    let mut create = inside(&["user", "create", "alice", "--admin", "--password-stdin"]);
    create.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = create.spawn().expect("it starts");
    child.stdin.take().expect("stdin").write_all(PASSWORD.as_bytes()).expect("typed");
    text_of(child.wait_with_output().expect("output")).ok();
    Browser::signed_in(&server, "alice");
}
