//! How often devices ask whether their user has said yes (RFC 8628 section 3.5). In memory: after a restart, a device that
//! was told to slow down is so again soon.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::crypto::digest::Hash;

/// Between two questions, at first.
pub const INTERVAL: Duration = Duration::from_secs(5);
/// What each question that came too soon adds.
const MORE: Duration = Duration::from_secs(5);
/// What the way over the network may take off.
const TOLERANCE: Duration = Duration::from_secs(1);
/// Longer than any code is good for.
const FORGET_AFTER: Duration = Duration::from_secs(900);
/// More than there can be codes.
const MOST: usize = 2_000;

struct Poll {
    last: Instant,
    interval: Duration,
}

/// The last question about each device code, by its hash.
#[derive(Default)]
pub struct Polls(Mutex<HashMap<Hash, Poll>>);

impl Polls {
    /// Notes a question about a code that waits. True when the device is to slow down.
    pub fn is_too_soon(&self, code: &Hash) -> bool {
        self.is_too_soon_at(code, Instant::now())
    }

    fn is_too_soon_at(&self, code: &Hash, now: Instant) -> bool {
        let mut polls = self.0.lock().unwrap_or_else(|e| e.into_inner());
        if polls.len() >= MOST && !polls.contains_key(code) {
            polls.retain(|_, poll| now.duration_since(poll.last) < FORGET_AFTER);
            if polls.len() >= MOST {
                return true;
            }
        }
        let Some(poll) = polls.get_mut(code) else {
            polls.insert(*code, Poll { last: now, interval: INTERVAL });
            return false;
        };
        let is_too_soon = now.duration_since(poll.last) + TOLERANCE < poll.interval;
        poll.last = now;
        if is_too_soon {
            // The interval grows for this and all questions after it.
            poll.interval += MORE;
        }
        is_too_soon
    }

    /// The code has come to its end.
    pub fn forget(&self, code: &Hash) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).remove(code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: Hash = [1; 32];
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn each_question_that_comes_too_soon_adds_five_seconds_for_good() {
        let (polls, began) = (Polls::default(), Instant::now());
        let mut at = began;
        let mut after = |seconds: u32| {
            at += SECOND * seconds;
            polls.is_too_soon_at(&CODE, at)
        };
        assert!(!after(0) && !after(5) && !after(5), "in time");
        assert!(after(1), "too soon: 10 from now on");
        assert!(after(6), "too soon: 15 from now on");
        assert!(!after(15) && after(10), "20 from now on");
        assert!(!after(20));
        assert!(!polls.is_too_soon_at(&[2; 32], at), "other codes are another matter");
    }

    #[test]
    fn a_question_that_was_fast_on_its_way_is_in_time() {
        let (polls, began) = (Polls::default(), Instant::now());
        assert!(!polls.is_too_soon_at(&CODE, began));
        assert!(!polls.is_too_soon_at(&CODE, began + SECOND * 4));
        assert!(polls.is_too_soon_at(&CODE, began + SECOND * 7));
    }

    #[test]
    fn memory_is_bounded() {
        let (polls, began) = (Polls::default(), Instant::now());
        let code = |n: usize| {
            let mut code = [0; 32];
            code[..8].copy_from_slice(&n.to_le_bytes());
            code
        };
        assert_eq!((0..MOST + 5).filter(|n| polls.is_too_soon_at(&code(*n), began)).count(), 5);
        assert!(!polls.is_too_soon_at(&code(MOST + 9), began + FORGET_AFTER), "old ones make room");
        polls.forget(&code(MOST + 9));
        assert!(polls.0.lock().unwrap().is_empty());
    }
}
