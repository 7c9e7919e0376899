//! App passwords: what service accounts prove themselves by, as SHA-256. Random and long, so that a fast hash is enough.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find};
use crate::crypto::digest::Hash;
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;

/// A row of `app_passwords`.
#[derive(Debug, Clone)]
pub struct AppPassword {
    pub id: i64,
    pub user_id: i64,
    pub label: String,
    /// The username of an administrator, or what commands are called in events.
    pub created_by: String,
    pub created_at: UnixSeconds,
    pub expires_at: Option<UnixSeconds>,
    pub last_used_at: Option<UnixSeconds>,
}

impl AppPassword {
    /// Whether it may still be used. One from the future belongs to a clock that jumped.
    pub fn is_good(&self, now: UnixSeconds) -> bool {
        self.expires_at.is_none_or(|at| at > now) && self.created_at <= now + FUTURE_TOLERANCE
    }
}

const COLUMNS: &str = "id, user_id, label, created_by, created_at, expires_at, last_used_at";

fn row(r: &Row) -> rusqlite::Result<AppPassword> {
    Ok(AppPassword {
        id: r.get(0)?,
        user_id: r.get(1)?,
        label: r.get(2)?,
        created_by: r.get(3)?,
        created_at: r.get(4)?,
        expires_at: r.get(5)?,
        last_used_at: r.get(6)?,
    })
}

/// Adds one (its `id` is not looked at).
pub fn insert(tx: &Tx, hash: &Hash, p: &AppPassword) -> Result<(), Internal> {
    let sql = "INSERT INTO app_passwords (hash, user_id, label, created_by, created_at, expires_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    execute(tx, sql, params![hash, p.user_id, p.label, p.created_by, p.created_at, p.expires_at])?;
    Ok(())
}

pub fn by_hash(connection: &Connection, hash: &Hash) -> Result<Option<AppPassword>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM app_passwords WHERE hash = ?1"), [hash], row)
}

pub fn by_id(connection: &Connection, id: i64) -> Result<Option<AppPassword>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM app_passwords WHERE id = ?1"), [id], row)
}

/// Those of a user, the newest first.
pub fn of_user(connection: &Connection, user: i64) -> Result<Vec<AppPassword>, Internal> {
    collect(
        connection,
        &format!("SELECT {COLUMNS} FROM app_passwords WHERE user_id = ?1 ORDER BY id DESC"),
        [user],
        row,
    )
}

/// Whether any service account has one that may be used.
pub fn any_good(connection: &Connection, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM app_passwords p JOIN users u ON u.id = p.user_id
               WHERE u.is_active AND (p.expires_at IS NULL OR p.expires_at > ?1) LIMIT 1";
    Ok(find(connection, sql, [now], |_| Ok(()))?.is_some())
}

/// Notes that one was used. False when it was revoked meanwhile.
pub fn used(tx: &Tx, id: i64, now: UnixSeconds) -> Result<bool, Internal> {
    Ok(execute(tx, "UPDATE app_passwords SET last_used_at = ?2 WHERE id = ?1", params![id, now])? == 1)
}

/// Revokes one, and with it every token that came of it. Gives its label.
pub fn delete(tx: &Tx, user: i64, id: i64) -> Result<Option<String>, Internal> {
    let sql = "DELETE FROM app_passwords WHERE user_id = ?1 AND id = ?2 RETURNING label";
    find(tx, sql, params![user, id], |r| r.get(0))
}
