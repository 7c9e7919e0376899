//! Asking for a recovery mail. Its end, the same for everybody, is a notice.

use askama::Template;

use super::filters;
use super::shell::Shell;
use crate::domain::symptom::Symptom;
use crate::words::Words;

/// One field, for a username or an e-mail address.
#[derive(Debug, Template)]
#[template(path = "recovery_request.html")]
pub struct RecoveryRequest<'a> {
    pub ui: &'a Shell,
    pub form_token: &'a str,
    /// What was typed before.
    pub login: &'a str,
    pub problem: Option<Words>,
}

impl RecoveryRequest<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}
