//! An account from its beginning to a loss and back, on a phone, without a password: invited, a passkey, an application,
//! the phone gone, a recovery code, another passkey. And the way back in for an administrator who lost everything.

use crate::browser_accounts::link_in;
use crate::support::chromium::Page;
use crate::support::disk::number;
use crate::support::inspect::inspect;
use crate::support::site::{Site, landed};
use crate::support::totp::Authenticator;
use crate::support::{App, Browser, PASSWORD, Server, Tokens};

const MFA: &str = "/if/user/mfa/";

struct House {
    page: Page,
    server: Server,
    portainer: App,
    site: Site,
}

impl House {
    fn go(&self, path: &str) {
        self.page.go(&format!("{}{path}", self.server.base));
    }

    fn sign_out(&self) {
        self.go("/logout/");
        self.page.press("#logout-confirm");
    }

    /// Portainer's sequence with a passkey and nothing typed. Comes with what Portainer learns.
    fn sign_in_to_portainer(&self) -> serde_json::Value {
        self.go(&self.portainer.authorize_url(&[("scope", "openid profile email")]));
        self.page.press("#use-passkey");
        self.page.see("#landed");
        let code = self.site.received().pop().and_then(|r| r.query("code")).expect("a code");
        let http = self.server.http();
        let tokens = Tokens::of(&self.portainer.redeem(&http, &code, &[]));
        assert_eq!(tokens.id_claims()["amr"], serde_json::json!(["hwk", "user", "mfa"]));
        self.portainer.userinfo(&http, &tokens.access).expect(200).json()
    }
}

#[test]
fn a_guest_enrols_a_passkey_loses_it_and_comes_back_by_a_recovery_code() {
    let site = Site::answering(|_| landed());
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.cli(&["group", "create", "family"]).ok();
    let callback = format!("{}/callback", site.origin("127.0.0.1"));
    let portainer = server.app("Portainer", &["--redirect-uri", &callback]);
    server.cli(&["app", "bind", "portainer", "--group", "family"]).ok();
    let printed = server.cli(&["invitation", "create", "--group", "family"]).ok();
    let house = House { page: Page::open(), server, portainer, site };
    let page = &house.page;
    page.size(390, 844);
    page.without_offers();
    let phone = page.device(false);
    page.go(&link_in(&printed, "/invitation/?token=").expect("the link"));
    page.fill("#username", "zoe");
    page.fill("#name", "Zoë Guest");
    page.press("#choose-passkey");
    page.press("#use-passkey");
    page.see("#codes");
    let codes: Vec<String> = page.text("#codes").split_whitespace().map(str::to_owned).collect();
    page.press("#done");
    page.see("main.page");
    house.sign_out();
    let told = house.sign_in_to_portainer();
    assert_eq!((&told["preferred_username"], &told["groups"]), (&"zoe".into(), &serde_json::json!(["family"])));
    // The phone is gone, and so is the browser's session.
    phone.unplug();
    house.sign_out();
    let _other_phone = page.device(false);
    house.go(&format!("/login/?next={MFA}"));
    page.sign_in("zoe", &codes[0]);
    page.press("#use-passkey");
    page.see("#passkeys li:nth-child(2)");
    page.press("#passkeys li:first-child button.danger");
    page.see("#passkeys li:only-child");
    house.sign_out();
    assert_eq!(house.sign_in_to_portainer()["preferred_username"], "zoe");
    assert_eq!(number(&house.server.data(), "SELECT count(*) FROM recovery_codes"), 9, "the others are still good");
    let sql = "SELECT count(*) FROM users WHERE username = 'zoe' AND password_hash IS NULL";
    assert_eq!(number(&house.server.data(), sql), 1, "there never was a password");
    page.is_clean(&[&house.server.base, &house.site.origin("127.0.0.1")]);
}

#[test]
fn an_administrator_who_lost_everything_gets_back_in_with_one_command_on_the_machine() {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    drop(Authenticator::added(&mut Browser::signed_in(&server, "keeper")));
    let link = link_in(&server.cli(&["user", "recovery-link", "keeper", "--drop-factors"]).ok(), "/recovery/?token=");
    let page = Page::open();
    page.go(&link.expect("the link"));
    page.see("#drops-factors");
    page.fill("#password", "another battery staple");
    page.fill("#password-again", "another battery staple");
    page.press("#recovery-submit");
    page.press("#notice a.button");
    page.sign_in("keeper", "another battery staple");
    page.go(&format!("{}/if/admin/", server.base));
    page.see("#work h1");
    page.is_clean(&[&server.base]);
}

#[test]
fn the_pages_on_the_way_are_well_made_and_without_scripts_there_is_the_password() {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    let invite = |more: &[&str]| server.cli(&[&["invitation", "create"][..], more].concat()).ok().trim().to_owned();
    let page = Page::open();
    page.without_offers();
    let device = page.device(false);
    page.go(&invite(&[]));
    page.fill("#username", "keeper");
    page.press("#choose-passkey");
    page.see("#username-wrong");
    // The browser's own check holds for what counts.
    page.fill("#username", "");
    page.click("#choose-passkey");
    assert_eq!(page.js("document.activeElement.id"), "username");
    page.fill("#username", "zoe");
    page.press("#choose-passkey");
    page.see("#use-passkey:not([hidden])");
    inspect(&page, "invitation-passkey");
    page.press("#back");
    assert_eq!(page.js("document.querySelector('#username').value"), "zoe");
    page.press("#choose-passkey");
    device.forgets_to_check(true);
    page.press("#use-passkey");
    page.see("#problems");
    inspect(&page, "invitation-passkey-wrong");
    device.forgets_to_check(false);
    page.press("#use-passkey");
    page.see("#codes");
    inspect(&page, "invitation-codes");
    let code = page.text("#codes").split_whitespace().next().map(str::to_owned).expect("a code");
    page.go(&format!("{}/if/user/password/", server.base));
    inspect(&page, "password-none");
    page.go(&format!("{}/if/user/mfa/", server.base));
    page.press("#passkeys button.danger");
    page.see("#problems");
    inspect(&page, "passkey-last");
    page.go(&format!("{}/logout/", server.base));
    page.press("#logout-confirm");
    page.go(&format!("{}/login/", server.base));
    page.sign_in("zoe", &code);
    page.see("#use-passkey:not([hidden])");
    inspect(&page, "lost-passkey");
    page.is_clean(&[&server.base]);

    let plain = Page::without_scripts();
    plain.go(&invite(&[]));
    plain.allow_scripts(true);
    assert_eq!(plain.js("document.querySelector('#choose-passkey').checkVisibility()"), false);
    plain.allow_scripts(false);
    for (field, text) in [("#username", "ada"), ("#password", PASSWORD), ("#password_again", PASSWORD)] {
        plain.fill(field, text);
    }
    plain.press("#invitation-submit");
    plain.see("#welcome");
}
