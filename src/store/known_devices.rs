//! Browsers in which a user has signed in. The cookie's tokens are stored as SHA-256 only.

use rusqlite::{Connection, params};

use super::{Tx, collect, execute, find};
use crate::crypto::digest::Hash;
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;

/// How long a browser stays known without a sign-in, in seconds.
pub const VALID: UnixSeconds = 365 * 86_400;
/// Browsers of one user. Those that did not come back make room first, and of them the one longest unused.
const MOST: i64 = 20;
/// A browser comes back when there is a sign-in so long after its first one. Whoever has the password can sign in twenty
/// times with new browsers, and again with each; that takes the place of none that the user has used for a while.
const COMES_BACK_AFTER: UnixSeconds = 86_400;

/// A browser in which a user signs in.
#[derive(Debug, Clone)]
pub struct KnownDevice {
    pub hash: Hash,
    pub user_id: i64,
    pub address: String,
    pub user_agent: String,
    /// Until when no second factor is asked for there; `None` leaves it as it was.
    pub remembered_until: Option<UnixSeconds>,
}

/// One in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    pub hash: Hash,
    pub created_at: UnixSeconds,
    pub last_seen_at: UnixSeconds,
    pub address: String,
    pub user_agent: String,
    pub remembered_until: Option<UnixSeconds>,
}

impl Listed {
    /// What pages call it: a hash stays where it is.
    pub fn id(&self) -> String {
        self.hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The browsers that are known of a user, the one last seen first. There are few.
pub fn of_user(connection: &Connection, user: i64, now: UnixSeconds) -> Result<Vec<Listed>, Internal> {
    let sql = "SELECT hash, created_at, last_seen_at, address, user_agent, remembered_until FROM known_devices
               WHERE user_id = ?1 AND last_seen_at > ?2 AND created_at <= ?3 ORDER BY last_seen_at DESC, hash";
    collect(connection, sql, params![user, now - VALID, now + FUTURE_TOLERANCE], |r| {
        Ok(Listed {
            hash: r.get(0)?,
            created_at: r.get(1)?,
            last_seen_at: r.get(2)?,
            address: r.get(3)?,
            user_agent: r.get(4)?,
            remembered_until: r.get(5)?,
        })
    })
}

/// Whether a token is one of the user's, and good.
pub fn is_known(connection: &Connection, hash: &Hash, user: i64, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM known_devices
               WHERE hash = ?1 AND user_id = ?2 AND last_seen_at > ?3 AND created_at <= ?4";
    Ok(find(connection, sql, params![hash, user, now - VALID, now + FUTURE_TOLERANCE], |_| Ok(()))?.is_some())
}

/// Whether a token is one of the user's, and stands for the second factor still.
pub fn is_remembered(connection: &Connection, hash: &Hash, user: i64, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM known_devices
               WHERE hash = ?1 AND user_id = ?2 AND remembered_until > ?3 AND created_at <= ?4 AND last_seen_at <= ?4";
    Ok(find(connection, sql, params![hash, user, now, now + FUTURE_TOLERANCE], |_| Ok(()))?.is_some())
}

/// Whether a token is good for anybody.
pub fn is_anybodys(connection: &Connection, hash: &Hash, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM known_devices WHERE hash = ?1 AND last_seen_at > ?2 LIMIT 1";
    Ok(find(connection, sql, params![hash, now - VALID], |_| Ok(()))?.is_some())
}

/// Whether any browser is known of a user.
pub fn has_any(connection: &Connection, user: i64, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM known_devices WHERE user_id = ?1 AND last_seen_at > ?2 LIMIT 1";
    Ok(find(connection, sql, params![user, now - VALID], |_| Ok(()))?.is_some())
}

/// The user agent of a user's browser, for people.
pub fn user_agent(connection: &Connection, hash: &Hash, user: i64) -> Result<Option<String>, Internal> {
    let sql = "SELECT user_agent FROM known_devices WHERE hash = ?1 AND user_id = ?2";
    find(connection, sql, params![hash, user], |r| r.get(0))
}

/// Notes a sign-in in a browser, known or new.
pub fn seen(tx: &Tx, device: &KnownDevice, now: UnixSeconds) -> Result<(), Internal> {
    let sql =
        "INSERT INTO known_devices (hash, user_id, created_at, last_seen_at, address, user_agent, remembered_until)
               VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)
               ON CONFLICT DO UPDATE SET last_seen_at = ?3, address = ?4, user_agent = ?5,
                 remembered_until = coalesce(?6, remembered_until)";
    let KnownDevice { hash, user_id, address, user_agent, remembered_until } = device;
    execute(tx, sql, params![hash, user_id, now, address, user_agent, remembered_until])?;
    let sql = "DELETE FROM known_devices WHERE user_id = ?1 AND hash NOT IN (
                 SELECT hash FROM known_devices WHERE user_id = ?1
                 ORDER BY hash = ?2 DESC, last_seen_at >= created_at + ?4 DESC, last_seen_at DESC LIMIT ?3)";
    execute(tx, sql, params![user_id, hash, MOST, COMES_BACK_AFTER])?;
    Ok(())
}

/// Forgets one browser of a user.
pub fn delete(tx: &Tx, user: i64, hash: &Hash) -> Result<(), Internal> {
    execute(tx, "DELETE FROM known_devices WHERE user_id = ?1 AND hash = ?2", params![user, hash])?;
    Ok(())
}

/// Forgets every browser of a user.
pub fn delete_of_user(tx: &Tx, user: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM known_devices WHERE user_id = ?1", [user])?;
    Ok(())
}

/// Forgets every browser of a user but one.
pub fn delete_others(tx: &Tx, user: i64, kept: Option<&Hash>) -> Result<(), Internal> {
    execute(tx, "DELETE FROM known_devices WHERE user_id = ?1 AND hash IS NOT ?2", params![user, kept])?;
    Ok(())
}

/// No browser of a user stands for the second factor any more, but one.
pub fn forget_remembered(tx: &Tx, user: i64, but: Option<&Hash>) -> Result<(), Internal> {
    let sql = "UPDATE known_devices SET remembered_until = NULL
               WHERE user_id = ?1 AND hash IS NOT ?2 AND remembered_until IS NOT NULL";
    execute(tx, sql, params![user, but])?;
    Ok(())
}

/// Removes browsers in which nobody has signed in since `before`.
pub fn purge(tx: &Tx, before: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "DELETE FROM known_devices WHERE last_seen_at < ?1", [before])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::Folder;
    use crate::store::users::{self, Profile};

    const NOW: UnixSeconds = 2_000_000_000;

    fn device(n: u8, user_id: i64) -> KnownDevice {
        KnownDevice {
            hash: [n; 32],
            user_id,
            address: "192.0.2.1".into(),
            user_agent: "Firefox/1".into(),
            remembered_until: None,
        }
    }

    #[test]
    fn a_device_is_known_for_its_user_for_a_year_and_twenty_are_kept() {
        let folder = Folder::new();
        let store = folder.open();
        let (alice, bob) = store
            .write(|tx| {
                let user = |name: &str| Profile { username: name.into(), ..Profile::default() };
                let alice = users::insert(tx, &user("alice"), "a", None, NOW)?.expect("a free name");
                let bob = users::insert(tx, &user("bob"), "b", None, NOW)?.expect("a free name");
                (0..25_u8).try_for_each(|n| seen(tx, &device(n, alice), NOW + i64::from(n)))?;
                seen(tx, &device(24, alice), NOW + 24)?;
                Ok::<_, Internal>((alice, bob))
            })
            .expect("rows");
        let known = |n: u8, user: i64, now| store.read(|c| is_known(c, &[n; 32], user, now)).expect("an answer");
        assert_eq!((0..25).filter(|n| known(*n, alice, NOW + 30)).collect::<Vec<_>>(), (5..25).collect::<Vec<_>>());
        assert!(!known(24, bob, NOW + 30), "another user's");
        assert!(known(24, alice, NOW + 24 + VALID - 1) && !known(24, alice, NOW + 24 + VALID));
        let listed = |now| store.read(|c| of_user(c, alice, now)).expect("a list");
        let ids: Vec<_> = listed(NOW + 30).iter().map(Listed::id).collect();
        assert_eq!((ids.len(), &*ids[0], &*ids[19]), (20, "1818181818181818", "0505050505050505"));
        assert_eq!((listed(NOW + 6 + VALID).len(), listed(NOW - 1_000).len()), (18, 0), "as far as they are good");
        assert!(!known(24, alice, NOW - 1_000), "a row from the future belongs to a clock that jumped");
        store.write(move |tx| delete(tx, bob, &[24; 32])).expect("no deletion");
        assert!(known(24, alice, NOW + 30), "not bob's to forget");
        store.write(move |tx| delete(tx, alice, &[24; 32])).expect("a deletion");
        assert!(!known(24, alice, NOW + 30) && known(23, alice, NOW + 30));
        store.write(move |tx| delete_others(tx, alice, Some(&[9; 32]))).expect("a deletion");
        assert!(known(9, alice, NOW + 30) && !known(10, alice, NOW + 30));
        store.write(move |tx| delete_of_user(tx, alice)).expect("a deletion");
        assert!(!known(9, alice, NOW + 30));
    }

    #[test]
    fn a_crowd_of_new_browsers_drives_out_none_that_came_back() {
        let folder = Folder::new();
        let store = folder.open();
        let later = NOW + COMES_BACK_AFTER;
        let alice = store
            .write(move |tx| {
                let profile = Profile { username: "alice".into(), ..Profile::default() };
                let alice = users::insert(tx, &profile, "a", None, NOW)?.expect("a free name");
                let sign_in = |n: u8, at| seen(tx, &device(n, alice), at);
                // 1 to 3 are hers; the last of them has not come back yet.
                (1..=3).try_for_each(|n| sign_in(n, NOW))?;
                sign_in(1, later)?;
                sign_in(2, later + 1)?;
                // Each of the crowd signs in twice.
                (100..130).try_for_each(|n| sign_in(n, later + 2).and_then(|()| sign_in(n, later + 3)))?;
                Ok::<_, Internal>(alice)
            })
            .expect("rows");
        let known = |n: u8| store.read(|c| is_known(c, &[n; 32], alice, later + 4)).expect("an answer");
        assert_eq!((1..=3).map(known).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!((100..130).filter(|n| known(*n)).count(), 18, "a new one is known at once, by the same rule");
        assert!(known(129));
        // Where all have come back, a new one finds a place still.
        let (day, all) = (2 * COMES_BACK_AFTER, 1..=20);
        store.write(move |tx| delete_of_user(tx, alice)).expect("a deletion");
        for at in [NOW, NOW + day] {
            let all = all.clone();
            store.write(move |tx| all.into_iter().try_for_each(|n| seen(tx, &device(n, alice), at))).expect("rows");
        }
        store.write(move |tx| seen(tx, &device(200, alice), NOW + day)).expect("a row");
        let known = |n: u8| store.read(|c| is_known(c, &[n; 32], alice, NOW + day)).expect("an answer");
        assert!(known(200) && all.filter(|n| known(*n)).count() == 19);
    }
}
