//! Back-off after failures: the first few are free, then each doubles the wait, up to a cap. Never a lock-out, and
//! old failures are forgotten.

use super::UnixSeconds;

/// People mistype.
const FREE_FAILURES: u32 = 3;
/// The longest wait.
const MAX_WAIT: UnixSeconds = 15 * 60;
/// Failures this long ago no longer count.
const FORGET_AFTER: UnixSeconds = 60 * 60;

/// The failures of one account from one address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    failures: u32,
    last_failure: UnixSeconds,
}

/// How many seconds must pass before the next attempt is looked at; 0: at once.
pub fn delay(state: &State, now: UnixSeconds) -> UnixSeconds {
    if is_forgotten(state, now) || state.failures <= FREE_FAILURES {
        return 0;
    }
    let doublings = (state.failures - FREE_FAILURES - 1).min(30);
    let wait = (1 << doublings).min(MAX_WAIT);
    // A clock that went back must not make a wait longer than it was.
    wait - now.saturating_sub(state.last_failure).clamp(0, wait)
}

pub fn record_failure(state: State, now: UnixSeconds) -> State {
    let failures = if is_forgotten(&state, now) { 0 } else { state.failures };
    State { failures: failures.saturating_add(1), last_failure: now }
}

/// Whether the state says nothing any more, so that it need not be kept.
pub fn is_forgotten(state: &State, now: UnixSeconds) -> bool {
    state.failures == 0 || now.saturating_sub(state.last_failure) >= FORGET_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(failures: u32, now: UnixSeconds) -> State {
        (0..failures).fold(State::default(), |state, _| record_failure(state, now))
    }

    #[test]
    fn the_first_failures_are_free_and_later_ones_double_the_wait_up_to_a_quarter_hour() {
        let waits: Vec<_> = (0..=15).map(|n| delay(&after(n, 1_000), 1_000)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(delay(&after(1_000, 0), 0), 900);
    }

    #[test]
    fn a_wait_runs_off_with_time_and_ends() {
        let state = after(8, 1_000);
        assert_eq!(delay(&state, 1_010), 6);
        assert_eq!(delay(&state, 1_016), 0);
    }

    #[test]
    fn failures_of_an_hour_ago_are_forgotten() {
        let state = after(10, 1_000);
        assert!(!is_forgotten(&state, 4_599) && is_forgotten(&state, 4_600));
        assert_eq!(delay(&record_failure(state, 4_600), 4_600), 0);
        assert!(delay(&record_failure(state, 4_599), 4_599) > 0);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_negative_nor_longer_than_the_cap(
            times in prop::collection::vec(any::<i64>(), 0..40),
            now in any::<i64>(),
        ) {
            let state = times.into_iter().fold(State::default(), record_failure);
            prop_assert!((0..=MAX_WAIT).contains(&delay(&state, now)));
        }
    }
}
