//! Refresh tokens: given on request only, used once, never wider, and revoked as a family.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

use super::at_once;
use crate::support::browser::Browser;
use crate::support::oauth::{VERIFIER, alice_and_app, code_with_pkce, oauth_error, refused_with};
use crate::support::{Answer, App, HtmlForm, Http, Server, Tokens};

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

fn half_hash(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}

#[test]
fn a_refreshed_id_token_is_of_the_same_sign_in_and_newer() {
    // OpenID Connect Core section 12.2.
    let (server, app) = alice_and_app(&[]);
    let mut alice = Browser::signed_in(&server, "alice");
    let code = app.code(&mut alice, &[("scope", OFFLINE), ("nonce", "n-0S6_WzA2Mj"), ("max_age", "10000")]);
    let http = server.http();
    let (mut token, first) = refreshed(&app.redeem(&http, &code, &[]));
    let before = first.id_claims();
    assert_eq!(before["nonce"], "n-0S6_WzA2Mj");
    let number = |claims: &serde_json::Value, name: &str| claims[name].as_i64().expect("a number");
    let mut last = number(&before, "iat");
    // Signed in anew meanwhile: the grant is of the first time all the same.
    std::thread::sleep(Duration::from_millis(1_100));
    let page = alice.open(&app.authorize_url(&[("prompt", "login")]));
    alice.sign_in(&page, "alice");
    for scope in [OFFLINE, "openid", ""] {
        let (next, tokens) = refreshed(&app.refresh(&http, &token, &[("scope", scope)]));
        let after = tokens.id_claims();
        for same in ["iss", "sub", "aud", "auth_time", "azp", "amr", "acr", "sid"] {
            assert_eq!(before[same], after[same], "{same}");
        }
        assert!(number(&after, "iat") > last, "{after}");
        assert_eq!(number(&after, "exp") - number(&after, "iat"), 3_600);
        assert!(after.get("nonce").is_none() && after["jti"] != before["jti"], "{after}");
        assert_eq!(after["at_hash"], half_hash(&tokens.access).as_str());
        assert_eq!(after.get("email").is_some(), scope != "openid", "as narrow as its access token: {after}");
        (token, last) = (next, number(&after, "iat"));
        std::thread::sleep(Duration::from_millis(1_100));
    }
}

#[test]
fn a_sign_in_has_one_subject_and_ends_when_that_is_another() {
    // OpenID Connect Core sections 5.3.2 and 12.2: the same sub and iss in all of its tokens.
    let server = Server::start();
    server.alice();
    let app = |name: &str, mode: &str| {
        let uri = format!("https://{name}.company/cb");
        server.app(name, &["--redirect-uri", &uri, "--subject-mode", mode])
    };
    let (by_name, by_email, by_id) =
        (app("name", "user_username"), app("email", "user_email"), app("id", "hashed_user_id"));
    let mut alice = Browser::signed_in(&server, "alice");
    let http = server.http();
    let mut hold = |app: &App| {
        let (token, tokens) = refreshed(&app.redeem(&http, &app.code(&mut alice, &[("scope", OFFLINE)]), &[]));
        (token, tokens.access)
    };
    let lives = |app: &App, (token, access): &(String, String)| {
        let (answer, userinfo) = (app.refresh(&http, token, &[]), app.userinfo(&http, access));
        match answer.status {
            200 => assert_eq!(userinfo.status, 200),
            _ => assert_eq!((oauth_error(&answer, 400).as_str(), userinfo.status), ("invalid_grant", 401)),
        }
        answer.status == 200
    };
    let held = [hold(&by_name), hold(&by_email), hold(&by_id)];
    server.cli(&["user", "set", "alice", "--username", "alice2", "--nickname", "Al"]).ok();
    assert!(!lives(&by_name, &held[0]), "she is another subject there");
    assert!(lives(&by_email, &held[1]) && lives(&by_id, &held[2]));
    let (by_email_now, by_id_now, by_name_now) = (hold(&by_email), hold(&by_id), hold(&by_name));
    server.cli(&["user", "set", "alice2", "--email", "new@example.com"]).ok();
    assert!(!lives(&by_email, &by_email_now));
    assert!(lives(&by_name, &by_name_now) && lives(&by_id, &by_id_now));
    // By the setting of the provider, and by the name that its issuer has.
    let (one, two) = (hold(&by_id), hold(&by_name));
    server.cli(&["app", "set", &by_id.slug, "--subject-mode", "user_uuid"]).ok();
    server.cli(&["app", "set", &by_name.slug, "--slug", "renamed"]).ok();
    assert!(!lives(&by_id, &one) && !lives(&by_name, &two));
    let again = hold(&by_id);
    server.cli(&["app", "set", &by_id.slug, "--description", "The same"]).ok();
    assert!(lives(&by_id, &again), "the twin");
}

#[test]
fn a_user_who_changes_the_own_address_is_no_longer_known_by_it() {
    let (server, app) = alice_and_app(&["--subject-mode", "user_email"]);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/cb"]);
    let mut alice = Browser::signed_in(&server, "alice");
    let http = server.http();
    let (token, tokens) = refreshed(&app.redeem(&http, &app.code(&mut alice, &[("scope", OFFLINE)]), &[]));
    let (of_other, _) = refreshed(&other.redeem(&http, &other.code(&mut alice, &[("scope", OFFLINE)]), &[]));
    let form = HtmlForm::find(&alice.get("/if/user/").expect(200), "/if/user/");
    form.clone().with("nickname", "Al").send(&mut alice).expect(303);
    let (token, _) = refreshed(&app.refresh(&http, &token, &[]));
    form.with("email", "new@example.com").send(&mut alice).expect(303);
    assert_eq!(oauth_error(&app.refresh(&http, &token, &[]), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
    assert_eq!(other.refresh(&http, &of_other, &[]).status, 200, "the twin: it knows her by something else");
    // Until it is verified there is nothing that this client could know her by.
    assert_eq!(refused_with(&alice.get(&app.authorize_url(&[])), &app), "access_denied");
    server.cli(&["user", "set", "alice", "--email-verified"]).ok();
    assert_eq!(app.tokens(&mut alice, "openid").id_claims()["sub"], "new@example.com");
}

#[test]
fn offline_access_is_given_by_consent_and_not_without() {
    // OpenID Connect Core section 11.
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    let mut alice = Browser::signed_in(&server, "alice");
    let http = server.http();
    let silent = |alice: &mut Browser, scope| alice.get(&app.authorize_url(&[("scope", scope), ("prompt", "none")]));
    let allow = |alice: &mut Browser, more: &[(&str, &str)]| {
        let page = alice.open(&app.authorize_url(more));
        let words = page.body.contains("Access while you are away");
        let left = alice.submit(&page, &[("decision", "allow")]);
        let code = alice.follow(left).location_param("code").expect("a code");
        (Tokens::of(&app.redeem(&http, &code, &[])).refresh.is_some(), words)
    };
    assert_eq!(allow(&mut alice, &[("scope", "openid email")]), (false, false), "not asked for");
    // Consent to the rest is none to this.
    assert_eq!(refused_with(&silent(&mut alice, OFFLINE), &app), "consent_required");
    assert!(silent(&mut alice, "openid email").location_param("code").is_some());
    let page = alice.open(&app.authorize_url(&[("scope", OFFLINE)]));
    let left = alice.submit(&page, &[("decision", "deny")]);
    assert!(alice.follow(left).location_param("code").is_none());
    assert_eq!(refused_with(&silent(&mut alice, OFFLINE), &app), "consent_required");
    assert_eq!(allow(&mut alice, &[("scope", OFFLINE)]), (true, true));
    let code = silent(&mut alice, OFFLINE).location_param("code").expect("it is remembered");
    assert!(Tokens::of(&app.redeem(&http, &code, &[])).refresh.is_some());
    // Where the administrator has consented for everybody, `prompt=consent` asks them all the same.
    let trusted = server.app("Trusted", &["--redirect-uri", "https://trusted.company/cb"]);
    assert!(trusted.tokens(&mut alice, OFFLINE).refresh.is_some());
    let page = alice.open(&trusted.authorize_url(&[("scope", OFFLINE), ("prompt", "consent")]));
    assert!(page.body.contains("Access while you are away"), "{page:?}");
}
