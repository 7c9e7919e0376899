//! Grants: an authorization with its code. Single use is decided here, by the statement itself.

use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};

use super::{Tx, execute, find, logouts};
use crate::crypto::digest::Hash;
use crate::domain::claims::SubjectMode;
use crate::domain::grant_type::GrantType;
use crate::domain::{UnixSeconds, methods};
use crate::error::Internal;

/// A row of `grants`.
#[derive(Debug, Clone)]
pub struct Grant {
    /// 0 until it is stored.
    pub id: i64,
    pub provider_id: i64,
    pub user_id: i64,
    pub sid: String,
    pub scopes: String,
    pub nonce: Option<String>,
    /// Names of claims asked for one by one, separated by spaces.
    pub claims: String,
    /// Those of them that are for the ID token.
    pub id_token_claims: String,
    pub auth_time: UnixSeconds,
    pub amr: String,
    /// The class of the sign-in as the client is told it.
    pub acr: String,
    /// Where the user was: policies are asked again at each use of the tokens, which comes from the client's server.
    pub address: String,
    pub created_at: UnixSeconds,
    pub expires_at: UnixSeconds,
    pub code_redirect_uri: String,
    pub code_challenge: Option<String>,
    pub code_expires_at: UnixSeconds,
    pub code_redeemed_at: Option<UnixSeconds>,
    pub grant_type: GrantType,
    /// What a service account proved itself by, if by that.
    pub app_password_id: Option<i64>,
}

pub(super) const COLUMNS: &str = "g.id, g.provider_id, g.user_id, g.sid, g.scopes, g.nonce, g.auth_time, g.amr, \
    g.created_at, g.expires_at, g.code_redirect_uri, g.code_challenge, g.code_expires_at, g.code_redeemed_at, g.claims, \
    g.address, g.acr, g.id_token_claims, g.grant_type, g.app_password_id";
/// How many columns [`row`] reads: others may follow in a join.
pub(super) const WIDTH: usize = 20;

pub(super) fn row(r: &Row) -> rusqlite::Result<Grant> {
    let (amr, acr): (String, Option<String>) = (r.get(7)?, r.get(16)?);
    Ok(Grant {
        id: r.get(0)?,
        provider_id: r.get(1)?,
        user_id: r.get(2)?,
        sid: r.get(3)?,
        scopes: r.get(4)?,
        nonce: r.get(5)?,
        auth_time: r.get(6)?,
        acr: acr.unwrap_or_else(|| methods::acr(&amr).to_owned()),
        amr,
        created_at: r.get(8)?,
        expires_at: r.get(9)?,
        code_redirect_uri: r.get(10)?,
        code_challenge: r.get(11)?,
        code_expires_at: r.get(12)?,
        code_redeemed_at: r.get(13)?,
        claims: r.get(14)?,
        id_token_claims: r.get(17)?,
        address: r.get(15)?,
        grant_type: grant_type(r, 18)?,
        app_password_id: r.get(19)?,
    })
}

fn grant_type(r: &Row, column: usize) -> rusqlite::Result<GrantType> {
    let text: String = r.get(column)?;
    let unknown = || format!("unknown value {text:?}").into();
    GrantType::parse(&text).ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, unknown()))
}

pub fn insert(tx: &Tx, g: &Grant, code: &Hash) -> Result<i64, Internal> {
    let sql = "INSERT INTO grants (provider_id, user_id, sid, scopes, nonce, auth_time, amr, created_at, expires_at,
                 code_hash, code_redirect_uri, code_challenge, code_expires_at, claims, address, acr,
                 id_token_claims, grant_type, app_password_id)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
    execute(
        tx,
        sql,
        params![
            g.provider_id,
            g.user_id,
            g.sid,
            g.scopes,
            g.nonce,
            g.auth_time,
            g.amr,
            g.created_at,
            g.expires_at,
            code,
            g.code_redirect_uri,
            g.code_challenge,
            g.code_expires_at,
            g.claims,
            g.address,
            g.acr,
            g.id_token_claims,
            g.grant_type.as_str(),
            g.app_password_id
        ],
    )?;
    let id = tx.last_insert_rowid();
    // Without an ID token an application knows of no session; and of a program's there is none.
    if g.grant_type != GrantType::ClientCredentials && g.scopes.split(' ').any(|scope| scope == "openid") {
        logouts::note(tx, &g.sid, g.user_id, g.provider_id, g.created_at)?;
    }
    Ok(id)
}

/// What a service account may hold at one provider: whoever has its app password, or its client's secret, fills no disk.
const MOST_OF_PROGRAM: i64 = 1_000;

/// Makes room for one more of a service account's at a provider: those that ended first go. `Err` holds the seconds until
/// one ends, when too many are good.
pub fn make_room(tx: &Tx, user: i64, provider: i64, now: UnixSeconds) -> Result<Result<(), UnixSeconds>, Internal> {
    let sql = "DELETE FROM grants WHERE expires_at <= ?3 AND id IN
                 (SELECT id FROM grants WHERE user_id = ?1 AND provider_id = ?2 AND grant_type = 'client_credentials'
                  ORDER BY expires_at DESC LIMIT -1 OFFSET ?4)";
    execute(tx, sql, params![user, provider, now, MOST_OF_PROGRAM - 1])?;
    let sql = "SELECT count(*), coalesce(min(expires_at), 0) FROM grants
               WHERE user_id = ?1 AND provider_id = ?2 AND grant_type = 'client_credentials'";
    let (count, first): (i64, UnixSeconds) =
        tx.prepare_cached(sql)?.query_row([user, provider], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(if count < MOST_OF_PROGRAM { Ok(()) } else { Err(first - now) })
}

/// The grant with this code, if it began in this way: no code is good where another kind is asked for.
pub fn by_code(connection: &Connection, code: &Hash, grant_type: GrantType) -> Result<Option<Grant>, Internal> {
    let sql = format!("SELECT {COLUMNS} FROM grants g WHERE g.code_hash = ?1 AND g.grant_type = ?2");
    find(connection, &sql, params![code, grant_type.as_str()], row)
}

/// Redeems the code of a grant. False when it was redeemed already, by whoever was faster.
pub fn redeem(tx: &Tx, id: i64, now: UnixSeconds, expires_at: UnixSeconds) -> Result<bool, Internal> {
    let sql = "UPDATE grants SET code_redeemed_at = ?2, expires_at = ?3 WHERE id = ?1 AND code_redeemed_at IS NULL";
    Ok(execute(tx, sql, params![id, now, expires_at])? == 1)
}

/// Lets a grant live on: a refresh happened.
pub fn extend(tx: &Tx, id: i64, expires_at: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "UPDATE grants SET expires_at = max(expires_at, ?2) WHERE id = ?1", params![id, expires_at])?;
    Ok(())
}

/// Revokes a grant with its code and every token of it.
pub fn delete(tx: &Tx, id: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM grants WHERE id = ?1", [id])?;
    Ok(())
}

/// Revokes everything that any client holds for a user: after a reset, a disabling, a sign-out everywhere.
pub fn delete_of_user(tx: &Tx, user: i64) -> Result<usize, Internal> {
    logouts::user_ended(tx, user)?;
    execute(tx, "DELETE FROM grants WHERE user_id = ?1", [user])
}

/// Revokes what clients hold through one session, except where the user allowed offline access.
pub fn delete_online_of_session(tx: &Tx, sid: &str) -> Result<usize, Internal> {
    logouts::session_ended(tx, sid)?;
    let sql = "DELETE FROM grants WHERE sid = ?1 AND instr(' ' || scopes || ' ', ' offline_access ') = 0";
    execute(tx, sql, [sid])
}

/// The same at one client.
pub fn delete_online_of_session_at(tx: &Tx, sid: &str, provider: i64) -> Result<usize, Internal> {
    logouts::session_ended_at(tx, sid, provider)?;
    let sql = "DELETE FROM grants WHERE sid = ?1 AND provider_id = ?2
                 AND instr(' ' || scopes || ' ', ' offline_access ') = 0";
    execute(tx, sql, params![sid, provider])
}

/// Revokes what clients hold for a user that know the user by a name of this kind, before it becomes another one: all tokens
/// of a sign-in have one `sub` (OpenID Connect Core sections 5.3.2 and 12.2). They are told of its end by the old one.
pub fn delete_of_user_known_by(tx: &Tx, user: i64, mode: SubjectMode) -> Result<usize, Internal> {
    logouts::name_ended(tx, user, mode)?;
    let sql = "DELETE FROM grants WHERE user_id = ?1
                 AND provider_id IN (SELECT id FROM providers WHERE subject_mode = ?2)";
    execute(tx, sql, params![user, mode.as_str()])
}

/// Revokes everything of a provider: its secret was replaced.
pub fn delete_of_provider(tx: &Tx, provider: i64) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM grants WHERE provider_id = ?1", [provider])
}

/// The same before it knows its users by other names, as in [`delete_of_user_known_by`].
pub fn delete_of_provider_known_by(tx: &Tx, provider: i64) -> Result<usize, Internal> {
    logouts::provider_ended(tx, provider)?;
    delete_of_provider(tx, provider)
}

/// The same where it gets another issuer. What that says of a session means nothing to who knows it of the old one.
pub fn delete_of_issuer(tx: &Tx, provider: i64) -> Result<usize, Internal> {
    logouts::forget_provider(tx, provider)?;
    delete_of_provider(tx, provider)
}

/// Removes grants of which nothing is valid since `before`.
pub fn purge(tx: &Tx, before: UnixSeconds) -> Result<usize, Internal> {
    execute(tx, "DELETE FROM grants WHERE expires_at < ?1", [before])
}

/// Revokes everything that one client holds for a user.
pub fn delete_of_user_at(tx: &Tx, user: i64, provider: i64) -> Result<usize, Internal> {
    logouts::application_ended(tx, user, provider)?;
    execute(tx, "DELETE FROM grants WHERE user_id = ?1 AND provider_id = ?2", params![user, provider])
}

/// Revokes one grant of a user, and says at which provider. None when the user has no such grant.
pub fn delete_one_of_user(tx: &Tx, user: i64, id: i64) -> Result<Option<i64>, Internal> {
    let sql = "DELETE FROM grants WHERE user_id = ?1 AND id = ?2 RETURNING provider_id";
    find(tx, sql, params![user, id], |r| r.get(0))
}

/// How many users have given this provider something that may still be valid.
pub fn users_at(connection: &Connection, provider: i64) -> Result<i64, Internal> {
    let sql = "SELECT count(DISTINCT user_id) FROM grants WHERE provider_id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([provider], |r| r.get(0))?)
}
