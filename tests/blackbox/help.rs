//! Help by symptom: every page about trouble links to the place of the help page that tells of it, and that page is there
//! for whoever cannot come in.

use crate::https::own_ca;
use crate::support::browser::url;
use crate::support::chromium::Page;
use crate::support::inspect::inspect;
use crate::support::{Answer, App, Browser, HtmlForm, Http, Server};

/// Where a page's one link to the help page leads.
#[track_caller]
fn led_to(page: &Answer) -> String {
    let links: Vec<&str> = page.body.split("href=\"/help/").skip(1).filter_map(|l| l.split('"').next()).collect();
    assert_eq!(links.len(), 1, "one link to the help page: {page:?}");
    let link = format!("<a href=\"/help/{}\">", links[0]);
    assert!(page.body.contains(&link), "it opens in the same tab: {page:?}");
    links[0].strip_prefix('#').unwrap_or_else(|| panic!("no symptom: {page:?}")).to_owned()
}

/// The page, and that it has each place once.
#[track_caller]
fn has_places(help: &Answer, places: &[&str]) {
    assert_eq!(help.status, 200, "{help:?}");
    for place in places {
        assert_eq!(help.body.matches(&format!(" id=\"{place}\"")).count(), 1, "#{place}");
    }
}

/// What a stranger and somebody without rights run into.
fn trouble(server: &Server, app: &App, closed: &App) -> Vec<(&'static str, u16, Answer)> {
    let http = server.http();
    let evil = "https://evil.example/";
    let mut found = vec![
        ("unknown-client", 400, http.get("/application/o/authorize/?client_id=none")),
        ("unknown-client", 400, http.get("/application/o/authorize/")),
        ("unknown-client", 400, http.get("/application/o/authorize/?client_id=a&client_id=b")),
        ("redirect-uri", 400, http.get(&app.authorize_url(&[("redirect_uri", evil)]))),
        ("redirect-uri", 400, http.get(&format!("{}&redirect_uri=x", app.authorize_url(&[])))),
        ("redirect-uri", 400, http.get(&format!("/application/o/authorize/?client_id={}&response_type=code", app.id))),
        ("other-address", 421, http.get_with("/login/", &[("Host", "evil.example")])),
        ("not-found", 404, http.get("/no/such/page")),
        ("not-found", 404, http.get("/application/o/none/end-session/")),
        ("signed-out", 403, http.post("/if/user/", &[("name", "x")])),
        ("sign-in-over", 400, http.get("/consent/?flow=x")),
        ("setup-closed", 404, http.get("/setup/")),
        ("forgotten-password", 403, http.get("/recovery/?token=x")),
        ("invitation", 403, http.get("/invitation/?token=x")),
        ("cookies", 403, http.post("/login/", &[("username", "x"), ("password", "y")])),
        ("forgotten-password", 200, http.get("/login/")),
    ];
    let mut bob = Browser::signed_in(server, "bob");
    found.push(("form-expired", 403, bob.post("/logout/", &[])));
    found.push(("not-administrator", 403, bob.open("/if/admin/")));
    found.push(("denied", 403, bob.open(&closed.authorize_url(&[]))));
    found.push(("denied", 403, bob.open(&format!("/application/launch/{}/", closed.slug))));
    let mut guesser = Browser::new(server).from("127.0.0.9");
    let page = guesser.open("/login/");
    let mut guess = || guesser.submit(&page, &[("username", "nobody"), ("password", "not the password")]);
    found.push(("forgotten-password", 403, guess()));
    let slowed = (0..30).map(|_| guess()).find(|a| a.body.contains("too many attempts")).expect("guessing is slowed");
    found.push(("slowed-down", slowed.status, slowed));
    found
}

/// An act that is refused where no form can show it.
fn refused(server: &Server) -> Answer {
    server.cli(&["group", "create", "bosses", "--admin"]).ok();
    server.cli(&["group", "add", "bosses", "bob"]).ok();
    let mut bob = Browser::signed_in(server, "bob");
    let page = bob.get("/if/admin/groups/1/").expect(200);
    HtmlForm::find(&page, "/if/admin/groups/1/members/remove/").send(&mut bob)
}

#[test]
fn every_page_about_trouble_leads_to_the_place_that_tells_of_it() {
    let server = Server::start();
    let too_early = server.http().get("/setup/?token=x");
    server.user("bob", &[]);
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let closed = server.app("Closed", &["--redirect-uri", "https://closed.example/callback"]);
    server.cli(&["app", "bind", &closed.slug, "--user", "alice"]).ok();
    server.user("ada", &["--admin"]);
    let mut pages = trouble(&server, &app, &closed);
    pages.push(("setup-link", 403, too_early));
    let help = server.http().get("/help/");
    for (place, status, page) in &pages {
        assert_eq!(page.status, *status, "{place}: {page:?}");
        assert_eq!(led_to(page), *place, "{page:?}");
        has_places(&help, &[place]);
    }
    for fine in ["/help/", "/logout/"] {
        assert!(!server.http().get(fine).body.contains("href=\"/help/"), "{fine}: nothing is wrong there");
    }
}

#[test]
fn an_act_that_is_refused_leads_there_too() {
    let server = Server::start();
    server.user("bob", &[]);
    let page = refused(&server);
    assert_eq!((page.status, led_to(&page).as_str()), (422, "refused"), "{page:?}");
    has_places(&server.http().get("/help/"), &["refused"]);
}

#[test]
fn help_is_there_by_every_way_and_in_every_language() {
    let (server, https) = own_ca(&[]);
    let plain = Http::new(server.port, &format!("http://localhost:{}", server.port));
    // Who posts in the clear is told so, and can read on without https.
    let refused = plain.post("/login/", &[("username", "alice"), ("password", "secret")]);
    assert_eq!((refused.status, led_to(&refused).as_str()), (400, "in-the-clear"), "{refused:?}");
    let english = plain.get("/help/").expect(200);
    has_places(&english, &["in-the-clear", "request-id", "certificate-warning", "portainer-unauthorized", "clock"]);
    assert!(english.body.contains("<html lang=\"en\">") && english.body.contains("href=\"/trust/\""), "{english:?}");
    assert!(english.body.contains(&format!("https://localhost:{https}")), "it names this very server: {english:?}");
    for german in [
        plain.get("/help/?ui_locales=de"),
        plain.get_with("/help", &[("Accept-Language", "de-AT")]),
        plain.get_with("/help/?ui_locales=de", &[("Host", "elsewhere.example")]),
    ] {
        has_places(&german, &["in-the-clear", "request-id", "certificate-warning", "portainer-unauthorized", "clock"]);
        assert!(german.body.contains("<html lang=\"de\">") && german.body.contains("Zertifikat"), "{german:?}");
        assert!(german.all("Set-Cookie").is_empty() && german.header("Location").is_none(), "{german:?}");
    }
    // A page that is not there is not linked.
    let without = Server::start();
    let page = without.http().get("/help/").expect(200);
    assert!(page.body.contains(">/trust/</span></code>") && !page.body.contains("href=\"/trust/\""), "{page:?}");
}

#[test]
fn help_speaks_the_language_that_the_user_chose() {
    let server = Server::start();
    server.alice();
    let mut alice = Browser::signed_in(&server, "alice");
    assert!(alice.get("/help/").body.contains("<html lang=\"en\">"));
    let page = alice.get("/if/user/").expect(200);
    HtmlForm::find(&page, "/if/user/").with("locale", "de").send(&mut alice).expect(303);
    assert!(alice.get("/help/").body.contains("<html lang=\"de\">"));
    assert!(server.http().get("/help/").body.contains("<html lang=\"en\">"), "and nobody else's");
}

#[test]
fn nothing_that_was_sent_stands_on_the_help_page() {
    let server = Server::start();
    let evil = "\"'><script>alert(1)</script>`x`[y](#z)evil.example";
    let page = server.http().get("/help/").expect(200);
    for (path, headers) in [
        (url("/help/", &[("request", evil), ("ui_locales", evil), (evil, evil)]), vec![]),
        ("/help/".to_owned(), vec![("Host", "evil.example"), ("X-Forwarded-Host", "evil.example")]),
        ("/help/".to_owned(), vec![("Accept-Language", "evil.example"), ("Referer", "https://evil.example/")]),
        ("/help/".to_owned(), vec![("Cookie", "latchkey=evil.example; latchkey-notice=evil.example")]),
    ] {
        let other = server.http().get_with(&path, &headers).expect(200);
        assert!(other.body == page.body, "{path} {headers:?}: {other:?}");
    }
    assert_eq!(server.http().post("/help/", &[("x", evil)]).status, 405);
}

#[test]
fn the_help_page_is_well_made() {
    let (server, _https) = own_ca(&[]);
    let plain = format!("http://localhost:{}", server.port);
    let page = Page::without_scripts();
    for lang in ["en", "de"] {
        page.go(&format!("{plain}/help/?ui_locales={lang}"));
        inspect(&page, &format!("help-{lang}"));
    }
    page.is_clean(&[&plain]);
}

#[test]
fn a_link_on_an_error_page_leads_to_the_words_about_it() {
    let (server, page) = (Server::start(), Page::open());
    let other = format!("http://127.0.0.1:{}", server.port);
    page.go(&format!("{other}/login/"));
    inspect(&page, "error-with-help");
    let height = "document.querySelector('.aid a').getBoundingClientRect().height";
    assert!(page.js(height).as_f64().is_some_and(|h| h >= 44.0), "a thumb hits it: {}", page.js(height));
    page.press(".aid a");
    assert_eq!(page.url(), format!("{other}/help/#other-address"), "it is read where the trouble is");
    let seen = "(() => { const r = document.querySelector(':target').getBoundingClientRect();
                return r.top >= 0 && r.top < innerHeight / 2; })()";
    assert_eq!(page.js(seen), true);
    assert!(page.text(":target").contains(&server.base), "{}", page.text(":target"));
    page.pictures("help-target");
    page.is_clean(&[&other]);
}
