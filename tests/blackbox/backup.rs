//! Backups: made beside the running server, opened by nobody without the key, and restored on another machine, where
//! the same people sign in to the same applications and nothing that let somebody in before does.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::support::disk::{database, execute, number, stored_bytes};
use crate::support::server::{Folder, run_cli};
use crate::support::{App, Browser, Server, Tokens};
use crate::upgrade::{OLD, house_of, lives_on};

const PASSPHRASE: &str = "seven dwarfs and a tall lamp";
pub const SCOPE: &str = "openid profile email offline_access";

/// A house with somebody and an application, and a folder for its backups.
pub fn house() -> (Server, App, PathBuf) {
    let server = Server::start();
    server.alice();
    server.user("ada", &["--admin"]);
    let url = ["--preset", "portainer", "--app-url", "https://portainer.company"];
    let scopes = ["--scope", "openid", "--scope", "profile", "--scope", "email", "--scope", "offline_access"];
    let app = server.app("Portainer", &[&url[..], &scopes].concat());
    let backups = server.data().with_file_name("kept elsewhere");
    std::fs::create_dir(&backups).expect("a folder");
    (server, app, backups)
}

/// A private key in a file, and its public half.
pub fn identity(folder: &Path) -> (String, String) {
    let file = folder.join(format!("identity-{}", std::fs::read_dir(folder).expect("a folder").count()));
    let file = file.to_str().expect("a path").to_owned();
    let recipient = run_cli(folder, &["backup-identity", "--output", &file], "").ok().trim().to_owned();
    assert!(recipient.starts_with("age1"), "{recipient}");
    (file, recipient)
}

/// Makes a backup and returns its file.
fn backed_up(server: &Server, backups: &Path, name: &str, recipient: &str) -> String {
    let file = backups.join(name).to_str().expect("a path").to_owned();
    server.cli(&["backup", &file, "--recipient", recipient]).ok();
    file
}

pub fn user_count(data: &Path) -> i64 {
    number(data, "SELECT count(*) FROM users")
}

/// What holds of an installation that is whole, whatever its clock and its disk are like.
#[track_caller]
fn is_whole(data: &Path) {
    let said = run_cli(data, &["check", "--json"], "").stdout;
    let lines: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    for check in ["files", "integrity", "references", "seals"] {
        assert!(lines.as_array().expect("a list").iter().any(|l| l["check"] == check && l["state"] == "ok"), "{said}");
    }
}

#[test]
fn another_machine_signs_the_same_people_in_to_the_same_applications() {
    let (mut server, app, backups) = house();
    let (key, recipient) = identity(&backups);
    let mut alice = Browser::signed_in(&server, "alice");
    let before = app.tokens(&mut alice, SCOPE);
    let unspent = app.code(&mut alice, &[("scope", SCOPE)]);
    let link = server.cli(&["user", "recovery-link", "ada"]).ok();
    let link = link.split_whitespace().find(|w| w.contains("/recovery/")).expect("a link").to_owned();
    let invitation = server.cli(&["invitation", "create", "--uses", "9"]).ok().trim().to_owned();
    assert!(Browser::new(&server).open(&invitation).body.contains("name=\"password\""), "it was good");
    // The server is in use meanwhile.
    let file = std::thread::scope(|scope| {
        let visitors: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| (0..3).for_each(|_| drop(app.tokens(&mut Browser::signed_in(&server, "alice"), SCOPE))))
            })
            .collect();
        let file = backed_up(&server, &backups, "a.age", &recipient);
        visitors.into_iter().for_each(|v| v.join().expect("signed in"));
        file
    });
    // What it let in before, it lets in still: the twins of what follows.
    assert_eq!(alice.get("/if/user/").status, 200);
    app.userinfo(&alice.http, &before.access).expect(200);
    let (port, base, old_data) = (server.port, server.base.clone(), server.data());
    assert_eq!(server.stop(), Some(0));

    let elsewhere = Folder::new();
    let said = run_cli(&elsewhere.data(), &["restore", &file, "--identity", &key], "").ok();
    assert!(said.contains("2 users") && said.contains("1 application"), "{said}");
    let server = Server::start_at(Arc::clone(&elsewhere), port, &base, &[]);
    is_whole(&server.data());
    let (old_key, new_key) =
        (std::fs::read(old_data.join("master.key")), std::fs::read(server.data().join("master.key")));
    assert_ne!(old_key.expect("the old key"), new_key.expect("the new key"), "a key of this machine's own");
    let sealed = |data: &Path| -> Vec<u8> {
        let sql = "SELECT client_secret_sealed FROM providers";
        database(data).query_row(sql, [], |r| r.get(0)).expect("a sealed secret")
    };
    let (old, new) = (sealed(&old_data), sealed(&server.data()));
    assert_ne!(old, new, "sealed anew");
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|w| w == part);
    assert!(!holds(&stored_bytes(&server.data()), &old), "nothing that the old key opens is left");

    // Nothing that let somebody in before does.
    assert_eq!(alice.get("/if/user/").status, 303, "the session is void");
    assert_eq!(app.userinfo(&alice.http, &before.access).status, 401);
    assert_eq!(
        app.refresh(&alice.http, before.refresh.as_deref().expect("a refresh token"), &[]).error(400),
        "invalid_grant"
    );
    assert_eq!(app.redeem(&alice.http, &unspent, &[]).error(400), "invalid_grant");
    assert!(!Browser::new(&server).open(&link).body.contains("name=\"password\""), "the link is void");
    assert_eq!(Browser::new(&server).open(&invitation).status, 403, "and so is the invitation");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM invitations"), 0);
    // The same password, the same secret, the same subject.
    let mut alice = Browser::signed_in(&server, "alice");
    let after = app.tokens(&mut alice, SCOPE);
    assert_eq!(after.id_claims()["sub"], before.id_claims()["sub"]);
    // The keys came along: an ID token from before verifies still.
    let kid = crate::support::client::header(before.id.as_deref().expect("an ID token"))["kid"].clone();
    let jwks = server.http().get(&format!("/application/o/{}/jwks/", app.slug)).expect(200).json();
    assert!(jwks["keys"].as_array().expect("keys").iter().any(|k| k["kid"] == kid), "{jwks}");
    let restored = server.events().into_iter().filter(|e| e["kind"] == "backup_restored").count();
    assert_eq!(restored, 1);
}

// One that was revoked after the backup would come back with it, and nobody would think of it.
#[test]
fn app_passwords_of_a_backup_are_void_and_service_accounts_stay() {
    let (mut server, app, backups) = house();
    let (key, recipient) = identity(&backups);
    server.cli(&["app", "set", &app.slug, "--client-credentials", "on"]).ok();
    server.cli(&["user", "create", "mower", "--service-account"]).ok();
    let made = |server: &Server| server.cli(&["user", "app-password", "mower"]).ok().trim().to_owned();
    let ask = |server: &Server, password: &str| {
        let account = [("username", "mower"), ("password", password)];
        let client = [("grant_type", "client_credentials"), ("client_id", app.id.as_str())];
        server.http().post("/application/o/token/", &[&client[..], &account].concat())
    };
    let before = made(&server);
    let file = backed_up(&server, &backups, "a.age", &recipient);
    assert_eq!(ask(&server, &before).status, 200, "where it was made");
    let (port, base) = (server.port, server.base.clone());
    assert_eq!(server.stop(), Some(0));

    let elsewhere = Folder::new();
    let said = run_cli(&elsewhere.data(), &["restore", &file, "--identity", &key], "").ok();
    assert!(said.contains("App passwords are too"), "{said}");
    let server = Server::start_at(Arc::clone(&elsewhere), port, &base, &[]);
    assert_eq!(ask(&server, &before).error(400), "invalid_grant");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM app_passwords"), 0);
    assert_eq!(ask(&server, &made(&server)).status, 200, "the account is there");
}

#[test]
fn a_passphrase_does_too_and_nothing_of_a_backup_is_in_the_clear() {
    let (mut server, app, backups) = house();
    let file = backups.join("p.age").to_str().expect("a path").to_owned();
    server.cli_with_input(&["backup", &file, "--passphrase-stdin"], "short").refused(2);
    server.cli_with_input(&["backup", &file, "--passphrase-stdin"], PASSPHRASE).ok();
    let bytes = std::fs::read(&file).expect("the backup");
    for secret in ["alice", "argon2id", &app.id, &app.secret, "SQLite format"] {
        assert!(!crate::support::disk::contains(&bytes, secret), "{secret} in the clear");
    }
    assert_eq!(server.stop(), Some(0));
    let elsewhere = Folder::new();
    run_cli(&elsewhere.data(), &["restore", &file, "--passphrase-stdin"], "another passphrase").refused(1);
    assert!(!elsewhere.data().join("latchkey.db").exists());
    run_cli(&elsewhere.data(), &["restore", &file, "--passphrase-stdin"], PASSPHRASE).ok();
    is_whole(&elsewhere.data());
    let tokens = |server: &Server| -> Tokens { app.tokens(&mut Browser::signed_in(server, "alice"), SCOPE) };
    tokens(&Server::start_at(elsewhere, server.port, &server.base, &[]));
}

#[test]
fn what_cannot_be_restored_is_refused_in_words_and_changes_nothing() {
    let (mut server, _, backups) = house();
    let (key, recipient) = identity(&backups);
    let (other_key, _) = identity(&backups);
    let file = backed_up(&server, &backups, "a.age", &recipient);
    let whole = std::fs::read(&file).expect("the backup");
    let spoilt = |name: &str, bytes: &[u8]| {
        let path = backups.join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_str().expect("a path").to_owned()
    };
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let cases = [
        (file.clone(), other_key, "cannot be opened"),
        (spoilt("cut.age", &whole[..whole.len() - 1]), key.clone(), "damaged or cut short"),
        (spoilt("half.age", &whole[..whole.len() / 2]), key.clone(), "damaged or cut short"),
        (spoilt("flipped.age", &flipped), key.clone(), "damaged or cut short"),
        (spoilt("longer.age", &[&whole[..], b"x"].concat()), key.clone(), "cannot be restored"),
        (spoilt("notes.txt", b"Dear diary"), key.clone(), "not a backup of Latchkey's"),
        (spoilt("empty.age", b""), key.clone(), "not a backup of Latchkey's"),
    ];
    let data = Folder::new().data();
    for (file, key, words) in &cases {
        let said = run_cli(&data, &["restore", file, "--identity", key], "").refused(1);
        assert!(said.contains(words) && said.contains("Nothing was changed"), "{file}: {said}");
        assert!(!data.join("latchkey.db").exists() && !data.join("master.key").exists(), "{file}");
    }
    // Over an installation only when told to, and never under a server that runs.
    server.user("bob", &[]);
    let restore = ["restore", file.as_str(), "--identity", key.as_str()];
    let forced = [&restore[..], &["--force"]].concat();
    assert!(server.cli(&forced).refused(1).contains("Stop it first"));
    assert_eq!(server.stop(), Some(0));
    assert!(server.cli(&restore).refused(1).contains("add --force"));
    assert_eq!(user_count(&server.data()), 3);
    let said = server.cli(&forced).ok();
    assert_eq!(user_count(&server.data()), 2);
    let kept = said.split_whitespace().find(|w| w.contains("before-restore-")).expect("where the old files are");
    assert_eq!(user_count(Path::new(kept)), 3, "the old files are kept whole");
    is_whole(&server.data());
    // A newer schema than this version's.
    execute(&server.data(), "UPDATE meta SET value = value");
    database(&server.data()).execute_batch("PRAGMA user_version = 999").expect("a version");
    assert!(server.cli(&["backup", "-", "--recipient", &recipient]).refused(1).contains("newer"));
}

#[test]
fn a_backup_of_any_older_schema_is_made_and_restored() {
    for schema in OLD {
        let old = house_of(schema);
        let folder = Folder::new();
        std::fs::create_dir(folder.data()).expect("a folder");
        let (key, recipient) = identity(&folder.data());
        let file = folder.data().join("old.age").to_str().expect("a path").to_owned();
        // By this version, before its server has brought the database up to date.
        is_whole(&old.data());
        run_cli(&old.data(), &["backup", &file, "--recipient", &recipient], "").ok();
        let number_of_schema = |data: &Path| number(data, "SELECT user_version FROM pragma_user_version");
        assert_eq!(number_of_schema(&old.data()), schema, "it stays as it was");

        let restore = ["restore", &file, "--identity", &key];
        let empty = Folder::new();
        run_cli(&empty.data(), &restore, "").ok();
        is_whole(&empty.data());
        lives_on(&Server::start_on(Arc::clone(&empty), &[]), schema);

        // Over the house itself, which was brought up to date meanwhile and keeps the copy of before.
        let mut server = Server::start_on(Arc::clone(&old), &[]);
        assert_eq!(server.stop(), Some(0));
        assert!(old.data().join("before-upgrade").exists());
        run_cli(&old.data(), &[&restore[..], &["--force"]].concat(), "").ok();
        is_whole(&old.data());
        lives_on(&Server::start_on(old, &[]), schema);
    }
}

#[test]
fn a_backup_that_brings_something_of_its_own_is_refused() {
    let (mut server, _, backups) = house();
    let (key, recipient) = identity(&backups);
    let good = backed_up(&server, &backups, "good.age", &recipient);
    let sql = "CREATE TRIGGER stay BEFORE DELETE ON sessions BEGIN SELECT raise(IGNORE); END";
    execute(&server.data(), sql);
    let bad = backed_up(&server, &backups, "bad.age", &recipient);
    assert_eq!(server.stop(), Some(0));
    let empty = Folder::new().data();
    let said = run_cli(&empty, &["restore", &bad, "--identity", &key], "").refused(1);
    assert!(said.contains("trigger stay") && said.contains("Nothing was changed"), "{said}");
    assert!(!empty.join("latchkey.db").exists());
    run_cli(&empty, &["restore", &good, "--identity", &key], "").ok();
}

/// The archive of a backup with its database made into something else, closed again as anybody can who has the public key.
fn with_database(file: &str, key: &str, recipient: &str, change: impl Fn(&mut [u8])) -> String {
    use std::io::{Read as _, Write as _};
    let text = std::fs::read_to_string(key).expect("the key");
    let key: age::x25519::Identity =
        text.lines().find(|l| l.starts_with("AGE-SECRET-KEY-")).expect("a key").parse().expect("a key");
    let opened = age::Decryptor::new(std::fs::File::open(file).expect("the backup")).expect("a header");
    let mut archive = Vec::new();
    let mut inside = opened.decrypt(std::iter::once(&key as &dyn age::Identity)).expect("opened");
    inside.read_to_end(&mut archive).expect("read");
    let at = archive.windows(15).position(|w| w == b"SQLite format 3").expect("the database");
    let end = archive.len() - 1024;
    change(&mut archive[at..end]);
    let recipient: age::x25519::Recipient = recipient.parse().expect("a public key");
    let closing = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).expect("closed");
    let path = format!("{file}.changed");
    let mut out = closing.wrap_output(std::fs::File::create(&path).expect("a file")).expect("a header");
    out.write_all(&archive).expect("written");
    out.finish().expect("closed");
    path
}

#[test]
fn a_backup_whose_database_is_none_is_refused_in_words() {
    let (server, _, backups) = house();
    let (key, recipient) = identity(&backups);
    let file = backed_up(&server, &backups, "a.age", &recipient);
    let data = Folder::new().data();
    let restore = |file: &str| run_cli(&data, &["restore", file, "--identity", &key], "");
    let none: fn(&mut [u8]) = |database| database.fill(b'x');
    let no_pages: fn(&mut [u8]) = |database| database[100..].fill(0xa5);
    let another: fn(&mut [u8]) = |database| database[18..20].fill(9);
    for change in [none, no_pages, another] {
        let words = restore(&with_database(&file, &key, &recipient, change)).refused(1);
        assert!(words.contains("its database") && words.contains("Nothing was changed"), "{words}");
        assert!(!data.exists() || std::fs::read_dir(&data).expect("a folder").next().is_none(), "{words}");
    }
    restore(&with_database(&file, &key, &recipient, |_| {})).ok();
    is_whole(&data);
}

#[test]
fn what_a_restore_says_of_the_master_key_is_true() {
    let (server, _, backups) = house();
    let (key, recipient) = identity(&backups);
    let file = backed_up(&server, &backups, "a.age", &recipient);
    let restore = ["restore", file.as_str(), "--identity", key.as_str()];
    let inside = Folder::new().data();
    let said = run_cli(&inside, &restore, "").ok();
    assert!(said.contains(&format!("{} (new: ", inside.join("master.key").display())), "{said}");
    assert!(!said.contains("--master-key-file"), "{said}");

    // Outside of the data folder: made there once, and then the one that is there.
    let elsewhere = backups.join("master-key");
    let named = ["--master-key-file", elsewhere.to_str().expect("a path")];
    for (word, options) in [("new", &[][..]), ("the one that was there", &["--force"])] {
        let data = Folder::new().data();
        let said = run_cli(&data, &[&named[..], &restore, options].concat(), "").ok();
        assert!(said.contains(&format!("{} ({word}: ", elsewhere.display())), "{said}");
        assert!(said.contains(&format!("--master-key-file {}", elsewhere.display())), "how it is started: {said}");
        assert!(!data.join("master.key").exists());
        run_cli(&data, &[&named[..], &["check"]].concat(), "");
    }

    // As systemd gives it to a command.
    let credentials = backups.join("credentials");
    std::fs::create_dir(&credentials).expect("a folder");
    std::fs::copy(&elsewhere, credentials.join("master-key")).expect("a key");
    let data = Folder::new().data();
    let mut command = crate::support::server::command();
    command.env("CREDENTIALS_DIRECTORY", &credentials).arg("--data-dir").arg(&data).args(restore);
    let said = crate::support::server::text_of(command.output().expect("it ran")).ok();
    assert!(said.contains("master-key (the one that was there: "), "{said}");
    assert!(!data.join("master.key").exists());
}

#[test]
fn a_backup_is_private_replaces_nothing_unasked_and_needs_somebody_to_open_it() {
    let (server, _, backups) = house();
    let (_, recipient) = identity(&backups);
    let file = backed_up(&server, &backups, "a.age", &recipient);
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(&file).expect("the backup").permissions().mode() & 0o777, 0o600);
    let first = std::fs::read(&file).expect("the backup");
    let again = ["backup", file.as_str(), "--recipient", recipient.as_str()];
    assert!(server.cli(&again).refused(1).contains("--force"));
    assert_eq!(std::fs::read(&file).expect("the backup"), first);
    server.cli(&[&again[..], &["--force"]].concat()).ok();
    assert!(
        server
            .cli(&["backup", backups.join("b.age").to_str().expect("a path")])
            .refused(2)
            .contains("always encrypted")
    );
    server.cli(&["backup", backups.join("b.age").to_str().expect("a path"), "--recipient", "age1nobody"]).refused(2);
    let names: Vec<_> =
        std::fs::read_dir(&backups).expect("a folder").map(|e| e.expect("an entry").file_name()).collect();
    assert!(names.iter().all(|n| !n.to_string_lossy().contains("b.age")), "{names:?}");
    // The copy that was looked at is gone.
    let left: Vec<_> =
        std::fs::read_dir(server.data()).expect("a folder").map(|e| e.expect("an entry").file_name()).collect();
    assert!(left.iter().all(|n| !n.to_string_lossy().contains("backup")), "{left:?}");
}

#[test]
fn a_restore_that_is_killed_leaves_the_old_or_the_new() {
    let (mut server, _, backups) = house();
    let (key, recipient) = identity(&backups);
    let file = backed_up(&server, &backups, "a.age", &recipient);
    server.user("bob", &[]);
    assert_eq!(server.stop(), Some(0));
    let (mut old, mut new) = (0, 0);
    for round in 0..12_u64 {
        let mut command = crate::support::server::command();
        command.arg("--data-dir").arg(server.data()).args(["restore", &file, "--identity", &key, "--force"]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().expect("the binary starts");
        std::thread::sleep(Duration::from_millis(5 + round * 12));
        drop(child.kill());
        drop(child.wait());
        is_whole(&server.data());
        match user_count(&server.data()) {
            3 => old += 1,
            2 => new += 1,
            n => panic!("{n} users"),
        }
        if new > 0 {
            // Something to tell the next one by.
            run_cli(&server.data(), &["user", "create", &format!("visitor{round}")], "").ok();
            assert_eq!(user_count(&server.data()), 3);
            new = 0;
        }
    }
    assert!(old > 0, "none was killed before it was decided");
    server.cli(&["restore", &file, "--identity", &key, "--force"]).ok();
    assert_eq!(user_count(&server.data()), 2);
    is_whole(&server.data());
}

#[test]
fn check_finds_what_is_wrong() {
    let (mut server, _, _) = house();
    let said = server.cli(&["check"]).ok();
    for words in ["every page of the database is sound", "opens all 3 secrets"] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(server.stop(), Some(0));
    let check = |words: &str| {
        let out = server.cli(&["check"]);
        assert!(out.code == 1 && out.stdout.contains(words), "{out:?}");
    };
    let data = server.data();
    execute(&data, "UPDATE providers SET client_secret_sealed = zeroblob(80)");
    check("PROBLEM");
    database(&data)
        .execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO group_members (group_id, user_id) VALUES (99, 99)")
        .expect("a row");
    check("rows that refer to nothing in: group_members");
    execute(
        &data,
        "INSERT INTO meta (key, value) VALUES ('clock_mark', '4000000000') ON CONFLICT (key) DO UPDATE SET value = '4000000000'",
    );
    check("behind");
    let mode = |path: &Path, mode: &str| {
        let status = std::process::Command::new("chmod").arg(mode).arg(path).status().expect("chmod");
        assert!(status.success());
    };
    mode(&data.join("latchkey.db"), "0644");
    check("chmod");
    mode(&data.join("latchkey.db"), "0600");
    let fine = std::fs::read(data.join("latchkey.db")).expect("the database");
    let mut bytes = fine.clone();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(data.join("latchkey.db"), &bytes).expect("written");
    check("latchkey restore FILE");
}
