//! Failed sign-ins by account and address, in bounded memory. The rule is in `domain::throttle`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use crate::crypto::digest::{Hash, sha256};
use crate::domain::UnixSeconds;
use crate::domain::throttle::{State, delay, is_forgotten, record_failure};

/// Pairs remembered at most; beyond it, those that say least make room.
const MOST: usize = 20_000;

/// The failures of the last hour.
#[derive(Default)]
pub struct Throttle {
    states: Mutex<HashMap<Hash, State>>,
}

/// One attempt that counts as failed until [`Throttle::succeeded`] says otherwise: parallel guesses cannot all pass
/// before the first has failed.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    key: Hash,
    before: State,
}

impl Throttle {
    /// Begins an attempt for an account (its folded name, whether it exists or not) from an address. `Err` holds the
    /// seconds to wait.
    pub fn begin(&self, account: &str, address: IpAddr, now: UnixSeconds) -> Result<Attempt, UnixSeconds> {
        let key = sha256(format!("{account}\0{}", network(address)).as_bytes());
        let mut states = self.states.lock().unwrap_or_else(|e| e.into_inner());
        let before = states.get(&key).copied().unwrap_or_default();
        let wait = delay(&before, now);
        if wait > 0 {
            return Err(wait);
        }
        if states.len() >= MOST {
            make_room(&mut states, now);
        }
        states.insert(key, record_failure(before, now));
        Ok(Attempt { key, before })
    }

    /// The credentials were right: earlier failures are forgotten.
    pub fn succeeded(&self, attempt: Attempt) {
        self.states.lock().unwrap_or_else(|e| e.into_inner()).remove(&attempt.key);
    }

    /// The credentials were not looked at (we were busy): the attempt does not count.
    pub fn withdraw(&self, attempt: Attempt) {
        self.states.lock().unwrap_or_else(|e| e.into_inner()).insert(attempt.key, attempt.before);
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
        states.retain(|_, s| delay(s, now) > 0);
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
