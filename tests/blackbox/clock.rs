//! The clock of a machine that may be wrong: what has run out stays so, what is far ahead is used but not believed, and
//! an administrator sees it and can mend it. The machine's own clock is not touched: the mark in the database is.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::client::claims;
use crate::support::disk::{Watch, database, eventually, execute, number, restarted};
use crate::support::server::run_cli;
use crate::support::{App, Browser, Server, Tokens};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const SCOPE: &str = "openid offline_access";

pub fn now() -> i64 {
    jiff::Zoned::now().timestamp().as_second()
}

/// Writes a mark as another run of the machine would have left it.
pub fn set_mark(data: &Path, at: i64) {
    let sql = "INSERT INTO meta (key, value) VALUES ('clock_mark', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1";
    database(data).execute(sql, [at.to_string()]).expect("a mark");
}

fn mark(data: &Path) -> i64 {
    number(data, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'clock_mark'")
}

/// What `latchkey clock show` tells programs.
fn shown(server: &Server) -> Value {
    serde_json::from_str(&server.cli(&["clock", "show", "--json"]).ok()).expect("JSON")
}

/// Whether this machine's clock is synchronised, as the binary learns it from the kernel.
pub fn synchronised(server: &Server) -> Option<bool> {
    shown(server)["synchronised"].as_bool()
}

/// The state that `/readyz` names; it must be ready.
fn state(server: &Server) -> String {
    let answer = server.http().get("/readyz");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["clock"].as_str().expect("a state").to_owned()
}

fn prepared() -> (Server, App) {
    let server = Server::start();
    server.alice();
    server.user("ada", &["--admin"]);
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", SCOPE]);
    (server, app)
}

/// Stops the server, writes a mark, and starts it again: a machine that came up with a clock that is wrong by as much.
fn restarted_with_mark(mut server: Server, at: i64) -> Server {
    assert_eq!(server.stop(), Some(0));
    set_mark(&server.data(), at);
    restarted(server, &[])
}

fn about(found: i64, expected: i64) {
    assert!((found - expected).abs() <= 20, "{found} is not about {expected}: {}", found - expected);
}

fn issued_at(tokens: &Tokens) -> i64 {
    claims(tokens.id.as_deref().expect("an ID token"))["iat"].as_i64().expect("iat")
}

#[test]
fn a_clock_that_went_back_revives_nothing() {
    let (server, app) = prepared();
    assert_eq!(state(&server), "ok");
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, SCOPE);
    about(issued_at(&tokens), now());
    let code = app.code(&mut browser, &[]);
    let link = server.cli(&["user", "recovery-link", "alice"]).ok();

    // The machine was three hours further than it now believes.
    let ahead = now() + 3 * HOUR;
    let server = restarted_with_mark(server, ahead);
    assert_eq!(state(&server), "behind");
    assert_eq!(app.redeem(&browser.http, &code, &[]).error(400), "invalid_grant");
    assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 401);
    let token = link.trim().split_once("token=").expect("a link").1.to_owned();
    assert_eq!(server.http().get(&format!("/recovery/?token={token}")).status, 403);
    // What has not run out goes on, and what is new is of the right time.
    assert_eq!(browser.get("/").status, 200);
    let fresh = app.tokens(&mut browser, SCOPE);
    about(issued_at(&fresh), ahead);
    assert_eq!(app.userinfo(&browser.http, &fresh.access).status, 200);
    let refreshed = Tokens::of(&app.refresh(&browser.http, &tokens.refresh.expect("a refresh token"), &[]));
    about(issued_at(&refreshed), ahead);
    // Commands are of the same time.
    let view = shown(&server);
    assert_eq!(view["state"], "behind");
    about(view["by_seconds"].as_i64().expect("seconds"), 3 * HOUR);
    let words = server.cli(&["clock", "show"]).ok();
    assert!(words.contains("behind") && words.contains("3 hours") || words.contains("2 hours"), "{words}");
    server.user("bob", &[]);
    about(number(&server.data(), "SELECT created_at FROM users WHERE username = 'bob'"), ahead);

    // Neither does the next start, nor a kill.
    let mut server = restarted(server, &[]);
    server.kill();
    let server = Server::start_at(server.folder(), server.port, &server.base.clone(), &[]);
    assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 401);
    assert_eq!(app.redeem(&browser.http, &code, &[]).error(400), "invalid_grant");
    assert_eq!(app.userinfo(&browser.http, &fresh.access).status, 200);
    assert!(mark(&server.data()) >= ahead);
}

#[test]
fn time_goes_on_while_the_clock_is_behind() {
    let (server, app) = prepared();
    let server = restarted_with_mark(server, now() + 30 * MINUTE);
    let mut browser = Browser::signed_in(&server, "alice");
    let code = app.code(&mut browser, &[]);
    let expires = number(&server.data(), "SELECT max(code_expires_at) FROM grants");
    about(expires, now() + 30 * MINUTE + 60);
    execute(&server.data(), "UPDATE grants SET code_expires_at = code_expires_at - 57");
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(app.redeem(&browser.http, &code, &[]).error(400), "invalid_grant");
    // A command that comes later knows what passed since the mark was written, also when nothing was since.
    let written = mark(&server.data());
    let seen = shown(&server)["now"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("RFC 3339");
    assert!(seen.as_second() - written >= 4, "{seen} {written}");
}

#[test]
fn a_reset_mends_a_mark_in_the_future_while_the_server_runs() {
    let (server, app) = prepared();
    let mut before = Browser::signed_in(&server, "alice");
    let old = app.tokens(&mut before, SCOPE);
    let server = restarted_with_mark(server, now() + 3 * HOUR);
    let mut later = Browser::signed_in(&server, "alice");
    let issued_later = app.tokens(&mut later, SCOPE);
    assert_eq!(app.userinfo(&later.http, &issued_later.access).status, 200);
    assert_eq!(app.userinfo(&later.http, &old.access).status, 401);

    let words = server.cli(&["clock", "reset"]).ok();
    assert!(words.contains("Ended 1 sessions and 1 grants") && words.contains("counts again"), "{words}");
    eventually("the server takes the reset over", || state(&server) == "ok");
    about(mark(&server.data()), now());
    // What was issued in a time that never was is void; what was before it counts as it did.
    assert_eq!(later.get("/").status, 303);
    assert_eq!(app.userinfo(&later.http, &issued_later.access).status, 401);
    assert_eq!(before.get("/").status, 200);
    assert_eq!(app.userinfo(&later.http, &old.access).status, 200);
    about(issued_at(&app.tokens(&mut before, SCOPE)), now());
    let events = server.events();
    assert!(events.iter().any(|e| e["kind"] == "clock_reset" && e["details"]["by"] == "command line"), "{events:?}");
    // The old mark does not come back with what the server writes.
    server.user("bob", &[]);
    let server = restarted(server, &[]);
    assert_eq!((state(&server).as_str(), mark(&server.data()) <= now()), ("ok", true));
}

/// Rows that any cleaning would remove.
fn add_long_expired(data: &Path) {
    let sql = "INSERT INTO access_tokens (hash, grant_id, scopes, issued_at, expires_at)
                 SELECT x'00', max(id), 'openid', 0, 1 FROM grants";
    assert_eq!(execute(data, sql), 1);
}

fn long_expired(server: &Server) -> i64 {
    number(&server.data(), "SELECT count(*) FROM access_tokens WHERE expires_at = 1")
}

#[test]
fn a_lead_that_nothing_vouches_for_is_used_but_neither_kept_nor_purged_by() {
    let (server, app) = prepared();
    let mut browser = Browser::signed_in(&server, "alice");
    app.tokens(&mut browser, SCOPE);
    add_long_expired(&server.data());
    let server = restarted(server, &[]);
    eventually("what expired long ago is removed", || long_expired(&server) == 0);

    // Off for three days, as far as is known.
    add_long_expired(&server.data());
    let server = restarted_with_mark(server, now() - 3 * DAY);
    let is_synchronised = synchronised(&server) == Some(true);
    let mut browser = Browser::signed_in(&server, "alice");
    about(issued_at(&app.tokens(&mut browser, SCOPE)), now());
    if is_synchronised {
        assert_eq!(state(&server), "ok");
        about(mark(&server.data()), now());
        return;
    }
    assert_eq!(state(&server), "doubtful");
    let words = server.cli(&["clock", "show"]).ok();
    assert!(words.contains("3 days ahead") || words.contains("2 days ahead"), "{words}");
    let page = Browser::signed_in(&server, "ada").get("/if/admin/").body;
    assert!(page.contains("nothing vouches for it"), "{page}");
    std::thread::sleep(Duration::from_secs(12));
    assert_eq!(long_expired(&server), 1, "nothing is removed by a time that may be wrong");
    assert!(mark(&server.data()) < now() - 2 * DAY, "nor is it kept");
    // The administrator vouches for it.
    server.cli(&["clock", "reset"]).ok();
    eventually("it is believed", || state(&server) == "ok");
    about(mark(&server.data()), now());
    let server = restarted(server, &[]);
    eventually("what expired long ago is removed", || long_expired(&server) == 0);
}

#[test]
fn the_mark_rides_on_what_is_written_anyway() {
    let (server, _) = prepared();
    let server = restarted_with_mark(server, now() - 10 * MINUTE);
    let watch = Watch::new(&server.data());
    let before = watch.version();
    for path in ["/readyz", "/login/", "/healthz"] {
        assert_eq!(server.http().get(path).status, 200);
    }
    server.cli(&["clock", "show"]).ok();
    server.cli(&["user", "list"]).ok();
    assert_eq!(watch.version(), before, "looking writes nothing");
    Browser::signed_in(&server, "alice");
    about(mark(&server.data()), now());
    // Once is enough for a minute.
    let written = mark(&server.data());
    Browser::signed_in(&server, "alice");
    assert_eq!(mark(&server.data()), written);
}

#[test]
fn a_database_from_before_there_was_a_mark_goes_by_its_events() {
    let (mut server, _) = prepared();
    assert_eq!(server.stop(), Some(0));
    let data = server.data();
    execute(&data, "DELETE FROM meta WHERE key = 'clock_mark'");
    execute(&data, "INSERT INTO events (at, kind) SELECT max(at) + 7200, 'login' FROM events");
    let server = restarted(server, &[]);
    assert_eq!(state(&server), "behind");
    about(shown(&server)["by_seconds"].as_i64().expect("seconds"), 2 * HOUR);
}

#[test]
fn links_and_tokens_from_the_future_are_void() {
    let (server, app) = prepared();
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, SCOPE);
    let code = app.code(&mut browser, &[]);
    let link = server.cli(&["user", "recovery-link", "alice"]).ok();
    let recovery = format!("/recovery/?token={}", link.trim().split_once("token=").expect("a link").1);
    let invitation = server.cli(&["invitation", "create"]).ok();
    let invitation = format!("/invitation/?token={}", invitation.trim().split_once("token=").expect("a link").1);
    let shift = |by: i64| {
        for (table, column) in [
            ("links", "created_at"),
            ("invitations", "created_at"),
            ("access_tokens", "issued_at"),
            ("refresh_tokens", "issued_at"),
            ("grants", "created_at"),
        ] {
            execute(&server.data(), &format!("UPDATE {table} SET {column} = {column} + {by}"));
        }
    };
    shift(120);
    let refresh = tokens.refresh.expect("a refresh token");
    assert_eq!(server.http().get(&recovery).status, 403);
    assert_eq!(server.http().get(&invitation).status, 403);
    assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 401);
    assert_eq!(app.refresh(&browser.http, &refresh, &[]).error(400), "invalid_grant");
    assert_eq!(app.redeem(&browser.http, &code, &[]).error(400), "invalid_grant");
    shift(-120);
    assert_eq!(server.http().get(&recovery).status, 303);
    assert_eq!(server.http().get(&invitation).status, 303);
    assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 200);
    Tokens::of(&app.refresh(&browser.http, &refresh, &[]));
    Tokens::of(&app.redeem(&browser.http, &code, &[]));
}

#[test]
fn a_folder_without_a_server_is_reset_too() {
    let (mut server, _) = prepared();
    assert_eq!(server.stop(), Some(0));
    set_mark(&server.data(), now() + 400 * DAY);
    assert!(run_cli(&server.data(), &["clock", "show"], "").ok().contains("399 days"));
    run_cli(&server.data(), &["clock", "reset"], "").ok();
    assert!(run_cli(&server.data(), &["clock", "show"], "").ok().contains("in step"));
}
