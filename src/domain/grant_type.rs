//! How a grant began.

/// By what a client comes to its first tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    /// The authorization endpoint: a code, or tokens at once.
    Authorization,
    /// A device whose user said yes in a browser (RFC 8628).
    Device,
    /// Nobody but the client, or a service account's app password (RFC 6749 section 4.4).
    ClientCredentials,
}

impl GrantType {
    /// The word for the database, the events and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorization_code",
            Self::Device => "device_code",
            Self::ClientCredentials => "client_credentials",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Authorization, Self::Device, Self::ClientCredentials].into_iter().find(|t| t.as_str() == text)
    }
}
