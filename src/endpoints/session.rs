//! Sessions: who is signed in, starting one, ending one or all.

use rusqlite::Connection;

use crate::crypto::digest::{Hash, secret_hash};
use crate::crypto::random;
use crate::domain::methods;
use crate::domain::settings::Settings;
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;
use crate::store::sessions::Session;
use crate::store::users::User;
use crate::store::{Tx, factors, grants, sessions, users};

use super::context::{Ctx, Forms};

const COOKIE: &str = "latchkey";
/// The last use of a session is written down this often at most, to spare the disk.
const TOUCH_EVERY: UnixSeconds = 300;
const USER_AGENT_CHARS: usize = 200;

/// A browser with a valid session, and whose it is. Handlers that need somebody signed in ask for one.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub session: Session,
    pub user: User,
}

impl SignedIn {
    pub fn forms(&self) -> Forms {
        Forms::of_session(&self.session.hash)
    }
}

impl Ctx<'_> {
    /// Who is signed in, and a note of the use when the last one is old.
    pub fn signed_in(&self) -> Result<Option<SignedIn>, Internal> {
        let settings = self.settings()?;
        let found = self.app.store.read(|c| self.find_session(c, settings))?;
        if let Some(SignedIn { session, .. }) = &found {
            let every = TOUCH_EVERY.min(settings.session_idle / 10).max(1);
            // A use in the future was by a clock that was wrong: it must not keep the session alive for longer.
            let since = self.now - session.last_seen_at;
            if since >= every || since < -FUTURE_TOLERANCE {
                let (hash, now) = (session.hash, self.now);
                // A page that can be shown is not refused because this note could not be taken (a full disk).
                if let Err(error) = self.app.store.write(move |tx| sessions::touch(tx, &hash, now)) {
                    tracing::warn!(%error, "the use of a session was not noted");
                }
            }
        }
        Ok(found)
    }

    fn session_hash(&self) -> Option<Hash> {
        self.cookie(COOKIE).map(|value| secret_hash(&value))
    }

    fn find_session(&self, connection: &Connection, settings: &Settings) -> Result<Option<SignedIn>, Internal> {
        let Some(hash) = self.session_hash() else { return Ok(None) };
        let Some(session) = sessions::by_hash(connection, &hash)? else { return Ok(None) };
        // Expiry is checked at use; the cleanup only saves room. One from the future belongs to a clock that jumped.
        let is_current = session.last_seen_at + settings.session_idle > self.now
            && session.created_at + settings.session_maximum > self.now
            && session.created_at <= self.now + FUTURE_TOLERANCE;
        if !is_current {
            return Ok(None);
        }
        // Half of what is asked for, unless this browser is remembered.
        if !methods::is_multi_factor(&session.amr)
            && factors::of_user(connection, session.user_id)?.second_factor()
            && !self.is_remembered(connection, session.user_id)?
        {
            return Ok(None);
        }
        let user = users::by_id(connection, session.user_id)?.filter(|u| u.active);
        Ok(user.map(|user| SignedIn { session, user }))
    }

    /// Prepares a new session for a user who just proved who they are: the row and the cookie's value. A session that
    /// the browser had is replaced; its `sid` lives on when it was the same user's.
    pub fn new_session(&self, user_id: i64, amr: &str, before: Option<&SignedIn>) -> (Session, String) {
        let secret = random::token();
        let same_user = before.filter(|b| b.user.id == user_id);
        let sid = same_user.map_or_else(random::token, |b| b.session.sid.clone());
        let session = Session {
            hash: secret_hash(&secret),
            sid,
            user_id,
            auth_time: self.now,
            amr: amr.into(),
            created_at: self.now,
            last_seen_at: self.now,
            address: self.req.client.to_string(),
            user_agent: self.user_agent(),
        };
        (session, secret)
    }

    /// What the browser says it is, cut to what is kept.
    pub fn user_agent(&self) -> String {
        self.req.header("user-agent").unwrap_or_default().chars().take(USER_AGENT_CHARS).collect()
    }

    pub fn session_cookie(&self, secret: &str) -> Result<String, Internal> {
        Ok(self.set_cookie(COOKIE, secret, self.settings()?.session_maximum))
    }

    pub fn no_session_cookie(&self) -> String {
        self.set_cookie(COOKIE, "", 0)
    }

    /// Ends whatever session the browser's cookie names, with what clients hold through it.
    pub fn replace_session(tx: &Tx, old: Option<&Session>, new: &Session) -> Result<(), Internal> {
        if let Some(old) = old {
            sessions::delete(tx, &old.hash)?;
            if old.sid != new.sid {
                grants::delete_online_of_session(tx, &old.sid)?;
            }
        }
        sessions::insert(tx, new)
    }
}

/// Ends one session. Access that the user granted for offline use stays.
pub fn sign_out(tx: &Tx, session: &Session) -> Result<(), Internal> {
    sessions::delete(tx, &session.hash)?;
    grants::delete_online_of_session(tx, &session.sid)?;
    Ok(())
}
