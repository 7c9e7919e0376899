//! An account from its beginning to a loss and back, on a phone: invited, a passkey, an application without a password, the
//! phone gone, a recovery code, another passkey. And the way back in for an administrator who lost everything.

use crate::browser_accounts::link_in;
use crate::support::chromium::Page;
use crate::support::disk::number;
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
    for (field, text) in
        [("#username", "zoe"), ("#name", "Zoë Guest"), ("#password", PASSWORD), ("#password_again", PASSWORD)]
    {
        page.fill(field, text);
    }
    page.press("#invitation-submit");
    page.press("#add-factor");
    page.press("#add-passkey");
    page.press("#use-passkey");
    page.see("#codes");
    let codes: Vec<String> = page.text("#codes").split_whitespace().map(str::to_owned).collect();
    page.press("#done");
    house.sign_out();
    let told = house.sign_in_to_portainer();
    assert_eq!((&told["preferred_username"], &told["groups"]), (&"zoe".into(), &serde_json::json!(["family"])));
    // The phone is gone, and so is the browser's session.
    phone.unplug();
    house.sign_out();
    house.go(&format!("/login/?next={MFA}"));
    page.sign_in("zoe", PASSWORD);
    page.fill("#code", &codes[0]);
    page.press("#second-factor-submit");
    page.see("#passkeys");
    let _other_phone = page.device(false);
    page.press("#add-passkey");
    page.press("#use-passkey");
    page.see("#passkeys li:nth-child(2)");
    page.press("#passkeys li:first-child button.danger");
    page.see("#passkeys li:only-child");
    house.sign_out();
    assert_eq!(house.sign_in_to_portainer()["preferred_username"], "zoe");
    assert_eq!(number(&house.server.data(), "SELECT count(*) FROM recovery_codes"), 9, "the others are still good");
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
