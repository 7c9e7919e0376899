//! Authorization requests that clients pushed (RFC 9126), until the browser comes with their `request_uri`.

use rusqlite::{Connection, params};

use super::{Tx, execute, find};
use crate::crypto::digest::Hash;
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;

/// Of one client at a time.
const MOST: i64 = 1_000;

/// Adds a request. False when the client has too many that wait.
pub fn insert(
    tx: &Tx,
    hash: &Hash,
    provider: i64,
    request: &str,
    now: UnixSeconds,
    expires_at: UnixSeconds,
) -> Result<bool, Internal> {
    execute(tx, "DELETE FROM pushed_requests WHERE provider_id = ?1 AND expires_at <= ?2", params![provider, now])?;
    let waiting = "SELECT count(*) FROM pushed_requests WHERE provider_id = ?1";
    let waiting: i64 = tx.prepare_cached(waiting)?.query_row([provider], |r| r.get(0))?;
    if waiting >= MOST {
        return Ok(false);
    }
    let sql = "INSERT INTO pushed_requests (hash, provider_id, request, created_at, expires_at)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    execute(tx, sql, params![hash, provider, request, now, expires_at])?;
    Ok(true)
}

/// Whether a client's request waits. Asked first, so that strangers cause no transaction.
pub fn is_there(connection: &Connection, hash: &Hash, provider: i64, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM pushed_requests
               WHERE hash = ?1 AND provider_id = ?2 AND expires_at > ?3 AND created_at <= ?4";
    Ok(find(connection, sql, params![hash, provider, now, now + FUTURE_TOLERANCE], |_| Ok(()))?.is_some())
}

/// Takes a client's request up, once: the statement decides.
pub fn take(tx: &Tx, hash: &Hash, provider: i64, now: UnixSeconds) -> Result<Option<String>, Internal> {
    let sql = "DELETE FROM pushed_requests
               WHERE hash = ?1 AND provider_id = ?2 AND expires_at > ?3 AND created_at <= ?4 RETURNING request";
    find(tx, sql, params![hash, provider, now, now + FUTURE_TOLERANCE], |r| r.get(0))
}

/// Removes those that expired before.
pub fn purge(tx: &Tx, before: UnixSeconds) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM pushed_requests WHERE expires_at < ?1", [before])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::providers::tests::provider;
    use crate::store::tests::Folder;

    #[test]
    fn a_request_is_taken_once_in_time_by_its_own_client_and_so_many_wait() {
        let folder = Folder::new();
        let store = folder.open();
        let (one, other) = store.write(|tx| Ok::<_, Internal>((provider(tx, "one")?, provider(tx, "other")?))).unwrap();
        let push = |n: u8, of: i64, now: i64| store.write(move |tx| insert(tx, &[n; 32], of, "{}", now, now + 60));
        let take = |n: u8, of: i64, now: i64| store.write(move |tx| take(tx, &[n; 32], of, now)).unwrap();
        assert!(push(1, one, 100).unwrap());
        assert_eq!([take(1, other, 100), take(1, one, 160), take(1, one, 90)], [None, None, None]);
        assert!(store.read(|c| is_there(c, &[1; 32], one, 159)).unwrap());
        assert_eq!([take(1, one, 159), take(1, one, 159)], [Some("{}".to_owned()), None]);
        store
            .write(move |tx| {
                let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
                           INSERT INTO pushed_requests SELECT randomblob(32), ?1, '{}', 100, 160 FROM n";
                execute(tx, sql, params![one, MOST])
            })
            .unwrap();
        assert!(!push(2, one, 100).unwrap() && push(3, other, 100).unwrap());
        assert!(push(2, one, 160).unwrap(), "the others have expired");
    }
}
