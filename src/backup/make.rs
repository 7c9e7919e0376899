//! Making a backup: a copy of the database at one moment, opened, checked and counted, and only then encrypted.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use rusqlite::Connection;

use super::workspace::Workspace;
use super::{archive, seals};
use crate::app::{self, StartError};
use crate::clock::rfc3339;
use crate::config::Config;
use crate::crypto::envelope::Lock;
use crate::crypto::seal::MasterKey;
use crate::domain::UnixSeconds;
use crate::domain::backup::{FORMAT, FolderTrouble, Manifest, Proven};
use crate::domain::event_kinds::BACKUP_MADE;
use crate::error::Internal;
use crate::store::events::Event;
use crate::store::snapshot::{self, Pace};
use crate::store::{OpenError, Tx, carried, database, disk, meta};

/// What stays free beside a copy: without room nobody can sign in.
const LEAST_LEFT: u64 = 32 << 20;

/// How a backup is made.
pub struct Order<'a> {
    pub config: &'a Config,
    pub lock: &'a Lock,
    pub now: UnixSeconds,
    pub pace: Pace,
    /// Asked now and then. When it says no, the backup is given up.
    pub goes_on: &'a dyn Fn() -> bool,
}

/// Why there is no backup, in words for who wants it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(
        "the database does not pass its own check ({0}), so no backup was made of it: keep the ones you have. `latchkey check` says more, and `latchkey restore FILE --force` goes back to one of them"
    )]
    Damaged(String),
    #[error(
        "there is not enough room beside the database in {place}: the copy takes {wanted} MB, and {free} MB are free. Free some, and try again"
    )]
    NoRoom { place: String, wanted: u64, free: u64 },
    #[error(transparent)]
    Folder(#[from] FolderTrouble),
    #[error("the backup cannot be written: {0}")]
    Write(io::Error),
    #[error("the data folder cannot be written: {0}")]
    Workspace(io::Error),
    #[error("the server was told to stop before the backup was made")]
    GivenUp,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Internal(error.into())
    }
}

/// Makes a backup on `out`, and returns its manifest and its length.
pub fn make(order: &Order, out: impl Write) -> Result<(Manifest, u64), BackupError> {
    let data_dir = &order.config.data_dir;
    let source = snapshot::open_as_it_is(data_dir)?;
    let check = meta::get(&source, meta::MASTER_KEY_CHECK)?.unwrap_or_default();
    let key = app::master_key(order.config, &check)?;
    is_there_room(data_dir)?;
    let workspace = Workspace::new(data_dir).map_err(BackupError::Workspace)?;
    let copy = workspace.path().join("latchkey.db");
    if !snapshot::copy(&source, &copy, order.pace, order.goes_on)? {
        return Err(BackupError::GivenUp);
    }
    drop(source);
    let manifest = prove(&snapshot::open_alone(&copy)?, &key, order.now)?;
    if !(order.goes_on)() {
        return Err(BackupError::GivenUp);
    }
    let bytes = encrypt(order, &manifest, &key, &copy, out).map_err(BackupError::Write)?;
    Ok((manifest, bytes))
}

/// Twice the database: the copy, and what is encrypted, which may go to the same disk.
fn is_there_room(data_dir: &Path) -> Result<(), BackupError> {
    let path = database(data_dir);
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.len());
    let bytes = length(&path) + length(&path.with_extension("db-wal"));
    let wanted = 2 * bytes + LEAST_LEFT;
    match disk::of(data_dir) {
        Some(disk) if disk.free < wanted => Err(BackupError::NoRoom {
            place: data_dir.display().to_string(),
            wanted: wanted.div_ceil(1_000_000),
            free: disk.free / 1_000_000,
        }),
        _ => Ok(()),
    }
}

/// The rehearsal: whatever a restore would ask of this copy is asked now.
fn prove(copy: &Connection, key: &MasterKey, now: UnixSeconds) -> Result<Manifest, BackupError> {
    let mut found = snapshot::damage(copy)?;
    found.extend(snapshot::dangling(copy)?.into_iter().map(|table| format!("rows of {table} refer to nothing")));
    if !found.is_empty() {
        return Err(BackupError::Damaged(found.join("; ")));
    }
    seals::check(copy, &key.sealer()).map_err(|error| BackupError::Damaged(error.to_string()))?;
    Ok(Manifest {
        format: FORMAT,
        latchkey: env!("CARGO_PKG_VERSION").into(),
        schema: snapshot::schema(copy)?,
        created_at: rfc3339(now),
        base_url: meta::get(copy, meta::BASE_URL)?,
        install_id: meta::get(copy, meta::INSTALL_ID)?.unwrap_or_default(),
        counts: carried::counts(copy)?,
    })
}

fn encrypt(order: &Order, manifest: &Manifest, key: &MasterKey, copy: &Path, out: impl Write) -> io::Result<u64> {
    let mut file = File::open(copy)?;
    let length = file.metadata()?.len();
    let mut counted = Counted { out, bytes: 0 };
    let mut envelope = order.lock.close(&mut counted)?;
    let at = u64::try_from(order.now).unwrap_or(0);
    archive::pack(&mut envelope, &manifest.to_bytes(), key.to_text().as_bytes(), &mut file, length, at)?;
    envelope.finish()?.flush()?;
    Ok(counted.bytes)
}

struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.out.write(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Notes in the database that a backup was made: for the Dashboard and the events.
pub fn note(tx: &Tx, proven: &Proven, event: Event) -> Result<(), Internal> {
    let text = serde_json::to_string(proven).map_err(Internal::fault)?;
    meta::set(tx, meta::LAST_BACKUP, &text)?;
    let event = Event { kind: BACKUP_MADE.into(), ..event };
    event.detail("place", &proven.place).detail("bytes", proven.bytes.to_string()).store(tx)
}

/// The last one that was noted.
pub fn last(connection: &Connection) -> Result<Option<Proven>, Internal> {
    Ok(meta::get(connection, meta::LAST_BACKUP)?.and_then(|text| serde_json::from_str(&text).ok()))
}
