//! What the pages of users show alike, for administrators and for the users themselves: sessions, and the applications
//! that hold something.

use crate::clock::rfc3339;
use crate::domain::{UnixSeconds, device};
use crate::store::grants::Connected;
use crate::store::sessions::Session;

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
    pub fn of(session: &Session, this: &str) -> Self {
        Self {
            sid: session.sid.clone(),
            device: device::in_words(&session.user_agent),
            address: session.address.clone(),
            since: rfc3339(session.created_at),
            last: rfc3339(session.last_seen_at),
            is_this: session.sid == this,
        }
    }

    /// Whether a session is still good: expiry is checked at use, and rows stay a while.
    pub fn is_current(session: &Session, idle: UnixSeconds, maximum: UnixSeconds, now: UnixSeconds) -> bool {
        session.last_seen_at + idle > now && session.created_at + maximum > now
    }
}

/// One application that holds something of a user.
#[derive(Debug)]
pub struct ConnectedLine {
    pub provider: i64,
    pub application: String,
    pub since: String,
    /// Each once.
    pub scopes: String,
}

impl ConnectedLine {
    pub fn of(connected: Connected) -> Self {
        let scopes = crate::domain::scope::ScopeSet::from_store(&connected.scopes).to_string();
        let (provider, application) = (connected.provider_id, connected.application);
        Self { provider, application, since: rfc3339(connected.since), scopes }
    }
}
