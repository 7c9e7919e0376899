//! The catalogue: every string of the pages, in every language. A language is a folder of `.ftl` files (Project
//! Fluent) in `locales/`; what it lacks is said in English.

mod catalogue;
mod negotiate;
pub mod prose;
#[cfg(test)]
mod tests;

use std::fmt;

use askama::filters::Safe;

pub use catalogue::{Lang, languages};
pub use negotiate::{from_accept_language, from_tags};

/// A value in a sentence: a text, or a number that the sentence may have forms for (one file, two files).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Number(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&&str> for Value {
    fn from(text: &&str) -> Self {
        Self::Text((*text).to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&i64> for Value {
    fn from(number: &i64) -> Self {
        Self::Number(*number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&usize> for Value {
    fn from(number: &usize) -> Self {
        Self::from(*number)
    }
}

/// A sentence that is not said yet: a key of the catalogue and its values. Commands say it in English (`Display`),
/// pages in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    key: &'static str,
    values: Vec<(&'static str, Value)>,
}

impl Words {
    pub fn new(key: &'static str) -> Self {
        Self { key, values: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// The sentence in a language. It may hold text from outside, which the page escapes.
    pub fn said(&self, lang: Lang) -> String {
        lang.format(self.key, &self.values)
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said(Lang::english()))
    }
}

impl Lang {
    /// The text under a key.
    pub fn say(self, key: &str) -> String {
        self.format(key, &[])
    }

    /// The text under a key, with values. Values lose characters that could dress text up as something else; they are
    /// escaped where the text is printed.
    pub fn say_with(self, key: &str, values: &[(&'static str, Value)]) -> String {
        self.format(key, values)
    }

    /// A text that holds markup of ours (`<b>`, `<code>`, `<bdi>`), with escaped values.
    pub fn html(self, key: &str, values: &[(&'static str, Value)]) -> Safe<String> {
        let escape_one = |(name, value): &(&'static str, Value)| match value {
            Value::Text(text) => (*name, Value::Text(escape(text))),
            Value::Number(number) => (*name, Value::Number(*number)),
        };
        let escaped: Vec<_> = values.iter().map(escape_one).collect();
        Safe(self.format(key, &escaped))
    }
}

/// A text on its way into HTML, as askama's own escaper writes it.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&#38;"),
            '<' => out.push_str("&#60;"),
            '>' => out.push_str("&#62;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text from outside on one line, without control characters and without those that turn the direction of writing
/// around. Letters of every script, and the marks they need, stay.
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !is_disguise(*c)).collect()
}

/// Controls, and the embeddings, overrides and isolates of the bidirectional algorithm.
pub fn is_disguise(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
