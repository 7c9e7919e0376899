//! The Dashboard: its numbers, and every warning with its passing twin.

use rusqlite::Connection;

use crate::clock::{set_mark, synchronised};
use crate::disk_full::moved_to_a_small_disk;
use crate::support::chromium::Page;
use crate::support::disk::restarted;
use crate::support::inspect::inspect;
use crate::support::server::{Folder, free_port};
use crate::support::{Browser, PASSWORD, Server};

const DASHBOARD: &str = "/if/admin/";
const DAY: i64 = 86_400;

fn database(server: &Server) -> Connection {
    let database = Connection::open(server.data().join("latchkey.db")).expect("the database");
    database.busy_timeout(std::time::Duration::from_secs(10)).expect("a timeout");
    database
}

fn now() -> i64 {
    jiff::Zoned::now().timestamp().as_second()
}

/// What the Dashboard says, as an administrator sees it.
fn seen(server: &Server) -> String {
    Browser::signed_in(server, "ada").get(DASHBOARD).expect(200).body
}

fn house() -> Server {
    let server = Server::start();
    server.user("ada", &["--admin"]);
    server
}

#[test]
fn numbers_are_those_of_the_house() {
    let server = house();
    server.user("bob", &[]);
    server.cli(&["group", "create", "family"]).ok();
    server.app("Wiki", &["--redirect-uri", "https://wiki.home.example/cb"]);
    server.app("Photos", &["--redirect-uri", "https://photos.home.example/cb"]);
    server.cli(&["app", "bind", "photos", "--group", "family"]).ok();
    let today = now() / DAY;
    for (days_ago, sign_ins, refusals) in [(1, 5, 0), (13, 2, 7), (14, 100, 100)] {
        let sql = "INSERT INTO event_days (day, sign_ins, refusals, first_id, last_id) VALUES (?1, ?2, ?3, 1, 1)";
        database(&server).execute(sql, (today - days_ago, sign_ins, refusals)).expect("a day");
    }
    let page = seen(&server);
    for count in ["<b>2</b> Users", "<b>1</b> Groups", "<b>2</b> Applications", "<b>2</b> Providers"] {
        assert!(page.contains(count), "{count}: {page}");
    }
    // This sign-in is one more; what is two weeks old counts no more.
    assert!(page.contains("8 sign-ins") && page.contains("7 refusals"), "{page}");
    assert_eq!(page.matches("<tr><th scope=\"row\">").count(), 14);
    assert!(page.contains("<td>2</td><td>7</td>") && page.contains("<td>5</td><td>0</td>"));
    let open = page.split("id=\"open\"").nth(1).and_then(|p| p.split("</section>").next()).expect("a section");
    assert!(open.contains("Wiki") && !open.contains("Photos"), "{open}");
    assert!(page.contains(&format!("Latchkey {}", env!("CARGO_PKG_VERSION"))) && page.contains("free of"));
    assert!(page.contains("<b>RS256</b>") && page.contains("made today") && page.contains("no rotation under way"));
    server.cli(&["key", "rotate", "--alg", "RS256"]).ok();
    assert!(seen(&server).contains("next key signs from"));
    server.cli(&["app", "bind", "wiki", "--group", "family"]).ok();
    assert!(seen(&server).contains("No application is open to everybody"));
}

#[test]
fn a_long_list_of_open_applications_is_cut_and_counted() {
    let server = house();
    for n in 0..12 {
        server.app(&format!("Service {n:02}"), &["--redirect-uri", "https://service.home.example/cb"]);
    }
    let page = seen(&server);
    assert!(page.contains("Service 09") && !page.contains("Service 10") && page.contains("and 2 more"), "{page}");
}

/// A server at another base URL, asked under it.
fn at(url: &str) -> (Server, String) {
    let (folder, port) = (Folder::new(), free_port());
    let server = Server::start_at(folder, port, url, &[]);
    server.user("ada", &["--admin"]);
    let page = seen(&server);
    (server, page)
}

#[test]
fn the_base_url_is_warned_of_when_it_is_plain_http_or_this_machine_s_own() {
    let (loopback, http) = ("Only this machine can reach Latchkey", "Passwords cross your network in the clear");
    let page = seen(&house());
    assert!(page.contains(loopback) && !page.contains(http), "{page}");
    let (_server, page) = at("http://auth.home.example");
    assert!(!page.contains(loopback) && page.contains(http), "{page}");
    let (_server, page) = at("https://auth.home.example");
    assert!(!page.contains(loopback) && !page.contains(http), "{page}");
}

#[test]
fn an_application_on_the_provider_s_own_host_is_named() {
    let words = "same host name as Latchkey";
    let (server, page) = at("https://auth.home.example");
    assert!(!page.contains(words));
    server.app("Wiki", &["--redirect-uri", "https://wiki.home.example/?from=auth.home.example"]);
    assert!(!seen(&server).contains(words));
    server.app("Photos", &["--redirect-uri", "https://auth.home.example:9443/cb"]);
    assert!(seen(&server).contains("Photos has the same host name as Latchkey"));
    let launch = ["--redirect-uri", "https://b.example/cb", "--launch-url", "https://AUTH.home.example:8080/"];
    server.app("Backups", &launch);
    assert!(seen(&server).contains("Backups, Photos have the same host name as Latchkey"));
}

#[test]
fn a_second_administrator_is_asked_for_until_there_is_one() {
    let (server, words) = (house(), "There is no second administrator");
    assert!(seen(&server).contains(words));
    server.user("bob", &[]);
    assert!(seen(&server).contains(words), "bob is none");
    server.user("carol", &["--admin"]);
    assert!(!seen(&server).contains(words));
    server.cli(&["user", "disable", "carol"]).ok();
    assert!(seen(&server).contains(words), "one who cannot sign in is no help");
}

#[test]
fn a_key_older_than_a_year_is_to_be_rotated() {
    let (server, words) = (house(), "is older than a year");
    assert!(!seen(&server).contains(words));
    let age = |days: i64| {
        let sql = "UPDATE signing_keys SET created_at = ?1 WHERE alg = 'ES256'";
        database(&server).execute(sql, [now() - days * DAY]).expect("an older key");
        seen(&server)
    };
    assert!(!age(364).contains(words));
    let page = age(366);
    assert!(page.contains("The ES256 key that signs is older than a year") && page.contains("366 days old"), "{page}");
    assert!(!page.contains("The RS256 key that signs"));
}

#[test]
fn a_clock_that_went_back_is_noticed() {
    let (mut server, words) = (house(), "The clock of this machine went back");
    assert!(!seen(&server).contains(words));
    assert_eq!(server.stop(), Some(0));
    set_mark(&server.data(), now() + 1_800);
    let server = restarted(server, &[]);
    let page = seen(&server);
    match synchronised(&server) {
        Some(true) => assert!(page.contains("which is synchronised and says"), "{page}"),
        _ => assert!(page.contains(words), "{page}"),
    }
    assert!(page.contains("clock right"), "{page}");
}

#[test]
fn what_failed_lately_is_named_until_it_is_mended() {
    let server = house();
    let fail = |kind: &str, detail: &str, name: &str, at: i64| {
        let details = format!("{{\"{detail}\": \"{name}\"}}");
        let sql = "INSERT INTO events (at, kind, details, is_refusal) VALUES (?1, ?2, ?3, 1)";
        database(&server).execute(sql, (at, kind, details)).expect("an event");
    };
    let long_ago = now() - 30 * DAY;
    for (table, more, values) in [("policies", "", ""), ("scope_mappings", ", scope", ", 'house'")] {
        let sql = format!(
            "INSERT INTO {table} (name, name_key, expression, created_at, updated_at{more})
             VALUES ('Grown-ups', 'grown-ups', 'x', {long_ago}, {long_ago}{values})"
        );
        database(&server).execute(&sql, []).expect("a row");
    }
    let (policy, mapping) = ("The policy Grown-ups failed lately", "The scope mapping Grown-ups failed lately");
    fail("policy_failed", "policy", "Grown-ups", now() - 8 * DAY);
    fail("policy_failed", "policy", "Deleted since", now());
    let page = seen(&server);
    assert!(!page.contains(policy) && !page.contains(mapping) && !page.contains("Deleted since"), "{page}");
    fail("policy_failed", "policy", "Grown-ups", now());
    assert!(seen(&server).contains(policy) && !seen(&server).contains(mapping));
    fail("scope_mapping_failed", "scope_mapping", "Grown-ups", now());
    assert!(seen(&server).contains(mapping));
    database(&server).execute("UPDATE policies SET updated_at = ?1", [now() + 1]).expect("a mended policy");
    let page = seen(&server);
    assert!(!page.contains(policy) && page.contains(mapping), "{page}");
}

#[test]
fn a_full_disk_is_told_of() {
    let (server, words) = (house(), "The disk is nearly full");
    let about = rustix::fs::statvfs(server.data()).expect("the disk of the tests");
    let free = about.f_bavail * about.f_frsize;
    let is_roomy = free >= (about.f_blocks * about.f_frsize / 10).clamp(200 << 20, 2 << 30);
    assert_eq!(seen(&server).contains(words), !is_roomy);
    let (server, _) = moved_to_a_small_disk(server);
    let page = seen(&server);
    assert!(page.contains(words) && page.contains("free of 8 MB"), "{page}");
}

#[test]
fn the_page_is_well_made() {
    let server = house();
    let long = "Haushaltsdokumentenverwaltungssystemarchivablage of the Miller-Featherstonehaugh Family";
    let options = ["--slug", "long", "--redirect-uri", &format!("{}/cb", server.base)];
    server.app(long, &options);
    for n in 0..12 {
        server.app(&format!("Service {n:02}"), &["--redirect-uri", "https://service.home.example/cb"]);
    }
    for days_ago in 0..14 {
        let sql = "INSERT INTO event_days (day, sign_ins, refusals, first_id, last_id) VALUES (?1, ?2, ?3, 1, 1)
                   ON CONFLICT DO NOTHING";
        let (sign_ins, refusals) = (37 * (days_ago * 5 % 7), days_ago % 4 * 11);
        database(&server).execute(sql, (now() / DAY - days_ago, sign_ins, refusals)).expect("a day");
    }
    server.cli(&["key", "rotate", "--alg", "RS256"]).ok();
    let page = Page::open();
    page.go(&format!("{}/login/", server.base));
    page.sign_in("ada", PASSWORD);
    page.go(&format!("{}{DASHBOARD}", server.base));
    inspect(&page, "dashboard");
    page.js("document.querySelector('details.figures').open = true");
    inspect(&page, "dashboard-figures");
    page.is_clean(&[&server.base]);
}
