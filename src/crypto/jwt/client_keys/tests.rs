use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::crypto::keys::{Kind, NewKey, SigningKey, generate};

const TYPS: [&str; 2] = ["jwt", "client-authentication+jwt"];
const NOW: i64 = 1_790_000_000;

/// RSA keys are slow to make: all tests share one key of each kind.
static KEYS: LazyLock<Vec<NewKey>> =
    LazyLock::new(|| Alg::ALL.into_iter().map(|alg| generate(Kind::of(alg, 0), "Client", NOW).unwrap()).collect());

/// The public half of a key without the members that are named.
fn public(key: &NewKey, without: &[&str]) -> Value {
    let mut jwk = key.public_jwk.clone();
    without.iter().for_each(|name| drop(jwk.as_object_mut().unwrap().remove(*name)));
    jwk
}

fn set(keys: &[Value]) -> Result<ClientKeys, BadJwks> {
    ClientKeys::parse(&json!({ "keys": keys }).to_string())
}

fn all() -> ClientKeys {
    set(&KEYS.iter().map(|key| public(key, &[])).collect::<Vec<_>>()).unwrap()
}

fn sign(key: &NewKey, typ: &str) -> String {
    let claims = json!({ "iss": "app" });
    SigningKey::parse(&key.kid, key.alg, &key.private_pkcs8)
        .unwrap()
        .sign_jwt(typ, claims.as_object().unwrap())
        .unwrap()
}

fn by_keys(token: &str, keys: &ClientKeys) -> Result<Map<String, Value>, BadToken> {
    SignedBy { keys: Some(keys), ..SignedBy::default() }.claims(token, &TYPS)
}

/// A token with a header of the test's choice, under a secret or under none.
fn made(header: &Value, secret: Option<&[u8]>) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(&json!({ "iss": "app" })));
    let sign = |secret| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        BASE64_URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()))
    };
    format!("{message}.{}", secret.map(sign).unwrap_or_default())
}

#[test]
fn each_algorithm_is_good_under_its_key_and_no_other() {
    for key in KEYS.iter() {
        assert!(by_keys(&sign(key, "JWT"), &all()).is_ok(), "{}", key.alg);
        let others: Vec<Value> = KEYS.iter().filter(|k| k.alg != key.alg).map(|k| public(k, &[])).collect();
        assert_eq!(by_keys(&sign(key, "JWT"), &set(&others).unwrap()), Err(BadToken::UnknownKey), "{}", key.alg);
        // The same id for another key.
        let another = generate(Kind::of(key.alg, 0), "Other", NOW).unwrap();
        let mut jwk = public(&another, &[]);
        jwk["kid"] = json!(key.kid);
        assert_eq!(by_keys(&sign(key, "JWT"), &set(&[jwk]).unwrap()), Err(BadToken::Signature), "{}", key.alg);
        // OpenID Connect Core section 10.1: one key needs no id.
        assert!(by_keys(&sign(key, "JWT"), &all()).is_ok());
    }
    // Its other name (RFC 9864 section 2.2), for the key too.
    let ed25519 = KEYS.iter().find(|k| k.alg == Alg::EdDsa).unwrap();
    let mut jwk = public(ed25519, &[]);
    jwk["alg"] = json!("Ed25519");
    assert!(by_keys(&sign(ed25519, "JWT"), &set(&[jwk]).unwrap()).is_ok());
    // A key without `alg` is good for both of its kind.
    for key in KEYS.iter().filter(|k| k.public_jwk["kty"] == "RSA") {
        assert!(by_keys(&sign(key, "JWT"), &set(&[public(key, &["alg"])]).unwrap()).is_ok(), "{}", key.alg);
    }
    let rsa = KEYS.iter().find(|k| k.alg == Alg::Rs256).unwrap();
    let mut jwk = public(rsa, &[]);
    jwk["alg"] = json!("PS256");
    assert_eq!(by_keys(&sign(rsa, "JWT"), &set(&[jwk]).unwrap()), Err(BadToken::Algorithm));
}

#[test]
fn a_token_chooses_neither_its_key_nor_its_algorithm() {
    let key = KEYS.iter().find(|k| k.alg == Alg::EdDsa).unwrap();
    let keys = all();
    let public_bytes = key.public_jwk["x"].as_str().unwrap().as_bytes();
    for token in [
        made(&json!({ "alg": "none" }), None),
        made(&json!({ "alg": "HS256" }), Some(public_bytes)),
        made(&json!({ "alg": "HS256", "kid": key.kid }), Some(public_bytes)),
        made(&json!({ "alg": "None" }), None),
        made(&json!({ "alg": "ES512" }), Some(b"x")),
    ] {
        assert_eq!(by_keys(&token, &keys), Err(BadToken::Algorithm), "{token}");
    }
    for name in FOREIGN {
        let token = made(&json!({ "alg": "EdDSA", "kid": key.kid, name: "https://evil/" }), Some(b"x"));
        assert_eq!(by_keys(&token, &keys), Err(BadToken::ForeignHeader(name)));
    }
    let good = sign(key, "JWT");
    for end in 0..good.len() {
        assert!(by_keys(&good[..end], &keys).is_err(), "{end}");
    }
    assert_eq!(by_keys(&"a".repeat(20_000), &keys), Err(BadToken::TooLong));
    assert_eq!(by_keys(&sign(key, "at+jwt"), &keys), Err(BadToken::Typ));
    assert!(by_keys(&sign(key, "application/Client-Authentication+JWT"), &keys).is_ok());
}

#[test]
fn a_secret_and_no_signature_are_good_where_they_are_said_to_be() {
    let secret = SharedKey::new(&[b's'; 40]);
    let signed = made(&json!({ "alg": "HS256" }), Some(&[b's'; 40]));
    let unsigned = made(&json!({ "alg": "none" }), None);
    let by_secret = SignedBy { secret: Some(&secret), ..SignedBy::default() };
    assert!(by_secret.claims(&signed, &TYPS).is_ok());
    assert_eq!(by_secret.claims(&unsigned, &TYPS), Err(BadToken::Algorithm));
    let other = made(&json!({ "alg": "HS256" }), Some(&[b't'; 40]));
    assert_eq!(by_secret.claims(&other, &TYPS), Err(BadToken::Signature));
    let by_nothing = SignedBy { nothing: true, ..SignedBy::default() };
    assert!(by_nothing.claims(&unsigned, &TYPS).is_ok());
    assert_eq!(by_nothing.claims(&signed, &TYPS), Err(BadToken::Algorithm));
    // What is signed after all must be signed right.
    let disguised = made(&json!({ "alg": "none" }), Some(&[b's'; 40]));
    assert_eq!(by_nothing.claims(&disguised, &TYPS), Err(BadToken::Algorithm));
}

#[test]
fn a_set_is_public_small_unambiguous_and_of_use() {
    let bad = |keys: &[Value]| set(keys).err();
    let key = &KEYS[0];
    assert_eq!(bad(&[public(key, &[])]), None);
    for name in PRIVATE {
        let mut jwk = public(key, &[]);
        jwk[name] = json!("AQAB");
        assert_eq!(bad(&[public(key, &[]), jwk]), Some(BadJwks::Private), "{name}");
    }
    assert_eq!(bad(&[public(key, &[]), public(key, &[])]), Some(BadJwks::SameId));
    assert_eq!(bad(&vec![json!({ "kty": "XX" }); 21]), Some(BadJwks::TooMany));
    assert_eq!(bad(&[]), Some(BadJwks::NoneUsable));
    for (name, value) in [("use", json!("enc")), ("key_ops", json!(["encrypt"])), ("alg", json!("RS512"))] {
        let mut jwk = public(key, &[]);
        jwk[name] = value;
        assert_eq!(bad(&[jwk.clone()]), Some(BadJwks::NoneUsable), "{name}");
        // Beside one that is of use it does no harm, even under the same id.
        assert_eq!(bad(&[jwk, public(key, &[])]), None, "{name}");
    }
    let short = BASE64_URL_SAFE_NO_PAD.encode([0xff; 128]);
    assert_eq!(bad(&[json!({ "kty": "RSA", "n": short, "e": "AQAB" })]), Some(BadJwks::RsaSize));
    let long = BASE64_URL_SAFE_NO_PAD.encode([0xff; 1_025]);
    assert_eq!(bad(&[json!({ "kty": "RSA", "n": long, "e": "AQAB" })]), Some(BadJwks::RsaSize));
    assert_eq!(bad(&[json!({ "kty": "RSA" })]), Some(BadJwks::RsaSize));
    assert_eq!(bad(&[json!({ "kty": "OKP", "crv": "Ed25519" })]), Some(BadJwks::Malformed));
    assert_eq!(bad(&[json!({ "kty": "EC", "crv": "P-521", "x": "AQ", "y": "AQ" })]), Some(BadJwks::NoneUsable));
    for text in ["", "[]", "{}", "{\"keys\":{}}", "null"] {
        assert_eq!(ClientKeys::parse(text).err(), Some(BadJwks::NotASet), "{text}");
    }
    assert_eq!(ClientKeys::parse(&" ".repeat(MOST_JWKS + 1)).err(), Some(BadJwks::TooLong));
}

#[test]
fn of_several_keys_that_would_do_the_token_names_one() {
    let (one, two) = (generate(Kind::P256, "A", NOW).unwrap(), generate(Kind::P256, "B", NOW).unwrap());
    let keys = set(&[public(&one, &[]), public(&two, &[])]).unwrap();
    assert!(by_keys(&sign(&two, "JWT"), &keys).is_ok());
    let nameless = set(&[public(&one, &["kid"]), public(&two, &["kid"])]).unwrap();
    assert_eq!(by_keys(&sign(&two, "JWT"), &nameless), Err(BadToken::UnknownKey));
}
