//! Browsers in which somebody has signed in before: what strangers guess does not make them wait.
//!
//! The cookie holds a random token for each user of the browser, a few at most. A token counts for the user whose row
//! has its hash and for nobody else. It gives a counter of failures of its own; and where the settings allow that, and the
//! user asked for it beside a second factor, it stands for that one for a while.

use rusqlite::Connection;

use crate::crypto::digest::{Hash, secret_hash};
use crate::crypto::random;
use crate::error::Internal;
use crate::store::known_devices::{self, KnownDevice, VALID};

use super::context::Ctx;

const COOKIE: &str = "latchkey-device";
/// Users of one browser that it is known for.
const MOST: usize = 4;
/// Characters of a token: 256 bits in base64url.
const TOKEN_CHARS: usize = 43;

/// The browser of a sign-in, to be stored with it.
pub struct SignInDevice {
    pub row: KnownDevice,
    pub cookie: String,
    /// Whether this user had not signed in there before.
    pub is_new: bool,
    /// Whether the user is known by other browsers: a first one is no surprise.
    pub is_unknown: bool,
}

impl Ctx<'_> {
    fn device_tokens(&self) -> Vec<String> {
        let cookie = self.cookie(COOKIE).unwrap_or_default();
        cookie.split('.').filter(|token| token.len() == TOKEN_CHARS).take(MOST).map(str::to_owned).collect()
    }

    /// What this browser is known by for a user, if it is.
    pub fn known_device(&self, connection: &Connection, user: i64) -> Result<Option<Hash>, Internal> {
        for token in self.device_tokens() {
            let hash = secret_hash(&token);
            if known_devices::is_known(connection, &hash, user, self.now)? {
                return Ok(Some(hash));
            }
        }
        Ok(None)
    }

    /// Whether the settings and the user have this browser stand for the second factor.
    pub fn is_remembered(&self, connection: &Connection, user: i64) -> Result<bool, Internal> {
        if self.settings()?.remember_browser.is_none() {
            return Ok(false);
        }
        for token in self.device_tokens() {
            if known_devices::is_remembered(connection, &secret_hash(&token), user, self.now)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The browser in which a user signs in now: by the token that it is known by, or else a fresh one. Those that are
    /// good for nobody any more are dropped.
    pub fn sign_in_device(&self, user: i64) -> Result<SignInDevice, Internal> {
        let (own, mut others, has_any) = self.app.store.read(|c| {
            let (mut own, mut others) = (None, Vec::new());
            for token in self.device_tokens() {
                let hash = secret_hash(&token);
                if own.is_none() && known_devices::is_known(c, &hash, user, self.now)? {
                    own = Some(token);
                } else if known_devices::is_anybodys(c, &hash, self.now)? {
                    others.push(token);
                }
            }
            Ok::<_, Internal>((own, others, known_devices::has_any(c, user, self.now)?))
        })?;
        let is_new = own.is_none();
        let token = own.unwrap_or_else(random::token);
        let row = KnownDevice {
            hash: secret_hash(&token),
            user_id: user,
            address: self.req.client.to_string(),
            user_agent: self.user_agent(),
            remembered_until: None,
        };
        others.insert(0, token);
        others.truncate(MOST);
        Ok(SignInDevice {
            row,
            cookie: self.set_cookie(COOKIE, &others.join("."), VALID),
            is_new,
            is_unknown: is_new && has_any,
        })
    }
}
