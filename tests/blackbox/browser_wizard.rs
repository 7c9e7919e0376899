//! Create with Provider in a real browser, as the guides tell it: from an empty list to Portainer signing alice in with
//! nothing but what the pages showed.

use crate::support::chromium::Page;
use crate::support::client::{TOKEN, USERINFO};
use crate::support::http::{basic, form};
use crate::support::inspect::inspect;
use crate::support::{Browser, PASSWORD, Server};

const ADDRESS: &str = "https://portainer.company";

fn keeper(language: &str) -> (Server, Page) {
    let (server, page) = (Server::start(), Page::open());
    server.user("keeper", &["--admin"]);
    server.alice();
    page.language(language);
    page.go(&format!("{}/if/admin/applications/", server.base));
    page.sign_in("keeper", PASSWORD);
    (server, page)
}

#[test]
fn portainer_signs_in_with_what_the_pages_showed() {
    let (server, page) = keeper("en");
    page.press("main a[href$='preset=portainer']");
    page.fill("#app_url", ADDRESS);
    for step in ["Application", "Choose a Provider", "Configure Provider", "Configure Bindings", "Review and Submit"] {
        page.press("#next");
        assert_eq!(page.text("main h2"), step);
    }
    page.press("#submit");
    assert!(page.url().ends_with("/if/admin/providers/1/connect/"), "{}", page.url());
    page.press("#show-secret");
    let value = |label| page.copied(label);
    let (id, secret, redirect) = (value("Client ID"), value("Client Secret"), value("Redirect URL"));
    let query = format!(
        "response_type=code&client_id={id}&redirect_uri={redirect}&scope={}&state=s-1",
        value("Scopes").replace(' ', "%20")
    );
    page.is_clean(&[&server.base]);

    let mut alice = Browser::signed_in(&server, "alice");
    let path = |url: String| url.strip_prefix(&server.base).expect("an address of ours").to_owned();
    let back = alice.get(&format!("{}?{query}", path(value("Authorization URL")))).expect(303);
    let location = back.location();
    assert!(location.starts_with(&format!("{ADDRESS}/?")), "{location}");
    let code = location.split(['?', '&']).find_map(|p| p.strip_prefix("code=")).expect("a code");
    let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect.as_str())];
    let credentials = basic(&id, &secret);
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", credentials.as_str())];
    assert_eq!(path(value("Access Token URL")), TOKEN);
    let tokens = server.http().send("POST", TOKEN, &headers, &form(&fields)).expect(200).json();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("an access token"));
    assert_eq!(path(value("Resource URL")), USERINFO);
    let claims = server.http().get_with(USERINFO, &[("Authorization", &bearer)]).expect(200).json();
    assert_eq!(claims[value("User Identifier").as_str()], "alice");
}

/// Walks through every step, with one mistake where it can be made.
fn look_at_the_wizard(language: &str) {
    let (server, page) = keeper(language);
    let look = |name: &str| inspect(&page, &format!("{language}-wizard-{name}"));
    look("empty-list");
    page.press("main a[href$='preset=portainer']");
    page.press("#next");
    look("preset-wrong");
    page.fill("#app_url", ADDRESS);
    page.press("#next");
    look("application");
    page.press("#next");
    look("provider-type");
    page.press("#next");
    page.js("document.querySelector('details.more').open = true");
    page.fill("#code_validity", "1h");
    page.fill("#uri-0", "javascript:alert(1)");
    page.press("#next");
    assert_eq!(page.js("document.querySelector('details.more').open"), true);
    look("provider-wrong");
    page.fill("#code_validity", "60s");
    page.fill("#uri-0", &format!("{ADDRESS}/"));
    page.press("#next");
    page.fill("#bind-name-0", "nobody");
    page.press("#next");
    look("bindings-wrong");
    page.fill("#bind-name-0", "alice");
    page.js("document.getElementById('bind-kind-0').value = 'user'");
    page.press("#next");
    look("review");
    page.press("#submit");
    page.go(&format!("{}/if/admin/applications/1/", server.base));
    page.fill("main form.bind input[name=bind_order]", "first");
    page.press("main form.bind button[value=save]");
    look("binding-wrong");
    page.is_clean(&[&server.base]);
}

#[test]
fn every_step_of_the_wizard_is_well_made() {
    look_at_the_wizard("en");
}

#[test]
fn every_step_of_the_wizard_is_well_made_in_german() {
    look_at_the_wizard("de");
}

#[test]
fn the_slug_follows_the_name_until_somebody_gives_another_one() {
    let (server, page) = keeper("en");
    let slug = || page.js("document.getElementById('slug').value");
    page.go(&format!("{}/if/admin/applications/create/", server.base));
    page.fill("#name", "Café: Unser Haus!");
    assert_eq!(slug(), "cafe-unser-haus");
    page.fill("#slug", "house");
    page.fill("#name", "Something else");
    assert_eq!(slug(), "house");
    page.press("#save");
    // The slug of what is there stands in its addresses: a new name does not touch it.
    page.fill("#name", "house");
    page.fill("#name", "Another name");
    assert_eq!(slug(), "house");
}
