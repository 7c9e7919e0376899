//! Users, and the namespace that usernames and e-mail addresses share.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find, logouts};
use crate::domain::UnixSeconds;
use crate::domain::names::fold;
use crate::domain::person::Person;
use crate::error::Internal;
use crate::words::Words;

/// A row of `users`.
#[derive(Debug, Clone)]
pub struct User {
    pub id: i64,
    pub uuid: String,
    pub username: String,
    pub name: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub email: Option<String>,
    pub email_verified: bool,
    pub locale: Option<String>,
    /// The hash of an uploaded picture.
    pub picture: Option<String>,
    /// Whether applications are told the e-mail address.
    pub email_told: bool,
    pub attributes: serde_json::Map<String, serde_json::Value>,
    pub active: bool,
    /// The user's own administrator flag; membership of an administrators' group counts too, see [`is_administrator`].
    pub administrator: bool,
    pub password_hash: Option<String>,
    pub created_at: UnixSeconds,
    pub updated_at: UnixSeconds,
    /// Failed sign-ins of earlier rounds count no more.
    pub throttle_round: i64,
    pub person: Person,
    /// Whether it is a program: it signs in on no page.
    pub service_account: bool,
}

/// What can be said of a user who is created or changed.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    pub username: String,
    pub name: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub email: Option<String>,
    pub email_verified: bool,
    pub administrator: bool,
}

/// What else is kept of a user.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    pub attributes: serde_json::Map<String, serde_json::Value>,
    pub locale: Option<String>,
    pub person: Person,
}

/// A username or address that somebody else has, or had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", Words::from(self.clone()))]
pub enum Taken {
    InUse(String),
    Retired(String),
}

impl From<Taken> for Words {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::InUse(name) => Self::new("taken-in-use").with("name", name),
            Taken::Retired(name) => Self::new("taken-retired").with("name", name),
        }
    }
}

const COLUMNS: &str = "id, uuid, username, name, given_name, family_name, email, email_verified, locale, is_active, \
                       is_administrator, password_hash, created_at, updated_at, attributes, picture, email_told, throttle_round, \
                       person, phone_number_verified, is_service_account";

fn row(r: &Row) -> rusqlite::Result<User> {
    let (attributes, person): (String, String) = (r.get(14)?, r.get(18)?);
    let malformed = |column| {
        move |e: serde_json::Error| {
            rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, e.into())
        }
    };
    Ok(User {
        id: r.get(0)?,
        uuid: r.get(1)?,
        username: r.get(2)?,
        name: r.get(3)?,
        given_name: r.get(4)?,
        family_name: r.get(5)?,
        email: r.get(6)?,
        email_verified: r.get(7)?,
        locale: r.get(8)?,
        attributes: serde_json::from_str(&attributes).map_err(malformed(14))?,
        active: r.get(9)?,
        administrator: r.get(10)?,
        password_hash: r.get(11)?,
        created_at: r.get(12)?,
        updated_at: r.get(13)?,
        picture: r.get(15)?,
        email_told: r.get(16)?,
        throttle_round: r.get(17)?,
        person: Person {
            texts: serde_json::from_str(&person).map_err(malformed(18))?,
            phone_number_verified: r.get(19)?,
        },
        service_account: r.get(20)?,
    })
}

pub fn by_id(connection: &Connection, id: i64) -> Result<Option<User>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM users WHERE id = ?1"), [id], row)
}

/// The user whose current username or e-mail address this is, in any letter case.
pub fn by_login(connection: &Connection, login: &str) -> Result<Option<User>, Internal> {
    let key = fold(login);
    let sql = format!("SELECT {COLUMNS} FROM users WHERE username_key = ?1 OR email_key = ?1");
    find(connection, &sql, [key], row)
}

pub fn list(connection: &Connection) -> Result<Vec<User>, Internal> {
    collect(connection, &format!("SELECT {COLUMNS} FROM users ORDER BY username_key"), [], row)
}

/// How many users there are, or how many a search finds.
pub fn count(connection: &Connection, search: &str) -> Result<i64, Internal> {
    match Search::of(search) {
        Search::Everybody => {
            Ok(connection.prepare_cached("SELECT count(*) FROM users")?.query_row([], |r| r.get(0))?)
        }
        Search::Nobody => Ok(0),
        Search::Matching(query) => {
            let sql = "SELECT count(*) FROM users_search WHERE users_search MATCH ?1";
            Ok(connection.prepare_cached(sql)?.query_row([query], |r| r.get(0))?)
        }
    }
}

/// Some of the users, or of those whom a search finds, in the order of their usernames.
pub fn page(connection: &Connection, search: &str, offset: i64, limit: i64) -> Result<Vec<User>, Internal> {
    match Search::of(search) {
        Search::Everybody => {
            let sql = format!("SELECT {COLUMNS} FROM users ORDER BY username_key LIMIT ?1 OFFSET ?2");
            collect(connection, &sql, [limit, offset], row)
        }
        Search::Nobody => Ok(Vec::new()),
        Search::Matching(query) => {
            // Sorted before the rows are read: of many that match, only one page's rows are.
            let sql = format!(
                "SELECT {COLUMNS} FROM users WHERE id IN (
                   SELECT id FROM users WHERE id IN (SELECT rowid FROM users_search WHERE users_search MATCH ?1)
                   ORDER BY username_key LIMIT ?2 OFFSET ?3)
                 ORDER BY username_key"
            );
            collect(connection, &sql, params![query, limit, offset], row)
        }
    }
}

/// What somebody typed, as `users_search` understands it.
#[derive(Debug, PartialEq, Eq)]
enum Search {
    Everybody,
    /// Nothing was typed that a word could begin with.
    Nobody,
    Matching(String),
}

/// More words than that make no search more exact.
const SEARCH_WORDS: usize = 12;

impl Search {
    /// Every word must be the beginning of a word of username, name or e-mail address.
    fn of(typed: &str) -> Self {
        // Quoted, a word has no meaning but its letters. What has none would match nothing, and NUL would end the text.
        let clean: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if clean.trim().is_empty() {
            return Self::Everybody;
        }
        let words = clean.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)).take(SEARCH_WORDS);
        let words: Vec<_> = words.map(|w| format!("\"{}\"*", w.replace('"', "\"\""))).collect();
        if words.is_empty() { Self::Nobody } else { Self::Matching(words.join(" ")) }
    }
}

/// The first usernames by the alphabet.
pub fn first_usernames(connection: &Connection, most: i64) -> Result<Vec<String>, Internal> {
    collect(connection, "SELECT username FROM users ORDER BY username_key LIMIT ?1", [most], |r| r.get(0))
}

/// Whether the user is an administrator: by own flag, or as a direct member of a group that makes administrators.
/// Parents do not count: a right this large is given by name.
pub fn is_administrator(connection: &Connection, id: i64) -> Result<bool, Internal> {
    let sql = "SELECT u.is_administrator OR EXISTS (
                 SELECT 1 FROM group_members m JOIN groups g ON g.id = m.group_id
                 WHERE m.user_id = u.id AND g.is_administrator)
               FROM users u WHERE u.id = ?1 AND u.is_active AND NOT u.is_service_account";
    Ok(find(connection, sql, [id], |r| r.get(0))?.unwrap_or(false))
}

/// How many active administrators there are.
pub fn administrators(connection: &Connection) -> Result<i64, Internal> {
    // From the few who have the right, not through all users.
    let sql = "SELECT count(*) FROM (
                 SELECT id FROM users WHERE is_administrator = 1 AND is_active
                 UNION
                 SELECT u.id FROM groups g JOIN group_members m ON m.group_id = g.id JOIN users u ON u.id = m.user_id
                 WHERE g.is_administrator AND u.is_active AND NOT u.is_service_account)";
    Ok(connection.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
}

/// Adds a user.
pub fn insert(
    tx: &Tx,
    profile: &Profile,
    uuid: &str,
    password_hash: Option<&str>,
    now: UnixSeconds,
) -> Result<Result<i64, Taken>, Internal> {
    if let Some(taken) = holder_of_either(tx, profile)? {
        return Ok(Err(taken));
    }
    let sql = "INSERT INTO users (uuid, username, username_key, name, given_name, family_name, email, email_key,
                 email_verified, is_administrator, password_hash, created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)";
    execute(
        tx,
        sql,
        params![
            uuid,
            profile.username,
            fold(&profile.username),
            profile.name,
            profile.given_name,
            profile.family_name,
            profile.email,
            profile.email.as_deref().map(fold),
            profile.email_verified,
            profile.administrator,
            password_hash,
            now
        ],
    )?;
    let id = tx.last_insert_rowid();
    claim(tx, id, &profile.username)?;
    Ok(Ok(id))
}

/// Replaces what is said of a user.
pub fn update(tx: &Tx, id: i64, profile: &Profile, now: UnixSeconds) -> Result<Result<(), Taken>, Internal> {
    for login in [Some(&profile.username), profile.email.as_ref()].into_iter().flatten() {
        if let Some(taken) = holder(tx, login, Some(id))? {
            return Ok(Err(taken));
        }
    }
    let sql = "UPDATE users SET username = ?2, username_key = ?3, name = ?4, given_name = ?5, family_name = ?6,
                 email = ?7, email_key = ?8, email_verified = ?9, is_administrator = ?10, updated_at = ?11
               WHERE id = ?1";
    execute(
        tx,
        sql,
        params![
            id,
            profile.username,
            fold(&profile.username),
            profile.name,
            profile.given_name,
            profile.family_name,
            profile.email,
            profile.email.as_deref().map(fold),
            profile.email_verified,
            profile.administrator,
            now
        ],
    )?;
    claim(tx, id, &profile.username)?;
    Ok(Ok(()))
}

/// Who holds the username or the address that somebody new wants, or held it.
pub fn holder_of_either(connection: &Connection, profile: &Profile) -> Result<Option<Taken>, Internal> {
    for login in [Some(&profile.username), profile.email.as_ref()].into_iter().flatten() {
        if let Some(taken) = holder(connection, login, None)? {
            return Ok(Some(taken));
        }
    }
    Ok(None)
}

/// Who else holds a name, or held it.
fn holder(connection: &Connection, login: &str, but: Option<i64>) -> Result<Option<Taken>, Internal> {
    let key = fold(login);
    let owner: Option<Option<i64>> =
        find(connection, "SELECT user_id FROM login_names WHERE key = ?1", [&key], |r| r.get(0))?;
    if owner == Some(None) {
        return Ok(Some(Taken::Retired(login.to_owned())));
    }
    // An address that nobody has verified is its user's for as long as the user has it.
    let sql = "SELECT 1 FROM users WHERE (username_key = ?1 OR email_key = ?1) AND id IS NOT ?2";
    let is_held = find(connection, sql, params![key, but], |_| Ok(()))?.is_some();
    let is_anothers = owner.is_some_and(|owner| owner != but);
    Ok((is_held || is_anothers).then(|| Taken::InUse(login.to_owned())))
}

/// A name once used stays its user's: a change never frees the old one for somebody else.
fn claim(tx: &Tx, id: i64, login: &str) -> Result<(), Internal> {
    let sql = "INSERT INTO login_names (key, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    execute(tx, sql, params![fold(login), id])?;
    Ok(())
}

/// The same of a user's address, once it was verified or an administrator has set it. Before, anybody could keep any address
/// from those whose it is, for ever, by typing it.
pub fn claim_email(tx: &Tx, id: i64) -> Result<(), Internal> {
    let sql = "INSERT INTO login_names (key, user_id) SELECT email_key, id FROM users
               WHERE id = ?1 AND email_key IS NOT NULL ON CONFLICT DO NOTHING";
    execute(tx, sql, [id])?;
    Ok(())
}

/// Makes a new user a service account, for good.
pub fn make_service_account(tx: &Tx, id: i64) -> Result<(), Internal> {
    execute(tx, "UPDATE users SET is_service_account = 1 WHERE id = ?1", [id])?;
    Ok(())
}

/// The usernames of service accounts, by the alphabet.
pub fn service_accounts(connection: &Connection, most: i64) -> Result<Vec<String>, Internal> {
    let sql = "SELECT username FROM users WHERE is_service_account ORDER BY username_key LIMIT ?1";
    collect(connection, sql, [most], |r| r.get(0))
}

pub fn set_extras(tx: &Tx, id: i64, extras: &Extras, now: UnixSeconds) -> Result<(), Internal> {
    let attributes = serde_json::Value::Object(extras.attributes.clone()).to_string();
    let person = serde_json::to_string(&extras.person.texts).map_err(Internal::fault)?;
    let sql = "UPDATE users SET attributes = ?2, locale = ?3, updated_at = ?4, person = ?5, phone_number_verified = ?6
               WHERE id = ?1";
    execute(tx, sql, params![id, attributes, extras.locale, now, person, extras.person.phone_number_verified])?;
    Ok(())
}

/// Says whether applications are told the e-mail address.
pub fn set_email_told(tx: &Tx, id: i64, told: bool) -> Result<(), Internal> {
    execute(tx, "UPDATE users SET email_told = ?2 WHERE id = ?1", params![id, told])?;
    Ok(())
}

/// The user reads mail at the address: it is verified, and applications are told it.
pub fn set_email_verified(tx: &Tx, id: i64, now: UnixSeconds) -> Result<(), Internal> {
    let sql = "UPDATE users SET email_verified = 1, email_told = 1, updated_at = ?2 WHERE id = ?1";
    execute(tx, sql, params![id, now])?;
    claim_email(tx, id)
}

pub fn set_password(tx: &Tx, id: i64, password_hash: &str, now: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "UPDATE users SET password_hash = ?2, updated_at = ?3 WHERE id = ?1", params![id, password_hash, now])?;
    Ok(())
}

/// Stores the same password under new parameters. False when another hash had been stored meanwhile: that one stays.
pub fn rehash(tx: &Tx, id: i64, old_hash: &str, new_hash: &str) -> Result<bool, Internal> {
    let sql = "UPDATE users SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2";
    Ok(execute(tx, sql, params![id, old_hash, new_hash])? == 1)
}

pub fn set_active(tx: &Tx, id: i64, active: bool, now: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "UPDATE users SET is_active = ?2, updated_at = ?3 WHERE id = ?1", params![id, active, now])?;
    Ok(())
}

/// Gives a user a stored picture, or none.
pub fn set_picture(tx: &Tx, id: i64, hash: Option<&str>, now: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "UPDATE users SET picture = ?2, updated_at = ?3 WHERE id = ?1", params![id, hash, now])?;
    Ok(())
}

pub fn delete(tx: &Tx, id: i64) -> Result<(), Internal> {
    // Its rows go with it: what they say of whom to tell is read before.
    logouts::user_ended(tx, id)?;
    execute(tx, "DELETE FROM users WHERE id = ?1", [id])?;
    Ok(())
}

#[cfg(test)]
mod tests;
