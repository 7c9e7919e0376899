//! Opening the database file: who may read it, how connections are set up, what is refused.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::checkpoints::PAGES_AT_MOST;
use super::placing;

/// The database's file name inside the data folder.
const DATABASE_FILE: &str = "latchkey.db";
/// Written once the first start is through: a folder that has it and no database has lost its database.
const MARKER_FILE: &str = "installed";

/// SQLite's page size; we never change it.
const PAGE_BYTES: u64 = 4096;

/// What may be done to a database to open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// It may be made where none is.
    Create,
    Existing,
    /// It is a copy in a folder of the caller's own: brought up to date without another copy of it, and without waiting
    /// for a server that cannot be there.
    Staged,
}

/// Why the database cannot be opened, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "there is no Latchkey database in {0}. `latchkey serve` makes one; if yours is in another folder, name it with --data-dir"
    )]
    Missing(PathBuf),
    #[error(
        "{0} was set up before, but its database (latchkey.db) is gone. It is not made anew, because that would let a stranger set it up: put a backup in its place with `latchkey restore FILE --force`, or choose an empty folder with --data-dir"
    )]
    Lost(PathBuf),
    #[error("{path} can be read by others (mode {mode:03o}). It holds the keys of the house: chmod {want} {path}")]
    Loose { path: PathBuf, mode: u32, want: &'static str },
    #[error(
        "{path} cannot be written: {error}. Without that the database cannot even be read. Give the folder back to the user that runs latchkey, or make the disk writable again (a failing SD card turns read-only by itself: copy what is on it). Nothing was changed"
    )]
    NotWritable { path: PathBuf, error: io::Error },
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error(
        "the database {path} is damaged ({what}). Nothing was changed. `latchkey restore FILE --force` puts a backup in its place and keeps what is there"
    )]
    Damaged { path: PathBuf, what: String },
    #[error(
        "the database was written by a newer Latchkey (schema {found}, this one knows {known}). Install that version or a later one; nothing was changed"
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "the database is of an older Latchkey (schema {found}, this one needs {known}), and a server of that version runs on it. Restart the server (systemctl restart latchkey): it brings the database up to date as it starts. Nothing was changed"
    )]
    InUseByOlder { found: i64, known: i64 },
    #[error(
        "the database is of an older Latchkey, and no copy of it could be made in {folder} before it is brought up to date: {why}. Nothing was changed. The copy needs as much room as latchkey.db; make some, and start again"
    )]
    NoCopy { folder: PathBuf, why: String },
    #[error("the database cannot be opened: {0}")]
    Database(#[from] rusqlite::Error),
}

impl OpenError {
    /// Whether it may be over at the next try, with nobody having done anything here.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::NotWritable { .. }
            | Self::Io { .. }
            | Self::InUseByOlder { .. }
            | Self::NoCopy { .. }
            | Self::Database(_) => true,
            Self::Missing(_) | Self::Lost(_) | Self::Loose { .. } | Self::Damaged { .. } | Self::Newer { .. } => false,
        }
    }
}

/// Makes or checks folder and file, and returns the database's path.
pub(super) fn prepare(data_dir: &Path, mode: OpenMode) -> Result<PathBuf, OpenError> {
    let path = database(data_dir);
    if mode == OpenMode::Create && !data_dir.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(data_dir)
            .map_err(|error| io_error(data_dir, error))?;
    }
    finish_restore(data_dir).map_err(|error| io_error(data_dir, error))?;
    // Asked before the database: of two first starts at once, the slower one must not think that it was lost.
    let was_set_up = was_set_up(data_dir);
    if !path.try_exists().map_err(|error| io_error(&path, error))? {
        if was_set_up {
            return Err(OpenError::Lost(data_dir.to_owned()));
        }
        if mode != OpenMode::Create {
            return Err(OpenError::Missing(data_dir.to_owned()));
        }
    }
    check_modes(data_dir)?;
    rustix::fs::access(data_dir, rustix::fs::Access::WRITE_OK)
        .map_err(|error| OpenError::NotWritable { path: data_dir.to_owned(), error: error.into() })?;
    check_whole(&path, was_set_up)?;
    if mode == OpenMode::Create {
        // SQLite makes its files by the umask; made here first, the WAL and the journal take over this mode.
        match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io_error(&path, error)),
        }
    }
    Ok(path)
}

/// Where the database of a data folder is.
pub(crate) fn database(data_dir: &Path) -> PathBuf {
    data_dir.join(DATABASE_FILE)
}

/// Finishes a restore that was interrupted after it was decided.
fn finish_restore(data_dir: &Path) -> io::Result<()> {
    if !data_dir.exists() || !placing::is_unfinished(data_dir)? {
        return Ok(());
    }
    // It may be under way this moment: then it is waited for.
    let folder = fs::File::open(data_dir)?;
    folder.lock()?;
    placing::finish(data_dir)
}

/// Whether there has been a database with tables in this folder: the marker and the master key come after them.
pub(super) fn was_set_up(data_dir: &Path) -> bool {
    data_dir.join(MARKER_FILE).exists() || data_dir.join("master.key").exists()
}

/// Whether there is an installation in a folder, whole or not: one that must not be overwritten unasked.
pub(crate) fn is_set_up(data_dir: &Path) -> bool {
    was_set_up(data_dir) || database(data_dir).exists()
}

/// Refuses a database that was emptied, or cut off within a page, which SQLite would fill up with zeros. One that was
/// not closed may end within a page; then the log beside it makes it whole.
fn check_whole(path: &Path, was_set_up: bool) -> Result<(), OpenError> {
    // The log first: whoever makes a new database this moment writes the file before the log.
    let log = length(&log_of(path))?;
    let what = match length(path)? {
        // SQLite deletes the log of an empty file: it may be all that is left of the database.
        0 if was_set_up || log > 0 => "it is empty",
        n if n % PAGE_BYTES != 0 && log == 0 => "its end is missing",
        _ => return Ok(()),
    };
    Err(OpenError::Damaged { path: path.to_owned(), what: what.into() })
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// The length of a file. Zero where there is none.
fn length(path: &Path) -> Result<u64, OpenError> {
    match fs::metadata(path) {
        Ok(m) => Ok(m.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(io_error(path, error)),
    }
}

/// Refuses a folder or file of ours that anybody but its owner may touch.
pub(crate) fn check_modes(data_dir: &Path) -> Result<(), OpenError> {
    check_mode(data_dir, "700")?;
    for entry in fs::read_dir(data_dir).map_err(|error| io_error(data_dir, error))? {
        let entry = entry.map_err(|error| io_error(data_dir, error))?;
        if is_ours(&entry.file_name()) {
            check_mode(&entry.path(), "600")?;
        }
    }
    Ok(())
}

/// Whether a file of the data folder is one that belongs to the installation: the database with what stands beside it,
/// the master key, the mark.
pub(super) fn is_ours(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with(DATABASE_FILE) || name == "master.key" || name == MARKER_FILE
}

fn check_mode(path: &Path, want: &'static str) -> Result<(), OpenError> {
    let mode = match fs::metadata(path) {
        Ok(m) => m.permissions().mode() & 0o777,
        // The WAL may vanish between the listing and the look.
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error(path, error)),
    };
    if mode & 0o077 != 0 {
        return Err(OpenError::Loose { path: path.to_owned(), mode, want });
    }
    Ok(())
}

fn io_error(path: &Path, error: io::Error) -> OpenError {
    OpenError::Io { path: path.to_owned(), error }
}

/// Takes the folder for one server. `None` when another one has it; the lock ends with the file, or the process.
pub(crate) fn lock_for_serving(data_dir: &Path) -> io::Result<Option<fs::File>> {
    // The folder itself is locked: no file that a crash could leave behind.
    let folder = fs::File::open(data_dir)?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Notes that the first start is through.
pub(crate) fn mark_installed(data_dir: &Path) -> io::Result<()> {
    let path = data_dir.join(MARKER_FILE);
    if !path.exists() {
        fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?.sync_all()?;
        fs::File::open(data_dir)?.sync_all()?;
    }
    Ok(())
}

/// The log that lay beside the database when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    Absent,
    Used,
    /// It has something in it, and no whole transaction.
    Unusable,
}

/// The connection of the writer. A log that was there already is read, but neither folded into the database nor deleted
/// before [`adopt_log`]: a log of another database, or a damaged one, would spoil what can still be saved.
pub(super) fn writer(path: &Path) -> Result<(Connection, Log), OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let had_log = length(&log_of(path))? > 0;
    let connection = Connection::open_with_flags(path, flags)?;
    let set_up = || {
        if had_log {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            connection.execute_batch("PRAGMA wal_autocheckpoint = 0")?;
        }
        configure(&connection)?;
        // FULL: with NORMAL a power cut could bring back a code that was redeemed already.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        if !had_log {
            return Ok(Log::Absent);
        }
        // Does nothing but tell how many pages the log has.
        let pages: i64 = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |r| r.get(1))?;
        Ok(if pages > 0 { Log::Used } else { Log::Unusable })
    };
    let log = set_up().map_err(|error| damaged_or(path, error))?;
    Ok((connection, log))
}

/// Lets the log be folded into the database from now on, by a [`Checkpointer`](super::checkpoints) before the writer has
/// to. For whoever knows that the database is whole with it, and its own.
pub(super) fn adopt_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.pragma_update(None, "wal_autocheckpoint", PAGES_AT_MOST)
}

/// A connection for checkpoints, and nothing else.
pub(super) fn checkpointer(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection)?;
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    // Without this promise a statement may be planned anew for every parameter that it is given: most of ours were.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        // Temporary files in memory: an empty root has no folder for them, and an SD card is spared.
        "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -512; \
         PRAGMA temp_store = MEMORY;",
    )
}

pub(super) fn damaged_or(path: &Path, error: rusqlite::Error) -> OpenError {
    match is_damage(&error) {
        true => OpenError::Damaged { path: path.to_owned(), what: error.to_string() },
        false => error.into(),
    }
}

/// Whether an error says that the file is damaged, or is no database.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as C;
    matches!(error.sqlite_error_code(), Some(C::NotADatabase | C::DatabaseCorrupt))
}
