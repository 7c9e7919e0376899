//! A write-ahead log that is damaged, or not this database's: the provider goes on from the last whole commit, or it is
//! refused in words and leaves every file as it was.

use std::path::Path;
use std::sync::Arc;

use crate::faults::is_whole;
use crate::support::disk::{contents, copy_of};
use crate::support::process::refused_start;
use crate::support::server::{Folder, run_cli};
use crate::support::{Browser, Server};

const GROUPS: [&str; 6] = ["one", "two", "three", "four", "five", "six"];
const HEADER: usize = 32;
const FRAME: usize = 24 + 4096;

/// What the database file itself holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum File {
    /// Everything up to the groups.
    Folded,
    /// Next to nothing: everything is in the log.
    Bare,
}

/// A folder with alice and the groups whose server was killed, and how long the log was after each group.
fn killed(file: File) -> (Arc<Folder>, Vec<usize>) {
    let mut server = Server::start();
    server.alice();
    if file == File::Folded {
        assert_eq!(server.stop(), Some(0));
        server = Server::start_on(server.folder(), &[]);
    }
    let log = server.data().join("latchkey.db-wal");
    let lengths = GROUPS.map(|group| {
        server.cli(&["group", "create", group]).ok();
        usize::try_from(std::fs::metadata(&log).expect("the log").len()).expect("a length")
    });
    server.kill();
    (server.folder(), lengths.into())
}

fn log(folder: &Folder) -> Vec<u8> {
    std::fs::read(folder.data().join("latchkey.db-wal")).expect("the log")
}

/// A copy of the folder with another log.
fn with_log(folder: &Folder, log: &[u8]) -> Arc<Folder> {
    let copy = copy_of(&folder.data());
    std::fs::write(copy.data().join("latchkey.db-wal"), log).expect("written");
    copy
}

/// The provider goes on there, with alice and these groups. Returns what it printed.
#[track_caller]
fn goes_on(what: &str, folder: Arc<Folder>, groups: &[&str]) -> String {
    let mut server = Server::start_on(folder, &[]);
    let list = server.cli(&["group", "list"]).ok();
    let has = |group: &&&str| list.lines().any(|l| l.split_whitespace().next() == Some(**group));
    assert_eq!(GROUPS.iter().filter(has).collect::<Vec<_>>(), groups.iter().collect::<Vec<_>>(), "{what}: {list}");
    is_whole(&server);
    Browser::signed_in(&server, "alice");
    assert_eq!(server.stop(), Some(0));
    assert!(!server.data().join("latchkey.db-wal").exists(), "{what}: the log was not folded in");
    server.printed()
}

/// What must not be lost. A log without anything in it may go, and its index is made anew at every start.
fn originals(data: &Path) -> Vec<(String, Vec<u8>)> {
    let may_go =
        |name: &str, bytes: &[u8]| name == "latchkey.db-shm" || (name == "latchkey.db-wal" && bytes.is_empty());
    contents(data).into_iter().filter(|(name, bytes)| !may_go(name, bytes)).collect()
}

/// Neither the server nor a command begins there, and nothing is changed.
#[track_caller]
fn is_refused(what: &str, folder: &Folder) -> String {
    let data = folder.data();
    let before = originals(&data);
    let words = refused_start(&data, &[]);
    assert!(words.contains("latchkey restore FILE --force"), "{what} does not say what to do: {words}");
    assert!(!words.contains("panicked") && !words.contains("/setup/"), "{what}: {words}");
    for command in [&["user", "list"][..], &["user", "create", "eve", "--admin"], &["setup-link"]] {
        let refused = run_cli(&data, command, "");
        assert!(refused.code != 0 && !refused.stderr.contains("panicked"), "{what}: {command:?}: {refused:?}");
    }
    assert!(originals(&data) == before, "{what}: something was written");
    words
}

#[test]
fn a_log_that_is_damaged_late_gives_every_commit_before_the_damage() {
    let (folder, after) = killed(File::Folded);
    let good = log(&folder);
    assert!(after.is_sorted() && (after[0] - HEADER).is_multiple_of(FRAME), "{after:?}");
    type Damage = fn(&mut Vec<u8>, usize);
    let cases: [(&str, usize, usize, Damage); 6] = [
        ("cut within a page", 4, 24 + 1000, |log, at| log.truncate(at)),
        ("cut within the head of a frame", 3, 10, |log, at| log.truncate(at)),
        ("one bit in a page", 2, 24 + 2000, |log, at| log[at] ^= 1),
        ("one bit in the head of a frame", 5, 2, |log, at| log[at] ^= 1),
        ("zeros to the end", 1, 0, |log, at| log[at..].fill(0)),
        ("something else to the end", 4, 0, |log, at| log[at..].fill(0x5a)),
    ];
    for (what, whole, offset, damage) in cases {
        let mut log = good.clone();
        damage(&mut log, after[whole - 1] + offset);
        goes_on(what, with_log(&folder, &log), &GROUPS[..whole]);
    }
    goes_on("no damage", folder, &GROUPS);
}

#[test]
fn a_log_that_is_none_is_passed_over_with_a_word_where_the_database_is_whole_without_it() {
    let (folder, _) = killed(File::Folded);
    let mut flipped = log(&folder);
    flipped[10] ^= 1;
    let garbage = b"this is not a log, whatever its name says. ".repeat(500);
    for (what, log) in [("one bit in its head", flipped), ("garbage", garbage), ("a part of its head", vec![0x37; 12])]
    {
        let printed = goes_on(what, with_log(&folder, &log), &[]);
        assert!(printed.contains("holds no whole transaction") && printed.contains("latchkey restore"), "{printed}");
    }
    let printed = goes_on("an empty one", with_log(&folder, b""), &[]);
    assert!(!printed.contains("no whole transaction"), "{printed}");
}

#[test]
fn a_database_that_is_nothing_without_its_log_is_refused_and_every_file_left_alone() {
    let (folder, _) = killed(File::Bare);
    let good = log(&folder);
    let mut flipped = good.clone();
    flipped[10] ^= 1;
    let garbage = b"this is not a log, whatever its name says. ".repeat(500);
    let cases = [
        ("one bit in its head", flipped),
        ("garbage", garbage),
        ("its head alone", good[..HEADER].to_vec()),
        ("the log of another one that is whole", log(&killed(File::Folded).0)),
        ("an empty one", Vec::new()),
    ];
    for (what, log) in &cases {
        is_refused(what, &with_log(&folder, log));
    }
    // SQLite by itself deletes the log of an empty file.
    let emptied = copy_of(&folder.data());
    std::fs::write(emptied.data().join("latchkey.db"), "").expect("emptied");
    is_refused("an empty database", &emptied);
    goes_on("the good log", with_log(&folder, &good), &GROUPS);
}

#[test]
fn the_log_of_another_database_is_refused_and_every_file_left_alone() {
    let other = log(&killed(File::Bare).0);
    for file in [File::Folded, File::Bare] {
        let (folder, _) = killed(file);
        let good = log(&folder);
        let mixed = with_log(&folder, &other);
        let words = is_refused(&format!("{file:?}"), &mixed);
        assert!(words.contains("not the one") && words.contains("master.key"), "{words}");
        // With its own it is what it was.
        goes_on("its own", with_log(&mixed, &good), &GROUPS);
    }
}
