//! Verifying our own JSON Web Tokens when they come back (`id_token_hint`, access tokens), and the hashes in them.
//! The key decides the algorithm, never the token; nothing that a token names is ever fetched.

mod client_keys;
mod compact;
mod shared;

use std::collections::HashMap;
use std::sync::Once;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Header, Validation, crypto};
use serde_json::{Map, Value};

use super::keys::{Alg, KeyError};

pub use client_keys::{BadJwks, CLIENT_ALGS, ClientKeys, MOST_JWKS, SignedBy, UNSIGNED, unverified};
pub use shared::{HS256, LEAST_SECRET, SharedKey};

/// Longer tokens are not ours: a request line or a form could hold them, so the work must be bounded (bytes).
pub const MAX_TOKEN: usize = 16 * 1024;

/// The public keys of this installation, by key id.
#[derive(Clone, Default)]
pub struct VerifyingKeys(HashMap<String, (Alg, DecodingKey)>);

/// What kind of token it must be, by its header `typ`: one kind never passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedTyp {
    Id,
    Access,
    Userinfo,
    /// That a session ended, told to its applications.
    Logout,
}

impl ExpectedTyp {
    /// The value of `typ` in the tokens that we issue, for [`super::keys::SigningKey::sign_jwt`] too.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "JWT",
            Self::Access => "at+jwt", // RFC 9068 section 2.1
            // There is no registered one, and by `JWT` it would pass for an ID token.
            Self::Userinfo => "userinfo+jwt",
            Self::Logout => "logout+jwt", // OpenID Connect Back-Channel Logout section 2.4
        }
    }
}

/// Why a token was refused: for the log, never for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    #[error("the token is longer than 16 KiB")]
    TooLong,
    #[error("the token is not a JWT in compact form")]
    Malformed,
    #[error("the token's header holds {0}, which no token here may")]
    ForeignHeader(&'static str),
    #[error("the token is of another kind (typ)")]
    Typ,
    #[error("the token's key is not known, or not named where there are several")]
    UnknownKey,
    #[error("the token's algorithm is not that of its key, or not one it may be signed by")]
    Algorithm,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token is from another issuer")]
    Issuer,
}

impl VerifyingKeys {
    /// From public JWKs as [`super::keys::generate`] made them.
    ///
    /// # Errors
    /// One of them has no `kid`, no supported `alg`, or a key of another kind than its `alg`.
    pub fn from_jwks(jwks: &[Value]) -> Result<Self, KeyError> {
        jwks.iter().map(parse_jwk).collect::<Result<_, _>>().map(Self)
    }

    /// The claims of a token that one of our keys signed for `issuer`. Audience and subject are the caller's to check.
    ///
    /// # Errors
    /// [`BadToken`], for the log.
    pub fn verify(&self, token: &str, issuer: &str, typ: ExpectedTyp) -> Result<Map<String, Value>, BadToken> {
        if token.len() > MAX_TOKEN {
            return Err(BadToken::TooLong);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| BadToken::Malformed)?;
        if let Some(name) = foreign(&header) {
            return Err(BadToken::ForeignHeader(name));
        }
        if header.typ.as_deref() != Some(typ.as_str()) {
            return Err(BadToken::Typ);
        }
        let (alg, key) = header.kid.as_ref().and_then(|kid| self.0.get(kid)).ok_or(BadToken::UnknownKey)?;
        if header.alg != alg.jsonwebtoken() {
            return Err(BadToken::Algorithm);
        }
        let claims = signed_claims(token, *alg, key)?;
        if claims.get("iss").and_then(Value::as_str) != Some(issuer) {
            return Err(BadToken::Issuer);
        }
        Ok(claims)
    }
}

/// The half of a digest that binds an access token or a code to an ID token (`at_hash`, `c_hash`: OpenID Connect Core 1.0
/// sections 3.1.3.6 and 3.3.2.11), by the digest of the ID token's algorithm.
pub fn half_hash(algorithm: &'static digest::Algorithm, text: &str) -> String {
    let hash = digest::digest(algorithm, text.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..algorithm.output_len() / 2])
}

/// Names the backend to jsonwebtoken, which would otherwise guess it from its features and panic when there are two.
pub(super) fn install_backend() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error says that it was installed before, which is as good.
        let _ = crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    });
}

fn parse_jwk(value: &Value) -> Result<(String, (Alg, DecodingKey)), KeyError> {
    install_backend();
    let text = |name| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let kid = text("kid").to_owned();
    let unusable = |why: String| KeyError::Public { kid: kid.clone(), why };
    if kid.is_empty() {
        return Err(unusable("it has no kid".to_owned()));
    }
    let alg: Alg = text("alg").parse().map_err(|e: super::keys::UnknownAlg| unusable(e.to_string()))?;
    let expected = match alg {
        Alg::Rs256 | Alg::Ps256 => ("RSA", ""),
        Alg::Es256 => ("EC", "P-256"),
        Alg::EdDsa => ("OKP", "Ed25519"),
    };
    if (text("kty"), text("crv")) != expected {
        return Err(unusable(format!("it is not a key for {alg}")));
    }
    let jwk = serde_json::from_value::<Jwk>(value.clone()).map_err(|e| unusable(e.to_string()))?;
    let key = DecodingKey::from_jwk(&jwk).map_err(|e| unusable(e.to_string()))?;
    Ok((kid, (alg, key)))
}

/// Headers by which a token would choose its own key, or ask for what we do not do (RFC 7515 section 4.1).
const FOREIGN: [&str; 7] = ["jku", "jwk", "x5u", "x5c", "crit", "zip", "enc"];

/// Our tokens hold none of them, so that one that does is an attack.
fn foreign(header: &Header) -> Option<&'static str> {
    let held = [
        ("jku", header.jku.is_some()),
        ("jwk", header.jwk.is_some()),
        ("x5u", header.x5u.is_some()),
        ("x5c", header.x5c.is_some()),
        ("crit", header.crit.is_some()),
        ("zip", header.zip.is_some()),
        ("enc", header.enc.is_some()),
    ];
    held.into_iter().find_map(|(name, held)| held.then_some(name))
}

fn signed_claims(token: &str, alg: Alg, key: &DecodingKey) -> Result<Map<String, Value>, BadToken> {
    let mut validation = Validation::new(alg.jsonwebtoken());
    // jsonwebtoken asks the system's clock; time, issuer and audience are checked by us.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    match jsonwebtoken::decode(token, key, &validation) {
        Ok(data) => Ok(data.claims),
        Err(error) if matches!(error.kind(), jsonwebtoken::errors::ErrorKind::InvalidSignature) => {
            Err(BadToken::Signature)
        }
        Err(_) => Err(BadToken::Malformed),
    }
}

#[cfg(test)]
mod tests;
