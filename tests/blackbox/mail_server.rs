//! The mail server: set on the page, by commands or where the server is started; tried; and what goes wrong said in words.

use std::process::Command;

use crate::support::server::{Folder, command, free_port};
use crate::support::smtp::{Manners, SmtpServer};
use crate::support::{Answer, Browser, HtmlForm, Server};

const PAGE: &str = "/if/admin/settings/mail/";
const TEST: &str = "/if/admin/settings/mail/test/";
const SECRET: &str = "hush-hush-9431";

fn administrator(server: &Server) -> Browser {
    server.user("ada", &["--admin", "--email", "ada@home.example", "--email-verified"]);
    Browser::signed_in(server, "ada")
}

/// A provider that trusts the root of a mail server.
fn trusting(smtp: &SmtpServer) -> Server {
    let (folder, port) = (Folder::new(), free_port());
    let root = folder.data().with_file_name("root.pem");
    std::fs::write(&root, &smtp.root).expect("a file");
    let base = format!("http://localhost:{port}");
    let mut command: Command = command();
    command.env("SSL_CERT_FILE", root).env_remove("SSL_CERT_DIR").arg("--data-dir").arg(folder.data()).arg("serve");
    command.args([
        "--listen",
        &format!("127.0.0.1:{port}"),
        "--url",
        &base,
        "--password-passes",
        "2",
        "--log",
        "debug",
    ]);
    Server::spawn(command, folder, port, &base)
}

fn set(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    let page = browser.open(PAGE);
    let form = fields.iter().fold(HtmlForm::find(&page, PAGE), |form, (name, value)| form.with(name, value));
    let answer = form.send(browser);
    browser.follow(answer)
}

/// Sends a test mail, and gives the page that tells of it.
fn try_it(browser: &mut Browser) -> Answer {
    let page = browser.open(PAGE);
    let answer = HtmlForm::find(&page, TEST).with("to", "Bob@Example.net").send(browser);
    browser.follow(answer)
}

#[track_caller]
fn says(page: &Answer, words: &str) {
    assert!(page.body.contains(words), "{words}: {page:?}");
}

#[test]
fn a_mail_server_set_on_the_page_takes_a_test_mail_and_none_is_there_before() {
    let smtp = SmtpServer::start(Manners::default());
    let server = Server::start();
    let mut browser = administrator(&server);
    let page = browser.open(PAGE);
    assert!(page.status == 200 && !page.body.contains("send-test"), "{page:?}");
    says(&browser.open("/if/admin/settings/"), "No mail server is set");
    let port = smtp.port.to_string();
    let clear = [("smtp_host", "localhost"), ("smtp_port", port.as_str()), ("smtp_security", "none")];
    // Who mails are from is missing.
    let refused = set(&mut browser, &clear);
    assert_eq!(refused.status, 422, "{refused:?}");
    says(&refused, "Say who mails are from first");
    let mut all = clear.to_vec();
    all.push(("smtp_from", "The Lock <lock@home.example>"));
    assert_eq!(set(&mut browser, &all).status, 200);
    says(&browser.open("/if/admin/settings/"), &format!("Mails are sent by localhost:{port}"));
    says(&try_it(&mut browser), "took the mail for Bob@Example.net");
    let mail = &smtp.wait_for(1)[0];
    assert_eq!((mail.from.as_str(), mail.to.as_str()), ("lock@home.example", "Bob@Example.net"));
    assert_eq!(mail.header("Subject"), "A test mail");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.header("From").contains("The Lock"), "{mail:?}");
    assert!(mail.header("Content-Type").starts_with("text/plain"), "{mail:?}");
    assert!(mail.body().starts_with("Hello ada,") && mail.body().contains(&server.base), "{}", mail.body());

    // To another machine, nothing goes in the clear unless somebody insists.
    let refused = set(&mut browser, &[("smtp_host", "mail.example")]);
    assert!(refused.status == 422 && refused.body.contains("none-forced"), "{refused:?}");
    assert_eq!(set(&mut browser, &[("smtp_host", "mail.example"), ("smtp_security", "none-forced")]).status, 200);
    // By command too; an event tells of both.
    server.cli(&["settings", "set", "smtp-security", "none"]).refused(1);
    server.cli(&["settings", "set", "smtp-host", "127.0.0.1"]).ok();
    server.cli(&["settings", "set", "smtp-security", "none"]).ok();
    let said = server.cli(&["mail", "test", "carol@example.net"]).ok();
    assert!(said.contains("took the mail for carol@example.net"), "{said}");
    assert_eq!(smtp.wait_for(2)[1].to, "carol@example.net");
    server.cli(&["mail", "test", "nobody"]).refused(2);
    assert!(
        server.events().iter().any(|e| e["kind"] == "settings_changed" && e["details"]["smtp-host"] == "localhost")
    );
}

#[test]
fn starttls_and_tls_with_a_sign_in_and_a_sealed_password() {
    for wrapped in [false, true] {
        let names = vec!["localhost".to_owned()];
        let smtp = SmtpServer::start(Manners { names, wrapped, login: Some(("me", SECRET)), ..Manners::default() });
        let server = trusting(&smtp);
        let mut browser = administrator(&server);
        let port = smtp.port.to_string();
        let how = if wrapped { "tls" } else { "starttls" };
        let good = [
            ("smtp_host", "localhost"),
            ("smtp_port", port.as_str()),
            ("smtp_security", how),
            ("smtp_username", "me"),
            ("smtp_from", "lock@home.example"),
        ];
        assert_eq!(set(&mut browser, &good).status, 200);
        says(&try_it(&mut browser), "no password that is known here");
        // A wrong one is said in words, and neither repeated nor logged, though this server repeats it.
        assert_eq!(set(&mut browser, &[("smtp_password", "wrong-8841")]).status, 200);
        let wrong = try_it(&mut browser);
        assert_eq!(wrong.status, 422);
        says(&wrong, "does not take the user name and password: 535 5.7.8 no");
        assert!(!wrong.body.contains("wrong-8841"), "{wrong:?}");
        let saved = set(&mut browser, &[("smtp_password", SECRET)]);
        assert!(saved.status == 200 && !saved.body.contains(SECRET), "{saved:?}");
        says(&saved, "A password is kept, sealed.");
        says(&try_it(&mut browser), "took the mail");
        let mail = &smtp.wait_for(1)[0];
        assert!(mail.protected && mail.signed_in, "{mail:?}");
        // The certificate is for that name and no other.
        let other = set(&mut browser, &[("smtp_host", "127.0.0.1"), ("smtp_password", SECRET)]);
        assert_eq!(other.status, 200, "{other:?}");
        says(&try_it(&mut browser), "shows a certificate for another name");
        // With another server the password is to be typed again: this one must not be sent there.
        assert_eq!(set(&mut browser, &[("smtp_host", "localhost")]).status, 200);
        says(&try_it(&mut browser), "no password that is known here");
        server.cli_with_input(&["mail", "set-password", "--password-stdin"], SECRET).ok();
        says(&try_it(&mut browser), "took the mail");
        // The other kind of protection.
        let swapped = if wrapped { "starttls" } else { "tls" };
        assert_eq!(set(&mut browser, &[("smtp_security", swapped), ("smtp_password", SECRET)]).status, 200);
        if !wrapped {
            says(&try_it(&mut browser), "STARTTLS (587)");
        }
        let stored = crate::support::disk::stored_bytes(&server.data());
        for secret in [SECRET, "wrong-8841"] {
            assert!(!stored.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} is stored in the clear");
            assert!(!server.printed().contains(secret), "{}", server.printed());
            assert!(!server.events().iter().any(|e| e.to_string().contains(secret)));
        }
        assert_eq!(set(&mut browser, &[("forget_password", "on")]).status, 200);
        says(&try_it(&mut browser), "no password that is known here");
    }
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let names = vec!["localhost".to_owned()];
    let unknown = SmtpServer::start(Manners { names, ..Manners::default() });
    let bare = SmtpServer::start(Manners::default());
    let refusing = SmtpServer::start(Manners { refuses: Some("554 5.7.1 not from you"), ..Manners::default() });
    let server = Server::start();
    let mut browser = administrator(&server);
    let closed = free_port();
    for (port, security, username, words) in [
        (unknown.port, "starttls", "", "issuer that this machine does not trust"),
        (bare.port, "starttls", "", "offers no STARTTLS"),
        (bare.port, "none", "me", "offers no sign-in by password"),
        (refusing.port, "none", "", "does not take the mail: 554 5.7.1 not from you"),
        (closed, "none", "", "cannot be reached"),
    ] {
        let port = port.to_string();
        let fields = [
            ("smtp_host", "localhost"),
            ("smtp_port", port.as_str()),
            ("smtp_security", security),
            ("smtp_username", username),
            ("smtp_password", SECRET),
            ("smtp_from", "lock@home.example"),
        ];
        assert_eq!(set(&mut browser, &fields).status, 200);
        let told = try_it(&mut browser);
        assert_eq!(told.status, 422, "{words}");
        says(&told, words);
        let told = server.cli(&["mail", "test", "bob@example.net"]).refused(1);
        assert!(told.contains(words), "{told}");
    }
    assert!(unknown.mails().is_empty() && bare.mails().is_empty() && refusing.mails().is_empty());
}

#[test]
fn what_was_said_where_the_server_was_started_goes_before_the_page() {
    let smtp = SmtpServer::start(Manners { login: Some(("me@home.example", SECRET)), ..Manners::default() });
    let folder = Folder::new();
    let file = folder.data().with_file_name("smtp-password");
    std::fs::write(&file, format!("{SECRET}\n")).expect("a file");
    let port = smtp.port.to_string();
    let options = [
        "--smtp-host",
        "localhost",
        "--smtp-port",
        &port,
        "--smtp-security",
        "none",
        "--smtp-username",
        "me@home.example",
        "--smtp-password-file",
        file.to_str().expect("UTF-8"),
    ];
    let server = Server::start_on(folder, &options);
    let mut browser = administrator(&server);
    let page = browser.open(PAGE);
    says(&page, "Set by the option --smtp-host");
    says(&page, "Set by the option --smtp-password-file");
    assert!(!page.body.contains(SECRET));
    says(&try_it(&mut browser), "took the mail");
    let mail = &smtp.wait_for(1)[0];
    assert!(mail.signed_in && mail.from == "me@home.example", "{mail:?}");
    let form = HtmlForm::find(&page, PAGE).with("smtp_password", "another");
    assert_eq!(form.send(&mut browser).status, 422, "nobody shall believe that it was changed");
    let told = server.cli(&["settings", "set", "smtp-host", "mail.example"]).refused(1);
    assert!(told.contains("--smtp-host"), "{told}");
    // Another command was not told the password.
    let told = server.cli(&["mail", "test", "bob@example.net"]).refused(1);
    assert!(told.contains("LATCHKEY_SMTP_PASSWORD"), "{told}");
    // Read for each mail.
    std::fs::remove_file(&file).expect("removed");
    says(&try_it(&mut browser), "cannot be read from");
}
