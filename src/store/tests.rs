//! The promises of the writer: each job whole or not at all, and no job harmed by its neighbours.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::Internal;
use crate::store::{OpenMode, Store, meta};

pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("latchkey-store-{}-{n}", std::process::id())))
    }

    pub(super) fn open(&self) -> Store {
        Store::open(&self.0, OpenMode::Create).expect("opens")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn get(store: &Store, key: &str) -> Option<String> {
    store.read(|c| meta::get(c, key)).expect("reads")
}

#[test]
fn a_job_that_fails_or_panics_undoes_itself_and_nothing_else() {
    let folder = Folder::new();
    let store = Arc::new(folder.open());
    let threads: Vec<_> = (0..60)
        .map(|n| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                store.write(move |tx| {
                    meta::set(tx, &format!("key-{n}"), "x")?;
                    match n % 3 {
                        0 => Ok(n),
                        1 => Err(Internal::fault("refused")),
                        _ => panic!("on purpose"),
                    }
                })
            })
        })
        .collect();
    let results: Vec<_> = threads.into_iter().map(|t| t.join().expect("no panic outside the writer")).collect();
    for (n, result) in results.iter().enumerate() {
        let stored = store.read(|c| meta::get(c, &format!("key-{n}"))).expect("reads").is_some();
        assert_eq!((result.is_ok(), stored), (n % 3 == 0, n % 3 == 0), "job {n}");
    }
}

#[test]
fn what_was_answered_is_there_after_reopening() {
    let folder = Folder::new();
    let store = folder.open();
    store.write(|tx| meta::set(tx, "a", "1")).expect("writes");
    assert_eq!(get(&store, "a").as_deref(), Some("1"));
    drop(store);
    assert_eq!(get(&folder.open(), "a").as_deref(), Some("1"));
}

#[test]
fn a_value_set_once_stays() {
    let folder = Folder::new();
    let store = folder.open();
    let set = |value: &'static str| store.write(move |tx| meta::set_once(tx, "a", value)).expect("writes");
    assert_eq!((set("first"), set("second")), (true, false));
    assert_eq!(get(&store, "a").as_deref(), Some("first"));
}

#[test]
fn a_reader_cannot_write() {
    let folder = Folder::new();
    let store = folder.open();
    let result = store.read(|c| Ok::<_, Internal>(c.execute("DELETE FROM meta", [])));
    assert!(result.expect("reads").is_err());
}

#[test]
fn refusals_cannot_wash_other_events_away() {
    use crate::recorder::local_event;
    use crate::store::events::{self, Event};

    let folder = Folder::new();
    let store = folder.open();
    let due = |store: &Store| store.read(|c| events::is_purge_due(c, 0)).expect("reads");
    store.write(|tx| local_event("login", 1).store(tx)).expect("writes");
    assert!(!due(&store));
    store
        .write(|tx| {
            let refused = Event { is_refusal: true, ..local_event("login_failed", 1) };
            (0..11_001).try_for_each(|_| events::insert(tx, &refused))
        })
        .expect("writes");
    assert!(due(&store));
    while store.write(|tx| events::purge(tx, 0)).expect("purges") {}
    let left = store.read(|c| events::newest(c, 0, 20_000)).expect("reads");
    assert_eq!(left.iter().filter(|e| e.is_refusal).count(), 10_000);
    assert_eq!(left.iter().filter(|e| e.kind == "login").count(), 1);
}

#[test]
fn reads_share_a_few_connections_and_one_within_another_does_not_wait_for_itself() {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    let folder = Folder::new();
    let store = folder.open();
    let (now, most, begin) = (AtomicUsize::new(0), AtomicUsize::new(0), Barrier::new(40));
    let read = || {
        begin.wait();
        store.read(|_| {
            most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(5));
            let inner = store.read(|c| meta::get(c, "a"));
            now.fetch_sub(1, SeqCst);
            inner
        })
    };
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..40).map(|_| scope.spawn(read)).collect();
        assert!(readers.into_iter().all(|r| r.join().expect("no panic").is_ok()));
    });
    let most = most.load(SeqCst);
    assert!((2..=8).contains(&most), "{most} at once");
}

#[test]
fn a_read_that_panics_gives_its_place_back() {
    let folder = Folder::new();
    let store = folder.open();
    for _ in 0..20 {
        let panics = || store.read(|_| -> Result<(), Internal> { panic!("in the middle of a read") });
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
    }
    assert_eq!(get(&store, "a"), None);
}

#[test]
fn a_server_folds_its_log_in_beside_its_writes_and_the_log_begins_anew() {
    let folder = Folder::new();
    let store = folder.open();
    store.adopt_log().expect("adopts");
    let length = |name: &str| std::fs::metadata(folder.0.join(name)).map_or(0, |file| file.len());
    let page = "x".repeat(4096);
    let write = |n: usize| {
        let page = page.clone();
        store.write(move |tx| meta::set(tx, &format!("key-{n}"), &page)).expect("writes");
    };
    (0..1000).for_each(write);
    // Beside, so a moment later; no write makes it happen.
    let begun = std::time::Instant::now();
    while length("latchkey.db") < 4_000_000 {
        assert!(begun.elapsed().as_secs() < 20, "the log of {} bytes is not folded in", length("latchkey.db-wal"));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(100));
    let before = length("latchkey.db-wal");
    (1000..1100).for_each(write);
    assert_eq!(length("latchkey.db-wal"), before, "a log that was folded in is written over");
    store.close();
    assert_eq!(length("latchkey.db-wal"), 0);
    let store = folder.open();
    assert!((0..1100).all(|n| get(&store, &format!("key-{n}")).is_some_and(|value| value == page)));
}
