//! An SD card wears out by writing: who rests or only reads has nothing written.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use crate::support::{Browser, Server};

/// Longer than the server goes without looking what time has brought.
const WHILE: Duration = Duration::from_secs(7);

/// What a process gave the kernel to write to disks so far, in bytes.
fn written(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/io")).expect("/proc");
    let number = text.lines().find_map(|l| l.strip_prefix("write_bytes: "));
    number.and_then(|n| n.parse().ok()).expect("a number")
}

/// Every file of the folder: how long it is, and when it was written to. The log's index is memory that looks like one.
fn files(data: &Path) -> BTreeMap<String, (u64, SystemTime)> {
    let entries = std::fs::read_dir(data).expect("the folder").map(|e| e.expect("an entry"));
    let of = |entry: std::fs::DirEntry| {
        let metadata = entry.metadata().expect("metadata");
        let file = (metadata.len(), metadata.modified().expect("a time"));
        (entry.file_name().to_string_lossy().into_owned(), file)
    };
    entries.map(of).filter(|(name, _)| name != "latchkey.db-shm").collect()
}

#[test]
fn who_rests_or_reads_has_nothing_written_to_the_disk() {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, "openid profile");
    let (http, data) = (server.http(), server.data());
    let now = || (files(&data), written(server.pid()));
    let before = now();
    let begun = Instant::now();
    while begun.elapsed() < WHILE {
        for path in ["/healthz", "/readyz", "/login/", "/help/", &format!("/application/o/{}/jwks/", app.slug)] {
            http.get(path).expect(200);
        }
        browser.get("/").expect(200);
        app.userinfo(&http, &tokens.access).expect(200);
        assert_eq!(app.introspect(&http, &tokens.access).json()["active"], true);
        std::thread::sleep(WHILE / 5);
    }
    assert_eq!(now(), before);
    // It would have been seen.
    Browser::signed_in(&server, "alice");
    assert_ne!(now().0, before.0);
}
