//! Signed-in browsers. The cookie's value is stored as its SHA-256 only.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find};
use crate::crypto::digest::Hash;
use crate::domain::UnixSeconds;
use crate::error::Internal;

/// A row of `sessions`.
#[derive(Debug, Clone)]
pub struct Session {
    pub hash: Hash,
    /// The `sid` of ID tokens.
    pub sid: String,
    pub user_id: i64,
    pub auth_time: UnixSeconds,
    /// Authentication methods (RFC 8176), separated by spaces.
    pub amr: String,
    pub created_at: UnixSeconds,
    pub last_seen_at: UnixSeconds,
    pub address: String,
    pub user_agent: String,
}

fn row(r: &Row) -> rusqlite::Result<Session> {
    Ok(Session {
        hash: r.get(0)?,
        sid: r.get(1)?,
        user_id: r.get(2)?,
        auth_time: r.get(3)?,
        amr: r.get(4)?,
        created_at: r.get(5)?,
        last_seen_at: r.get(6)?,
        address: r.get(7)?,
        user_agent: r.get(8)?,
    })
}

const COLUMNS: &str = "hash, sid, user_id, auth_time, amr, created_at, last_seen_at, address, user_agent";

pub fn by_hash(connection: &Connection, hash: &Hash) -> Result<Option<Session>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM sessions WHERE hash = ?1"), [hash], row)
}

pub fn insert(tx: &Tx, s: &Session) -> Result<(), Internal> {
    let sql = "INSERT INTO sessions (hash, sid, user_id, auth_time, amr, created_at, last_seen_at, address, user_agent)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    execute(
        tx,
        sql,
        params![s.hash, s.sid, s.user_id, s.auth_time, s.amr, s.created_at, s.last_seen_at, s.address, s.user_agent],
    )?;
    Ok(())
}

pub fn touch(tx: &Tx, hash: &Hash, now: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "UPDATE sessions SET last_seen_at = ?2 WHERE hash = ?1", params![hash, now])?;
    Ok(())
}

/// Whether a session has not been ended, and its user may sign in. Asked again in every transaction that gives something
/// lasting on the strength of a session that was read before.
pub fn holds(tx: &Tx, hash: &Hash) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.hash = ?1 AND u.is_active";
    Ok(find(tx, sql, [hash], |_| Ok(()))?.is_some())
}

/// Notes that its user has just proven anew who they are, and by what. False when it was ended meanwhile.
pub fn renew(tx: &Tx, hash: &Hash, amr: &str, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "UPDATE sessions SET auth_time = ?3, amr = ?2 WHERE hash = ?1";
    Ok(execute(tx, sql, params![hash, amr, now])? == 1)
}

/// The sessions of a user, the last used first.
pub fn of_user(connection: &Connection, user: i64) -> Result<Vec<Session>, Internal> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE user_id = ?1 ORDER BY last_seen_at DESC");
    collect(connection, &sql, [user], row)
}

/// The sessions of a user that were used since `used` and begun since `begun`, the last used first, no more than
/// `most`; and how many there are.
pub fn current_of_user(
    connection: &Connection,
    user: i64,
    (used, begun): (UnixSeconds, UnixSeconds),
    most: i64,
) -> Result<(Vec<Session>, i64), Internal> {
    let sql = format!(
        "SELECT {COLUMNS}, count(*) OVER () AS total FROM sessions
         WHERE user_id = ?1 AND last_seen_at > ?2 AND created_at > ?3 ORDER BY last_seen_at DESC LIMIT ?4"
    );
    let mut all = 0;
    let rows = collect(connection, &sql, params![user, used, begun, most], |r| {
        all = r.get("total")?;
        row(r)
    })?;
    Ok((rows, all))
}

/// How many were used since `used` and begun since `begun`.
pub fn count_current(connection: &Connection, (used, begun): (UnixSeconds, UnixSeconds)) -> Result<i64, Internal> {
    let sql = "SELECT count(*) FROM sessions WHERE last_seen_at > ?1 AND created_at > ?2";
    Ok(connection.prepare_cached(sql)?.query_row(params![used, begun], |r| r.get(0))?)
}

pub fn delete(tx: &Tx, hash: &Hash) -> Result<(), Internal> {
    execute(tx, "DELETE FROM sessions WHERE hash = ?1", [hash])?;
    Ok(())
}

/// Ends a session of a user by its `sid`. False when there is none.
pub fn delete_by_sid(tx: &Tx, user: i64, sid: &str) -> Result<bool, Internal> {
    Ok(execute(tx, "DELETE FROM sessions WHERE user_id = ?1 AND sid = ?2", params![user, sid])? > 0)
}

pub fn delete_of_user(tx: &Tx, user: i64) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM sessions WHERE user_id = ?1", [user])
}

/// Ends the sessions of a user that began with one factor (`domain::methods`), and gives their `sid`s.
pub fn delete_of_one_factor(tx: &Tx, user: i64) -> Result<Vec<String>, Internal> {
    let sql = "DELETE FROM sessions WHERE user_id = ?1 AND instr(' ' || amr || ' ', ' mfa ') = 0 RETURNING sid";
    collect(tx, sql, [user], |r| r.get(0))
}

/// Removes sessions that ended before `before`, by idleness or by age.
pub fn purge(tx: &Tx, idle_before: UnixSeconds, created_before: UnixSeconds) -> Result<usize, Internal> {
    let sql = "DELETE FROM sessions WHERE last_seen_at < ?1 OR created_at < ?2";
    execute(tx, sql, params![idle_before, created_before])
}
