//! A client's own key and secret, and the JWTs that it signs with them; made by another implementation than ours.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::App;
use crate::clock::now;

/// The form parameters of an assertion.
pub const JWT_BEARER: (&str, &str) =
    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");

/// A private key.
pub struct Signer {
    pub alg: Algorithm,
    pub kid: Option<String>,
    key: EncodingKey,
    /// The public half.
    pub jwk: Value,
    /// The whole, as PKCS#8; empty for a secret.
    pub pem: String,
}

impl Signer {
    /// A new key.
    pub fn new(alg: Algorithm, kid: &str) -> Self {
        _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let pem = match alg {
            Algorithm::RS256 | Algorithm::PS256 => {
                pem(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key").as_der().expect("PKCS#8").as_ref())
            }
            Algorithm::ES256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
                pem(pair.to_pkcs8v1().expect("PKCS#8").as_ref())
            }
            Algorithm::EdDSA => pem(Ed25519KeyPair::generate().expect("a key").to_pkcs8v1().expect("PKCS#8").as_ref()),
            other => panic!("{other:?}"),
        };
        let key = match alg {
            Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
            _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
        };
        let key = key.expect("a private key");
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, alg).expect("its public half")).expect("JSON");
        jwk["kid"] = json!(kid);
        jwk["use"] = json!("sig");
        Self { alg, kid: Some(kid.to_owned()), key, jwk, pem }
    }

    /// The secret of a client as a key.
    pub fn secret(secret: &str) -> Self {
        _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let key = EncodingKey::from_secret(secret.as_bytes());
        Self { alg: Algorithm::HS256, kid: None, key, jwk: Value::Null, pem: String::new() }
    }

    /// A JWT with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(|_| {}, claims)
    }

    /// The same with a change to its header.
    pub fn sign_with(&self, change: impl FnOnce(&mut Header), claims: &Value) -> String {
        let mut header = Header::new(self.alg);
        header.kid.clone_from(&self.kid);
        change(&mut header);
        jsonwebtoken::encode(&header, claims, &self.key).expect("signed")
    }

    /// A JWT that authenticates a client, once.
    pub fn assertion(&self, app: &App) -> String {
        self.sign(&assertion(app))
    }
}

/// A set of public keys.
pub fn jwks(keys: &[&Signer]) -> String {
    json!({ "keys": keys.iter().map(|k| &k.jwk).collect::<Vec<_>>() }).to_string()
}

/// What an assertion says.
pub fn assertion(app: &App) -> Value {
    let jti: [u8; 16] = random();
    json!({
        "iss": app.id, "sub": app.id, "aud": app.issuer, "iat": now(), "exp": now() + 60,
        "jti": BASE64_URL_SAFE_NO_PAD.encode(jti),
    })
}

/// An object with one member set.
pub fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

/// An object without a member.
pub fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().expect("an object").remove(name);
    claims
}

/// A JWT that nobody signed.
pub fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims))
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("random bytes");
    bytes
}

fn pem(pkcs8: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(pkcs8);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|c| std::str::from_utf8(c).expect("ASCII")).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}
