use proptest::prelude::*;

use super::*;
use crate::crypto::keys::{Kind, generate};

const NOW: UnixSeconds = 1_796_000_000; // 2026-11-30

/// A file that OpenSSL or OpenSSH wrote.
fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn import(text: &str) -> Result<NewKey, BadPem> {
    from_pem(text, "Latchkey", NOW)
}

/// A key without its certificate.
const GOOD: [(&str, Alg, Option<usize>); 6] = [
    ("rsa2048.pem", Alg::Rs256, Some(2048)),
    ("rsa3072.pem", Alg::Rs256, Some(3072)),
    ("rsa4096-pkcs1.pem", Alg::Rs256, Some(4096)),
    ("p256.pem", Alg::Es256, None),
    ("p256-sec1.pem", Alg::Es256, None),
    ("ed25519.pem", Alg::EdDsa, None),
];

#[test]
fn keys_of_other_programs_are_taken_over() {
    for (name, alg, bits) in GOOD {
        let key = import(&fixture(name)).unwrap_or_else(|bad| panic!("{name}: {bad:?}"));
        assert_eq!((key.alg, rsa_bits(&key.public_jwk)), (alg, bits), "{name}");
        let own = certificate::read(&key.certificate_der).unwrap();
        let pair = Pair::parse(alg, &key.private_pkcs8).unwrap();
        assert_eq!(own.spki, pair.spki().unwrap(), "{name}");
        // Ten years, from a day before.
        assert_eq!(own.not_after, NOW + 3651 * 86_400);
        let text = key.public_jwk.to_string();
        for private in ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\"", "\"k\""] {
            assert!(!text.contains(private), "{name}: {text}");
        }
        assert_eq!(import(&fixture(name)).unwrap().kid, key.kid, "a key is the same key each time");
    }
}

#[test]
fn what_we_make_ourselves_is_the_same_key_after_a_way_through_pem() {
    // A PEM text does not say which of its two algorithms an RSA key is for: it signs RS256 then.
    for alg in [Alg::Rs256, Alg::Es256, Alg::EdDsa] {
        let made = generate(Kind::of(alg, 0), "Latchkey", NOW).unwrap();
        let base64 = base64::prelude::BASE64_STANDARD.encode(&made.private_pkcs8);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----");
        let read = import(&format!("{pem}\n{}", certificate::to_pem(&made.certificate_der))).unwrap();
        assert_eq!((&read.kid, &read.public_jwk), (&made.kid, &made.public_jwk));
        assert_eq!(read.private_pkcs8, made.private_pkcs8);
    }
}

#[test]
fn a_certificate_beside_its_key_is_kept_and_of_a_chain_only_that() {
    for (key, certificate) in [("rsa2048", "rsa2048"), ("p256", "p256"), ("ed25519", "ed25519")] {
        let (key, own) = (fixture(&format!("{key}.pem")), fixture(&format!("{certificate}.crt")));
        let other = fixture(if certificate == "p256" { "rsa2048.crt" } else { "p256.crt" });
        for text in [format!("{key}{own}"), format!("{own}{key}"), format!("{other}{key}{own}")] {
            let imported = import(&text).unwrap();
            assert_eq!(certificate::to_pem(&imported.certificate_der), own);
            let encoded = base64::prelude::BASE64_STANDARD.encode(&imported.certificate_der);
            assert_eq!(imported.public_jwk["x5c"], json!([encoded]));
        }
        assert_eq!(import(&format!("{key}{other}")).unwrap_err(), BadPem::CertificateOfAnother);
        let ends = certificate::read(&import(&format!("{key}{own}")).unwrap().certificate_der).unwrap().not_after;
        assert!(from_pem(&format!("{key}{own}"), "Latchkey", ends - 1).is_ok());
        let ended = from_pem(&format!("{key}{own}"), "Latchkey", ends).unwrap_err();
        assert_eq!(ended, BadPem::CertificateEnded(ends));
    }
}

#[test]
fn every_other_text_is_refused_for_its_own_reason() {
    let p256 = fixture("p256.pem");
    let damaged = p256.replacen("MI", "!!", 1);
    let cut = p256.lines().take(2).collect::<Vec<_>>().join("\n");
    // A byte of the private number is another one.
    let sections = Sections::of(&fixture("rsa4096-pkcs1.pem")).unwrap();
    let mut other = sections.key.to_vec();
    other[600] ^= 1;
    let other = base64::prelude::BASE64_STANDARD.encode(other);
    let other = format!("-----BEGIN RSA PRIVATE KEY-----\n{other}\n-----END RSA PRIVATE KEY-----\n");
    let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (text, expected) in [
        (String::new(), BadPem::NoKey),
        ("my key".into(), BadPem::NoKey),
        (fixture("p256.crt"), BadPem::NoKey),
        (format!("{p256}{}", fixture("ed25519.pem")), BadPem::SeveralKeys),
        (format!("{p256}{p256}"), BadPem::SeveralKeys),
        (fixture("encrypted.pem"), BadPem::Encrypted),
        (fixture("encrypted-pkcs1.pem"), BadPem::Encrypted),
        (fixture("public.pem"), BadPem::Public),
        (fixture("public-pkcs1.pem"), BadPem::Public),
        (fixture("openssh.pem"), BadPem::OpenSsh),
        (damaged, BadPem::Damaged),
        (cut, BadPem::Damaged),
        (fixture("rsa1024.pem"), BadPem::RsaTooSmall),
        (fixture("rsa8192-pkcs1.pem"), BadPem::RsaTooLarge),
        (fixture("rsa-exponent.pem"), BadPem::RsaExponent),
        (fixture("rsa-pss.pem"), BadPem::Kind),
        (fixture("p384.pem"), BadPem::Curve),
        (fixture("p521-sec1.pem"), BadPem::Curve),
        (fixture("secp256k1-sec1.pem"), BadPem::Curve),
        (fixture("ed448.pem"), BadPem::Kind),
        (fixture("x25519.pem"), BadPem::Kind),
        (other, BadPem::Kind),
        (format!("{p256}{nonsense}"), BadPem::Certificate),
        (" ".repeat(MOST_PEM + 1), BadPem::TooLong),
    ] {
        let shown: String = text.lines().take(1).collect();
        let bad = import(&text).expect_err(&shown);
        assert_eq!(bad, expected, "{shown}");
        assert!(!Words::from(bad).to_string().is_empty());
    }
}

#[test]
fn text_as_it_is_pasted_is_read() {
    let text = fixture("rsa2048.pem");
    let kid = import(&text).unwrap().kid;
    let windows = text.replace('\n', "\r\n");
    let indented = text.lines().map(|l| format!("    {l} \n")).collect::<String>();
    let explained = format!("Bag Attributes\n    friendlyName: key\n{text}thank you\n");
    for pasted in [windows, indented, explained, text.trim_end().to_owned()] {
        assert_eq!(import(&pasted).unwrap().kid, kid, "{pasted}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_pasted_panics(text in ".{0,300}", label in "[A-Z ]{0,24}", body in "[A-Za-z0-9+/=\n-]{0,400}") {
        _ = import(&text);
        _ = import(&format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n{text}"));
    }

    #[test]
    fn no_changed_byte_makes_another_key_of_it(at in 0..2_000_usize, byte in any::<u8>()) {
        let name = ["p256.pem", "ed25519.pem", "p256-sec1.pem", "rsa2048.pem"][at % 4];
        let sections = Sections::of(&fixture(name)).unwrap();
        let mut der = sections.key.to_vec();
        let index = at % der.len();
        der[index] = byte;
        // What is still a key signs and verifies: nothing else is looked for.
        if let Ok((alg, pair)) = parse_key(sections.kind, &der) {
            let pkcs8 = pair.to_pkcs8().unwrap();
            let certificate = certificate::self_signed(alg, &pkcs8, "x", NOW);
            if let Ok(key) = certificate.map_err(|_| ()).and_then(|c| described(alg, &pair, pkcs8, c).map_err(|_| ())) {
                prop_assert_eq!(is_usable(&key), Ok(()));
            }
        }
    }

    #[test]
    fn no_certificate_that_is_read_panics(at in 0..2_000_usize, byte in any::<u8>(), cut in 0..2_000_usize) {
        let pem = fixture(["p256.crt", "rsa2048.crt", "ed25519.crt"][at % 3]);
        let key = fixture(["p256.pem", "rsa2048.pem", "ed25519.pem"][at % 3]);
        let mut der = import(&format!("{key}{pem}")).unwrap().certificate_der;
        let index = at % der.len();
        der[index] = byte;
        _ = certificate::read(&der);
        der.truncate(cut);
        _ = certificate::read(&der);
    }
}
