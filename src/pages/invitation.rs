//! The page behind an invitation, and the one after it. What is wrong with a link is a notice.

use askama::Template;

use super::filters;
use super::form::Form;
use super::passkey::PasskeyAsk;
use super::shell::Shell;
use crate::domain::UnixSeconds;

/// A guest makes an account. What was typed comes back, except the passwords.
#[derive(Debug, Template)]
#[template(path = "invitation.html")]
pub struct InvitationPage<'a> {
    pub ui: &'a Shell,
    pub action: &'a str,
    pub form: &'a Form,
    pub expires_at: UnixSeconds,
    /// Characters that a password has at least.
    pub least: usize,
    /// Whether browsers can make passkeys for this place.
    pub can_have_passkey: bool,
}

/// A guest whose names are free makes a passkey.
#[derive(Debug, Template)]
#[template(path = "invitation_passkey.html")]
pub struct InvitationPasskey<'a> {
    pub ui: &'a Shell,
    pub action: &'a str,
    pub form: &'a Form,
    pub username: &'a str,
    /// What was typed, on its way on.
    pub said: Vec<(&'static str, String)>,
    pub ask: PasskeyAsk,
}

/// A new user is signed in, and may make the account safer.
#[derive(Debug, Template)]
#[template(path = "welcome.html")]
pub struct Welcome<'a> {
    pub ui: &'a Shell,
    pub username: &'a str,
    /// What was just done.
    pub notice: Option<String>,
}

impl InvitationPage<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl InvitationPasskey<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl Welcome<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}
