//! Invitations: links by which guests make accounts of their own. Stored as SHA-256 only.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find};
use crate::crypto::digest::Hash;
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;

/// A row of `invitations`.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: i64,
    /// May be empty.
    pub label: String,
    /// Whether whoever made it was told that it may make administrators.
    pub administrators: bool,
    /// The username of an administrator, or what commands are called in events.
    pub created_by: String,
    pub created_at: UnixSeconds,
    pub expires_at: UnixSeconds,
    pub uses_left: i64,
}

impl Invitation {
    /// Whether somebody can still use it. One from the future belongs to a clock that jumped.
    pub fn is_open(&self, now: UnixSeconds) -> bool {
        self.uses_left > 0 && self.expires_at > now && self.created_at <= now + FUTURE_TOLERANCE
    }

    /// What events call it.
    pub fn name(&self) -> String {
        if self.label.is_empty() { format!("#{}", self.id) } else { self.label.clone() }
    }
}

fn row(r: &Row) -> rusqlite::Result<Invitation> {
    Ok(Invitation {
        id: r.get(0)?,
        label: r.get(1)?,
        administrators: r.get(2)?,
        created_by: r.get(3)?,
        created_at: r.get(4)?,
        expires_at: r.get(5)?,
        uses_left: r.get(6)?,
    })
}

const COLUMNS: &str = "id, label, administrators, created_by, created_at, expires_at, uses_left";
/// Of a token's hash `?1`, at the time `?2`; `?3` is the latest time of a row that is not from the future.
const OPEN: &str = "hash = ?1 AND uses_left > 0 AND expires_at > ?2 AND created_at <= ?3";

/// Adds an invitation (its `id` is not looked at) into these groups, and gives its id.
pub fn insert(tx: &Tx, hash: &Hash, invitation: &Invitation, groups: &[i64]) -> Result<i64, Internal> {
    let sql = "INSERT INTO invitations (hash, label, administrators, created_by, created_at, expires_at, uses_left)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let Invitation { label, administrators, created_by, created_at, expires_at, uses_left, .. } = invitation;
    execute(tx, sql, params![hash, label, administrators, created_by, created_at, expires_at, uses_left])?;
    let id = tx.last_insert_rowid();
    for group in groups {
        let sql = "INSERT INTO invitation_groups (invitation_id, group_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        execute(tx, sql, params![id, group])?;
    }
    Ok(id)
}

/// All of them, the newest first.
pub fn list(connection: &Connection) -> Result<Vec<Invitation>, Internal> {
    collect(connection, &format!("SELECT {COLUMNS} FROM invitations ORDER BY id DESC"), [], row)
}

pub fn by_id(connection: &Connection, id: i64) -> Result<Option<Invitation>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM invitations WHERE id = ?1"), [id], row)
}

/// The ids of its groups that are still there.
pub fn groups_of(connection: &Connection, id: i64) -> Result<Vec<i64>, Internal> {
    collect(connection, "SELECT group_id FROM invitation_groups WHERE invitation_id = ?1", [id], |r| r.get(0))
}

/// How many could still be used.
pub fn count_open(connection: &Connection, now: UnixSeconds) -> Result<i64, Internal> {
    let sql = "SELECT count(*) FROM invitations WHERE uses_left > 0 AND expires_at > ?1";
    Ok(connection.prepare_cached(sql)?.query_row([now], |r| r.get(0))?)
}

/// The invitation of a link that is good.
pub fn open_by_hash(connection: &Connection, hash: &Hash, now: UnixSeconds) -> Result<Option<Invitation>, Internal> {
    let sql = format!("SELECT {COLUMNS} FROM invitations WHERE {OPEN}");
    find(connection, &sql, params![hash, now, now + FUTURE_TOLERANCE], row)
}

/// Uses a link once. `None` when it is not good, or not any more: the last use went to somebody faster.
pub fn use_once(tx: &Tx, hash: &Hash, now: UnixSeconds) -> Result<Option<Invitation>, Internal> {
    let sql = format!("UPDATE invitations SET uses_left = uses_left - 1 WHERE {OPEN} RETURNING {COLUMNS}");
    find(tx, &sql, params![hash, now, now + FUTURE_TOLERANCE], row)
}

/// False when it was not there.
pub fn delete(tx: &Tx, id: i64) -> Result<bool, Internal> {
    Ok(execute(tx, "DELETE FROM invitations WHERE id = ?1", [id])? == 1)
}

/// Removes those that expired before `before`.
pub fn purge(tx: &Tx, before: UnixSeconds) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM invitations WHERE expires_at < ?1", [before])
}
