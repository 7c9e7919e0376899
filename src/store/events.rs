//! The events: who did what, and what was refused and why. Never a secret, a token or a password.

use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::{Tx, collect, execute};
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
    })
}

pub fn insert(tx: &Tx, e: &Event) -> Result<(), Internal> {
    let sql = "INSERT INTO events (at, kind, username, client_id, address, request_id, details)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let details = e.details.to_string();
    execute(tx, sql, params![e.at, e.kind, e.username, e.client_id, e.address, e.request_id, details])?;
    Ok(())
}

/// The newest `limit` events with an id above `after`, oldest first.
pub fn newest(connection: &Connection, after: i64, limit: i64) -> Result<Vec<Event>, Internal> {
    let sql = "SELECT id, at, kind, username, client_id, address, request_id, details FROM
                 (SELECT * FROM events WHERE id > ?1 ORDER BY id DESC LIMIT ?2) ORDER BY id";
    collect(connection, sql, params![after, limit], row)
}

/// Keeps the newest `keep` events at most, and none from before `before`.
pub fn purge(tx: &Tx, before: UnixSeconds, keep: i64) -> Result<usize, Internal> {
    let sql = "DELETE FROM events WHERE at < ?1 OR id <= (SELECT max(id) FROM events) - ?2";
    execute(tx, sql, params![before, keep])
}
