//! Signing keys: how one is made or taken over (with its public JWK and its certificate) and how it signs.
//! Which key signs, and when it retires, is decided elsewhere.

mod import;
mod kind;

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Serialize;
use zeroize::Zeroizing;

use super::certificate;
use super::digest::sha256;
use super::jwt::install_backend;
use crate::domain::UnixSeconds;

pub use import::{MOST_PEM, from_pem};
pub use kind::{Kind, rsa_bits};

/// A signature algorithm of JSON Web Tokens (RFC 7518 section 3.1, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the one that every OpenID Connect client knows.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PSS with SHA-256. It has keys of its own: clients go by the one `alg` that a published key names.
    Ps256,
}

/// The name of an algorithm that is not supported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a signature algorithm that is supported here; use RS256, PS256, ES256 or EdDSA")]
pub struct UnknownAlg(pub String);

/// Why a key cannot be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("a new {0} key could not be made")]
    Generate(&'static str),
    #[error("the private key {kid} is not a PKCS#8 key for {alg} ({why})")]
    Parse { kid: String, alg: &'static str, why: String },
    #[error("the public key {kid} is not usable: {why}")]
    Public { kid: String, why: String },
    #[error("the certificate of a new key could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("the claims are not JSON: {0}")]
    Claims(#[from] serde_json::Error),
    #[error("the key {0} did not sign")]
    Sign(String),
}

/// A key fresh from [`generate`] or [`from_pem`], for the caller to seal and store.
pub struct NewKey {
    /// SHA-256 thumbprint of the public key in base64url (RFC 7638).
    pub kid: String,
    pub alg: Alg,
    /// PKCS#8 version 1, DER.
    pub private_pkcs8: Zeroizing<Vec<u8>>,
    /// What the JWKS publishes: kty, kid, use, alg, the key itself, x5c and `x5t#S256`.
    pub public_jwk: serde_json::Value,
    /// X.509, DER: self-signed, or what came with the key.
    pub certificate_der: Vec<u8>,
}

/// A private key, parsed once: parsing one of RSA takes twice as long as signing with it.
pub struct SigningKey {
    kid: String,
    alg: Alg,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Makes a key and a certificate for it, valid from a day before `now` for ten years. RSA takes a tenth of a second and,
/// with 4096 bit on a small machine, many seconds: never in a transaction.
///
/// # Errors
/// The backend or the certificate failed; neither is expected.
pub fn generate(kind: Kind, common_name: &str, now: UnixSeconds) -> Result<NewKey, KeyError> {
    let alg = kind.alg();
    let private_pkcs8 = kind.generate_pkcs8().map_err(|_| KeyError::Generate(alg.as_str()))?;
    let pair = Pair::parse(alg, &private_pkcs8).map_err(|_| KeyError::Generate(alg.as_str()))?;
    let certificate_der = certificate::self_signed(alg, &private_pkcs8, common_name, now)?;
    described(alg, &pair, private_pkcs8, certificate_der)
}

/// The key with its id and its public half.
fn described(
    alg: Alg,
    pair: &Pair,
    private_pkcs8: Zeroizing<Vec<u8>>,
    certificate_der: Vec<u8>,
) -> Result<NewKey, KeyError> {
    let mut jwk = pair.public_jwk(alg).map_err(|_| KeyError::Generate(alg.as_str()))?;
    let kid = thumbprint(&jwk).map_err(|_| KeyError::Generate(alg.as_str()))?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    jwk.common.x509_chain = Some(vec![BASE64_STANDARD.encode(&certificate_der)]);
    jwk.common.x509_sha256_fingerprint = Some(BASE64_URL_SAFE_NO_PAD.encode(sha256(&certificate_der)));
    Ok(NewKey { kid, alg, private_pkcs8, public_jwk: serde_json::to_value(jwk)?, certificate_der })
}

impl SigningKey {
    /// Parses what [`generate`] made.
    ///
    /// # Errors
    /// It is not PKCS#8, or a key of another kind than `alg` needs.
    pub fn parse(kid: &str, alg: Alg, private_pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = Pair::parse(alg, private_pkcs8).map_err(|rejected| KeyError::Parse {
            kid: kid.to_owned(),
            alg: alg.as_str(),
            why: rejected.to_string(),
        })?;
        Ok(Self { kid: kid.to_owned(), alg, pair })
    }

    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// A JWT in compact form (RFC 7515 section 3.1) with the header `{typ, alg, kid}`.
    ///
    /// # Errors
    /// `claims` do not serialise, or the backend did not sign; neither is expected.
    pub fn sign_jwt(&self, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        let mut header = Header::new(self.alg.jsonwebtoken());
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid.clone());
        let mut token = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
        // jsonwebtoken would sign too, but parse the key each time.
        let signature = self.pair.sign(self.alg, token.as_bytes()).map_err(|_| KeyError::Sign(self.kid.clone()))?;
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

impl Alg {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Es256, Self::EdDsa, Self::Ps256];

    /// The registered name, as in a token's header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Ps256 => "PS256",
        }
    }

    /// The digest by which it binds other values (`at_hash`, `c_hash`): the one inside it, for Ed25519 too.
    pub fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Rs256 | Self::Es256 | Self::Ps256 => &digest::SHA256,
            Self::EdDsa => &digest::SHA512,
        }
    }

    pub(super) fn jsonwebtoken(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
            Self::Ps256 => Algorithm::PS256,
        }
    }

    pub(super) fn rcgen(self) -> &'static rcgen::SignatureAlgorithm {
        match self {
            Self::Rs256 | Self::Ps256 => &rcgen::PKCS_RSA_SHA256,
            Self::Es256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Self::EdDsa => &rcgen::PKCS_ED25519,
        }
    }
}

impl FromStr for Alg {
    type Err = UnknownAlg;

    fn from_str(name: &str) -> Result<Self, UnknownAlg> {
        Self::ALL.into_iter().find(|alg| alg.as_str() == name).ok_or_else(|| UnknownAlg(name.to_owned()))
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Pair {
    fn parse(alg: Alg, pkcs8: &[u8]) -> Result<Self, aws_lc_rs::error::KeyRejected> {
        Ok(match alg {
            Alg::Rs256 | Alg::Ps256 => Self::Rsa(RsaKeyPair::from_pkcs8(pkcs8)?),
            Alg::Es256 => Self::Ecdsa(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)?),
            Alg::EdDsa => Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8)?),
        })
    }

    /// PKCS#8 version 1, whatever form the key came in.
    fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, aws_lc_rs::error::Unspecified> {
        Ok(Zeroizing::new(match self {
            Self::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der()?;
                der.as_ref().to_vec()
            }
            Self::Ecdsa(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
            Self::Ed25519(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
        }))
    }

    /// The public key as certificates hold it (SubjectPublicKeyInfo, DER).
    fn spki(&self) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Rsa(pair) => pair.public_key().as_der()?,
            Self::Ecdsa(pair) => pair.public_key().as_der()?,
            Self::Ed25519(pair) => pair.public_key().as_der()?,
        };
        Ok(der.as_ref().to_vec())
    }

    fn sign(&self, alg: Alg, message: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let padding = if alg == Alg::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(padding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ecdsa(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Self::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }

    fn public_jwk(&self, alg: Alg) -> jsonwebtoken::errors::Result<Jwk> {
        install_backend();
        let public = match self {
            Self::Rsa(pair) => DecodingKey::from_rsa_der(pair.public_key().as_ref()),
            Self::Ecdsa(pair) => DecodingKey::from_ec_der(pair.public_key().as_ref()),
            Self::Ed25519(pair) => DecodingKey::from_ed_der(pair.public_key().as_ref()),
        };
        Jwk::from_decoding_key(&public, Some(alg.jsonwebtoken()))
    }
}

/// RFC 7638 with SHA-256, in base64url.
fn thumbprint(jwk: &Jwk) -> jsonwebtoken::errors::Result<String> {
    install_backend();
    jwk.thumbprint(ThumbprintHash::SHA256)
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("kid", &self.kid).field("alg", &self.alg).finish_non_exhaustive()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).field("alg", &self.alg).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
