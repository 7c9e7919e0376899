//! Every page of the Admin interface and the User settings in a real browser, found in the binary's own table of
//! routes: labels, sizes, nothing cut off on a phone, no serious finding of axe-core in light or in dark.

use crate::support::chromium::Page;
use crate::support::inspect::inspect;
use crate::support::{App, Browser, PASSWORD, Server};

/// What is downloaded and no page.
const DOWNLOADS: [&str; 2] = ["/export/", "/certificate/"];

/// A house with one of everything, the first of each kind under the number 1.
fn house() -> Server {
    let server = Server::start();
    server.user("keeper", &["--admin", "--name", "Karla Keeper", "--email", "karla@home.example", "--email-verified"]);
    server.alice();
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["group", "create", "children", "--parent", "family"]).ok();
    server.cli(&["group", "add", "children", "alice"]).ok();
    server.cli(&["group", "add", "children", "keeper"]).ok();
    server.cli(&["invitation", "create", "--label", "Grandparents", "--group", "family", "--uses", "2"]).ok();
    let url = ["--app-url", "https://portainer.home.example"];
    server
        .cli(&[&["app", "create", "Portainer", "--preset", "portainer", "--app-group", "House"][..], &url].concat())
        .ok();
    let wiki = ["--redirect-uri", "https://wiki.home.example/callback", "--description", "What we know"];
    let wiki = server.app("Wiki", &[&wiki[..], &["--icon", "wiki", "--consent", "explicit"]].concat());
    sign_in_to(&server, &wiki);
    server.cli(&["app", "bind", "portainer", "--group", "family"]).ok();
    server.cli(&["policy", "create", "Grown-ups", "--expression", "'children' not in user.groups"]).ok();
    let mapping = ["--scope", "house", "--expression", "{'floor': 2}"];
    server.cli(&[&["scope-mapping", "create", "House"][..], &mapping].concat()).ok();
    server
}

/// Somebody who agreed to something, is signed in at two places, and left tokens behind.
fn sign_in_to(server: &Server, app: &App) {
    let mut keeper = Browser::signed_in(server, "keeper");
    let page = keeper.open(&app.authorize_url(&[("scope", "openid profile offline_access")]));
    let left = keeper.submit(&page, &[("decision", "allow")]);
    let code = keeper.follow(left).location_param("code").expect("a code");
    app.redeem(&keeper.http, &code, &[]).expect(200);
    app.tokens(&mut keeper, "openid profile");
}

/// The paths of all pages below a prefix, with what there is in the house in their parameters.
fn pages(server: &Server, prefix: &str) -> Vec<String> {
    let keys: serde_json::Value = serde_json::from_str(&server.cli(&["key", "list", "--json"]).ok()).expect("JSON");
    let kid = keys[0]["kid"].as_str().expect("a key");
    let table = server.cli(&["routes"]).ok();
    let lines = table.lines().filter(|l| l.starts_with("GET"));
    let paths = lines.filter_map(|l| l.split_whitespace().find(|w| w.starts_with(prefix)));
    let paths = paths.map(|p| p.replace("{id}", "1").replace("{kid}", kid));
    paths.filter(|p| !DOWNLOADS.iter().any(|d| p.ends_with(d))).collect()
}

fn look_at_all(prefix: &str, language: &str) {
    let (server, page) = (house(), Page::open());
    page.language(language);
    page.go(&format!("{}/login/", server.base));
    page.sign_in("keeper", PASSWORD);
    let all = pages(&server, prefix);
    assert!(!all.is_empty());
    for path in all {
        page.go(&format!("{}{path}", server.base));
        assert!(!page.has("#error-page"), "{path}: {}", page.text("main"));
        assert_eq!(page.js("document.documentElement.lang"), language, "{path}");
        let name = path.trim_matches('/').replace('/', "-").replace(|c: char| c.is_ascii_uppercase(), "");
        inspect(&page, &format!("{language}-{name}"));
    }
    page.is_clean(&[&server.base]);
}

#[test]
fn every_page_of_the_admin_interface_is_well_made() {
    look_at_all("/if/admin/", "en");
}

#[test]
fn every_page_of_the_admin_interface_is_well_made_in_german() {
    look_at_all("/if/admin/", "de");
}

#[test]
fn every_page_of_the_user_settings_is_well_made() {
    look_at_all("/if/user/", "en");
    look_at_all("/if/user/", "de");
}

#[test]
fn what_is_known_of_a_person_lies_in_a_fold_that_is_well_made() {
    let (server, page) = (house(), Page::open());
    page.go(&format!("{}/login/", server.base));
    page.sign_in("keeper", PASSWORD);
    for (language, path) in
        [("en", "/if/user/"), ("de", "/if/user/"), ("en", "/if/admin/users/1/"), ("de", "/if/admin/users/new/")]
    {
        page.language(language);
        page.go(&format!("{}{path}", server.base));
        assert_eq!(page.js("document.querySelector('#more-about').open"), false, "{path}: it stays out of the way");
        page.click("#more-about > summary");
        page.see("#nickname");
        inspect(&page, &format!("{language}-person-{}", path.trim_matches('/').replace('/', "-")));
    }
    // Something is wrong with a field: the fold is open, and what is wrong stands there.
    page.language("en");
    page.go(&format!("{}/if/user/", server.base));
    page.click("#more-about > summary");
    page.fill("#birthdate", "soon");
    page.fill("#country", "Austria");
    page.press("#save");
    page.see("#birthdate-wrong");
    assert_eq!(page.js("document.querySelector('#country').value"), "Austria");
    inspect(&page, "en-person-wrong");
    page.fill("#birthdate", "1990-12-31");
    page.press("#save");
    assert_eq!(page.js("document.querySelector('#birthdate').value"), "1990-12-31");
    page.is_clean(&[&server.base]);
}
