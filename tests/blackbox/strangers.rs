//! What a stranger can make the provider do: work for nothing, tell more than was agreed to, believe a stolen key.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use crate::support::browser::Browser;
use crate::support::client::{AUTHORIZE, header};
use crate::support::oauth::{alice_and_app, is_error_page, refused_with};
use crate::support::{PASSWORD, Server, Tokens};

#[test]
fn a_crowd_of_wrong_names_holds_up_nobody_else() {
    // A password takes long enough for the crowd to be there all at once, however it is scheduled.
    let server = Server::start_with(&["--password-passes", "8"]);
    server.alice();
    let start = Arc::new(Barrier::new(41));
    let crowd: Vec<_> = (0..40)
        .map(|n| {
            let mut browser = Browser::new(&server).from("127.0.0.9");
            let page = browser.open("/login/");
            let start = Arc::clone(&start);
            std::thread::spawn(move || {
                start.wait();
                let name = format!("nobody{n}");
                browser.submit(&page, &[("username", &name), ("password", "a wrong password")])
            })
        })
        .collect();
    let mut alice = Browser::new(&server).from("127.0.0.2");
    let page = alice.open("/login/");
    start.wait();
    let begun = Instant::now();
    assert_eq!(server.http().get("/healthz").status, 200);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(alice.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).status, 200);
    let answers: Vec<_> = crowd.into_iter().map(|c| c.join().expect("an answer")).collect();
    let of = |status: u16| answers.iter().filter(|a| a.status == status).count();
    assert_eq!(of(403) + of(503), 40, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    assert!(of(403) >= 10, "those there is room for are looked at");
    assert!(of(503) >= 1, "one address takes a part of the places only");
    assert!(answers.iter().filter(|a| a.status == 503).all(|a| a.header("Retry-After").is_some()));
}

#[test]
fn a_crowd_from_many_addresses_keeps_no_known_browser_out() {
    let server = Server::start_with(&["--password-passes", "8"]);
    server.alice();
    let mut alice = Browser::signed_in(&server, "alice").from("127.0.0.2");
    alice.cookies.retain(|(name, _)| name == "latchkey-device");
    let known = alice.cookies.clone();
    let (ended, looked_at, busy) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for n in 0..80 {
            let (ended, looked_at, busy) = (&ended, &looked_at, &busy);
            let mut browser = Browser::new(&server).from(&format!("127.0.7.{}", 1 + n % 4));
            let page = browser.open("/login/");
            scope.spawn(move || {
                for m in 0.. {
                    if ended.load(Ordering::Relaxed) {
                        break;
                    }
                    let name = format!("nobody{n}-{m}");
                    let answer = browser.submit(&page, &[("username", &name), ("password", "a wrong password")]);
                    match answer.status {
                        503 => {
                            busy.fetch_add(1, Ordering::Relaxed);
                            std::thread::sleep(Duration::from_millis(50));
                        }
                        _ => _ = looked_at.fetch_add(1, Ordering::Relaxed),
                    }
                }
            });
        }
        let is_crowded = wait_for(|| busy.load(Ordering::Relaxed) > 0);
        let statuses: Vec<u16> = (0..4)
            .map(|_| {
                alice.cookies.clone_from(&known);
                let page = alice.open("/login/");
                alice.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).status
            })
            .collect();
        // The twin: strangers are looked at too.
        let is_fair = wait_for(|| looked_at.load(Ordering::Relaxed) > 4);
        ended.store(true, Ordering::Relaxed);
        assert_eq!((is_crowded, statuses, is_fair), (true, vec![200; 4], true));
    });
}

fn wait_for(mut is_so: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + Duration::from_secs(30);
    while !is_so() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    is_so()
}

#[test]
fn a_deeply_encoded_redirect_uri_costs_no_more_than_another() {
    let server = Server::start();
    let app = server.app("Wiki", &["--redirect-regex", "https://wiki.example/.*"]);
    let ask = |uri: &str| {
        let fields = [("response_type", "code"), ("client_id", app.id.as_str()), ("redirect_uri", uri)];
        let begun = Instant::now();
        (server.http().post(AUTHORIZE, &fields), begun.elapsed())
    };
    let (answer, _) = ask("https://wiki.example/%2541");
    assert_eq!(answer.status, 303, "the twin: {answer:?}");
    for levels in [900, 10_000] {
        let (answer, took) = ask(&format!("https://wiki.example/%{}2e./x", "25".repeat(levels)));
        is_error_page(&answer);
        assert!(took < Duration::from_secs(1), "{levels}: {took:?}");
    }
}

#[test]
fn a_long_list_of_scopes_or_claims_is_refused_unread() {
    let (server, app) = alice_and_app(&[]);
    let list = |n: u32, join: &str| (100..n).map(|n| n.to_string()).collect::<Vec<_>>().join(join);
    let claims = format!("{{\"userinfo\":{{\"{}\":null}}}}", list(2_500, "\":null,\""));
    for (name, value) in [("scope", list(10_000, " ")), ("claims", claims)] {
        let fields = [
            ("response_type", "code"),
            ("client_id", app.id.as_str()),
            ("redirect_uri", app.redirect.as_str()),
            (name, value.as_str()),
        ];
        let begun = Instant::now();
        assert_eq!(refused_with(&server.http().post(AUTHORIZE, &fields), &app), "invalid_request");
        assert!(begun.elapsed() < Duration::from_millis(500), "{name}: {:?}", begun.elapsed());
    }
}

#[test]
fn claims_asked_for_by_name_are_consented_to_like_the_scopes_that_hold_them() {
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open(&app.authorize_url(&[("scope", "openid")]));
    assert!(!page.body.contains("Your e-mail address"), "{page:?}");
    let left = browser.submit(&page, &[("decision", "allow")]);
    assert!(browser.follow(left).location_param("code").is_some());
    assert!(browser.open(&app.authorize_url(&[("scope", "openid")])).location_param("code").is_some(), "remembered");

    let wish = [("scope", "openid"), ("claims", r#"{"userinfo":{"email":null}}"#)];
    let page = browser.open(&app.authorize_url(&wish));
    assert!(page.body.contains("id=\"consent-allow\"") && page.body.contains("Your e-mail address"), "{page:?}");
    let left = browser.submit(&page, &[("decision", "allow")]);
    let code = browser.follow(left).location_param("code").expect("a code");
    let tokens = Tokens::of(&app.redeem(&browser.http, &code, &[]));
    assert_eq!(app.userinfo(&browser.http, &tokens.access).json()["email"], "alice@example.com");
    assert!(browser.open(&app.authorize_url(&wish)).location_param("code").is_some(), "remembered");
}

#[test]
fn a_stolen_key_is_believed_no_more_and_a_rotated_one_is() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let mut kid_and_hint = || {
        let id = app.tokens(&mut browser, "openid").id.expect("an ID token");
        (header(&id)["kid"].as_str().expect("a kid").to_owned(), id)
    };
    let published = |kid: &str| {
        let keys = server.http().get(&format!("/application/o/{}/jwks/", app.slug)).json();
        keys["keys"].as_array().expect("keys").iter().any(|k| k["kid"] == kid)
    };
    let (first, _) = kid_and_hint();
    server.cli(&["key", "rotate", "--now"]).ok();
    let (second, hint) = kid_and_hint();
    assert!(first != second && published(&first) && published(&second));
    server.cli(&["key", "rotate", "--stolen"]).ok();
    let (third, new_hint) = kid_and_hint();
    assert!(third != second && published(&third));
    assert!(!published(&first) && !published(&second), "a thief has whatever lay there");
    let silent = |hint: &str| app.authorize_url(&[("prompt", "none"), ("id_token_hint", hint)]);
    assert_eq!(refused_with(&browser.get(&silent(&hint)), &app), "invalid_request");
    assert!(browser.get(&silent(&new_hint)).location_param("code").is_some(), "the twin");
}

#[test]
fn every_html_answer_is_kept_out_of_frames_and_every_preflight_names_one_origin() {
    let (server, app) = alice_and_app(&[]);
    for path in ["/login/", "/nowhere", "/application/o/nosuch/", "/application/o/nosuch/jwks/"] {
        let page = server.http().get(path);
        assert!(page.header("Content-Type").is_some_and(|t| t.starts_with("text/html")), "{path}: {page:?}");
        let policy = page.header("Content-Security-Policy").unwrap_or_default();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"), "{path}: {page:?}");
        assert_eq!(page.header("X-Frame-Options"), Some("DENY"), "{path}");
    }
    for path in ["/application/o/token/".to_owned(), format!("/application/o/{}/jwks/", app.slug)] {
        let origin = ("Origin", "https://app.company");
        let answer = server.http().send("OPTIONS", &path, &[origin], "");
        assert_eq!((answer.status, answer.all("Access-Control-Allow-Origin")), (204, vec![origin.1]), "{path}");
    }
    let jwks = server.http().get(&format!("/application/o/{}/jwks/", app.slug));
    assert_eq!(jwks.all("Access-Control-Allow-Origin"), ["*"]);
}

#[test]
fn a_typed_name_is_recorded_only_when_it_names_a_user() {
    let server = Server::start();
    server.alice();
    for typed in ["my-secret-typed-in-the-wrong-field", "ALICE@example.com"] {
        let mut browser = Browser::new(&server);
        let page = browser.open("/login/");
        browser.submit(&page, &[("username", typed), ("password", "wrong password")]).expect(403);
    }
    // What waits in memory is stored along with the next sign-in.
    Browser::signed_in(&server, "alice");
    let failed: Vec<_> = server.events().into_iter().filter(|e| e["kind"] == "login_failed").collect();
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert_eq!((&failed[0]["username"], &failed[1]["username"]), (&serde_json::Value::Null, &"alice".into()));
    assert!(!server.printed().contains("my-secret-typed"), "{}", server.printed());
}
