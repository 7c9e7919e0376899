//! Clients that sign instead of sending a secret: client_secret_jwt and private_key_jwt (RFC 7523, OpenID Connect Core
//! section 9), and that each client has one method.

use std::path::PathBuf;
use std::sync::LazyLock;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::clock::now;
use crate::support::browser::Browser;
use crate::support::client::{INTROSPECT, REVOKE, TOKEN};
use crate::support::http::basic;
use crate::support::oauth::{alice_and_app, oauth_error};
use crate::support::signer::{JWT_BEARER, Signer, assertion, jwks, unsigned, with, without};
use crate::support::{Answer, App, Host, HtmlForm, Http, Server, Tokens, disk};

/// RSA keys are slow to make: all tests share one key of each kind.
static KEYS: LazyLock<Vec<Signer>> = LazyLock::new(|| {
    [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA]
        .into_iter()
        .map(|alg| Signer::new(alg, &format!("{alg:?}")))
        .collect()
});

fn key(alg: Algorithm) -> &'static Signer {
    KEYS.iter().find(|k| k.alg == alg).expect("a key of each")
}

/// A file in the data folder's company.
pub fn file(server: &Server, name: &str, text: &str) -> String {
    let path: PathBuf = server.data().with_file_name(name);
    std::fs::write(&path, text).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

/// A server with alice and an application that signs with these keys.
fn signing(keys: &[&Signer]) -> (Server, App) {
    let (server, app) = alice_and_app(&[]);
    let file = file(&server, "keys.json", &jwks(keys));
    server.cli(&["app", "set", "app", "--client-auth", "private_key_jwt", "--jwks", &file]).ok();
    (server, app)
}

/// Asks for tokens for a refresh token that nobody has: `invalid_grant` says that the client was let in.
fn ask(http: &Http, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("grant_type", "refresh_token"), ("refresh_token", "nobodys")];
    all.extend(fields);
    http.post(TOKEN, &all)
}

fn by(http: &Http, assertion: &str) -> Answer {
    ask(http, &[JWT_BEARER, ("client_assertion", assertion)])
}

#[track_caller]
fn let_in(answer: &Answer) {
    assert_eq!(oauth_error(answer, 400), "invalid_grant", "{answer:?}");
}

#[track_caller]
fn shut_out(answer: &Answer) {
    assert_eq!(oauth_error(answer, 401), "invalid_client", "{answer:?}");
    assert_eq!(answer.header("WWW-Authenticate"), None, "{answer:?}");
}

fn discovery(http: &Http) -> Value {
    http.get("/application/o/app/.well-known/openid-configuration").json()
}

#[test]
fn a_client_signs_with_each_kind_of_key_at_every_endpoint() {
    let (server, app) = signing(&KEYS.iter().collect::<Vec<_>>());
    let http = server.http();
    let mut browser = Browser::signed_in(&server, "alice");
    for key in KEYS.iter() {
        let code = app.code(&mut browser, &[("scope", "openid offline_access")]);
        let redeem = |assertion: &str| {
            let mut fields = vec![("grant_type", "authorization_code"), ("code", &code)];
            fields.extend([("redirect_uri", app.redirect.as_str()), JWT_BEARER, ("client_assertion", assertion)]);
            http.post(TOKEN, &fields)
        };
        // A failed authentication does not burn the code.
        shut_out(&redeem(&key.sign(&with(&assertion(&app), "aud", json!("https://evil.example/")))));
        let tokens = Tokens::of(&redeem(&key.assertion(&app)));
        let refresh = tokens.refresh.expect("a refresh token");
        // The client_id may stand beside the assertion (RFC 7521 section 4.2).
        let assertion = key.assertion(&app);
        let fields = [("client_id", app.id.as_str()), ("refresh_token", &refresh), ("grant_type", "refresh_token")];
        let more = [JWT_BEARER, ("client_assertion", &assertion)];
        let next = Tokens::of(&http.post(TOKEN, &[&fields[..], &more[..]].concat()));
        let signed = key.assertion(&app);
        let about = [("token", next.access.as_str()), JWT_BEARER, ("client_assertion", &signed)];
        assert_eq!(http.post(INTROSPECT, &about).json()["active"], true, "{:?}", key.alg);
        let signed = key.assertion(&app);
        let about = [("token", next.access.as_str()), JWT_BEARER, ("client_assertion", &signed)];
        http.post(REVOKE, &about).expect(200);
        assert_eq!(app.userinfo(&http, &next.access).status, 401);
    }
    // RFC 8414 section 2.
    let found = discovery(&http);
    for endpoint in ["token", "introspection", "revocation"] {
        assert_eq!(found[format!("{endpoint}_endpoint_auth_methods_supported")], json!(["private_key_jwt"]));
        let algs = &found[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")];
        assert_eq!(*algs, json!(["RS256", "ES256", "EdDSA", "PS256", "Ed25519"]), "{endpoint}");
    }
}

#[test]
fn a_client_signs_with_its_secret_where_that_is_its_method() {
    let (server, app) = alice_and_app(&["--client-auth", "client_secret_jwt"]);
    let http = server.http();
    let_in(&by(&http, &Signer::secret(&app.secret).assertion(&app)));
    shut_out(&by(&http, &Signer::secret("another secret that nobody here has").assertion(&app)));
    shut_out(&by(&http, &Signer::secret("").assertion(&app)));
    shut_out(&by(&http, &unsigned(&assertion(&app))));
    shut_out(&by(&http, &key(Algorithm::ES256).assertion(&app)));
    let found = discovery(&http);
    assert_eq!(found["token_endpoint_auth_methods_supported"], json!(["client_secret_jwt"]));
    assert_eq!(found["token_endpoint_auth_signing_alg_values_supported"], json!(["HS256"]));
    // A secret that was replaced signs nothing any more.
    server.cli(&["app", "new-secret", "app"]).ok();
    shut_out(&by(&http, &Signer::secret(&app.secret).assertion(&app)));
}

#[test]
fn each_provider_takes_its_own_method_and_no_other() {
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let es256 = key(Algorithm::ES256);
    let keys = file(&server, "keys.json", &jwks(&[es256]));
    let methods = ["secret", "client_secret_jwt", "private_key_jwt"];
    for set in methods {
        server.cli(&["app", "set", "app", "--client-auth", set, "--jwks", &keys]).ok();
        let in_body = [("client_id", app.id.as_str()), ("client_secret", app.secret.as_str())];
        let fields = [("grant_type", "refresh_token"), ("refresh_token", "nobodys")];
        let in_header = http.post_with(TOKEN, &[("Authorization", &app.basic())], &fields);
        let answers = [
            ("secret", ask(&http, &in_body)),
            ("secret", in_header),
            ("client_secret_jwt", by(&http, &Signer::secret(&app.secret).assertion(&app))),
            ("private_key_jwt", by(&http, &es256.assertion(&app))),
            ("none", ask(&http, &[("client_id", &app.id)])),
        ];
        for (used, answer) in answers {
            if used == set {
                let_in(&answer);
            } else {
                assert_eq!(oauth_error(&answer, 401), "invalid_client", "{used} at {set}: {answer:?}");
            }
        }
    }
    let found = discovery(&http);
    assert_eq!(found["token_endpoint_auth_methods_supported"], json!(["private_key_jwt"]));
    // A public client has none, and an assertion does not make it another.
    let native = server.app("Native", &["--public", "--redirect-uri", "https://native.company/"]);
    let_in(&ask(&http, &[("client_id", &native.id)]));
    shut_out(&by(&http, &es256.assertion(&native)));
    shut_out(&by(&http, &Signer::secret("").assertion(&native)));
    let found = http.get("/application/o/native/.well-known/openid-configuration").json();
    assert_eq!(found["token_endpoint_auth_methods_supported"], json!(["none"]));
    assert_eq!(found.get("introspection_endpoint"), None, "which a public client may not ask");
    assert_eq!(found.get("token_endpoint_auth_signing_alg_values_supported"), None);
}

#[test]
fn exactly_one_method_is_used_in_a_request() {
    // RFC 6749 section 2.3, RFC 7521 section 4.2.
    let (server, app) = signing(&[key(Algorithm::ES256)]);
    let http = server.http();
    let signed = key(Algorithm::ES256).assertion(&app);
    let assertion = [JWT_BEARER, ("client_assertion", signed.as_str())];
    let secret = [("client_id", app.id.as_str()), ("client_secret", app.secret.as_str())];
    let basic = [("Authorization", basic(&app.id, &app.secret))];
    let basic: Vec<(&str, &str)> = basic.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let grant = [("grant_type", "refresh_token"), ("refresh_token", "nobodys")];
    for (headers, fields) in [
        (&basic[..], [&grant[..], &assertion[..]].concat()),
        (&basic[..], [&grant[..], &secret[..]].concat()),
        (&[], [&grant[..], &secret[..], &assertion[..]].concat()),
        (&[], [&grant[..], &assertion[..1]].concat()),
        (&[], [&grant[..], &assertion[1..]].concat()),
        (&[], [&grant[..], &assertion[..], &assertion[1..]].concat()),
        (&[], [&grant[..], &assertion[..], &assertion[..1]].concat()),
    ] {
        assert_eq!(oauth_error(&http.post_with(TOKEN, headers, &fields), 400), "invalid_request", "{fields:?}");
    }
    for kind in [
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        "jwt-bearer",
        "URN:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ] {
        shut_out(&ask(&http, &[("client_assertion_type", kind), assertion[1]]));
    }
    let_in(&by(&http, &signed));
}

#[test]
fn an_assertion_says_who_for_whom_until_when_and_which_one_it_is() {
    let (server, app) = signing(&[key(Algorithm::ES256)]);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let http = server.http();
    let key = key(Algorithm::ES256);
    let token = format!("{}{TOKEN}", server.base);
    // RFC 7523 section 3: the issuer, or the token endpoint.
    for aud in [json!(app.issuer), json!(token), json!([app.issuer]), json!([token])] {
        let_in(&by(&http, &key.sign(&with(&assertion(&app), "aud", aud))));
    }
    let par = format!("{}/application/o/par/", server.base);
    let introspect = format!("{}{INTROSPECT}", server.base);
    for aud in [
        json!(other.issuer),
        json!(par),
        json!(introspect),
        json!("https://evil.example/"),
        json!([app.issuer, "https://evil.example/"]),
        json!([]),
        json!(format!("{}x", app.issuer)),
        json!(server.base),
    ] {
        shut_out(&by(&http, &key.sign(&with(&assertion(&app), "aud", aud))));
    }
    for name in ["iss", "sub", "aud", "exp", "jti"] {
        shut_out(&by(&http, &key.sign(&without(&assertion(&app), name))));
    }
    let_in(&by(&http, &key.sign(&without(&assertion(&app), "iat"))));
    for (name, value) in [
        ("iss", json!(other.id)),
        ("sub", json!(other.id)),
        ("exp", json!(now() - 1)),
        ("exp", json!(now() + 7_200)),
        ("exp", json!("9999999999")),
        ("nbf", json!(now() + 600)),
        ("iat", json!(now() + 600)),
        ("iat", json!(now() - 90_000)),
        ("jti", json!("")),
        ("jti", json!(1)),
    ] {
        shut_out(&by(&http, &key.sign(&with(&assertion(&app), name, value.clone()))));
    }
    // The body may not name another client than the assertion, whoever that is.
    for id in [&other.id, "nobody"] {
        let signed = key.assertion(&app);
        shut_out(&ask(&http, &[("client_id", id), JWT_BEARER, ("client_assertion", &signed)]));
        let_in(&ask(&http, &[("client_id", &app.id), JWT_BEARER, ("client_assertion", &signed)]));
    }
    // Another client with the same key is another client.
    let keys = file(&server, "keys.json", &jwks(&[key]));
    server.cli(&["app", "set", "other", "--client-auth", "private_key_jwt", "--jwks", &keys]).ok();
    shut_out(&by(&http, &key.sign(&with(&assertion(&app), "sub", json!(other.id)))));
    let_in(&by(&http, &key.assertion(&other)));
    // The true reason is in the events, and nothing of the assertion.
    let forged = key.sign(&with(&assertion(&app), "aud", json!("https://evil.example/")));
    let answer = by(&http, &forged);
    let id = answer.header("X-Request-Id").expect("an id").to_owned();
    disk::eventually("the reason is told", || server.printed().contains(&id));
    let line = server.printed().lines().find(|l| l.contains(&id)).expect("a line").to_owned();
    assert!(line.contains("client_refused") && line.contains("aud"), "{line}");
    assert!(!server.printed().contains(&forged), "no assertion is logged");
}

#[test]
fn a_forged_assertion_is_refused_whatever_its_header_says_and_nothing_is_fetched() {
    let (server, app) = signing(&[key(Algorithm::RS256), key(Algorithm::ES256)]);
    let http = server.http();
    let rs256 = key(Algorithm::RS256);
    let good = rs256.assertion(&app);
    shut_out(&by(&http, &unsigned(&assertion(&app))));
    // The public key as a secret, in the ways it may be written.
    for public in [jwks(&[rs256]), rs256.jwk.to_string(), rs256.jwk["n"].as_str().expect("n").to_owned()] {
        let mut forged = Signer::secret(&public);
        shut_out(&by(&http, &forged.assertion(&app)));
        forged.kid.clone_from(&rs256.kid);
        shut_out(&by(&http, &forged.assertion(&app)));
    }
    let stranger = Signer::new(Algorithm::ES256, "ES256");
    shut_out(&by(&http, &stranger.assertion(&app)));
    shut_out(&by(&http, &Signer::new(Algorithm::ES256, "another").assertion(&app)));
    // Headers by which a token would bring its own key: and nobody asks there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    listener.set_nonblocking(true).expect("nonblocking");
    let at = format!("http://{}/keys", listener.local_addr().expect("its address"));
    let embedded: jsonwebtoken::jwk::Jwk = serde_json::from_value(stranger.jwk.clone()).expect("a JWK");
    shut_out(&by(&http, &stranger.sign_with(|h| h.jku = Some(at.clone()), &assertion(&app))));
    shut_out(&by(&http, &stranger.sign_with(|h| h.x5u = Some(at.clone()), &assertion(&app))));
    shut_out(&by(&http, &stranger.sign_with(|h| h.jwk = Some(embedded), &assertion(&app))));
    shut_out(&by(&http, &stranger.sign_with(|h| h.kid = Some(at.clone()), &assertion(&app))));
    assert!(listener.accept().is_err(), "no outbound request");
    // Of another kind (RFC 9101 section 10.8): a request object, an access token.
    for typ in ["oauth-authz-req+jwt", "at+jwt", "logout+jwt"] {
        shut_out(&by(&http, &rs256.sign_with(|h| h.typ = Some(typ.to_owned()), &assertion(&app))));
    }
    let named = rs256.sign_with(|h| h.typ = Some("client-authentication+jwt".to_owned()), &assertion(&app));
    let_in(&by(&http, &named));
    for end in [0, 1, good.len() / 2, good.len() - 1] {
        assert!(by(&http, &good[..end]).status >= 400);
    }
    let (head, signature) = good.rsplit_once('.').expect("a JWT");
    shut_out(&by(&http, &format!("{head}.")));
    let payload = good.split('.').nth(1).expect("a JWT");
    shut_out(&by(&http, &format!("{}.{payload}x.{signature}", head.split('.').next().expect("a header"))));
    shut_out(&by(&http, &"a.".repeat(20_000)));
    // None of that used it up.
    let_in(&by(&http, &good));
}

#[test]
fn an_assertion_is_good_once_also_after_a_restart_and_for_fifty_at_once() {
    let (server, app) = signing(&[key(Algorithm::ES256)]);
    let key = key(Algorithm::ES256);
    let signed = key.assertion(&app);
    let_in(&by(&server.http(), &signed));
    shut_out(&by(&server.http(), &signed));
    // The same id in another assertion is the same one (RFC 7523 section 3).
    let claims = crate::support::client::claims(&signed);
    shut_out(&by(&server.http(), &key.sign(&with(&claims, "exp", json!(now() + 300)))));
    let server = disk::restarted(server, &[]);
    shut_out(&by(&server.http(), &signed));
    let signed = key.assertion(&app);
    let let_in = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..50).map(|_| scope.spawn(|| by(&server.http(), &signed).status)).collect();
        asked.into_iter().map(|a| a.join().expect("an answer")).filter(|status| *status == 400).count()
    });
    assert_eq!(let_in, 1);
    // An id of another client is another id.
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let keys = file(&server, "keys.json", &jwks(&[key]));
    server.cli(&["app", "set", "other", "--client-auth", "private_key_jwt", "--jwks", &keys]).ok();
    let theirs = with(&assertion(&other), "jti", crate::support::client::claims(&signed)["jti"].clone());
    assert_eq!(oauth_error(&by(&server.http(), &key.sign(&theirs)), 400), "invalid_grant");
}

#[test]
fn only_an_assertion_that_is_right_is_written_down() {
    let (server, app) = signing(&[key(Algorithm::ES256)]);
    let count = || disk::number(&server.data(), "SELECT count(*) FROM assertions");
    let http = server.http();
    // The first refusal is written as an event; after that nothing is, for a minute.
    shut_out(&by(&http, &unsigned(&assertion(&app))));
    disk::eventually("the first refusal is stored", || {
        server.events().iter().any(|event| event["kind"] == "client_refused")
    });
    let watch = disk::Watch::new(&server.data());
    let before = watch.version();
    for n in 0..20 {
        let stranger = Signer::new(Algorithm::ES256, "ES256");
        shut_out(&by(&http, &stranger.sign(&with(&assertion(&app), "jti", json!(n.to_string())))));
    }
    assert_eq!((watch.version(), count()), (before, 0), "strangers write nothing");
    let_in(&by(&http, &key(Algorithm::ES256).assertion(&app)));
    assert_eq!(count(), 1);
}

#[test]
fn a_set_of_keys_is_public_and_small_and_of_use() {
    let (server, app) = alice_and_app(&[]);
    let key = key(Algorithm::ES256);
    let refused = |text: &str| {
        let file = file(&server, "keys.json", text);
        server.cli(&["app", "set", "app", "--client-auth", "private_key_jwt", "--jwks", &file]).refused(2)
    };
    let changed = |name: &str, value: Value| json!({ "keys": [with(&key.jwk, name, value)] }).to_string();
    assert!(refused(&changed("d", json!("AQAB"))).contains("private"));
    assert!(refused(&json!({ "keys": [{ "kty": "oct", "k": "AQAB" }] }).to_string()).contains("private"));
    assert!(refused("not JSON").contains("JSON Web Key Set"));
    assert!(refused(&jwks(&[])).contains("No key"));
    assert!(refused(&changed("use", json!("enc"))).contains("No key"));
    assert!(refused(&changed("crv", json!("P-384"))).contains("No key"));
    assert!(refused(&jwks(&[key, key])).contains("kid"));
    assert!(refused(&json!({ "keys": [key.jwk], "more": "x".repeat(20_000) }).to_string()).contains("16 KiB"));
    let short = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, [0xff; 128]);
    assert!(refused(&json!({ "keys": [{ "kty": "RSA", "n": short, "e": "AQAB" }] }).to_string()).contains("2048"));
    // A method needs what it goes by.
    assert!(server.cli(&["app", "set", "app", "--client-auth", "private_key_jwt"]).refused(2).contains("keys"));
    let words = server.cli(&["app", "set", "app", "--client-auth", "password"]).refused(2);
    assert!(words.contains("secret, client_secret_jwt, private_key_jwt"), "{words}");
    let public = [
        "app",
        "create",
        "P",
        "--public",
        "--redirect-uri",
        "https://p.company/",
        "--client-auth",
        "client_secret_jwt",
    ];
    assert!(server.cli(&public).refused(2).contains("public client"));
    // RFC 7518 section 3.2: HS256 needs 32 bytes.
    let short = ["app", "create", "S", "--redirect-uri", "https://s.company/", "--client-secret-stdin"];
    server.cli_with_input(&short, "sixteen-letters-").ok();
    assert!(server.cli(&["app", "set", "s", "--client-auth", "client_secret_jwt"]).refused(1).contains("32"));
    assert!(server.cli(&["app", "set", "s", "--request-objects", "signed"]).refused(1).contains("request-objects"));
    server.cli(&["app", "set", "app", "--request-objects", "signed"]).ok();
    // What is right is taken, and taken away again.
    let file = file(&server, "keys.json", &jwks(&[key]));
    server.cli(&["app", "set", "app", "--client-auth", "private_key_jwt", "--jwks", &file]).ok();
    let_in(&by(&server.http(), &key.assertion(&app)));
    assert!(server.cli(&["app", "set", "app", "--jwks", "/dev/null"]).refused(2).contains("keys"));
    server.cli(&["app", "set", "app", "--client-auth", "secret", "--jwks", "/dev/null"]).ok();
    let shown: Value = serde_json::from_str(&server.cli(&["provider", "show", "App", "--json"]).ok()).expect("JSON");
    assert_eq!((&shown["client_auth"], &shown["jwks"]), (&json!("secret"), &Value::Null));
}

#[test]
fn the_method_and_the_keys_are_on_the_provider_s_page() {
    let (server, app) = alice_and_app(&[]);
    server.user("keeper", &["--admin"]);
    let mut keeper = Browser::signed_in(&server, "keeper");
    let at = "/if/admin/providers/1/edit/";
    let page = keeper.get(at).expect(200);
    let key = key(Algorithm::EdDSA);
    let form = HtmlForm::find(&page, at).with("client_auth", "private_key_jwt");
    let wrong = form.with("jwks", &json!({ "keys": [with(&key.jwk, "d", json!("AQAB"))] }).to_string());
    let page = wrong.send(&mut keeper).expect(422);
    assert!(page.body.contains("id=\"jwks-wrong\"") && page.body.contains("<details class=\"more\" open"), "{page:?}");
    HtmlForm::find(&page, at).with("jwks", &jwks(&[key])).send(&mut keeper).expect(303);
    let_in(&by(&server.http(), &key.assertion(&app)));
    shut_out(&ask(&server.http(), &[("client_id", &app.id), ("client_secret", &app.secret)]));
    // Rotation: the old key beside the new one, then the new one alone.
    let next = Signer::new(Algorithm::EdDSA, "next");
    let page = keeper.get(at).expect(200);
    HtmlForm::find(&page, at).with("jwks", &jwks(&[key, &next])).send(&mut keeper).expect(303);
    let_in(&by(&server.http(), &key.assertion(&app)));
    let_in(&by(&server.http(), &next.assertion(&app)));
    let page = keeper.get(at).expect(200);
    HtmlForm::find(&page, at).with("jwks", &jwks(&[&next])).send(&mut keeper).expect(303);
    shut_out(&by(&server.http(), &key.assertion(&app)));
    let_in(&by(&server.http(), &next.assertion(&app)));
}

/// A server whose application publishes its keys at a host of its own.
fn publishing(keys: &[&Signer]) -> (Server, App, Host) {
    let (server, app) = alice_and_app(&[]);
    let host = Host::new(&jwks(keys));
    server.cli(&["app", "set", "app", "--client-auth", "private_key_jwt", "--jwks-uri", &host.url]).ok();
    server.cli(&["settings", "set", "outbound-networks", "127.0.0.1"]).ok();
    (server, app, host)
}

#[test]
fn published_keys_are_fetched_kept_and_fetched_anew_when_another_signs() {
    // OpenID Connect Core section 10.1.1.
    let (old, new) = (key(Algorithm::RS256), key(Algorithm::ES256));
    let (server, app, host) = publishing(&[old]);
    let http = server.http();
    for _ in 0..3 {
        let_in(&by(&http, &old.assertion(&app)));
    }
    assert_eq!(host.asked(), ["/it"], "once");
    // The client has another key. It was asked a moment ago, and strangers must not make us ask without end.
    host.says(&jwks(&[old, new]));
    for _ in 0..3 {
        shut_out(&by(&http, &new.assertion(&app)));
        shut_out(&by(&http, &Signer::new(Algorithm::ES256, "nobodys").assertion(&app)));
    }
    let_in(&by(&http, &old.assertion(&app)));
    assert_eq!(host.asked().len(), 1);
    // After a restart nothing is known, and it is there.
    let server = disk::restarted(server, &[]);
    let http = server.http();
    let_in(&by(&http, &new.assertion(&app)));
    let_in(&by(&http, &old.assertion(&app)));
    assert_eq!(host.asked().len(), 2);
    // What only a key of the set can make is refused as ever.
    let stranger = Signer::new(Algorithm::ES256, "ES256");
    shut_out(&by(&http, &stranger.assertion(&app)));
    shut_out(&by(&http, &unsigned(&assertion(&app))));
    shut_out(&by(&http, &Signer::secret(&jwks(&[old, new])).assertion(&app)));
}

#[test]
fn keys_that_cannot_be_fetched_let_nobody_in_and_the_reason_is_told() {
    let key = key(Algorithm::ES256);
    for (status, content, words) in [
        ("404 Not Found", jwks(&[key]), "404"),
        ("302 Found", jwks(&[key]), "redirects are not followed"),
        ("200 OK", "no keys".to_owned(), "not a JSON Web Key Set"),
        ("200 OK", json!({ "keys": [with(&key.jwk, "d", json!("AQAB"))] }).to_string(), "private"),
        ("200 OK", jwks(&[]), "no key"),
        ("200 OK", "x".repeat(70_000), "larger"),
    ] {
        let (server, app, host) = publishing(&[key]);
        host.answers(status);
        host.says(&content);
        let refused = by(&server.http(), &key.assertion(&app));
        shut_out(&refused);
        disk::eventually("the reason is told", || server.printed().contains(words));
        assert_eq!(host.asked().len(), 1, "{words}");
        shut_out(&by(&server.http(), &key.assertion(&app)));
        assert_eq!(host.asked().len(), 1, "not again at once");
        // Another address is another question.
        let other = Host::new(&jwks(&[key]));
        server.cli(&["app", "set", "app", "--jwks-uri", &other.url]).ok();
        let_in(&by(&server.http(), &key.assertion(&app)));
    }
    // At home only where the administrator allows it.
    let (server, app, host) = publishing(&[key]);
    server.cli(&["settings", "unset", "outbound-networks"]).ok();
    shut_out(&by(&server.http(), &key.assertion(&app)));
    assert_eq!(host.asked().len(), 0);
    disk::eventually("the reason is told", || server.printed().contains("Outbound networks"));
}

#[test]
fn keys_stand_here_or_are_published_and_not_both() {
    let (server, _) = alice_and_app(&[]);
    let keys = file(&server, "keys.json", &jwks(&[key(Algorithm::ES256)]));
    let set = |options: &[&str]| server.cli(&[&["app", "set", "app"], options].concat());
    assert!(set(&["--jwks", &keys, "--jwks-uri", "https://app.company/keys"]).refused(2).contains("not both"));
    for bad in [
        "ftp://app.company/",
        "app.company/keys",
        "https://a:b@app.company/",
        "https://app.company/#x",
        "file:///etc/passwd",
    ] {
        assert!(set(&["--jwks-uri", bad]).refused(2).contains("absolute address"), "{bad}");
    }
    set(&["--jwks-uri", "https://app.company/keys", "--client-auth", "private_key_jwt"]).ok();
    assert!(set(&["--jwks", &keys]).refused(2).contains("not both"));
    set(&["--jwks", &keys, "--jwks-uri", ""]).ok();
    assert!(set(&["--jwks", "/dev/null"]).refused(2).contains("public keys"));
}
