//! First run: a one-time link makes the first administrator, once and never again.

use std::sync::{Arc, Barrier};

use crate::support::browser::{form_token, unescape};
use crate::support::disk::{Watch, eventually, execute, restarted};
use crate::support::{Answer, Browser, PASSWORD, Server};

const ADA: [(&str, &str); 5] = [
    ("username", "ada"),
    ("name", "Ada Lovelace"),
    ("email", "ada@example.com"),
    ("password", PASSWORD),
    ("password_again", PASSWORD),
];

/// The link that the server printed when it started.
fn printed_link(server: &Server) -> String {
    let link = || server.printed().split_whitespace().find(|w| w.contains("/setup/?token=")).map(str::to_owned);
    eventually("the setup link is printed", || link().is_some());
    link().expect("the link")
}

/// A browser that has opened a link, and the page it led to.
fn opened(server: &Server, link: &str) -> (Browser, Answer) {
    let mut browser = Browser::new(server);
    let page = browser.open(link);
    assert!(page.body.contains("id=\"setup-submit\""), "{page:?}");
    (browser, page)
}

#[track_caller]
fn is_closed(answer: &Answer) {
    assert_eq!(answer.status, 404, "{answer:?}");
    assert!(answer.body.contains("set up already") && !answer.body.contains("setup-submit"), "{answer:?}");
}

fn administrators(server: &Server) -> Vec<String> {
    let users: serde_json::Value =
        serde_json::from_str(&server.cli(&["user", "list", "--json"]).ok()).expect("a list of users");
    let all = users.as_array().expect("an array");
    all.iter().filter(|u| u["administrator"] == true).map(|u| u["username"].as_str().expect("text").into()).collect()
}

#[test]
fn the_printed_link_makes_the_first_administrator_and_signs_in() {
    let server = Server::start();
    assert!(server.printed().contains(&server.base), "the address is printed");
    let link = printed_link(&server);
    assert!(link.starts_with(&format!("{}/setup/?token=", server.base)), "{link}");

    let mut browser = Browser::new(&server);
    let swapped = browser.get(&link);
    assert_eq!((swapped.status, swapped.location()), (303, "/setup/"), "the token leaves the address");
    let token = link.split_once("token=").expect("a token").1;
    assert!(!swapped.header("Set-Cookie").expect("a cookie").contains(token), "the cookie is sealed");
    let page = browser.follow(swapped);
    let home = browser.submit(&page, &ADA);
    assert_eq!(home.status, 200, "{home:?}");
    let home = browser.follow(home);
    assert!(home.body.contains("My applications") && home.body.contains("Ada Lovelace"), "{home:?}");
    assert_eq!(administrators(&server), ["ada"]);
    assert!(browser.cookie("latchkey-setup").is_none(), "the setup cookie is gone");
    assert!(!server.printed().replacen(&link, "", 1).contains(token), "the link stands in no log line");

    // The password is the one that was typed.
    Browser::signed_in(&server, "ada");
}

#[test]
fn setup_closes_for_ever_after_the_first_administrator() {
    let server = Server::start();
    let link = printed_link(&server);
    let (mut late, late_page) = opened(&server, &link);
    let (mut first, page) = opened(&server, &link);
    assert_eq!(first.submit(&page, &ADA).status, 200);

    let everything_is_closed = |server: &Server, late: &mut Browser| {
        let mut eve = ADA;
        eve[0].1 = "eve";
        eve[2].1 = "eve@example.com";
        is_closed(&late.submit(&late_page, &eve));
        is_closed(&late.get("/setup/"));
        is_closed(&Browser::new(server).get(&link));
        is_closed(&Browser::new(server).get("/setup/"));
        is_closed(&Browser::new(server).post("/setup/", &eve));
        let words = server.cli(&["setup-link"]).refused(1);
        assert!(words.contains("closed for good") && words.contains("latchkey user create"), "{words}");
        assert_eq!(administrators(server), ["ada"]);
    };
    everything_is_closed(&server, &mut late);
    let server = restarted(server, &[]);
    everything_is_closed(&server, &mut late);
    assert!(!server.printed().contains("/setup/"), "a later start prints no link");

    // Not even when every user is gone: the last administrator cannot be deleted, but the database can lose rows.
    execute(&server.data(), "DELETE FROM users");
    let mut eve = ADA;
    eve[0].1 = "eve";
    is_closed(&late.submit(&late_page, &eve));
    server.cli(&["setup-link"]).refused(1);
}

#[test]
fn an_administrator_made_on_the_command_line_closes_setup_too() {
    for make in [&["user", "create", "root-of-all", "--admin", "--password-stdin"][..], &["group-way"]] {
        let server = Server::start();
        let link = printed_link(&server);
        let (mut browser, page) = opened(&server, &link);
        // A user without the right changes nothing.
        server.user("bob", &[]);
        assert_eq!(Browser::new(&server).open(&link).status, 200);
        if make == ["group-way"] {
            server.cli(&["group", "create", "staff", "--admin"]).ok();
            assert_eq!(browser.get("/setup/").status, 200);
            server.cli(&["group", "add", "staff", "bob"]).ok();
        } else {
            server.cli_with_input(make, PASSWORD).ok();
        }
        is_closed(&browser.submit(&page, &ADA));
        is_closed(&Browser::new(&server).get(&link));
        assert_eq!(administrators(&server).len(), 1);
    }
}

#[test]
fn twenty_parallel_setups_make_one_administrator() {
    let server = Server::start();
    let link = printed_link(&server);
    let start = Arc::new(Barrier::new(20));
    let attempts: Vec<_> = (0..20)
        .map(|n| {
            let (mut browser, page) = opened(&server, &link);
            let start = Arc::clone(&start);
            std::thread::spawn(move || {
                let (username, email) = (format!("admin{n}"), format!("admin{n}@example.com"));
                let mut fields = ADA;
                fields[0].1 = &username;
                fields[2].1 = &email;
                start.wait();
                browser.submit(&page, &fields)
            })
        })
        .collect();
    let answers: Vec<Answer> = attempts.into_iter().map(|a| a.join().expect("an answer")).collect();
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
    for answer in answers.iter().filter(|a| a.status != 200) {
        assert!([403, 404, 503].contains(&answer.status), "{answer:?}");
        assert!(answer.all("Set-Cookie").iter().all(|c| !c.starts_with("latchkey=")), "nobody else is signed in");
    }
    assert_eq!(administrators(&server).len(), 1);
}

#[test]
fn wrong_replaced_and_expired_links_are_refused() {
    let server = Server::start();
    let printed = printed_link(&server);
    let (mut before, page) = opened(&server, &printed);
    let replacement = server.cli(&["setup-link"]).ok().trim().to_owned();

    let refused = |answer: &Answer| {
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(!answer.body.contains("setup-submit") && answer.body.contains("latchkey setup-link"), "{answer:?}");
    };
    refused(&Browser::new(&server).get("/setup/?token=wrong"));
    refused(&Browser::new(&server).get("/setup/?token="));
    refused(&Browser::new(&server).get("/setup/"));
    refused(&Browser::new(&server).get(&printed));
    // What was opened with the old link is dead too.
    refused(&before.get("/setup/"));
    refused(&before.submit(&page, &ADA));

    let (mut browser, page) = opened(&server, &replacement);
    execute(&server.data(), "UPDATE links SET created_at = created_at - 3600, expires_at = expires_at - 3600");
    refused(&Browser::new(&server).get(&replacement));
    refused(&browser.submit(&page, &ADA));
    assert!(administrators(&server).is_empty());

    let good = server.cli(&["setup-link"]).ok();
    let (mut browser, page) = opened(&server, good.trim());
    assert_eq!(browser.submit(&page, &ADA).status, 200);
    assert_eq!(administrators(&server), ["ada"]);
}

#[test]
fn what_was_typed_stays_and_each_problem_stands_at_its_field() {
    let server = Server::start();
    let (mut browser, mut page) = opened(&server, &printed_link(&server));
    let long = "x".repeat(257);
    let wrong: [(&str, &str, &str); 6] = [
        ("username", "two words", "username-wrong"),
        ("username", "", "username-wrong"),
        ("email", "not-an-address", "email-wrong"),
        ("password", "7 chars", "password-wrong"),
        ("password", &long, "password-wrong"),
        ("password_again", "something else", "password-again-wrong"),
    ];
    for (field, value, id) in wrong {
        let mut fields = ADA;
        fields.iter_mut().filter(|f| f.0 == field).for_each(|f| f.1 = value);
        page = browser.submit(&page, &fields);
        assert_eq!(page.status, 422, "{field}={value}: {page:?}");
        assert!(page.body.contains(&format!("id=\"{id}\"")), "{field}={value}: {page:?}");
        for (name, typed) in fields {
            let is_kept = page.body.contains(&format!("value=\"{typed}\""));
            assert_eq!(is_kept, !name.starts_with("password"), "{name} of {field}={value}: {page:?}");
        }
        assert!(!page.body.contains(PASSWORD), "no password comes back");
    }
    let hostile = "\"><script>alert(1)</script>";
    page = browser.submit(&page, &[("username", hostile), ("name", hostile), ("email", hostile)]);
    assert!(!page.body.contains("<script>") && unescape(&page.body).contains(hostile), "{page:?}");
    // The link still works: only success uses it up.
    assert_eq!(browser.submit(&page, &ADA).status, 200);
    assert_eq!(administrators(&server), ["ada"]);
}

#[test]
fn a_setup_form_of_another_browser_or_origin_is_refused() {
    let server = Server::start();
    let link = printed_link(&server);
    let (mut browser, page) = opened(&server, &link);
    let (_, other_page) = opened(&server, &link);
    let foreign_token = form_token(&other_page);
    for token in ["", "wrong", foreign_token.as_str()] {
        let mut fields = vec![("form_token", token)];
        fields.extend(ADA);
        assert!(browser.post("/setup/", &fields).status >= 400, "{token}");
    }
    assert!(browser.post_from("https://evil.example", "/setup/", &ADA).status >= 400);
    assert!(administrators(&server).is_empty());
    assert_eq!(browser.submit(&page, &ADA).status, 200);
}

#[test]
fn anonymous_requests_write_nothing_to_the_database() {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let http = server.http();
    let watch = Watch::new(&server.data());
    let good = app.authorize_url(&[]);
    let before = watch.version();
    for _ in 0..50 {
        assert_eq!(http.get("/login/").status, 200);
        assert!(http.get(&good).status < 400);
        assert_eq!(http.get("/").status, 303);
        assert_eq!(http.get("/setup/?token=wrong").status, 403);
        assert_eq!(http.get("/recovery/?token=wrong").status, 403);
        assert_eq!(http.get("/no/such/page").status, 404);
    }
    assert_eq!(watch.version(), before, "somebody committed");

    // Refusals wait in memory; they may be flushed once, never one by one.
    let bad = app.authorize_url(&[("redirect_uri", "https://evil.example/")]);
    let mut commits = 0;
    let mut last = before;
    for _ in 0..50 {
        assert_eq!(http.get(&bad).status, 400);
        let now = watch.version();
        commits += i32::from(now != last);
        last = now;
    }
    assert!(commits <= 1, "{commits} commits");
    // The watch sees what is written: a sign-in is.
    Browser::signed_in(&server, "alice");
    assert_ne!(watch.version(), last);
}
