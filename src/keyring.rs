//! The signing keys in use: made at first start, found for a provider, parsed once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;

use crate::crypto::jwt::VerifyingKeys;
use crate::crypto::keys::{self, Alg, NewKey, SigningKey};
use crate::crypto::seal::Sealer;
use crate::domain::UnixSeconds;
use crate::error::Internal;
use crate::store::Tx;
use crate::store::keys::{self as table, KeyRow, KeyState};
use crate::store::providers::{self, Provider};

/// Relying parties cache JWKS: a new key is published this long before it signs.
pub const PUBLISH_BEFORE: UnixSeconds = 24 * 3600;
/// A retired key stays published until the last token it can have signed has expired, and some more for caches.
pub const RETIRED_FOR: UnixSeconds = 30 * 86_400;

/// Parsed private keys by key id. A key id never names another key, so nothing here goes stale.
#[derive(Default)]
pub struct Keyring {
    parsed: Mutex<HashMap<String, Arc<SigningKey>>>,
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
            Some(kid) => {
                table::by_kid(connection, kid)?.filter(|k| matches!(k.state, KeyState::Active | KeyState::Next))
            }
            None => None,
        };
        // A key that was named and has retired is followed by the active one of its algorithm.
        let alg = provider.signing_alg.as_deref().unwrap_or(Alg::Rs256.as_str());
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

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<SigningKey>>> {
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
pub fn make(algs: &[Alg], common_name: &str, now: UnixSeconds) -> Result<Vec<NewKey>, Internal> {
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            algs.iter().map(|&alg| scope.spawn(move || keys::generate(alg, common_name, now))).collect();
        let joined = threads
            .into_iter()
            .map(|t| t.join().map_err(|_| Internal::fault("key generation panicked"))?.map_err(Internal::fault));
        joined.collect()
    })
}

/// Stores a key that was just made.
pub fn insert(
    tx: &Tx,
    sealer: &Sealer,
    key: &NewKey,
    state: KeyState,
    now: UnixSeconds,
    activates_at: Option<UnixSeconds>,
) -> Result<(), Internal> {
    let row = KeyRow {
        kid: key.kid.clone(),
        alg: key.alg.as_str().into(),
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

/// Settles what time has brought: a next key whose time has come becomes active, and the one it follows is retired.
/// True when something changed.
pub fn settle(tx: &Tx, now: UnixSeconds) -> Result<bool, Internal> {
    let mut changed = false;
    let longest_token = providers::longest_access_token(tx)?;
    let until = now + RETIRED_FOR.max(longest_token + PUBLISH_BEFORE);
    for due in table::list(tx)? {
        if due.state != KeyState::Next || due.activates_at.is_none_or(|at| at > now) {
            continue;
        }
        for old in table::list(tx)?.iter().filter(|k| k.alg == due.alg && k.state == KeyState::Active) {
            table::set_state(tx, &old.kid, KeyState::Retired, Some(until))?;
        }
        table::set_state(tx, &due.kid, KeyState::Active, None)?;
        changed = true;
    }
    Ok(changed)
}
