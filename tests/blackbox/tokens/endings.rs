//! What ends tokens: the user is disabled or deleted, loses access, resets the password; the client's secret is
//! replaced; somebody signs out. Userinfo, introspection and refresh agree.

use std::time::Duration;

use crate::support::browser::{Browser, action, form_token};
use crate::support::oauth::{VERIFIER, alice_and_app, code_with_pkce, oauth_error};
use crate::support::{App, PASSWORD, Server, Tokens};

const OFFLINE: &str = "openid offline_access";

/// A code that waits, and tokens with a refresh token, of alice.
struct Held {
    tokens: Tokens,
    refresh: String,
    code: String,
}

fn hold(app: &App, browser: &mut Browser) -> Held {
    let tokens = app.tokens(browser, OFFLINE);
    let code = app.code(browser, &[("scope", OFFLINE)]);
    Held { refresh: tokens.refresh.clone().expect("a refresh token"), tokens, code }
}

/// Alice at an application, with her browser and what the application holds.
fn alice_holds(options: &[&str]) -> (Server, App, Browser, Held) {
    let (server, app) = alice_and_app(options);
    let mut browser = Browser::signed_in(&server, "alice");
    let held = hold(&app, &mut browser);
    lives(&server, &app, &held);
    (server, app, browser, held)
}

#[track_caller]
fn lives(server: &Server, app: &App, held: &Held) {
    let http = server.http();
    assert_eq!(app.userinfo(&http, &held.tokens.access).status, 200);
    for token in [&held.tokens.access, &held.refresh] {
        let told = app.introspect(&http, token).expect(200).json();
        assert_eq!((&told["active"], &told["username"]), (&true.into(), &"alice".into()), "{told}");
    }
}

/// The same question about a dead token.
#[track_caller]
fn is_dead(server: &Server, app: &App, held: &Held) {
    let http = server.http();
    let answer = app.userinfo(&http, &held.tokens.access);
    assert_eq!(oauth_error(&answer, 401), "invalid_token");
    assert!(answer.header("WWW-Authenticate").is_some_and(|c| c.contains("error=\"invalid_token\"")), "{answer:?}");
    for token in [&held.tokens.access, &held.refresh] {
        let told = app.introspect(&http, token).expect(200).json();
        assert_eq!(told, serde_json::json!({ "active": false }), "and nothing more is said");
    }
    assert_eq!(oauth_error(&app.refresh(&http, &held.refresh, &[]), 400), "invalid_grant");
    assert_eq!(oauth_error(&app.redeem(&http, &held.code, &[]), 400), "invalid_grant");
}

#[test]
fn disabling_the_user_ends_them_for_good() {
    let (server, app, mut browser, held) = alice_holds(&[]);
    server.cli(&["user", "disable", "alice"]).ok();
    is_dead(&server, &app, &held);
    assert!(browser.open(&app.authorize_url(&[])).body.contains("id=\"login-submit\""), "the session too");
    server.cli(&["user", "enable", "alice"]).ok();
    is_dead(&server, &app, &held);
    hold(&app, &mut Browser::signed_in(&server, "alice"));
}

#[test]
fn deleting_the_user_ends_them() {
    let (server, app, _, held) = alice_holds(&[]);
    server.cli(&["user", "delete", "alice"]).ok();
    is_dead(&server, &app, &held);
}

#[test]
fn losing_access_stops_them_and_getting_it_back_lets_them_go_on() {
    let (server, app, mut browser, held) = alice_holds(&[]);
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["group", "add", "family", "alice"]).ok();
    server.cli(&["app", "bind", &app.slug, "--group", "family"]).ok();
    lives(&server, &app, &held);
    server.cli(&["group", "remove", "family", "alice"]).ok();
    is_dead(&server, &app, &held);
    assert_eq!(browser.open(&app.authorize_url(&[])).status, 403);
    // Nothing was revoked: access is asked about at each use.
    server.cli(&["group", "add", "family", "alice"]).ok();
    lives(&server, &app, &held);
    server.cli(&["group", "delete", "family"]).ok();
    is_dead(&server, &app, &held);
}

#[test]
fn a_new_password_by_the_administrator_ends_them() {
    let (server, app, mut browser, held) = alice_holds(&[]);
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], PASSWORD).ok();
    is_dead(&server, &app, &held);
    assert!(browser.open(&app.authorize_url(&[])).body.contains("id=\"login-submit\""));
    let held = hold(&app, &mut Browser::signed_in(&server, "alice"));
    lives(&server, &app, &held);
    server.cli_with_input(&["user", "set", "alice", "--password-stdin"], PASSWORD).ok();
    is_dead(&server, &app, &held);
}

#[test]
fn a_new_password_by_the_recovery_link_ends_them() {
    let (server, app, mut browser, held) = alice_holds(&[]);
    let link = server.cli(&["user", "recovery-link", "alice"]).ok();
    let mut elsewhere = Browser::new(&server);
    let page = elsewhere.open(link.trim());
    lives(&server, &app, &held);
    let fields = [("password", PASSWORD), ("password_again", PASSWORD)];
    assert_eq!(elsewhere.submit(&page, &fields).status, 200);
    is_dead(&server, &app, &held);
    assert!(browser.open(&app.authorize_url(&[])).body.contains("id=\"login-submit\""));
    hold(&app, &mut Browser::signed_in(&server, "alice"));
}

#[test]
fn a_new_client_secret_ends_them_and_the_old_one_stops_working() {
    for by_stdin in [false, true] {
        let (server, app, mut browser, held) = alice_holds(&[]);
        let new = if by_stdin {
            let secret = "brought-along-0123456789";
            server.cli_with_input(&["app", "set", &app.slug, "--client-secret-stdin"], secret).ok();
            App { secret: secret.into(), ..app.clone() }
        } else {
            let printed = server.cli(&["app", "new-secret", &app.slug, "--json"]).ok();
            let printed: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
            App { secret: printed["client_secret"].as_str().expect("a secret").into(), ..app.clone() }
        };
        assert_ne!(new.secret, app.secret);
        is_dead(&server, &new, &held);
        let code = new.code(&mut browser, &[]);
        assert_eq!(oauth_error(&app.redeem(&server.http(), &code, &[]), 401), "invalid_client");
        assert_eq!(new.redeem(&server.http(), &code, &[]).status, 200);
    }
}

#[test]
fn what_was_held_under_a_secret_is_not_for_the_public_client_it_becomes() {
    let (server, app, mut browser, held) = alice_holds(&[]);
    server.cli(&["app", "set", &app.slug, "--public"]).ok();
    let http = server.http();
    let public = App { secret: String::new(), ..app.clone() };
    assert_eq!(app.userinfo(&http, &held.tokens.access).status, 401);
    assert_eq!(oauth_error(&public.refresh(&http, &held.refresh, &[]), 400), "invalid_grant");
    assert_eq!(oauth_error(&public.redeem(&http, &held.code, &[]), 400), "invalid_grant");
    let code = code_with_pkce(&public, &mut browser, "openid");
    assert_eq!(public.redeem(&http, &code, &[("code_verifier", VERIFIER)]).status, 200);
}

#[test]
fn signing_out_ends_what_the_session_gave_except_offline_access() {
    let (server, app, mut browser, held) = alice_holds(&[]);
    let online = app.tokens(&mut browser, "openid");
    let code = app.code(&mut browser, &[("scope", "openid")]);
    let elsewhere = app.tokens(&mut Browser::signed_in(&server, "alice"), "openid");
    let page = browser.open("/logout/");
    browser.submit(&page, &[]);
    let http = server.http();
    assert_eq!(app.userinfo(&http, &online.access).status, 401);
    assert_eq!(oauth_error(&app.redeem(&http, &code, &[]), 400), "invalid_grant");
    lives(&server, &app, &held);
    assert_eq!(app.userinfo(&http, &elsewhere.access).status, 200, "another session's");
}

#[test]
fn signing_out_everywhere_ends_everything() {
    let (server, app, mut browser, held) = alice_holds(&[]);
    let page = browser.open(&format!("/application/o/{}/end-session/", app.slug));
    let done = browser.submit(&page, &[("scope", "everywhere")]);
    assert_eq!(done.status, 200, "{done:?}");
    is_dead(&server, &app, &held);
}

#[test]
fn signing_out_of_one_application_leaves_the_others() {
    let (server, app, mut browser, held) = alice_holds(&[]);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let at_other = hold(&other, &mut browser);
    let page = browser.open(&format!("/application/o/{}/end-session/", app.slug));
    let (to, token) = (action(&page).expect("a form"), form_token(&page));
    assert_eq!(browser.post(&to, &[("form_token", &token), ("scope", "application")]).status, 200);
    is_dead(&server, &app, &held);
    lives(&server, &other, &at_other);
}

#[test]
fn deleting_the_application_ends_them() {
    let (server, app, mut browser, held) = alice_holds(&[]);
    let http = server.http();
    server.cli(&["app", "delete", &app.slug]).ok();
    assert_eq!(app.userinfo(&http, &held.tokens.access).status, 401);
    assert_eq!(oauth_error(&app.refresh(&http, &held.refresh, &[]), 401), "invalid_client");
    crate::support::oauth::is_error_page(&browser.get(&app.authorize_url(&[])));
}

#[test]
fn an_access_token_expires_at_use() {
    let (server, app, _, held) = alice_holds(&["--access-token-validity", "2s"]);
    std::thread::sleep(Duration::from_millis(2_100));
    let http = server.http();
    assert_eq!(app.userinfo(&http, &held.tokens.access).status, 401);
    assert_eq!(app.introspect(&http, &held.tokens.access).json(), serde_json::json!({ "active": false }));
    assert_eq!(app.refresh(&http, &held.refresh, &[]).status, 200, "that is what refreshing is for");
}
