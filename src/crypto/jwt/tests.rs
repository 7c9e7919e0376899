use std::sync::LazyLock;

use jsonwebtoken::{Algorithm, EncodingKey};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::crypto::keys::{Kind, NewKey, SigningKey, generate};

const NOW: i64 = 1_790_000_000;
const ISSUER: &str = "https://id.example/application/o/app/";

/// RSA keys are slow to make: all tests share one key of each kind.
static KEYS: LazyLock<Vec<NewKey>> =
    LazyLock::new(|| Alg::ALL.into_iter().map(|alg| generate(Kind::of(alg, 0), "Latchkey", NOW).unwrap()).collect());

fn ours() -> VerifyingKeys {
    VerifyingKeys::from_jwks(&KEYS.iter().map(|key| key.public_jwk.clone()).collect::<Vec<_>>()).unwrap()
}

fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "1", "aud": "someone", "exp": NOW + 60})
}

fn sign(key: &NewKey, typ: &str, claims: &Value) -> String {
    SigningKey::parse(&key.kid, key.alg, &key.private_pkcs8).unwrap().sign_jwt(typ, claims).unwrap()
}

fn check(token: &str) -> Result<Map<String, Value>, BadToken> {
    ours().verify(token, ISSUER, ExpectedTyp::Id)
}

/// A token with a header of the test's choice, signed by `key` over exactly these bytes.
fn forged(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn ed25519(key: &NewKey) -> impl FnOnce(&[u8]) -> Vec<u8> {
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(&key.private_pkcs8).unwrap();
    move |message| pair.sign(message).as_ref().to_vec()
}

#[test]
fn our_own_tokens_pass_with_every_algorithm() {
    for key in KEYS.iter() {
        assert_eq!(Value::Object(check(&sign(key, "JWT", &claims())).unwrap()), claims(), "{}", key.alg);
    }
}

#[test]
fn a_hint_is_good_long_after_it_expired() {
    assert!(check(&sign(&KEYS[1], "JWT", &json!({"iss": ISSUER, "exp": NOW - 86_400}))).is_ok());
}

#[test]
fn another_issuer_is_refused() {
    for iss in [json!("https://id.example/application/o/app"), json!([ISSUER]), json!(null), json!("")] {
        let token = sign(&KEYS[1], "JWT", &json!({"iss": iss, "exp": NOW + 60}));
        assert_eq!(check(&token), Err(BadToken::Issuer), "{iss}");
    }
}

#[test]
fn one_kind_of_token_never_passes_for_another() {
    let kinds = [ExpectedTyp::Id, ExpectedTyp::Access];
    for made in kinds {
        let token = sign(&KEYS[1], made.as_str(), &claims());
        for expected in kinds {
            let found = ours().verify(&token, ISSUER, expected);
            assert_eq!(found.is_ok(), made == expected, "{made:?} as {expected:?}");
        }
    }
}

#[test]
fn a_foreign_key_is_refused_under_its_own_kid_and_under_ours() {
    let foreign = generate(Kind::P256, "Mallory", NOW).unwrap();
    assert_eq!(check(&sign(&foreign, "JWT", &claims())), Err(BadToken::UnknownKey));
    let disguised = SigningKey::parse(&KEYS[1].kid, Alg::Es256, &foreign.private_pkcs8).unwrap();
    assert_eq!(check(&disguised.sign_jwt("JWT", &claims()).unwrap()), Err(BadToken::Signature));
}

#[test]
fn the_token_does_not_choose_the_algorithm() {
    for key in KEYS.iter() {
        let header = |alg: &str| json!({"typ": "JWT", "alg": alg, "kid": key.kid});
        // Without a signature at all.
        for alg in ["none", "None", "NONE", ""] {
            assert_eq!(check(&forged(&header(alg), &claims(), |_| Vec::new())), Err(BadToken::Malformed), "{alg}");
        }
        // The public key, in each form that is public, as the secret of an HMAC.
        let jwk = key.public_jwk.to_string();
        for secret in [jwk.as_bytes(), &key.certificate_der, key.kid.as_bytes()] {
            let mut header = Header::new(Algorithm::HS256);
            header.kid = Some(key.kid.clone());
            let token = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(secret)).unwrap();
            assert_eq!(check(&token), Err(BadToken::Algorithm));
        }
        // Another algorithm of ours, or of the same family.
        for alg in ["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"] {
            if alg != key.alg.as_str() {
                assert_eq!(check(&forged(&header(alg), &claims(), |_| vec![0; 64])), Err(BadToken::Algorithm), "{alg}");
            }
        }
    }
}

#[test]
fn a_token_that_brings_its_own_key_is_refused_although_we_signed_it() {
    let key = &KEYS[2];
    let base = json!({"typ": "JWT", "alg": "EdDSA", "kid": key.kid});
    assert!(check(&forged(&base, &claims(), ed25519(key))).is_ok(), "the passing twin");
    let certificate = &key.public_jwk["x5c"];
    for (name, value) in [
        ("jku", json!("http://127.0.0.1:9/jwks")),
        ("jwk", key.public_jwk.clone()),
        ("x5u", json!("http://127.0.0.1:9/chain.pem")),
        ("x5c", certificate.clone()),
        ("crit", json!(["b64"])),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
    ] {
        let mut header = base.clone();
        header[name] = value;
        assert_eq!(check(&forged(&header, &claims(), ed25519(key))), Err(BadToken::ForeignHeader(name)));
    }
    let mut header = base.clone();
    header.as_object_mut().unwrap().remove("kid");
    assert_eq!(check(&forged(&header, &claims(), ed25519(key))), Err(BadToken::UnknownKey));
}

#[test]
fn long_tokens_are_refused_before_they_are_read() {
    let padded = |n: usize| sign(&KEYS[2], "JWT", &json!({"iss": ISSUER, "exp": NOW + 60, "p": "x".repeat(n)}));
    assert!(check(&padded(11_000)).is_ok());
    let long = padded(12_300);
    assert!(long.len() > MAX_TOKEN);
    assert_eq!(check(&long), Err(BadToken::TooLong));
    assert_eq!(check(&".".repeat(MAX_TOKEN)), Err(BadToken::Malformed));
}

#[test]
fn every_truncation_is_refused() {
    for key in KEYS.iter() {
        let token = sign(key, "JWT", &claims());
        let keys = ours();
        for end in 0..token.len() {
            assert!(keys.verify(&token[..end], ISSUER, ExpectedTyp::Id).is_err(), "{end}");
        }
        assert!(check(&format!("{token}.")).is_err() && check(&format!(".{token}")).is_err());
        assert!(check(&format!("{token}=")).is_err() && check(&format!(" {token}")).is_err());
    }
}

#[test]
fn public_keys_that_do_not_fit_their_algorithm_are_named() {
    let with = |name: &str, value: Value| {
        let mut jwk = KEYS[1].public_jwk.clone();
        jwk[name] = value;
        VerifyingKeys::from_jwks(&[jwk]).map(drop)
    };
    assert!(with("kid", json!("another")).is_ok(), "the passing twin");
    for (name, value) in
        [("kid", json!("")), ("alg", json!("RS256")), ("alg", json!("HS256")), ("crv", json!("P-384")), ("x", json!(1))]
    {
        assert!(with(name, value.clone()).is_err(), "{name} {value}");
    }
    assert!(VerifyingKeys::from_jwks(&[json!(null)]).is_err());
}

#[test]
fn at_hash_is_that_of_the_standard() {
    // OpenID Connect Core 1.0 appendix A.3: the access token and the at_hash of its example.
    assert_eq!(half_hash(Alg::Rs256.digest(), "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(half_hash(Alg::Es256.digest(), "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(half_hash(Alg::EdDsa.digest(), "x").len(), 43);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}", parts in prop::collection::vec("[A-Za-z0-9_-]{0,60}", 0..5)) {
        prop_assert!(check(&text).is_err());
        prop_assert!(check(&parts.join(".")).is_err());
    }

    #[test]
    fn a_changed_character_is_refused(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.=-]") {
        let token = sign(&KEYS[2], "JWT", &claims());
        let at = at.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(at..=at, &to);
        prop_assert_eq!(check(&changed).is_ok(), changed == token);
    }
}
