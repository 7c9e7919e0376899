//! Assertions that were used: each authenticates its client once (RFC 7523 section 3). Only what was verified is
//! written here, so that no stranger makes us write.

use rusqlite::params;

use super::{Tx, execute};
use crate::crypto::digest::Hash;
use crate::domain::UnixSeconds;
use crate::error::Internal;

/// Of one client at a time. More are refused rather than forgotten: a forgotten one could be played again.
const MOST: i64 = 10_000;

/// What became of an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    First,
    Replayed,
    /// The client has used too many that have not expired.
    TooMany,
}

/// Uses an assertion up. The statement decides: of many at once, one is the first.
pub fn spend(tx: &Tx, hash: &Hash, provider: i64, now: UnixSeconds, expires_at: UnixSeconds) -> Result<Use, Internal> {
    let alive = "SELECT count(*) FROM assertions WHERE provider_id = ?1 AND expires_at > ?2";
    let alive: i64 = tx.prepare_cached(alive)?.query_row(params![provider, now], |r| r.get(0))?;
    if alive >= MOST {
        return Ok(Use::TooMany);
    }
    let sql = "INSERT INTO assertions (hash, provider_id, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    Ok(if execute(tx, sql, params![hash, provider, expires_at])? == 1 { Use::First } else { Use::Replayed })
}

/// Removes those that expired before.
pub fn purge(tx: &Tx, before: UnixSeconds) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM assertions WHERE expires_at < ?1", [before])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::providers::tests::provider;
    use crate::store::tests::Folder;

    #[test]
    fn an_assertion_is_good_once_and_a_client_has_so_many() {
        let folder = Folder::new();
        let store = folder.open();
        let (one, other) = store.write(|tx| Ok::<_, Internal>((provider(tx, "one")?, provider(tx, "other")?))).unwrap();
        let spend = |n: u64, of: i64, now: i64| {
            let hash = crate::crypto::digest::sha256(&n.to_be_bytes());
            store.write(move |tx| spend(tx, &hash, of, now, 1_000)).unwrap()
        };
        assert_eq!([spend(0, one, 10), spend(0, one, 10), spend(1, one, 10)], [Use::First, Use::Replayed, Use::First]);
        store
            .write(move |tx| {
                let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 - 2)
                           INSERT INTO assertions SELECT randomblob(32), ?1, 1000 FROM n";
                execute(tx, sql, params![one, MOST])
            })
            .unwrap();
        assert_eq!([spend(2, one, 10), spend(2, other, 10)], [Use::TooMany, Use::First]);
        assert_eq!(spend(3, one, 1_000), Use::First, "the others have expired");
        store.write(|tx| purge(tx, 1_000)).unwrap();
        assert_eq!(spend(0, one, 1_000), Use::Replayed, "kept until they expire");
        store.write(|tx| purge(tx, 1_001)).unwrap();
        assert_eq!(spend(4, one, 10), Use::First);
    }
}
