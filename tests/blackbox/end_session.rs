//! OpenID Connect RP-Initiated Logout 1.0, each case with its passing twin.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

use crate::support::browser::{action, form_token, url};
use crate::support::http::param;
use crate::support::oauth::{alice_and_app, app_with};
use crate::support::{Answer, App, Browser, Server};

const AFTER: &str = "https://app.company/bye?a=b";

fn house(options: &[&str]) -> (Server, App) {
    alice_and_app(&[&["--post-logout-uri", AFTER][..], options].concat())
}

fn path(app: &App) -> String {
    format!("/application/o/{}/end-session/", app.slug)
}

/// A browser with a session, and the hint that the application got of it.
fn alice(server: &Server, app: &App) -> (Browser, String) {
    let mut browser = Browser::signed_in(server, "alice");
    let hint = app.tokens(&mut browser, "openid").id.expect("an ID token");
    (browser, hint)
}

fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/").status == 200
}

#[track_caller]
fn asks(answer: &Answer) {
    assert_eq!((answer.status, answer.header("Location")), (200, None), "{answer:?}");
    assert!(
        answer.body.contains("id=\"logout-confirm\"") && !answer.body.contains("http-equiv=\"refresh\""),
        "{answer:?}"
    );
}

/// Presses a button of the page that asks.
fn press(browser: &mut Browser, page: &Answer, scope: &str) -> Answer {
    let (to, token) = (action(page).expect("a form"), form_token(page));
    browser.post(&to, &[("form_token", &token), ("scope", scope)]).expect(200)
}

/// Where a pressed button leads in the end: to the client, or to the signed-out page.
#[track_caller]
fn leads_to(browser: &mut Browser, answer: Answer) -> Option<String> {
    let end = browser.follow(answer);
    match end.header("Location") {
        Some(to) => Some(to.to_owned()),
        None => {
            assert!(end.body.contains("id=\"logged-out\""), "{end:?}");
            None
        }
    }
}

/// Section 2: `id_token_hint`, `post_logout_redirect_uri`, `state`; and what may come beside them.
#[test]
fn a_valid_hint_ends_the_session_and_leads_back_by_get_and_post() {
    let (server, app) = house(&[]);
    for odd in ["", "x", "a b&c=d#e+f%20\"<ü>'/?", "0"] {
        let (mut browser, hint) = alice(&server, &app);
        let mut asked = vec![
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", AFTER),
            ("client_id", app.id.as_str()),
            ("logout_hint", "alice"),
            ("ui_locales", "de en"),
            ("unknown", "x"),
        ];
        if !odd.is_empty() {
            asked.push(("state", odd));
        }
        let done = browser.get(&url(&path(&app), &asked)).expect(303);
        assert!(done.location().starts_with(AFTER), "{done:?}");
        assert_eq!(
            done.location_param("state").as_deref(),
            Some(odd).filter(|s| !s.is_empty()),
            "section 3: as it came"
        );
        assert_eq!(done.location_param("a").as_deref(), Some("b"), "its own query stays");
        assert!(!is_signed_in(&mut browser));
        // OpenID Connect Core section 3.1.2.6.
        let silent = browser.get(&app.authorize_url(&[("prompt", "none")]));
        assert_eq!(silent.location_param("error").as_deref(), Some("login_required"));
    }
    // By POST from the client's page, which carries no cookie: it goes on by a GET, with everything.
    let (mut browser, hint) = alice(&server, &app);
    let asked = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER), ("state", "s&1")];
    let on = browser.post_from("https://app.company", &path(&app), &asked).expect(303);
    let done = browser.get(on.location()).expect(303);
    assert_eq!((done.location_param("state").as_deref(), is_signed_in(&mut browser)), (Some("s&1"), false));
}

/// Section 4: a hint is good however old it is, if we made it for this client; everything else leads nowhere.
#[test]
fn a_hint_that_is_not_ours_for_this_client_neither_signs_out_nor_leads_back() {
    let (server, app) = house(&["--access-token-validity", "1s"]);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let elsewhere = Server::start();
    elsewhere.alice();
    let foreign = app_with(&elsewhere, &[]);
    let (_, foreign) = alice(&elsewhere, &foreign);
    let (mut browser, hint) = alice(&server, &app);
    let others = other.tokens(&mut browser, "openid").id.expect("an ID token");
    let access = app.tokens(&mut browser, "openid").access;
    let mut parts: Vec<String> = hint.split('.').map(str::to_owned).collect();
    let good = parts.clone();
    let decode = |part: &str| String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("text");
    parts[1] = BASE64_URL_SAFE_NO_PAD.encode(decode(&good[1]).replace("\"iat\":1", "\"iat\":2"));
    let modified = parts.join(".");
    let head = BASE64_URL_SAFE_NO_PAD.encode("{\"alg\":\"none\",\"typ\":\"JWT\"}");
    let unsigned = format!("{head}.{}.", good[1]);
    let no_signature = format!("{}.{}.", good[0], good[1]);
    for (name, bad) in [
        ("modified", modified.as_str()),
        ("alg none", &unsigned),
        ("without its signature", &no_signature),
        ("another issuer's", &foreign),
        ("another client's", &others),
        ("an access token", &access),
        ("no token", "x"),
    ] {
        assert_ne!(bad, hint, "{name}");
        let asked = [("id_token_hint", bad), ("post_logout_redirect_uri", AFTER), ("state", "s")];
        let page = browser.get(&url(&path(&app), &asked));
        asks(&page);
        assert!(is_signed_in(&mut browser), "{name}: nothing has changed");
        let done = press(&mut browser, &page, "application");
        assert_eq!(leads_to(&mut browser, done), None, "{name}");
        // Nor is anybody led away who is not signed in.
        let page = Browser::new(&server).get(&url(&path(&app), &asked)).expect(200);
        assert!(page.body.contains("id=\"logged-out\"") && page.header("Location").is_none(), "{name}: {page:?}");
    }
    // Expired, and by a key that was retired since: good.
    std::thread::sleep(Duration::from_millis(1_100));
    server.cli(&["key", "rotate", "--now"]).ok();
    let asked = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER)];
    assert_eq!(browser.get(&url(&path(&app), &asked)).expect(303).location(), AFTER);
    assert!(!is_signed_in(&mut browser));
    assert_eq!(
        Browser::new(&server).get(&url(&path(&app), &asked)).expect(303).location(),
        AFTER,
        "no session any more"
    );
}

/// Section 3: only to an address that is registered, to the letter.
#[test]
fn an_address_that_is_not_registered_is_not_gone_to() {
    let (server, app) = house(&[]);
    for bad in [
        "https://app.company/bye",
        "https://app.company/bye?a=b&c=d",
        "https://app.company/bye?a=b#x",
        "https://app.company/callback",
        "https://APP.company/bye?a=b",
        "https://app.company.evil.example/bye?a=b",
        "https://app.company/bye/?a=b",
        "javascript:alert(1)",
    ] {
        let (mut browser, hint) = alice(&server, &app);
        let asked = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", bad), ("state", "s")];
        let page = browser.get(&url(&path(&app), &asked));
        asks(&page);
        let done = press(&mut browser, &page, "everywhere");
        assert_eq!(leads_to(&mut browser, done), None, "{bad}");
        assert!(!is_signed_in(&mut browser));
        let page = Browser::new(&server).get(&url(&path(&app), &asked)).expect(200);
        assert!(page.body.contains("id=\"logged-out\""), "{bad}");
    }
    // Said twice, it is not said at all.
    let (mut browser, hint) = alice(&server, &app);
    let twice =
        [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER), ("post_logout_redirect_uri", AFTER)];
    asks(&browser.get(&url(&path(&app), &twice)));
    assert_eq!(browser.get(&url(&path(&app), &twice[..2])).expect(303).location(), AFTER);
}

/// Section 2: `client_id`, alone and beside a hint.
#[test]
fn a_client_id_must_be_that_of_the_address_and_of_the_hint() {
    let (server, app) = house(&[]);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/", "--post-logout-uri", AFTER]);
    let (mut browser, hint) = alice(&server, &app);
    // Alone it vouches for nobody: the user is asked, and led back then.
    let alone = [("client_id", app.id.as_str()), ("post_logout_redirect_uri", AFTER), ("state", "s")];
    let page = browser.get(&url(&path(&app), &alone));
    asks(&page);
    let done = press(&mut browser, &page, "application");
    let back = leads_to(&mut browser, done).expect("back to the client");
    assert_eq!(param(&back, "state").as_deref(), Some("s"));
    for (at, client_id) in [(&app, other.id.as_str()), (&other, app.id.as_str()), (&other, other.id.as_str())] {
        let asked = [("client_id", client_id), ("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER)];
        let page = browser.get(&url(&path(at), &asked));
        asks(&page);
        let done = press(&mut browser, &page, "application");
        assert_eq!(leads_to(&mut browser, done), None, "{} at {}", client_id, at.slug);
    }
    let asked = [("client_id", app.id.as_str()), ("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER)];
    assert_eq!(browser.get(&url(&path(&app), &asked)).expect(303).location(), AFTER);
}

/// Section 2: every parameter is optional; and a hint of another session than the browser's vouches for nothing.
#[test]
fn without_a_hint_for_this_session_the_user_is_asked() {
    let (server, app) = house(&[]);
    let (_, others_hint) = alice(&server, &app);
    let (mut browser, hint) = alice(&server, &app);
    for asked in [
        &[][..],
        &[("state", "s")],
        &[("id_token_hint", hint.as_str())],
        &[("id_token_hint", hint.as_str()), ("state", "s")],
        &[("id_token_hint", others_hint.as_str()), ("post_logout_redirect_uri", AFTER)],
    ] {
        asks(&browser.get(&url(&path(&app), asked)));
        let on = browser.post_from("https://app.company", &path(&app), asked).expect(303);
        asks(&browser.get(on.location()));
        assert!(is_signed_in(&mut browser), "{asked:?}: nothing has changed");
        let page = Browser::new(&server).get(&url(&path(&app), &asked[..asked.len().min(1)])).expect(200);
        assert!(page.body.contains("id=\"logged-out\""), "nobody is signed in: {page:?}");
    }
    let page = browser.get(&path(&app));
    let done = press(&mut browser, &page, "everywhere");
    assert_eq!((leads_to(&mut browser, done), is_signed_in(&mut browser)), (None, false));
}

/// What ends, by provider; and the page offers both whatever the provider says.
#[test]
fn a_provider_says_whether_its_sign_out_ends_everything_or_the_application_only() {
    let (server, app) = house(&["--sign-out-ends", "application"]);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let (mut browser, hint) = alice(&server, &app);
    let (here, there) = (app.tokens(&mut browser, "openid"), other.tokens(&mut browser, "openid"));
    let offline = app.tokens(&mut browser, "openid offline_access").refresh.expect("a refresh token");
    let (mut elsewhere, _) = alice(&server, &app);
    let away = app.tokens(&mut elsewhere, "openid");
    let asked = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER)];
    let http = server.http();
    assert_eq!(browser.get(&url(&path(&app), &asked)).expect(303).location(), AFTER);
    assert!(is_signed_in(&mut browser), "the session lives on");
    assert_eq!(app.userinfo(&http, &here.access).status, 401, "and what the application held does not");
    assert_eq!(other.userinfo(&http, &there.access).status, 200);
    assert_eq!(app.userinfo(&http, &away.access).status, 200, "the hint is of this session, and of no other browser's");
    let offline = app.refresh(&http, &offline, &[]).expect(200).json();
    let offline = offline["refresh_token"].as_str().expect("a refresh token");
    let silent = browser.get(&app.authorize_url(&[("prompt", "none")]));
    assert!(silent.location_param("code").is_some(), "{silent:?}");
    let page = browser.get(&path(&app));
    asks(&page);
    press(&mut browser, &page, "everywhere");
    assert!(!is_signed_in(&mut browser), "the user may choose the other");

    server.cli(&["app", "set", &app.slug, "--sign-out-ends", "everything"]).ok();
    server.cli(&["app", "set", &app.slug, "--sign-out-ends", "nothing"]).refused(2);
    let (mut browser, hint) = alice(&server, &app);
    let there = other.tokens(&mut browser, "openid");
    let asked = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER)];
    browser.get(&url(&path(&app), &asked)).expect(303);
    assert!(!is_signed_in(&mut browser));
    assert_eq!(other.userinfo(&http, &there.access).status, 401);
    let silent = browser.get(&app.authorize_url(&[("prompt", "none")]));
    assert_eq!(silent.location_param("error").as_deref(), Some("login_required"));
    let (mut browser, _) = alice(&server, &app);
    let page = browser.get(&path(&app));
    press(&mut browser, &page, "application");
    assert!(is_signed_in(&mut browser), "the user may choose the other");
    assert_eq!(app.userinfo(&http, &away.access).status, 401, "which is for every browser");
    assert_eq!(app.refresh(&http, offline, &[]).status, 400);
}
