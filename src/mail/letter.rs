//! A mail before it is sent: plain text, in the language of who gets it.

use std::time::{Duration, SystemTime};

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};

use super::Trouble;
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::base_url::BaseUrl;
use crate::domain::mail::Sender;
use crate::words::{Lang, Words};

/// What is to be said to whom.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The address, as it is stored: never as somebody typed it.
    pub to: String,
    /// Whose mail it is, in its greeting and in events.
    pub username: String,
    pub lang: Lang,
    pub subject: Words,
    /// Paragraphs.
    pub body: Vec<Words>,
    /// What it is for, in a word, for events.
    pub about: &'static str,
    /// What stands in it and nowhere else.
    pub secret: Option<Secret>,
}

/// A part of a mail that no log may hold.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Who sends it, where we are, what time it is.
pub struct Letterhead<'a> {
    pub from: &'a Sender,
    /// The brand.
    pub name: &'a str,
    pub base: &'a BaseUrl,
    pub now: UnixSeconds,
}

impl Letter {
    /// The whole text.
    fn text(&self, head: &Letterhead) -> String {
        let hello = self.lang.say_with("mail-hello", &[("name", self.username.as_str().into())]);
        let paragraphs: Vec<String> = self.body.iter().map(|words| words.said(self.lang)).collect();
        let body = paragraphs.join("\n\n");
        // RFC 3676 section 4.3: what follows is no part of the message proper.
        format!("{hello}\n\n{body}\n\n-- \n{}\n{}\n", head.name, head.base.as_str())
    }

    /// The message as it travels (RFC 5322).
    pub fn message(&self, head: &Letterhead) -> Result<Message, Trouble> {
        let name = head.from.name.clone().unwrap_or_else(|| head.name.to_owned());
        let from = mailbox(Some(name), &head.from.address)?;
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(head.now.unsigned_abs());
        let host = head.from.address.rsplit_once('@').map_or("localhost", |(_, host)| host);
        Message::builder()
            .from(from)
            .to(mailbox(None, &self.to)?)
            .subject(self.subject.said(self.lang))
            .date(date)
            .message_id(Some(format!("<{}@{host}>", random::alphanumeric(32))))
            // RFC 3834 section 5: no automatic answers to it.
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(self.text(head).replace('\n', "\r\n"))
            .map_err(|_| Trouble::bad_address(&self.to))
    }
}

fn mailbox(name: Option<String>, address: &str) -> Result<Mailbox, Trouble> {
    Ok(Mailbox::new(name, address.parse().map_err(|_| Trouble::bad_address(address))?))
}

#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".into())
    }
}
