//! The pages of the User settings.

use askama::Template;

use super::filters;
use super::form::{Choice, Form};
use super::passkey::{PasskeyAsk, PasskeyLine};
use super::people::{ConnectedLine, DeviceLine, Most, SessionLine};
use super::shell::{Frame, Shell};
use crate::domain::UnixSeconds;

/// Name, e-mail address, language, picture.
#[derive(Debug, Template)]
#[template(path = "user/details.html")]
pub struct Details<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub username: &'a str,
    /// Whether applications are not told the address, because it was changed.
    pub is_unverified: bool,
    /// Whether the user can verify it by mail.
    pub can_verify: bool,
    pub languages: Vec<Choice>,
}

/// A new password.
#[derive(Debug, Template)]
#[template(path = "user/password.html")]
pub struct Password<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    /// For password managers.
    pub username: &'a str,
    /// Whether there is one, which is asked for.
    pub has_password: bool,
    /// Characters that a password has at least.
    pub least: usize,
}

/// Where one is signed in.
#[derive(Debug, Template)]
#[template(path = "user/sessions.html")]
pub struct Sessions<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub sessions: Most<SessionLine>,
    /// Browsers in which the user has signed in.
    pub devices: Vec<DeviceLine>,
}

/// Second factors.
#[derive(Debug, Template)]
#[template(path = "user/mfa.html")]
pub struct Factors<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub passkeys: Vec<PasskeyLine>,
    /// Whether browsers can make passkeys for this place.
    pub can_add_passkey: bool,
    /// When an authenticator app was added, and used last.
    pub app: Option<(UnixSeconds, UnixSeconds)>,
    /// Whether there is a second factor at all.
    pub has_factor: bool,
    pub codes_left: i64,
}

/// An authenticator app that is added.
#[derive(Debug, Template)]
#[template(path = "user/totp_new.html")]
pub struct NewTotp<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    /// The secret on its way back to us.
    pub sealed: &'a str,
    /// For those who type it.
    pub secret: &'a str,
    /// A drawing, as markup of ours.
    pub qr: Option<String>,
}

/// A passkey that is added.
#[derive(Debug, Template)]
#[template(path = "user/passkey_new.html")]
pub struct NewPasskey<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub ask: PasskeyAsk,
}

/// New recovery codes, shown once.
#[derive(Debug, Template)]
#[template(path = "user/recovery_codes.html")]
pub struct RecoveryCodes<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    /// What was done before they were made.
    pub added: Option<String>,
    pub username: &'a str,
    /// Where they are good, for the printed page.
    pub address: &'a str,
    /// Whether they stand in for a second factor; else for the passkey, which is the only one.
    pub has_password: bool,
    /// Where it goes on.
    pub onward: &'a str,
    pub codes: Vec<String>,
}

/// What applications hold.
#[derive(Debug, Template)]
#[template(path = "user/connected.html")]
pub struct ConnectedApplications<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub connected: Most<ConnectedLine>,
}

impl Details<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl Password<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl Sessions<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl Factors<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl NewTotp<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl NewPasskey<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl RecoveryCodes<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl ConnectedApplications<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}
