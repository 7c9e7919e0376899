//! A copy of the database at one moment, made while it is used, and what is asked of a database before it is trusted.

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::collect;
pub use super::migrate::{KNOWN, foreign};
use super::open::{self, OpenError, OpenMode};
use crate::error::Internal;

/// Pages copied in one go: a megabyte.
const PAGES: i32 = 256;
/// Damage is named this often at most.
const MOST_NAMED: usize = 5;

/// How fast a copy is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Somebody waits for it.
    Brisk,
    /// The disk is left to others between the steps.
    Gentle,
}

/// Opens the database of a data folder for reading, as it is: an older schema is not brought up to date.
pub fn open_as_it_is(data_dir: &Path) -> Result<Connection, OpenError> {
    let path = open::prepare(data_dir, OpenMode::Existing)?;
    let connection = open::reader(&path)?;
    let found = schema(&connection).map_err(|error| open::damaged_or(&path, error))?;
    if found > KNOWN { Err(OpenError::Newer { found, known: KNOWN }) } else { Ok(connection) }
}

/// The number of a database's schema.
pub fn schema(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |r| r.get(0))
}

/// Copies the database to a new file, as it is at this moment; writers go on meanwhile. `goes_on` is asked between the
/// steps: when it says no, the copy is given up, and false returned.
pub fn copy(from: &Connection, to: &Path, pace: Pace, goes_on: &dyn Fn() -> bool) -> Result<bool, Internal> {
    let unwritable = |e: std::io::Error| Internal::Unavailable(format!("{}: {e}", to.display()));
    drop(fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(unwritable)?);
    // Held from the first step to the last: otherwise each write in between would begin the copy anew.
    let snapshot = from.unchecked_transaction()?;
    schema(&snapshot)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags)?;
    // What a crash leaves of it is thrown away: nothing needs to reach the disk.
    target.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;")?;
    {
        let backup = Backup::new(&snapshot, &mut target)?;
        while backup.step(PAGES)? != StepResult::Done {
            if !goes_on() {
                return Ok(false);
            }
            if pace == Pace::Gentle {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
    // One file, that needs no log beside it. What the copy says of itself is read first.
    schema(&target)?;
    target.execute_batch("PRAGMA journal_mode = DELETE;")?;
    target.close().map_err(|(_, error)| error)?;
    Ok(true)
}

/// Opens a file that nobody else uses, for reading.
pub fn open_alone(path: &Path) -> Result<Connection, Internal> {
    Ok(open::reader(path)?)
}

/// What SQLite finds damaged, in its words. Reads every page.
pub fn damage(connection: &Connection) -> Result<Vec<String>, Internal> {
    let check = || -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(&format!("PRAGMA integrity_check({MOST_NAMED})"))?;
        statement.query_map([], |r| r.get(0))?.collect()
    };
    match check() {
        Ok(found) => Ok(found.into_iter().filter(|line| line != "ok").collect()),
        // So damaged that the check itself cannot go on.
        Err(error) if open::is_damage(&error) => Ok(vec![error.to_string()]),
        Err(error) => Err(error.into()),
    }
}

/// Tables with rows that refer to nothing.
pub fn dangling(connection: &Connection) -> Result<Vec<String>, Internal> {
    let sql = "SELECT DISTINCT \"table\" FROM pragma_foreign_key_check ORDER BY 1";
    collect(connection, sql, [], |r| r.get(0))
}
