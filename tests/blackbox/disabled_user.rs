//! Somebody whose account is disabled while they are at it: every page and every form of theirs leads to the sign-in, which
//! does not let them in; nothing is done in their name. The same goes on for whoever is not disabled.

use crate::support::disk::{execute, number};
use crate::support::{App, Browser, HtmlForm, PASSWORD, Server};

/// Two administrators, of whom one will be disabled.
fn house() -> (Server, App) {
    let server = Server::start();
    server.user("carol", &["--admin"]);
    server.user("twin", &["--admin"]);
    server.cli(&["group", "create", "family"]).ok();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    (server, app)
}

/// Methods and path of the pages that need somebody signed in.
fn routes(server: &Server) -> Vec<(bool, bool, String)> {
    let table = server.cli(&["routes"]).ok();
    let who = |line: &str| line.split(" (fresh factor").next().unwrap_or_default().to_owned();
    let lines = table.lines().filter(|l| who(l).ends_with("administrator") || who(l).ends_with("signed in"));
    let route = |line: &str| {
        let path = line.split_whitespace().find(|w| w.starts_with('/')).expect("a path").replace("{id}", "1");
        let methods = line.split('/').next().unwrap_or_default().to_owned();
        (methods.contains("GET"), methods.contains("POST"), path.replace("{kid}", "x"))
    };
    lines.map(route).collect()
}

fn token(browser: &mut Browser) -> String {
    HtmlForm::find(&browser.get("/if/user/").expect(200), "/if/user/").value("form_token").to_owned()
}

#[test]
fn every_page_and_form_leads_to_the_sign_in() {
    for keeps_rows in [false, true] {
        let (server, app) = house();
        let (mut carol, mut twin) = (Browser::signed_in(&server, "carol"), Browser::signed_in(&server, "twin"));
        let (of_carol, of_twin) = (token(&mut carol), token(&mut twin));
        let forms = carol.cookies.clone();
        if keeps_rows {
            // As between the two steps of whoever disables: the flag is set, and the session is still there.
            execute(&server.data(), "UPDATE users SET is_active = 0 WHERE username = 'carol'");
        } else {
            server.cli(&["user", "disable", "carol"]).ok();
        }
        let all = routes(&server);
        assert!(all.len() > 40, "{all:?}");
        for (get, post, path) in &all {
            if *get {
                let answer = carol.get(path).expect(303);
                assert!(answer.location().starts_with("/login/?next="), "{path}: {answer:?}");
                assert!([200, 404].contains(&twin.get(path).status), "{path}, for the twin");
            }
            if *post {
                let answer = carol.post(path, &[("form_token", &of_carol), ("name", "x")]).expect(403);
                assert!(answer.body.contains("id=\"error-page\"") && answer.body.contains("/login/"), "{path}");
            }
        }
        assert_eq!(carol.cookies, forms, "cookies stay as they are: the account may be enabled again");
        // What is no page of the two interfaces.
        assert_eq!(carol.get("/").expect(303).location(), "/login/");
        for path in ["/application/launch/wiki/", &app.authorize_url(&[])] {
            let page = carol.open(path);
            assert!(page.body.contains("id=\"login-submit\""), "{path}: {page:?}");
        }
        let silent = carol.open(&app.authorize_url(&[("prompt", "none")]));
        assert_eq!(silent.location_param("error").as_deref(), Some("login_required"));
        assert!(twin.open(&app.authorize_url(&[])).location_param("code").is_some());
        assert_eq!(twin.get("/").status, 200);
        // The sign-in says nothing of why.
        let page = carol.open("/login/");
        let answer = carol.submit(&page, &[("username", "carol"), ("password", PASSWORD)]);
        assert!(answer.body.contains("id=\"problem\"") && !answer.body.contains("disabled"), "{answer:?}");
        // Twin's form is taken, and the only one that was.
        let made = twin.post("/if/admin/groups/new/", &[("form_token", &of_twin), ("name", "twins")]);
        assert_eq!((made.status, number(&server.data(), "SELECT count(*) FROM groups")), (303, 2));
        let by_carol = server.events().into_iter().filter(|e| e["details"]["by"] == "carol").count();
        assert_eq!(by_carol, 0);
    }
}

#[test]
fn a_consent_page_that_was_open_gives_nothing() {
    let server = Server::start();
    server.user("carol", &[]);
    server.user("twin", &[]);
    let app = server.app("Notes", &["--redirect-uri", "https://notes.example/cb", "--consent", "explicit"]);
    let (mut carol, mut twin) = (Browser::signed_in(&server, "carol"), Browser::signed_in(&server, "twin"));
    let pages = [carol.open(&app.authorize_url(&[])), twin.open(&app.authorize_url(&[]))];
    server.cli(&["user", "disable", "carol"]).ok();
    let answer = carol.submit(&pages[0], &[("decision", "allow")]);
    let answer = carol.follow(answer);
    assert!(answer.header("Location").is_none(), "no way to the application: {answer:?}");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM grants"), 0);
    let answer = twin.submit(&pages[1], &[("decision", "allow")]);
    assert!(twin.follow(answer).location_param("code").is_some());
}

#[test]
fn a_sign_in_page_that_was_open_lets_nobody_in() {
    let (server, _) = house();
    let mut carol = Browser::new(&server);
    let page = carol.open("/login/");
    server.cli(&["user", "disable", "carol"]).ok();
    let answer = carol.submit(&page, &[("username", "carol"), ("password", PASSWORD)]);
    assert!(answer.body.contains("id=\"problem\""), "{answer:?}");
    server.cli(&["user", "enable", "carol"]).ok();
    let page = carol.open("/login/");
    carol.sign_in(&page, "carol");
    assert_eq!(carol.get("/if/admin/").status, 200);
}
