//! Redirect URIs: what attackers send, what may be registered, and the kinds that are matched more widely.

use crate::support::browser::Browser;
use crate::support::oauth::{alice_and_app, is_error_page, pkce, verifier_challenge};
use crate::support::{App, Server, disk};

/// Next to `https://app.company/callback`, which alone is registered.
const ATTACKS: &[&str] = &[
    "https://app.company/callback/",
    "https://app.company/callbackx",
    "https://app.company/callback.evil.example",
    "https://app.company/",
    "https://app.company.evil.example/callback",
    "https://evil.example/https://app.company/callback",
    "https://evil.example/?https://app.company/callback",
    "https://evil.example#https://app.company/callback",
    "https://appxcompany/callback",
    "https://sub.app.company/callback",
    "https://company/callback",
    "https://user@app.company/callback",
    "https://user:password@app.company/callback",
    "https://app.company@evil.example/callback",
    "https://app.company%40evil.example/callback",
    "https://app.company/callback/../evil",
    "https://app.company/x/../callback",
    "https://app.company/./callback",
    "https://app.company/%2e%2e/callback",
    "https://app.company/callback/%2e%2e/evil",
    "https://APP.company/callback",
    "HTTPS://app.company/callback",
    "https://app.company/Callback",
    "https://app.company/%63allback",
    "https://app.company%2fcallback",
    "https://app.company/callback%2f",
    "https://app.company/callback%00",
    "https://app.company/callback%0d%0aLocation:%20https://evil.example",
    "https://app.company/callback#",
    "https://app.company/callback#x",
    "https://app.company/callback?",
    "https://app.company/callback?next=https://evil.example",
    "https://app.company/callback;x",
    "https://app.company:443/callback",
    "https://app.company:8443/callback",
    "https://app.company:/callback",
    "https://app.company./callback",
    "http://app.company/callback",
    "https:/app.company/callback",
    "https:app.company/callback",
    "//app.company/callback",
    "/callback",
    "app.company/callback",
    "https:\\\\app.company\\callback",
    "https://evil.example\\@app.company/callback",
    "https://app.company\\.evil.example/callback",
    " https://app.company/callback",
    "https://app.company/callback ",
    "https://app.company/callback\r\nSet-Cookie: a=b",
    "https://app.company/callback\n",
    "https://app.company/callback\0",
    "https://\u{ff41}pp.company/callback",
    "https://app\u{3002}company/callback",
    "https://app.company/callback\u{202e}",
    "https://app.company/c\u{430}llback",
    "javascript:alert(1)",
    "javascript://app.company/callback%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "urn:ietf:wg:oauth:2.0:oob",
    "*",
];

#[test]
fn whatever_differs_from_the_registered_one_by_a_byte_gets_the_error_page() {
    let (server, app) = alice_and_app(&[]);
    for mut browser in [Browser::new(&server), Browser::signed_in(&server, "alice")] {
        for attack in ATTACKS {
            let page = browser.get(&app.authorize_url(&[("redirect_uri", attack)]));
            is_error_page(&page);
            assert_eq!(page.header("Refresh"), None);
        }
    }
    assert_eq!(disk::number(&server.data(), "SELECT count(*) FROM grants"), 0, "nothing is stored");
    let back = Browser::signed_in(&server, "alice").get(&app.authorize_url(&[]));
    assert!(back.location().starts_with("https://app.company/callback?code="), "the twin: {back:?}");
}

#[test]
fn what_was_received_is_shown_as_text_that_does_nothing() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::new(&server);
    for (attack, shown) in [
        (
            "https://evil.example/<script>alert(1)</script>",
            "https://evil.example/&#60;script&#62;alert(1)&#60;/script&#62;",
        ),
        ("\"><img src=x onerror=alert(1)>", "&#34;&#62;&#60;img src=x onerror=alert(1)&#62;"),
        ("https://evil.example/\u{202e}moc", "https://evil.example/\\u{202e}moc"),
        ("https://evil.example/&amp;<", "https://evil.example/&#38;amp;&#60;"),
    ] {
        let page = browser.get(&app.authorize_url(&[("redirect_uri", attack)]));
        is_error_page(&page);
        assert!(page.body.contains(shown), "{shown}: {page:?}");
        for active in ["<script>alert", "<img src=x", "href=\"https://evil"] {
            assert!(!page.body.contains(active), "{active}: {page:?}");
        }
        let policy = page.header("Content-Security-Policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }
}

#[test]
fn only_an_administrator_is_told_what_is_registered_instead() {
    let (server, app) = alice_and_app(&[]);
    server.user("carol", &["--admin"]);
    let bad = app.authorize_url(&[("redirect_uri", "https://other.company/x")]);
    for mut stranger in [Browser::new(&server), Browser::signed_in(&server, "alice")] {
        let page = stranger.get(&bad);
        is_error_page(&page);
        assert!(!page.body.contains(&app.redirect), "{page:?}");
    }
    let page = Browser::signed_in(&server, "carol").get(&bad);
    is_error_page(&page);
    assert!(page.body.contains(&app.redirect), "{page:?}");
}

#[test]
fn schemes_that_run_something_cannot_be_registered_in_any_case_mix() {
    let (server, app) = alice_and_app(&["--public"]);
    for bad in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "jAvAsCrIpT://app.company/%0aalert(1)",
        "data:text/html,x",
        "DaTa:text/html;base64,eA==",
        "vbscript:x",
        "VBScript:x",
        "file:///etc/passwd",
        "blob:https://app.company/x",
    ] {
        for option in ["--redirect-uri", "--post-logout-uri", "--redirect-regex"] {
            let option = format!("{option}={bad}");
            server.cli(&["app", "set", &app.slug, &option]).refused(2);
            server.cli(&["app", "create", "Bad", "--public", &option]).refused(2);
        }
    }
    server.cli(&["app", "set", &app.slug, "--redirect-uri=https://app.company/two"]).ok();
    let shown = server.cli(&["app", "show", &app.slug, "--json"]).ok();
    assert!(shown.contains("https://app.company/two") && !shown.to_lowercase().contains("script:"), "{shown}");
}

/// Sends alice to these addresses: the first list is answered with a code there, the second with the error page.
#[track_caller]
fn matches_just(server: &Server, app: &App, good: &[&str], bad: &[&str]) {
    let mut browser = Browser::signed_in(server, "alice");
    let challenge = verifier_challenge();
    let mut get =
        |to: &str| browser.get(&app.authorize_url(&[&[("redirect_uri", to)], &pkce(&challenge)[..]].concat()));
    for to in good {
        let answer = get(to);
        assert!(answer.status == 303 && answer.location().starts_with(to), "{to}: {answer:?}");
        assert!(answer.location_param("code").is_some(), "{to}: {answer:?}");
    }
    for to in bad {
        let page = get(to);
        assert_eq!(page.status, 400, "{to}: {page:?}");
        is_error_page(&page);
    }
}

#[test]
fn a_regex_matches_path_and_query_in_full_behind_a_literal_origin() {
    let server = Server::start();
    server.alice();
    let app = server.app("App", &["--redirect-regex", "https://app.company/cb/[a-z]+(\\?tenant=[0-9]+)?"]);
    let good = ["https://app.company/cb/abc", "https://app.company/cb/abc?tenant=7"];
    let bad = [
        "https://app.company/cb/",
        "https://app.company/cb/ABC",
        "https://app.company/cb/abc/",
        "https://app.company/cb/abc?tenant=7&x=1",
        "https://app.company/x/cb/abc",
        "https://app.company/cb/abc\n",
        "https://app.company/cb/abc%0a",
        "https://app.company/cb/abc#",
        "https://app.company/cb/abc#x",
        "https://app.company/cb/../cb/abc",
        "https://appxcompany/cb/abc",
        "https://app.company.evil.example/cb/abc",
        "https://evil.example/https://app.company/cb/abc",
        "https://user@app.company/cb/abc",
        "https://app.company@evil.example/cb/abc",
        "https://app.company:8443/cb/abc",
        "https://APP.company/cb/abc",
        "http://app.company/cb/abc",
        "xhttps://app.company/cb/abc",
    ];
    matches_just(&server, &app, &good, &bad);
}

#[test]
fn the_widest_regex_still_stays_on_its_origin() {
    let server = Server::start();
    server.alice();
    let app = server.app("App", &["--redirect-regex", "https://app.company/.*|.*"]);
    let good = ["https://app.company/", "https://app.company/a/b?c=d&e=https://evil.example/"];
    let bad = [
        "https://evil.example/",
        "https://app.company.evil.example/",
        "https://app.companyevil.example/",
        "https://app.company@evil.example/",
        "https://app.company:pw@evil.example/",
        "https://app.company:8443/",
        "https://app.company/\\evil.example",
        "https://app.company/%5cevil.example",
        "https://app.company/a/../../b",
        "https://app.company/a/%2e%2e/b",
        "https://app.company/a/%252e%252e/b",
        "https://app.company/.%2e/b",
        "https://app.company/a#b",
        "https://app.company/a%0d%0ab",
        "https://app.company/a\tb",
        "https://app.company/\u{ff0f}evil",
    ];
    matches_just(&server, &app, &good, &bad);
    // A pattern has no say over the origin, and one that is no pattern is refused.
    for bad in [
        "https://.*/cb",
        "https://(a|b).company/cb",
        "https://[a-z]+.company/",
        ".*",
        "https://app.company/(",
        "https://*.company/",
    ] {
        server.cli(&["app", "create", "Bad", "--redirect-regex", bad]).refused(2);
    }
}

#[test]
fn the_loopback_address_of_a_public_client_may_have_any_port() {
    let server = Server::start();
    server.alice();
    let uris = ["--redirect-uri", "http://127.0.0.1/callback", "--redirect-uri", "http://[::1]:4711/callback"];
    let public = server.app("Native", &[&uris[..], &["--public"]].concat());
    let good = [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:51234/callback",
        "http://127.0.0.1:80/callback",
        "http://[::1]:4711/callback",
        "http://[::1]:65535/callback",
    ];
    let bad = [
        "http://127.0.0.1:51234/other",
        "http://127.0.0.1:51234/callback/",
        "http://127.0.0.1:51234/callback?x=1",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:+80/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1.evil.example:80/callback",
        "http://127.0.0.1:80.evil.example/callback",
        "http://127.0.0.2:51234/callback",
        "http://127.1:51234/callback",
        "http://localhost:51234/callback",
        "https://127.0.0.1:51234/callback",
    ];
    matches_just(&server, &public, &good, &bad);
    let confidential = server.app("Web", &uris);
    matches_just(&server, &confidential, &["http://127.0.0.1/callback"], &["http://127.0.0.1:51234/callback"]);
}

#[test]
fn a_scheme_of_its_own_is_for_public_clients_only() {
    let (server, _) = alice_and_app(&[]);
    let uri = "com.example.app:/oauth2redirect";
    server.cli(&["app", "create", "Web", "--redirect-uri", uri]).refused(2);
    let public = server.app("Native", &["--redirect-uri", uri, "--public"]);
    matches_just(
        &server,
        &public,
        &[uri],
        &["com.example.app:/other", "com.example.app://oauth2redirect", "com.example.evil:/oauth2redirect"],
    );
}

#[test]
fn a_query_that_was_registered_is_kept_and_the_answer_added() {
    let server = Server::start();
    server.alice();
    let app = server.app("App", &["--redirect-uri", "https://app.company/callback?tenant=a%2Fb"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let back = browser.get(&app.authorize_url(&[]));
    assert!(back.location().starts_with("https://app.company/callback?tenant=a%2Fb&code="), "{back:?}");
    let back = browser.get(&app.authorize_url(&[("response_mode", "fragment")]));
    assert!(back.location().starts_with("https://app.company/callback?tenant=a%2Fb#code="), "{back:?}");
}

#[test]
fn a_uri_that_was_taken_away_stops_working_for_requests_that_wait() {
    const TWO: &str = "https://app.company/two";
    let (server, app) = alice_and_app(&["--redirect-uri", TWO]);
    let mut browser = Browser::new(&server);
    let page = browser.open(&app.authorize_url(&[]));
    server.cli(&["app", "set", &app.slug, "--remove-uri", &app.redirect]).ok();
    let token = crate::support::browser::form_token(&page);
    let fields = [("form_token", token.as_str()), ("username", "alice"), ("password", crate::support::PASSWORD)];
    let action = crate::support::browser::action(&page).expect("a form");
    let answer = browser.post(&action, &fields);
    let answer = browser.follow(answer);
    assert_eq!((answer.status, answer.header("Location")), (400, None), "{answer:?}");
    let back = Browser::signed_in(&server, "alice").get(&app.authorize_url(&[("redirect_uri", TWO)]));
    assert!(back.location().starts_with(TWO), "{back:?}");
}
