//! Back-off after failures: the first few are free, then each doubles the wait, up to a cap. Never a lock-out, and
//! old failures are forgotten.

mod source;

use super::UnixSeconds;

pub use source::Source;

/// The longest wait.
const MAX_WAIT: UnixSeconds = 15 * 60;
/// Failures this long ago no longer count.
const FORGET_AFTER: UnixSeconds = 60 * 60;

/// What is guessed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guessed {
    /// A password, of which there are many.
    Password,
    /// A one-time code, of which there are a million and three are good at a time: three tries a step.
    SecondFactor,
    /// Nothing, for a passkey cannot be guessed; but wrong answers are work, and somebody may have a passkey that is
    /// refused. They count apart, so that guesses at passwords and codes keep no passkey waiting.
    Passkey,
    /// Whether a name is in use, by a guest with an invitation or a user who wants another address.
    Name,
    /// Nothing: a recovery mail is wished for, for a name.
    Wish,
    /// Nothing: mails are asked for, which somebody gets, whoever asks.
    Mail,
    /// The same by one and all at one address.
    Mails,
    /// Nothing: a user wants an address verified.
    Verification,
    /// Nothing: a user is told by mail of something, which somebody with the password can make happen again and again.
    Notice,
    /// The code that a device shows its user, of which there are few and good for ten minutes.
    UserCode,
    /// Nothing: a device without a secret asks for a code.
    Device,
}

impl Guessed {
    /// One word, for the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SecondFactor => "second-factor",
            Self::Passkey => "passkey",
            Self::Name => "name",
            Self::Wish => "wish",
            Self::Mail => "mail",
            Self::Mails => "mails",
            Self::Verification => "verification",
            Self::Notice => "notice",
            Self::UserCode => "user-code",
            Self::Device => "device",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        const ALL: [Guessed; 11] = [
            Guessed::Password,
            Guessed::SecondFactor,
            Guessed::Passkey,
            Guessed::Name,
            Guessed::Wish,
            Guessed::Mail,
            Guessed::Mails,
            Guessed::Verification,
            Guessed::Notice,
            Guessed::UserCode,
            Guessed::Device,
        ];
        ALL.into_iter().find(|guessed| guessed.as_str() == word)
    }

    /// The failure after which there is a first wait. People mistype, and a site has many of them.
    fn free(self, source: Source) -> u32 {
        let of_one = match self {
            Self::Password | Self::Passkey | Self::Name | Self::Notice => 4,
            Self::SecondFactor | Self::Wish => 3,
            Self::Mail | Self::Verification => 1,
            Self::UserCode => 5,
            Self::Mails | Self::Device => 10,
        };
        match source {
            Source::Site(_) => 10 * of_one,
            Source::Network(_) | Source::Device(_) | Source::Anywhere => of_one,
        }
    }

    /// The first wait, in seconds.
    fn first_wait(self) -> UnixSeconds {
        match self {
            Self::Password | Self::Passkey | Self::Name => 1,
            Self::UserCode => 5,
            Self::Device => 10,
            Self::SecondFactor | Self::Wish | Self::Mails => 30,
            Self::Mail | Self::Verification => 3 * 60,
            Self::Notice => MAX_WAIT,
        }
    }
}

/// What a count of failures is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The user, by id, and the round in which the failures count. Of names that are no user's nothing is kept.
    pub user: Option<(i64, i64)>,
    pub guessed: Guessed,
    pub source: Source,
}

/// Where a count is kept: what strangers fill takes no room from what they cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Counts of which there are as many as there are users, and their browsers: no name that somebody makes up and no
    /// address makes another one.
    Users,
    /// Counts by name and address, which strangers make as they like.
    Strangers,
}

impl Target {
    pub fn room(&self) -> Room {
        let is_of_user = match self.source {
            Source::Device(_) | Source::Anywhere => self.user.is_some(),
            Source::Network(_) | Source::Site(_) => false,
        };
        if is_of_user { Room::Users } else { Room::Strangers }
    }
}

/// The failures of one account from one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    failures: u32,
    last_failure: UnixSeconds,
}

impl State {
    pub fn of(failures: u32, last_failure: UnixSeconds) -> Self {
        Self { failures, last_failure }
    }

    pub fn failures(&self) -> u32 {
        self.failures
    }

    pub fn last_failure(&self) -> UnixSeconds {
        self.last_failure
    }

    /// The same on a clock that was set back by so many seconds: the failure is as long ago as it was.
    #[must_use]
    pub fn set_back(self, by: UnixSeconds) -> Self {
        Self { last_failure: self.last_failure.saturating_sub(by), ..self }
    }
}

/// How many seconds must pass before the next attempt is looked at; 0: at once.
pub fn delay(state: &State, guessed: Guessed, source: Source, now: UnixSeconds) -> UnixSeconds {
    let free = guessed.free(source);
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

/// What says least goes first where there is no room: the fewest failures, the oldest of them. That somebody need not wait
/// at the moment is no reason: how long the next wait is, is what the failures are kept for.
pub fn weight(state: &State) -> impl Ord + Copy + use<> {
    (state.failures, state.last_failure)
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
        let waits: Vec<_> =
            (0..=15).map(|n| delay(&after(n, 1_000), Guessed::Password, Source::Anywhere, 1_000)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(delay(&after(1_000, 0), Guessed::Password, Source::Anywhere, 0), 900);
    }

    #[test]
    fn a_site_may_fail_ten_times_as_often_as_one_of_its_networks() {
        let site = Source::site("2001:db8::1".parse().expect("an address")).expect("a site");
        let waits: Vec<_> = [39, 40, 41].map(|n| delay(&after(n, 1_000), Guessed::Password, site, 1_000)).into();
        assert_eq!(waits, [0, 1, 2]);
    }

    #[test]
    fn three_codes_a_step_are_looked_at() {
        let waits: Vec<_> =
            (0..=9).map(|n| delay(&after(n, 1_000), Guessed::SecondFactor, Source::Anywhere, 1_000)).collect();
        assert_eq!(waits, [0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn a_mail_is_sent_every_few_minutes_at_most() {
        let waits: Vec<_> = (0..=4).map(|n| delay(&after(n, 1_000), Guessed::Mail, Source::Anywhere, 1_000)).collect();
        assert_eq!(waits, [0, 180, 360, 720, 900]);
        let waits: Vec<_> =
            [9, 10, 11].map(|n| delay(&after(n, 1_000), Guessed::Mails, Source::Anywhere, 1_000)).into();
        assert_eq!(waits, [0, 30, 60]);
    }

    #[test]
    fn a_user_is_told_of_the_same_a_few_times_an_hour() {
        let (mut state, mut told) = (State::default(), 0);
        for now in 10_000..13_600 {
            if delay(&state, Guessed::Notice, Source::Anywhere, now) == 0 {
                state = record_failure(state, now);
                told += 1;
            }
        }
        assert_eq!(told, 7);
    }

    #[test]
    fn a_wait_runs_off_with_time_and_ends() {
        let state = after(8, 1_000);
        assert_eq!(delay(&state, Guessed::Password, Source::Anywhere, 1_010), 6);
        assert_eq!(delay(&state, Guessed::Password, Source::Anywhere, 1_016), 0);
    }

    #[test]
    fn failures_of_an_hour_ago_are_forgotten() {
        let state = after(10, 1_000);
        assert!(!is_forgotten(&state, 4_599) && is_forgotten(&state, 4_600));
        assert_eq!(delay(&record_failure(state, 4_600), Guessed::Password, Source::Anywhere, 4_600), 0);
        assert!(delay(&record_failure(state, 4_599), Guessed::Password, Source::Anywhere, 4_599) > 0);
    }

    #[test]
    fn a_clock_that_is_set_back_changes_no_wait() {
        let state = after(8, 1_000_000);
        for (passed, wait) in [(0, 16), (10, 6), (16, 0), (4_000, 0)] {
            assert_eq!(delay(&state, Guessed::Password, Source::Anywhere, 1_000_000 + passed), wait);
            assert_eq!(delay(&state.set_back(900_000), Guessed::Password, Source::Anywhere, 100_000 + passed), wait);
        }
    }

    #[test]
    fn strangers_make_no_count_where_those_of_users_are_kept() {
        let network = Source::network("192.0.2.1".parse().expect("an address"));
        let room = |user, guessed, source| Target { user, guessed, source }.room();
        let alice = Some((1, 0));
        for (guessed, source) in [
            (Guessed::SecondFactor, Source::Anywhere),
            (Guessed::Mail, Source::Anywhere),
            (Guessed::Verification, Source::Anywhere),
            (Guessed::Password, Source::Device([1; 32])),
        ] {
            assert_eq!(room(alice, guessed, source), Room::Users, "{guessed:?}");
        }
        for (user, guessed) in
            [(alice, Guessed::Password), (None, Guessed::Password), (None, Guessed::Wish), (None, Guessed::Name)]
        {
            assert_eq!(room(user, guessed, network), Room::Strangers, "{guessed:?}");
        }
    }

    #[test]
    fn many_failures_weigh_more_than_new_ones() {
        assert!(weight(&after(8, 1_000)) > weight(&after(1, 2_000)));
        assert!(weight(&after(1, 2_000)) > weight(&after(1, 1_000)));
    }

    proptest! {
        #[test]
        fn a_wait_is_never_negative_nor_longer_than_the_cap(
            times in prop::collection::vec(any::<i64>(), 0..40),
            now in any::<i64>(),
        ) {
            let state = times.into_iter().fold(State::default(), record_failure);
            prop_assert!((0..=MAX_WAIT).contains(&delay(&state, Guessed::Password, Source::Anywhere, now)));
        }
    }
}
