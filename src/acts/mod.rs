//! What administrators and users do with Latchkey's data, by command or on a page. Each act is one function: evidence
//! of who may, checks, one transaction, one event.

pub mod account;
pub mod administrators;
pub mod applications;
pub mod bindings;
pub mod clock;
pub mod connect;
pub mod expressions;
pub mod factors;
pub mod groups;
pub mod holdings;
pub mod icons;
pub mod invitations;
pub mod keys;
pub mod known_devices;
pub mod mail;
pub mod passkeys;
pub mod policies;
pub mod providers;
mod said;
pub mod scope_mappings;
pub mod service_accounts;
pub mod settings;
pub mod throttle;
pub mod users;
pub mod verification;

use crate::app::StartError;
use crate::crypto::digest::sha256;
use crate::crypto::password::Busy;
use crate::domain::UnixSeconds;
use crate::domain::problems::{Problems, WHOLE};
use crate::error::Internal;
use crate::http::Request;
use crate::recorder;
use crate::store::events::Event;
use crate::store::users::User;
use crate::words::Words;

/// Evidence that an administrator acts, and what the events say of it. Made where the right was checked.
#[derive(Debug, Clone)]
pub struct Admin {
    template: Event,
}

impl Admin {
    /// Who can run commands on the data folder is its administrator.
    pub fn local() -> Self {
        Self { template: recorder::local_event("", 0) }
    }

    /// A signed-in user whose right was looked up in this request.
    pub(crate) fn signed_in(user: &User, request: &Request) -> Self {
        Self { template: recorder::event("", request, 0).detail("by", &user.username) }
    }

    /// Who acts, as events call it: a username, or the command line.
    pub fn name(&self) -> &str {
        self.template.details["by"].as_str().unwrap_or_default()
    }

    /// Begins the event of an act.
    pub fn event(&self, kind: &str, now: UnixSeconds) -> Event {
        Event { kind: kind.into(), at: now, ..self.template.clone() }
    }
}

/// Whose it is that something happens to, and by whom.
pub enum Whose<'a> {
    /// The own. The event is of the request in which the user was signed in.
    Own(&'a User, Event),
    /// A user's, by an administrator.
    Of(i64, &'a Admin),
}

impl Whose<'_> {
    /// The user's id, and the beginning of the event.
    fn begin(self, kind: &str, now: UnixSeconds) -> (i64, Event) {
        match self {
            Self::Own(user, event) => (user.id, Event { kind: kind.into(), ..event }),
            Self::Of(id, by) => (id, by.event(kind, now)),
        }
    }
}

/// Recognises a row as a page showed it: short, and different when anything of it is.
fn fingerprint(row: &impl std::fmt::Debug) -> String {
    let hash = sha256(format!("{row:?}").as_bytes());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Why an act was not done. Nothing has changed then.
#[derive(Debug)]
pub enum ActError {
    /// What was given cannot be understood.
    Malformed(Problems),
    /// It was understood, and the answer is no.
    Refused(Problems),
    /// What the act is about is not there (any more).
    NotFound,
    /// All password hashers are in use.
    Busy,
    /// The master key is not there: commands only.
    NoMasterKey(StartError),
    Internal(Internal),
}

pub type Act<T> = Result<T, ActError>;

impl ActError {
    /// A refusal that is one field's.
    pub fn refused(field: &str, words: impl Into<Words>) -> Self {
        Self::Refused(Problems::one(field, words))
    }

    /// A refusal that is no single field's.
    pub fn no(words: impl Into<Words>) -> Self {
        Self::refused(WHOLE, words)
    }
}

impl From<Internal> for ActError {
    fn from(error: Internal) -> Self {
        Self::Internal(error)
    }
}

/// Problems that parsing found.
impl From<Problems> for ActError {
    fn from(problems: Problems) -> Self {
        Self::Malformed(problems)
    }
}

impl From<Busy> for ActError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<StartError> for ActError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Internal(error) => Self::Internal(error),
            other => Self::NoMasterKey(other),
        }
    }
}
