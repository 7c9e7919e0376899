//! OpenID Connect Front-Channel Logout 1.0: the signed-out page opens a page of each application of the session.

use crate::support::browser::{action, form_token, unescape, url};
use crate::support::http::param;
use crate::support::oauth::app_with;
use crate::support::{Answer, App, Browser, Server};

const AFTER: &str = "https://app.company/bye";

fn house(options: &[&str]) -> (Server, App, App) {
    let server = Server::start();
    server.alice();
    let uri = ["--frontchannel-logout-uri", "https://app.company/out?a=b", "--post-logout-uri", AFTER];
    let app = app_with(&server, &[&uri[..], options].concat());
    let other = [
        "--redirect-uri",
        "https://other.company:8443/callback",
        "--frontchannel-logout-uri",
        "https://other.company:8443/leave",
    ];
    let other = server.app("Other", &other);
    (server, app, other)
}

/// The addresses of a page's frames.
fn frames(page: &Answer) -> Vec<String> {
    let tags = page.body.split("<iframe ").skip(1);
    tags.map(|t| unescape(t.split("src=\"").nth(1).and_then(|t| t.split('"').next()).expect("an address"))).collect()
}

fn frame_src(page: &Answer) -> Option<String> {
    let policy = page.header("Content-Security-Policy").expect("a policy");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"), "{policy}");
    policy.split("; ").find_map(|d| d.strip_prefix("frame-src ")).map(str::to_owned)
}

#[track_caller]
fn is_of(frame: &str, begin: &str, app: &App, sid: &str) {
    assert!(frame.starts_with(begin), "{frame}");
    assert_eq!((param(frame, "iss"), param(frame, "sid")), (Some(app.issuer.clone()), Some(sid.to_owned())), "{frame}");
}

/// Section 2: `iss` and `sid` are added to the registered address, whose own query stays.
#[test]
fn the_signed_out_page_has_a_frame_for_each_application_of_the_session() {
    let (server, app, other) = house(&[]);
    let plain = server.app("Plain", &["--redirect-uri", "https://plain.company/"]);
    let mut elsewhere = Browser::signed_in(&server, "alice");
    other.tokens(&mut elsewhere, "openid");
    let mut browser = Browser::signed_in(&server, "alice");
    let sid = app.tokens(&mut browser, "openid").id_claims()["sid"].as_str().expect("a sid").to_owned();
    plain.tokens(&mut browser, "openid");
    let sign_out = |browser: &mut Browser| {
        let page = browser.open("/logout/");
        assert_eq!(frame_src(&page), None, "no other page frames anything");
        browser.submit(&page, &[]).expect(200)
    };
    // The other one is of another session, and the plain one has no such page.
    let page = sign_out(&mut browser);
    assert!(page.body.contains("id=\"logged-out\""), "{page:?}");
    assert_eq!(frame_src(&page).as_deref(), Some("https://app.company"));
    assert_eq!(page.header("X-Frame-Options"), Some("DENY"));
    let found = frames(&page);
    assert_eq!(found.len(), 1, "{found:?}");
    is_of(&found[0], "https://app.company/out?a=b&", &app, &sid);

    let mut browser = Browser::signed_in(&server, "alice");
    let sid = app.tokens(&mut browser, "openid").id_claims()["sid"].as_str().expect("a sid").to_owned();
    other.tokens(&mut browser, "openid");
    let page = sign_out(&mut browser);
    assert_eq!(frame_src(&page).as_deref(), Some("https://app.company https://other.company:8443"));
    let found = frames(&page);
    assert_eq!(found.len(), 2, "{found:?}");
    is_of(&found[0], "https://app.company/out?a=b&", &app, &sid);
    is_of(&found[1], "https://other.company:8443/leave?", &other, &sid);

    // Its twin: a session of no such application.
    let mut browser = Browser::signed_in(&server, "alice");
    plain.tokens(&mut browser, "openid");
    let page = sign_out(&mut browser);
    assert_eq!((frame_src(&page), frames(&page).len()), (None, 0));
}

/// Section 3: with the frames first, and then on to where the client wants the browser.
#[test]
fn a_sign_out_by_the_client_goes_on_once_the_frames_had_a_moment() {
    let (server, app, other) = house(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    other.tokens(&mut browser, "openid");
    let hint = app.tokens(&mut browser, "openid").id.expect("an ID token");
    let asked = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER), ("state", "s\"1")];
    let path = format!("/application/o/{}/end-session/", app.slug);
    let page = browser.get(&url(&path, &asked)).expect(200);
    assert_eq!(frames(&page).len(), 2, "{page:?}");
    assert!(page.body.contains("id=\"logged-out\"") && page.body.contains("id=\"continue\""), "{page:?}");
    let onward = browser.follow(page);
    assert_eq!(onward.location(), format!("{AFTER}?state=s%221"));
    assert!(browser.open("/").body.contains("id=\"login-submit\""), "the session is over");

    // Its twins: an application without such a page is left at once; and by the buttons it is the same.
    server.cli(&["app", "set", &app.slug, "--frontchannel-logout-uri", ""]).ok();
    let mut browser = Browser::signed_in(&server, "alice");
    let hint = app.tokens(&mut browser, "openid").id.expect("an ID token");
    let at_once = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER)];
    assert_eq!(browser.get(&url(&path, &at_once)).expect(303).location(), AFTER);
    for (scope, count) in [("everywhere", 1), ("application", 0)] {
        let mut browser = Browser::signed_in(&server, "alice");
        other.tokens(&mut browser, "openid");
        app.tokens(&mut browser, "openid");
        let page = browser.open(&url(&path, &[("post_logout_redirect_uri", AFTER)]));
        let (to, token) = (action(&page).expect("a form"), form_token(&page));
        let page = browser.post(&to, &[("form_token", &token), ("scope", scope)]).expect(200);
        assert_eq!(frames(&page).len(), count, "{scope}: {page:?}");
        assert_eq!(browser.follow(page).location(), AFTER, "{scope}");
    }
}

/// Section 2: scheme, host and port must be those of a registered redirect URI.
#[test]
fn a_frame_is_at_the_origin_of_a_redirect_uri() {
    let (server, app, _) = house(&[]);
    let set = |uri: &str| server.cli(&["app", "set", &app.slug, "--frontchannel-logout-uri", uri]);
    for bad in [
        "https://evil.company/out",
        "https://app.company:8443/out",
        "https://sub.app.company/out",
        "http://app.company/out",
        "https://app.company/out#x",
        "/out",
        "javascript:alert(1)",
    ] {
        let words = set(bad).refused(2);
        assert!(words.contains("frontchannel-logout-uri"), "{bad}: {words}");
    }
    for good in ["https://app.company/", "https://app.company:443/x?y=z", "https://APP.company/out"] {
        set(good).ok();
    }
    // Nor does the redirect URI go before the frame does.
    server.cli(&["app", "set", &app.slug, "--redirect-uri", "https://new.company/"]).ok();
    let remove = ["app", "set", &app.slug, "--remove-uri", "https://app.company/callback"];
    assert!(server.cli(&remove).refused(2).contains("redirect URI"));
    set("").ok();
    server.cli(&remove).ok();
    let found = server.http().get(&format!("/application/o/{}/.well-known/openid-configuration", app.slug)).json();
    for name in ["frontchannel_logout_supported", "frontchannel_logout_session_supported"] {
        assert_eq!(found[name], true, "{name}");
    }
}
