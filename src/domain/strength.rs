//! How hard a password is to guess, by zxcvbn: it knows tens of thousands of common passwords, names and words, and the
//! patterns that people make of them. All of that is in the program: nobody is asked.

use zxcvbn::feedback::Warning;
use zxcvbn::zxcvbn;

use super::names::fold;
use crate::words::Words;

/// Characters that are looked at. The work grows faster than the length (100 of them can take a second, these a tenth), and
/// no password is easier to guess than its beginning.
const LOOKED_AT: usize = 40;
/// Of a name or address, as much.
const NAME_LOOKED_AT: usize = 64;
/// What a password must reach, of 4: a million guesses.
const ENOUGH: u8 = 2;

/// A password that is guessed early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weak {
    /// 0 or 1, of 4.
    pub score: u8,
    pub why: Why,
}

/// What makes it easy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Common,
    LikeCommon,
    Word,
    Names,
    /// Little but the user's own name or address.
    Own,
    Keys,
    Repeats,
    Sequence,
    Date,
    /// Too little of anything.
    Little,
}

/// Why a password of somebody with these names is too easy to guess, if it is.
pub fn weakness(password: &str, own: &[&str]) -> Option<Weak> {
    let beginning: String = password.chars().take(LOOKED_AT).collect();
    let own: Vec<String> = own.iter().flat_map(|name| parts(name)).collect();
    let entropy = zxcvbn(&beginning, &own.iter().map(String::as_str).collect::<Vec<_>>());
    let score = u8::from(entropy.score());
    if score >= ENOUGH {
        return None;
    }
    let folded = fold(&beginning);
    let holds_own = own.iter().any(|name| name.chars().count() >= 3 && folded.contains(&fold(name)));
    let why = match entropy.feedback().and_then(|feedback| feedback.warning()) {
        _ if holds_own => Why::Own,
        Some(warning) => Why::of(warning),
        None => Why::Little,
    };
    Some(Weak { score, why })
}

/// A name, the words in it, and these put together as names of accounts are: an address is guessed by what stands on
/// either side of its @ too.
fn parts(name: &str) -> Vec<String> {
    let name: String = name.trim().chars().take(NAME_LOOKED_AT).collect();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let joined = ["", "-", ".", "_"].map(|between| words.join(between));
    let whole = std::iter::once(name.as_str()).chain(name.split('@'));
    let parts = whole.chain(words.iter().copied()).map(str::to_owned).chain(joined);
    parts.filter(|part| !part.is_empty()).collect()
}

impl Why {
    fn of(warning: Warning) -> Self {
        match warning {
            Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword => {
                Self::Common
            }
            Warning::ThisIsSimilarToACommonlyUsedPassword => Self::LikeCommon,
            Warning::AWordByItselfIsEasyToGuess => Self::Word,
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
                Self::Names
            }
            Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => Self::Keys,
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
                Self::Repeats
            }
            Warning::SequencesLikeAbcAreEasyToGuess => Self::Sequence,
            Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Self::Date,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Common => "weak-password-common",
            Self::LikeCommon => "weak-password-like-common",
            Self::Word => "weak-password-word",
            Self::Names => "weak-password-names",
            Self::Own => "weak-password-own",
            Self::Keys => "weak-password-keys",
            Self::Repeats => "weak-password-repeats",
            Self::Sequence => "weak-password-sequence",
            Self::Date => "weak-password-date",
            Self::Little => "weak-password-little",
        }
    }
}

impl From<Weak> for Words {
    fn from(weak: Weak) -> Self {
        Self::new(weak.why.key()).with("score", i64::from(weak.score))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OWN: [&str; 3] = ["alice-liddell", "Alice Liddell", "wonderland@example.com"];

    #[test]
    fn what_is_guessed_early_is_weak_and_it_is_said_why() {
        for (password, why) in [
            ("password", Why::Common),
            ("12345678", Why::Common),
            ("qwertyuiop", Why::Common),
            ("Dragon123!", Why::LikeCommon),
            ("P4ssw0rd1", Why::LikeCommon),
            ("zzzzzzzzzz", Why::Repeats),
            ("ninenine9", Why::Repeats),
            ("alice-liddell1", Why::Own),
            ("WONDERLAND", Why::Own),
            ("liddell2", Why::Own),
        ] {
            assert_eq!(weakness(password, &OWN).map(|weak| weak.why), Some(why), "{password}");
        }
    }

    #[test]
    fn what_is_hard_to_guess_is_not() {
        let long = format!("correct horse battery staple {}", "a".repeat(227));
        for password in
            ["correct horse battery staple", "correct horse", "x7!kQ2pz", "  a b  c  ", "Straßenbahn nach Linz", &long]
        {
            assert_eq!(weakness(password, &OWN), None, "{password}");
        }
        assert_eq!(weakness("wonder liddell umbrella", &OWN), None, "a part of it may be one's own");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_no_end_makes_it_weaker(password in "\\PC{0,60}", name in "\\PC{0,30}", end in "\\PC{0,200}") {
            let weak = weakness(&password, &[&name]);
            prop_assert!(weak.is_none_or(|weak| weak.score < ENOUGH));
            if weak.is_none() && password.chars().count() >= LOOKED_AT {
                prop_assert_eq!(weakness(&format!("{password}{end}"), &[&name]), None);
            }
        }
    }
}
