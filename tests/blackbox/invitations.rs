//! Invitations: a link by which a guest makes an account, as often as was said and not once more.

use std::sync::{Arc, Barrier};

use crate::support::browser::form_token;
use crate::support::chromium::Page;
use crate::support::disk::{contains, execute, number, stored_bytes};
use crate::support::inspect::inspect;
use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

const PAGE: &str = "/invitation/";
const ADMIN: &str = "/if/admin/invitations/";
const NEW: &str = "/if/admin/invitations/new/";

/// A house with an administrator and a group.
pub fn house() -> Server {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.cli(&["group", "create", "family"]).ok();
    server
}

pub fn invite(server: &Server, options: &[&str]) -> String {
    server.cli(&[&["invitation", "create"][..], options].concat()).ok().trim().to_owned()
}

pub fn opened(server: &Server, link: &str) -> (Browser, Answer) {
    let mut browser = Browser::new(server);
    let page = browser.open(link).expect(200);
    assert!(page.body.contains("id=\"invitation-submit\""), "{page:?}");
    (browser, page)
}

pub fn filled(page: &Answer, username: &str) -> HtmlForm {
    HtmlForm::find(page, PAGE).with("username", username).with("password", PASSWORD).with("password_again", PASSWORD)
}

/// Uses a link in a browser of its own.
fn accept(server: &Server, link: &str, username: &str) -> Answer {
    let (mut browser, page) = opened(server, link);
    filled(&page, username).send(&mut browser)
}

#[track_caller]
pub fn is_refused(answer: &Answer) {
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(!answer.body.contains("invitation-submit") && answer.body.contains("/help/#invitation"), "{answer:?}");
}

#[track_caller]
pub fn problem(answer: &Answer, field: &str) -> String {
    assert_eq!(answer.status, 422, "{answer:?}");
    let found = answer.body.split(&format!("id=\"{field}-wrong\">")).nth(1).and_then(|t| t.split('<').next());
    found.unwrap_or_else(|| panic!("no problem at {field}: {answer:?}")).to_owned()
}

pub fn users(server: &Server) -> i64 {
    number(&server.data(), "SELECT count(*) FROM users")
}

pub fn uses_left(server: &Server) -> i64 {
    number(&server.data(), "SELECT uses_left FROM invitations ORDER BY id DESC LIMIT 1")
}

fn groups_of(server: &Server, user: &str) -> serde_json::Value {
    let shown = server.cli(&["user", "show", user, "--json"]).ok();
    serde_json::from_str::<serde_json::Value>(&shown).expect("JSON")["groups"].clone()
}

#[test]
fn a_guest_makes_an_account_and_is_signed_in_with_it() {
    let server = house();
    let wiki = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let link = invite(&server, &["--group", "family", "--label", "For Zoë"]);
    assert!(link.starts_with(&format!("{}/invitation/?token=", server.base)), "{link}");
    let token = link.split_once("token=").expect("a token").1;
    let mut guest = Browser::new(&server);
    let swapped = guest.get(&link).expect(303);
    assert_eq!(swapped.location(), PAGE);
    assert!(!swapped.header("Set-Cookie").expect("a cookie").contains(token));
    let page = guest.follow(swapped).expect(200);
    assert!(!page.body.contains("For Zo"), "labels are the house's");
    assert_eq!((users(&server), uses_left(&server)), (1, 1), "looking uses nothing");

    let done = filled(&page, "zoe").with("name", "Zoë Guest").with("email", "zoe@example.com").send(&mut guest);
    assert_eq!(done.expect(303).location(), "/invitation/welcome/");
    let welcome = guest.open("/invitation/welcome/").expect(200);
    assert!(welcome.body.contains("href=\"/if/user/mfa/\""), "{welcome:?}");
    assert!(guest.cookie("latchkey-invitation").is_none() && guest.get("/if/user/").status == 200);
    assert!(guest.cookie("latchkey-device").is_some(), "the browser is known from now on");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM known_devices d JOIN users u ON u.id = d.user_id"), 1);
    assert_eq!(guest.get("/if/admin/").status, 403);
    assert_eq!(groups_of(&server, "zoe"), serde_json::json!(["family"]));
    // The address is not known to be the guest's: applications are not told it.
    let claims = wiki.tokens(&mut guest, "openid profile email").id_claims();
    assert_eq!((&claims["preferred_username"], &claims["name"]), (&"zoe".into(), &"Zoë Guest".into()));
    assert_eq!(claims.get("email"), None, "{claims}");
    assert_eq!(claims["amr"], serde_json::json!(["pwd"]));
    Browser::signed_in(&server, "zoe");

    let events = server.events();
    let used = events.iter().find(|e| e["kind"] == "invitation_used").expect("an event");
    assert_eq!((&used["username"], &used["details"]["invitation"]), (&"zoe".into(), &"For Zoë".into()));
    assert_eq!(used["details"]["groups"], "family");
    for kind in ["user_created", "login"] {
        assert!(events.iter().any(|e| e["kind"] == kind && e["username"] == "zoe"), "{kind}");
    }
    assert!(!server.printed().contains(token) && !events.iter().any(|e| e.to_string().contains(token)));
    assert!(!contains(&stored_bytes(&server.data()), token), "only its hash is stored");
}

#[test]
fn a_link_that_is_not_good_is_refused_and_leaves_no_account() {
    let server = house();
    is_refused(&Browser::new(&server).get(PAGE));
    is_refused(&Browser::new(&server).get("/invitation/?token=forged"));
    is_refused(&Browser::new(&server).post(PAGE, &[("username", "eve")]));
    let mut forger = Browser::new(&server);
    forger.cookies.push(("latchkey-invitation".into(), "forged".into()));
    is_refused(&forger.get(PAGE));
    // A link for something else is none, nor is its cookie.
    server.alice();
    let recovery = server.cli(&["user", "recovery-link", "alice"]).ok();
    let token = recovery.trim().split_once("token=").expect("a token").1;
    is_refused(&Browser::new(&server).get(&format!("/invitation/?token={token}")));
    forger.open(recovery.trim());
    let sealed = forger.cookie("latchkey-recovery").expect("a cookie").to_owned();
    forger.cookies.push(("latchkey-invitation".into(), sealed));
    is_refused(&forger.get(PAGE));

    // Used up, and deleted: the open form, the cookie, the link.
    let before = users(&server);
    let link = invite(&server, &[]);
    let (mut late, page) = opened(&server, &link);
    accept(&server, &link, "first").expect(303);
    is_refused(&filled(&page, "late").send(&mut late));
    is_refused(&late.get(PAGE));
    is_refused(&Browser::new(&server).get(&link));
    let link = invite(&server, &[]);
    let (mut late, page) = opened(&server, &link);
    let id = number(&server.data(), "SELECT max(id) FROM invitations").to_string();
    server.cli(&["invitation", "delete", &id]).ok();
    is_refused(&filled(&page, "late").send(&mut late));
    is_refused(&Browser::new(&server).get(&link));
    server.cli(&["invitation", "delete", &id]).refused(1);
    assert_eq!(users(&server), before + 1);
}

#[test]
fn expiry_is_exact_and_uses_are_counted() {
    let server = house();
    let link = invite(&server, &["--uses", "3", "--expires", "1h"]);
    let shift = |by: i64| {
        let sql = format!("UPDATE invitations SET created_at = created_at - {by}, expires_at = expires_at - {by}");
        execute(&server.data(), &sql);
    };
    shift(3_570);
    accept(&server, &link, "one").expect(303);
    let (mut late, page) = opened(&server, &link);
    shift(30);
    is_refused(&Browser::new(&server).get(&link));
    is_refused(&filled(&page, "late").send(&mut late));
    shift(-3_600);
    // From the future: by a clock that jumped.
    shift(-120);
    is_refused(&Browser::new(&server).get(&link));
    shift(120);
    accept(&server, &link, "two").expect(303);
    accept(&server, &link, "three").expect(303);
    is_refused(&Browser::new(&server).get(&link));
    assert_eq!((users(&server), uses_left(&server)), (4, 0));
}

#[test]
fn twenty_guests_at_once_are_as_many_as_were_invited() {
    for (uses, expected) in [("1", 1), ("5", 5)] {
        let server = house();
        let link = invite(&server, &["--uses", uses]);
        let start = Arc::new(Barrier::new(20));
        let crowd: Vec<_> = (0..20)
            .map(|n| {
                let mut browser = Browser::new(&server).from(&format!("127.0.0.{}", 10 + n));
                let page = browser.open(&link).expect(200);
                let start = Arc::clone(&start);
                std::thread::spawn(move || {
                    start.wait();
                    loop {
                        let answer = filled(&page, &format!("guest{n}")).send(&mut browser);
                        // Busy: it says to come again.
                        if answer.status != 503 {
                            return (answer.status, browser.get("/if/user/").status);
                        }
                    }
                })
            })
            .collect();
        let answers: Vec<_> = crowd.into_iter().map(|c| c.join().expect("an answer")).collect();
        let won = answers.iter().filter(|a| **a == (303, 200)).count();
        assert_eq!(won, expected, "{answers:?}");
        assert!(answers.iter().all(|a| *a == (303, 200) || *a == (403, 303)), "{answers:?}");
        assert_eq!((users(&server), uses_left(&server)), (1 + expected as i64, 0));
    }
}

#[test]
fn one_name_is_given_once_however_many_want_it_at_once() {
    let server = house();
    let link = invite(&server, &["--uses", "9"]);
    let opened: Vec<_> = (0..6).map(|_| opened(&server, &link)).collect();
    let all = opened
        .into_iter()
        .map(|(mut browser, page)| std::thread::spawn(move || filled(&page, "zoe").send(&mut browser).status));
    let statuses: Vec<u16> = all.collect::<Vec<_>>().into_iter().map(|t| t.join().expect("a status")).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 303).count(), 1, "{statuses:?}");
    assert_eq!((users(&server), uses_left(&server)), (2, 8), "who came too late has used nothing");
}

#[test]
fn bad_input_is_explained_at_its_field_and_nothing_is_lost_or_used() {
    let server = house();
    server.user("alice", &["--email", "alice@example.com"]);
    server.user("bob", &[]);
    server.cli(&["user", "delete", "bob"]).ok();
    let link = invite(&server, &[]);
    let (mut guest, page) = opened(&server, &link);
    let good = filled(&page, "zoe").with("name", "Zoë").with("email", "zoe@example.com");
    let long = "x".repeat(257);
    let cases = [
        ("username", "", "username", "empty"),
        ("username", "zoe guest", "username", "no spaces"),
        ("username", "ADMIN", "username", "reserved"),
        ("username", "zoe@example.com", "username", "no e-mail address"),
        ("username", "z\u{43e}e", "username", "one alphabet"),
        ("username", "Alice", "username", "is taken"),
        ("username", "bob", "username", "is taken"),
        ("email", "ALICE@example.com", "email", "belongs to an account"),
        ("email", "zoe", "email", "address"),
        ("name", "a\u{1b}b", "name", "1 to 150 characters"),
        ("password", "short", "password", "at least 8"),
        ("password", long.as_str(), "password", "256"),
        ("password", "password1", "password", "of 4"),
        ("password_again", "another one", "password_again", "differ"),
    ];
    for (field, value, at, words) in cases {
        let typed = good.clone().with(field, value);
        let answer = typed.send(&mut guest);
        let told = problem(&answer, at);
        assert!(told.contains(words), "{field}={value}: {told}");
        let again = HtmlForm::find(&answer, PAGE);
        for name in ["username", "name", "email"] {
            assert_eq!(again.value(name), typed.value(name), "{field}: {name}");
        }
        assert_eq!((again.value("password"), again.value("password_again")), ("", ""));
        assert!(!answer.body.contains(PASSWORD), "passwords are not shown");
    }
    assert_eq!((users(&server), uses_left(&server)), (2, 1));
    // What nobody asks for is not looked at.
    let more =
        [("admin", "on"), ("email_verified", "on"), ("group", "1"), ("attributes", "{\"a\":1}"), ("uses_left", "9")];
    let greedy = more.iter().fold(good, |form, (name, value)| form.with(name, value));
    greedy.send(&mut guest).expect(303);
    assert_eq!(guest.get("/if/admin/").status, 403);
    let sql = "SELECT count(*) FROM users WHERE username = 'zoe' AND NOT is_administrator AND NOT email_verified
                 AND NOT email_told AND attributes = '{}'";
    assert_eq!(number(&server.data(), sql), 1);
    assert_eq!((groups_of(&server, "zoe"), uses_left(&server)), (serde_json::json!([]), 0));
}

#[test]
fn guessing_at_names_is_slowed_and_others_are_not() {
    let server = house();
    let link = invite(&server, &["--uses", "9"]);
    let (mut guest, page) = opened(&server, &link);
    let guess = filled(&page, "keeper");
    let slowed = (0..12).map(|_| guess.send(&mut guest)).find(|a| a.status == 429).expect("slowed");
    assert!(slowed.header("Retry-After").is_some() && slowed.body.contains("too many"), "{slowed:?}");
    assert_eq!(HtmlForm::find(&slowed, PAGE).value("username"), "keeper");
    let mut other = Browser::new(&server).from("127.0.0.7");
    let page = other.open(&link).expect(200);
    filled(&page, "zoe").send(&mut other).expect(303);
}

#[test]
fn the_form_is_of_its_own_browser_and_of_our_own_origin() {
    let server = house();
    let link = invite(&server, &["--uses", "9"]);
    let (_, page_elsewhere) = opened(&server, &link);
    let (mut guest, page) = opened(&server, &link);
    for token in ["", "wrong", form_token(&page_elsewhere).as_str()] {
        assert_eq!(filled(&page, "eve").with("form_token", token).send(&mut guest).status, 403, "{token}");
    }
    // A browser that never opened the link.
    is_refused(&filled(&page, "eve").send(&mut Browser::new(&server)));
    let fields = filled(&page, "eve").fields;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert!(guest.post_from("https://evil.example", PAGE, &fields).status >= 400);
    assert_eq!(users(&server), 1);
    filled(&page, "zoe").send(&mut guest).expect(303);
}

#[test]
fn who_is_signed_in_is_told_to_sign_out_first() {
    let server = house();
    server.alice();
    let link = invite(&server, &[]);
    let (mut guest, page) = opened(&server, &link);
    let mut alice = Browser::signed_in(&server, "alice");
    let told = alice.open(&link).expect(200);
    assert!(told.body.contains("signed in as") && told.body.contains("href=\"/logout/\""), "{told:?}");
    assert!(!told.body.contains("invitation-submit"));
    assert_eq!(alice.post(PAGE, &[("username", "eve"), ("form_token", "x")]).status, 403);
    // Signed in meanwhile, in another tab.
    let sign_in = guest.open("/login/");
    guest.sign_in(&sign_in, "alice");
    let told = filled(&page, "eve").send(&mut guest).expect(403);
    assert!(told.body.contains("signed in as") && uses_left(&server) == 1, "{told:?}");
    let page = alice.get("/logout/");
    HtmlForm::find(&page, "/logout/").send(&mut alice).expect(200);
    let page = alice.get(PAGE).expect(200);
    filled(&page, "zoe").send(&mut alice).expect(303);
}

#[test]
fn groups_that_are_gone_are_left_out_and_no_right_comes_by_surprise() {
    let server = house();
    for name in ["friends", "bosses"] {
        server.cli(&["group", "create", name]).ok();
    }
    let groups = ["--group", "family", "--group", "friends", "--group", "bosses", "--uses", "9"];
    let link = invite(&server, &groups);
    accept(&server, &link, "one").expect(303);
    assert_eq!(groups_of(&server, "one"), serde_json::json!(["bosses", "family", "friends"]));
    server.cli(&["group", "delete", "friends"]).ok();
    accept(&server, &link, "two").expect(303);
    assert_eq!(groups_of(&server, "two"), serde_json::json!(["bosses", "family"]));

    // A group that makes administrators is chosen knowingly, and one that came to do so later gives nobody the right.
    let mut keeper = Browser::signed_in(&server, "keeper");
    let page = keeper.get("/if/admin/groups/3/").expect(200);
    HtmlForm::find(&page, "/if/admin/groups/3/").with("administrator", "on").send(&mut keeper).expect(303);
    let (mut three, page) = opened(&server, &link);
    filled(&page, "three").send(&mut three).expect(303);
    assert_eq!(groups_of(&server, "three"), serde_json::json!(["family"]));
    assert_eq!(three.get("/if/admin/").status, 403);
    let left_out = |e: &serde_json::Value| e["username"] == "three" && e["details"]["groups_left_out"] == "bosses";
    assert!(server.events().iter().any(left_out));
    let words = server.cli(&["invitation", "create", "--group", "bosses"]).refused(1);
    assert!(words.contains("--administrators") && words.contains("bosses"), "{words}");
    let link = invite(&server, &["--group", "bosses", "--administrators"]);
    let (mut four, page) = opened(&server, &link);
    filled(&page, "four").send(&mut four).expect(303);
    assert_eq!(four.get("/if/admin/").status, 200);
}

#[test]
fn bounds_hold_for_commands_and_pages() {
    let server = house();
    for (options, words) in [
        (["--uses", "0"], "1 to 100"),
        (["--uses", "101"], "1 to 100"),
        (["--expires", "59m"], "at least 1 hour"),
        (["--expires", "91d"], "at most 90 days"),
        (["--expires", "soon"], "--expires"),
        (["--group", "nobody"], "nobody"),
        (["--label", "a\nb"], "--label"),
    ] {
        let cli = server.cli(&["invitation", "create", options[0], options[1]]);
        assert!(cli.code != 0 && cli.stderr.contains(words), "{options:?}: {cli:?}");
    }
    assert_eq!(number(&server.data(), "SELECT count(*) FROM invitations"), 0);
    invite(&server, &["--uses", "100", "--expires", "90d"]);
    invite(&server, &["--uses", "1", "--expires", "1h"]);
    let copies = "INSERT INTO invitations (hash, label, administrators, created_by, created_at, expires_at, uses_left)
                  WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 97)
                  SELECT randomblob(32), '', 0, '', created_at, expires_at, 1 FROM invitations, n WHERE id = 1";
    execute(&server.data(), copies);
    invite(&server, &[]);
    let words = server.cli(&["invitation", "create"]).refused(1);
    assert!(words.contains("100"), "{words}");
    // Neither one that expired nor one that is used up takes a place.
    execute(&server.data(), "UPDATE invitations SET uses_left = 0 WHERE id = 1");
    invite(&server, &[]);
    server.cli(&["invitation", "create"]).refused(1);
    execute(&server.data(), "UPDATE invitations SET expires_at = created_at WHERE id = 2");
    invite(&server, &[]);
    let listed: serde_json::Value =
        serde_json::from_str(&server.cli(&["invitation", "list", "--json"]).ok()).expect("JSON");
    let listed = listed.as_array().expect("a list");
    assert_eq!((listed.len(), listed.iter().filter(|i| i["open"] == true).count()), (102, 100));
}

#[test]
fn administrators_make_list_and_delete_invitations_on_pages() {
    let server = house();
    server.cli(&["group", "create", "bosses", "--admin"]).ok();
    let mut keeper = Browser::signed_in(&server, "keeper");
    assert!(keeper.get(ADMIN).expect(200).body.contains("No invitations"));
    let page = keeper.get(NEW).expect(200);
    let form = HtmlForm::find(&page, NEW).with("label", "The choir").with("uses", "2").with("expires", "1d");
    // Both groups, one of which makes administrators; then what is wrong otherwise.
    let mut both = form.clone();
    both.fields.extend([("group".to_owned(), "1".to_owned()), ("group".to_owned(), "2".to_owned())]);
    let answer = both.send(&mut keeper);
    assert!(problem(&answer, "administrators").contains("bosses"), "{answer:?}");
    let again = HtmlForm::find(&answer, NEW);
    let picked: Vec<&str> = again.fields.iter().filter(|(n, _)| n == "group").map(|(_, v)| v.as_str()).collect();
    assert_eq!((again.value("label"), again.value("uses"), again.value("expires")), ("The choir", "2", "1d"));
    assert_eq!(picked.len(), 2, "{again:?}");
    assert!(problem(&form.clone().with("uses", "0").send(&mut keeper), "uses").contains("1 to 100"));
    assert!(problem(&form.clone().with("group", "77").send(&mut keeper), "group").contains("not there"));
    assert_eq!(number(&server.data(), "SELECT count(*) FROM invitations"), 0);

    // Making one asks for a fresh factor; what was typed is kept.
    execute(&server.data(), "UPDATE sessions SET auth_time = auth_time - 601");
    let asked = again.with("administrators", "on").send(&mut keeper).expect(200);
    let confirm = HtmlForm::find(&asked, NEW).with("confirm_password", PASSWORD);
    let made = confirm.send(&mut keeper).expect(200);
    let link =
        made.body.split("id=\"link\"").nth(1).and_then(|r| r.split(['>', '<']).nth(1)).expect("a link").to_owned();
    let listed = keeper.get(ADMIN).expect(200);
    for told in ["The choir", "family", "bosses", "keeper"] {
        assert!(listed.body.contains(told), "{told}: {listed:?}");
    }
    assert!(!listed.body.contains("token="), "the link is shown once");
    accept(&server, &link, "zoe").expect(303);
    assert_eq!(groups_of(&server, "zoe"), serde_json::json!(["bosses", "family"]));
    let delete = HtmlForm::find(&listed, &format!("{ADMIN}1/delete/"));
    delete.send(&mut keeper).expect(303);
    assert!(keeper.get(ADMIN).body.contains("Deleted the invitation The choir"));
    delete.send(&mut keeper).expect(404);
    is_refused(&Browser::new(&server).get(&link));
    for kind in ["invitation_created", "invitation_deleted"] {
        let is_told = |e: &serde_json::Value| e["kind"] == kind && e["details"]["invitation"] == "The choir";
        assert!(server.events().iter().any(|e| is_told(e) && e["details"]["by"] == "keeper"), "{kind}");
    }
}

#[test]
fn the_pages_of_guests_are_well_made() {
    let (server, page) = (house(), Page::open());
    server.cli(&["group", "create", "bosses", "--admin"]).ok();
    page.go(&format!("{}/invitation/?token=wrong", server.base));
    inspect(&page, "invitation-invalid");
    page.go(&invite(&server, &["--group", "family"]));
    assert_eq!(page.url(), format!("{}{PAGE}", server.base), "the token has left the address");
    inspect(&page, "invitation");
    page.fill("#username", "keeper");
    page.fill("#name", "Zoë Guest");
    page.fill("#password", PASSWORD);
    page.fill("#password_again", PASSWORD);
    page.press("#invitation-submit");
    page.see("#username-wrong");
    inspect(&page, "invitation-taken");
    page.fill("#username", "zoe");
    page.fill("#password", PASSWORD);
    page.fill("#password_again", PASSWORD);
    page.press("#invitation-submit");
    page.see("#welcome");
    inspect(&page, "invitation-welcome");
    page.go(&invite(&server, &[]));
    inspect(&page, "invitation-signed-in");
    page.go(&format!("{}/invitation/welcome/", server.base));
    page.press("#add-factor");
    page.see("#add-totp");
    page.is_clean(&[&server.base]);

    let other = Page::open();
    other.go(&format!("{}/login/", server.base));
    other.sign_in("keeper", PASSWORD);
    other.see("main.page");
    other.go(&format!("{}{NEW}", server.base));
    other.fill("#label", "Familie Müller-Featherstonehaugh und alle, die dazugehören");
    other.js("document.querySelectorAll('input[name=group]').forEach(box => box.click())");
    other.press("#save");
    other.see("#administrators-wrong");
    inspect(&other, "invitation-new-wrong");
    other.js("document.querySelector('#administrators').click()");
    other.press("#save");
    other.see("#link");
    inspect(&other, "invitation-made");
    other.is_clean(&[&server.base]);
}
