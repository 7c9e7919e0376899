//! kill -9 at any moment: a code never yields two token sets, and what was answered is true afterwards. And an end in
//! order, which loses nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::support::browser::Browser;
use crate::support::client::TOKEN;
use crate::support::disk::database;
use crate::support::http::{form, parse_answer};
use crate::support::process::serve_command;
use crate::support::server::Folder;
use crate::support::{Answer, App, PASSWORD, Server, Tokens};

/// Rounds of load, kill and restart, where `LATCHKEY_TEST_KILLS` does not say how many.
const ROUNDS: u64 = 200;
const SCOPE: &str = "openid offline_access";

/// A client whose server may die under it: a request that got no whole answer got none.
struct Client<'a> {
    /// How many token requests were answered.
    answers: &'a AtomicU64,
    port: u16,
    app: &'a App,
    session: &'a str,
}

impl Client<'_> {
    fn exchange(&self, head: &str, body: &str) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nHost: localhost:{}\r\nCookie: latchkey={}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}",
            self.port, self.session
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length: usize = head.lines().find_map(|l| l.strip_prefix("Content-Length: "))?.parse().ok()?;
        (body.len() == length).then(|| parse_answer(&bytes))
    }

    fn token(&self, fields: &[(&str, &str)]) -> Option<Answer> {
        let mut all = vec![("client_id", self.app.id.as_str()), ("client_secret", self.app.secret.as_str())];
        all.extend(fields);
        let answer = self.exchange(&format!("POST {TOKEN}"), &form(&all))?;
        self.answers.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }

    fn code(&self) -> Option<String> {
        let answer = self.exchange(&format!("GET {}", self.app.authorize_url(&[("scope", SCOPE)])), "")?;
        Some(answer.location_param("code").unwrap_or_else(|| panic!("{answer:?}")))
    }

    fn redeem(&self, code: &str) -> Option<Answer> {
        let redirect = self.app.redirect.as_str();
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)])
    }

    fn refresh(&self, token: &str) -> Option<Answer> {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// Codes asked for and redeemed until the server is gone: each with the answer it got, or none.
    fn redeem_until_the_end(&self) -> Vec<(String, Option<Tokens>)> {
        let mut all = Vec::new();
        while let Some(code) = self.code() {
            let answer = self.redeem(&code);
            let is_over = answer.is_none();
            all.push((code, answer.map(|a| Tokens::of(&a))));
            if is_over {
                break;
            }
        }
        all
    }

    /// Turns one family of refresh tokens until the server is gone. Returns the answers, and leaves the token to go
    /// on with.
    fn refresh_until_the_end(&self, token: &mut String) -> Vec<Tokens> {
        let mut all = Vec::new();
        while let Some(answer) = self.refresh(token) {
            // An answer that was lost is no loss: the same token leads to the same successor.
            let tokens = Tokens::of(&answer);
            *token = tokens.refresh.clone().expect("a refresh token");
            all.push(tokens);
        }
        all
    }
}

#[test]
fn killed_at_any_moment_it_redeems_no_code_twice_and_keeps_every_word() {
    let mut server = Server::start();
    server.alice();
    server.user("ada", &["--admin"]);
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", SCOPE]);
    let mut browser = Browser::signed_in(&server, "alice");
    let session = browser.cookie("latchkey").expect("a session").to_owned();
    let mut families: Vec<String> =
        (0..2).map(|_| app.tokens(&mut browser, SCOPE).refresh.expect("a refresh token")).collect();
    let answers = AtomicU64::new(0);
    let client = Client { answers: &answers, port: server.port, app: &app, session: &session };
    let (mut answered, mut lost, mut refreshed) = (0_u64, 0_u64, 0);
    let rounds = rounds();
    for round in 0..rounds {
        let before = answers.load(Ordering::Relaxed);
        let (attempts, tokens) = std::thread::scope(|s| {
            let redeemers: Vec<_> = (0..2).map(|_| s.spawn(|| client.redeem_until_the_end())).collect();
            let refreshers: Vec<_> = families.iter_mut().map(|f| s.spawn(|| client.refresh_until_the_end(f))).collect();
            // A spread of moments: from before the first answer on, and anywhere within a request.
            while answers.load(Ordering::Relaxed) - before < round % 9 {
                std::thread::sleep(Duration::from_micros(100));
            }
            std::thread::sleep(Duration::from_micros(round * 7919 % 101 * 80));
            server.kill();
            let attempts: Vec<_> = redeemers.into_iter().flat_map(|r| r.join().expect("attempts")).collect();
            (attempts, refreshers.into_iter().flat_map(|r| r.join().expect("tokens")).collect::<Vec<_>>())
        });
        if round % 10 == 0 {
            // One more that does not even get to its first request.
            let mut child = serve_command(&server.data(), &[]).spawn().expect("it starts");
            std::thread::sleep(Duration::from_millis(round / 10));
            child.kill().expect("killed");
            child.wait().expect("ended");
        }
        server = Server::start_at(server.folder(), server.port, &server.base.clone(), &[]);

        let is_good = |access: &str| assert_eq!(app.userinfo(&browser.http, access).status, 200, "round {round}");
        for (code, tokens) in &attempts {
            match tokens {
                Some(tokens) => {
                    answered += 1;
                    is_good(&tokens.access);
                }
                None => {
                    lost += 1;
                    // Redeemed or not when the answer was lost: it yields tokens now, or never.
                    let again = client.redeem(code).expect("an answer");
                    match again.status {
                        200 => is_good(&Tokens::of(&again).access),
                        _ => assert_eq!(again.error(400), "invalid_grant"),
                    }
                }
            }
        }
        refreshed += tokens.len();
        tokens.iter().rev().take(4).for_each(|t| is_good(&t.access));
        // Once more for whoever has a code that was used: never a second set.
        if let Some((code, _)) = attempts.first() {
            assert_eq!(client.redeem(code).expect("an answer").error(400), "invalid_grant");
        }
        if round % 20 == 19 {
            is_whole(&server);
        }
    }
    is_whole(&server);
    println!(
        "{rounds} times killed: {answered} redemptions answered, {lost} lost on the way, {refreshed} refreshes answered"
    );
    assert!(
        answered > rounds / 2 && refreshed as u64 > rounds / 2 && lost > rounds / 40,
        "there was load: {answered} {refreshed} {lost}"
    );
    for family in &families {
        Tokens::of(&app.refresh(&browser.http, family, &[]));
    }
    assert_eq!(browser.get("/").status, 200, "the session survived them all");
}

fn rounds() -> u64 {
    match std::env::var("LATCHKEY_TEST_KILLS") {
        Ok(count) => count.parse().expect("LATCHKEY_TEST_KILLS is a number"),
        Err(_) => ROUNDS,
    }
}

pub fn is_whole(server: &Server) {
    let verdict: String =
        database(&server.data()).query_row("PRAGMA integrity_check", [], |r| r.get(0)).expect("a verdict");
    assert_eq!(verdict, "ok");
}

#[test]
fn a_first_start_that_was_killed_is_made_up_for_by_the_next() {
    for n in 0..12 {
        let folder = Folder::new();
        let mut child = serve_command(&folder.data(), &[]).spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(n * n));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let server = Server::start_on(Arc::clone(&folder), &[]);
        server.alice();
        let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
        app.tokens(&mut Browser::signed_in(&server, "alice"), "openid");
    }
}

#[test]
fn told_to_stop_it_ends_in_order_and_writes_down_what_was_refused() {
    let mut server = Server::start();
    server.alice();
    let mut browser = Browser::signed_in(&server, "alice");
    let mut stranger = Browser::new(&server);
    let page = stranger.open("/login/");
    assert_eq!(stranger.submit(&page, &[("username", "alice"), ("password", "a wrong one")]).status, 403);
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let code = app.code(&mut browser, &[]);
    let wrong = app.redeem(&browser.http, "no-such-code", &[]);
    assert_eq!(wrong.error(400), "invalid_grant");
    // A request that is on its way is answered.
    let http = server.http();
    let (status, ended) = std::thread::scope(|s| {
        let sign_in = s.spawn(|| {
            let mut browser = Browser::new(&server);
            let page = browser.open("/login/");
            let pid = server.pid().to_string();
            let signal = s.spawn(move || {
                std::thread::sleep(Duration::from_millis(10));
                std::process::Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success()
            });
            let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
            (answer.status, signal.join().expect("the signal"))
        });
        sign_in.join().expect("an answer")
    });
    assert_eq!((status, ended), (200, true));
    let started = std::time::Instant::now();
    assert_eq!(server.stop(), Some(0), "{}", server.printed());
    assert!(started.elapsed() < Duration::from_secs(10));
    drop(http);

    let events = server.events();
    let refused =
        |kind: &str| events.iter().find(|e| e["kind"] == kind).unwrap_or_else(|| panic!("{kind}: {events:?}"));
    assert_eq!(refused("login_failed")["username"], "alice");
    let token_refused = refused("token_refused");
    assert_eq!(token_refused["client_id"], app.id.as_str());
    // The answer and the event carry one request id, so that the two can be put together.
    assert_eq!(token_refused["request_id"], wrong.json()["request_id"]);
    assert!(!events.iter().any(|e| e.to_string().contains("no-such-code")), "no code in the events");
    // In order means: one whole file, nothing left in the log.
    assert!(!server.data().join("latchkey.db-wal").exists());
    let server = Server::start_at(server.folder(), server.port, &server.base.clone(), &[]);
    Tokens::of(&app.redeem(&server.http(), &code, &[]));
}
