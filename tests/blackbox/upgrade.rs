//! Databases of older versions, each as that version left it (tests/fixtures/upgrade): brought up to date with nothing
//! lost, a copy beside, and whole whenever the process is killed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;

use crate::support::client::TOKEN;
use crate::support::disk::{database, number};
use crate::support::process::serve_command;
use crate::support::server::{Folder, run_cli};
use crate::support::{Browser, Server};

/// The newest schema that has a fixture; each has one.
pub const OLD: std::ops::RangeInclusive<i64> = 1..=7;

fn fixture(schema: i64) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/upgrade/schema-{schema}"))
}

/// A data folder as a version of this schema left it.
pub fn house_of(schema: i64) -> Arc<Folder> {
    let folder = Folder::new();
    fs::create_dir(folder.data()).expect("a folder");
    fs::set_permissions(folder.data(), fs::Permissions::from_mode(0o700)).expect("a mode");
    for file in ["latchkey.db", "master.key", "installed"] {
        let to = folder.data().join(file);
        fs::copy(fixture(schema).join(file), &to).expect(file);
        fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    folder
}

fn schema_of(file: &Path) -> i64 {
    let connection = Connection::open(file).expect("a database");
    connection.query_row("PRAGMA user_version", [], |r| r.get(0)).expect("a version")
}

fn is_whole(file: &Path) -> bool {
    let connection = Connection::open(file).expect("a database");
    connection.query_row("PRAGMA integrity_check", [], |r| r.get::<_, String>(0)).is_ok_and(|w| w == "ok")
}

fn kids(jwks: &str) -> Vec<String> {
    let jwks: Value = serde_json::from_str(jwks).expect("JSON");
    let keys = jwks["keys"].as_array().expect("keys").iter();
    keys.map(|k| k["kid"].as_str().expect("a kid").to_owned()).collect()
}

/// What the house of the fixture can do in any version.
pub fn lives_on(server: &Server, schema: i64) {
    Browser::signed_in(server, "ada").get("/if/admin/").expect(200);
    for (user, may) in [("bob", "yes"), ("carol", "no")] {
        let said = server.cli(&["app", "check-access", "wiki", user]);
        assert_eq!(said.code == 0, may == "yes", "{user}: {said:?}");
    }
    let http = server.http();
    // The client is known by its secret, which was sealed; only the code is no good.
    for (secret, error) in [("a-client-secret-that-stays-the-same", "invalid_grant"), ("another", "invalid_client")] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", "none"),
            ("redirect_uri", "https://wiki.example/callback"),
            ("client_id", "the-wiki"),
            ("client_secret", secret),
        ];
        let answer = http.post(TOKEN, &fields);
        assert!(answer.body.contains(error), "{secret}: {answer:?}");
    }
    // What applications know to be the house's keys still is, and signs.
    let published = kids(&http.get("/application/o/wiki/jwks/").expect(200).body);
    let before = kids(&fs::read_to_string(fixture(schema).join("jwks.json")).expect("the keys of before"));
    assert!(before.iter().all(|kid| published.contains(kid)), "{before:?} {published:?}");
    let app = server.app("Photos", &["--redirect-uri", "https://photos.example/callback"]);
    app.tokens(&mut Browser::signed_in(server, "bob"), "openid");
}

#[test]
fn every_older_schema_becomes_the_newest_with_nothing_lost_and_a_copy_beside() {
    for schema in OLD {
        let folder = house_of(schema);
        let count = |file: &Path, table: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM {table}");
            Connection::open(file).expect("a database").query_row(&sql, [], |r| r.get(0)).expect("a count")
        };
        let tables = ["users", "groups", "group_members", "applications", "providers", "bindings", "signing_keys"];
        let was: Vec<i64> = tables.iter().map(|t| count(&fixture(schema).join("latchkey.db"), t)).collect();
        let server = Server::start_on(Arc::clone(&folder), &[]);
        let copy = folder.data().join(format!("before-upgrade/schema-{schema}.db"));
        for database in [&folder.data().join("latchkey.db"), &copy] {
            let is: Vec<i64> = tables.iter().map(|t| count(database, t)).collect();
            assert_eq!(is, was, "{schema}: {tables:?}");
        }
        lives_on(&server, schema);
        assert!(server.printed().contains("brought up to date"), "{}", server.printed());
        let mode = |path: &Path| fs::metadata(path).expect("it").permissions().mode() & 0o777;
        assert_eq!((mode(&copy), mode(copy.parent().expect("a folder"))), (0o600, 0o700));
        assert!(schema_of(&copy) == schema && is_whole(&copy) && is_whole(&folder.data().join("latchkey.db")));
        assert!(schema_of(&folder.data().join("latchkey.db")) > *OLD.end());
        let checked = server.cli(&["check"]).stdout;
        for part in ["files", "integrity", "references", "seals"] {
            let line = checked.lines().find(|l| l.starts_with(part)).expect(part);
            assert!(line.contains(" ok "), "{checked}");
        }
    }
}

/// Going back is to put the copy in its place. What is done in the old version then is in the next copy.
#[test]
fn a_copy_that_was_put_back_is_brought_up_to_date_again_and_copied_anew() {
    let folder = house_of(2);
    let (file, copy) = (folder.data().join("latchkey.db"), folder.data().join("before-upgrade/schema-2.db"));
    for note in ["first", "second"] {
        run_cli(&folder.data(), &["user", "list"], "").ok();
        assert_eq!((schema_of(&copy), schema_of(&file) > 2), (2, true));
        let kept: i64 = Connection::open(&copy)
            .expect("a database")
            .query_row("SELECT count(*) FROM users WHERE name = 'second'", [], |r| r.get(0))
            .expect("a count");
        assert_eq!(kept, i64::from(note == "second"));
        for log in ["latchkey.db-wal", "latchkey.db-shm"] {
            drop(fs::remove_file(folder.data().join(log)));
        }
        fs::copy(&copy, &file).expect("put back");
        database(&folder.data()).execute("UPDATE users SET name = 'second' WHERE username = 'bob'", []).expect("work");
    }
    lives_on(&Server::start_on(folder, &[]), 2);
}

#[test]
fn the_copies_of_long_ago_go() {
    let folder = house_of(3);
    let copies = folder.data().join("before-upgrade");
    fs::create_dir(&copies).expect("a folder");
    fs::set_permissions(&copies, fs::Permissions::from_mode(0o700)).expect("a mode");
    for name in ["schema-1.db", "schema-2.db", "mine.txt"] {
        fs::write(copies.join(name), name).expect("a file");
        fs::set_permissions(copies.join(name), fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    run_cli(&folder.data(), &["user", "list"], "").ok();
    let mut names: Vec<_> = fs::read_dir(&copies).expect("it").map(|e| e.expect("one").file_name()).collect();
    names.sort();
    assert_eq!(names, ["mine.txt", "schema-2.db", "schema-3.db"]);
}

#[test]
fn a_database_on_which_an_older_server_runs_is_left_alone_until_that_is_restarted() {
    let folder = house_of(2);
    let file = folder.data().join("latchkey.db");
    // As a server of any version holds its folder.
    let held = fs::File::open(folder.data()).expect("the folder");
    held.lock().expect("the lock");
    let words = run_cli(&folder.data(), &["user", "list"], "").refused(1);
    assert!(words.contains("Restart the server") && words.contains("Nothing was changed"), "{words}");
    assert_eq!(schema_of(&file), 2);
    drop(held);
    run_cli(&folder.data(), &["user", "list"], "").ok();
    assert!(schema_of(&file) > 2);
}

#[test]
fn without_a_copy_nothing_is_changed() {
    let folder = house_of(1);
    let in_the_way = folder.data().join("before-upgrade");
    fs::write(&in_the_way, "not a folder").expect("a file");
    fs::set_permissions(&in_the_way, fs::Permissions::from_mode(0o600)).expect("a mode");
    let words = run_cli(&folder.data(), &["user", "list"], "").refused(1);
    assert!(words.contains("no copy of it could be made") && words.contains("before-upgrade"), "{words}");
    assert_eq!(schema_of(&folder.data().join("latchkey.db")), 1);
    fs::remove_file(in_the_way).expect("out of the way");
    lives_on(&Server::start_on(folder, &[]), 1);
}

#[test]
fn two_that_start_at_once_bring_it_up_to_date_once() {
    let folder = house_of(1);
    std::thread::scope(|s| {
        let commands: Vec<_> = (0..4).map(|_| s.spawn(|| run_cli(&folder.data(), &["user", "list"], ""))).collect();
        commands.into_iter().for_each(|c| assert!(c.join().expect("no panic").ok().contains("ada")));
    });
    lives_on(&Server::start_on(folder, &[]), 1);
}

/// Big enough that the copy and each step take a while.
fn filled() -> Arc<Folder> {
    let folder = house_of(1);
    let sql = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
               INSERT INTO events (at, kind, username, is_refusal)
               SELECT 1790000000 + i, 'login', 'somebody-' || i % 999, 0 FROM n";
    database(&folder.data()).execute(sql, []).expect("events");
    folder
}

#[test]
fn killed_at_any_moment_of_it_the_schema_is_the_old_or_a_newer_one_and_the_house_lives_on() {
    let filled = filled();
    let start = |folder: &Folder| {
        let mut serve = serve_command(&folder.data(), &["--password-passes", "2"]);
        serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
    };
    let copy_of_it = || {
        let folder = house_of(1);
        fs::copy(filled.data().join("latchkey.db"), folder.data().join("latchkey.db")).expect("a copy");
        folder
    };
    let newest = *OLD.end() + 1;
    let until_it_is_new = |folder: &Folder| {
        let began = Instant::now();
        while schema_of(&folder.data().join("latchkey.db")) < newest && began.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(5));
        }
        began.elapsed()
    };
    // How long it takes undisturbed.
    let folder = copy_of_it();
    let mut child = start(&folder);
    let whole = until_it_is_new(&folder);
    child.kill().and_then(|()| child.wait()).expect("killed");
    let mut seen = Vec::new();
    for round in 0..16_u32 {
        let folder = copy_of_it();
        let mut child = start(&folder);
        // The last at the very end, however long that takes on a machine that is busy with something else.
        if round < 15 {
            std::thread::sleep(whole * round / 13)
        } else {
            _ = until_it_is_new(&folder)
        }
        child.kill().and_then(|()| child.wait()).expect("killed");
        let file = folder.data().join("latchkey.db");
        let schema = schema_of(&file);
        assert!((1..=newest).contains(&schema) && is_whole(&file), "round {round}: {schema}");
        let copy = folder.data().join("before-upgrade/schema-1.db");
        assert!(schema == 1 || is_whole(&copy) && schema_of(&copy) == 1, "round {round}: changed before it was copied");
        seen.push((schema, copy.exists()));
        if round % 4 == 0 {
            lives_on(&Server::start_on(Arc::clone(&folder), &[]), 1);
            assert!(number(&folder.data(), "SELECT count(*) FROM events") > 60_000);
        }
    }
    assert!(seen.iter().any(|(s, _)| *s == 1) && seen.iter().any(|(s, _)| *s == newest), "{whole:?} {seen:?}");
}
