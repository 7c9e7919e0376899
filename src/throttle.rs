//! Failed sign-ins by account and address, in bounded memory. The rule is in `domain::throttle`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::Mutex;

use crate::crypto::digest::{Hash, sha256};
use crate::crypto::password::PasswordHasher;
use crate::domain::UnixSeconds;
use crate::domain::throttle::{Guessed, State, delay, forgive_one, is_forgotten, not_after, record_failure};

/// Pairs remembered at most; beyond it, those that say least make room.
const MOST: usize = 20_000;
/// Passwords checked at once for one network: two fifths of all places, so that somebody else finds one, and soon.
const MOST_AT_ONCE_FROM_ONE: usize = PasswordHasher::MOST_AT_ONCE * 2 / 5;

/// The failures of the last hour.
#[derive(Default)]
pub struct Throttle {
    states: Mutex<HashMap<Hash, State>>,
    /// Passwords being checked now, by network.
    checking: Mutex<HashMap<String, usize>>,
}

/// A place among those whose passwords are being checked; given back when dropped.
pub struct Place<'a> {
    throttle: &'a Throttle,
    network: String,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut checking = self.throttle.checking.lock().unwrap_or_else(|e| e.into_inner());
        if let Entry::Occupied(mut count) = checking.entry(std::mem::take(&mut self.network)) {
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
    key: Hash,
}

impl Throttle {
    /// Begins an attempt at a password for an account (its folded name, whether it exists or not) from an address. `Err`
    /// holds the seconds to wait.
    pub fn begin(&self, account: &str, address: IpAddr, now: UnixSeconds) -> Result<Attempt, UnixSeconds> {
        self.count(sha256(format!("{account}\0{}", network(address)).as_bytes()), Guessed::Password, now)
    }

    /// Begins an attempt at a second factor of a user, by id: from wherever, since who guesses it knows the password and
    /// may have many addresses.
    pub fn begin_second_factor(&self, user: i64, now: UnixSeconds) -> Result<Attempt, UnixSeconds> {
        // No name holds a NUL, so that no account shares the counter.
        self.count(sha256(format!("\0second factor\0{user}").as_bytes()), Guessed::SecondFactor, now)
    }

    /// Counts a wish for a recovery mail for whatever name was typed. Several are let through before the first wait: what
    /// a user really gets is counted by [`Throttle::begin_recovery_mail`]. `Err` holds the seconds to wait.
    pub fn begin_recovery(&self, login: &str, address: IpAddr, now: UnixSeconds) -> Result<(), UnixSeconds> {
        let network = network(address);
        self.count(sha256(format!("\0recovery\0{network}").as_bytes()), Guessed::Mails, now)?;
        let key = sha256(format!("\0recovery\0{login}\0{network}").as_bytes());
        self.count(key, Guessed::SecondFactor, now).map(drop)
    }

    /// Counts a recovery mail to a user, by id.
    pub fn begin_recovery_mail(&self, user: i64, now: UnixSeconds) -> Result<(), UnixSeconds> {
        self.count(sha256(format!("\0recovery mail\0{user}").as_bytes()), Guessed::Mail, now).map(drop)
    }

    fn count(&self, key: Hash, guessed: Guessed, now: UnixSeconds) -> Result<Attempt, UnixSeconds> {
        let mut states = self.states.lock().unwrap_or_else(|e| e.into_inner());
        let before = not_after(states.get(&key).copied().unwrap_or_default(), now);
        if let Some(state) = states.get_mut(&key) {
            *state = before;
        }
        let wait = delay(&before, guessed, now);
        if wait > 0 {
            return Err(wait);
        }
        if states.len() >= MOST {
            make_room(&mut states, now);
        }
        states.insert(key, record_failure(before, now));
        Ok(Attempt { key })
    }

    /// The credentials were right: earlier failures are forgotten.
    pub fn succeeded(&self, attempt: Attempt) {
        self.states.lock().unwrap_or_else(|e| e.into_inner()).remove(&attempt.key);
    }

    /// The credentials were not looked at (we were busy): the attempt does not count. Those that failed meanwhile do.
    pub fn withdraw(&self, attempt: Attempt) {
        if let Entry::Occupied(mut state) = self.states.lock().unwrap_or_else(|e| e.into_inner()).entry(attempt.key) {
            state.insert(forgive_one(*state.get()));
        }
    }

    /// Lets one more password be checked for an address, or not: whoever knows nobody's password must not be able to
    /// take all the places, under whatever names.
    pub fn place(&self, address: IpAddr) -> Option<Place<'_>> {
        let network = network(address);
        let mut checking = self.checking.lock().unwrap_or_else(|e| e.into_inner());
        let count = checking.entry(network.clone()).or_default();
        if *count >= MOST_AT_ONCE_FROM_ONE {
            return None;
        }
        *count += 1;
        Some(Place { throttle: self, network })
    }
}

/// The address as a counter sees it: an IPv6 customer owns a whole /64.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(a) => a.to_string(),
        IpAddr::V6(a) => {
            let [a, b, c, d, ..] = a.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

fn make_room(states: &mut HashMap<Hash, State>, now: UnixSeconds) {
    states.retain(|_, s| !is_forgotten(s, now));
    if states.len() >= MOST {
        // Still full: an attack from many addresses. Those who need not wait lose nothing by being forgotten.
        states.retain(|_, s| delay(s, Guessed::SecondFactor, now) > 0);
    }
    if states.len() >= MOST {
        let some: Vec<Hash> = states.keys().take(MOST / 10).copied().collect();
        for key in some {
            states.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn fail(t: &Throttle, account: &str, n: u32, now: i64) -> bool {
        (0..n).all(|_| t.begin(account, HOME, now).is_ok())
    }

    #[test]
    fn guessing_is_slowed_and_another_address_is_not() {
        let t = Throttle::default();
        assert!(!fail(&t, "alice", 20, 1000), "twenty guesses in a second must not all be looked at");
        assert!(t.begin("alice", HOME, 1000).is_err());
        assert!(t.begin("alice", "192.0.2.2".parse().expect("address"), 1000).is_ok());
        assert!(t.begin("bob", HOME, 1000).is_ok());
    }

    #[test]
    fn second_factors_are_counted_by_user_and_apart_from_passwords() {
        let t = Throttle::default();
        assert!((0..3).all(|_| t.begin_second_factor(1, 1000).is_ok()));
        assert_eq!(t.begin_second_factor(1, 1000).err(), Some(30));
        assert!(t.begin_second_factor(2, 1000).is_ok() && t.begin("alice", HOME, 1000).is_ok());
        assert!(t.begin_second_factor(1, 1030).is_ok());
    }

    #[test]
    fn recovery_mails_are_counted_by_name_by_network_and_by_user() {
        let t = Throttle::default();
        assert!((0..3).all(|_| t.begin_recovery("alice", HOME, 1000).is_ok()));
        assert_eq!(t.begin_recovery("alice", HOME, 1000), Err(30));
        assert!((0..6).all(|n| t.begin_recovery(&n.to_string(), HOME, 1000).is_ok()));
        assert_eq!(t.begin_recovery("bob", HOME, 1000), Err(30), "ten by one network");
        assert!(t.begin_recovery("alice", "192.0.2.2".parse().expect("address"), 1000).is_ok());
        assert!(t.begin_recovery_mail(1, 1000).is_ok() && t.begin_recovery_mail(2, 1000).is_ok());
        assert_eq!(t.begin_recovery_mail(1, 1000), Err(180));
        assert!(t.begin("alice", HOME, 1000).is_ok(), "sign-ins are counted apart");
    }

    #[test]
    fn success_forgets_and_a_withdrawn_attempt_does_not_count() {
        let t = Throttle::default();
        for _ in 0..100 {
            let attempt = t.begin("alice", HOME, 1000).expect("right passwords are never slowed");
            t.succeeded(attempt);
            let attempt = t.begin("alice", HOME, 1000).expect("nor busy ones");
            t.withdraw(attempt);
        }
    }

    #[test]
    fn a_withdrawn_attempt_takes_no_other_with_it() {
        let t = Throttle::default();
        let busy = t.begin("alice", HOME, 1000).expect("a first attempt");
        assert!(fail(&t, "alice", 3, 1000), "the free ones");
        t.withdraw(busy);
        assert!(t.begin("alice", HOME, 1000).is_ok(), "one was given back");
        assert!(t.begin("alice", HOME, 1000).is_err(), "and one only");
    }

    #[test]
    fn a_clock_that_went_back_makes_nobody_wait_longer_than_the_wait() {
        let t = Throttle::default();
        fail(&t, "alice", 6, 1_000_000);
        assert_eq!(t.begin("alice", HOME, 1_000).err(), Some(1), "as long as before, from the new time on");
        assert!(t.begin("alice", HOME, 1_001).is_ok());
    }

    #[test]
    fn one_network_cannot_take_all_places() {
        let t = Throttle::default();
        let crowd: Vec<_> = std::iter::from_fn(|| t.place(HOME)).collect();
        assert!(crowd.len() < PasswordHasher::MOST_AT_ONCE, "{}", crowd.len());
        let neighbour = t.place("192.0.2.2".parse().expect("address"));
        assert!(neighbour.is_some() && t.place(HOME).is_none());
        drop((crowd, neighbour));
        assert!(t.place(HOME).is_some());
        assert!(t.checking.lock().expect("lock").is_empty());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let t = Throttle::default();
        let address = |n: u16| IpAddr::from([0x2001, 0xdb8, 1, 2, 0, 0, 0, n]);
        assert!((0..50).map(|n| t.begin("alice", address(n), 1000)).any(|r| r.is_err()));
    }

    #[test]
    fn memory_is_bounded() {
        let t = Throttle::default();
        for n in 0..(MOST as u32 + 500) {
            t.begin(&n.to_string(), HOME, 1000).expect("a first attempt");
        }
        assert!(t.states.lock().expect("lock").len() <= MOST);
    }
}
