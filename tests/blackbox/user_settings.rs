//! The User settings: one's own details, password, sessions and connected applications, and nobody else's.

use crate::support::{App, Browser, HtmlForm, PASSWORD, Server};

fn house() -> (Server, App) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    server.user("bob", &["--email", "bob@example.com"]);
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    (server, app)
}

#[test]
fn details_are_changed_and_a_new_address_is_not_told_before_it_is_verified() {
    let (server, app) = house();
    let mut alice = Browser::signed_in(&server, "alice");
    let told = |alice: &mut Browser| {
        let tokens = app.tokens(alice, "openid profile email");
        app.userinfo(&alice.http, &tokens.access).expect(200).json()
    };
    assert_eq!(told(&mut alice)["email"], "alice@example.com");
    let page = alice.get("/if/user/").expect(200);
    let form = HtmlForm::find(&page, "/if/user/").with("name", "Alice L.").with("email", "new@example.com");
    for (field, value, words) in [
        ("email", "BOB@example.com", "is taken"),
        ("email", "bob", "is taken"),
        ("email", "nothing", "not an e-mail address"),
        ("locale", "xx", "is not there"),
    ] {
        let answer = form.clone().with(field, value).send(&mut alice).expect(422);
        assert!(answer.body.contains(words) || field == "email" && value == "bob", "{field}={value}: {answer:?}");
        assert_eq!(HtmlForm::find(&answer, "/if/user/").value("name"), "Alice L.");
    }
    form.with("locale", "de").send(&mut alice).expect(303);
    let claims = told(&mut alice);
    assert_eq!((&claims["name"], &claims["email"]), (&"Alice L.".into(), &serde_json::Value::Null));
    let page = alice.get("/if/user/").expect(200);
    assert!(page.body.contains("<html lang=\"de\">") && page.body.contains("noch nicht"), "{page:?}");
    server.cli(&["user", "set", "alice", "--email-verified"]).ok();
    let claims = told(&mut alice);
    assert_eq!((&claims["email"], &claims["email_verified"]), (&"new@example.com".into(), &true.into()));
    assert!(server.events().iter().any(|e| e["kind"] == "account_changed" && e["username"] == "alice"));
}

#[test]
fn nothing_else_of_the_account_can_be_changed() {
    let (server, _) = house();
    let before = server.cli(&["user", "show", "alice"]).ok();
    let mut alice = Browser::signed_in(&server, "alice");
    let page = alice.get("/if/user/").expect(200);
    let mut form = HtmlForm::find(&page, "/if/user/");
    let more =
        [("username", "root"), ("admin", "on"), ("email_verified", "on"), ("attributes", "{\"a\":1}"), ("group", "1")];
    for (name, value) in more {
        form = form.with(name, value);
    }
    form.send(&mut alice).expect(303);
    assert_eq!(server.cli(&["user", "show", "alice"]).ok(), before);
    assert_eq!(alice.get("/if/admin/").status, 403);
}

#[test]
fn a_new_password_ends_everything_but_this_browsers_session() {
    let (server, app) = house();
    let (mut here, mut elsewhere) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice"));
    let token = app.tokens(&mut elsewhere, "openid offline_access").refresh.expect("a refresh token");
    let at = "/if/user/password/";
    let page = here.get(at).expect(200);
    let new = "a much better password";
    let good = HtmlForm::find(&page, at).with("present", PASSWORD).with("password", new).with("password_again", new);
    for (field, value, words) in [
        ("present", "wrong password", "not your present password"),
        ("password", "short", "at least 8"),
        ("password_again", "something else", "differ"),
    ] {
        let answer = good.clone().with(field, value).send(&mut here).expect(422);
        assert!(answer.body.contains(words), "{field}: {answer:?}");
        assert!(!answer.body.contains(new) && !answer.body.contains(PASSWORD), "a password comes back");
    }
    assert_eq!(elsewhere.get("/").status, 200);
    let link = server.cli(&["user", "recovery-link", "alice"]).ok();
    let before = here.cookie("latchkey").map(str::to_owned);
    good.send(&mut here).expect(303);
    assert_ne!(here.cookie("latchkey").map(str::to_owned), before, "a new session id");
    assert_eq!((here.get("/").status, elsewhere.get("/").status), (200, 303));
    assert_ne!(app.refresh(&here.http, &token, &[]).status, 200);
    assert_eq!(Browser::new(&server).open(link.trim()).status, 403, "a recovery link left lying about ends too");
}

#[test]
fn sessions_are_seen_and_ended_and_only_the_own_ones() {
    let (server, _) = house();
    let (mut here, mut there) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice"));
    let mut bob = Browser::signed_in(&server, "bob");
    let at = "/if/user/sessions/";
    let page = here.get(at).expect(200);
    let form = HtmlForm::find(&page, "/if/user/sessions/end/");
    let token =
        HtmlForm::all(&bob.get("/if/user/").expect(200)).into_iter().find(|f| f.action == "/if/user/").expect("a form");
    let stolen = [("form_token", token.value("form_token")), ("sid", form.value("sid"))];
    assert_eq!(bob.post("/if/user/sessions/end/", &stolen).status, 404, "another user's session");
    assert_eq!(there.get("/").status, 200);
    form.send(&mut here).expect(303);
    assert_eq!((here.get("/").status, there.get("/").status), (200, 303));
    let (mut second, mut third) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice"));
    let page = here.get(at).expect(200);
    HtmlForm::find(&page, "/if/user/sessions/end-others/").send(&mut here).expect(303);
    assert_eq!((here.get("/").status, second.get("/").status, third.get("/").status), (200, 303, 303));
    assert_eq!(bob.get("/").status, 200);
}

#[test]
fn a_connected_application_can_be_cut_off() {
    let (server, app) = house();
    let (mut alice, mut bob) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "bob"));
    let of_alice = app.tokens(&mut alice, "openid offline_access").refresh.expect("a refresh token");
    let of_bob = app.tokens(&mut bob, "openid offline_access").refresh.expect("a refresh token");
    let page = alice.get("/if/user/connected/").expect(200);
    assert!(page.body.contains("Wiki") && page.body.contains("offline_access"), "{page:?}");
    HtmlForm::find(&page, "/if/user/connected/revoke/").send(&mut alice).expect(303);
    assert_ne!(app.refresh(&alice.http, &of_alice, &[]).status, 200);
    assert_eq!(app.refresh(&bob.http, &of_bob, &[]).status, 200, "another user's stays");
    let page = alice.get("/if/user/").expect(200);
    let token = HtmlForm::find(&page, "/if/user/").value("form_token").to_owned();
    let again = alice.post("/if/user/connected/revoke/", &[("form_token", &token), ("provider", "1")]);
    assert_eq!(again.status, 404, "there is nothing left to end, and nothing to record");
    assert!(server.events().iter().any(|e| e["kind"] == "access_revoked" && e["username"] == "alice"));
}

#[test]
fn signing_out_everywhere_ends_this_session_too_and_what_applications_hold() {
    let (server, app) = house();
    let (mut here, mut there) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice"));
    let mut bob = Browser::signed_in(&server, "bob");
    let token = app.tokens(&mut there, "openid offline_access").refresh.expect("a refresh token");
    let of_bob = app.tokens(&mut bob, "openid offline_access").refresh.expect("a refresh token");
    let page = here.get("/if/user/sessions/").expect(200);
    for words in ["last used", "since", "127.0.0.1", "this browser", "unknown device"] {
        assert!(page.body.contains(words), "{words}: {page:?}");
    }
    let answer = HtmlForm::find(&page, "/if/user/sessions/end-all/").send(&mut here).expect(200);
    assert!(answer.body.contains("Signed out") || answer.body.contains("signed out"), "{answer:?}");
    assert!(here.cookie("latchkey").is_none(), "the cookie goes too");
    assert_eq!((here.get("/").status, there.get("/").status, bob.get("/").status), (303, 303, 200));
    assert_ne!(app.refresh(&here.http, &token, &[]).status, 200);
    assert_eq!(app.refresh(&bob.http, &of_bob, &[]).status, 200, "another user's stays");
    assert!(server.events().iter().any(|e| e["kind"] == "user_signed_out" && e["username"] == "alice"));
}

#[test]
fn this_browser_is_signed_out_by_its_own_button() {
    let (server, _) = house();
    let (mut here, mut there) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice"));
    let page = here.get("/if/user/sessions/").expect(200);
    // The one in the bar, and the one at the session.
    let buttons: Vec<_> = HtmlForm::all(&page).into_iter().filter(|f| f.action == "/logout/").collect();
    assert_eq!(buttons.len(), 2, "{page:?}");
    buttons[1].send(&mut here).expect(200);
    assert_eq!((here.get("/").status, there.get("/").status), (303, 200));
}

#[test]
fn consents_and_access_are_told_with_their_times_and_revoked_one_or_all() {
    let (server, wiki) = house();
    let notes = server.app("Notes", &["--redirect-uri", "https://notes.example/cb", "--consent", "explicit"]);
    let mut alice = Browser::signed_in(&server, "alice");
    let page = alice.open(&notes.authorize_url(&[("scope", "openid email")]));
    let left = alice.submit(&page, &[("decision", "allow")]);
    let code = alice.follow(left).location_param("code").expect("a code");
    notes.redeem(&alice.http, &code, &[]).expect(200);
    let refresh = wiki.tokens(&mut alice, "openid offline_access").refresh.expect("a refresh token");
    let at = "/if/user/connected/";
    let page = alice.get(at).expect(200);
    let lines: Vec<_> = page.body.split("<li>").skip(1).collect();
    assert_eq!(lines.len(), 2, "{page:?}");
    for words in ["Notes", "You agreed", "openid email", "given", "expires", "Has access", "issued"] {
        assert!(lines[0].contains(words), "{words}: {}", lines[0]);
    }
    assert!(!lines[0].contains("while you are away"), "{}", lines[0]);
    for words in ["Wiki", "also while you are away", "offline_access"] {
        assert!(lines[1].contains(words), "{words}: {}", lines[1]);
    }
    assert!(!lines[1].contains("You agreed"), "nobody asked: {}", lines[1]);
    HtmlForm::find(&page, "/if/user/connected/revoke/").send(&mut alice).expect(303);
    assert!(alice.open(&notes.authorize_url(&[])).body.contains("id=\"consent-allow\""), "asked anew");
    assert_eq!(wiki.refresh(&alice.http, &refresh, &[]).status, 200, "the other one stays");
    // Everything at once.
    let page = alice.open(&notes.authorize_url(&[]));
    let left = alice.submit(&page, &[("decision", "allow")]);
    alice.follow(left);
    let refresh = wiki.tokens(&mut alice, "openid offline_access").refresh.expect("a refresh token");
    let page = alice.get(at).expect(200);
    HtmlForm::find(&page, "/if/user/connected/revoke-all/").send(&mut alice).expect(303);
    assert_ne!(wiki.refresh(&alice.http, &refresh, &[]).status, 200);
    assert!(alice.get(at).expect(200).body.contains("No application holds anything of you."));
    assert_eq!(alice.get("/").status, 200, "the session stays");
}

#[test]
fn an_address_is_kept_for_ever_once_it_was_verified_and_not_by_typing_it() {
    let (server, _) = house();
    let mut alice = Browser::signed_in(&server, "alice");
    let mut take = |email: &str| {
        let form = HtmlForm::find(&alice.get("/if/user/").expect(200), "/if/user/");
        form.with("email", email).send(&mut alice)
    };
    let new = |name: &str, email: &str| {
        let arguments = ["user", "create", name, "--password-stdin", "--email", email];
        server.cli_with_input(&arguments, PASSWORD).code == 0
    };
    take("future@corp.example").expect(303);
    assert!(!new("zoe", "Future@corp.example"), "it is hers as long as she has it");
    assert!(!new("future@corp.example", "zoe@example.com"), "as a username too");
    take("another@corp.example").expect(303);
    assert!(new("zoe", "future@corp.example"), "she let go of it, and nobody had verified it");
    assert_eq!(take("future@corp.example").status, 422);
    // What an administrator set or said to be verified, and what was a username, is nobody else's ever.
    assert!(!new("yves", "alice@example.com"));
    server.cli(&["user", "set", "alice", "--email-verified"]).ok();
    take("third@corp.example").expect(303);
    assert!(!new("yves", "another@corp.example"));
    server.cli(&["user", "set", "zoe", "--email", "zoe@example.com"]).ok();
    assert!(!new("yves", "future@corp.example"));
    // Whoever tries many waits.
    let statuses: Vec<u16> = (0..6).map(|n| take(&format!("guess{n}@corp.example")).status).collect();
    assert!(statuses[0] == 303 || statuses[0] == 422, "{statuses:?}");
    assert_eq!(statuses.last(), Some(&422), "{statuses:?}");
}
