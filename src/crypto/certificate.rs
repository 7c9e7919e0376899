//! Certificates of signing keys (X.509), which clients find in `x5c`: made, read, written as PEM.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::keys::Alg;
use crate::domain::UnixSeconds;

const DAY: u64 = 24 * 60 * 60;
/// Ten years with their leap days.
const LIFETIME: Duration = Duration::from_secs(3652 * DAY);

/// What a certificate says, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub not_after: UnixSeconds,
    /// The public key (SubjectPublicKeyInfo, DER).
    pub spki: Vec<u8>,
}

/// Reads a certificate; `None` for anything else. Nothing is said of who signed it.
pub fn read(der: &[u8]) -> Option<Certificate> {
    let (rest, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    let not_after = certificate.validity().not_after.timestamp();
    rest.is_empty().then(|| Certificate { not_after, spki: certificate.public_key().raw.to_vec() })
}

/// RFC 7468 section 5.
pub fn to_pem(der: &[u8]) -> String {
    let encoded = BASE64_STANDARD.encode(der);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

/// A certificate of a key for itself, valid from a day before `now` for ten years.
pub(super) fn self_signed(
    alg: Alg,
    pkcs8: &[u8],
    common_name: &str,
    now: UnixSeconds,
) -> Result<Vec<u8>, rcgen::Error> {
    let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.into(), alg.rcgen())?;
    let mut params = rcgen::CertificateParams::default();
    // RFC 5280, ub-common-name: 64 characters.
    let name: String = common_name.chars().filter(|c| !c.is_control()).take(64).collect();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    // A clock that is wrong by centuries makes a useless certificate, not a panic: X.509 ends with the year 9999.
    let start = u64::try_from(now).unwrap_or(0).saturating_sub(DAY).min(200 * 365 * DAY);
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(start);
    params.not_after = params.not_before + LIFETIME;
    Ok(params.self_signed(&pair)?.der().to_vec())
}
