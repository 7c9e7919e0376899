//! Devices that wait for their user's yes (RFC 8628). When it comes, the row becomes a grant: see `store::grants`.

use rusqlite::{Connection, Row, params};

use super::{Tx, execute, find};
use crate::crypto::digest::Hash;
use crate::domain::UnixSeconds;
use crate::error::Internal;

/// A row of `device_requests`.
#[derive(Debug, Clone)]
pub struct DeviceRequest {
    /// Of the device code.
    pub hash: Hash,
    pub user_code_hash: Hash,
    pub provider_id: i64,
    pub scopes: String,
    pub address: String,
    /// What the address is counted by, unless the client proved who it is.
    pub source: Option<String>,
    pub user_agent: String,
    pub created_at: UnixSeconds,
    pub expires_at: UnixSeconds,
    pub denied_at: Option<UnixSeconds>,
}

const COLUMNS: &str =
    "hash, user_code_hash, provider_id, scopes, address, user_agent, created_at, expires_at, denied_at, source";

fn row(r: &Row) -> rusqlite::Result<DeviceRequest> {
    Ok(DeviceRequest {
        hash: r.get(0)?,
        user_code_hash: r.get(1)?,
        provider_id: r.get(2)?,
        scopes: r.get(3)?,
        address: r.get(4)?,
        user_agent: r.get(5)?,
        created_at: r.get(6)?,
        expires_at: r.get(7)?,
        denied_at: r.get(8)?,
        source: r.get(9)?,
    })
}

/// Adds one. False when another one waits with the same user code.
pub fn insert(tx: &Tx, d: &DeviceRequest) -> Result<bool, Internal> {
    let sql = "INSERT INTO device_requests (hash, user_code_hash, provider_id, scopes, address, user_agent, created_at,
                 expires_at, source)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (user_code_hash) DO NOTHING";
    let values = params![
        d.hash,
        d.user_code_hash,
        d.provider_id,
        d.scopes,
        d.address,
        d.user_agent,
        d.created_at,
        d.expires_at,
        d.source
    ];
    Ok(execute(tx, sql, values)? == 1)
}

/// How many wait for their users.
pub struct Waiting {
    /// Of where one more asks from. 0 where its client answers for it.
    pub from_there: i64,
    pub of_client: i64,
    pub all: i64,
}

/// How many wait before this one. What was denied or has ended waits no more: it is only kept to be told.
pub fn before(connection: &Connection, one: &DeviceRequest) -> Result<Waiting, Internal> {
    let sql = "SELECT coalesce(sum(source = ?1), 0), coalesce(sum(provider_id = ?2), 0), count(*)
               FROM device_requests WHERE expires_at > ?3 AND denied_at IS NULL";
    let values = params![one.source, one.provider_id, one.created_at];
    let waiting = |r: &Row| Ok(Waiting { from_there: r.get(0)?, of_client: r.get(1)?, all: r.get(2)? });
    Ok(connection.prepare_cached(sql)?.query_row(values, waiting)?)
}

pub fn by_device_code(connection: &Connection, hash: &Hash) -> Result<Option<DeviceRequest>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM device_requests WHERE hash = ?1"), [hash], row)
}

/// The one that may still be allowed or denied by this user code.
pub fn waiting(connection: &Connection, user_code: &Hash, now: UnixSeconds) -> Result<Option<DeviceRequest>, Internal> {
    let sql = format!(
        "SELECT {COLUMNS} FROM device_requests WHERE user_code_hash = ?1 AND expires_at > ?2 AND denied_at IS NULL"
    );
    find(connection, &sql, params![user_code, now], row)
}

/// Takes one that is allowed. False when it was allowed, denied or ended meanwhile.
pub fn take(tx: &Tx, hash: &Hash, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "DELETE FROM device_requests WHERE hash = ?1 AND expires_at > ?2 AND denied_at IS NULL";
    Ok(execute(tx, sql, params![hash, now])? == 1)
}

/// Notes that the user said no, which the device has still to be told. False when it was allowed or denied meanwhile.
pub fn deny(tx: &Tx, hash: &Hash, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "UPDATE device_requests SET denied_at = ?2 WHERE hash = ?1 AND denied_at IS NULL";
    Ok(execute(tx, sql, params![hash, now])? == 1)
}

/// Removes those that expired before `before`.
pub fn purge(tx: &Tx, before: UnixSeconds) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM device_requests WHERE expires_at < ?1", [before])
}
