//! A new password, by a recovery link. Its ends (done, link invalid) are notices.

use askama::Template;

use super::filters;
use super::shell::Shell;

/// Sets a new password for the user whom the link was made for.
#[derive(Debug, Template)]
#[template(path = "recovery.html")]
pub struct Recovery<'a> {
    pub ui: &'a Shell,
    pub action: &'a str,
    pub form_token: &'a str,
    pub username: &'a str,
    /// Whether the other factors go with the old password.
    pub drops_factors: bool,
    /// Characters that a password has at least.
    pub least: usize,
    pub problems: RecoveryProblems<'a>,
}

/// What is wrong with each field, in words; `form` is for everything else.
#[derive(Debug, Default, Clone, Copy)]
pub struct RecoveryProblems<'a> {
    pub form: Option<&'a str>,
    pub password: Option<&'a str>,
    pub password_again: Option<&'a str>,
}

impl Recovery<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}
