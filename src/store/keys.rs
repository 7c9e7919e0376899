//! Signing keys: the public parts in the open, the private ones sealed.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find};
use crate::domain::UnixSeconds;
use crate::error::Internal;

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, and signs from `activates_at` on.
    Next,
    /// Signs.
    Active,
    /// Signs no more, published until the last token it signed has expired.
    Retired,
    /// Neither signs nor is published: it was lost.
    Revoked,
}

impl KeyState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }

    fn parse(text: &str) -> Self {
        // The column admits these four only; whatever else it were, a revoked key does no harm.
        [Self::Next, Self::Active, Self::Retired].into_iter().find(|s| s.as_str() == text).unwrap_or(Self::Revoked)
    }
}

/// For whom a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRole {
    /// For whoever asks for its algorithm: one is active at a time, and the next takes over from it.
    Regular,
    /// For the providers that name it alone. It begins active, and nothing takes over from it.
    Additional,
}

impl KeyRole {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Additional => "additional",
        }
    }

    fn parse(text: &str) -> Self {
        // The column admits these two only.
        if text == Self::Additional.as_str() { Self::Additional } else { Self::Regular }
    }
}

/// A row of `signing_keys`.
#[derive(Debug, Clone)]
pub struct KeyRow {
    pub kid: String,
    pub alg: String,
    pub name: String,
    pub role: KeyRole,
    pub state: KeyState,
    pub public_jwk: String,
    pub certificate: Vec<u8>,
    pub private_sealed: Vec<u8>,
    pub created_at: UnixSeconds,
    /// From when a next key signs.
    pub activates_at: Option<UnixSeconds>,
    /// Until when a retired key is published. When its certificate ends, the certificate says.
    pub expires_at: Option<UnixSeconds>,
}

impl KeyRow {
    /// What the private key is sealed to.
    pub fn seal(kid: &str) -> String {
        format!("signing_keys/{kid}/private")
    }

    /// Whether it is, or was, the one of its algorithm.
    pub fn is_regular(&self, alg: &str, state: KeyState) -> bool {
        self.role == KeyRole::Regular && self.alg == alg && self.state == state
    }

    /// Whether a provider may name it.
    pub fn can_sign(&self) -> bool {
        matches!(self.state, KeyState::Active | KeyState::Next)
    }
}

const COLUMNS: &str = "kid, alg, state, public_jwk, certificate, private_sealed, created_at, activates_at, expires_at, \
    name, role";

fn row(r: &Row) -> rusqlite::Result<KeyRow> {
    Ok(KeyRow {
        kid: r.get(0)?,
        alg: r.get(1)?,
        state: KeyState::parse(&r.get::<_, String>(2)?),
        public_jwk: r.get(3)?,
        certificate: r.get(4)?,
        private_sealed: r.get(5)?,
        created_at: r.get(6)?,
        activates_at: r.get(7)?,
        expires_at: r.get(8)?,
        name: r.get(9)?,
        role: KeyRole::parse(&r.get::<_, String>(10)?),
    })
}

pub fn list(connection: &Connection) -> Result<Vec<KeyRow>, Internal> {
    collect(connection, &format!("SELECT {COLUMNS} FROM signing_keys ORDER BY created_at, alg DESC, kid"), [], row)
}

/// The public keys that relying parties may need now.
pub fn published(connection: &Connection, now: UnixSeconds) -> Result<Vec<KeyRow>, Internal> {
    let sql = format!(
        "SELECT {COLUMNS} FROM signing_keys
         WHERE state IN ('next', 'active') OR (state = 'retired' AND (expires_at IS NULL OR expires_at > ?1))
         ORDER BY created_at, alg DESC, kid"
    );
    collect(connection, &sql, [now], row)
}

/// All keys that we ever signed with and that are not known to be lost: old ID tokens come back as hints.
pub fn trusted(connection: &Connection) -> Result<Vec<KeyRow>, Internal> {
    collect(connection, &format!("SELECT {COLUMNS} FROM signing_keys WHERE state <> 'revoked'"), [], row)
}

/// The key that signs for an algorithm now: the next one as soon as its time has come, else the active one.
pub fn signing(connection: &Connection, alg: &str, now: UnixSeconds) -> Result<Option<KeyRow>, Internal> {
    let sql = format!(
        "SELECT {COLUMNS} FROM signing_keys
         WHERE alg = ?1 AND role = 'regular' AND (state = 'active' OR (state = 'next' AND activates_at <= ?2))
         ORDER BY state = 'next' DESC, activates_at DESC, created_at DESC, kid LIMIT 1"
    );
    find(connection, &sql, params![alg, now], row)
}

pub fn by_kid(connection: &Connection, kid: &str) -> Result<Option<KeyRow>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM signing_keys WHERE kid = ?1"), [kid], row)
}

pub fn insert(tx: &Tx, k: &KeyRow) -> Result<(), Internal> {
    let sql = "INSERT INTO signing_keys (kid, alg, state, public_jwk, certificate, private_sealed, created_at,
                 activates_at, expires_at, name, role)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    execute(
        tx,
        sql,
        params![
            k.kid,
            k.alg,
            k.state.as_str(),
            k.public_jwk,
            k.certificate,
            k.private_sealed,
            k.created_at,
            k.activates_at,
            k.expires_at,
            k.name,
            k.role.as_str()
        ],
    )?;
    Ok(())
}

/// Moves a key on in its life. Providers that name a key which signs no more follow the active one of its algorithm.
pub fn set_state(tx: &Tx, kid: &str, state: KeyState, expires_at: Option<UnixSeconds>) -> Result<(), Internal> {
    let sql = "UPDATE signing_keys SET state = ?2, expires_at = ?3 WHERE kid = ?1";
    execute(tx, sql, params![kid, state.as_str(), expires_at])?;
    if matches!(state, KeyState::Retired | KeyState::Revoked) {
        execute(tx, "UPDATE providers SET signing_kid = NULL WHERE signing_kid = ?1", [kid])?;
    }
    Ok(())
}

/// Changes when a next key takes over.
pub fn set_activation(tx: &Tx, kid: &str, at: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "UPDATE signing_keys SET activates_at = ?2 WHERE kid = ?1 AND state = 'next'", params![kid, at])?;
    Ok(())
}

/// False when there is no such key.
pub fn rename(tx: &Tx, kid: &str, name: &str) -> Result<bool, Internal> {
    Ok(execute(tx, "UPDATE signing_keys SET name = ?2 WHERE kid = ?1", [kid, name])? > 0)
}

/// Providers of which something holds: how many, and id and name of the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Users {
    pub count: i64,
    pub first: Vec<(i64, String)>,
}

/// Providers that are named.
const NAMED: i64 = 10;

/// The providers that name a key.
pub fn naming(connection: &Connection, kid: &str) -> Result<Users, Internal> {
    users(connection, "signing_kid = ?1", kid)
}

/// The algorithm of the keys that sign for a provider ([`super::providers::Provider::key_alg`]).
const KEY_ALG: &str = "coalesce(nullif(signing_alg, 'HS256'), 'RS256')";

/// The providers that name no key and are signed for with the active one of an algorithm.
pub fn following(connection: &Connection, alg: &str) -> Result<Users, Internal> {
    users(connection, &format!("signing_kid IS NULL AND {KEY_ALG} = ?1"), alg)
}

/// Whether any provider is signed for with an algorithm, by whichever key.
pub fn is_alg_used(connection: &Connection, alg: &str) -> Result<bool, Internal> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM providers WHERE {KEY_ALG} = ?1)");
    Ok(connection.prepare_cached(&sql)?.query_row([alg], |r| r.get(0))?)
}

fn users(connection: &Connection, condition: &str, value: &str) -> Result<Users, Internal> {
    let count = format!("SELECT count(*) FROM providers WHERE {condition}");
    let count = connection.prepare_cached(&count)?.query_row([value], |r| r.get(0))?;
    let first = format!("SELECT id, name FROM providers WHERE {condition} ORDER BY name LIMIT {NAMED}");
    Ok(Users { count, first: collect(connection, &first, [value], |r| Ok((r.get(0)?, r.get(1)?)))? })
}
