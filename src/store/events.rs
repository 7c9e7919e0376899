//! The events: who did what, and what was refused and why. Never a secret, a token or a password.

mod query;
#[cfg(test)]
mod tests;

use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::{Tx, collect, execute, find};
use crate::domain::UnixSeconds;
use crate::domain::event_kinds::{BACKUP_MADE, BACKUP_RESTORED};
use crate::error::Internal;

pub use query::{Export, Filter, Page, by_id, page};

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// 0 until it is stored.
    pub id: i64,
    pub at: UnixSeconds,
    pub kind: String,
    pub username: Option<String>,
    pub client_id: Option<String>,
    /// The slug of the application it is about. Found when it is stored: by a detail of this name, or by the client.
    pub application: Option<String>,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub details: serde_json::Value,
    /// Whether somebody was turned away.
    pub is_refusal: bool,
}

const COLUMNS: &str = "id, at, kind, username, client_id, application, address, request_id, details, is_refusal";

fn row(r: &Row) -> rusqlite::Result<Event> {
    let details: String = r.get(8)?;
    Ok(Event {
        id: r.get(0)?,
        at: r.get(1)?,
        kind: r.get(2)?,
        username: r.get(3)?,
        client_id: r.get(4)?,
        application: r.get(5)?,
        address: r.get(6)?,
        request_id: r.get(7)?,
        details: serde_json::from_str(&details).unwrap_or_default(),
        is_refusal: r.get(9)?,
    })
}

/// What [`count`] counts as a sign-in.
const SIGN_IN: &str = "login";
const DAY: UnixSeconds = 86_400;

pub fn insert(tx: &Tx, e: &Event) -> Result<(), Internal> {
    let sql =
        "INSERT INTO events (at, kind, username, client_id, address, request_id, details, is_refusal, application)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(?9,
                 (SELECT a.slug FROM providers p JOIN applications a ON a.provider_id = p.id WHERE p.client_id = ?4)))";
    let application = e.application.as_deref().or_else(|| e.details["application"].as_str());
    let values = params![
        e.at,
        e.kind,
        e.username,
        e.client_id,
        e.address,
        e.request_id,
        e.details.to_string(),
        e.is_refusal,
        application
    ];
    execute(tx, sql, values)?;
    count(tx, e, tx.last_insert_rowid())
}

/// Adds an event to the numbers of its day.
fn count(tx: &Tx, e: &Event, id: i64) -> Result<(), Internal> {
    let sql = "INSERT INTO event_days (day, sign_ins, refusals, first_id, last_id) VALUES (?1, ?2, ?3, ?4, ?4)
               ON CONFLICT (day) DO UPDATE SET sign_ins = sign_ins + excluded.sign_ins,
                 refusals = refusals + excluded.refusals, last_id = excluded.last_id";
    // Some more may have been refused than were kept.
    let refused = if e.is_refusal { 1 + e.details[NOT_KEPT].as_i64().unwrap_or(0) } else { 0 };
    execute(tx, sql, params![e.at.div_euclid(DAY), e.kind == SIGN_IN, refused, id])?;
    Ok(())
}

/// The detail that says how many more refusals there were than are kept.
pub const NOT_KEPT: &str = "and_refusals_not_kept";

/// The numbers of one day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// When it began.
    pub at: UnixSeconds,
    pub sign_ins: i64,
    pub refusals: i64,
}

/// The last `count` days up to the one of `now`, oldest first, each there also when nothing happened.
pub fn days(connection: &Connection, now: UnixSeconds, count: i64) -> Result<Vec<Day>, Internal> {
    let today = now.div_euclid(DAY);
    let sql = "SELECT day, sign_ins, refusals FROM event_days WHERE day > ?1 AND day <= ?2";
    let counted = collect(connection, sql, params![today - count, today], |r| {
        Ok(Day { at: r.get::<_, i64>(0)? * DAY, sign_ins: r.get(1)?, refusals: r.get(2)? })
    })?;
    let day = |at| counted.iter().find(|d| d.at == at).copied().unwrap_or(Day { at, sign_ins: 0, refusals: 0 });
    Ok((today - count + 1..=today).map(|n| day(n * DAY)).collect())
}

/// Where the backups are that somebody made, by name, since the last restore: what came before is another machine's.
pub fn backup_places(connection: &Connection, by: &str) -> Result<Vec<String>, Internal> {
    let sql = "SELECT details ->> 'place' FROM events WHERE kind = ?1 AND details ->> 'by' = ?2
                 AND details ->> 'place' IS NOT NULL
                 AND id > (SELECT coalesce(max(id), 0) FROM events WHERE kind = ?3)";
    collect(connection, sql, [BACKUP_MADE, by, BACKUP_RESTORED], |r| r.get(0))
}

/// The newest `limit` events with an id above `after`, oldest first.
pub fn newest(connection: &Connection, after: i64, limit: i64) -> Result<Vec<Event>, Internal> {
    let sql =
        format!("SELECT {COLUMNS} FROM (SELECT * FROM events WHERE id > ?1 ORDER BY id DESC LIMIT ?2) ORDER BY id");
    collect(connection, &sql, params![after, limit], row)
}

/// How many events are kept: of refusals, and of all that is none.
const KEEP: [(bool, i64); 2] = [(true, 10_000), (false, 1_000_000)];
/// As many are removed in one write: others wait for the writer meanwhile.
const PURGE_STEP: i64 = 1_000;

/// Whether [`purge`] would find enough to be worth a write.
pub fn is_purge_due(connection: &Connection, before: UnixSeconds) -> Result<bool, Internal> {
    if find(connection, "SELECT 1 FROM events WHERE at < ?1 LIMIT 1", [before], |_| Ok(()))?.is_some() {
        return Ok(true);
    }
    for (is_refusal, keep) in KEEP {
        if is_more_than(connection, is_refusal, keep + keep / 10)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_more_than(connection: &Connection, is_refusal: bool, limit: i64) -> Result<bool, Internal> {
    // There cannot be more than the ids leave room for: most houses need not count.
    let sql = "SELECT (SELECT max(id) FROM events WHERE is_refusal = ?1) - (SELECT min(id) FROM events WHERE is_refusal = ?1)";
    let room: Option<i64> = connection.prepare_cached(sql)?.query_row([is_refusal], |r| r.get(0))?;
    if room.is_none_or(|room| room < limit) {
        return Ok(false);
    }
    Ok(newest_beyond(connection, is_refusal, limit)?.is_some())
}

/// The newest event of its sort that is beyond the `keep` newest.
fn newest_beyond(connection: &Connection, is_refusal: bool, keep: i64) -> Result<Option<i64>, Internal> {
    let sql = "SELECT id FROM events WHERE is_refusal = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2";
    find(connection, sql, params![is_refusal, keep], |r| r.get(0))
}

/// Removes some of what is from before `before`, and of the rest some of the oldest beyond what is kept. True when there
/// may be more to remove.
pub fn purge(tx: &Tx, before: UnixSeconds) -> Result<bool, Internal> {
    execute(tx, "DELETE FROM event_days WHERE day < ?1", [before.div_euclid(DAY)])?;
    let sql = "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ?1 ORDER BY at LIMIT ?2)";
    let mut is_more = execute(tx, sql, params![before, PURGE_STEP])? as i64 == PURGE_STEP;
    for (is_refusal, keep) in KEEP {
        let Some(last) = newest_beyond(tx, is_refusal, keep)? else { continue };
        let sql = "DELETE FROM events WHERE id IN
                     (SELECT id FROM events WHERE is_refusal = ?1 AND id <= ?2 ORDER BY id LIMIT ?3)";
        is_more |= execute(tx, sql, params![is_refusal, last, PURGE_STEP])? as i64 == PURGE_STEP;
    }
    Ok(is_more)
}
