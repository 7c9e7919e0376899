//! The sign-in page. What went wrong the last time stands in one place, at the top of the form.

use std::fmt;

use askama::Template;

use super::filters;

/// Username and password, on the way to an application or to Latchkey itself.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    /// The application that asked, if one did.
    pub application: Option<&'a str>,
    /// Set when somebody is signed in already and is asked to prove it again.
    pub again_as: Option<&'a str>,
    pub action: &'a str,
    pub form_token: &'a str,
    /// What the username field holds at first: a login hint, or what was typed before.
    pub username: &'a str,
    pub problem: Option<SignInProblem>,
}

impl SignIn<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn credentials_are_wrong(&self) -> bool {
        matches!(self.problem, Some(SignInProblem::WrongCredentials))
    }
}

/// Why the last attempt did not sign anybody in. The same words for known and unknown users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    WrongCredentials,
    Throttled { wait_seconds: u64 },
    Busy,
    FormExpired,
    CookiesMissing,
}

impl fmt::Display for SignInProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongCredentials => {
                f.write_str("That username and password do not match. Check both, then try again.")
            }
            Self::Throttled { wait_seconds } => {
                write!(f, "There were too many attempts. Wait {}, then try again.", Wait(*wait_seconds))
            }
            Self::Busy => f.write_str("Many people are signing in right now. Wait a few seconds, then try again."),
            Self::FormExpired => {
                f.write_str("This page had been open for too long, so nothing was sent. Please sign in again.")
            }
            Self::CookiesMissing => f.write_str(
                "Your browser did not send back the cookie that this page needs. Allow cookies for this site, then sign in again.",
            ),
        }
    }
}

/// A wait in words, rounded up: nobody should come back too early.
struct Wait(u64);

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 | 1 => f.write_str("a second"),
            seconds @ 2..=90 => write!(f, "{seconds} seconds"),
            seconds => write!(f, "{} minutes", seconds.div_ceil(60)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(problem: Option<SignInProblem>) -> String {
        SignIn {
            application: Some("Portainer"),
            again_as: None,
            action: "/login/?flow=abc&x=1",
            form_token: "t0ken",
            username: "alice",
            problem,
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
        assert_eq!(Wait(0).to_string(), "a second");
        assert_eq!(Wait(90).to_string(), "90 seconds");
        assert_eq!(Wait(121).to_string(), "3 minutes");
    }
}
