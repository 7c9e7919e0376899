//! Pages: what every HTML answer carries, that hostile text is inert, and that My applications tells the truth.

use crate::support::browser::unescape;
use crate::support::{Answer, Browser, Server};

#[track_caller]
fn is_guarded(what: &str, answer: &Answer) {
    let header = |name: &str| answer.header(name).unwrap_or_else(|| panic!("{what} has no {name}: {answer:?}"));
    let policy = header("Content-Security-Policy");
    assert!(!policy.contains("unsafe-") && policy.contains("default-src 'none'"), "{what}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{what}: {policy}");
    assert_eq!(header("X-Content-Type-Options"), "nosniff", "{what}");
    assert_eq!(header("Referrer-Policy"), "no-referrer", "{what}");
    assert_eq!(header("Cache-Control"), "no-store", "{what}");
    for inline in ["<script>", " style=\"", "<style", "javascript:", " onclick", " onload", " onerror"] {
        assert!(!answer.body.contains(inline), "{what} has {inline}: {answer:?}");
    }
}

#[test]
fn every_page_and_every_error_page_is_guarded() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--consent", "explicit"]);
    server.cli(&["app", "bind", "wiki", "--user", "alice"]).ok();
    let http = server.http();
    let link = server.cli(&["setup-link"]).ok();
    let mut browser = Browser::new(&server);
    let mut pages = vec![
        ("setup", 200, browser.open(link.trim())),
        ("sign-in", 200, http.get("/login/")),
        ("not found", 404, http.get("/no/such/page")),
        ("help", 200, http.get("/help/")),
        ("unknown launch", 303, http.get("/application/launch/none/")),
        ("method", 405, http.send("PUT", "/login/", &[], "")),
        ("method of api", 405, http.send("DELETE", "/application/o/authorize/", &[], "")),
        ("wrong host", 421, http.get_with("/login/", &[("Host", "evil.example")])),
        ("bad client", 400, http.get("/application/o/authorize/?client_id=none")),
        ("bad redirect", 400, http.get(&app.authorize_url(&[("redirect_uri", "https://evil.example/")]))),
        ("form", 403, http.post("/login/", &[("username", "x"), ("password", "y")])),
        ("setup link", 403, http.get("/setup/?token=x")),
        ("recovery link", 403, http.get("/recovery/?token=x")),
        ("invitation", 403, http.get("/invitation/?token=x")),
        ("signed out", 200, http.get("/logout/")),
        ("end of session", 200, http.get("/application/o/wiki/end-session/")),
        ("unknown end of session", 404, http.get("/application/o/none/end-session/")),
        ("flow", 400, http.get("/consent/?flow=x")),
    ];
    let mut alice = Browser::signed_in(&server, "alice");
    pages.push(("my applications", 200, alice.open("/")));
    pages.push(("consent", 200, alice.open(&app.authorize_url(&[]))));
    pages.push(("sign out", 200, alice.open("/logout/")));
    pages.push(("end of session", 200, alice.open("/application/o/wiki/end-session/")));
    pages.push(("expired form", 403, alice.post("/logout/", &[])));
    pages.push(("choose", 200, alice.open(&app.authorize_url(&[("prompt", "select_account")]))));
    pages.push(("again", 200, alice.open(&app.authorize_url(&[("prompt", "login")]))));
    let mut bob = Browser::signed_in(&server, "bob");
    pages.push(("denied launch", 403, bob.open("/application/launch/wiki/")));
    pages.push(("denied", 403, bob.open(&app.authorize_url(&[]))));
    for (what, status, answer) in pages {
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        is_guarded(what, &answer);
        if status >= 400 && status != 405 {
            assert!(!answer.all("Set-Cookie").iter().any(|c| c.starts_with("latchkey=")), "{what}");
        }
    }
}

#[test]
fn hostile_text_is_shown_and_never_lives() {
    let server = Server::start();
    server.alice();
    let hostile = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>&lt;b&gt;";
    let app =
        server.app(hostile, &["--slug", "hostile", "--redirect-uri", "https://h.example/", "--description", hostile]);
    server.cli(&["user", "set", "alice", "--name", hostile]).ok();
    let http = server.http();
    let encoded = crate::support::browser::url("", &[("x", hostile)]).replacen("?x=", "", 1);
    let mut alice = Browser::new(&server);
    let sign_in = alice.open(&app.authorize_url(&[("login_hint", hostile)]));
    let wrong = alice.submit(&sign_in, &[("username", hostile), ("password", "wrong password")]);
    let mut alice = Browser::signed_in(&server, "alice");
    let pages = [
        ("client", http.get(&format!("/application/o/authorize/?client_id={encoded}"))),
        ("redirect", http.get(&app.authorize_url(&[("redirect_uri", hostile)]))),
        ("sign-in", sign_in),
        ("wrong password", wrong),
        ("host", http.get_with("/login/", &[("Host", "a\"><script>alert(3)</script>")])),
        ("my applications", alice.open("/")),
        ("search", alice.open(&format!("/?q={encoded}"))),
        ("end of session", alice.open("/application/o/hostile/end-session/")),
        ("signed out", http.get("/application/o/hostile/end-session/")),
        ("path", http.get(&format!("/{encoded}/"))),
        ("slug", http.get(&format!("/application/o/{encoded}/end-session/"))),
    ];
    for (what, page) in pages {
        for alive in ["<img", "<script>", "<b>alert", "\"'><"] {
            assert!(!page.body.contains(alive), "{what}: {page:?}");
        }
        assert!(page.header("Location").is_none(), "{what}: {page:?}");
    }
    // It is shown all the same: nobody is kept from reading the name of an application.
    assert!(unescape(&alice.open("/").body).contains("<script>alert(2)</script>"));
}

/// The slugs of the tiles on My applications.
fn tiles(browser: &mut Browser) -> Vec<String> {
    let page = browser.open("/");
    assert_eq!(page.status, 200, "{page:?}");
    let after = page.body.split("href=\"/application/launch/").skip(1);
    after.map(|t| t.split('/').next().expect("a slug").to_owned()).collect()
}

#[test]
fn my_applications_lists_exactly_what_the_user_may_open() {
    let server = Server::start();
    server.alice();
    server.user("bob", &[]);
    server.cli(&["group", "create", "staff"]).ok();
    server.cli(&["group", "create", "night", "--parent", "staff"]).ok();
    server.cli(&["group", "add", "night", "alice"]).ok();
    for name in ["Open", "Closed", "Staff", "Alice", "Not Bob"] {
        let slug = name.to_lowercase().replace(' ', "-");
        server.app(name, &["--redirect-uri", &format!("https://{slug}.example/callback")]);
    }
    server.app("Native", &["--public", "--redirect-uri", "com.example.native:/callback"]);
    server.cli(&["app", "create", "Link", "--no-provider", "--launch-url", "https://link.example/start"]).ok();
    server.cli(&["app", "create", "Nowhere", "--no-provider"]).ok();
    server.cli(&["app", "bind", "closed", "--user", "bob"]).ok();
    server.cli(&["app", "unbind", "closed", "--user", "bob"]).ok();
    server.cli(&["app", "bind", "staff", "--group", "staff"]).ok();
    server.cli(&["app", "bind", "alice", "--user", "alice@example.com"]).ok();
    server.cli(&["app", "bind", "not-bob", "--user", "bob", "--negate"]).ok();

    let (mut alice, mut bob) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "bob"));
    assert_eq!(tiles(&mut alice), ["alice", "link", "not-bob", "open", "staff"]);
    assert_eq!(tiles(&mut bob), ["link", "open"]);

    // Launching asks the same question.
    for (slug, target) in [
        ("open", Some("https://open.example/")),
        ("link", Some("https://link.example/start")),
        ("staff", Some("https://staff.example/")),
        ("closed", None),
    ] {
        let answer = alice.get(&format!("/application/launch/{slug}/"));
        assert_eq!(answer.header("Location"), target, "{answer:?}");
        assert_eq!(answer.status, if target.is_some() { 303 } else { 403 });
    }
    for slug in ["staff", "alice", "not-bob", "closed"] {
        let denied = bob.get(&format!("/application/launch/{slug}/"));
        assert_eq!((denied.status, denied.header("Location")), (403, None), "{denied:?}");
        assert!(denied.body.contains("id=\"access-denied\""), "{denied:?}");
    }
    for slug in ["native", "nowhere", "no-such"] {
        assert_eq!(alice.get(&format!("/application/launch/{slug}/")).status, 404, "{slug}");
    }
    // A change is seen at the next look, without a new sign-in.
    server.cli(&["group", "remove", "night", "alice"]).ok();
    assert_eq!(tiles(&mut alice), ["alice", "link", "not-bob", "open"]);
}

#[test]
fn launching_asks_for_a_sign_in_first_and_then_goes_on() {
    let server = Server::start();
    server.alice();
    server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let mut browser = Browser::new(&server);
    let page = browser.open("/application/launch/wiki/");
    assert_eq!(browser.sign_in(&page, "alice").location(), "https://wiki.example/");
    // Nobody learns which applications there are: with and without one the sign-in comes first.
    let there = Browser::new(&server).get("/application/launch/wiki/");
    let not_there = Browser::new(&server).get("/application/launch/none/");
    assert_eq!((there.status, not_there.status), (303, 303));
}

#[test]
fn a_page_under_another_host_name_names_the_right_one() {
    let server = Server::start_with(&["--url", "https://auth.home.example"]);
    for host in ["evil.example", "auth.home.example.evil.example", "auth.home.example:8410", "127.0.0.1"] {
        let page = server.http().get_with("/login/", &[("Host", host)]);
        assert_eq!(page.status, 421, "{host}: {page:?}");
        assert!(page.body.contains("href=\"https://auth.home.example"), "{page:?}");
        assert!(page.all("Set-Cookie").is_empty() && !page.body.contains("login-submit"), "{page:?}");
    }
    for host in ["auth.home.example", "AUTH.home.example"] {
        assert_eq!(server.http().get_with("/login/", &[("Host", host)]).status, 200, "{host}");
    }
    // Programs are answered under any name, always with the configured issuer.
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/"]);
    let discovery = server
        .http()
        .get_with(&format!("/application/o/{}/.well-known/openid-configuration", app.slug), &[("Host", "inside:8410")]);
    assert_eq!(discovery.json()["issuer"], "https://auth.home.example/application/o/wiki/");
    assert!(!discovery.body.contains("inside"), "{discovery:?}");
}
