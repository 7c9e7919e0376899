//! A page that says one thing and offers at most one way on.

use askama::Template;

use super::filters;
use super::shell::Shell;
use crate::domain::symptom::Symptom;
use crate::words::Words;

/// Something is finished, done or closed.
#[derive(Debug)]
pub struct Notice<'a> {
    title: &'static str,
    sentences: Vec<Words>,
    /// A command for the administrator, with the key of the words before it.
    command: Option<(&'static str, &'static str)>,
    link: Link<'a>,
    /// Where the help page tells of it, if it is trouble.
    help: Option<Symptom>,
}

/// A way on, shaped as a button: verb and thing.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    pub href: &'a str,
    /// A key.
    pub text: &'static str,
}

#[derive(Debug, Template)]
#[template(path = "notice.html")]
struct Page<'a> {
    ui: &'a Shell,
    notice: &'a Notice<'a>,
}

impl<'a> Notice<'a> {
    pub fn render(&self, ui: &Shell) -> String {
        super::html(&Page { ui, notice: self })
    }

    fn new(title: &'static str, sentence: &'static str, href: &'a str, text: &'static str) -> Self {
        let (sentences, link) = (vec![Words::new(sentence)], Link { href, text });
        Self { title, sentences, command: None, link, help: None }
    }

    fn about(self, symptom: Symptom) -> Self {
        Self { help: Some(symptom), ..self }
    }

    /// A sign-in that is over: finished, timed out, or gone with the browser's cookies.
    pub fn sign_in_over() -> Self {
        let mut notice = Self::new("over", "over-what", "/", "open-my-applications");
        notice.sentences.push(Words::new("over-next"));
        notice.about(Symptom::SIGN_IN_OVER)
    }

    /// Setup was opened, but there is an administrator already.
    pub fn setup_closed() -> Self {
        Self::new("setup-closed", "setup-closed-what", "/", "sign-in").about(Symptom::SETUP_CLOSED)
    }

    /// A setup link that is used, expired or mistyped.
    pub fn setup_link_invalid() -> Self {
        let command = Some(("setup-link-command", "latchkey setup-link"));
        Self { command, ..Self::new("setup-link", "setup-link-what", "/", "sign-in") }.about(Symptom::SETUP_LINK)
    }

    /// A recovery link that is used, expired or mistyped.
    pub fn recovery_link_invalid() -> Self {
        Self::new("recovery-link", "recovery-link-what", "/", "sign-in").about(Symptom::FORGOTTEN_PASSWORD)
    }

    /// A recovery mail was asked for. Whether there is one is not said.
    pub fn recovery_asked() -> Self {
        let mut notice = Self::new("recovery-asked", "recovery-asked-what", "/", "sign-in");
        notice.sentences.push(Words::new("recovery-asked-else"));
        notice
    }

    /// An invitation that is used up, expired, deleted or mistyped.
    pub fn invitation_invalid() -> Self {
        Self::new("invitation-invalid", "invitation-invalid-what", "/", "sign-in").about(Symptom::INVITATION)
    }

    /// An invitation that somebody opened who has an account.
    pub fn invitation_while_signed_in(username: &str) -> Self {
        let mut notice = Self::new("invitation-signed-in", "invitation-signed-in-next", "/logout/", "sign-out");
        notice.sentences.insert(0, Words::new("invitation-signed-in-what").with("name", username));
        notice
    }

    /// A verification link that is used, expired, mistyped, or about an address that is another by now.
    pub fn verification_link_invalid() -> Self {
        Self::new("verification-link", "verification-link-what", "/if/user/", "nav-user-settings")
    }

    /// The end of a verification.
    pub fn email_verified() -> Self {
        Self::new("verification-done", "verification-done-what", "/", "open-my-applications")
    }

    /// A device may go on.
    pub fn device_allowed(application: &str) -> Self {
        let mut notice = Self::new("device-allowed", "device-allowed-next", "/", "open-my-applications");
        notice.sentences.insert(0, Words::new("device-allowed-what").with("application", application));
        notice
    }

    /// A device may not.
    pub fn device_denied(application: &str) -> Self {
        let mut notice = Self::new("device-denied", "device-denied-next", "/", "open-my-applications");
        notice.sentences.insert(0, Words::new("device-denied-what").with("application", application));
        notice
    }

    /// The end of a recovery.
    pub fn password_set() -> Self {
        Self::new("recovery-done", "recovery-done-what", "/", "sign-in")
    }
}
