//! Access and refresh tokens, by SHA-256. A token is valid while its row and its grant are there.

use rusqlite::{Connection, Row, params};

use super::grants::{self, Grant};
use super::{Tx, execute, find};
use crate::crypto::digest::Hash;
use crate::domain::UnixSeconds;
use crate::error::Internal;

/// An access token that was found, with the grant it belongs to.
#[derive(Debug, Clone)]
pub struct AccessToken {
    pub grant: Grant,
    pub scopes: String,
    pub issued_at: UnixSeconds,
    pub expires_at: UnixSeconds,
}

/// A refresh token that was found, with the grant it belongs to.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    pub grant: Grant,
    pub issued_at: UnixSeconds,
    pub idle_expires_at: UnixSeconds,
    pub absolute_expires_at: UnixSeconds,
    pub used_at: Option<UnixSeconds>,
    /// Whether the token that came after this one was used, revoked or removed.
    pub successor_used: bool,
}

pub fn insert_access(
    tx: &Tx,
    hash: &Hash,
    grant: i64,
    scopes: &str,
    issued_at: UnixSeconds,
    expires_at: UnixSeconds,
) -> Result<(), Internal> {
    let sql = "INSERT INTO access_tokens (hash, grant_id, scopes, issued_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    execute(tx, sql, params![hash, grant, scopes, issued_at, expires_at])?;
    Ok(())
}

pub fn access(connection: &Connection, hash: &Hash) -> Result<Option<AccessToken>, Internal> {
    let sql = format!(
        "SELECT {}, t.scopes, t.issued_at, t.expires_at
         FROM access_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.hash = ?1",
        grants::COLUMNS
    );
    find(connection, &sql, [hash], |r: &Row| {
        let at = grants::WIDTH;
        Ok(AccessToken {
            grant: grants::row(r)?,
            scopes: r.get(at)?,
            issued_at: r.get(at + 1)?,
            expires_at: r.get(at + 2)?,
        })
    })
}

pub fn delete_access(tx: &Tx, hash: &Hash) -> Result<(), Internal> {
    execute(tx, "DELETE FROM access_tokens WHERE hash = ?1", [hash])?;
    Ok(())
}

pub fn insert_refresh(
    tx: &Tx,
    hash: &Hash,
    grant: i64,
    issued_at: UnixSeconds,
    idle_expires_at: UnixSeconds,
    absolute_expires_at: UnixSeconds,
) -> Result<(), Internal> {
    let sql = "INSERT INTO refresh_tokens (hash, grant_id, issued_at, idle_expires_at, absolute_expires_at)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    execute(tx, sql, params![hash, grant, issued_at, idle_expires_at, absolute_expires_at])?;
    Ok(())
}

pub fn refresh(connection: &Connection, hash: &Hash) -> Result<Option<RefreshToken>, Internal> {
    let sql = format!(
        "SELECT {}, t.issued_at, t.idle_expires_at, t.absolute_expires_at, t.used_at,
           t.successor_hash IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM refresh_tokens s WHERE s.hash = t.successor_hash AND s.used_at IS NULL)
         FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.hash = ?1",
        grants::COLUMNS
    );
    find(connection, &sql, [hash], |r: &Row| {
        let at = grants::WIDTH;
        Ok(RefreshToken {
            grant: grants::row(r)?,
            issued_at: r.get(at)?,
            idle_expires_at: r.get(at + 1)?,
            absolute_expires_at: r.get(at + 2)?,
            used_at: r.get(at + 3)?,
            successor_used: r.get(at + 4)?,
        })
    })
}

/// Uses a refresh token up and names its successor. False when it was used already, by whoever was faster.
pub fn use_refresh(tx: &Tx, hash: &Hash, successor: &Hash, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "UPDATE refresh_tokens SET used_at = ?2, successor_hash = ?3 WHERE hash = ?1 AND used_at IS NULL";
    Ok(execute(tx, sql, params![hash, now, successor])? == 1)
}

/// Removes access tokens that expired before `before`.
pub fn purge_access(tx: &Tx, before: UnixSeconds) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM access_tokens WHERE expires_at < ?1", [before])
}
