//! Single-use links: the setup of the first administrator, and recovery. Stored as SHA-256 only.

use rusqlite::{Connection, params};

use super::{Tx, execute, find};
use crate::crypto::digest::Hash;
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Setup,
    /// Choosing a new password; the user it is for, and what becomes of the other factors.
    Recovery(i64, Factors),
    /// The same by mail, for the user who asked. Apart, so that nobody who asks takes an administrator's link away.
    MailedRecovery(i64),
}

/// What a recovery does to the factors besides the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factors {
    Kept,
    /// They are gone: for who lost everything.
    Dropped,
}

impl Factors {
    pub fn of(dropped: bool) -> Self {
        if dropped { Self::Dropped } else { Self::Kept }
    }
}

impl Purpose {
    fn parts(self) -> (&'static str, Option<i64>, bool) {
        match self {
            Self::Setup => ("setup", None, false),
            Self::Recovery(user, factors) => ("recovery", Some(user), factors == Factors::Dropped),
            Self::MailedRecovery(user) => ("mailed-recovery", Some(user), false),
        }
    }
}

/// Adds a link. Older ones of the same purpose (and user) stop working: the newest is the one in somebody's hand.
pub fn insert(
    tx: &Tx,
    hash: &Hash,
    purpose: Purpose,
    now: UnixSeconds,
    expires_at: UnixSeconds,
) -> Result<(), Internal> {
    let (name, user, drops) = purpose.parts();
    execute(tx, "DELETE FROM links WHERE purpose = ?1 AND user_id IS ?2", params![name, user])?;
    let sql = "INSERT INTO links (hash, purpose, user_id, created_at, expires_at, drop_factors)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    execute(tx, sql, params![hash, name, user, now, expires_at, drops])?;
    Ok(())
}

/// Whether a setup link is good.
pub fn setup_is_valid(connection: &Connection, hash: &Hash, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM links WHERE hash = ?1 AND purpose = 'setup' AND created_at <= ?3 AND expires_at > ?2";
    Ok(find(connection, sql, params![hash, now, now + FUTURE_TOLERANCE], |_| Ok(()))?.is_some())
}

/// The user a good recovery link is for, and what it does to the factors.
pub fn recovery_user(
    connection: &Connection,
    hash: &Hash,
    now: UnixSeconds,
) -> Result<Option<(i64, Factors)>, Internal> {
    let sql = "SELECT user_id, drop_factors FROM links
               WHERE hash = ?1 AND purpose IN ('recovery', 'mailed-recovery') AND created_at <= ?3 AND expires_at > ?2";
    find(connection, sql, params![hash, now, now + FUTURE_TOLERANCE], |r| Ok((r.get(0)?, Factors::of(r.get(1)?))))
}

/// Adds the link that verifies an address; an older one of the user's stops working. `times`: now, and its end.
pub fn insert_verification(
    tx: &Tx,
    hash: &Hash,
    user: i64,
    email: &str,
    times: (UnixSeconds, UnixSeconds),
) -> Result<(), Internal> {
    execute(tx, "DELETE FROM links WHERE purpose = 'verification' AND user_id = ?1", [user])?;
    let sql = "INSERT INTO links (hash, purpose, user_id, created_at, expires_at, email)
               VALUES (?1, 'verification', ?2, ?3, ?4, ?5)";
    execute(tx, sql, params![hash, user, times.0, times.1, email])?;
    Ok(())
}

/// The user and the address that a good verification link is about.
pub fn verification(connection: &Connection, hash: &Hash, now: UnixSeconds) -> Result<Option<(i64, String)>, Internal> {
    let sql = "SELECT user_id, email FROM links
               WHERE hash = ?1 AND purpose = 'verification' AND created_at <= ?3 AND expires_at > ?2";
    find(connection, sql, params![hash, now, now + FUTURE_TOLERANCE], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Uses a link up. False when it was not there any more: somebody was faster.
pub fn consume(tx: &Tx, hash: &Hash) -> Result<bool, Internal> {
    Ok(execute(tx, "DELETE FROM links WHERE hash = ?1", [hash])? == 1)
}

/// Ends every recovery link of a user, who has another password now.
pub fn delete_recovery(tx: &Tx, user: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM links WHERE user_id = ?1 AND purpose IN ('recovery', 'mailed-recovery')", [user])?;
    Ok(())
}

/// Ends every link that was mailed to a user: they are for who reads mail at the address, which is another one now.
pub fn delete_mailed(tx: &Tx, user: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM links WHERE user_id = ?1 AND purpose IN ('mailed-recovery', 'verification')", [user])?;
    Ok(())
}

/// Ends every setup link.
pub fn delete_setup(tx: &Tx) -> Result<(), Internal> {
    execute(tx, "DELETE FROM links WHERE purpose = 'setup'", [])?;
    Ok(())
}

pub fn delete_of_user(tx: &Tx, user: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM links WHERE user_id = ?1", [user])?;
    Ok(())
}
