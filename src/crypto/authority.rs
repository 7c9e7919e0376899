//! The own certificate authority: makes a root, limited to the names of the house, and certificates below it.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use zeroize::Zeroizing;

use crate::domain::UnixSeconds;
use crate::domain::tls::{Names, Validity};

/// What is written as the name of a server: no client looks at it, and none may take it for a host's.
const LEAF_NAME: &str = "Latchkey server";

/// A certificate and its private key, for the caller to seal and store.
pub struct NewCertificate {
    pub certificate_der: Vec<u8>,
    pub private_pkcs8: Zeroizing<Vec<u8>>,
}

/// A certificate could not be made. Not expected: what goes into it was checked before.
#[derive(Debug, thiserror::Error)]
#[error("a certificate could not be made: {0}")]
pub struct AuthorityError(#[from] rcgen::Error);

/// Makes a root that can vouch for servers of these names and those below them, and for nothing else in the world, no
/// person, program or mail among it: people put it on their phones.
pub fn make_root(name: &str, permitted: &Names, validity: Validity) -> Result<NewCertificate, AuthorityError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = root_params(name, validity);
    params.name_constraints = Some(limits(permitted));
    new_certificate(params.self_signed(&key)?.der().to_vec(), &key)
}

/// Makes a server's certificate under a root.
pub fn issue(
    root_name: &str,
    root_pkcs8: &[u8],
    names: &Names,
    validity: Validity,
) -> Result<NewCertificate, AuthorityError> {
    let root_key = PrivatePkcs8KeyDer::from(root_pkcs8);
    let root_key = KeyPair::from_pkcs8_der_and_sign_algo(&root_key, &PKCS_ECDSA_P256_SHA256)?;
    // Of the root's own times nothing is written below it.
    let issuer = Issuer::new(root_params(root_name, validity), root_key);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let hosts = names.hosts().map(|h| Ok(SanType::DnsName(h.try_into()?))).collect::<Result<Vec<_>, rcgen::Error>>()?;
    let mut params = named(LEAF_NAME, validity);
    params.subject_alt_names = hosts.into_iter().chain(names.addresses().map(SanType::IpAddress)).collect();
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    new_certificate(params.signed_by(&key, &issuer)?.der().to_vec(), &key)
}

fn root_params(name: &str, validity: Validity) -> CertificateParams {
    let mut params = named(name, validity);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Clients that look at this in a root hold what is below it to it; the others go by the names alone.
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn named(name: &str, validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + seconds(validity.not_before);
    params.not_after = epoch + seconds(validity.not_after);
    params
}

fn seconds(at: UnixSeconds) -> Duration {
    Duration::from_secs(u64::try_from(at).unwrap_or(0))
}

/// Names that are permitted, and nothing else of their kinds. Where no name of a kind is permitted, everything of that
/// kind is excluded: RFC 5280 section 4.2.1.10 leaves a kind free of which nothing is said.
fn limits(permitted: &Names) -> NameConstraints {
    let hosts = permitted.hosts().map(|h| GeneralSubtree::DnsName(h.to_owned()));
    let addresses = permitted.addresses().map(|a| GeneralSubtree::IpAddress(only(a)));
    let mut excluded = Vec::new();
    if permitted.hosts().next().is_none() {
        excluded.push(GeneralSubtree::DnsName(String::new()));
    }
    if permitted.addresses().next().is_none() {
        excluded.push(GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])));
        excluded.push(GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])));
    }
    NameConstraints { permitted_subtrees: hosts.chain(addresses).collect(), excluded_subtrees: excluded }
}

fn only(address: std::net::IpAddr) -> CidrSubnet {
    match address {
        std::net::IpAddr::V4(a) => CidrSubnet::V4(a.octets(), [255; 4]),
        std::net::IpAddr::V6(a) => CidrSubnet::V6(a.octets(), [255; 16]),
    }
}

fn new_certificate(certificate_der: Vec<u8>, key: &KeyPair) -> Result<NewCertificate, AuthorityError> {
    Ok(NewCertificate { certificate_der, private_pkcs8: Zeroizing::new(key.serialize_der()) })
}

/// DER as text, in lines of 64 characters (RFC 7468).
pub fn pem(certificate_der: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine};
    let text = BASE64_STANDARD.encode(certificate_der);
    let mut out = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in text.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str("-----END CERTIFICATE-----\n");
    out
}

#[cfg(test)]
#[path = "authority_tests.rs"]
mod tests;
