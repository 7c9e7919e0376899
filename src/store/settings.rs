//! Settings made on the pages, a text under each key. What the command line, the environment or the settings file says
//! goes before them.

use rusqlite::{Connection, params};

use super::{Tx, collect, execute, find};
use crate::error::Internal;

pub fn get(connection: &Connection, key: &str) -> Result<Option<String>, Internal> {
    find(connection, "SELECT value FROM settings WHERE key = ?1", [key], |r| r.get(0))
}

/// Every setting that was made.
pub fn list(connection: &Connection) -> Result<Vec<(String, String)>, Internal> {
    collect(connection, "SELECT key, value FROM settings ORDER BY key", [], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Makes a setting, or with `None` unmakes it.
pub fn set(tx: &Tx, key: &str, value: Option<&str>) -> Result<(), Internal> {
    match value {
        Some(value) => execute(
            tx,
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
            params![key, value],
        )?,
        None => execute(tx, "DELETE FROM settings WHERE key = ?1", [key])?,
    };
    Ok(())
}
