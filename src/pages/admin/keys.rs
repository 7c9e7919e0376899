//! System > Certificates and keys.

use askama::Template;

use super::super::filters;
use super::super::form::{Choice, Form};
use super::super::shell::{Frame, Shell};
use crate::domain::UnixSeconds;
use crate::store::keys::{KeyRole, KeyRow, KeyState, Users};

/// What can be generated, and the keys of the names.
pub const KINDS: [(&str, &str); 8] = [
    ("rsa-2048", "key-kind-rsa-2048"),
    ("rsa-3072", "key-kind-rsa-3072"),
    ("rsa-4096", "key-kind-rsa-4096"),
    ("ec-p256", "key-kind-ec-p256"),
    ("ed25519", "key-kind-ed25519"),
    ("rsa-pss-2048", "key-kind-rsa-pss-2048"),
    ("rsa-pss-3072", "key-kind-rsa-pss-3072"),
    ("rsa-pss-4096", "key-kind-rsa-pss-4096"),
];

/// When a new key signs.
pub const STARTS: [(&str, &str); 3] =
    [("published", "key-start-published"), ("now", "key-start-now"), ("additional", "key-start-additional")];

/// How keys are rotated.
pub const ROTATIONS: [(&str, &str); 3] =
    [("published", "key-rotate-published"), ("now", "key-rotate-now"), ("stolen", "key-rotate-stolen")];

/// Where a key is in its life, with the time that matters there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Signs,
    /// For the providers that name it.
    Additional,
    From(UnixSeconds),
    PublishedUntil(UnixSeconds),
    Unpublished,
    Revoked,
}

impl Standing {
    pub fn of(key: &KeyRow, now: UnixSeconds) -> Self {
        match (key.state, key.role) {
            (KeyState::Next, _) => match key.activates_at {
                Some(at) if at > now => Self::From(at),
                // Its time has come, and it signs, whether or not that was noted yet.
                _ => Self::Signs,
            },
            (KeyState::Active, KeyRole::Regular) => Self::Signs,
            (KeyState::Active, KeyRole::Additional) => Self::Additional,
            (KeyState::Retired, _) => match key.expires_at {
                Some(at) if at > now => Self::PublishedUntil(at),
                _ => Self::Unpublished,
            },
            (KeyState::Revoked, _) => Self::Revoked,
        }
    }

    /// The class of its mark, the key of its name, and the time behind it.
    fn facts(self) -> (&'static str, &'static str, Option<UnixSeconds>) {
        match self {
            Self::Signs => ("good", "key-signs", None),
            Self::Additional => ("good", "key-signs-additional", None),
            Self::From(at) => ("warn", "key-signs-from", Some(at)),
            Self::PublishedUntil(at) => ("", "key-published-until", Some(at)),
            Self::Unpublished => ("", "key-unpublished", None),
            Self::Revoked => ("bad", "key-revoked", None),
        }
    }

    /// The key of a sentence about it.
    fn meaning(self) -> &'static str {
        match self {
            Self::Signs => "key-signs-what",
            Self::Additional => "key-signs-additional-what",
            Self::From(_) => "key-next-what",
            Self::PublishedUntil(_) => "key-retired-what",
            Self::Unpublished => "key-unpublished-what",
            Self::Revoked => "key-revoked-what",
        }
    }

    fn may_retire(self) -> bool {
        matches!(self, Self::Signs | Self::Additional | Self::From(_))
    }
}

/// One key.
#[derive(Debug)]
pub struct KeyFacts {
    pub kid: String,
    pub name: String,
    pub alg: String,
    /// Of an RSA key.
    pub bits: Option<usize>,
    pub standing: Standing,
    pub created_at: UnixSeconds,
    /// When its certificate ends.
    pub ends_at: Option<UnixSeconds>,
    pub naming: Users,
}

impl KeyFacts {
    fn short_kid(&self) -> &str {
        self.kid.get(..12).unwrap_or(&self.kid)
    }
}

/// An algorithm that tokens are signed with now.
#[derive(Debug)]
pub struct Signing {
    pub alg: String,
    /// Kid and name of the key that signs.
    pub key: (String, String),
    /// Kid and name of the key that takes over, and when.
    pub next: Option<(String, String, UnixSeconds)>,
    pub following: Users,
}

/// All keys.
#[derive(Debug, Template)]
#[template(path = "admin/keys.html")]
pub struct KeyList<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub signing: Vec<Signing>,
    pub keys: Vec<KeyFacts>,
}

/// A key that is generated, imported, or follows others.
#[derive(Debug, Template)]
#[template(path = "admin/key_new.html")]
pub struct NewKey<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub way: Way,
}

/// How keys come to be.
#[derive(Debug)]
pub enum Way {
    Generate,
    Import,
    /// The algorithms that can be rotated.
    Rotate(Vec<Choice>),
}

impl Way {
    /// The page's path, and the key of its name.
    fn facts(&self) -> (&'static str, &'static str) {
        match self {
            Self::Generate => ("generate", "key-generate"),
            Self::Import => ("import", "key-import"),
            Self::Rotate(_) => ("rotate", "key-rotate"),
        }
    }
}

/// One key with all that can be said of it.
#[derive(Debug, Template)]
#[template(path = "admin/key.html")]
pub struct KeyPage<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub key: &'a KeyFacts,
    /// The providers that it signs for because they ask for its algorithm.
    pub following: Option<Users>,
    pub fingerprint: String,
    pub jwk: String,
}

/// The question before a key ends.
#[derive(Debug, Template)]
#[template(path = "admin/key_end.html")]
pub struct EndKey<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub key: &'a KeyFacts,
    pub is_revocation: bool,
    /// What signs in its place, in a sentence.
    pub follows: String,
}

impl EndKey<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }

    /// What becomes of the providers that name it.
    fn naming(&self) -> Option<String> {
        let Users { count, first } = &self.key.naming;
        let names = first.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
        let more = count - first.len() as i64;
        let alg = ("alg", (&self.key.alg).into());
        match (count, more) {
            (0, _) => None,
            (_, 0) => Some(self.ui.say_with("key-naming-follow", &[alg, ("names", names.into())])),
            _ => {
                let values = [alg, ("names", names.into()), ("count", more.into())];
                Some(self.ui.say_with("key-naming-follow-more", &values))
            }
        }
    }
}

impl KeyList<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl NewKey<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl KeyPage<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::keys::{Rotation, Start};
    use crate::crypto::keys::Kind;

    #[test]
    fn every_choice_of_the_program_is_offered() {
        assert_eq!(KINDS.map(|(word, _)| word), Kind::ALL.map(Kind::as_str));
        assert_eq!(STARTS.map(|(word, _)| word), Start::ALL.map(Start::as_str));
        assert_eq!(ROTATIONS.map(|(word, _)| word), Rotation::ALL.map(Rotation::as_str));
    }
}
