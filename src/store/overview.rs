//! What the Dashboard counts and lists, across tables.

use rusqlite::{Connection, params};

use super::{Store, collect};
use crate::domain::UnixSeconds;
use crate::domain::event_kinds::{POLICY_FAILED, SCOPE_MAPPING_FAILED};
use crate::error::Internal;
use crate::metrics::Histogram;

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub users: i64,
    pub groups: i64,
    pub applications: i64,
    pub providers: i64,
}

pub fn counts(connection: &Connection) -> Result<Counts, Internal> {
    let sql = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM groups),
                 (SELECT count(*) FROM applications), (SELECT count(*) FROM providers)";
    let counts = connection.prepare_cached(sql)?.query_row([], |r| {
        Ok(Counts { users: r.get(0)?, groups: r.get(1)?, applications: r.get(2)?, providers: r.get(3)? })
    });
    Ok(counts?)
}

/// Id and name of some of the applications that are open to everybody, and how many there are.
pub fn open_applications(connection: &Connection, most: i64) -> Result<(Vec<(i64, String)>, i64), Internal> {
    // An enabled binding closes it, whatever the row says.
    let open = "FROM applications a WHERE a.everybody
                  AND NOT EXISTS (SELECT 1 FROM bindings b WHERE b.application_id = a.id AND b.enabled)";
    let count = connection.prepare_cached(&format!("SELECT count(*) {open}"))?.query_row([], |r| r.get(0))?;
    let sql = format!("SELECT a.id, a.name {open} ORDER BY a.name COLLATE NOCASE LIMIT ?1");
    Ok((collect(connection, &sql, [most], |r| Ok((r.get(0)?, r.get(1)?)))?, count))
}

/// Names of applications and an address of each, where a host name stands somewhere in the address, as itself or in a
/// regular expression.
pub fn addresses_with(connection: &Connection, host: &str) -> Result<Vec<(String, String)>, Internal> {
    let sql = "SELECT a.name, u.uri FROM provider_uris u JOIN applications a ON a.provider_id = u.provider_id
                 WHERE instr(replace(lower(u.uri), '\', ''), ?1)
               UNION SELECT name, launch_url FROM applications WHERE instr(lower(launch_url), ?1)
               ORDER BY 1";
    collect(connection, sql, [host], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Names of the policies that failed since then, and since they were last changed: the newest failures are looked at.
pub fn failed_policies(connection: &Connection, since: UnixSeconds) -> Result<Vec<String>, Internal> {
    failed(connection, "policies", "policy", POLICY_FAILED, since)
}

/// The same for scope mappings.
pub fn failed_scope_mappings(connection: &Connection, since: UnixSeconds) -> Result<Vec<String>, Internal> {
    failed(connection, "scope_mappings", "scope_mapping", SCOPE_MAPPING_FAILED, since)
}

fn failed(
    connection: &Connection,
    table: &str,
    detail: &str,
    kind: &str,
    since: UnixSeconds,
) -> Result<Vec<String>, Internal> {
    let sql = format!(
        "SELECT DISTINCT x.name FROM
           (SELECT at, details FROM events WHERE kind = ?1 ORDER BY id DESC LIMIT 200) e
           JOIN {table} x ON x.name = json_extract(e.details, '$.{detail}')
         WHERE e.at >= ?2 AND e.at >= x.updated_at ORDER BY 1"
    );
    collect(connection, &sql, params![kind, since], |r| r.get(0))
}

/// When the last event was, by the clock of then. `None` when there is none.
pub fn last_event_at(connection: &Connection) -> Result<Option<UnixSeconds>, Internal> {
    Ok(connection.prepare_cached("SELECT max(at) FROM events")?.query_row([], |r| r.get(0))?)
}

impl Store {
    /// Bytes of the database and its log on the disk.
    pub fn bytes(&self) -> u64 {
        let (database, log) = self.files();
        database + log
    }

    /// Bytes of the database's file, and of its write-ahead log's.
    pub fn files(&self) -> (u64, u64) {
        let length = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |m| m.len());
        (length(&self.path), length(&self.path.with_extension("db-wal")))
    }

    /// Writes that wait for their commit.
    pub fn writes_waiting(&self) -> usize {
        self.writer.waiting()
    }

    /// Reads that go on now.
    pub fn reads(&self) -> usize {
        self.readers.lent()
    }

    /// How long commits took.
    pub fn commits(&self) -> &Histogram {
        self.writer.commits()
    }
}
