//! Every form about a person with bad input: the message stands at its field and is read with it, nothing that was typed
//! is lost, nothing is changed; and with good input it is taken.

use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

/// Field, what is typed, and words of the message at it.
type Cases = Vec<(&'static str, String, &'static str)>;

fn house() -> Server {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    server.user("bob", &["--email", "bob@example.com"]);
    server.user("gone", &["--email", "gone@example.com"]);
    server.cli(&["user", "delete", "gone"]).ok();
    server
}

fn usernames() -> Cases {
    vec![
        ("username", String::new(), "is empty"),
        ("username", "b b".into(), "has no spaces"),
        ("username", "<b>".into(), "consists of letters"),
        ("username", "a\u{202e}b".into(), "consists of letters"),
        ("username", "...".into(), "at least one letter"),
        ("username", "x".repeat(151), "longer than 150"),
        ("username", "BOB".into(), "is taken"),
        ("username", "bob@EXAMPLE.com".into(), "is taken"),
        ("username", "gone".into(), "was deleted"),
    ]
}

fn details() -> Cases {
    vec![
        ("name", "x".repeat(151), "1 to 150"),
        ("name", "a\u{7}b".into(), "control characters"),
        ("given_name", "x".repeat(151), "1 to 150"),
        ("given_name", "a\nb".into(), "control characters"),
        ("family_name", "x".repeat(151), "1 to 150"),
        ("email", "nobody".into(), "not an e-mail address"),
        ("email", "a b@example.com".into(), "not an e-mail address"),
        ("email", format!("{}@example.com", "x".repeat(250)), "longer than 254"),
        ("email", "BOB@example.com".into(), "is taken"),
        ("email", "gone@example.com".into(), "was deleted"),
        ("locale", "xx".into(), "is not there"),
    ]
}

fn attributes() -> Cases {
    vec![
        ("attributes", "{".into(), "not JSON"),
        ("attributes", "{\"a\": 1,}".into(), "line 1, column 9"),
        ("attributes", "[1]".into(), "JSON object"),
        ("attributes", "\"red\"".into(), "JSON object"),
        ("attributes", format!("{{\"a\": \"{}\"}}", "x".repeat(17_000)), "longer than 16 KiB"),
        ("attributes", format!("{{\"a\": {}{}}}", "[".repeat(200), "]".repeat(200)), "too deep"),
    ]
}

fn passwords() -> Cases {
    vec![
        ("password", "hunter2".into(), "at least 8"),
        ("password", "x".repeat(257), "at most 256"),
        ("password_again", "another battery".into(), "differ"),
    ]
}

/// Sends each bad input by itself.
#[track_caller]
fn refuses(browser: &mut Browser, good: &HtmlForm, cases: Cases) {
    for (field, value, words) in cases {
        let bad = good.clone().with(field, &value);
        let answer = bad.send(browser).expect(422);
        said_at(&answer, field, words);
        let shown = HtmlForm::find(&answer, &good.action);
        for (name, typed) in &bad.fields {
            // A password is never sent back, a select cannot show what it does not offer.
            if name.starts_with("password") || name == "present" {
                assert_eq!(shown.value(name), "", "{field}: {name} comes back");
            } else if name != "locale" || field != "locale" {
                assert_eq!(shown.value(name), typed, "{field}={value}: {name} is lost");
            }
        }
        for secret in bad.fields.iter().filter(|(n, v)| n.starts_with("password") && !v.is_empty()) {
            assert!(!answer.body.contains(&secret.1), "{field}: a password comes back");
        }
    }
}

/// The message stands below its field, which names it for screen readers.
#[track_caller]
fn said_at(answer: &Answer, field: &str, words: &str) {
    let after = answer.body.split(&format!("id=\"{field}-wrong\">")).nth(1);
    let told = after.and_then(|t| t.split('<').next()).unwrap_or_else(|| panic!("nothing at {field}: {answer:?}"));
    assert!(told.contains(words), "{field} says {told:?}, not {words:?}");
    let tag = answer.body.split('<').find(|tag| tag.contains(&format!(" name=\"{field}\""))).expect("the field");
    assert!(tag.contains("aria-invalid=\"true\"") && tag.contains(&format!("{field}-wrong")), "{tag}");
    assert!(answer.body.contains("role=\"alert\""), "the page says at its head that something is wrong");
}

#[test]
fn a_new_user_in_the_directory() {
    let server = house();
    let mut keeper = Browser::signed_in(&server, "keeper");
    let at = "/if/admin/users/new/";
    let good = HtmlForm::find(&keeper.get(at).expect(200), at)
        .with("username", "carol")
        .with("name", "Carol C.")
        .with("given_name", "Carol")
        .with("family_name", "Danvers")
        .with("email", "carol@example.com")
        .with("email_verified", "on")
        .with("admin", "on")
        .with("locale", "de")
        .with("attributes", "{\"floor\": 2}")
        .with("password", PASSWORD)
        .with("password_again", PASSWORD);
    let before = server.cli(&["user", "list"]).ok();
    let cases = [usernames(), details(), attributes(), passwords()].concat();
    refuses(&mut keeper, &good, cases);
    assert_eq!(server.cli(&["user", "list"]).ok(), before);
    good.send(&mut keeper).expect(303);
    Browser::signed_in(&server, "carol");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let server = house();
    let mut keeper = Browser::signed_in(&server, "keeper");
    let at = "/if/admin/users/new/";
    let form = HtmlForm::find(&keeper.get(at).expect(200), at);
    let bad = form.with("username", "b b").with("email", "nobody").with("attributes", "[]").with("password", "short");
    let answer = bad.send(&mut keeper).expect(422);
    for (field, words) in [
        ("username", "has no spaces"),
        ("email", "not an e-mail address"),
        ("attributes", "JSON object"),
        ("password", "at least 8"),
        ("password_again", "differ"),
    ] {
        said_at(&answer, field, words);
    }
}

#[test]
fn the_details_of_a_user_in_the_directory() {
    let server = house();
    let mut keeper = Browser::signed_in(&server, "keeper");
    let at = "/if/admin/users/2/";
    let good = HtmlForm::find(&keeper.get(at).expect(200), at)
        .with("username", "alice2")
        .with("given_name", "Alice")
        .with("attributes", "{\"floor\": 2}");
    let before = server.cli(&["user", "show", "alice"]).ok();
    refuses(&mut keeper, &good, [usernames(), details(), attributes()].concat());
    assert_eq!(server.cli(&["user", "show", "alice"]).ok(), before);
    good.send(&mut keeper).expect(303);
    assert!(HtmlForm::find(&keeper.get(at).expect(200), at).value("attributes").contains("\"floor\": 2"));
    // The old name stays hers, and is given to nobody else.
    let at = "/if/admin/users/3/";
    let form = HtmlForm::find(&keeper.get(at).expect(200), at).with("username", "alice");
    said_at(&form.send(&mut keeper).expect(422), "username", "is taken");
}

#[test]
fn the_password_of_a_user_in_the_directory() {
    let server = house();
    let mut keeper = Browser::signed_in(&server, "keeper");
    let page = keeper.get("/if/admin/users/2/").expect(200);
    let good = HtmlForm::find(&page, "/if/admin/users/2/password/")
        .with("password", "a brand new password")
        .with("password_again", "a brand new password");
    refuses(&mut keeper, &good, passwords());
    Browser::signed_in(&server, "alice");
    good.send(&mut keeper).expect(303);
    let mut alice = Browser::new(&server);
    let page = alice.open("/login/");
    assert_ne!(alice.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).status, 200, "the old one");
}

#[test]
fn a_group_that_went_away_meanwhile_in_the_directory() {
    let server = house();
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["group", "create", "house"]).ok();
    let mut keeper = Browser::signed_in(&server, "keeper");
    let at = "/if/admin/users/2/groups/";
    let form = HtmlForm::find(&keeper.get("/if/admin/users/2/").expect(200), at);
    server.cli(&["group", "delete", "family"]).ok();
    for gone in ["1", "999", "x", ""] {
        let answer = form.clone().with("group", gone).with("go", "add").send(&mut keeper).expect(422);
        said_at(&answer, "group", "not there any more");
    }
    form.with("group", "2").with("go", "add").send(&mut keeper).expect(303);
    assert!(server.cli(&["user", "show", "alice"]).ok().contains("house"));
}

#[test]
fn the_own_details() {
    let server = house();
    let mut alice = Browser::signed_in(&server, "alice");
    let at = "/if/user/";
    let good = HtmlForm::find(&alice.get(at).expect(200), at)
        .with("name", "Alice L.")
        .with("given_name", "Alice")
        .with("family_name", "Liddell")
        .with("email", "new@example.com");
    let before = server.cli(&["user", "show", "alice"]).ok();
    refuses(&mut alice, &good, details());
    assert_eq!(server.cli(&["user", "show", "alice"]).ok(), before);
    good.send(&mut alice).expect(303);
    assert!(server.cli(&["user", "show", "alice"]).ok().contains("new@example.com"));
}

#[test]
fn the_own_password() {
    let server = house();
    let mut alice = Browser::signed_in(&server, "alice");
    let at = "/if/user/password/";
    let good = HtmlForm::find(&alice.get(at).expect(200), at)
        .with("present", PASSWORD)
        .with("password", "a brand new password")
        .with("password_again", "a brand new password");
    let mut cases = passwords();
    cases.push(("present", "not the present one".into(), "not your present password"));
    cases.push(("present", String::new(), "not your present password"));
    refuses(&mut alice, &good, cases);
    good.send(&mut alice).expect(303);
}
