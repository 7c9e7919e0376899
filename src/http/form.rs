//! Parameters of a query string or of a form body (`application/x-www-form-urlencoded`).

/// Decoded name-value pairs in the order they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

/// A parameter was sent more than once, which OAuth forbids (RFC 6749 section 3.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} was sent more than once")]
pub struct Duplicate(pub &'static str);

impl Params {
    /// Decodes percent-encoding and `+`. Bytes that are not UTF-8 become replacement characters.
    pub fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// Pairs that were read from another kind of form.
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Names and values that were not sent but stand in a form.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// All names and values, in the order they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The rest, without these names.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(n, _)| !names.contains(&n.as_str())).cloned().collect())
    }

    /// Sets a name to one value, in place of any it had.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(n, _)| n != name);
        self.push(name, value);
    }

    /// Adds all of another.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub fn push_all(&mut self, pairs: &[(&str, &str)]) {
        pairs.iter().for_each(|(name, value)| self.push(name, *value));
    }

    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// The first value of `name`, empty or not.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Every value of `name`, in the order they were sent.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The value of a parameter that may be sent once. A parameter without a value counts as not sent
    /// (RFC 6749 section 3.1).
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, Duplicate> {
        let mut values = self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let value = values.next();
        if values.next().is_some() {
            return Err(Duplicate(name));
        }
        Ok(value.filter(|v| !v.is_empty()))
    }

    /// Whether `name` was sent at all, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_sent_twice_is_refused_and_sent_once_is_read() {
        let p = Params::parse(b"a=1&b=x%20y&c=&a=2&d=1+2");
        assert_eq!(p.one("a"), Err(Duplicate("a")));
        assert_eq!(p.one("b"), Ok(Some("x y")));
        assert_eq!(p.one("c"), Ok(None));
        assert!(p.has("c"));
        assert_eq!(p.one("d"), Ok(Some("1 2")));
        assert_eq!(p.one("e"), Ok(None));
    }
}
