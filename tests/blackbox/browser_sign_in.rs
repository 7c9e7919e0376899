//! Signing in with a real browser: from the client through the pages and back, on other origins, without scripts.

use crate::support::chromium::Page;
use crate::support::client::AUTHORIZE;
use crate::support::site::{Reply, Site, landed};
use crate::support::{App, PASSWORD, Server, Tokens};

/// A provider with alice, and an application whose redirect URI is `/callback` at the site under this host name.
fn provider_for(site: &Site, host: &str, options: &[&str]) -> (Server, App) {
    let server = Server::start();
    server.alice();
    let callback = format!("{}/callback", site.origin(host));
    let mut all = vec!["--redirect-uri", callback.as_str()];
    all.extend(options);
    let app = server.app("Portainer", &all);
    (server, app)
}

fn authorize(server: &Server, app: &App, more: &[(&str, &str)]) -> String {
    format!("{}{}", server.base, app.authorize_url(more))
}

/// What reached the client is a code that is good for alice.
#[track_caller]
fn is_a_code_for_alice(server: &Server, app: &App, code: Option<String>, state: Option<String>) {
    assert_eq!(state.as_deref(), Some("the-state"));
    let tokens = Tokens::of(&app.redeem(&server.http(), &code.expect("a code"), &[]));
    assert_eq!(tokens.id_claims()["preferred_username"], "alice");
}

#[test]
fn the_way_leads_back_to_a_client_on_another_origin() {
    // The same site with another port, another site, and a name below ours.
    for host in ["localhost", "127.0.0.1", "app.localhost"] {
        let site = Site::start();
        let (server, app) = provider_for(&site, host, &[]);
        let page = Page::open();
        page.go(&authorize(&server, &app, &[]));
        assert_eq!(page.text("h1"), "Sign in to Portainer");
        page.sign_in("alice", PASSWORD);
        page.see("#landed");
        assert!(page.url().starts_with(&app.redirect), "{}", page.url());
        let back = site.only("/callback");
        assert_eq!(back.method, "GET");
        is_a_code_for_alice(&server, &app, back.query("code"), back.query("state"));
        page.is_clean(&[&server.base, &site.origin(host)]);
    }
}

#[test]
fn a_client_may_redirect_to_other_sites_after_landing() {
    let elsewhere = Site::start();
    let onward = format!("{}/start", elsewhere.origin("localhost"));
    let site = Site::answering(move |request| match request.path() {
        "/callback" => Reply::SeeOther("/signed-in".into()),
        "/signed-in" => Reply::SeeOther(onward.clone()),
        _ => landed(),
    });
    let (server, app) = provider_for(&site, "127.0.0.1", &[]);
    let page = Page::open();
    page.go(&authorize(&server, &app, &[]));
    page.sign_in("alice", PASSWORD);
    page.see("#landed");
    elsewhere.only("/start");
    page.is_clean(&[&server.base, &site.origin("127.0.0.1"), &elsewhere.origin("localhost")]);
}

#[test]
fn a_wrong_password_is_said_and_the_right_one_then_works_with_and_without_scripts() {
    for page in [Page::open(), Page::without_scripts()] {
        let site = Site::start();
        let (server, app) = provider_for(&site, "127.0.0.1", &[]);
        page.go(&authorize(&server, &app, &[]));
        page.sign_in("alice", "not the password");
        assert!(page.text("#problem").contains("password"), "{}", page.text("#problem"));
        assert_eq!(page.js("document.querySelector('#username').value"), "alice");
        assert_eq!(page.js("document.activeElement.id"), "password");
        page.sign_in("alice", PASSWORD);
        page.see("#landed");
        let back = site.only("/callback");
        is_a_code_for_alice(&server, &app, back.query("code"), back.query("state"));
        page.is_clean(&[&server.base, &site.origin("127.0.0.1")]);
    }
}

#[test]
fn consent_is_asked_once_and_remembered_and_a_refusal_reaches_the_client() {
    for page in [Page::open(), Page::without_scripts()] {
        let site = Site::start();
        let (server, app) = provider_for(&site, "127.0.0.1", &["--consent", "explicit"]);
        page.go(&authorize(&server, &app, &[]));
        page.sign_in("alice", PASSWORD);
        assert!(page.text("h1").contains("Allow Portainer"), "{}", page.text("h1"));
        page.press("#consent-deny");
        page.see("#landed");
        let denied = site.only("/callback");
        assert_eq!(denied.query("error").as_deref(), Some("access_denied"));
        assert_eq!(denied.query("state").as_deref(), Some("the-state"));
        assert_eq!(denied.query("code"), None);

        page.go(&authorize(&server, &app, &[]));
        page.press("#consent-allow");
        page.see("#landed");
        let allowed = site.received().pop().expect("the second answer");
        is_a_code_for_alice(&server, &app, allowed.query("code"), allowed.query("state"));

        // Remembered: no page in between.
        page.go(&authorize(&server, &app, &[]));
        page.see("#landed");
        assert_eq!(site.received().len(), 3);
        page.is_clean(&[&server.base, &site.origin("127.0.0.1")]);
    }
}

#[test]
fn form_post_goes_by_itself_with_scripts_and_by_its_button_without() {
    for scripts in [true, false] {
        let elsewhere = Site::start();
        let onward = format!("{}/home", elsewhere.origin("localhost"));
        let site = Site::answering(move |request| match request.method.as_str() {
            "POST" => Reply::SeeOther(onward.clone()),
            _ => landed(),
        });
        let (server, app) = provider_for(&site, "127.0.0.1", &[]);
        let page = if scripts { Page::open() } else { Page::without_scripts() };
        page.go(&authorize(&server, &app, &[("response_mode", "form_post")]));
        page.sign_in("alice", PASSWORD);
        if !scripts {
            page.see("#form-post");
            assert_eq!(site.received().len(), 0, "nothing goes by itself");
            page.press("#form-post button");
        }
        page.see("#landed");
        elsewhere.only("/home");
        let back = site.only("/callback");
        assert_eq!((back.method.as_str(), back.target.as_str()), ("POST", "/callback"));
        is_a_code_for_alice(&server, &app, back.form("code"), back.form("state"));
        page.is_clean(&[&server.base, &site.origin("127.0.0.1"), &elsewhere.origin("localhost")]);
    }
}

#[test]
fn the_answer_may_come_in_the_fragment() {
    let site = Site::start();
    let (server, app) = provider_for(&site, "127.0.0.1", &[]);
    let page = Page::open();
    page.go(&authorize(&server, &app, &[("response_mode", "fragment")]));
    page.sign_in("alice", PASSWORD);
    page.see("#landed");
    assert_eq!(site.only("/callback").target, "/callback", "nothing of the answer reaches the client's server");
    let fragment = page.js("location.hash.slice(1)");
    let fragment: Vec<(String, String)> =
        form_urlencoded::parse(fragment.as_str().expect("a fragment").as_bytes()).into_owned().collect();
    let of = |name: &str| fragment.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    is_a_code_for_alice(&server, &app, of("code"), of("state"));
    page.is_clean(&[&server.base, &site.origin("127.0.0.1")]);
}

#[test]
fn an_account_is_chosen_or_changed_when_the_client_asks() {
    for page in [Page::open(), Page::without_scripts()] {
        let site = Site::start();
        let (server, app) = provider_for(&site, "127.0.0.1", &[]);
        server.user("bob", &[]);
        let url = authorize(&server, &app, &[("prompt", "select_account")]);
        page.go(&format!("{}/login/", server.base));
        page.sign_in("bob", PASSWORD);

        page.go(&url);
        assert!(page.text(".who").contains("bob"), "{}", page.text(".who"));
        page.press("#choose-continue");
        page.see("#landed");
        let code = site.only("/callback").query("code").expect("a code");
        let tokens = Tokens::of(&app.redeem(&server.http(), &code, &[]));
        assert_eq!(tokens.id_claims()["preferred_username"], "bob");

        page.go(&url);
        page.press("#choose-another");
        page.sign_in("alice", PASSWORD);
        page.see("#landed");
        let back = site.received().pop().expect("the second answer");
        is_a_code_for_alice(&server, &app, back.query("code"), back.query("state"));
        page.is_clean(&[&server.base, &site.origin("127.0.0.1")]);
    }
}

#[test]
fn whoever_has_no_access_reads_so_and_can_take_another_account() {
    for page in [Page::open(), Page::without_scripts()] {
        let site = Site::start();
        let (server, app) = provider_for(&site, "127.0.0.1", &[]);
        server.user("bob", &[]);
        server.cli(&["app", "bind", &app.slug, "--user", "alice"]).ok();
        page.go(&authorize(&server, &app, &[]));
        page.sign_in("bob", PASSWORD);
        page.see("#access-denied");
        assert!(page.text("#access-denied").contains("bob"), "{}", page.text("#access-denied"));
        assert_eq!(site.received().len(), 0);

        page.press("#access-denied form button");
        page.sign_in("alice", PASSWORD);
        page.see("#landed");
        let back = site.only("/callback");
        is_a_code_for_alice(&server, &app, back.query("code"), back.query("state"));
        page.is_clean(&[&server.base, &site.origin("127.0.0.1")]);
    }
}

#[test]
fn a_form_on_the_clients_own_page_may_post_the_request() {
    let server = Server::start();
    server.alice();
    let action = format!("{}{AUTHORIZE}", server.base);
    let site = Site::answering(move |request| match request.path() {
        "/start" => Reply::Page(format!(
            "<form id=\"go\" method=\"post\" action=\"{action}\">{}</form><script>document.forms[0].submit()</script>",
            request
                .target
                .split_once('?')
                .map(|(_, query)| form_urlencoded::parse(query.as_bytes()))
                .into_iter()
                .flatten()
                .map(|(n, v)| format!("<input type=\"hidden\" name=\"{n}\" value=\"{v}\">"))
                .collect::<String>()
        )),
        _ => landed(),
    });
    let callback = format!("{}/callback", site.origin("127.0.0.1"));
    let app = server.app("Portainer", &["--redirect-uri", &callback]);
    let start = app.authorize_url(&[]).replace(AUTHORIZE, "/start");
    let start = format!("{}{start}", site.origin("127.0.0.1"));

    let page = Page::open();
    page.go(&start);
    page.see("#login-submit");
    page.sign_in("alice", PASSWORD);
    page.see("#landed");
    let back = site.only("/callback");
    is_a_code_for_alice(&server, &app, back.query("code"), back.query("state"));

    // Signed in: the POST carries no session cookie, and yet nothing is asked again.
    page.go(&start);
    page.see("#landed");
    let back = site.received().pop().expect("the second answer");
    assert_eq!(back.path(), "/callback");
    is_a_code_for_alice(&server, &app, back.query("code"), back.query("state"));
    page.is_clean(&[&server.base, &site.origin("127.0.0.1")]);
}

/// The tests above prove nothing if the driver is blind.
#[test]
fn the_driver_sees_what_a_page_should_not_do() {
    let site = Site::answering(|_| {
        Reply::Page(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"img-src 'none'\">\
             <h1 id=\"landed\">Bad</h1><img src=\"http://127.0.0.2/x\" alt=\"\"><script>console.error('no')</script>\
             <script>throw new Error('worse')</script>"
                .into(),
        )
    });
    let page = Page::open();
    page.go(&format!("{}/", site.origin("127.0.0.1")));
    page.see("#landed");
    let complaints = page.complaints().join("\n");
    for part in ["Content Security Policy", "no", "Uncaught"] {
        assert!(complaints.contains(part), "{part}: {complaints}");
    }
}
