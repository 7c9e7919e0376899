//! Which account to go on with, when an application asks for `prompt=select_account`.

use askama::Template;

use super::filters;
use super::shell::Shell;

/// Two buttons named `choice`: `continue` and `another`.
#[derive(Debug, Template)]
#[template(path = "choose_account.html")]
pub struct ChooseAccount<'a> {
    pub ui: &'a Shell,
    pub application: &'a str,
    pub username: &'a str,
    /// The full name; empty when there is none.
    pub name: &'a str,
    pub action: &'a str,
    pub form_token: &'a str,
}

impl ChooseAccount<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}
