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
    /// It is for those who sign in with a second factor; whether the user has one.
    SecondFactor { there: bool },
    /// It is for those who sign in with a passkey; whether the user has one.
    Passkey { there: bool },
}

impl Denial {
    fn key(self) -> &'static str {
        match self {
            Self::NoMatch => "denied-no-match",
            Self::Closed => "denied-closed",
            Self::Disabled => "denied-disabled",
            Self::SecondFactor { .. } => "denied-second-factor",
            Self::Passkey { .. } => "denied-passkey",
        }
    }

    /// What can be done about it.
    fn what(self) -> &'static str {
        match self {
            Self::NoMatch | Self::Closed | Self::Disabled => "denied-what",
            Self::SecondFactor { there: true } | Self::Passkey { there: true } => "denied-stronger",
            Self::SecondFactor { there: false } => "denied-add-factor",
            Self::Passkey { there: false } => "denied-add-passkey",
        }
    }

    /// Whether the user is to add what lacks.
    fn is_to_add(self) -> bool {
        matches!(self, Self::SecondFactor { there: false } | Self::Passkey { there: false })
    }

    /// The name of the button that leads to the sign-in page.
    fn switch(self) -> &'static str {
        match self {
            Self::SecondFactor { there: true } | Self::Passkey { there: true } => "sign-in-anew",
            _ => "denied-other-account",
        }
    }
}
