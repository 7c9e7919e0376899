//! Who may ask about a token and end it, and whose scripts may read the answers.

use serde_json::json;

use crate::support::browser::Browser;
use crate::support::client::{INTROSPECT, REVOKE, TOKEN, USERINFO};
use crate::support::http::{basic, form};
use crate::support::oauth::{VERIFIER, alice_and_app, code_with_pkce, oauth_error};
use crate::support::{Answer, Tokens};

#[test]
fn introspection_tells_a_client_of_its_own_tokens() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let tokens = app.tokens(&mut browser, "openid email offline_access");
    let told = app.introspect(&http, &tokens.access).expect(200).json();
    let claims = crate::support::client::claims(&tokens.access);
    assert_eq!(told["active"], true);
    for same in ["scope", "client_id", "exp", "iat", "sub", "aud", "iss"] {
        assert_eq!(told[same], claims[same], "{same}");
    }
    assert_eq!((&told["username"], &told["token_type"]), (&json!("alice"), &json!("Bearer")));
    let refresh = tokens.refresh.expect("a refresh token");
    let of_refresh = app.introspect(&http, &refresh).expect(200).json();
    assert_eq!((&of_refresh["active"], &of_refresh["client_id"]), (&json!(true), &json!(app.id)));
    assert!(of_refresh["exp"].as_i64() > told["exp"].as_i64(), "{of_refresh}");
    // A used one is not active any more; a hint of the wrong kind does not matter.
    app.refresh(&http, &refresh, &[]).expect(200);
    assert_eq!(app.introspect(&http, &refresh).json(), json!({ "active": false }));
    let hinted = [("token", tokens.access.as_str()), ("token_type_hint", "refresh_token")];
    assert_eq!(http.post_with(INTROSPECT, &[("Authorization", &app.basic())], &hinted).json()["active"], true);
    for other in ["x", tokens.id.as_deref().expect("one"), &app.secret] {
        assert_eq!(app.introspect(&http, other).expect(200).json(), json!({ "active": false }), "{other}");
    }
}

#[test]
fn another_client_can_neither_introspect_nor_revoke_a_token() {
    let (server, app) = alice_and_app(&[]);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let native = server.app("Native", &["--public", "--redirect-uri", "https://native.company/"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let tokens = app.tokens(&mut browser, "openid offline_access");
    let refresh = tokens.refresh.clone().expect("a refresh token");
    for token in [&tokens.access, &refresh] {
        assert_eq!(other.introspect(&http, token).expect(200).json(), json!({ "active": false }));
        let fields = [("token", token.as_str())];
        let revoked = http.post_with(REVOKE, &[("Authorization", &other.basic())], &fields);
        assert_eq!(revoked.status, 200, "as for an unknown one: {revoked:?}");
        http.post(REVOKE, &[fields[0], ("client_id", &native.id)]).expect(200);
        for nobody in [
            http.post(INTROSPECT, &fields),
            http.post(REVOKE, &fields),
            http.post(INTROSPECT, &[fields[0], ("client_id", &native.id)]),
            http.post(INTROSPECT, &[fields[0], ("client_id", &app.id)]),
            http.post(REVOKE, &[fields[0], ("client_id", &app.id)]),
            http.post_with(INTROSPECT, &[("Authorization", &basic(&app.id, "wrong"))], &fields),
            http.post_with(REVOKE, &[("Authorization", &basic(&app.id, "wrong"))], &fields),
            http.post_with(INTROSPECT, &[("Authorization", &format!("Bearer {}", tokens.access))], &fields),
        ] {
            assert_eq!(oauth_error(&nobody, 401), "invalid_client");
        }
    }
    assert_eq!(app.introspect(&http, &tokens.access).json()["active"], true);
    assert_eq!(app.introspect(&http, &refresh).json()["active"], true);
    assert_eq!(app.userinfo(&http, &tokens.access).status, 200);
}

#[test]
fn revoking_ends_an_access_token_alone_and_a_refresh_token_with_its_family() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    let revoke = |token: &str| http.post_with(REVOKE, &[("Authorization", &app.basic())], &[("token", token)]);
    let tokens = app.tokens(&mut browser, "openid offline_access");
    let refresh = tokens.refresh.clone().expect("a refresh token");
    assert_eq!(revoke("never-seen").status, 200, "RFC 7009 section 2.2");
    assert_eq!(app.userinfo(&http, &tokens.access).status, 200);
    assert_eq!(revoke(&tokens.access).status, 200);
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
    assert_eq!(revoke(&tokens.access).status, 200, "again");
    let next = Tokens::of(&app.refresh(&http, &refresh, &[]));
    let successor = next.refresh.clone().expect("a refresh token");
    let body = [("token", successor.as_str()), ("client_id", &app.id), ("client_secret", &app.secret)];
    assert_eq!(http.post(REVOKE, &body).status, 200);
    assert_eq!(app.userinfo(&http, &next.access).status, 401);
    assert_eq!(oauth_error(&app.refresh(&http, &successor, &[]), 400), "invalid_grant");
    for bad in [vec![], vec![("token", "")], vec![("token", "a"), ("token", "b")]] {
        let answer = http.post_with(REVOKE, &[("Authorization", &app.basic())], &bad);
        assert_eq!(oauth_error(&answer, 400), "invalid_request", "{bad:?}");
        let answer = http.post_with(INTROSPECT, &[("Authorization", &app.basic())], &bad);
        assert_eq!(oauth_error(&answer, 400), "invalid_request", "{bad:?}");
    }
    let in_query = format!("{INTROSPECT}?{}", form(&[("token", &next.access)]));
    let answer = http.post_with(&in_query, &[("Authorization", &app.basic())], &[]);
    assert_eq!(oauth_error(&answer, 400), "invalid_request", "a token in the URL is not read");
}

fn allowed(answer: &Answer) -> Option<&str> {
    assert_eq!(answer.header("Access-Control-Allow-Credentials"), None, "no cookie goes along");
    answer.header("Access-Control-Allow-Origin")
}

#[test]
fn preflights_are_answered_for_registered_origins() {
    let (server, _) = alice_and_app(&["--redirect-uri", "http://localhost:5173/cb"]);
    server.app("Native", &["--public", "--redirect-uri", "com.example.app:/cb"]);
    let http = server.http();
    for path in [TOKEN, USERINFO, REVOKE, "/application/o/token"] {
        let ask = |origin: &str| {
            let headers = [
                ("Origin", origin),
                ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "authorization,content-type"),
            ];
            http.send("OPTIONS", path, &headers, "")
        };
        for origin in ["https://app.company", "http://localhost:5173"] {
            let answer = ask(origin);
            assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
            assert_eq!(allowed(&answer), Some(origin));
            let headers = answer.header("Access-Control-Allow-Headers").expect("headers").to_lowercase();
            assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");
            assert!(answer.header("Access-Control-Allow-Methods").is_some_and(|m| m.contains("POST")));
            assert_eq!(answer.header("Vary"), Some("Origin"));
        }
        for origin in [
            "https://evil.example",
            "https://app.company.evil.example",
            "http://app.company",
            "https://app.company:8443",
            "https://APP.company",
            "null",
            "com.example.app:",
            "",
        ] {
            assert_eq!(allowed(&ask(origin)), None, "{path}: {origin}");
        }
    }
}

#[test]
fn answers_and_refusals_are_readable_for_the_clients_own_origin_and_no_other() {
    let (server, app) = alice_and_app(&[]);
    let native = server.app("Native", &["--public", "--redirect-uri", "https://native.company/cb"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let http = server.http();
    for (origin, expected) in [
        ("https://native.company", Some("https://native.company")),
        ("https://app.company", None),
        ("https://evil.example", None),
        ("null", None),
    ] {
        let code = code_with_pkce(&native, &mut browser, "openid offline_access");
        let send = |code: &str| {
            let fields = [
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &native.redirect),
                ("client_id", &native.id),
                ("code_verifier", VERIFIER),
            ];
            http.post_with(TOKEN, &[("Origin", origin)], &fields)
        };
        let refused = send("unknown");
        assert_eq!(oauth_error(&refused, 400), "invalid_grant");
        assert_eq!(allowed(&refused), expected, "the script has to learn what was wrong");
        let answer = send(&code);
        assert_eq!(allowed(&answer), expected);
        let tokens = Tokens::of(&answer);
        let bearer = format!("Bearer {}", tokens.access);
        let answer = http.get_with(USERINFO, &[("Authorization", &bearer), ("Origin", origin)]);
        assert_eq!((answer.status, allowed(&answer)), (200, expected));
        let refresh = tokens.refresh.expect("a refresh token");
        let fields = [("token", refresh.as_str()), ("client_id", &native.id)];
        let answer = http.post_with(REVOKE, &[("Origin", origin)], &fields);
        assert_eq!((answer.status, allowed(&answer)), (200, expected));
    }
    // What anybody may read: discovery and keys.
    for path in ["jwks/", ".well-known/openid-configuration"] {
        let path = format!("/application/o/{}/{path}", app.slug);
        assert_eq!(allowed(&http.get_with(&path, &[("Origin", "https://evil.example")])), Some("*"));
    }
    let page = http.get_with(&app.authorize_url(&[]), &[("Origin", "https://app.company")]);
    assert_eq!(allowed(&page), None, "pages are for nobody's script");
}
