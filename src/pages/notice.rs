//! A page that says one thing and offers at most one way on.

use std::borrow::Cow;

use askama::Template;

use super::filters;

/// Something is finished, done or closed.
#[derive(Debug, Template)]
#[template(path = "notice.html")]
pub struct Notice<'a> {
    pub title: &'a str,
    pub sentences: Vec<Cow<'a, str>>,
    /// A command for the administrator, with the words before it.
    pub command: Option<(&'a str, &'a str)>,
    pub link: Option<Link<'a>>,
}

/// A way on, shaped as a button: verb and thing.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    pub href: &'a str,
    pub text: &'a str,
}

impl<'a> Notice<'a> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    /// A sign-in that is over: finished, timed out, or gone with the browser's cookies. `start_again` is the
    /// application's launch path, when it is known.
    pub fn sign_in_over(application: Option<&str>, start_again: Option<&'a str>) -> Self {
        let begin = match application {
            Some(application) => format!("To sign in, start again from {application}."),
            None => "To sign in, start again from the application.".to_owned(),
        };
        Self {
            title: "This sign-in is over",
            sentences: vec![
                "It was finished already, or it took longer than ten minutes. Nothing is wrong with your account."
                    .into(),
                begin.into(),
            ],
            command: None,
            link: Some(match start_again {
                Some(href) => Link { href, text: "Start again" },
                None => Link { href: "/", text: "Open My applications" },
            }),
        }
    }

    /// Setup was opened, but there is an administrator already.
    pub fn setup_closed() -> Self {
        Self {
            title: "Latchkey is set up already",
            sentences: vec!["There is an administrator, so this page is closed for good.".into()],
            command: None,
            link: Some(Link { href: "/", text: "Sign in" }),
        }
    }

    /// A setup link that is used, expired or mistyped.
    pub fn setup_link_invalid() -> Self {
        Self {
            title: "This setup link does not work",
            sentences: vec![
                "A setup link works once and only for a while. This one was used, has expired or is not complete."
                    .into(),
            ],
            command: Some(("To print a new one, run this on the server:", "latchkey setup-link")),
            link: None,
        }
    }

    /// A recovery link that is used, expired or mistyped.
    pub fn recovery_link_invalid() -> Self {
        Self {
            title: "This recovery link does not work",
            sentences: vec!["A recovery link works once and only for a while. This one was used, has expired or is not complete. Your password has not been changed.".into()],
            command: Some((
                "Ask your administrator for a new one, made with:",
                "latchkey user recovery-link NAME",
            )),
            link: Some(Link { href: "/", text: "Sign in" }),
        }
    }

    /// The end of a recovery.
    pub fn password_set() -> Self {
        Self {
            title: "Your password is set",
            sentences: vec!["From now on, sign in with the new one.".into()],
            command: None,
            link: Some(Link { href: "/", text: "Sign in" }),
        }
    }
}
