//! What users agreed to share with applications, for how long.

use rusqlite::{Connection, params};

use super::{Tx, execute, find};
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;

/// The scopes a user agreed to, when that has not expired. One row a user and provider.
pub fn scopes(connection: &Connection, user: i64, provider: i64, now: UnixSeconds) -> Result<Option<String>, Internal> {
    let sql =
        "SELECT scopes FROM consents WHERE user_id = ?1 AND provider_id = ?2 AND given_at <= ?4 AND expires_at > ?3";
    find(connection, sql, params![user, provider, now, now + FUTURE_TOLERANCE], |r| r.get(0))
}

/// Remembers a consent, in place of an older one.
pub fn give(
    tx: &Tx,
    user: i64,
    provider: i64,
    scopes: &str,
    now: UnixSeconds,
    expires_at: UnixSeconds,
) -> Result<(), Internal> {
    let sql = "INSERT INTO consents (user_id, provider_id, scopes, given_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (user_id, provider_id) DO UPDATE SET scopes = ?3, given_at = ?4, expires_at = ?5";
    execute(tx, sql, params![user, provider, scopes, now, expires_at])?;
    Ok(())
}

/// Forgets a consent.
pub fn delete(tx: &Tx, user: i64, provider: i64) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM consents WHERE user_id = ?1 AND provider_id = ?2", params![user, provider])
}

/// Forgets everything that a user agreed to.
pub fn delete_of_user(tx: &Tx, user: i64) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM consents WHERE user_id = ?1", [user])
}
