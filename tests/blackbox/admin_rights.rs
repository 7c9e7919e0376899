//! Who may call what in the two interfaces, for every route of the table: strangers, users without the right, other
//! sites' forms and methods in disguise are turned away; administrators are not.

use crate::support::{Browser, HtmlForm, Server};

/// A route of the interfaces, with something in its parameters.
#[derive(Debug)]
struct Route {
    path: String,
    get: bool,
    post: bool,
    is_admins: bool,
}

/// From the binary's own table.
fn routes(server: &Server) -> Vec<Route> {
    let table = server.cli(&["routes"]).ok();
    let mut found = Vec::new();
    for line in table.lines().filter(|l| l.contains("/if/")) {
        let who = line.split(" (fresh factor").next().unwrap_or_default();
        let (is_admins, is_users) = (who.ends_with("administrator"), who.ends_with("signed in"));
        assert!(is_admins || is_users, "a page of the interfaces that anybody may open: {line}");
        let path = line.split_whitespace().find(|w| w.starts_with('/')).expect("a path");
        assert_eq!(is_admins, path.starts_with("/if/admin/"), "{line}");
        let path = path.replace("{id}", "1").replace("{slug}", "x").replace("{kid}", "x").replace("{hash}", "x");
        assert!(!path.contains('{'), "{path}");
        let methods = line.split('/').next().unwrap_or_default();
        found.push(Route { path, get: methods.contains("GET"), post: methods.contains("POST"), is_admins });
    }
    found
}

/// The token of this browser's session for forms of the interfaces.
fn token(browser: &mut Browser, page: &str) -> String {
    let page = browser.get(page).expect(200);
    let form = HtmlForm::all(&page).into_iter().find(|f| f.action.starts_with("/if/")).expect("a form");
    form.value("form_token").to_owned()
}

/// What happened so far, without sign-ins and refusals.
fn acts(server: &Server) -> Vec<String> {
    let kinds = server.events().into_iter().map(|e| e["kind"].as_str().unwrap_or_default().to_owned());
    kinds.filter(|k| !["login", "access_denied", "form_refused"].contains(&k.as_str())).collect()
}

fn house() -> Server {
    let server = Server::start();
    server.user("root-of-all", &["--admin"]);
    server.user("second", &["--admin"]);
    server.alice();
    server
}

#[test]
fn strangers_are_sent_to_sign_in_and_come_back() {
    let server = house();
    let all = routes(&server);
    assert!(all.len() > 5, "{all:?}");
    let before = acts(&server);
    for route in &all {
        let mut stranger = Browser::new(&server);
        if route.get {
            let answer = stranger.get(&route.path);
            assert_eq!(answer.status, 303, "{route:?}: {answer:?}");
            let next: String = form_urlencoded::byte_serialize(route.path.as_bytes()).collect();
            assert_eq!(answer.location(), format!("/login/?next={next}"), "{route:?}");
        }
        if route.post {
            let answer = stranger.post(&route.path, &[("name", "x")]);
            assert_eq!(answer.status, 403, "{route:?}: {answer:?}");
            assert!(answer.body.contains("id=\"error-page\""), "{route:?}");
        }
    }
    let mut browser = Browser::new(&server);
    let page = browser.open("/if/admin/groups/?x=1");
    browser.sign_in(&page, "second");
    assert_eq!(browser.at, "/if/admin/groups/?x=1");
    assert_eq!(acts(&server), before);
}

#[test]
fn users_without_the_right_are_refused_at_every_admin_route_and_administrators_are_not() {
    let server = house();
    let all = routes(&server);
    let mut alice = Browser::signed_in(&server, "alice");
    let before = acts(&server);
    for route in all.iter().filter(|r| r.is_admins) {
        if route.get {
            let answer = alice.get(&route.path);
            assert_eq!(answer.status, 403, "{route:?}: {answer:?}");
            assert!(answer.body.contains("for administrators"), "{route:?}");
        }
        if route.post {
            assert_eq!(alice.post(&route.path, &[("name", "x")]).status, 403, "{route:?}");
        }
    }
    assert_eq!(acts(&server), before);
    let mut admin = Browser::signed_in(&server, "second");
    for route in all.iter().filter(|r| r.get) {
        let answer = admin.get(&route.path);
        assert!([200, 303, 404].contains(&answer.status), "{route:?}: {answer:?}");
    }
}

#[test]
fn a_right_that_was_taken_away_is_gone_at_once() {
    let server = house();
    let mut admin = Browser::signed_in(&server, "second");
    let good = token(&mut admin, "/if/admin/groups/new/");
    let create = |admin: &mut Browser, name| {
        admin
            .post("/if/admin/groups/new/", &[("form_token", &good), ("name", name), ("parent", ""), ("attributes", "")])
    };
    assert_eq!(create(&mut admin, "one").status, 303);
    server.cli(&["user", "set", "second", "--no-admin"]).ok();
    assert_eq!(create(&mut admin, "two").status, 403);
    assert_eq!(admin.get("/if/admin/groups/").status, 403);
    server.cli(&["user", "disable", "second"]).ok();
    assert_eq!(admin.get("/if/admin/groups/").status, 303, "a disabled user is signed out");
    let groups = server.cli(&["group", "list"]).ok();
    assert!(groups.contains("one") && !groups.contains("two"), "{groups}");
}

#[test]
fn every_form_needs_the_token_of_the_session_and_our_own_origin() {
    let server = house();
    let mut other = Browser::signed_in(&server, "second");
    let of_another_session = token(&mut other, "/if/admin/groups/new/");
    let mut admin = Browser::signed_in(&server, "second");
    let of_the_sign_out = crate::support::browser::form_token(&admin.get("/logout/"));
    let good = token(&mut admin, "/if/admin/groups/new/");
    let cookies: Vec<String> = admin.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let cookies = cookies.join("; ");
    let before = acts(&server);
    for route in routes(&server).iter().filter(|r| r.post) {
        for bad in ["", "wrong", &of_another_session, &of_the_sign_out] {
            let answer = admin.post(&route.path, &[("form_token", bad), ("name", "x")]);
            assert_eq!(answer.status, 403, "{route:?} with {bad:?}: {answer:?}");
        }
        assert_eq!(admin.post(&format!("{}?form_token={good}", route.path), &[("name", "x")]).status, 403, "{route:?}");
        for headers in
            [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")]
        {
            let answer = admin.http.post_with(&route.path, &[("Cookie", &cookies), headers], &[("form_token", &good)]);
            assert_eq!(answer.status, 403, "{route:?} with {headers:?}: {answer:?}");
        }
    }
    assert_eq!(acts(&server), before);
}

#[test]
fn the_right_token_is_taken_by_every_form() {
    let server = house();
    for route in routes(&server).iter().filter(|r| r.post) {
        // A browser each: some forms end the session.
        let mut admin = Browser::signed_in(&server, "second");
        let good = token(&mut admin, "/if/admin/groups/new/");
        let answer = admin.post(&route.path, &[("form_token", &good)]);
        assert!([200, 303, 404, 422].contains(&answer.status), "{route:?}: {answer:?}");
    }
}

#[test]
fn methods_in_disguise_change_nothing() {
    let server = house();
    let mut admin = Browser::signed_in(&server, "second");
    let good = token(&mut admin, "/if/admin/groups/new/");
    let cookies: Vec<String> = admin.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let cookies = cookies.join("; ");
    let before = acts(&server);
    for route in routes(&server) {
        for method in ["PUT", "PATCH", "DELETE"] {
            let answer = admin.http.send(method, &route.path, &[("Cookie", &cookies)], "");
            assert_eq!(answer.status, 405, "{method} {route:?}: {answer:?}");
        }
        if !route.post {
            let headers = [("Cookie", cookies.as_str()), ("X-HTTP-Method-Override", "GET")];
            let answer = admin.http.post_with(&route.path, &headers, &[("form_token", &good), ("_method", "GET")]);
            assert_eq!(answer.status, 405, "{route:?}: {answer:?}");
        }
        if !route.get {
            let headers = [("Cookie", cookies.as_str()), ("X-HTTP-Method-Override", "POST")];
            let path = format!("{}?_method=POST&form_token={good}", route.path);
            assert_eq!(admin.http.get_with(&path, &headers).status, 405, "{route:?}");
        }
    }
    assert_eq!(acts(&server), before);
}
