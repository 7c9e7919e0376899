//! The one place that asks the machine for the time. The rule that makes Latchkey's own time of it is in
//! `domain::clock`; the mark that it begins with lies in the database.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use crate::domain::UnixSeconds;
use crate::domain::clock::{Mark, Millis, Moment, Reading, Reckoning, Standing, Synchronised, Taken};

/// The sources are not older than this, whatever machine they are built on. Raised with each release.
const WRITTEN: UnixSeconds = 1_793_491_200; // 2026-11-01
/// The mark is written anew when it is this much behind, and something else is written anyway.
const MARK_EVERY: UnixSeconds = 60;
/// systemd's time service makes this file when it has set the clock.
const TIMESYNCD: &str = "/run/systemd/timesync/synchronized";

/// Tells the time of this process. Handlers read it once a request and pass it on.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    boot_id: Option<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    reckoning: Reckoning,
    stored: Stored,
}

/// What the database holds of the clock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    pub mark: Option<Mark>,
    /// Tells one reset of the mark from the next. Running processes begin anew when it changes.
    pub reset: Option<String>,
}

/// How the clock stands, for people and programs.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// What time it is.
    pub now: UnixSeconds,
    /// What the machine says it is.
    pub system: UnixSeconds,
    /// The mark in the database, as far as this process knows.
    pub mark: Option<UnixSeconds>,
    pub standing: Standing,
    pub synchronised: Synchronised,
}

impl Clock {
    /// The clock of a process that begins with what the database holds.
    pub fn begin(stored: Stored) -> Self {
        let boot_id = boot_id();
        let reckoning = Reckoning::begin(stored.mark.as_ref(), built(), boot_id.as_deref(), read());
        Self(Arc::new(Shared { boot_id, state: Mutex::new(State { reckoning, stored }) }))
    }

    /// The clock of a command that goes by what the machine says: there is no database whose mark would count.
    pub fn alone() -> Self {
        Self::begin(Stored::default())
    }

    /// Seconds since 1970, UTC. Never less than before.
    pub fn now(&self) -> UnixSeconds {
        self.look().now
    }

    /// Whether what expired long ago may be deleted: not by a time that may be wrong.
    pub fn may_purge(&self) -> bool {
        self.look().standing.may_purge()
    }

    /// How it stands.
    pub fn view(&self) -> View {
        let moment = self.look();
        View {
            now: moment.now,
            system: read().system.div_euclid(1_000),
            mark: self.lock().stored.mark.as_ref().map(|mark| mark.at),
            standing: moment.standing,
            synchronised: synchronised(),
        }
    }

    /// The mark to write down along with something else, when the one in the database is old, and the reset it
    /// belongs to.
    pub fn due(&self) -> Option<(Mark, Option<String>)> {
        let mut state = self.lock();
        let reading = read();
        let known = state.reckoning.look(reading, synchronised).known;
        // One from another run of the machine does not say how long ago it was: it is replaced at the first chance.
        let is_of_this_run = |mark: &Mark| mark.taken.as_ref().map(|t| &t.boot_id) == self.0.boot_id.as_ref();
        let is_fresh = |mark: &Mark| known < mark.at + MARK_EVERY && is_of_this_run(mark);
        if state.stored.mark.as_ref().is_some_and(is_fresh) {
            return None;
        }
        let mark = self.mark(known, reading);
        state.stored.mark = Some(mark.clone());
        Some((mark, state.stored.reset.clone()))
    }

    /// A mark of this moment.
    fn mark(&self, at: UnixSeconds, reading: Reading) -> Mark {
        let taken = self.0.boot_id.clone().map(|boot_id| Taken { boot: reading.boot, boot_id });
        Mark { at, taken }
    }

    /// What the machine says it is, as a mark: what a reset writes down. `None` before the day of the build.
    pub fn machine_mark(&self) -> Option<Mark> {
        let reading = read();
        let system = reading.system.div_euclid(1_000);
        (system >= built()).then(|| self.mark(system, reading))
    }

    /// Takes note of what is in the database now. True when the mark was reset there: time may have gone back.
    pub fn follow(&self, stored: Stored) -> bool {
        let mut state = self.lock();
        let was_reset = state.stored.reset != stored.reset;
        if was_reset {
            state.reckoning = Reckoning::begin(stored.mark.as_ref(), built(), self.0.boot_id.as_deref(), read());
        }
        state.stored = stored;
        was_reset
    }

    fn look(&self) -> Moment {
        // Read under the lock: what two threads read must not come in the other order.
        let mut state = self.lock();
        state.reckoning.look(read(), synchronised)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// How far this machine's local time is ahead of UTC at a point in time, in seconds: as `TZ` or `/etc/localtime`
    /// says, and nothing where neither does.
    pub fn utc_offset(&self, at: UnixSeconds) -> i32 {
        let zone = jiff::tz::TimeZone::system();
        jiff::Timestamp::from_second(at).map_or(0, |at| zone.to_offset(at).seconds())
    }
}

impl View {
    /// For programs.
    pub fn as_json(&self) -> Value {
        let by = match self.standing {
            Standing::InStep => 0,
            Standing::Doubtful { lead } => lead,
            Standing::Behind { by } => by,
        };
        let synchronised = match self.synchronised {
            Synchronised::Yes => Value::Bool(true),
            Synchronised::No => Value::Bool(false),
            Synchronised::Untold => Value::Null,
        };
        json!({
            "state": self.standing.as_str(),
            "by_seconds": by,
            "now": rfc3339(self.now),
            "system": rfc3339(self.system),
            "mark": self.mark.map(rfc3339),
            "synchronised": synchronised,
            "may_purge": self.standing.may_purge(),
        })
    }
}

/// When the program was built, or at the least its sources written. Packages say it by SOURCE_DATE_EPOCH.
pub fn built() -> UnixSeconds {
    let told = option_env!("SOURCE_DATE_EPOCH").and_then(|at| at.parse().ok());
    told.unwrap_or(WRITTEN).max(WRITTEN)
}

#[expect(clippy::disallowed_methods, reason = "the clock itself")]
fn read() -> Reading {
    let now = std::time::SystemTime::now();
    let millis = |d: std::time::Duration| Millis::try_from(d.as_millis()).unwrap_or(Millis::MAX);
    let system = match now.duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
    };
    let boot = clock_gettime(ClockId::Boottime);
    Reading { system, boot: boot.tv_sec * 1_000 + boot.tv_nsec / 1_000_000 }
}

fn synchronised() -> Synchronised {
    match latchkey_adjtimex::is_synchronised() {
        Ok(true) => Synchronised::Yes,
        Ok(false) => Synchronised::No,
        // A sandbox may forbid the question. systemd's own time service has left its word then.
        Err(_) if Path::new(TIMESYNCD).exists() => Synchronised::Yes,
        Err(_) => Synchronised::Untold,
    }
}

/// Which start of the machine this is, and whose counter (a container may have one of its own).
fn boot_id() -> Option<String> {
    let word = |path: &str| -> io::Result<String> { Ok(fs::read_to_string(path)?.trim().to_owned()) };
    let boot = word("/proc/sys/kernel/random/boot_id").ok().filter(|id| !id.is_empty())?;
    let counter = fs::read_link("/proc/self/ns/time").unwrap_or_default();
    Some(format!("{boot} {}", counter.display()))
}

/// A point in time for people and for JSON: RFC 3339, UTC.
pub fn rfc3339(at: UnixSeconds) -> String {
    jiff::Timestamp::from_second(at).map_or_else(|_| format!("@{at}"), |t| t.to_string())
}
