//! An e-mail address that is verified by who reads its mail. Its ends (done, link invalid) are notices.

use askama::Template;

use super::filters;
use super::shell::Shell;

/// One question, and a button.
#[derive(Debug, Template)]
#[template(path = "verify_email.html")]
pub struct VerifyEmail<'a> {
    pub ui: &'a Shell,
    pub form_token: &'a str,
    pub username: &'a str,
    pub email: &'a str,
}

impl VerifyEmail<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}
