//! Users, groups, applications and bindings as the command line keeps them: one namespace, no way to lose the last
//! administrator, and access that closes rather than opens.

use serde_json::Value;

use crate::support::{Browser, PASSWORD, Server, Tokens};

fn json(server: &Server, arguments: &[&str]) -> Value {
    serde_json::from_str(&server.cli(arguments).ok()).expect("JSON")
}

#[test]
fn usernames_and_addresses_share_one_namespace_and_are_never_given_twice() {
    let server = Server::start();
    server.user("alice", &["--email", "alice@example.com"]);
    server.user("ada", &["--admin"]);
    let taken: [&[&str]; 8] = [
        &["alice"],
        &["ALICE"],
        &["ａｌｉｃｅ"],
        &["alice@example.com"],
        &["Alice@Example.COM"],
        &["carol", "--email", "ALICE@example.com"],
        &["carol", "--email", "alice@example.com", "--admin"],
        &["carol", "--email", "ａlice@example.com"],
    ];
    let is_refused = |options: &[&str]| {
        let words = server.cli(&[&["user", "create"], options].concat()).refused(1);
        assert!(words.contains("taken") || words.contains("deleted"), "{options:?}: {words}");
        assert_eq!(server.cli(&["user", "show", "carol"]).code, 1, "{options:?}");
    };
    taken.iter().for_each(|t| is_refused(t));
    server.cli(&["user", "set", "ada", "--username", "ALICE"]).refused(1);
    server.cli(&["user", "set", "ada", "--email", "alice@example.com"]).refused(1);
    // A user may carry the own address as name, and change the case of it.
    server.cli(&["user", "set", "alice", "--username", "Alice"]).ok();
    assert_eq!(json(&server, &["user", "show", "alice", "--json"])["username"], "Alice");
    // A name once used stays the user's, who may have it back.
    server.cli(&["user", "set", "alice", "--username", "alicia", "--email", "new@example.com"]).ok();
    taken.iter().for_each(|t| is_refused(t));
    server.cli(&["user", "set", "alicia", "--username", "alice"]).ok();
    // After the deletion they stay reserved, for administrators too.
    server.cli(&["user", "delete", "alice"]).ok();
    taken.iter().for_each(|t| is_refused(t));
    is_refused(&["alicia"]);
    is_refused(&["New@Example.com"]);
    server.cli(&["user", "create", "alice2"]).ok();
}

#[test]
fn the_last_administrator_stays() {
    let server = Server::start();
    server.user("ada", &["--admin"]);
    server.user("bob", &[]);
    let removals: [&[&str]; 3] =
        [&["user", "delete", "ada"], &["user", "disable", "ada"], &["user", "set", "ada", "--no-admin"]];
    for removal in removals {
        let words = server.cli(removal).refused(1);
        assert!(words.contains("no active administrator") && words.contains("another one first"), "{words}");
    }
    assert_eq!(Browser::signed_in(&server, "ada").open("/").status, 200, "nothing was half done");
    // The right can come from a group; then the group, its membership and the user in it count.
    server.cli(&["group", "create", "admins", "--admin"]).ok();
    server.cli(&["group", "add", "admins", "bob"]).ok();
    server.cli(&["user", "set", "ada", "--no-admin"]).ok();
    for removal in
        [&["group", "delete", "admins"][..], &["group", "remove", "admins", "bob"], &["user", "disable", "bob"]]
    {
        server.cli(removal).refused(1);
    }
    assert_eq!(json(&server, &["user", "show", "bob", "--json"])["administrator"], true);
    // A child group's member is no administrator: that right is direct only.
    server.cli(&["group", "create", "juniors", "--parent", "admins"]).ok();
    server.user("eve", &["--group", "juniors"]);
    assert_eq!(json(&server, &["user", "show", "eve", "--json"])["administrator"], false);
    server.cli(&["user", "delete", "bob"]).refused(1);
    server.user("carol", &["--admin"]);
    server.cli(&["user", "delete", "bob"]).ok();
}

#[test]
fn a_users_properties_reach_the_applications_and_a_changed_address_is_not_verified() {
    let server = Server::start();
    server.alice();
    let app = server
        .app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", "openid email profile groups"]);
    server.cli(&["group", "create", "staff"]).ok();
    server.cli(&["group", "create", "night", "--parent", "staff"]).ok();
    let set =
        ["user", "set", "alice", "--name", "Alice M. Liddell", "--given-name", "Alice", "--family-name", "Liddell"];
    server.cli(&[&set[..], &["--group", "night"]].concat()).ok();
    let mut browser = Browser::signed_in(&server, "alice");
    let userinfo = |browser: &mut Browser| {
        let tokens = app.tokens(browser, "openid email profile groups");
        app.userinfo(&browser.http, &tokens.access).json()
    };
    let claims = userinfo(&mut browser);
    assert_eq!((&claims["name"], &claims["given_name"]), (&"Alice M. Liddell".into(), &"Alice".into()));
    assert_eq!((&claims["email"], &claims["email_verified"]), (&"alice@example.com".into(), &true.into()));
    assert_eq!(claims["groups"], serde_json::json!(["night", "staff"]));
    server.cli(&["user", "set", "alice", "--email", "other@example.com"]).ok();
    assert_eq!(userinfo(&mut browser)["email_verified"], false);
    assert_eq!(json(&server, &["user", "show", "alice", "--json"])["email_verified"], false);
    server.cli(&["user", "set", "alice", "--email-verified"]).ok();
    assert_eq!(userinfo(&mut browser)["email_verified"], true);
}

#[test]
fn setting_a_password_ends_what_the_old_one_opened() {
    let server = Server::start();
    server.alice();
    let app =
        server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", "openid offline_access"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, "openid offline_access");
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], "another password").ok();
    assert_eq!(browser.get("/").status, 303);
    assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 401);
    assert_eq!(app.refresh(&browser.http, &tokens.refresh.expect("one"), &[]).error(400), "invalid_grant");
    let page = browser.open("/login/");
    assert_eq!(browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).status, 403);
    let page = browser.open("/login/");
    assert_eq!(browser.submit(&page, &[("username", "alice"), ("password", "another password")]).status, 200);
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], "short").refused(2);
}

#[test]
fn bindings_close_and_open_as_the_guides_say() {
    let server = Server::start();
    server.alice();
    for name in ["bob", "carol"] {
        server.user(name, &[]);
    }
    for (group, parent) in [("staff", None), ("night", Some("staff")), ("paying", None)] {
        let parent = parent.map_or(vec![], |p| vec!["--parent", p]);
        server.cli(&[&["group", "create", group], &parent[..]].concat()).ok();
    }
    server.cli(&["group", "add", "night", "alice"]).ok();
    server.cli(&["group", "add", "paying", "bob"]).ok();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let mut browsers = ["alice", "bob", "carol"].map(|u| (u, Browser::signed_in(&server, u)));
    // The command and the authorization endpoint give one answer.
    let mut who = || {
        let mut allowed = Vec::new();
        for (user, browser) in &mut browsers {
            let checked = server.cli(&["app", "check-access", "wiki", user]);
            let answer = browser.open(&app.authorize_url(&[]));
            assert_eq!(checked.code == 0, answer.header("Location").is_some(), "{checked:?} {answer:?}");
            assert!(checked.code == 0 || checked.code == 1 && checked.stderr.contains("may not open"), "{checked:?}");
            if checked.code == 0 {
                allowed.push(*user);
            }
        }
        allowed
    };
    let bind = |options: &[&str]| server.cli(&[&["app", "bind", "wiki"], options].concat());
    assert_eq!(who(), ["alice", "bob", "carol"], "open to everybody at first");
    let first = bind(&["--group", "staff"]);
    assert!(first.stderr.contains("no longer"), "the door closes with words: {first:?}");
    assert_eq!(who(), ["alice"], "a member of the child is a member of the parent");
    let why = server.cli(&["app", "check-access", "wiki", "alice"]).ok();
    assert!(why.contains("binding 1: group staff") && why.contains("binding 1 matches"), "{why}");
    bind(&["--user", "bob"]).ok();
    assert_eq!(who(), ["alice", "bob"], "any: one is enough");
    server.cli(&["app", "set", "wiki", "--policy-engine-mode", "all"]).ok();
    assert!(who().is_empty(), "all: nobody is in both");
    server.cli(&["app", "unbind", "wiki", "--user", "bob"]).ok();
    bind(&["--group", "paying", "--negate", "--order", "5"]).ok();
    assert_eq!(who(), ["alice"]);
    server.cli(&["group", "add", "paying", "alice"]).ok();
    assert!(who().is_empty(), "negated");
    server.cli(&["group", "remove", "paying", "alice"]).ok();
    // Deleted, a group keeps whom it let in and whom it kept out alike: out.
    server.cli(&["group", "delete", "paying"]).ok();
    assert!(who().is_empty(), "a deleted group never matches, negated or not");
    let why = server.cli(&["app", "check-access", "wiki", "alice"]).refused(1);
    assert!(why.contains("deleted"), "{why}");
    // The name may be given anew; the binding stays with what was deleted.
    server.cli(&["group", "create", "paying"]).ok();
    assert!(who().is_empty());
    server.cli(&["app", "unbind", "wiki", "--group", "paying"]).ok();
    assert_eq!(who(), ["alice"]);
    let last = server.cli(&["app", "unbind", "wiki", "--group", "staff"]);
    assert!(last.stderr.contains("closed now") && last.stderr.contains("--everybody on"), "{last:?}");
    assert!(who().is_empty(), "the last binding gone, nobody is let in");
    server.cli(&["app", "unbind", "wiki", "--group", "staff"]).refused(1);
    server.cli(&["app", "set", "wiki", "--everybody", "on"]).ok();
    assert_eq!(who(), ["alice", "bob", "carol"]);
    server.cli(&["user", "disable", "carol"]).ok();
    assert!(server.cli(&["app", "check-access", "wiki", "carol"]).refused(1).contains("disabled"));
}

#[test]
fn groups_cannot_turn_in_a_circle() {
    let server = Server::start();
    server.cli(&["group", "create", "self", "--parent", "self"]).refused(1);
    server.cli(&["group", "create", "a"]).ok();
    server.cli(&["group", "create", "b", "--parent", "a"]).ok();
    server.cli(&["group", "create", "c", "--parent", "B"]).ok();
    // A name that is there is taken, in any case: no group gets a new parent by being made again.
    for name in ["a", "A", "ａ"] {
        server.cli(&["group", "create", name, "--parent", "c"]).refused(1);
    }
    // The middle one gone, its child stands alone and belongs to nobody else.
    server.cli(&["group", "delete", "b"]).ok();
    server.cli(&["group", "create", "b", "--parent", "c"]).ok();
    let groups = json(&server, &["group", "list", "--json"]);
    let parent =
        |name: &str| groups.as_array().expect("all").iter().find(|g| g["name"] == name).expect(name)["parent"].clone();
    assert_eq!((parent("a"), parent("c"), parent("b")), (Value::Null, Value::Null, "c".into()));
}

#[test]
fn redirect_uris_are_added_and_taken_away_one_by_one() {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://one.example/"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let mut works = |uri: &str| browser.open(&app.authorize_url(&[("redirect_uri", uri)])).status != 400;
    assert!(works("https://one.example/") && !works("https://two.example/"));
    let printed = server.cli(&["app", "set", "wiki", "--redirect-uri", "https://two.example/"]).ok();
    assert!(printed.contains("https://one.example/") && printed.contains("https://two.example/"), "{printed}");
    assert!(works("https://one.example/") && works("https://two.example/"));
    server.cli(&["app", "set", "wiki", "--remove-uri", "https://one.example"]).refused(2);
    server.cli(&["app", "set", "wiki", "--remove-uri", "https://one.example/"]).ok();
    assert!(!works("https://one.example/") && works("https://two.example/"));
    server.cli(&["app", "set", "wiki", "--redirect-uri", "javascript:alert(1)"]).refused(2);
    let shown = json(&server, &["app", "show", "wiki", "--json"]);
    assert_eq!(shown["redirect_uris"], serde_json::json!(["https://two.example/"]));
}

#[test]
fn secrets_are_shown_on_demand_and_that_is_written_down() {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    assert!(app.secret.len() >= 64 && app.secret.bytes().all(|b| b.is_ascii_alphanumeric()), "{}", app.secret);
    assert!(app.id.len() == 40 && app.id.bytes().all(|b| b.is_ascii_alphanumeric()), "{}", app.id);
    let viewed = || server.events().iter().filter(|e| e["kind"] == "client_secret_viewed").count();
    for hidden in [&["app", "show", "wiki"][..], &["app", "show", "wiki", "--json"], &["app", "list", "--json"]] {
        assert!(!server.cli(hidden).ok().contains(&app.secret), "{hidden:?}");
    }
    assert_eq!(viewed(), 0);
    assert!(server.cli(&["app", "show", "wiki", "--reveal"]).ok().contains(&app.secret));
    assert_eq!(json(&server, &["app", "show", "wiki", "--reveal", "--json"])["client_secret"], app.secret.as_str());
    assert_eq!(viewed(), 2);

    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, "openid");
    let new = json(&server, &["app", "new-secret", "wiki", "--json"]);
    let secret = new["client_secret"].as_str().expect("a secret");
    assert_ne!(secret, app.secret);
    let code = app.code(&mut browser, &[]);
    assert_eq!(app.redeem(&browser.http, &code, &[]).error(401), "invalid_client");
    Tokens::of(&app.redeem(&browser.http, &code, &[("client_secret", secret)]));
    assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 401, "what the old secret fetched has ended");
    for event in server.events() {
        assert!(!event.to_string().contains(&app.secret) && !event.to_string().contains(secret), "{event}");
    }

    // A secret of one's own, read from standard input; too short a one is refused.
    let create = [
        "app",
        "create",
        "Old",
        "--redirect-uri",
        "https://old.example/",
        "--client-id",
        "old-id",
        "--client-secret-stdin",
        "--json",
    ];
    let own: Value =
        serde_json::from_str(&server.cli_with_input(&create, "a-secret-that-was-there-before").ok()).expect("JSON");
    assert_eq!(
        (&own["client_id"], &own["client_secret"]),
        (&"old-id".into(), &"a-secret-that-was-there-before".into())
    );
    server.cli_with_input(&["app", "set", "old", "--client-secret-stdin"], "short").refused(2);
    server.cli(&["app", "create", "Other", "--redirect-uri", "https://o.example/", "--client-id", "old-id"]).refused(1);
}

#[test]
fn an_application_ends_with_its_provider_or_gets_another() {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, "openid");
    server.cli(&["app", "create", "Wiki", "--redirect-uri", "https://wiki.example/"]).refused(1);
    server.cli(&["provider", "delete", "Wiki"]).ok();
    assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 401);
    assert_eq!(browser.open(&app.authorize_url(&[])).status, 400);
    assert!(server.cli(&["app", "show", "wiki"]).refused(1).contains("latchkey provider connect"));
    server
        .cli(&[
            "provider",
            "create",
            "Second",
            "--redirect-uri",
            "https://wiki.example/callback",
            "--client-id",
            &app.id,
        ])
        .ok();
    assert_eq!(browser.open(&app.authorize_url(&[])).status, 400, "not connected, it answers nobody");
    server.cli(&["provider", "connect", "Second", "wiki"]).ok();
    assert!(browser.open(&app.authorize_url(&[])).location().contains("code="));
    server.cli(&["provider", "connect", "Second", "wiki"]).refused(1);
    server.cli(&["app", "delete", "wiki"]).ok();
    assert_eq!(browser.open(&app.authorize_url(&[])).status, 400);
    assert_eq!(server.http().get("/application/o/wiki/jwks/").status, 404);
}

#[test]
fn deleting_a_group_between_its_members_and_a_negated_binding_is_refused() {
    let server = Server::start();
    server.user("bob", &[]);
    server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    for arguments in [
        &["group", "create", "banned"][..],
        &["group", "create", "kids", "--parent", "banned"],
        &["group", "create", "chess"],
        &["group", "add", "kids", "bob"],
        &["app", "bind", "wiki", "--group", "banned", "--negate"],
    ] {
        server.cli(arguments).ok();
    }
    assert!(server.cli(&["group", "delete", "kids"]).refused(1).contains("negated"));
    server.cli(&["app", "check-access", "wiki", "bob"]).refused(1);
    server.cli(&["group", "delete", "chess"]).ok();
    // The bound group itself may go: its binding then never matches, and nobody gets in by it.
    server.cli(&["group", "delete", "banned"]).ok();
    server.cli(&["app", "check-access", "wiki", "bob"]).refused(1);
}

#[test]
fn a_group_is_bound_once() {
    let server = Server::start();
    server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["app", "bind", "wiki", "--group", "family"]).ok();
    assert!(server.cli(&["app", "bind", "wiki", "--group", "family"]).refused(1).contains("already"));
    server.cli(&["app", "unbind", "wiki", "--group", "family"]).ok();
    server.cli(&["app", "bind", "wiki", "--group", "family"]).ok();
}
