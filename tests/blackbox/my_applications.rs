//! My applications: what is found, by the server and as one types; a thousand of them; the way in for administrators.

use std::time::{Duration, Instant};

use crate::support::chromium::Page;
use crate::support::inspect::inspect;
use crate::support::{Browser, PASSWORD, Server};

fn house() -> Server {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    for (name, group, publisher, description) in [
        ("Portainer", "House", "Portainer Ltd", "Containers"),
        ("Gravitee", "House", "GraviteeSource", "APIs"),
        ("Immich", "Media", "Futo", "Our photos"),
        ("Jellyfin", "Media", "", "Films"),
        ("Größe", "", "", ""),
        ("Wiki", "", "", ""),
        ("Mail", "", "", ""),
        ("Cloud", "", "", ""),
        ("Paper", "", "", ""),
    ] {
        let more = ["--app-group", group, "--publisher", publisher, "--description", description];
        let url = format!("https://{}.example/", name.to_lowercase().replace(|c: char| !c.is_ascii(), "x"));
        server.cli(&[&["app", "create", name, "--no-provider", "--launch-url", &url][..], &more].concat()).ok();
    }
    server
}

#[test]
fn the_form_finds_by_name_publisher_description_and_group() {
    let server = house();
    let mut alice = Browser::signed_in(&server, "alice");
    for (typed, found) in [
        ("portAINER", &["Portainer"][..]),
        ("futo", &["Immich"]),
        ("photos", &["Immich"]),
        ("media", &["Immich", "Jellyfin"]),
        ("house apis", &["Gravitee"]),
        ("grösse", &["Größe"]),
    ] {
        let query: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        let page = alice.get(&format!("/?q={query}")).expect(200);
        assert_eq!(page.body.matches("class=\"tile\"").count(), found.len(), "{typed}");
        assert!(found.iter().all(|name| page.body.contains(&format!("<bdi>{name}</bdi>"))), "{typed}");
    }
    assert!(alice.get("/?q=%3Cb%3E").body.contains("<bdi>&#60;b&#62;</bdi>"), "nothing found, and said so");
}

#[test]
fn in_chromium_the_cards_are_searched_as_one_types() {
    let server = house();
    let page = Page::open();
    page.go(&format!("{}/login/", server.base));
    page.sign_in("alice", PASSWORD);
    page.see("#q");
    let visible =
        "[...document.querySelectorAll('.tile b')].filter((e) => e.checkVisibility()).map((e) => e.textContent).join()";
    for (typed, found) in
        [("grav", "Gravitee"), ("futo", "Immich"), ("media films", "Jellyfin"), ("GRÖSSE", "Größe"), ("opens", "")]
    {
        page.js(&format!("(() => {{ q.value = '{typed}'; q.dispatchEvent(new Event('input')); }})()"));
        assert_eq!(page.js(visible), found, "{typed}");
        assert_eq!(page.js("document.getElementById('none-found').checkVisibility()"), found.is_empty(), "{typed}");
        assert_eq!(
            page.js("[...document.querySelectorAll('h2')].filter((e) => e.checkVisibility()).length <= 1"),
            true
        );
    }
    page.js("(() => { q.value = ''; q.dispatchEvent(new Event('input')); })()");
    assert_eq!(page.js("[...document.querySelectorAll('.tile')].filter((e) => e.checkVisibility()).length"), 9);
    page.go(&format!("{}/", server.base));
    inspect(&page, "my-applications");
    page.is_clean(&[&server.base]);
}

#[test]
fn the_bar_leads_where_one_may_go() {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let home = Browser::signed_in(&server, "keeper").get("/").expect(200);
    for link in ["/if/admin/", "/if/user/", "/if/admin/applications/new/"] {
        assert!(home.body.contains(&format!("href=\"{link}\"")), "{link}");
    }
    let home = Browser::signed_in(&server, "alice").get("/").expect(200);
    assert!(home.body.contains("href=\"/if/user/\"") && !home.body.contains("/if/admin/"));
    let german = Browser::signed_in(&server, "alice");
    let cookies: Vec<String> = german.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let home = german.http.get_with("/", &[("Cookie", &cookies.join("; ")), ("Accept-Language", "de")]);
    assert!(home.body.contains("<html lang=\"de\">") && home.body.contains("Noch keine Anwendungen"));
}

#[test]
fn a_thousand_cards_are_shown_quickly() {
    let mut server = Server::start();
    server.alice();
    server.app("First", &["--redirect-uri", "https://a.example/cb"]);
    server.stop();
    let database = rusqlite::Connection::open(server.data().join("latchkey.db")).expect("opened");
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
               INSERT INTO applications (name, slug, app_group, launch_url, created_at, updated_at)
               SELECT 'Application ' || i, 'app-' || i, 'Group ' || (i % 20), 'https://a.example/', 0, 0 FROM n";
    database.execute(sql, []).expect("filled");
    drop(database);
    let server = Server::start_on(server.folder(), &[]);
    let mut alice = Browser::signed_in(&server, "alice");
    alice.get("/").expect(200);
    let begun = Instant::now();
    let page = alice.get("/").expect(200);
    let took = begun.elapsed();
    assert_eq!(page.body.matches("class=\"tile\"").count(), 1001);
    println!("1,001 cards: {took:?}, {} bytes", page.body.len());
    assert!(took < Duration::from_secs(2), "{took:?}");
}
