//! What lies on the disk: the database beside the server, and the bytes of its files.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::Server;
use super::server::Folder;

/// A connection of the test's own to the server's database.
pub fn database(data: &Path) -> Connection {
    let connection = Connection::open(data.join("latchkey.db")).expect("the database");
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;").expect("settings");
    connection
}

/// Changes the database behind the server's back.
pub fn execute(data: &Path, sql: &str) -> usize {
    database(data).execute(sql, []).expect(sql)
}

/// The single value of a query.
pub fn number(data: &Path, sql: &str) -> i64 {
    database(data).query_row(sql, [], |r| r.get(0)).expect(sql)
}

/// Sees whether anybody committed to a database.
pub struct Watch(Connection);

impl Watch {
    pub fn new(data: &Path) -> Self {
        Self(database(data))
    }

    /// A number that changes with each commit of another connection.
    pub fn version(&self) -> i64 {
        self.0.query_row("PRAGMA data_version", [], |r| r.get(0)).expect("data_version")
    }
}

/// Every byte of the database's files: the main file, the write-ahead log and its index.
pub fn stored_bytes(data: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(data).expect("the data folder") {
        let entry = entry.expect("an entry");
        if entry.file_name().to_string_lossy().starts_with("latchkey.db") {
            bytes.extend(std::fs::read(entry.path()).expect("a file of the database"));
        }
    }
    bytes
}

/// Everything in the data folder, by name.
pub fn contents(data: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(data).expect("the folder").map(|e| e.expect("an entry"));
    let mut all: Vec<_> = entries
        .map(|e| (e.file_name().to_string_lossy().into_owned(), std::fs::read(e.path()).expect("a file")))
        .collect();
    all.sort();
    all
}

/// A copy of the data folder, file by file.
pub fn copy_of(data: &Path) -> Arc<Folder> {
    let copy = Folder::new();
    DirBuilder::new().mode(0o700).create(copy.data()).expect("a folder");
    for entry in std::fs::read_dir(data).expect("the folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), copy.data().join(entry.file_name())).expect("copied");
    }
    copy
}

pub fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|w| w == needle.as_bytes())
}

/// Waits until something holds, and fails with these words when it does not come to hold in time.
#[track_caller]
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(15);
    while !holds() {
        assert!(Instant::now() < until, "it never came to be that {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Stops the server and starts it again on the same folder, port and base URL.
pub fn restarted(mut server: Server, options: &[&str]) -> Server {
    let (folder, port, base) = (server.folder(), server.port, server.base.clone());
    assert_eq!(server.stop(), Some(0), "{}", server.printed());
    drop(server);
    Server::start_at(folder, port, &base, options)
}
