//! Failed sign-ins by account and source, in bounded memory; what says most is written down now and then. The rule is in
//! `domain::throttle`.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard};

use crate::crypto::digest::{Hash, TagKey};
use crate::crypto::password::{Line, PasswordHasher};
use crate::domain::UnixSeconds;
use crate::domain::clock::SLACK;
use crate::domain::throttle::{
    Guessed, Room, Source, State, Target, delay, forgive_one, is_forgotten, not_after, record_failure, weight,
};
use crate::store::throttled::{Changes, Throttled};
use crate::store::users::User;

#[cfg(test)]
mod tests;

/// Counts kept at most in each of the two rooms; beyond it, those that say least make room.
const MOST: usize = 10_000;
/// Of all, those that say most are written down: a flood must not wear an SD card out.
const MOST_WRITTEN: usize = 2_000;
/// Of these, what strangers cannot make comes first, as far as this.
const MOST_WRITTEN_OF_USERS: usize = MOST_WRITTEN / 2;
/// Passwords checked at once for one source: two fifths of the places that are not kept for known browsers, so that
/// somebody else finds one, and soon.
const MOST_AT_ONCE_FROM_ONE: usize = (PasswordHasher::MOST_AT_ONCE - PasswordHasher::RESERVED) * 2 / 5;

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
    /// Passwords being checked now, by source.
    checking: Mutex<HashMap<Source, usize>>,
}

type Kept = HashMap<Hash, (Target, State)>;

#[derive(Default)]
struct Counts {
    of_users: Kept,
    of_strangers: Kept,
    /// The latest time that was seen.
    seen: UnixSeconds,
    /// What the database holds, as far as is known.
    written: HashMap<Hash, State>,
    /// Whether something has changed since.
    is_changed: bool,
}

/// A place among those whose passwords are being checked; given back when dropped.
pub struct Place<'a> {
    throttle: &'a Throttle,
    source: Source,
}

impl Place<'_> {
    /// Where whoever has the place waits for a worker.
    pub fn line(&self) -> Line {
        match self.source {
            Source::Device(_) => Line::Known,
            Source::Network(_) | Source::Site(_) | Source::Anywhere => Line::Strangers,
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut checking = self.throttle.checking.lock().unwrap_or_else(|e| e.into_inner());
        if let Entry::Occupied(mut count) = checking.entry(self.source) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// One attempt that counts as failed until [`Throttle::succeeded`] says otherwise: parallel guesses cannot all pass
/// before the first has failed.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// What it counts by.
    keys: [Option<Key>; 2],
}

/// What a count is found by, and where.
#[derive(Debug, Clone, Copy)]
struct Key {
    hash: Hash,
    room: Room,
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
        Self { key, counts: Mutex::default(), checking: Mutex::default() }
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
            counts.kept(key.room).remove(&key.hash);
            counts.is_changed |= counts.written.contains_key(&key.hash);
        }
    }

    /// The credentials were not looked at (we were busy): the attempt does not count. Those that failed meanwhile do.
    pub fn withdraw(&self, attempt: Attempt) {
        let mut counts = self.lock();
        for key in attempt.keys.iter().flatten() {
            if let Some((_, state)) = counts.kept(key.room).get_mut(&key.hash) {
                *state = forgive_one(*state);
            }
        }
    }

    /// Lets one more password be checked for a source, or not: whoever knows nobody's password must not be able to take
    /// all the places, under whatever names, nor those of a device that is known in the same network. That many sources
    /// together take none of a known device's is up to the [`Line`].
    pub fn place(&self, device: Option<Hash>, address: IpAddr) -> Option<Place<'_>> {
        let around = || Source::site(address).unwrap_or_else(|| Source::network(address));
        let source = device.map_or_else(around, Source::Device);
        let mut checking = self.checking.lock().unwrap_or_else(|e| e.into_inner());
        let count = checking.entry(source).or_default();
        if *count >= MOST_AT_ONCE_FROM_ONE {
            return None;
        }
        *count += 1;
        Some(Place { throttle: self, source })
    }

    /// What still counts of guesses at a user's password and factors, and of mails with links, in this round, the longest
    /// wait first.
    pub fn of_user(&self, user: i64, round: i64, now: UnixSeconds) -> Vec<Slowed> {
        let mut counts = self.lock();
        let now = counts.follow(now);
        let of_user = counts.all().map(|(_, count)| count).filter(|(target, _)| target.user == Some((user, round)));
        // Nobody waits for being told of something, and who takes one address after the other is no sign-in that waits.
        let is_shown = |target: &Target| !matches!(target.guessed, Guessed::Notice | Guessed::Name);
        let still = of_user.filter(|(target, state)| is_shown(target) && !is_forgotten(state, now));
        let mut slowed: Vec<_> = still.map(|(target, state)| slowed(target, state, now)).collect();
        slowed.sort_by_key(|s| (Reverse((s.until, s.failures)), s.source, s.guessed));
        slowed
    }

    /// Takes up what was written down before the process began.
    pub fn remember(&self, rows: Vec<Throttled>, now: UnixSeconds) {
        let mut counts = self.lock();
        counts.seen = counts.seen.max(now);
        for Throttled { key, target, state } in rows {
            counts.written.insert(key, state);
            let state = not_after(state, now);
            if !is_forgotten(&state, now) {
                counts.kept(target.room()).entry(key).or_insert((target, state));
            }
        }
    }

    /// Whether there is something to write down, or to take away there.
    pub fn is_changed(&self, now: UnixSeconds) -> bool {
        let counts = self.lock();
        counts.is_changed || counts.written.values().any(|state| is_forgotten(state, now))
    }

    /// What has changed since it was last written down.
    pub fn changes(&self, now: UnixSeconds) -> Changes {
        let mut counts = self.lock();
        let now = counts.follow(now);
        counts.is_changed = false;
        let mut all = heaviest(&counts.of_users, MOST_WRITTEN_OF_USERS, now);
        all.extend(heaviest(&counts.of_strangers, MOST_WRITTEN - all.len(), now));
        let row = |(key, (target, state)): &(&Hash, &(Target, State))| Throttled {
            key: **key,
            target: *target,
            state: *state,
        };
        let is_new = |t: &Throttled| counts.written.get(&t.key) != Some(&t.state);
        let put = all.iter().map(row).filter(is_new).collect();
        let kept: HashSet<&Hash> = all.iter().map(|(key, _)| *key).collect();
        let gone = counts.written.keys().filter(|key| !kept.contains(key)).copied().collect();
        Changes { put, gone }
    }

    /// These were written down, or, where that failed, are to be tried again.
    pub fn written(&self, changes: &Changes, is_done: bool) {
        let mut counts = self.lock();
        if !is_done {
            counts.is_changed = true;
            return;
        }
        for key in &changes.gone {
            counts.written.remove(key);
        }
        counts.written.extend(changes.put.iter().map(|t| (t.key, t.state)));
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Counts {
    fn kept(&mut self, room: Room) -> &mut Kept {
        match room {
            Room::Users => &mut self.of_users,
            Room::Strangers => &mut self.of_strangers,
        }
    }

    fn state(&self, key: &Key, now: UnixSeconds) -> State {
        let kept = match key.room {
            Room::Users => &self.of_users,
            Room::Strangers => &self.of_strangers,
        };
        kept.get(&key.hash).map_or_else(State::default, |(_, state)| not_after(*state, now))
    }

    fn delay(&self, key: &Key, target: &Target, now: UnixSeconds) -> UnixSeconds {
        delay(&self.state(key, now), target.guessed, target.source, now)
    }

    /// Counts one more failure.
    fn add(&mut self, key: &Key, target: Target, now: UnixSeconds) {
        let state = record_failure(self.state(key, now), now);
        let kept = self.kept(key.room);
        if kept.len() >= MOST {
            make_room(kept, now);
        }
        kept.insert(key.hash, (target, state));
        self.is_changed = true;
    }

    fn all(&self) -> impl Iterator<Item = (&Hash, &(Target, State))> {
        self.of_users.iter().chain(&self.of_strangers)
    }

    /// What time it is for the counts. Requests that overtake each other do not turn it back; a clock that was reset does,
    /// and then every failure stays as long ago as it was: no wait begins anew, and none that was over comes again.
    fn follow(&mut self, now: UnixSeconds) -> UnixSeconds {
        let back = self.seen.saturating_sub(now);
        if back > SLACK {
            for (_, state) in self.of_users.values_mut().chain(self.of_strangers.values_mut()) {
                *state = state.set_back(back);
            }
            self.seen = now;
        }
        self.seen = self.seen.max(now);
        self.seen
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

/// The counts that say most, the weightiest first.
fn heaviest(kept: &Kept, most: usize, now: UnixSeconds) -> Vec<(&Hash, &(Target, State))> {
    let mut all: Vec<_> = kept.iter().filter(|(_, (_, state))| !is_forgotten(state, now)).collect();
    all.sort_by_key(|(key, (_, state))| (Reverse(weight(state)), **key));
    all.truncate(most);
    all
}

fn make_room(kept: &mut Kept, now: UnixSeconds) {
    kept.retain(|_, (_, state)| !is_forgotten(state, now));
    if kept.len() >= MOST {
        // Still full: an attack from many addresses. A tenth at once, so that it is not sorted for each.
        let mut all: Vec<_> = kept.iter().map(|(key, (_, state))| (weight(state), *key)).collect();
        let (lightest, ..) = all.select_nth_unstable(MOST / 10);
        for (_, key) in lightest {
            kept.remove(key);
        }
    }
}
