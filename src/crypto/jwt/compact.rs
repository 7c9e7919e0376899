//! A JWT taken apart, whoever signed it (RFC 7515 section 3.1). Nothing of it is to be believed yet.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{BadToken, MAX_TOKEN};

/// The parts of a token.
pub struct Compact<'a> {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
    /// What is signed: header and claims as they came.
    pub message: &'a str,
    /// In base64url.
    pub signature: &'a str,
}

impl<'a> Compact<'a> {
    pub fn parse(token: &'a str) -> Result<Self, BadToken> {
        if token.len() > MAX_TOKEN {
            return Err(BadToken::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(BadToken::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(BadToken::Malformed)?;
        Ok(Self { header: object(header)?, claims: object(claims)?, message, signature })
    }

    /// A text in the header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }
}

fn object(part: &str) -> Result<Map<String, Value>, BadToken> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| BadToken::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| BadToken::Malformed)
}
