//! Keys from elsewhere: a private key in PEM (RFC 7468), with its certificate or without.

use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rustls_pki_types::pem::{PemObject, SectionKind};
use serde_json::json;
use zeroize::Zeroizing;

use super::{Alg, NewKey, Pair, SigningKey, described, rsa_bits};
use crate::clock::rfc3339;
use crate::crypto::certificate;
use crate::crypto::jwt::{ExpectedTyp, VerifyingKeys};
use crate::domain::UnixSeconds;
use crate::words::Words;

/// Bytes of a text with a key: an RSA key of 4096 bit and a whole chain of certificates have half of it.
pub const MOST_PEM: usize = 16 * 1024;
/// With 3, forged signatures have passed in careless clients; strict ones refuse whatever is smaller (FIPS 186-5).
const LEAST_EXPONENT: u64 = 65_537;
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// Why a text is not taken as a key. Says nothing of what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadPem {
    TooLong,
    /// No private key is in it.
    NoKey,
    SeveralKeys,
    Encrypted,
    /// The public half alone.
    Public,
    OpenSsh,
    /// Not base64, or cut off.
    Damaged,
    RsaTooSmall,
    RsaTooLarge,
    RsaExponent,
    /// An elliptic curve other than P-256.
    Curve,
    /// None of the algorithms.
    Kind,
    /// The private and the public half do not belong together.
    Inconsistent,
    Certificate,
    CertificateOfAnother,
    CertificateEnded(UnixSeconds),
}

impl From<BadPem> for Words {
    fn from(bad: BadPem) -> Self {
        let key = match bad {
            BadPem::TooLong => "bad-pem-too-long",
            BadPem::NoKey => "bad-pem-no-key",
            BadPem::SeveralKeys => "bad-pem-several-keys",
            BadPem::Encrypted => "bad-pem-encrypted",
            BadPem::Public => "bad-pem-public",
            BadPem::OpenSsh => "bad-pem-openssh",
            BadPem::Damaged => "bad-pem-damaged",
            BadPem::RsaTooSmall => "bad-pem-rsa-too-small",
            BadPem::RsaTooLarge => "bad-pem-rsa-too-large",
            BadPem::RsaExponent => "bad-pem-rsa-exponent",
            BadPem::Curve => "bad-pem-curve",
            BadPem::Kind => "bad-pem-kind",
            BadPem::Inconsistent => "bad-pem-inconsistent",
            BadPem::Certificate => "bad-pem-certificate",
            BadPem::CertificateOfAnother => "bad-pem-certificate-of-another",
            BadPem::CertificateEnded(at) => return Self::new("bad-pem-certificate-ended").with("at", rfc3339(at)),
        };
        Self::new(key)
    }
}

/// Reads a private key in PKCS#8, PKCS#1 or SEC 1, and the certificate beside it; without one, one is made.
///
/// # Errors
/// [`BadPem`], in words that say what was expected.
pub fn from_pem(text: &str, common_name: &str, now: UnixSeconds) -> Result<NewKey, BadPem> {
    if text.len() > MOST_PEM {
        return Err(BadPem::TooLong);
    }
    let found = Sections::of(text)?;
    let (alg, pair) = parse_key(found.kind, &found.key)?;
    let private_pkcs8 = pair.to_pkcs8().map_err(|_| BadPem::Kind)?;
    let certificate = match own_certificate(&found.certificates, &pair, now)? {
        Some(der) => der,
        None => certificate::self_signed(alg, &private_pkcs8, common_name, now).map_err(|_| BadPem::Inconsistent)?,
    };
    let key = described(alg, &pair, private_pkcs8, certificate).map_err(|_| BadPem::Inconsistent)?;
    is_usable(&key)?;
    Ok(key)
}

/// What stands between the lines of a PEM text.
struct Sections {
    kind: SectionKind,
    key: Zeroizing<Vec<u8>>,
    certificates: Vec<Vec<u8>>,
}

impl Sections {
    fn of(text: &str) -> Result<Self, BadPem> {
        // Pasted text may be indented.
        let mut lines = Zeroizing::new(String::with_capacity(text.len() + 1));
        for line in text.lines() {
            lines.push_str(line.trim());
            lines.push('\n');
        }
        recognise(&lines)?;
        let (mut keys, mut certificates) = (Vec::new(), Vec::new());
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(lines.as_bytes()) {
            match section.map_err(|_| BadPem::Damaged)? {
                (SectionKind::Certificate, der) => certificates.push(der),
                (kind @ (SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey), der) => {
                    keys.push((kind, Zeroizing::new(der)));
                }
                _ => {}
            }
        }
        match (keys.pop(), keys.is_empty()) {
            (Some((kind, key)), true) => Ok(Self { kind, key, certificates }),
            (Some(_), false) => Err(BadPem::SeveralKeys),
            (None, _) => Err(BadPem::NoKey),
        }
    }
}

/// Names what people take for a private key in the open.
fn recognise(lines: &str) -> Result<(), BadPem> {
    let labels = || lines.lines().filter_map(|l| l.strip_prefix("-----BEGIN ")?.strip_suffix("-----"));
    // RFC 1421 section 4.6.1.1, which OpenSSL writes for older forms.
    let is_encrypted = lines.lines().any(|l| l.starts_with("Proc-Type:") && l.contains("ENCRYPTED"));
    if is_encrypted || labels().any(|l| l.starts_with("ENCRYPTED ")) {
        return Err(BadPem::Encrypted);
    }
    if labels().any(|l| l == "OPENSSH PRIVATE KEY") {
        return Err(BadPem::OpenSsh);
    }
    if !labels().any(|l| l.ends_with("PRIVATE KEY")) && labels().any(|l| l.ends_with("PUBLIC KEY")) {
        return Err(BadPem::Public);
    }
    Ok(())
}

fn parse_key(kind: SectionKind, der: &[u8]) -> Result<(Alg, Pair), BadPem> {
    let rsa = match kind {
        SectionKind::RsaPrivateKey => RsaKeyPair::from_der(der),
        _ => RsaKeyPair::from_pkcs8(der),
    };
    match rsa {
        Ok(pair) => return rsa_in_bounds(pair),
        Err(error) if is_size(&error, "TooSmall") => return Err(BadPem::RsaTooSmall),
        Err(error) if is_size(&error, "TooLarge") => return Err(BadPem::RsaTooLarge),
        Err(_) if kind == SectionKind::RsaPrivateKey => return Err(BadPem::Kind),
        Err(_) => {}
    }
    let ec = |curve: &'static EcdsaSigningAlgorithm| EcdsaKeyPair::from_private_key_der(curve, der);
    if let Ok(pair) = ec(&ECDSA_P256_SHA256_FIXED_SIGNING) {
        return Ok((Alg::Es256, Pair::Ecdsa(pair)));
    }
    let others =
        [&ECDSA_P384_SHA384_FIXED_SIGNING, &ECDSA_P521_SHA512_FIXED_SIGNING, &ECDSA_P256K1_SHA256_FIXED_SIGNING];
    if others.into_iter().any(|curve| ec(curve).is_ok()) {
        return Err(BadPem::Curve);
    }
    match Ed25519KeyPair::from_pkcs8(der) {
        Ok(pair) => Ok((Alg::EdDsa, Pair::Ed25519(pair))),
        Err(_) => Err(BadPem::Kind),
    }
}

fn is_size(error: &KeyRejected, what: &str) -> bool {
    error.to_string() == what
}

fn rsa_in_bounds(pair: RsaKeyPair) -> Result<(Alg, Pair), BadPem> {
    let pair = Pair::Rsa(pair);
    let jwk = pair.public_jwk(Alg::Rs256).map_err(|_| BadPem::Kind)?;
    let jwk = serde_json::to_value(jwk).map_err(|_| BadPem::Kind)?;
    let bits = rsa_bits(&jwk).unwrap_or_default();
    if bits > *RSA_BITS.end() {
        return Err(BadPem::RsaTooLarge);
    }
    if bits < *RSA_BITS.start() {
        return Err(BadPem::RsaTooSmall);
    }
    let exponent = BASE64_URL_SAFE_NO_PAD.decode(jwk["e"].as_str().unwrap_or_default()).unwrap_or_default();
    // More than eight bytes are larger than any bound.
    let is_small = exponent.len() <= 8 && exponent.iter().fold(0, |n, b| n << 8 | u64::from(*b)) < LEAST_EXPONENT;
    if is_small { Err(BadPem::RsaExponent) } else { Ok((Alg::Rs256, pair)) }
}

/// The key's own among the certificates. What else there is of a chain is left out.
fn own_certificate(all: &[Vec<u8>], pair: &Pair, now: UnixSeconds) -> Result<Option<Vec<u8>>, BadPem> {
    let spki = pair.spki().map_err(|_| BadPem::Kind)?;
    for der in all {
        let read = certificate::read(der).ok_or(BadPem::Certificate)?;
        if read.spki == spki {
            return if read.not_after <= now {
                Err(BadPem::CertificateEnded(read.not_after))
            } else {
                Ok(Some(der.clone()))
            };
        }
    }
    if all.is_empty() { Ok(None) } else { Err(BadPem::CertificateOfAnother) }
}

/// Whether what it signs can be verified with what is published of it.
fn is_usable(key: &NewKey) -> Result<(), BadPem> {
    const ISSUER: &str = "urn:latchkey:import";
    let typ = ExpectedTyp::Id;
    let signed = SigningKey::parse(&key.kid, key.alg, &key.private_pkcs8)
        .and_then(|signing| signing.sign_jwt(typ.as_str(), &json!({ "iss": ISSUER })))
        .map_err(|_| BadPem::Inconsistent)?;
    let keys = VerifyingKeys::from_jwks(std::slice::from_ref(&key.public_jwk)).map_err(|_| BadPem::Inconsistent)?;
    keys.verify(&signed, ISSUER, typ).map(|_| ()).map_err(|_| BadPem::Inconsistent)
}

#[cfg(test)]
mod tests;
