//! Tokens by HS256: signed with the client's own secret (OpenID Connect Core section 10.1), for clients that know
//! nothing else.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::compact::Compact;
use super::{BadToken, ExpectedTyp};

/// The name of the algorithm.
pub const HS256: &str = "HS256";
/// RFC 7518 section 3.2: a key of the size of the hash or larger (bytes).
pub const LEAST_SECRET: usize = 32;

/// A client secret as a key: its bytes as they are.
pub struct SharedKey(hmac::Key);

impl SharedKey {
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// A token in compact form. Its header has no `kid`: the client has one secret.
    pub fn sign(&self, typ: ExpectedTyp, claims: &Map<String, Value>) -> String {
        let part = |value: String| BASE64_URL_SAFE_NO_PAD.encode(value);
        let header = json!({ "typ": typ.as_str(), "alg": HS256 });
        let message = format!("{}.{}", part(header.to_string()), part(Value::Object(claims.clone()).to_string()));
        let signature = BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, message.as_bytes()));
        format!("{message}.{signature}")
    }

    /// The claims of an ID token that was signed so for `issuer`. Audience and subject are the caller's to check.
    ///
    /// # Errors
    /// [`BadToken`], for the log.
    pub fn verify(&self, token: &str, issuer: &str) -> Result<Map<String, Value>, BadToken> {
        let token = Compact::parse(token)?;
        // Nothing else in the header is ever used: the caller chose key and algorithm.
        if token.header("alg") != Some(HS256) {
            return Err(BadToken::Algorithm);
        }
        if token.header("typ") != Some(ExpectedTyp::Id.as_str()) {
            return Err(BadToken::Typ);
        }
        self.check(token.message, token.signature)?;
        let claims = token.claims;
        if claims.get("iss").and_then(Value::as_str) != Some(issuer) {
            return Err(BadToken::Issuer);
        }
        Ok(claims)
    }

    /// Whether a signature in base64url is that of a message.
    pub(super) fn check(&self, message: &str, signature: &str) -> Result<(), BadToken> {
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| BadToken::Malformed)?;
        hmac::verify(&self.0, message.as_bytes(), &signature).map_err(|_| BadToken::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://id.example/application/o/app/";

    #[test]
    fn a_token_is_good_under_its_secret_and_issuer_as_it_was_signed_and_not_else() {
        let key = SharedKey::new(&[b'a'; 40]);
        let claims = json!({ "iss": ISSUER, "sub": "1" });
        let claims = claims.as_object().unwrap();
        let token = key.sign(ExpectedTyp::Id, claims);
        assert_eq!(key.verify(&token, ISSUER).as_ref(), Ok(claims));
        assert_eq!(SharedKey::new(&[b'b'; 40]).verify(&token, ISSUER), Err(BadToken::Signature));
        assert_eq!(key.verify(&token, "https://id.example/application/o/other/"), Err(BadToken::Issuer));
        assert_eq!(key.verify(&key.sign(ExpectedTyp::Userinfo, claims), ISSUER), Err(BadToken::Typ));
        for end in 0..token.len() {
            assert!(key.verify(&token[..end], ISSUER).is_err(), "{end}");
        }
        // RFC 7515 appendix A.1, with its key: another implementation's signature.
        let k = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = SharedKey::new(&BASE64_URL_SAFE_NO_PAD.decode(k).unwrap());
        let theirs = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                      Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(key.verify(theirs, "joe").is_ok());
        let none = format!("{}.{}.", BASE64_URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}"), "e30");
        assert_eq!(key.verify(&none, ISSUER), Err(BadToken::Algorithm));
    }
}
