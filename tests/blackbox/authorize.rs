//! The authorization endpoint: the order of its checks, how refusals travel, and what the parameters mean.

mod answers;
mod consent;
mod core;
mod prompts;
mod redirects;
mod response_types;
mod signing;

use crate::support::browser::{Browser, url};
use crate::support::client::AUTHORIZE;
use crate::support::http::form;
use crate::support::oauth::{alice_and_app, find_event, form_post, is_a_refusal, is_error_page, params, refused_with};
use crate::support::{App, Server};

#[test]
fn the_client_is_checked_first_then_the_redirect_uri_then_everything_else() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::new(&server);
    let everything_wrong = [("client_id", "nobody"), ("redirect_uri", "https://evil.example/"), ("response_type", "x")];
    let page = browser.get(&app.authorize_url(&everything_wrong));
    is_error_page(&page);
    assert!(page.body.contains("Client ID received") && page.body.contains("nobody"), "{page:?}");
    assert!(!page.body.contains("evil.example"), "{page:?}");
    let page = browser.get(&app.authorize_url(&everything_wrong[1..]));
    is_error_page(&page);
    assert!(page.body.contains("Redirect URI received") && page.body.contains("https://evil.example/"), "{page:?}");
    let answer = browser.get(&app.authorize_url(&everything_wrong[2..]));
    assert_eq!(refused_with(&answer, &app), "unsupported_response_type");
    assert!(browser.open(&app.authorize_url(&[])).body.contains("id=\"login-submit\""), "the twin");
}

#[test]
fn without_a_client_and_a_redirect_uri_said_once_there_is_nobody_to_answer() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let (id, to) = (app.id.as_str(), app.redirect.as_str());
    let rest = [("response_type", "code"), ("scope", "openid"), ("state", "s")];
    for bad in [
        vec![("redirect_uri", to)],
        vec![("client_id", ""), ("redirect_uri", to)],
        vec![("client_id", id), ("client_id", id), ("redirect_uri", to)],
        vec![("client_id", id)],
        vec![("client_id", id), ("redirect_uri", "")],
        vec![("client_id", id), ("redirect_uri", to), ("redirect_uri", to)],
        vec![("client_id", id), ("redirect_uri", to), ("redirect_uri", "https://evil.example/")],
        vec![("client_id", id), ("redirect_uri", "https://evil.example/"), ("redirect_uri", to)],
        vec![("client_id", "<script>alert(1)</script>"), ("redirect_uri", to)],
        vec![],
    ] {
        let page = browser.get(&url(AUTHORIZE, &[&bad[..], &rest[..]].concat()));
        is_error_page(&page);
        assert!(!page.body.contains("<script>alert"), "{page:?}");
    }
    let good = [&[("client_id", id), ("redirect_uri", to)][..], &rest[..]].concat();
    assert!(browser.get(&url(AUTHORIZE, &good)).location_param("code").is_some());
}

/// Requests that a known client with a good redirect URI gets wrong, and the error of each.
const FAULTS: &[(&[(&str, &str)], &str)] = &[
    (&[("response_type", "none")], "unsupported_response_type"),
    (&[("response_type", "code code")], "unsupported_response_type"),
    (&[("response_type", "")], "invalid_request"),
    (&[("request", "eyJhbGciOiJub25lIn0.e30.")], "request_not_supported"),
    (&[("request_uri", "https://evil.example/r.jwt")], "request_uri_not_supported"),
    (&[("registration", "{}")], "registration_not_supported"),
    (&[("prompt", "none login")], "invalid_request"),
    (&[("prompt", "consent none")], "invalid_request"),
    (&[("max_age", "-1")], "invalid_request"),
    (&[("max_age", "+1")], "invalid_request"),
    (&[("max_age", "soon")], "invalid_request"),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")], "invalid_request"),
    (
        &[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), ("code_challenge_method", "plain")],
        "invalid_request",
    ),
    (&[("code_challenge", "short"), ("code_challenge_method", "S256")], "invalid_request"),
    (&[("code_challenge_method", "S256")], "invalid_request"),
    (&[("claims", "not json")], "invalid_request"),
    (&[("claims", "[]")], "invalid_request"),
    (&[("id_token_hint", "not.a.token")], "invalid_request"),
    (&[("prompt", "login"), ("prompt", "consent")], "invalid_request"),
    (&[("scope", "openid"), ("scope", "email")], "invalid_request"),
    (&[("nonce", "a"), ("nonce", "b")], "invalid_request"),
    (&[("response_type", "code"), ("response_type", "code")], "invalid_request"),
    (&[("code_challenge", "a"), ("code_challenge", "b")], "invalid_request"),
    (&[("max_age", "1"), ("max_age", "2")], "invalid_request"),
];

#[test]
fn every_other_fault_goes_back_to_the_client_with_state_and_issuer() {
    let (server, app) = alice_and_app(&[]);
    for mut browser in [Browser::new(&server), Browser::signed_in(&server, "alice")] {
        for (fault, error) in FAULTS {
            let answer = browser.get(&app.authorize_url(fault));
            assert_eq!(refused_with(&answer, &app), *error, "{fault:?}");
            assert_eq!(answer.location_param("state").as_deref(), Some("the-state"), "{fault:?}");
            assert_eq!(answer.all("Set-Cookie"), Vec::<&str>::new(), "{fault:?}");
        }
    }
}

#[test]
fn refusals_take_the_response_mode_that_was_asked_for() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::new(&server);
    let fault = [("response_type", "none"), ("state", "a&b=\"c\"<d>")];
    let with = |mode| [&fault[..], &[("response_mode", mode)]].concat();
    let answer = browser.get(&app.authorize_url(&with("fragment")));
    assert!(answer.location().starts_with(&format!("{}#", app.redirect)), "{answer:?}");
    let in_fragment = params(answer.location(), '#');
    let answer = browser.get(&app.authorize_url(&with("query")));
    let in_query = params(answer.location(), '?');
    let (to, posted) = form_post(&browser.get(&app.authorize_url(&with("form_post"))));
    assert_eq!(to, app.redirect);
    for answer in [&in_fragment, &in_query, &posted] {
        is_a_refusal(answer, &app);
        assert_eq!(answer["error"], "unsupported_response_type");
        assert_eq!(answer["state"], "a&b=\"c\"<d>");
    }
    // A mode that there is not is itself the fault, and is told in the usual one.
    let answer = browser.get(&app.authorize_url(&[("response_mode", "web_message")]));
    assert_eq!(refused_with(&answer, &app), "invalid_request");
}

#[test]
fn a_state_that_was_sent_twice_comes_back_not_at_all() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let answer = browser.get(&app.authorize_url(&[("state", "one"), ("state", "two")]));
    assert_eq!(refused_with(&answer, &app), "invalid_request");
    assert_eq!(answer.location_param("state"), None);
    // And none that was not sent is made up.
    let answer = browser.get(&app.authorize_url(&[("state", "")]));
    assert!(answer.location_param("code").is_some() && answer.location_param("state").is_none(), "{answer:?}");
}

#[test]
fn a_request_may_come_as_a_form_from_another_site_without_any_cookie() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let query = app.authorize_url(&[("state", "posted"), ("nonce", "n")]);
    let fields: Vec<(String, String)> =
        form_urlencoded::parse(query.split_once('?').expect("a query").1.as_bytes()).into_owned().collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let first = browser.post_from("https://app.company", AUTHORIZE, &fields);
    assert_eq!(first.status, 303, "{first:?}");
    assert!(first.location().starts_with('/'), "to a GET of ours, which carries the session: {first:?}");
    let back = browser.follow(first);
    assert_eq!(back.location_param("state").as_deref(), Some("posted"));
    assert!(back.location_param("code").is_some(), "{back:?}");
    // Nobody signed in: the same way to the sign-in page.
    let mut nobody = Browser::new(&server);
    let first = nobody.post_from("https://app.company", AUTHORIZE, &fields);
    let page = nobody.follow(first);
    assert!(nobody.sign_in(&page, "alice").location_param("code").is_some());
    // Faults are found before anything is kept.
    let bad = nobody.post_from("https://app.company", AUTHORIZE, &[("client_id", "nobody")]);
    is_error_page(&bad);
    let not_a_form = server.http().send("POST", AUTHORIZE, &[("Content-Type", "application/json")], &form(&fields));
    is_error_page(&not_a_form);
}

#[test]
fn unknown_scopes_are_ignored_and_what_was_granted_is_said() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let granted = |browser: &mut Browser, scope: &str| {
        let tokens = app.tokens(browser, scope);
        (tokens.json["scope"].as_str().expect("a scope").to_owned(), tokens.id.is_some())
    };
    assert_eq!(granted(&mut browser, "openid api:read email goauthentik.io/api"), ("openid email".into(), true));
    assert_eq!(granted(&mut browser, "openid  openid email"), ("openid email".into(), true));
    assert_eq!(granted(&mut browser, "email"), ("email".into(), false), "openid is not assumed");
    assert_eq!(granted(&mut browser, ""), (String::new(), false));
    assert_eq!(granted(&mut browser, "OPENID"), (String::new(), false), "scopes are case-sensitive");
}

/// Every path that answers, with a method of its own, and what it answers without any parameter.
fn endpoints(app: &App) -> Vec<(&'static str, String, u16)> {
    let of_app = |rest: &str| format!("/application/o/{}{rest}", app.slug);
    vec![
        ("GET", "/application/o/authorize".into(), 400),
        ("POST", "/application/o/authorize".into(), 400),
        ("POST", "/application/o/token".into(), 401),
        ("GET", "/application/o/userinfo".into(), 401),
        ("POST", "/application/o/userinfo".into(), 401),
        ("POST", "/application/o/introspect".into(), 401),
        ("POST", "/application/o/revoke".into(), 401),
        ("GET", of_app("/end-session"), 200),
        ("GET", of_app("/jwks"), 200),
        ("GET", of_app("/.well-known/openid-configuration"), 200),
    ]
}

#[test]
fn every_endpoint_answers_with_and_without_the_slash_and_never_by_a_redirect() {
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let form_type = [("Content-Type", "application/x-www-form-urlencoded")];
    for (method, path, status) in endpoints(&app) {
        for path in [path.clone(), format!("{path}/")] {
            let answer = http.send(method, &path, &form_type, "");
            assert_eq!((answer.status, answer.header("Location")), (status, None), "{method} {path}");
        }
    }
    // A POST to end-session goes on by a GET of the same form, and the issuer leads to discovery.
    for path in [app.issuer.replace(&server.base, ""), format!("/application/o/{}", app.slug)] {
        let answer = http.get(&path);
        assert_eq!(answer.status, 302);
        assert_eq!(answer.location(), format!("{}.well-known/openid-configuration", app.issuer));
    }
}

#[test]
fn under_another_host_pages_point_to_the_right_one_and_programs_are_answered() {
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let other = [("Host", "evil.example"), ("Content-Type", "application/x-www-form-urlencoded")];
    for (method, path, status) in endpoints(&app) {
        let answer = http.send(method, &path, &other, "");
        let is_page = path.ends_with("authorize") || path.ends_with("end-session");
        assert_eq!(answer.status, if is_page { 421 } else { status }, "{method} {path}");
        assert_eq!(answer.header("Location"), None);
        assert_eq!(answer.all("Set-Cookie"), Vec::<&str>::new());
        assert!(!answer.body.contains("http://evil.example") && !answer.body.contains("https://evil.example"));
        if is_page {
            assert!(answer.body.contains(&format!("href=\"{}", server.base)), "a link to it: {answer:?}");
        }
    }
    let found = http.send("GET", "/application/o/app/.well-known/openid-configuration", &other[..1], "").json();
    assert_eq!(found["issuer"], app.issuer.as_str());
    assert!(found["token_endpoint"].as_str().is_some_and(|t| t.starts_with(&server.base)), "{found}");
    // The whole exchange of a client's server that reaches us by another name.
    let mut browser = Browser::signed_in(&server, "alice");
    let code = app.code(&mut browser, &[]);
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect.as_str()),
        ("client_id", app.id.as_str()),
        ("client_secret", app.secret.as_str()),
    ];
    let tokens = http.send("POST", "/application/o/token", &other, &form(&fields)).expect(200).json();
    let claims = crate::support::client::claims(tokens["id_token"].as_str().expect("an ID token"));
    assert_eq!(claims["iss"], app.issuer.as_str());
}

#[test]
fn the_default_port_may_be_written_in_the_host() {
    // As proxies do that pass on `$host:$server_port`.
    let server = Server::start_with(&["--url", "https://auth.home.example"]);
    let http = server.http();
    let status = |host: &str| http.get_with("/login/", &[("Host", host)]).status;
    for own in ["auth.home.example", "auth.home.example:443", "AUTH.home.example"] {
        assert_eq!(status(own), 200, "{own}");
    }
    for other in ["auth.home.example:80", "auth.home.example:8443", "auth.home.example:0443", "home.example"] {
        assert_eq!(status(other), 421, "{other}");
    }
}

#[test]
fn a_user_without_a_binding_is_told_so_here_and_not_sent_round_in_circles() {
    let (server, app) = alice_and_app(&[]);
    server.user("bob", &[]);
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["group", "add", "family", "bob"]).ok();
    server.cli(&["app", "bind", &app.slug, "--group", "family"]).ok();
    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open(&app.authorize_url(&[]));
    assert_eq!((page.status, page.header("Location")), (403, None), "{page:?}");
    assert!(page.body.contains("id=\"access-denied\"") && page.body.contains("alice"), "{page:?}");
    assert!(!page.body.contains("http-equiv=\"refresh\""), "{page:?}");
    // Where nobody may be shown a page, the client is told.
    let silent = browser.get(&app.authorize_url(&[("prompt", "none")]));
    assert_eq!(refused_with(&silent, &app), "access_denied");
    // The way out: another account, for the same request.
    let form = browser.submit(&page, &[]);
    let back = browser.sign_in(&form, "bob");
    assert!(back.location_param("code").is_some(), "{back:?}");
    assert_eq!(back.location_param("state").as_deref(), Some("the-state"));
}

#[test]
fn the_reason_of_a_refusal_is_in_the_events_under_the_request_id_of_the_page() {
    let (server, app) = alice_and_app(&[]);
    let page = Browser::new(&server).get(&app.authorize_url(&[("redirect_uri", "https://evil.example/x")]));
    is_error_page(&page);
    let id = page.header("X-Request-Id").expect("a request id").to_owned();
    // Stored along with the next success.
    Browser::signed_in(&server, "alice");
    let event = find_event(&server, &id);
    assert_eq!(event["kind"], "authorize_refused", "{event}");
    assert_eq!(event["details"]["received_redirect_uri"], "https://evil.example/x", "{event}");
    assert_eq!(event["client_id"], app.id.as_str(), "{event}");
}
