//! Policies at every door, and their pages.

use crate::support::server::command;
use crate::support::totp::Authenticator;
use crate::support::{App, Browser, HtmlForm, Server, Tokens};

const HOSTILE: &str = "<script>alert(1)</script>\"'";
/// Loopback addresses, so that browsers can come from both.
pub const HOME: &str = "127.0.0.5";
const AWAY: &str = "127.0.9.9";
const AT_HOME: &str = "in_network(request.address, '127.0.0.0/24')";

pub fn server() -> Server {
    let server = Server::start();
    server.alice();
    server
}

pub fn app(server: &Server) -> App {
    server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", "openid", "--scope", "profile"])
}

fn policy(server: &Server, name: &str, expression: &str) {
    server.cli(&["policy", "create", name, "--expression", expression]).ok();
}

pub fn bind(server: &Server, options: &[&str]) {
    server.cli(&[&["app", "bind", "wiki"], options].concat()).ok();
}

pub fn signed_in(server: &Server, address: &str) -> Browser {
    let mut browser = Browser::new(server).from(address);
    let page = browser.open("/login/");
    assert_eq!(browser.sign_in(&page, "alice").status, 200);
    browser
}

/// Whether alice gets in by the front doors, which must all say the same.
pub fn gets_in(browser: &mut Browser, app: &App) -> bool {
    let listed = browser.get("/").expect(200).body.contains("/application/launch/wiki/");
    let launched = browser.get("/application/launch/wiki/");
    let code = browser.open(&app.authorize_url(&[]));
    let silent = browser.open(&app.authorize_url(&[("prompt", "none")]));
    assert_eq!(launched.status, if listed { 303 } else { 403 }, "{launched:?}");
    let has_code = code.header("location").is_some_and(|l| l.contains("code="));
    assert_eq!((has_code, code.status == 403), (listed, !listed), "{code:?}");
    assert_eq!(silent.location_param("error").as_deref() == Some("access_denied"), !listed, "{silent:?}");
    listed
}

/// Whether what a client holds for alice is still good, which must be so everywhere alike.
pub fn holds(server: &Server, app: &App, tokens: &Tokens) -> bool {
    let http = server.http();
    let active = app.introspect(&http, &tokens.access).json()["active"] == true;
    let told = app.userinfo(&http, &tokens.access).status == 200;
    let refresh = tokens.refresh.as_deref().expect("a refresh token");
    let refresh_active = app.introspect(&http, refresh).json()["active"] == true;
    assert_eq!((told, refresh_active), (active, active));
    active
}

#[test]
fn any_all_and_negate_decide_alike_at_every_door() {
    for (bindings, mode, home, away) in [
        (vec!["--policy home"], "any", true, false),
        (vec!["--policy home --negate"], "any", false, true),
        (vec!["--policy home", "--policy never"], "any", true, false),
        (vec!["--policy home", "--policy never"], "all", false, false),
        (vec!["--policy home", "--policy never --negate"], "all", true, false),
        (vec!["--policy home", "--group family"], "any", true, true),
        (vec!["--policy home", "--group family"], "all", true, false),
        (vec!["--policy home --negate", "--group family --negate"], "any", false, true),
    ] {
        let server = server();
        let app = app(&server);
        policy(&server, "home", AT_HOME);
        policy(&server, "never", "false");
        server.cli(&["group", "create", "parents"]).ok();
        server.cli(&["group", "create", "family", "--parent", "parents"]).ok();
        server.cli(&["group", "add", "family", "alice"]).ok();
        for binding in &bindings {
            bind(&server, &binding.split(' ').collect::<Vec<_>>());
        }
        server.cli(&["app", "set", "wiki", "--policy-engine-mode", mode]).ok();
        assert_eq!(gets_in(&mut signed_in(&server, HOME), &app), home, "{bindings:?} {mode} at home");
        assert_eq!(gets_in(&mut signed_in(&server, AWAY), &app), away, "{bindings:?} {mode} away");
        let said = server.cli(&["app", "check-access", "wiki", "alice", "--address", AWAY]);
        assert_eq!((said.code == 0), away, "{said:?}");
    }
}

#[test]
fn the_back_channel_counts_the_address_of_the_user_and_the_rules_of_now() {
    let server = server();
    let app = app(&server);
    policy(&server, "home", AT_HOME);
    bind(&server, &["--policy", "home"]);
    let mut browser = signed_in(&server, HOME);
    // The client's server comes from elsewhere; the user was at home.
    let code = app.code(&mut browser, &[("scope", "openid offline_access")]);
    let tokens = Tokens::of(&app.redeem(&server.http(), &code, &[]));
    assert!(holds(&server, &app, &tokens));
    let refreshed = app.refresh(&server.http(), tokens.refresh.as_deref().unwrap(), &[]).expect(200);
    let tokens = Tokens::of(&refreshed);
    let waiting = app.code(&mut browser, &[]);
    server.cli(&["policy", "set", "home", "--expression", "user.username != 'alice'"]).ok();
    assert!(!holds(&server, &app, &tokens));
    assert_eq!(app.refresh(&server.http(), tokens.refresh.as_deref().unwrap(), &[]).status, 400);
    assert_eq!(app.redeem(&server.http(), &waiting, &[]).status, 400);
    server.cli(&["policy", "set", "home", "--expression", "'pwd' in request.amr"]).ok();
    assert!(holds(&server, &app, &tokens), "what was refused by a policy is good again when the policy says so");
}

#[test]
fn a_policy_that_fails_denies_under_negate_too_and_is_in_the_events_once() {
    for negate in [false, true] {
        let mut server = server();
        let app = app(&server);
        policy(&server, "broken", "user.attributes.team == 'red'");
        bind(&server, if negate { &["--policy", "broken", "--negate"] } else { &["--policy", "broken"] });
        let mut browser = signed_in(&server, HOME);
        for _ in 0..3 {
            assert!(!gets_in(&mut browser, &app), "negate: {negate}");
        }
        let said = server.cli(&["app", "check-access", "wiki", "alice"]).refused(1);
        assert!(said.contains("may not open wiki"), "{said}");
        server.stop();
        let failed: Vec<_> = server.events().into_iter().filter(|e| e["kind"] == "policy_failed").collect();
        assert_eq!(failed.len(), 1, "{failed:?}");
        let event = &failed[0];
        assert_eq!((&event["username"], &event["details"]["policy"]), (&"alice".into(), &"broken".into()));
        assert_eq!(event["details"]["application"], "wiki");
        assert!(event["details"]["reason"].as_str().unwrap().contains("user.attributes.team"), "{event}");
        assert_eq!(event["is_refusal"], true);
    }
}

#[test]
fn a_deleted_policy_matches_nobody_under_negate_too() {
    for options in [&["--policy", "open"][..], &["--policy", "shut", "--negate"]] {
        let server = server();
        let app = app(&server);
        policy(&server, "open", "true");
        policy(&server, "shut", "false");
        bind(&server, options);
        let mut browser = signed_in(&server, HOME);
        assert!(gets_in(&mut browser, &app));
        server.cli(&["policy", "delete", options[1]]).ok();
        assert!(!gets_in(&mut browser, &app), "{options:?}");
        let said = server.cli(&["app", "check-access", "wiki", "alice"]);
        assert!(said.stdout.contains("(deleted)") && said.stdout.contains("never matches"), "{said:?}");
        server.cli(&["app", "unbind", "wiki", "--policy", options[1]]).ok();
    }
}

#[test]
fn a_renamed_policy_is_unbound_by_its_new_name() {
    let server = server();
    app(&server);
    policy(&server, "old", "true");
    bind(&server, &["--policy", "old"]);
    server.cli(&["policy", "set", "old", "--name", "new"]).ok();
    assert!(server.cli(&["app", "list"]).ok().contains("policy new"));
    server.cli(&["app", "unbind", "wiki", "--policy", "old"]).refused(1);
    server.cli(&["app", "unbind", "wiki", "--policy", "new"]).ok();
}

#[test]
fn hostile_expressions_are_refused_or_stopped_and_the_server_goes_on() {
    let server = server();
    let app = app(&server);
    bind(&server, &["--user", "alice"]);
    for (index, (expression, is_accepted)) in [
        ("'x' * 1000000000 == ''", true),
        ("(user.groups * 900000) == (user.groups * 900000)", true),
        ("[[[[[[[1] * 99] * 99] * 99] * 99] * 99] * 99] == 1", false),
        (&"(".repeat(4_000), false),
        (&"not ".repeat(1_000), false),
        (&"x".repeat(5_000), false),
        ("range(1000000000) | list", false),
        ("{% for x in y %}{% endfor %}", false),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("hostile{index}");
        let made = server.cli(&["policy", "create", &name, "--expression", expression]);
        assert_eq!((made.code == 0), is_accepted, "{expression:.40}: {made:?}");
        if is_accepted {
            bind(&server, &["--policy", &name, "--order", "-1"]);
        }
    }
    let started = std::time::Instant::now();
    assert!(gets_in(&mut signed_in(&server, HOME), &app), "another binding lets alice in");
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn times_of_day_are_those_of_the_machine() {
    let server = server();
    policy(&server, "local", "request.hour == (request.timestamp + 5 * 3600) // 3600 % 24");
    let said = |zone: &str| {
        let mut command = command();
        command.env("TZ", zone).arg("--data-dir").arg(server.data()).args(["policy", "try", "local", "alice"]);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert_eq!(said("HERE-5"), "true: alice passes.\n");
    assert_eq!(said("UTC0"), "false: alice does not pass.\n");
}

fn house() -> (Server, Browser) {
    let server = Server::start();
    server.user("admin-of-all", &["--admin"]);
    server.alice();
    let browser = Browser::signed_in(&server, "admin-of-all");
    (server, browser)
}

#[test]
fn a_policy_is_made_tried_changed_and_deleted_on_its_pages() {
    let (server, mut browser) = house();
    app(&server);
    assert!(browser.get("/if/admin/policies/").expect(200).body.contains("No policies yet"));
    let new = "/if/admin/policies/new/";
    let page = browser.get(new).expect(200);
    assert!(page.body.contains("user.email_verified") && page.body.contains("Not at night"), "{page:?}");
    let form = HtmlForm::find(&page, new).with("name", "home").with("expression", AT_HOME);
    // Tried before it is saved; what was typed stays.
    let tried =
        form.clone().with("user", "ALICE").with("address", HOME).with("act", "try").send(&mut browser).expect(200);
    assert!(tried.body.contains("This user passes."), "{tried:?}");
    let form = HtmlForm::find(&tried, new);
    assert_eq!((form.value("name"), form.value("expression"), form.value("address")), ("home", AT_HOME, HOME));
    let away = form.clone().with("address", AWAY).with("act", "try").send(&mut browser).expect(200);
    assert!(away.body.contains("This user does not pass."), "{away:?}");
    let nowhere = form.clone().with("address", "").with("act", "try").send(&mut browser).expect(200);
    assert!(nowhere.body.contains("request.address is not known"), "{nowhere:?}");
    assert!(browser.get("/if/admin/policies/").body.contains("No policies yet"), "a trial saves nothing");
    let made = form.with("act", "save").send(&mut browser).expect(303);
    let at = made.location().to_owned();
    assert!(browser.follow(made).body.contains("Created the policy home."));
    bind(&server, &["--policy", "home"]);
    let page = browser.get(&at).expect(200);
    assert!(page.body.contains("<bdi>Wiki</bdi>"), "{page:?}");
    let saved = HtmlForm::find(&page, &at).with("name", "house").with("expression", "true").send(&mut browser);
    assert!(browser.follow(saved).body.contains("Saved the policy house."));
    let page = browser.get(&format!("{at}delete/")).expect(200);
    assert!(page.body.contains("never match") && page.body.contains("<bdi>Wiki</bdi>"), "{page:?}");
    let deleted = HtmlForm::find(&page, &format!("{at}delete/")).send(&mut browser).expect(303);
    assert!(browser.follow(deleted).body.contains("Deleted the policy house."));
    assert_eq!(browser.get(&at).status, 404);
    assert_eq!(browser.get(&format!("{at}delete/")).status, 404);
    let kinds: Vec<String> = server.events().iter().map(|e| e["kind"].as_str().unwrap().to_owned()).collect();
    for kind in ["policy_created", "policy_changed", "policy_deleted"] {
        assert_eq!(kinds.iter().filter(|k| *k == kind).count(), 1, "{kind}");
    }
}

#[test]
fn bad_input_is_explained_at_its_field_and_nothing_is_lost() {
    let (server, mut browser) = house();
    policy(&server, "home", "true");
    let new = "/if/admin/policies/new/";
    let page = browser.get(new).expect(200);
    let long = "x".repeat(5_000);
    for (field, value, act, at, words) in [
        ("name", "", "save", "name", "A name has 1 to 150 characters"),
        ("name", "HOME", "save", "name", "There is a policy home already"),
        ("expression", "", "save", "expression", "The expression is empty."),
        ("expression", "true and usr.name", "save", "expression", "Line 1, column 10: There is no usr."),
        ("expression", "true and\n (", "save", "expression", "Line 2"),
        ("expression", "1 | tojson", "try", "expression", "There is no filter tojson."),
        ("expression", &long, "save", "expression", "The expression has 5000 bytes"),
        ("expression", "[[1] * 9] == 1", "try", "expression", "The sign * is not possible"),
        ("user", "nobody", "try", "user", "There is no user nobody."),
        ("user", "", "try", "user", "Whose data"),
        ("address", "home", "try", "address", "home is not an address"),
        ("application", "gone", "try", "application", "There is no application gone."),
    ] {
        let form = HtmlForm::find(&page, new)
            .with("name", "evening")
            .with("expression", "request.hour > 18")
            .with("user", "alice")
            .with("act", act)
            .with(field, value);
        let answer = form.clone().send(&mut browser);
        assert_eq!(answer.status, 422, "{field}={value:.30}: {answer:?}");
        let wrong = format!("id=\"{at}-wrong\"");
        let said = answer.body.split(&wrong).nth(1).unwrap_or_else(|| panic!("nothing at {at}: {answer:?}"));
        assert!(said[..400.min(said.len())].contains(words), "{field}={value:.30}: {said:.300}");
        let again = HtmlForm::find(&answer, new);
        for kept in ["name", "expression", "user", "address"] {
            assert_eq!(again.value(kept), form.value(kept), "{kept} after {field}={value:.30}");
        }
    }
    for (hostile, status, words) in [
        (&*"(".repeat(4_000), 422, "The expression has 4000 words and signs"),
        (&"(".repeat(900), 422, "This cannot be read"),
        ("'x' * 1000000 * 1000000 == ''", 200, "The expression is too much work"),
        ("(user.username * 900000)|replace('a', 'aaaaaaaaaa') == ''", 200, "The expression is too much work"),
        ("user.__class__", 200, "user has no __class__"),
    ] {
        let form = HtmlForm::find(&page, new).with("expression", hostile).with("user", "alice").with("act", "try");
        let answer = form.send(&mut browser).expect(status);
        assert!(answer.body.contains(words), "{hostile:.40}: {answer:?}");
    }
    let fails = HtmlForm::find(&page, new).with("expression", "1 + 1").with("user", "alice").with("act", "try");
    let answer = fails.send(&mut browser).expect(200);
    assert!(answer.body.contains("The expression yields a number"), "{answer:?}");
}

#[test]
fn names_and_expressions_are_only_ever_text() {
    let (server, mut browser) = house();
    server.app("Evil", &["--redirect-uri", "https://evil.example/"]);
    let expression = format!("'{}' == user.username", HOSTILE.replace('\'', ""));
    policy(&server, HOSTILE, &expression);
    server.cli(&["app", "bind", "evil", "--policy", HOSTILE]).ok();
    let page = browser.get("/if/admin/policies/").expect(200);
    assert!(!page.body.contains("<script>alert"), "{page:?}");
    let at =
        page.body.split("href=\"/if/admin/policies/").filter_map(|s| s.split('/').next()?.parse::<u32>().ok()).next();
    let at = format!("/if/admin/policies/{}/", at.unwrap());
    for path in [at.clone(), format!("{at}delete/")] {
        let page = browser.get(&path).expect(200);
        assert!(!page.body.contains("<script>alert") && page.body.contains("&#60;script&#62;"), "{path}");
    }
    let page = browser.get(&at);
    let form = HtmlForm::find(&page, &at);
    assert_eq!((form.value("name"), form.value("expression")), (HOSTILE, expression.as_str()));
    let tried =
        form.with("expression", "'<script>alert(1)</script>' + 1 == 2").with("user", "alice").with("act", "try");
    let page = tried.send(&mut browser).expect(200);
    assert!(page.body.contains("cannot be worked out") && !page.body.contains("<script>alert"), "{page:?}");
}

#[test]
fn the_pages_speak_german() {
    let (_server, browser) = house();
    let mut browser = browser;
    let cookies = browser.cookie("latchkey").unwrap().to_owned();
    let headers = [("Cookie", format!("latchkey={cookies}")), ("Accept-Language", "de".into())];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    for (path, words) in [
        ("/if/admin/policies/", "Noch keine Richtlinien"),
        ("/if/admin/policies/new/", "Nicht in der Nacht"),
        ("/if/admin/scope-mappings/", "Noch keine Scope-Zuordnungen"),
        ("/if/admin/scope-mappings/new/", "Was ein Ausdruck benutzen kann"),
    ] {
        let page = browser.http.get_with(path, &headers).expect(200);
        assert!(page.body.contains(words), "{path}: {page:?}");
    }
    browser.get("/logout/");
}

#[test]
fn an_application_asks_for_a_second_factor_and_says_so() {
    let server = server();
    let app = app(&server);
    server.cli(&["policy", "create", "two factors", "--require", "second-factor"]).ok();
    server.cli(&["policy", "create", "passkeys", "--require", "passkey"]).ok();
    server.cli(&["policy", "create", "x", "--require", "expression"]).refused(2);
    server.cli(&["policy", "create", "x", "--require", "passkey", "--expression", "true"]).refused(2);
    assert!(server.cli(&["policy", "show", "two factors"]).ok().contains("'mfa' in request.amr"));
    bind(&server, &["--policy", "two factors"]);
    let mut alice = signed_in(&server, HOME);
    assert!(!gets_in(&mut alice, &app));
    let denied = alice.open(&app.authorize_url(&[]));
    assert!(denied.body.contains("second factor") && denied.body.contains("href=\"/if/user/mfa/\""), "{denied:?}");
    let (authenticator, _) = Authenticator::added(&mut alice);
    assert!(gets_in(&mut alice, &app), "who just added one has proven it");
    let mut again = Browser::new(&server);
    let page = again.open("/login/");
    let answer = again.submit(&page, &[("username", "alice"), ("password", crate::support::PASSWORD)]);
    let page = again.follow(answer);
    again.submit(&page, &[("code", &authenticator.code(0))]).expect(200);
    assert!(gets_in(&mut again, &app));
    // A passkey is more than a code.
    server.cli(&["app", "bind", "wiki", "--policy", "passkeys"]).ok();
    server.cli(&["app", "set", "wiki", "--policy-engine-mode", "all"]).ok();
    assert!(!gets_in(&mut again, &app));
    let denied = again.open(&app.authorize_url(&[]));
    assert!(denied.body.contains("with a passkey"), "{denied:?}");
}

#[test]
fn a_policy_of_a_kind_is_made_on_the_page_and_changes_its_kind() {
    let server = server();
    server.user("keeper", &["--admin"]);
    let mut keeper = Browser::signed_in(&server, "keeper");
    let at = "/if/admin/policies/new/";
    let form = HtmlForm::find(&keeper.get(at).expect(200), at).with("act", "save").with("name", "Strong");
    form.clone().send(&mut keeper).expect(422);
    form.with("kind", "second-factor").send(&mut keeper).expect(303);
    let made = server.cli(&["policy", "list", "--json"]).ok();
    assert!(made.contains("\"kind\": \"second-factor\"") && made.contains("'mfa' in request.amr"), "{made}");
    server.cli(&["policy", "set", "Strong", "--expression", "true"]).ok();
    let made = server.cli(&["policy", "list", "--json"]).ok();
    assert!(made.contains("\"kind\": \"expression\""), "{made}");
}
