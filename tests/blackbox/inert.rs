//! Whatever somebody typed is text: every field that is stored is filled with markup, quotes and disguises, and every page
//! that there is is opened in a real browser with scripts on. Nothing runs, no markup of theirs becomes part of a page,
//! nothing has to be stopped by the policy, and no character turns the writing around.

use crate::support::browser::url;
use crate::support::chromium::Page;
use crate::support::client::AUTHORIZE;
use crate::support::disk::database;
use crate::support::{App, Browser, HtmlForm, PASSWORD, Server};

/// Closes what it may stand in, and does its worst.
const EVIL: &str = "\"'></title></textarea><x-evil></x-evil><img src=q onerror=\"window.evil=1\">\u{202e}<script>window.evil=1</script>";
/// What of it a page shows.
const SHOWN: &str = "<x-evil></x-evil>";

/// Anything of it that became more than text.
const FOUND: &str = r#"(() => {
  const found = [], note = what => found.push(what);
  if (window.evil) note('it ran');
  for (const e of document.querySelectorAll('x-evil, img[src=q], script:not([src]), [onerror], [onload], [onclick], iframe'))
    note(e.outerHTML.slice(0, 200));
  for (const e of document.querySelectorAll('[href], [action], [src], [formaction]'))
    for (const name of ['href', 'action', 'src', 'formaction'])
      if (/^\s*(javascript|data|vbscript):/i.test(e.getAttribute(name) || '') && e.localName !== 'link') note(e.outerHTML.slice(0, 200));
  if (/[\u202a-\u202e\u2066-\u2069]/.test(document.title + document.body.innerText)) note('writing turned around');
  return found;
})()"#;

struct House {
    server: Server,
    app: App,
}

/// One hostile thing of each kind, under the number 1.
fn house() -> House {
    let server = Server::start();
    let names = ["--name", EVIL, "--given-name", EVIL, "--family-name", EVIL];
    let mail = "x'&{evil}|~/=?`@evil.example";
    server.user("keeper", &[&["--admin", "--email", mail][..], &names].concat());
    server.user("alice", &names);
    server.cli(&["group", "create", EVIL, "--admin"]).ok();
    server.cli(&["group", "create", &format!("below {}", &EVIL[..80]), "--parent", EVIL]).ok();
    server.cli(&["group", "add", EVIL, "keeper"]).ok();
    server.cli(&["invitation", "create", "--label", EVIL, "--group", EVIL, "--administrators"]).ok();
    give_attributes(&server);
    let address = "https://evil.example/';window.evil=1;//?%22%3E%3Cx-evil%3E";
    let words = ["--app-group", EVIL, "--description", EVIL, "--publisher", EVIL, "--launch-url", address];
    let of_provider = ["--slug", "evil", "--redirect-uri", address, "--consent", "explicit", "--scope", "openid"];
    let scopes = ["--scope", "evil", "--post-logout-uri", address];
    let app = server.app(EVIL, &[&words[..], &of_provider, &scopes].concat());
    let literal = serde_json::Value::from(EVIL).to_string();
    server.cli(&["policy", "create", EVIL, "--expression", &format!("{literal} in user.name")]).ok();
    server.cli(&["policy", "create", &format!("fails {}", &EVIL[..80]), "--expression", "user.nobody.nothing"]).ok();
    let mapping = ["--scope", "evil", "--description", EVIL, "--expression", &format!("{{{literal}: {literal}}}")];
    server.cli(&[&["scope-mapping", "create", EVIL][..], &mapping].concat()).ok();
    server.cli(&["app", "create", EVIL, "--slug", "closed", "--no-provider", "--launch-url", address]).ok();
    for bound in [["--group", EVIL], ["--policy", EVIL], ["--user", "keeper"]] {
        server.cli(&[&["app", "bind", "evil"][..], &bound].concat()).ok();
    }
    server.cli(&["app", "bind", "closed", "--user", "keeper"]).ok();
    House { server, app }
}

/// Attributes are typed on pages only.
fn give_attributes(server: &Server) {
    let attributes = serde_json::json!({ "evil": EVIL, EVIL: [EVIL] }).to_string();
    let mut keeper = Browser::signed_in(server, "keeper");
    for at in ["/if/admin/users/1/", "/if/admin/groups/1/"] {
        let form = HtmlForm::find(&keeper.get(at).expect(200), at).with("attributes", &attributes);
        form.send(&mut keeper).expect(303);
    }
}

/// What cannot be typed anywhere, put where it would be kept: a session's device and place, an event's every word.
fn poison(house: &House) {
    let database = database(&house.server.data());
    let session = "INSERT INTO sessions (hash, sid, user_id, auth_time, amr, created_at, last_seen_at, address, user_agent)
                   SELECT randomblob(32), ?1 || hex(randomblob(8)), user_id, auth_time, amr, created_at, last_seen_at, ?1, ?1 FROM sessions";
    database.execute(session, [EVIL]).expect("a session");
    let details = serde_json::json!({ EVIL: EVIL, "reason": EVIL, "by": EVIL }).to_string();
    let event =
        "INSERT INTO events (at, kind, username, client_id, application, address, request_id, details, is_refusal)
                 SELECT max(at), ?1, ?1, ?1, ?1, ?1, ?1, ?2, 1 FROM events";
    database.execute(event, [EVIL, &details]).expect("an event");
    let last = database.last_insert_rowid();
    // The pages of the table are asked for number 1.
    database.execute("DELETE FROM events WHERE id = 1", []).expect("room");
    database.execute("UPDATE events SET id = 1 WHERE id = ?1", [last]).expect("the first");
}

/// The pages of the table for whoever is signed in, with the number 1 in their paths.
fn pages(server: &Server) -> Vec<String> {
    let keys: serde_json::Value = serde_json::from_str(&server.cli(&["key", "list", "--json"]).ok()).expect("JSON");
    let kid = keys[0]["kid"].as_str().expect("a key");
    let table = server.cli(&["routes"]).ok();
    let lines = table.lines().filter(|l| l.starts_with("GET") && l.contains(" page "));
    let paths = lines.filter_map(|l| l.split_whitespace().find(|w| w.starts_with('/')));
    let paths = paths.map(|p| p.replace("{id}", "1").replace("{kid}", kid).replace("{slug}", "evil"));
    // What is downloaded is no page, what is launched leaves; files have their own tests.
    let is_page =
        |p: &String| !p.contains('{') && !["/export", "/certificate", "/launch/"].iter().any(|d| p.contains(d));
    paths.filter(is_page).collect()
}

/// Pages that say what they were asked, or that only come of being asked so.
fn asked(app: &App) -> Vec<String> {
    let mut found: Vec<String> =
        ["applications", "users", "groups"].iter().map(|p| url(&format!("/if/admin/{p}/"), &[("q", EVIL)])).collect();
    for name in ["user", "application", "kind"] {
        found.push(url("/if/admin/events/", &[(name, EVIL)]));
    }
    found.push(url("/if/admin/providers/1/preview/", &[("user", EVIL), ("scope", EVIL)]));
    found.push(url("/if/admin/providers/1/preview/", &[("user", "keeper")]));
    found.push(url("/if/admin/providers/1/access/", &[("user", EVIL), ("address", EVIL)]));
    found.push(url("/if/admin/providers/1/access/", &[("user", "alice")]));
    found.push(url("/if/admin/applications/new/", &[("preset", EVIL)]));
    found.push(url("/", &[("q", EVIL)]));
    found.push(url("/login/", &[("next", EVIL), ("ui_locales", EVIL)]));
    found.push(url("/login/", &[("next", "javascript:window.evil=1")]));
    found.push(url("/setup/", &[("token", EVIL)]));
    found.push(url("/recovery/", &[("token", EVIL)]));
    found.push(url("/invitation/", &[("token", EVIL)]));
    found.push(format!("/{}", url("", &[(EVIL, EVIL)]).trim_start_matches('?')));
    found.push(url("/application/o/evil/end-session/", &[("id_token_hint", EVIL), ("state", EVIL)]));
    found.push(url("/application/o/evil/end-session/", &[("post_logout_redirect_uri", EVIL), ("client_id", EVIL)]));
    for name in ["client_id", "redirect_uri"] {
        found.push(app.authorize_url(&[(name, EVIL)]));
    }
    found.push(app.authorize_url(&[("redirect_uri", "javascript:window.evil=1")]));
    // Asked for consent, with the worst that a client may send along.
    found.push(app.authorize_url(&[("scope", "openid evil"), ("state", EVIL), ("nonce", EVIL), ("login_hint", EVIL)]));
    found.push(app.authorize_url(&[("scope", "openid evil"), ("prompt", "login"), ("login_hint", EVIL)]));
    found.push(app.authorize_url(&[("scope", "openid evil"), ("prompt", "select_account"), ("ui_locales", EVIL)]));
    found.push(url(AUTHORIZE, &[(EVIL, EVIL)]));
    found
}

/// Opens a page and looks. True when the page shows the words of it.
#[track_caller]
fn look(page: &Page, base: &str, path: &str) -> bool {
    page.go(&format!("{base}{path}"));
    let found = page.js(FOUND);
    assert_eq!(found, serde_json::json!([]), "{path}");
    let shown =
        "document.body.innerText + [...document.querySelectorAll('input, textarea')].map(e => e.value).join(' ')";
    page.js(shown).as_str().is_some_and(|text| text.contains(SHOWN))
}

fn walk(house: &House, who: &str, least: usize) -> Page {
    let page = Page::open();
    page.go(&format!("{}/login/", house.server.base));
    page.sign_in(who, PASSWORD);
    let mut showed = 0;
    let all: Vec<String> = pages(&house.server).into_iter().chain(asked(&house.app)).collect();
    for path in &all {
        showed += usize::from(look(&page, &house.server.base, path));
    }
    // The walk would prove nothing if the pages showed nothing of it.
    assert!(showed >= least, "{showed} of {} pages show it", all.len());
    page.is_clean(&[&house.server.base]);
    page
}

#[test]
fn nothing_that_was_typed_runs_on_the_pages_of_an_administrator() {
    let house = house();
    Browser::signed_in(&house.server, "alice");
    let mut keeper = Browser::signed_in(&house.server, "keeper");
    poison(&house);
    // Browsers remark upon what is no day, by themselves: these two are read without one.
    for name in ["from", "until"] {
        let page = keeper.get(&url("/if/admin/events/", &[(name, EVIL)])).expect(422);
        assert!(!page.body.contains("<x-evil") && page.body.contains("&#60;x-evil&#62;"), "{page:?}");
    }
    walk(&house, "keeper", 30);
}

#[test]
fn nothing_that_was_typed_runs_on_the_pages_of_a_user() {
    let house = house();
    Browser::signed_in(&house.server, "alice");
    poison(&house);
    let page = walk(&house, "alice", 10);
    assert!(look(&page, &house.server.base, "/application/launch/closed/"), "she is told where she may not go");
}

#[test]
fn what_is_refused_is_shown_again_inert() {
    let house = house();
    let page = Page::open();
    page.go(&format!("{}/login/", house.server.base));
    page.sign_in(EVIL, EVIL);
    assert_eq!(page.js(FOUND), serde_json::json!([]), "the sign-in");
    page.sign_in("keeper", PASSWORD);
    for (path, fields, button) in [
        ("/if/admin/users/new/", &["#username", "#name", "#attributes"][..], "#save"),
        ("/if/admin/applications/create/", &["#name", "#slug", "#app_group"], "#save"),
        ("/if/admin/groups/new/", &["#name", "#attributes"], "#save"),
        ("/if/admin/policies/new/", &["#name", "#expression"], "#save"),
        ("/if/admin/scope-mappings/new/", &["#name", "#scope", "#expression"], "#save"),
        ("/if/user/", &["#name", "#given_name"], "#save"),
    ] {
        page.go(&format!("{}{path}", house.server.base));
        // More than is taken: what was typed comes back with a problem.
        fields.iter().for_each(|field| page.fill(field, &EVIL.repeat(2)));
        page.press(button);
        assert_eq!(page.js(FOUND), serde_json::json!([]), "{path}");
        assert!(page.has("#problems"), "{path}: {}", page.text("main"));
    }
    page.is_clean(&[&house.server.base]);
}

#[test]
fn addresses_that_run_are_refused_where_addresses_are_taken() {
    let house = house();
    let refused = |arguments: &[&str]| drop(house.server.cli(arguments).refused(2));
    for bad in
        ["javascript:window.evil=1", "data:text/html,<script>window.evil=1</script>", "vbscript:x", "JavaScript:x"]
    {
        refused(&["app", "set", "evil", "--launch-url", bad]);
        refused(&["app", "set", "evil", "--redirect-uri", bad]);
        refused(&["app", "set", "evil", "--post-logout-uri", bad]);
        refused(&["app", "create", "X", "--preset", "portainer", "--app-url", bad]);
    }
    house.server.cli(&["app", "set", "evil", "--launch-url", "https://good.example/"]).ok();
}

#[test]
fn the_eyes_of_these_tests_are_open() {
    let (server, page) = (Server::start(), Page::open());
    page.go(&format!("{}/login/", server.base));
    page.is_clean(&[&server.base]);
    assert_eq!(page.js(FOUND), serde_json::json!([]));
    page.js(&format!("document.querySelector('main').innerHTML = {}", serde_json::Value::from(EVIL)));
    let found = page.js(FOUND);
    assert!(found.as_array().is_some_and(|f| f.len() >= 4), "{found}");
    crate::support::disk::eventually("the policy's violation is told", || !page.complaints().is_empty());
}
