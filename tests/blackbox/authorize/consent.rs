//! Explicit consent: asked, remembered, bound to the session and to the request; and how one leaves the page.

use std::time::Duration;

use crate::support::browser::{Browser, form_token};
use crate::support::oauth::{alice_and_app, form_post, refused_with};
use crate::support::{Answer, Server};

#[track_caller]
fn asks(page: &Answer) {
    assert_eq!((page.status, page.header("Location")), (200, None), "{page:?}");
    for id in ["id=\"consent-allow\"", "id=\"consent-deny\""] {
        assert!(page.body.contains(id), "{page:?}");
    }
}

/// Presses a button of the consent page; the answer leaves by a page, not by a redirect.
#[track_caller]
fn press(browser: &mut Browser, page: &Answer, decision: &str) -> Answer {
    let left = browser.submit(page, &[("decision", decision)]);
    assert_eq!((left.status, left.header("Location")), (200, None), "form-action is held against redirects: {left:?}");
    browser.follow(left)
}

#[test]
fn allowing_is_remembered_and_wider_scopes_are_asked_for_again() {
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    let mut browser = Browser::new(&server);
    let page = browser.open(&app.authorize_url(&[("scope", "openid profile")]));
    let page = browser.sign_in(&page, "alice");
    asks(&page);
    for part in ["App", "alice", "app.company"] {
        assert!(page.body.contains(part), "{part}: {page:?}");
    }
    let back = press(&mut browser, &page, "allow");
    assert_eq!(back.location_param("state").as_deref(), Some("the-state"));
    assert!(back.location_param("code").is_some(), "{back:?}");
    for remembered in ["openid profile", "openid", "profile openid"] {
        let back = browser.open(&app.authorize_url(&[("scope", remembered)]));
        assert!(back.location_param("code").is_some(), "{remembered}: {back:?}");
    }
    // In another browser of hers too, but of nobody else's.
    let mut second = Browser::signed_in(&server, "alice");
    assert!(second.open(&app.authorize_url(&[("scope", "openid")])).location_param("code").is_some());
    server.user("bob", &[]);
    asks(&Browser::signed_in(&server, "bob").open(&app.authorize_url(&[("scope", "openid")])));
    let page = browser.open(&app.authorize_url(&[("scope", "openid profile email")]));
    asks(&page);
    press(&mut browser, &page, "allow");
    let back = browser.open(&app.authorize_url(&[("scope", "openid email")]));
    assert!(back.location_param("code").is_some(), "{back:?}");
}

#[test]
fn denying_tells_the_client_and_remembers_nothing() {
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open(&app.authorize_url(&[]));
    asks(&page);
    let left = browser.submit(&page, &[("decision", "deny")]);
    assert_eq!((left.status, left.header("Location")), (200, None), "{left:?}");
    let mut back = browser.follow(left);
    back.status = 303;
    assert_eq!(refused_with(&back, &app), "access_denied");
    assert_eq!(back.location_param("state").as_deref(), Some("the-state"));
    asks(&browser.open(&app.authorize_url(&[])));
    // In the mode that was asked for.
    let page = browser.open(&app.authorize_url(&[("response_mode", "form_post")]));
    let (to, fields) = form_post(&browser.submit(&page, &[("decision", "deny")]));
    assert_eq!((to.as_str(), fields["error"].as_str()), (app.redirect.as_str(), "access_denied"));
}

#[test]
fn consent_that_was_given_for_a_second_is_asked_for_again() {
    let (server, app) = alice_and_app(&["--consent", "explicit", "--consent-validity", "1s"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open(&app.authorize_url(&[]));
    assert!(press(&mut browser, &page, "allow").location_param("code").is_some());
    std::thread::sleep(Duration::from_millis(1_100));
    asks(&browser.open(&app.authorize_url(&[])));
}

#[test]
fn prompt_consent_asks_even_where_nobody_is_asked_otherwise() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    assert!(browser.open(&app.authorize_url(&[])).location_param("code").is_some());
    for _ in 0..2 {
        let page = browser.open(&app.authorize_url(&[("prompt", "consent")]));
        asks(&page);
        assert!(press(&mut browser, &page, "allow").location_param("code").is_some());
    }
}

/// Alice's consent page, and that of mallory for the same request in a browser of his own.
fn two_pages(server: &Server, url: &str) -> [(Browser, Answer); 2] {
    ["alice", "mallory"].map(|user| {
        let mut browser = Browser::signed_in(server, user);
        let page = browser.open(url);
        asks(&page);
        (browser, page)
    })
}

#[test]
fn the_form_is_bound_to_the_session_and_to_the_request() {
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    server.user("mallory", &[]);
    let [(mut alice, page), (_, page_of_mallory)] = two_pages(&server, &app.authorize_url(&[]));
    let action = alice.at.clone();
    let post = |alice: &mut Browser, origin: Option<&str>, token: &str| {
        let fields = [("form_token", token), ("decision", "allow")];
        match origin {
            None => alice.post(&action, &fields),
            Some(origin) => {
                let cookies: Vec<String> = alice.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
                alice.http.post_with(&action, &[("Origin", origin), ("Cookie", &cookies.join("; "))], &fields)
            }
        }
    };
    let second = alice.open(&app.authorize_url(&[("scope", "openid")]));
    asks(&second);
    // Another session's token, another request's token, none, one cut short, and the right one from another origin.
    let own = form_token(&page);
    for wrong in [form_token(&page_of_mallory), form_token(&second), String::new(), own[1..].to_owned()] {
        let answer = post(&mut alice, None, &wrong);
        assert_eq!((answer.status, answer.header("Location")), (403, None), "{answer:?}");
    }
    let answer = post(&mut alice, Some("https://evil.example"), &own);
    assert_eq!(answer.status, 403, "{answer:?}");
    asks(&alice.open(&app.authorize_url(&[])));
    let left = post(&mut alice, None, &own);
    assert!(alice.follow(left).location_param("code").is_some());
}

#[test]
fn consent_given_in_one_session_counts_for_no_other_user_of_the_browser() {
    let (server, app) = alice_and_app(&[]);
    server.user("bob", &[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open(&app.authorize_url(&[("prompt", "consent")]));
    let flow = browser.at.clone();
    let left = browser.submit(&page, &[("decision", "allow")]);
    assert_eq!(left.status, 200, "{left:?}");
    // Before the code is fetched, bob signs in instead.
    let out = browser.open("/logout/");
    browser.submit(&out, &[]);
    let page = browser.open("/login/");
    browser.sign_in(&page, "bob");
    asks(&browser.open(&flow));
}

#[test]
fn a_waiting_request_cannot_be_taken_up_in_another_browser_or_altered() {
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    let mut browser = Browser::signed_in(&server, "alice");
    asks(&browser.open(&app.authorize_url(&[])));
    let flow = browser.at.clone();
    let other = Browser::signed_in(&server, "alice").open(&flow);
    assert_eq!((other.status, other.header("Location")), (400, None), "{other:?}");
    assert!(!other.body.contains("consent-allow"), "{other:?}");
    let mut altered = browser.cookies.clone();
    for (name, value) in &mut altered {
        if name.contains("-flow-") {
            let last = if value.ends_with('A') { "B" } else { "A" };
            value.replace_range(value.len() - 1.., last);
        }
    }
    let right = std::mem::replace(&mut browser.cookies, altered);
    assert_eq!(browser.get(&flow).status, 400);
    browser.cookies = right;
    asks(&browser.get(&flow));
}
