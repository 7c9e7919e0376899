//! Guests who choose a passkey in place of a password: the account is made with the passkey, and by nothing less.

use std::sync::{Arc, Barrier};

use serde_json::json;

use crate::invitations::{filled, house, invite, is_refused, opened, problem, users, uses_left};
use crate::support::device::{Asked, Device};
use crate::support::disk::{execute, number};
use crate::support::server::{Folder, free_port};
use crate::support::totp::codes;
use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

const PAGE: &str = "/invitation/";

/// The first step: what was said, and that it shall be a passkey.
fn chosen(page: &Answer, username: &str) -> HtmlForm {
    HtmlForm::find(page, PAGE).with("username", username).with("choice", "passkey")
}

/// A guest who was asked for a passkey.
fn asked(server: &Server, link: &str, username: &str) -> (Browser, Answer) {
    let (mut browser, page) = opened(server, link);
    let page = chosen(&page, username).send(&mut browser).expect(200);
    assert!(page.body.contains("data-passkey=\"create\""), "{page:?}");
    (browser, page)
}

/// The form of the second step, with what a device made.
fn brought(page: &Answer, device: &mut Device) -> HtmlForm {
    HtmlForm::find(page, PAGE).with("passkey", &device.make(&Asked::of(page)))
}

pub fn passkeys(server: &Server) -> i64 {
    number(&server.data(), "SELECT count(*) FROM passkeys")
}

/// A user who never had a password: the device, the browser, the recovery codes.
pub fn come_with_passkey(server: &Server, username: &str) -> (Device, Browser, Vec<String>) {
    let (mut browser, page) = asked(server, &invite(server, &[]), username);
    let mut device = Device::new(&browser);
    let done = brought(&page, &mut device).send(&mut browser).expect(200);
    (device, browser, codes(&done))
}

#[track_caller]
fn not_made(answer: &Answer) {
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.body.contains("The passkey was not taken"), "{answer:?}");
}

#[test]
fn a_guest_with_a_passkey_has_no_password_and_is_signed_in_by_it() {
    let server = house();
    let wiki = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let link = invite(&server, &["--group", "family"]);
    let (mut guest, page) = opened(&server, &link);
    let form = chosen(&page, "zoe").with("name", "Zoë Guest").with("email", "zoe@example.com");
    let page = form.with("admin", "on").send(&mut guest).expect(200);
    assert_eq!((users(&server), uses_left(&server), passkeys(&server)), (1, 1, 0), "asking makes nothing");
    let options = Asked::of(&page).options;
    assert_eq!((&options["user"]["name"], &options["user"]["displayName"]), (&json!("zoe"), &json!("Zoë Guest")));
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");

    let mut device = Device::new(&guest);
    let done = brought(&page, &mut device).send(&mut guest).expect(200);
    assert_eq!(codes(&done).len(), 10, "recovery codes come with it");
    assert!(done.body.contains("Your account is ready") && done.body.contains("in place of a password"), "{done:?}");
    assert!(guest.cookie("latchkey-invitation").is_none() && guest.cookie("latchkey-device").is_some());
    assert_eq!((users(&server), uses_left(&server), passkeys(&server)), (2, 0, 1));
    assert_eq!(number(&server.data(), "SELECT count(*) FROM users WHERE password_hash IS NULL"), 1);
    let claims = wiki.tokens(&mut guest, "openid profile email").id_claims();
    assert_eq!((&claims["amr"], &claims["name"]), (&json!(["hwk", "user", "mfa"]), &json!("Zoë Guest")));
    assert_eq!(claims["acr"], "urn:latchkey:acr:passkey");
    assert_eq!(claims.get("email"), None, "{claims}");
    assert_eq!(guest.get("/if/admin/").status, 403);
    // It signs in elsewhere, and no password does.
    device.sign_in(&mut Browser::new(&server), "/login/").expect(200);
    for password in ["", PASSWORD] {
        let mut other = Browser::new(&server);
        let page = other.open("/login/");
        other.submit(&page, &[("username", "zoe"), ("password", password)]).expect(403);
    }
    let events = server.events();
    for kind in ["invitation_used", "user_created", "passkey_added", "recovery_codes_made", "login"] {
        assert!(events.iter().any(|e| e["kind"] == kind && e["username"] == "zoe"), "{kind}");
    }
    let used = events.iter().find(|e| e["kind"] == "invitation_used").expect("an event");
    assert_eq!(used["details"]["groups"], "family");
}

#[test]
fn a_passkey_that_lies_makes_no_account() {
    let server = house();
    let link = invite(&server, &[]);
    let (mut guest, page) = asked(&server, &link, "zoe");
    let honest = Device::new(&guest);
    let lie = |change: &dyn Fn(&mut Device)| {
        let mut device = honest.clone();
        change(&mut device);
        device
    };
    for mut liar in [
        lie(&|d| d.is_verified = false),
        lie(&|d| d.origin = "https://evil.example".into()),
        lie(&|d| d.rp_id = "evil.example".into()),
    ] {
        let answer = brought(&page, &mut liar).send(&mut guest);
        not_made(&answer);
        let again = HtmlForm::find(&answer, PAGE);
        assert_eq!((again.value("username"), again.value("choice")), ("zoe", "passkey"), "it can be tried again");
    }
    for nonsense in ["nonsense", "{}"] {
        not_made(&HtmlForm::find(&page, PAGE).with("passkey", nonsense).send(&mut guest));
    }
    assert_eq!((users(&server), uses_left(&server), passkeys(&server)), (1, 1, 0));
    brought(&page, &mut honest.clone()).send(&mut guest).expect(200);
    assert_eq!((users(&server), passkeys(&server)), (2, 1));
}

#[test]
fn a_challenge_counts_once_for_one_browser_one_invitation_and_one_name() {
    let server = house();
    let (link, other) = (invite(&server, &["--uses", "9"]), invite(&server, &["--uses", "9"]));
    let (mut guest, page) = asked(&server, &link, "zoe");
    let form = brought(&page, &mut Device::new(&guest));
    // Another invitation's, in the same browser.
    let elsewhere = guest.open(&other).expect(200);
    let foreign = chosen(&elsewhere, "zoe").send(&mut guest).expect(200);
    let of_other = brought(&foreign, &mut Device::new(&guest));
    not_made(&form.send(&mut guest));
    guest.open(&link).expect(200);
    not_made(&of_other.send(&mut guest));
    // Another name, another browser, and what somebody with an account was asked for.
    not_made(&form.clone().with("username", "eve").send(&mut guest));
    let (mut thief, stolen) = asked(&server, &link, "zoe");
    let token = HtmlForm::find(&stolen, PAGE).value("form_token").to_owned();
    let of_thief = form.clone().with("form_token", &token);
    not_made(&of_thief.send(&mut thief));
    let mut keeper = Browser::signed_in(&server, "keeper");
    let own = Asked::of(&Device::page_to_add(&mut keeper));
    let made = Device::new(&keeper).make(&own);
    not_made(&of_thief.with("passkey_state", &own.state).with("passkey", &made).send(&mut thief));
    assert_eq!((users(&server), passkeys(&server)), (1, 0));
    // The twin; then the same again, by somebody who has both: it is over.
    let cookies = guest.cookies.clone();
    let mut guest = Browser::new(&server).from("127.0.61.1");
    guest.cookies.clone_from(&cookies);
    form.send(&mut guest).expect(200);
    let mut again = Browser::new(&server).from("127.0.61.2");
    again.cookies.clone_from(&cookies);
    let answer = form.send(&mut again);
    assert!(answer.status == 422 && !answer.body.contains("id=\"codes\""), "{answer:?}");
    assert_eq!((users(&server), passkeys(&server)), (2, 1));
    assert_eq!(number(&server.data(), "SELECT sum(uses_left) FROM invitations"), 17);
}

#[test]
fn an_answer_sent_twenty_times_at_once_makes_one_account() {
    let server = house();
    let (guest, page) = asked(&server, &invite(&server, &["--uses", "50"]), "zoe");
    let form = brought(&page, &mut Device::new(&guest));
    let start = Arc::new(Barrier::new(20));
    let crowd: Vec<_> = (0..20)
        .map(|n| {
            let mut browser = Browser::new(&server).from(&format!("127.0.62.{}", 1 + n));
            browser.cookies.clone_from(&guest.cookies);
            let (start, form) = (Arc::clone(&start), form.clone());
            std::thread::spawn(move || {
                start.wait();
                form.send(&mut browser).status
            })
        })
        .collect();
    let statuses: Vec<u16> = crowd.into_iter().map(|c| c.join().expect("a status")).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    assert_eq!((users(&server), uses_left(&server), passkeys(&server)), (2, 49, 1));
}

#[test]
fn an_invitation_that_ended_meanwhile_makes_no_account() {
    let server = house();
    let late = |end: &dyn Fn()| {
        let (mut guest, page) = asked(&server, &invite(&server, &[]), "late");
        end();
        is_refused(&brought(&page, &mut Device::new(&guest)).send(&mut guest));
        is_refused(&chosen(&page, "late").send(&mut guest));
    };
    let newest = "WHERE id = (SELECT max(id) FROM invitations)";
    late(&|| {
        execute(&server.data(), &format!("UPDATE invitations SET uses_left = 0 {newest}"));
    });
    late(&|| {
        execute(&server.data(), &format!("UPDATE invitations SET expires_at = created_at {newest}"));
    });
    late(&|| {
        let id = number(&server.data(), "SELECT max(id) FROM invitations").to_string();
        server.cli(&["invitation", "delete", &id]).ok();
    });
    assert_eq!((users(&server), passkeys(&server)), (1, 0));
    come_with_passkey(&server, "zoe");
    assert_eq!((users(&server), passkeys(&server)), (2, 1));
}

#[test]
fn a_name_that_was_taken_meanwhile_is_told_and_the_invitation_is_as_it_was() {
    let server = house();
    let link = invite(&server, &["--uses", "5"]);
    // Before anything is asked of a device.
    let (mut guest, page) = opened(&server, &link);
    let answer = chosen(&page, "Keeper").send(&mut guest);
    assert!(problem(&answer, "username").contains("is taken"), "{answer:?}");
    assert!(problem(&chosen(&page, "zoe guest").send(&mut guest), "username").contains("no spaces"));
    assert_eq!(HtmlForm::find(&answer, PAGE).value("username"), "Keeper");
    // After.
    let page = chosen(&page, "zoe").send(&mut guest).expect(200);
    let (mut faster, open) = opened(&server, &link);
    filled(&open, "zoe").send(&mut faster).expect(303);
    let answer = brought(&page, &mut Device::new(&guest)).send(&mut guest);
    assert!(problem(&answer, "username").contains("is taken"), "{answer:?}");
    assert!(answer.body.contains("If your device kept the passkey"), "{answer:?}");
    assert_eq!((users(&server), uses_left(&server), passkeys(&server)), (2, 4, 0));
    let page = chosen(&answer, "zoe2").send(&mut guest).expect(200);
    brought(&page, &mut Device::new(&guest)).send(&mut guest).expect(200);
    assert_eq!((users(&server), uses_left(&server), passkeys(&server)), (3, 3, 1));
}

#[test]
fn of_two_guests_who_want_one_name_at_once_one_gets_it() {
    let server = house();
    let link = invite(&server, &["--uses", "9"]);
    let start = Arc::new(Barrier::new(4));
    let crowd: Vec<_> = (0..4)
        .map(|_| {
            let (mut guest, page) = asked(&server, &link, "zoe");
            let form = brought(&page, &mut Device::new(&guest));
            let start = Arc::clone(&start);
            std::thread::spawn(move || {
                start.wait();
                form.send(&mut guest).status
            })
        })
        .collect();
    let statuses: Vec<u16> = crowd.into_iter().map(|c| c.join().expect("a status")).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    assert_eq!((users(&server), uses_left(&server), passkeys(&server)), (2, 8, 1));
}

#[test]
fn a_credential_that_is_somebodys_makes_no_account() {
    let server = house();
    let (device, _, _) = come_with_passkey(&server, "zoe");
    let (mut guest, page) = asked(&server, &invite(&server, &[]), "eve");
    let answer = brought(&page, &mut device.clone()).send(&mut guest).expect(422);
    assert!(answer.body.contains("This device has a passkey"), "{answer:?}");
    assert_eq!((users(&server), uses_left(&server), passkeys(&server)), (2, 1, 1));
}

#[test]
fn who_goes_back_finds_what_was_typed_and_may_take_a_password() {
    let server = house();
    let (mut guest, page) = asked(&server, &invite(&server, &[]), "zoe");
    let back = HtmlForm::all(&page).into_iter().find(|f| f.value("choice") == "back").expect("a way back");
    let page = back.send(&mut guest).expect(200);
    let form = HtmlForm::find(&page, PAGE);
    assert_eq!(form.value("username"), "zoe");
    form.with("password", PASSWORD).with("password_again", PASSWORD).send(&mut guest).expect(303);
    drop(Browser::signed_in(&server, "zoe"));
}

#[test]
fn where_browsers_know_no_passkeys_there_is_the_password() {
    let port = free_port();
    let server = Server::start_at(Folder::new(), port, &format!("http://127.0.0.1:{port}"), &[]);
    let (mut guest, page) = opened(&server, &invite(&server, &[]));
    assert!(!page.body.contains("data-passkey-way") && !page.body.contains("passkeys"), "{page:?}");
    let answer = chosen(&page, "zoe").send(&mut guest).expect(422);
    assert!(answer.body.contains("Browsers make passkeys under https"), "{answer:?}");
    filled(&answer, "zoe").send(&mut guest).expect(303);
    assert_eq!(users(&server), 1);
}
