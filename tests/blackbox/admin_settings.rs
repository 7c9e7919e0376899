//! System > Settings: what is changed there, or by `latchkey settings`, is seen at work at once; what the server was
//! started with goes before it.

use serde_json::Value;

use crate::support::browser::form_token;
use crate::support::chromium::Page;
use crate::support::disk::{execute, number, restarted};
use crate::support::inspect::inspect;
use crate::support::server::{Folder, command, free_port};
use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

const PATH: &str = "/if/admin/settings/";
const HOSTILE: &str = "</title><script>alert(1)</script>\"'";

fn house_with(options: &[&str]) -> (Server, Browser) {
    let server = Server::start_with(options);
    server.user("keeper", &["--admin"]);
    server.alice();
    let browser = Browser::signed_in(&server, "keeper");
    (server, browser)
}

fn house() -> (Server, Browser) {
    house_with(&[])
}

/// Types into the page and saves it.
fn save(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(PATH).expect(200);
    let typed = fields.iter().fold(HtmlForm::find(&page, PATH), |form, (name, value)| form.with(name, value));
    typed.send(browser)
}

fn value(browser: &mut Browser, field: &str) -> String {
    let page = browser.get(PATH).expect(200);
    HtmlForm::find(&page, PATH).value(field).to_owned()
}

fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/if/user/").status == 200
}

/// The details of the newest change.
fn last_change(server: &Server) -> Value {
    let events = server.events();
    let last = events.iter().rfind(|e| e["kind"] == "settings_changed");
    last.expect("an event").get("details").cloned().expect("details")
}

fn changes(server: &Server) -> usize {
    server.events().iter().filter(|e| e["kind"] == "settings_changed").count()
}

fn wrong(answer: &Answer, field: &str) -> String {
    let after = answer.body.split(&format!("id=\"{field}-wrong\">")).nth(1);
    let words = after.and_then(|t| t.split('<').next()).unwrap_or_else(|| panic!("no problem at {field}: {answer:?}"));
    words.to_owned()
}

#[test]
fn sessions_end_after_the_time_that_the_page_says() {
    let (server, mut browser) = house();
    let mut alice = Browser::signed_in(&server, "alice");
    let moved = |sql: &str| execute(&server.data(), sql);
    let hour_ago = "UPDATE sessions SET last_seen_at = last_seen_at - 3600 WHERE user_id = 2";
    moved(hour_ago);
    assert!(is_signed_in(&mut alice), "12 hours is the default");
    moved(hour_ago);
    save(&mut browser, &[("session_idle", "60m")]).expect(303);
    assert_eq!(value(&mut browser, "session_idle"), "1h");
    assert!(!is_signed_in(&mut alice), "what is shorter holds at once");
    let details = last_change(&server);
    assert_eq!((&details["session-idle"], &details["session-idle-before"]), (&"1h".into(), &"12h".into()));
    assert_eq!(details["by"], "keeper");
    save(&mut browser, &[("session_idle", "12h")]).expect(303);
    assert!(!is_signed_in(&mut alice), "what is over stays so");

    let mut alice = Browser::signed_in(&server, "alice");
    save(&mut browser, &[("session_idle", "1h"), ("session_maximum", "90m")]).expect(303);
    moved("UPDATE sessions SET created_at = created_at - 5370 WHERE user_id = 2");
    assert!(is_signed_in(&mut alice), "89 minutes and a half are no 90");
    moved("UPDATE sessions SET created_at = created_at - 30 WHERE user_id = 2");
    assert!(!is_signed_in(&mut alice));
    // The cookie, and the list of sessions, go by it too.
    let mut fresh = Browser::new(&server);
    let page = fresh.open("/login/");
    let answer = fresh.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
    assert!(answer.all("Set-Cookie").iter().any(|c| c.starts_with("latchkey=") && c.contains("Max-Age=5400")));
    Browser::signed_in(&server, "alice");
    moved(
        "UPDATE sessions SET last_seen_at = last_seen_at - 3601 WHERE hash = (SELECT hash FROM sessions WHERE user_id = 2 ORDER BY created_at DESC LIMIT 1)",
    );
    let page = browser.get("/if/admin/users/2/").expect(200);
    assert_eq!(page.body.matches("name=\"sid\"").count(), 1, "{page:?}");
}

#[test]
fn the_session_of_who_saves_goes_on_with_the_shortest_times() {
    let (server, mut browser) = house();
    // The note of the last use may be so old in a session that is used.
    execute(&server.data(), "UPDATE sessions SET last_seen_at = last_seen_at - 299");
    save(&mut browser, &[("session_idle", "10m"), ("session_maximum", "10m")]).expect(303);
    assert!(is_signed_in(&mut browser));
}

/// Tries a password at each place that sets one, and says where it was taken.
fn taken_at(server: &Server, browser: &mut Browser, password: &str) -> Vec<&'static str> {
    let twice = [("password", password), ("password_again", password)];
    let mut taken = Vec::new();
    let mut note = |place, status| match status {
        200 | 303 => taken.push(place),
        422 => {}
        _ => panic!("{place}: {status}"),
    };
    let page = browser.get("/if/admin/users/2/").expect(200);
    let typed = twice.iter().fold(HtmlForm::find(&page, "/if/admin/users/2/password/"), |f, (n, v)| f.with(n, v));
    note("page of a user", typed.send(browser).status);
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], PASSWORD).ok();

    let name = format!("new{}", password.len());
    let page = browser.get("/if/admin/users/new/").expect(200);
    let new = HtmlForm::find(&page, "/if/admin/users/new/").with("username", &name);
    note("new user", twice.iter().fold(new, |f, (n, v)| f.with(n, v)).send(browser).status);

    let mut alice = Browser::signed_in(server, "alice");
    let page = alice.get("/if/user/password/").expect(200);
    let own = HtmlForm::find(&page, "/if/user/password/").with("present", PASSWORD);
    note("own password", twice.iter().fold(own, |f, (n, v)| f.with(n, v)).send(&mut alice).status);

    let link = server.cli(&["user", "recovery-link", "alice"]).ok();
    let page = alice.open(link.trim().strip_prefix(&server.base).expect("a link of ours"));
    note("recovery", alice.post("/recovery/", &[("form_token", &form_token(&page)), twice[0], twice[1]]).status);

    for (place, arguments) in [
        ("set-password", &["user", "set-password", "alice", "--password-stdin"][..]),
        ("user set", &["user", "set", "alice", "--password-stdin"]),
        ("user create", &["user", "create", &format!("cli{}", password.len()), "--password-stdin"]),
    ] {
        let done = server.cli_with_input(arguments, password);
        assert!([0, 2].contains(&done.code), "{done:?}");
        note(place, if done.code == 0 { 200 } else { 422 });
    }
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], PASSWORD).ok();
    taken
}

const PLACES: [&str; 7] =
    ["page of a user", "new user", "own password", "recovery", "set-password", "user set", "user create"];

#[test]
fn the_shortest_password_is_the_same_at_every_place_that_sets_one() {
    let (server, mut browser) = house();
    assert_eq!(taken_at(&server, &mut browser, "seven77"), [""; 0]);
    assert_eq!(taken_at(&server, &mut browser, "x7!kQ2pz"), PLACES);
    save(&mut browser, &[("password_minimum", "15")]).expect(303);
    assert_eq!(taken_at(&server, &mut browser, "fourteen444444"), [""; 0]);
    assert_eq!(taken_at(&server, &mut browser, "fifteen chars ü"), PLACES);
    let page = Browser::signed_in(&server, "alice").get("/if/user/password/").expect(200);
    assert!(page.body.contains("At least 15 characters"), "{page:?}");
    let words = server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], "short").refused(2);
    assert!(words.contains("at least 15"), "{words}");
    // Who has a shorter one still signs in.
    server.cli(&["settings", "set", "password-minimum", "64"]).ok();
    assert!(is_signed_in(&mut Browser::signed_in(&server, "alice")));
}

#[test]
fn a_password_that_is_guessed_early_is_taken_nowhere_and_it_is_said_why() {
    let (server, mut browser) = house();
    for bad in ["password", "qwertyuiop", "zzzzzzzzzzzz", "Alice1990"] {
        assert_eq!(taken_at(&server, &mut browser, bad), [""; 0], "{bad}");
    }
    assert_eq!(taken_at(&server, &mut browser, "a walrus and a carpenter"), PLACES);
    let page = browser.get("/if/admin/users/2/").expect(200);
    let form = HtmlForm::find(&page, "/if/admin/users/2/password/").with("password_again", "password");
    let answer = form.with("password", "password").send(&mut browser).expect(422);
    let told = wrong(&answer, "password");
    assert!(told.contains("people use most") && told.contains("strength 0 of 4") && told.contains("words"), "{told}");
    let told = server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], "alice1990").refused(2);
    assert!(told.contains("own name") && told.contains("of 4"), "{told}");
}

#[test]
fn setup_asks_for_the_same_password() {
    let server = Server::start_with(&["--password-minimum", "20"]);
    let link = server.cli(&["setup-link"]).ok();
    let mut browser = Browser::new(&server);
    let page = browser.open(link.trim().strip_prefix(&server.base).expect("a link of ours"));
    assert!(page.body.contains("minlength=\"20\"") && page.body.contains("At least 20 characters"), "{page:?}");
    let mut send = |username, password: &str| {
        let fields = [("username", username), ("name", ""), ("email", "my-own-address@home.example")];
        browser.submit(&page, &[&fields[..], &[("password", password), ("password_again", password)]].concat())
    };
    assert!(wrong(&send("keeper", "nineteen19191919191"), "password").contains("at least 20"));
    for own in ["the-keeper-of-this-house", "My-Own-Address@home.example"] {
        assert!(wrong(&send("The-Keeper-Of-This-House", own), "password").contains("user name or e-mail address"));
    }
    assert!(wrong(&send("keeper", "aaaaaaaaaaaaaaaaaaaaaaaaaa"), "password").contains("of 4"));
    send("keeper", "a few words in a row, well chosen").expect(200);
}

#[test]
fn nobodys_password_is_their_own_name() {
    let (server, mut browser) = house();
    server.cli(&["user", "set", "alice", "--username", "alice-liddell"]).ok();
    let page = browser.get("/if/admin/users/2/").expect(200);
    let form = HtmlForm::find(&page, "/if/admin/users/2/password/");
    for bad in ["alice-liddell", "Alice-Liddell", "ALICE@example.com"] {
        let answer = form.clone().with("password", bad).with("password_again", bad).send(&mut browser).expect(422);
        assert!(wrong(&answer, "password").contains("user name or e-mail address"), "{answer:?}");
        assert!(!answer.body.contains(&format!("value=\"{bad}\" maxlength")) || bad == "alice-liddell");
        server.cli_with_input(&["user", "set-password", "alice-liddell", "--password-stdin"], bad).refused(2);
    }
    let good = "liddell and a rabbit";
    form.with("password", good).with("password_again", good).send(&mut browser).expect(303);
    let arguments = ["user", "create", "robert.tables", "--email", "x@home.example", "--password-stdin"];
    for bad in ["robert.tables", "x@home.example"] {
        assert!(server.cli_with_input(&arguments, bad).refused(2).contains("user name or e-mail"));
    }
    server.cli_with_input(&arguments, PASSWORD).ok();
}

#[test]
fn the_brand_is_on_every_page_and_its_colour_can_be_read() {
    let (server, mut browser) = house();
    save(&mut browser, &[("brand_name", " Villa Kunterbunt "), ("brand_accent", "#FFFF00")]).expect(303);
    assert_eq!(value(&mut browser, "brand_accent"), "#ffff00");
    let mut stranger = Browser::new(&server);
    for page in [stranger.get("/login/"), browser.get("/"), browser.get(PATH), browser.get("/if/user/")] {
        let page = page.expect(200).body;
        assert!(page.contains(" - Villa Kunterbunt</title>") && page.contains("<bdi>Villa Kunterbunt</bdi>"), "{page}");
        let sheet = page.split("href=\"/brand/").nth(1).and_then(|t| t.split('"').next()).expect("the sheet");
        let css = stranger.get(&format!("/brand/{sheet}")).expect(200).body;
        // Yellow on white is no colour for text: made darker there, and left as it is on dark ground.
        assert!(!css.contains("--key: #ffff00") && css.contains(", #ffff00)"), "{css}");
    }
    assert!(stranger.get("/no/such/page").body.contains("Villa Kunterbunt"));
    let details = last_change(&server);
    assert_eq!(
        (&details["brand-name"], &details["brand-name-before"]),
        (&"Villa Kunterbunt".into(), &"Latchkey".into())
    );
    assert_eq!((&details["brand-accent"], &details["brand-accent-before"]), (&"#ffff00".into(), &"none".into()));
    // No colour is none, not black.
    save(&mut browser, &[("brand_accent", ""), ("brand_name", "")]).expect(303);
    let page = stranger.get("/login/").expect(200).body;
    assert!(!page.contains("/brand/") && page.contains(" - Latchkey</title>"), "{page}");
    assert_eq!(value(&mut browser, "brand_accent"), "");
}

#[test]
fn what_is_typed_as_a_name_is_shown_inert_everywhere() {
    let (server, mut browser) = house();
    save(&mut browser, &[("brand_name", HOSTILE)]).expect(303);
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let id = number(&server.data(), "SELECT max(id) FROM events WHERE kind = 'settings_changed'");
    let mut stranger = Browser::new(&server);
    let mut seen = vec![stranger.get("/login/"), stranger.open(&app.authorize_url(&[])), stranger.get("/recovery/")];
    for path in
        [PATH, "/", "/if/admin/", "/if/admin/events/", &format!("/if/admin/events/{id}/"), "/if/user/", "/logout/"]
    {
        seen.push(browser.get(path).expect(200));
    }
    seen.push(browser.get("/nothing"));
    seen.push(browser.get("/if/admin/settings/logo/"));
    for page in seen {
        let head = page.body.split("</head>").next().unwrap_or_default();
        assert!(!page.body.contains("<script>alert") && head.matches("</title>").count() == 1, "{page:?}");
        assert!(page.body.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "{page:?}");
    }
    assert_eq!(value(&mut browser, "brand_name"), HOSTILE);
}

#[test]
fn outbound_networks_are_written_one_way_by_page_and_command() {
    let (server, mut browser) = house();
    assert_eq!(value(&mut browser, "outbound_networks"), "", "none is the default");
    save(&mut browser, &[("outbound_networks", "192.168.1.7/24,fd00::1")]).expect(303);
    assert_eq!(value(&mut browser, "outbound_networks"), "192.168.1.0/24, fd00::1");
    let details = last_change(&server);
    assert_eq!(details["outbound-networks"], "192.168.1.0/24, fd00::1");
    assert_eq!(details["outbound-networks-before"], "none");
    server.cli(&["settings", "set", "outbound-networks", "10.0.0.0/7"]).refused(2);
    server.cli(&["settings", "set", "outbound-networks", "10.0.0.0/8"]).ok();
    assert_eq!(value(&mut browser, "outbound_networks"), "10.0.0.0/8");
    server.cli(&["settings", "unset", "outbound-networks"]).ok();
    assert_eq!(value(&mut browser, "outbound_networks"), "");
}

#[test]
fn bad_input_is_explained_at_its_field_and_nothing_is_lost() {
    let (server, mut browser) = house();
    let page = browser.get(PATH).expect(200);
    let typed = HtmlForm::find(&page, PATH)
        .with("brand_name", "Home")
        .with("brand_accent", "#123456")
        .with("session_idle", "1h")
        .with("session_maximum", "2d")
        .with("password_minimum", "12")
        .with("event_retention", "30");
    let long = "n".repeat(61);
    for (field, bad, at, words) in [
        ("brand_name", long.as_str(), "brand_name", "1 to 60 characters"),
        ("brand_name", "a\u{202e}b", "brand_name", "1 to 60 characters"),
        ("brand_accent", "red", "brand_accent", "such as #0f6b5c"),
        ("session_idle", "9m", "session_idle", "from 10 minutes"),
        ("session_idle", "soon", "session_idle", "from 10 minutes"),
        ("session_idle", "3d", "session_idle", "No session lasts longer than 2d"),
        ("session_maximum", "401d", "session_maximum", "to 400 days"),
        ("session_maximum", "50m", "session_idle", "No session lasts longer than 50m"),
        ("password_minimum", "7", "password_minimum", "from 8 to 64"),
        ("password_minimum", "65", "password_minimum", "from 8 to 64"),
        ("event_retention", "13", "event_retention", "from 14 to 3660"),
        ("event_retention", "a week", "event_retention", "from 14 to 3660"),
        ("outbound_networks", "192.168.1.0/24, nas", "outbound_networks", "nas is no network"),
        ("outbound_networks", "0.0.0.0/0", "outbound_networks", "wider than"),
    ] {
        let sent = typed.clone().with(field, bad);
        let answer = sent.send(&mut browser).expect(422);
        assert!(wrong(&answer, at).contains(words), "{field} = {bad}: {answer:?}");
        let shown = HtmlForm::find(&answer, PATH);
        for (name, value) in &sent.fields {
            assert_eq!(shown.value(name), value, "{field}: {name}");
        }
    }
    // All at once, each at its own.
    let answer = typed.clone().with("session_idle", "x").with("event_retention", "x").send(&mut browser).expect(422);
    assert!(!wrong(&answer, "session_idle").is_empty() && !wrong(&answer, "event_retention").is_empty());
    assert_eq!(changes(&server), 0);
    // The form that was refused is good when it is mended.
    let mended = HtmlForm::find(&answer, PATH).with("session_idle", "1h").with("event_retention", "30");
    mended.send(&mut browser).expect(303);
    assert_eq!(value(&mut browser, "session_maximum"), "2d");
    let words = save(&mut browser, &[("session_maximum", "30m")]).expect(422);
    assert!(wrong(&words, "session_maximum").contains("not used for 1h"), "{words:?}");
    assert_eq!(changes(&server), 1);
}

#[test]
fn a_setting_goes_back_to_its_default_and_the_rest_is_saved_with_it() {
    let (server, mut browser) = house();
    let page = browser.get(PATH).expect(200);
    assert!(!page.body.contains("name=\"reset\""), "there is nothing to reset: {page:?}");
    save(&mut browser, &[("session_idle", "1h"), ("password_minimum", "12")]).expect(303);
    let page = browser.get(PATH).expect(200);
    assert_eq!(page.body.matches("name=\"reset\"").count(), 2);
    let form = HtmlForm::find(&page, PATH).with("reset", "session_idle");
    let answer = form.clone().with("brand_name", "Home").with("event_retention", "x").send(&mut browser).expect(422);
    assert_eq!(HtmlForm::find(&answer, PATH).value("brand_name"), "Home");
    form.with("brand_name", "Home").send(&mut browser).expect(303);
    let mut now = |field| value(&mut browser, field);
    assert_eq!((now("session_idle").as_str(), now("password_minimum").as_str()), ("12h", "12"));
    assert_eq!(now("brand_name"), "Home");
    let stored = "SELECT count(*) FROM settings WHERE key = 'session.idle'";
    assert_eq!(number(&server.data(), stored), 0);
}

#[test]
fn saving_changes_only_what_was_typed_over_and_nothing_twice() {
    let (server, mut browser) = house();
    let old = browser.get(PATH).expect(200);
    server.cli(&["settings", "set", "session-maximum", "3d"]).ok();
    HtmlForm::find(&old, PATH).with("password_minimum", "10").send(&mut browser).expect(303);
    assert_eq!(value(&mut browser, "session_maximum"), "3d", "what another changed meanwhile stays");
    assert_eq!(changes(&server), 2);
    save(&mut browser, &[]).expect(303);
    assert_eq!(changes(&server), 2, "nothing changed, and nothing says so");
}

#[test]
fn what_the_server_was_started_with_goes_before_the_page() {
    let (server, mut browser) = house();
    save(&mut browser, &[("session_idle", "1h"), ("event_retention", "20")]).expect(303);
    let mut server = restarted(server, &["--session-idle", "2h", "--password-minimum", "10"]);
    let page = browser.get(PATH).expect(200);
    let form = HtmlForm::find(&page, PATH);
    assert_eq!((form.value("session_idle"), form.value("event_retention")), ("", "20"), "it is not sent: {page:?}");
    assert!(page.body.contains("id=\"session_idle\" readonly") && page.body.contains("value=\"2h\""), "{page:?}");
    assert!(page.body.contains("Set by the option --session-idle."), "{page:?}");
    execute(&server.data(), "UPDATE sessions SET last_seen_at = last_seen_at - 5400");
    assert!(is_signed_in(&mut browser), "two hours hold");
    // Sent all the same, it is refused at its field; the value it has is no change.
    for (sent, status) in [("3h", 422), ("2h", 303), ("", 303)] {
        let answer = form.clone().with("session_idle", sent).send(&mut browser).expect(status);
        assert!(status == 303 || wrong(&answer, "session_idle").contains("--session-idle"), "{answer:?}");
    }
    // Commands know of it too, by the server.
    let words = server.cli(&["settings", "set", "session-idle", "3h"]).refused(1);
    assert!(words.contains("session-idle:") && words.contains("option --session-idle"), "{words}");
    let list = server.cli(&["settings", "list"]).ok();
    assert!(list.contains("2h") && list.contains("option --session-idle, when `latchkey serve`"), "{list}");
    let words = server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], "ninenine9").refused(2);
    assert!(words.contains("at least 10"), "{words}");
    assert_eq!(server.stop(), Some(0));
    let server = restarted_from(server, &[]);
    server.cli(&["settings", "set", "session-idle", "3h"]).ok();
    assert_eq!(value(&mut browser, "session_idle"), "3h");
}

/// Starts a stopped server again.
fn restarted_from(server: Server, options: &[&str]) -> Server {
    let (folder, port, base) = (server.folder(), server.port, server.base.clone());
    drop(server);
    Server::start_at(folder, port, &base, options)
}

#[test]
fn the_environment_and_the_file_are_named_where_they_said_something() {
    let (folder, port) = (Folder::new(), free_port());
    let base = format!("http://localhost:{port}");
    let file = folder.data().parent().expect("a folder").join("latchkey.toml");
    std::fs::write(&file, "event-retention = 30\ntrusted-proxies = [\"10.0.0.0/8\", \"::1\"]\n").expect("written");
    let mut start = command();
    start.arg("--data-dir").arg(folder.data()).arg("serve").arg("--config").arg(&file);
    start.args(["--listen", &format!("127.0.0.1:{port}"), "--password-passes", "2"]);
    start.env("LATCHKEY_URL", &base).env("LATCHKEY_PASSWORD_MINIMUM", "9");
    start.env("LATCHKEY_PASSKEY_RP_ID", "home.localhost").args(["--related-origins", "https://auth.company.example"]);
    let server = Server::spawn(start, folder, port, &base);
    server.user("keeper", &["--admin"]);
    let mut browser = Browser::signed_in(&server, "keeper");
    let page = browser.get(PATH).expect(200);
    let set_in_file = format!("Set in the file {}.", file.display());
    assert_eq!(page.body.matches(&set_in_file).count(), 2, "{page:?}");
    for words in [
        "Set by the environment variable LATCHKEY_PASSWORD_MINIMUM.",
        "Set by the environment variable LATCHKEY_URL.",
        "Set by the option --listen.",
        "Set by the environment variable LATCHKEY_PASSKEY_RP_ID.",
        "<code>home.localhost</code>",
        "Set by the option --related-origins.",
        "<code>https://auth.company.example</code>",
        "Set by the option --data-dir.",
        "<code>10.0.0.0/8</code>, <code>::1/128</code>",
        &format!("<code>{base}</code>"),
        &format!("<code>127.0.0.1:{port}</code>"),
        &server.data().canonicalize().expect("the folder").display().to_string(),
    ] {
        assert!(page.body.contains(words), "{words}: {page:?}");
    }
    let (_server, mut browser) = house();
    let page = browser.get(PATH).expect(200);
    assert!(page.body.contains("Behind a reverse proxy everybody would seem to come from"), "{page:?}");
    let said = |page: &Answer, name: &str| {
        let start = page.body.split(&format!("<dd id=\"start-{name}\">")).nth(1).expect("a line");
        start.split("</dd>").next().unwrap_or_default().to_owned()
    };
    let rp_id = said(&page, "passkey-rp-id");
    assert!(rp_id.contains("<code>localhost</code>") && rp_id.contains("The default: nothing was said"), "{rp_id}");
    assert!(said(&page, "related-origins").starts_with("None."), "{page:?}");
    let port = free_port();
    let bare = Server::start_at(Folder::new(), port, &format!("http://127.0.0.1:{port}"), &[]);
    bare.user("keeper", &["--admin"]);
    let page = Browser::signed_in(&bare, "keeper").get(PATH).expect(200);
    assert!(said(&page, "passkey-rp-id").contains("under https and a host name only"), "{page:?}");
}

#[test]
fn old_events_go_when_they_are_kept_for_fewer_days() {
    let (server, mut browser) = house();
    execute(
        &server.data(),
        "UPDATE events SET at = at - 20 * 86400 WHERE kind = 'user_created' AND username = 'alice'",
    );
    let kept = "SELECT count(*) FROM events WHERE kind = 'user_created' AND username = 'alice'";
    save(&mut browser, &[("event_retention", "19")]).expect(303);
    let page = browser.get("/if/admin/events/").expect(200);
    assert!(page.body.contains("kept for 19 days"), "{page:?}");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(90);
    while number(&server.data(), kept) > 0 {
        assert!(std::time::Instant::now() < until, "the event is still there");
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    assert!(server.events().iter().any(|e| e["kind"] == "user_created" && e["username"] == "keeper"));
}

#[test]
fn the_command_lists_sets_and_unsets_in_the_running_server() {
    let (server, mut browser) = house();
    let list: Value = serde_json::from_str(&server.cli(&["settings", "list", "--json"]).ok()).expect("JSON");
    let names: Vec<&str> = list.as_array().expect("a list").iter().filter_map(|s| s["name"].as_str()).collect();
    let (of_page, of_mail) = names.split_at(9);
    assert_eq!(
        of_page,
        [
            "brand-name",
            "brand-accent",
            "session-idle",
            "session-maximum",
            "password-minimum",
            "administrator-second-factor",
            "remember-browser",
            "event-retention",
            "outbound-networks"
        ]
    );
    assert_eq!(of_mail, ["smtp-host", "smtp-port", "smtp-security", "smtp-username", "smtp-from"]);
    assert!(list.as_array().expect("a list").iter().all(|s| s["value"] == s["default"] && s["from"] == "default"));
    let said = server.cli(&["settings", "set", "brand.name", "Home & Garden"]).ok();
    assert_eq!(said, "brand-name is now Home & Garden.\n");
    assert!(browser.get("/").expect(200).body.contains("Home &#38; Garden"), "it holds at once");
    assert_eq!(last_change(&server)["by"], "command line");
    server.cli(&["settings", "set", "session_idle", "30m"]).ok();
    let table = server.cli(&["settings", "list"]).ok();
    assert!(table.lines().any(|l| l.starts_with("session-idle") && l.contains("30m") && l.contains("12h")), "{table}");
    assert_eq!(server.cli(&["settings", "unset", "session-idle"]).ok(), "session-idle is now 12h.\n");
    assert_eq!(server.cli(&["settings", "unset", "session-idle"]).ok(), "session-idle was already 12h.\n");
    assert_eq!(server.cli(&["settings", "set", "brand-accent", "none"]).ok(), "brand-accent was already none.\n");
    let before = changes(&server);
    for (arguments, code, words) in [
        (&["set", "brand-logo", "x"][..], 2, "there is no setting \"brand-logo\""),
        (&["unset", "nothing"], 2, "latchkey settings list"),
        (&["set", "session-idle"], 2, "VALUE"),
        (&["set", "session-idle", "soon"], 2, "session-idle: A session lasts from"),
        (&["set", "brand-accent", "red"], 2, "brand-accent: A colour"),
        (&["set", "brand-name", "a\u{7}b"], 2, "brand-name: A name"),
        (&["set", "password-minimum", "3"], 2, "password-minimum: This is a whole number from 8 to 64"),
        (&["set", "session-maximum", "1h"], 1, "session-maximum: Sessions end when not used for 12h"),
    ] {
        let refused = server.cli(&[&["settings"], arguments].concat()).refused(code);
        assert!(refused.contains(words), "{arguments:?}: {refused}");
    }
    assert_eq!(changes(&server), before);
}

#[test]
fn in_chromium_the_page_is_well_made_in_both_languages() {
    let (server, _) = house_with(&["--session-maximum", "3d"]);
    server.cli(&["settings", "set", "password-minimum", "12"]).ok();
    let page = Page::open();
    let open = |path: &str| page.go(&format!("{}{path}", server.base));
    for language in ["en", "de"] {
        page.language(language);
        open("/login/");
        if page.has("#password") {
            page.sign_in("keeper", PASSWORD);
        }
        open(PATH);
        assert_eq!(page.js("document.documentElement.lang"), language);
        assert_eq!(page.js("document.getElementById('session_maximum').readOnly"), true);
        inspect(&page, &format!("settings-{language}"));
        page.fill("#brand_name", "Villa Kunterbunt");
        page.fill("#brand_accent", "not a colour");
        page.press("#save");
        page.see("#brand_accent-wrong");
        assert_eq!(page.js("document.getElementById('brand_name').value"), "Villa Kunterbunt");
        inspect(&page, &format!("settings-wrong-{language}"));
    }
    page.language("en");
    open(PATH);
    // The picker writes into the field, and the field into the picker.
    page.js(
        "(() => { const p = document.querySelector('[type=color]'); p.value = '#aa00ff'; p.dispatchEvent(new Event('input')); })()",
    );
    assert_eq!(page.js("document.getElementById('brand_accent').value"), "#aa00ff");
    page.fill("#brand_accent", "#ffd400");
    assert_eq!(page.js("document.querySelector('[type=color]').value"), "#ffd400");
    page.fill("#brand_name", "Villa Kunterbunt");
    page.press("#save");
    page.see("#notice");
    assert_eq!(page.text(".bar .brand"), "Villa Kunterbunt");
    inspect(&page, "settings-branded");
    page.press("[name=reset][value=brand_accent]");
    page.see("#notice");
    assert_eq!(page.js("document.getElementById('brand_accent').value"), "");
    page.is_clean(&[&server.base]);
}

#[test]
fn without_scripts_the_colour_is_typed() {
    let (server, _) = house();
    let page = Page::without_scripts();
    page.go(&format!("{}/login/", server.base));
    page.sign_in("keeper", PASSWORD);
    page.go(&format!("{}{PATH}", server.base));
    page.fill("#brand_accent", "#ffd400");
    page.press("#save");
    page.see("#notice");
    assert!(server.cli(&["settings", "list"]).ok().contains("#ffd400"));
}
