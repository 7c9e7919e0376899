//! The device flow with a real browser: the code that a device shows, the sign-in, and the user's yes or no. And the pages
//! of service accounts, looked at as [`inspect`] does.

use serde_json::Value;

use crate::support::chromium::Page;
use crate::support::client::{DEVICE, TOKEN};
use crate::support::inspect::inspect;
use crate::support::oauth::{app_with, oauth_error};
use crate::support::{Answer, App, PASSWORD, Server, Tokens};

struct Device {
    json: Value,
}

impl Device {
    fn begin(server: &Server, app: &App) -> Self {
        let fields = [("client_id", app.id.as_str()), ("scope", "openid profile email")];
        let headers = [("Authorization", app.basic()), ("User-Agent", "Jellyfin/10.9 (SMART-TV; Tizen)".to_owned())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        Self { json: server.http().post_with(DEVICE, &headers, &fields).expect(200).json() }
    }

    fn told(&self, name: &str) -> &str {
        self.json[name].as_str().expect(name)
    }

    fn poll(&self, server: &Server, app: &App) -> Answer {
        let fields =
            [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", self.told("device_code"))];
        server.http().post_with(TOKEN, &[("Authorization", &app.basic())], &fields)
    }
}

#[test]
fn a_device_is_connected_from_its_code_to_its_tokens_without_scripts() {
    let (server, page) = (Server::start(), Page::without_scripts());
    server.alice();
    let app = app_with(&server, &["--device-flow", "on"]);
    let (device, other) = (Device::begin(&server, &app), Device::begin(&server, &app));
    // The address that the device's QR code holds.
    page.go(device.told("verification_uri_complete"));
    page.sign_in("alice", PASSWORD);
    page.see("#device-submit");
    page.press("#device-submit");
    page.see("#device-allow");
    assert_eq!(page.text("#device-shown"), device.told("user_code"));
    assert!(page.text("main").contains("127.0.0.1"), "where it asked from: {}", page.text("main"));
    assert_eq!(oauth_error(&device.poll(&server, &app), 400), "authorization_pending");
    page.press("#device-allow");
    page.see("#notice");
    let tokens = Tokens::of(&device.poll(&server, &app));
    assert_eq!(tokens.id_claims()["preferred_username"], "alice");

    // Typed, and denied.
    page.go(device.told("verification_uri"));
    page.fill("#device-code", &other.told("user_code").to_lowercase().replace('-', " "));
    page.press("#device-submit");
    page.press("#device-deny");
    page.see("#notice");
    assert_eq!(oauth_error(&other.poll(&server, &app), 400), "access_denied");
    page.is_clean(&[&server.base]);
}

#[test]
fn the_pages_for_devices_are_well_made() {
    let (server, page) = (Server::start(), Page::open());
    server.alice();
    server.user("ada", &["--admin"]);
    let app = app_with(&server, &["--device-flow", "on"]);
    let closed = server.app("Grafana", &["--redirect-uri", "https://grafana.company/", "--device-flow", "on"]);
    server.cli(&["app", "bind", &closed.slug, "--user", "ada"]).ok();
    let (device, other, denied) =
        (Device::begin(&server, &app), Device::begin(&server, &app), Device::begin(&server, &closed));
    page.go(device.told("verification_uri"));
    page.sign_in("alice", PASSWORD);
    page.see("#device-code");
    inspect(&page, "device");
    page.fill("#device-code", "BCDF-GHJK");
    page.press("#device-submit");
    page.see("#device-problem");
    inspect(&page, "device-unknown");
    page.go(device.told("verification_uri_complete"));
    page.click("#device-elsewhere summary");
    page.see("#device-elsewhere .qr");
    inspect(&page, "device-elsewhere");
    page.press("#device-submit");
    page.see("#device-allow");
    inspect(&page, "device-ask");
    page.press("#device-allow");
    page.see("#notice");
    inspect(&page, "device-allowed");
    page.go(other.told("verification_uri_complete"));
    page.press("#device-submit");
    page.press("#device-deny");
    page.see("#notice");
    inspect(&page, "device-denied");
    page.go(denied.told("verification_uri_complete"));
    page.press("#device-submit");
    page.see("#access-denied");
    inspect(&page, "device-no-access");
    page.is_clean(&[&server.base]);
}

#[test]
fn the_pages_of_service_accounts_are_well_made() {
    let (server, page) = (Server::start(), Page::open());
    server.user("ada", &["--admin"]);
    server.cli(&["user", "create", "backup-robot", "--service-account"]).ok();
    server.cli(&["user", "app-password", "backup-robot", "--label", "nightly"]).ok();
    page.go(&format!("{}/if/admin/users/", server.base));
    page.sign_in("ada", PASSWORD);
    page.see("table.rows");
    inspect(&page, "users-with-service-account");
    page.go(&format!("{}/if/admin/users/new-service-account/", server.base));
    inspect(&page, "service-account-new");
    page.go(&format!("{}/if/admin/users/2/", server.base));
    inspect(&page, "service-account");
    page.fill("#label", "The lawn mower");
    page.press("#make-app-password");
    page.see("#app-password");
    assert_eq!(page.text("#app-password").len(), 64);
    inspect(&page, "service-account-app-password");
    page.is_clean(&[&server.base]);
}
