//! By what ID tokens are signed: the algorithms of keys (RFC 7518 section 3.1, RFC 8037), and the client's own secret
//! where a provider asks for it (OpenID Connect Core section 10.1).

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::client::header;
use crate::support::oauth::{alice_and_app, params, refused_with};
use crate::support::{App, Http, Tokens};

fn jwks(http: &Http) -> Vec<Value> {
    http.get("/application/o/app/jwks/").json()["keys"].as_array().expect("keys").clone()
}

fn algs(http: &Http) -> Value {
    http.get("/application/o/app/.well-known/openid-configuration").json()["id_token_signing_alg_values_supported"]
        .clone()
}

fn decode(jwt: &str, key: &DecodingKey, alg: Algorithm, app: &App) -> Result<Value, String> {
    _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let mut validation = Validation::new(alg);
    validation.set_audience(&[&app.id]);
    validation.set_issuer(&[&app.issuer]);
    jsonwebtoken::decode::<Value>(jwt, key, &validation).map(|data| data.claims).map_err(|e| e.to_string())
}

/// Code, access token and ID token from the front.
fn hybrid(app: &App, browser: &mut Browser) -> std::collections::BTreeMap<String, String> {
    let more = [("response_type", "code id_token token"), ("nonce", "n-0S6_WzA2Mj")];
    params(browser.open(&app.authorize_url(&more)).location(), '#')
}

#[test]
fn each_algorithm_signs_with_its_own_published_key_and_hashes_by_its_own_digest() {
    let (server, app) = alice_and_app(&["--response-types", "all"]);
    for alg in ["PS256", "EdDSA"] {
        server.cli(&["key", "add", "--alg", alg]).ok();
    }
    let http = server.http();
    let mut browser = Browser::signed_in(&server, "alice");
    for (name, alg) in [
        ("RS256", Algorithm::RS256),
        ("PS256", Algorithm::PS256),
        ("ES256", Algorithm::ES256),
        ("EdDSA", Algorithm::EdDSA),
    ] {
        server.cli(&["app", "set", "app", "--signing-key", name]).ok();
        // OpenID Connect Discovery section 3: RS256 must be among them.
        let expected = if name == "RS256" { json!(["RS256"]) } else { json!(["RS256", name]) };
        assert_eq!(algs(&http), expected);
        let keys = jwks(&http);
        let told = hybrid(&app, &mut browser);
        for (token, typ) in [(&told["id_token"], "JWT"), (&told["access_token"], "at+jwt")] {
            let head = header(token);
            assert_eq!((&head["alg"], &head["typ"]), (&json!(name), &json!(typ)));
            // RFC 7517 section 4: one key has this id, for this algorithm, and nothing of it is private.
            let found: Vec<_> = keys.iter().filter(|k| k["kid"] == head["kid"]).collect();
            let [key] = found[..] else { panic!("{found:?}") };
            assert_eq!((&key["alg"], &key["use"]), (&json!(name), &json!("sig")));
            assert!(["d", "p", "q", "dp", "dq", "qi", "k"].iter().all(|private| key.get(private).is_none()), "{key}");
            if typ == "JWT" {
                let jwk = serde_json::from_value(key.clone()).expect("a JWK");
                let claims = decode(token, &DecodingKey::from_jwk(&jwk).expect("a key"), alg, &app).expect("verified");
                // OpenID Connect Core section 3.3.2.11: the hash algorithm of the ID token's alg.
                let half = |text: &str| {
                    let hash = digest(if name == "EdDSA" { &SHA512 } else { &SHA256 }, text.as_bytes());
                    BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
                };
                assert_eq!(claims["at_hash"], half(&told["access_token"]).as_str(), "{name}");
                assert_eq!(claims["c_hash"], half(&told["code"]).as_str(), "{name}");
            }
        }
        let back = app.authorize_url(&[("prompt", "none"), ("id_token_hint", &told["id_token"])]);
        assert!(browser.get(&back).location_param("code").is_some(), "{name}: good as a hint");
    }
    let kids: std::collections::BTreeSet<_> = jwks(&http).iter().map(|k| k["kid"].to_string()).collect();
    assert_eq!(kids.len(), jwks(&http).len(), "unique");
}

#[test]
fn hs256_signs_id_tokens_with_the_client_secret_where_a_provider_asks_for_it() {
    let (server, app) = alice_and_app(&["--response-types", "all", "--signing-key", "HS256"]);
    let http = server.http();
    assert_eq!(algs(&http), json!(["RS256", "HS256"]));
    let mut browser = Browser::signed_in(&server, "alice");
    let told = hybrid(&app, &mut browser);
    let redeemed = Tokens::of(&app.redeem(&http, &told["code"], &[]));
    let secret = DecodingKey::from_secret(app.secret.as_bytes());
    for token in [&told["id_token"], redeemed.id.as_ref().expect("an ID token")] {
        assert_eq!(header(token), json!({ "typ": "JWT", "alg": "HS256" }));
        let claims = decode(token, &secret, Algorithm::HS256, &app).expect("verified");
        assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
        let another = DecodingKey::from_secret(b"another secret that nobody here has");
        assert!(decode(token, &another, Algorithm::HS256, &app).is_err());
        let back = browser.get(&app.authorize_url(&[("prompt", "none"), ("id_token_hint", token)]));
        assert!(back.location_param("code").is_some(), "good as a hint");
    }
    // The access token is for us, and we have keys: nobody who knows the secret makes one.
    assert_eq!(header(&told["access_token"])["alg"], "RS256");
    assert_eq!(app.userinfo(&http, &told["access_token"]).status, 200);
    assert_eq!(app.userinfo(&http, &told["id_token"]).status, 401);
    assert!(jwks(&http).iter().all(|k| k["kty"] != "oct"), "the secret is not published");
    // A secret that was replaced vouches for nothing any more.
    server.cli(&["app", "new-secret", "app"]).ok();
    let again = browser.get(&app.authorize_url(&[("prompt", "none"), ("id_token_hint", &told["id_token"])]));
    assert_eq!(refused_with(&again, &app), "invalid_request");
}

#[test]
fn userinfo_is_plain_or_signed_as_the_provider_is_set_and_never_passes_for_an_id_token() {
    // OpenID Connect Core section 5.3.2.
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let mut browser = Browser::signed_in(&server, "alice");
    let found = || http.get("/application/o/app/.well-known/openid-configuration").json();
    let tokens = app.tokens(&mut browser, "openid email");
    let plain = app.userinfo(&http, &tokens.access).expect(200);
    assert_eq!(plain.header("Content-Type"), Some("application/json"));
    assert!(found().get("userinfo_signing_alg_values_supported").is_none());
    for alg in ["ES256", "HS256"] {
        server.cli(&["app", "set", "app", "--sign-userinfo", "on", "--signing-key", alg]).ok();
        assert_eq!(found()["userinfo_signing_alg_values_supported"], json!([alg]));
        let answer = app.userinfo(&http, &tokens.access).expect(200);
        assert_eq!(answer.header("Content-Type"), Some("application/jwt"));
        assert_eq!(answer.header("Cache-Control"), plain.header("Cache-Control"));
        let head = header(&answer.body);
        assert_eq!((&head["alg"], &head["typ"]), (&json!(alg), &json!("userinfo+jwt")));
        let (key, alg) = match alg {
            "HS256" => (DecodingKey::from_secret(app.secret.as_bytes()), Algorithm::HS256),
            _ => {
                let jwk = jwks(&http).into_iter().find(|k| k["kid"] == head["kid"]).expect("its key");
                let jwk = serde_json::from_value(jwk).expect("a JWK");
                (DecodingKey::from_jwk(&jwk).expect("a key"), Algorithm::ES256)
            }
        };
        _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(alg);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        validation.set_audience(&[&app.id]);
        validation.set_issuer(&[&app.issuer]);
        let mut told = jsonwebtoken::decode::<Value>(&answer.body, &key, &validation).expect("verified").claims;
        for own in ["iss", "aud"] {
            assert!(told.as_object_mut().expect("an object").remove(own).is_some(), "{own}");
        }
        assert_eq!(told, plain.json(), "else the same");
        let hint = app.authorize_url(&[("prompt", "none"), ("id_token_hint", &answer.body)]);
        assert_eq!(refused_with(&browser.get(&hint), &app), "invalid_request");
    }
}

#[test]
fn hs256_is_nobody_s_by_default_nor_a_public_client_s_nor_with_a_short_secret() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    // Signed with the secret, or with the public key as one: no hint of a client that did not ask for it.
    let good = app.tokens(&mut browser, "openid").id.expect("an ID token");
    assert_eq!(header(&good)["alg"], "RS256");
    let payload = good.split('.').nth(1).expect("claims");
    let forged = |key: &[u8]| {
        let message = format!("{}.{payload}", BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS256"}"#));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
        let signature = aws_lc_rs::hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    };
    let mut hint = |hint: &str| browser.get(&app.authorize_url(&[("prompt", "none"), ("id_token_hint", hint)]));
    assert_eq!(refused_with(&hint(&forged(app.secret.as_bytes())), &app), "invalid_request");
    assert!(hint(&good).location_param("code").is_some(), "the twin");
    server.cli(&["app", "set", "app", "--signing-key", "HS256"]).ok();
    assert!(hint(&forged(app.secret.as_bytes())).location_param("code").is_some(), "and the other way round");
    assert_eq!(refused_with(&hint(&forged(b"0123456789abcdef0123456789abcdef")), &app), "invalid_request");
    // Refused where it cannot be safe.
    let create = |name: &str, more: &[&str], secret: &str| {
        let base = ["app", "create", name, "--redirect-uri", "https://app.company/cb", "--signing-key", "HS256"];
        let stdin: &[&str] = if secret.is_empty() { &[] } else { &["--client-secret-stdin"] };
        server.cli_with_input(&[&base[..], more, stdin].concat(), secret)
    };
    assert!(create("Native", &["--public"], "").stderr.contains("public client has no secret"));
    assert!(create("Short", &[], "only-twenty-letters-\n").stderr.contains("32"));
    create("Long", &[], "thirty-two-characters-and-more-of-it\n").ok();
    server.app("Weak", &["--redirect-uri", "https://weak.company/cb"]);
    server.cli_with_input(&["app", "set", "weak", "--client-secret-stdin"], "only-twenty-letters-\n").ok();
    let refused = server.cli(&["app", "set", "weak", "--signing-key", "HS256"]);
    assert!(refused.code != 0 && refused.stderr.contains("32"), "{refused:?}");
    let refused = server.cli(&["app", "set", "weak", "--signing-key", " HS256"]);
    assert!(refused.code != 0 && refused.stderr.contains("32"), "{refused:?}");
}
