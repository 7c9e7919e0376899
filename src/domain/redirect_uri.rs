//! Redirect URIs: which may be registered, which requested one is registered, and how an answer is put on it.

mod pattern;
mod register;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use register::BadUri;

use super::client::ClientType;
use super::percent;
use register::Shape;

/// How a registered URI is compared with a requested one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// Byte for byte (RFC 9700 section 2.1).
    Strict,
    /// A literal origin, and a pattern for path and query.
    Regex,
}

impl Matching {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Regex => "regex",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Strict, Self::Regex].into_iter().find(|m| m.as_str() == text)
    }
}

/// What a registered URI is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    Authorization,
    Logout,
}

impl Purpose {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Logout => "logout",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Authorization, Self::Logout].into_iter().find(|p| p.as_str() == text)
    }
}

/// A URI that an administrator registered; it has passed `register`, now or before it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredUri {
    matching: Matching,
    purpose: Purpose,
    uri: String,
}

impl RegisteredUri {
    /// Checks what an administrator typed.
    pub fn register(matching: Matching, purpose: Purpose, client_type: ClientType, text: &str) -> Result<Self, BadUri> {
        let uri = match matching {
            Matching::Strict => register::strict(purpose, client_type, text)?,
            Matching::Regex => register::regex(text)?,
        };
        Ok(Self { matching, purpose, uri })
    }

    /// A URI that was registered before and comes from the store.
    pub fn from_store(matching: Matching, purpose: Purpose, uri: String) -> Self {
        Self { matching, purpose, uri }
    }

    pub fn matching(&self) -> Matching {
        self.matching
    }

    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The web origin that answers of this registration go to; a custom scheme has none.
    pub fn origin(&self) -> Option<String> {
        match self.matching {
            Matching::Strict => origin(&self.uri),
            Matching::Regex => origin(pattern::split(&self.uri)?.0),
        }
    }

    fn matches(&self, client: ClientType, requested: &str) -> bool {
        match self.matching {
            Matching::Strict => {
                (self.uri == requested || loopback_matches(&self.uri, client, requested))
                    // A client may have been made confidential after its custom scheme was registered.
                    && (client == ClientType::Public || matches!(register::shape(requested), Ok(Shape::Web(_))))
            }
            Matching::Regex => pattern::matches(&self.uri, requested),
        }
    }
}

/// A requested URI that was found among the registered ones. Only `find` makes one, so an answer cannot be sent
/// anywhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri(String);

/// Looks a requested URI up among those registered for a purpose.
pub fn find(
    registered: &[RegisteredUri],
    purpose: Purpose,
    client: ClientType,
    requested: &str,
) -> Option<RedirectUri> {
    // A stranger may send more than was ever registered: the bound comes before the work.
    let is_registered = requested.len() <= register::MAX_BYTES
        && registered.iter().any(|r| r.purpose == purpose && r.matches(client, requested));
    is_registered.then(|| RedirectUri(requested.to_owned()))
}

impl RedirectUri {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what is sent there can be a token as it is: by https, or to this device. By http others read it on the way,
    /// and a custom scheme any program of the device can take for its own (RFC 8252 section 8.2).
    pub fn is_safe_for_tokens(&self) -> bool {
        let Ok(Shape::Web(web)) = register::shape(&self.0) else { return false };
        let is_local = match web.url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        web.url.scheme() == "https" || is_local
    }

    /// The URI with parameters added to its query, before its fragment if it has one. A query that is already there
    /// is kept (RFC 6749 section 3.1.2).
    pub fn with_query(&self, params: &[(&str, &str)]) -> String {
        if params.is_empty() {
            return self.0.clone();
        }
        let (base, fragment) = self.0.split_at(self.0.find('#').unwrap_or(self.0.len()));
        let joint = match base.find('?') {
            None => "?",
            Some(_) if base.ends_with(['?', '&']) => "",
            Some(_) => "&",
        };
        format!("{base}{joint}{}{fragment}", percent::encode_pairs(params))
    }

    /// The URI with the parameters as its fragment (OAuth 2.0 Multiple Response Types section 2.1).
    pub fn with_fragment(&self, params: &[(&str, &str)]) -> String {
        let base = self.0.split('#').next().unwrap_or_default();
        format!("{base}#{}", percent::encode_pairs(params))
    }
}

/// `scheme://host[:port]` of an http or https URI, written as browsers write it in the Origin header.
pub fn origin(uri: &str) -> Option<String> {
    match register::shape(uri) {
        Ok(Shape::Web(web)) => Some(web.url.origin().ascii_serialization()),
        _ => None,
    }
}

/// RFC 8252 section 7.3: a native application listens on whatever port it was given, so the port of a loopback IP
/// address is not compared. The name `localhost` is no such address (section 8.3).
fn loopback_matches(registered: &str, client: ClientType, requested: &str) -> bool {
    client == ClientType::Public
        && ["http://127.0.0.1", "http://[::1]"].iter().any(|address| {
            match (after_port(registered, address), after_port(requested, address)) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            }
        })
}

/// What follows `address[:port]`, if `uri` starts so.
fn after_port<'a>(uri: &'a str, address: &str) -> Option<&'a str> {
    let rest = uri.strip_prefix(address)?;
    let rest = match rest.strip_prefix(':') {
        None => rest,
        Some(port) => {
            let end = port.find(|c: char| !c.is_ascii_digit()).unwrap_or(port.len());
            let (port, rest) = port.split_at(end);
            port.parse::<u16>().ok().filter(|p| *p > 0)?;
            rest
        }
    };
    (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(rest)
}
