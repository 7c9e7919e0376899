//! Users are told by mail what happens to their account: at a verified address, and nowhere else.

use std::time::Duration;

use crate::support::device::{Asked, Device};
use crate::support::disk::execute;
use crate::support::smtp::{Mail, Manners, SmtpServer, with_mail};
use crate::support::totp::{Authenticator, codes};
use crate::support::{Browser, HtmlForm, PASSWORD, Server};

const NEW: &str = "a wholly new password";
const DEVICE: &str = "latchkey-device";

fn house() -> (SmtpServer, Server) {
    let smtp = SmtpServer::start(Manners::default());
    let server = with_mail(smtp.port);
    server.alice();
    (smtp, server)
}

/// The next mail, once there are so many.
#[track_caller]
fn told(smtp: &SmtpServer, count: usize, subject: &str) -> Mail {
    let mails = smtp.wait_for(count);
    let subjects: Vec<String> = mails.iter().map(|m| m.header("Subject")).collect();
    let found = mails.iter().find(|m| m.header("Subject") == subject);
    assert_eq!(mails.len(), count, "{subjects:?}");
    found.unwrap_or_else(|| panic!("{subject}: {subjects:?}")).clone()
}

/// A sign-in with a browser that has these cookies.
fn sign_in(server: &Server, user: &str, cookies: Vec<(String, String)>) -> Browser {
    let mut browser = Browser::new(server);
    browser.cookies = cookies;
    let page = browser.open("/login/");
    browser.sign_in(&page, user);
    browser
}

fn device_of(browser: &Browser) -> Vec<(String, String)> {
    browser.cookies.iter().filter(|(name, _)| name == DEVICE).cloned().collect()
}

#[test]
fn a_sign_in_with_another_browser_is_told_and_one_with_a_known_browser_is_not() {
    let (smtp, server) = house();
    server.user("bob", &["--email", "bob@example.com", "--email-verified"]);
    let first = sign_in(&server, "alice", Vec::new());
    let device = device_of(&first);
    assert_eq!(device.len(), 1, "{:?}", first.cookies);
    // The first is known from then on, and goes on being so.
    assert_eq!(device_of(&sign_in(&server, "alice", device.clone())), device);
    let second = sign_in(&server, "alice", Vec::new());
    let mail = told(&smtp, 1, "A sign-in with another browser");
    assert_eq!(mail.to, "alice@example.com");
    assert!(mail.body().contains("From the address: 127.0.0.1") && mail.body().contains("/if/user/"), "{mail:?}");
    assert!(server.events().iter().any(|e| e["kind"] == "login" && e["details"]["device"] == "new"));
    sign_in(&server, "alice", device_of(&second));
    // Somebody else in the same browser changes nothing for alice.
    let shared = device_of(&sign_in(&server, "bob", device.clone()));
    sign_in(&server, "alice", shared);
    // A value that somebody made up is not kept.
    let planted = vec![(DEVICE.to_owned(), "A".repeat(43))];
    assert_ne!(device_of(&sign_in(&server, "alice", planted.clone())), planted);
    told(&smtp, 2, "A sign-in with another browser");
    // Where no browser is known any more, none is another.
    execute(&server.data(), "UPDATE known_devices SET last_seen_at = last_seen_at - 365 * 86400 WHERE user_id = 1");
    let anew = sign_in(&server, "alice", device);
    sign_in(&server, "alice", device_of(&anew));
    sign_in(&server, "alice", Vec::new());
    told(&smtp, 3, "A sign-in with another browser");
}

#[test]
fn passwords_factors_and_addresses_are_told() {
    let (smtp, server) = house();
    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open("/if/user/password/");
    let form = HtmlForm::find(&page, "/if/user/password/");
    let form = form.with("present", PASSWORD).with("password", NEW).with("password_again", NEW);
    assert_eq!(form.send(&mut browser).status, 303);
    told(&smtp, 1, "Your password was changed");

    let (app, codes) = Authenticator::added(&mut browser);
    let mail = told(&smtp, 2, "A second factor was added");
    assert!(mail.body().contains("Authenticator app"), "{mail:?}");
    assert!(codes.iter().all(|code| !mail.raw.contains(code.as_str())));
    // With a recovery code, in the same browser.
    let mut again = Browser::new(&server);
    again.cookies = device_of(&browser);
    let page = again.open("/login/");
    let half = again.submit(&page, &[("username", "alice"), ("password", NEW)]);
    let page = again.follow(half);
    assert_eq!(again.submit(&page, &[("code", &codes[0])]).status, 200);
    told(&smtp, 3, "A recovery code was used");
    drop(app);
    let page = browser.open("/if/user/mfa/");
    HtmlForm::find(&page, "/if/user/mfa/recovery-codes/").send(&mut browser).expect(200);
    told(&smtp, 4, "New recovery codes");
    let page = browser.open("/if/user/mfa/");
    HtmlForm::find(&page, "/if/user/mfa/totp/remove/").send(&mut browser).expect(303);
    told(&smtp, 5, "A second factor was removed");

    let page = browser.open("/if/user/");
    HtmlForm::find(&page, "/if/user/").with("name", "Alice").send(&mut browser).expect(303);
    let page = browser.open("/if/user/");
    HtmlForm::find(&page, "/if/user/").with("email", "new@example.com").send(&mut browser).expect(303);
    let mail = told(&smtp, 6, "Your e-mail address was changed");
    assert_eq!(mail.to, "alice@example.com", "the old one is told");
    // The new one is nobody's that is known: it is told nothing.
    let (_, _) = Authenticator::added(&mut browser);
    server.user("ada", &["--admin", "--email", "ada@example.com", "--email-verified"]);
    let mut ada = Browser::signed_in(&server, "ada");
    let page = ada.open("/if/admin/users/1/");
    HtmlForm::find(&page, "/if/admin/users/1/").with("email_verified", "on").send(&mut ada).expect(303);
    HtmlForm::find(&page, "/if/admin/users/1/remove-factors/").send(&mut ada).expect(303);
    assert_eq!(told(&smtp, 7, "Your second factors were removed").to, "new@example.com");
    let form = HtmlForm::find(&page, "/if/admin/users/1/password/").with("password", NEW).with("password_again", NEW);
    form.send(&mut ada).expect(303);
    told(&smtp, 8, "Your password was set by an administrator");
    let page = ada.open("/if/admin/users/1/");
    HtmlForm::find(&page, "/if/admin/users/1/").with("email", "third@example.com").send(&mut ada).expect(303);
    let mails = smtp.wait_for(9);
    assert_eq!(
        (mails[8].header("Subject").as_str(), mails[8].to.as_str()),
        ("Your e-mail address was changed", "new@example.com")
    );
    let link = server.cli(&["user", "recovery-link", "alice"]).ok().trim().to_owned();
    let mut reset = Browser::new(&server);
    let page = reset.open(&link);
    assert_eq!(reset.submit(&page, &[("password", PASSWORD), ("password_again", PASSWORD)]).status, 200);
    server.cli(&["user", "set", "alice", "--email-verified"]).ok();
    let link = server.cli(&["user", "recovery-link", "alice"]).ok().trim().to_owned();
    let page = reset.open(&link);
    assert_eq!(reset.submit(&page, &[("password", NEW), ("password_again", NEW)]).status, 200);
    let mail = told(&smtp, 10, "Your password was reset");
    assert_eq!(mail.to, "third@example.com", "only once it was verified");
    assert!(!mail.raw.contains("token="));
}

#[test]
fn passkeys_that_come_and_go_are_told() {
    let (smtp, server) = house();
    server.user("ada", &["--admin", "--email", "ada@example.com", "--email-verified"]);
    let mut alice = Browser::signed_in(&server, "alice");
    let (device, page) = Device::added(&mut alice);
    let mail = told(&smtp, 1, "A second factor was added");
    assert_eq!(mail.to, "alice@example.com");
    assert!(mail.body().contains("Passkey") && mail.body().contains("/if/user/"), "{mail:?}");
    assert!(codes(&page).iter().all(|code| !mail.raw.contains(code.as_str())));
    // What was refused, and another name, are no news.
    Device::new(&alice).add(&mut alice).expect(303);
    told(&smtp, 2, "A second factor was added");
    let page = alice.get("/if/user/mfa/").expect(200);
    HtmlForm::find(&page, "/if/user/mfa/passkeys/rename/").with("name", "Blue key").send(&mut alice).expect(303);
    let mut liar = Device::new(&alice);
    liar.is_verified = false;
    liar.add(&mut alice).expect(422);
    // Signing in with it, in the same browser, is none either.
    let mut again = Browser::new(&server);
    again.cookies = device_of(&alice);
    device.sign_in(&mut again, "/login/").expect(200);
    let remove = HtmlForm::find(&page, "/if/user/mfa/passkeys/remove/");
    remove.send(&mut alice).expect(303);
    remove.send(&mut alice).expect(404);
    let mail = told(&smtp, 3, "A second factor was removed");
    assert!(mail.body().contains("Passkey"), "{mail:?}");
    // By an administrator: one, and then all.
    let mut ada = Browser::signed_in(&server, "ada");
    let page = ada.get("/if/admin/users/1/").expect(200);
    HtmlForm::find(&page, "/if/admin/users/1/remove-passkey/").send(&mut ada).expect(303);
    let mails = smtp.wait_for(4);
    let last = mails.last().expect("a mail");
    assert_eq!(
        (last.header("Subject").as_str(), last.to.as_str()),
        ("A second factor was removed", "alice@example.com")
    );
    let mut alice = sign_in(&server, "alice", device_of(&alice));
    drop(Device::added(&mut alice));
    smtp.wait_for(5);
    let page = ada.get("/if/admin/users/1/").expect(200);
    HtmlForm::find(&page, "/if/admin/users/1/remove-factors/").send(&mut ada).expect(303);
    told(&smtp, 6, "Your second factors were removed");
}

#[test]
fn an_unverified_address_is_told_nothing_of_a_passkey() {
    let (smtp, server) = house();
    server.user("bob", &["--email", "bob@example.com"]);
    let mut bob = Browser::signed_in(&server, "bob");
    drop(Device::added(&mut bob));
    let mut alice = Browser::signed_in(&server, "alice");
    drop(Device::added(&mut alice));
    let mail = told(&smtp, 1, "A second factor was added");
    assert_eq!(mail.to, "alice@example.com");
}

#[test]
fn a_passkey_that_a_recovery_code_let_in_is_told_with_the_code() {
    let (smtp, server) = house();
    server.user("keeper", &["--admin"]);
    let link = server.cli(&["invitation", "create"]).ok().trim().to_owned();
    let mut zoe = Browser::new(&server);
    let page = zoe.open(&link).expect(200);
    let form = HtmlForm::find(&page, "/invitation/").with("username", "zoe").with("email", "zoe@example.com");
    let page = form.with("choice", "passkey").send(&mut zoe).expect(200);
    let made = Device::new(&zoe).make(&Asked::of(&page));
    let codes = codes(&HtmlForm::find(&page, "/invitation/").with("passkey", &made).send(&mut zoe).expect(200));
    // The address is the guest's once the link in the mail to it was followed.
    let link = told(&smtp, 1, "Verify your e-mail address").link(&server.base);
    let notice = zoe.get("/if/user/").expect(200);
    assert!(notice.body.contains("on its way to zoe@example.com"), "{notice:?}");
    let page = zoe.open(&link);
    zoe.submit(&page, &[]).expect(200);
    assert!(server.cli(&["user", "show", "zoe", "--json"]).ok().contains("\"email_verified\": true"));
    // In the same browser, so that it is no unknown one.
    let mut again = Browser::new(&server);
    again.cookies = device_of(&zoe);
    let page = again.open("/login/");
    let half = again.submit(&page, &[("username", "zoe"), ("password", &codes[0])]);
    let page = again.follow(half.expect(303));
    let asked = Asked::of(&page);
    let made = Device::new(&again).make(&asked);
    again.submit(&page, &[("passkey_state", &asked.state), ("passkey", &made)]).expect(200);
    told(&smtp, 3, "A recovery code was used");
    told(&smtp, 3, "A second factor was added");
}

#[test]
fn guests_are_sent_a_link_to_verify_their_address_and_those_without_one_are_not() {
    let (smtp, server) = house();
    server.user("keeper", &["--admin"]);
    let link = server.cli(&["invitation", "create", "--uses", "2"]).ok().trim().to_owned();
    let accept = |username: &str, email: &str| {
        let mut guest = Browser::new(&server);
        let page = guest.open(&link).expect(200);
        let form = HtmlForm::find(&page, "/invitation/").with("username", username).with("email", email);
        let done = form.with("password", PASSWORD).with("password_again", PASSWORD).send(&mut guest).expect(303);
        (guest.follow(done).expect(200), guest)
    };
    let (welcome, _) = accept("ada", "");
    assert!(!welcome.body.contains("id=\"notice\""), "{welcome:?}");
    let (welcome, mut zoe) = accept("zoe", "zoe@example.com");
    assert!(welcome.body.contains("on its way to zoe@example.com"), "{welcome:?}");
    assert!(!zoe.get("/invitation/welcome/").body.contains("id=\"notice\""), "it is said once");
    let mail = told(&smtp, 1, "Verify your e-mail address");
    assert_eq!(mail.to, "zoe@example.com");
}

#[test]
fn a_browser_that_calls_itself_a_link_is_not_quoted() {
    let (smtp, server) = house();
    sign_in(&server, "alice", Vec::new());
    let http = server.http();
    let page = http.get("/login/");
    let cookie = page.header("Set-Cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
    let token = crate::support::browser::form_token(&page);
    let headers = [("Cookie", cookie.as_str()), ("User-Agent", "go to https://evil.example/")];
    let fields = [("form_token", token.as_str()), ("username", "alice"), ("password", PASSWORD)];
    http.post_with("/login/", &headers, &fields).expect(200);
    let mail = told(&smtp, 1, "A sign-in with another browser");
    assert!(!mail.body().contains("evil"), "{}", mail.body());
}

#[test]
fn one_account_fills_neither_its_mailbox_nor_the_queue() {
    let slow = Manners { delay: Duration::from_millis(300), ..Manners::default() };
    let smtp = SmtpServer::start(slow);
    let server = with_mail(smtp.port);
    server.alice();
    for name in ["mal", "carl"] {
        server.user(name, &["--email", &format!("{name}@example.com"), "--email-verified"]);
    }
    sign_in(&server, "carl", Vec::new());
    for _ in 0..30 {
        sign_in(&server, "mal", Vec::new());
    }
    sign_in(&server, "carl", Vec::new());
    let mut browser = Browser::new(&server);
    let page = browser.open("/recovery/request/");
    browser.submit(&page, &[("login", "alice")]).expect(200);
    let mails = smtp.wait_for(6);
    let of = |to: &str| mails.iter().filter(|m| m.to == format!("{to}@example.com")).collect::<Vec<_>>();
    assert_eq!((of("mal").len(), of("carl").len(), of("alice").len()), (4, 1, 1), "{mails:?}");
    let told: Vec<bool> = of("mal").iter().map(|m| m.body().contains("no mail tells you")).collect();
    assert_eq!(told, [false, false, false, true], "the last says that it is");
    // What is not mailed stands in the events.
    let events = server.events();
    let new = |e: &&serde_json::Value| e["username"] == "mal" && e["details"]["device"] == "new";
    assert_eq!(events.iter().filter(new).count(), 30);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(smtp.mails().len(), 6);
}
