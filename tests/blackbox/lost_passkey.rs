//! Somebody without a password: the passkey is lost, and a recovery code lets another one in. And how such an account is
//! kept from locking its user out.

use serde_json::json;

use crate::invitation_passkeys::{come_with_passkey, passkeys};
use crate::invitations::house;
use crate::support::device::{Asked, Device};
use crate::support::disk::{execute, number};
use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

const LOST: &str = "/login/lost-passkey/";
const MFA: &str = "/if/user/mfa/";
const REMOVE: &str = "/if/user/mfa/passkeys/remove/";

fn try_code(server: &Server, url: &str, username: &str, code: &str, from: &str) -> (Browser, Answer) {
    let mut browser = Browser::new(server).from(from);
    let page = browser.open(url);
    let answer = browser.submit(&page, &[("username", username), ("password", code)]);
    (browser, answer)
}

/// A browser in which a code was right, and the page that asks for a new passkey.
fn let_on(server: &Server, url: &str, username: &str, code: &str) -> (Browser, Answer) {
    let (mut browser, answer) = try_code(server, url, username, code, "127.0.70.1");
    let page = browser.follow(answer.expect(303)).expect(200);
    assert!(browser.at.starts_with(LOST) && page.body.contains("data-passkey=\"create\""), "{page:?}");
    (browser, page)
}

fn bring(browser: &mut Browser, page: &Answer, device: &mut Device) -> Answer {
    let asked = Asked::of(page);
    let made = device.make(&asked);
    browser.submit(page, &[("passkey_state", &asked.state), ("passkey", &made)])
}

fn codes_left(server: &Server) -> i64 {
    number(
        &server.data(),
        "SELECT count(*) FROM recovery_codes r JOIN users u ON u.id = r.user_id AND u.username = 'zoe'",
    )
}

#[test]
fn a_recovery_code_lets_another_passkey_in_once_and_signs_in_by_it() {
    let server = house();
    let wiki = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    let (lost, _, codes) = come_with_passkey(&server, "zoe");
    // Typed as people type, on the way to an application.
    let typed = codes[0].to_uppercase().replace('-', " ");
    let (mut browser, page) = let_on(&server, &wiki.authorize_url(&[]), "zoe", &typed);
    assert_eq!(codes_left(&server), 10, "it is not used up yet");
    assert_eq!(browser.get("/if/user/").status, 303, "a code is no session");
    let mut device = Device::new(&browser);
    let answer = bring(&mut browser, &page, &mut device).expect(200);
    let code = browser.follow(answer).location_param("code").expect("a code");
    let claims = crate::support::Tokens::of(&wiki.redeem(&browser.http, &code, &[])).id_claims();
    assert_eq!(claims["amr"], json!(["hwk", "user", "mfa"]));
    assert_eq!((codes_left(&server), passkeys(&server)), (9, 2));
    device.sign_in(&mut Browser::new(&server), "/login/").expect(200);
    // The code is gone; another is good.
    try_code(&server, "/login/", "zoe", &codes[0], "127.0.70.2").1.expect(403);
    let_on(&server, "/login/", "zoe", &codes[1]);
    let events = server.events();
    let told = |kind: &str, detail: &str, value: &str| {
        assert!(events.iter().any(|e| e["kind"] == kind && e["details"][detail] == value), "{kind}: {events:?}");
    };
    told("passkey_added", "by", "recovery code");
    told("login", "method", "recovery code and new passkey");
    // One that works elsewhere alone is no way in. The lost one goes, the last one stays.
    let page = browser.get(MFA).expect(200);
    let remove = |page: &Answer| HtmlForm::find(page, REMOVE);
    let first = "UPDATE passkeys SET rp_id = ?1 WHERE id = (SELECT min(id) FROM passkeys)";
    execute(&server.data(), &first.replace("?1", "'old.example'"));
    let newer = HtmlForm::all(&page).into_iter().filter(|form| form.action == REMOVE).nth(1).expect("two");
    newer.send(&mut browser).expect(422);
    execute(&server.data(), &first.replace("?1", "'localhost'"));
    remove(&page).send(&mut browser).expect(303);
    lost.sign_in(&mut Browser::new(&server).from("127.0.70.3"), "/login/").expect(403);
    let page = browser.get(MFA).expect(200);
    let kept = remove(&page).send(&mut browser).expect(422);
    assert!(kept.body.contains("your only passkey") && passkeys(&server) == 1, "{kept:?}");
}

#[test]
fn a_code_that_is_not_good_gets_nowhere() {
    let server = house();
    server.alice();
    let (_, mut of_zoe, codes) = come_with_passkey(&server, "zoe");
    let (_, _, of_eve) = come_with_passkey(&server, "eve");
    let mut alice = Browser::signed_in(&server, "alice");
    let (_, added) = Device::added(&mut alice);
    let of_alice = crate::support::totp::codes(&added);
    for (n, username, code) in [
        (1, "zoe", "0000-0000-0000-0000"),
        (2, "zoe", of_eve[0].as_str()),
        (3, "nobody", codes[0].as_str()),
        // Beside a password it stands in for the second factor alone.
        (4, "alice", of_alice[0].as_str()),
    ] {
        let (browser, answer) = try_code(&server, "/login/", username, code, &format!("127.0.71.{n}"));
        assert!(answer.status == 403 && browser.cookie("latchkey-lost-passkey").is_none(), "{n}: {answer:?}");
    }
    // Without its cookie, the page leads to the sign-in.
    let mut stranger = Browser::new(&server);
    assert_eq!(stranger.get(LOST).expect(303).location(), "/login/");
    stranger.cookies.push(("latchkey-lost-passkey".into(), "forged".into()));
    assert_eq!(stranger.get(LOST).expect(303).location(), "/login/");
    // A device that does not check its user, and a credential that is somebody's: the code is not used up.
    let (mut browser, page) = let_on(&server, "/login/", "zoe", &codes[0]);
    let mut unverified = Device::new(&browser);
    unverified.is_verified = false;
    bring(&mut browser, &page, &mut unverified).expect(422);
    let page = browser.get(LOST).expect(200);
    let (eves, _, _) = come_with_passkey(&server, "mallory");
    bring(&mut browser, &page, &mut eves.clone()).expect(422);
    assert_eq!((codes_left(&server), passkeys(&server)), (10, 4));
    // A page of another browser's, and one whose answer was taken.
    let page = browser.get(LOST).expect(200);
    let (mut other, other_page) = let_on(&server, "/login/", "zoe", &codes[1]);
    let (asked, mut device) = (Asked::of(&page), Device::new(&browser));
    let made = device.make(&asked);
    other.submit(&other_page, &[("passkey_state", &asked.state), ("passkey", &made)]).expect(422);
    // New codes were made meanwhile: the old one is over.
    let form = HtmlForm::find(&of_zoe.get(MFA), "/if/user/mfa/recovery-codes/");
    let fresh = crate::support::totp::codes(&form.send(&mut of_zoe).expect(200));
    assert_eq!(bring(&mut browser, &page, &mut device).expect(303).location(), "/login/");
    // Ten minutes later, or with a password set meanwhile, so is a good one.
    let (mut browser, page) = let_on(&server, "/login/", "zoe", &fresh[0]);
    execute(&server.data(), "UPDATE users SET password_hash = 'x' WHERE username = 'zoe'");
    assert_eq!(browser.get(LOST).expect(303).location(), "/login/");
    execute(&server.data(), "UPDATE users SET password_hash = NULL, is_active = 0 WHERE username = 'zoe'");
    assert_eq!(browser.get(LOST).expect(303).location(), "/login/");
    execute(&server.data(), "UPDATE users SET is_active = 1 WHERE username = 'zoe'");
    // The twin.
    bring(&mut browser, &page, &mut device).expect(200);
    assert_eq!(browser.get("/if/user/").status, 200);
    assert_eq!(codes_left(&server), 9);
}

#[test]
fn guesses_at_codes_are_slowed_as_those_at_passwords() {
    let server = house();
    let (_, _, codes) = come_with_passkey(&server, "zoe");
    let guess = |code: &str| try_code(&server, "/login/", "zoe", code, "127.0.72.1").1;
    let slowed = (0..8).map(|_| guess("0000-0000-0000-0000")).find(|a| a.status == 429);
    assert!(slowed.is_some(), "eight guesses");
    let_on(&server, "/login/", "zoe", &codes[0]);
}

#[test]
fn who_has_no_password_sets_one_with_a_fresh_factor() {
    let server = house();
    let (device, mut zoe, _) = come_with_passkey(&server, "zoe");
    let page = zoe.get("/if/user/password/").expect(200);
    assert!(page.body.contains("You have no password") && !page.body.contains("name=\"present\""), "{page:?}");
    let form = HtmlForm::find(&page, "/if/user/password/").with("password", PASSWORD).with("password_again", PASSWORD);
    execute(&server.data(), "UPDATE sessions SET auth_time = auth_time - 601");
    let question = form.send(&mut zoe).expect(200);
    assert!(question.body.contains("id=\"confirm\""), "{question:?}");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM users WHERE password_hash IS NULL"), 1);
    execute(&server.data(), "UPDATE sessions SET auth_time = auth_time + 601");
    form.with("password_again", "another one").send(&mut zoe).expect(422);
    let form = HtmlForm::find(&zoe.get("/if/user/password/"), "/if/user/password/");
    form.with("password", PASSWORD).with("password_again", PASSWORD).send(&mut zoe).expect(303);
    assert_eq!(number(&server.data(), "SELECT count(*) FROM users WHERE password_hash IS NULL"), 0);
    // From now on the present one is asked for, and the last passkey may go.
    let form = HtmlForm::find(&zoe.get("/if/user/password/"), "/if/user/password/");
    let again = form.with("password", "another battery").with("password_again", "another battery");
    again.with("present", "wrong").send(&mut zoe).expect(422);
    let remove = HtmlForm::find(&zoe.get(MFA), REMOVE);
    remove.send(&mut zoe).expect(303);
    device.sign_in(&mut Browser::new(&server), "/login/").expect(403);
    drop(Browser::signed_in(&server, "zoe"));
}
