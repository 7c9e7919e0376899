//! What was read a moment ago and has ended meanwhile: a reset, a disabling, a sign-out or a factor taken away holds against
//! every request that was on its way.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use rusqlite::TransactionBehavior;

use crate::invitation_passkeys::{come_with_passkey, passkeys};
use crate::support::device::{Asked, Device};
use crate::support::disk::{database, execute, number};
use crate::support::totp::Authenticator;
use crate::support::{Answer, App, Browser, HtmlForm, PASSWORD, Server};

const NEW: &str = "a wholly new password";
const NOTHING: &str = "SELECT 1";
const DISABLED: &str = "UPDATE users SET is_active = 0 WHERE username = 'alice'";
const RESET: &str = "UPDATE users SET password_hash = 'another' WHERE username = 'alice'";
const SIGNED_OUT: &str = "DELETE FROM sessions; DELETE FROM grants";

/// Sends a request, and does this to the database between what it reads there and what it writes.
fn overtaken<T: Send>(server: &Server, request: impl FnOnce() -> T + Send, change: &str) -> T {
    let mut connection = database(&server.data());
    let held = connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("the write lock");
    std::thread::scope(|s| {
        let answer = s.spawn(request);
        std::thread::sleep(Duration::from_millis(700));
        held.execute_batch(change).expect(change);
        held.commit().expect("committed");
        answer.join().expect("an answer")
    })
}

fn house() -> (Server, App) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb", "--scope", "openid offline_access"]);
    (server, app)
}

fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/if/user/").status == 200
}

/// Browsers with the sign-in page open, each at an address of its own.
fn with_page(server: &Server, count: usize) -> Vec<(Browser, Answer)> {
    let open = |n: usize| {
        let mut browser = Browser::new(server).from(&format!("127.0.60.{}", n + 1));
        let page = browser.open("/login/");
        (browser, page)
    };
    (0..count).map(open).collect()
}

/// Signs alice in in all of them at once, while something else happens. Comes with those that hold a session's cookie.
fn crowd(server: &Server, count: usize, meanwhile: impl FnOnce()) -> Vec<Browser> {
    let (pages, start) = (with_page(server, count), Arc::new(Barrier::new(count + 1)));
    std::thread::scope(|s| {
        let sign_ins: Vec<_> = pages
            .into_iter()
            .map(|(mut browser, page)| {
                let start = Arc::clone(&start);
                s.spawn(move || {
                    start.wait();
                    browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
                    browser
                })
            })
            .collect();
        start.wait();
        meanwhile();
        let browsers = sign_ins.into_iter().map(|t| t.join().expect("an answer"));
        browsers.filter(|browser| browser.cookie("latchkey").is_some()).collect()
    })
}

fn alive(browsers: &mut [Browser]) -> usize {
    browsers.iter_mut().filter_map(|browser| is_signed_in(browser).then_some(())).count()
}

#[test]
fn sign_ins_that_wait_to_be_checked_do_not_outlive_the_old_password_nor_a_disabling() {
    let server = Server::start_with(&["--password-passes", "8"]);
    server.alice();
    let mut twin = crowd(&server, 12, || ());
    assert_eq!((twin.len(), alive(&mut twin)), (12, 12), "nothing happened meanwhile");
    // By a recovery link.
    let link = server.cli(&["user", "recovery-link", "alice"]).ok();
    let mut owner = Browser::new(&server);
    let page = owner.open(link.trim());
    let mut by_old = crowd(&server, 12, || {
        owner.submit(&page, &[("password", NEW), ("password_again", NEW)]).expect(200);
    });
    assert_eq!(alive(&mut by_old), 0);
    assert_eq!(number(&server.data(), "SELECT count(*) FROM sessions"), 0, "nor in a row that nobody asked");
    // By an administrator.
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], PASSWORD).ok();
    let mut by_old = crowd(&server, 12, || {
        server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], NEW).ok();
    });
    assert_eq!(alive(&mut by_old), 0);
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], PASSWORD).ok();
    let mut disabled = crowd(&server, 12, || drop(server.cli(&["user", "disable", "alice"]).ok()));
    server.cli(&["user", "enable", "alice"]).ok();
    assert_eq!(alive(&mut disabled), 0, "and none comes back with the right to sign in");
    drop(Browser::signed_in(&server, "alice"));
}

#[test]
fn a_sign_in_is_only_good_for_what_it_rests_on_when_its_session_begins() {
    const ADDED: &str = "INSERT INTO totp (user_id, secret_sealed, last_step, created_at, last_used_at)
                         SELECT id, x'00', 0, 0, 0 FROM users WHERE username = 'alice'";
    for (change, status) in [(NOTHING, 200), (DISABLED, 403), (RESET, 403), (ADDED, 403)] {
        let (server, _) = house();
        let (mut browser, page) = with_page(&server, 1).remove(0);
        let answer =
            overtaken(&server, || browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]), change);
        assert_eq!(answer.status, status, "{change}: {answer:?}");
        assert_eq!(number(&server.data(), "SELECT count(*) FROM sessions"), i64::from(status == 200), "{change}");
        assert_eq!(number(&server.data(), "SELECT count(*) FROM known_devices"), i64::from(status == 200), "{change}");
    }
}

#[test]
fn a_second_factor_does_not_outlive_the_password_the_user_or_itself() {
    for (change, status) in [(NOTHING, 200), (DISABLED, 403), (RESET, 403), ("DELETE FROM totp", 403)] {
        let (server, _) = house();
        let mut alice = Browser::signed_in(&server, "alice");
        let (authenticator, _) = Authenticator::added(&mut alice);
        let (mut browser, page) = with_page(&server, 1).remove(0);
        let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
        let page = browser.follow(answer);
        let code = authenticator.code(0);
        let answer = overtaken(&server, || browser.submit(&page, &[("code", &code)]), change);
        assert_eq!(answer.status, status, "{change}: {answer:?}");
        assert_eq!(browser.cookie("latchkey").is_some(), status == 200, "{change}");
    }
}

#[test]
fn a_passkey_does_not_outlive_its_user_or_itself() {
    for (change, status) in [(NOTHING, 200), (DISABLED, 403), ("DELETE FROM passkeys", 403)] {
        let (server, _) = house();
        let mut alice = Browser::signed_in(&server, "alice");
        let (device, _) = Device::added(&mut alice);
        let (mut browser, page) = with_page(&server, 1).remove(0);
        let answer = overtaken(&server, || device.press(&mut browser, &page), change);
        assert_eq!(answer.status, status, "{change}: {answer:?}");
        assert_eq!(browser.cookie("latchkey").is_some(), status == 200, "{change}");
    }
}

#[test]
fn a_recovery_code_lets_no_passkey_in_for_a_user_who_is_another_by_then() {
    const OFF: &str = "UPDATE users SET is_active = 0 WHERE username = 'zoe'";
    const SET: &str = "UPDATE users SET password_hash = 'one' WHERE username = 'zoe'";
    for (change, status) in [(NOTHING, 200), (OFF, 422), (SET, 422), ("DELETE FROM recovery_codes", 422)] {
        let server = crate::invitations::house();
        let (_, _, codes) = come_with_passkey(&server, "zoe");
        let (mut browser, page) = with_page(&server, 1).remove(0);
        let answer = browser.submit(&page, &[("username", "zoe"), ("password", &codes[0])]);
        let page = browser.follow(answer).expect(200);
        let asked = Asked::of(&page);
        let made = Device::new(&browser).make(&asked);
        let fields = [("passkey_state", asked.state.as_str()), ("passkey", &made)];
        let answer = overtaken(&server, || browser.submit(&page, &fields), change);
        assert_eq!(answer.status, status, "{change}: {answer:?}");
        assert_eq!(browser.cookie("latchkey").is_some(), status == 200, "{change}");
        assert_eq!(passkeys(&server), 1 + i64::from(status == 200), "{change}");
    }
}

#[test]
fn a_session_that_has_ended_gives_no_code_and_no_consent() {
    for change in [NOTHING, DISABLED, SIGNED_OUT] {
        let (server, app) = house();
        let mut alice = Browser::signed_in(&server, "alice");
        let answer = overtaken(&server, || alice.get(&app.authorize_url(&[])), change);
        let is_given = answer.location_param("code").is_some();
        assert_eq!(is_given, change == NOTHING, "{change}: {answer:?}");
        if !is_given {
            assert!(answer.location().starts_with("/login/?flow="), "it begins anew: {answer:?}");
            assert_eq!(number(&server.data(), "SELECT count(*) FROM grants"), 0, "{change}");
        }
    }
    for change in [NOTHING, DISABLED, SIGNED_OUT] {
        let (server, _) = house();
        let app = server.app("Asks", &["--redirect-uri", "https://asks.example/cb", "--consent", "explicit"]);
        let mut alice = Browser::signed_in(&server, "alice");
        let page = alice.open(&app.authorize_url(&[]));
        overtaken(&server, || alice.submit(&page, &[("decision", "allow")]), change);
        let given = number(&server.data(), "SELECT count(*) FROM consents");
        assert_eq!(given, i64::from(change == NOTHING), "{change}");
    }
}

#[test]
fn codes_that_are_given_while_a_user_resets_the_password_redeem_nothing() {
    let (server, app) = house();
    for round in 0..4 {
        let name = format!("user{round}");
        server.user(&name, &[]);
        let mut browser = Browser::signed_in(&server, &name);
        let twin = app.code(&mut browser, &[("scope", "openid offline_access")]);
        assert_eq!(app.redeem(&browser.http, &twin, &[]).status, 200);
        let link = server.cli(&["user", "recovery-link", &name]).ok();
        let mut owner = Browser::new(&server);
        let page = owner.open(link.trim());
        let url = app.authorize_url(&[("scope", "openid offline_access")]);
        let codes: Vec<String> = std::thread::scope(|s| {
            let loops: Vec<_> = (0..4)
                .map(|_| {
                    let (mut other, url) = (Browser::new(&server), url.clone());
                    other.cookies.clone_from(&browser.cookies);
                    s.spawn(move || {
                        let mut codes = Vec::new();
                        while let Some(code) = other.get(&url).location_param("code") {
                            codes.push(code);
                        }
                        codes
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(200));
            owner.submit(&page, &[("password", NEW), ("password_again", NEW)]).expect(200);
            loops.into_iter().flat_map(|t| t.join().expect("codes")).collect()
        });
        assert!(codes.len() > 4, "{}", codes.len());
        let left =
            format!("SELECT count(*) FROM grants WHERE user_id = (SELECT id FROM users WHERE username = '{name}')");
        assert_eq!(number(&server.data(), &left), 0);
        for code in codes.iter().rev().take(8) {
            assert_eq!(app.redeem(&browser.http, code, &[]).error(400), "invalid_grant");
        }
    }
}

#[test]
fn a_code_whose_grant_has_ended_redeems_nothing_and_is_no_replay() {
    for change in [NOTHING, SIGNED_OUT] {
        let (server, app) = house();
        let mut alice = Browser::signed_in(&server, "alice");
        let code = app.code(&mut alice, &[]);
        let answer = overtaken(&server, || app.redeem(&alice.http, &code, &[]), change);
        assert_eq!(answer.status == 200, change == NOTHING, "{answer:?}");
        assert!(!server.events().iter().any(|e| e["kind"] == "token_replayed"));
    }
}

#[test]
fn an_answer_to_the_question_of_a_dangerous_act_counts_in_a_session_that_is_still_there() {
    let at = "/if/admin/keys/generate/";
    for change in [NOTHING, SIGNED_OUT, "UPDATE users SET is_active = 0", "UPDATE users SET password_hash = 'another'"]
    {
        let (server, _) = house();
        let mut keeper = Browser::signed_in(&server, "keeper");
        execute(&server.data(), "UPDATE sessions SET auth_time = auth_time - 601");
        let keys = || number(&server.data(), "SELECT count(*) FROM signing_keys");
        let form = HtmlForm::find(&keeper.get(at).expect(200), at).with("name", "one more").with("kind", "ed25519");
        let question = form.with("start", "now").send(&mut keeper).expect(200);
        let (there, answer) = (keys(), HtmlForm::find(&question, at).with("confirm_password", PASSWORD));
        overtaken(&server, || answer.send(&mut keeper), change);
        assert_eq!(keys() > there, change == NOTHING, "{change}");
    }
}

#[test]
fn a_factor_is_not_added_and_codes_are_not_made_in_a_session_that_has_ended() {
    for change in [NOTHING, SIGNED_OUT] {
        let (server, _) = house();
        let mut alice = Browser::signed_in(&server, "alice");
        let mut device = Device::new(&alice);
        let page = Device::page_to_add(&mut alice);
        let made = device.make(&Asked::of(&page));
        let form = HtmlForm::find(&page, "/if/user/mfa/passkeys/add/").with("name", "Key").with("passkey", &made);
        overtaken(&server, || form.send(&mut alice), change);
        let passkeys = number(&server.data(), "SELECT count(*) FROM passkeys");
        assert_eq!(passkeys, i64::from(change == NOTHING), "{change}");
    }
    for change in [NOTHING, SIGNED_OUT] {
        let (server, _) = house();
        let mut alice = Browser::signed_in(&server, "alice");
        drop(Authenticator::added(&mut alice));
        let first = "SELECT min(hex(hash)) || max(hex(hash)) FROM recovery_codes";
        let first = || database(&server.data()).query_row(first, [], |r| r.get::<_, String>(0)).expect("codes");
        let (before, make) = (first(), "/if/user/mfa/recovery-codes/");
        let form = HtmlForm::find(&alice.get("/if/user/mfa/").expect(200), make);
        overtaken(&server, || form.send(&mut alice), change);
        assert_eq!(first() != before, change == NOTHING, "{change}");
    }
}
