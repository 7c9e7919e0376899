//! Searching short lists: every word that was typed must stand somewhere in what is searched, in any letter case.

use super::names::fold;

/// What somebody typed into a search field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    pub fn of(typed: &str) -> Self {
        Self(typed.split_whitespace().map(key).collect())
    }

    /// Whether every word stands in one of the texts. Nothing typed asks nothing.
    pub fn are_in(&self, texts: &[&str]) -> bool {
        let texts: Vec<String> = if self.0.is_empty() { Vec::new() } else { texts.iter().map(|t| key(t)).collect() };
        self.0.iter().all(|word| texts.iter().any(|text| text.contains(word.as_str())))
    }
}

fn key(text: &str) -> String {
    // Most texts are plain, and folding costs more than all the rest.
    if text.is_ascii() { text.to_ascii_lowercase() } else { fold(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_word_must_stand_somewhere() {
        let wiki = ["Haus-Wiki", "wiki", "Größeres"];
        for (typed, is_found) in [
            ("", true),
            ("  ", true),
            ("wiki", true),
            ("WIKI haus", true),
            ("grösseres", true),
            ("GRÖSSERES", true),
            ("größer", true),
            ("GRÖ wi", true),
            ("wiki photos", false),
            ("ｗｉｋｉ", true),
        ] {
            assert_eq!(Words::of(typed).are_in(&wiki), is_found, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn a_piece_of_a_text_finds_it(text in "[a-zA-Zäöü]{1,20}", from in 0_usize..20, more in ".{0,10}") {
            let piece: String = text.chars().skip(from).collect();
            prop_assert!(Words::of(&piece).are_in(&[&more, &text]));
        }
    }
}
