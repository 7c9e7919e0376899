use aws_lc_rs::signature::{self, VerificationAlgorithm};
use jsonwebtoken::{EncodingKey, Validation};
use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_790_000_000; // 2026-09-21

fn decoding_key(jwk: &Value) -> DecodingKey {
    DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap()
}

/// As jsonwebtoken wants them: RSA keys in PKCS#1, the others in PKCS#8.
fn encoding_key(key: &NewKey) -> EncodingKey {
    let der = &key.private_pkcs8;
    match key.alg {
        Alg::Rs256 | Alg::Ps256 => {
            let pem =
                format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(der));
            EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
        }
        Alg::Es256 => EncodingKey::from_ec_der(der),
        Alg::EdDsa => EncodingKey::from_ed_der(der),
    }
}

/// The element at the front of `der`: its tag, what it holds, its whole encoding and what follows (X.690).
fn element(der: &[u8]) -> (u8, &[u8], &[u8], &[u8]) {
    let (start, length) = match usize::from(der[1]) {
        short @ 0..0x80 => (2, short),
        long => {
            let bytes = long & 0x7f;
            (2 + bytes, der[2..2 + bytes].iter().fold(0, |n, byte| n << 8 | usize::from(*byte)))
        }
    };
    let (whole, rest) = der.split_at(start + length);
    (der[0], &whole[start..], whole, rest)
}

/// The parts of a certificate (RFC 5280 section 4.1): what is signed, its validity and subject, SPKI, the signature.
struct Parts<'a> {
    signed: &'a [u8],
    validity: &'a [u8],
    subject: &'a [u8],
    spki: &'a [u8],
    signature: &'a [u8],
}

fn parts(certificate: &[u8]) -> Parts<'_> {
    let (_, body, _, after) = element(certificate);
    assert!(after.is_empty());
    let (_, fields, signed, rest) = element(body);
    let (_, _, _, rest) = element(rest);
    let (_, bits, _, after) = element(rest);
    assert!(after.is_empty());
    let mut rest = fields;
    let mut list = Vec::new();
    for _ in 0..7 {
        let (_, _, whole, after) = element(rest);
        list.push(whole);
        rest = after;
    }
    // version, serial, algorithm, issuer, validity, subject, SPKI
    Parts { signed, validity: list[4], subject: list[5], spki: list[6], signature: &bits[1..] }
}

fn spki(key: &NewKey) -> Vec<u8> {
    use aws_lc_rs::encoding::PublicKeyX509Der;
    fn der(key: &impl aws_lc_rs::encoding::AsDer<PublicKeyX509Der<'static>>) -> Vec<u8> {
        key.as_der().unwrap().as_ref().to_vec()
    }
    match Pair::parse(key.alg, &key.private_pkcs8).unwrap() {
        Pair::Rsa(pair) => der(pair.public_key()),
        Pair::Ecdsa(pair) => der(pair.public_key()),
        Pair::Ed25519(pair) => der(pair.public_key()),
    }
}

#[test]
fn the_thumbprint_is_that_of_the_standards() {
    // RFC 7638 section 3.1.
    let rsa = json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiF\
              V4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0\
              zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csF\
              Cur-kEgU8awapJzKnqDKgw",
    });
    let jwk: Jwk = serde_json::from_value(rsa).unwrap();
    assert_eq!(thumbprint(&jwk).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    // RFC 8037 appendix A.3.
    let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let jwk: Jwk = serde_json::from_value(ed).unwrap();
    assert_eq!(thumbprint(&jwk).unwrap(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_new_key_has_a_public_jwk_and_a_certificate_for_itself() {
    for alg in Alg::ALL {
        let key = generate(Kind::of(alg, 0), "Latchkey", NOW).unwrap();
        let jwk = key.public_jwk.as_object().unwrap();
        let mut names: Vec<_> = jwk.keys().map(String::as_str).collect();
        names.sort_unstable();
        let own: &[&str] = match alg {
            Alg::Rs256 | Alg::Ps256 => &["alg", "e", "kid", "kty", "n", "use", "x5c", "x5t#S256"],
            Alg::Es256 => &["alg", "crv", "kid", "kty", "use", "x", "x5c", "x5t#S256", "y"],
            Alg::EdDsa => &["alg", "crv", "kid", "kty", "use", "x", "x5c", "x5t#S256"],
        };
        assert_eq!(names, own, "nothing private among them");
        assert_eq!((&jwk["alg"], &jwk["use"], &jwk["kid"]), (&json!(alg.as_str()), &json!("sig"), &json!(key.kid)));
        assert_eq!(key.kid.len(), 43);

        assert_eq!(jwk["x5c"], json!([BASE64_STANDARD.encode(&key.certificate_der)]));
        assert_eq!(jwk["x5t#S256"], json!(BASE64_URL_SAFE_NO_PAD.encode(sha256(&key.certificate_der))));
        let certificate = parts(&key.certificate_der);
        assert_eq!(certificate.spki, spki(&key), "{alg}");
        assert!(certificate.subject.ends_with(b"Latchkey"));
        let validity = String::from_utf8_lossy(certificate.validity);
        assert!(validity.contains("260920") && validity.contains("360919"), "{validity}");
        let parameters: &dyn VerificationAlgorithm = match alg {
            Alg::Rs256 | Alg::Ps256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Alg::Es256 => &signature::ECDSA_P256_SHA256_ASN1,
            Alg::EdDsa => &signature::ED25519,
        };
        let public = Pair::parse(alg, &key.private_pkcs8).unwrap().public_bytes();
        parameters.verify_sig(&public, certificate.signed, certificate.signature).unwrap();
    }
}

impl Pair {
    fn public_bytes(&self) -> Vec<u8> {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Self::Ecdsa(pair) => pair.public_key().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }
}

#[test]
fn another_implementation_verifies_what_is_signed_and_signs_what_is_verified() {
    let claims = json!({"iss": "https://id.example/application/o/app/", "exp": NOW, "name": "Zoë \"Z\""});
    for alg in Alg::ALL {
        let key = generate(Kind::of(alg, 0), "Latchkey", NOW).unwrap();
        let token = SigningKey::parse(&key.kid, alg, &key.private_pkcs8).unwrap().sign_jwt("JWT", &claims).unwrap();

        let mut validation = Validation::new(alg.jsonwebtoken());
        validation.validate_exp = false;
        let data = jsonwebtoken::decode::<Value>(&token, &decoding_key(&key.public_jwk), &validation).unwrap();
        assert_eq!(data.claims, claims);
        let mut header = Header::new(alg.jsonwebtoken());
        header.kid = Some(key.kid.clone());
        assert_eq!(data.header, header);

        let theirs = jsonwebtoken::encode(&header, &claims, &encoding_key(&key)).unwrap();
        let (ours, _) = token.rsplit_once('.').unwrap();
        assert_eq!(theirs.rsplit_once('.').unwrap().0, ours, "the signed part is the same, byte for byte");
    }
}

#[test]
fn a_key_parses_as_one_of_its_own_kind_only() {
    for alg in Alg::ALL {
        let key = generate(Kind::of(alg, 0), "Latchkey", NOW).unwrap();
        for other in Alg::ALL {
            let parsed = SigningKey::parse("k", other, &key.private_pkcs8);
            let is_rsa = |alg| matches!(alg, Alg::Rs256 | Alg::Ps256);
            let fits = alg == other || is_rsa(alg) && is_rsa(other);
            assert_eq!(parsed.is_ok(), fits, "{alg} as {other}");
        }
        assert!(SigningKey::parse("k", alg, &key.private_pkcs8[..key.private_pkcs8.len() - 1]).is_err());
        assert!(SigningKey::parse("k", alg, b"").is_err());
    }
}

#[test]
fn algorithms_are_named_as_registered_and_nothing_else() {
    for alg in Alg::ALL {
        assert_eq!(alg.as_str().parse(), Ok(alg));
    }
    for name in ["none", "HS256", "rs256", "RS256 ", "PS384", ""] {
        assert!(name.parse::<Alg>().is_err(), "{name}");
    }
}

#[test]
fn odd_times_and_names_make_a_certificate_and_no_panic() {
    for (name, time) in [("", i64::MIN), ("a\0\n\u{202e}é", i64::MAX), (&*"x".repeat(500), 0)] {
        let key = generate(Kind::Ed25519, name, time).unwrap();
        assert_eq!(parts(&key.certificate_der).spki, spki(&key));
    }
}

#[test]
fn debug_tells_no_secret() {
    let key = generate(Kind::Ed25519, "Latchkey", NOW).unwrap();
    let signing = SigningKey::parse(&key.kid, key.alg, &key.private_pkcs8).unwrap();
    let kid = &key.kid;
    assert_eq!(format!("{key:?}"), format!("NewKey {{ kid: {kid:?}, alg: EdDsa, .. }}"));
    assert_eq!(format!("{signing:?}"), format!("SigningKey {{ kid: {kid:?}, alg: EdDsa, .. }}"));
}
