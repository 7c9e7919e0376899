//! The keys of clients, and the tokens that clients sign with them or with their secret: assertions (RFC 7523) and
//! request objects (RFC 9101). What is registered decides by what a token may be signed; nothing that the token itself
//! names or holds ever does, and nothing it names is fetched.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, crypto};
use serde_json::{Map, Value};

use super::compact::Compact;
use super::{BadToken, FOREIGN, HS256, SharedKey, install_backend};
use crate::crypto::keys::{Alg, rsa_bits};

/// A set of keys is not longer (bytes), and holds no more keys.
pub const MOST_JWKS: usize = 16 * 1024;
const MOST_KEYS: usize = 20;
/// RFC 7518 section 3.3; and beyond this, checking costs too much.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
/// Members of a JWK that are private (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// By what a client's keys may sign.
pub const CLIENT_ALGS: [&str; 5] = ["RS256", "ES256", "EdDSA", "PS256", ED25519];
/// What RFC 9864 calls EdDSA with a key of Ed25519, and openid-client 6 with it.
const ED25519: &str = "Ed25519";
/// The `alg` of a token that nobody signed.
pub const UNSIGNED: &str = "none";

/// The public keys of a client (RFC 7517 section 5).
pub struct ClientKeys(Vec<ClientKey>);

struct ClientKey {
    kid: Option<String>,
    algs: Vec<Alg>,
    key: DecodingKey,
}

/// Why a set of keys is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadJwks {
    #[error("the set of keys is longer than 16 KiB")]
    TooLong,
    #[error("that is not a JSON Web Key Set")]
    NotASet,
    #[error("the set holds more than 20 keys")]
    TooMany,
    #[error("the set holds a private or secret key")]
    Private,
    #[error("the set holds an RSA key of fewer than 2048 or more than 8192 bits")]
    RsaSize,
    #[error("two keys of the set have the same id (kid)")]
    SameId,
    #[error("the set holds a key that is not one")]
    Malformed,
    #[error("the set holds no key that can sign for RS256, PS256, ES256 or EdDSA")]
    NoneUsable,
}

/// By what a client may sign.
#[derive(Default)]
pub struct SignedBy<'a> {
    pub keys: Option<&'a ClientKeys>,
    pub secret: Option<&'a SharedKey>,
    /// Whether it may leave it.
    pub nothing: bool,
}

impl ClientKeys {
    /// Keys that are for something else, or of a kind that is not known here, are passed over (RFC 7517 section 5).
    pub fn parse(text: &str) -> Result<Self, BadJwks> {
        if text.len() > MOST_JWKS {
            return Err(BadJwks::TooLong);
        }
        let set: Value = serde_json::from_str(text).map_err(|_| BadJwks::NotASet)?;
        let all = set.get("keys").and_then(Value::as_array).ok_or(BadJwks::NotASet)?;
        if all.len() > MOST_KEYS {
            return Err(BadJwks::TooMany);
        }
        if all.iter().any(|key| PRIVATE.iter().any(|name| key.get(name).is_some())) {
            return Err(BadJwks::Private);
        }
        let mut keys: Vec<ClientKey> = Vec::new();
        for jwk in all {
            let Some(key) = parse_key(jwk)? else { continue };
            if key.kid.is_some() && keys.iter().any(|other| other.kid == key.kid) {
                return Err(BadJwks::SameId);
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(BadJwks::NoneUsable) } else { Ok(Self(keys)) }
    }

    /// The one key for a token. OpenID Connect Core section 10.1: where several would do, the token says which.
    fn find(&self, kid: Option<&str>, alg: Alg) -> Result<&DecodingKey, BadToken> {
        let fits = |key: &&ClientKey| kid.is_none_or(|kid| key.kid.as_deref() == Some(kid));
        let mut found = self.0.iter().filter(fits).peekable();
        found.peek().ok_or(BadToken::UnknownKey)?;
        let mut found = found.filter(|key| key.algs.contains(&alg));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(&one.key),
            (None, _) => Err(BadToken::Algorithm),
            (Some(_), Some(_)) => Err(BadToken::UnknownKey),
        }
    }
}

/// `None` for a key that is not for signatures, or not of our kinds.
fn parse_key(jwk: &Value) -> Result<Option<ClientKey>, BadJwks> {
    install_backend();
    let text = |name| jwk.get(name).and_then(Value::as_str);
    let operations = jwk.get("key_ops").and_then(Value::as_array);
    let is_for_signatures = text("use").is_none_or(|u| u == "sig")
        && operations.is_none_or(|all| all.iter().any(|o| o.as_str() == Some("verify")));
    let algs = match (text("kty"), text("crv")) {
        (Some("RSA"), _) => vec![Alg::Rs256, Alg::Ps256],
        (Some("EC"), Some("P-256")) => vec![Alg::Es256],
        (Some("OKP"), Some("Ed25519")) => vec![Alg::EdDsa],
        _ => Vec::new(),
    };
    let algs: Vec<Alg> = algs.into_iter().filter(|alg| text("alg").is_none_or(|a| named(a) == Some(*alg))).collect();
    if !is_for_signatures || algs.is_empty() {
        return Ok(None);
    }
    if text("kty") == Some("RSA") && !rsa_bits(jwk).is_some_and(|bits| RSA_BITS.contains(&bits)) {
        return Err(BadJwks::RsaSize);
    }
    // Only what is looked at: another member may be of a kind that the library does not know.
    let members = ["kty", "crv", "n", "e", "x", "y"];
    let bare: Map<String, Value> =
        members.iter().filter_map(|m| Some(((*m).to_owned(), jwk.get(*m)?.clone()))).collect();
    let bare = serde_json::from_value::<Jwk>(Value::Object(bare)).map_err(|_| BadJwks::Malformed)?;
    let key = DecodingKey::from_jwk(&bare).map_err(|_| BadJwks::Malformed)?;
    Ok(Some(ClientKey { kid: text("kid").map(str::to_owned), algs, key }))
}

impl SignedBy<'_> {
    /// The claims of a token of one of these types (`typ`, without regard to case; one that says none is taken too).
    ///
    /// # Errors
    /// [`BadToken`], for the log.
    pub fn claims(&self, token: &str, typs: &[&str]) -> Result<Map<String, Value>, BadToken> {
        let token = Compact::parse(token)?;
        if let Some(name) = FOREIGN.into_iter().find(|name| token.header.contains_key(*name)) {
            return Err(BadToken::ForeignHeader(name));
        }
        let typ = token.header("typ").map(|t| t.to_ascii_lowercase());
        // RFC 7515 section 4.1.9: "application/" may be left out.
        let typ = typ.as_deref().map(|t| t.strip_prefix("application/").unwrap_or(t));
        if typ.is_some_and(|typ| !typs.contains(&typ)) {
            return Err(BadToken::Typ);
        }
        let alg = token.header("alg").ok_or(BadToken::Malformed)?;
        if alg == UNSIGNED {
            return match self.nothing && token.signature.is_empty() {
                true => Ok(token.claims),
                false => Err(BadToken::Algorithm),
            };
        }
        if alg == HS256 {
            self.secret.ok_or(BadToken::Algorithm)?.check(token.message, token.signature)?;
            return Ok(token.claims);
        }
        let (Some(keys), Some(alg)) = (self.keys, named(alg)) else { return Err(BadToken::Algorithm) };
        let key = keys.find(token.header("kid"), alg)?;
        match crypto::verify(token.signature, token.message.as_bytes(), key, alg.jsonwebtoken()) {
            Ok(true) => Ok(token.claims),
            _ => Err(BadToken::Signature),
        }
    }
}

/// The algorithm of a name that clients may write.
fn named(alg: &str) -> Option<Alg> {
    if alg == ED25519 { Some(Alg::EdDsa) } else { alg.parse().ok() }
}

/// The claims of a token that nobody has verified: for finding out who may have signed it, and nothing else.
pub fn unverified(token: &str) -> Option<Map<String, Value>> {
    Some(Compact::parse(token).ok()?.claims)
}

#[cfg(test)]
mod tests;
