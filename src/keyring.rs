//! The signing keys in use: made at first start, found for a provider, parsed once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use rusqlite::Connection;

use crate::clock::rfc3339;
use crate::crypto::jwt::VerifyingKeys;
use crate::crypto::keys::{self, Alg, Kind, NewKey, SigningKey};
use crate::crypto::seal::Sealer;
use crate::domain::UnixSeconds;
use crate::error::Internal;
use crate::store::Tx;
use crate::store::keys::{self as table, KeyRole, KeyRow, KeyState};
use crate::store::providers::{self, Provider};

/// Relying parties cache JWKS: a new key is published this long before it signs.
pub const PUBLISH_BEFORE: UnixSeconds = 24 * 3600;
/// A retired key stays published until the last token it can have signed has expired, and some more for caches.
pub const RETIRED_FOR: UnixSeconds = 30 * 86_400;
/// The name in certificates of our own making.
pub const COMMON_NAME: &str = "Latchkey";

/// Parsed private keys by key id. A key id never names another key, so nothing here goes stale.
#[derive(Default)]
pub struct Keyring {
    parsed: Mutex<HashMap<String, Arc<SigningKey>>>,
    making: Mutex<()>,
}

impl Keyring {
    /// The key that signs a provider's tokens now.
    pub fn signing(
        &self,
        connection: &Connection,
        sealer: &Sealer,
        provider: &Provider,
        now: UnixSeconds,
    ) -> Result<Arc<SigningKey>, Internal> {
        let named = match &provider.signing_kid {
            Some(kid) => table::by_kid(connection, kid)?.filter(KeyRow::can_sign),
            None => None,
        };
        // A key that was named and has retired is followed by the active one of its algorithm.
        let alg = provider.key_alg();
        let row = match named {
            Some(row) => row,
            None => table::signing(connection, alg, now)?.ok_or_else(|| {
                Internal::fault(format!("no active {alg} key: `latchkey key add --alg {alg}` makes one"))
            })?,
        };
        if let Some(key) = self.lock().get(&row.kid) {
            return Ok(Arc::clone(key));
        }
        let private = sealer.open(&KeyRow::seal(&row.kid), &row.private_sealed).map_err(Internal::fault)?;
        let alg: Alg = row.alg.parse().map_err(Internal::fault)?;
        let key = Arc::new(SigningKey::parse(&row.kid, alg, &private).map_err(Internal::fault)?);
        self.lock().insert(row.kid, Arc::clone(&key));
        Ok(key)
    }

    /// The right to make keys: a large RSA key keeps a processor busy for seconds, so one request does at a time. `None`
    /// while another one has it.
    pub fn making(&self) -> Option<MutexGuard<'_, ()>> {
        match self.making.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<SigningKey>>> {
        self.parsed.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Verifies what we signed ourselves, with any key that was not revoked.
pub fn verifying(connection: &Connection) -> Result<VerifyingKeys, Internal> {
    let jwks: Result<Vec<_>, _> =
        table::trusted(connection)?.iter().map(|k| serde_json::from_str(&k.public_jwk)).collect();
    VerifyingKeys::from_jwks(&jwks.map_err(Internal::fault)?).map_err(Internal::fault)
}

/// Makes keys in parallel: an RSA key takes long enough for it to show at first start.
pub fn make(kinds: &[Kind], now: UnixSeconds) -> Result<Vec<NewKey>, Internal> {
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            kinds.iter().map(|&kind| scope.spawn(move || keys::generate(kind, COMMON_NAME, now))).collect();
        let joined = threads
            .into_iter()
            .map(|t| t.join().map_err(|_| Internal::fault("key generation panicked"))?.map_err(Internal::fault));
        joined.collect()
    })
}

/// What a key is called that nobody named: its algorithm and the day on which it came.
pub fn default_name(alg: Alg, now: UnixSeconds) -> String {
    let day: String = rfc3339(now).chars().take_while(|c| *c != 'T').collect();
    format!("{alg} {day}")
}

/// Where a new key begins its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// Signs for its algorithm.
    Active,
    /// Signs for its algorithm from then on.
    Next(UnixSeconds),
    /// Signs for whoever names it.
    Additional,
}

/// Stores a key that was just made.
pub fn insert(
    tx: &Tx,
    sealer: &Sealer,
    key: &NewKey,
    name: &str,
    begin: Begin,
    now: UnixSeconds,
) -> Result<(), Internal> {
    let (role, state, activates_at) = match begin {
        Begin::Active => (KeyRole::Regular, KeyState::Active, None),
        Begin::Next(at) => (KeyRole::Regular, KeyState::Next, Some(at)),
        Begin::Additional => (KeyRole::Additional, KeyState::Active, None),
    };
    let row = KeyRow {
        kid: key.kid.clone(),
        alg: key.alg.as_str().into(),
        name: name.into(),
        role,
        state,
        public_jwk: key.public_jwk.to_string(),
        certificate: key.certificate_der.clone(),
        private_sealed: sealer.seal(&KeyRow::seal(&key.kid), &key.private_pkcs8),
        created_at: now,
        activates_at,
        expires_at: None,
    };
    table::insert(tx, &row)
}

/// Takes a key out of signing. It stays published until the last token that it can have signed has expired.
pub fn retire(tx: &Tx, kid: &str, now: UnixSeconds) -> Result<(), Internal> {
    let longest_token = providers::longest_access_token(tx)?;
    let until = now + RETIRED_FOR.max(longest_token + PUBLISH_BEFORE);
    table::set_state(tx, kid, KeyState::Retired, Some(until))
}

/// Settles what time has brought: a next key whose time has come becomes active, and the one it follows is retired.
/// True when something changed.
pub fn settle(tx: &Tx, now: UnixSeconds) -> Result<bool, Internal> {
    let mut changed = false;
    for due in table::list(tx)? {
        if due.state != KeyState::Next || due.activates_at.is_none_or(|at| at > now) {
            continue;
        }
        for old in table::list(tx)?.iter().filter(|k| k.is_regular(&due.alg, KeyState::Active)) {
            retire(tx, &old.kid, now)?;
        }
        table::set_state(tx, &due.kid, KeyState::Active, None)?;
        changed = true;
    }
    Ok(changed)
}
