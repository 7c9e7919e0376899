//! Gravitee API Management: the console (oidc-client-ts: PKCE, no nonce), the developer portal (angular-oauth2-oidc:
//! state and nonce of its own making), its server (client_secret_post with a verifier), and its ways to sign out.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};

use crate::support::browser::url;
use crate::support::client::{INTROSPECT, TOKEN, USERINFO, challenge};
use crate::support::{Answer, App, Browser, Server, Tokens};

const CONSOLE: &str = "https://gravitee.company/console";
const VERIFIER: &str = "hTq0V8vUj2dY9wZr3mXs5bKc7fLg1pNeA4oQ6iRtBuC-_~.";
const HEX_STATE: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const NONCE: &str = "bkJ3Z2hYc0V2RkR6b0VtTjJPZWhLVnFCcmlZRkRSTm5pVGZtWXBISGhLbFNP";
const AFTER_LOGOUT: &str = "https://gravitee.company/console#!/_login";

fn setup() -> (Server, App) {
    setup_with(&[])
}

fn setup_with(options: &[&str]) -> (Server, App) {
    let server = Server::start();
    server.alice();
    let mut all = vec!["--preset", "gravitee", "--app-url", "https://gravitee.company"];
    all.extend(options);
    let app = server.app("Gravitee", &all);
    (server, app)
}

/// The console's request, as oidc-client-ts writes it: spaces as `+`, everything else percent-encoded.
fn console_url(app: &App, redirect: &str) -> String {
    let redirect = redirect.replace(':', "%3A").replace('/', "%2F");
    format!(
        "/application/o/authorize/?client_id={}&redirect_uri={redirect}&response_type=code&scope=openid+profile+email\
         &state={HEX_STATE}&code_challenge={}&code_challenge_method=S256&response_mode=query",
        app.id,
        challenge(VERIFIER)
    )
}

/// The portal's request; the route within the state is encoded twice on the way.
fn portal_url(app: &App, redirect: &str, route: &str) -> String {
    format!(
        "/application/o/authorize/?response_type=code&client_id={}&state={NONCE}%3B{route}&redirect_uri={redirect}\
         &scope=openid%20profile%20email&code_challenge={}&code_challenge_method=S256&nonce={NONCE}",
        app.id,
        challenge(VERIFIER)
    )
}

/// The exchange of Gravitee's server: everything in the body.
fn exchange(server: &Server, app: &App, redirect: &str, code: &str) -> Answer {
    let fields = [
        ("client_id", app.id.as_str()),
        ("redirect_uri", redirect),
        ("client_secret", &app.secret),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("grant_type", "authorization_code"),
    ];
    server.http().post_with(TOKEN, &[("Accept", "application/json")], &fields)
}

fn tokens(server: &Server, app: &App, browser: &mut Browser) -> Tokens {
    let back = browser.open(&console_url(app, CONSOLE));
    let code = back.location_param("code").unwrap_or_else(|| panic!("no code: {back:?}"));
    Tokens::of(&exchange(server, app, CONSOLE, &code))
}

fn logout_url(app: &App, fields: &[(&str, &str)]) -> String {
    url(&format!("/application/o/{}/end-session/", app.slug), fields)
}

fn is_signed_in(browser: &mut Browser, app: &App) -> bool {
    let answer = browser.open(&console_url(app, CONSOLE));
    answer.header("Location").is_some_and(|l| l.contains("code="))
}

#[test]
fn the_console_of_every_version_signs_in() {
    let (server, app) = setup();
    let mut browser = Browser::new(&server);
    for redirect in ["https://gravitee.company/console/", "https://gravitee.company", CONSOLE] {
        let mut answer = browser.open(&console_url(&app, redirect));
        if answer.header("Location").is_none() {
            answer = browser.sign_in(&answer, "alice");
        }
        assert!(answer.location().starts_with(&format!("{redirect}?")), "{answer:?}");
        assert_eq!(answer.location_param("state").as_deref(), Some(HEX_STATE));
        let code = answer.location_param("code").expect("a code");
        let answer = exchange(&server, &app, redirect, &code);
        assert_eq!((answer.status, answer.header("Content-Type")), (200, Some("application/json")));
        let tokens = Tokens::of(&answer);
        let id = tokens.id_claims();
        assert!(id["sub"].as_str().is_some_and(|s| !s.is_empty()), "the console fails without an ID token's sub");
        assert!(id.get("nonce").is_none(), "none was sent: {id}");

        let bearer = format!("Bearer {}", tokens.access);
        let headers = [("Authorization", bearer.as_str()), ("Accept", "application/json")];
        let userinfo = server.http().get_with(USERINFO, &headers);
        assert_eq!((userinfo.status, userinfo.header("Content-Type")), (200, Some("application/json")));
        let userinfo = userinfo.json();
        for (name, value) in [("email", "alice@example.com"), ("given_name", "Alice"), ("family_name", "Liddell")] {
            assert_eq!(userinfo[name], value, "{name}");
        }
        assert_eq!(userinfo["sub"], id["sub"]);
        assert!(userinfo["groups"].is_array(), "roles are mapped by $.groups: {userinfo}");
    }
}

#[test]
fn the_console_is_refused_at_addresses_that_no_version_has() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    for redirect in
        ["https://gravitee.company/console//", "https://gravitee.company/Console", "https://gravitee.company/portal"]
    {
        let page = browser.open(&console_url(&app, redirect));
        assert_eq!((page.status, page.header("Location")), (400, None), "{redirect}");
    }
    assert!(is_signed_in(&mut browser, &app), "the twin: a registered one works");
}

#[test]
fn the_portal_gets_its_state_back_byte_for_byte_and_its_nonce_in_the_id_token() {
    let (server, app) = setup();
    assert_eq!(NONCE.len(), 60);
    let mut browser = Browser::new(&server);
    for redirect in ["https://gravitee.company/user/login", "https://gravitee.company/log-in"] {
        let mut answer = browser.open(&portal_url(&app, redirect, "%252Fcatalog%252Fapi%253Fq%253Da%2526b%253D%2525"));
        if answer.header("Location").is_none() {
            answer = browser.sign_in(&answer, "alice");
        }
        assert!(answer.location().starts_with(&format!("{redirect}?")), "{answer:?}");
        let expected = format!("{NONCE};%2Fcatalog%2Fapi%3Fq%3Da%26b%3D%25");
        assert_eq!(answer.location_param("state").as_deref(), Some(expected.as_str()));
        let code = answer.location_param("code").expect("a code");
        let id = Tokens::of(&exchange(&server, &app, redirect, &code)).id_claims();
        assert_eq!(id["nonce"], NONCE);
        assert_eq!(id["aud"], app.id.as_str());
        let (iat, exp) = (id["iat"].as_i64().expect("iat"), id["exp"].as_i64().expect("exp"));
        assert!(exp > iat, "{id}");
    }
}

#[test]
fn the_servers_exchange_needs_the_verifier_and_a_failure_burns_nothing() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    let back = browser.open(&console_url(&app, CONSOLE));
    let code = back.location_param("code").expect("a code");
    let without = app.redeem(&server.http(), &code, &[("redirect_uri", CONSOLE)]);
    assert_eq!(without.error(400), "invalid_grant");
    let other = exchange(&server, &app, "https://gravitee.company/console/", &code);
    assert_eq!(other.error(400), "invalid_grant", "the slash makes it another redirect URI");
    assert_eq!(exchange(&server, &app, CONSOLE, &code).status, 200);
}

#[test]
fn introspection_takes_basic_credentials_that_were_not_form_encoded() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = tokens(&server, &app, &mut browser);
    let ask = |secret: &str| {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{secret}", app.id)));
        server.http().post_with(INTROSPECT, &[("Authorization", &basic)], &[("token", &tokens.access)])
    };
    let told = ask(&app.secret).expect(200).json();
    assert_eq!(told["active"], true);
    assert_eq!(told["client_id"], app.id.as_str());
    assert_eq!(ask("wrong").error(401), "invalid_client");
}

#[test]
fn sign_out_with_the_hint_ends_the_session_and_returns_before_the_fragment() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = tokens(&server, &app, &mut browser);
    let hint = tokens.id.as_deref().expect("an ID token");
    assert!(is_signed_in(&mut browser, &app));
    let fields = [("id_token_hint", hint), ("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "a b&c")];
    let done = browser.get(&logout_url(&app, &fields));
    assert_eq!((done.status, done.location()), (303, "https://gravitee.company/console?state=a%20b%26c#!/_login"));
    assert!(!is_signed_in(&mut browser, &app));
    assert_eq!(app.userinfo(&server.http(), &tokens.access).status, 401, "its tokens ended with it");
    // Without state, the address as it was registered.
    let again = browser.get(&logout_url(&app, &fields[..2]));
    assert_eq!((again.status, again.location()), (303, AFTER_LOGOUT));
}

#[test]
fn sign_out_by_a_post_from_the_console_ends_the_session_too() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = tokens(&server, &app, &mut browser);
    let fields = [("id_token_hint", tokens.id.as_deref().expect("one")), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    let first = browser.post_from("https://gravitee.company", &logout_url(&app, &[]), &fields);
    assert_eq!(first.status, 303, "a cross-site POST carries no cookie: {first:?}");
    let done = browser.follow(first);
    assert_eq!(done.location(), AFTER_LOGOUT);
    assert!(!is_signed_in(&mut browser, &app));
}

#[test]
fn sign_out_with_the_client_id_or_with_neither_asks_first_and_then_returns() {
    let (server, app) = setup();
    for with_id in [true, false] {
        let mut browser = Browser::signed_in(&server, "alice");
        let mut fields = vec![("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "s1")];
        if with_id {
            fields.push(("client_id", &app.id));
        }
        let page = browser.open(&logout_url(&app, &fields));
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains("id=\"logout-confirm\"") && page.body.contains("Gravitee"), "{page:?}");
        assert!(is_signed_in(&mut browser, &app), "the GET alone has ended nothing");
        browser.at = logout_url(&app, &fields);
        let left = browser.submit(&page, &[("scope", "everywhere")]);
        assert_eq!(left.status, 200, "the form leaves by a page: {left:?}");
        let left = browser.follow(left);
        assert_eq!(left.location(), "https://gravitee.company/console?state=s1#!/_login");
        assert!(!is_signed_in(&mut browser, &app));
        // With nobody signed in there is nothing to ask.
        let done = browser.get(&logout_url(&app, &fields));
        assert_eq!((done.status, done.location()), (303, "https://gravitee.company/console?state=s1#!/_login"));
    }
}

#[test]
fn an_address_without_its_fragment_is_another_one_and_registered_too() {
    let (server, app) = setup();
    // `#` left unencoded never reaches the server.
    let path = format!("/application/o/{}/end-session/?post_logout_redirect_uri={CONSOLE}", app.slug);
    let done = Browser::new(&server).get(&path);
    assert_eq!((done.status, done.location()), (303, CONSOLE));
}

#[test]
fn a_hint_that_expired_or_whose_key_retired_still_counts() {
    let (server, app) = setup_with(&["--access-token-validity", "1s"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let expired = tokens(&server, &app, &mut browser);
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(app.userinfo(&server.http(), &expired.access).status, 401, "it has expired");
    let sign_out = |browser: &mut Browser, hint: &str| {
        browser.get(&logout_url(&app, &[("id_token_hint", hint), ("post_logout_redirect_uri", AFTER_LOGOUT)]))
    };
    let done = sign_out(&mut browser, expired.id.as_deref().expect("an ID token"));
    assert_eq!((done.status, done.location()), (303, AFTER_LOGOUT));
    assert!(!is_signed_in(&mut browser, &app));

    let mut browser = Browser::signed_in(&server, "alice");
    let old = tokens(&server, &app, &mut browser);
    server.cli(&["key", "rotate", "--now"]).ok();
    let new = tokens(&server, &app, &mut browser);
    let kid = |t: &Tokens| crate::support::client::header(t.id.as_deref().expect("an ID token"))["kid"].clone();
    assert_ne!(kid(&old), kid(&new));
    let done = sign_out(&mut browser, old.id.as_deref().expect("an ID token"));
    assert_eq!((done.status, done.location()), (303, AFTER_LOGOUT));
    assert!(!is_signed_in(&mut browser, &app));
}

#[test]
fn a_hint_of_another_user_or_client_or_a_forged_one_asks_and_ends_nothing() {
    let (server, app) = setup();
    server.user("bob", &[]);
    let other_app = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let mut bobs = Browser::signed_in(&server, "bob");
    let own = tokens(&server, &app, &mut browser).id.expect("an ID token");
    let of_bob = tokens(&server, &app, &mut bobs).id.expect("an ID token");
    let of_other = other_app.tokens(&mut browser, "openid").id.expect("an ID token");
    // Another browser of alice's: her, but not this session.
    let elsewhere = tokens(&server, &app, &mut Browser::signed_in(&server, "alice")).id.expect("an ID token");
    let parts: Vec<&str> = own.split('.').collect();
    let none = format!("{}.{}.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#), parts[1]);
    let payload = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url")).expect("UTF-8");
    let longer = payload.replacen("\"exp\":1", "\"exp\":9", 1);
    assert_ne!(longer, payload);
    let tampered = format!("{}.{}.{}", parts[0], BASE64_URL_SAFE_NO_PAD.encode(longer), parts[2]);
    let access = tokens(&server, &app, &mut browser).access;
    for hint in [&of_bob, &of_other, &elsewhere, &none, &tampered, &access, &"x".to_owned()] {
        let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT)];
        let page = browser.open(&logout_url(&app, &fields));
        assert_eq!((page.status, page.header("Location")), (200, None), "{hint}");
        assert!(page.body.contains("id=\"logout-confirm\""), "{page:?}");
        assert!(is_signed_in(&mut browser, &app), "{hint}");
    }
    let fields = [("id_token_hint", own.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    assert_eq!(browser.get(&logout_url(&app, &fields)).location(), AFTER_LOGOUT, "the twin: her own hint");
}

#[test]
fn an_unregistered_address_is_never_gone_to() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    let hint = tokens(&server, &app, &mut browser).id.expect("an ID token");
    let other = server.app("Other", &["--redirect-uri", "https://other.company/"]);
    for bad in [
        "https://evil.example/",
        "https://gravitee.company.evil.example/console#!/_login",
        "https://gravitee.company/console#!/_login/x",
        "https://gravitee.company@evil.example/console",
        "https://gravitee.company/console/../x",
        "//evil.example/",
        "javascript:alert(1)",
    ] {
        let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", bad)];
        let page = browser.open(&logout_url(&app, &fields));
        assert_eq!((page.status, page.header("Location")), (200, None), "{bad}");
        assert!(!page.body.contains("evil.example/\""), "no link there either: {page:?}");
        let nobody = Browser::new(&server).open(&logout_url(&app, &fields[1..]));
        assert_eq!((nobody.status, nobody.header("Location")), (200, None), "{bad}");
        assert!(nobody.body.contains("id=\"logged-out\""), "{nobody:?}");
    }
    // Another client's id together with this one's address: nothing that was sent is believed.
    let fields = [("client_id", other.id.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    let page = Browser::new(&server).open(&logout_url(&app, &fields));
    assert_eq!((page.status, page.header("Location")), (200, None));
    assert!(is_signed_in(&mut browser, &app));
}
