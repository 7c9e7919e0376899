use std::process::Command;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::*;

const NOW: UnixSeconds = 1_800_000_000;

fn names(text: &str) -> Names {
    Names::parse(text).unwrap()
}

fn root(permitted: &str) -> NewCertificate {
    make_root("Latchkey test", &names(permitted), Validity::of_root(NOW)).unwrap()
}

fn leaf(root: &NewCertificate, for_names: &str) -> NewCertificate {
    let validity = Validity::of_leaf(NOW, Validity::of_root(NOW));
    issue("Latchkey test", &root.private_pkcs8, &names(for_names), validity).unwrap()
}

/// As a client that trusts the root alone sees it.
fn is_trusted(root: &NewCertificate, leaf: &NewCertificate, at: UnixSeconds) -> Result<(), webpki::Error> {
    let root = CertificateDer::from(root.certificate_der.as_slice());
    let leaf = CertificateDer::from(leaf.certificate_der.as_slice());
    let anchor = [anchor_from_trusted_cert(&root).unwrap()];
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at.try_into().unwrap()));
    let leaf = EndEntityCert::try_from(&leaf)?;
    let usage = KeyUsage::server_auth();
    leaf.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchor, &[], at, usage, None, None).map(|_| ())
}

#[test]
fn a_client_that_trusts_the_root_trusts_the_server_for_its_names() {
    let root = root("auth.home.example, 192.168.1.5, fd00::1");
    let leaf = leaf(&root, "auth.home.example, 192.168.1.5, fd00::1");
    is_trusted(&root, &leaf, NOW).unwrap();
    is_trusted(&root, &leaf, NOW - 3600 * 23).expect("clocks of a house differ");
    let der = CertificateDer::from(leaf.certificate_der.as_slice());
    let leaf = EndEntityCert::try_from(&der).unwrap();
    for name in ["auth.home.example", "192.168.1.5", "fd00::1"] {
        leaf.verify_is_valid_for_subject_name(&ServerName::try_from(name).unwrap()).unwrap();
    }
    assert!(leaf.verify_is_valid_for_subject_name(&ServerName::try_from("192.168.1.6").unwrap()).is_err());
}

/// Whoever steals the key of a root that is on people's phones can be their bank with it, unless the root forbids it.
#[test]
fn a_foreign_certificate_made_with_the_roots_key_is_not_trusted() {
    for (permitted, foreign) in [
        ("auth.home.example, 192.168.1.5", "bank.example"),
        ("auth.home.example, 192.168.1.5", "auth.home.example, bank.example"),
        ("auth.home.example, 192.168.1.5", "home.example"),
        ("auth.home.example, 192.168.1.5", "192.168.1.6"),
        ("auth.home.example, 192.168.1.5", "fd00::1"),
        ("auth.home.example", "192.168.1.5"),
        ("auth.home.example", "fd00::1"),
        ("192.168.1.5", "bank.example"),
        ("fd00::1", "192.168.1.5"),
        ("fd00::1", "bank.example"),
    ] {
        let root = root(permitted);
        let error = is_trusted(&root, &leaf(&root, foreign), NOW).unwrap_err();
        assert_eq!(error, webpki::Error::NameConstraintViolation, "{permitted}: {foreign}");
        is_trusted(&root, &leaf(&root, permitted), NOW).unwrap();
    }
}

#[test]
fn another_roots_certificate_is_not_trusted() {
    let (ours, theirs) = (root("nas"), root("nas"));
    assert!(is_trusted(&ours, &leaf(&theirs, "nas"), NOW).is_err());
}

#[test]
fn a_certificate_is_pem_that_others_read() {
    let root = root("nas");
    let text = pem(&root.certificate_der);
    assert!(text.lines().all(|l| l.len() <= 64) && text.ends_with("-----END CERTIFICATE-----\n"));
    let read = <CertificateDer<'_> as rustls::pki_types::pem::PemObject>::from_pem_slice(text.as_bytes()).unwrap();
    assert_eq!(&*read, root.certificate_der.as_slice());
}

/// A second opinion, where there is one on the machine.
#[test]
fn openssl_reads_the_root_and_keeps_to_its_limits() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("SKIPPED: openssl is not installed");
        return;
    }
    let folder = std::env::temp_dir().join(format!("latchkey-openssl-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (permitted, foreign) in
        [("auth.home.example, 192.168.1.5", "bank.example"), ("192.168.1.5", "bank.example"), ("nas", "192.168.1.5")]
    {
        let root = root(permitted);
        for (for_names, verdict) in [(permitted, true), (foreign, false)] {
            let leaf = leaf(&root, for_names);
            let (root_path, leaf_path) = (folder.join("root.pem"), folder.join("leaf.pem"));
            std::fs::write(&root_path, pem(&root.certificate_der)).unwrap();
            std::fs::write(&leaf_path, pem(&leaf.certificate_der)).unwrap();
            let verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-attime", &NOW.to_string(), "-CAfile"];
            let out = Command::new("openssl").args(verify).arg(&root_path).arg(&leaf_path).output().unwrap();
            assert_eq!(out.status.success(), verdict, "{permitted}: {for_names}: {out:?}");
            let text = Command::new("openssl").args(["x509", "-noout", "-text", "-in"]).arg(&root_path).output();
            let text = String::from_utf8(text.unwrap().stdout).unwrap();
            for part in [
                "CA:TRUE, pathlen:0",
                "Name Constraints: critical",
                "Certificate Sign, CRL Sign",
                "prime256v1",
                "TLS Web Server Authentication",
            ] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A certificate of the right name, but for everything that there is.
fn for_everything(root: &NewCertificate, root_params: CertificateParams) -> Vec<u8> {
    use ExtendedKeyUsagePurpose::{ClientAuth, CodeSigning, EmailProtection, ServerAuth};
    let root_key = PrivatePkcs8KeyDer::from(root.private_pkcs8.as_slice());
    let root_key = KeyPair::from_pkcs8_der_and_sign_algo(&root_key, &PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = named("everything", Validity::of_leaf(NOW, Validity::of_root(NOW)));
    params.subject_alt_names = vec![SanType::DnsName("nas".try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ServerAuth, ClientAuth, EmailProtection, CodeSigning];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    params.signed_by(&key, &Issuer::new(root_params, root_key)).unwrap().der().to_vec()
}

#[test]
fn openssl_takes_the_root_for_servers_alone_and_one_from_before_as_it_was() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("SKIPPED: openssl is not installed");
        return;
    }
    let folder = std::env::temp_dir().join(format!("latchkey-openssl-usage-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (root_path, leaf_path) = (folder.join("root.pem"), folder.join("leaf.pem"));
    let validity = Validity::of_root(NOW);
    let new = root("nas");
    // As roots were made at first, by the same key.
    let mut old_params = root_params("Latchkey test", validity);
    old_params.extended_key_usages.clear();
    old_params.name_constraints = Some(limits(&names("nas")));
    let key = PrivatePkcs8KeyDer::from(new.private_pkcs8.as_slice());
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256).unwrap();
    let old = old_params.self_signed(&key).unwrap().der().to_vec();
    let everything = for_everything(&new, root_params("Latchkey test", validity));
    let usual = leaf(&new, "nas").certificate_der;
    for (root, leaf, purpose, verdict) in [
        (&new.certificate_der, &everything, "sslserver", true),
        (&new.certificate_der, &everything, "sslclient", false),
        (&new.certificate_der, &everything, "smimesign", false),
        (&old, &everything, "sslclient", true),
        (&old, &usual, "sslserver", true),
    ] {
        std::fs::write(&root_path, pem(root)).unwrap();
        std::fs::write(&leaf_path, pem(leaf)).unwrap();
        let verify = ["verify", "-purpose", purpose, "-attime", &NOW.to_string(), "-CAfile"];
        let out = Command::new("openssl").args(verify).arg(&root_path).arg(&leaf_path).output().unwrap();
        assert_eq!(out.status.success(), verdict, "{purpose}: {out:?}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
