//! Verifying an e-mail address by a mail to it.

use crate::support::disk::execute;
use crate::support::smtp::{Manners, SmtpServer, with_mail};
use crate::support::{Answer, Browser, HtmlForm, Server};

const ASK: &str = "/if/user/verify-email/";

fn house() -> (SmtpServer, Server, Browser) {
    let smtp = SmtpServer::start(Manners::default());
    let server = with_mail(smtp.port);
    server.user("bob", &["--email", "bob@example.com"]);
    let browser = Browser::signed_in(&server, "bob");
    (smtp, server, browser)
}

fn ask(browser: &mut Browser) -> Answer {
    let page = browser.open("/if/user/");
    let answer = HtmlForm::find(&page, ASK).send(browser);
    browser.follow(answer)
}

fn change(browser: &mut Browser, email: &str) {
    let page = browser.open("/if/user/");
    HtmlForm::find(&page, "/if/user/").with("email", email).send(browser).expect(303);
}

fn user(server: &Server) -> serde_json::Value {
    let users: serde_json::Value = serde_json::from_str(&server.cli(&["user", "list", "--json"]).ok()).expect("JSON");
    users.as_array().expect("a list").iter().find(|u| u["username"] == "bob").expect("bob").clone()
}

fn press(browser: &mut Browser, page: &Answer) -> Answer {
    assert!(page.body.contains("id=\"verify-submit\""), "{page:?}");
    browser.submit(page, &[])
}

#[test]
fn a_mailed_link_verifies_the_address_once_and_looking_at_it_does_not() {
    let (smtp, server, mut bob) = house();
    change(&mut bob, "new@example.com");
    let sent = ask(&mut bob);
    assert!(sent.body.contains("on its way to new@example.com"), "{sent:?}");
    let mail = &smtp.wait_for(1)[0];
    assert_eq!((mail.to.as_str(), mail.header("Subject").as_str()), ("new@example.com", "Verify your e-mail address"));
    let link = mail.link(&server.base);
    let token = link.split_once("token=").expect("a token").1.to_owned();
    // Another browser, signed in as nobody; and the sign-in of bob ends no such link.
    Browser::signed_in(&server, "bob");
    let mut reader = Browser::new(&server);
    let swapped = reader.get(&link);
    assert_eq!((swapped.status, swapped.location()), (303, "/verify-email/"));
    let page = reader.follow(swapped);
    assert!(page.body.contains("new@example.com") && page.body.contains("bob"), "{page:?}");
    assert_eq!(user(&server)["email_verified"], false, "a mail scanner opens links");
    assert_eq!(Browser::new(&server).post("/verify-email/", &[]).status, 403);
    assert!(reader.post_from("https://evil.example", "/verify-email/", &[]).status >= 400);
    assert_eq!(press(&mut reader, &page).status, 200);
    assert_eq!(user(&server)["email_verified"], true);
    assert!(!bob.open("/if/user/").body.contains("verify-email"), "there is nothing left to verify");
    assert_eq!(press(&mut reader, &page).status, 403, "once");
    assert_eq!(Browser::new(&server).get(&link).status, 403);
    assert!(server.events().iter().any(|e| e["kind"] == "email_verified" && e["username"] == "bob"));
    assert!(!server.printed().contains(&token) && !server.events().iter().any(|e| e.to_string().contains(&token)));
}

#[test]
fn a_link_is_for_the_address_it_was_sent_to_for_a_day_and_one_at_a_time() {
    let (smtp, server, mut bob) = house();
    ask(&mut bob);
    let link = smtp.wait_for(1)[0].link(&server.base);
    // Soon again: nobody's letter box is filled.
    let refused = ask(&mut bob);
    assert!(refused.status == 422 && refused.body.contains("not long ago"), "{refused:?}");
    let mut reader = Browser::new(&server);
    let page = reader.open(&link);
    change(&mut bob, "other@example.com");
    assert_eq!(press(&mut reader, &page).status, 403);
    assert_eq!(Browser::new(&server).get(&link).status, 403);
    assert_eq!(user(&server)["email_verified"], false);
    execute(&server.data(), "DELETE FROM links");

    let (smtp, server, mut bob) = house();
    ask(&mut bob);
    let link = smtp.wait_for(1)[0].link(&server.base);
    let back = |seconds: u32| {
        let sql = format!("UPDATE links SET created_at = created_at - {seconds}, expires_at = expires_at - {seconds}");
        execute(&server.data(), &sql)
    };
    back(86_000);
    let mut reader = Browser::new(&server);
    let page = reader.open(&link);
    back(400);
    assert_eq!(press(&mut reader, &page).status, 403, "a day");
    execute(&server.data(), "UPDATE links SET created_at = created_at + 86400, expires_at = expires_at + 86400");
    // A recovery link is none of these, nor the other way round.
    let token = link.split_once("token=").expect("a token").1;
    assert_eq!(Browser::new(&server).get(&format!("/recovery/?token={token}")).status, 403);
    let recovery = server.cli(&["user", "recovery-link", "bob"]).ok();
    let recovery = recovery.trim().split_once("token=").expect("a token").1;
    assert_eq!(Browser::new(&server).get(&format!("/verify-email/?token={recovery}")).status, 403);
    server.cli(&["user", "disable", "bob"]).ok();
    assert_eq!(Browser::new(&server).get(&link).status, 403);
}

#[test]
fn without_a_mail_server_nobody_is_offered_a_link() {
    let server = Server::start();
    server.user("bob", &["--email", "bob@example.com"]);
    let mut bob = Browser::signed_in(&server, "bob");
    let page = bob.open("/if/user/");
    assert!(!page.body.contains("verify-email"));
    let token = HtmlForm::find(&page, "/if/user/").value("form_token").to_owned();
    assert_eq!(bob.post(ASK, &[("form_token", &token)]).status, 404);
}
