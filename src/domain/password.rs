//! What a new password must be: long enough (NIST SP 800-63B section 5.1.1), and not the name it is asked for beside.

use zeroize::Zeroizing;

use super::names::fold;
use crate::words::Words;

/// The shortest password, whatever the settings say.
pub const MIN_CHARS: usize = 8;
/// The longest password: longer ones are refused, never cut.
pub const MAX_CHARS: usize = 256;
/// The most that the settings may ask for.
pub const MOST_MINIMUM: usize = 64;

/// Why a password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Words::from(*self))]
pub enum BadPassword {
    TooShort(usize),
    TooLong,
    /// It is the user's own name or address.
    OwnName,
}

impl From<BadPassword> for Words {
    fn from(bad: BadPassword) -> Self {
        match bad {
            BadPassword::TooShort(least) => Self::new("bad-password-too-short").with("least", least),
            BadPassword::TooLong => Self::new("bad-password-too-long"),
            BadPassword::OwnName => Self::new("bad-password-own-name"),
        }
    }
}

/// What a password is measured by.
#[derive(Debug, Clone, Copy)]
pub struct PasswordRule<'a> {
    /// In characters.
    pub minimum: usize,
    pub username: &'a str,
    pub email: Option<&'a str>,
}

impl PasswordRule<'_> {
    /// Whether it is what an attacker tries first: the username, the address, or what stands before its @.
    fn is_own_name(&self, password: &str) -> bool {
        let before_at = self.email.and_then(|email| email.rsplit_once('@')).map(|(name, _)| name);
        let names = [Some(self.username), self.email, before_at];
        names.into_iter().flatten().any(|name| !name.is_empty() && fold(name.trim()) == fold(password.trim()))
    }
}

/// A password that may be set. Its memory is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(Zeroizing<String>);

impl NewPassword {
    /// Checks the length in characters (Unicode scalar values), neither trimmed nor normalised.
    pub fn parse(text: &str, rule: &PasswordRule) -> Result<Self, BadPassword> {
        match text.chars().count() {
            n if n < rule.minimum => Err(BadPassword::TooShort(rule.minimum)),
            n if n > MAX_CHARS => Err(BadPassword::TooLong),
            _ if rule.is_own_name(text) => Err(BadPassword::OwnName),
            _ => Ok(Self(Zeroizing::new(text.to_owned()))),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: PasswordRule = PasswordRule { minimum: 8, username: "", email: None };

    #[test]
    fn a_password_has_from_8_to_256_characters_of_any_kind() {
        for good in ["a".repeat(8), "ä".repeat(8), " ".repeat(8), "🔑".repeat(256), "correct horse".to_owned()] {
            assert_eq!(NewPassword::parse(&good, &RULE).unwrap().as_str(), good);
        }
        for (bad, expected) in [
            (String::new(), BadPassword::TooShort(8)),
            ("ä".repeat(7), BadPassword::TooShort(8)),
            ("🔑".repeat(257), BadPassword::TooLong),
        ] {
            assert_eq!(NewPassword::parse(&bad, &RULE), Err(expected));
        }
    }

    #[test]
    fn the_settings_may_ask_for_more() {
        let rule = PasswordRule { minimum: 15, ..RULE };
        assert_eq!(NewPassword::parse(&"ä".repeat(14), &rule), Err(BadPassword::TooShort(15)));
        assert!(NewPassword::parse(&"ä".repeat(15), &rule).is_ok());
    }

    #[test]
    fn nobodys_password_is_their_own_name() {
        let rule = PasswordRule { username: "alice-liddell", email: Some("Wonderland@example.com"), ..RULE };
        for bad in ["alice-liddell", " ALICE-Liddell ", "ａlice-liddell", "wonderland@EXAMPLE.com", "wonderland"] {
            assert_eq!(NewPassword::parse(bad, &rule), Err(BadPassword::OwnName), "{bad}");
        }
        for good in ["alice-liddell1", "alice liddell", "example.com", "        "] {
            assert!(NewPassword::parse(good, &rule).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        assert!(!format!("{:?}", NewPassword::parse("hunter2hunter2", &RULE).unwrap()).contains("hunter"));
    }
}
