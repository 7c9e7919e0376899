//! Failed sign-ins that still count, as far as they are written down. What counts is in the server's memory.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute};
use crate::crypto::digest::Hash;
use crate::domain::throttle::{Guessed, State, Target};
use crate::error::Internal;

/// A row of `throttled`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttled {
    pub key: Hash,
    pub target: Target,
    pub state: State,
}

fn row(r: &Row) -> rusqlite::Result<Option<Throttled>> {
    let (guessed, source): (String, String) = (r.get(3)?, r.get(4)?);
    // What another version wrote is not counted here.
    let (Some(guessed), Ok(source)) = (Guessed::of(&guessed), source.parse()) else { return Ok(None) };
    let user: Option<i64> = r.get(1)?;
    let round = r.get(2)?;
    Ok(Some(Throttled {
        key: r.get(0)?,
        target: Target { user: user.map(|id| (id, round)), guessed, source },
        state: State::of(r.get(5)?, r.get(6)?),
    }))
}

/// All that are written down.
pub fn list(connection: &Connection) -> Result<Vec<Throttled>, Internal> {
    let sql = "SELECT key, user_id, round, guessed, source, failures, last_failure FROM throttled";
    Ok(collect(connection, sql, [], row)?.into_iter().flatten().collect())
}

/// Puts a row in the place of the one with its key. Nothing, if the user is there no more.
fn put(tx: &Tx, t: &Throttled) -> Result<(), Internal> {
    let sql = "INSERT OR REPLACE INTO throttled (key, user_id, round, guessed, source, failures, last_failure)
               SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
               WHERE ?2 IS NULL OR EXISTS (SELECT 1 FROM users WHERE id = ?2 AND throttle_round = ?3)";
    let (user, round) = t.target.user.unzip();
    let (guessed, source) = (t.target.guessed.as_str(), t.target.source.to_string());
    let (failures, last) = (t.state.failures(), t.state.last_failure());
    execute(tx, sql, params![t.key, user, round.unwrap_or_default(), guessed, source, failures, last])?;
    Ok(())
}

fn delete(tx: &Tx, key: &Hash) -> Result<(), Internal> {
    execute(tx, "DELETE FROM throttled WHERE key = ?1", [key])?;
    Ok(())
}

/// Begins a new round: failures of a user until now count no more.
pub fn clear(tx: &Tx, user: i64) -> Result<(), Internal> {
    execute(tx, "UPDATE users SET throttle_round = throttle_round + 1 WHERE id = ?1", [user])?;
    execute(tx, "DELETE FROM throttled WHERE user_id = ?1", [user])?;
    Ok(())
}

/// What has changed since it was written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub put: Vec<Throttled>,
    pub gone: Vec<Hash>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty()
    }

    /// Writes them down.
    pub fn store(&self, tx: &Tx) -> Result<(), Internal> {
        self.put.iter().try_for_each(|t| put(tx, t))?;
        self.gone.iter().try_for_each(|key| delete(tx, key))
    }
}
