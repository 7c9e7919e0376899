//! Passkeys of users.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find};
use crate::domain::UnixSeconds;
use crate::error::Internal;

/// A row of `passkeys`.
#[derive(Debug, Clone)]
pub struct Passkey {
    pub id: i64,
    pub user_id: i64,
    pub name: String,
    /// The host name that it was made for.
    pub rp_id: String,
    /// What is kept of it, as JSON of `crypto::passkeys`.
    pub credential: String,
    pub is_synced: bool,
    pub created_at: UnixSeconds,
    pub last_used_at: Option<UnixSeconds>,
}

/// One that is made.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    pub name: String,
    pub credential_id: Vec<u8>,
    pub rp_id: String,
    pub credential: String,
    pub counter: u32,
    pub is_synced: bool,
}

/// What a use of one changes.
#[derive(Debug, Clone)]
pub struct Use {
    pub id: i64,
    pub credential: String,
    pub counter: u32,
    pub is_synced: bool,
}

const COLUMNS: &str = "id, user_id, name, rp_id, credential, is_synced, created_at, last_used_at";

fn row(r: &Row) -> rusqlite::Result<Passkey> {
    Ok(Passkey {
        id: r.get(0)?,
        user_id: r.get(1)?,
        name: r.get(2)?,
        rp_id: r.get(3)?,
        credential: r.get(4)?,
        is_synced: r.get(5)?,
        created_at: r.get(6)?,
        last_used_at: r.get(7)?,
    })
}

/// All of a user's, whatever host they were made for.
pub fn of_user(connection: &Connection, user: i64) -> Result<Vec<Passkey>, Internal> {
    collect(connection, &format!("SELECT {COLUMNS} FROM passkeys WHERE user_id = ?1 ORDER BY id"), [user], row)
}

/// The credentials of a user that work under a host name.
pub fn ids_of_user(connection: &Connection, user: i64, rp_id: &str) -> Result<Vec<Vec<u8>>, Internal> {
    let sql = "SELECT credential_id FROM passkeys WHERE user_id = ?1 AND rp_id = ?2 ORDER BY id";
    collect(connection, sql, params![user, rp_id], |r| r.get(0))
}

pub fn by_credential(connection: &Connection, id: &[u8], rp_id: &str) -> Result<Option<Passkey>, Internal> {
    let sql = format!("SELECT {COLUMNS} FROM passkeys WHERE credential_id = ?1 AND rp_id = ?2");
    find(connection, &sql, params![id, rp_id], row)
}

/// Adds one. False when there is one of this id, whoever's it is.
pub fn insert(tx: &Tx, user: i64, new: &NewPasskey, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "INSERT INTO passkeys (user_id, name, credential_id, rp_id, credential, counter, is_synced, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    let NewPasskey { name, credential_id, rp_id, credential, counter, is_synced } = new;
    Ok(execute(tx, sql, params![user, name, credential_id, rp_id, credential, counter, is_synced, now])? == 1)
}

/// Notes a use. False when it is gone, or its counter did not move on: of two uses at once that say the same, one counts.
pub fn note_use(tx: &Tx, user: i64, used: &Use, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "UPDATE passkeys SET credential = ?3, counter = ?4, is_synced = ?5, last_used_at = ?6
               WHERE id = ?1 AND user_id = ?2 AND (counter < ?4 OR (counter = 0 AND ?4 = 0))";
    let values = params![used.id, user, used.credential, used.counter, used.is_synced, now];
    Ok(execute(tx, sql, values)? == 1)
}

/// Gives one another name. What it was called before; `None` when it is none of the user's.
pub fn rename(tx: &Tx, user: i64, id: i64, name: &str) -> Result<Option<String>, Internal> {
    let before = name_of(tx, user, id)?;
    execute(tx, "UPDATE passkeys SET name = ?3 WHERE id = ?1 AND user_id = ?2", params![id, user, name])?;
    Ok(before)
}

/// Takes one away. What it was called; `None` when it is none of the user's.
pub fn delete(tx: &Tx, user: i64, id: i64) -> Result<Option<String>, Internal> {
    let before = name_of(tx, user, id)?;
    execute(tx, "DELETE FROM passkeys WHERE id = ?1 AND user_id = ?2", params![id, user])?;
    Ok(before)
}

fn name_of(tx: &Tx, user: i64, id: i64) -> Result<Option<String>, Internal> {
    find(tx, "SELECT name FROM passkeys WHERE id = ?1 AND user_id = ?2", params![id, user], |r| r.get(0))
}

/// Whether a database has a place for passkeys: one that is only read may be older.
pub fn are_known(connection: &Connection) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'passkeys'";
    Ok(find(connection, sql, [], |_| Ok(()))?.is_some())
}

/// Passkeys that were made for other hosts than the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Username, name and host of some.
    pub some: Vec<(String, String, String)>,
    pub all: usize,
}

/// The passkeys that do not work under a host name; all of them where there is none. Some are named.
pub fn elsewhere(connection: &Connection, rp_id: Option<&str>, named: usize) -> Result<Elsewhere, Internal> {
    let sql = "SELECT u.username, p.name, p.rp_id FROM passkeys p JOIN users u ON u.id = p.user_id
               WHERE p.rp_id IS NOT ?1 ORDER BY u.username_key, p.id LIMIT ?2";
    let limit = i64::try_from(named).unwrap_or(i64::MAX);
    let some = collect(connection, sql, params![rp_id, limit], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let sql = "SELECT count(*) FROM passkeys WHERE rp_id IS NOT ?1";
    let all: i64 = connection.prepare_cached(sql)?.query_row([rp_id], |r| r.get(0))?;
    Ok(Elsewhere { some, all: usize::try_from(all).unwrap_or_default() })
}
