//! Signing in with a real browser: from the client through the pages and back, on other origins, without scripts.

use crate::support::chromium::Page;
use crate::support::site::{Reply, Site, landed};
use crate::support::{App, PASSWORD, Server, Tokens};

/// A provider with alice, and an application whose redirect URI is `/callback` at the site under this host name.
fn provider_for(site: &Site, host: &str, options: &[&str]) -> (Server, App) {
    let server = Server::start();
    server.alice();
    let callback = format!("{}/callback", site.origin(host));
    let mut all = vec!["--redirect-uri", callback.as_str()];
    all.extend(options);
    let app = server.app("Portainer", &all);
    (server, app)
}

/// The whole way: from the authorization endpoint by the sign-in page to the client, and the code is good.
#[track_caller]
fn signs_in(page: &Page, server: &Server, app: &App, site: &Site) {
    page.go(&format!("{}{}", server.base, app.authorize_url(&[])));
    assert_eq!(page.text("h1"), "Sign in to Portainer");
    page.sign_in("alice", PASSWORD);
    page.see("#landed");
    let back = site.only("/callback");
    assert_eq!((back.method.as_str(), back.query("state").as_deref()), ("GET", Some("the-state")));
    let code = back.query("code").expect("a code");
    let tokens = Tokens::of(&app.redeem(&server.http(), &code, &[]));
    assert_eq!(tokens.id_claims()["preferred_username"], "alice");
}

#[test]
fn the_way_leads_back_to_a_client_on_another_site() {
    let site = Site::start();
    for host in ["127.0.0.1", "localhost", "app.localhost"] {
        let site = Site::start();
        let (server, app) = provider_for(&site, host, &[]);
        let page = Page::open();
        signs_in(&page, &server, &app, &site);
        assert!(page.url().starts_with(&app.redirect), "{}", page.url());
        page.is_clean(&[&server.base, &site.origin(host)]);
    }
    drop(site);
}
