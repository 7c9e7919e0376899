//! Telling users by mail what happened to their account. Only where a mail server is set, and only to a verified address:
//! another may be a stranger's.

use crate::domain::device;
use crate::mail::Letter;
use crate::pages::Shell;
use crate::store::users::User;
use crate::words::{Words, shown};

use super::context::Ctx;
use super::guard::lang_of;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// An authenticator app or a passkey; the key of its name.
    FactorAdded(&'static str),
    FactorRemoved(&'static str),
    /// All of them.
    FactorsRemoved,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    /// By the user.
    PasswordChanged,
    /// By a recovery link.
    PasswordReset,
    /// By an administrator.
    PasswordSet,
    EmailChanged,
    /// A sign-in with a browser that the user was never seen with.
    UnknownDevice,
}

impl Notice {
    /// Subject, first paragraph, and the word in events.
    fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::FactorAdded(_) => ("mail-factor-added-subject", "mail-factor-added", "factor added"),
            Self::FactorRemoved(_) => ("mail-factor-removed-subject", "mail-factor-removed", "factor removed"),
            Self::FactorsRemoved => ("mail-factors-removed-subject", "mail-factors-removed", "factors removed"),
            Self::RecoveryCodesMade => ("mail-codes-made-subject", "mail-codes-made", "recovery codes made"),
            Self::RecoveryCodeUsed => ("mail-code-used-subject", "mail-code-used", "recovery code used"),
            Self::PasswordChanged => ("mail-password-changed-subject", "mail-password-changed", "password changed"),
            Self::PasswordReset => ("mail-password-reset-subject", "mail-password-reset", "password reset"),
            Self::PasswordSet => ("mail-password-set-subject", "mail-password-set", "password set"),
            Self::EmailChanged => ("mail-email-changed-subject", "mail-email-changed", "e-mail address changed"),
            Self::UnknownDevice => ("mail-unknown-device-subject", "mail-unknown-device", "unknown device"),
        }
    }
}

impl Ctx<'_> {
    /// Tells a user, as known before it happened: a change of address is told to the old one. What cannot be told is no
    /// reason to refuse what was done. What happens again and again is told a few times: the mails of one account must not
    /// be in the way of others', nor of more important ones.
    pub fn tell(&self, user: &User, what: Notice) {
        let has_mail = self.app.has_mail().unwrap_or_else(|error| {
            tracing::warn!(%error, "whether there is a mail server could not be read");
            false
        });
        let Some(to) = user.email.clone().filter(|_| user.email_verified && has_mail) else { return };
        let lang = lang_of(user).unwrap_or(self.lang);
        let (subject, body, about) = what.facts();
        let Ok(silent) = self.app.throttle.begin_notice(user.into(), about, self.now) else {
            tracing::info!(request = %self.req.id, about, username = user.username, "told several times already: no mail");
            return;
        };
        let happened = match what {
            Notice::FactorAdded(factor) | Notice::FactorRemoved(factor) => {
                Words::new(body).with("factor", lang.say(factor))
            }
            _ => Words::new(body),
        };
        let shell = Shell { lang, brand: self.brand() };
        let agent = self.req.header("user-agent").unwrap_or_default();
        // No link into a mail of ours: what no browser says of itself is not repeated.
        let device = shown(&device::in_words(agent)).trim().to_owned();
        let device = if device.contains(['.', '/', ':']) { String::new() } else { device };
        let facts = Words::new("mail-facts")
            .with("time", shell.date_and_time(self.now))
            .with("address", self.req.client.to_string())
            .with("device", if device.is_empty() { lang.say("session-unknown") } else { device });
        let otherwise = Words::new("mail-otherwise").with("link", self.app.base.join("/if/user/"));
        let last = (silent > 0).then(|| Words::new("mail-last").with("minutes", silent.div_euclid(60)));
        self.app.mailer.post(Letter {
            to,
            username: user.username.clone(),
            lang,
            subject: Words::new(subject),
            body: [happened, facts].into_iter().chain(last).chain([otherwise]).collect(),
            about,
            secret: None,
        });
    }
}
