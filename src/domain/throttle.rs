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

pub fn record_success() -> State {
    State::default()
}

/// Whether the state says nothing any more, so that it need not be kept.
pub fn is_forgotten(state: &State, now: UnixSeconds) -> bool {
    state.failures == 0 || now.saturating_sub(state.last_failure) >= FORGET_AFTER
}
