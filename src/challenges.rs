//! Challenges of passkeys. Their state travels through the browser, sealed, so that strangers write nothing here; each
//! counts once, for five minutes, and in the process that made it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::crypto::random;

/// How long one may be answered.
pub const VALID: Duration = Duration::from_secs(300);
/// Answered ones remembered at most. Only an answer that was right is remembered, which strangers cannot give.
const MOST: usize = 10_000;

/// Tells one challenge from all others, of this process and of former ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    process: [u8; 16],
    id: [u8; 16],
    /// Time since the process began: a clock that is set has no say in it.
    made: Duration,
}

/// The challenges that were answered.
pub struct Challenges {
    process: [u8; 16],
    began: Instant,
    answered: Mutex<HashMap<[u8; 16], Duration>>,
}

impl Default for Challenges {
    fn default() -> Self {
        Self { process: random::bytes(), began: Instant::now(), answered: Mutex::default() }
    }
}

impl Challenges {
    pub fn mark(&self) -> Mark {
        Mark { process: self.process, id: random::bytes(), made: self.began.elapsed() }
    }

    /// Whether a challenge may still be answered.
    pub fn is_open(&self, mark: &Mark) -> bool {
        self.is_open_at(mark, self.began.elapsed())
    }

    fn is_open_at(&self, mark: &Mark, now: Duration) -> bool {
        let answered = self.answered.lock().unwrap_or_else(|e| e.into_inner());
        mark.process == self.process && mark.made + VALID > now && !answered.contains_key(&mark.id)
    }

    /// Uses a challenge up. False when it was used before, or is too old.
    pub fn answer(&self, mark: &Mark) -> bool {
        self.answer_at(mark, self.began.elapsed())
    }

    fn answer_at(&self, mark: &Mark, now: Duration) -> bool {
        if mark.process != self.process || mark.made + VALID <= now {
            return false;
        }
        let mut answered = self.answered.lock().unwrap_or_else(|e| e.into_inner());
        if answered.len() >= MOST {
            answered.retain(|_, made| *made + VALID > now);
        }
        // Full of answers of the last five minutes: what cannot be remembered cannot be taken.
        answered.len() < MOST && answered.insert(mark.id, mark.made).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_challenge_counts_once() {
        let challenges = Challenges::default();
        let (mark, other) = (challenges.mark(), challenges.mark());
        assert!(challenges.is_open(&mark) && challenges.answer(&mark));
        assert!(!challenges.is_open(&mark) && !challenges.answer(&mark));
        assert!(challenges.answer(&other));
    }

    #[test]
    fn a_challenge_counts_for_five_minutes() {
        let challenges = Challenges::default();
        let mark = challenges.mark();
        let end = mark.made + VALID;
        assert!(challenges.is_open_at(&mark, end - SECOND) && !challenges.is_open_at(&mark, end));
        assert!(!challenges.answer_at(&mark, end) && challenges.answer_at(&mark, end - SECOND));
    }

    #[test]
    fn another_process_knows_nothing_of_it() {
        let (one, other) = (Challenges::default(), Challenges::default());
        let mark = one.mark();
        assert!(!other.is_open(&mark) && !other.answer(&mark));
        assert!(one.answer(&mark));
    }

    #[test]
    fn memory_is_bounded_and_what_cannot_be_remembered_is_not_taken() {
        let challenges = Challenges::default();
        let marks: Vec<_> = (0..=MOST).map(|_| challenges.mark()).collect();
        let taken = marks.iter().filter(|mark| challenges.answer_at(mark, mark.made)).count();
        assert_eq!(taken, MOST);
        let later = Mark { made: marks[MOST].made + VALID, ..marks[MOST] };
        assert!(challenges.answer_at(&later, later.made + SECOND), "old ones make room");
        assert!(challenges.answered.lock().unwrap().len() <= MOST);
    }
}
