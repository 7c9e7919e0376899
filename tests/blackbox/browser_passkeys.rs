//! Passkeys in real Chromium, with authenticators that it plays itself.

use crate::support::chromium::Page;
use crate::support::disk::{execute, number};
use crate::support::inspect::inspect;
use crate::support::site::{Site, landed};
use crate::support::{App, PASSWORD, Server, Tokens};

const MFA: &str = "/if/user/mfa/";

/// alice with a window, and an application on a site of its own.
struct House {
    page: Page,
    server: Server,
    app: App,
    site: Site,
}

fn house() -> House {
    let site = Site::answering(|_| landed());
    let server = Server::start();
    server.alice();
    let callback = format!("{}/callback", site.origin("127.0.0.1"));
    let app = server.app("Portainer", &["--redirect-uri", &callback]);
    House { page: Page::open(), server, app, site }
}

impl House {
    fn go(&self, path: &str) {
        self.page.go(&format!("{}{path}", self.server.base));
    }

    /// Adds a passkey with the browser, for alice who is signed in.
    fn add(&self) {
        self.go(MFA);
        self.page.press("#add-passkey");
        self.page.press("#use-passkey");
    }

    /// Adds the first passkey, and is signed out.
    fn add_first(&self) {
        self.go("/login/");
        self.page.sign_in("alice", PASSWORD);
        self.add();
        self.page.see("#codes");
        self.sign_out();
    }

    fn sign_out(&self) {
        self.go("/logout/");
        self.page.press("#logout-confirm");
    }

    /// Presses the button of a page that then says that there is a problem.
    fn is_refused(&self) -> String {
        self.page.press("#use-passkey");
        self.page.text("#problem")
    }

    fn is_clean(&self) {
        self.page.is_clean(&[&self.server.base, &self.site.origin("127.0.0.1")]);
    }

    fn claims_at_the_client(&self) -> serde_json::Value {
        self.page.see("#landed");
        let code = self.site.received().pop().and_then(|r| r.query("code")).expect("a code");
        Tokens::of(&self.app.redeem(&self.server.http(), &code, &[])).id_claims()
    }
}

#[test]
fn a_passkey_is_added_and_signs_in_to_an_application_by_itself() {
    for (is_synced, key) in [(false, "hwk"), (true, "swk")] {
        let house = house();
        let device = house.page.device(is_synced);
        house.page.without_offers();
        house.go("/login/");
        house.page.sign_in("alice", PASSWORD);
        house.add();
        house.page.see("#codes");
        house.page.press("#done");
        let text = house.page.text("#passkeys");
        assert!(text.contains("not used yet") && text.contains("synced") == is_synced, "{text}");
        let kept = device.credentials();
        assert!(kept.len() == 1 && kept[0].is_resident_credential, "{kept:?}");
        house.sign_out();
        house.go(&house.app.authorize_url(&[]));
        house.page.press("#use-passkey");
        let claims = house.claims_at_the_client();
        assert_eq!(claims["amr"], serde_json::json!([key, "user", "mfa"]));
        assert_eq!(claims["acr"], "urn:latchkey:acr:passkey");
        house.is_clean();
    }
}

#[test]
fn the_browser_offers_it_with_the_field_of_the_username() {
    let house = house();
    let _device = house.page.device(false);
    let script = house.page.without_offers();
    house.add_first();
    house.page.with_offers(script);
    // A virtual authenticator is chosen at once from the list that people choose from.
    house.go(&house.app.authorize_url(&[]));
    assert_eq!(house.claims_at_the_client()["amr"][0], "hwk");
    house.is_clean();
}

#[test]
fn it_is_the_second_factor_after_a_password_and_the_fresh_one_of_dangerous_acts() {
    let house = house();
    let device = house.page.device(false);
    house.page.without_offers();
    house.add_first();
    house.go(&house.app.authorize_url(&[]));
    house.page.sign_in("alice", PASSWORD);
    house.page.see("#second-factor-submit");
    house.page.press("#use-passkey");
    assert_eq!(house.claims_at_the_client()["amr"], serde_json::json!(["pwd", "hwk", "user", "mfa"]));
    // Removing it is one, and so is its end.
    house.go(MFA);
    execute(&house.server.data(), "UPDATE sessions SET auth_time = auth_time - 601");
    house.page.press("#passkeys button.danger");
    house.page.see("#confirm");
    house.page.press("#use-passkey");
    house.page.see("#notice");
    assert!(!house.page.has("#passkeys") && device.credentials().len() == 1, "the device keeps it");
    house.sign_out();
    house.go("/login/");
    assert!(house.is_refused().contains("not accepted here"));
    house.page.sign_in("alice", PASSWORD);
    house.page.see("main.page");
    house.is_clean();
}

#[test]
fn one_authenticator_holds_one_passkey_of_a_user_and_a_user_has_several() {
    let house = house();
    let device = house.page.device(false);
    house.page.without_offers();
    house.add_first();
    house.go("/login/");
    house.page.press("#use-passkey");
    // The same device says that it has one, and nothing is sent.
    house.go(MFA);
    house.page.press("#add-passkey");
    house.page.click("#use-passkey");
    house.page.see("#passkey-problem:not([hidden])");
    assert!(house.page.text("#passkey-problem").contains("has a passkey for your account"));
    device.unplug();
    let key = house.page.security_key();
    house.add();
    house.page.see("#notice");
    assert_eq!(house.page.js("document.querySelectorAll('#passkeys > li').length"), 2);
    assert_eq!(key.credentials().len(), 1);
    house.sign_out();
    house.go("/login/");
    house.page.press("#use-passkey");
    house.page.see("main.page");
    house.is_clean();
}

#[test]
fn a_copy_a_liar_and_another_hosts_passkey_do_not_get_in() {
    let house = house();
    let device = house.page.device(false);
    house.page.without_offers();
    house.add_first();
    let copy = device.credentials().pop().expect("a passkey");
    house.go("/login/");
    house.page.press("#use-passkey");
    house.page.see("main.page");
    house.sign_out();
    // As it was before it was used.
    device.put(copy.clone());
    house.go("/login/");
    assert!(house.is_refused().contains("as if there were a copy"));
    let later =
        |more: u32| crate::support::virtual_key::Credential { sign_count: copy.sign_count + more, ..copy.clone() };
    // It says that it did not check who touched it.
    device.put(later(10));
    device.forgets_to_check(true);
    house.go("/login/");
    assert!(house.is_refused().contains("not accepted here"));
    device.forgets_to_check(false);
    // It knows that somebody else touches it: the browser has nothing to send.
    device.recognises(false);
    house.go("/login/");
    house.page.click("#use-passkey");
    house.page.see("#passkey-problem:not([hidden])");
    device.recognises(true);
    // Another host's is none that the browser would use here.
    let elsewhere = crate::support::virtual_key::Credential { rp_id: Some("evil.localhost".into()), ..later(20) };
    device.put(elsewhere);
    house.go("/login/");
    house.page.click("#use-passkey");
    house.page.see("#passkey-problem:not([hidden])");
    // The twin.
    device.put(later(30));
    house.go("/login/");
    house.page.press("#use-passkey");
    house.page.see("main.page");
    assert_eq!(number(&house.server.data(), "SELECT count(*) FROM events WHERE kind = 'passkey_cloned'"), 1);
    house.is_clean();
}

#[test]
fn its_pages_are_well_made_and_without_scripts_there_is_another_way() {
    let house = house();
    let _device = house.page.device(false);
    house.page.without_offers();
    house.go("/login/");
    inspect(&house.page, "sign-in-passkey");
    house.page.sign_in("alice", PASSWORD);
    house.go(MFA);
    inspect(&house.page, "mfa-no-passkey");
    house.page.press("#add-passkey");
    inspect(&house.page, "passkey-new");
    house.page.press("#use-passkey");
    house.page.see("#codes");
    house.page.press("#done");
    inspect(&house.page, "mfa-passkey");
    house.sign_out();
    house.go("/login/");
    house.page.sign_in("alice", PASSWORD);
    inspect(&house.page, "second-factor-passkey");
    let plain = Page::without_scripts();
    plain.go(&format!("{}/login/", house.server.base));
    plain.see("#login-submit");
    plain.allow_scripts(true);
    assert_eq!(plain.js("document.querySelector('#use-passkey').checkVisibility()"), false);
}
