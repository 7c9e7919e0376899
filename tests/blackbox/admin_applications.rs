//! One application in the Admin interface: changed, bound, opened and closed, deleted.

use crate::support::oauth::oauth_error;
use crate::support::{Answer, App, Browser, HtmlForm, Server};

const AT: &str = "/if/admin/applications/1/";
const HOSTILE: &str = "<script>alert(1)</script>\"'";

fn house() -> (Server, Browser, App) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    server.user("bob", &[]);
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    let browser = Browser::signed_in(&server, "keeper");
    (server, browser, app)
}

fn bind(browser: &mut Browser, kind: &str, name: &str, negate: &str) -> Answer {
    let page = browser.get(AT).expect(200);
    let form = HtmlForm::find(&page, &format!("{AT}bindings/add/"));
    form.with("bind_kind", kind).with("bind_name", name).with("bind_negate", negate).send(browser)
}

/// The form of the binding to this name.
fn bound(browser: &mut Browser, name: &str) -> HtmlForm {
    let page = browser.get(AT).expect(200);
    let at = page.body.find(&format!("<bdi>{name}</bdi></b>")).unwrap_or_else(|| panic!("no {name}: {page:?}"));
    let start = page.body[..at].rfind("<form").expect("its form");
    let part = Answer { body: page.body[start..].to_owned(), ..page.clone() };
    HtmlForm::find(&part, &format!("{AT}bindings/change/"))
}

/// Whether a user gets in, by every door: My applications, launch, authorize and, for who held a token, refresh.
fn gets_in(server: &Server, app: &App, user: &str, refresh: Option<&str>) -> bool {
    let mut browser = Browser::signed_in(server, user);
    let listed = browser.get("/").expect(200).body.contains("/application/launch/wiki/");
    let launched = browser.get("/application/launch/wiki/").status == 303;
    let authorized = browser.get(&app.authorize_url(&[])).status == 303;
    assert_eq!((listed, launched), (authorized, authorized), "{user}: the doors disagree");
    if let Some(token) = refresh {
        let refreshed = app.refresh(&browser.http, token, &[]).status == 200;
        assert_eq!(refreshed, authorized, "{user}: the refresh disagrees");
    }
    authorized
}

fn refresh_token(server: &Server, app: &App, user: &str) -> String {
    let mut browser = Browser::signed_in(server, user);
    app.tokens(&mut browser, "openid offline_access").refresh.expect("a refresh token")
}

#[test]
fn bindings_made_on_the_page_count_at_every_door() {
    let (server, mut browser, app) = house();
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["group", "create", "children", "--parent", "family"]).ok();
    server.cli(&["group", "add", "children", "alice"]).ok();
    assert!(gets_in(&server, &app, "alice", None) && gets_in(&server, &app, "bob", None), "open to everybody");
    bind(&mut browser, "group", "family", "off").expect(303);
    let token = refresh_token(&server, &app, "alice");
    assert!(gets_in(&server, &app, "alice", None), "by the parent group");
    assert!(!gets_in(&server, &app, "bob", None));
    bind(&mut browser, "user", "BOB", "off").expect(303);
    assert!(gets_in(&server, &app, "bob", None), "any: one binding is enough");
    let page = browser.get(AT).expect(200);
    HtmlForm::find(&page, AT).with("policy_engine_mode", "all").send(&mut browser).expect(303);
    assert!(!gets_in(&server, &app, "alice", Some(&token)) && !gets_in(&server, &app, "bob", None), "all must match");
    bound(&mut browser, "bob").with("bind_negate", "on").with("go", "save").send(&mut browser).expect(303);
    let token = refresh_token(&server, &app, "alice");
    assert!(gets_in(&server, &app, "alice", Some(&token)), "in the family, and not bob");
    bound(&mut browser, "family").with("bind_active", "off").with("go", "save").send(&mut browser).expect(303);
    assert!(gets_in(&server, &app, "keeper", None) && !gets_in(&server, &app, "bob", None));
    bound(&mut browser, "bob").with("go", "remove").send(&mut browser).expect(303);
    assert!(!gets_in(&server, &app, "alice", None), "no enabled binding is left: closed");
    let page = browser.get(AT).expect(200);
    assert!(page.body.contains("It is closed"), "{page:?}");
    HtmlForm::find(&page, &format!("{AT}everybody/")).with("everybody", "on").send(&mut browser).expect(303);
    assert!(gets_in(&server, &app, "alice", None) && gets_in(&server, &app, "bob", None));
    let kinds: Vec<_> = server.events().iter().map(|e| e["kind"].as_str().unwrap_or_default().to_owned()).collect();
    for kind in ["binding_created", "binding_changed", "binding_deleted", "application_changed"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn a_policy_binds_and_a_deleted_one_lets_nobody_in() {
    let (server, mut browser, app) = house();
    server.cli(&["policy", "create", "Alices", "--expression", "user.username == 'alice'"]).ok();
    bind(&mut browser, "policy", "alices", "off").expect(303);
    assert!(gets_in(&server, &app, "alice", None) && !gets_in(&server, &app, "bob", None));
    server.cli(&["policy", "delete", "Alices"]).ok();
    assert!(!gets_in(&server, &app, "alice", None));
    let page = browser.get(AT).expect(200);
    assert!(page.body.contains("deleted: never matches"), "{page:?}");
}

#[test]
fn bad_bindings_are_explained_and_nothing_is_lost() {
    let (server, mut browser, _) = house();
    bind(&mut browser, "user", "alice", "off").expect(303);
    for (kind, name, words) in [
        ("group", "nobody", "There is no group nobody."),
        ("user", "nobody", "There is no user nobody."),
        ("policy", "nobody", "There is no policy nobody."),
        ("user", "alice@example.com", "bound to alice already"),
        ("user", " ", "Give its name."),
    ] {
        let answer = bind(&mut browser, kind, name, "on").expect(422);
        assert!(answer.body.contains(words), "{kind} {name}: {answer:?}");
        let form = HtmlForm::find(&answer, &format!("{AT}bindings/add/"));
        assert_eq!((form.value("bind_kind"), form.value("bind_name"), form.value("bind_negate")), (kind, name, "on"));
    }
    assert!(server.cli(&["app", "list"]).ok().contains("user alice"));
    let other = server.app("Other", &["--redirect-uri", "https://other.example/cb"]);
    assert!(!other.id.is_empty());
    let stray = bound(&mut browser, "alice").with("go", "remove");
    let stray = HtmlForm { action: "/if/admin/applications/2/bindings/change/".into(), ..stray };
    assert_eq!(stray.send(&mut browser).status, 404, "a binding of another application");
}

#[test]
fn a_bound_row_keeps_what_was_typed_and_the_last_one_says_that_it_closes() {
    let (server, mut browser, _) = house();
    bind(&mut browser, "user", "alice", "off").expect(303);
    bind(&mut browser, "user", "bob", "off").expect(303);
    let row = bound(&mut browser, "bob").with("bind_order", "first").with("bind_negate", "on").with("go", "save");
    let answer = row.send(&mut browser).expect(422);
    assert!(answer.body.contains("The order is a number from 0 to 100,000."), "{answer:?}");
    assert!(answer.body.contains("name=\"bind_order\" value=\"first\""), "{answer:?}");
    assert!(server.cli(&["app", "check-access", "wiki", "bob"]).ok().contains("bob"), "nothing was changed");
    bound(&mut browser, "bob").with("bind_order", "7").with("go", "save").send(&mut browser).expect(303);
    assert!(!browser.get(AT).expect(200).body.contains("No enabled binding is left"));
    bound(&mut browser, "bob").with("bind_active", "off").with("go", "save").send(&mut browser).expect(303);
    bound(&mut browser, "alice").with("go", "remove").send(&mut browser).expect(303);
    let page = browser.get(AT).expect(200);
    assert!(page.body.contains("No enabled binding is left: the application is closed"), "{page:?}");
}

#[test]
fn a_binding_is_called_by_the_name_that_things_have_now() {
    let (server, mut browser, _) = house();
    server.cli(&["group", "create", "family"]).ok();
    bind(&mut browser, "group", "family", "off").expect(303);
    bind(&mut browser, "user", "bob", "off").expect(303);
    let page = browser.get("/if/admin/groups/1/").expect(200);
    HtmlForm::find(&page, "/if/admin/groups/1/").with("name", "household").send(&mut browser).expect(303);
    server.cli(&["user", "set", "bob", "--username", "robert"]).ok();
    let page = browser.get(AT).expect(200);
    assert!(page.body.contains("<bdi>household</bdi>") && page.body.contains("<bdi>robert</bdi>"), "{page:?}");
}

#[test]
fn an_application_is_changed_and_bad_input_loses_nothing() {
    let (server, mut browser, _) = house();
    server.app("Taken", &["--redirect-uri", "https://taken.example/cb"]);
    let page = browser.get(AT).expect(200);
    let good = HtmlForm::find(&page, AT).with("name", "Our Wiki").with("publisher", "Us").with("description", "Notes");
    for (field, value, words) in [
        ("name", "", "1 to 150 characters"),
        ("slug", "taken", "There is an application taken already"),
        ("slug", "A B", "small letters"),
        ("launch_url", "wiki", "not an address that people can open"),
        ("policy_engine_mode", "some", "is none of: any, all"),
    ] {
        let typed = good.clone().with(field, value);
        let answer = typed.clone().send(&mut browser).expect(422);
        assert!(answer.body.contains(words), "{field}={value}: {answer:?}");
        let after = HtmlForm::find(&answer, AT);
        for name in ["name", "slug", "publisher", "description", "launch_url"] {
            assert_eq!(after.value(name), typed.value(name), "{field}: {name}");
        }
    }
    good.with("slug", "our-wiki").with("open_in_new_tab", "on").send(&mut browser).expect(303);
    let home = browser.get("/").expect(200);
    assert!(home.body.contains("/application/launch/our-wiki/\" target=\"_blank\""), "{home:?}");
}

#[test]
fn of_two_administrators_at_once_the_second_is_told() {
    let (server, mut browser, _) = house();
    let page = browser.get(AT).expect(200);
    let mine = HtmlForm::find(&page, AT).with("description", "mine");
    server.cli(&["app", "set", "wiki", "--description", "theirs"]).ok();
    let answer = mine.send(&mut browser).expect(422);
    assert!(answer.body.contains("Somebody else changed this meanwhile"), "{answer:?}");
    assert_eq!(HtmlForm::find(&answer, AT).value("description"), "mine", "nothing that was typed is lost");
    let page = browser.get(AT).expect(200);
    HtmlForm::find(&page, AT).with("description", "both").send(&mut browser).expect(303);
}

#[test]
fn deleting_says_what_ends_and_can_keep_the_provider() {
    let (server, mut browser, app) = house();
    let token = refresh_token(&server, &app, "alice");
    let at = format!("{AT}delete/");
    let page = browser.get(&at).expect(200);
    assert!(page.body.contains("One user is signed in to it"), "{page:?}");
    HtmlForm::find(&page, &at).with("keep_provider", "on").send(&mut browser).expect(303);
    assert_eq!(browser.get(AT).status, 404);
    assert_ne!(app.refresh(&browser.http, &token, &[]).status, 200, "a provider without an application serves nobody");
    assert!(server.cli(&["provider", "list"]).ok().contains("Wiki"));
    server.cli(&["app", "create", "Second", "--no-provider"]).ok();
    let second = "/if/admin/applications/2/";
    let page = browser.get(second).expect(200);
    HtmlForm::find(&page, &format!("{second}connect/")).send(&mut browser).expect(303);
    assert!(server.cli(&["app", "list"]).ok().contains("Wiki"));
    // OpenID Connect Core section 12.2: its issuer is another one, which no sign-in of before has tokens of.
    assert_eq!(oauth_error(&app.refresh(&browser.http, &token, &[]), 400), "invalid_grant");
    let token = refresh_token(&server, &app, "alice");
    app.refresh(&browser.http, &token, &[]).expect(200);
    let at = format!("{second}delete/");
    let page = browser.get(&at).expect(200);
    HtmlForm::find(&page, &at).send(&mut browser).expect(303);
    assert!(!server.cli(&["provider", "list"]).ok().contains("Wiki"));
}

#[test]
fn what_people_typed_is_shown_inert() {
    let (server, mut browser, _) = house();
    let more = ["--description", HOSTILE, "--publisher", HOSTILE, "--app-group", HOSTILE];
    server.cli(&[&["app", "set", "wiki", "--name", HOSTILE][..], &more].concat()).ok();
    server.cli(&["group", "create", HOSTILE]).ok();
    bind(&mut browser, "group", HOSTILE, "off").expect(303);
    for path in [AT, &format!("{AT}delete/"), "/if/admin/applications/"] {
        let page = browser.get(path).expect(200);
        assert!(!page.body.contains("<script>alert") && page.body.contains("&#60;script&#62;"), "{path}: {page:?}");
    }
}
