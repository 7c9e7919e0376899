//! Second factors: one-time codes of an app and recovery codes. A password alone is half a sign-in then, and no session.

use std::sync::{Arc, Barrier};

use crate::support::chromium::Page;
use crate::support::disk::{contains, execute, number, stored_bytes};
use crate::support::inspect::inspect;
use crate::support::totp::{Authenticator, codes};
use crate::support::{Answer, App, Browser, HtmlForm, PASSWORD, Server};

const MFA: &str = "/if/user/mfa/";
const NEW: &str = "/if/user/mfa/totp/";
const MAKE_CODES: &str = "/if/user/mfa/recovery-codes/";

/// A house with an administrator, and alice who has an app.
struct House {
    server: Server,
    wiki: App,
    authenticator: Authenticator,
    codes: Vec<String>,
    /// The browser in which she added it.
    alice: Browser,
}

fn house() -> House {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let wiki = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    let mut alice = Browser::signed_in(&server, "alice");
    let (authenticator, codes) = Authenticator::added(&mut alice);
    House { server, wiki, authenticator, codes, alice }
}

/// A browser that has passed the password, and the page that asks for the rest.
fn half_way(server: &Server, url: &str) -> (Browser, Answer) {
    let mut browser = Browser::new(server);
    let page = browser.open(url);
    let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
    let page = browser.follow(answer);
    assert!(page.body.contains("id=\"second-factor-submit\""), "{page:?}");
    (browser, page)
}

fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/if/user/").status == 200
}

#[test]
fn an_app_counts_once_its_code_was_right_and_its_secret_is_sealed() {
    let server = Server::start();
    server.alice();
    let (mut here, mut elsewhere) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice"));
    let page = here.get(NEW).expect(200);
    let app = Authenticator::of(&page);
    let form = HtmlForm::find(&page, NEW);
    for wrong in ["", "000000x", &app.code(5), &app.code(-9)] {
        let again = form.clone().with("code", wrong).send(&mut here).expect(422);
        assert_eq!(Authenticator::of(&again).code(0), app.code(0), "the same secret, to try again");
    }
    assert!(is_signed_in(&mut elsewhere) && number(&server.data(), "SELECT count(*) FROM totp") == 0);
    // A secret that was not made here, or for somebody else, is not taken.
    server.user("bob", &[]);
    let foreign = HtmlForm::find(&Browser::signed_in(&server, "bob").get(NEW), NEW).value("secret").to_owned();
    for secret in ["", "nonsense", &foreign] {
        form.clone().with("secret", secret).with("code", &app.code(0)).send(&mut here).expect(422);
    }
    let before = here.cookie("latchkey").expect("a session").to_owned();
    let typed = app.code(0);
    let typed = format!(" {} {}", &typed[..3], &typed[3..]);
    let answer = form.with("code", &typed).send(&mut here).expect(200);
    let shown = codes(&answer);
    assert_eq!(shown.len(), 10, "{answer:?}");
    assert!(is_signed_in(&mut here), "who just proved both is signed in");
    assert_ne!(here.cookie("latchkey"), Some(before.as_str()), "in another session");
    assert!(!is_signed_in(&mut elsewhere), "a session of a password alone is good no more");
    let stored = stored_bytes(&server.data());
    let secret = page.body.split("id=\"secret\"").nth(1).and_then(|r| r.split(['>', '<']).nth(1)).expect("a secret");
    assert!(!contains(&stored, secret) && !contains(&stored, &secret.replace(' ', "")));
    assert!(shown.iter().all(|code| !contains(&stored, code) && !contains(&stored, &code.replace('-', ""))));
    assert!(server.cli(&["user", "show", "alice"]).ok().contains("authenticator app, 10 recovery codes"));
    let remove = HtmlForm::find(&here.get(MFA), "/if/user/mfa/totp/remove/");
    remove.send(&mut here).expect(303);
    assert!(!is_signed_in(&mut elsewhere), "and stays so");
    assert!(server.cli(&["user", "show", "alice"]).ok().contains("(none)"));
    drop(Authenticator::added(&mut here));
    // A second one is not added beside it.
    assert_eq!(here.get(NEW).expect(303).location(), MFA);
    let kinds: Vec<_> = server.events().iter().map(|e| e["kind"].as_str().unwrap_or_default().to_owned()).collect();
    assert!(["totp_added", "recovery_codes_made"].iter().all(|kind| kinds.iter().any(|k| k == kind)), "{kinds:?}");
}

#[test]
fn half_a_sign_in_is_no_session() {
    let House { server, wiki, authenticator, .. } = house();
    let (mut half, page) = half_way(&server, "/login/");
    assert!(half.cookie("latchkey").is_none(), "no session between the halves");
    for url in ["/", "/if/user/", "/if/admin/", MFA] {
        let answer = half.get(url).expect(303);
        assert!(answer.location().starts_with("/login/"), "{url}: {answer:?}");
    }
    let authorize = half.open(&wiki.authorize_url(&[]));
    assert!(authorize.body.contains("id=\"login-submit\""), "the whole sign-in is asked for: {authorize:?}");
    let silent = half.get(&wiki.authorize_url(&[("prompt", "none")]));
    assert_eq!(half.follow(silent).location_param("error").as_deref(), Some("login_required"));
    // The half is nothing else's cookie.
    let sealed = half.cookie("latchkey-half").expect("the half").to_owned();
    for name in ["latchkey", "latchkey-notice", "latchkey-recovery"] {
        let mut forged = Browser::new(&server);
        forged.cookies.push((name.to_owned(), sealed.clone()));
        assert!(!is_signed_in(&mut forged), "{name}");
    }
    let home = half.submit(&page, &[("code", &authenticator.code(0))]).expect(200);
    assert!(half.follow(home).status == 200 && is_signed_in(&mut half));
    assert!(half.cookie("latchkey-half").is_none(), "used up");
}

#[test]
fn tokens_tell_what_was_proven() {
    let House { server, wiki, authenticator, codes, .. } = house();
    let claims = |code: &str| {
        let (mut browser, page) = half_way(&server, &wiki.authorize_url(&[]));
        assert!(page.body.contains("Wiki"), "{page:?}");
        let answer = browser.submit(&page, &[("code", code)]).expect(200);
        let code = browser.follow(answer).location_param("code").expect("a code");
        crate::support::Tokens::of(&wiki.redeem(&browser.http, &code, &[])).id_claims()
    };
    let by_app = claims(&authenticator.code(0));
    assert_eq!(by_app["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    let by_list = claims(&codes[0]);
    assert_eq!(by_list["amr"], serde_json::json!(["pwd", "mfa"]));
    server.user("bob", &[]);
    let alone = wiki.tokens(&mut Browser::signed_in(&server, "bob"), "openid").id_claims();
    assert_eq!(alone["amr"], serde_json::json!(["pwd"]));
    let supported = server.http().get("/application/o/wiki/.well-known/openid-configuration").json();
    let acrs = [&alone["acr"], &by_app["acr"], &by_list["acr"]];
    assert!(acrs.iter().all(|acr| supported["acr_values_supported"].as_array().expect("a list").contains(acr)));
    assert!(acrs[0] != acrs[1] && acrs[1] == acrs[2], "{acrs:?}");
    // OpenID Connect Core section 3.1.2.1: of the classes asked for, the first that was reached is told.
    let [one, two, passkey] = ["urn:latchkey:acr:1fa", "urn:latchkey:acr:2fa", "urn:latchkey:acr:passkey"];
    let (mut browser, page) = half_way(&server, &wiki.authorize_url(&[]));
    let answer = browser.submit(&page, &[("code", codes[1].as_str())]).expect(200);
    browser.follow(answer);
    for (asked, told) in
        [("", two), (one, one), (two, two), (&format!("{passkey} gold {one} {two}"), one), ("gold", two)]
    {
        let code = wiki.code(&mut browser, &[("acr_values", asked), ("prompt", "none")]);
        let tokens = crate::support::Tokens::of(&wiki.redeem(&browser.http, &code, &[]));
        assert_eq!(
            (&tokens.id_claims()["acr"], &tokens.id_claims()["amr"]),
            (&told.into(), &by_list["amr"]),
            "{asked}"
        );
    }
}

#[test]
fn a_code_counts_once_even_when_it_comes_twenty_times_at_once() {
    let House { server, authenticator, .. } = house();
    let used = authenticator.code(-1);
    let (mut browser, page) = half_way(&server, "/login/");
    let answer = browser.submit(&page, &[("code", &used)]).expect(403);
    assert!(answer.body.contains("used already"), "the code that confirmed the app: {answer:?}");
    // One guess was spent; what comes at once is more than the rest.
    let (code, start) = (authenticator.code(0), Arc::new(Barrier::new(20)));
    let halves: Vec<_> = (0..20).map(|_| half_way(&server, "/login/")).collect();
    let statuses: Vec<u16> = std::thread::scope(|s| {
        let threads = halves.into_iter().map(|(mut browser, page)| {
            let (code, start) = (code.clone(), Arc::clone(&start));
            s.spawn(move || {
                start.wait();
                browser.submit(&page, &[("code", &code)]).status
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|t| t.join().expect("an answer")).collect()
    });
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|s| [200, 403, 429].contains(s)), "{statuses:?}");
}

#[test]
fn three_tries_a_step_from_wherever_and_nobody_else_waits() {
    let House { server, authenticator, codes, .. } = house();
    server.user("bob", &[]);
    for n in 0..3 {
        let (browser, page) = half_way(&server, "/login/");
        let mut browser = browser.from(&format!("127.0.40.{}", n + 1));
        browser.submit(&page, &[("code", "000000")]).expect(403);
    }
    // Neither a right code nor a recovery code gets past the wait, from no address.
    for code in [&authenticator.code(0), &codes[0]] {
        let (browser, page) = half_way(&server, "/login/");
        let answer = browser.from("127.0.40.9").submit(&page, &[("code", code)]).expect(429);
        let wait: i64 = answer.header("Retry-After").and_then(|s| s.parse().ok()).expect("seconds");
        assert!((20..=30).contains(&wait), "{wait}");
    }
    assert_eq!(number(&server.data(), "SELECT count(*) FROM recovery_codes"), 10, "none was used up");
    drop(Browser::signed_in(&server, "bob"));
    let told = server.events();
    let refused = told.iter().filter(|e| e["kind"] == "login_failed" && e["username"] == "alice").count();
    assert!(refused >= 3, "{told:?}");
}

#[test]
fn a_recovery_code_signs_in_once_however_it_is_typed() {
    let House { server, codes, mut alice, .. } = house();
    let typed = format!(" {} ", codes[0].replace('-', " ").to_uppercase());
    let (mut browser, page) = half_way(&server, "/login/");
    browser.submit(&page, &[("code", &typed)]).expect(200);
    assert!(is_signed_in(&mut browser));
    let (mut again, page) = half_way(&server, "/login/");
    again.submit(&page, &[("code", &codes[0])]).expect(403);
    let page = alice.get(MFA).expect(200);
    assert!(page.body.contains("9 recovery codes are left"), "{page:?}");
    // New ones are ten, and the old ones are good no more.
    let answer = HtmlForm::find(&page, MAKE_CODES).send(&mut alice).expect(200);
    let fresh = crate::support::totp::codes(&answer);
    assert!(fresh.len() == 10 && fresh.iter().all(|code| !codes.contains(code)), "{fresh:?}");
    let (mut old, page) = half_way(&server, "/login/");
    old.submit(&page, &[("code", &codes[1])]).expect(403);
    let (mut new, page) = half_way(&server, "/login/");
    new.submit(&page, &[("code", &fresh[1])]).expect(200);
    // Another user's code is none.
    server.user("bob", &[]);
    let mut bob = Browser::signed_in(&server, "bob");
    let (_, of_bob) = Authenticator::added(&mut bob);
    let (mut browser, page) = half_way(&server, "/login/");
    browser.submit(&page, &[("code", &of_bob[0])]).expect(403);
    assert_eq!(number(&server.data(), "SELECT count(*) FROM recovery_codes"), 19);
}

#[test]
fn what_the_first_half_proved_ends_with_the_password_the_user_or_the_factor() {
    let House { server, authenticator, mut alice, .. } = house();
    let code = |step| authenticator.code(step);
    let (mut disabled, page) = half_way(&server, "/login/");
    server.cli(&["user", "disable", "alice"]).ok();
    assert!(disabled.submit(&page, &[("code", &code(0))]).expect(303).location().starts_with("/login/"));
    server.cli(&["user", "enable", "alice"]).ok();
    let (mut forged, page) = half_way(&server, "/login/");
    let sealed = forged.cookie("latchkey-half").expect("the half").to_owned();
    forged.cookies.retain(|(name, _)| name != "latchkey-half");
    forged.cookies.push(("latchkey-half".into(), sealed.chars().rev().collect()));
    assert!(forged.submit(&page, &[("code", &code(0))]).expect(303).location().starts_with("/login/"));
    let (mut changed, page) = half_way(&server, "/login/");
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], "another battery staple\n").ok();
    assert!(changed.submit(&page, &[("code", &code(0))]).expect(303).location().starts_with("/login/"));
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], PASSWORD).ok();
    assert!(!is_signed_in(&mut alice));
    // The twin: nothing happened in between.
    let (mut fine, page) = half_way(&server, "/login/");
    fine.submit(&page, &[("code", &code(0))]).expect(200);
    // Without its factor a half is to begin anew, and the password is enough.
    let (mut bare, page) = half_way(&server, "/login/");
    let form = HtmlForm::find(&fine.get(MFA), "/if/user/mfa/totp/remove/");
    form.send(&mut fine).expect(303);
    assert!(bare.submit(&page, &[("code", &code(1))]).expect(303).location().starts_with("/login/"));
    assert_eq!(number(&server.data(), "SELECT count(*) FROM recovery_codes"), 0, "they stand in for nothing");
    drop(Browser::signed_in(&server, "alice"));
}

#[test]
fn a_stranger_learns_nothing_of_who_has_what() {
    let House { server, .. } = house();
    server.user("bob", &[]);
    let body = |username: &str, n: usize| {
        let mut browser = Browser::new(&server).from(&format!("127.0.41.{n}"));
        let page = browser.open("/login/");
        let answer = browser.submit(&page, &[("username", username), ("password", "not the password")]).expect(403);
        let token = crate::support::browser::form_token(&answer);
        let asked = crate::support::device::Asked::of(&answer);
        let challenge = asked.options["challenge"].as_str().expect("a challenge");
        let body = answer.body.replace(challenge, "CHALLENGE").replace(&asked.state, "STATE");
        body.replace(&token, "TOKEN").replace(&format!("value=\"{username}\""), "value=\"NAME\"")
    };
    assert_eq!(body("alice", 1), body("bob", 2));
    assert_eq!(body("alice", 3), body("nobody", 4));
    // Without a first half the second leads to the first.
    for url in ["/login/second-factor/", "/login/second-factor/?next=/if/admin/"] {
        assert!(Browser::new(&server).get(url).expect(303).location().starts_with("/login/"));
    }
}

#[test]
fn administrators_take_lost_factors_away_by_page_and_by_command() {
    let House { server, mut alice, .. } = house();
    let id = number(&server.data(), "SELECT id FROM users WHERE username = 'alice'");
    let mut keeper = Browser::signed_in(&server, "keeper");
    let page = keeper.get(&format!("/if/admin/users/{id}/")).expect(200);
    assert!(page.body.contains("id=\"remove-factors\""), "{page:?}");
    let remove = HtmlForm::find(&page, &format!("/if/admin/users/{id}/remove-factors/"));
    // Not by somebody who is no administrator, whatever is sent.
    assert_eq!(remove.send(&mut alice).status, 403);
    remove.send(&mut keeper).expect(303);
    assert!(!is_signed_in(&mut alice), "a lost phone may be signed in");
    let mut alice = Browser::signed_in(&server, "alice");
    // By command: the factors alone, or with a link for who lost the password too.
    server.cli(&["user", "remove-factors", "alice"]).refused(1);
    drop(Authenticator::added(&mut alice));
    server.cli(&["user", "remove-factors", "alice"]).ok();
    let mut alice = Browser::signed_in(&server, "alice");
    drop(Authenticator::added(&mut alice));
    let recover = |options: &[&str]| {
        let mut arguments = vec!["user", "recovery-link", "alice"];
        arguments.extend(options);
        let link = server.cli(&arguments).ok();
        let mut browser = Browser::new(&server);
        let page = browser.open(link.trim());
        let says = page.body.contains("id=\"drops-factors\"");
        browser.submit(&page, &[("password", PASSWORD), ("password_again", PASSWORD)]).expect(200);
        says
    };
    assert!(!recover(&[]), "a link keeps the factors unless it is made to remove them");
    drop(half_way(&server, "/login/"));
    assert!(recover(&["--drop-factors"]));
    drop(Browser::signed_in(&server, "alice"));
    let removed = server.events().iter().filter(|e| e["kind"] == "factors_removed").count();
    assert_eq!(removed, 3);
}

#[test]
fn a_sign_in_with_a_second_factor_is_one_commit_more_than_none() {
    let House { server, authenticator, .. } = house();
    let (mut browser, page) = half_way(&server, "/login/");
    let watch = crate::support::disk::Watch::new(&server.data());
    let before = watch.version();
    let (mut other, other_page) = half_way(&server, "/login/");
    assert_eq!(watch.version(), before, "the first half writes nothing");
    browser.submit(&page, &[("code", &authenticator.code(0))]).expect(200);
    assert_ne!(watch.version(), before);
    other.submit(&other_page, &[("code", "123")]).expect(403);
}

#[test]
fn dangerous_acts_ask_for_a_fresh_factor_and_lose_nothing() {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    let mut keeper = Browser::signed_in(&server, "keeper");
    let age = || execute(&server.data(), "UPDATE sessions SET auth_time = auth_time - 601");
    let keys = || number(&server.data(), "SELECT count(*) FROM signing_keys");
    let at = "/if/admin/keys/generate/";
    let page = keeper.get(at).expect(200);
    let form = |name: &str| HtmlForm::find(&page, at).with("name", name).with("kind", "ed25519").with("start", "now");
    let there = keys();
    form("first").send(&mut keeper).expect(303);
    assert_eq!(keys(), there + 1, "just signed in: nothing is asked");
    age();
    let question = form("A \"second\" one").send(&mut keeper).expect(200);
    let again = HtmlForm::find(&question, at);
    assert_eq!((again.value("name"), keys()), ("A \"second\" one", there + 1), "{question:?}");
    again.clone().with("confirm_password", "not the password").send(&mut keeper).expect(403);
    assert_eq!(keys(), there + 1);
    again.with("confirm_password", PASSWORD).send(&mut keeper).expect(303);
    assert_eq!(keys(), there + 2);
    form("third").send(&mut keeper).expect(303);
    assert_eq!(keys(), there + 3, "and then not again for a while");
    // Who has a second factor is asked for that one.
    let (authenticator, _) = Authenticator::added(&mut keeper);
    let page = keeper.get(at).expect(200);
    let form = |name: &str| HtmlForm::find(&page, at).with("name", name).with("kind", "ed25519").with("start", "now");
    age();
    let question = form("fourth").send(&mut keeper).expect(200);
    let again = HtmlForm::find(&question, at);
    again.clone().with("confirm_password", PASSWORD).send(&mut keeper).expect(200);
    again.clone().with("confirm_code", &authenticator.code(-1)).send(&mut keeper).expect(403);
    assert_eq!(keys(), there + 3);
    again.with("confirm_code", &authenticator.code(0)).send(&mut keeper).expect(303);
    assert_eq!(keys(), there + 4);
    // Which they are.
    let routes = server.cli(&["routes"]).ok();
    for path in [
        "keys/generate",
        "keys/import",
        "keys/rotate",
        "keys/{kid}/retire",
        "keys/{kid}/revoke",
        "providers/{id}/secret",
        "providers/{id}/new-secret",
        "users/{id}/password",
        "users/{id}/recovery-link",
        "users/{id}/remove-factors",
        "users/{id}/remove-passkey",
    ] {
        let line = routes
            .lines()
            .find(|line| line.contains(&format!("/if/admin/{path} ")) || line.contains(&format!("/if/admin/{path}/ ")));
        assert!(line.is_some_and(|line| line.contains("fresh factor")), "{path}: {routes}");
    }
}

#[test]
fn administrators_can_be_asked_for_a_second_factor_with_time_to_add_it() {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let mut keeper = Browser::signed_in(&server, "keeper");
    let mut alice = Browser::signed_in(&server, "alice");
    server.cli(&["settings", "set", "administrator-second-factor", "always"]).refused(2);
    server.cli(&["settings", "set", "administrator-second-factor", "7d"]).ok();
    let page = keeper.get("/if/admin/users/").expect(200);
    assert!(page.body.contains("id=\"duty\""), "{page:?}");
    let day = 86_400;
    let pass = |seconds: i64| {
        execute(
            &server.data(),
            &format!("UPDATE users SET second_factor_asked_at = second_factor_asked_at - {seconds}"),
        )
    };
    pass(6 * day);
    keeper.get("/if/admin/").expect(200);
    pass(day);
    assert_eq!(keeper.get("/if/admin/users/").expect(303).location(), MFA);
    let told = keeper.get(MFA).expect(200);
    assert!(told.body.contains("need a second factor"), "{told:?}");
    // Whoever is no administrator is not asked, and the way to a factor is open.
    alice.get("/if/user/").expect(200);
    drop(Authenticator::added(&mut keeper));
    let page = keeper.get("/if/admin/").expect(200);
    assert!(!page.body.contains("id=\"duty\""));
    // Asked anew, everybody has the whole time again.
    server.cli(&["user", "remove-factors", "keeper"]).ok();
    let mut keeper = Browser::signed_in(&server, "keeper");
    assert_eq!(keeper.get("/if/admin/").expect(303).location(), MFA);
    server.cli(&["settings", "set", "administrator-second-factor", "14d"]).ok();
    keeper.get("/if/admin/").expect(200);
    server.cli(&["settings", "unset", "administrator-second-factor"]).ok();
    assert!(!keeper.get("/if/admin/").expect(200).body.contains("id=\"duty\""));
}

#[test]
fn a_remembered_browser_stands_for_the_second_factor_where_that_is_allowed_and_not_for_administrators() {
    let House { server, wiki, authenticator, codes, .. } = house();
    server.cli(&["user", "set", "alice", "--admin"]).ok();
    let (mut early, page) = half_way(&server, "/login/");
    assert!(!page.body.contains("id=\"remember\""), "nothing is offered unless the settings say so");
    early.submit(&page, &[("code", &codes[0]), ("remember", "on")]).expect(200);
    assert_eq!(number(&server.data(), "SELECT count(*) FROM known_devices WHERE remembered_until IS NOT NULL"), 0);
    server.cli(&["settings", "set", "remember-browser", "30d"]).ok();
    let (mut alice, page) = half_way(&server, "/login/");
    assert!(page.body.contains("id=\"remember\""), "{page:?}");
    alice.submit(&page, &[("code", &authenticator.code(0)), ("remember", "on")]).expect(200);
    let again = |browser: &mut Browser| {
        browser.cookies.retain(|(name, _)| name == "latchkey-device");
        let page = browser.open("/login/");
        let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
        browser.follow(answer)
    };
    again(&mut alice);
    assert!(is_signed_in(&mut alice), "the password is enough here");
    let claims = wiki.tokens(&mut alice, "openid").id_claims();
    assert_eq!(claims["amr"], serde_json::json!(["pwd"]), "and no more is told");
    // The Admin interface, acr_values and a dangerous act want the factor all the same.
    let admin = alice.get("/if/admin/").expect(303);
    assert!(admin.location().starts_with("/login/second-factor/?next="), "{admin:?}");
    let asked = alice.open(&wiki.authorize_url(&[("acr_values", "urn:latchkey:acr:2fa")]));
    assert!(asked.body.contains("id=\"second-factor-submit\""), "{asked:?}");
    let question = HtmlForm::find(&alice.get(MFA), MAKE_CODES).send(&mut alice);
    assert!(question.body.contains("id=\"confirm-submit\""), "{question:?}");
    let page = alice.open("/if/admin/");
    let answer = alice.submit(&page, &[("code", &codes[1])]).expect(200);
    alice.follow(answer);
    alice.get("/if/admin/").expect(200);
    // Nowhere else, for nobody else, not without the setting, not for longer, not after the password is new.
    drop(half_way(&server, "/login/"));
    let mut stolen = Browser::new(&server);
    stolen.cookies.push(("latchkey-device".into(), "A".repeat(43)));
    assert!(again(&mut stolen).body.contains("id=\"second-factor-submit\""));
    again(&mut alice);
    assert!(is_signed_in(&mut alice));
    server.cli(&["settings", "unset", "remember-browser"]).ok();
    assert!(!is_signed_in(&mut alice), "a session that began so ends with the setting");
    assert!(again(&mut alice).body.contains("id=\"second-factor-submit\""));
    server.cli(&["settings", "set", "remember-browser", "30d"]).ok();
    again(&mut alice);
    assert!(is_signed_in(&mut alice));
    execute(&server.data(), "UPDATE known_devices SET remembered_until = remembered_until - 30 * 86400");
    assert!(!is_signed_in(&mut alice));
    execute(&server.data(), "UPDATE known_devices SET remembered_until = remembered_until + 30 * 86400");
    server.cli_with_input(&["user", "set-password", "alice", "--password-stdin"], PASSWORD).ok();
    assert!(again(&mut alice).body.contains("id=\"second-factor-submit\""));
}

/// Signs alice in with this code, in a browser that stands for the factor from then on.
fn remembered(server: &Server, code: &str) -> Browser {
    let (mut browser, page) = half_way(server, "/login/");
    browser.submit(&page, &[("code", code), ("remember", "on")]).expect(200);
    browser
}

/// Whether the password alone signs alice in there.
fn stands(browser: &mut Browser) -> bool {
    browser.cookies.retain(|(name, _)| name == "latchkey-device");
    let page = browser.open("/login/");
    let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
    browser.follow(answer);
    is_signed_in(browser)
}

#[test]
fn a_browser_stands_for_the_factor_no_more_after_a_sign_out_everywhere_or_another_factor() {
    let House { server, mut alice, .. } = house();
    server.cli(&["settings", "set", "remember-browser", "30d"]).ok();
    let (sessions, mfa) = ("/if/user/sessions/", "/if/user/mfa/totp/remove/");
    let fresh = |alice: &mut Browser| {
        let page = alice.get(MFA).expect(200);
        codes(&HtmlForm::find(&page, MAKE_CODES).send(alice).expect(200))
    };
    let codes = fresh(&mut alice);
    let (mut here, mut there) = (remembered(&server, &codes[0]), remembered(&server, &codes[1]));
    assert!(stands(&mut here) && stands(&mut there));
    // Of the others, but not this one.
    let form = HtmlForm::find(&here.get(sessions).expect(200), &format!("{sessions}end-others/"));
    form.send(&mut here).expect(303);
    assert!(stands(&mut here) && !stands(&mut there));
    // By the user, with a session of both factors: that of the browser itself too.
    let mut again = remembered(&server, &codes[2]);
    let form = HtmlForm::find(&again.get(sessions).expect(200), &format!("{sessions}end-all/"));
    form.send(&mut again).expect(200);
    assert!(!stands(&mut here) && !stands(&mut again));
    // On an application's page for signing out.
    let mut here = remembered(&server, &codes[7]);
    let page = here.open("/application/o/wiki/end-session/");
    here.submit(&page, &[("scope", "everywhere")]).expect(200);
    assert!(!stands(&mut here));
    // By an administrator.
    let mut here = remembered(&server, &codes[3]);
    let id = number(&server.data(), "SELECT id FROM users WHERE username = 'alice'");
    let mut keeper = Browser::signed_in(&server, "keeper");
    let page = keeper.get(&format!("/if/admin/users/{id}/")).expect(200);
    HtmlForm::find(&page, &format!("/if/admin/users/{id}/sign-out/")).send(&mut keeper).expect(303);
    assert!(!stands(&mut here));
    // A factor more, and a factor that is replaced.
    let (mut here, mut alice) = (remembered(&server, &codes[4]), remembered(&server, &codes[5]));
    drop(crate::support::device::Device::added(&mut alice));
    assert!(!stands(&mut here));
    let mut here = remembered(&server, &codes[6]);
    HtmlForm::find(&alice.get(MFA).expect(200), mfa).send(&mut alice).expect(303);
    assert!(!stands(&mut here), "one is left");
    drop(Authenticator::added(&mut alice));
    assert!(!stands(&mut here));
}

#[test]
fn with_the_first_factor_other_browsers_are_known_no_more() {
    let House { server, authenticator, .. } = house();
    let known = || number(&server.data(), "SELECT count(*) FROM known_devices");
    execute(&server.data(), "DELETE FROM known_devices");
    server.user("bob", &[]);
    let (mut bob, _thief) = (Browser::signed_in(&server, "bob"), Browser::signed_in(&server, "bob"));
    assert_eq!(known(), 2);
    let browser = bob.cookie("latchkey-device").expect("a known browser").to_owned();
    drop(Authenticator::added(&mut bob));
    assert_eq!(known(), 1);
    let page = bob.open("/login/");
    drop(page);
    assert_eq!(bob.cookie("latchkey-device"), Some(browser.as_str()), "this one it is");
    // With one more factor they stay: both factors made them known.
    let (mut alice, page) = half_way(&server, "/login/");
    alice.submit(&page, &[("code", &authenticator.code(0))]).expect(200);
    let (mut other, page) = half_way(&server, "/login/");
    other.submit(&page, &[("code", &authenticator.code(1))]).expect(200);
    assert_eq!(known(), 3);
    drop(crate::support::device::Device::added(&mut alice));
    assert_eq!(known(), 3);
}

#[test]
fn a_remembered_browser_and_a_code_are_no_sign_in_anew() {
    let House { server, wiki, codes, .. } = house();
    server.cli(&["settings", "set", "remember-browser", "30d"]).ok();
    let mut alice = remembered(&server, &codes[0]);
    assert!(stands(&mut alice));
    execute(&server.data(), "UPDATE sessions SET auth_time = auth_time - 4000");
    let start = |alice: &mut Browser, more: &[(&str, &str)]| {
        let login = alice.get(&wiki.authorize_url(more)).expect(303).location().to_owned();
        login.split_once('?').expect("a flow").1.to_owned()
    };
    for more in [[("prompt", "login")], [("max_age", "60")], [("max_age", "0")]] {
        let flow = start(&mut alice, &more);
        let second = format!("/login/second-factor/?{flow}");
        assert_eq!(alice.get(&second).expect(303).location(), format!("/login/?{flow}"), "{more:?}");
        let token = crate::support::browser::form_token(&alice.get(&format!("/login/?{flow}")));
        let answer = alice.post(&second, &[("form_token", &token), ("code", &codes[1])]);
        assert_eq!(answer.expect(303).location(), format!("/login/?{flow}"), "{more:?}");
    }
    // The password and the code are.
    let flow = start(&mut alice, &[("prompt", "login")]);
    let page = alice.get(&format!("/login/?{flow}")).expect(200);
    let answer = alice.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
    let page = alice.follow(answer);
    let answer = alice.submit(&page, &[("code", &codes[2])]);
    assert!(alice.follow(answer).location_param("code").is_some());
    assert!(alice.cookie("latchkey-half").is_none());
    // And the code alone steps the session up, where no more is asked for: it is asked for at once, and it stays the session.
    assert!(stands(&mut alice));
    let before = wiki.tokens(&mut alice, "openid").id_claims();
    let page = alice.open(&wiki.authorize_url(&[("acr_values", "urn:latchkey:acr:2fa")]));
    let answer = alice.submit(&page, &[("code", &codes[3])]);
    let code = alice.follow(answer).location_param("code").expect("a code");
    let after = crate::support::Tokens::of(&wiki.redeem(&alice.http, &code, &[])).id_claims();
    let acr = |claims: &serde_json::Value| claims["acr"].as_str().map(str::to_owned);
    assert_eq!(acr(&before).as_deref(), Some("urn:latchkey:acr:1fa"));
    assert_eq!(acr(&after).as_deref(), Some("urn:latchkey:acr:2fa"));
    assert!(before["sid"].is_string() && before["sid"] == after["sid"], "{before} {after}");
}

#[test]
fn the_half_that_was_typed_goes_before_whoever_the_browser_is_remembered_for() {
    let House { server, wiki, codes, .. } = house();
    server.cli(&["settings", "set", "remember-browser", "30d"]).ok();
    server.user("bob", &[]);
    let (of_bob, _) = Authenticator::added(&mut Browser::signed_in(&server, "bob"));
    let mut browser = remembered(&server, &codes[0]);
    assert!(stands(&mut browser));
    // The page asks for what alice lacks, and lets somebody else begin.
    let page = browser.open(&wiki.authorize_url(&[("acr_values", "urn:latchkey:acr:2fa")]));
    assert!(page.body.contains("alice") && page.body.contains("id=\"second-factor-submit\""), "{page:?}");
    let anew =
        page.body.split("href=\"/login/?").nth(1).and_then(|rest| rest.split('"').next()).expect("another sign-in");
    let page = browser.get(&format!("/login/?{}", anew.replace("&#38;", "&"))).expect(200);
    let answer = browser.submit(&page, &[("username", "bob"), ("password", PASSWORD)]);
    let page = browser.follow(answer).expect(200);
    assert!(page.body.contains("bob") && !page.body.contains("alice"), "{page:?}");
    let answer = browser.submit(&page, &[("code", &of_bob.code(0))]).expect(200);
    assert!(browser.follow(answer).location_param("code").is_some());
    assert!(browser.get("/if/user/").expect(200).body.contains("bob"));
    // Without one it is still hers, for whom the browser stands.
    let mut browser = remembered(&server, &codes[1]);
    assert!(stands(&mut browser));
    let page = browser.get("/login/second-factor/?next=/if/admin/").expect(200);
    assert!(page.body.contains("alice"), "{page:?}");
}

#[test]
fn an_essential_class_of_sign_in_is_reached_or_refused() {
    let House { server, wiki, codes, .. } = house();
    server.cli(&["settings", "set", "remember-browser", "30d"]).ok();
    server.user("bob", &[]);
    let essential = |class: &str| {
        serde_json::json!({ "id_token": { "acr": { "essential": true, "values": [class] } } }).to_string()
    };
    let (two, passkey) = (essential("urn:latchkey:acr:2fa"), essential("urn:latchkey:acr:passkey"));
    let unmet = Some("unmet_authentication_requirements");
    let mut bob = Browser::signed_in(&server, "bob");
    let refused = bob.get(&wiki.authorize_url(&[("claims", &two)]));
    assert_eq!(refused.location_param("error").as_deref(), unmet, "{refused:?}");
    let mut alice = remembered(&server, &codes[0]);
    assert!(stands(&mut alice));
    let silent = alice.get(&wiki.authorize_url(&[("claims", &two), ("prompt", "none")]));
    assert_eq!(silent.location_param("error").as_deref(), Some("login_required"), "{silent:?}");
    assert_eq!(alice.get(&wiki.authorize_url(&[("claims", &passkey)])).location_param("error").as_deref(), unmet);
    let page = alice.open(&wiki.authorize_url(&[("claims", &two)]));
    let answer = alice.submit(&page, &[("code", &codes[1])]);
    let code = alice.follow(answer).location_param("code").expect("a code");
    let claims = crate::support::Tokens::of(&wiki.redeem(&alice.http, &code, &[])).id_claims();
    assert_eq!(claims["acr"], "urn:latchkey:acr:2fa");
    // As a wish, a passkey leads as far as she can go.
    assert!(stands(&mut alice));
    let page = alice.open(&wiki.authorize_url(&[("acr_values", "urn:latchkey:acr:passkey")]));
    let answer = alice.submit(&page, &[("code", &codes[2])]);
    assert!(alice.follow(answer).location_param("code").is_some());
}

#[test]
fn its_pages_are_well_made_and_work_without_scripts() {
    let server = Server::start();
    server.alice();
    for (page, look) in [(Page::open(), inspect as fn(&Page, &str)), (Page::without_scripts(), |_, _| ())] {
        let mfa = format!("{}/login/?next=/if/user/mfa/", server.base);
        page.go(&mfa);
        page.sign_in("alice", PASSWORD);
        page.see("#add-totp");
        look(&page, "mfa");
        page.press("#add-totp");
        page.see("svg.qr");
        look(&page, "totp-new");
        // Looking took its time: the code of a secret that is fresh.
        page.go(&format!("{}{NEW}", server.base));
        page.fill("#code", &Authenticator::of_text(&page.text("#secret")).code(0));
        page.press("#save");
        page.see("#codes");
        look(&page, "recovery-codes");
        let codes: Vec<String> = page.text("#codes").split_whitespace().map(str::to_owned).collect();
        assert_eq!(codes.len(), 10, "{codes:?}");
        page.press("#done");
        page.see("#remove-totp");
        look(&page, "mfa-added");
        page.press(".me button");
        page.go(&mfa);
        page.sign_in("alice", PASSWORD);
        page.see("#code");
        look(&page, "second-factor");
        page.fill("#code", "000000");
        page.press("#second-factor-submit");
        page.see("#problem");
        page.fill("#code", &codes[0]);
        page.press("#second-factor-submit");
        page.see("#remove-totp");
        execute(&server.data(), "UPDATE sessions SET auth_time = auth_time - 601");
        page.press("#remove-totp");
        page.see("#confirm");
        look(&page, "confirm");
        page.fill("#confirm", &codes[1]);
        page.press("#confirm-submit");
        page.see("#add-totp");
        page.is_clean(&[&server.base]);
    }
}
