//! What time it is on a machine that may not know: a Raspberry Pi has no battery clock, and clocks are set by hand.
//!
//! Latchkey's own time never goes back: a code, a token or a wait that has run out stays so. It is the machine's time,
//! or if that is behind, the time that is known to have been (the mark, kept in the database) and what has passed since
//! on the counter that nobody can set. A machine's time that is far ahead is used, because it is mostly right (the
//! machine was off for a while), but until something vouches for it, it is not kept, and nothing is deleted by it.

use std::fmt;
use std::str::FromStr;

use super::UnixSeconds;

#[cfg(test)]
mod tests;

/// A point in time or a span, in milliseconds.
pub type Millis = i64;

/// A machine's time that is further ahead than this of what is known must be vouched for.
pub const DOUBTFUL_LEAD: UnixSeconds = 3_600;
/// Clocks are put right by seconds all the time: time then stands still until the machine's has caught up.
pub const SLACK: UnixSeconds = 30;

const DOUBTFUL: Millis = DOUBTFUL_LEAD * 1_000;
const SMALL: Millis = SLACK * 1_000;

/// What the machine's two clocks say at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Since 1970, as somebody set it.
    pub system: Millis,
    /// Since the machine was started, sleep included. Nobody can set it.
    pub boot: Millis,
}

/// Whether something keeps the machine's clock right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronised {
    Yes,
    No,
    /// The kernel may not be asked.
    Untold,
}

/// A time that has been: the highest that was known when it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub at: UnixSeconds,
    /// When that was on the machine's other clock: within one run of the machine it is known how long ago it was.
    pub taken: Option<Taken>,
}

/// A moment on the clock that counts from the machine's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub boot: Millis,
    /// Which start of which machine.
    pub boot_id: String,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.taken {
            Some(taken) => write!(f, "{} {} {}", self.at, taken.boot, taken.boot_id),
            None => write!(f, "{}", self.at),
        }
    }
}

/// A text that is no mark.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a mark of the clock")]
pub struct BadMark;

impl FromStr for Mark {
    type Err = BadMark;

    fn from_str(text: &str) -> Result<Self, BadMark> {
        let mut words = text.splitn(3, ' ');
        let at = words.next().and_then(|at| at.parse().ok()).ok_or(BadMark)?;
        let taken = match (words.next(), words.next()) {
            (None, None) => None,
            (Some(boot), Some(boot_id)) => {
                Some(Taken { boot: boot.parse().map_err(|_| BadMark)?, boot_id: boot_id.to_owned() })
            }
            _ => return Err(BadMark),
        };
        Ok(Self { at, taken })
    }
}

/// How the machine's clock stands to what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They agree.
    InStep,
    /// The machine's clock is far ahead, and nothing vouches for it.
    Doubtful { lead: UnixSeconds },
    /// The machine's clock is behind the time that has been.
    Behind { by: UnixSeconds },
}

impl Standing {
    /// Whether what expired long ago may be deleted: not by a time that may be wrong.
    pub fn may_purge(self) -> bool {
        match self {
            Self::InStep => true,
            Self::Doubtful { .. } => false,
            Self::Behind { by } => by <= DOUBTFUL_LEAD,
        }
    }

    /// One word, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InStep => "ok",
            Self::Doubtful { .. } => "doubtful",
            Self::Behind { .. } => "behind",
        }
    }
}

/// What is to be made of one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// What time it is.
    pub now: UnixSeconds,
    /// What of it is known, and may be kept as the mark.
    pub known: UnixSeconds,
    pub standing: Standing,
}

/// A point in time, going on with the clock that counts from the machine's start.
#[derive(Debug, Clone, Copy)]
struct Line {
    at: Millis,
    boot: Millis,
}

impl Line {
    fn reach(self, boot: Millis) -> Millis {
        self.at.saturating_add(boot.saturating_sub(self.boot).max(0))
    }
}

/// The time of one process.
#[derive(Debug, Clone)]
pub struct Reckoning {
    known: Line,
    /// What was told last.
    told: Line,
}

impl Reckoning {
    /// Begins with what was kept, and with the day the program was built on, before which it cannot be. Where nothing
    /// was kept, there is nothing to hold against the machine's clock.
    pub fn begin(mark: Option<&Mark>, built: UnixSeconds, boot_id: Option<&str>, reading: Reading) -> Self {
        let kept = mark.map_or(reading.system, |mark| {
            let taken = mark.taken.as_ref().filter(|taken| Some(taken.boot_id.as_str()) == boot_id);
            let boot = taken.map_or(reading.boot, |taken| taken.boot);
            Line { at: mark.at.saturating_mul(1_000), boot }.reach(reading.boot)
        });
        let known = Line { at: kept.max(built.saturating_mul(1_000)), boot: reading.boot };
        Self { known, told: known }
    }

    /// What time it is. `synchronised` is asked only when it matters.
    pub fn look(&mut self, reading: Reading, synchronised: impl FnOnce() -> Synchronised) -> Moment {
        let Reading { system, boot } = reading;
        let lead = system.saturating_sub(self.known.reach(boot));
        let is_doubtful = lead > DOUBTFUL && synchronised() != Synchronised::Yes;
        if !is_doubtful && lead >= -SMALL {
            self.known = Line { at: system, boot };
        }
        let known = self.known.reach(boot);
        let right = system.max(known);
        let told = self.told.reach(boot);
        // A clock that was put right by seconds is waited for. Hours are not: what should end meanwhile would not.
        let now = if told.saturating_sub(right) > SMALL { told } else { right.max(self.told.at) };
        self.told = Line { at: now, boot };
        let behind = now.saturating_sub(system);
        let standing = if is_doubtful {
            Standing::Doubtful { lead: lead.div_euclid(1_000) }
        } else if behind > SMALL {
            Standing::Behind { by: behind.div_euclid(1_000) }
        } else {
            Standing::InStep
        };
        Moment { now: now.div_euclid(1_000), known: known.div_euclid(1_000), standing }
    }
}
