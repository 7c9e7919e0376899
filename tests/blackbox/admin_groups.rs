//! Directory > Groups in the Admin interface.

use crate::support::{Answer, Browser, HtmlForm, Server};

const HOSTILE: &str = "<script>alert(1)</script>\"'";

fn house() -> (Server, Browser) {
    let server = Server::start();
    server.user("admin-of-all", &["--admin"]);
    server.alice();
    let browser = Browser::signed_in(&server, "admin-of-all");
    (server, browser)
}

fn create(browser: &mut Browser, name: &str, parent: &str) -> Answer {
    let page = browser.get("/if/admin/groups/new/").expect(200);
    HtmlForm::find(&page, "/if/admin/groups/new/").with("name", name).with("parent", parent).send(browser)
}

fn has_event(server: &Server, kind: &str, group: &str) -> bool {
    server
        .events()
        .iter()
        .any(|e| e["kind"] == kind && e["details"]["group"] == group && e["details"]["by"] == "admin-of-all")
}

#[test]
fn a_group_is_made_filled_changed_and_deleted() {
    let (server, mut browser) = house();
    assert!(browser.get("/if/admin/groups/").expect(200).body.contains("No groups yet"));
    let made = create(&mut browser, "family", "").expect(303);
    let at = made.location().to_owned();
    let page = browser.follow(made);
    assert!(page.body.contains("Created the group family."), "{page:?}");
    assert!(!browser.get(&at).body.contains("id=\"notice\""), "a notice is shown once");
    let add = HtmlForm::find(&page, &format!("{at}members/add/")).with("user", "ALICE@example.com").send(&mut browser);
    let page = browser.follow(add);
    assert!(page.body.contains("Alice Liddell"), "{page:?}");
    let page = browser.get(&at);
    let saved = HtmlForm::find(&page, &at)
        .with("name", "household")
        .with("attributes", r#"{"floor": 2}"#)
        .with("administrator", "on")
        .send(&mut browser);
    assert_eq!(saved.status, 303, "{saved:?}");
    let page = browser.get(&at);
    let form = HtmlForm::find(&page, &at);
    assert_eq!((form.value("name"), form.value("administrator")), ("household", "on"));
    assert!(form.value("attributes").contains("\"floor\": 2"), "{form:?}");
    assert_eq!(
        Browser::signed_in(&server, "alice").get("/if/admin/groups/").status,
        200,
        "a direct member has the right"
    );
    let page = browser.get(&at);
    HtmlForm::find(&page, &format!("{at}members/remove/")).send(&mut browser).expect(303);
    let page = browser.get(&format!("{at}delete/")).expect(200);
    HtmlForm::find(&page, &format!("{at}delete/")).send(&mut browser).expect(303);
    assert_eq!(browser.get(&at).status, 404);
    for kind in ["group_created", "group_member_added"] {
        assert!(has_event(&server, kind, "family"), "{kind}");
    }
    for kind in ["group_changed", "group_member_removed", "group_deleted"] {
        assert!(has_event(&server, kind, "household"), "{kind}");
    }
}

#[test]
fn bad_input_is_explained_at_its_field_and_nothing_is_lost() {
    let (server, mut browser) = house();
    create(&mut browser, "family", "").expect(303);
    let page = browser.get("/if/admin/groups/new/").expect(200);
    let form = HtmlForm::find(&page, "/if/admin/groups/new/");
    let cases = [
        ("name", "", "name", "A name has 1 to 150 characters"),
        ("name", "FAMILY", "name", "There is a group family already"),
        ("parent", "nobody", "parent", "There is no group nobody."),
        ("attributes", "{\"a\": }", "attributes", "line 1, column 7"),
        ("attributes", "[1]", "attributes", "JSON object"),
    ];
    for (field, value, at, words) in cases {
        let typed = form.clone().with("name", "kitchen").with("administrator", "on").with("attributes", "{\"x\": 1}");
        let answer = typed.clone().with(field, value).send(&mut browser).expect(422);
        let problem = answer.body.split(&format!("id=\"{at}-wrong\">")).nth(1).and_then(|t| t.split('<').next());
        assert!(problem.is_some_and(|p| p.contains(words)), "{field}={value}: {answer:?}");
        let shown = HtmlForm::find(&answer, "/if/admin/groups/new/");
        for (name, value) in typed.clone().with(field, value).fields {
            // A select cannot show what it does not offer.
            if name != "parent" {
                assert_eq!(shown.value(&name), value, "{field}: {name}");
            }
        }
    }
    assert!(!server.cli(&["group", "list"]).ok().contains("kitchen"));
}

#[test]
fn a_group_is_never_above_itself() {
    let (_server, mut browser) = house();
    let top = create(&mut browser, "top", "").expect(303).location().to_owned();
    let below = create(&mut browser, "below", "top").expect(303).location().to_owned();
    for (at, parent) in [(&top, "below"), (&top, "top")] {
        let page = browser.get(at).expect(200);
        let answer = HtmlForm::find(&page, at).with("parent", parent).send(&mut browser).expect(422);
        assert!(answer.body.contains("cannot be its own ancestor"), "{answer:?}");
    }
    let page = browser.get(&below).expect(200);
    assert_eq!(HtmlForm::find(&page, &below).value("parent"), "top");
    HtmlForm::find(&page, &below).with("parent", "").send(&mut browser).expect(303);
    let page = browser.get(&top).expect(200);
    HtmlForm::find(&page, &top).with("parent", "below").send(&mut browser).expect(303);
}

#[test]
fn the_last_administrators_group_is_kept() {
    let (server, mut browser) = house();
    server.cli(&["group", "create", "bosses", "--admin"]).ok();
    server.cli(&["group", "add", "bosses", "admin-of-all"]).ok();
    server.cli(&["user", "set", "admin-of-all", "--no-admin"]).ok();
    let page = browser.get("/if/admin/groups/1/").expect(200);
    let answer = HtmlForm::find(&page, "/if/admin/groups/1/").without("administrator").send(&mut browser).expect(422);
    assert!(answer.body.contains("no active administrator"), "{answer:?}");
    let page = browser.get("/if/admin/groups/1/delete/").expect(200);
    let answer = HtmlForm::find(&page, "/if/admin/groups/1/delete/").send(&mut browser).expect(422);
    assert!(answer.body.contains("no active administrator"), "{answer:?}");
    let page = browser.get("/if/admin/groups/1/").expect(200);
    let answer = HtmlForm::find(&page, "/if/admin/groups/1/members/remove/").send(&mut browser);
    assert_eq!(answer.status, 422, "{answer:?}");
    server.cli(&["user", "set", "alice", "--admin"]).ok();
    HtmlForm::find(&page, "/if/admin/groups/1/").without("administrator").send(&mut browser).expect(303);
}

#[test]
fn what_people_type_is_shown_inert() {
    let (server, mut browser) = house();
    let at = create(&mut browser, HOSTILE, "").expect(303).location().to_owned();
    server.cli(&["app", "create", "Wiki", "--redirect-uri", "https://wiki.example/cb"]).ok();
    server.cli(&["app", "bind", "wiki", "--group", HOSTILE]).ok();
    for path in ["/if/admin/groups/", &at, &format!("{at}delete/"), "/if/admin/groups/new/"] {
        let page = browser.get(path).expect(200);
        assert!(!page.body.contains("<script>alert"), "{path}: {page:?}");
        assert!(page.body.contains("&#60;script&#62;alert(1)"), "{path}: {page:?}");
    }
    let page = browser.get(&format!("{at}delete/")).expect(200);
    assert!(page.body.contains("Wiki"), "it names the applications that are bound: {page:?}");
}

#[test]
fn many_groups_are_listed_in_pages_and_found_by_name() {
    let (server, mut browser) = house();
    let database = crate::support::disk::database(&server.data());
    for n in 0..60 {
        let sql = "INSERT INTO groups (name, name_key, created_at) VALUES ('Team ' || ?1, 'team ' || ?1, 1)";
        database.execute(sql, [format!("{n:02}")]).expect("a group");
    }
    let list = "/if/admin/groups/";
    let page = browser.get(list).expect(200).body;
    assert!(page.contains("Team 49") && !page.contains("Team 50") && page.contains("page=2"), "{page}");
    let page = browser.get(&format!("{list}?page=2")).expect(200).body;
    assert!(page.contains("Team 50") && !page.contains("Team 49"));
    let page = browser.get(&format!("{list}?q=M+07")).expect(200).body;
    assert!(page.contains("Team 07") && !page.contains("Team 08"));
    let page = browser.get(&format!("{list}?q=%22%27%25")).expect(200).body;
    assert!(page.contains("Nothing found") && !page.contains("Team"), "{page}");
}
