//! Which URIs an administrator may register, with a sentence for each refusal.

use url::Url;

use super::{ClientType, Purpose, pattern};
use crate::words::Words;

/// Long enough for every real one, short enough for every header.
pub const MAX_BYTES: usize = 2_000;

/// Schemes that run or show something in the browser instead of leading to an application.
const REFUSED_SCHEMES: [&str; 16] = [
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "filesystem",
    "view-source",
    "jar",
    "chrome",
    "ws",
    "wss",
    "ftp",
    "mailto",
    "tel",
    "intent",
];

/// Why a URI cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", Words::from(self.clone()))]
pub enum BadUri {
    Empty,
    TooLong,
    BadCharacter,
    UnsafeCharacter(char),
    NotAbsolute,
    RefusedScheme(String),
    CustomScheme(String),
    Fragment,
    UserInfo,
    WildcardHost,
    BadHost,
    PatternInOrigin,
    FragmentInPattern,
    BadPattern(String),
    PatternTooLarge,
}

impl From<BadUri> for Words {
    fn from(bad: BadUri) -> Self {
        match bad {
            BadUri::Empty => Self::new("bad-uri-empty"),
            BadUri::TooLong => Self::new("bad-uri-too-long"),
            BadUri::BadCharacter => Self::new("bad-uri-character"),
            BadUri::UnsafeCharacter(c) => Self::new("bad-uri-unsafe-character").with("character", c.to_string()),
            BadUri::NotAbsolute => Self::new("bad-uri-not-absolute"),
            BadUri::RefusedScheme(scheme) => Self::new("bad-uri-refused-scheme").with("scheme", scheme),
            BadUri::CustomScheme(scheme) => Self::new("bad-uri-custom-scheme").with("scheme", scheme),
            BadUri::Fragment => Self::new("bad-uri-fragment"),
            BadUri::UserInfo => Self::new("bad-uri-user-info"),
            BadUri::WildcardHost => Self::new("bad-uri-wildcard-host"),
            BadUri::BadHost => Self::new("bad-uri-host"),
            BadUri::PatternInOrigin => Self::new("bad-uri-pattern-in-origin"),
            BadUri::FragmentInPattern => Self::new("bad-uri-fragment-in-pattern"),
            BadUri::BadPattern(why) => Self::new("bad-uri-pattern").with("why", why),
            BadUri::PatternTooLarge => Self::new("bad-uri-pattern-too-large"),
        }
    }
}

/// An absolute URI, taken apart as far as the rules need it.
#[derive(Debug)]
pub enum Shape {
    Web(Web),
    /// An application's own scheme, in lower case.
    Custom(String),
}

/// An http or https URI.
#[derive(Debug)]
pub struct Web {
    pub url: Url,
}

/// Checks a URI that will be compared byte for byte.
pub fn strict(purpose: Purpose, client_type: ClientType, text: &str) -> Result<String, BadUri> {
    bounded(text)?;
    if let Some(c) = text.chars().find(|c| matches!(c, '\\' | '"' | '<' | '>' | '^' | '`' | '{' | '|' | '}')) {
        return Err(BadUri::UnsafeCharacter(c));
    }
    if let Shape::Custom(scheme) = shape(text)?
        && client_type == ClientType::Confidential
    {
        return Err(BadUri::CustomScheme(scheme));
    }
    // RFC 6749 section 3.1.2: the redirection endpoint URI must not include a fragment component.
    if purpose == Purpose::Authorization && text.contains('#') {
        return Err(BadUri::Fragment);
    }
    Ok(text.to_owned())
}

/// Checks a literal origin followed by a pattern. A dot that was escaped in the origin, as people do in a regex,
/// is written as a plain one: the origin is never matched as a pattern.
pub fn regex(text: &str) -> Result<String, BadUri> {
    bounded(text)?;
    if text.contains('#') {
        return Err(BadUri::FragmentInPattern);
    }
    let end = pattern::start(text).ok_or(BadUri::NotAbsolute)?;
    let (origin, pattern) = text.split_at(end);
    let origin = origin.replace("\\.", ".");
    if origin.contains('?') {
        return Err(BadUri::PatternInOrigin);
    }
    match shape(&origin) {
        Ok(Shape::Web(_)) => {}
        Ok(Shape::Custom(scheme)) => return Err(BadUri::CustomScheme(scheme)),
        Err(BadUri::NotAbsolute | BadUri::BadHost | BadUri::WildcardHost) => return Err(BadUri::PatternInOrigin),
        Err(other) => return Err(other),
    }
    pattern::compile(pattern)?;
    Ok(origin + pattern)
}

/// Takes an absolute URI apart.
pub fn shape(text: &str) -> Result<Shape, BadUri> {
    let (scheme, rest) = text.split_once(':').ok_or(BadUri::NotAbsolute)?;
    if !is_scheme(scheme) || is_port(rest) {
        return Err(BadUri::NotAbsolute);
    }
    let scheme = scheme.to_ascii_lowercase();
    if REFUSED_SCHEMES.contains(&scheme.as_str()) {
        return Err(BadUri::RefusedScheme(scheme));
    }
    let authority = rest.strip_prefix("//").map(|r| r.split(['/', '?', '#']).next().unwrap_or_default());
    if authority.is_some_and(|a| a.contains('@')) {
        return Err(BadUri::UserInfo);
    }
    if authority.is_some_and(|a| a.contains('*')) {
        return Err(BadUri::WildcardHost);
    }
    match (scheme.as_str(), authority) {
        ("http" | "https", Some(authority)) => web(text, authority).map(Shape::Web),
        ("http" | "https", None) => Err(BadUri::NotAbsolute),
        _ if rest.is_empty() => Err(BadUri::NotAbsolute),
        _ => Ok(Shape::Custom(scheme)),
    }
}

fn bounded(text: &str) -> Result<(), BadUri> {
    if text.is_empty() {
        return Err(BadUri::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(BadUri::TooLong);
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(BadUri::BadCharacter);
    }
    Ok(())
}

/// RFC 3986 section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// `localhost:3000/callback` has no scheme, although `localhost:` looks like one.
fn is_port(rest: &str) -> bool {
    let digits = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Reads host and port ourselves and by the url crate, and refuses whatever the two do not agree on.
fn web(text: &str, authority: &str) -> Result<Web, BadUri> {
    let (host, port) = if authority.starts_with('[') {
        authority.split_at(authority.find(']').ok_or(BadUri::BadHost)? + 1)
    } else {
        authority.split_at(authority.find(':').unwrap_or(authority.len()))
    };
    let good_port = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|p| p > 0),
    };
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    let url = Url::parse(text).map_err(|_| BadUri::BadHost)?;
    let same = match url.host() {
        Some(url::Host::Ipv6(address)) => host.trim_matches(['[', ']']).parse() == Ok(address),
        Some(parsed) => plain && !host.starts_with('.') && parsed.to_string().eq_ignore_ascii_case(host),
        None => false,
    };
    if same && good_port { Ok(Web { url }) } else { Err(BadUri::BadHost) }
}
