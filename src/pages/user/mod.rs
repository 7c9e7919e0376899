//! The pages of the User settings.

use askama::Template;

use super::filters;
use super::form::{Choice, Form};
use super::people::{ConnectedLine, Most, SessionLine};
use super::shell::{Frame, Shell};

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

impl ConnectedApplications<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}
