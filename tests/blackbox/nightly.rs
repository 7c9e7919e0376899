//! The nightly backup: made by itself, kept in number, never in the place of a disk that is away, and told of when it
//! fails or somebody takes it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::backup::{SCOPE, house, identity, user_count};
use crate::support::disk::{eventually, execute, number, restarted};
use crate::support::server::{Folder, run_cli};
use crate::support::{Browser, Server};

/// A folder for nightly backups, and the options that name it.
struct Nights {
    folder: PathBuf,
    recipient: String,
    key: String,
}

impl Nights {
    /// With the folder not there yet.
    fn new(backups: &Path) -> Self {
        let (key, recipient) = identity(backups);
        Self { folder: backups.join("nightly"), recipient, key }
    }

    fn make_folder(&self) {
        std::fs::create_dir(&self.folder).expect("a folder");
    }

    /// The server again, in a night of its own: what was made before is made as if never.
    fn next(&self, server: Server, keep: &str) -> Server {
        execute(&server.data(), "DELETE FROM meta WHERE key = 'last_nightly_backup'");
        let folder = self.folder.to_str().expect("a path");
        restarted(
            server,
            &["--backup-recipient", &self.recipient, "--backup-dir", folder, "--backup-keep", keep, "--log", "info"],
        )
    }

    /// The same, until the backup is made.
    fn made(&self, server: Server, keep: &str) -> Server {
        let before = count(&server, "backup_made");
        let server = self.next(server, keep);
        eventually("a backup is made", || count(&server, "backup_made") > before);
        server
    }

    /// The same, until it is told that none is made. Returns why.
    fn failed(&self, server: Server) -> (Server, String) {
        let before = count(&server, "backup_failed");
        let server = self.next(server, "9");
        eventually("it is told of", || count(&server, "backup_failed") > before);
        let events = server.events();
        let last = events.iter().rfind(|e| e["kind"] == "backup_failed").expect("the event").clone();
        (server, last["details"]["reason"].as_str().expect("a reason").to_owned())
    }

    /// What lies there, in order.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|e| e.expect("an entry").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    fn backups(&self) -> Vec<String> {
        self.names().into_iter().filter(|n| n.ends_with(".age")).collect()
    }

    /// What `check` says of backups, and its exit code.
    fn checked(&self, server: &Server) -> (String, i32) {
        let settings = self.folder.with_file_name("latchkey.toml");
        let folder = self.folder.display();
        let text = format!("backup-dir = '{folder}'\nbackup-recipient = '{}'\n", self.recipient);
        std::fs::write(&settings, text).expect("settings");
        let out = server.cli(&["--config", settings.to_str().expect("a path"), "check", "--json"]);
        let lines: serde_json::Value = serde_json::from_str(&out.stdout).expect("JSON");
        let line = lines.as_array().expect("a list").iter().find(|l| l["check"] == "backup").expect("a line").clone();
        (format!("{}: {}", line["state"].as_str().expect("a state"), line["words"].as_str().expect("words")), out.code)
    }
}

fn count(server: &Server, kind: &str) -> i64 {
    number(&server.data(), &format!("SELECT count(*) FROM events WHERE kind = '{kind}'"))
}

fn dashboard(server: &Server) -> String {
    Browser::signed_in(server, "ada").get("/if/admin/").expect(200).body
}

#[test]
fn it_is_made_up_for_after_the_start_and_told_of() {
    let (server, _, backups) = house();
    let nights = Nights::new(&backups);
    nights.make_folder();
    assert!(dashboard(&server).contains("There is no backup yet"));
    let server = nights.made(server, "2");
    let found = nights.backups();
    assert_eq!(found.len(), 1, "{found:?}");
    let page = dashboard(&server);
    assert!(
        page.contains("Last proven restorable") && page.contains(&found[0]) && !page.contains("There is no backup yet")
    );
    assert!(!page.contains("is not there"), "{page}");
    // One a night.
    std::thread::sleep(std::time::Duration::from_secs(6));
    assert_eq!(nights.backups(), found);
    let file = nights.folder.join(&found[0]);
    assert_eq!(std::fs::metadata(&file).expect("the backup").permissions().mode() & 0o777, 0o600);
    let elsewhere = Folder::new();
    run_cli(&elsewhere.data(), &["restore", file.to_str().expect("a path"), "--identity", &nights.key], "").ok();
    assert_eq!(user_count(&elsewhere.data()), 2);
    // It warns when the last one is old.
    execute(
        &server.data(),
        "UPDATE meta SET value = json_set(value, '$.at', json_extract(value, '$.at') - 400000) WHERE key = 'last_backup'",
    );
    assert!(dashboard(&server).contains("The last backup is 4 days old"), "{}", dashboard(&server));
}

#[test]
fn two_installations_in_one_folder_keep_their_own_in_number_and_nothing_else_is_touched() {
    let ((first, _, backups), (second, _, _)) = (house(), house());
    let nights = Nights::new(&backups);
    nights.make_folder();
    let others = [
        "latchkey-20200101-000000.age",
        "latchkey-20200102-000000-ffffffff.age",
        "latchkey-20200103-000000-ffffffff.age.partial",
        "photos.zip",
    ];
    for name in others {
        std::fs::write(nights.folder.join(name), "x").expect("written");
    }
    let first = nights.made(first, "1");
    let new: Vec<String> = nights.backups().into_iter().filter(|n| !others.contains(&n.as_str())).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    let id = new[0].rsplit_once('-').expect("an id").1.to_owned();
    // As an earlier version named it: ours still, by our events.
    let stamp = new[0].strip_suffix(&format!("-{id}")).expect("a stamp");
    let older = format!("{stamp}.age");
    std::fs::rename(nights.folder.join(&new[0]), nights.folder.join(&older)).expect("renamed");
    execute(&first.data(), &format!("UPDATE events SET details = replace(details, '{}', '{older}')", new[0]));
    let half = format!("latchkey-20200104-000000-{id}.partial");
    std::fs::write(nights.folder.join(&half), "x").expect("written");

    let second = nights.made(second, "1");
    let count_now = nights.backups().len();
    assert!(nights.names().contains(&older) && nights.names().contains(&half), "of the other: {:?}", nights.names());
    let first = nights.made(first, "1");
    assert!(!nights.names().contains(&older) && !nights.names().contains(&half), "its own: {:?}", nights.names());
    assert_eq!(nights.backups().len(), count_now, "one more and one less");
    nights.made(second, "1");
    let names = nights.backups();
    assert_eq!(names.len(), count_now, "{names:?}");
    assert_eq!(names.iter().filter(|n| n.ends_with(&id)).count(), 1, "{names:?}");
    assert!(others.iter().all(|o| nights.folder.join(o).exists()), "{:?}", nights.names());
    drop(first);
}

#[test]
fn where_a_disk_is_not_mounted_nothing_is_written_and_everybody_is_told() {
    let (server, app, backups) = house();
    let nights = Nights::new(&backups);
    // Not even its folder is there, and none is made.
    let (server, why) = nights.failed(server);
    assert!(why.contains("is not there") && why.contains("is its disk mounted?"), "{why}");
    assert!(server.printed().contains("is its disk mounted?"), "the log says so too: {}", server.printed());
    assert!(!nights.folder.exists());
    assert!(dashboard(&server).contains("is not there: no backup is made at night"));
    let (line, code) = nights.checked(&server);
    assert!(line.starts_with("problem: none was made yet") && line.contains("is its disk mounted?"), "{line}");
    assert_eq!(code, 1);
    app.tokens(&mut Browser::signed_in(&server, "alice"), SCOPE);

    nights.make_folder();
    let server = nights.made(server, "9");
    let (line, _) = nights.checked(&server);
    assert!(line.starts_with("ok: proven restorable"), "{line}");
    assert!(!dashboard(&server).contains("no backup is made at night"));

    // The disk is away, and the empty place of it is there.
    let disk = nights.folder.with_file_name("the disk");
    std::fs::rename(&nights.folder, &disk).expect("unmounted");
    nights.make_folder();
    let (server, why) = nights.failed(server);
    assert!(why.contains("is not the folder") && why.contains("truncate -s 0"), "{why}");
    assert!(nights.names().is_empty(), "{:?}", nights.names());
    let page = dashboard(&server);
    assert!(page.contains("is not the folder that the nightly backups went to"), "{page}");
    assert!(page.contains("The last backup is not there any more"), "{page}");
    let (line, code) = nights.checked(&server);
    assert!(code == 1 && line.contains("is not the folder") && line.contains("is not there any more"), "{line}");

    // It is back.
    std::fs::remove_dir(&nights.folder).expect("an empty folder");
    std::fs::rename(&disk, &nights.folder).expect("mounted");
    let server = nights.made(server, "9");
    assert_eq!(nights.backups().len(), 2);

    // A new disk takes its place: said as the words say it.
    std::fs::rename(&nights.folder, &disk).expect("unmounted");
    nights.make_folder();
    let (server, why) = nights.failed(server);
    let mark = why.rsplit_once("truncate -s 0 ").expect("what to say").1;
    std::fs::write(mark, "").expect("said");
    let server = nights.made(server, "9");
    assert_eq!(nights.backups().len(), 1);
    assert!(!dashboard(&server).contains("no backup is made at night"));
}

#[test]
fn a_backup_that_somebody_removed_or_cut_short_is_told_of() {
    let (server, _, backups) = house();
    let nights = Nights::new(&backups);
    nights.make_folder();
    let server = nights.made(server, "9");
    let file = nights.folder.join(&nights.backups()[0]);
    let whole = std::fs::read(&file).expect("the backup");
    assert!(nights.checked(&server).0.starts_with("ok: "));
    std::fs::write(&file, &whole[..whole.len() - 1]).expect("cut short");
    let page = dashboard(&server);
    assert!(page.contains("The last backup was changed") && page.contains("The file was changed since"), "{page}");
    let (line, code) = nights.checked(&server);
    assert!(code == 1 && line.contains("was changed since it was proven restorable"), "{line}");
    std::fs::remove_file(&file).expect("removed");
    let page = dashboard(&server);
    assert!(page.contains("The last backup is not there any more") && page.contains("The file is not there any more"));
    let (line, code) = nights.checked(&server);
    assert!(code == 1 && line.starts_with("problem: ") && line.contains("is not there any more"), "{line}");
    std::fs::write(&file, &whole).expect("back");
    assert!(!dashboard(&server).contains("not there any more"));

    // One that was made by hand may be carried away: it is said, and is no problem.
    let by_hand = backups.join("by hand.age");
    let by_hand = by_hand.to_str().expect("a path");
    server.cli(&["backup", by_hand, "--recipient", &nights.recipient]).ok();
    std::fs::remove_file(by_hand).expect("carried away");
    let page = dashboard(&server);
    assert!(
        page.contains("The file is not there any more") && !page.contains("The last backup is not there"),
        "{page}"
    );
    let (line, _) = nights.checked(&server);
    assert!(line.starts_with("unknown: ") && line.contains("it is not there any more"), "{line}");
}

#[test]
fn one_that_fails_is_in_the_events_and_harms_nobody() {
    let (server, app, backups) = house();
    let nights = Nights::new(&backups);
    std::fs::write(&nights.folder, "a file in the way").expect("written");
    let (server, why) = nights.failed(server);
    assert!(why.contains("is no folder"), "{why}");
    app.tokens(&mut Browser::signed_in(&server, "alice"), SCOPE);
}

#[test]
fn without_a_folder_of_its_own_it_goes_into_the_data_folder() {
    let (server, _, backups) = house();
    let recipient = identity(&backups).1;
    let server = restarted(server, &["--backup-recipient", &recipient]);
    eventually("a backup is made", || count(&server, "backup_made") > 0);
    let folder = server.data().join("backups");
    assert_eq!(std::fs::metadata(&folder).expect("the folder").permissions().mode() & 0o777, 0o700);
}
