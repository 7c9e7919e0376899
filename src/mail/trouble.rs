//! Why a mail was not sent, in words that help whoever looks after the mail server. Never a secret: what a server answers
//! may repeat what it was told.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, Engine};
use lettre::transport::smtp;
use rustls::CertificateError;

use crate::domain::mail::{MailServer, Security};
use crate::error::Internal;
use crate::words::{Words, shown};

/// A trouble, and whether it may pass by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    words: Words,
    pub may_pass: bool,
}

impl From<Trouble> for Words {
    fn from(trouble: Trouble) -> Self {
        trouble.words
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.words.fmt(f)
    }
}

impl From<Internal> for Trouble {
    fn from(error: Internal) -> Self {
        tracing::error!(%error, "a mail could not be made");
        Self { words: Words::new("mail-trouble-internal"), may_pass: true }
    }
}

/// Longer answers are cut.
const MOST: usize = 200;

impl Trouble {
    fn lasting(words: Words) -> Self {
        Self { words, may_pass: false }
    }

    fn passing(words: Words) -> Self {
        Self { words, may_pass: true }
    }

    pub fn no_server() -> Self {
        Self::lasting(Words::new("mail-trouble-no-server"))
    }

    /// The settings do not fit together.
    pub fn settings(words: Words) -> Self {
        Self::lasting(words)
    }

    pub fn no_password() -> Self {
        Self::lasting(Words::new("mail-trouble-no-password"))
    }

    pub fn password_file((path, error): (PathBuf, io::Error)) -> Self {
        let words = Words::new("mail-trouble-password-file").with("name", path.display().to_string());
        Self::lasting(words.with("why", error.to_string()))
    }

    /// The sealed password cannot be opened here.
    pub fn sealed_password(why: impl std::fmt::Display) -> Self {
        Self::lasting(Words::new("mail-trouble-sealed").with("why", why.to_string()))
    }

    pub fn bad_address(address: &str) -> Self {
        Self::lasting(Words::new("mail-trouble-address").with("name", address))
    }

    pub fn stopped() -> Self {
        Self::passing(Words::new("mail-trouble-stopped"))
    }

    /// What happened between the server and us. `secrets` are what its answer must not repeat.
    pub fn of(error: &smtp::Error, server: &MailServer, secrets: &[&str]) -> Self {
        let place = format!("{}:{}", server.host, server.port);
        let at = |key| Words::new(key).with("place", place.clone());
        let mut source = error.source();
        while let Some(e) = source {
            if let Some(e) = e.downcast_ref::<io::Error>() {
                return of_io(e, at);
            }
            source = e.source();
        }
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        if let Some(code) = error.status() {
            let number = u16::from(code);
            let answer = redacted(&format!("{number} {said}"), secrets);
            // RFC 4954 section 6: what servers say of a sign-in.
            let key = if matches!(number, 454 | 530 | 534 | 535 | 538) {
                "mail-trouble-sign-in"
            } else {
                "mail-trouble-refused"
            };
            return Self { words: at(key).with("answer", answer), may_pass: error.is_transient() };
        }
        if error.is_client() && said.contains("STARTTLS") {
            return Self::lasting(at("mail-trouble-no-starttls"));
        }
        if error.is_client() && said.contains("authentication mechanism") {
            return Self::lasting(at("mail-trouble-no-auth"));
        }
        let key = if server.security == Security::Tls { "mail-trouble-odd-tls" } else { "mail-trouble-odd" };
        Self::passing(at(key).with("answer", redacted(&error.to_string(), secrets)))
    }
}

fn of_io(error: &io::Error, at: impl Fn(&'static str) -> Words) -> Trouble {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return of_tls(tls, at);
    }
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Trouble::passing(at("mail-trouble-timeout")),
        _ => Trouble::passing(at("mail-trouble-unreachable").with("why", error.to_string())),
    }
}

fn of_tls(error: &rustls::Error, at: impl Fn(&'static str) -> Words) -> Trouble {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return Trouble::lasting(at("mail-trouble-tls").with("why", error.to_string()));
    };
    Trouble::lasting(at(match certificate {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "mail-trouble-certificate-name"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "mail-trouble-certificate-expired",
        CertificateError::UnknownIssuer => "mail-trouble-certificate-unknown",
        other => {
            return Trouble::lasting(at("mail-trouble-tls").with("why", format!("{other}")));
        }
    }))
}

/// An answer on one line, without what it must not repeat.
fn redacted(answer: &str, secrets: &[&str]) -> String {
    let line = answer.replace("\r\n", " ").replace(['\r', '\n'], " ");
    let mut line = shown(&line);
    for secret in secrets.iter().filter(|s| !s.is_empty()) {
        line = line.replace(secret, "…").replace(&BASE64_STANDARD.encode(secret), "…");
    }
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_repeats_no_secret_and_keeps_to_one_line() {
        let answer = format!("535 no \"hush\" nor {}\r\nmore", BASE64_STANDARD.encode("\0me\0hush"));
        assert_eq!(redacted(&answer, &["hush", "\0me\0hush", ""]), "535 no \"…\" nor … more");
        assert!(redacted(&"x".repeat(900), &[]).chars().count() <= MOST + 1);
    }
}
