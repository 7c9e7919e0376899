//! System > Events in the Admin interface: filters, pages, details, export.

use rusqlite::Connection;

use crate::support::chromium::Page;
use crate::support::inspect::inspect;
use crate::support::{Browser, PASSWORD, Server};

const LIST: &str = "/if/admin/events/";
const EXPORT: &str = "/if/admin/events/export/";
const DAY: i64 = 86_400;
/// 2024-03-01, long before the events of the test itself.
const LONG_AGO: i64 = 19_783 * DAY;

fn house() -> (Server, Browser) {
    // Kept so long that they are not cleared up under a test's feet.
    let server = Server::start_with(&["--event-retention", "3660"]);
    server.user("ada", &["--admin"]);
    let browser = Browser::signed_in(&server, "ada");
    (server, browser)
}

/// Stores events as the program does, without waiting for them to happen.
fn store(server: &Server, events: &[(i64, &str, &str, &str)]) {
    let database = Connection::open(server.data().join("latchkey.db")).expect("the database");
    database.busy_timeout(std::time::Duration::from_secs(10)).expect("a timeout");
    database.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
    for (at, kind, username, application) in events {
        let sql = "INSERT INTO events (at, kind, username, application, is_refusal) VALUES (?1, ?2, ?3, ?4, ?5)";
        let is_refusal = kind.ends_with("refused") || kind.ends_with("failed");
        database.execute(sql, (at, kind, username, application, is_refusal)).expect("an event");
        let sql = "INSERT INTO event_days (day, first_id, last_id) VALUES (?1, ?2, ?2)
                   ON CONFLICT (day) DO UPDATE SET last_id = ?2";
        database.execute(sql, (at / DAY, database.last_insert_rowid())).expect("its day");
    }
    database.execute_batch("COMMIT").expect("a commit");
}

/// The ids of the events on a page, in their order.
fn ids(body: &str) -> Vec<i64> {
    let links = body.split("href=\"/if/admin/events/").skip(1);
    links.filter_map(|rest| rest.split_once("/\"")?.0.parse().ok()).collect()
}

fn link(body: &str, id: &str) -> Option<String> {
    let tag =
        body.split("<a ").find(|tag| tag.split('>').next().is_some_and(|t| t.contains(&format!("id=\"{id}\""))))?;
    Some(crate::support::browser::unescape(tag.split("href=\"").nth(1)?.split('"').next()?))
}

#[test]
fn each_part_of_the_filter_asks_for_what_it_says() {
    let (server, mut browser) = house();
    store(
        &server,
        &[
            (LONG_AGO, "login", "bob", "wiki"),
            (LONG_AGO + 1, "login_failed", "bob", "photos"),
            (LONG_AGO + DAY, "login", "carol", "wiki"),
            (LONG_AGO + 2 * DAY, "group_created", "bob", "wiki"),
        ],
    );
    let all = ids(&browser.get(&format!("{LIST}?until=2024-03-03")).expect(200).body);
    let [newest, third, second, oldest] = all[..] else { panic!("{all:?}") };
    for (query, wanted) in [
        ("until=2024-03-03", &[newest, third, second, oldest][..]),
        ("user=bob", &[newest, second, oldest]),
        ("user=BOB&until=2024-03-03", &[]),
        ("user=carol", &[third]),
        ("user=nobody", &[]),
        ("application=wiki", &[newest, third, oldest]),
        ("application=photos", &[second]),
        ("application=none", &[]),
        ("kind=login&until=2024-03-03", &[third, oldest]),
        ("kind=login_failed", &[second]),
        ("kind=no_such_kind", &[]),
        ("refusals=on", &[second]),
        ("user=bob&application=wiki", &[newest, oldest]),
        ("user=bob&application=wiki&kind=login", &[oldest]),
        ("user=bob&refusals=on", &[second]),
        ("kind=login&refusals=on", &[]),
        ("from=2024-03-02&until=2024-03-02", &[third]),
        ("from=2024-03-02&until=2024-03-03", &[newest, third]),
        ("until=2024-03-01", &[second, oldest]),
        ("from=2024-03-03&until=2024-03-01", &[]),
    ] {
        let page = browser.get(&format!("{LIST}?{query}")).expect(200);
        assert_eq!(ids(&page.body), wanted, "{query}");
        let lines = browser.get(&format!("{EXPORT}?{query}")).expect(200);
        let exported: Vec<i64> = lines
            .body
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON"))
            .map(|event| event["id"].as_i64().expect("an id"))
            .collect();
        assert_eq!(exported, wanted, "{query}");
    }
    // A name is found as its user writes it.
    server.alice();
    store(&server, &[(LONG_AGO, "login", "alice", "wiki")]);
    assert_eq!(ids(&browser.get(&format!("{LIST}?user=ALICE%40example.com&kind=login")).body).len(), 1);
}

#[test]
fn pages_lead_through_all_events_and_back() {
    let (server, mut browser) = house();
    let many: Vec<_> = (0..120).map(|n| (LONG_AGO + n, "login", "bob", "wiki")).collect();
    store(&server, &many);
    let first = format!("{LIST}?user=bob");
    let (mut at, mut seen, mut pages) = (Some(first.clone()), Vec::new(), 0);
    let mut last = String::new();
    while let Some(next) = at {
        last = browser.get(&next).expect(200).body;
        seen.extend(ids(&last));
        pages += 1;
        at = link(&last, "older");
    }
    assert_eq!((seen.len(), pages), (120, 3));
    assert!(seen.is_sorted_by(|a, b| a > b));
    assert_eq!(link(&last, "newest").as_deref(), Some(first.as_str()));
    let export = browser.get(&link(&last, "export").expect("an export")).expect(200);
    assert_eq!(export.body.lines().count(), 20, "the export begins where the page does");
    assert_eq!(link(&browser.get(&first).body, "newest"), None);
}

#[test]
fn a_day_that_is_none_is_explained_at_its_field() {
    let (_server, mut browser) = house();
    let page = browser.get(&format!("{LIST}?from=23.11.2026&user=ada")).expect(422);
    assert!(page.body.contains("id=\"from-wrong\"") && page.body.contains("This is not a day."), "{page:?}");
    assert!(page.body.contains("value=\"ada\"") && page.body.contains("value=\"23.11.2026\""), "nothing typed is lost");
    let page = browser.get(&format!("{LIST}?from=2024-03-01&user=ada")).expect(200);
    assert!(!page.body.contains("from-wrong"));
    browser.get(&format!("{EXPORT}?from=yesterday")).expect(303);
    browser.get(&format!("{LIST}?before=x&refusals=&kind=&user=")).expect(200);
}

#[test]
fn an_export_is_a_file_of_the_lines_that_the_command_prints() {
    let (server, mut browser) = house();
    let export = browser.get(&format!("{EXPORT}?kind=login")).expect(200);
    assert_eq!(export.header("Content-Type"), Some("application/x-ndjson"));
    let disposition = export.header("Content-Disposition").expect("a name");
    assert!(disposition.starts_with("attachment; filename=\"latchkey-events-"), "{disposition}");
    assert_eq!(export.header("Link"), None, "this is all there is");
    let line: serde_json::Value = serde_json::from_str(export.body.lines().next().expect("a line")).expect("JSON");
    assert!(server.events().contains(&line), "{line}");
    assert_eq!((&line["username"], &line["kind"]), (&"ada".into(), &"login".into()));
    assert!(line["time"].as_str().is_some_and(|t| t.ends_with('Z')));
}

#[test]
fn a_large_export_ends_and_says_where_the_next_begins() {
    let (server, mut browser) = house();
    let many: Vec<_> = (0..5_010).map(|n| (LONG_AGO + n, "login", "bob", "wiki")).collect();
    store(&server, &many);
    let first = browser.get(&format!("{EXPORT}?user=bob")).expect(200);
    assert_eq!(first.body.lines().count(), 5_000);
    let next = first.header("Link").and_then(|l| l.strip_prefix('<')?.split_once(">; rel=\"next\"")).expect("a link").0;
    let second = browser.get(next).expect(200);
    assert_eq!((second.body.lines().count(), second.header("Link")), (10, None));
}

#[test]
fn details_tell_everything_and_nothing_in_them_is_markup() {
    let (server, mut browser) = house();
    server.http().get("/application/o/authorize/?client_id=%3Cscript%3Ealert(1)%3C%2Fscript%3E").expect(400);
    // A sign-in takes the refusals along that wait.
    let mut browser2 = Browser::signed_in(&server, "ada");
    let page = browser2.get(&format!("{LIST}?kind=authorize_refused")).expect(200);
    assert!(page.body.contains("refused</span>"), "a refusal says so in words");
    let id = ids(&page.body)[0];
    let page = browser.get(&format!("{LIST}{id}/")).expect(200);
    assert!(page.body.contains("Sign-in request of an application refused"), "{page:?}");
    assert!(page.body.contains("&#60;script&#62;alert(1)") && !page.body.contains("<script>alert"), "{page:?}");
    assert!(page.body.contains("127.0.0.1") && page.body.contains("datetime=\"20"));
    for unknown in ["999999", "0", "-1", "x", "9223372036854775808"] {
        assert_eq!(browser.get(&format!("{LIST}{unknown}/")).status, 404, "{unknown}");
    }
    store(&server, &[(LONG_AGO, "from_another_version", "<b>bob", "wiki")]);
    let page = browser.get(&format!("{LIST}?kind=from_another_version")).expect(200);
    assert!(page.body.contains("from_another_version</a>") && page.body.contains("&#60;b&#62;bob"), "{page:?}");
}

#[test]
fn the_page_speaks_german_to_those_who_ask_for_it() {
    let (_server, mut browser) = house();
    let cookies: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let headers = [("Cookie", cookies.join("; ")), ("Accept-Language", "de-AT, en;q=0.5".into())];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let page = browser.http.get_with(LIST, &headers).expect(200);
    assert!(page.body.contains("<html lang=\"de\">") && page.body.contains(">Angemeldet</a>"), "{page:?}");
    assert!(browser.get(LIST).body.contains(">Signed in</a>"));
}

#[test]
fn the_pages_are_well_made() {
    let (server, mut browser) = house();
    let page = Page::open();
    page.go(&format!("{}/login/", server.base));
    page.sign_in("ada", PASSWORD);
    page.go(&format!("{}{LIST}?user=nobody", server.base));
    inspect(&page, "events-none-found");
    let long = "bartholomaeus.featherstonehaugh-cholmondeley.the.third@household.company.example";
    let many: Vec<_> =
        (0..60).map(|n| (LONG_AGO + n, "token_refused", long, "a-rather-long-slug-for-photos")).collect();
    store(&server, &many);
    page.go(&format!("{}{LIST}", server.base));
    inspect(&page, "events");
    page.press("#older");
    inspect(&page, "events-older");
    let id = ids(&browser.get(LIST).body)[3];
    page.go(&format!("{}{LIST}{id}/", server.base));
    inspect(&page, "event");
    page.is_clean(&[&server.base]);
    // The console has words about the day, too.
    page.go(&format!("{}{LIST}?until=yesterday", server.base));
    inspect(&page, "events-bad-day");
}
