//! The embedded database: opening, the one writer, the readers. Tables have a file each beside this one.
//!
//! Reads run on read-only connections of their own. Writes are jobs for one thread, which commits as many as are
//! waiting in one transaction (a savepoint each), so that parallel sign-ins share a disk flush. An answer is given
//! only after the commit.

pub mod app_passwords;
pub mod applications;
pub mod assertions;
pub mod bindings;
pub mod carried;
mod checkpoints;
pub mod clock;
pub mod consents;
pub mod device_requests;
pub mod disk;
pub mod events;
pub mod factors;
pub mod grants;
pub mod groups;
pub mod holdings;
pub mod icons;
pub mod invitations;
pub mod keys;
pub mod known_devices;
pub mod links;
pub mod logouts;
pub mod mail_server;
pub mod meta;
mod migrate;
mod open;
pub mod overview;
pub mod passkeys;
pub mod placing;
pub mod policies;
pub mod providers;
pub mod pushed_requests;
mod readers;
pub mod scope_mappings;
pub mod sealed;
pub mod sessions;
pub mod settings;
pub mod snapshot;
pub mod throttled;
pub mod tls_authority;
pub mod tokens;
pub mod users;
mod writer;

use std::cell::Cell;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::error::Internal;
use checkpoints::Checkpointer;
pub use open::{OpenError, OpenMode};
pub(crate) use open::{check_modes, database, is_set_up, lock_for_serving, mark_installed};

/// A write transaction. Functions that change rows ask for one, so that none can be called outside the writer.
pub struct Tx<'a> {
    connection: &'a Connection,
    queued: Cell<bool>,
}

impl<'a> Tx<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self { connection, queued: Cell::new(false) }
    }

    /// Whoever waits for that is told after the commit that something was queued.
    fn has_queued(&self) {
        self.queued.set(true);
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// The database of one data folder. Shared by all threads.
pub struct Store {
    path: PathBuf,
    log: open::Log,
    readers: readers::Readers,
    /// Of a server only: a command writes too little.
    checkpointer: Mutex<Option<Checkpointer>>,
    writer: writer::Writer,
}

impl Store {
    /// Opens (or with [`OpenMode::Create`] makes) the database in `data_dir`, checks the modes of folder and files and
    /// brings the schema up to date.
    pub fn open(data_dir: &Path, mode: OpenMode) -> Result<Self, OpenError> {
        let path = open::prepare(data_dir, mode)?;
        let (mut connection, log) = open::writer(&path)?;
        migrate::migrate(&mut connection, &path, mode)?;
        check_modes(data_dir)?;
        let readers = readers::Readers::new(path.clone());
        let writer = writer::Writer::start(connection);
        Ok(Self { path, log, readers, checkpointer: Mutex::default(), writer })
    }

    /// Lets a log that an earlier process left be folded into the database. For the server, once it has found the database
    /// whole and its own: until then a refused start leaves everything as it was.
    pub fn adopt_log(&self) -> Result<(), Internal> {
        if self.log == open::Log::Unusable {
            let path = self.path.display();
            tracing::warn!(
                "{path}-wal holds no whole transaction. What was written last before this start may be lost; if people or settings are missing, `latchkey restore FILE --force` puts a backup in their place"
            );
        }
        self.write(|tx| Ok::<(), Internal>(open::adopt_log(tx)?))?;
        let checkpointer = Checkpointer::start(&self.path)?;
        self.writer.tell_of_commits(checkpointer.signal());
        *self.checkpointer() = Some(checkpointer);
        Ok(())
    }

    /// Closes the database at the end of the process, so that it is one whole file again. Reads and writes that come
    /// after this are refused or harmless.
    pub fn close(&self) {
        // Readers first: they cannot fold the log in, so the writer must be the last.
        self.readers.close();
        drop(self.checkpointer().take());
        self.writer.end();
    }

    fn checkpointer(&self) -> MutexGuard<'_, Option<Checkpointer>> {
        self.checkpointer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on a consistent snapshot.
    pub fn read<T, E: From<Internal>>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let reader = self.readers.lend().map_err(Internal::from)?;
        let snapshot = reader.connection().unchecked_transaction().map_err(Internal::from)?;
        let result = work(&snapshot);
        snapshot.finish().map_err(Internal::from)?;
        result
    }

    /// From now on `rider` runs at the end of every transaction that changes something, and of none that does not. It
    /// can be set once.
    pub fn ride_along(&self, rider: impl Fn(&Tx) -> Result<(), Internal> + Send + Sync + 'static) {
        self.writer.ride_along(Box::new(rider));
    }

    /// From now on `bell` is rung after every commit that queued something ([`logouts`]). It can be set once.
    pub fn when_queued(&self, bell: impl Fn() + Send + Sync + 'static) {
        self.writer.when_queued(Box::new(bell));
    }

    /// Runs `work` in a transaction and returns when it is on the disk. An `Err` rolls back what this job did, and
    /// nothing else; a refusal that must be recorded is therefore a value of `T`.
    pub fn write<T, E>(&self, work: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Internal> + Send + 'static,
    {
        self.writer.run(work)
    }

    /// Whether a write would go through now. It writes nothing, unless the last transaction failed: a disk that is full
    /// or read-only still lets an empty one pass.
    pub fn try_writing(&self) -> Result<(), Internal> {
        let is_failing = self.writer.is_failing();
        self.write(move |tx| if is_failing { meta::touch(tx) } else { Ok(()) })
    }
}

/// Turns "no row" into `None` and leaves every other error one.
pub(crate) fn optional<T>(result: rusqlite::Result<T>) -> Result<Option<T>, Internal> {
    match result {
        Ok(v) => Ok(Some(v)),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// All rows of a query.
pub(crate) fn collect<T>(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    row: impl FnMut(&rusqlite::Row) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Internal> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params, row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The first row of a query, if there is one.
pub(crate) fn find<T>(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    row: impl FnOnce(&rusqlite::Row) -> rusqlite::Result<T>,
) -> Result<Option<T>, Internal> {
    optional(connection.prepare_cached(sql)?.query_row(params, row))
}

/// Runs a statement and counts the rows it changed.
pub(crate) fn execute(tx: &Tx, sql: &str, params: impl rusqlite::Params) -> Result<usize, Internal> {
    Ok(tx.prepare_cached(sql)?.execute(params)?)
}

/// Ids for `IN (SELECT value FROM json_each(?))`: one statement for any number of them.
pub(crate) fn ids_json(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("[{}]", ids.join(","))
}

#[cfg(test)]
mod tests;
