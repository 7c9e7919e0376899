//! The sign-in page. What went wrong the last time stands in one place, at the top of the form.

use askama::Template;

use super::filters;
use super::passkey::PasskeyAsk;
use super::shell::Shell;
use crate::domain::symptom::Symptom;
use crate::words::Words;

/// Username and password, on the way to an application or to Latchkey itself.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    pub ui: &'a Shell,
    /// The application that asked, if one did.
    pub application: Option<&'a str>,
    /// Set when somebody is signed in already and is asked to prove it again.
    pub again_as: Option<&'a str>,
    pub action: &'a str,
    pub form_token: &'a str,
    /// What the username field holds at first: a login hint, or what was typed before.
    pub username: &'a str,
    pub passkey: Option<PasskeyAsk>,
    pub problem: Option<SignInProblem>,
    /// Whether a recovery link can be had by mail.
    pub has_mail: bool,
}

impl SignIn<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn problem_words(&self) -> String {
        self.problem.map(|problem| self.ui.words(&problem.words())).unwrap_or_default()
    }

    /// Where the help page tells of what went wrong. A wrong password is answered by the words below the form.
    fn help(&self) -> Option<Symptom> {
        match self.problem? {
            SignInProblem::WrongCredentials
            | SignInProblem::WrongPassword
            | SignInProblem::WrongCode
            | SignInProblem::WrongPasskey
            | SignInProblem::ClonedPasskey
            | SignInProblem::PasskeyTooLate => None,
            SignInProblem::Throttled { .. } => Some(Symptom::SLOWED_DOWN),
            SignInProblem::Busy => Some(Symptom::BUSY),
            SignInProblem::FormExpired => Some(Symptom::FORM_EXPIRED),
            SignInProblem::CookiesMissing => Some(Symptom::COOKIES),
        }
    }

    fn credentials_are_wrong(&self) -> bool {
        matches!(self.problem, Some(SignInProblem::WrongCredentials))
    }
}

/// Why the last attempt did not sign anybody in. The same words for known and unknown users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    WrongCredentials,
    /// Of somebody who is known already.
    WrongPassword,
    /// The second factor.
    WrongCode,
    WrongPasskey,
    /// There may be a copy of it.
    ClonedPasskey,
    /// The page that asked for it was open for too long, or was answered before.
    PasskeyTooLate,
    Throttled {
        wait_seconds: u64,
    },
    Busy,
    FormExpired,
    CookiesMissing,
}

impl SignInProblem {
    pub fn words(self) -> Words {
        match self {
            Self::WrongCredentials => Words::new("sign-in-wrong"),
            Self::WrongPassword => Words::new("password-present-wrong"),
            Self::WrongCode => Words::new("second-factor-wrong"),
            Self::WrongPasskey => Words::new("passkey-wrong"),
            Self::ClonedPasskey => Words::new("passkey-cloned"),
            Self::PasskeyTooLate => Words::new("passkey-too-late"),
            // Rounded up: nobody should come back too early.
            Self::Throttled { wait_seconds } if wait_seconds <= 90 => {
                Words::new("sign-in-wait-seconds").with("n", wait_seconds.max(1) as i64)
            }
            Self::Throttled { wait_seconds } => {
                Words::new("sign-in-wait-minutes").with("n", wait_seconds.div_ceil(60) as i64)
            }
            Self::Busy => Words::new("sign-in-busy"),
            Self::FormExpired => Words::new("sign-in-expired"),
            Self::CookiesMissing => Words::new("sign-in-cookies"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(problem: Option<SignInProblem>) -> String {
        SignIn {
            ui: &Shell::english(),
            application: Some("Portainer"),
            again_as: None,
            action: "/login/?flow=abc&x=1",
            form_token: "t0ken",
            username: "alice",
            passkey: None,
            problem,
            has_mail: false,
        }
        .render()
    }

    #[test]
    fn it_names_the_application_and_posts_back() {
        let html = page(None);
        assert!(html.contains("<h1>Sign in to <bdi>Portainer</bdi></h1>"));
        assert!(html.contains(r#"action="/login/?flow=abc&#38;x=1""#));
        assert!(html.contains(r#"name="form_token" value="t0ken""#));
        assert!(html.contains(r#"value="alice""#));
        assert!(!html.contains("role=\"alert\""));
    }

    #[test]
    fn a_problem_is_announced_once_and_tied_to_the_fields() {
        let html = page(Some(SignInProblem::WrongCredentials));
        assert_eq!(html.matches("role=\"alert\"").count(), 1);
        assert_eq!(html.matches("aria-describedby=\"problem\"").count(), 2);
        assert_eq!(html.matches("aria-invalid=\"true\"").count(), 2);
        assert!(!page(Some(SignInProblem::Busy)).contains("aria-invalid"));
    }

    #[test]
    fn waits_are_rounded_up() {
        let wait = |wait_seconds| SignInProblem::Throttled { wait_seconds }.words().to_string();
        assert!(wait(0).contains("Wait 1 second,"), "{}", wait(0));
        assert!(wait(90).contains("Wait 90 seconds,"), "{}", wait(90));
        assert!(wait(121).contains("Wait 3 minutes,"), "{}", wait(121));
    }
}
