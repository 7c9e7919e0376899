//! Recovery: a link that lets one user choose a new password, once.

use crate::support::browser::form_token;
use crate::support::disk::execute;
use crate::support::{Answer, Browser, PASSWORD, Server};

const NEW: &str = "a wholly new password";

fn new_link(server: &Server, user: &str) -> String {
    server.cli(&["user", "recovery-link", user]).ok().trim().to_owned()
}

fn opened(server: &Server, link: &str) -> (Browser, Answer) {
    let mut browser = Browser::new(server);
    let page = browser.open(link);
    assert!(page.body.contains("id=\"recovery-submit\""), "{page:?}");
    (browser, page)
}

fn choose(browser: &mut Browser, page: &Answer, password: &str) -> Answer {
    browser.submit(page, &[("password", password), ("password_again", password)])
}

#[track_caller]
fn is_refused(answer: &Answer) {
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(!answer.body.contains("recovery-submit"), "{answer:?}");
}

fn signs_in(server: &Server, user: &str, password: &str) -> bool {
    let mut browser = Browser::new(server);
    let page = browser.open("/login/");
    browser.submit(&page, &[("username", user), ("password", password)]).status == 200
}

#[test]
fn the_link_sets_a_new_password_once_and_ends_everything_old() {
    let server = Server::start_with(&["--log", "debug"]);
    server.alice();
    let app = server
        .app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", "openid offline_access profile"]);
    let mut thief = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut thief, "openid offline_access");
    let code = app.code(&mut thief, &[]);

    let link = new_link(&server, "alice");
    assert!(link.starts_with(&format!("{}/recovery/?token=", server.base)), "{link}");
    let token = link.split_once("token=").expect("a token").1;
    let mut browser = Browser::new(&server);
    let swapped = browser.get(&link);
    assert_eq!((swapped.status, swapped.location()), (303, "/recovery/"));
    assert!(!swapped.header("Set-Cookie").expect("a cookie").contains(token));
    let page = browser.follow(swapped);
    assert!(page.body.contains("alice"), "it says whose password it is");
    assert_eq!(thief.get("/").status, 200, "looking ends nothing");
    let done = choose(&mut browser, &page, NEW);
    assert_eq!(done.status, 200, "{done:?}");

    assert!(!signs_in(&server, "alice", PASSWORD));
    assert!(signs_in(&server, "alice", NEW));
    assert_eq!(thief.get("/").status, 303, "every session has ended");
    assert_eq!(app.userinfo(&thief.http, &tokens.access).status, 401);
    assert_eq!(app.refresh(&thief.http, &tokens.refresh.expect("one"), &[]).error(400), "invalid_grant");
    assert_eq!(app.redeem(&thief.http, &code, &[]).error(400), "invalid_grant");

    // Once: neither the link, nor its cookie, nor the form still open.
    is_refused(&Browser::new(&server).get(&link));
    is_refused(&browser.get("/recovery/"));
    is_refused(&choose(&mut browser, &page, "yet another password"));
    assert!(signs_in(&server, "alice", NEW));
    assert!(!server.printed().contains(token), "the link stands in the log");
    assert!(server.events().iter().any(|e| e["kind"] == "password_set" && e["username"] == "alice"));
    assert!(!server.events().iter().any(|e| e.to_string().contains(token)));
}

#[test]
fn parallel_uses_of_one_link_set_one_password() {
    let server = Server::start();
    server.alice();
    let link = new_link(&server, "alice");
    let opened: Vec<_> = (0..6).map(|_| opened(&server, &link)).collect();
    let uses: Vec<_> = opened
        .into_iter()
        .enumerate()
        .map(|(n, (mut browser, page))| {
            std::thread::spawn(move || choose(&mut browser, &page, &format!("new password {n}")).status)
        })
        .collect();
    let statuses: Vec<u16> = uses.into_iter().map(|u| u.join().expect("a status")).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    let winner = statuses.iter().position(|s| *s == 200).expect("one");
    assert!(signs_in(&server, "alice", &format!("new password {winner}")));
}

#[test]
fn wrong_replaced_expired_and_overtaken_links_are_refused() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    is_refused(&Browser::new(&server).get("/recovery/"));
    is_refused(&Browser::new(&server).get("/recovery/?token=wrong"));
    let first = new_link(&server, "alice");
    let (mut browser, page) = opened(&server, &first);
    let second = new_link(&server, "alice");
    is_refused(&Browser::new(&server).get(&first));
    is_refused(&choose(&mut browser, &page, NEW));

    // Thirty minutes, exactly.
    let (mut browser, page) = opened(&server, &second);
    execute(&server.data(), "UPDATE links SET created_at = created_at - 1770, expires_at = expires_at - 1770");
    opened(&server, &second);
    execute(&server.data(), "UPDATE links SET created_at = created_at - 30, expires_at = expires_at - 30");
    is_refused(&Browser::new(&server).get(&second));
    is_refused(&choose(&mut browser, &page, NEW));

    // Overtaken by a password that was set, by a disabling, by the end of the user.
    for overtake in [&["user", "set-password", "alice", "--password-stdin"][..], &["user", "disable", "alice"]] {
        let link = new_link(&server, "alice");
        let (mut browser, page) = opened(&server, &link);
        server.cli_with_input(overtake, PASSWORD).ok();
        is_refused(&Browser::new(&server).get(&link));
        is_refused(&choose(&mut browser, &page, NEW));
    }
    let words = server.cli(&["user", "recovery-link", "alice"]).refused(1);
    assert!(words.contains("alice is disabled"), "{words}");
    server.cli(&["user", "enable", "alice"]).ok();
    let link = new_link(&server, "bob");
    server.cli(&["user", "delete", "bob"]).ok();
    is_refused(&Browser::new(&server).get(&link));
    server.cli(&["user", "recovery-link", "nobody"]).refused(1);

    let (mut browser, page) = opened(&server, &new_link(&server, "alice"));
    assert_eq!(choose(&mut browser, &page, NEW).status, 200);
    assert!(signs_in(&server, "alice", NEW));
}

#[test]
fn a_link_is_for_its_own_user_and_browser() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    let (mut alice, _) = opened(&server, &new_link(&server, "alice"));
    let (_, bobs_page) = opened(&server, &new_link(&server, "bob"));
    // A name in the form is not asked.
    let bobs_token = form_token(&bobs_page);
    let fields = [("password", NEW), ("password_again", NEW)];
    for token in ["", "wrong", bobs_token.as_str()] {
        let mut all = vec![("form_token", token)];
        all.extend(fields);
        assert_eq!(alice.post("/recovery/", &all).status, 403);
    }
    assert!(alice.post_from("https://evil.example", "/recovery/", &fields).status >= 400);
    assert!(signs_in(&server, "alice", PASSWORD) && signs_in(&server, "bob", PASSWORD));
    // Those sign-ins ended no link: whoever knows the old password shall not keep its owner from a new one.
    let page = alice.get("/recovery/").expect(200);
    let done = alice.submit(&page, &[("username", "bob"), ("user", "bob"), ("password", NEW), ("password_again", NEW)]);
    assert_eq!(done.status, 200, "{done:?}");
    assert!(signs_in(&server, "alice", NEW));
    assert!(signs_in(&server, "bob", PASSWORD) && !signs_in(&server, "bob", NEW));
}

#[test]
fn a_password_that_does_not_do_leaves_the_link_usable() {
    let server = Server::start();
    server.alice();
    let (mut browser, mut page) = opened(&server, &new_link(&server, "alice"));
    let long = "x".repeat(257);
    for (password, again) in [("1234567", "1234567"), (long.as_str(), long.as_str()), (NEW, "different"), ("", "")] {
        page = browser.submit(&page, &[("password", password), ("password_again", again)]);
        assert_eq!(page.status, 422, "{page:?}");
        assert!(page.body.contains("-wrong\"") && !page.body.contains(NEW), "{page:?}");
    }
    assert_eq!(choose(&mut browser, &page, NEW).status, 200);
    assert!(signs_in(&server, "alice", NEW) && !signs_in(&server, "alice", PASSWORD));
}
