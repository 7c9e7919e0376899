//! The clock's mark: a time that has been. It rides on transactions that are made anyway.

use rusqlite::{Connection, params};

use super::{Tx, execute, meta, overview};
use crate::clock::Stored;
use crate::domain::clock::Mark;
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;

/// The mark, and which reset of it this is. A database from before there was one has its events to go by.
pub fn read(connection: &Connection) -> Result<Stored, Internal> {
    let mark = meta::get(connection, meta::CLOCK_MARK)?.and_then(|text| text.parse().ok());
    let mark = match mark {
        Some(mark) => Some(mark),
        None => overview::last_event_at(connection)?.map(|at| Mark { at, taken: None }),
    };
    Ok(Stored { mark, reset: meta::get(connection, meta::CLOCK_RESET)? })
}

/// Writes a mark down. A higher one stays (another process wrote it), and so does one that was reset meanwhile.
pub fn keep(tx: &Tx, mark: &Mark, reset: Option<&str>) -> Result<(), Internal> {
    // A mark begins with its time: as a number it is that.
    let sql = "INSERT INTO meta (key, value) SELECT ?1, ?2
                 WHERE (SELECT value FROM meta WHERE key = ?3) IS ?4
               ON CONFLICT (key) DO UPDATE SET value = ?2 WHERE CAST(value AS INTEGER) <= CAST(?2 AS INTEGER)";
    execute(tx, sql, params![meta::CLOCK_MARK, mark.to_string(), meta::CLOCK_RESET, reset])?;
    Ok(())
}

/// What a reset of the mark ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub sessions: usize,
    pub grants: usize,
}

/// Sets the mark, be it back from `from`, and ends what was issued after it: it would begin to count again when its time
/// comes.
pub fn reset(tx: &Tx, from: UnixSeconds, mark: &Mark, id: &str) -> Result<Ended, Internal> {
    meta::set(tx, meta::CLOCK_MARK, &mark.to_string())?;
    meta::set(tx, meta::CLOCK_RESET, id)?;
    let until: UnixSeconds = mark.at + FUTURE_TOLERANCE;
    let sessions = execute(tx, "DELETE FROM sessions WHERE created_at > ?1", [until])?;
    let grants = execute(tx, "DELETE FROM grants WHERE created_at > ?1", [until])?;
    for sql in [
        // A refresh in that time was a token of a grant from before.
        "DELETE FROM access_tokens WHERE issued_at > ?1",
        "DELETE FROM refresh_tokens WHERE issued_at > ?1",
        "DELETE FROM links WHERE created_at > ?1",
        "DELETE FROM invitations WHERE created_at > ?1",
        "DELETE FROM consents WHERE given_at > ?1",
        "UPDATE logout_messages SET due_at = ?1 WHERE due_at > ?1",
        "UPDATE signed_in_at SET at = ?1 WHERE at > ?1",
        "DELETE FROM known_devices WHERE created_at > ?1",
        "UPDATE known_devices SET remembered_until = NULL WHERE last_seen_at > ?1",
        "UPDATE known_devices SET last_seen_at = max(created_at, ?1) WHERE last_seen_at > ?1",
        // Used in that time, it would seem unused for less long than it was.
        "UPDATE sessions SET last_seen_at = max(created_at, ?1) WHERE last_seen_at > ?1",
    ] {
        execute(tx, sql, [until])?;
    }
    // Failures are as long ago as they were: nobody waits for longer, and what was forgotten stays so.
    let back = (from - mark.at).max(0);
    execute(tx, "UPDATE throttled SET last_failure = last_failure - ?1", [back])?;
    Ok(Ended { sessions, grants })
}
