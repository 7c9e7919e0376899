//! Template filters for text from outside. Escaping is askama's; these make the text honest as well.

use askama::{Result, Values};

use crate::words::{self, is_disguise};

/// A name as people may see it: one line, without control characters and without the characters that turn the
/// direction of writing around. Letters of every script, and the marks they need, stay.
#[askama::filter_fn]
pub fn shown(text: impl AsRef<str>, _: &dyn Values) -> Result<String> {
    Ok(words::shown(text.as_ref()))
}

/// A received value with everything invisible spelled out, so that it can be compared with what was expected.
#[askama::filter_fn]
pub fn revealed(text: impl AsRef<str>, _: &dyn Values) -> Result<String> {
    Ok(reveal(text.as_ref()))
}

/// JSON in lines, with every character that would disguise it written as JSON writes those.
#[askama::filter_fn]
pub fn plain_json(text: impl AsRef<str>, _: &dyn Values) -> Result<String> {
    Ok(without_disguises(text.as_ref()))
}

/// The letter on an application's face.
#[askama::filter_fn]
pub fn letter(name: impl AsRef<str>, _: &dyn Values) -> Result<String> {
    Ok(first_letter(name.as_ref()))
}

/// Longer values are cut: nobody compares more by eye, and a page must stay a page.
const REVEALED_CHARS: usize = 2000;

pub fn reveal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(REVEALED_CHARS) {
        if is_invisible(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    if text.chars().nth(REVEALED_CHARS).is_some() {
        out.push('…');
    }
    out
}

fn without_disguises(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // Line breaks are the writer's own: inside of strings they are escaped already.
        if c != '\n' && is_disguise(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

fn first_letter(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).map_or_else(|| "?".to_owned(), |c| c.to_uppercase().collect())
}

/// What an eye cannot see in an address.
fn is_invisible(c: char) -> bool {
    is_disguise(c)
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_received_value_hides_nothing() {
        assert_eq!(reveal("https://a\u{202e}b/\n\u{200b}x y"), "https://a\\u{202e}b/\\u{a}\\u{200b}x y");
        assert_eq!(reveal("https://héé.example/?a=b"), "https://héé.example/?a=b");
        assert_eq!(reveal(&"x".repeat(2500)).chars().count(), 2001);
    }

    #[test]
    fn names_lose_disguises_and_keep_their_script() {
        assert!(is_disguise('\u{202e}') && is_disguise('\u{7}'));
        assert!("Zoë مرحبا 日本\u{200d}".chars().all(|c| !is_disguise(c)));
    }

    #[test]
    fn json_stays_the_same_json_without_disguises() {
        let value = serde_json::json!({ "a\u{202e}": "b\u{2066}\n\"é" });
        let plain = without_disguises(&serde_json::to_string_pretty(&value).unwrap());
        assert!(plain.contains("\"a\\u202e\"") && plain.contains('\n') && plain.contains('é'), "{plain}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&plain).unwrap(), value);
    }

    #[test]
    fn a_face_shows_the_first_letter_or_digit() {
        assert_eq!(first_letter("portainer"), "P");
        assert_eq!(first_letter("  <3 home"), "3");
        assert_eq!(first_letter("ßeta"), "SS");
        assert_eq!(first_letter("***"), "?");
    }
}
