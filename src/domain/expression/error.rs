//! What is wrong with an expression, and where, in words for who wrote it.

use std::fmt;

use minijinja::ErrorKind;

use super::{FUEL, MAX_DEPTH, MAX_RESULT, MAX_SOURCE, MAX_TOKENS, language};
use crate::words::Words;

/// Why an expression was not accepted, or yielded nothing of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    pub wrong: Wrong,
    /// Where in the source, if that is known.
    pub place: Option<Place>,
}

/// A place in the source as editors count: both begin with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    Empty,
    /// It has this many bytes.
    TooLong(usize),
    /// It has this many words and signs.
    TooManyParts(usize),
    /// The engine's own words.
    Syntax(String),
    UnknownVariable(String),
    UnknownFilter(String),
    UnknownTest(String),
    /// A product inside a list, a map or arguments.
    Product,
    OutOfFuel,
    /// Something that is not there was used; the engine's own words.
    Undefined(String),
    /// It could not be worked out; the engine's own words.
    Failed(String),
    /// It yields this instead of true or false.
    NotTrueOrFalse(&'static str),
    /// It yields this instead of a map.
    NotAMap(&'static str),
    /// What it yields holds this, which JSON cannot say.
    NotJson(&'static str),
    TooMuch,
    TooDeep,
}

/// How much of the engine's words is repeated: they may quote values.
const MOST_WORDS: usize = 200;

impl ExpressionError {
    /// An error of the engine.
    pub(super) fn of_engine(error: &minijinja::Error, source: &str) -> Self {
        let detail = || error.detail().map_or_else(|| error.kind().to_string(), clip);
        let wrong = match error.kind() {
            ErrorKind::OutOfFuel => Wrong::OutOfFuel,
            ErrorKind::UndefinedError => Wrong::Undefined(detail()),
            ErrorKind::SyntaxError | ErrorKind::BadEscape => Wrong::Syntax(detail()),
            _ => Wrong::Failed(detail()),
        };
        let place = match (error.range(), error.line()) {
            (Some(range), _) => Some(Place::of(source, range.start)),
            (None, Some(line)) if source.contains('\n') => Some(Place { line, column: 1 }),
            (None, _) => None,
        };
        Self { wrong, place }
    }
}

impl Place {
    /// The place of a byte.
    pub(super) fn of(source: &str, at: usize) -> Self {
        let before = source.get(..at).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl From<Wrong> for ExpressionError {
    fn from(wrong: Wrong) -> Self {
        Self { wrong, place: None }
    }
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(MOST_WORDS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

impl From<&ExpressionError> for Words {
    fn from(error: &ExpressionError) -> Self {
        let words = match &error.wrong {
            Wrong::Empty => Self::new("expression-empty"),
            Wrong::TooLong(bytes) => Self::new("expression-too-long").with("bytes", bytes).with("most", MAX_SOURCE),
            Wrong::TooManyParts(n) => Self::new("expression-too-many-parts").with("n", n).with("most", MAX_TOKENS),
            Wrong::Syntax(why) => Self::new("expression-syntax").with("why", why),
            Wrong::UnknownVariable(name) => {
                Self::new("expression-unknown-variable").with("name", name).with("names", language::NAMES.join(", "))
            }
            Wrong::UnknownFilter(name) => {
                Self::new("expression-unknown-filter").with("name", name).with("names", language::FILTERS.join(", "))
            }
            Wrong::UnknownTest(name) => {
                Self::new("expression-unknown-test").with("name", name).with("names", language::TESTS.join(", "))
            }
            Wrong::Product => Self::new("expression-product"),
            Wrong::OutOfFuel => {
                Self::new("expression-out-of-fuel").with("most", i64::try_from(FUEL).unwrap_or(i64::MAX))
            }
            Wrong::Undefined(why) => Self::new("expression-undefined").with("why", why),
            Wrong::Failed(why) => Self::new("expression-failed").with("why", why),
            Wrong::NotTrueOrFalse(kind) => Self::new("expression-not-true-or-false").with("kind", *kind),
            Wrong::NotAMap(kind) => Self::new("expression-not-a-map").with("kind", *kind),
            Wrong::NotJson(kind) => Self::new("expression-not-json").with("kind", *kind),
            Wrong::TooMuch => Self::new("expression-too-much").with("most", MAX_RESULT),
            Wrong::TooDeep => Self::new("expression-too-deep").with("most", MAX_DEPTH),
        };
        let (line, column) = error.place.map_or((0, 0), |p| (p.line, p.column));
        words.with("line", line).with("column", column)
    }
}

impl From<ExpressionError> for Words {
    fn from(error: ExpressionError) -> Self {
        Self::from(&error)
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Words::from(self).fmt(f)
    }
}
