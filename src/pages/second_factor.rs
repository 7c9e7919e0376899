//! The pages that ask for another proof: the second half of a sign-in, and the question before a dangerous act.

use askama::Template;

use super::filters;
use super::passkey::PasskeyAsk;
use super::shell::Shell;
use super::sign_in::SignInProblem;

/// The code of an app, or a recovery code.
#[derive(Debug, Template)]
#[template(path = "second_factor.html")]
pub struct SecondFactor<'a> {
    pub ui: &'a Shell,
    /// The application that asked, if one did.
    pub application: Option<&'a str>,
    pub action: &'a str,
    /// Where the sign-in begins anew, as somebody else.
    pub anew: &'a str,
    pub form_token: &'a str,
    pub username: &'a str,
    /// For how long this browser can be remembered, in words, if at all.
    pub remember: Option<String>,
    /// Whether the user has an authenticator app.
    pub has_app: bool,
    pub passkey: Option<PasskeyAsk>,
    pub problem: Option<SignInProblem>,
}

/// "Confirm that it is you", with the fields of the form that waits for it.
#[derive(Debug, Template)]
#[template(path = "confirm.html")]
pub struct Confirm<'a> {
    pub ui: &'a Shell,
    pub action: &'a str,
    pub form_token: &'a str,
    pub username: &'a str,
    /// A code is asked for; else the password.
    pub asks_code: bool,
    /// Whether the user has an authenticator app.
    pub has_app: bool,
    pub passkey: Option<PasskeyAsk>,
    /// Names and values, to be sent again.
    pub fields: Vec<(String, String)>,
    pub problem: Option<SignInProblem>,
}

impl SecondFactor<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn problem_words(&self) -> String {
        self.problem.map(|problem| self.ui.words(&problem.words())).unwrap_or_default()
    }
}

impl Confirm<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn problem_words(&self) -> String {
        self.problem.map(|problem| self.ui.words(&problem.words())).unwrap_or_default()
    }
}
