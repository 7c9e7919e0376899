//! Uploaded pictures, each stored once under the hash of its content. One that nothing shows any more is deleted by the
//! schema's triggers, in the transaction in which its last use ends.

use rusqlite::{Connection, params};

use super::{Tx, execute, find};
use crate::domain::UnixSeconds;
use crate::error::Internal;

/// A picture as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icon {
    pub content_type: String,
    pub bytes: Vec<u8>,
}

pub fn by_hash(connection: &Connection, hash: &str) -> Result<Option<Icon>, Internal> {
    let row = |r: &rusqlite::Row| Ok(Icon { content_type: r.get(0)?, bytes: r.get(1)? });
    find(connection, "SELECT content_type, bytes FROM icons WHERE hash = ?1", [hash], row)
}

/// Stores a picture unless it is there. What is to show it must come to name it in the same transaction.
pub fn insert(tx: &Tx, hash: &str, content_type: &str, bytes: &[u8], now: UnixSeconds) -> Result<(), Internal> {
    let sql =
        "INSERT INTO icons (hash, content_type, bytes, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    execute(tx, sql, params![hash, content_type, bytes, now])?;
    Ok(())
}
