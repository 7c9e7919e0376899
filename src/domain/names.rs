//! Names that people choose: user names, e-mail addresses, slugs; and the one key that tells them apart.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

/// Slugs that would hide an endpoint below `/application/o/`.
const RESERVED_SLUGS: [&str; 7] = ["authorize", "token", "userinfo", "introspect", "revoke", "device", "par"];

/// User names that applications give rights to by name alone; only an administrator may hand them out.
const RESERVED_USERNAMES: [&str; 10] = [
    "admin",
    "administrator",
    "root",
    "system",
    "superuser",
    "sysadmin",
    "operator",
    "security",
    "support",
    "latchkey",
];

const MAX_USERNAME: usize = 150;
const MAX_EMAIL: usize = 254;
const MAX_SLUG: usize = 50;

/// Why a name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    #[error("The user name is empty.")]
    UsernameEmpty,
    #[error("The user name is longer than 150 characters.")]
    UsernameTooLong,
    #[error("A user name consists of letters, digits and @ . + - _ and has no spaces.")]
    UsernameCharacter,
    #[error("A user name needs at least one letter or digit.")]
    UsernameNoLetter,
    #[error("The e-mail address is longer than 254 characters.")]
    EmailTooLong,
    #[error("This is not an e-mail address; one looks like name@company.example.")]
    EmailMalformed,
    #[error("The slug is empty.")]
    SlugEmpty,
    #[error("The slug is longer than 50 characters.")]
    SlugTooLong,
    #[error("A slug consists of the small letters a to z, digits, - and _.")]
    SlugCharacter,
    #[error("This slug is the name of one of the provider's own addresses; choose another.")]
    SlugReserved,
}

/// The key under which user names and e-mail addresses share one namespace: two logins are the same if their keys
/// are. Compatibility forms (fullwidth letters, ligatures) and letter case make no difference.
///
/// Only a key to look up by: mail goes to the stored address, never to what was typed, as two addresses that mail
/// servers tell apart may have one key.
pub fn fold(login: &str) -> String {
    let mut key = fold_once(login);
    // Folding a character can make one that has a compatibility form of its own; a few rounds end that.
    for _ in 0..4 {
        let next = fold_once(&key);
        if next == key {
            break;
        }
        key = next;
    }
    key
}

fn fold_once(text: &str) -> String {
    // Upper case first, which unites letters with several small forms (final sigma, sharp s).
    text.trim()
        .nfkc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A user name as its owner writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Username(String);

impl Username {
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let name: String = text.trim().nfkc().take(MAX_USERNAME + 1).collect();
        if name.is_empty() {
            return Err(BadName::UsernameEmpty);
        }
        if name.chars().count() > MAX_USERNAME {
            return Err(BadName::UsernameTooLong);
        }
        if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '@' | '.' | '+' | '-' | '_')) {
            return Err(BadName::UsernameCharacter);
        }
        if !name.chars().any(char::is_alphanumeric) {
            return Err(BadName::UsernameNoLetter);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the shared namespace.
    pub fn key(&self) -> String {
        fold(&self.0)
    }

    /// Whether only an administrator may give this name to somebody: Portainer and others make a local
    /// administrator of whoever is called `admin`.
    pub fn is_reserved(&self) -> bool {
        RESERVED_USERNAMES.contains(&self.key().as_str())
    }
}

/// An e-mail address as its owner writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Email(String);

impl Email {
    /// Checks what can be checked without sending a mail: one `@`, a local part of dot-separated words, a domain of
    /// labels. Quoted local parts and address literals are refused; they are only ever used to confuse.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let text: String = text.trim().nfkc().take(MAX_EMAIL + 1).collect();
        if text.len() > MAX_EMAIL {
            return Err(BadName::EmailTooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(BadName::EmailMalformed)?;
        let good_local = local.len() <= 64 && local.split('.').all(|w| !w.is_empty() && w.chars().all(is_local_part));
        let good_domain = domain.split('.').all(is_domain_label);
        if good_local && good_domain { Ok(Self(text)) } else { Err(BadName::EmailMalformed) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the shared namespace.
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

/// RFC 5322 section 3.2.3 (atext), and the letters and digits of RFC 6531.
fn is_local_part(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn is_domain_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
}

/// The name of an application in addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Slug(String);

impl Slug {
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.is_empty() {
            return Err(BadName::SlugEmpty);
        }
        if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_')) {
            return Err(BadName::SlugCharacter);
        }
        if text.len() > MAX_SLUG {
            return Err(BadName::SlugTooLong);
        }
        if RESERVED_SLUGS.contains(&text) {
            return Err(BadName::SlugReserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The slug that an application's name suggests: `My App!` gives `my-app`. Accents are dropped; a name without
    /// any letter or digit of a slug gives none.
    pub fn from_name(name: &str) -> Result<Self, BadName> {
        let plain: String = name.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect();
        let words: Vec<String> = plain
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let joined: String = words.join("-").chars().take(MAX_SLUG).collect();
        Self::parse(joined.trim_end_matches('-'))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Given and family name of somebody who set neither: what is before and after the last space. The family name is
/// empty when there is no space.
pub fn split_name(name: &str) -> (&str, &str) {
    let name = name.trim();
    match name.rsplit_once(char::is_whitespace) {
        Some((given, family)) => (given.trim_end(), family),
        None => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn logins_that_people_cannot_tell_apart_have_one_key() {
        for (a, b) in [
            ("Admin", "admin"),
            ("ＡＤＭＩＮ", "admin"),
            (" admin ", "admin"),
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("ﬁn", "FIN"),
            ("Me＠Company.Example", "me@company.example"),
            ("e\u{301}va", "ÉVA"),
            ("K\u{212a}", "kk"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("eva"), fold("éva"));
        assert_ne!(fold("me@a.example"), fold("me@b.example"));
    }

    #[test]
    fn user_names_of_letters_digits_and_a_few_signs_are_taken() {
        for name in ["a", "ada.lovelace", "ada+test@company.example", "7of9", "Ünal_x-y", "田中", &"a".repeat(150)] {
            assert_eq!(Username::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(Username::parse(" ａｄａ ").unwrap().as_str(), "ada");
    }

    #[test]
    fn user_names_that_hide_something_are_refused() {
        assert_eq!(Username::parse(" "), Err(BadName::UsernameEmpty));
        assert_eq!(Username::parse(&"a".repeat(151)), Err(BadName::UsernameTooLong));
        assert_eq!(Username::parse(".."), Err(BadName::UsernameNoLetter));
        for name in [
            "ada lovelace",
            "ada\u{a0}x",
            "a\tb",
            "a\0",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{ad}b",
            "a/b",
            "a\\b",
            "a<b",
            "a:b",
            "a\"b",
            "a'b",
            "a,b",
            "\u{fdfa}",
        ] {
            assert_eq!(Username::parse(name), Err(BadName::UsernameCharacter), "{name:?}");
        }
    }

    #[test]
    fn names_that_give_rights_elsewhere_are_reserved_in_every_writing() {
        for name in ["admin", "ADMIN", "Ｒoot", "Administrator"] {
            assert!(Username::parse(name).unwrap().is_reserved(), "{name}");
        }
        assert!(!Username::parse("ada").unwrap().is_reserved());
    }

    #[test]
    fn mail_addresses_that_can_be_sent_to_are_taken() {
        for address in
            ["a@b", "ada@company.example", "ada.l+x_y@sub.company.example", "o'neil@x-y.example", "jörg@bücher.example"]
        {
            assert_eq!(Email::parse(address).unwrap().as_str(), address);
        }
        assert_eq!(Email::parse(" ada@company.example\n").unwrap().as_str(), "ada@company.example");
    }

    #[test]
    fn mail_addresses_that_confuse_are_refused() {
        let long = format!("{}@{}.example", "a".repeat(64), "b.".repeat(100));
        assert_eq!(Email::parse(&long), Err(BadName::EmailTooLong));
        let long_local = format!("{}@company.example", "a".repeat(65));
        let long_label = format!("a@{}.example", "b".repeat(64));
        for address in [
            "",
            "ada",
            "@company.example",
            "ada@",
            "a@b@c",
            "a b@c",
            "a@b c",
            "a@b\r\nBcc: x@y",
            "a@\u{202e}b",
            "a..b@c",
            ".a@c",
            "a.@c",
            "a@.c",
            "a@c.",
            "a@c..d",
            "a@-c",
            "a@c-",
            "\"a b\"@c",
            "a@[127.0.0.1]",
            "Ada <a@c>",
            "a,b@c",
            "a;b@c",
            &long_local,
            &long_label,
        ] {
            assert_eq!(Email::parse(address), Err(BadName::EmailMalformed), "{address:?}");
        }
    }

    #[test]
    fn slugs_that_hide_an_endpoint_are_refused_and_others_taken() {
        for slug in ["authorize", "token", "userinfo", "introspect", "revoke", "device", "par"] {
            assert_eq!(Slug::parse(slug), Err(BadName::SlugReserved), "{slug}");
        }
        for slug in ["portainer", "my_app-2", "tokens", "-", &"a".repeat(50)] {
            assert_eq!(Slug::parse(slug).unwrap().as_str(), slug);
        }
        assert_eq!(Slug::parse(""), Err(BadName::SlugEmpty));
        assert_eq!(Slug::parse(&"a".repeat(51)), Err(BadName::SlugTooLong));
        for slug in ["My", "a b", "a/b", "..", "a%2f", "é", "a\n", "Token"] {
            assert_eq!(Slug::parse(slug), Err(BadName::SlugCharacter), "{slug}");
        }
    }

    #[test]
    fn a_slug_is_suggested_by_the_name() {
        for (name, slug) in [
            ("My App!", "my-app"),
            ("  Café -- Übersicht ", "cafe-ubersicht"),
            ("Gravitee (APIM) 4.x", "gravitee-apim-4-x"),
        ] {
            assert_eq!(Slug::from_name(name).unwrap().as_str(), slug);
        }
        assert_eq!(Slug::from_name("Token"), Err(BadName::SlugReserved));
        assert_eq!(Slug::from_name("田中"), Err(BadName::SlugEmpty));
    }

    #[test]
    fn an_unset_given_name_is_what_is_before_the_last_space() {
        assert_eq!(split_name("Ada King Lovelace"), ("Ada King", "Lovelace"));
        assert_eq!(split_name(" Ada  Lovelace "), ("Ada", "Lovelace"));
        assert_eq!(split_name("Ada"), ("Ada", ""));
        assert_eq!(split_name(""), ("", ""));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn folding_twice_changes_nothing(text in ".{0,20}") {
            let key = fold(&text);
            prop_assert_eq!(fold(&key), key);
        }

        #[test]
        fn case_and_fullwidth_variants_collide(name in "[a-zA-Z0-9._@-]{1,20}") {
            let fullwidth: String =
                name.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
            prop_assert_eq!(fold(&name), name.to_lowercase());
            for variant in [name.to_uppercase(), name.to_lowercase(), fullwidth, format!("\t{name} ")] {
                prop_assert_eq!(fold(&variant), fold(&name));
            }
        }

        #[test]
        fn a_name_that_was_taken_reads_back_the_same(text in "\\PC{0,30}|[a-zà-ÿＡ-ｚ@.]{1,10}") {
            if let Ok(name) = Username::parse(&text) {
                prop_assert_eq!(Username::parse(name.as_str()), Ok(name.clone()));
                prop_assert_eq!(name.key(), fold(&text));
            }
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
                prop_assert_eq!(email.key(), fold(&text));
            }
            if let Ok(slug) = Slug::from_name(&text) {
                prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
            }
        }
    }

    #[test]
    fn folding_any_single_character_twice_changes_nothing() {
        // All that have a case or a compatibility form, but for variants of ideographs.
        for c in ('\0'..='\u{1ffff}').map(String::from) {
            let key = fold(&c);
            assert_eq!(fold(&key), key, "{c:?}");
        }
    }
}
