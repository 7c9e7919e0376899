//! The two guides as they are written, in a real browser: from the link of the first run over the Admin interface,
//! "Applications", "Create with Provider" and every step by its name, to somebody signed in by the client, with nothing
//! but what the pages showed.

use serde_json::Value;

use crate::support::chromium::Page;
use crate::support::client::{TOKEN, USERINFO, challenge, claims};
use crate::support::disk::eventually;
use crate::support::http::{basic, form};
use crate::support::site::Site;
use crate::support::{PASSWORD, Server};

const VERIFIER: &str = "hTq0V8vUj2dY9wZr3mXs5bKc7fLg1pNeA4oQ6iRtBuC-_~.";

/// Presses the link or button with exactly these words.
#[track_caller]
fn press(page: &Page, words: &str) {
    let found = format!(
        "(() => {{ const e = [...document.querySelectorAll('a, button')].find(e => e.textContent.trim() === '{words}'
             && e.checkVisibility()); document.querySelectorAll('[data-here]').forEach(e => delete e.dataset.here);
           if (e) e.dataset.here = 'x'; return !!e }})()"
    );
    assert_eq!(page.js(&found), true, "no {words}: {}", page.text("body"));
    page.press("[data-here]");
}

/// Whether a label, legend or heading of the page that is open has these words.
#[track_caller]
fn has_words(page: &Page, words: &[&str]) {
    page.js("document.querySelectorAll('details').forEach(d => d.open = true)");
    let text = page.text("main");
    for each in words {
        assert!(text.contains(each), "{each} is not on the page {}: {text}", page.url());
    }
}

/// From the printed link to the first administrator, in the Admin interface.
fn first_run(page: &Page) -> Server {
    let server = Server::start();
    let link = || server.printed().split_whitespace().find(|w| w.contains("/setup/?token=")).map(str::to_owned);
    eventually("the setup link is printed", || link().is_some());
    page.go(&link().expect("the link"));
    for (field, text) in
        [("#username", "keeper"), ("#name", "Karla Keeper"), ("#password", PASSWORD), ("#password-again", PASSWORD)]
    {
        page.fill(field, text);
    }
    page.press("#setup-submit");
    page.go(&server.base);
    press(page, "Admin interface");
    press(page, "Applications");
    server
}

/// Through "Create with Provider" with the names that the guides use, to the page that follows.
fn create_with_provider(page: &Page, name: &str, uris: &[(&str, &str)]) {
    press(page, "Create with Provider");
    page.js("document.querySelector('input[name=preset][value=generic]').checked = true");
    page.press("#next");
    has_words(page, &["Application", "Name", "Slug", "Group", "Policy engine mode", "Launch URL"]);
    page.fill("#name", name);
    page.press("#next");
    has_words(page, &["Choose a Provider", "OAuth2/OpenID Provider"]);
    page.press("#next");
    has_words(
        page,
        &["Configure Provider", "Authorization flow", "Client ID", "Client Secret", "Strict", "Signing Key"],
    );
    for (index, (uri, purpose)) in uris.iter().enumerate() {
        if !page.has(&format!("#uri-{index}")) {
            page.press("#add-uri");
        }
        page.fill(&format!("#uri-{index}"), uri);
        page.js(&format!("document.querySelectorAll('select[name=uri_purpose]')[{index}].value = '{purpose}'"));
    }
    page.press("#next");
    has_words(page, &["Configure Bindings", "Policy", "Group", "User", "Order"]);
    page.press("#next");
    has_words(page, &["Review and Submit"]);
    page.press("#submit");
}

/// A path of ours from an address that a page showed.
fn path(server: &Server, url: &str) -> String {
    url.strip_prefix(&server.base).unwrap_or_else(|| panic!("an address of ours: {url}")).to_owned()
}

/// What userinfo tells the bearer of a token.
fn userinfo(server: &Server, tokens: &Value) -> Value {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("an access token"));
    server.http().get_with(USERINFO, &[("Authorization", &bearer)]).expect(200).json()
}

#[test]
fn integrate_with_portainer() {
    let (page, portainer) = (Page::open(), Site::start());
    let server = first_run(&page);
    let company = portainer.origin("portainer.localhost");
    create_with_provider(&page, "Portainer", &[(&company, "authorization")]);
    press(&page, "Overview");
    press(&page, "Show");
    let value = |label| page.copied(label);
    let (id, secret, authorize) = (value("Client ID"), value("Client Secret"), value("Authorize URL"));
    for (label, end) in [
        ("Authorize URL", "/application/o/authorize/"),
        ("Token URL", "/application/o/token/"),
        ("Userinfo URL", "/application/o/userinfo/"),
        ("Logout URL", "/application/o/portainer/end-session/"),
    ] {
        assert_eq!(value(label), format!("{}{end}", server.base), "{label}");
    }
    let logout = value("Logout URL");
    page.is_clean(&[&server.base]);

    // "Login with OAuth": what Portainer's page makes of these fields, and what its server does then.
    page.go(&format!(
        "{authorize}?response_type=code&client_id={id}&redirect_uri={company}&scope=email openid profile&state=s-1"
    ));
    page.see("#landed");
    let back = portainer.only("/");
    assert_eq!(back.query("state").as_deref(), Some("s-1"));
    let code = back.query("code").expect("a code");
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", company.as_str())];
    let credentials = basic(&id, &secret);
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", credentials.as_str())];
    let tokens = server.http().send("POST", TOKEN, &headers, &form(&fields)).expect(200).json();
    assert_eq!(userinfo(&server, &tokens)["preferred_username"], "keeper");

    page.go(&logout);
    has_words(&page, &["Portainer"]);
    page.press("#logout-confirm");
    page.see("#logged-out");
}

#[test]
fn integrate_with_gravitee() {
    let (page, gravitee) = (Page::open(), Site::start());
    let server = first_run(&page);
    let company = gravitee.origin("gravitee.localhost");
    let (login, after) = (format!("{company}/user/login"), format!("{company}/console#!/_login"));
    create_with_provider(&page, "Gravitee", &[(&login, "authorization"), (&after, "logout")]);
    press(&page, "Overview");
    press(&page, "Show");
    let value = |label| page.copied(label);
    let (id, secret, authorize) = (value("Client ID"), value("Client Secret"), value("Authorize URL"));
    let (token, logout) = (value("Token URL"), value("Logout URL"));
    assert_eq!(value("Introspection URL"), format!("{}/application/o/introspect/", server.base));
    page.is_clean(&[&server.base]);

    let (challenge, nonce) = (challenge(VERIFIER), "n".repeat(60));
    page.go(&format!(
        "{authorize}?response_type=code&client_id={id}&state={nonce}%3B%252Fcatalog&redirect_uri={login}\
         &scope=openid%20profile%20email&code_challenge={challenge}&code_challenge_method=S256&nonce={nonce}"
    ));
    page.see("#landed");
    let back = gravitee.only("/user/login");
    assert_eq!(back.query("state"), Some(format!("{nonce};%2Fcatalog")));
    let code = back.query("code").expect("a code");
    let fields = [
        ("client_id", id.as_str()),
        ("redirect_uri", &login),
        ("client_secret", &secret),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("grant_type", "authorization_code"),
    ];
    let tokens = server.http().post(&path(&server, &token), &fields).expect(200).json();
    let id_token = tokens["id_token"].as_str().expect("an ID token").to_owned();
    assert_eq!(claims(&id_token)["nonce"], nonce);
    assert_eq!(userinfo(&server, &tokens)["name"], "Karla Keeper");

    let back: String = form_urlencoded::byte_serialize(after.as_bytes()).collect();
    page.go(&format!("{logout}?id_token_hint={id_token}&post_logout_redirect_uri={back}"));
    page.see("#landed");
    assert_eq!(page.url(), after);
    page.go(&format!("{}/if/admin/", server.base));
    page.see("#login-submit");
}
