//! What was said in words of which there are a few.

use crate::domain::problems::Problems;
use crate::http::Params;
use crate::words::Words;

pub fn on_off(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// Takes one of a few words.
pub fn word<T>(
    said: &Params,
    field: &str,
    choices: &str,
    parse: impl Fn(&str) -> Option<T>,
    into: &mut T,
    problems: &mut Problems,
) {
    let Some(text) = said.first(field) else { return };
    match parse(text) {
        Some(value) => *into = value,
        None => problems.add(field, Words::new("bad-choice").with("given", text).with("choices", choices)),
    }
}
