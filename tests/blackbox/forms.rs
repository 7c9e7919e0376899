//! Forms: each POST of our own pages needs the token of this browser, of this form, from our own origin. And where a
//! sign-in may lead on to.

use crate::support::browser::{form_token, url};
use crate::support::{Answer, Browser, PASSWORD, Server};

fn still_signed_in(browser: &mut Browser) -> bool {
    browser.get("/").status == 200
}

/// Posts a sign-out with headers of the caller's choice, as a script or another site could make the browser do.
fn sign_out_with(browser: &Browser, token: &str, headers: &[(&str, &str)]) -> Answer {
    let cookies: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let cookies = cookies.join("; ");
    let mut all = vec![("Cookie", cookies.as_str())];
    all.extend(headers);
    browser.http.post_with("/logout/", &all, &[("form_token", token)])
}

#[test]
fn signing_out_needs_the_token_of_this_session() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    let mut alice = Browser::signed_in(&server, "alice");
    let page = alice.open("/logout/");
    let good = form_token(&page);
    let of_bob = form_token(&Browser::signed_in(&server, "bob").open("/logout/"));
    let of_alices_other_session = form_token(&Browser::signed_in(&server, "alice").open("/logout/"));
    let of_another_form = form_token(&Browser::new(&server).open("/login/"));
    assert!(good.len() >= 43 && of_bob.len() >= 43 && of_another_form.len() >= 43);
    let cut = &good[..good.len() - 1];
    for bad in ["", "wrong", cut, &of_bob, &of_alices_other_session, &of_another_form] {
        let refused = alice.post("/logout/", &[("form_token", bad)]);
        assert_eq!(refused.status, 403, "{bad}: {refused:?}");
        assert!(refused.body.contains("id=\"error-page\""), "{refused:?}");
        assert!(still_signed_in(&mut alice), "{bad}");
    }
    assert_eq!(alice.post("/logout/", &[]).status, 403, "no token at all");
    // A token in the address, or in a body that is no form, is none.
    assert_eq!(alice.post(&url("/logout/", &[("form_token", &good)]), &[]).status, 403);
    let cookies = format!("latchkey={}", alice.cookie("latchkey").expect("a session"));
    let body = format!("form_token={good}");
    for media_type in ["text/plain", "application/json", "multipart/form-data"] {
        let headers = [("Cookie", cookies.as_str()), ("Content-Type", media_type)];
        assert_eq!(alice.http.send("POST", "/logout/", &headers, &body).status, 403, "{media_type}");
    }
    assert!(still_signed_in(&mut alice));
    assert_eq!(alice.post("/logout/", &[("form_token", &good)]).status, 200);
    assert!(!still_signed_in(&mut alice));
}

#[test]
fn a_form_from_another_origin_is_refused_even_with_the_right_token() {
    let server = Server::start();
    server.alice();
    let mut browser = Browser::signed_in(&server, "alice");
    let token = form_token(&browser.open("/logout/"));
    let another_port = "http://localhost:1";
    for headers in [
        &[("Origin", "https://evil.example")][..],
        &[("Origin", another_port)],
        &[("Origin", "http://localhost.evil.example")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Origin", server.base.as_str()), ("Sec-Fetch-Site", "cross-site")],
        &[("Origin", "https://evil.example"), ("Sec-Fetch-Site", "same-origin")],
    ] {
        let refused = sign_out_with(&browser, &token, headers);
        assert_eq!(refused.status, 403, "{headers:?}: {refused:?}");
        assert!(still_signed_in(&mut browser), "{headers:?}");
    }
    let ours = [("Origin", server.base.as_str()), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(sign_out_with(&browser, &token, &ours).status, 200);
    assert!(!still_signed_in(&mut browser));
}

#[test]
fn a_sign_in_cannot_be_forced_on_a_browser() {
    let server = Server::start();
    server.alice();
    let mut attacker = Browser::new(&server);
    let token = form_token(&attacker.open("/login/"));
    let credentials = [("form_token", token.as_str()), ("username", "alice"), ("password", PASSWORD)];
    // Another browser, with no cookie or with its own: the attacker's token is not its.
    let mut victim = Browser::new(&server);
    for prepare in [false, true] {
        if prepare {
            victim.open("/login/");
        }
        let refused = victim.post("/login/", &credentials);
        assert_eq!(refused.status, 403, "{refused:?}");
        assert!(victim.cookie("latchkey").is_none());
        assert!(refused.body.contains("id=\"login-submit\""), "the page can be used at once: {refused:?}");
    }
    let refused = attacker.post_from("https://evil.example", "/login/", &credentials);
    assert_eq!(refused.status, 403, "{refused:?}");
    // The page shown with the refusal works.
    let page = victim.post("/login/", &credentials);
    victim.sign_in(&page, "alice");
    assert!(still_signed_in(&mut victim));
    assert_eq!(attacker.post("/login/", &credentials).status, 200);
}

#[test]
fn next_leads_to_our_own_pages_only() {
    let server = Server::start();
    server.alice();
    let sign_in = |query: &str| {
        let mut browser = Browser::new(&server);
        let page = browser.get(&format!("/login/?next={query}"));
        assert_eq!(page.status, 200, "{query}: {page:?}");
        let done = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
        assert_eq!((done.status, done.header("Location")), (200, None), "{done:?}");
        let target = done.body.split("content=\"0;url=").nth(1).and_then(|t| t.split('"').next());
        // Signed in already, the page leads on at once: by the same rule.
        let at_once = browser.get(&format!("/login/?next={query}"));
        (target.expect("a target").to_owned(), at_once.location().to_owned())
    };
    for evil in [
        "//evil.example",
        "%2f%2fevil.example",
        "%252f%252fevil.example",
        "/%5cevil.example",
        "%2F%5Cevil.example",
        "/%2fevil.example",
        "%5c%5cevil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "%20javascript:alert(1)",
        "%09//evil.example",
        "/%09/evil.example",
        "/%0a/evil.example",
        "/..//evil.example",
        "evil.example",
        "@evil.example",
        "%00/",
        "data:text/html,x",
    ] {
        assert_eq!(sign_in(evil), ("/".into(), "/".into()), "{evil}");
    }
    for own in ["/logout/", "/application/launch/wiki/"] {
        assert_eq!(sign_in(&own.replace('/', "%2F")), (own.into(), own.into()));
    }
    // Backslash and controls as bytes: the edge refuses the request line, or the rule does. Never elsewhere.
    let raw = server.http().get("/login/?next=/\\evil.example");
    assert!(raw.status == 400 || !raw.body.contains("evil.example"), "{raw:?}");
}

#[test]
fn a_waiting_request_counts_in_its_own_browser_only() {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let mut browser = Browser::new(&server);
    let page = browser.open(&app.authorize_url(&[]));
    let flow = browser.at.clone();
    assert!(flow.starts_with("/login/?flow="), "{flow}");
    assert!(!flow.contains("wiki.example") && !flow.contains(&app.id), "only an id is in the address: {flow}");
    let elsewhere = Browser::new(&server).get(&flow);
    assert_eq!(elsewhere.status, 400, "{elsewhere:?}");
    assert!(elsewhere.header("Location").is_none());
    // Tampered with, the cookie is nothing; at its own browser the request goes on.
    let mut forged = Browser::new(&server);
    forged.cookies = browser.cookies.clone();
    for (name, value) in &mut forged.cookies {
        if name.starts_with("latchkey-flow-") {
            let last = if value.ends_with('A') { 'B' } else { 'A' };
            value.pop();
            value.push(last);
        }
    }
    let mut flipped = forged.cookies.clone();
    flipped.retain(|(n, _)| n.starts_with("latchkey-flow-"));
    assert_eq!(flipped.len(), 1);
    assert_eq!(forged.get(&flow).status, 400);
    assert!(browser.sign_in(&page, "alice").location().starts_with("https://wiki.example/callback?code="));
}
