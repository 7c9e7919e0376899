//! The code that a person types for a device (RFC 8628 section 6.1): eight consonants, so that none spells a word and none
//! is taken for another; 34 bit, for ten minutes.

use std::fmt;

/// No vowels, and so no words; no digits that look like letters.
pub const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
pub const LENGTH: usize = 8;

/// Eight of the [`LETTERS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// As somebody typed it: in any letter case, with or without the dash, with spaces wherever they are.
    pub fn parse(typed: &str) -> Option<Self> {
        let is_between = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '_' | '.');
        let mut code = String::with_capacity(LENGTH);
        for c in typed.chars().filter(|c| !is_between(*c)) {
            let letter = u8::try_from(c).ok()?.to_ascii_uppercase();
            if code.len() == LENGTH || !LETTERS.contains(&letter) {
                return None;
            }
            code.push(char::from(letter));
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// What is stored of it, by hash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As it is shown.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (first, second) = self.0.split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_dash_and_spaces_do_not_matter() {
        let code = UserCode::parse("BCDF-GHJK").expect("a code");
        assert_eq!((code.as_str(), code.to_string().as_str()), ("BCDFGHJK", "BCDF-GHJK"));
        for typed in ["bcdfghjk", " bcdf ghjk ", "BCDF\u{2013}GHJK", "b-c-d-f-g-h-j-k", "BcDf.gHjK\t", "bcdf_ghjk"] {
            assert_eq!(UserCode::parse(typed).as_ref(), Some(&code), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in ["", "BCDFGHJ", "BCDFGHJKL", "BCDFGHJA", "BCDFGHJ1", "BCDFGHJ\u{212a}", "BCDF/GHJK", "ＢCDFGHJK"]
        {
            assert_eq!(UserCode::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn no_letter_is_a_vowel() {
        assert_eq!(LETTERS.len(), 20);
        assert!(!LETTERS.iter().any(|letter| b"AEIOUY".contains(letter)));
    }
}
