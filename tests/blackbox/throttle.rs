//! Slowing down guesses: what a restart does not forget, whom a stranger cannot slow down, and who lets try again.

use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use crate::support::browser::form_token;
use crate::support::disk::{contains, number, stored_bytes};
use crate::support::totp::Authenticator;
use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

const WRONG: &str = "not the password";
const DEVICE: &str = "latchkey-device";

/// One attempt in this browser.
fn attempt_in(browser: &mut Browser, username: &str, password: &str) -> Answer {
    let page = browser.open("/login/");
    browser.submit(&page, &[("username", username), ("password", password)])
}

/// One attempt in a browser that nobody knows.
fn attempt(server: &Server, from: &str, username: &str, password: &str) -> Answer {
    attempt_in(&mut Browser::new(server).from(from), username, password)
}

/// Guesses on until the wait is so long that the test can rely on it.
fn guess_until_throttled(mut guess: impl FnMut() -> Answer) {
    for _ in 0..60 {
        let answer = guess();
        if answer.status == 403 {
            continue;
        }
        let wait: u64 = answer.expect(429).header("Retry-After").and_then(|s| s.parse().ok()).expect("seconds");
        if wait >= 4 {
            return;
        }
        std::thread::sleep(Duration::from_millis(wait * 1000 + 50));
    }
    panic!("sixty guesses and no wait");
}

/// A browser in which alice has passed the password, and the page that asks for her code.
fn half_way(mut browser: Browser) -> (Browser, Answer) {
    let answer = attempt_in(&mut browser, "alice", PASSWORD);
    let page = browser.follow(answer);
    assert!(page.body.contains("id=\"second-factor-submit\""), "{page:?}");
    (browser, page)
}

/// What is left in a browser in which somebody signed in and out.
fn signed_out(mut browser: Browser) -> Browser {
    browser.cookies.retain(|(name, _)| name == DEVICE);
    assert_eq!(browser.cookies.len(), 1, "the browser is known");
    browser
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_restart_forgets_no_failures() {
    let mut server = Server::start();
    server.alice();
    server.user("bob", &[]);
    guess_until_throttled(|| {
        attempt(&server, "127.0.0.1", "nobody", WRONG);
        attempt(&server, "127.0.0.1", "alice", WRONG)
    });
    assert_eq!(server.stop(), Some(0));
    let server = Server::start_on(server.folder(), &[]);
    let answer = attempt(&server, "127.0.0.1", "alice@example.com", PASSWORD).expect(429);
    assert_eq!(attempt(&server, "127.0.0.1", "NOBODY", WRONG).status, 429, "or it would tell who exists");
    for (from, name) in [("127.0.0.9", "alice"), ("127.0.0.1", "bob")] {
        attempt(&server, from, name, PASSWORD).expect(200);
    }
    let wait: u64 = answer.header("Retry-After").and_then(|s| s.parse().ok()).expect("seconds");
    assert!(wait <= 16, "no longer than before: {wait}");
    std::thread::sleep(Duration::from_millis(wait * 1000 + 50));
    attempt(&server, "127.0.0.1", "alice", PASSWORD).expect(200);
    // What strangers typed stands nowhere.
    assert!(!contains(&stored_bytes(&server.data()), "nobody"));
}

#[test]
fn wrong_codes_count_after_a_power_cut_too() {
    let mut server = Server::start();
    server.alice();
    let authenticator = Authenticator::added(&mut Browser::signed_in(&server, "alice")).0;
    let (mut stranger, page) = half_way(Browser::new(&server));
    for _ in 0..3 {
        stranger.submit(&page, &[("code", "000000")]).expect(403);
    }
    stranger.submit(&page, &[("code", &authenticator.code(0))]).expect(429);
    wait_until("the failures are written down", || number(&server.data(), "SELECT count(*) FROM throttled") > 0);
    server.kill();
    let server = Server::start_on(server.folder(), &[]);
    let (mut stranger, page) = half_way(Browser::new(&server));
    stranger.submit(&page, &[("code", &authenticator.code(0))]).expect(429);
}

#[test]
fn strangers_do_not_slow_a_known_device_down() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    let mut known = signed_out(Browser::signed_in(&server, "alice"));
    guess_until_throttled(|| attempt(&server, "127.0.0.1", "alice", WRONG));
    attempt(&server, "127.0.0.1", "alice", PASSWORD).expect(429);
    attempt_in(&mut known, "alice", PASSWORD).expect(200);
    // It is known for her, and for nobody else.
    guess_until_throttled(|| attempt(&server, "127.0.0.1", "bob", WRONG));
    attempt_in(&mut signed_out(known), "bob", PASSWORD).expect(429);
    // Its own guesses count, wherever it goes; and elsewhere nobody waits for them.
    let mut lost = Browser::new(&server).from("127.0.0.6");
    attempt_in(&mut lost, "alice", PASSWORD).expect(200);
    let mut lost = signed_out(lost);
    guess_until_throttled(|| attempt_in(&mut lost, "alice", WRONG));
    attempt_in(&mut lost.from("127.0.0.7"), "alice", PASSWORD).expect(429);
    attempt(&server, "127.0.0.8", "alice", PASSWORD).expect(200);
}

#[test]
fn the_networks_of_one_site_are_slowed_together() {
    let server = Server::start_with(&["--trusted-proxies", "127.0.0.1/32"]);
    server.alice();
    let page = Browser::new(&server).open("/login/");
    let cookie = page.header("Set-Cookie").and_then(|c| c.split(';').next()).expect("a cookie");
    let token = form_token(&page);
    let attempt = |from: &str, password: &str| {
        let headers = [("Cookie", cookie), ("X-Forwarded-For", from), ("X-Forwarded-Proto", "http")];
        let fields = [("form_token", token.as_str()), ("username", "alice"), ("password", password)];
        server.http().post_with("/login/", &headers, &fields)
    };
    let mut n = 0;
    guess_until_throttled(|| {
        n += 1;
        attempt(&format!("2001:db8:1:{n:x}::1"), WRONG)
    });
    assert!(n > 40, "{n}");
    attempt("2001:db8:1:ffff::1", PASSWORD).expect(429);
    attempt("2001:db8:2::1", PASSWORD).expect(200);
}

#[test]
fn who_knows_the_password_does_not_slow_the_second_factor_of_a_known_device_down() {
    let server = Server::start();
    server.alice();
    let mut alice = Browser::signed_in(&server, "alice");
    let (authenticator, codes) = Authenticator::added(&mut alice);
    let known = signed_out(alice);
    let (mut stranger, page) = half_way(Browser::new(&server));
    for _ in 0..3 {
        stranger.submit(&page, &[("code", "000000")]).expect(403);
    }
    stranger.submit(&page, &[("code", &codes[0])]).expect(429);
    let (mut known, page) = half_way(known);
    for _ in 0..2 {
        known.submit(&page, &[("code", "000000")]).expect(403);
    }
    known.submit(&page, &[("code", &authenticator.code(0))]).expect(200);
}

#[test]
fn parallel_codes_hold_the_limit_in_a_known_device_too() {
    let server = Server::start();
    server.alice();
    let mut alice = Browser::signed_in(&server, "alice");
    Authenticator::added(&mut alice);
    let start = Arc::new(Barrier::new(20));
    let device = signed_out(alice).cookies;
    let guesses: Vec<_> = (0..20)
        .map(|_| {
            let mut browser = Browser::new(&server);
            browser.cookies.clone_from(&device);
            let (mut browser, page) = half_way(browser);
            let start = Arc::clone(&start);
            std::thread::spawn(move || {
                start.wait();
                browser.submit(&page, &[("code", "000000")]).status
            })
        })
        .collect();
    let statuses: Vec<u16> = guesses.into_iter().map(|g| g.join().expect("a status")).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 403).count(), 3, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|s| **s == 429).count(), 17, "{statuses:?}");
}

#[test]
fn a_browser_is_known_by_a_token_for_each_of_its_users_and_by_four_at_most() {
    let server = Server::start();
    for n in 0..6 {
        server.user(&format!("user{n}"), &[]);
    }
    let mut browser = Browser::new(&server);
    let mut first = String::new();
    for n in 0..6 {
        browser.cookies.retain(|(name, _)| name == DEVICE);
        attempt_in(&mut browser, &format!("user{n}"), PASSWORD).expect(200);
        let tokens: Vec<&str> = browser.cookie(DEVICE).expect("a device").split('.').collect();
        assert_eq!(tokens.len(), (n + 1).min(4), "{tokens:?}");
        assert!(tokens.iter().all(|token| token.len() == 43));
        assert_eq!(tokens.contains(&first.as_str()), (1..4).contains(&n), "the one longest unused makes room");
        if n == 0 {
            first = tokens[0].to_owned();
        }
        let stored = stored_bytes(&server.data());
        assert!(tokens.iter().all(|token| !contains(&stored, token)), "only hashes are stored");
    }
    let devices = || number(&server.data(), "SELECT count(*) FROM known_devices");
    assert_eq!(devices(), 6);
    // Signing in again makes no other token, and what was made up makes none known.
    let before = browser.cookie(DEVICE).expect("a device").to_owned();
    browser.cookies.retain(|(name, _)| name == DEVICE);
    attempt_in(&mut browser, "user5", PASSWORD).expect(200);
    assert_eq!((browser.cookie(DEVICE), devices()), (Some(before.as_str()), 6));
    let made_up = "A".repeat(43);
    let mut forged = Browser::new(&server);
    forged.cookies.push((DEVICE.into(), format!("{made_up}.{made_up}..x")));
    attempt_in(&mut forged, "user5", PASSWORD).expect(200);
    let fresh = forged.cookie(DEVICE).expect("a device");
    assert!(fresh.len() == 43 && fresh != made_up, "{fresh}");
    assert_eq!(number(&server.data(), "SELECT count(DISTINCT hash) FROM known_devices"), 7);
}

#[test]
fn resets_and_removed_factors_make_every_browser_unknown() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    let devices = |name: &str| {
        let of = format!("(SELECT id FROM users WHERE username = '{name}')");
        number(&server.data(), &format!("SELECT count(*) FROM known_devices WHERE user_id = {of}"))
    };
    Browser::signed_in(&server, "bob");
    let mut alice = Browser::signed_in(&server, "alice");
    assert_eq!((devices("alice"), devices("bob")), (1, 1));
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], PASSWORD).ok();
    assert_eq!(devices("alice"), 0);
    let mut known = signed_out(alice);
    guess_until_throttled(|| attempt(&server, "127.0.0.1", "alice", WRONG));
    attempt_in(&mut known, "alice", PASSWORD).expect(429);

    alice = Browser::new(&server).from("127.0.0.3");
    attempt_in(&mut alice, "alice", PASSWORD).expect(200);
    Authenticator::added(&mut alice);
    assert_eq!(devices("alice"), 1);
    server.cli(&["user", "remove-factors", "alice"]).ok();
    assert_eq!((devices("alice"), devices("bob")), (0, 1), "and nobody else's");
}

#[test]
fn an_administrator_sees_who_waits_and_lets_try_again() {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let mut keeper = Browser::signed_in(&server, "keeper");
    let id = number(&server.data(), "SELECT id FROM users WHERE username = 'alice'");
    let (url, clear) = (format!("/if/admin/users/{id}/"), format!("/if/admin/users/{id}/unthrottle/"));
    let page = keeper.get(&url).expect(200);
    assert!(page.body.contains("id=\"at-slowed\"") && !page.body.contains("id=\"unthrottle\""), "{page:?}");
    guess_until_throttled(|| attempt(&server, "127.0.0.5", "alice", WRONG));
    let page = keeper.get(&url).expect(200);
    let told = page.body.split("id=\"slowed\"").nth(1).and_then(|rest| rest.split("</ul>").next()).expect("a list");
    assert!(told.contains("127.0.0.5") && told.contains("failures") && told.contains("<time"), "{told}");
    let answer = HtmlForm::find(&page, &clear).send(&mut keeper);
    let page = keeper.follow(answer);
    assert!(page.body.contains("are forgotten") && !page.body.contains("id=\"unthrottle\""), "{page:?}");
    attempt(&server, "127.0.0.5", "alice", WRONG).expect(403);
    attempt(&server, "127.0.0.5", "alice", PASSWORD).expect(200);
    // Nobody else may.
    let mut alice = Browser::signed_in(&server, "alice");
    let refused = alice.post(&clear, &[("form_token", "")]);
    assert!(refused.status == 403, "{refused:?}");
    let kinds: Vec<_> = server.events().into_iter().filter(|e| e["kind"] == "throttle_cleared").collect();
    assert_eq!(kinds.len(), 1);
    assert_eq!((&kinds[0]["username"], &kinds[0]["details"]["by"]), (&"alice".into(), &"keeper".into()));
}

#[test]
fn a_command_lets_try_again_while_the_server_runs_and_for_that_user_only() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    guess_until_throttled(|| {
        attempt(&server, "127.0.0.1", "bob", WRONG);
        attempt(&server, "127.0.0.1", "alice", WRONG)
    });
    attempt(&server, "127.0.0.1", "alice", PASSWORD).expect(429);
    assert!(server.cli(&["user", "unthrottle", "alice@example.com"]).ok().contains("alice"));
    attempt(&server, "127.0.0.1", "alice", PASSWORD).expect(200);
    attempt(&server, "127.0.0.1", "bob", PASSWORD).expect(429);
    server.cli(&["user", "unthrottle", "nobody"]).refused(1);
    // The next round has a limit of its own.
    let statuses: Vec<u16> = (0..8).map(|_| attempt(&server, "127.0.0.1", "alice", WRONG).status).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
}
