//! What the OAuth tests read off answers and pages.

use std::collections::BTreeMap;

use super::browser::unescape;
use super::client::challenge;
use super::{Answer, App, Server};

/// A verifier and its challenge for clients that need PKCE.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The authorization parameters of PKCE for `VERIFIER`.
pub fn pkce(challenge: &str) -> [(&str, &str); 2] {
    [("code_challenge", challenge), ("code_challenge_method", "S256")]
}

pub fn verifier_challenge() -> String {
    challenge(VERIFIER)
}

/// A confidential application at `https://app.company/callback`.
pub fn app_with(server: &Server, options: &[&str]) -> App {
    let mut all = vec!["--redirect-uri", "https://app.company/callback"];
    all.extend(options);
    server.app("App", &all)
}

/// A provider with alice and that application.
pub fn alice_and_app(options: &[&str]) -> (Server, App) {
    let server = Server::start();
    server.alice();
    let app = app_with(&server, options);
    (server, app)
}

/// The hidden fields of a form_post page, and where it posts to.
#[track_caller]
pub fn form_post(page: &Answer) -> (String, BTreeMap<String, String>) {
    assert_eq!((page.status, page.header("Location")), (200, None), "{page:?}");
    let form = page.body.split("<form id=\"form-post\"").nth(1).unwrap_or_else(|| panic!("no form: {page:?}"));
    let form = form.split("</form>").next().expect("its end");
    assert!(form.contains("<button"), "it works without a script: {page:?}");
    let attribute = |tag: &str, name: &str| {
        unescape(tag.split(&format!("{name}=\"")).nth(1).and_then(|t| t.split('"').next()).expect("an attribute"))
    };
    let fields = form.split("<input ").skip(1).map(|tag| (attribute(tag, "name"), attribute(tag, "value"))).collect();
    (attribute(form, "action"), fields)
}

/// The parameters of an answer in the query or the fragment of its Location, each once.
#[track_caller]
pub fn params(location: &str, separator: char) -> BTreeMap<String, String> {
    let encoded = location.split_once(separator).unwrap_or_else(|| panic!("nothing in {location}")).1;
    let mut found = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(encoded.as_bytes()) {
        assert!(found.insert(name.clone().into_owned(), value.into_owned()).is_none(), "{name} twice in {location}");
    }
    found
}

/// An answer that must be our own error page: status 400, nowhere to go, nothing remembered.
#[track_caller]
pub fn is_error_page(page: &Answer) {
    assert_eq!((page.status, page.header("Location")), (400, None), "{page:?}");
    assert!(page.body.contains("id=\"error-page\""), "{page:?}");
    assert!(!page.body.contains("http-equiv=\"refresh\"") && !page.body.contains("<form id="), "{page:?}");
    assert_eq!(page.all("Set-Cookie"), Vec::<&str>::new(), "nothing is kept");
    let id = page.header("X-Request-Id").expect("a request id");
    assert!(page.body.contains(id), "the page shows it: {page:?}");
}

/// The error code in the query of a redirect to the client, with the things that every refusal carries.
#[track_caller]
pub fn refused_with(answer: &Answer, app: &App) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    let location = answer.location();
    assert!(location.starts_with(&format!("{}?", app.redirect)), "{location}");
    let params = params(location, '?');
    is_a_refusal(&params, app);
    params["error"].clone()
}

/// RFC 6749 section 4.1.2.1 and RFC 9207 section 2.
#[track_caller]
pub fn is_a_refusal(params: &BTreeMap<String, String>, app: &App) {
    assert_eq!(params.get("iss"), Some(&app.issuer), "{params:?}");
    assert!(!params.contains_key("code"), "{params:?}");
    let words = params.get("error_description").unwrap_or_else(|| panic!("no description: {params:?}"));
    let plain = words.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    assert!(plain && !words.is_empty(), "{words}");
}

/// The event that was stored under a request id.
#[track_caller]
pub fn find_event(server: &Server, request_id: &str) -> serde_json::Value {
    let events = server.events();
    let found = events.iter().find(|e| e["request_id"] == request_id);
    found.unwrap_or_else(|| panic!("no event {request_id} among {events:?}")).clone()
}

/// The error of an OAuth endpoint, with the things that every such answer carries (RFC 6749 section 5.2).
#[track_caller]
pub fn oauth_error(answer: &Answer, status: u16) -> String {
    let error = answer.error(status);
    assert_eq!(answer.header("Content-Type"), Some("application/json"), "{answer:?}");
    assert_eq!(answer.header("Cache-Control"), Some("no-store"), "{answer:?}");
    let body = answer.json();
    assert_eq!(body["request_id"].as_str(), answer.header("X-Request-Id"), "{answer:?}");
    let words = body["error_description"].as_str().unwrap_or_else(|| panic!("no description: {answer:?}"));
    assert!(words.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)), "{words}");
    for name in ["access_token", "id_token", "refresh_token"] {
        assert!(body.get(name).is_none(), "{answer:?}");
    }
    error
}

/// A code for a request with PKCE.
#[track_caller]
pub fn code_with_pkce(app: &App, browser: &mut super::Browser, scope: &str) -> String {
    let challenge = verifier_challenge();
    app.code(browser, &[&[("scope", scope)], &pkce(&challenge)[..]].concat())
}
