//! Failed sign-ins by account and source, in bounded memory; what says most is written down now and then. The rule is in
//! `domain::throttle`.

mod counts;
mod places;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard};

use crate::crypto::digest::{Hash, TagKey};
use crate::domain::UnixSeconds;
use crate::domain::throttle::{Guessed, Source, State, Target, delay, is_forgotten};
use crate::store::throttled::{Changes, Throttled};
use crate::store::users::User;

use counts::{Counts, Key};
use places::Places;

pub use places::Place;

/// Whose password or second factor somebody tries.
#[derive(Debug, Clone, Copy)]
pub enum Account<'a> {
    /// A user, and the round in which failures count: [`User::throttle_round`].
    User { id: i64, round: i64 },
    /// A folded name that is no user's. It is counted alike, and never kept as it is.
    Nobody(&'a str),
}

impl From<&User> for Account<'_> {
    fn from(user: &User) -> Self {
        Self::User { id: user.id, round: user.throttle_round }
    }
}

/// The failures of the last hour.
pub struct Throttle {
    /// What counts are found by: whoever reads the database shall not find out what was typed.
    key: TagKey,
    counts: Mutex<Counts>,
    /// Passwords being checked now.
    places: Places,
}

/// One attempt that counts as failed until [`Throttle::succeeded`] says otherwise: parallel guesses cannot all pass
/// before the first has failed.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// What it counts by.
    keys: [Option<Key>; 2],
}

/// The failures of a user from one source that still count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slowed {
    pub guessed: Guessed,
    pub source: Source,
    pub failures: u32,
    /// When the next attempt is looked at, if not at once.
    pub until: Option<UnixSeconds>,
}

impl Throttle {
    pub fn new(key: TagKey) -> Self {
        Self { key, counts: Mutex::default(), places: Places::default() }
    }

    /// Begins an attempt at a password, by a device that is known to be the account's, else from an address. `Err` holds
    /// the seconds to wait.
    pub fn begin(
        &self,
        account: Account,
        device: Option<Hash>,
        address: IpAddr,
        now: UnixSeconds,
    ) -> Result<Attempt, UnixSeconds> {
        self.count(account, Guessed::Password, sources(device, address), now)
    }

    /// Begins an attempt at a second factor, by a device that is known, else from wherever.
    pub fn begin_second_factor(
        &self,
        account: Account,
        device: Option<Hash>,
        now: UnixSeconds,
    ) -> Result<Attempt, UnixSeconds> {
        let source = device.map_or(Source::Anywhere, Source::Device);
        self.count(account, Guessed::SecondFactor, [Some(source), None], now)
    }

    /// Begins an attempt at a passkey, by a device that is known, else from an address.
    pub fn begin_passkey(
        &self,
        account: Account,
        device: Option<Hash>,
        address: IpAddr,
        now: UnixSeconds,
    ) -> Result<Attempt, UnixSeconds> {
        self.count(account, Guessed::Passkey, sources(device, address), now)
    }

    /// Counts a wish for a recovery mail for whatever name was typed. Several are let through before the first wait: what
    /// a user really gets is counted by [`Throttle::begin_recovery_mail`]. `Err` holds the seconds to wait.
    pub fn begin_recovery(&self, login: &str, address: IpAddr, now: UnixSeconds) -> Result<(), UnixSeconds> {
        self.count(Account::Nobody(""), Guessed::Mails, Source::of(address), now)?;
        self.count(Account::Nobody(login), Guessed::Wish, Source::of(address), now).map(drop)
    }

    /// Counts a recovery mail to a user.
    pub fn begin_recovery_mail(&self, account: Account, now: UnixSeconds) -> Result<(), UnixSeconds> {
        self.count(account, Guessed::Mail, ANYWHERE, now).map(drop)
    }

    /// Begins an attempt of a guest with an invitation, by id, to take a name: the answer tells whether it is in use.
    pub fn begin_guest(&self, invitation: i64, address: IpAddr, now: UnixSeconds) -> Result<Attempt, UnixSeconds> {
        self.count(Account::Nobody(&invitation.to_string()), Guessed::Name, Source::of(address), now)
    }

    /// Counts a verification mail that a user asked for.
    pub fn begin_verification_mail(&self, account: Account, now: UnixSeconds) -> Result<(), UnixSeconds> {
        self.count(account, Guessed::Verification, ANYWHERE, now).map(drop)
    }

    /// Counts a mail by which a user is told of something; each kind of thing counts for itself. `Ok` holds the seconds in
    /// which none about the same is sent after this one.
    pub fn begin_notice(&self, account: Account, about: &str, now: UnixSeconds) -> Result<UnixSeconds, UnixSeconds> {
        self.count_about(account, Guessed::Notice, about, ANYWHERE, now)?;
        let (key, target) = self.counted(account, Guessed::Notice, about, Source::Anywhere);
        let mut counts = self.lock();
        let now = counts.follow(now);
        Ok(counts.delay(&key, &target, now))
    }

    /// Counts another address that a user wants: it may tell whether somebody has that one.
    pub fn begin_address(&self, account: Account, now: UnixSeconds) -> Result<(), UnixSeconds> {
        self.count(account, Guessed::Name, ANYWHERE, now).map(drop)
    }

    /// Begins an attempt of somebody who is signed in at the code that a device shows: by the account from wherever, and by
    /// the address whoever it is. `Err` holds the seconds to wait.
    pub fn begin_user_code(
        &self,
        account: Account,
        address: IpAddr,
        now: UnixSeconds,
    ) -> Result<[Attempt; 2], UnixSeconds> {
        let by_account = self.count(account, Guessed::UserCode, ANYWHERE, now)?;
        match self.count(Account::Nobody(""), Guessed::UserCode, Source::of(address), now) {
            Ok(by_address) => Ok([by_account, by_address]),
            Err(wait) => {
                self.withdraw(by_account);
                Err(wait)
            }
        }
    }

    /// Counts the wish of a device without a secret for a code.
    pub fn begin_device(&self, address: IpAddr, now: UnixSeconds) -> Result<(), UnixSeconds> {
        self.count(Account::Nobody(""), Guessed::Device, Source::of(address), now).map(drop)
    }

    fn count(
        &self,
        account: Account,
        guessed: Guessed,
        sources: [Option<Source>; 2],
        now: UnixSeconds,
    ) -> Result<Attempt, UnixSeconds> {
        self.count_about(account, guessed, "", sources, now)
    }

    fn count_about(
        &self,
        account: Account,
        guessed: Guessed,
        about: &str,
        sources: [Option<Source>; 2],
        now: UnixSeconds,
    ) -> Result<Attempt, UnixSeconds> {
        let counted = sources.map(|source| source.map(|source| self.counted(account, guessed, about, source)));
        let mut counts = self.lock();
        let now = counts.follow(now);
        let wait = counted.iter().flatten().map(|(key, target)| counts.delay(key, target, now)).max().unwrap_or(0);
        if wait > 0 {
            return Err(wait);
        }
        for (key, target) in counted.iter().flatten() {
            counts.add(key, *target, now);
        }
        Ok(Attempt { keys: counted.map(|one| one.map(|(key, _)| key)) })
    }

    fn counted(&self, account: Account, guessed: Guessed, about: &str, source: Source) -> (Key, Target) {
        // None of the first three holds a NUL, and what was typed stands last: no two are the same text.
        let (text, user) = match account {
            Account::User { id, round } => (format!("user {id} {round}"), Some((id, round))),
            Account::Nobody(name) => (format!("name {name}"), None),
        };
        let target = Target { user, guessed, source };
        let hash = self.key.tag(format!("{}\0{about}\0{source}\0{text}", guessed.as_str()).as_bytes());
        (Key { hash, room: target.room() }, target)
    }

    /// The credentials were right: earlier failures are forgotten.
    pub fn succeeded(&self, attempt: Attempt) {
        let mut counts = self.lock();
        for key in attempt.keys.iter().flatten() {
            counts.forget(key);
        }
    }

    /// The credentials were not looked at (we were busy): the attempt does not count. Those that failed meanwhile do.
    pub fn withdraw(&self, attempt: Attempt) {
        let mut counts = self.lock();
        for key in attempt.keys.iter().flatten() {
            counts.forgive_one(key);
        }
    }

    /// Lets one more password be checked for a source, or not.
    pub fn place(&self, device: Option<Hash>, address: IpAddr) -> Option<Place<'_>> {
        self.places.take(device, address)
    }

    /// What still counts of guesses at a user's password and factors, and of mails with links, in this round, the longest
    /// wait first.
    pub fn of_user(&self, user: i64, round: i64, now: UnixSeconds) -> Vec<Slowed> {
        let mut counts = self.lock();
        let now = counts.follow(now);
        let of_user = counts.all().filter(|(target, _)| target.user == Some((user, round)));
        // Nobody waits for being told of something, and who takes one address after the other is no sign-in that waits.
        let is_shown = |target: &Target| !matches!(target.guessed, Guessed::Notice | Guessed::Name | Guessed::UserCode);
        let still = of_user.filter(|(target, state)| is_shown(target) && !is_forgotten(state, now));
        let mut slowed: Vec<_> = still.map(|(target, state)| slowed(target, state, now)).collect();
        slowed.sort_by_key(|s| (Reverse((s.until, s.failures)), s.source, s.guessed));
        slowed
    }

    /// Takes up what was written down before the process began.
    pub fn remember(&self, rows: Vec<Throttled>, now: UnixSeconds) {
        self.lock().remember(rows, now);
    }

    /// Whether there is something to write down, or to take away there.
    pub fn is_changed(&self, now: UnixSeconds) -> bool {
        self.lock().is_changed(now)
    }

    /// What has changed since it was last written down.
    pub fn changes(&self, now: UnixSeconds) -> Changes {
        self.lock().changes(now)
    }

    /// These were written down, or, where that failed, are to be tried again.
    pub fn written(&self, changes: &Changes, is_done: bool) {
        self.lock().written(changes, is_done);
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Where what is about a user counts, whoever asks from wherever.
const ANYWHERE: [Option<Source>; 2] = [Some(Source::Anywhere), None];

fn sources(device: Option<Hash>, address: IpAddr) -> [Option<Source>; 2] {
    device.map_or_else(|| Source::of(address), |device| [Some(Source::Device(device)), None])
}

fn slowed(target: &Target, state: &State, now: UnixSeconds) -> Slowed {
    let wait = delay(state, target.guessed, target.source, now);
    let until = (wait > 0).then(|| now + wait);
    Slowed { guessed: target.guessed, source: target.source, failures: state.failures(), until }
}
