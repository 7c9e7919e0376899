//! Every page in a real browser, on a phone and on a desk, looked at as [`inspect`] does.

use crate::browser_accounts::{recovery_link, setup_link};
use crate::support::chromium::Page;
use crate::support::inspect::{flaws, inspect};
use crate::support::site::Site;
use crate::support::{App, PASSWORD, Server};

/// A name that is wider than any phone.
const LONG: &str = "Haushaltsdokumentenverwaltungssystemarchivablage of the Miller-Featherstonehaugh Family";

fn authorize(server: &Server, app: &App, more: &[(&str, &str)]) -> String {
    format!("{}{}", server.base, app.authorize_url(more))
}

#[test]
fn the_pages_of_a_sign_in_are_well_made() {
    let (server, site, page) = (Server::start(), Site::start(), Page::open());
    let callback = format!("{}/callback", site.origin("127.0.0.1"));
    server.alice();
    server.user("ada", &["--name", "Ada Lovelace", "--admin"]);
    let app = server.app("Portainer", &["--redirect-uri", &callback, "--consent", "explicit"]);
    let closed = server.app("Grafana", &["--redirect-uri", &callback]);
    server.cli(&["app", "bind", &closed.slug, "--user", "ada"]).ok();

    page.go(&format!("{}/login/", server.base));
    inspect(&page, "sign-in");
    page.go(&authorize(&server, &app, &[]));
    inspect(&page, "sign-in-portainer");
    page.sign_in("alice", "not the password");
    inspect(&page, "sign-in-wrong");
    page.sign_in("alice", PASSWORD);
    inspect(&page, "consent");
    page.go(&authorize(&server, &closed, &[]));
    inspect(&page, "denied");
    page.go(&authorize(&server, &app, &[("prompt", "login")]));
    assert_eq!(page.js("document.querySelector('#username').value"), "alice", "the same user is expected");
    inspect(&page, "sign-in-again");
    page.go(&authorize(&server, &app, &[("prompt", "select_account")]));
    inspect(&page, "choose-account");
    page.go(&format!("{}/application/o/{}/end-session/", server.base, app.slug));
    inspect(&page, "end-session");
    page.press("#logout-application");
    inspect(&page, "signed-out-of-one");
    page.go(&format!("{}/logout/", server.base));
    inspect(&page, "logout");
    page.press("#logout-confirm");
    inspect(&page, "signed-out");
    page.go(&format!("{}/application/o/{}/end-session/", server.base, app.slug));
    inspect(&page, "signed-out-portainer");
    page.go(&format!("{}/login/", server.base));
    for _ in 0..15 {
        page.sign_in("nobody", "not the password");
        if page.text("#problem").contains("too many") {
            break;
        }
    }
    assert!(page.text("#problem").contains("too many"), "{}", page.text("#problem"));
    inspect(&page, "sign-in-throttled");
    page.is_clean(&[&server.base, &site.origin("127.0.0.1")]);
}

#[test]
fn the_pages_for_what_went_wrong_are_well_made() {
    let (server, page) = (Server::start(), Page::open());
    server.user("ada", &["--name", "Ada Lovelace", "--admin"]);
    let app = server.app("Portainer", &["--preset", "portainer", "--app-url", "https://portainer.company"]);
    let wrong = format!("https://portainer.company/{}?next=/", "endpoints/2/docker/".repeat(12));
    let bad_redirect = authorize(&server, &app, &[("redirect_uri", &wrong)]);
    page.go(&bad_redirect);
    inspect(&page, "error-redirect-stranger");
    page.go(&format!("{}/application/o/authorize/?client_id={}", server.base, "x".repeat(200)));
    inspect(&page, "error-client");
    page.go(&format!("{}/application/o/authorize/", server.base));
    inspect(&page, "error-nothing-sent");
    page.go(&format!("{}/no/such/page", server.base));
    inspect(&page, "error-not-found");
    page.go(&format!("{}/login/?flow={}", server.base, "0".repeat(42)));
    inspect(&page, "sign-in-over");
    page.go(&format!("http://127.0.0.1:{}/login/", server.port));
    inspect(&page, "error-wrong-host");
    page.go(&format!("{}/setup/?token=wrong", server.base));
    inspect(&page, "setup-closed");
    page.go(&format!("{}/recovery/?token=wrong", server.base));
    inspect(&page, "recovery-invalid");
    page.go(&format!("{}/login/", server.base));
    page.sign_in("ada", PASSWORD);
    page.see("main.page");
    page.go(&bad_redirect);
    inspect(&page, "error-redirect-administrator");
    page.is_clean(&[&server.base, &format!("http://127.0.0.1:{}", server.port)]);
}

#[test]
fn the_pages_of_an_account_are_well_made() {
    let (server, page) = (Server::start(), Page::open());
    page.go(&format!("{}/setup/", server.base));
    inspect(&page, "setup-without-link");
    page.go(&setup_link(&server));
    inspect(&page, "setup");
    page.fill("#username", "ada lovelace");
    page.fill("#name", "Ada Lovelace");
    page.fill("#password", PASSWORD);
    page.fill("#password-again", "something else");
    page.press("#setup-submit");
    inspect(&page, "setup-wrong");
    page.fill("#username", "ada");
    page.fill("#password", PASSWORD);
    page.fill("#password-again", PASSWORD);
    page.press("#setup-submit");
    page.see("main.page");
    inspect(&page, "applications-none-administrator");

    server.alice();
    let other = Page::open();
    other.go(&recovery_link(&server, "alice"));
    inspect(&other, "recovery");
    other.fill("#password", PASSWORD);
    other.fill("#password-again", "something else");
    other.press("#recovery-submit");
    inspect(&other, "recovery-wrong");
    other.fill("#password", PASSWORD);
    other.fill("#password-again", PASSWORD);
    other.press("#recovery-submit");
    inspect(&other, "recovery-done");
    other.press("#notice a.button");
    other.sign_in("alice", PASSWORD);
    other.see("main.page");
    inspect(&other, "applications-none");

    server.app("Portainer", &["--app-url", "https://portainer.company", "--preset", "portainer"]);
    let options = ["--redirect-uri", "https://photos.company/cb", "--description", "Photos of everybody"];
    server.app("Immich", &options);
    let options = ["--redirect-uri", "https://docs.company/cb", "--app-group", "Paper", "--open-in-new-tab", "on"];
    server.app("Paperless", &options);
    page.go(&format!("{}/", server.base));
    inspect(&page, "applications-three");
    for n in 1..=8 {
        server.app(&format!("Service {n}"), &["--redirect-uri", "https://service.company/cb"]);
    }
    page.go(&format!("{}/", server.base));
    inspect(&page, "applications-many");
    page.fill("[name=q]", "pap");
    page.press(".search button");
    inspect(&page, "applications-search");
    page.fill("[name=q]", "nothing of this name");
    page.press(".search button");
    inspect(&page, "applications-nothing-found");
    page.is_clean(&[&server.base]);
    other.is_clean(&[&server.base]);
}

#[test]
fn long_names_fit_on_a_phone() {
    let (server, site, page) = (Server::start(), Site::start(), Page::without_scripts());
    let user = "bartholomaeus.featherstonehaugh-cholmondeley.the.third@household.company.example";
    server.user(user, &["--name", LONG]);
    let host = format!("{}.localhost", "a-rather-long-name-for-a-host".repeat(2));
    let callback = format!("{}/callback", site.origin(&host));
    let app = server.app(LONG, &["--slug", "long", "--redirect-uri", &callback, "--consent", "explicit"]);
    let open =
        server.app(&format!("{LONG} II"), &["--slug", "open", "--redirect-uri", &callback, "--description", LONG]);
    server.app(&format!("{LONG} III"), &["--slug", "third", "--redirect-uri", &callback, "--app-group", LONG]);
    page.go(&authorize(&server, &app, &[]));
    inspect(&page, "long-sign-in");
    page.sign_in(user, PASSWORD);
    inspect(&page, "long-consent");
    page.go(&authorize(&server, &app, &[("prompt", "select_account")]));
    inspect(&page, "long-choose-account");
    page.go(&authorize(&server, &open, &[("response_mode", "form_post")]));
    inspect(&page, "long-form-post");
    page.go(&format!("{}/", server.base));
    inspect(&page, "long-applications");
    page.go(&format!("{}/application/o/long/end-session/", server.base));
    inspect(&page, "long-end-session");
    server.cli(&["app", "bind", "long", "--user", "alice"]).refused(1);
    server.alice();
    server.cli(&["app", "bind", "long", "--user", "alice"]).ok();
    page.go(&authorize(&server, &app, &[]));
    inspect(&page, "long-denied");
    page.is_clean(&[&server.base, &site.origin(&host)]);
}

#[test]
fn who_looks_at_the_pages_sees_what_is_wrong_with_them() {
    let (server, page) = (Server::start(), Page::open());
    for (harm, words) in [
        ("0", ""),
        (
            "document.querySelector('h1').style.color = 'light-dark(#ccc, #ccc)'",
            "1440, light: color-contrast (serious)",
        ),
        ("document.querySelector('h1').style.color = 'light-dark(#000, #222)'", "1440, dark: color-contrast (serious)"),
        ("document.querySelector('label').remove()", "no label"),
        ("document.querySelector('#username').setAttribute('aria-labelledby', 'nothing')", "describes by nothing"),
        ("document.querySelector('h1').style.width = '400px'", "sticks out: <h1"),
        ("document.querySelector('main').append(document.createElement('iframe'))", "frame-title (serious)"),
        ("document.querySelector('button').style.minHeight = '20px'", "pixels high"),
    ] {
        page.go(&format!("{}/login/", server.base));
        page.js(&format!("{harm}; 0"));
        let found = flaws(&page).join("\n");
        assert_eq!(found.is_empty(), words.is_empty(), "{harm}: {found}");
        assert!(found.contains(words), "{harm}: {found}");
    }
    page.size(1280, 800);
    page.go(&format!("{}/login/", server.base));
    page.audit("sign-in");
    page.js("const p = document.createElement('p'); p.textContent = 'x'; p.style.height = '300px'; document.body.prepend(p)");
    page.js_of_promise("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
    assert!(flaws(&page).iter().any(|flaw| flaw.contains("jump")), "a jump is seen");
}
