//! Portainer CE, byte for byte: nothing URL-encoded by its server, Basic first and then the body on the same code,
//! userinfo without an Accept header, sign-out without parameters.

use crate::support::client::{TOKEN, USERINFO};
use crate::support::http::form;
use crate::support::{Answer, App, Browser, Server, Tokens};

const STATE: &str = "5c1e8ab6-9d0f-4c61-8f4d-6f1f7d3a2b1c";

fn setup() -> (Server, App) {
    let server = Server::start();
    server.alice();
    let app = server.app("Portainer", &["--preset", "portainer", "--app-url", "https://portainer.company"]);
    (server, app)
}

/// What Portainer's server puts together, as a browser sends it: spaces encoded, everything else left alone.
fn login_url(app: &App, more: &str) -> String {
    let scope = "email openid profile".replace(' ', "%20");
    format!(
        "/application/o/authorize/?response_type=code&client_id={}&redirect_uri={}&scope={scope}&state={STATE}{more}",
        app.id, app.redirect
    )
}

/// Portainer splits the query on `&` and `=` and decodes nothing.
fn undecoded<'a>(location: &'a str, name: &str) -> &'a str {
    let query = location.split_once('?').expect("a query").1;
    query.split('&').find_map(|p| p.strip_prefix(&format!("{name}="))).expect("the parameter")
}

/// Go's exchange: a POST with Basic, or with the secret in the body.
fn exchange(server: &Server, app: &App, code: &str, secret_in_body: bool, secret: &str) -> Answer {
    let mut fields =
        vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", app.redirect.as_str())];
    let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded"), ("User-Agent", "Go-http-client/1.1")];
    let basic = crate::support::http::basic(&app.id, secret);
    if secret_in_body {
        fields.insert(0, ("client_id", &app.id));
        fields.insert(1, ("client_secret", secret));
    } else {
        headers.push(("Authorization", &basic));
    }
    server.http().send("POST", TOKEN, &headers, &form(&fields))
}

#[test]
fn the_whole_sequence_signs_alice_in() {
    let (server, app) = setup();
    let mut browser = Browser::new(&server);
    let page = browser.open(&login_url(&app, ""));
    assert!(page.body.contains("Sign in to Portainer"), "{page:?}");
    let back = browser.sign_in(&page, "alice");
    let location = back.location().to_owned();
    assert!(location.starts_with("https://portainer.company/?"), "{location}");
    assert_eq!(undecoded(&location, "state"), STATE);
    let code = undecoded(&location, "code").to_owned();
    assert!(!code.contains(['=', '+', '%']), "{code}");

    let answer = exchange(&server, &app, &code, false, &app.secret);
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    let tokens = Tokens::of(&answer);
    assert_eq!(tokens.json["token_type"], "Bearer");
    assert!(tokens.json["id_token"].is_string(), "a non-string id_token makes Portainer panic");

    let bearer = format!("Bearer {}", tokens.access);
    let userinfo =
        server.http().get_with(USERINFO, &[("Authorization", &bearer), ("User-Agent", "Go-http-client/1.1")]);
    assert_eq!((userinfo.status, userinfo.header("Content-Type")), (200, Some("application/json")));
    let userinfo = userinfo.json();
    assert_eq!(userinfo["preferred_username"], "alice");
    assert_eq!(userinfo["email"], "alice@example.com");
    // Some versions let the ID token override userinfo, others the reverse: the two agree.
    let id = tokens.id_claims();
    for (name, value) in userinfo.as_object().expect("an object") {
        assert_eq!(&id[name], value, "{name}");
    }

    // A second sign-in with the session alive asks nothing.
    let again = browser.open(&login_url(&app, ""));
    assert!(again.location().starts_with("https://portainer.company/?code="), "{again:?}");
}

#[test]
fn basic_is_tried_first_and_a_failure_burns_neither_the_code_nor_the_account() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    for _ in 0..8 {
        let back = browser.open(&login_url(&app, ""));
        let code = undecoded(back.location(), "code").to_owned();
        let first = exchange(&server, &app, &code, false, "not-the-secret");
        assert_eq!(first.error(401), "invalid_client");
        assert!(first.header("WWW-Authenticate").is_some_and(|c| c.starts_with("Basic ")));
        let second = exchange(&server, &app, &code, true, &app.secret);
        assert_eq!(second.status, 200, "{second:?}");
    }
}

#[test]
fn prompt_login_asks_once_and_then_goes_on() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    for _ in 0..2 {
        let page = browser.open(&login_url(&app, "&prompt=login"));
        let back = browser.sign_in(&page, "alice");
        assert!(back.location().starts_with("https://portainer.company/?code="), "{back:?}");
    }
}

#[test]
fn scopes_with_commas_work_as_people_type_them() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    let url = login_url(&app, "").replace("email%20openid%20profile", "openid,email,profile");
    let back = browser.open(&url);
    let code = undecoded(back.location(), "code").to_owned();
    let tokens = Tokens::of(&exchange(&server, &app, &code, false, &app.secret));
    assert_eq!(tokens.id_claims()["preferred_username"], "alice");
}

#[test]
fn both_forms_of_the_redirect_url_work_and_no_other() {
    let (server, app) = setup();
    let mut browser = Browser::signed_in(&server, "alice");
    for good in ["https://portainer.company", "https://portainer.company/"] {
        let back = browser.open(&app.authorize_url(&[("redirect_uri", good)]));
        assert!(back.location().starts_with("https://portainer.company"), "{back:?}");
    }
    let page = browser.open(&app.authorize_url(&[("redirect_uri", "https://portainer.company//")]));
    assert_eq!((page.status, page.header("Location")), (400, None));
    assert!(page.body.contains("id=\"error-page\""), "{page:?}");
}

#[test]
fn sign_out_without_parameters_asks_and_without_a_session_only_says_so() {
    let (server, app) = setup();
    let path = format!("/application/o/{}/end-session/", app.slug);
    // Nobody is signed in (a deep link, an expired session): no sign-in is demanded, nothing loops.
    let nobody = Browser::new(&server).open(&path);
    assert_eq!(nobody.status, 200);
    assert!(nobody.body.contains("id=\"logged-out\"") && nobody.body.contains("Portainer"), "{nobody:?}");

    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open(&path);
    assert_eq!(page.status, 200);
    for part in ["Portainer", "id=\"logout-confirm\"", "https://portainer.company", "href=\"/\""] {
        assert!(page.body.contains(part), "{part}: {page:?}");
    }
    // The GET alone has ended nothing.
    assert!(browser.open(&login_url(&app, "")).location().contains("code="));
    let done = browser.submit(&page, &[("scope", "everywhere")]);
    assert!(done.body.contains("id=\"logged-out\""), "{done:?}");
    let page = browser.open(&login_url(&app, ""));
    assert!(page.body.contains("id=\"login-submit\""), "{page:?}");
}

#[test]
fn the_printed_fields_are_those_of_its_form_and_the_loopback_address_is_warned_about() {
    let server = Server::start();
    let out =
        server.cli(&["app", "create", "Portainer", "--preset", "portainer", "--app-url", "https://portainer.company"]);
    let expected = [
        "Use SSO",
        "Automatic user provisioning",
        "Provider",
        "Client ID",
        "Client Secret",
        "Authorization URL",
        "Access Token URL",
        "Resource URL",
        "Redirect URL",
        "Logout URL",
        "User Identifier",
        "Scopes",
    ];
    let mut at = 0;
    for field in expected {
        let found = out.stdout[at..].find(&format!("  {field}  ")).unwrap_or_else(|| panic!("{field}: {out:?}"));
        at += found + 1;
    }
    assert!(out.stderr.contains("cannot reach it"), "{out:?}");
    let named = Server::start_with(&["--url", "https://auth.home.example"]);
    let out =
        named.cli(&["app", "create", "Portainer", "--preset", "portainer", "--app-url", "https://portainer.company"]);
    assert!(!out.stderr.contains("cannot reach it"), "{out:?}");
    assert!(out.stdout.contains("https://auth.home.example/application/o/authorize/"), "{out:?}");
}
