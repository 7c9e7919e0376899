//! OpenID Connect Core line by line, where no other test has it: parameters that are hints, prompts together, what comes in
//! which order, and by which method.

use std::time::Duration;

use crate::support::browser::{Browser, url};
use crate::support::client::AUTHORIZE;
use crate::support::oauth::{alice_and_app, form_post, is_a_refusal, params, refused_with};
use crate::support::{Answer, App, HtmlForm, Tokens};

#[track_caller]
fn is_sign_in(page: &Answer) {
    assert!(page.status == 200 && page.body.contains("id=\"login-submit\""), "{page:?}");
}

#[track_caller]
fn is_consent(page: &Answer) {
    assert!(page.status == 200 && page.body.contains("id=\"consent-allow\""), "{page:?}");
}

#[track_caller]
fn has_code(answer: &Answer) {
    assert!(answer.location_param("code").is_some(), "{answer:?}");
}

/// The parameters of an authorization URL, in their order.
fn fields(url: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(url.split_once('?').expect("a query").1.as_bytes()).into_owned().collect()
}

#[test]
fn parameters_come_in_any_order_and_unknown_ones_are_ignored() {
    // Core section 3.1.2.2 and RFC 6749 section 3.1.
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let mut all = fields(&app.authorize_url(&[("nonce", "n"), ("extra", "1"), ("extra", "2"), ("ac", "")]));
    for _ in 0..all.len() {
        all.rotate_left(1);
        for order in [all.clone(), all.iter().rev().cloned().collect()] {
            let order: Vec<(&str, &str)> = order.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let answer = browser.get(&url(AUTHORIZE, &order));
            has_code(&answer);
            let told = params(answer.location(), '?');
            assert_eq!(told.keys().collect::<Vec<_>>(), ["code", "iss", "state"], "nothing of theirs comes back");
        }
    }
}

#[test]
fn no_parameter_that_is_read_may_come_twice() {
    // RFC 6749 section 3.1.
    let (server, app) = alice_and_app(&["--response-types", "all"]);
    let mut browser = Browser::signed_in(&server, "alice");
    for (name, value) in [
        ("response_type", "code"),
        ("scope", "openid"),
        ("nonce", "n"),
        ("response_mode", "query"),
        ("prompt", "consent"),
        ("max_age", "9999"),
        ("login_hint", "alice"),
        ("id_token_hint", "x"),
        ("acr_values", "a"),
        ("ui_locales", "de"),
        ("display", "page"),
        ("claims", "{}"),
    ] {
        let answer = browser.get(&app.authorize_url(&[(name, value), (name, value)]));
        assert_eq!(refused_with(&answer, &app), "invalid_request", "{name}");
        let words = params(answer.location(), '?')["error_description"].clone();
        assert!(words.contains(name) && words.contains("more than once"), "{name}: {words}");
    }
    has_code(&browser.get(&app.authorize_url(&[("nonce", "n"), ("ui_locales", "de")])));
}

#[test]
fn hints_of_display_languages_and_classes_are_never_an_error() {
    // Core sections 3.1.2.1 and 15.1: "MUST NOT result in an error".
    let (server, app) = alice_and_app(&[]);
    let mut alice = Browser::signed_in(&server, "alice");
    let hints = [
        ("display", "page"),
        ("display", "popup"),
        ("display", "touch"),
        ("display", "wap"),
        ("display", "hologram"),
        ("ui_locales", "de"),
        ("ui_locales", "xx-Cyrl zz"),
        ("ui_locales", "not a tag at all!"),
        ("claims_locales", "de fr-CA"),
        ("claims_locales", "!"),
        ("acr_values", "1 2"),
        ("acr_values", "urn:latchkey:acr:1fa urn:latchkey:acr:2fa urn:latchkey:acr:passkey"),
        ("login_hint", "nobody@nowhere.example"),
    ];
    for hint in hints {
        is_sign_in(&Browser::new(&server).open(&app.authorize_url(&[hint])));
        has_code(&alice.get(&app.authorize_url(&[hint])));
        has_code(&alice.get(&app.authorize_url(&[hint, ("prompt", "none")])));
    }
    let tokens = |alice: &mut Browser, more: &[(&str, &str)]| {
        let code = app.code(alice, more);
        Tokens::of(&app.redeem(&alice.http, &code, &[])).id_claims()
    };
    let told = tokens(&mut alice, &hints[11..]);
    assert_eq!(told["acr"], "urn:latchkey:acr:1fa", "of those asked for, the one that was reached");
    let german = Browser::new(&server).open(&app.authorize_url(&[("ui_locales", "xx de")]));
    assert!(german.body.contains("<html lang=\"de\">"), "{german:?}");
}

#[test]
fn prompts_together_are_each_obeyed_and_none_stands_alone() {
    // Core section 3.1.2.1.
    let (server, app) = alice_and_app(&[]);
    let mut alice = Browser::signed_in(&server, "alice");
    for prompt in ["login consent", "consent login", "login select_account consent"] {
        let page = alice.open(&app.authorize_url(&[("prompt", prompt)]));
        is_sign_in(&page);
        let page = alice.sign_in(&page, "alice");
        is_consent(&page);
        let left = alice.submit(&page, &[("decision", "allow")]);
        has_code(&alice.follow(left));
    }
    let page = alice.open(&app.authorize_url(&[("prompt", "consent select_account")]));
    assert!(page.body.contains("id=\"choose-continue\""), "{page:?}");
    let left = alice.submit(&page, &[("choice", "continue")]);
    let page = alice.follow(left);
    is_consent(&page);
    let left = alice.submit(&page, &[("decision", "allow")]);
    has_code(&alice.follow(left));
    for other in ["login", "consent", "select_account", "create", "login consent"] {
        for prompt in [format!("none {other}"), format!("{other} none")] {
            let answer = alice.get(&app.authorize_url(&[("prompt", &prompt)]));
            assert_eq!(refused_with(&answer, &app), "invalid_request", "{prompt}");
        }
    }
    has_code(&alice.get(&app.authorize_url(&[("prompt", "none")])));
}

#[test]
fn a_fresh_sign_in_that_was_asked_for_has_a_later_auth_time_and_no_other_has() {
    // Core sections 2, 3.1.2.1 and 3.1.3.7: the client checks it.
    let (server, app) = alice_and_app(&[]);
    let mut alice = Browser::signed_in(&server, "alice");
    let auth_time = |alice: &mut Browser, back: &Answer| {
        let code = back.location_param("code").unwrap_or_else(|| panic!("no code: {back:?}"));
        let id = Tokens::of(&app.redeem(&alice.http, &code, &[])).id_claims();
        (id["auth_time"].as_i64().expect("a number"), id["iat"].as_i64().expect("a number"))
    };
    let back = alice.open(&app.authorize_url(&[("max_age", "10000")]));
    let mut last = auth_time(&mut alice, &back).0;
    for fresh in [[("max_age", "0")], [("max_age", "1")], [("prompt", "login")]] {
        std::thread::sleep(Duration::from_millis(2_100));
        let back = alice.open(&app.authorize_url(&[("max_age", "10000"), ("prompt", "none")]));
        let (same, iat) = auth_time(&mut alice, &back);
        assert!(same == last && iat > same, "nobody signed in meanwhile");
        // Where nobody may be asked, that is the answer (section 3.1.2.6).
        if fresh[0].0 == "max_age" {
            let silent = alice.get(&app.authorize_url(&[fresh[0], ("prompt", "none")]));
            assert_eq!(refused_with(&silent, &app), "login_required", "{fresh:?}");
        }
        let page = alice.open(&app.authorize_url(&fresh));
        is_sign_in(&page);
        let back = alice.sign_in(&page, "alice");
        let (later, _) = auth_time(&mut alice, &back);
        assert!(later > last, "{fresh:?}: {later} {last}");
        last = later;
    }
}

#[test]
fn every_refusal_is_posted_where_the_answer_would_have_been() {
    // Form Post Response Mode section 2, RFC 9207 section 2.
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    let mut alice = Browser::signed_in(&server, "alice");
    let mut nobody = Browser::new(&server);
    let ask = |browser: &mut Browser, more: &[(&str, &str)]| {
        let page = browser.get(&app.authorize_url(&[&[("response_mode", "form_post")], more].concat()));
        let head = |name| page.header(name).unwrap_or_default().to_owned();
        assert!(head("Cache-Control").contains("no-store"), "section 4: not kept: {page:?}");
        assert_eq!(head("Content-Type").to_lowercase(), "text/html; charset=utf-8");
        let (to, told) = form_post(&page);
        assert_eq!((to, told["state"].as_str()), (app.redirect.clone(), "the-state"));
        is_a_refusal(&told, &app);
        told["error"].clone()
    };
    assert_eq!(ask(&mut nobody, &[("prompt", "none")]), "login_required");
    assert_eq!(ask(&mut alice, &[("prompt", "none")]), "consent_required");
    assert_eq!(ask(&mut alice, &[("max_age", "soon")]), "invalid_request");
    assert_eq!(ask(&mut alice, &[("response_type", "code id_token"), ("nonce", "n")]), "unauthorized_client");
    assert_eq!(ask(&mut alice, &[("response_type", "none")]), "unsupported_response_type");
    assert_eq!(ask(&mut alice, &[("registration", "{}")]), "registration_not_supported");
}

#[test]
fn a_request_that_is_posted_is_answered_as_one_in_the_address() {
    // Core section 3.1.2.1: GET and POST; what is in the address of a POST is none of it.
    let (server, app) = alice_and_app(&[]);
    let mut alice = Browser::signed_in(&server, "alice");
    let post = |browser: &mut Browser, at: &str, more: &[(&str, &str)]| {
        let all = fields(&app.authorize_url(more));
        let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let first = browser.post_from("https://app.company", at, &all);
        browser.follow(first)
    };
    has_code(&post(&mut alice, AUTHORIZE, &[("prompt", "none")]));
    assert_eq!(
        refused_with(&post(&mut Browser::new(&server), AUTHORIZE, &[("prompt", "none")]), &app),
        "login_required"
    );
    assert_eq!(refused_with(&post(&mut alice, AUTHORIZE, &[("prompt", "none login")]), &app), "invalid_request");
    let (to, told) = form_post(&post(&mut alice, AUTHORIZE, &[("response_mode", "form_post")]));
    assert!(to == app.redirect && told.contains_key("code"), "{told:?}");
    let beside = format!("{AUTHORIZE}?redirect_uri=https://evil.example/&state=other&client_id=nobody");
    let back = post(&mut alice, &beside, &[]);
    assert_eq!(back.location_param("state").as_deref(), Some("the-state"));
    assert!(back.location().starts_with(&app.redirect), "{back:?}");
}

#[test]
fn no_two_codes_are_alike_and_each_has_more_than_128_bits() {
    // RFC 6749 section 10.10.
    let (server, app) = alice_and_app(&[]);
    let mut alice = Browser::signed_in(&server, "alice");
    let codes: Vec<String> = (0..24).map(|_| app.code(&mut alice, &[])).collect();
    // Of base64url, each place has six bits: a place that is always the same, or hardly differs, has fewer.
    assert!(codes.iter().all(|code| code.len() >= 22), "{codes:?}");
    let varied = (0..codes[0].len()).filter(|at| {
        let mut seen: Vec<u8> = codes.iter().filter_map(|code| code.as_bytes().get(*at)).copied().collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len() >= 8
    });
    assert!(varied.count() * 6 >= 128, "{codes:?}");
}

#[test]
fn claims_in_the_id_token_are_a_setting_on_the_provider_s_page() {
    // Core section 5.4: strictly, what comes with an access token is told at userinfo.
    let (server, app) = alice_and_app(&["--response-types", "all"]);
    server.user("keeper", &["--admin"]);
    let (mut keeper, mut alice) = (Browser::signed_in(&server, "keeper"), Browser::signed_in(&server, "alice"));
    let told = |app: &App, alice: &mut Browser| {
        let tokens = app.tokens(alice, "openid profile email");
        let userinfo = app.userinfo(&alice.http, &tokens.access).expect(200).json();
        (tokens.id_claims().get("email").is_some(), userinfo.get("email").is_some())
    };
    assert_eq!(told(&app, &mut alice), (true, true), "the default");
    let at = "/if/admin/providers/1/edit/";
    let set = |keeper: &mut Browser, to: &str| {
        let form = HtmlForm::find(&keeper.get(at).expect(200), at);
        form.with("claims_in_id_token", to).send(keeper).expect(303);
    };
    set(&mut keeper, "off");
    assert_eq!(told(&app, &mut alice), (false, true));
    let alone = alice.open(&app.authorize_url(&[("response_type", "id_token"), ("nonce", "n")]));
    let id = crate::support::client::claims(&params(alone.location(), '#')["id_token"]);
    assert_eq!(id["email"], "alice@example.com", "nothing else would tell it");
    let shown = server.cli(&["provider", "show", "App", "--json"]).ok();
    assert!(shown.contains("\"claims_in_id_token\": false"), "{shown}");
    set(&mut keeper, "on");
    assert_eq!(told(&app, &mut alice), (true, true));
}
