//! Back-off after failures: the first few are free, then each doubles the wait, up to a cap. Never a lock-out, and
//! old failures are forgotten.

use super::UnixSeconds;

/// The longest wait.
const MAX_WAIT: UnixSeconds = 15 * 60;
/// Failures this long ago no longer count.
const FORGET_AFTER: UnixSeconds = 60 * 60;

/// What is guessed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guessed {
    /// A password, of which there are many.
    Password,
    /// A one-time code, of which there are a million and three are good at a time: three tries a step.
    SecondFactor,
    /// Nothing: mails are asked for, which somebody gets, whoever asks.
    Mail,
    /// The same by one and all at one address.
    Mails,
}

impl Guessed {
    /// The failure after which there is a first wait. People mistype.
    fn free(self) -> u32 {
        match self {
            Self::Password => 4,
            Self::SecondFactor => 3,
            Self::Mail => 1,
            Self::Mails => 10,
        }
    }

    /// The first wait, in seconds.
    fn first_wait(self) -> UnixSeconds {
        match self {
            Self::Password => 1,
            Self::SecondFactor => 30,
            Self::Mail => 3 * 60,
            Self::Mails => 30,
        }
    }
}

/// The failures of one account from one address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    failures: u32,
    last_failure: UnixSeconds,
}

/// How many seconds must pass before the next attempt is looked at; 0: at once.
pub fn delay(state: &State, guessed: Guessed, now: UnixSeconds) -> UnixSeconds {
    let free = guessed.free();
    if is_forgotten(state, now) || state.failures < free {
        return 0;
    }
    let doublings = (state.failures - free).min(30);
    let wait = (guessed.first_wait() << doublings).min(MAX_WAIT);
    // A clock that went back must not make a wait longer than it was.
    wait - now.saturating_sub(state.last_failure).clamp(0, wait)
}

pub fn record_failure(state: State, now: UnixSeconds) -> State {
    let failures = if is_forgotten(&state, now) { 0 } else { state.failures };
    State { failures: failures.saturating_add(1), last_failure: now }
}

/// One of the failures was none.
pub fn forgive_one(state: State) -> State {
    State { failures: state.failures.saturating_sub(1), ..state }
}

/// A failure that lies ahead of a clock that went back counts from now: else the wait would last until then.
pub fn not_after(state: State, now: UnixSeconds) -> State {
    State { last_failure: state.last_failure.min(now), ..state }
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
        let waits: Vec<_> = (0..=15).map(|n| delay(&after(n, 1_000), Guessed::Password, 1_000)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(delay(&after(1_000, 0), Guessed::Password, 0), 900);
    }

    #[test]
    fn three_codes_a_step_are_looked_at() {
        let waits: Vec<_> = (0..=9).map(|n| delay(&after(n, 1_000), Guessed::SecondFactor, 1_000)).collect();
        assert_eq!(waits, [0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn a_mail_is_sent_every_few_minutes_at_most() {
        let waits: Vec<_> = (0..=4).map(|n| delay(&after(n, 1_000), Guessed::Mail, 1_000)).collect();
        assert_eq!(waits, [0, 180, 360, 720, 900]);
        let waits: Vec<_> = [9, 10, 11].map(|n| delay(&after(n, 1_000), Guessed::Mails, 1_000)).into();
        assert_eq!(waits, [0, 30, 60]);
    }

    #[test]
    fn a_wait_runs_off_with_time_and_ends() {
        let state = after(8, 1_000);
        assert_eq!(delay(&state, Guessed::Password, 1_010), 6);
        assert_eq!(delay(&state, Guessed::Password, 1_016), 0);
    }

    #[test]
    fn failures_of_an_hour_ago_are_forgotten() {
        let state = after(10, 1_000);
        assert!(!is_forgotten(&state, 4_599) && is_forgotten(&state, 4_600));
        assert_eq!(delay(&record_failure(state, 4_600), Guessed::Password, 4_600), 0);
        assert!(delay(&record_failure(state, 4_599), Guessed::Password, 4_599) > 0);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_negative_nor_longer_than_the_cap(
            times in prop::collection::vec(any::<i64>(), 0..40),
            now in any::<i64>(),
        ) {
            let state = times.into_iter().fold(State::default(), record_failure);
            prop_assert!((0..=MAX_WAIT).contains(&delay(&state, Guessed::Password, now)));
        }
    }
}
