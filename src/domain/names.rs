//! Names that people choose: user names, e-mail addresses, slugs; and the one key that tells them apart.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_script::{Script, UnicodeScript as _};

use crate::words::Words;

/// Slugs that would hide an endpoint below `/application/o/`.
const RESERVED_SLUGS: [&str; 7] = ["authorize", "token", "userinfo", "introspect", "revoke", "device", "par"];

const MAX_USERNAME: usize = 150;
/// Names that many programs take for their own administrator, and those that RFC 2142 gives to whoever runs a house.
const RESERVED_USERNAMES: [&str; 14] = [
    "abuse",
    "admin",
    "administrator",
    "administrators",
    "hostmaster",
    "info",
    "latchkey",
    "noc",
    "postmaster",
    "root",
    "security",
    "support",
    "system",
    "webmaster",
];

const MAX_EMAIL: usize = 254;
const MAX_SLUG: usize = 50;

/// Why a name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Words::from(*self))]
pub enum BadName {
    UsernameEmpty,
    UsernameTooLong,
    UsernameCharacter,
    UsernameNoLetter,
    UsernameReserved,
    UsernameAddress,
    UsernameScripts,
    EmailTooLong,
    EmailMalformed,
    SlugEmpty,
    SlugTooLong,
    SlugCharacter,
    SlugReserved,
    DisplayName,
}

impl From<BadName> for Words {
    fn from(bad: BadName) -> Self {
        Self::new(match bad {
            BadName::UsernameEmpty => "bad-name-username-empty",
            BadName::UsernameTooLong => "bad-name-username-too-long",
            BadName::UsernameCharacter => "bad-name-username-character",
            BadName::UsernameNoLetter => "bad-name-username-no-letter",
            BadName::UsernameReserved => "bad-name-username-reserved",
            BadName::UsernameAddress => "bad-name-username-address",
            BadName::UsernameScripts => "bad-name-username-scripts",
            BadName::EmailTooLong => "bad-name-email-too-long",
            BadName::EmailMalformed => "bad-name-email-malformed",
            BadName::SlugEmpty => "bad-name-slug-empty",
            BadName::SlugTooLong => "bad-name-slug-too-long",
            BadName::SlugCharacter => "bad-name-slug-character",
            BadName::SlugReserved => "bad-name-slug-reserved",
            BadName::DisplayName => "bad-name-display",
        })
    }
}

const MAX_DISPLAY_NAME: usize = 150;

/// A name for people to read: of a person, a group, an application, a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Without the space around it.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let text = text.trim();
        let is_name =
            !text.is_empty() && text.chars().count() <= MAX_DISPLAY_NAME && !text.chars().any(char::is_control);
        if is_name { Ok(Self(text.to_owned())) } else { Err(BadName::DisplayName) }
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// The key under which user names and e-mail addresses share one namespace: two logins are the same if their keys
/// are. Compatibility forms (fullwidth letters, ligatures) and letter case make no difference.
///
/// Only a key to look up by: mail goes to the stored address, never to what was typed, as two addresses that mail
/// servers tell apart may have one key.
pub fn fold(login: &str) -> String {
    let mut key = fold_once(login);
    // Folding a character can make one that has a compatibility form of its own; a few rounds end that.
    for _ in 0..4 {
        let next = fold_once(&key);
        if next == key {
            break;
        }
        key = next;
    }
    key
}

fn fold_once(text: &str) -> String {
    // Upper case first, which unites letters with several small forms (final sigma, sharp s).
    text.trim()
        .nfkc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A user name as its owner writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Username(String);

impl Username {
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let name: String = text.trim().nfkc().take(MAX_USERNAME + 1).collect();
        if name.is_empty() {
            return Err(BadName::UsernameEmpty);
        }
        if name.chars().count() > MAX_USERNAME {
            return Err(BadName::UsernameTooLong);
        }
        if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '@' | '.' | '+' | '-' | '_')) {
            return Err(BadName::UsernameCharacter);
        }
        if !name.chars().any(char::is_alphanumeric) {
            return Err(BadName::UsernameNoLetter);
        }
        Ok(Self(name))
    }

    /// A name that somebody may give themselves. Some applications take a name for a right, and others take one that
    /// looks like an address for an address that was verified: such names only an administrator gives.
    pub fn parse_own(text: &str) -> Result<Self, BadName> {
        let name = Self::parse(text)?;
        if name.0.contains('@') {
            return Err(BadName::UsernameAddress);
        }
        if RESERVED_USERNAMES.contains(&fold(&name.0).as_str()) {
            return Err(BadName::UsernameReserved);
        }
        if !is_of_one_script(&name.0) {
            return Err(BadName::UsernameScripts);
        }
        Ok(name)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether all letters are of one alphabet, or of one way to write: a Cyrillic letter among Latin ones looks like another
/// name. Unicode Technical Standard 39, section 5.1.
fn is_of_one_script(name: &str) -> bool {
    // Scripts that are written together, and tell themselves apart from every other.
    let east_asian = |script| match script {
        Script::Hiragana | Script::Katakana | Script::Bopomofo | Script::Hangul => Script::Han,
        other => other,
    };
    let scripts = name.chars().map(|c| east_asian(c.script()));
    let mut own = scripts.filter(|script| !matches!(script, Script::Common | Script::Inherited));
    let first = own.next();
    own.all(|script| Some(script) == first)
}

/// An e-mail address as its owner writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Email(String);

impl Email {
    /// Checks what can be checked without sending a mail: one `@`, a local part of dot-separated words, a domain of
    /// labels. Quoted local parts and address literals are refused; they are only ever used to confuse.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let text: String = text.trim().nfkc().take(MAX_EMAIL + 1).collect();
        if text.len() > MAX_EMAIL {
            return Err(BadName::EmailTooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(BadName::EmailMalformed)?;
        let good_local = local.len() <= 64 && local.split('.').all(|w| !w.is_empty() && w.chars().all(is_local_part));
        let good_domain = domain.split('.').all(is_domain_label);
        if good_local && good_domain { Ok(Self(text)) } else { Err(BadName::EmailMalformed) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 5322 section 3.2.3 (atext), and the letters and digits of RFC 6531.
fn is_local_part(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn is_domain_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
}

/// The name of an application in addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Slug(String);

impl Slug {
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.is_empty() {
            return Err(BadName::SlugEmpty);
        }
        if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_')) {
            return Err(BadName::SlugCharacter);
        }
        if text.len() > MAX_SLUG {
            return Err(BadName::SlugTooLong);
        }
        if RESERVED_SLUGS.contains(&text) {
            return Err(BadName::SlugReserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The slug that an application's name suggests: `My App!` gives `my-app`. Accents are dropped; a name without
    /// any letter or digit of a slug gives none.
    pub fn from_name(name: &str) -> Result<Self, BadName> {
        let plain: String = name.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect();
        let words: Vec<String> = plain
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let joined: String = words.join("-").chars().take(MAX_SLUG).collect();
        Self::parse(joined.trim_end_matches('-'))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Given and family name of somebody who set neither: what is before and after the last space. The family name is
/// empty when there is no space.
pub fn split_name(name: &str) -> (&str, &str) {
    let name = name.trim();
    match name.rsplit_once(char::is_whitespace) {
        Some((given, family)) => (given.trim_end(), family),
        None => (name, ""),
    }
}

#[cfg(test)]
mod tests;
