//! What a new password must be (NIST SP 800-63B section 5.1.1): long enough, not the name it is asked for beside, and
//! nothing that is guessed early.

use zeroize::Zeroizing;

use super::names::fold;
use super::strength::{Weak, weakness};
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
    Weak(Weak),
}

impl From<BadPassword> for Words {
    fn from(bad: BadPassword) -> Self {
        match bad {
            BadPassword::TooShort(least) => Self::new("bad-password-too-short").with("least", least),
            BadPassword::TooLong => Self::new("bad-password-too-long"),
            BadPassword::OwnName => Self::new("bad-password-own-name"),
            BadPassword::Weak(weak) => weak.into(),
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
    /// The full name, where it is known.
    pub name: &'a str,
}

impl<'a> PasswordRule<'a> {
    /// The same for somebody of this full name.
    #[must_use]
    pub fn named(self, name: &'a str) -> Self {
        Self { name, ..self }
    }

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
    /// Checks the length in characters (Unicode scalar values), neither trimmed nor normalised, and how early it is guessed.
    pub fn parse(text: &str, rule: &PasswordRule) -> Result<Self, BadPassword> {
        match text.chars().count() {
            n if n < rule.minimum => Err(BadPassword::TooShort(rule.minimum)),
            n if n > MAX_CHARS => Err(BadPassword::TooLong),
            _ if rule.is_own_name(text) => Err(BadPassword::OwnName),
            _ => match weakness(text, &[rule.username, rule.email.unwrap_or_default(), rule.name]) {
                Some(weak) => Err(BadPassword::Weak(weak)),
                None => Ok(Self(Zeroizing::new(text.to_owned()))),
            },
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

    const RULE: PasswordRule = PasswordRule { minimum: 8, username: "", email: None, name: "" };

    /// So many different characters, in no order that anybody would try.
    fn of_length(n: usize) -> String {
        (0..n as u32).filter_map(|at| char::from_u32(0x1f300 + at * 89 % 211)).collect()
    }

    #[test]
    fn a_password_has_from_8_to_256_characters_of_any_kind() {
        for good in [of_length(8), "äx ü?é7ß".into(), of_length(256), "  a b  c  ".into(), "correct horse".to_owned()]
        {
            assert_eq!(NewPassword::parse(&good, &RULE).unwrap().as_str(), good);
        }
        for (bad, expected) in [
            (String::new(), BadPassword::TooShort(8)),
            ("ä".repeat(7), BadPassword::TooShort(8)),
            (of_length(257), BadPassword::TooLong),
        ] {
            assert_eq!(NewPassword::parse(&bad, &RULE), Err(expected));
        }
    }

    #[test]
    fn the_settings_may_ask_for_more() {
        let rule = PasswordRule { minimum: 15, ..RULE };
        assert_eq!(NewPassword::parse(&"ä".repeat(14), &rule), Err(BadPassword::TooShort(15)));
        assert!(NewPassword::parse(&of_length(15), &rule).is_ok());
    }

    #[test]
    fn nobodys_password_is_their_own_name() {
        let rule = PasswordRule { username: "alice-liddell", email: Some("Wonderland@example.com"), ..RULE };
        for bad in ["alice-liddell", " ALICE-Liddell ", "ａlice-liddell", "wonderland@EXAMPLE.com", "wonderland"] {
            assert_eq!(NewPassword::parse(bad, &rule), Err(BadPassword::OwnName), "{bad}");
        }
        assert!(NewPassword::parse("alice and the umbrella", &rule).is_ok());
    }

    #[test]
    fn what_is_guessed_early_is_refused_and_it_is_said_why_and_how_weak() {
        let rule = PasswordRule { username: "alice", email: Some("al@example.com"), ..RULE }.named("Alice Liddell");
        for bad in ["password", "12345678", "        ", "liddell2", "example.com", "alicealice"] {
            let error = NewPassword::parse(bad, &rule).expect_err(bad);
            assert!(matches!(error, BadPassword::Weak(_)) && error.to_string().contains("of 4"), "{bad}: {error}");
        }
        for good in ["correct horse battery staple", "x7!kQ2pz"] {
            assert!(NewPassword::parse(good, &rule).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        assert!(!format!("{:?}", NewPassword::parse("hunter2 and a horse", &RULE).unwrap()).contains("hunter"));
    }
}
