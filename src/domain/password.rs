//! What a new password must be. Its length is the only rule (NIST SP 800-63B section 5.1.1).

use zeroize::Zeroizing;

use crate::words::Words;

/// The shortest password.
pub const MIN_CHARS: usize = 8;
/// The longest password: longer ones are refused, never cut.
pub const MAX_CHARS: usize = 256;

/// Why a password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Words::from(*self))]
pub enum BadPassword {
    TooShort(usize),
    TooLong,
}

impl From<BadPassword> for Words {
    fn from(bad: BadPassword) -> Self {
        match bad {
            BadPassword::TooShort(least) => Self::new("bad-password-too-short").with("least", least),
            BadPassword::TooLong => Self::new("bad-password-too-long"),
        }
    }
}

/// A password that may be set. Its memory is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(Zeroizing<String>);

impl NewPassword {
    /// Checks the length in characters (Unicode scalar values), neither trimmed nor normalised.
    pub fn parse(text: &str) -> Result<Self, BadPassword> {
        match text.chars().count() {
            n if n < MIN_CHARS => Err(BadPassword::TooShort(MIN_CHARS)),
            n if n > MAX_CHARS => Err(BadPassword::TooLong),
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

    #[test]
    fn a_password_has_from_8_to_256_characters_of_any_kind() {
        for good in ["a".repeat(8), "ä".repeat(8), " ".repeat(8), "🔑".repeat(256), "correct horse".to_owned()] {
            assert_eq!(NewPassword::parse(&good).unwrap().as_str(), good);
        }
        for (bad, expected) in [
            (String::new(), BadPassword::TooShort(8)),
            ("ä".repeat(7), BadPassword::TooShort(8)),
            ("🔑".repeat(257), BadPassword::TooLong),
        ] {
            assert_eq!(NewPassword::parse(&bad), Err(expected));
        }
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        assert!(!format!("{:?}", NewPassword::parse("hunter2hunter2").unwrap()).contains("hunter"));
    }
}
