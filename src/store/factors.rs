//! Second factors of a user: one-time codes and recovery codes. Whether there is one at all decides what a password alone
//! is good for.

use rusqlite::{Connection, params};

use super::{Tx, execute, find};
use crate::crypto::digest::Hash;
use crate::domain::UnixSeconds;
use crate::domain::methods::ACRS;
use crate::error::Internal;

/// An authenticator app's secret.
#[derive(Debug, Clone)]
pub struct Totp {
    pub secret_sealed: Vec<u8>,
    pub last_step: i64,
    pub created_at: UnixSeconds,
    pub last_used_at: UnixSeconds,
}

impl Totp {
    /// What the secret of a user, by id, is sealed to.
    pub fn seal(user: i64) -> String {
        Self::seal_of(&user.to_string())
    }

    pub(super) fn seal_of(user: &str) -> String {
        format!("totp/{user}/secret")
    }
}

/// What a user has besides a password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Has {
    pub totp: bool,
    pub passkeys: i64,
    pub recovery_codes: i64,
}

impl Has {
    /// Whether a password alone is not enough. Recovery codes stand in for another factor and are none by themselves.
    pub fn second_factor(&self) -> bool {
        self.totp || self.passkeys > 0
    }

    /// The strongest class of a sign-in that the user could make.
    pub fn reachable_acr(&self) -> &'static str {
        let [one_factor, two_factors, passkey] = ACRS;
        match self {
            Self { passkeys: 1.., .. } => passkey,
            Self { totp: true, .. } => two_factors,
            _ => one_factor,
        }
    }
}

pub fn of_user(connection: &Connection, user: i64) -> Result<Has, Internal> {
    let sql = "SELECT EXISTS (SELECT 1 FROM totp WHERE user_id = ?1),
                      (SELECT count(*) FROM passkeys WHERE user_id = ?1),
                      (SELECT count(*) FROM recovery_codes WHERE user_id = ?1)";
    let has = connection
        .prepare_cached(sql)?
        .query_row([user], |r| Ok(Has { totp: r.get(0)?, passkeys: r.get(1)?, recovery_codes: r.get(2)? }))?;
    Ok(has)
}

pub fn totp(connection: &Connection, user: i64) -> Result<Option<Totp>, Internal> {
    let sql = "SELECT secret_sealed, last_step, created_at, last_used_at FROM totp WHERE user_id = ?1";
    find(connection, sql, [user], |r| {
        Ok(Totp { secret_sealed: r.get(0)?, last_step: r.get(1)?, created_at: r.get(2)?, last_used_at: r.get(3)? })
    })
}

/// Adds the secret of a user who has none. False when there is one already.
pub fn insert_totp(tx: &Tx, user: i64, totp: &Totp) -> Result<bool, Internal> {
    let sql = "INSERT INTO totp (user_id, secret_sealed, last_step, created_at, last_used_at)
               VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let values = params![user, totp.secret_sealed, totp.last_step, totp.created_at, totp.last_used_at];
    Ok(execute(tx, sql, values)? == 1)
}

/// Uses a step up: it and older ones are good no more. False when it was used already, by whoever was faster.
/// RFC 6238 section 5.2.
pub fn use_step(tx: &Tx, user: i64, step: i64, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "UPDATE totp SET last_step = ?2, last_used_at = ?3 WHERE user_id = ?1 AND last_step < ?2";
    Ok(execute(tx, sql, params![user, step, now])? == 1)
}

/// False when there was none.
pub fn delete_totp(tx: &Tx, user: i64) -> Result<bool, Internal> {
    Ok(execute(tx, "DELETE FROM totp WHERE user_id = ?1", [user])? == 1)
}

/// Puts these in the place of all recovery codes of a user.
pub fn replace_recovery_codes(tx: &Tx, user: i64, hashes: &[Hash], now: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "DELETE FROM recovery_codes WHERE user_id = ?1", [user])?;
    for hash in hashes {
        let sql = "INSERT INTO recovery_codes (hash, user_id, created_at) VALUES (?1, ?2, ?3)";
        execute(tx, sql, params![hash, user, now])?;
    }
    Ok(())
}

/// Whether a recovery code is one of the user's, and unused.
pub fn has_recovery_code(connection: &Connection, user: i64, hash: &Hash) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM recovery_codes WHERE hash = ?1 AND user_id = ?2";
    Ok(find(connection, sql, params![hash, user], |_| Ok(()))?.is_some())
}

/// Uses a recovery code up. False when it is none of the user's, or was used.
pub fn use_recovery_code(tx: &Tx, user: i64, hash: &Hash) -> Result<bool, Internal> {
    Ok(execute(tx, "DELETE FROM recovery_codes WHERE hash = ?1 AND user_id = ?2", params![hash, user])? == 1)
}

/// Takes recovery codes away that stand in for no factor any more.
pub fn drop_idle_recovery_codes(tx: &Tx, user: i64) -> Result<(), Internal> {
    if !of_user(tx, user)?.second_factor() {
        execute(tx, "DELETE FROM recovery_codes WHERE user_id = ?1", [user])?;
    }
    Ok(())
}

/// Takes every factor but the password away.
pub fn delete_all(tx: &Tx, user: i64) -> Result<(), Internal> {
    for table in ["totp", "passkeys", "recovery_codes"] {
        execute(tx, &format!("DELETE FROM {table} WHERE user_id = ?1"), [user])?;
    }
    Ok(())
}

/// When an administrator was first told that a second factor is needed.
pub fn second_factor_asked_at(connection: &Connection, user: i64) -> Result<Option<UnixSeconds>, Internal> {
    let sql = "SELECT second_factor_asked_at FROM users WHERE id = ?1";
    Ok(find(connection, sql, [user], |r| r.get(0))?.flatten())
}

/// Notes that an administrator is told so now, unless it was noted before.
pub fn ask_for_second_factor(tx: &Tx, user: i64, now: UnixSeconds) -> Result<(), Internal> {
    let sql = "UPDATE users SET second_factor_asked_at = ?2 WHERE id = ?1 AND second_factor_asked_at IS NULL";
    execute(tx, sql, params![user, now])?;
    Ok(())
}

/// Nobody was told.
pub fn forget_second_factor_asked(tx: &Tx) -> Result<(), Internal> {
    execute(tx, "UPDATE users SET second_factor_asked_at = NULL WHERE second_factor_asked_at IS NOT NULL", [])?;
    Ok(())
}
