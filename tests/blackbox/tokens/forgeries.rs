//! Tokens that are not what they say: at userinfo, at introspection, and as hints, where signatures are verified.

use std::net::TcpListener;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::{Value, json};

use crate::support::browser::{Browser, url};
use crate::support::client::{USERINFO, claims, header};
use crate::support::oauth::{alice_and_app, oauth_error, refused_with};
use crate::support::{App, Server};

fn encode(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn with_signature(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Our published RSA key in the shapes that a careless verifier would take for an HMAC secret.
fn public_key_shapes(server: &Server, app: &App, kid: &str) -> Vec<Vec<u8>> {
    let jwks = server.http().get(&format!("/application/o/{}/jwks/", app.slug)).json();
    let key = jwks["keys"].as_array().and_then(|k| k.iter().find(|k| k["kid"] == kid)).expect("the key").clone();
    let modulus = BASE64_URL_SAFE_NO_PAD.decode(key["n"].as_str().expect("n")).expect("base64url");
    let certificate = key["x5c"][0].as_str().expect("x5c").to_owned();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    let der = BASE64_STANDARD.decode(&certificate).expect("base64");
    vec![modulus, key.to_string().into_bytes(), pem.into_bytes(), der, key["n"].to_string().into_bytes(), Vec::new()]
}

/// Every forgery of a token with these claims, starting from a genuine one; `listener` is where `jku` points.
fn forgeries(server: &Server, app: &App, genuine: &str, listener: &TcpListener) -> Vec<String> {
    let (head, body) = (header(genuine), claims(genuine));
    let parts: Vec<&str> = genuine.split('.').collect();
    let mut later = body.clone();
    later["exp"] = json!(9_999_999_999_u64);
    let with = |more: Value| {
        let mut head = head.clone();
        head.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        head
    };
    let random = SystemRandom::new();
    let attacker = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let sign = |message: &[u8]| attacker.sign(&random, message).expect("a signature").as_ref().to_vec();
    let point = attacker.public_key().as_ref();
    let own_jwk = json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": head["kid"],
        "x": BASE64_URL_SAFE_NO_PAD.encode(&point[1..33]), "y": BASE64_URL_SAFE_NO_PAD.encode(&point[33..]),
    });
    let jku = format!("http://{}/jwks", listener.local_addr().expect("an address"));
    let nothing = |_: &[u8]| Vec::new();
    let mut all = vec![
        genuine[..genuine.len() - 1].to_owned(),
        genuine[..genuine.len() - 10].to_owned(),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], encode(&later), parts[2]),
        format!("{genuine}.{}", parts[2]),
        format!("{genuine}A"),
        format!("{genuine}="),
        with_signature(&with(json!({ "alg": "none" })), &body, nothing),
        with_signature(&with(json!({ "alg": "None" })), &later, nothing),
        with_signature(&with(json!({ "alg": "nOnE", "kid": "" })), &body, nothing),
        with_signature(&with(json!({ "kid": "another" })), &later, sign),
        with_signature(&with(json!({ "alg": "ES256" })), &later, sign),
        with_signature(&with(json!({ "alg": "ES256", "kid": "../../../../dev/null" })), &later, sign),
        with_signature(&with(json!({ "alg": "ES256", "jwk": own_jwk })), &later, sign),
        with_signature(&with(json!({ "alg": "ES256", "jku": jku })), &later, sign),
        with_signature(&with(json!({ "alg": "ES256", "x5u": jku })), &later, sign),
        with_signature(&with(json!({ "jku": jku })), &body, |_| BASE64_URL_SAFE_NO_PAD.decode(parts[2]).expect("it")),
        "..".to_owned(),
        "x".to_owned(),
    ];
    for secret in public_key_shapes(server, app, head["kid"].as_str().expect("kid")) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        all.push(with_signature(&with(json!({ "alg": "HS256" })), &later, |m| hmac::sign(&key, m).as_ref().to_vec()));
    }
    all
}

fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("non-blocking");
    listener
}

#[test]
fn no_forged_access_token_is_taken_and_no_address_in_one_is_asked() {
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let genuine = app.tokens(&mut Browser::signed_in(&server, "alice"), "openid email").access;
    let listener = listener();
    for forged in forgeries(&server, &app, &genuine, &listener) {
        let answer = app.userinfo(&http, &forged);
        assert_eq!(oauth_error(&answer, 401), "invalid_token", "{forged}");
        assert_eq!(app.introspect(&http, &forged).expect(200).json(), json!({ "active": false }), "{forged}");
    }
    assert!(listener.accept().is_err(), "nobody called");
    assert_eq!(app.userinfo(&http, &genuine).status, 200);
}

#[test]
fn no_forged_hint_is_taken_and_no_address_in_one_is_asked() {
    let (server, app) = alice_and_app(&["--post-logout-uri", "https://app.company/bye"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let genuine = app.tokens(&mut browser, "openid").id.expect("an ID token");
    let listener = listener();
    let bye = ("post_logout_redirect_uri", "https://app.company/bye");
    let path = format!("/application/o/{}/end-session/", app.slug);
    for forged in forgeries(&server, &app, &genuine, &listener) {
        let answer = browser.get(&app.authorize_url(&[("id_token_hint", &forged)]));
        assert_eq!(refused_with(&answer, &app), "invalid_request", "{forged}");
        let page = browser.get(&url(&path, &[("id_token_hint", &forged), bye]));
        assert_eq!((page.status, page.header("Location")), (200, None), "{forged}");
        assert!(page.body.contains("id=\"logout-confirm\""), "{page:?}");
    }
    assert!(listener.accept().is_err(), "nobody called");
    let good = browser.get(&app.authorize_url(&[("id_token_hint", &genuine)]));
    assert!(good.location_param("code").is_some(), "{good:?}");
    assert_eq!(browser.get(&url(&path, &[("id_token_hint", &genuine), bye])).location(), bye.1);
}

#[test]
fn only_an_access_token_opens_userinfo() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let code = app.code(&mut browser, &[]);
    let tokens = app.tokens(&mut browser, "openid offline_access");
    let http = server.http();
    let session = browser.cookie("latchkey").expect("a session").to_owned();
    for wrong in
        [tokens.id.as_deref().expect("one"), tokens.refresh.as_deref().expect("one"), &code, &session, &app.secret]
    {
        let answer = app.userinfo(&http, wrong);
        assert_eq!(oauth_error(&answer, 401), "invalid_token", "{wrong}");
        assert!(answer.header("WWW-Authenticate").is_some_and(|c| c.starts_with("Bearer ")), "{answer:?}");
    }
    assert_eq!(app.userinfo(&http, &tokens.access).status, 200);
    // The session cookie alone is no token either.
    let answer = http.get_with(USERINFO, &[("Cookie", &format!("latchkey={session}"))]);
    assert_eq!(answer.status, 401);
}

#[test]
fn a_token_comes_in_the_header_or_the_form_once_and_never_in_the_url() {
    let (server, app) = alice_and_app(&[]);
    let token = app.tokens(&mut Browser::signed_in(&server, "alice"), "openid").access;
    let http = server.http();
    let bearer = format!("Bearer {token}");
    let in_header = [("Authorization", bearer.as_str())];
    let field = [("access_token", token.as_str())];
    assert_eq!(http.get_with(USERINFO, &in_header).status, 200);
    assert_eq!(http.get_with(USERINFO, &[("authorization", &format!("bearer {token}"))]).status, 200);
    assert_eq!(http.post_with(USERINFO, &in_header, &[]).status, 200);
    assert_eq!(http.post(USERINFO, &field).status, 200);
    let refused = [
        http.get(&url(USERINFO, &field)),
        http.get_with(&url(USERINFO, &field), &in_header),
        http.post_with(USERINFO, &in_header, &field),
        http.post(USERINFO, &[field[0], field[0]]),
        http.post(&url(USERINFO, &field), &[]),
    ];
    for answer in refused {
        assert_eq!(oauth_error(&answer, 400), "invalid_request");
    }
    for answer in [
        http.get(USERINFO),
        http.get_with(USERINFO, &[("Authorization", "Bearer")]),
        http.get_with(USERINFO, &[("Authorization", "Bearer ")]),
        http.get_with(USERINFO, &[("Authorization", &token)]),
        http.get_with(USERINFO, &[("Authorization", &format!("Basic {token}"))]),
        http.post(USERINFO, &[("access_token", "")]),
    ] {
        assert_eq!(oauth_error(&answer, 401), "invalid_token");
        let challenge = answer.header("WWW-Authenticate").expect("a challenge");
        assert!(challenge.starts_with("Bearer "), "{challenge}");
    }
}
