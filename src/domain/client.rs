//! What kinds of client there are.

use serde::{Deserialize, Serialize};

/// Whether a client can keep a secret (RFC 6749 section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientType {
    Confidential,
    Public,
}

impl ClientType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Public => "public",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Confidential, Self::Public].into_iter().find(|t| t.as_str() == text)
    }
}

/// How a confidential client says who it is. A public one only names itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// By its secret, in the header or in the body (RFC 6749 section 2.3.1).
    Secret,
    /// By a JWT under its secret (OpenID Connect Core section 9).
    SecretJwt,
    /// By a JWT under a key of its own.
    PrivateKeyJwt,
}

impl ClientAuth {
    pub const ALL: [Self; 3] = [Self::Secret, Self::SecretJwt, Self::PrivateKeyJwt];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::SecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == text)
    }
}

/// Which request objects are read for a client (RFC 9101, OpenID Connect Core section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestObjects {
    Off,
    Signed,
    /// Unsigned ones too (`alg` none).
    Any,
}

impl RequestObjects {
    pub const ALL: [Self; 3] = [Self::Off, Self::Signed, Self::Any];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Signed => "signed",
            Self::Any => "any",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}
