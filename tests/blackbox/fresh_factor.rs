//! Acts that give rights, or lead to them, ask for a fresh factor: an open browser that somebody finds is not the house. What
//! is harmless goes through.

use crate::support::disk::{execute, number};
use crate::support::totp::Authenticator;
use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

const NEW: &str = "a wholly new password";
/// Alice is the second user.
const ALICE: &str = "/if/admin/users/2/";
const APP: &str = "/if/admin/applications/1/";

fn house() -> (Server, Browser) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    server.user("bob", &[]);
    server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb", "--redirect-uri", "https://wiki.example/other"]);
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["policy", "create", "mfa", "--require", "second-factor"]).ok();
    let keeper = Browser::signed_in(&server, "keeper");
    (server, keeper)
}

/// More than ten minutes pass.
fn age(server: &Server) {
    execute(&server.data(), "UPDATE sessions SET auth_time = auth_time - 601");
}

fn is_question(answer: &Answer) -> bool {
    answer.status == 200 && answer.body.contains("id=\"confirm-submit\"")
}

/// The form of a page, with these typed over.
fn typed(browser: &mut Browser, page: &str, action: &str, fields: &[(&str, &str)]) -> HtmlForm {
    let page = browser.get(page).expect(200);
    fields.iter().fold(HtmlForm::find(&page, action), |form, (name, value)| form.with(name, value))
}

type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const GIVES_RIGHTS: &[Case] = &[
    (ALICE, ALICE, &[("email", "thief@evil.example")], "users WHERE email = 'thief@evil.example'"),
    (ALICE, ALICE, &[("username", "alicia")], "users WHERE username = 'alicia'"),
    (ALICE, ALICE, &[("admin", "on")], "users WHERE username = 'alicia' AND is_administrator"),
    (
        ALICE,
        ALICE,
        &[("phone_number", "+49 30 123456"), ("phone_number_verified", "on")],
        "users WHERE person LIKE '%+4930123456%' AND phone_number_verified",
    ),
    (
        ALICE,
        ALICE,
        &[("phone_number", "+49 30 666666")],
        "users WHERE person LIKE '%+4930666666%' AND phone_number_verified",
    ),
    (ALICE, ALICE, &[("attributes", "{\r\n\"a\": \"<b>\"\r\n}")], "users WHERE attributes = '{\"a\":\"<b>\"}'"),
    (ALICE, "/if/admin/users/2/groups/", &[("group", "1"), ("go", "add")], "group_members WHERE user_id = 2"),
    ("/if/admin/groups/new/", "/if/admin/groups/new/", &[("name", "choir")], "groups WHERE name = 'choir'"),
    ("/if/admin/groups/1/", "/if/admin/groups/1/members/add/", &[("user", "bob")], "group_members WHERE user_id = 3"),
    ("/if/admin/groups/1/", "/if/admin/groups/1/", &[("administrator", "on")], "groups WHERE is_administrator"),
    (
        "/if/admin/providers/1/edit/",
        "/if/admin/providers/1/edit/",
        &[("client_type", "public")],
        "providers WHERE client_type = 'public'",
    ),
    (
        "/if/admin/policies/new/",
        "/if/admin/policies/new/",
        &[("name", "open"), ("kind", "expression"), ("expression", "true")],
        "policies WHERE name = 'open'",
    ),
    ("/if/admin/policies/1/", "/if/admin/policies/1/", &[("name", "none")], "policies WHERE name = 'none'"),
    (
        "/if/admin/scope-mappings/new/",
        "/if/admin/scope-mappings/new/",
        &[("name", "rights"), ("scope", "rights"), ("expression", "{\"admin\": true}")],
        "scope_mappings WHERE name = 'rights'",
    ),
    (APP, "/if/admin/applications/1/bindings/add/", &[("bind_kind", "user"), ("bind_name", "bob")], "bindings"),
    (APP, APP, &[("policy_engine_mode", "all")], "applications WHERE policy_engine_mode = 'all'"),
    (APP, APP, &[("launch_url", "https://evil.example/")], "applications WHERE launch_url = 'https://evil.example/'"),
    (APP, APP, &[("everybody", "on")], "applications WHERE everybody"),
    ("/if/admin/settings/", "/if/admin/settings/", &[("remember_browser", "30d")], "settings WHERE value = '30d'"),
    ("/if/admin/settings/", "/if/admin/settings/", &[("password_minimum", "12")], "settings WHERE value = '12'"),
    (
        "/if/admin/settings/",
        "/if/admin/settings/",
        &[("outbound_networks", "10.1.0.0/16")],
        "settings WHERE value = '10.1.0.0/16'",
    ),
];

#[test]
fn what_gives_rights_or_leads_to_them_is_asked_about_and_nothing_that_was_typed_is_lost() {
    let (server, mut keeper) = house();
    let password = [("password", NEW), ("password_again", NEW)];
    for (page, action, fields, change) in GIVES_RIGHTS {
        let happened = || number(&server.data(), &format!("SELECT count(*) FROM {change}"));
        let form = typed(&mut keeper, page, action, fields);
        age(&server);
        let before = happened();
        let question = form.send(&mut keeper);
        assert!(is_question(&question), "{change}: {question:?}");
        assert_eq!(happened(), before, "{change}");
        let carried = HtmlForm::find(&question, action);
        let own: Vec<_> = form.fields.iter().filter(|(name, _)| name != "form_token").collect();
        let kept: Vec<_> = carried.fields.iter().filter(|f| own.contains(f)).collect();
        assert_eq!(kept, own, "{change}");
        carried.clone().with("confirm_password", "not the password").send(&mut keeper).expect(403);
        assert_eq!(happened(), before, "{change}");
        let answer = carried.with("confirm_password", PASSWORD).send(&mut keeper);
        assert_eq!(answer.status, 303, "{change}: {answer:?}");
        assert_eq!(happened(), before + 1, "{change}");
    }
    assert_eq!(number(&server.data(), "SELECT count(*) FROM provider_uris"), 2, "both came through the question");
    // A new user, who could be an administrator.
    let new = "/if/admin/users/new/";
    let form = password
        .iter()
        .fold(typed(&mut keeper, new, new, &[("username", "evil"), ("admin", "on")]), |f, (n, v)| f.with(n, v));
    age(&server);
    assert!(is_question(&form.send(&mut keeper)));
    assert_eq!(number(&server.data(), "SELECT count(*) FROM users WHERE username = 'evil'"), 0);
}

#[test]
fn what_is_harmless_is_done_at_once() {
    let (server, mut keeper) = house();
    let settings = "/if/admin/settings/";
    let cases: &[Case] = &[
        (
            ALICE,
            ALICE,
            &[("name", "Alice again"), ("locale", "de")],
            "users WHERE name = 'Alice again' AND locale = 'de'",
        ),
        (
            ALICE,
            ALICE,
            &[("phone_number", "+49 30 123456"), ("nickname", "Al")],
            "users WHERE person LIKE '%+4930123456%' AND NOT phone_number_verified",
        ),
        (APP, APP, &[("name", "Our wiki"), ("description", "All of it")], "applications WHERE name = 'Our wiki'"),
        (settings, settings, &[("brand_name", "Home"), ("brand_accent", "#336699")], "settings WHERE value = 'Home'"),
        (ALICE, "/if/admin/users/2/active/", &[("active", "off")], "users WHERE NOT is_active"),
    ];
    for (page, action, fields, change) in cases {
        let form = typed(&mut keeper, page, action, fields);
        age(&server);
        form.send(&mut keeper).expect(303);
        assert_eq!(number(&server.data(), &format!("SELECT count(*) FROM {change}")), 1, "{change}");
    }
    // Who was kept out does not come in again so.
    let back = typed(&mut keeper, ALICE, "/if/admin/users/2/active/", &[("active", "on")]).send(&mut keeper);
    assert!(is_question(&back), "{back:?}");
    // Another line, a trial and a step forward store nothing.
    for (page, fields) in [
        ("/if/admin/providers/1/edit/", &[("go", "add-uri")][..]),
        ("/if/admin/policies/1/", &[("act", "try"), ("user", "bob")]),
        ("/if/admin/applications/new/", &[("go", "next"), ("app_url", "https://docker.home.example")]),
    ] {
        let answer = typed(&mut keeper, page, page, fields).send(&mut keeper).expect(200);
        assert!(!is_question(&answer), "{page}: {answer:?}");
    }
}

#[test]
fn the_mail_server_is_set_on_its_own_page_only() {
    let (server, mut keeper) = house();
    let smtp =
        [("smtp_host", "127.0.0.1"), ("smtp_port", "2525"), ("smtp_security", "none"), ("smtp_from", "x@evil.example")];
    let stored = || number(&server.data(), "SELECT count(*) FROM settings WHERE key LIKE 'smtp%'");
    let settings = "/if/admin/settings/";
    let typed_there = typed(&mut keeper, settings, settings, &smtp);
    typed_there.with("brand_name", "Home").send(&mut keeper).expect(303);
    assert_eq!(stored(), 0);
    let at = "/if/admin/settings/mail/";
    let form = typed(&mut keeper, at, at, &smtp);
    age(&server);
    let question = form.send(&mut keeper);
    assert!(is_question(&question) && stored() == 0, "{question:?}");
    HtmlForm::find(&question, at).with("confirm_password", PASSWORD).send(&mut keeper).expect(303);
    assert_eq!(stored(), 4);
}

#[test]
fn another_password_of_ones_own_is_no_fresh_factor() {
    let (server, mut keeper) = house();
    let (authenticator, _) = Authenticator::added(&mut keeper);
    let (remove, at) = ("/if/user/mfa/totp/remove/", "/if/user/password/");
    age(&server);
    let aged = number(&server.data(), "SELECT auth_time FROM sessions");
    let fields = [("present", PASSWORD), ("password", NEW), ("password_again", NEW)];
    typed(&mut keeper, at, at, &fields).send(&mut keeper).expect(303);
    assert_eq!(number(&server.data(), "SELECT auth_time FROM sessions"), aged);
    let question = typed(&mut keeper, "/if/user/mfa/", remove, &[]).send(&mut keeper);
    assert!(is_question(&question), "{question:?}");
    let link = typed(&mut keeper, ALICE, "/if/admin/users/2/recovery-link/", &[]).send(&mut keeper);
    assert!(is_question(&link), "{link:?}");
    let code = authenticator.code(0);
    HtmlForm::find(&question, remove).with("confirm_code", &code).send(&mut keeper).expect(303);
    assert_eq!(number(&server.data(), "SELECT count(*) FROM totp"), 0);
}

#[test]
fn another_address_of_ones_own_is_asked_about_and_another_name_is_not() {
    let (server, _) = house();
    let (mut alice, at) = (Browser::signed_in(&server, "alice"), "/if/user/");
    age(&server);
    typed(&mut alice, at, at, &[("name", "Alice P. Liddell")]).send(&mut alice).expect(303);
    let question = typed(&mut alice, at, at, &[("email", "thief@evil.example")]).send(&mut alice);
    assert!(is_question(&question), "{question:?}");
    let email = "SELECT count(*) FROM users WHERE email = 'thief@evil.example'";
    assert_eq!(number(&server.data(), email), 0);
    HtmlForm::find(&question, at).with("confirm_password", PASSWORD).send(&mut alice).expect(303);
    assert_eq!(number(&server.data(), email), 1);
}
