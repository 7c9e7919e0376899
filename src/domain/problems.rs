//! What is wrong with a form or a command, by field: all of it at once, so that nobody mends one thing only to be told
//! of the next.

use std::fmt;

use crate::words::{Lang, Words};

/// What is wrong, in the order it was found. A field's name is that of the form and, with `-` for `_`, of the option.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<(String, Words)>);

/// The name for what is no single field's fault.
pub const WHOLE: &str = "";

impl Problems {
    /// One problem with one field.
    pub fn one(field: &str, words: impl Into<Words>) -> Self {
        let mut problems = Self::default();
        problems.add(field, words);
        problems
    }

    pub fn add(&mut self, field: &str, words: impl Into<Words>) {
        self.0.push((field.to_owned(), words.into()));
    }

    /// The value, or a note of what is wrong with it.
    pub fn take<T, E: Into<Words>>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|words| self.add(field, words)).ok()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field.
    pub fn at(&self, field: &str) -> Option<&Words> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, words)| words)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Words)> {
        self.0.iter().map(|(name, words)| (name.as_str(), words))
    }

    /// These problems, and others after them.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The same problems, with those of one field at another.
    #[must_use]
    pub fn renamed(self, from: &str, to: &str) -> Self {
        let rename = |name: String| if name == from { to.to_owned() } else { name };
        Self(self.0.into_iter().map(|(name, words)| (rename(name), words)).collect())
    }

    /// `Ok` when nothing is wrong.
    pub fn none(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// For the command line: an option's name goes before what is wrong with it.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (field, words)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            let words = words.said(Lang::english());
            match field.as_str() {
                // Names are arguments without an option, and these sentences name them.
                WHOLE | "name" | "provider_name" => f.write_str(&words)?,
                field => write!(f, "--{}: {words}", field.replace('_', "-"))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_told_and_stands_at_its_field() {
        let mut problems = Problems::default();
        assert!(problems.clone().none().is_ok());
        assert_eq!(problems.take("a", Ok::<_, Words>(1)), Some(1));
        assert_eq!(problems.take::<u8, _>("launch_url", Err(Words::new("bad-uri-empty"))), None);
        problems.add(WHOLE, Words::new("bad-uri-host"));
        assert_eq!(problems.at("launch_url"), Some(&Words::new("bad-uri-empty")));
        assert_eq!(problems.at("b"), None);
        let text = problems.to_string();
        assert_eq!(text, "--launch-url: The address is empty.\nThe host or the port of the address is not valid.");
        assert!(problems.none().is_err());
    }
}
