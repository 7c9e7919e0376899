//! Recovery by mail: the same answer for everybody, and a link for who has a verified address.

use std::time::{Duration, Instant};

use crate::support::disk::{Watch, execute, number};
use crate::support::server::free_port;
use crate::support::smtp::{Manners, SmtpServer, with_mail};
use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

const ASK: &str = "/recovery/request/";
const NEW: &str = "a wholly new password";

fn ask_from(server: &Server, address: &str, login: &str) -> Answer {
    let mut browser = Browser::new(server).from(address);
    let page = browser.open(ASK);
    browser.submit(&page, &[("login", login)])
}

fn ask(server: &Server, login: &str) -> Answer {
    ask_from(server, "127.0.0.1", login)
}

fn signs_in(server: &Server, user: &str, password: &str) -> bool {
    let mut browser = Browser::new(server);
    let page = browser.open("/login/");
    browser.submit(&page, &[("username", user), ("password", password)]).status == 200
}

/// What a reader sees: without what differs with every answer.
fn seen(answer: &Answer) -> (u16, String, Vec<String>) {
    let names = answer.headers.iter().map(|(n, _)| n.to_ascii_lowercase()).collect();
    (answer.status, answer.body.clone(), names)
}

/// Waits until the server has given up or sent what it had to: an event of this kind.
#[track_caller]
fn wait_for_event(server: &Server, kind: &str) -> serde_json::Value {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        if let Some(event) = server.events().into_iter().find(|e| e["kind"] == kind) {
            return event;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no {kind}: {:?}", server.events());
}

#[test]
fn without_a_mail_server_nothing_is_said_of_mail() {
    let server = Server::start();
    let page = Browser::new(&server).open("/login/");
    assert!(page.body.contains("Ask your administrator for a recovery link") && !page.body.contains(ASK), "{page:?}");
    assert_eq!(Browser::new(&server).get(ASK).status, 404);
    assert_eq!(Browser::new(&server).post(ASK, &[("login", "alice")]).status, 404);
}

#[test]
fn a_mailed_link_sets_a_new_password_once_and_ends_everything_old() {
    let smtp = SmtpServer::start(Manners::default());
    let server = with_mail(smtp.port);
    server.alice();
    let mut thief = Browser::signed_in(&server, "alice");
    let page = Browser::new(&server).open("/login/");
    assert!(page.body.contains(&format!("href=\"{ASK}\"")), "{page:?}");
    let asked = ask(&server, " ALICE@Example.com ");
    assert_eq!(asked.status, 200, "{asked:?}");
    assert!(asked.body.contains("Look into your mail"));
    let mail = smtp.wait_for(1)[0].clone();
    assert_eq!((mail.to.as_str(), mail.from.as_str()), ("alice@example.com", "lock@home.example"));
    assert!(mail.body().contains("127.0.0.1") && mail.body().contains("30 minutes"), "{}", mail.body());
    let link = mail.link(&server.base);
    let token = link.split_once("token=").expect("a token").1.to_owned();

    let mut browser = Browser::new(&server);
    let swapped = browser.get(&link);
    assert_eq!((swapped.status, swapped.location()), (303, "/recovery/"));
    let page = browser.follow(swapped);
    let done = browser.submit(&page, &[("password", NEW), ("password_again", NEW)]);
    assert_eq!(done.status, 200, "{done:?}");
    assert!(signs_in(&server, "alice", NEW) && !signs_in(&server, "alice", PASSWORD));
    assert_eq!(thief.get("/").status, 303, "every session has ended");
    assert_eq!(Browser::new(&server).get(&link).status, 403, "once");
    let event = wait_for_event(&server, "recovery_link_created");
    assert_eq!((event["username"].as_str(), event["details"]["by"].as_str()), (Some("alice"), Some("e-mail")));
    assert!(!server.printed().contains(&token), "the link stands in the log");
    assert!(!server.events().iter().any(|e| e.to_string().contains(&token)));
}

#[test]
fn known_and_unknown_users_get_the_same_answer_and_only_verified_active_ones_a_mail() {
    let smtp = SmtpServer::start(Manners::default());
    let server = with_mail(smtp.port);
    server.alice();
    server.user("bob", &["--email", "bob@example.com"]);
    server.user("carol", &[]);
    server.user("dave", &["--email", "dave@example.com", "--email-verified"]);
    server.cli(&["user", "disable", "dave"]).ok();
    let known = seen(&ask(&server, "alice"));
    smtp.wait_for(1);
    let before = Watch::new(&server.data());
    let version = before.version();
    for login in ["bob", "bob@example.com", "carol", "dave", "nobody", "x@y.example", "<b>", "alice"] {
        assert_eq!(seen(&ask_from(&server, "127.0.0.2", login)), known, "{login}");
    }
    // Of all those, the queue has looked at the last when one after it has been answered.
    server.user("eve", &["--email", "eve@example.com", "--email-verified"]);
    let version = version.max(before.version());
    ask_from(&server, "127.0.0.3", "eve");
    let mails = smtp.wait_for(2);
    assert_eq!(mails.iter().map(|m| m.to.as_str()).collect::<Vec<_>>(), ["alice@example.com", "eve@example.com"]);
    assert!(before.version() > version, "one link was stored, for eve");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM links WHERE purpose = 'mailed-recovery'"), 2);
    let empty = ask_from(&server, "127.0.0.4", "  ");
    assert_eq!(empty.status, 422, "{empty:?}");
}

#[test]
fn strangers_write_nothing_and_are_slowed_down() {
    let smtp = SmtpServer::start(Manners::default());
    let server = with_mail(smtp.port);
    server.alice();
    let watch = Watch::new(&server.data());
    let version = watch.version();
    let statuses: Vec<u16> = (0..5).map(|_| ask(&server, "nobody").status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429], "by name");
    let statuses: Vec<u16> = (0..6).map(|n| ask(&server, &format!("nobody{n}")).status).collect();
    assert_eq!((statuses[0], statuses[5]), (200, 429), "by address");
    let slowed = ask(&server, "alice");
    assert!(slowed.status == 429 && slowed.header("Retry-After").is_some(), "{slowed:?}");
    assert_eq!(watch.version(), version, "strangers wrote to the database");
    assert_eq!(ask_from(&server, "127.0.0.9", "alice").status, 200);
    assert_eq!(smtp.wait_for(1)[0].to, "alice@example.com");
    assert_eq!(Browser::new(&server).post(ASK, &[("login", "alice")]).status, 403, "no token");
    let evil = Browser::new(&server).post_from("https://evil.example", ASK, &[("login", "alice")]);
    assert!(evil.status >= 400, "{evil:?}");
}

#[test]
fn an_administrators_link_outlives_what_a_stranger_asks_for_and_time_ends_both() {
    let smtp = SmtpServer::start(Manners::default());
    let server = with_mail(smtp.port);
    server.alice();
    let by_hand = server.cli(&["user", "recovery-link", "alice"]).ok().trim().to_owned();
    ask(&server, "alice");
    let mailed = smtp.wait_for(1)[0].link(&server.base);
    let opens = |link: &str| Browser::new(&server).open(link).body.contains("recovery-submit");
    assert!(opens(&by_hand) && opens(&mailed));
    execute(&server.data(), "UPDATE links SET created_at = created_at - 1770, expires_at = expires_at - 1770");
    assert!(opens(&mailed));
    execute(&server.data(), "UPDATE links SET created_at = created_at - 30, expires_at = expires_at - 30");
    assert!(!opens(&by_hand) && !opens(&mailed));
    // One that is used ends the other.
    let by_hand = server.cli(&["user", "recovery-link", "alice"]).ok().trim().to_owned();
    execute(
        &server.data(),
        "UPDATE links SET created_at = created_at + 1800, expires_at = expires_at + 1800 WHERE purpose = 'mailed-recovery'",
    );
    assert!(opens(&mailed));
    let mut browser = Browser::new(&server);
    let page = browser.open(&by_hand);
    assert_eq!(browser.submit(&page, &[("password", NEW), ("password_again", NEW)]).status, 200);
    assert!(!opens(&mailed));
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_an_event() {
    let busy = SmtpServer::start(Manners { busy: 1, ..Manners::default() });
    let server = with_mail(busy.port);
    server.alice();
    ask(&server, "alice");
    assert_eq!(busy.wait_for(1)[0].to, "alice@example.com");

    let refusing = SmtpServer::start(Manners { refuses: Some("554 5.7.1 spam"), ..Manners::default() });
    let server = with_mail(refusing.port);
    server.alice();
    let answer = seen(&ask(&server, "alice"));
    let event = wait_for_event(&server, "mail_failed");
    assert_eq!((event["username"].as_str(), event["details"]["about"].as_str()), (Some("alice"), Some("recovery")));
    let reason = event["details"]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("554 5.7.1 spam") && reason.contains("token=…"), "{reason}");

    // Nobody there: the answer is the same, and what waits at the end is an event too.
    let mut server = with_mail(free_port());
    server.alice();
    assert_eq!(seen(&ask(&server, "alice")), answer);
    wait_for_event(&server, "recovery_link_created");
    assert_eq!(server.stop(), Some(0), "{}", server.printed());
    let event = wait_for_event(&server, "mail_failed");
    assert!(event["details"]["reason"].as_str().is_some_and(|r| r.contains("was stopped")), "{event}");
}

#[test]
fn mails_speak_the_language_of_who_gets_them() {
    let smtp = SmtpServer::start(Manners::default());
    let server = with_mail(smtp.port);
    server.user("jörg", &["--email", "joerg@example.com", "--email-verified"]);
    execute(&server.data(), "UPDATE users SET locale = 'de'");
    ask(&server, "jörg");
    let mail = &smtp.wait_for(1)[0];
    assert_eq!(mail.header("Subject"), "Neues Passwort wählen");
    assert!(mail.body().starts_with("Guten Tag jörg,") && mail.body().contains("öffnen Sie diesen Link"), "{mail:?}");
    let mut browser = Browser::new(&server);
    assert!(browser.open(&mail.link(&server.base)).body.contains("recovery-submit"));
}

#[test]
fn an_administrator_sees_that_mails_wait_and_lets_the_next_go_at_once() {
    let smtp = SmtpServer::start(Manners::default());
    let server = with_mail(smtp.port);
    server.user("keeper", &["--admin"]);
    server.alice();
    server.user("eve", &["--email", "eve@example.com", "--email-verified"]);
    let mut keeper = Browser::signed_in(&server, "keeper");
    let id = number(&server.data(), "SELECT id FROM users WHERE username = 'alice'");
    let (url, clear) = (format!("/if/admin/users/{id}/"), format!("/if/admin/users/{id}/unthrottle/"));
    assert!(!keeper.get(&url).expect(200).body.contains("Recovery mail"));
    ask(&server, "alice");
    smtp.wait_for(1);
    // A second one waits; that of eve, which was asked for after it, comes.
    ask(&server, "alice");
    ask(&server, "eve");
    assert_eq!(smtp.wait_for(2)[1].to, "eve@example.com");
    let page = keeper.get(&url).expect(200);
    let told = page.body.split("id=\"slowed\"").nth(1).and_then(|rest| rest.split("</ul>").next()).expect("a list");
    assert!(told.contains("Recovery mail") && told.contains("1 mail<") && told.contains("<time"), "{told}");
    assert!(!told.contains("unknown browsers"), "{told}");
    let answer = HtmlForm::find(&page, &clear).send(&mut keeper);
    assert!(!keeper.follow(answer).expect(200).body.contains("id=\"slowed\""));
    ask(&server, "alice");
    assert_eq!(smtp.wait_for(3)[2].to, "alice@example.com");
}

#[test]
fn a_mailed_link_ends_with_the_address_that_it_was_sent_to() {
    let smtp = SmtpServer::start(Manners::default());
    let server = with_mail(smtp.port);
    for (n, (name, by)) in [("alice", "an administrator"), ("carl", "its user"), ("dora", "nobody")].iter().enumerate()
    {
        let address = format!("{name}@example.com");
        server.user(name, &["--email", &address, "--email-verified"]);
        assert_eq!(ask_from(&server, &format!("127.0.70.{}", n + 1), name).status, 200);
        // Others are told of the change of their address.
        let mut mails = smtp.wait_for(1);
        while !mails.iter().any(|mail| mail.to == address) {
            mails = smtp.wait_for(mails.len() + 1);
        }
        let link = mails.iter().find(|mail| mail.to == address).expect("a mail").link(&server.base);
        match *by {
            "an administrator" => drop(server.cli(&["user", "set", name, "--email", "new@example.com"]).ok()),
            "its user" => {
                let mut browser = Browser::signed_in(&server, name);
                let form = HtmlForm::find(&browser.get("/if/user/").expect(200), "/if/user/");
                form.with("email", "other@example.com").send(&mut browser).expect(303);
            }
            _ => drop(server.cli(&["user", "set", name, "--name", "Dora"]).ok()),
        }
        let page = Browser::new(&server).open(&link);
        assert_eq!(page.status, if *by == "nobody" { 200 } else { 403 }, "changed by {by}: {page:?}");
    }
}
