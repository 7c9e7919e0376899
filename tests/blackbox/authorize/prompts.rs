//! `prompt`, `max_age`, `login_hint` and `id_token_hint` (OpenID Connect Core section 3.1.2.1).

use std::time::Duration;

use crate::support::browser::Browser;
use crate::support::oauth::{alice_and_app, refused_with};
use crate::support::{Answer, App};

#[track_caller]
fn is_sign_in(page: &Answer) {
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("id=\"login-submit\""), "{page:?}");
}

#[track_caller]
fn has_code(answer: &Answer) {
    assert!(answer.location_param("code").is_some(), "{answer:?}");
}

fn auth_time(app: &App, browser: &mut Browser, back: &Answer) -> i64 {
    let code = back.location_param("code").unwrap_or_else(|| panic!("no code: {back:?}"));
    let tokens = crate::support::Tokens::of(&app.redeem(&browser.http, &code, &[]));
    tokens.id_claims()["auth_time"].as_i64().expect("auth_time")
}

#[test]
fn prompt_none_never_shows_a_page() {
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    let silent = app.authorize_url(&[("prompt", "none")]);
    let mut browser = Browser::new(&server);
    let answer = browser.get(&silent);
    assert_eq!(refused_with(&answer, &app), "login_required");
    assert_eq!(answer.location_param("state").as_deref(), Some("the-state"));
    let mut browser = Browser::signed_in(&server, "alice");
    assert_eq!(refused_with(&browser.get(&silent), &app), "consent_required");
    let page = browser.open(&app.authorize_url(&[]));
    let left = browser.submit(&page, &[("decision", "allow")]);
    has_code(&browser.follow(left));
    has_code(&browser.get(&silent));
    // What would need a page for another reason is refused as well.
    let answer = browser.get(&app.authorize_url(&[("prompt", "none"), ("max_age", "0")]));
    assert_eq!(refused_with(&answer, &app), "login_required");
}

#[test]
fn prompt_none_answers_in_the_mode_that_was_asked_for() {
    let (server, app) = alice_and_app(&[]);
    let url = app.authorize_url(&[("prompt", "none"), ("response_mode", "fragment")]);
    let answer = Browser::new(&server).get(&url);
    let params = crate::support::oauth::params(answer.location(), '#');
    assert_eq!(params["error"], "login_required");
    let answer = Browser::signed_in(&server, "alice").get(&url);
    assert!(crate::support::oauth::params(answer.location(), '#').contains_key("code"));
}

#[test]
fn max_age_asks_again_when_the_sign_in_is_older_and_only_then() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let back = browser.open(&app.authorize_url(&[("max_age", "3600")]));
    let first = auth_time(&app, &mut browser, &back);
    // 0 always asks, and the fresh sign-in satisfies it.
    let page = browser.open(&app.authorize_url(&[("max_age", "0")]));
    is_sign_in(&page);
    has_code(&browser.sign_in(&page, "alice"));
    std::thread::sleep(Duration::from_millis(2_100));
    let page = browser.open(&app.authorize_url(&[("max_age", "1")]));
    is_sign_in(&page);
    let back = browser.sign_in(&page, "alice");
    assert!(auth_time(&app, &mut browser, &back) > first, "auth_time is that of the fresh sign-in");
    has_code(&browser.open(&app.authorize_url(&[("max_age", "18446744073709551615")])));
}

#[test]
fn an_old_sign_in_page_does_not_satisfy_a_later_request_for_a_fresh_one() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::new(&server);
    let page = browser.open(&app.authorize_url(&[]));
    has_code(&browser.sign_in(&page, "alice"));
    for fresh in [[("prompt", "login")], [("max_age", "0")]] {
        is_sign_in(&browser.open(&app.authorize_url(&fresh)));
        // Leaving that page for the next step leads back to it.
        let flow = browser.at.split_once("flow=").expect("a flow").1.to_owned();
        is_sign_in(&browser.open(&format!("/consent/?flow={flow}")));
    }
}

#[test]
fn select_account_lets_the_user_go_on_or_change() {
    let (server, app) = alice_and_app(&[]);
    server.user("bob", &[]);
    let url = app.authorize_url(&[("prompt", "select_account")]);
    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open(&url);
    assert!(page.body.contains("id=\"choose-continue\"") && page.body.contains("alice"), "{page:?}");
    let left = browser.submit(&page, &[("choice", "continue")]);
    let back = browser.follow(left);
    let code = back.location_param("code").expect("a code");
    let tokens = crate::support::Tokens::of(&app.redeem(&browser.http, &code, &[]));
    assert_eq!(tokens.id_claims()["preferred_username"], "alice");

    let page = browser.open(&url);
    let form = browser.submit(&page, &[("choice", "another")]);
    is_sign_in(&form);
    let back = browser.sign_in(&form, "bob");
    let code = back.location_param("code").unwrap_or_else(|| panic!("asked once is enough: {back:?}"));
    let tokens = crate::support::Tokens::of(&app.redeem(&browser.http, &code, &[]));
    assert_eq!(tokens.id_claims()["preferred_username"], "bob");
    // Nobody to choose from: the sign-in page.
    is_sign_in(&Browser::new(&server).open(&url));
}

#[test]
fn login_hint_is_filled_in_and_does_nothing_else() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::new(&server);
    let page = browser.open(&app.authorize_url(&[("login_hint", "alice@example.com")]));
    is_sign_in(&page);
    assert!(page.body.contains("value=\"alice@example.com\""), "{page:?}");
    let page = browser.open(&app.authorize_url(&[("login_hint", "\"><script>alert(1)</script>")]));
    assert!(!page.body.contains("<script>alert") && page.body.contains("&#34;&#62;&#60;script"), "{page:?}");
    // It is a hint: whoever signs in is who it is.
    has_code(&browser.sign_in(&page, "alice"));
}

#[test]
fn a_hint_of_the_user_who_is_signed_in_goes_on_and_of_another_asks_for_that_one() {
    let (server, app) = alice_and_app(&[]);
    server.user("bob", &[]);
    let mut alice = Browser::signed_in(&server, "alice");
    let mut bob = Browser::signed_in(&server, "bob");
    let of_alice = app.tokens(&mut alice, "openid").id.expect("an ID token");
    let with_hint = |prompt| app.authorize_url(&[("id_token_hint", &of_alice), ("prompt", prompt)]);
    has_code(&alice.get(&with_hint("none")));
    assert_eq!(refused_with(&bob.get(&with_hint("none")), &app), "login_required");
    assert_eq!(refused_with(&Browser::new(&server).get(&with_hint("none")), &app), "login_required");
    let page = bob.open(&with_hint(""));
    is_sign_in(&page);
    let back = bob.sign_in(&page, "bob");
    assert_eq!(refused_with(&back, &app), "login_required", "never a code for another than was asked for");
    let page = bob.open(&with_hint(""));
    has_code(&bob.sign_in(&page, "alice"));
}

#[test]
fn a_hint_that_is_no_id_token_of_ours_for_this_client_is_refused() {
    let (server, app) = alice_and_app(&[]);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, "openid");
    let own = tokens.id.clone().expect("an ID token");
    let of_other = other.tokens(&mut browser, "openid").id.expect("an ID token");
    let parts: Vec<&str> = own.split('.').collect();
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    let cut = &own[..own.len() - 4];
    for hint in [of_other.as_str(), &tokens.access, &unsigned, cut, "x", "a.b.c"] {
        let answer = browser.get(&app.authorize_url(&[("id_token_hint", hint)]));
        assert_eq!(refused_with(&answer, &app), "invalid_request", "{hint}");
    }
    has_code(&browser.get(&app.authorize_url(&[("id_token_hint", &own)])));
}

#[test]
fn parameters_that_mean_nothing_here_change_nothing() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    for harmless in [
        [("ui_locales", "de fr-CA")],
        [("acr_values", "urn:example:gold")],
        [("display", "touch")],
        [("prompt", "create")],
        [("audience", "x")],
        [("resource", "https://api.example")],
    ] {
        has_code(&browser.get(&app.authorize_url(&harmless)));
    }
}
