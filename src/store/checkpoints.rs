//! Folds the write-ahead log into the database beside the writer, so that no request waits for it: on an SD card a
//! thousand scattered pages take more than a second.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::open;

/// Pages of the log that are not in the database yet from which on they are folded in.
const PAGES: i64 = 1000;
/// Pages of the log from which on the writer folds in itself what is left. Under a load without a pause this thread never
/// sees the end of the log, which must be reached for the log to begin anew.
pub(super) const PAGES_AT_MOST: i64 = 4 * PAGES;
/// Between two looks at the log.
const PAUSE: Duration = Duration::from_millis(50);
/// After one that failed: the disk may be full, or read-only.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What the thread waits for.
#[derive(Default)]
pub(super) struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    has_commit: bool,
    is_over: bool,
}

impl Signal {
    /// Tells of a commit.
    pub(super) fn committed(&self) {
        let mut state = self.lock();
        if !state.has_commit {
            state.has_commit = true;
            self.changed.notify_one();
        }
    }

    /// Waits for a commit after the last one that was told of, or the end (false).
    fn wait(&self) -> bool {
        let idle = |state: &mut State| !state.has_commit && !state.is_over;
        let mut state = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        state.has_commit = false;
        !state.is_over
    }

    /// Waits for the end, for a while.
    fn pause(&self, time: Duration) {
        drop(self.changed.wait_timeout_while(self.lock(), time, |state| !state.is_over));
    }

    fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that does it, until this is dropped.
pub(super) struct Checkpointer {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(path: &Path) -> rusqlite::Result<Self> {
        let connection = open::checkpointer(path)?;
        let signal = Arc::<Signal>::default();
        let waited = Arc::clone(&signal);
        let serve = move || serve(&connection, &waited);
        let spawned = std::thread::Builder::new().name("checkpoints".into()).spawn(serve);
        if let Err(error) = &spawned {
            tracing::warn!(%error, "the thread for checkpoints could not be started; requests will wait for them");
        }
        Ok(Self { signal, thread: spawned.ok() })
    }

    pub(super) fn signal(&self) -> Arc<Signal> {
        Arc::clone(&self.signal)
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.signal.end();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(connection: &Connection, signal: &Signal) {
    while signal.wait() {
        match fold(connection) {
            Ok(()) => signal.pause(PAUSE),
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log could not be folded into the database; trying again");
                signal.pause(PAUSE_AFTER_FAILURE);
            }
        }
    }
}

fn fold(connection: &Connection) -> rusqlite::Result<()> {
    // Only tells how far both are.
    if left_after("PRAGMA wal_checkpoint(NOOP)", connection)? < PAGES {
        return Ok(());
    }
    if left_after("PRAGMA wal_checkpoint(PASSIVE)", connection)? > 0 {
        // What was written meanwhile. When nothing was since then, the log begins anew with the next commit.
        left_after("PRAGMA wal_checkpoint(PASSIVE)", connection)?;
    }
    Ok(())
}

/// Pages of the log that are not in the database after a statement that tells of them.
fn left_after(statement: &str, connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached(statement)?.query_row([], |row| {
        let (log, folded): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(log - folded)
    })
}
