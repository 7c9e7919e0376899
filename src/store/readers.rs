//! Read-only connections: made when needed, kept, and never more than a few. A hundred requests at once would otherwise
//! hold a hundred page caches and copies of the schema, and any stranger can send a hundred requests.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::open;

/// Connections at once. A read takes well under a millisecond, so that the next one hardly waits.
const MOST: usize = 8;

/// The connections of one database.
pub(super) struct Readers {
    path: PathBuf,
    shelf: Mutex<Shelf>,
    returned: Condvar,
}

#[derive(Default)]
struct Shelf {
    idle: Vec<Connection>,
    lent: usize,
}

/// A connection that is lent, and goes back when this is dropped, by a panic too.
pub(super) struct Lent<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

thread_local! {
    /// Reads that this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, shelf: Mutex::default(), returned: Condvar::new() }
    }

    /// Waits for a connection, unless this thread has one already: a read within a read must not wait for itself.
    pub(super) fn lend(&self) -> rusqlite::Result<Lent<'_>> {
        let is_nested = DEPTH.get() > 0;
        let mut shelf = self.lock();
        while shelf.lent >= MOST && !is_nested {
            shelf = self.returned.wait(shelf).unwrap_or_else(PoisonError::into_inner);
        }
        shelf.lent += 1;
        let kept = shelf.idle.pop();
        drop(shelf);
        DEPTH.set(DEPTH.get() + 1);
        // From here on the place is given back, whatever happens.
        let mut lent = Lent { readers: self, connection: kept };
        if lent.connection.is_none() {
            lent.connection = Some(open::reader(&self.path)?);
        }
        Ok(lent)
    }

    /// How many are lent.
    pub(super) fn lent(&self) -> usize {
        self.lock().lent
    }

    /// Closes those that nobody has.
    pub(super) fn close(&self) {
        self.lock().idle.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent<'_> {
    pub(super) fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("it is there until it goes back")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        let mut shelf = self.readers.lock();
        shelf.lent -= 1;
        // A connection that a panic left in the middle of a read is not lent again.
        if shelf.idle.len() < MOST && !std::thread::panicking() {
            shelf.idle.extend(self.connection.take());
        }
        drop(shelf);
        self.readers.returned.notify_one();
    }
}
