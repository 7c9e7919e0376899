//! Signing out with a real browser: from a client's page by each button, with and without a way back, and of Latchkey
//! itself.

use crate::support::chromium::Page;
use crate::support::site::{Reply, Site, landed};
use crate::support::{App, PASSWORD, Server, Tokens};

/// Gravitee's way back has a fragment.
const AFTER: &str = "/console#!/_login";

/// A provider with alice, and an application at a site whose start page has a link `#out` that signs out there.
struct Scene {
    server: Server,
    site: Site,
    app: App,
}

impl Scene {
    fn new() -> Self {
        let server = Server::start();
        server.alice();
        let base = server.base.clone();
        let site = Site::answering(move |request| match request.path() {
            "/start" => Reply::Page(format!(
                "<h1>Client</h1><a id=\"out\" href=\"{base}/application/o/portainer/end-session/{}\">Log out</a>",
                request.target.strip_prefix("/start").unwrap_or_default().replace('&', "&amp;")
            )),
            _ => landed(),
        });
        let origin = site.origin("127.0.0.1");
        let (callback, after) = (format!("{origin}/callback"), format!("{origin}{AFTER}"));
        let app = server.app("Portainer", &["--redirect-uri", &callback, "--post-logout-uri", &after]);
        Self { server, site, app }
    }

    fn origin(&self) -> String {
        self.site.origin("127.0.0.1")
    }

    /// Signs in at the client and returns the ID token.
    #[track_caller]
    fn signed_in(&self, page: &Page) -> String {
        page.go(&self.authorize());
        page.sign_in("alice", PASSWORD);
        page.see("#landed");
        let code = self.site.received().pop().and_then(|r| r.query("code")).expect("a code");
        let tokens = Tokens::of(&self.app.redeem(&self.server.http(), &code, &[]));
        tokens.id.expect("an ID token")
    }

    fn authorize(&self) -> String {
        format!("{}{}", self.server.base, self.app.authorize_url(&[]))
    }

    /// Follows the link on the client's page.
    #[track_caller]
    fn log_out_at_the_client(&self, page: &Page, query: &[(&str, &str)]) {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let query = if query.is_empty() { query } else { format!("?{query}") };
        page.go(&format!("{}/start{query}", self.origin()));
        page.press("#out");
    }

    /// Whether a new sign-in at the client asks for the password.
    #[track_caller]
    fn asks_again(&self, page: &Page) -> bool {
        page.go(&self.authorize());
        page.see("#landed, #login-submit");
        page.has("#login-submit")
    }

    #[track_caller]
    fn is_clean(&self, page: &Page) {
        page.is_clean(&[&self.server.base, &self.origin()]);
    }
}

#[test]
fn each_button_does_what_it_says() {
    for page in [Page::open(), Page::without_scripts()] {
        let scene = Scene::new();
        scene.signed_in(&page);

        // The links change nothing.
        scene.log_out_at_the_client(&page, &[]);
        page.press(".ways a[href^='http']");
        page.see("#landed");
        scene.log_out_at_the_client(&page, &[]);
        page.press(".ways a[href='/']");
        assert_eq!(page.text("h1"), "My applications");
        assert!(!scene.asks_again(&page));

        scene.log_out_at_the_client(&page, &[]);
        assert_eq!(page.text("h1"), "Sign out of Portainer?");
        page.press("#logout-application");
        assert!(page.text("#logged-out").contains("You stay signed in to Latchkey"), "{}", page.text("#logged-out"));
        assert!(!scene.asks_again(&page), "the session at Latchkey lives on");

        scene.log_out_at_the_client(&page, &[]);
        page.press("#logout-confirm");
        assert!(!page.text("#logged-out").contains("You stay signed in"), "{}", page.text("#logged-out"));
        assert!(scene.asks_again(&page));

        // Nobody is signed in any more: that is said, and nothing is asked.
        scene.log_out_at_the_client(&page, &[]);
        page.see("#logged-out");
        page.press("#logged-out a.primary");
        page.see("#landed");
        scene.is_clean(&page);
    }
}

#[test]
fn the_way_back_leads_to_the_registered_address_with_its_fragment() {
    let (page, scene) = (Page::open(), Scene::new());
    let hint = scene.signed_in(&page);
    let after = format!("{}{AFTER}", scene.origin());
    let expected = format!("{}/console?state=s%201#!/_login", scene.origin());

    // Without a hint the visitor is asked, and then led back.
    let asked = [("post_logout_redirect_uri", after.as_str()), ("state", "s 1")];
    scene.log_out_at_the_client(&page, &asked);
    page.press("#logout-confirm");
    page.see("#landed");
    assert_eq!(page.url().replace('+', "%20"), expected);
    assert!(scene.asks_again(&page));

    // A hint of an earlier session is not believed; with one of this session nothing is asked.
    page.sign_in("alice", PASSWORD);
    page.see("#landed");
    scene.log_out_at_the_client(&page, &[("id_token_hint", &hint), asked[0], asked[1]]);
    page.press("#logout-confirm");
    page.see("#landed");
    let hint = scene.signed_in(&page);
    scene.log_out_at_the_client(&page, &[("id_token_hint", &hint), asked[0], asked[1]]);
    page.see("#landed");
    assert_eq!(page.url().replace('+', "%20"), expected);
    assert!(scene.asks_again(&page));

    // An address that is not registered is not gone to.
    scene.log_out_at_the_client(&page, &[("post_logout_redirect_uri", "http://127.0.0.1:1/evil")]);
    page.see("#logged-out");
    scene.is_clean(&page);
}

#[test]
fn signing_out_of_latchkey_is_asked_once_and_done() {
    for page in [Page::open(), Page::without_scripts()] {
        let scene = Scene::new();
        scene.signed_in(&page);
        page.go(&format!("{}/logout/", scene.server.base));
        page.press("a.button[href='/']");
        assert_eq!(page.text("h1"), "My applications");
        page.go(&format!("{}/logout/", scene.server.base));
        page.press("#logout-confirm");
        page.see("#logged-out");
        assert!(scene.asks_again(&page));

        // The same by the button of My applications.
        page.go(&format!("{}/login/", scene.server.base));
        page.sign_in("alice", PASSWORD);
        page.see("main.page");
        page.press(".bar button");
        page.see("#logged-out");
        assert!(scene.asks_again(&page));
        scene.is_clean(&page);
    }
}

/// OpenID Connect Front-Channel Logout 1.0: the application's page is really opened in a frame, its scripts run, it cannot
/// lead the browser away, and then the way leads back. No JavaScript of ours is needed.
#[test]
fn an_application_hears_of_a_sign_out_in_a_frame() {
    for page in [Page::open(), Page::without_scripts()] {
        let server = Server::start();
        server.alice();
        let site = Site::answering(|request| match request.path() {
            "/out" => Reply::Page("out<script>top.location = '/stolen'</script>".into()),
            _ => landed(),
        });
        let origin = site.origin("127.0.0.1");
        let uris = [format!("{origin}/callback"), format!("{origin}/out?a=b"), format!("{origin}/bye")];
        let options =
            ["--redirect-uri", &uris[0], "--frontchannel-logout-uri", &uris[1], "--post-logout-uri", &uris[2]];
        let app = server.app("Wiki", &options);
        let scene = Scene { server, site, app };
        let hint = scene.signed_in(&page);
        let sid = crate::support::client::claims(&hint)["sid"].as_str().expect("a sid").to_owned();
        let asked = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", &uris[2]), ("state", "s")];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
        page.go(&format!("{}/application/o/wiki/end-session/?{query}", scene.server.base));
        page.see("#landed");
        assert_eq!(page.url(), format!("{origin}/bye?state=s"));
        let heard = scene.site.only("/out");
        assert_eq!((heard.method.as_str(), heard.query("a").as_deref()), ("GET", Some("b")));
        assert_eq!((heard.query("iss"), heard.query("sid")), (Some(scene.app.issuer.clone()), Some(sid)));
        assert!(scene.asks_again(&page));

        // By the sign-out of Latchkey itself.
        page.sign_in("alice", PASSWORD);
        page.see("#landed");
        page.go(&format!("{}/logout/", scene.server.base));
        page.press("#logout-confirm");
        page.see("#logged-out iframe");
        crate::support::disk::eventually("the frame was opened", || {
            scene.site.received().iter().filter(|r| r.path() == "/out").count() == 2
        });
        assert!(scene.site.received().iter().all(|r| r.path() != "/stolen"), "a frame leads nobody away");
    }
}
