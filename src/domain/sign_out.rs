//! How far a sign-out that an application asks for goes, and where applications are told of one.

use url::Url;

use super::client::ClientType;
use super::outbound::{Scheme, Target};
use crate::words::Words;

/// What ends when an application with a valid hint signs its user out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOutEnds {
    /// The session at Latchkey, and with it what every application holds of it.
    Everything,
    /// What this application holds; the session at Latchkey lives on.
    Application,
}

impl SignOutEnds {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Application => "application",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Everything, Self::Application].into_iter().find(|e| e.as_str() == text)
    }
}

/// Reads an address at which an application hears of sign-outs.
///
/// # Errors
/// It is none, or http for a client without a secret (OpenID Connect Back-Channel Logout section 2.2, Front-Channel Logout
/// section 2).
pub fn logout_uri(text: &str, client_type: ClientType) -> Result<String, Words> {
    let target = Target::parse(text)?;
    if target.scheme() == Scheme::Http && client_type == ClientType::Public {
        return Err(Words::new("provider-logout-uri-http"));
    }
    Ok(target.as_str().to_owned())
}

/// The address of a frame that tells an application of a sign-out: its own, with issuer and session (Front-Channel Logout
/// section 2). `None` for what is no address.
pub fn frame(uri: &str, issuer: &str, sid: &str) -> Option<Frame> {
    let mut url = Url::parse(uri).ok()?;
    url.query_pairs_mut().append_pair("iss", issuer).append_pair("sid", sid);
    Some(Frame { origin: url.origin().ascii_serialization(), address: url.into() })
}

/// See [`frame`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub origin: String,
    pub address: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_keeps_its_own_query_and_adds_issuer_and_session() {
        let frame = |uri| frame(uri, "https://id.example/application/o/app/", "s&d").map(|f| (f.origin, f.address));
        let iss = "iss=https%3A%2F%2Fid.example%2Fapplication%2Fo%2Fapp%2F&sid=s%26d";
        for (uri, origin, begin) in [
            ("https://app.example/out", "https://app.example", "https://app.example/out?"),
            ("https://app.example:8443/out?a=b", "https://app.example:8443", "https://app.example:8443/out?a=b&"),
            ("https://app.example", "https://app.example", "https://app.example/?"),
        ] {
            assert_eq!(frame(uri), Some((origin.to_owned(), format!("{begin}{iss}"))));
        }
        assert_eq!(frame("nothing"), None);
    }

    #[test]
    fn http_is_for_clients_with_a_secret() {
        for (text, client_type, is_good) in [
            ("https://app.example/out", ClientType::Public, true),
            ("https://app.example/out?a=b", ClientType::Confidential, true),
            ("http://app.example/out", ClientType::Confidential, true),
            ("http://app.example/out", ClientType::Public, false),
            ("https://app.example/out#a", ClientType::Confidential, false),
            ("app.example/out", ClientType::Confidential, false),
        ] {
            assert_eq!(logout_uri(text, client_type).is_ok(), is_good, "{text} {client_type:?}");
        }
    }
}
