//! The token endpoint: who may redeem a code, with what, and how often; and what its refusals look like.

mod endings;
mod forgeries;
mod refresh;
mod sharing;

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::support::browser::Browser;
use crate::support::client::TOKEN;
use crate::support::http::{basic, form};
use crate::support::oauth::{VERIFIER, alice_and_app, code_with_pkce, find_event, oauth_error};
use crate::support::{Answer, App, Http, Server, Tokens};

#[test]
fn a_code_that_is_redeemed_twice_takes_its_tokens_with_it() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let untouched = app.tokens(&mut browser, "openid offline_access");
    let code = app.code(&mut browser, &[("scope", "openid offline_access")]);
    let tokens = Tokens::of(&app.redeem(&http, &code, &[]));
    assert_eq!(app.userinfo(&http, &tokens.access).status, 200);
    assert_eq!(oauth_error(&app.redeem(&http, &code, &[]), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
    assert_eq!(app.introspect(&http, &tokens.access).json()["active"], false);
    let refresh = tokens.refresh.expect("a refresh token");
    assert_eq!(oauth_error(&app.refresh(&http, &refresh, &[]), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &untouched.access).status, 200, "other grants are not touched");
}

#[test]
fn a_code_is_good_for_its_own_client_and_redirect_uri_only_and_strangers_do_not_burn_it() {
    let (server, app) = alice_and_app(&["--redirect-uri", "https://app.company/two"]);
    let other = server.app("Other", &["--redirect-uri", &app.redirect]);
    let http = server.http();
    let mut browser = Browser::signed_in(&server, "alice");
    let code = app.code(&mut browser, &[]);
    assert_eq!(oauth_error(&other.redeem(&http, &code, &[]), 400), "invalid_grant");
    for uri in ["https://app.company/two", "https://app.company/callback/", "https://evil.example/", ""] {
        let answer = app.redeem(&http, &code, &[("redirect_uri", uri)]);
        assert_eq!(oauth_error(&answer, 400), "invalid_grant", "{uri}");
    }
    for wrong in [&code[1..], &code.to_lowercase(), "x", &format!("{code}x"), &format!(" {code}")] {
        assert_eq!(oauth_error(&app.redeem(&http, wrong, &[]), 400), "invalid_grant", "{wrong}");
    }
    let tokens = Tokens::of(&app.redeem(&http, &code, &[]));
    // Nor can another client revoke them by playing the code again.
    assert_eq!(oauth_error(&other.redeem(&http, &code, &[]), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &tokens.access).status, 200);
}

#[test]
fn a_code_expires() {
    let (server, app) = alice_and_app(&["--code-validity", "1s"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let code = app.code(&mut browser, &[]);
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(oauth_error(&app.redeem(&server.http(), &code, &[]), 400), "invalid_grant");
    server.cli(&["app", "set", &app.slug, "--code-validity", "60s"]).ok();
    assert_eq!(oauth_error(&app.redeem(&server.http(), &code, &[]), 400), "invalid_grant", "its time was fixed");
    app.tokens(&mut browser, "openid");
}

/// Sends the same request from many threads at once.
fn at_once(n: usize, send: impl Fn() -> Answer + Sync) -> Vec<Answer> {
    let barrier = std::sync::Barrier::new(n);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    send()
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().expect("an answer")).collect()
    })
}

#[test]
fn of_fifty_parallel_redemptions_one_wins_and_its_tokens_die_by_the_replay() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let code = app.code(&mut browser, &[("scope", "openid offline_access")]);
    let http = server.http();
    let answers = at_once(50, || app.redeem(&http, &code, &[]));
    let won: Vec<&Answer> = answers.iter().filter(|a| a.status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    for lost in answers.iter().filter(|a| a.status != 200) {
        assert_eq!(oauth_error(lost, 400), "invalid_grant");
    }
    let tokens = Tokens::of(won[0]);
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
    let refresh = tokens.refresh.expect("a refresh token");
    assert_eq!(oauth_error(&app.refresh(&http, &refresh, &[]), 400), "invalid_grant");
    app.tokens(&mut browser, "openid");
}

#[test]
fn the_verifier_must_fit_the_challenge_and_a_wrong_one_burns_nothing() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let code = code_with_pkce(&app, &mut browser, "openid");
    let challenge = crate::support::oauth::verifier_challenge();
    let long = "a".repeat(129);
    let wrong = format!("{}l", &VERIFIER[..42]);
    for verifier in ["", &wrong, &challenge, "short", &long, &format!("{VERIFIER} "), &VERIFIER.to_lowercase()] {
        let answer = app.redeem(&http, &code, &[("code_verifier", verifier)]);
        assert_eq!(oauth_error(&answer, 400), "invalid_grant", "{verifier}");
    }
    assert_eq!(oauth_error(&app.redeem(&http, &code, &[]), 400), "invalid_grant", "missing");
    let twice = [("code_verifier", VERIFIER), ("code_verifier", VERIFIER)];
    assert_eq!(oauth_error(&app.redeem(&http, &code, &twice), 400), "invalid_request");
    assert_eq!(app.redeem(&http, &code, &[("code_verifier", VERIFIER)]).status, 200);
    // A verifier for a code that had no challenge: somebody stripped it on the way (RFC 9700 section 2.1.1).
    let bare = app.code(&mut browser, &[]);
    let answer = app.redeem(&http, &bare, &[("code_verifier", VERIFIER)]);
    assert_eq!(oauth_error(&answer, 400), "invalid_grant");
    assert_eq!(app.redeem(&http, &bare, &[]).status, 200);
}

#[test]
fn a_public_client_needs_its_verifier_even_with_some_secret() {
    let (server, _) = alice_and_app(&[]);
    let app = server.app("Native", &["--public", "--redirect-uri", "https://native.company/"]);
    assert_eq!(app.secret, "", "it has none");
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let code = code_with_pkce(&app, &mut browser, "openid");
    for more in [vec![], vec![("client_secret", "some-secret")], vec![("code_verifier", "")]] {
        assert_eq!(oauth_error(&app.redeem(&http, &code, &more), 400), "invalid_grant", "{more:?}");
    }
    assert_eq!(app.redeem(&http, &code, &[("code_verifier", VERIFIER)]).status, 200);
}

#[test]
fn one_method_of_authentication_by_one_client() {
    let (server, app) = alice_and_app(&[]);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let code = app.code(&mut browser, &[]);
    let grant =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", app.redirect.as_str())];
    let http = server.http();
    let send = |authorization: Option<&str>, more: &[(&str, &str)]| {
        let headers: Vec<_> = authorization.map(|a| ("Authorization", a)).into_iter().collect();
        http.post_with(TOKEN, &headers, &[&grant[..], more].concat())
    };
    let own = app.basic();
    let (id, secret) = (("client_id", app.id.as_str()), ("client_secret", app.secret.as_str()));
    let both = send(Some(&own), &[id, secret]);
    assert_eq!(oauth_error(&both, 400), "invalid_request");
    assert_eq!(oauth_error(&send(Some(&own), &[secret]), 400), "invalid_request");
    let mixed = send(Some(&own), &[("client_id", &other.id)]);
    assert_eq!(oauth_error(&mixed, 401), "invalid_client");
    let mixed = send(Some(&other.basic()), &[id]);
    assert_eq!(oauth_error(&mixed, 401), "invalid_client");
    for refused in [
        send(None, &[]),
        send(None, &[id]),
        send(None, &[id, ("client_secret", "")]),
        send(None, &[secret]),
        send(None, &[id, ("client_secret", &other.secret)]),
        send(None, &[id, ("client_secret", &app.secret[1..])]),
        send(Some(&basic(&app.id, "")), &[]),
        send(Some(&basic(&app.id, &other.secret)), &[]),
        send(Some("Basic !!!"), &[]),
        send(Some("Basic"), &[id, secret]),
        send(Some("Bearer x"), &[id, secret]),
    ] {
        assert_eq!(oauth_error(&refused, 401), "invalid_client");
    }
    let twice = send(None, &[id, id, secret]);
    assert_eq!(oauth_error(&twice, 400), "invalid_request");
    // None of that burnt the code; the header with the same id in the body is one method.
    Tokens::of(&send(Some(&own), &[id]));
}

#[test]
fn an_unknown_client_and_a_wrong_secret_look_the_same() {
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let shape = |answer: Answer| {
        assert_eq!(oauth_error(&answer, 401), "invalid_client");
        let mut body = answer.json();
        body["request_id"] = "".into();
        let names: Vec<String> = answer.headers.iter().map(|(n, _)| n.clone()).collect();
        (body, names, answer.header("WWW-Authenticate").map(str::to_owned))
    };
    let by_post = |id: &str, secret: &str| {
        shape(http.post(TOKEN, &[("grant_type", "authorization_code"), ("client_id", id), ("client_secret", secret)]))
    };
    let by_basic = |id: &str, secret: &str| {
        shape(http.post_with(TOKEN, &[("Authorization", &basic(id, secret))], &[("grant_type", "authorization_code")]))
    };
    assert_eq!(by_post(&app.id, "wrong"), by_post("nobody", "wrong"));
    assert_eq!(by_basic(&app.id, "wrong"), by_basic("nobody", "wrong"));
    assert!(by_basic("nobody", "wrong").2.is_some_and(|c| c.starts_with("Basic realm=")), "RFC 6749 section 5.2");
    assert_eq!(by_post("nobody", "wrong").2, None);
}

#[test]
fn credentials_brought_along_work_form_encoded_and_as_they_are() {
    // RFC 6749 section 2.3.1 has clients encode both parts, and many do not: ids and secrets that differ by it, that
    // only look encoded, and that cannot be decoded.
    for (id, secret) in
        [("app+1%2F2", "a+b%2Fc~d/e=f&g-01"), ("plain", "100%ff-or-nothing!"), ("a%zz", "percent%-and-a+plus")]
    {
        let server = Server::start();
        server.alice();
        let options = ["--client-id", id, "--client-secret-stdin", "--redirect-uri", "https://app.company/callback"];
        let arguments = [&["app", "create", "App", "--json"][..], &options].concat();
        let app = App::from_json(&server.cli_with_input(&arguments, secret).ok());
        assert_eq!((app.id.as_str(), app.secret.as_str()), (id, secret));
        let mut browser = Browser::signed_in(&server, "alice");
        let as_they_are = |secret: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")));
        for (authorization, works) in [
            (app.basic(), true),
            (as_they_are(secret), true),
            (basic(id, &secret[1..]), false),
            (as_they_are(&secret[1..]), false),
            (basic(&id[1..], secret), false),
        ] {
            let code = app.code(&mut browser, &[]);
            let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", &app.redirect)];
            let answer = server.http().post_with(TOKEN, &[("Authorization", &authorization)], &fields);
            assert_eq!(answer.status, if works { 200 } else { 401 }, "{id} {secret} {authorization}");
        }
        let code = app.code(&mut browser, &[]);
        Tokens::of(&app.redeem(&server.http(), &code, &[]));
    }
}

#[test]
fn requests_that_are_no_grant_are_refused_in_json() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let code = app.code(&mut browser, &[]);
    let send = |fields: &[(&str, &str)]| http.post_with(TOKEN, &[("Authorization", &app.basic())], fields);
    assert_eq!(oauth_error(&send(&[]), 400), "invalid_request");
    assert_eq!(oauth_error(&send(&[("grant_type", "authorization_code")]), 400), "invalid_request");
    assert_eq!(oauth_error(&send(&[("grant_type", "refresh_token")]), 400), "invalid_request");
    for unsupported in ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer"] {
        let fields = [("grant_type", unsupported), ("username", "alice"), ("password", crate::support::PASSWORD)];
        assert_eq!(oauth_error(&send(&fields), 400), "unsupported_grant_type", "{unsupported}");
    }
    let twice = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code", code.as_str())];
    assert_eq!(oauth_error(&send(&twice), 400), "invalid_request");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", &app.redirect),
        ("client_id", &app.id),
        ("client_secret", &app.secret),
    ];
    // Nothing counts that is in the URL, or in a body of another type.
    let in_query = http.post(&format!("{TOKEN}?{}", form(&fields)), &[]);
    assert_eq!(oauth_error(&in_query, 401), "invalid_client");
    let as_text = http.send("POST", TOKEN, &[("Content-Type", "text/plain")], &form(&fields));
    assert_eq!(oauth_error(&as_text, 400), "invalid_request");
    let untyped = http.send("POST", TOKEN, &[], &form(&fields));
    assert_eq!(oauth_error(&untyped, 400), "invalid_request");
    let got = http.get(&format!("{TOKEN}?{}", form(&fields)));
    assert_eq!((got.status, got.header("Allow")), (405, Some("POST")));
    let typed = [("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")];
    Tokens::of(&http.send("POST", TOKEN, &typed, &form(&fields)));
}

#[test]
fn the_client_learns_little_and_the_events_say_why() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let code = code_with_pkce(&app, &mut browser, "openid");
    let wrong_verifier = app.redeem(&http, &code, &[("code_verifier", &"a".repeat(43))]);
    let wrong_uri = app.redeem(&http, &code, &[("redirect_uri", "https://app.company/other")]);
    let wrong_secret = app.redeem(&http, &code, &[("client_secret", "wrong")]);
    let (a, b) = (wrong_verifier.json(), wrong_uri.json());
    assert_eq!(a["error_description"], b["error_description"], "the client is not told which");
    Browser::signed_in(&server, "alice");
    for (answer, kind, word) in [
        (&wrong_verifier, "token_refused", "code_verifier"),
        (&wrong_uri, "token_refused", "redirect_uri"),
        (&wrong_secret, "client_refused", "secret"),
    ] {
        let event = find_event(&server, answer.header("X-Request-Id").expect("a request id"));
        assert_eq!((&event["kind"], &event["client_id"]), (&kind.into(), &app.id.as_str().into()), "{event}");
        assert!(event["details"]["reason"].as_str().is_some_and(|r| r.contains(word)), "{event}");
    }
    let all = server.cli(&["events", "--json", "--limit", "1000"]).ok() + &server.printed();
    for secret in [code.as_str(), &app.secret, crate::support::PASSWORD] {
        assert!(!all.contains(secret), "no secret is ever written down");
    }
}

#[test]
fn the_access_token_is_a_jwt_by_rfc_9068_without_anything_personal() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, "openid profile email groups");
    let (head, claims) =
        (crate::support::client::header(&tokens.access), crate::support::client::claims(&tokens.access));
    assert_eq!(head["typ"], "at+jwt");
    assert_eq!((&claims["iss"], &claims["aud"]), (&app.issuer.as_str().into(), &app.issuer.as_str().into()));
    assert_eq!(claims["client_id"], app.id.as_str());
    assert_eq!(claims["scope"], "openid profile email groups");
    assert_eq!(claims["sub"], tokens.id_claims()["sub"]);
    for required in ["exp", "iat", "jti"] {
        assert!(!claims[required].is_null(), "{required}: {claims}");
    }
    for personal in ["name", "email", "preferred_username", "groups", "given_name", "nonce"] {
        assert!(claims.get(personal).is_none(), "{personal}: {claims}");
    }
    let off = server.app("Lean", &["--redirect-uri", "https://lean.company/", "--claims-in-id-token", "off"]);
    let lean = off.tokens(&mut browser, "openid email");
    assert!(lean.id_claims().get("email").is_none());
    assert_eq!(off.userinfo(&http_of(&browser), &lean.access).expect(200).json()["email"], "alice@example.com");
}

fn http_of(browser: &Browser) -> Http {
    browser.http.clone()
}
