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

/// A row of `signing_keys`.
#[derive(Debug, Clone)]
pub struct KeyRow {
    pub kid: String,
    pub alg: String,
    pub state: KeyState,
    pub public_jwk: String,
    pub certificate: Vec<u8>,
    pub private_sealed: Vec<u8>,
    pub created_at: UnixSeconds,
    pub activates_at: Option<UnixSeconds>,
    pub expires_at: Option<UnixSeconds>,
}

impl KeyRow {
    /// What the private key is sealed to.
    pub fn seal(kid: &str) -> String {
        format!("signing_keys/{kid}/private")
    }
}

const COLUMNS: &str = "kid, alg, state, public_jwk, certificate, private_sealed, created_at, activates_at, expires_at";

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
         WHERE alg = ?1 AND (state = 'active' OR (state = 'next' AND activates_at <= ?2))
         ORDER BY state = 'next' DESC, activates_at DESC, created_at DESC, kid LIMIT 1"
    );
    find(connection, &sql, params![alg, now], row)
}

pub fn by_kid(connection: &Connection, kid: &str) -> Result<Option<KeyRow>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM signing_keys WHERE kid = ?1"), [kid], row)
}

pub fn insert(tx: &Tx, k: &KeyRow) -> Result<(), Internal> {
    let sql = "INSERT INTO signing_keys (kid, alg, state, public_jwk, certificate, private_sealed, created_at,
                 activates_at, expires_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
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
            k.expires_at
        ],
    )?;
    Ok(())
}

/// Moves a key on in its life.
pub fn set_state(tx: &Tx, kid: &str, state: KeyState, expires_at: Option<UnixSeconds>) -> Result<(), Internal> {
    let sql = "UPDATE signing_keys SET state = ?2, expires_at = ?3 WHERE kid = ?1";
    execute(tx, sql, params![kid, state.as_str(), expires_at])?;
    Ok(())
}
