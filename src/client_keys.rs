//! The keys that clients publish at a `jwks_uri`, as they were fetched last. In memory: they are the client's to keep.
//!
//! A client changes its keys by publishing new ones: one that is not known here is looked for there, seldom enough that
//! nobody can make us ask without end. While nothing can be fetched, what was there before is good for a day.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use crate::crypto::jwt::ClientKeys;
use crate::domain::UnixSeconds;

/// How long keys are used without asking again, in seconds.
const FRESH: UnixSeconds = 3_600;
/// How long after that, where they cannot be fetched.
const GOOD: UnixSeconds = 86_400;
/// How often one address is asked at most.
const EVERY: UnixSeconds = 60;
/// Addresses that are remembered. There are as many as clients, and those that they had before.
const MOST: usize = 500;
/// Requests that wait for keys that another one fetches, and how long. Each of them holds a worker.
const WAITING: usize = 8;
const WAIT: Duration = Duration::from_secs(6);

/// What was fetched.
#[derive(Default)]
pub struct Fetched {
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Default)]
struct State {
    by_address: HashMap<String, Entry>,
    waiting: usize,
}

#[derive(Default)]
struct Entry {
    keys: Option<(Arc<ClientKeys>, UnixSeconds)>,
    tried_at: Option<UnixSeconds>,
    /// Why the last try gave nothing.
    failed: Option<String>,
    is_asked_now: bool,
}

impl Entry {
    /// Keys that are not older than this.
    fn younger(&self, than: UnixSeconds, now: UnixSeconds) -> Option<Arc<ClientKeys>> {
        let (keys, at) = self.keys.as_ref()?;
        (0..than).contains(&(now - at)).then(|| Arc::clone(keys))
    }

    fn answer(&self, now: UnixSeconds) -> Result<Arc<ClientKeys>, String> {
        let why = || self.failed.clone().unwrap_or_else(|| "the keys are being fetched".to_owned());
        self.younger(GOOD, now).ok_or_else(why)
    }
}

/// Why a try gave nothing.
#[derive(Debug)]
pub struct NoKeys {
    pub why: String,
    /// Otherwise it was no try, and the next request may make one.
    pub was_asked: bool,
}

impl NoKeys {
    pub fn of(why: impl ToString) -> Self {
        Self { why: why.to_string(), was_asked: true }
    }
}

/// Whether keys will do that were fetched before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    Known,
    /// Not those: something is signed with another.
    Newer,
}

impl Fetched {
    /// The keys at an address; `fetch` asks there.
    pub fn keys(
        &self,
        address: &str,
        want: Want,
        now: UnixSeconds,
        fetch: impl FnOnce() -> Result<ClientKeys, NoKeys>,
    ) -> Result<Arc<ClientKeys>, String> {
        let mut state = self.lock();
        if !state.by_address.contains_key(address) && state.by_address.len() >= MOST {
            state.by_address.retain(|_, entry| entry.is_asked_now);
        }
        let entry = state.by_address.entry(address.to_owned()).or_default();
        if want == Want::Known
            && let Some(keys) = entry.younger(FRESH, now)
        {
            return Ok(keys);
        }
        if entry.is_asked_now {
            return self.wait(state, address, now);
        }
        // A clock that went back does not keep us from asking.
        if entry.tried_at.is_some_and(|at| (0..EVERY).contains(&(now - at))) {
            return entry.answer(now);
        }
        let tried_before = entry.tried_at;
        (entry.tried_at, entry.is_asked_now) = (Some(now), true);
        drop(state);
        // Whatever becomes of it, those who wait are told.
        let asking = Asking { of: self, address };
        let fetched = fetch();
        let mut state = self.lock();
        let entry = state.by_address.entry(address.to_owned()).or_default();
        match fetched {
            Ok(keys) => (entry.keys, entry.failed) = (Some((Arc::new(keys), now)), None),
            Err(NoKeys { why, was_asked }) => {
                entry.failed = Some(why);
                if !was_asked {
                    entry.tried_at = tried_before;
                }
            }
        }
        let answer = entry.answer(now);
        drop(state);
        drop(asking);
        answer
    }

    /// Waits for what another request fetches.
    fn wait(
        &self,
        mut state: MutexGuard<'_, State>,
        address: &str,
        now: UnixSeconds,
    ) -> Result<Arc<ClientKeys>, String> {
        let is_asked = |state: &mut State| state.by_address.get(address).is_some_and(|entry| entry.is_asked_now);
        if state.waiting < WAITING {
            state.waiting += 1;
            let waited = self.done.wait_timeout_while(state, WAIT, |state| is_asked(state));
            state = waited.unwrap_or_else(|e| e.into_inner()).0;
            state.waiting -= 1;
        }
        state.by_address.get(address).map_or_else(|| Err("the keys are being fetched".to_owned()), |e| e.answer(now))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Somebody is being asked.
struct Asking<'a> {
    of: &'a Fetched,
    address: &'a str,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if let Some(entry) = self.of.lock().by_address.get_mut(self.address) {
            entry.is_asked_now = false;
        }
        self.of.done.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;

    const AT: &str = "https://app.example/keys";

    fn keys() -> Result<ClientKeys, NoKeys> {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let set = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x }] });
        ClientKeys::parse(&set.to_string()).map_err(NoKeys::of)
    }

    fn broken() -> Result<ClientKeys, NoKeys> {
        Err(NoKeys::of("it is broken"))
    }

    fn busy() -> Result<ClientKeys, NoKeys> {
        Err(NoKeys { was_asked: false, ..NoKeys::of("others are being asked") })
    }

    #[test]
    fn a_try_that_asked_nobody_is_none() {
        let fetched = Fetched::default();
        let why = fetched.keys(AT, Want::Known, 100, busy).err();
        assert_eq!(why.as_deref(), Some("others are being asked"));
        assert!(fetched.keys(AT, Want::Known, 100, keys).is_ok(), "the next one may ask at once");
        assert!(fetched.keys(AT, Want::Newer, 200, busy).is_ok(), "what is there is good meanwhile");
        let mut asked = false;
        let ask = || {
            asked = true;
            broken()
        };
        assert!(fetched.keys(AT, Want::Newer, 200, ask).is_ok() && asked);
        assert!(fetched.keys(AT, Want::Newer, 200, unasked).is_ok(), "its twin: one that asked counts");
    }

    fn unasked() -> Result<ClientKeys, NoKeys> {
        panic!("nobody is to be asked")
    }

    #[test]
    fn keys_are_kept_for_an_hour_and_looked_for_anew_once_a_minute() {
        let fetched = Fetched::default();
        let first = fetched.keys(AT, Want::Known, 0, keys).unwrap();
        assert!(Arc::ptr_eq(&first, &fetched.keys(AT, Want::Known, 3_599, unasked).unwrap()));
        assert!(Arc::ptr_eq(&first, &fetched.keys(AT, Want::Newer, 59, unasked).unwrap()), "a moment ago");
        let second = fetched.keys(AT, Want::Newer, 60, keys).unwrap();
        assert!(!Arc::ptr_eq(&first, &second));
        assert!(Arc::ptr_eq(&second, &fetched.keys(AT, Want::Known, 3_659, unasked).unwrap()));
        assert!(!Arc::ptr_eq(&second, &fetched.keys(AT, Want::Known, 3_660, keys).unwrap()));
        assert!(fetched.keys("https://other.example/", Want::Known, 3_660, broken).is_err(), "another address");
    }

    #[test]
    fn the_last_good_keys_are_used_for_a_day_while_nothing_can_be_fetched() {
        let fetched = Fetched::default();
        assert_eq!(fetched.keys(AT, Want::Known, 0, broken).err().as_deref(), Some("it is broken"));
        assert_eq!(fetched.keys(AT, Want::Known, 59, unasked).err().as_deref(), Some("it is broken"));
        assert!(fetched.keys(AT, Want::Known, 60, keys).is_ok());
        assert!(fetched.keys(AT, Want::Known, 60 + 3_600, broken).is_ok());
        assert!(fetched.keys(AT, Want::Known, 60 + 86_399, broken).is_ok());
        assert!(fetched.keys(AT, Want::Known, 60 + 86_460, broken).is_err());
    }

    #[test]
    fn many_at_once_ask_once_and_a_panic_ends_no_wait() {
        let fetched = Fetched::default();
        let asked = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..WAITING {
                scope.spawn(|| {
                    let slowly = || {
                        asked.fetch_add(1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(200));
                        keys()
                    };
                    assert!(fetched.keys(AT, Want::Known, 0, slowly).is_ok());
                });
            }
        });
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        let panics =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fetched.keys(AT, Want::Newer, 60, unasked)));
        assert!(panics.is_err());
        assert!(fetched.keys(AT, Want::Newer, 120, keys).is_ok());
    }
}
