//! Signing in: the same answer to whoever guesses, a wait that grows, passwords taken whole.

use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use regex::Regex;

use crate::support::browser::form_token;
use crate::support::disk::{database, number};
use crate::support::process::serve_command;
use crate::support::server::Folder;
use crate::support::{Answer, Browser, PASSWORD, Server};

const WRONG: &str = "not the password";

/// One attempt in a browser of its own, from an address, with headers of a proxy or a liar.
fn attempt_with(server: &Server, from: &str, headers: &[(&str, &str)], username: &str, password: &str) -> Answer {
    let mut browser = Browser::new(server).from(from);
    let page = browser.open("/login/");
    let cookies: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let (cookies, token) = (cookies.join("; "), form_token(&page));
    let mut all = vec![("Cookie", cookies.as_str())];
    all.extend(headers);
    let fields = [("form_token", token.as_str()), ("username", username), ("password", password)];
    browser.http.post_with("/login/", &all, &fields)
}

fn attempt(server: &Server, from: &str, username: &str, password: &str) -> Answer {
    attempt_with(server, from, &[], username, password)
}

fn is_success(answer: &Answer) -> bool {
    let signed_in = answer.all("Set-Cookie").iter().any(|c| c.starts_with("latchkey="));
    assert_eq!(signed_in, answer.status == 200, "{answer:?}");
    signed_in
}

fn retry_after(answer: &Answer) -> u64 {
    assert_eq!(answer.status, 429, "{answer:?}");
    answer.header("Retry-After").and_then(|s| s.parse().ok()).expect("seconds")
}

/// Guesses on until the wait is so long that the test can rely on it.
fn guess_until_throttled(mut guess: impl FnMut() -> Answer) {
    for _ in 0..60 {
        let answer = guess();
        if answer.status == 403 {
            continue;
        }
        let wait = retry_after(&answer);
        if wait >= 4 {
            return;
        }
        std::thread::sleep(Duration::from_millis(wait * 1000 + 50));
    }
    panic!("sixty guesses and no wait");
}

#[test]
fn unknown_wrong_and_disabled_get_the_same_answer() {
    let server = Server::start();
    server.alice();
    server.user("carol", &[]);
    server.cli(&["user", "disable", "carol"]).ok();
    server.cli(&["user", "create", "nopass"]).ok();
    let plain = |username: &str, password: &str| {
        let answer = attempt(&server, "127.0.0.1", username, password);
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(!is_success(&answer));
        let token = form_token(&answer);
        assert!(!token.is_empty());
        let body = answer.body.replace(&token, "TOKEN").replace(&format!("value=\"{username}\""), "value=\"NAME\"");
        // What a passkey would be asked for is new each time.
        let ask = Regex::new("(name=\"passkey_state\" value|data-options)=\"[^\"]*\"").expect("a pattern");
        let body = ask.replace_all(&body, "").into_owned();
        let mut names: Vec<String> = answer.headers.iter().map(|(n, _)| n.clone()).collect();
        names.sort();
        (body, names)
    };
    let unknown = plain("nobody", WRONG);
    assert!(unknown.0.contains("do not match") && unknown.0.contains("value=\"NAME\""), "{unknown:?}");
    for (username, password) in [("alice", WRONG), ("alice@example.com", WRONG), ("carol", PASSWORD), ("carol", WRONG)]
    {
        assert_eq!(plain(username, password), unknown, "{username}");
    }
    for (username, password) in [("nopass", ""), ("nopass", WRONG), ("alice", ""), ("", ""), ("", WRONG)] {
        let answer = attempt(&server, "127.0.0.2", username, password);
        assert!(!is_success(&answer), "{username} {password}");
    }
    assert!(is_success(&attempt(&server, "127.0.0.1", "alice", PASSWORD)));
}

#[test]
fn unknown_wrong_and_disabled_take_the_same_time() {
    let server = Server::start();
    server.alice();
    server.user("carol", &[]);
    server.cli(&["user", "disable", "carol"]).ok();
    server.cli(&["user", "create", "nopass"]).ok();
    let cases = [("alice", WRONG), ("nobody", WRONG), ("carol", PASSWORD), ("nopass", WRONG)];
    let mut n = 0;
    // A machine that is busy with other things may spoil a round; a missing hash spoils all three.
    let rounds = (0..3).map(|_| {
        let mut times = [const { Vec::new() }; 4];
        for _ in 0..15 {
            for (index, (username, password)) in cases.into_iter().enumerate() {
                // Each guess from an address of its own: nobody waits.
                n += 1;
                let mut browser = Browser::new(&server).from(&format!("127.1.{}.{}", n / 200, 1 + n % 200));
                let page = browser.open("/login/");
                let start = Instant::now();
                let answer = browser.submit(&page, &[("username", username), ("password", password)]);
                times[index].push(start.elapsed());
                assert_eq!(answer.status, 403, "{answer:?}");
            }
        }
        // What else the machine does only adds: the least of many is what the work itself takes.
        times.map(|t| t.into_iter().min().expect("fifteen"))
    });
    let is_even = |times: &[Duration; 4]| {
        let (least, most) = (times.iter().min().expect("four"), times.iter().max().expect("four"));
        *least > Duration::from_millis(5) && most.as_secs_f64() < least.as_secs_f64() * 1.4
    };
    let all: Vec<_> = rounds.collect();
    assert!(all.iter().any(is_even), "the time tells who exists: {all:?}");
}

#[test]
fn guessing_is_slowed_for_the_account_and_address_only() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    let variants = ["alice", "ALICE", "alice@example.com", "Alice@Example.COM", "ａｌｉｃｅ", " alice "];
    let mut n = 0;
    guess_until_throttled(|| {
        n += 1;
        attempt(&server, "127.0.0.1", variants[n % variants.len()], WRONG)
    });
    // Whichever way the name is written, and with the right password too.
    for variant in variants {
        let answer = attempt(&server, "127.0.0.1", variant, PASSWORD);
        assert!((1..=16).contains(&retry_after(&answer)), "{variant}: {answer:?}");
        assert!(!is_success(&answer));
    }
    // A stranger's guesses keep nobody out elsewhere.
    assert!(is_success(&attempt(&server, "127.0.0.9", "alice", PASSWORD)));
    assert!(is_success(&attempt(&server, "127.0.0.1", "bob", PASSWORD)));
    // The wait ends, and success forgets.
    let wait = retry_after(&attempt(&server, "127.0.0.1", "alice", PASSWORD));
    std::thread::sleep(Duration::from_millis(wait * 1000 + 50));
    assert!(is_success(&attempt(&server, "127.0.0.1", "alice", PASSWORD)));
    for _ in 0..3 {
        assert_eq!(attempt(&server, "127.0.0.1", "alice", WRONG).status, 403);
    }
    assert!(is_success(&attempt(&server, "127.0.0.1", "alice", PASSWORD)));
}

#[test]
fn names_that_nobody_has_are_slowed_alike() {
    let server = Server::start();
    server.alice();
    guess_until_throttled(|| attempt(&server, "127.0.0.1", "nobody", WRONG));
    assert_eq!(attempt(&server, "127.0.0.1", "NOBODY", WRONG).status, 429);
    assert_eq!(attempt(&server, "127.0.0.1", "somebody", WRONG).status, 403);
    assert!(is_success(&attempt(&server, "127.0.0.1", "alice", PASSWORD)));
}

#[test]
fn parallel_guesses_do_not_slip_through() {
    let server = Server::start();
    server.alice();
    let start = Arc::new(Barrier::new(20));
    let guesses: Vec<_> = (0..20)
        .map(|_| {
            let mut browser = Browser::new(&server);
            let page = browser.open("/login/");
            let start = Arc::clone(&start);
            std::thread::spawn(move || {
                start.wait();
                browser.submit(&page, &[("username", "alice"), ("password", WRONG)]).status
            })
        })
        .collect();
    let statuses: Vec<u16> = guesses.into_iter().map(|g| g.join().expect("a status")).collect();
    let looked_at = statuses.iter().filter(|s| **s == 403).count();
    assert!((1..=6).contains(&looked_at), "{statuses:?}");
    assert!(statuses.iter().all(|s| [403, 429, 503].contains(s)), "{statuses:?}");
}

#[test]
fn parallel_sign_ins_with_the_right_password_all_end_well() {
    let server = Server::start();
    for n in 0..12 {
        server.user(&format!("user{n}"), &[]);
    }
    let sign_ins: Vec<_> = (0..12)
        .map(|n| {
            let mut browser = Browser::new(&server);
            let page = browser.open("/login/");
            std::thread::spawn(move || {
                let name = format!("user{n}");
                for _ in 0..20 {
                    let answer = browser.submit(&page, &[("username", &name), ("password", PASSWORD)]);
                    if answer.status != 503 {
                        return answer.status;
                    }
                    // Shed, with words and a time to come back; never counted against the user.
                    assert!(answer.header("Retry-After").is_some(), "{answer:?}");
                    std::thread::sleep(Duration::from_millis(300));
                }
                503
            })
        })
        .collect();
    for sign_in in sign_ins {
        assert_eq!(sign_in.join().expect("a status"), 200);
    }
}

#[test]
fn passwords_are_taken_whole() {
    let server = Server::start();
    let words = "correct horse battery ";
    let longest = format!("{words}{}z", "p".repeat(233));
    let keys = format!("{words}{}", "🔑".repeat(234));
    let cases =
        [("eight", "x7!kQ2pz"), ("longest", longest.as_str()), ("keys", keys.as_str()), ("spaces", "  a b  c  ")];
    for (username, password) in cases {
        server.cli_with_input(&["user", "create", username, "--password-stdin"], password).ok();
        assert!(is_success(&attempt(&server, "127.0.0.1", username, password)), "{username}");
    }
    let near_misses = [
        ("eight", "x7!kQ2p".to_owned()),
        ("eight", "x7!kQ2pzz".to_owned()),
        ("eight", "x7!kQ2pz ".to_owned()),
        ("longest", format!("{words}{}", "p".repeat(233))),
        ("longest", format!("{words}{}y", "p".repeat(233))),
        ("longest", format!("{longest}z")),
        ("keys", format!("{words}{}", "🔑".repeat(233))),
        ("keys", format!("{words}{}", "🔑".repeat(235))),
        ("spaces", "a b  c".to_owned()),
    ];
    for (n, (username, password)) in near_misses.iter().enumerate() {
        let answer = attempt(&server, &format!("127.0.2.{n}"), username, password);
        assert_eq!(answer.status, 403, "{username}: {answer:?}");
    }
    let too_long = "p".repeat(257);
    for (username, password) in [("short", "1234567"), ("long", too_long.as_str()), ("none", "")] {
        let words = server.cli_with_input(&["user", "create", username, "--password-stdin"], password).refused(2);
        assert!(words.contains("characters"), "{words}");
        server.cli(&["user", "show", username]).refused(1);
    }
}

#[test]
fn absurdly_long_input_is_refused_without_a_hash() {
    let server = Server::start();
    server.alice();
    let long = "x".repeat(60_000);
    let median = |username: &str, password: &str, net: u8| {
        let mut times: Vec<Duration> = (1..=9)
            .map(|n| {
                let mut browser = Browser::new(&server).from(&format!("127.2.{net}.{n}"));
                let page = browser.open("/login/");
                let start = Instant::now();
                let answer = browser.submit(&page, &[("username", username), ("password", password)]);
                assert_eq!(answer.status, 403, "{}", answer.status);
                start.elapsed()
            })
            .collect();
        times.sort();
        times[4]
    };
    let hashed = median("alice", WRONG, 1);
    let password = median("alice", &long, 2);
    let username = median(&long, WRONG, 3);
    assert!(password < hashed && username < hashed, "{hashed:?} {password:?} {username:?}");
    assert_eq!(attempt(&server, "127.0.0.1", &long, &long).status, 413, "over 64 KiB");
    assert!(is_success(&attempt(&server, "127.0.0.1", "alice", PASSWORD)));
}

#[test]
fn a_name_signs_in_however_it_is_written() {
    let server = Server::start();
    server.user("straße", &["--name", "The Street", "--email", "Street@Example.com"]);
    for written in
        ["straße", "STRASSE", "Straße", "ｓｔｒａßｅ", "street@example.com", "STREET@EXAMPLE.COM", " straße "]
    {
        let mut browser = Browser::new(&server);
        let page = browser.open("/login/");
        let home = browser.sign_in(&page, written);
        assert!(home.body.contains("The Street"), "{written}: {home:?}");
    }
    assert_eq!(attempt(&server, "127.0.0.1", "strase", PASSWORD).status, 403);
}

#[test]
fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let server = Server::start();
    server.alice();
    guess_until_throttled(|| attempt(&server, "127.0.0.1", "alice", WRONG));
    for invented in ["203.0.113.7", "127.0.0.9", "::1"] {
        let headers = [("X-Forwarded-For", invented), ("Forwarded", "for=203.0.113.9"), ("X-Real-IP", invented)];
        assert_eq!(attempt_with(&server, "127.0.0.1", &headers, "alice", PASSWORD).status, 429, "{invented}");
    }

    let server = Server::start_with(&["--trusted-proxies", "127.0.0.1,10.0.0.0/8"]);
    server.alice();
    let through = |forwarded: &str, password: &str| {
        attempt_with(&server, "127.0.0.1", &[("X-Forwarded-For", forwarded)], "alice", password)
    };
    guess_until_throttled(|| through("203.0.113.7", WRONG));
    // What the client wrote before the proxies' own entries changes nothing.
    for same in ["203.0.113.8, 203.0.113.7", "203.0.113.8, 203.0.113.7, 10.1.2.3", "garbage, 203.0.113.7"] {
        assert_eq!(through(same, PASSWORD).status, 429, "{same}");
    }
    assert!(is_success(&through("203.0.113.7, 203.0.113.8", PASSWORD)));
    assert!(is_success(&attempt(&server, "127.0.0.1", "alice", PASSWORD)), "the proxy itself is another address");
    // A peer that is no proxy speaks for itself.
    let liar = [("X-Forwarded-For", "203.0.113.99")];
    guess_until_throttled(|| attempt_with(&server, "127.0.0.9", &liar, "alice", WRONG));
    assert_eq!(attempt(&server, "127.0.0.9", "alice", PASSWORD).status, 429);
    let addresses: Vec<String> = server
        .events()
        .iter()
        .filter(|e| e["kind"] == "login")
        .map(|e| e["address"].as_str().expect("an address").to_owned())
        .collect();
    assert_eq!(addresses, ["203.0.113.8", "127.0.0.1"]);
}

#[test]
fn a_password_costs_the_same_whoever_sets_it() {
    let passes = |server: &Server| -> String {
        let sql = "SELECT password_hash FROM users ORDER BY id DESC LIMIT 1";
        let hash: String = database(&server.data()).query_row(sql, [], |r| r.get(0)).expect("a hash");
        hash.split(',').find_map(|p| p.strip_prefix("t=")).expect("the passes").to_owned()
    };
    let start = |folder: &Arc<Folder>, options: &[&str]| {
        let base = "http://localhost:1";
        Server::spawn(serve_command(&folder.data(), options), Arc::clone(folder), 1, base)
    };
    let folder = Folder::new();
    for told in ["3", "4"] {
        let server = start(&folder, &["--password-passes", told]);
        server.user(&format!("told{told}"), &[]);
        assert_eq!(passes(&server), told, "the command does as the server was told");
    }
    // Told nothing any more, both measure. That takes a moment, and never less than the floor.
    let server = start(&folder, &[]);
    server.user("measured", &[]);
    let measured: u32 = passes(&server).parse().expect("a number");
    let sql = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'password_passes'";
    assert!(measured >= 2);
    assert_eq!(i64::from(measured), number(&server.data(), sql));
}

#[test]
fn a_right_password_renews_a_hash_of_another_cost_and_a_wrong_one_does_not() {
    let mut server = Server::start();
    server.alice();
    let hash = |server: &Server| -> String {
        let sql = "SELECT password_hash FROM users WHERE username = 'alice'";
        database(&server.data()).query_row(sql, [], |r| r.get(0)).expect("a hash")
    };
    let before = hash(&server);
    assert!(before.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{before}");
    assert_eq!(server.stop(), Some(0));
    let server = Server::start_on(server.folder(), &["--password-passes", "3"]);
    attempt(&server, "127.0.0.1", "alice", WRONG).expect(403);
    assert_eq!(hash(&server), before);
    assert!(is_success(&attempt(&server, "127.0.0.1", "alice", PASSWORD)));
    let after = hash(&server);
    assert!(after.starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{after}");
    assert!(is_success(&attempt(&server, "127.0.0.1", "alice", PASSWORD)));
    assert_eq!(hash(&server), after, "once is enough");
}
