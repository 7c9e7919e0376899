//! What the pages of users show alike, for administrators and for the users themselves: sessions, consents, tokens, and
//! the applications that hold something.

use crate::clock::rfc3339;
use crate::domain::scope::ScopeSet;
use crate::domain::{UnixSeconds, device};
use crate::store::holdings::{self, Connected, Consent, Token};
use crate::store::known_devices;
use crate::store::sessions::Session;
use crate::words::{Lang, shown};

/// The beginning of a list that may be long.
#[derive(Debug)]
pub struct Most<T> {
    pub lines: Vec<T>,
    /// How many there are in all.
    pub all: i64,
}

impl<T> Most<T> {
    pub fn of<R>((rows, all): (Vec<R>, i64), line: impl FnMut(R) -> T) -> Self {
        Self { lines: rows.into_iter().map(line).collect(), all }
    }

    /// Whether there are more than are shown.
    pub fn is_cut(&self) -> bool {
        usize::try_from(self.all).is_ok_and(|all| all > self.lines.len())
    }
}

/// One session.
#[derive(Debug)]
pub struct SessionLine {
    pub sid: String,
    pub device: String,
    pub address: String,
    /// RFC 3339.
    pub since: String,
    pub last: String,
    /// The one that the page is shown in.
    pub is_this: bool,
}

impl SessionLine {
    pub fn of(session: &Session, this: &str, lang: Lang) -> Self {
        let device = shown(&device::in_words(&session.user_agent)).trim().to_owned();
        Self {
            sid: session.sid.clone(),
            device: if device.is_empty() { lang.say("session-unknown") } else { device },
            address: session.address.clone(),
            since: rfc3339(session.created_at),
            last: rfc3339(session.last_seen_at),
            is_this: session.sid == this,
        }
    }
}

/// A browser in which somebody has signed in.
#[derive(Debug)]
pub struct DeviceLine {
    pub id: String,
    pub device: String,
    /// Of the last sign-in.
    pub address: String,
    pub since: UnixSeconds,
    pub last: UnixSeconds,
    /// Until when no second factor is asked for there.
    pub remembered: Option<UnixSeconds>,
    pub is_this: bool,
}

impl DeviceLine {
    pub fn of(known: known_devices::Listed, is_this: bool, lang: Lang) -> Self {
        let device = shown(&device::in_words(&known.user_agent)).trim().to_owned();
        Self {
            id: known.id(),
            device: if device.is_empty() { lang.say("session-unknown") } else { device },
            address: known.address,
            since: known.created_at,
            last: known.last_seen_at,
            remembered: known.remembered_until,
            is_this,
        }
    }
}

/// What a user agreed to share with one application.
#[derive(Debug)]
pub struct ConsentLine {
    pub provider: i64,
    pub application: String,
    pub scopes: String,
    pub given: String,
    pub expires: String,
}

impl ConsentLine {
    pub fn of(consent: Consent) -> Self {
        Self {
            provider: consent.provider_id,
            application: consent.application,
            scopes: once_each(&consent.scopes),
            given: rfc3339(consent.given_at),
            expires: rfc3339(consent.expires_at),
        }
    }
}

/// The tokens of one grant, or of all grants of an application.
#[derive(Debug)]
pub struct TokenLine {
    /// The grant; 0 where it stands for several.
    pub id: i64,
    pub application: String,
    pub scopes: String,
    pub issued: String,
    /// When the newest was issued, where that was later.
    pub renewed: Option<String>,
    pub expires: String,
    pub refresh: bool,
}

impl TokenLine {
    pub fn of(token: Token) -> Self {
        Self {
            id: token.grant_id,
            application: token.application,
            scopes: once_each(&token.scopes),
            issued: rfc3339(token.issued_at),
            // The first tokens are issued seconds after the user agreed to it.
            renewed: (token.renewed_at > token.issued_at + 60).then(|| rfc3339(token.renewed_at)),
            expires: rfc3339(token.expires_at),
            refresh: token.refresh,
        }
    }

    /// The key of what kind it is.
    pub fn kind(&self) -> &'static str {
        if self.refresh { "token-refresh" } else { "token-access" }
    }

    /// The same in the words of those who never heard of tokens.
    pub fn kind_for_users(&self) -> &'static str {
        if self.refresh { "connected-refresh" } else { "connected-access" }
    }

    fn of_all(application: &str, tokens: holdings::Tokens) -> Self {
        let holdings::Tokens { scopes, issued_at, renewed_at, expires_at, refresh } = tokens;
        let application = application.to_owned();
        Self::of(Token { grant_id: 0, application, scopes, issued_at, renewed_at, expires_at, refresh })
    }
}

/// One application that holds something of a user.
#[derive(Debug)]
pub struct ConnectedLine {
    pub provider: i64,
    pub application: String,
    pub consent: Option<ConsentLine>,
    pub tokens: Option<TokenLine>,
}

impl ConnectedLine {
    pub fn of(connected: Connected) -> Self {
        let Connected { provider_id: provider, application, consent, tokens } = connected;
        let tokens = tokens.map(|tokens| TokenLine::of_all(&application, tokens));
        Self { provider, application, consent: consent.map(ConsentLine::of), tokens }
    }
}

fn once_each(scopes: &str) -> String {
    ScopeSet::from_store(scopes).to_string()
}
