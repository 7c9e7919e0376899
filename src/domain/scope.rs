//! Scopes: parsing what clients send, and never granting more than is offered.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::words::Words;

/// What a provider offers unless its administrator says otherwise.
pub const DEFAULT_OFFERED: &str = "openid email profile";

/// The scopes that have a meaning of their own here.
pub const KNOWN: [&str; 7] = ["openid", "profile", "email", "phone", "address", "groups", "offline_access"];

/// Granted when asked for, although they are not in the list of offered scopes.
const ON_REQUEST: [&str; 2] = ["offline_access", "groups"];

/// The longest name of a scope that can be given here.
const MAX_NAME: usize = 100;

/// Scope tokens in the order they were asked for, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct ScopeSet(Vec<String>);

impl ScopeSet {
    /// Reads the `scope` parameter of a request. Malformed tokens are dropped. People write `openid,email,profile`
    /// into fields that want spaces, so an unknown token that holds commas is split on them.
    pub fn parse(text: &str, offered: &ScopeSet) -> Self {
        let known = |token: &str| KNOWN.contains(&token) || offered.contains(token);
        let mut set = Self::default();
        for token in text.split(' ') {
            if token.contains(',') && !known(token) {
                token.split(',').for_each(|piece| set.add(piece));
            } else {
                set.add(token);
            }
        }
        set
    }

    /// Reads a list that we wrote ourselves (or that an administrator typed): tokens between white space.
    pub fn from_store(text: &str) -> Self {
        let mut set = Self::default();
        text.split_whitespace().for_each(|token| set.add(token));
        set
    }

    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|t| t == token)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The part of this request that is on offer, in the order of the request.
    pub fn granted(&self, offered: &ScopeSet) -> ScopeSet {
        ScopeSet(self.0.iter().filter(|t| offered.contains(t)).cloned().collect())
    }

    #[must_use]
    pub fn without(mut self, token: &str) -> Self {
        self.0.retain(|t| t != token);
        self
    }

    /// The part of this request that is not on offer: ignored, but told to the administrator.
    pub fn unknown(&self, offered: &ScopeSet) -> Vec<String> {
        self.0.iter().filter(|t| !offered.contains(t)).cloned().collect()
    }

    pub fn is_subset_of(&self, other: &ScopeSet) -> bool {
        self.iter().all(|t| other.contains(t))
    }

    fn add(&mut self, token: &str) {
        if is_scope_token(token) && !self.contains(token) {
            self.0.push(token.to_owned());
        }
    }
}

/// What a client may be granted: the offered scopes, and those that need no offering.
pub fn grantable(offered: &ScopeSet) -> ScopeSet {
    let mut set = offered.clone();
    ON_REQUEST.iter().for_each(|token| set.add(token));
    set
}

/// Reads the name of one scope, as an administrator typed it.
pub fn parse_token(text: &str) -> Result<String, Words> {
    let text = text.trim();
    let is_name = is_scope_token(text) && text.len() <= MAX_NAME && !text.contains(',');
    if is_name { Ok(text.to_owned()) } else { Err(Words::new("bad-scope").with("most", MAX_NAME)) }
}

/// RFC 6749 section 3.3: `1*( %x21 / %x23-5B / %x5D-7E )`.
fn is_scope_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl From<ScopeSet> for String {
    fn from(set: ScopeSet) -> Self {
        set.to_string()
    }
}

impl From<String> for ScopeSet {
    fn from(text: String) -> Self {
        Self::from_store(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(text: &str) -> ScopeSet {
        ScopeSet::from_store(text)
    }

    fn offered() -> ScopeSet {
        grantable(&set(DEFAULT_OFFERED))
    }

    #[test]
    fn scopes_are_split_on_spaces_and_kept_once_in_the_order_asked_for() {
        assert_eq!(ScopeSet::parse("email openid  profile openid ", &offered()).to_string(), "email openid profile");
        assert!(ScopeSet::parse("", &offered()).is_empty());
    }

    #[test]
    fn an_unknown_token_that_holds_commas_is_split_on_them() {
        assert_eq!(ScopeSet::parse("openid,email,profile", &offered()).to_string(), "openid email profile");
        assert_eq!(ScopeSet::parse("openid,,email, profile", &offered()).to_string(), "openid email profile");
        // A scope of that very name is one scope.
        assert_eq!(ScopeSet::parse("a,b c,d", &set("a,b")).iter().collect::<Vec<_>>(), ["a,b", "c", "d"]);
    }

    #[test]
    fn malformed_tokens_are_dropped_and_odd_but_legal_ones_kept() {
        let parsed = ScopeSet::parse("a\"b c\\d e\tf é openid https://api.example/read:all", &offered());
        assert_eq!(parsed.to_string(), "openid https://api.example/read:all");
    }

    #[test]
    fn the_name_of_a_scope_is_one_token() {
        assert_eq!(parse_token(" house:read ").as_deref(), Ok("house:read"));
        assert_eq!(parse_token("https://api.example/read").as_deref(), Ok("https://api.example/read"));
        for bad in ["", "two words", "a,b", "quote\"", "é", &"x".repeat(MAX_NAME + 1)] {
            assert!(parse_token(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn offline_access_and_groups_need_no_offering_and_other_scopes_do() {
        let requested = ScopeSet::parse("openid offline_access groups phone made_up", &offered());
        assert_eq!(requested.granted(&offered()).to_string(), "openid offline_access groups");
        assert_eq!(requested.unknown(&offered()), ["phone", "made_up"]);
        assert!(requested.granted(&grantable(&ScopeSet::default())).is_subset_of(&set("offline_access groups")));
    }

    #[test]
    fn a_stored_set_reads_back_as_one_string() {
        let json = serde_json::to_string(&set("openid email")).unwrap();
        assert_eq!(json, r#""openid email""#);
        assert_eq!(serde_json::from_str::<ScopeSet>(&json).unwrap(), set("openid email"));
    }

    proptest! {
        #[test]
        fn what_is_parsed_reads_back_the_same(text in "\\PC{0,60}|[a-c, ]{0,20}") {
            let parsed = ScopeSet::parse(&text, &offered());
            prop_assert_eq!(&set(&parsed.to_string()), &parsed);
            prop_assert_eq!(&ScopeSet::parse(&parsed.to_string(), &parsed), &parsed);
            prop_assert!(parsed.iter().all(is_scope_token));
        }

        #[test]
        fn what_is_granted_is_never_wider_than_asked_for_or_offered(asked in "[a-e, ]{0,20}", on_offer in "[a-e ]{0,12}") {
            let (asked, on_offer) = (ScopeSet::parse(&asked, &offered()), set(&on_offer));
            let granted = asked.granted(&on_offer);
            prop_assert!(granted.is_subset_of(&asked) && granted.is_subset_of(&on_offer));
            prop_assert_eq!(granted.iter().count() + asked.unknown(&on_offer).len(), asked.iter().count());
            let order: Vec<_> = asked.iter().filter(|t| on_offer.contains(t)).collect();
            prop_assert_eq!(granted.iter().collect::<Vec<_>>(), order);
        }
    }
}
