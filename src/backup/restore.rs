//! Restoring a backup: read to its end and checked before anything counts, made over for this machine, put in place by
//! one rename.
//!
//! Made over means: codes, tokens, sessions, links and app passwords of the backup are void, and every secret is sealed anew by a
//! master key of this machine. Users, applications, keys and the install id stay, so subjects do too.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::archive::{self, ArchiveError};
use super::seals;
use super::workspace::Workspace;
use crate::app::{self, MASTER_KEY_FILE, StartError};
use crate::clock::rfc3339;
use crate::config::Config;
use crate::crypto::envelope::{Envelope, Key, Unopened};
use crate::crypto::seal::{FileModes, MasterKey, MasterKeyError, Sealer};
use crate::domain::UnixSeconds;
use crate::domain::backup::{BadManifest, Manifest, stamp};
use crate::domain::event_kinds::BACKUP_RESTORED;
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::snapshot;
use crate::store::{OpenError, OpenMode, Store, carried, is_set_up, lock_for_serving, mark_installed, meta, placing};

/// How a backup is restored.
pub struct Order<'a> {
    pub config: &'a Config,
    pub key: &'a Key,
    pub now: UnixSeconds,
    /// Whether an installation that is there makes room.
    pub force: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    pub base_url: Option<String>,
    /// Where the files that were there are kept.
    pub before: Option<PathBuf>,
    /// Where the master key is that everything is sealed with now.
    pub master_key: PathBuf,
    pub is_new_key: bool,
}

/// Why nothing was restored, in words for who wants it. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(
        "there is an installation in {0} already. Nothing was changed. To put the backup in its place: add --force (the old files are kept beside the new ones)"
    )]
    Occupied(PathBuf),
    #[error("a latchkey serve runs on {0}, or another restore. Stop it first, or wait; nothing was changed")]
    Running(PathBuf),
    #[error("this backup cannot be opened: {0}. Nothing was changed")]
    Unopened(#[from] Unopened),
    #[error("this backup cannot be restored: {0}. Nothing was changed")]
    Content(String),
    #[error("{path}: {error}. Nothing was changed")]
    Folder { path: PathBuf, error: io::Error },
    #[error("the restore was decided and could not be finished: {0}. The next command on this data folder finishes it")]
    Unfinished(io::Error),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<OpenError> for RestoreError {
    fn from(error: OpenError) -> Self {
        Self::Start(error.into())
    }
}

impl From<ArchiveError> for RestoreError {
    fn from(error: ArchiveError) -> Self {
        Self::Content(error.to_string())
    }
}

impl From<BadManifest> for RestoreError {
    fn from(error: BadManifest) -> Self {
        Self::Content(error.to_string())
    }
}

/// Restores the backup in an envelope.
pub fn restore<R: Read>(order: &Order, envelope: Envelope<R>) -> Result<Restored, RestoreError> {
    let data_dir = &order.config.data_dir;
    let folder = Target::take(data_dir)?;
    if is_set_up(data_dir) && !order.force {
        return Err(RestoreError::Occupied(data_dir.clone()));
    }
    let result = restore_into(order, envelope);
    folder.end(result.is_ok());
    result
}

fn restore_into<R: Read>(order: &Order, envelope: Envelope<R>) -> Result<Restored, RestoreError> {
    let data_dir = &order.config.data_dir;
    let workspace = Workspace::new(data_dir).map_err(|error| in_folder(data_dir, error))?;
    let staged = workspace.path();
    let (manifest, old) = unpack(order, envelope, staged)?;
    let new = NewKey::make(order.config, staged)?;
    let base_url = make_over(order, staged, &manifest, &old, &new.key.sealer()).map_err(of_content)?;
    // The way to a master key outside the data folder must not lead nowhere after a crash: it is on the disk already.
    let before = placing::place(data_dir, staged, &stamp(order.now)).map_err(|error| match staged.exists() {
        true => in_folder(data_dir, error),
        false => RestoreError::Unfinished(error),
    })?;
    let is_new_key = new.is_new;
    Ok(Restored { manifest, base_url, before, master_key: new.keep(), is_new_key })
}

/// What goes wrong in the staged database is the backup's fault, unless it is the disk's.
fn of_content(error: RestoreError) -> RestoreError {
    match error {
        RestoreError::Internal(Internal::Fault(why)) => {
            RestoreError::Content(format!("its database is not as Latchkey makes it ({why})"))
        }
        other => other,
    }
}

fn in_folder(path: &Path, error: io::Error) -> RestoreError {
    RestoreError::Folder { path: path.to_owned(), error }
}

/// The data folder, ours alone as long as this lives.
struct Target<'a> {
    path: &'a Path,
    is_new: bool,
    _lock: Option<File>,
}

impl<'a> Target<'a> {
    fn take(path: &'a Path) -> Result<Self, RestoreError> {
        let is_new = !path.exists();
        if is_new {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
            made.map_err(|error| in_folder(path, error))?;
        }
        let lock = match lock_for_serving(path) {
            Ok(None) => return Err(RestoreError::Running(path.to_owned())),
            Ok(lock) => lock,
            Err(error) => return Err(in_folder(path, error)),
        };
        placing::finish(path).map_err(|error| in_folder(path, error))?;
        crate::store::check_modes(path)?;
        Ok(Self { path, is_new, _lock: lock })
    }

    fn end(self, is_restored: bool) {
        if self.is_new && !is_restored {
            // Empty again; where it is not, it stays.
            drop(fs::remove_dir(self.path));
        }
    }
}

/// Unpacks the backup into a folder, to its very end, and asks of it what was asked when it was made.
fn unpack<R: Read>(order: &Order, envelope: Envelope<R>, staged: &Path) -> Result<(Manifest, Sealer), RestoreError> {
    let mut input = envelope.open(order.key)?;
    let path = staged.join("latchkey.db");
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let mut file = file.map_err(|error| in_folder(&path, error))?;
    let unpacked = archive::unpack(&mut input, &mut file)?;
    drop(file);
    let manifest = Manifest::parse(&unpacked.manifest)?;
    let content = |what: &str| RestoreError::Content(what.to_owned());
    let text = std::str::from_utf8(&unpacked.master_key).map(str::trim).unwrap_or_default();
    let key = MasterKey::from_text(text).ok_or_else(|| content("its master key is none"))?;
    let unreadable = |error: Internal| RestoreError::Content(format!("its database cannot be read ({error})"));
    let database = snapshot::open_alone(&path).map_err(unreadable)?;
    let schema = snapshot::schema(&database).map_err(|e| unreadable(e.into()))?;
    if schema > snapshot::KNOWN {
        return Err(OpenError::Newer { found: schema, known: snapshot::KNOWN }.into());
    }
    let mut found = snapshot::damage(&database).map_err(unreadable)?;
    found.extend(snapshot::dangling(&database).map_err(unreadable)?);
    if !found.is_empty() {
        return Err(RestoreError::Content(format!("its database is damaged ({})", found.join("; "))));
    }
    let sealer = key.sealer();
    let check = meta::get(&database, meta::MASTER_KEY_CHECK).map_err(unreadable)?;
    if check != Some(app::check_text(&sealer)) {
        return Err(content("its database and its master key do not belong together"));
    }
    if schema != manifest.schema || carried::counts(&database).map_err(unreadable)? != manifest.counts {
        return Err(content("its database is not the one that its manifest describes"));
    }
    Ok((manifest, sealer))
}

/// The master key of this machine: a new one, unless there is one outside the data folder, which is not ours to change.
struct NewKey {
    key: MasterKey,
    path: PathBuf,
    is_new: bool,
    /// One that was made outside the data folder, and goes again when the restore fails.
    made: Option<PathBuf>,
}

impl NewKey {
    fn make(config: &Config, staged: &Path) -> Result<Self, StartError> {
        let (path, modes) = app::master_key_place(config);
        if path == config.data_dir.join(MASTER_KEY_FILE) {
            return Ok(Self { key: MasterKey::create(&staged.join(MASTER_KEY_FILE))?, path, is_new: true, made: None });
        }
        match MasterKey::read(&path, modes) {
            Ok(key) => Ok(Self { key, path, is_new: false, made: None }),
            Err(MasterKeyError::Missing(_)) if modes == FileModes::Strict => {
                let key = MasterKey::create(&path)?;
                // Made by root for the service's user.
                let given = placing::take_owner(&config.data_dir, &path);
                let new = Self { key, path: path.clone(), is_new: true, made: Some(path.clone()) };
                given.map_err(|error| StartError::Io { path, error })?;
                Ok(new)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn keep(mut self) -> PathBuf {
        self.made = None;
        std::mem::take(&mut self.path)
    }
}

impl Drop for NewKey {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            drop(fs::remove_file(path));
        }
    }
}

/// Brings the schema up to date and makes the database this machine's. Returns its base URL.
fn make_over(
    order: &Order,
    staged: &Path,
    manifest: &Manifest,
    old: &Sealer,
    new: &Sealer,
) -> Result<Option<String>, RestoreError> {
    let store = Store::open(staged, OpenMode::Staged)?;
    // Whoever has a recipient's public key can make a backup: nothing that runs by itself may come with one.
    let foreign = store.read(snapshot::foreign)?;
    if !foreign.is_empty() {
        let what = format!("its database was not made by Latchkey: {}", foreign.join(", "));
        return Err(RestoreError::Content(what.escape_debug().to_string()));
    }
    let event = local_event(BACKUP_RESTORED, order.now)
        .detail("made_at", &manifest.created_at)
        .detail("made_by", format!("Latchkey {}", manifest.latchkey));
    let (old, new, url) = (old.clone(), new.clone(), order.config.url.clone());
    let base_url = store.write({
        let new = new.clone();
        move |tx| {
            carried::void(tx)?;
            seals::renew(tx, &old, &new)?;
            // What the old machine noted of its own backups says nothing of this one's.
            meta::unset(tx, meta::LAST_BACKUP)?;
            meta::unset(tx, meta::LAST_NIGHTLY)?;
            meta::unset(tx, meta::NIGHTLY_FOLDER)?;
            if let Some(url) = url {
                meta::set(tx, meta::BASE_URL, url.as_str())?;
            }
            event.store(tx)?;
            meta::get(tx, meta::BASE_URL)
        }
    })?;
    store.close();
    let path = staged.join("latchkey.db");
    seals::check(&snapshot::open_alone(&path)?, &new)?;
    mark_installed(staged).map_err(|error| in_folder(staged, error))?;
    Ok(base_url)
}

/// When a backup was made, for people.
pub fn made_at(manifest: &Manifest) -> String {
    let at = manifest.created_at.parse::<jiff::Timestamp>().map(|t| rfc3339(t.as_second()));
    at.unwrap_or_else(|_| crate::recorder::inert(&manifest.created_at))
}
