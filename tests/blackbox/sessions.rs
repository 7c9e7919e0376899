//! Sessions: their cookie, their beginning and end, what of them lies on the disk.

use std::time::Duration;

use crate::support::browser::form_token;
use crate::support::disk::{Watch, contains, eventually, execute, restarted, stored_bytes};
use crate::support::{Answer, Browser, PASSWORD, Server, Tokens};

fn is_signed_in(browser: &mut Browser) -> bool {
    let answer = browser.get("/");
    match answer.status {
        200 => answer.body.contains("My applications"),
        303 => {
            assert_eq!(answer.location(), "/login/", "{answer:?}");
            false
        }
        _ => panic!("{answer:?}"),
    }
}

/// A browser that holds nothing but this cookie.
fn with_cookie(server: &Server, name: &str, value: &str) -> Browser {
    let mut browser = Browser::new(server);
    browser.cookies.push((name.into(), value.into()));
    browser
}

fn session_cookie_line(answer: &Answer, name: &str) -> Vec<String> {
    let lines = answer.all("Set-Cookie");
    let line = lines.iter().find(|l| l.starts_with(&format!("{name}="))).unwrap_or_else(|| panic!("{answer:?}"));
    line.split("; ").skip(1).map(str::to_owned).collect()
}

fn sign_in_answer(server: &Server) -> Answer {
    let mut browser = Browser::new(server);
    let page = browser.open("/login/");
    browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)])
}

#[test]
fn the_cookie_is_bound_to_the_host_and_kept_from_scripts_and_other_sites() {
    for (url, name, secure) in [(None, "latchkey", false), (Some("https://auth.home.example"), "__Host-latchkey", true)]
    {
        let server = Server::start_with(&url.map_or(vec![], |u| vec!["--url", u]));
        server.alice();
        let answer = sign_in_answer(&server);
        let attributes = session_cookie_line(&answer, name);
        for wanted in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(attributes.iter().any(|a| a == wanted), "{wanted}: {attributes:?}");
        }
        assert_eq!(attributes.iter().any(|a| a == "Secure"), secure, "{attributes:?}");
        assert!(!attributes.iter().any(|a| a.starts_with("Domain")), "{attributes:?}");
        for line in answer.all("Set-Cookie") {
            assert!(line.contains("; HttpOnly") && line.contains("; SameSite=Lax"), "{line}");
            assert_eq!(line.contains("; Secure") && line.starts_with("__Host-"), secure, "{line}");
        }
        let mut browser = Browser::signed_in(&server, "alice");
        // 256 bits in base64url.
        let value = browser.cookie(name).expect("the session").to_owned();
        assert!(value.len() >= 43, "{value}");
        assert!(is_signed_in(&mut browser));
        // Under https, a cookie without the prefix (a sibling domain can set one) is nothing to us.
        let other = if secure { "latchkey" } else { "__Host-latchkey" };
        assert!(!is_signed_in(&mut with_cookie(&server, other, &value)));
        assert!(is_signed_in(&mut with_cookie(&server, name, &value)));
        let cut = &value[..value.len() - 1];
        assert!(!is_signed_in(&mut with_cookie(&server, name, cut)));
    }
}

#[test]
fn each_sign_in_gets_a_session_of_its_own_and_ends_the_browsers_old_one() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    // A session id that an attacker planted is not taken over.
    let mut victim = with_cookie(&server, "latchkey", &"A".repeat(43));
    let page = victim.open("/login/");
    victim.sign_in(&page, "alice");
    let first = victim.cookie("latchkey").expect("a session").to_owned();
    assert_ne!(first, "A".repeat(43));
    assert!(!is_signed_in(&mut with_cookie(&server, "latchkey", &"A".repeat(43))));

    // Signing in again (as the same user, then as another) leaves nothing of the old session.
    let mut last = first;
    for username in ["alice", "bob"] {
        let page = victim.open(&app.authorize_url(&[("prompt", "login")]));
        assert!(victim.sign_in(&page, username).location().contains("code="));
        let new = victim.cookie("latchkey").expect("a session").to_owned();
        assert_ne!(new, last);
        assert!(!is_signed_in(&mut with_cookie(&server, "latchkey", &last)), "the old session is dead");
        assert!(is_signed_in(&mut victim));
        last = new;
    }
}

#[test]
fn nothing_secret_lies_in_the_database_in_the_clear() {
    let server = Server::start();
    server.alice();
    let app = server
        .app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", "openid offline_access profile"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let unused_code = app.code(&mut browser, &[]);
    let used_code = app.code(&mut browser, &[("scope", "openid offline_access")]);
    let tokens = Tokens::of(&app.redeem(&browser.http, &used_code, &[]));
    let first_refresh = tokens.refresh.expect("a refresh token");
    let rotated = Tokens::of(&app.refresh(&browser.http, &first_refresh, &[]));
    let setup = server.cli(&["setup-link"]).ok();
    let recovery = server.cli(&["user", "recovery-link", "alice"]).ok();
    let token_of = |link: &str| link.trim().split_once("token=").expect("a token").1.to_owned();
    let page = browser.open("/");

    let bytes = stored_bytes(&server.data());
    let master_key = std::fs::read_to_string(server.data().join("master.key")).expect("the key");
    let secrets = [
        ("session", browser.cookie("latchkey").expect("session").to_owned()),
        ("form token", form_token(&page)),
        ("form cookie", browser.cookie("latchkey-form").expect("form cookie").to_owned()),
        ("code", unused_code),
        ("redeemed code", used_code),
        ("access token", tokens.access.clone()),
        ("signature", tokens.access.rsplit('.').next().expect("a JWT").to_owned()),
        ("refresh token", first_refresh),
        ("next refresh token", rotated.refresh.expect("the next one")),
        ("client secret", app.secret.clone()),
        ("password", PASSWORD.to_owned()),
        ("setup link", token_of(&setup)),
        ("recovery link", token_of(&recovery)),
        ("master key", master_key.trim().to_owned()),
        ("private key", "PRIVATE KEY".to_owned()),
    ];
    for (what, secret) in secrets {
        assert!(secret.len() > 8, "{what}: {secret}");
        assert!(!contains(&bytes, &secret), "the {what} lies in the database");
        assert!(!server.printed().contains(&secret) || what == "setup link", "the {what} was logged");
    }
    // The search finds what is there.
    assert!(contains(&bytes, "alice@example.com") && contains(&bytes, &app.id));
}

#[test]
fn a_session_ends_when_it_was_idle_or_is_too_old() {
    let server = Server::start_with(&["--session-idle", "2s", "--session-maximum", "1h"]);
    server.alice();
    let (mut used, mut idle) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice"));
    for _ in 0..9 {
        std::thread::sleep(Duration::from_millis(400));
        assert!(is_signed_in(&mut used), "use keeps it alive");
    }
    assert!(!is_signed_in(&mut idle));

    let server = Server::start_with(&["--session-idle", "1h", "--session-maximum", "2s"]);
    server.alice();
    let mut browser = Browser::signed_in(&server, "alice");
    assert!(is_signed_in(&mut browser));
    eventually("use does not keep it alive for ever", || !is_signed_in(&mut browser));
    // And signing in again works.
    assert!(is_signed_in(&mut Browser::signed_in(&server, "alice")));
}

#[test]
fn expiry_is_exact_and_a_session_from_the_future_is_invalid() {
    let server = Server::start();
    server.alice();
    let mut browser = Browser::signed_in(&server, "alice");
    let moved = |sql: &str| execute(&server.data(), sql);
    moved("UPDATE sessions SET last_seen_at = last_seen_at - 12 * 3600 + 30");
    assert!(is_signed_in(&mut browser), "12 hours idle have not passed");
    moved("UPDATE sessions SET last_seen_at = last_seen_at - 12 * 3600");
    assert!(!is_signed_in(&mut browser));

    let mut browser = Browser::signed_in(&server, "alice");
    moved("UPDATE sessions SET created_at = created_at - 7 * 86400 + 30");
    assert!(is_signed_in(&mut browser), "7 days have not passed");
    moved("UPDATE sessions SET created_at = created_at - 30");
    assert!(!is_signed_in(&mut browser));

    let mut browser = Browser::signed_in(&server, "alice");
    moved("UPDATE sessions SET created_at = created_at + 86400, last_seen_at = last_seen_at + 86400");
    assert!(!is_signed_in(&mut browser), "a clock that jumped made it");
}

#[test]
fn a_session_survives_a_restart() {
    let server = Server::start();
    server.alice();
    let mut browser = Browser::signed_in(&server, "alice");
    let mut signed_out = Browser::signed_in(&server, "alice");
    let page = signed_out.open("/logout/");
    signed_out.submit(&page, &[]);
    let server = restarted(server, &[]);
    assert!(is_signed_in(&mut browser));
    assert!(!is_signed_in(&mut signed_out));
    drop(server);
}

#[test]
fn signing_out_ends_the_session_and_not_that_of_another_browser() {
    let server = Server::start();
    server.alice();
    let (mut here, mut there) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice"));
    let session = here.cookie("latchkey").expect("a session").to_owned();
    let page = here.open("/logout/");
    assert!(is_signed_in(&mut here), "the GET ends nothing");
    let done = here.submit(&page, &[]);
    assert!(done.body.contains("id=\"logged-out\""), "{done:?}");
    assert!(here.cookie("latchkey").is_none());
    assert!(!is_signed_in(&mut here));
    assert!(!is_signed_in(&mut with_cookie(&server, "latchkey", &session)), "the cookie alone is worth nothing");
    assert!(is_signed_in(&mut there));
    // Without a session the page says so, and the POST too.
    assert!(here.open("/logout/").body.contains("id=\"logged-out\""));
    assert!(here.post("/logout/", &[]).body.contains("id=\"logged-out\""));
}

#[test]
fn a_user_who_is_disabled_or_deleted_is_out_at_once() {
    let server = Server::start();
    let app = server
        .app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", "openid offline_access profile"]);
    for end in ["disable", "delete"] {
        let name = format!("{end}d");
        server.user(&name, &[]);
        server.user(&format!("{name}-not"), &[]);
        let mut browser = Browser::signed_in(&server, &name);
        let mut other = Browser::signed_in(&server, &format!("{name}-not"));
        let tokens = app.tokens(&mut browser, "openid offline_access");
        let code = app.code(&mut browser, &[]);
        server.cli(&["user", end, &name]).ok();
        assert!(!is_signed_in(&mut browser));
        assert!(is_signed_in(&mut other));
        assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 401);
        assert_eq!(app.redeem(&browser.http, &code, &[]).error(400), "invalid_grant");
        let refresh = tokens.refresh.expect("a refresh token");
        assert_eq!(app.refresh(&browser.http, &refresh, &[]).error(400), "invalid_grant");
        let page = browser.open("/login/");
        let refused = browser.submit(&page, &[("username", &name), ("password", PASSWORD)]);
        assert_eq!(refused.status, 403, "{refused:?}");
        assert!(browser.open(&app.authorize_url(&[])).body.contains("id=\"login-submit\""));
    }
    // Enabled again, the user signs in; the old session stays dead.
    server.cli(&["user", "enable", "disabled"]).ok();
    assert!(is_signed_in(&mut Browser::signed_in(&server, "disabled")));
}

#[test]
fn page_views_are_not_written_down_one_by_one() {
    let server = Server::start();
    server.alice();
    let mut browser = Browser::signed_in(&server, "alice");
    let watch = Watch::new(&server.data());
    let before = watch.version();
    for _ in 0..20 {
        assert!(is_signed_in(&mut browser));
    }
    assert_eq!(watch.version(), before);
    // Five minutes later one view is, and the next ones are not.
    execute(&server.data(), "UPDATE sessions SET last_seen_at = last_seen_at - 301");
    let moved = watch.version();
    assert!(is_signed_in(&mut browser));
    let touched = watch.version();
    assert_ne!(touched, moved);
    for _ in 0..5 {
        assert!(is_signed_in(&mut browser));
    }
    assert_eq!(watch.version(), touched);
}

#[test]
fn a_whole_sign_in_costs_four_commits_at_most() {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let watch = Watch::new(&server.data());
    let mut commits = 0;
    let mut last = watch.version();
    let mut count = || {
        let now = watch.version();
        commits += i32::from(now != last);
        last = now;
    };
    let mut browser = Browser::new(&server);
    let page = browser.open(&app.authorize_url(&[]));
    count();
    let mut answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
    count();
    while answer.header("Location").is_none_or(|l| l.starts_with('/')) {
        let next = answer.body.split("url=").nth(1).and_then(|u| u.split('"').next());
        let next = answer.header("Location").or(next).unwrap_or_else(|| panic!("{answer:?}")).to_owned();
        answer = browser.get(&crate::support::browser::unescape(&next));
        count();
    }
    let code = answer.location_param("code").expect("a code");
    let tokens = Tokens::of(&app.redeem(&browser.http, &code, &[]));
    count();
    assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 200);
    count();
    assert!((1..=4).contains(&commits), "{commits} commits");
}
