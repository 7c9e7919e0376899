//! Recovery codes: what they look like, and how forgiving we are of how they are typed.

use zeroize::Zeroizing;

/// How many a user is given.
pub const COUNT: usize = 10;
/// Characters of a code, 5 bit each: 80 bit, so that a stolen list of hashes tells nothing.
const LENGTH: usize = 16;
const GROUP: usize = 4;
/// Letters and digits that are not taken for each other (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A recovery code as it is hashed: without dashes, in small letters.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// Makes one of random bytes.
    pub fn of(random: [u8; LENGTH]) -> Self {
        let letters = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        Self(Zeroizing::new(letters.collect()))
    }

    /// Reads what somebody typed: with or without dashes and spaces, in any case, `o` for 0, `i` and `l` for 1. `None`
    /// when it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 64 {
            return None;
        }
        let mut letters = Zeroizing::new(String::with_capacity(LENGTH));
        for letter in text.chars().filter(|c| *c != '-' && !c.is_whitespace()) {
            let letter = match letter.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            };
            if !letter.is_ascii() || !ALPHABET.contains(&(letter as u8)) {
                return None;
            }
            letters.push(letter);
        }
        (letters.len() == LENGTH).then_some(Self(letters))
    }

    /// What is hashed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is shown, in groups of four.
    pub fn shown(&self) -> String {
        let groups = self.0.as_bytes().chunks(GROUP).map(|group| String::from_utf8_lossy(group));
        groups.collect::<Vec<_>>().join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_read_however_it_is_typed() {
        let code = RecoveryCode::parse("0123-4567-89ab-cdef").expect("a code");
        for typed in [
            "0123456789abcdef",
            " 0123 4567 89AB CDEF ",
            "O123-4567-89ab-cdef",
            "oL23 4567 89ab cdef",
            "oi23456789abcdef",
        ] {
            assert_eq!(RecoveryCode::parse(typed).map(|c| c.shown()), Some(code.shown()), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_one_is_none() {
        let long = "0".repeat(100);
        for typed in [
            "",
            "123456",
            "0123-4567-89ab-cde",
            "0123-4567-89ab-cdeff",
            "u123-4567-89ab-cdef",
            "\u{17f}123456789abcdef",
            &long,
        ] {
            assert!(RecoveryCode::parse(typed).is_none(), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(random in any::<[u8; LENGTH]>()) {
            let code = RecoveryCode::of(random);
            let read = RecoveryCode::parse(&code.shown()).expect("a code");
            prop_assert_eq!(code.as_str(), read.as_str());
        }

        #[test]
        fn reading_never_panics(text in any::<String>()) {
            drop(RecoveryCode::parse(&text));
        }
    }
}
