//! Directory > Users in the Admin interface.

use crate::support::browser::unescape;
use crate::support::{App, Browser, HtmlForm, PASSWORD, Server};

const HOSTILE: &str = "<script>alert(1)</script>\"'";

fn house() -> (Server, Browser, App) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    let browser = Browser::signed_in(&server, "keeper");
    (server, browser, app)
}

/// Alice is the second user.
const AT: &str = "/if/admin/users/2/";

fn has_event(server: &Server, kind: &str, user: &str) -> bool {
    server.events().iter().any(|e| e["kind"] == kind && e["username"] == user && e["details"]["by"] == "keeper")
}

#[test]
fn a_user_is_made_found_changed_and_deleted() {
    let (server, mut browser, _) = house();
    let at = "/if/admin/users/new/";
    let page = browser.get(at).expect(200);
    let typed = HtmlForm::find(&page, at)
        .with("username", "bob")
        .with("name", "Bob Builder")
        .with("email", "bob@home.example")
        .with("password", PASSWORD)
        .with("password_again", PASSWORD);
    for (field, value, words) in [
        ("username", "b b", "has no spaces"),
        ("username", "ALICE", "is taken"),
        ("email", "alice@EXAMPLE.com", "is taken"),
        ("email", "bob", "not an e-mail address"),
        ("password", "short", "at least 8"),
        ("password_again", "different one", "differ"),
        ("attributes", "{", "not JSON"),
        ("locale", "xx", "is not there"),
    ] {
        let bad = typed.clone().with(field, value);
        let answer = bad.send(&mut browser).expect(422);
        assert!(answer.body.contains(words), "{field}={value}: {answer:?}");
        let after = HtmlForm::find(&answer, at);
        for name in ["username", "name", "email", "attributes"] {
            assert_eq!(after.value(name), bad.value(name), "{field}: {name}");
        }
        assert!(!answer.body.contains(PASSWORD), "a password comes back");
    }
    let bob = typed.send(&mut browser).expect(303).location().to_owned();
    Browser::signed_in(&server, "bob");
    assert!(browser.get("/if/admin/users/?q=buil").expect(200).body.contains("Bob Builder"));
    assert!(!browser.get("/if/admin/users/?q=alic").expect(200).body.contains("Bob Builder"));
    let page = browser.get(&bob).expect(200);
    let form = HtmlForm::find(&page, &bob).with("attributes", "{\"floor\": 2}").with("email_verified", "on");
    form.with("admin", "on").with("locale", "de").send(&mut browser).expect(303);
    let mut admin = Browser::signed_in(&server, "bob");
    assert!(admin.get("/if/admin/").expect(200).body.contains("Übersicht"), "an administrator, in German");
    let page = browser.get(&format!("{bob}delete/")).expect(200);
    HtmlForm::find(&page, &format!("{bob}delete/")).send(&mut browser).expect(303);
    assert_eq!(browser.get(&bob).status, 404);
    assert_eq!(admin.get("/if/admin/").status, 303, "a deleted user is signed out");
    for kind in ["user_created", "user_changed", "user_deleted"] {
        assert!(has_event(&server, kind, "bob"), "{kind}");
    }
}

#[test]
fn disabling_signing_out_and_revoking_end_what_they_say() {
    let (server, mut browser, app) = house();
    let refresh = |server: &Server| {
        let mut alice = Browser::signed_in(server, "alice");
        (app.tokens(&mut alice, "openid offline_access").refresh.expect("a refresh token"), alice)
    };
    let alive = |alice: &Browser, token: &str| app.refresh(&alice.http, token, &[]).status == 200;
    let press = |browser: &mut Browser, tail: &str, fields: &[(&str, &str)]| {
        let page = browser.get(AT).expect(200);
        let mut form = HtmlForm::find(&page, &format!("{AT}{tail}/"));
        for (name, value) in fields {
            form = form.with(name, value);
        }
        form.send(browser).expect(303);
    };
    let (token, mut alice) = refresh(&server);
    press(&mut browser, "revoke-token", &[]);
    assert!(!alive(&alice, &token) && alice.get("/").status == 200, "the session stays");
    let (token, mut alice) = refresh(&server);
    press(&mut browser, "sign-out", &[]);
    assert!(!alive(&alice, &token) && alice.get("/").status == 303);
    let (token, mut alice) = refresh(&server);
    press(&mut browser, "active", &[("active", "off")]);
    assert!(!alive(&alice, &token) && alice.get("/").status == 303);
    press(&mut browser, "active", &[("active", "on")]);
    let (token, mut alice) = refresh(&server);
    let other = "another long password";
    press(&mut browser, "password", &[("password", other), ("password_again", other)]);
    assert!(!alive(&alice, &token) && alice.get("/").status == 303);
    for kind in ["token_revoked", "user_signed_out", "user_disabled", "user_enabled", "password_set"] {
        assert!(has_event(&server, kind, "alice"), "{kind}");
    }
}

#[test]
fn a_recovery_link_is_shown_once_and_works_once() {
    let (server, mut browser, _) = house();
    let page = browser.get(AT).expect(200);
    let answer = HtmlForm::find(&page, &format!("{AT}recovery-link/")).send(&mut browser).expect(200);
    let link =
        unescape(answer.body.split("<code id=\"link\"").nth(1).and_then(|t| t.split('>').nth(1)).unwrap_or_default());
    let link = link.split('<').next().unwrap_or_default().to_owned();
    assert!(link.contains("/recovery/?token="), "{answer:?}");
    assert!(!browser.get(AT).expect(200).body.contains("token="), "only that once");
    let token = link.split('=').nth(1).unwrap_or_default();
    assert!(!format!("{:?}{}", server.events(), server.printed()).contains(token));
    let mut guest = Browser::new(&server);
    let page = guest.open(&link);
    let fields = [("password", "a brand new password"), ("password_again", "a brand new password")];
    assert_eq!(guest.submit(&page, &fields).status, 200);
    assert_ne!(Browser::new(&server).open(&link).status, 200, "a second time");
}

#[test]
fn the_last_administrator_and_the_own_account_are_kept() {
    let (server, mut browser, _) = house();
    let own = "/if/admin/users/1/";
    let page = browser.get(own).expect(200);
    let answer = HtmlForm::find(&page, own).without("admin").send(&mut browser).expect(422);
    assert!(answer.body.contains("no active administrator"), "{answer:?}");
    let token = HtmlForm::find(&page, own).value("form_token").to_owned();
    for tail in ["delete/", "active/"] {
        let answer = browser.post(&format!("{own}{tail}"), &[("form_token", &token), ("active", "off")]);
        assert_eq!(answer.status, 422, "{tail}: {answer:?}");
    }
    server.cli(&["user", "set", "alice", "--admin"]).ok();
    let page = browser.get(own).expect(200);
    HtmlForm::find(&page, own).without("admin").send(&mut browser).expect(303);
    assert_eq!(browser.get(own).status, 403);
}

#[test]
fn groups_are_given_and_taken_on_the_users_page() {
    let (server, mut browser, _) = house();
    server.cli(&["group", "create", "family"]).ok();
    let at = format!("{AT}groups/");
    let page = browser.get(AT).expect(200);
    HtmlForm::find(&page, &at).with("go", "add").send(&mut browser).expect(303);
    assert!(server.cli(&["user", "show", "alice"]).ok().contains("family"));
    let page = browser.get(AT).expect(200);
    HtmlForm::find(&page, &at).with("go", "remove").send(&mut browser).expect(303);
    assert!(!server.cli(&["user", "show", "alice"]).ok().contains("family"));
}

#[test]
fn what_people_typed_is_shown_inert() {
    let (server, mut browser, _) = house();
    server.cli(&["user", "set", "alice", "--name", HOSTILE, "--given-name", HOSTILE, "--family-name", HOSTILE]).ok();
    for path in ["/if/admin/users/", AT, &format!("{AT}delete/")] {
        let page = browser.get(path).expect(200);
        assert!(!page.body.contains("<script>alert") && page.body.contains("&#60;script&#62;"), "{path}: {page:?}");
    }
}
