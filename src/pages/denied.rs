//! The provider's own "access denied" page: the reason class, never a redirect loop.

use askama::Template;

use super::filters;
use super::shell::Shell;
use crate::domain::symptom::Symptom;

/// Signed in, but this application is not for this user.
#[derive(Debug, Template)]
#[template(path = "denied.html")]
pub struct AccessDenied<'a> {
    pub ui: &'a Shell,
    pub application: &'a str,
    pub username: &'a str,
    pub reason: Denial,
    pub request_id: &'a str,
    /// Where "sign in with another account" posts: `/logout/`, with the way back.
    pub switch_action: &'a str,
    pub form_token: &'a str,
}

impl AccessDenied<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

/// The class of the reason: enough to know whom to ask for what, and nothing about other people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// No group, user or policy binding of the application matches.
    NoMatch,
    /// The application has no binding at all and is not open to everybody.
    Closed,
    /// The account was disabled.
    Disabled,
}

impl Denial {
    fn key(self) -> &'static str {
        match self {
            Self::NoMatch => "denied-no-match",
            Self::Closed => "denied-closed",
            Self::Disabled => "denied-disabled",
        }
    }
}
