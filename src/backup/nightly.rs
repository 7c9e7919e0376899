//! The nightly backup: when it is due, on a thread of its own, never twice at once.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::draft::{self, Draft};
use super::folder::{Folder, Held};
use super::make::{self, BackupError, Order};
use crate::app::App;
use crate::crypto::envelope::Lock;
use crate::domain::UnixSeconds;
use crate::domain::backup::{Own, Proven, file_name, is_due, is_older_name, superfluous};
use crate::domain::event_kinds::BACKUP_FAILED;
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::events::Event;
use crate::store::snapshot::Pace;
use crate::store::{events, meta};

/// How long after one that failed it is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(3600);
/// How long the end of the process waits for one that is under way; what it leaves is removed at the next start.
const PATIENCE: Duration = Duration::from_secs(5);

/// The backups of a server.
#[derive(Default)]
pub struct Nightly {
    under_way: Option<JoinHandle<()>>,
    began: Option<Instant>,
    is_over: Arc<AtomicBool>,
}

impl Nightly {
    /// Begins a backup when one is due. Asked every few seconds; writes nothing when none is.
    pub fn tick(&mut self, app: &Arc<App>) -> Result<(), Internal> {
        let is_busy = self.under_way.as_ref().is_some_and(|thread| !thread.is_finished());
        // One that was made is not due again: only after a failure does this wait for anything.
        let is_early = self.began.is_some_and(|at| at.elapsed() < TRY_AGAIN);
        if app.config.backup_recipients.is_empty() || is_busy || is_early {
            return Ok(());
        }
        let now = app.clock.now();
        let last = app.store.read(|c| meta::get(c, meta::LAST_NIGHTLY))?.and_then(|at| at.parse().ok());
        if !is_due(last, now, app.config.backup_at, i64::from(app.clock.utc_offset(now))) {
            return Ok(());
        }
        self.began = Some(Instant::now());
        let (app, is_over) = (Arc::clone(app), Arc::clone(&self.is_over));
        let thread = std::thread::Builder::new().name("backup".into()).spawn(move || run(&app, now, &is_over));
        self.under_way = Some(thread.map_err(|e| Internal::Unavailable(format!("the backup's thread: {e}")))?);
        Ok(())
    }

    /// Gives up what is under way.
    pub fn end(self) {
        self.is_over.store(true, Ordering::Relaxed);
        let until = Instant::now() + PATIENCE;
        while self.under_way.as_ref().is_some_and(|thread| !thread.is_finished()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// What an event says who made a backup.
const BY: &str = "nightly backup";

fn run(app: &App, now: UnixSeconds, is_over: &AtomicBool) {
    let event = Event { details: serde_json::json!({ "by": BY }), ..local_event(BACKUP_FAILED, now) };
    let noted = match make_one(app, now, is_over) {
        Ok((proven, held)) => {
            tracing::info!(place = proven.place, bytes = proven.bytes, "made the nightly backup");
            app.store.write(move |tx| {
                meta::set(tx, meta::LAST_NIGHTLY, &now.to_string())?;
                held.note(tx)?;
                make::note(tx, &proven, event)
            })
        }
        Err(BackupError::GivenUp) => Ok(()),
        Err(error) => {
            tracing::error!(%error, "the nightly backup failed; it is tried again in an hour");
            app.store.write(move |tx| event.detail("reason", error.to_string()).store(tx))
        }
    };
    if let Err(error) = noted {
        tracing::warn!(%error, "what became of the nightly backup could not be noted");
    }
}

fn make_one(app: &App, now: UnixSeconds, is_over: &AtomicBool) -> Result<(Proven, Held), BackupError> {
    let folder = app.store.read(|c| Folder::of(&app.config, c))?;
    let unwritable = |error: io::Error| {
        BackupError::Write(io::Error::new(error.kind(), format!("{}: {error}", folder.path.display())))
    };
    let held = folder.make_ready()?;
    let name = file_name(now, &folder.installation);
    let path = folder.path.join(&name);
    let draft = Draft::new(&path).map_err(unwritable)?;
    let order = Order {
        config: &app.config,
        lock: &Lock::Recipients(app.config.backup_recipients.clone()),
        now,
        pace: Pace::Gentle,
        goes_on: &|| !is_over.load(Ordering::Relaxed),
    };
    let (_, bytes) = make::make(&order, draft.file().map_err(unwritable)?)?;
    draft.keep(false).map_err(unwritable)?;
    if let Err(error) = tidy_up(app, &folder, &name) {
        tracing::warn!(%error, folder = %folder.path.display(), "old backups could not be removed");
    }
    Ok((Proven { at: now, bytes, place: path.display().to_string(), nightly: true }, held))
}

/// Removes the oldest nightly backups of our own, and what interrupted ones left; never anything else. What cannot be
/// removed keeps nothing else from it.
fn tidy_up(app: &App, folder: &Folder, newest: &str) -> Result<(), BackupError> {
    let names = files(&folder.path).map_err(BackupError::Write)?;
    let older = older(app, &folder.path, &names)?;
    let own = Own { installation: &folder.installation, older: &older };
    let half: Vec<String> = names.iter().filter_map(|n| n.strip_suffix(draft::SUFFIX)).map(str::to_owned).collect();
    let left = superfluous(&half, own, 0, newest).into_iter().map(|name| format!("{name}{}", draft::SUFFIX));
    let old = superfluous(&names, own, app.config.backup_keep, newest).into_iter().map(str::to_owned);
    let removed = left.chain(old).map(|name| fs::remove_file(folder.path.join(name)));
    removed.fold(Ok(()), Result::and).map_err(BackupError::Write)
}

fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.extend(entry.file_name().into_string());
        }
    }
    Ok(names)
}

/// Names that do not say whose they are, of files that this installation made by its own events. All others of that
/// kind stay: they may be somebody else's.
fn older(app: &App, folder: &Path, names: &[String]) -> Result<Vec<String>, Internal> {
    let mut found: Vec<String> = names.iter().filter(|n| is_older_name(n)).cloned().collect();
    if !found.is_empty() {
        let places = app.store.read(|c| events::backup_places(c, BY))?;
        found.retain(|name| places.contains(&folder.join(name).display().to_string()));
    }
    Ok(found)
}
