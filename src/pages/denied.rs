//! The provider's own "access denied" page: the reason class, never a redirect loop.

use askama::Template;

use super::filters;

/// Signed in, but this application is not for this user.
#[derive(Debug, Template)]
#[template(path = "denied.html")]
pub struct AccessDenied<'a> {
    pub application: &'a str,
    pub username: &'a str,
    pub reason: Denial<'a>,
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
pub enum Denial<'a> {
    /// No group, user or policy binding of the application matches.
    NoMatch,
    /// The application has no binding at all and is not open to everybody.
    Closed,
    /// A sentence of the caller's own.
    Words(&'a str),
}

impl Denial<'_> {
    fn words(&self) -> &str {
        match self {
            Self::NoMatch => "Your account is not among those that may use this application.",
            Self::Closed => "Nobody has been given access to this application yet.",
            Self::Words(words) => words,
        }
    }
}
