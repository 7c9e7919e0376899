//! Refresh tokens: given on request only, used once, never wider, and revoked as a family.

use std::time::Duration;

use super::at_once;
use crate::support::browser::Browser;
use crate::support::oauth::{VERIFIER, alice_and_app, code_with_pkce, oauth_error};
use crate::support::{Answer, App, Http, Server, Tokens};

const OFFLINE: &str = "openid email offline_access";

fn refreshed(answer: &Answer) -> (String, Tokens) {
    let tokens = Tokens::of(answer);
    (tokens.refresh.clone().expect("a refresh token"), tokens)
}

/// A confidential application and its first refresh token.
fn first() -> (Server, App, Http, String, Tokens) {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, OFFLINE);
    let http = server.http();
    (server, app, http, tokens.refresh.clone().expect("a refresh token"), tokens)
}

#[test]
fn a_refresh_token_is_given_for_offline_access_only_and_works() {
    let (server, app, http, token, first) = first();
    let mut browser = Browser::signed_in(&server, "alice");
    assert_eq!(app.tokens(&mut browser, "openid email").refresh, None);
    let answer = app.refresh(&http, &token, &[]);
    assert_eq!(
        (answer.header("Cache-Control"), answer.header("Content-Type")),
        (Some("no-store"), Some("application/json"))
    );
    let (next, tokens) = refreshed(&answer);
    assert_ne!(next, token);
    assert_ne!(tokens.access, first.access);
    assert_eq!(app.userinfo(&http, &tokens.access).expect(200).json()["email"], "alice@example.com");
    // OpenID Connect Core section 12.2: the same person, the same sign-in, no nonce.
    let (before, after) = (first.id_claims(), tokens.id_claims());
    for same in ["iss", "sub", "aud", "auth_time", "azp", "sid"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after.get("nonce").is_none());
    let (_, third) = refreshed(&app.refresh(&http, &next, &[]));
    assert_eq!(app.userinfo(&http, &third.access).status, 200);
}

#[test]
fn the_scope_never_grows_and_may_shrink_for_one_token() {
    let (_server, app, http, token, _) = first();
    for wider in ["openid profile", "openid email offline_access profile", "groups"] {
        assert_eq!(oauth_error(&app.refresh(&http, &token, &[("scope", wider)]), 400), "invalid_scope", "{wider}");
    }
    let (token, same) = refreshed(&app.refresh(&http, &token, &[("scope", OFFLINE)]));
    assert_eq!(same.json["scope"], OFFLINE, "a refusal has not used the token up, and the same scope is fine");
    let (token, narrow) = refreshed(&app.refresh(&http, &token, &[("scope", "openid")]));
    assert_eq!(narrow.json["scope"], "openid");
    assert!(app.userinfo(&http, &narrow.access).expect(200).json().get("email").is_none());
    let (_, full) = refreshed(&app.refresh(&http, &token, &[]));
    assert_eq!(full.json["scope"], OFFLINE, "the grant is what it was");
}

#[test]
fn another_client_can_neither_use_nor_spoil_it() {
    let (server, app, http, token, tokens) = first();
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let public = server.app("Native", &["--public", "--redirect-uri", "https://native.company/"]);
    for stranger in [&other, &public] {
        assert_eq!(oauth_error(&stranger.refresh(&http, &token, &[]), 400), "invalid_grant");
    }
    let without_secret = App { secret: String::new(), ..app.clone() };
    assert_eq!(oauth_error(&without_secret.refresh(&http, &token, &[]), 401), "invalid_client");
    for wrong in [&tokens.access, tokens.id.as_ref().expect("one"), &token[1..].to_owned(), &"x".to_owned()] {
        assert_eq!(oauth_error(&app.refresh(&http, wrong, &[]), 400), "invalid_grant");
    }
    refreshed(&app.refresh(&http, &token, &[]));
}

#[test]
fn a_confidential_client_that_lost_the_answer_gets_the_same_successor() {
    let (_server, app, http, token, _) = first();
    let (one, _) = refreshed(&app.refresh(&http, &token, &[]));
    let (two, again) = refreshed(&app.refresh(&http, &token, &[]));
    assert_eq!(one, two);
    assert_eq!(app.userinfo(&http, &again.access).status, 200);
    // Once the successor was used, the old one is a replay: the whole family ends.
    let (three, latest) = refreshed(&app.refresh(&http, &two, &[]));
    assert_eq!(oauth_error(&app.refresh(&http, &token, &[]), 400), "invalid_grant");
    assert_eq!(oauth_error(&app.refresh(&http, &three, &[]), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &latest.access).status, 401);
}

#[test]
fn after_ten_seconds_even_that_is_a_replay() {
    let (_server, app, http, token, _) = first();
    let (successor, tokens) = refreshed(&app.refresh(&http, &token, &[]));
    std::thread::sleep(Duration::from_millis(11_100));
    assert_eq!(oauth_error(&app.refresh(&http, &token, &[]), 400), "invalid_grant");
    assert_eq!(oauth_error(&app.refresh(&http, &successor, &[]), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
}

#[test]
fn reuse_by_a_public_client_ends_the_family_at_once() {
    let (server, _) = alice_and_app(&[]);
    let app = server.app("Native", &["--public", "--redirect-uri", "https://native.company/"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let family = |browser: &mut Browser| {
        let code = code_with_pkce(&app, browser, "openid offline_access");
        refreshed(&app.redeem(&http, &code, &[("code_verifier", VERIFIER)])).0
    };
    let token = family(&mut browser);
    let other_family = family(&mut browser);
    let (successor, tokens) = refreshed(&app.refresh(&http, &token, &[]));
    assert_eq!(oauth_error(&app.refresh(&http, &token, &[]), 400), "invalid_grant");
    assert_eq!(oauth_error(&app.refresh(&http, &successor, &[]), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
    refreshed(&app.refresh(&http, &other_family, &[]));
}

#[test]
fn of_twenty_parallel_refreshes_all_lead_to_one_successor() {
    let (_server, app, http, token, _) = first();
    let answers = at_once(20, || app.refresh(&http, &token, &[]));
    let successors: Vec<String> = answers.iter().map(|a| refreshed(a).0).collect();
    assert!(successors.iter().all(|s| *s == successors[0] && *s != token), "{successors:?}");
    let (_, tokens) = refreshed(&app.refresh(&http, &successors[0], &[]));
    assert_eq!(app.userinfo(&http, &tokens.access).status, 200);
}

#[test]
fn of_twenty_parallel_refreshes_of_a_public_client_one_at_most_wins_and_the_family_ends() {
    let (server, _) = alice_and_app(&[]);
    let app = server.app("Native", &["--public", "--redirect-uri", "https://native.company/"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let code = code_with_pkce(&app, &mut browser, "openid offline_access");
    let token = refreshed(&app.redeem(&http, &code, &[("code_verifier", VERIFIER)])).0;
    let answers = at_once(20, || app.refresh(&http, &token, &[]));
    let won: Vec<&Answer> = answers.iter().filter(|a| a.status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    let (successor, tokens) = refreshed(won[0]);
    assert_eq!(oauth_error(&app.refresh(&http, &successor, &[]), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
}

#[test]
fn it_expires_by_disuse_and_by_age() {
    let (server, app) = alice_and_app(&["--refresh-token-validity", "1s"]);
    let aged = server.app(
        "Aged",
        &["--redirect-uri", "https://aged.company/", "--refresh-token-maximum", "2s", "--refresh-token-validity", "1h"],
    );
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let idle = app.tokens(&mut browser, OFFLINE).refresh.expect("a refresh token");
    let old = aged.tokens(&mut browser, OFFLINE).refresh.expect("a refresh token");
    let (old, _) = refreshed(&aged.refresh(&http, &old, &[]));
    std::thread::sleep(Duration::from_millis(2_100));
    assert_eq!(oauth_error(&app.refresh(&http, &idle, &[]), 400), "invalid_grant");
    assert_eq!(oauth_error(&aged.refresh(&http, &old, &[]), 400), "invalid_grant", "rotation has not renewed it");
}
