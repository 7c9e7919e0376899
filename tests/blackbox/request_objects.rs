//! Request objects by value (RFC 9101, OpenID Connect Core section 6.1).

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::client_auth::file;
use crate::clock::now;
use crate::support::browser::{Browser, url};
use crate::support::client::AUTHORIZE;
use crate::support::oauth::{alice_and_app, is_error_page, oauth_error, params, refused_with};
use crate::support::signer::{Signer, jwks, unsigned, with, without};
use crate::support::{Answer, App, Host, HtmlForm, Server, Tokens, disk};

/// A server whose application signs its requests with this key.
fn signing(key: &Signer, objects: &str) -> (Server, App, Browser) {
    let (server, app) = alice_and_app(&["--redirect-uri", "https://app.company/other"]);
    let keys = file(&server, "keys.json", &jwks(&[key]));
    server.cli(&["app", "set", "app", "--request-objects", objects, "--jwks", &keys]).ok();
    let browser = Browser::signed_in(&server, "alice");
    (server, app, browser)
}

/// What an object holds that has everything.
fn whole(app: &App) -> Value {
    json!({
        "iss": app.id, "aud": app.issuer, "exp": now() + 60, "iat": now(), "client_id": app.id,
        "response_type": "code", "redirect_uri": app.redirect, "scope": "openid email", "state": "inside",
        "nonce": "n-inside",
    })
}

/// OpenID Connect's way: what OAuth needs stands outside too.
fn core(browser: &mut Browser, app: &App, object: &str, more: &[(&str, &str)]) -> Answer {
    browser.open(&app.authorize_url(&[&[("request", object)], more].concat()))
}

/// RFC 9101's way: nothing stands outside.
fn jar(browser: &mut Browser, app: &App, object: &str) -> Answer {
    browser.open(&url(AUTHORIZE, &[("client_id", &app.id), ("request", object)]))
}

#[track_caller]
fn code(answer: &Answer, app: &App, state: &str) -> String {
    assert!(answer.location().starts_with(&format!("{}?", app.redirect)), "{answer:?}");
    assert_eq!(answer.location_param("state").as_deref(), Some(state), "{answer:?}");
    answer.location_param("code").unwrap_or_else(|| panic!("no code: {answer:?}"))
}

#[test]
fn what_is_inside_goes_before_what_is_outside() {
    let key = Signer::new(Algorithm::ES256, "k");
    let (_server, app, mut browser) = signing(&key, "signed");
    let object = key.sign(&with(&whole(&app), "claims", json!({ "id_token": { "email": { "essential": true } } })));
    let back = core(&mut browser, &app, &object, &[("state", "outside"), ("nonce", "n-outside")]);
    let tokens = Tokens::of(&app.redeem(&browser.http, &code(&back, &app, "inside"), &[]));
    assert_eq!(tokens.id_claims()["nonce"], "n-inside");
    assert_eq!(tokens.json["scope"], "openid email");
    // What is not inside counts from outside (Core section 6.1).
    let object = key.sign(&without(&without(&whole(&app), "state"), "nonce"));
    let back = core(&mut browser, &app, &object, &[("state", "outside"), ("nonce", "n-outside")]);
    let tokens = Tokens::of(&app.redeem(&browser.http, &code(&back, &app, "outside"), &[]));
    assert_eq!(tokens.id_claims()["nonce"], "n-outside");
    // Numbers are parameters too.
    let back = core(&mut browser, &app, &key.sign(&with(&whole(&app), "max_age", json!(600))), &[]);
    code(&back, &app, "inside");
    let back = core(&mut browser, &app, &key.sign(&with(&whole(&app), "max_age", json!(-1))), &[]);
    assert_eq!(refused_with(&back, &app), "invalid_request");
    // By POST.
    let query = app.authorize_url(&[("request", &key.sign(&whole(&app)))]);
    let fields = params(&query, '?');
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let first = browser.post_from("https://app.company", AUTHORIZE, &fields);
    code(&browser.follow(first), &app, "inside");
}

#[test]
fn an_object_alone_is_a_request_and_nothing_beside_it_counts() {
    // RFC 9101 sections 5 and 6.3.
    let key = Signer::new(Algorithm::ES256, "k");
    let (_server, app, mut browser) = signing(&key, "signed");
    let back = jar(&mut browser, &app, &key.sign(&whole(&app)));
    code(&back, &app, "inside");
    let typed = key.sign_with(|h| h.typ = Some("oauth-authz-req+jwt".to_owned()), &whole(&app));
    code(&jar(&mut browser, &app, &typed), &app, "inside");
    let object = key.sign(&without(&whole(&app), "state"));
    let fields = [
        ("client_id", app.id.as_str()),
        ("request", &object),
        ("state", "outside"),
        ("redirect_uri", "https://app.company/other"),
        ("scope", "openid offline_access"),
    ];
    let back = browser.open(&url(AUTHORIZE, &fields));
    assert!(back.location().starts_with(&format!("{}?", app.redirect)), "{back:?}");
    assert_eq!(back.location_param("state"), None);
    let code = back.location_param("code").expect("a code");
    assert_eq!(Tokens::of(&app.redeem(&browser.http, &code, &[])).json["scope"], "openid email");
    // The client_id is always outside (section 5).
    is_error_page(&browser.get(&url(AUTHORIZE, &[("request", &object)])));
}

#[test]
fn each_algorithm_is_good_and_discovery_names_those_that_are() {
    for alg in [Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA] {
        let key = Signer::new(alg, "k");
        let (_server, app, mut browser) = signing(&key, "signed");
        code(&core(&mut browser, &app, &key.sign(&whole(&app)), &[]), &app, "inside");
    }
    // With the client's secret, where it has no better.
    let (server, app) = alice_and_app(&["--request-objects", "signed"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let secret = Signer::secret(&app.secret);
    code(&core(&mut browser, &app, &secret.sign(&whole(&app)), &[]), &app, "inside");
    let other = Signer::secret("another secret that nobody here has");
    assert_eq!(refused_with(&core(&mut browser, &app, &other.sign(&whole(&app)), &[]), &app), "invalid_request_object");
    let found = |server: &Server| server.http().get("/application/o/app/.well-known/openid-configuration").json();
    let told = found(&server);
    assert_eq!(told["request_parameter_supported"], json!(true));
    assert_eq!(told["request_object_signing_alg_values_supported"], json!(["HS256"]));
    let key = Signer::new(Algorithm::ES256, "k");
    let keys = file(&server, "keys.json", &jwks(&[&key]));
    server.cli(&["app", "set", "app", "--jwks", &keys]).ok();
    let told = found(&server);
    assert_eq!(
        told["request_object_signing_alg_values_supported"],
        json!(["RS256", "ES256", "EdDSA", "PS256", "Ed25519"])
    );
    let by_secret = core(&mut browser, &app, &secret.sign(&whole(&app)), &[]);
    assert_eq!(refused_with(&by_secret, &app), "invalid_request_object", "it has keys of its own");
    server.cli(&["app", "set", "app", "--request-objects", "any"]).ok();
    let algs = found(&server)["request_object_signing_alg_values_supported"].clone();
    assert_eq!(algs, json!(["RS256", "ES256", "EdDSA", "PS256", "Ed25519", "none"]));
}

#[test]
fn an_unsigned_object_is_read_where_the_provider_permits_it_and_nowhere_else() {
    // Core section 6.1.
    let key = Signer::new(Algorithm::ES256, "k");
    let (server, app, mut browser) = signing(&key, "signed");
    let object = unsigned(&whole(&app));
    assert_eq!(refused_with(&core(&mut browser, &app, &object, &[]), &app), "invalid_request_object");
    server.cli(&["app", "set", "app", "--request-objects", "any"]).ok();
    code(&core(&mut browser, &app, &object, &[]), &app, "inside");
    code(&core(&mut browser, &app, &key.sign(&whole(&app)), &[]), &app, "inside");
    // One that pretends to be signed must be.
    let stranger = Signer::new(Algorithm::ES256, "k");
    assert_eq!(
        refused_with(&core(&mut browser, &app, &stranger.sign(&whole(&app)), &[]), &app),
        "invalid_request_object"
    );
    assert_eq!(refused_with(&core(&mut browser, &app, &format!("{object}AAAA"), &[]), &app), "invalid_request_object");
    // Where none is read, it has its own error (Core section 3.1.2.6), and so has a fetched one.
    server.cli(&["app", "set", "app", "--request-objects", "off"]).ok();
    for object in [&object, &key.sign(&whole(&app)), "x"] {
        assert_eq!(refused_with(&core(&mut browser, &app, object, &[]), &app), "request_not_supported");
    }
    let by_uri = browser.get(&app.authorize_url(&[("request_uri", "https://app.company/request")]));
    assert_eq!(refused_with(&by_uri, &app), "request_uri_not_supported");
    let found = server.http().get("/application/o/app/.well-known/openid-configuration").json();
    assert_eq!(found["request_parameter_supported"], json!(false));
    assert_eq!(found.get("request_object_signing_alg_values_supported"), None);
}

#[test]
fn a_redirect_uri_inside_is_used_or_leads_to_the_error_page_never_to_the_outer_one() {
    let key = Signer::new(Algorithm::ES256, "k");
    let (server, app, mut browser) = signing(&key, "any");
    let stranger = Signer::new(Algorithm::ES256, "k");
    // Valid inside: used, whatever stands outside.
    for outside in ["https://app.company/other", "https://evil.example/", ""] {
        let back = core(&mut browser, &app, &key.sign(&whole(&app)), &[("redirect_uri", outside)]);
        code(&back, &app, "inside");
    }
    // Not registered: the error page, though the outer one is.
    for evil in ["https://evil.example/", "https://app.company/callback/", "javascript:alert(1)"] {
        let claims = with(&whole(&app), "redirect_uri", json!(evil));
        for object in [key.sign(&claims), unsigned(&claims)] {
            is_error_page(&browser.get(&app.authorize_url(&[("request", &object)])));
        }
    }
    // An object that is not right names another: nobody knows where the client wanted it.
    let claims = with(&whole(&app), "redirect_uri", json!("https://app.company/other"));
    for object in [
        stranger.sign(&claims),
        key.sign(&with(&claims, "exp", json!(now() - 1))),
        key.sign(&with(&claims, "aud", json!("https://evil.example/"))),
        key.sign(&with(&claims, "request", json!("x"))),
        "x.y.z".to_owned(),
        "x".to_owned(),
    ] {
        is_error_page(&browser.get(&app.authorize_url(&[("request", &object)])));
    }
    // The same address, or none: it may be told there.
    for claims in [whole(&app), without(&whole(&app), "redirect_uri")] {
        let back = core(&mut browser, &app, &stranger.sign(&claims), &[]);
        assert_eq!(refused_with(&back, &app), "invalid_request_object");
        assert_eq!(back.location_param("state").as_deref(), Some("the-state"), "nothing inside is believed");
    }
    // What is wrong in an object that is right comes back with its state.
    let back = core(&mut browser, &app, &key.sign(&with(&whole(&app), "prompt", json!("none login"))), &[]);
    assert_eq!(
        (refused_with(&back, &app).as_str(), back.location_param("state").as_deref()),
        ("invalid_request", Some("inside"))
    );
    drop(server);
}

#[test]
fn an_object_from_or_for_somebody_else_or_of_another_time_is_refused() {
    let key = Signer::new(Algorithm::ES256, "k");
    let (_server, app, mut browser) = signing(&key, "signed");
    let mut error =
        |claims: &Value, more: &[(&str, &str)]| refused_with(&core(&mut browser, &app, &key.sign(claims), more), &app);
    let good = whole(&app);
    for (name, value) in [
        ("iss", json!("another")),
        ("aud", json!("https://evil.example/")),
        ("aud", json!(["https://evil.example/"])),
        ("exp", json!(now() - 1)),
        ("nbf", json!(now() + 600)),
        // RFC 9101 section 10.8: it could pass for an assertion.
        ("sub", json!(app.id)),
        // Core section 6.1.
        ("request", json!("x")),
        ("request_uri", json!("https://app.company/request")),
        ("state", json!({ "a": 1 })),
    ] {
        assert_eq!(error(&with(&good, name, value.clone()), &[]), "invalid_request_object", "{name}: {value}");
    }
    // Core section 6.1: what stands outside must agree.
    assert_eq!(error(&with(&good, "client_id", json!("another")), &[]), "invalid_request");
    assert_eq!(error(&with(&good, "response_type", json!("id_token")), &[]), "invalid_request");
    assert_eq!(error(&good, &[("scope", "email")]), "invalid_request");
    assert_eq!(error(&good, &[("request_uri", "https://app.company/request")]), "invalid_request");
    for claims in [
        good.clone(),
        with(&good, "aud", json!([app.issuer, "https://else.example/"])),
        without(&without(&without(&good, "iss"), "aud"), "exp"),
        without(&good, "client_id"),
    ] {
        code(&core(&mut browser, &app, &key.sign(&claims), &[]), &app, "inside");
    }
    // Twice is once too often (RFC 6749 section 3.1).
    let object = key.sign(&good);
    let twice = browser.get(&app.authorize_url(&[("request", &object), ("request", &object)]));
    assert_eq!(refused_with(&twice, &app), "invalid_request");
    // An assertion is no request, and a request no assertion.
    let assertion = key.sign(&crate::support::signer::assertion(&app));
    assert_eq!(refused_with(&core(&mut browser, &app, &assertion, &[]), &app), "invalid_request_object");
}

#[test]
fn a_pushed_request_may_be_an_object() {
    // RFC 9126 section 3.
    let key = Signer::new(Algorithm::ES256, "k");
    let (server, app, mut browser) = signing(&key, "signed");
    let http = server.http();
    let push = |object: &str| {
        http.post_with("/application/o/par/", &[("Authorization", &app.basic())], &[("request", object)])
    };
    let pushed = push(&key.sign(&whole(&app))).expect(201).json();
    let uri = pushed["request_uri"].as_str().expect("a text");
    let back = browser.open(&url(AUTHORIZE, &[("client_id", &app.id), ("request_uri", uri)]));
    code(&back, &app, "inside");
    let stranger = Signer::new(Algorithm::ES256, "k");
    assert_eq!(oauth_error(&push(&stranger.sign(&whole(&app))), 400), "invalid_request_object".to_owned());
    let evil = with(&whole(&app), "redirect_uri", json!("https://evil.example/"));
    assert_eq!(oauth_error(&push(&key.sign(&evil)), 400), "invalid_request");
    assert_eq!(oauth_error(&push(&key.sign(&with(&whole(&app), "client_id", json!("x")))), 400), "invalid_request");
}

#[test]
fn the_setting_is_on_the_provider_s_page() {
    let (server, app) = alice_and_app(&[]);
    server.user("keeper", &["--admin"]);
    let mut keeper = Browser::signed_in(&server, "keeper");
    let at = "/if/admin/providers/1/edit/";
    let page = keeper.get(at).expect(200);
    HtmlForm::find(&page, at).with("request_objects", "any").send(&mut keeper).expect(303);
    let mut browser = Browser::signed_in(&server, "alice");
    code(&core(&mut browser, &app, &unsigned(&whole(&app)), &[]), &app, "inside");
    let words = server.cli(&["app", "set", "app", "--request-objects", "encrypted"]).refused(2);
    assert!(words.contains("off, signed, any"), "{words}");
}

/// A server that fetches requests from this host, where they are signed with this key.
fn fetching(key: &Signer) -> (Server, App, Browser, Host) {
    let (server, app, browser) = signing(key, "signed");
    let host = Host::new("");
    server.cli(&["app", "set", "app", "--request-uri", &host.url]).ok();
    server.cli(&["settings", "set", "outbound-networks", "127.0.0.1"]).ok();
    (server, app, browser, host)
}

#[test]
fn a_request_is_fetched_from_an_address_that_is_registered_and_from_no_other() {
    // Core section 6.2, RFC 9101 section 5.2.
    let key = Signer::new(Algorithm::ES256, "k");
    let (server, app, mut browser, host) = fetching(&key);
    host.says(&key.sign(&whole(&app)));
    let mut ask =
        |uri: &str, more: &[(&str, &str)]| browser.open(&app.authorize_url(&[&[("request_uri", uri)], more].concat()));
    for outside in ["https://app.company/other", "https://evil.example/", ""] {
        code(&ask(&host.url, &[("redirect_uri", outside)]), &app, "inside");
    }
    // Section 6.2: the fragment tells one content from the next, and is neither compared nor sent.
    code(&ask(&format!("{}#fragment", host.url), &[]), &app, "inside");
    assert_eq!(host.asked(), ["/it", "/it", "/it", "/it"]);
    for other in [&format!("{}/", host.url), &format!("{}?a=b", host.url), "https://evil.example/", "urn:x", "x"] {
        assert_eq!(refused_with(&ask(other, &[]), &app), "request_uri_not_supported", "{other}");
    }
    is_error_page(&ask("https://evil.example/", &[("redirect_uri", "https://evil.example/")]));
    assert_eq!(host.asked().len(), 4);
    // Alone, as RFC 9101 has it.
    let alone = browser.open(&url(AUTHORIZE, &[("client_id", &app.id), ("request_uri", &host.url)]));
    code(&alone, &app, "inside");
    let found = server.http().get("/application/o/app/.well-known/openid-configuration").json();
    assert_eq!(found["request_uri_parameter_supported"], json!(true));
    assert_eq!(found["require_request_uri_registration"], json!(true));
    // Taken away, it is one like any other.
    server.cli(&["app", "set", "app", "--request-uri", ""]).ok();
    let back = browser.open(&app.authorize_url(&[("request_uri", &host.url)]));
    assert_eq!(refused_with(&back, &app), "request_uri_not_supported");
    let found = server.http().get("/application/o/app/.well-known/openid-configuration").json();
    assert_eq!(found["request_uri_parameter_supported"], json!(false));
}

#[test]
fn a_request_that_cannot_be_fetched_or_is_not_right_leads_nowhere() {
    let key = Signer::new(Algorithm::ES256, "k");
    let (server, app, mut browser, host) = fetching(&key);
    let mut ask = || browser.open(&app.authorize_url(&[("request_uri", &host.url)]));
    for (status, content) in [
        ("404 Not Found", key.sign(&whole(&app))),
        ("302 Found", key.sign(&whole(&app))),
        ("200 OK", "x".repeat(20_000)),
        ("200 OK", String::new()),
        ("200 OK", "<html></html>".to_owned()),
        ("200 OK", key.sign(&with(&whole(&app), "redirect_uri", json!("https://evil.example/")))),
    ] {
        host.answers(status);
        host.says(&content);
        is_error_page(&ask());
    }
    host.answers("200 OK");
    for bad in [unsigned(&whole(&app)), Signer::new(Algorithm::ES256, "k").sign(&whole(&app))] {
        host.says(&bad);
        assert_eq!(refused_with(&ask(), &app), "invalid_request_object");
    }
    host.says(&key.sign(&whole(&app)));
    code(&ask(), &app, "inside");
    // At home only where the administrator allows it.
    let asked = host.asked().len();
    server.cli(&["settings", "unset", "outbound-networks"]).ok();
    is_error_page(&ask());
    assert_eq!(host.asked().len(), asked);
}

#[test]
fn keys_that_cannot_be_fetched_verify_no_request_and_only_the_administrator_learns_why() {
    let key = Signer::new(Algorithm::ES256, "k");
    let (server, app) = alice_and_app(&["--request-objects", "signed"]);
    let host = Host::new(&jwks(&[&key]));
    server.cli(&["app", "set", "app", "--jwks-uri", &host.url]).ok();
    let mut browser = Browser::signed_in(&server, "alice");
    let back = core(&mut browser, &app, &key.sign(&whole(&app)), &[]);
    assert_eq!(refused_with(&back, &app), "invalid_request_object");
    let words = back.location_param("error_description").expect("words");
    assert!(!words.contains("127.0.0.1"), "{words}");
    disk::eventually("the log tells", || server.printed().contains("127.0.0.1 is an address of this machine itself"));
    // Another address, and an allowed one.
    let host = Host::new(&jwks(&[&key]));
    server.cli(&["settings", "set", "outbound-networks", "127.0.0.1"]).ok();
    server.cli(&["app", "set", "app", "--jwks-uri", &host.url]).ok();
    code(&core(&mut browser, &app, &key.sign(&whole(&app)), &[]), &app, "inside");
    code(&core(&mut browser, &app, &key.sign(&whole(&app)), &[]), &app, "inside");
    assert_eq!(host.asked().len(), 1);
}

// RFC 6749 section 3.1, RFC 9101 section 5.
#[test]
fn what_an_object_would_hide_is_refused_and_a_refusal_says_what_is_inside() {
    let key = Signer::new(Algorithm::ES256, "k");
    let (_server, app, mut browser) = signing(&key, "signed");
    let good = key.sign(&whole(&app));
    let twice = format!("{}&nonce=a&nonce=b", app.authorize_url(&[("request", &good)]));
    let back = browser.open(&twice);
    assert_eq!(back.location_param("error").as_deref(), Some("invalid_request"), "{back:?}");
    assert_eq!(back.location_param("state").as_deref(), Some("inside"), "{back:?}");
    code(&core(&mut browser, &app, &good, &[("nonce", "a")]), &app, "inside");
    // What is wrong with an object that the client signed is told with the state that it holds.
    let late = key.sign(&with(&whole(&app), "exp", json!(now() - 60)));
    let back = core(&mut browser, &app, &late, &[]);
    assert_eq!(back.location_param("error").as_deref(), Some("invalid_request_object"), "{back:?}");
    assert_eq!(back.location_param("state").as_deref(), Some("inside"), "{back:?}");
    // Alone, it says whose it is.
    let anybody = key.sign(&without(&without(&whole(&app), "iss"), "client_id"));
    is_error_page(&jar(&mut browser, &app, &anybody));
    let named = key.sign(&without(&whole(&app), "iss"));
    code(&jar(&mut browser, &app, &named), &app, "inside");
}
