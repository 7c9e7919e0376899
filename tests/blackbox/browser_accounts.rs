//! The pages of a user's own with a real browser: first administrator, recovery, My applications.

use crate::support::chromium::Page;
use crate::support::disk::eventually;
use crate::support::site::{Reply, Site, landed};
use crate::support::{PASSWORD, Server};

const NEW_PASSWORD: &str = "another battery staple";

/// A link with a token, in what was printed.
pub fn link_in(printed: &str, path: &str) -> Option<String> {
    printed.split_whitespace().find(|word| word.contains(path)).map(str::to_owned)
}

/// The link to set up a new server.
pub fn setup_link(server: &Server) -> String {
    eventually("the setup link is printed", || link_in(&server.printed(), "/setup/?token=").is_some());
    link_in(&server.printed(), "/setup/?token=").expect("the link")
}

pub fn recovery_link(server: &Server, username: &str) -> String {
    link_in(&server.cli(&["user", "recovery-link", username]).ok(), "/recovery/?token=").expect("the link")
}

#[test]
fn the_first_administrator_is_made_by_the_link_and_lands_in_my_applications() {
    for page in [Page::open(), Page::without_scripts()] {
        let server = Server::start();
        page.go(&setup_link(&server));
        assert_eq!(page.url(), format!("{}/setup/", server.base), "the token has left the address");
        page.fill("#username", "ada");
        page.fill("#name", "Ada Lovelace");
        page.fill("#email", "ada@example.com");
        page.fill("#password", PASSWORD);
        page.fill("#password-again", "something else");
        page.press("#setup-submit");
        page.see("#password-again-wrong");
        assert_eq!(page.js("document.querySelector('#username').value"), "ada", "what was typed is kept");
        page.fill("#password", PASSWORD);
        page.fill("#password-again", PASSWORD);
        page.press("#setup-submit");
        page.see("main.page");
        assert!(page.text("main.page").contains("Create with Provider"), "{}", page.text("main.page"));
        page.is_clean(&[&server.base]);
    }
}

#[test]
fn a_recovery_link_sets_a_new_password_once() {
    for page in [Page::open(), Page::without_scripts()] {
        let server = Server::start();
        server.alice();
        let link = recovery_link(&server, "alice");
        page.go(&link);
        assert_eq!(page.url(), format!("{}/recovery/", server.base), "the token has left the address");
        page.fill("#password", NEW_PASSWORD);
        page.fill("#password-again", NEW_PASSWORD);
        page.press("#recovery-submit");
        page.press("#notice a.button");
        page.sign_in("alice", PASSWORD);
        page.see("#problem");
        page.sign_in("alice", NEW_PASSWORD);
        page.see("main.page");
        page.go(&link);
        assert!(!page.has("#recovery-submit"), "the link works once");
        page.is_clean(&[&server.base]);
    }
}

#[test]
fn my_applications_launches_a_client_that_signs_in_by_itself() {
    for page in [Page::open(), Page::without_scripts()] {
        let server = Server::start();
        server.alice();
        let base = server.base.clone();
        let site = Site::answering(move |request| match request.path() {
            // What a client does with somebody it does not know.
            "/" => Reply::SeeOther(format!("{base}/application/o/authorize/?{}", request.target.replace("/?", ""))),
            _ => landed(),
        });
        let origin = site.origin("127.0.0.1");
        let app = server.app("Portainer", &["--redirect-uri", &format!("{origin}/callback")]);
        let query = app.authorize_url(&[]).split_once('?').expect("a query").1.to_owned();
        server.cli(&["app", "set", &app.slug, "--launch-url", &format!("{origin}/?{query}")]).ok();

        page.go(&format!("{}/", server.base));
        page.sign_in("alice", PASSWORD);
        page.see("main.page");
        page.press("a.tile");
        page.see("#landed");
        assert!(site.only("/callback").query("code").is_some());
        page.is_clean(&[&server.base, &origin]);
    }
}
