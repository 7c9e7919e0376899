//! Known browsers: seen and forgotten, by their user and by administrators. Whoever is forgotten is a stranger again.

use serde_json::json;

use crate::support::disk::{execute, number};
use crate::support::totp::Authenticator;
use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

const SESSIONS: &str = "/if/user/sessions/";
const FORGET: &str = "/if/user/sessions/forget/";
const FORGET_ALL: &str = "/if/user/sessions/forget-all/";
/// Alice is the second user.
const AT: &str = "/if/admin/users/2/";

fn house() -> Server {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    server
}

fn known(server: &Server, user: &str) -> i64 {
    let sql =
        format!("SELECT count(*) FROM known_devices d JOIN users u ON u.id = d.user_id AND u.username = '{user}'");
    number(&server.data(), &sql)
}

fn forms(page: &Answer, action: &str) -> Vec<HtmlForm> {
    HtmlForm::all(page).into_iter().filter(|form| form.action == action).collect()
}

/// What the list says of the browser that the page is shown in, and its form.
#[track_caller]
fn this(page: &Answer) -> (String, HtmlForm) {
    let list = page.body.split("id=\"devices\"").nth(1).unwrap_or_else(|| panic!("no list: {page:?}"));
    let line = list.split("<li>").find(|line| line.contains("this browser")).expect("this browser").to_owned();
    let form = forms(page, FORGET).into_iter().find(|form| line.contains(form.value("device"))).expect("its form");
    (line, form)
}

#[test]
fn each_is_seen_and_forgotten_by_its_own_user() {
    let server = house();
    let mut here = Browser::signed_in(&server, "alice");
    let mut there = Browser::new(&server).from("127.0.0.9");
    let page = there.open("/login/");
    there.sign_in(&page, "alice");
    let mut keeper = Browser::signed_in(&server, "keeper");
    let page = here.get(SESSIONS).expect(200);
    assert_eq!(forms(&page, FORGET).len(), 2, "{page:?}");
    let (line, form) = this(&page);
    for words in ["127.0.0.1", "last sign-in", "known since", "unknown device"] {
        assert!(line.contains(words), "{words}: {line}");
    }
    assert!(page.body.contains("127.0.0.9") && !line.contains("127.0.0.9"), "{page:?}");
    // Nobody else's, none that is not there.
    let token = forms(&keeper.get(SESSIONS), FORGET)[0].value("form_token").to_owned();
    form.clone().with("form_token", &token).send(&mut keeper).expect(404);
    form.clone().with("device", "0000000000000000").send(&mut here).expect(404);
    form.clone().with("device", "").send(&mut here).expect(404);
    form.clone().with("form_token", "wrong").send(&mut here).expect(403);
    assert_eq!((known(&server, "alice"), known(&server, "keeper")), (2, 1));
    form.send(&mut here).expect(303);
    assert_eq!((known(&server, "alice"), known(&server, "keeper")), (1, 1));
    let page = here.get(SESSIONS).expect(200);
    assert!(!page.body.split("id=\"devices\"").nth(1).expect("a list").contains("this browser"), "{page:?}");
    assert_eq!((here.get("/").status, there.get("/").status), (200, 200), "sessions are another matter");
    // It is known again after the next sign-in, under another token.
    let before = here.cookie("latchkey-device").map(str::to_owned);
    here.cookies.retain(|(name, _)| name == "latchkey-device");
    let page = here.open("/login/");
    here.sign_in(&page, "alice");
    assert_ne!(here.cookie("latchkey-device").map(str::to_owned), before);
    assert_eq!(known(&server, "alice"), 2);
    HtmlForm::find(&here.get(SESSIONS), FORGET_ALL).send(&mut here).expect(303);
    assert_eq!((known(&server, "alice"), known(&server, "keeper")), (0, 1));
    let page = here.get(SESSIONS).expect(200);
    assert!(page.body.contains("No browser is known") && forms(&page, FORGET_ALL).is_empty(), "{page:?}");
    let told: Vec<_> = server.events().into_iter().filter(|e| e["kind"] == "device_forgotten").collect();
    assert!(told.len() == 2 && told.iter().all(|e| e["username"] == "alice"), "{told:?}");
    assert!(told.iter().any(|e| e["details"]["all"] == "yes"), "{told:?}");
}

#[test]
fn a_forgotten_browser_is_asked_for_the_second_factor_again() {
    let server = house();
    let mut first = Browser::signed_in(&server, "alice");
    let (app, _) = Authenticator::added(&mut first);
    server.cli(&["settings", "set", "remember-browser", "30d"]).ok();
    let half = |browser: &mut Browser| {
        browser.cookies.retain(|(name, _)| name == "latchkey-device");
        let page = browser.open("/login/");
        let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
        browser.follow(answer)
    };
    let mut alice = Browser::new(&server);
    let page = half(&mut alice);
    alice.submit(&page, &[("code", &app.code(0)), ("remember", "on")]).expect(200);
    let (line, form) = this(&alice.get(SESSIONS).expect(200));
    assert!(line.contains("no second factor until"), "{line}");
    half(&mut alice);
    assert_eq!(alice.get("/if/user/").status, 200, "the password is enough");
    // What the settings forbid is not said either.
    server.cli(&["settings", "unset", "remember-browser"]).ok();
    let (line, _) = this(&first.get(SESSIONS).expect(200));
    assert!(!line.contains("no second factor until"), "{line}");
    server.cli(&["settings", "set", "remember-browser", "30d"]).ok();
    // By another browser of the same user: the session that stood on it ends too.
    let token = HtmlForm::find(&first.get(SESSIONS), FORGET).value("form_token").to_owned();
    form.with("form_token", &token).send(&mut first).expect(303);
    assert_eq!(alice.get("/if/user/").status, 303);
    assert!(half(&mut alice).body.contains("id=\"second-factor-submit\""));
    assert_eq!(first.get("/if/user/").status, 200);
}

#[test]
fn a_forgotten_browser_waits_with_strangers() {
    let server = house();
    let mut alice = Browser::new(&server).from("127.0.80.1");
    let page = alice.open("/login/");
    alice.sign_in(&page, "alice");
    let mut stranger = Browser::new(&server).from("127.0.80.1");
    let page = stranger.open("/login/");
    let guess = || [("username", "alice"), ("password", "wrong wrong")];
    // Until the wait is one that a busy machine does not outlast.
    let wait = |answer: &Answer| answer.header("Retry-After").and_then(|s| s.parse::<u64>().ok()).unwrap_or_default();
    loop {
        let seconds = wait(&stranger.submit(&page, &guess()));
        if seconds > 4 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_secs(seconds));
    }
    let again = |alice: &Browser| {
        let mut browser = Browser::new(&server).from("127.0.80.1");
        let cookie = alice.cookie("latchkey-device").expect("a device").to_owned();
        browser.cookies.push(("latchkey-device".into(), cookie));
        let page = browser.open("/login/");
        browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).status
    };
    assert_eq!(again(&alice), 200, "guesses of strangers do not make it wait");
    HtmlForm::find(&alice.get(SESSIONS), FORGET_ALL).send(&mut alice).expect(303);
    assert_eq!(again(&alice), 429);
}

#[test]
fn administrators_see_and_forget_those_of_a_user() {
    let server = house();
    let mut alice = Browser::signed_in(&server, "alice");
    drop((Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice")));
    let mut keeper = Browser::signed_in(&server, "keeper");
    let page = keeper.get(AT).expect(200);
    assert!(page.body.contains("href=\"#at-devices\""), "{page:?}");
    let one = forms(&page, &format!("{AT}forget-device/"));
    assert_eq!(one.len(), 3, "{page:?}");
    let all = HtmlForm::find(&page, &format!("{AT}forget-devices/"));
    for form in [&one[0], &all] {
        assert_eq!(form.send(&mut alice).status, 403, "not by somebody who is no administrator");
    }
    // Not somebody else's by her address.
    let own = &forms(&keeper.get("/if/admin/users/1/"), "/if/admin/users/1/forget-device/")[0];
    one[0].clone().with("device", own.value("device")).send(&mut keeper).expect(404);
    one[0].send(&mut keeper).expect(303);
    assert_eq!((known(&server, "alice"), known(&server, "keeper")), (2, 1));
    one[0].send(&mut keeper).expect(404);
    all.send(&mut keeper).expect(303);
    assert_eq!((known(&server, "alice"), known(&server, "keeper")), (0, 1));
    assert!(keeper.get(AT).expect(200).body.contains("No browser is known"));
    all.send(&mut keeper).expect(404);
    let told: Vec<_> = server.events().into_iter().filter(|e| e["kind"] == "device_forgotten").collect();
    assert!(told.len() == 2 && told.iter().all(|e| e["details"]["by"] == "keeper"), "{told:?}");
    // One that nobody used for a year is known no more.
    drop(Browser::signed_in(&server, "alice"));
    assert_eq!(forms(&keeper.get(AT), &format!("{AT}forget-device/")).len(), 1);
    execute(&server.data(), "UPDATE known_devices SET last_seen_at = last_seen_at - 365 * 86400 WHERE user_id = 2");
    assert_eq!(forms(&keeper.get(AT), &format!("{AT}forget-device/")).len(), 0);
    assert_eq!(told[0]["username"], json!("alice"));
}
