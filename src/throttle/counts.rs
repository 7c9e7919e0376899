//! The counts of failures in bounded memory, and what of them is written down.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::crypto::digest::Hash;
use crate::domain::UnixSeconds;
use crate::domain::clock::SLACK;
use crate::domain::throttle::{
    Room, State, Target, delay, forgive_one, is_forgotten, not_after, record_failure, weight,
};
use crate::store::throttled::{Changes, Throttled};

/// Counts kept at most in each of the two rooms; beyond it, those that say least make room.
pub(super) const MOST: usize = 10_000;
/// Of all, those that say most are written down: a flood must not wear an SD card out.
pub(super) const MOST_WRITTEN: usize = 2_000;
/// Of these, what strangers cannot make comes first, as far as this.
pub(super) const MOST_WRITTEN_OF_USERS: usize = MOST_WRITTEN / 2;
/// What a count is found by, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) hash: Hash,
    pub(super) room: Room,
}

type Kept = HashMap<Hash, (Target, State)>;

#[derive(Default)]
pub(super) struct Counts {
    pub(super) of_users: Kept,
    pub(super) of_strangers: Kept,
    /// The latest time that was seen.
    seen: UnixSeconds,
    /// What the database holds, as far as is known.
    written: HashMap<Hash, State>,
    /// Whether something has changed since.
    is_changed: bool,
}

impl Counts {
    /// Takes up what was written down before the process began.
    pub(super) fn remember(&mut self, rows: Vec<Throttled>, now: UnixSeconds) {
        self.seen = self.seen.max(now);
        for Throttled { key, target, state } in rows {
            self.written.insert(key, state);
            let state = not_after(state, now);
            if !is_forgotten(&state, now) {
                self.kept(target.room()).entry(key).or_insert((target, state));
            }
        }
    }

    pub(super) fn forget(&mut self, key: &Key) {
        self.kept(key.room).remove(&key.hash);
        self.is_changed |= self.written.contains_key(&key.hash);
    }

    pub(super) fn forgive_one(&mut self, key: &Key) {
        if let Some((_, state)) = self.kept(key.room).get_mut(&key.hash) {
            *state = forgive_one(*state);
        }
    }

    pub(super) fn is_changed(&self, now: UnixSeconds) -> bool {
        self.is_changed || self.written.values().any(|state| is_forgotten(state, now))
    }

    pub(super) fn changes(&mut self, now: UnixSeconds) -> Changes {
        let now = self.follow(now);
        self.is_changed = false;
        let mut all = heaviest(&self.of_users, MOST_WRITTEN_OF_USERS, now);
        all.extend(heaviest(&self.of_strangers, MOST_WRITTEN - all.len(), now));
        let row = |(key, (target, state)): &(&Hash, &(Target, State))| Throttled {
            key: **key,
            target: *target,
            state: *state,
        };
        let is_new = |t: &Throttled| self.written.get(&t.key) != Some(&t.state);
        let put = all.iter().map(row).filter(is_new).collect();
        let kept: HashSet<&Hash> = all.iter().map(|(key, _)| *key).collect();
        let gone = self.written.keys().filter(|key| !kept.contains(key)).copied().collect();
        Changes { put, gone }
    }

    pub(super) fn written(&mut self, changes: &Changes, is_done: bool) {
        if !is_done {
            self.is_changed = true;
            return;
        }
        for key in &changes.gone {
            self.written.remove(key);
        }
        self.written.extend(changes.put.iter().map(|t| (t.key, t.state)));
    }

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

    pub(super) fn delay(&self, key: &Key, target: &Target, now: UnixSeconds) -> UnixSeconds {
        delay(&self.state(key, now), target.guessed, target.source, now)
    }

    /// Counts one more failure.
    pub(super) fn add(&mut self, key: &Key, target: Target, now: UnixSeconds) {
        let state = record_failure(self.state(key, now), now);
        let kept = self.kept(key.room);
        if kept.len() >= MOST {
            make_room(kept, now);
        }
        kept.insert(key.hash, (target, state));
        self.is_changed = true;
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &(Target, State)> {
        self.of_users.values().chain(self.of_strangers.values())
    }

    /// What time it is for the counts. Requests that overtake each other do not turn it back; a clock that was reset does,
    /// and then every failure stays as long ago as it was: no wait begins anew, and none that was over comes again.
    pub(super) fn follow(&mut self, now: UnixSeconds) -> UnixSeconds {
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
