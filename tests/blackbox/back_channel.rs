//! OpenID Connect Back-Channel Logout 1.0: an application's server is told when a session ends, whoever ends it.

use std::net::TcpListener;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::admin_keys::verify;
use crate::https::{own_ca, root_of};
use crate::support::browser::{action, form_token};
use crate::support::client::{TOKEN, claims, header};
use crate::support::disk::{eventually, execute, number, restarted};
use crate::support::oauth::app_with;
use crate::support::server::{Folder, command, free_port};
use crate::support::site::{Reply, Site, landed};
use crate::support::{App, Browser, HtmlForm, PASSWORD, Server, Tokens};

/// A provider whose users alice and bob are told of at a site.
struct Scene {
    server: Server,
    site: Site,
    app: App,
}

fn allow_home(server: &Server) {
    server.cli(&["settings", "set", "outbound-networks", "127.0.0.1"]).ok();
}

impl Scene {
    fn new(options: &[&str]) -> Self {
        Self::at(Site::start(), options)
    }

    fn at(site: Site, options: &[&str]) -> Self {
        let server = Server::start();
        server.user("keeper", &["--admin"]);
        server.alice();
        server.user("bob", &[]);
        allow_home(&server);
        let uri = format!("{}/out?a=b", site.origin("127.0.0.1"));
        let app = app_with(&server, &[&["--backchannel-logout-uri", &uri], options].concat());
        Self { server, site, app }
    }

    /// What was told so far, when it is this much; with a moment for more.
    #[track_caller]
    fn told(&self, count: usize) -> Vec<String> {
        let heard = || self.site.received().iter().filter(|r| r.path() == "/out").count();
        eventually(&format!("{count} messages came"), || heard() >= count);
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(heard(), count, "{:?}", self.site.received());
        let received = self.site.received();
        received.iter().map(|r| r.form("logout_token").expect("a logout token")).collect()
    }

    /// Alice at the application, in a browser of her own.
    fn alice(&self) -> (Browser, Tokens) {
        let mut browser = Browser::signed_in(&self.server, "alice");
        let tokens = self.app.tokens(&mut browser, "openid");
        (browser, tokens)
    }
}

fn sign_out(browser: &mut Browser) {
    let page = browser.open("/logout/");
    let done = browser.submit(&page, &[]).expect(200);
    assert!(done.body.contains("id=\"logged-out\""), "{done:?}");
}

/// The event of this kind, once it is there.
fn event(server: &Server, kind: &str) -> Value {
    let find = || server.events().into_iter().find(|e| e["kind"] == kind);
    eventually(&format!("there is {kind}"), || find().is_some());
    find().expect("just seen")
}

/// Sections 2.4 and 2.5: what a logout token holds and how it is sent, by each kind of signature.
#[test]
fn the_logout_token_is_as_the_specification_says() {
    for signing in ["RS256", "ES256", "HS256"] {
        let scene = Scene::new(&["--signing-key", signing]);
        let (mut browser, tokens) = scene.alice();
        let id = tokens.id_claims();
        sign_out(&mut browser);
        let token = scene.told(1).remove(0);
        let request = scene.site.only("/out");
        assert_eq!((request.method.as_str(), request.query("a").as_deref()), ("POST", Some("b")), "its query stays");
        let head = header(&token);
        assert_eq!((&head["typ"], &head["alg"]), (&"logout+jwt".into(), &signing.into()));
        let told = match signing {
            "HS256" => claims(&token),
            _ => {
                let jwks = scene.server.http().get(&format!("/application/o/{}/jwks/", scene.app.slug)).json();
                verify(&jwks, &token, &scene.app).expect("signed by a published key")
            }
        };
        assert_eq!((&told["iss"], &told["aud"]), (&json!(scene.app.issuer), &json!(scene.app.id)));
        assert_eq!((&told["sub"], &told["sid"]), (&id["sub"], &id["sid"]), "as the ID token has them");
        assert_eq!(told["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
        let time = |name: &str| told[name].as_i64().unwrap_or_else(|| panic!("no {name}: {told}"));
        assert!((1..=120).contains(&(time("exp") - time("iat"))), "{told}");
        assert!(told["jti"].as_str().is_some_and(|jti| jti.len() >= 16), "{told}");
        assert!(told.get("nonce").is_none(), "it must not pass for an ID token: {told}");
        // And it does not: neither as a hint nor as an access token.
        let mut again = scene.alice().0;
        let after =
            scene.server.http().get_with("/application/o/userinfo/", &[("Authorization", &format!("Bearer {token}"))]);
        assert_eq!(after.status, 401);
        let page = again.get(&format!("/application/o/{}/end-session/?id_token_hint={token}", scene.app.slug));
        assert!(page.expect(200).body.contains("id=\"logout-confirm\""), "nothing is vouched for");
        let told = event(&scene.server, "logout_told");
        assert_eq!((&told["username"], &told["client_id"]), (&"alice".into(), &json!(scene.app.id)));
        assert!(!told.to_string().contains(&token));
    }
}

/// The way of a session to its end.
type Way = (&'static str, fn(&Scene, &mut Browser, &str));

/// Presses the button of a page whose form posts there, with these fields.
fn press(browser: &mut Browser, page: &str, to: &str, fields: &[(&str, &str)], status: u16) {
    let page = browser.get(page).expect(200);
    let form = fields.iter().fold(HtmlForm::find(&page, to), |form, (name, value)| form.with(name, value));
    form.send(browser).expect(status);
}

fn keeper(scene: &Scene, tail: &str, fields: &[(&str, &str)]) {
    let mut keeper = Browser::signed_in(&scene.server, "keeper");
    let page = keeper.get("/if/admin/users/2/").expect(200);
    // What a consent without a question gave has no button of its own there; the forms of the page share their token.
    let mut form = HtmlForm::find(&page, "/if/admin/users/2/sign-out/");
    form.action = format!("/if/admin/users/2/{tail}/");
    fields.iter().fold(form, |form, (name, value)| form.with(name, value)).send(&mut keeper).expect(303);
}

fn pressed(scene: &Scene, browser: &mut Browser, scope: &str) {
    let page = browser.open(&format!("/application/o/{}/end-session/", scene.app.slug));
    let (to, token) = (action(&page).expect("a form"), form_token(&page));
    browser.post(&to, &[("form_token", &token), ("scope", scope)]).expect(200);
}

const WAYS: &[Way] = &[
    ("signing out of Latchkey", |_, browser, _| sign_out(browser)),
    ("signing out everywhere at the application's page", |scene, browser, _| pressed(scene, browser, "everywhere")),
    ("signing out of this application", |scene, browser, _| pressed(scene, browser, "application")),
    ("ending a session in the own settings", |scene, _, sid| {
        let mut other = Browser::signed_in(&scene.server, "alice");
        press(&mut other, "/if/user/sessions/", "/if/user/sessions/end/", &[("sid", sid)], 303);
    }),
    ("ending the other sessions", |scene, _, _| {
        let mut other = Browser::signed_in(&scene.server, "alice");
        press(&mut other, "/if/user/sessions/", "/if/user/sessions/end-others/", &[], 303);
    }),
    ("ending all sessions", |_, browser, _| {
        press(browser, "/if/user/sessions/", "/if/user/sessions/end-all/", &[], 200);
    }),
    ("taking access away in the own settings", |_, browser, _| {
        press(browser, "/if/user/connected/", "/if/user/connected/revoke/", &[("provider", "1")], 303);
    }),
    ("taking all access away", |_, browser, _| {
        press(browser, "/if/user/connected/", "/if/user/connected/revoke-all/", &[], 303);
    }),
    ("an own new password", |_, browser, _| {
        let page = browser.get("/if/user/password/").expect(200);
        let form = HtmlForm::find(&page, "/if/user/password/").with("present", PASSWORD);
        form.with("password", PASSWORD).with("password_again", PASSWORD).send(browser).expect(303);
    }),
    ("somebody else's sign-in in this browser", |scene, browser, _| {
        let page = browser.open(&scene.app.authorize_url(&[("prompt", "login")]));
        assert!(browser.sign_in(&page, "bob").location().contains("code="));
    }),
    ("an administrator who ends the session", |scene, _, sid| keeper(scene, "sign-out-one", &[("sid", sid)])),
    ("an administrator who signs the user out", |scene, _, _| keeper(scene, "sign-out", &[])),
    ("an administrator who takes access away", |scene, _, _| keeper(scene, "revoke", &[("provider", "1")])),
    ("an administrator who takes all access away", |scene, _, _| keeper(scene, "revoke-all", &[])),
    ("a new password by an administrator", |scene, _, _| {
        scene.server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], PASSWORD).ok();
    }),
    ("a new password by a recovery link", |scene, _, _| {
        let link = scene.server.cli(&["user", "recovery-link", "alice"]).ok();
        let mut elsewhere = Browser::new(&scene.server);
        let page = elsewhere.open(link.trim());
        elsewhere.submit(&page, &[("password", PASSWORD), ("password_again", PASSWORD)]).expect(200);
    }),
    ("disabling the user", |scene, _, _| {
        scene.server.cli(&["user", "disable", "alice"]).ok();
        scene.server.cli(&["user", "enable", "alice"]).ok();
    }),
    ("deleting the user", |scene, _, _| {
        scene.server.cli(&["user", "delete", "alice"]).ok();
    }),
];

/// Section 2.5: every end of a session is told, once, with its own `sid` and the user's `sub`.
#[test]
fn every_way_of_ending_a_session_tells_its_applications() {
    let scene = Scene::new(&[]);
    // One that has no address for it, and is no trouble.
    let deaf = scene.server.app("Deaf", &["--redirect-uri", "https://deaf.company/"]);
    for (n, (name, end)) in WAYS.iter().enumerate() {
        let (mut browser, tokens) = scene.alice();
        deaf.tokens(&mut browser, "openid");
        let id = tokens.id_claims();
        end(&scene, &mut browser, id["sid"].as_str().expect("a sid"));
        let told = claims(scene.told(n + 1).last().expect("a message"));
        assert_eq!((&told["sid"], &told["sub"]), (&id["sid"], &id["sub"]), "{name}");
    }
    let untold = scene.server.events().into_iter().filter(|e| e["kind"] == "logout_untold").count();
    assert_eq!(untold, 0);
}

/// Section 2.1 of RP-Initiated Logout leads there too; and what ends no session is no sign-out.
#[test]
fn a_client_that_signs_its_user_out_is_told_itself_and_what_ends_no_session_is_not_told() {
    let scene = Scene::new(&["--post-logout-uri", "https://app.company/out", "--scope", "openid offline_access"]);
    let (mut browser, tokens) = scene.alice();
    let http = scene.server.http();
    http.post(
        "/application/o/revoke/",
        &[("token", &tokens.access), ("client_id", &scene.app.id), ("client_secret", &scene.app.secret)],
    )
    .expect(200);
    let offline = scene.app.tokens(&mut browser, "openid offline_access");
    // A code that comes twice ends what came from it, and not the session.
    let code = scene.app.code(&mut browser, &[]);
    scene.app.redeem(&http, &code, &[]).expect(200);
    scene.app.redeem(&http, &code, &[]).expect(400);
    // Signing in again in the same browser goes on in the same session.
    let page = browser.open(&scene.app.authorize_url(&[("prompt", "login")]));
    assert!(browser.sign_in(&page, "alice").location().contains("code="));
    scene.told(0);
    let hint = offline.id.clone().expect("an ID token");
    let query = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://app.company/out")];
    let url = crate::support::browser::url(&format!("/application/o/{}/end-session/", scene.app.slug), &query);
    assert_eq!(browser.get(&url).expect(303).location(), "https://app.company/out");
    assert_eq!(claims(&scene.told(1)[0])["sid"], offline.id_claims()["sid"]);
    // Section 2.7: what was granted for offline access lives on.
    scene.app.refresh(&http, offline.refresh.as_deref().expect("a refresh token"), &[]).expect(200);
}

/// Who is disabled may still be signed in at an application whose session lasts longer than Latchkey's.
#[test]
fn where_a_session_signed_in_that_ended_by_time_is_told_when_everything_of_the_user_ends() {
    for end in ["disable", "delete"] {
        let scene = Scene::new(&[]);
        let id = scene.alice().1.id_claims();
        let data = scene.server.data();
        // A day later, by the cleanup or by a setting.
        execute(&data, "DELETE FROM grants");
        execute(&data, "UPDATE sessions SET last_seen_at = last_seen_at - 86400 WHERE user_id = 2");
        scene.server.cli(&["settings", "set", "session-idle", "1h"]).ok();
        assert_eq!(number(&data, "SELECT count(*) FROM sessions WHERE user_id = 2"), 0);
        scene.told(0);
        scene.server.cli(&["user", end, "alice"]).ok();
        let told = claims(&scene.told(1)[0]);
        assert_eq!((&told["sid"], &told["sub"]), (&id["sid"], &id["sub"]), "{end}");
    }
}

/// OpenID Connect Core section 2: `sub` is what the application knows the user by, which ends here.
#[test]
fn a_user_who_gets_another_name_is_told_of_by_the_old_one() {
    type Change = fn(&Scene, &mut Browser);
    let changes: [(&str, &str, Change); 4] = [
        ("user_username", "alice", |scene, _| {
            scene.server.cli(&["user", "set", "alice", "--username", "alicia"]).ok();
        }),
        ("user_email", "alice@example.com", |scene, _| {
            scene.server.cli(&["user", "set", "alice", "--email", "new@example.com"]).ok();
        }),
        ("user_email", "alice@example.com", |_, browser| {
            press(browser, "/if/user/", "/if/user/", &[("email", "new@example.com")], 303);
        }),
        ("user_username", "alice", |scene, _| {
            scene.server.cli(&["app", "set", &scene.app.slug, "--subject-mode", "user_uuid"]).ok();
        }),
    ];
    for (mode, sub, change) in changes {
        let scene = Scene::new(&["--subject-mode", mode]);
        let (mut browser, tokens) = scene.alice();
        let id = tokens.id_claims();
        assert_eq!(id["sub"], sub);
        // Its twin: what she is not known by there.
        scene.server.cli(&["user", "set", "alice", "--name", "Alice Else", "--nickname", "Al"]).ok();
        scene.told(0);
        change(&scene, &mut browser);
        let told = claims(&scene.told(1)[0]);
        assert_eq!((&told["sid"], &told["sub"]), (&id["sid"], &json!(sub)), "{mode}");
    }
}

/// Nobody signed in: there is no session whose end could be told, and none that crowds out others.
#[test]
fn client_credentials_are_no_session() {
    let scene = Scene::new(&["--client-credentials", "on"]);
    scene.server.cli(&["user", "create", "robot", "--service-account"]).ok();
    scene.server.cli(&["app", "set", &scene.app.slug, "--service-account", "robot"]).ok();
    let fields = [("grant_type", "client_credentials"), ("scope", "openid")];
    let given = scene.server.http().post_with(TOKEN, &[("Authorization", &scene.app.basic())], &fields);
    assert!(Tokens::of(&given).id.is_some());
    scene.server.cli(&["user", "disable", "robot"]).ok();
    scene.told(0);
    assert_eq!(number(&scene.server.data(), "SELECT count(*) FROM signed_in_at"), 0);
    sign_out(&mut scene.alice().0);
    scene.told(1);
}

#[test]
fn a_user_of_many_sessions_leaves_room_for_the_others_and_what_does_not_fit_is_an_event() {
    let scene = Scene::new(&[]);
    let away = format!("http://127.0.0.1:{}/out", free_port());
    scene.server.cli(&["app", "set", &scene.app.slug, "--backchannel-logout-uri", &away]).ok();
    let sid = scene.alice().1.id_claims()["sid"].as_str().expect("a sid").to_owned();
    let mut bob = Browser::signed_in(&scene.server, "bob");
    scene.app.tokens(&mut bob, "openid");
    let data = scene.server.data();
    execute(
        &data,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
         INSERT INTO signed_in_at (sid, provider_id, user_id, at) SELECT 'old' || i, 1, 2, i FROM n",
    );
    scene.server.cli(&["user", "disable", "alice"]).ok();
    let untold = event(&scene.server, "logout_untold");
    let said = (&untold["username"], &untold["client_id"], &untold["details"]["messages"]);
    assert_eq!(said, (&"alice".into(), &json!(scene.app.id), &"51".into()), "{untold}");
    assert!(untold["details"]["reason"].as_str().is_some_and(|r| r.contains("Too many")), "{untold}");
    let waiting = |which: &str| number(&data, &format!("SELECT count(*) FROM logout_messages WHERE {which}"));
    assert_eq!(waiting("username = 'alice' AND untold = 0"), 200);
    assert_eq!(waiting(&format!("sid = '{sid}'")), 1, "the newest is among them");
    sign_out(&mut bob);
    assert_eq!(waiting("username = 'bob' AND untold = 0"), 1);
}

/// A session that is over by time has had its end.
#[test]
fn expiry_is_not_told() {
    let scene = Scene::new(&[]);
    let (mut browser, _) = scene.alice();
    execute(&scene.server.data(), "UPDATE sessions SET last_seen_at = last_seen_at - 86400 WHERE user_id = 2");
    browser.get("/").expect(303);
    Browser::signed_in(&scene.server, "alice");
    scene.told(0);
}

#[test]
fn who_cannot_be_reached_is_told_later_and_after_a_restart_too() {
    let port = free_port();
    let server = Server::start();
    server.alice();
    allow_home(&server);
    let app = app_with(&server, &["--backchannel-logout-uri", &format!("http://127.0.0.1:{port}/out")]);
    let mut browser = Browser::signed_in(&server, "alice");
    app.tokens(&mut browser, "openid");
    sign_out(&mut browser);
    eventually("it was tried once", || number(&server.data(), "SELECT max(tries) FROM logout_messages") == 1);
    let server = restarted(server, &[]);
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    let (heard, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut bytes = [0; 8192];
        let n = stream.read(&mut bytes).expect("a request");
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").expect("an answer");
        heard.send(String::from_utf8_lossy(&bytes[..n]).into_owned()).expect("somebody listens");
    });
    let request = hears.recv_timeout(Duration::from_secs(20)).expect("the message after the restart");
    assert!(request.starts_with("POST /out HTTP/1.1\r\n"), "{request}");
    let told = event(&server, "logout_told");
    assert_eq!(told["details"]["tries"], "2", "{told}");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM logout_messages"), 0);
}

#[test]
fn what_cannot_succeed_is_given_up_and_said_on_the_providers_page() {
    // Nobody allowed the network.
    let scene = Scene::new(&[]);
    scene.server.cli(&["settings", "unset", "outbound-networks"]).ok();
    let (mut browser, _) = scene.alice();
    sign_out(&mut browser);
    let untold = event(&scene.server, "logout_untold");
    let reason = untold["details"]["reason"].as_str().expect("a reason");
    assert!(reason.contains("127.0.0.1") && reason.contains("Outbound networks"), "{reason}");
    assert!(scene.site.received().is_empty());
    let mut keeper = Browser::signed_in(&scene.server, "keeper");
    let page = keeper.get("/if/admin/providers/1/").expect(200);
    assert!(page.body.contains("Outbound networks") && page.body.contains("/out?a=b"), "{page:?}");
    // Its twin: allowed, it is told.
    allow_home(&scene.server);
    let (mut browser, _) = scene.alice();
    sign_out(&mut browser);
    scene.told(1);
    eventually("the page says so", || keeper.get("/if/admin/providers/1/").body.contains("it took the message"));

    // Section 2.8: the application answers 400; and nobody is followed elsewhere.
    let elsewhere = Site::start();
    let to = elsewhere.origin("127.0.0.1");
    for (reply, words) in [(None, "status 400"), (Some(to), "redirects")] {
        let site = Site::answering(move |_| match &reply {
            None => Reply::Status("400 Bad Request"),
            Some(to) => Reply::SeeOther(to.clone()),
        });
        let scene = Scene::at(site, &[]);
        sign_out(&mut scene.alice().0);
        let untold = event(&scene.server, "logout_untold");
        assert!(untold["details"]["reason"].as_str().is_some_and(|r| r.contains(words)), "{untold}");
        scene.told(1);
    }
    assert!(elsewhere.received().is_empty());
}

#[test]
fn a_failure_that_may_pass_is_tried_five_times_and_then_given_up() {
    let scene = Scene::at(Site::answering(|_| Reply::Status("503 Busy")), &[]);
    sign_out(&mut scene.alice().0);
    let data = scene.server.data();
    for tries in 1..=4 {
        let query = format!("SELECT count(*) FROM logout_messages WHERE tries = {tries}");
        eventually(&format!("it was tried {tries} times"), || number(&data, &query) == 1);
        scene.told(tries);
        // An hour in a moment.
        execute(&data, "UPDATE logout_messages SET due_at = 0");
    }
    let untold = event(&scene.server, "logout_untold");
    assert_eq!(untold["details"]["tries"], "5", "{untold}");
    assert!(untold["details"]["reason"].as_str().is_some_and(|r| r.contains("503")), "{untold}");
    scene.told(5);
    assert_eq!(number(&data, "SELECT count(*) FROM logout_messages"), 0);
}

/// An answer is about its own message alone: section 2.8 has an application say 400 of a session that it does not know.
#[test]
fn a_message_that_is_refused_keeps_no_other_from_being_told() {
    for (status, kept) in [("400 Bad Request", 0), ("500 Internal Server Error", 1)] {
        let refused = OnceLock::new();
        let site = Site::answering(move |request| {
            let sid = claims(&request.form("logout_token").expect("a logout token"))["sid"].to_string();
            // The first one that comes, and whenever it comes.
            if refused.get_or_init(|| sid.clone()) == &sid { Reply::Status(status) } else { landed() }
        });
        let scene = Scene::at(site, &[]);
        let mut browsers: Vec<Browser> = (0..3).map(|_| scene.alice().0).collect();
        pressed(&scene, &mut browsers[0], "everywhere");
        scene.told(3);
        let data = scene.server.data();
        eventually("what became of them is noted", || {
            scene.server.events().iter().filter(|e| e["kind"] == "logout_told").count() == 2
        });
        assert_eq!(number(&data, "SELECT count(*) FROM logout_messages WHERE tries = 1"), kept, "{status}");
        assert_eq!(number(&data, "SELECT count(*) FROM logout_messages"), kept, "{status}");
        let untold = scene.server.events().iter().filter(|e| e["kind"] == "logout_untold").count();
        assert_eq!(untold, usize::from(kept == 0), "{status}");
    }
}

/// Nothing is lost by waiting behind a message to which nothing was answered.
#[test]
fn what_waits_behind_an_application_that_is_away_loses_no_try() {
    let scene = Scene::new(&[]);
    let away = format!("http://127.0.0.1:{}/out", free_port());
    scene.server.cli(&["app", "set", &scene.app.slug, "--backchannel-logout-uri", &away]).ok();
    let mut browsers: Vec<Browser> = (0..10).map(|_| scene.alice().0).collect();
    pressed(&scene, &mut browsers[0], "everywhere");
    let data = scene.server.data();
    for tries in 1..=4 {
        eventually("one was tried", || number(&data, "SELECT max(tries) FROM logout_messages") == tries);
        assert_eq!(number(&data, "SELECT sum(tries) FROM logout_messages"), tries, "the others were not");
        assert_eq!(number(&data, "SELECT count(*) FROM logout_messages WHERE due_at = 0"), 0, "and wait as long");
        execute(&data, "UPDATE logout_messages SET due_at = 0");
    }
    event(&scene.server, "logout_untold");
    assert_eq!(number(&data, "SELECT count(*) FROM logout_messages WHERE tries = 0 AND due_at > 0"), 9);
    // It is back, and is told of the next one: then of them all.
    let uri = format!("{}/out", scene.site.origin("127.0.0.1"));
    scene.server.cli(&["app", "set", &scene.app.slug, "--backchannel-logout-uri", &uri]).ok();
    sign_out(&mut scene.alice().0);
    scene.told(10);
    eventually("nothing waits", || number(&data, "SELECT count(*) FROM logout_messages") == 0);
}

#[test]
fn an_application_that_says_nothing_keeps_no_other_waiting() {
    let scene = Scene::new(&[]);
    // Connections come to it, and nobody takes them up.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let uri = format!("http://{}/out", silent.local_addr().expect("bound"));
    let slow = scene.server.app("Slow", &["--redirect-uri", "https://slow.company/", "--backchannel-logout-uri", &uri]);
    let mut browsers: Vec<Browser> = (0..3).map(|_| scene.alice().0).collect();
    for browser in &mut browsers {
        slow.tokens(browser, "openid");
    }
    let begun = Instant::now();
    let page = browsers[0].open(&format!("/application/o/{}/end-session/", scene.app.slug));
    browsers[0].submit(&page, &[("scope", "everywhere")]).expect(200);
    assert!(begun.elapsed() < Duration::from_secs(2), "nobody waits for it: {:?}", begun.elapsed());
    let heard = || scene.site.received().len();
    eventually("the other one was told", || heard() == 3);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

/// https by certificates that this machine trusts, a household's own authority among them (`SSL_CERT_FILE`); by others not.
#[test]
fn an_application_is_told_by_https_if_its_certificate_is_trusted() {
    // Another provider's sign-out page stands in for the application: it answers 200 to whatever is posted.
    let (there, https) = own_ca(&[]);
    for is_trusted in [true, false] {
        let (folder, port) = (Folder::new(), free_port());
        let (root, base) = (folder.data().with_file_name("root.pem"), format!("http://localhost:{port}"));
        let (other, _) = own_ca(&[]);
        std::fs::write(&root, root_of(if is_trusted { &there } else { &other })).expect("a file");
        let mut command = command();
        command.env("SSL_CERT_FILE", root).env_remove("SSL_CERT_DIR").arg("--data-dir").arg(folder.data());
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--url", &base, "--password-passes", "2"]);
        let server = Server::spawn(command, folder, port, &base);
        server.alice();
        server.cli(&["settings", "set", "outbound-networks", "127.0.0.1, ::1"]).ok();
        let app = app_with(&server, &["--backchannel-logout-uri", &format!("https://localhost:{https}/logout/")]);
        let mut browser = Browser::signed_in(&server, "alice");
        app.tokens(&mut browser, "openid");
        sign_out(&mut browser);
        if is_trusted {
            event(&server, "logout_told");
        } else {
            eventually("it was tried", || number(&server.data(), "SELECT max(tries) FROM logout_messages") > 0);
            assert!(server.printed().contains("SSL_CERT_FILE"), "it is said why: {}", server.printed());
            assert!(server.events().iter().all(|e| e["kind"] != "logout_told"));
        }
    }
}

/// Section 2.2, and what anybody could register.
#[test]
fn only_absolute_addresses_without_fragment_are_registered() {
    let scene = Scene::new(&[]);
    for bad in
        ["app.company/out", "ftp://app.company/", "https://app.company/#out", "https://me@app.company/", "javascript:1"]
    {
        let words = scene.server.cli(&["app", "set", &scene.app.slug, "--backchannel-logout-uri", bad]).refused(2);
        assert!(words.contains("backchannel-logout-uri"), "{bad}: {words}");
    }
    scene.server.cli(&["app", "set", &scene.app.slug, "--backchannel-logout-uri", "https://app.company/out"]).ok();
    let shown: Value =
        serde_json::from_str(&scene.server.cli(&["provider", "show", "App", "--json"]).ok()).expect("JSON");
    assert_eq!(shown["backchannel_logout_uri"], "https://app.company/out");
    // http is for clients that have a secret.
    let public = ["--redirect-uri", "https://spa.company/", "--public", "--backchannel-logout-uri"];
    let with = |uri: &'static str| [&["app", "create", "Spa"][..], &public, &[uri]].concat();
    scene.server.cli(&with("http://spa.company/out")).refused(2);
    scene.server.cli(&with("https://spa.company/out")).ok();
    // An empty one takes it away.
    scene.server.cli(&["app", "set", &scene.app.slug, "--backchannel-logout-uri", ""]).ok();
    sign_out(&mut scene.alice().0);
    scene.told(0);
    let found = scene.server.http().get(&format!("/application/o/{}/.well-known/openid-configuration", scene.app.slug));
    let found = found.expect(200).json();
    for name in ["backchannel_logout_supported", "backchannel_logout_session_supported"] {
        assert_eq!(found[name], true, "{name}");
    }
}
