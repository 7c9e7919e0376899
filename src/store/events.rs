//! The events: who did what, and what was refused and why. Never a secret, a token or a password.

use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::{Tx, collect, execute, find};
use crate::domain::UnixSeconds;
use crate::error::Internal;

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// 0 until it is stored.
    pub id: i64,
    pub at: UnixSeconds,
    pub kind: String,
    pub username: Option<String>,
    pub client_id: Option<String>,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub details: serde_json::Value,
    /// Whether somebody was turned away.
    pub is_refusal: bool,
}

fn row(r: &Row) -> rusqlite::Result<Event> {
    let details: String = r.get(7)?;
    Ok(Event {
        id: r.get(0)?,
        at: r.get(1)?,
        kind: r.get(2)?,
        username: r.get(3)?,
        client_id: r.get(4)?,
        address: r.get(5)?,
        request_id: r.get(6)?,
        details: serde_json::from_str(&details).unwrap_or_default(),
        is_refusal: r.get(8)?,
    })
}

pub fn insert(tx: &Tx, e: &Event) -> Result<(), Internal> {
    let sql = "INSERT INTO events (at, kind, username, client_id, address, request_id, details, is_refusal)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let details = e.details.to_string();
    execute(tx, sql, params![e.at, e.kind, e.username, e.client_id, e.address, e.request_id, details, e.is_refusal])?;
    Ok(())
}

/// The newest `limit` events with an id above `after`, oldest first.
pub fn newest(connection: &Connection, after: i64, limit: i64) -> Result<Vec<Event>, Internal> {
    let sql = "SELECT id, at, kind, username, client_id, address, request_id, details, is_refusal FROM
                 (SELECT * FROM events WHERE id > ?1 ORDER BY id DESC LIMIT ?2) ORDER BY id";
    collect(connection, sql, params![after, limit], row)
}

/// How many events are kept: of refusals, and of all that is none.
const KEEP: [(bool, i64); 2] = [(true, 10_000), (false, 100_000)];

/// Whether [`purge`] would find enough to be worth a write.
pub fn is_purge_due(connection: &Connection, before: UnixSeconds) -> Result<bool, Internal> {
    if find(connection, "SELECT 1 FROM events WHERE at < ?1 LIMIT 1", [before], |_| Ok(()))?.is_some() {
        return Ok(true);
    }
    for (is_refusal, keep) in KEEP {
        let sql = "SELECT id FROM events WHERE is_refusal = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2";
        if find(connection, sql, params![is_refusal, keep + keep / 10], |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes what is from before `before`, and of the rest the oldest beyond what is kept.
pub fn purge(tx: &Tx, before: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "DELETE FROM events WHERE at < ?1", [before])?;
    for (is_refusal, keep) in KEEP {
        let sql = "DELETE FROM events WHERE is_refusal = ?1 AND id <=
                     (SELECT id FROM events WHERE is_refusal = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
        execute(tx, sql, params![is_refusal, keep])?;
    }
    Ok(())
}
