//! Which applications the sessions have signed in to, and what those are still to be told of a sign-out. Whoever ends what
//! an application holds (`grants`, `users`) comes by here, in the same transaction.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find, meta, users};
use crate::domain::UnixSeconds;
use crate::domain::claims::{self, SubjectMode, UserClaims};
use crate::domain::event_kinds::{LOGOUT_TOLD, LOGOUT_UNTOLD};
use crate::error::Internal;

/// Messages that wait at most: for all applications, for one, and of one user, who leaves room for the others'.
const MOST: i64 = 2_000;
const MOST_AT_ONE: i64 = 500;
const MOST_OF_ONE: i64 = 200;
/// How long it is known where a session signed in that ended by time, and of how many of a user at an application.
const KEPT: UnixSeconds = 90 * 86_400;
const KEPT_OF_ONE: i64 = 20;
/// How messages are tried in turn: that many at one application, and at all.
const TURN_AT_ONE: i64 = 8;
const TURN: i64 = 64;

/// An application is to be told that a session of a user ended.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: i64,
    pub provider_id: i64,
    pub sid: String,
    /// As the application knows the user. `None` where it cannot know any more.
    pub sub: Option<String>,
    /// For the events.
    pub username: String,
    /// How often it was tried.
    pub tries: i64,
    /// Of how many ends this one says that there was no room for their messages. 0: it is a message itself.
    pub untold: i64,
}

/// Notes that a session signed its user in at a provider.
pub fn note(tx: &Tx, sid: &str, user: i64, provider: i64, now: UnixSeconds) -> Result<(), Internal> {
    let sql = "INSERT INTO signed_in_at (sid, provider_id, user_id, at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET at = excluded.at";
    execute(tx, sql, params![sid, provider, user, now])?;
    Ok(())
}

/// A session ended: its applications are told.
pub fn session_ended(tx: &Tx, sid: &str) -> Result<(), Internal> {
    ended(tx, "sid = ?1", [sid])
}

/// What one application held of a session ended.
pub fn session_ended_at(tx: &Tx, sid: &str, provider: i64) -> Result<(), Internal> {
    ended(tx, "sid = ?1 AND provider_id = ?2", params![sid, provider])
}

/// Everything of a user ended.
pub fn user_ended(tx: &Tx, user: i64) -> Result<(), Internal> {
    ended(tx, "user_id = ?1", [user])
}

/// What one application held of a user ended.
pub fn application_ended(tx: &Tx, user: i64, provider: i64) -> Result<(), Internal> {
    ended(tx, "user_id = ?1 AND provider_id = ?2", [user, provider])
}

/// What applications held ended that know a user by a name of this kind.
pub fn name_ended(tx: &Tx, user: i64, mode: SubjectMode) -> Result<(), Internal> {
    let which = "user_id = ?1 AND provider_id IN (SELECT id FROM providers WHERE subject_mode = ?2)";
    ended(tx, which, params![user, mode.as_str()])
}

/// What one application held of anybody ended.
pub fn provider_ended(tx: &Tx, provider: i64) -> Result<(), Internal> {
    ended(tx, "provider_id = ?1", [provider])
}

/// An application is told nothing more of the sessions until now.
pub fn forget_provider(tx: &Tx, provider: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM signed_in_at WHERE provider_id = ?1", [provider])?;
    Ok(())
}

fn ended(tx: &Tx, which: &str, params: impl rusqlite::Params) -> Result<(), Internal> {
    let sql = format!("DELETE FROM signed_in_at WHERE {which} RETURNING at, sid, provider_id, user_id");
    let mut ended: Vec<(i64, String, i64, i64)> =
        collect(tx, &sql, params, |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
    // The newest first: what does not fit was longest ago.
    ended.sort_unstable_by_key(|(at, ..)| std::cmp::Reverse(*at));
    for (_, sid, provider, user) in ended {
        queue(tx, sid, provider, user)?;
    }
    Ok(())
}

/// Queues a message, where the provider has an address for it.
fn queue(tx: &Tx, sid: String, provider: i64, user: i64) -> Result<(), Internal> {
    let sql = "SELECT subject_mode FROM providers WHERE id = ?1 AND backchannel_logout_uri IS NOT NULL";
    let mode: Option<String> = find(tx, sql, [provider], |r| r.get(0))?;
    let Some(mode) = mode.as_deref().and_then(SubjectMode::parse) else { return Ok(()) };
    let Some(user) = users::by_id(tx, user)? else { return Ok(()) };
    let sql = "SELECT count(*), coalesce(sum(provider_id = ?1), 0), coalesce(sum(username = ?2), 0)
               FROM logout_messages WHERE untold = 0";
    let (all, here, theirs): (i64, i64, i64) = tx
        .prepare_cached(sql)?
        .query_row(params![provider, user.username], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    if all >= MOST || here >= MOST_AT_ONE || theirs >= MOST_OF_ONE {
        return no_room(tx, &sid, provider, &user.username);
    }
    let install_id = meta::get(tx, meta::INSTALL_ID)?.unwrap_or_default();
    // What a subject can be made of; nothing of it is told.
    let known = UserClaims {
        id: user.id,
        uuid: user.uuid,
        username: user.username.clone(),
        email: user.email.filter(|_| user.email_told),
        ..UserClaims::default()
    };
    let sub = claims::subject(mode, &known, &install_id);
    let sql = "INSERT INTO logout_messages (provider_id, sid, sub, username) VALUES (?1, ?2, ?3, ?4)";
    execute(tx, sql, params![provider, sid, sub, user.username])?;
    tx.has_queued();
    Ok(())
}

/// Counts a message for which there is no room: one row of a user at a provider, which becomes an event.
fn no_room(tx: &Tx, sid: &str, provider: i64, username: &str) -> Result<(), Internal> {
    let sql = "UPDATE logout_messages SET untold = untold + 1 WHERE provider_id = ?1 AND username = ?2 AND untold > 0";
    if execute(tx, sql, params![provider, username])? == 0 {
        let sql = "INSERT INTO logout_messages (provider_id, sid, username, untold) VALUES (?1, ?2, ?3, 1)";
        execute(tx, sql, params![provider, sid, username])?;
    }
    tx.has_queued();
    Ok(())
}

/// Where an application has its frame.
#[derive(Debug, Clone)]
pub struct FrameAt {
    pub uri: String,
    pub slug: String,
}

/// Where the applications of a session have their frames.
pub fn frames_of_session(connection: &Connection, sid: &str) -> Result<Vec<FrameAt>, Internal> {
    frames(connection, "s.sid = ?1", [sid])
}

/// The same of one application.
pub fn frames_of_application(connection: &Connection, sid: &str, provider: i64) -> Result<Vec<FrameAt>, Internal> {
    frames(connection, "s.sid = ?1 AND s.provider_id = ?2", params![sid, provider])
}

fn frames(connection: &Connection, which: &str, params: impl rusqlite::Params) -> Result<Vec<FrameAt>, Internal> {
    let sql = format!(
        "SELECT p.frontchannel_logout_uri, a.slug FROM signed_in_at s JOIN providers p ON p.id = s.provider_id
           JOIN applications a ON a.provider_id = p.id
         WHERE {which} AND p.frontchannel_logout_uri IS NOT NULL ORDER BY a.slug LIMIT 50"
    );
    collect(connection, &sql, params, |r| Ok(FrameAt { uri: r.get(0)?, slug: r.get(1)? }))
}

/// Forgets where sessions signed in that ended by time, and of which applications hold nothing any more. Not at once: an
/// application's own session may last longer, and it must hear when its user is disabled.
pub fn purge(tx: &Tx, now: UnixSeconds) -> Result<(), Internal> {
    let sql = "DELETE FROM signed_in_at WHERE (sid, provider_id) IN
                 (SELECT sid, provider_id FROM
                    (SELECT sid, provider_id, at, row_number() OVER (PARTITION BY user_id, provider_id ORDER BY at DESC) AS n
                     FROM signed_in_at s WHERE sid NOT IN (SELECT sid FROM sessions)
                       AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.sid = s.sid AND g.provider_id = s.provider_id))
                  WHERE at < ?1 OR n > ?2)";
    execute(tx, sql, [now - KEPT, KEPT_OF_ONE])?;
    Ok(())
}

/// Whether a message is to be tried now.
pub fn is_due(connection: &Connection, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "SELECT 1 FROM logout_messages WHERE due_at <= ?1 LIMIT 1";
    Ok(find(connection, sql, [now], |_| Ok(()))?.is_some())
}

fn row(r: &Row) -> rusqlite::Result<Message> {
    Ok(Message {
        id: r.get(0)?,
        provider_id: r.get(1)?,
        sid: r.get(2)?,
        sub: r.get(3)?,
        username: r.get(4)?,
        tries: r.get(5)?,
        untold: r.get(6)?,
    })
}

/// The messages to try now: a few of each application, so that none keeps the others waiting.
pub fn due(connection: &Connection, now: UnixSeconds) -> Result<Vec<Message>, Internal> {
    let sql = "SELECT id, provider_id, sid, sub, username, tries, untold FROM
                 (SELECT *, row_number() OVER (PARTITION BY provider_id ORDER BY due_at, id) AS turn
                  FROM logout_messages WHERE due_at <= ?1)
               WHERE turn <= ?2 ORDER BY turn, id LIMIT ?3";
    collect(connection, sql, [now, TURN_AT_ONE, TURN], row)
}

/// The last time that an application was to be told: `None` if never, else why it could not be, if it could not.
pub fn last(connection: &Connection, client_id: &str) -> Result<Option<Option<String>>, Internal> {
    // Of the newest only: an application that was told of nothing among them has had its time.
    let sql = "SELECT reason FROM
                 (SELECT id, client_id, details ->> 'reason' AS reason FROM events WHERE kind IN (?2, ?3)
                  ORDER BY id DESC LIMIT 1000)
               WHERE client_id = ?1 ORDER BY id DESC LIMIT 1";
    find(connection, sql, [client_id, LOGOUT_TOLD, LOGOUT_UNTOLD], |r| r.get(0))
}

/// How many messages wait for an application.
pub fn waiting(connection: &Connection, provider: i64) -> Result<i64, Internal> {
    let sql = "SELECT count(*) FROM logout_messages WHERE provider_id = ?1 AND untold = 0";
    Ok(connection.prepare_cached(sql)?.query_row([provider], |r| r.get(0))?)
}

pub fn delete(tx: &Tx, id: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM logout_messages WHERE id = ?1", [id])?;
    Ok(())
}

/// Lets everything that waits for a provider wait until then.
pub fn hold(tx: &Tx, provider: i64, until: UnixSeconds) -> Result<(), Internal> {
    let sql = "UPDATE logout_messages SET due_at = max(due_at, ?2) WHERE provider_id = ?1 AND untold = 0";
    execute(tx, sql, params![provider, until])?;
    Ok(())
}

/// A provider answers: what was held and never tried is due.
pub fn release(tx: &Tx, provider: i64) -> Result<(), Internal> {
    let sql = "UPDATE logout_messages SET due_at = 0 WHERE provider_id = ?1 AND tries = 0 AND due_at > 0";
    execute(tx, sql, [provider])?;
    Ok(())
}

/// It was tried in vain.
pub fn postpone(tx: &Tx, id: i64, due_at: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "UPDATE logout_messages SET tries = tries + 1, due_at = ?2 WHERE id = ?1", params![id, due_at])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::Folder;
    use crate::store::users::Profile;

    const NOW: UnixSeconds = 2_000_000_000;

    #[test]
    fn of_what_ended_by_time_the_newest_twenty_are_kept_for_ninety_days() {
        let folder = Folder::new();
        let store = folder.open();
        let user = store
            .write(|tx| {
                let profile = Profile { username: "alice".into(), ..Profile::default() };
                let user = users::insert(tx, &profile, "a", None, NOW)?.expect("a free name");
                for (id, name) in [(1, "one"), (2, "two")] {
                    let sql = "INSERT INTO providers (id, name, client_id, client_type, created_at, updated_at)
                               VALUES (?1, ?2, ?2, 'public', 0, 0)";
                    execute(tx, sql, params![id, name])?;
                }
                (0..25).try_for_each(|n| note(tx, &format!("s{n}"), user, 1, NOW + n))?;
                note(tx, "s0", user, 2, NOW)?;
                Ok::<_, Internal>(user)
            })
            .expect("rows");
        let left = |now| {
            store.write(move |tx| purge(tx, now)).expect("a purge");
            let sql = "SELECT sid, provider_id FROM signed_in_at WHERE user_id = ?1 ORDER BY at, provider_id";
            store.read(|c| collect(c, sql, [user], |r| Ok((r.get(0)?, r.get(1)?)))).expect("rows")
        };
        let found: Vec<(String, i64)> = left(NOW + 30);
        assert_eq!((found.len(), &found[0], &found[1]), (21, &("s0".into(), 2), &("s5".into(), 1)));
        assert_eq!(left(NOW + KEPT).len(), 21);
        assert_eq!(left(NOW + KEPT + 6).len(), 19);
        assert_eq!(left(NOW + KEPT + 25).len(), 0);
    }
}
