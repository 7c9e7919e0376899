//! Pushed authorization requests (RFC 9126).

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::client_auth::file;
use crate::support::browser::Browser;
use crate::support::client::{AUTHORIZE, TOKEN};
use crate::support::oauth::{alice_and_app, is_error_page, oauth_error, pkce, refused_with, verifier_challenge};
use crate::support::signer::{JWT_BEARER, Signer, assertion, jwks, with};
use crate::support::{Answer, App, HtmlForm, Http, PASSWORD, Server, Tokens, disk};

const PAR: &str = "/application/o/par/";

/// Pushes the usual request with the client's secret, and more.
fn push(http: &Http, app: &App, more: &[(&str, &str)]) -> Answer {
    let usual = [
        ("response_type", "code"),
        ("redirect_uri", app.redirect.as_str()),
        ("scope", "openid profile email"),
        ("state", "the-state"),
    ];
    let mut fields: Vec<(&str, &str)> = usual.into_iter().filter(|(n, _)| !more.iter().any(|(m, _)| m == n)).collect();
    fields.extend(more.iter().filter(|(_, value)| *value != "-"));
    http.post_with(PAR, &[("Authorization", &app.basic())], &fields)
}

#[track_caller]
fn reference(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("Cache-Control"), Some("no-store"), "RFC 9126 section 2.2");
    let json = answer.json();
    let life = json["expires_in"].as_i64().expect("a number");
    assert!((60..=90).contains(&life), "{json}");
    let uri = json["request_uri"].as_str().expect("a text").to_owned();
    let random = uri.strip_prefix("urn:ietf:params:oauth:request_uri:").expect("section 2.2");
    assert!(random.len() >= 43, "256 bit: {uri}");
    uri
}

fn at(id: &str, uri: &str) -> String {
    crate::support::browser::url(AUTHORIZE, &[("client_id", id), ("request_uri", uri)])
}

fn set(server: &Server, options: &[&str]) {
    server.cli(&[&["app", "set", "app"], options].concat()).ok();
}

#[test]
fn a_pushed_request_is_the_one_that_the_browser_makes() {
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let mut browser = Browser::signed_in(&server, "alice");
    let challenge = verifier_challenge();
    let uri = reference(&push(&http, &app, &[&[("nonce", "n1")], &pkce(&challenge)[..]].concat()));
    let back = browser.open(&at(&app.id, &uri));
    assert!(back.location().starts_with(&format!("{}?", app.redirect)), "{back:?}");
    assert_eq!(back.location_param("state").as_deref(), Some("the-state"));
    let code = back.location_param("code").expect("a code");
    assert_ne!(app.redeem(&http, &code, &[]).status, 200, "the pushed challenge holds");
    let tokens = Tokens::of(&app.redeem(&http, &code, &[("code_verifier", crate::support::oauth::VERIFIER)]));
    assert_eq!(tokens.id_claims()["nonce"], "n1");
    // RFC 9126 section 5.
    let found = http.get("/application/o/app/.well-known/openid-configuration").json();
    assert_eq!(found["pushed_authorization_request_endpoint"], json!(format!("{}{PAR}", server.base)));
    assert_eq!(found["require_pushed_authorization_requests"], json!(false));
    // Both forms of the path.
    let fields = [("response_type", "code"), ("redirect_uri", app.redirect.as_str()), ("scope", "openid")];
    reference(&http.post_with(PAR.trim_end_matches('/'), &[("Authorization", &app.basic())], &fields));
    assert_eq!(http.get(PAR).status, 405);
}

#[test]
fn it_waits_through_sign_in_and_consent_and_by_a_posted_request_too() {
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    let http = server.http();
    let uri = reference(&push(&http, &app, &[]));
    let mut browser = Browser::new(&server);
    let page = browser.open(&at(&app.id, &uri));
    let page = browser.sign_in(&page, "alice");
    assert!(page.body.contains("id=\"consent-allow\""), "{page:?}");
    let left = browser.submit(&page, &[("decision", "allow")]);
    assert!(browser.follow(left).location_param("code").is_some());
    // Core section 3.1.2.1: by POST as by GET.
    let uri = reference(&push(&http, &app, &[]));
    let first = browser.post_from("https://app.company", AUTHORIZE, &[("client_id", &app.id), ("request_uri", &uri)]);
    assert!(browser.follow(first).location_param("code").is_some());
}

#[test]
fn nothing_that_the_browser_brings_beside_it_counts() {
    // RFC 9126 section 4, RFC 9101 section 6.3.
    let (server, app) = alice_and_app(&["--redirect-uri", "https://app.company/other"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let uri = reference(&push(&server.http(), &app, &[("scope", "openid")]));
    let more = [
        ("client_id", app.id.as_str()),
        ("request_uri", &uri),
        ("redirect_uri", "https://app.company/other"),
        ("scope", "openid email offline_access"),
        ("state", "another"),
        ("response_type", "token"),
        ("response_mode", "fragment"),
    ];
    let back = browser.open(&crate::support::browser::url(AUTHORIZE, &more));
    assert!(back.location().starts_with(&format!("{}?", app.redirect)), "{back:?}");
    assert_eq!(back.location_param("state").as_deref(), Some("the-state"));
    let code = back.location_param("code").expect("a code");
    assert_eq!(Tokens::of(&app.redeem(&browser.http, &code, &[])).json["scope"], "openid");
}

#[test]
fn it_is_good_once_and_for_a_while_and_for_its_own_client() {
    let (server, app) = alice_and_app(&[]);
    let other = server.app("Other", &["--redirect-uri", "https://app.company/callback"]);
    let http = server.http();
    let mut browser = Browser::signed_in(&server, "alice");
    let uri = reference(&push(&http, &app, &[]));
    is_error_page(&browser.get(&at(&other.id, &uri)));
    assert!(browser.open(&at(&app.id, &uri)).location_param("code").is_some(), "another's attempt took nothing");
    is_error_page(&browser.get(&at(&app.id, &uri)));
    // Section 2.2: bound to the client, expiring.
    let uri = reference(&push(&http, &app, &[]));
    disk::execute(
        &server.data(),
        "UPDATE pushed_requests SET created_at = created_at - 90, expires_at = expires_at - 90",
    );
    is_error_page(&browser.get(&at(&app.id, &uri)));
    let uri = reference(&push(&http, &app, &[]));
    disk::execute(
        &server.data(),
        "UPDATE pushed_requests SET created_at = created_at + 600, expires_at = expires_at + 600",
    );
    is_error_page(&browser.get(&at(&app.id, &uri)));
    for unknown in ["urn:ietf:params:oauth:request_uri:", "urn:ietf:params:oauth:request_uri:nobodys"] {
        // Beside a redirect URI that is registered too: it was not pushed.
        let with = [("client_id", app.id.as_str()), ("request_uri", unknown), ("redirect_uri", app.redirect.as_str())];
        is_error_page(&browser.get(&crate::support::browser::url(AUTHORIZE, &with)));
    }
    // Of fifty at once, one.
    let uri = reference(&push(&http, &app, &[]));
    let cookie = browser.cookie("latchkey").expect("a session").to_owned();
    let codes = std::thread::scope(|scope| {
        let ask = || {
            let headers = [("Cookie", format!("latchkey={cookie}"))];
            let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let answer = server.http().get_with(&at(&app.id, &uri), &headers);
            answer.header("Location").is_some_and(|l| l.contains("code="))
        };
        let asked: Vec<_> = (0..50).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().filter(|_| true).map(|a| a.join().expect("an answer")).filter(|got| *got).count()
    });
    assert_eq!(codes, 1);
    // It survives a restart.
    let uri = reference(&push(&server.http(), &app, &[]));
    let server = disk::restarted(server, &[]);
    let mut browser = Browser::signed_in(&server, "alice");
    assert!(browser.open(&at(&app.id, &uri)).location_param("code").is_some());
    assert!(!disk::contains(&disk::stored_bytes(&server.data()), uri.rsplit(':').next().expect("its end")));
}

#[test]
fn strangers_cause_no_write_with_references_of_their_own() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::new(&server);
    is_error_page(&browser.get(&at(&app.id, "urn:ietf:params:oauth:request_uri:x")));
    disk::eventually("the first refusal is stored", || {
        server.events().iter().any(|event| event["kind"] == "authorize_refused")
    });
    let watch = disk::Watch::new(&server.data());
    let before = watch.version();
    for n in 0..20 {
        is_error_page(&browser.get(&at(&app.id, &format!("urn:ietf:params:oauth:request_uri:{n}"))));
        assert_eq!(oauth_error(&server.http().post(PAR, &[("client_id", &app.id)]), 401), "invalid_client");
    }
    assert_eq!(watch.version(), before);
}

#[test]
fn the_client_is_authenticated_as_at_the_token_endpoint() {
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let fields = [("response_type", "code"), ("redirect_uri", app.redirect.as_str()), ("scope", "openid")];
    let post = |more: &[(&str, &str)]| http.post(PAR, &[&fields[..], more].concat());
    let id = ("client_id", app.id.as_str());
    reference(&post(&[id, ("client_secret", &app.secret)]));
    for nobody in [
        post(&[]),
        post(&[id]),
        post(&[id, ("client_secret", "wrong")]),
        post(&[("client_id", "nobody"), ("client_secret", &app.secret)]),
        http.post_with(PAR, &[("Authorization", &app.basic())], &[&fields[..], &[("client_id", "nobody")]].concat()),
    ] {
        assert_eq!(oauth_error(&nobody, 401), "invalid_client");
    }
    // A public client only names itself, and so might anybody: nothing is stored for that.
    let native = server.app("Native", &["--public", "--redirect-uri", "https://app.company/callback"]);
    assert_eq!(oauth_error(&post(&[("client_id", &native.id)]), 401), "invalid_client");
    let found = http.get("/application/o/native/.well-known/openid-configuration").json();
    assert_eq!(found.get("pushed_authorization_request_endpoint"), None);
    // Section 2: the issuer, the token endpoint and this one are good as the audience of an assertion.
    let key = Signer::new(Algorithm::ES256, "k");
    let keys = file(&server, "keys.json", &jwks(&[&key]));
    set(&server, &["--client-auth", "private_key_jwt", "--jwks", &keys]);
    let signed = |aud: Value| {
        let token = key.sign(&with(&assertion(&app), "aud", aud));
        post(&[id, JWT_BEARER, ("client_assertion", &token)])
    };
    for path in [PAR, TOKEN] {
        reference(&signed(json!(format!("{}{path}", server.base))));
    }
    reference(&signed(json!(app.issuer)));
    reference(&signed(json!([app.issuer, format!("{}{PAR}", server.base)])));
    assert_eq!(oauth_error(&signed(json!("https://evil.example/")), 401), "invalid_client");
    assert_eq!(oauth_error(&post(&[id, ("client_secret", &app.secret)]), 401), "invalid_client");
}

#[test]
fn what_the_authorization_endpoint_would_refuse_is_refused_at_once() {
    // Section 2.3.
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let mut browser = Browser::signed_in(&server, "alice");
    for (name, value, error) in [
        ("redirect_uri", "https://evil.example/", "invalid_request"),
        ("redirect_uri", "-", "invalid_request"),
        ("response_type", "-", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "id_token", "unauthorized_client"),
        ("prompt", "none login", "invalid_request"),
        ("max_age", "x", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("claims", "{", "invalid_request"),
        ("request", "x", "request_not_supported"),
        ("registration", "{}", "registration_not_supported"),
        ("id_token_hint", "x", "invalid_request"),
        // Section 2.1.
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request"),
        ("request_uri", "https://app.company/request", "invalid_request"),
        ("request_uri", "", "invalid_request"),
    ] {
        let answer = push(&http, &app, &[(name, value)]);
        assert_eq!(oauth_error(&answer, 400), error, "{name}={value}");
    }
    let twice = push(&http, &app, &[("nonce", "a"), ("nonce", "b")]);
    assert_eq!(oauth_error(&twice, 400), "invalid_request");
    assert_eq!(disk::number(&server.data(), "SELECT count(*) FROM pushed_requests"), 0);
    let with = http.send("POST", PAR, &[("Authorization", &app.basic()), ("Content-Type", "application/json")], "{}");
    assert_eq!(oauth_error(&with, 400), "invalid_request");
    // Each of them passes where it is right.
    let hint = app.tokens(&mut browser, "openid").id.expect("an ID token");
    let challenge = verifier_challenge();
    let right = [("max_age", "600"), ("claims", "{}"), ("prompt", "none"), ("id_token_hint", &hint)];
    let uri = reference(&push(&http, &app, &[&right[..], &pkce(&challenge)[..]].concat()));
    assert!(browser.open(&at(&app.id, &uri)).location_param("code").is_some());
    // What the administrator forbids meanwhile holds.
    let uri = reference(&push(&http, &app, &[]));
    set(&server, &["--redirect-uri", "https://app.company/new", "--remove-uri", &app.redirect]);
    is_error_page(&browser.get(&at(&app.id, &uri)));
}

#[test]
fn a_provider_may_require_it() {
    // Section 5 (and 6, for the client).
    let (server, app) = alice_and_app(&["--require-par", "on"]);
    let http = server.http();
    let mut browser = Browser::signed_in(&server, "alice");
    assert_eq!(refused_with(&browser.get(&app.authorize_url(&[])), &app), "invalid_request");
    is_error_page(&browser.get(&app.authorize_url(&[("redirect_uri", "https://evil.example/")])));
    let uri = reference(&push(&http, &app, &[]));
    assert!(browser.open(&at(&app.id, &uri)).location_param("code").is_some());
    let found = http.get("/application/o/app/.well-known/openid-configuration").json();
    assert_eq!(found["require_pushed_authorization_requests"], json!(true));
    let public = ["app", "create", "P", "--public", "--redirect-uri", "https://p.company/", "--require-par", "on"];
    assert!(server.cli(&public).refused(2).contains("confidential"));
    // A request that began before it was required is checked again when its user has signed in.
    let begin = |browser: &mut Browser, url: &str| {
        server.cli(&["app", "set", "app", "--require-par", "off"]).ok();
        let page = browser.open(url);
        server.cli(&["app", "set", "app", "--require-par", "on"]).ok();
        let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
        browser.follow(answer)
    };
    let refused = begin(&mut Browser::new(&server), &app.authorize_url(&[]));
    assert_eq!(refused.location_param("error").as_deref(), Some("invalid_request"), "{refused:?}");
    let pushed = begin(&mut Browser::new(&server), &at(&app.id, &reference(&push(&http, &app, &[]))));
    assert!(pushed.location_param("code").is_some(), "{pushed:?}");
    // On the page.
    server.user("keeper", &["--admin"]);
    let mut keeper = Browser::signed_in(&server, "keeper");
    let edit = "/if/admin/providers/1/edit/";
    let page = keeper.get(edit).expect(200);
    HtmlForm::find(&page, edit).with("require_par", "off").send(&mut keeper).expect(303);
    assert!(browser.open(&app.authorize_url(&[])).location_param("code").is_some());
}
