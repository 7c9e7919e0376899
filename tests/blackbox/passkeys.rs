//! Passkeys over HTTP, with one in software that can be told to lie: what is taken, and what is refused.

use std::sync::{Arc, Barrier};

use serde_json::json;

use crate::support::device::{Asked, Device};
use crate::support::disk::{execute, number, restarted};
use crate::support::totp::codes;
use crate::support::{Answer, App, Browser, HtmlForm, PASSWORD, Server, Tokens};

const MFA: &str = "/if/user/mfa/";
const ADD: &str = "/if/user/mfa/passkeys/add/";
const REMOVE: &str = "/if/user/mfa/passkeys/remove/";

/// A house with an administrator and bob, and alice who has a passkey.
struct House {
    server: Server,
    wiki: App,
    device: Device,
    codes: Vec<String>,
    /// The browser in which she added it.
    alice: Browser,
}

fn house() -> House {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.user("bob", &[]);
    server.alice();
    let wiki = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    let mut alice = Browser::signed_in(&server, "alice");
    let (device, page) = Device::added(&mut alice);
    House { server, wiki, device, codes: codes(&page), alice }
}

fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/if/user/").status == 200
}

/// A browser at an address of its own, so that no test waits for another's failures.
fn browser(server: &Server, n: usize) -> Browser {
    Browser::new(server).from(&format!("127.0.50.{n}"))
}

fn kinds(server: &Server) -> Vec<String> {
    server.events().iter().map(|e| e["kind"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_passkey_is_a_whole_sign_in_and_tokens_say_which_kind() {
    let House { server, wiki, mut device, codes, mut alice } = house();
    assert_eq!(codes.len(), 10, "the first factor comes with recovery codes");
    assert!(is_signed_in(&mut alice), "who just proved both is signed in");
    for (is_synced, key) in [(false, "hwk"), (true, "swk")] {
        let mut browser = Browser::new(&server);
        if is_synced {
            let mut other = Device::new(&alice);
            other.is_synced = true;
            let answer = other.add(&mut alice).expect(303);
            assert!(alice.follow(answer).body.contains("can sign in with it alone"));
            device = other;
        }
        let answer = device.sign_in(&mut browser, &wiki.authorize_url(&[])).expect(200);
        let code = browser.follow(answer).location_param("code").expect("a code");
        let claims = Tokens::of(&wiki.redeem(&browser.http, &code, &[])).id_claims();
        assert_eq!(claims["amr"], json!([key, "user", "mfa"]));
        assert_eq!(claims["acr"], "urn:latchkey:acr:passkey");
        assert_eq!(claims["preferred_username"], "alice");
    }
    // On the way to a page of ours.
    let mut browser = Browser::new(&server);
    let answer = device.sign_in(&mut browser, "/login/?next=/if/user/mfa/").expect(200);
    let page = browser.follow(answer);
    assert_eq!((page.status, browser.at.as_str()), (200, MFA));
    assert!(page.body.contains("Test key") && page.body.contains("synced"), "{page:?}");
    let login = server.events().into_iter().rfind(|e| e["kind"] == "login").expect("an event");
    assert_eq!((&login["username"], &login["details"]["method"]), (&json!("alice"), &json!("passkey")));
    assert!(kinds(&server).iter().filter(|kind| *kind == "passkey_added").count() == 2);
    assert_eq!(number(&server.data(), "SELECT count(*) FROM passkeys WHERE last_used_at IS NOT NULL"), 2);
}

#[test]
fn every_wrong_answer_is_refused_in_the_same_words() {
    let House { server, device, .. } = house();
    let body = |answer: Answer| {
        let words = answer.body.split("id=\"problem\" role=\"alert\">").nth(1).expect("a problem");
        (answer.status, words.split('<').next().unwrap_or_default().to_owned())
    };
    let wrong = |n: usize, lie: &dyn Fn(&mut Device)| {
        let mut device = device.clone();
        lie(&mut device);
        let mut browser = browser(&server, n);
        let answer = body(device.sign_in(&mut browser, "/login/"));
        assert!(!is_signed_in(&mut browser), "{n}");
        answer
    };
    let stranger = Device::new(&Browser::new(&server));
    let bob = number(&server.data(), "SELECT id FROM users WHERE username = 'bob'");
    let handle_of_bob = crate::support::disk::database(&server.data())
        .query_row("SELECT uuid FROM users WHERE id = ?1", [bob], |r| r.get::<_, String>(0))
        .expect("a uuid")
        .replace('-', "");
    let handle_of_bob: Vec<u8> =
        (0..16).map(|n| u8::from_str_radix(&handle_of_bob[2 * n..2 * n + 2], 16).expect("hexadecimal")).collect();
    let answers = [
        wrong(1, &|d| d.is_verified = false),
        wrong(2, &|d| d.rp_id = "wiki.example".into()),
        wrong(3, &|d| d.origin = "http://localhost:1".into()),
        wrong(4, &|d| d.origin = d.origin.replace("http://", "https://")),
        wrong(5, &|d| d.user_handle = Some(handle_of_bob.clone())),
        wrong(6, &|d| d.user_handle = None),
        wrong(7, &|d| d.id = vec![7; 32]),
        // The signature of another key.
        wrong(8, &|d| d.key = stranger.key.clone()),
        // A device that claims to be synced now, and was not.
        wrong(9, &|d| d.is_synced = true),
        // Asked by a frame in somebody else's page.
        wrong(11, &|d| d.asked_by = serde_json::json!({ "crossOrigin": true })),
        wrong(12, &|d| d.asked_by = serde_json::json!({ "topOrigin": "https://evil.example" })),
    ];
    server.cli(&["user", "disable", "alice"]).ok();
    let disabled = wrong(10, &|_| ());
    server.cli(&["user", "enable", "alice"]).ok();
    assert_eq!(disabled.0, 403);
    assert!(answers.iter().all(|answer| *answer == disabled), "{answers:?} {disabled:?}");
    for nonsense in ["nonsense", "{}", "null"] {
        let mut browser = browser(&server, 11);
        let page = browser.open("/login/");
        let state = Asked::of(&page).state;
        let answer = browser.submit(&page, &[("passkey_state", &state), ("passkey", nonsense)]);
        assert_eq!(body(answer), disabled, "{nonsense}");
    }
    // The twin: nothing of it was a lie.
    let mut fine = browser(&server, 12);
    device.sign_in(&mut fine, "/login/").expect(200);
    assert!(is_signed_in(&mut fine));
    let reasons: Vec<_> = server.events().into_iter().filter(|e| e["kind"] == "login_failed").collect();
    let told = |reason: &str| reasons.iter().any(|e| e["details"]["reason"] == reason);
    assert!(told("the passkey did not check its user") && told("the passkey is another host's"), "{reasons:?}");
    assert!(told("the passkey answered to another origin") && told("no passkey of an active user"), "{reasons:?}");
}

#[test]
fn guesses_are_slowed_by_user_and_address() {
    let House { server, device, .. } = house();
    let mut liar = device.clone();
    liar.is_verified = false;
    let mut guesser = browser(&server, 20);
    let statuses: Vec<u16> = (0..8).map(|_| liar.sign_in(&mut guesser, "/login/").status).collect();
    assert!(statuses.contains(&429) && statuses[0] == 403, "{statuses:?}");
    let answer = device.sign_in(&mut guesser, "/login/").expect(429);
    assert!(answer.header("Retry-After").is_some());
    device.sign_in(&mut browser(&server, 21), "/login/").expect(200);
}

#[test]
fn guesses_at_passwords_and_codes_keep_no_passkey_waiting() {
    let House { server, device, codes: recovery, .. } = house();
    let guess = |password: &str| {
        let mut guesser = browser(&server, 25);
        let page = guesser.open("/login/");
        (guesser.submit(&page, &[("username", "alice"), ("password", password)]), guesser)
    };
    // With the password, at the codes.
    let (answer, mut half) = guess(PASSWORD);
    let page = half.follow(answer);
    let codes: Vec<u16> = (0..4).map(|_| half.submit(&page, &[("code", "000000")]).status).collect();
    assert_eq!(codes, [403, 403, 403, 429]);
    half.submit(&page, &[("code", &recovery[0])]).expect(429);
    let statuses: Vec<u16> = (0..8).map(|_| guess("a wrong password").0.status).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
    device.sign_in(&mut browser(&server, 25), "/login/").expect(200);
    let page = half.open("/login/second-factor/");
    let asked = Asked::of(&page);
    let answer = device.answer(&asked);
    half.submit(&page, &[("passkey_state", &asked.state), ("passkey", &answer)]).expect(200);
}

#[test]
fn an_answer_counts_once_for_its_browser_its_purpose_and_its_process() {
    let House { server, device, .. } = house();
    let refused = |browser: &mut Browser, page: &Answer, sent: (&str, &str)| {
        let answer = browser.submit(page, &[("passkey_state", sent.0), ("passkey", sent.1)]).expect(403);
        assert!(answer.body.contains("open for too long"), "{answer:?}");
        assert!(!is_signed_in(browser));
    };
    let mut first = browser(&server, 30);
    let page = first.open("/login/");
    let asked = Asked::of(&page);
    let answer = device.answer(&asked);
    // Somebody who saw the page and its answer has another browser.
    let mut thief = browser(&server, 31);
    let other_page = thief.open("/login/");
    refused(&mut thief, &other_page, (&asked.state, &answer));
    first.submit(&page, &[("passkey_state", &asked.state), ("passkey", &answer)]).expect(200);
    // The same once more, with nobody signed in.
    first.cookies.retain(|(name, _)| name != "latchkey");
    refused(&mut first, &page, (&asked.state, &answer));
    // And twenty times at once.
    let page = first.open("/login/");
    let asked = Asked::of(&page);
    let answer = device.answer(&asked);
    let (start, cookies) = (Arc::new(Barrier::new(20)), first.cookies.clone());
    let statuses: Vec<u16> = std::thread::scope(|s| {
        let threads: Vec<_> = (0..20)
            .map(|_| {
                let (start, mut one) = (Arc::clone(&start), browser(&server, 30));
                one.cookies.clone_from(&cookies);
                let (page, state, answer) = (&page, &asked.state, &answer);
                s.spawn(move || {
                    start.wait();
                    one.submit(page, &[("passkey_state", state), ("passkey", answer)]).status
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().expect("an answer")).collect()
    });
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    // What another process asked for is over; what was damaged, or was for something else, never was.
    let mut browser = browser(&server, 32);
    let page = browser.open("/login/");
    let asked = Asked::of(&page);
    let answer = device.answer(&asked);
    for state in ["", "nonsense", &asked.state.chars().rev().collect::<String>()] {
        refused(&mut browser, &page, (state, &answer));
    }
    let server = restarted(server, &[]);
    refused(&mut browser, &page, (&asked.state, &answer));
    device.sign_in(&mut Browser::new(&server), "/login/").expect(200);
}

#[test]
fn a_counter_that_does_not_move_on_is_refused_and_told() {
    let House { server, mut device, .. } = house();
    let sign_in = |device: &Device, n: usize| device.sign_in(&mut browser(&server, n), "/login/");
    device.counter = 5;
    sign_in(&device, 40).expect(200);
    let mut copy = device.clone();
    for counter in [5, 4, 0] {
        copy.counter = counter;
        let answer = sign_in(&copy, 41).expect(403);
        assert!(answer.body.contains("as if there were a copy of it"), "{answer:?}");
    }
    device.counter = 6;
    sign_in(&device, 42).expect(200);
    assert_eq!(number(&server.data(), "SELECT counter FROM passkeys"), 6);
    let cloned: Vec<_> = server.events().into_iter().filter(|e| e["kind"] == "passkey_cloned").collect();
    assert_eq!(cloned.len(), 3);
    assert_eq!((&cloned[0]["username"], &cloned[0]["details"]["passkey"]), (&json!("alice"), &json!("Test key")));
    // Two that say the same at once: one of them is a copy.
    device.counter = 7;
    let start = Arc::new(Barrier::new(2));
    let statuses: Vec<u16> = std::thread::scope(|s| {
        let threads: Vec<_> = (0..2)
            .map(|n| {
                let mut browser = browser(&server, 43 + n);
                let page = browser.open("/login/");
                let (start, device) = (Arc::clone(&start), device.clone());
                s.spawn(move || {
                    start.wait();
                    device.press(&mut browser, &page).status
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().expect("an answer")).collect()
    });
    assert!(statuses.contains(&200) && statuses.contains(&403), "{statuses:?}");
}

/// A browser that has passed alice's password, and the page that asks for the rest.
fn half_way(server: &Server, url: &str) -> (Browser, Answer) {
    let mut browser = Browser::new(server);
    let page = browser.open(url);
    let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]);
    let page = browser.follow(answer);
    assert!(page.body.contains("id=\"second-factor-submit\""), "{page:?}");
    (browser, page)
}

#[test]
fn a_passkey_is_a_second_factor_of_its_owner() {
    let House { server, wiki, device, codes, .. } = house();
    let mut bob = Browser::signed_in(&server, "bob");
    let (of_bob, _) = Device::added(&mut bob);
    let (mut half, page) = half_way(&server, &wiki.authorize_url(&[]));
    let asked = Asked::of(&page);
    assert_eq!(asked.options["allowCredentials"].as_array().map(Vec::len), Some(1), "hers alone: {}", asked.options);
    // Another's, whatever it says.
    let mut liar = of_bob.clone();
    liar.user_handle.clone_from(&device.user_handle);
    for foreign in [&of_bob, &liar] {
        foreign.press(&mut half, &page).expect(403);
    }
    // What was asked for at the sign-in page is no answer here, and the reverse.
    let mut other = Browser::new(&server);
    other.cookies.clone_from(&half.cookies);
    let whole = Asked::of(&other.open("/login/"));
    let answer = device.answer(&whole);
    half.submit(&page, &[("passkey_state", &whole.state), ("passkey", &answer)]).expect(403);
    let answer = device.press(&mut half, &page).expect(200);
    let code = half.follow(answer).location_param("code").expect("a code");
    let claims = Tokens::of(&wiki.redeem(&half.http, &code, &[])).id_claims();
    assert_eq!(claims["amr"], json!(["pwd", "hwk", "user", "mfa"]));
    assert_eq!(claims["acr"], "urn:latchkey:acr:passkey");
    // Without a user handle it is hers still: authenticators may leave it away when they are asked for one passkey.
    let mut silent = device.clone();
    silent.user_handle = None;
    let (mut half, page) = half_way(&server, "/login/");
    silent.press(&mut half, &page).expect(200);
    // A password alone is half, and a recovery code stands in.
    let (mut half, page) = half_way(&server, "/login/");
    assert!(!is_signed_in(&mut half) && page.body.contains("Recovery code"), "{page:?}");
    half.submit(&page, &[("code", &codes[0])]).expect(200);
}

#[test]
fn a_passkey_is_the_fresh_factor_of_dangerous_acts() {
    let House { server, device, mut alice, .. } = house();
    let age = || execute(&server.data(), "UPDATE sessions SET auth_time = auth_time - 601");
    let form = HtmlForm::find(&alice.get(MFA), "/if/user/mfa/recovery-codes/");
    age();
    let question = form.send(&mut alice).expect(200);
    let options = question.body.split("data-options=\"").nth(1).and_then(|r| r.split('"').next()).expect("a button");
    let again = HtmlForm::find(&question, "/if/user/mfa/recovery-codes/");
    let state = again.value("confirm_passkey_state").to_owned();
    let options = serde_json::from_str(&crate::support::browser::unescape(options)).expect("JSON");
    let asked = Asked { options, state };
    let mut unverified = device.clone();
    unverified.is_verified = false;
    let send = |device: &Device, alice: &mut Browser| {
        again.clone().with("confirm_code", "").with("confirm_passkey", &device.answer(&asked)).send(alice)
    };
    assert_eq!(codes(&send(&unverified, &mut alice).expect(403)).len(), 0);
    assert_eq!(codes(&send(&device, &mut alice).expect(200)).len(), 10);
    age();
    send(&device, &mut alice).expect(403);
}

#[test]
fn several_are_named_and_taken_away_one_by_one() {
    let House { server, device, mut alice, .. } = house();
    let mut second = Device::new(&alice);
    second.add(&mut alice).expect(303);
    // It is asked for one that is not there yet.
    let options = Asked::of(&Device::page_to_add(&mut alice)).options;
    assert_eq!(options["excludeCredentials"].as_array().map(Vec::len), Some(2));
    let form = |page: &Answer, action: &str, n: usize| {
        HtmlForm::all(page).into_iter().filter(|f| f.action == action).nth(n).expect("a form")
    };
    let page = alice.get(MFA).expect(200);
    let rename = form(&page, "/if/user/mfa/passkeys/rename/", 1);
    rename.clone().with("name", "  ").send(&mut alice).expect(422);
    rename.clone().with("name", "<b>Blue\u{202e} key").send(&mut alice).expect(303);
    let page = alice.get(MFA).expect(200);
    assert!(page.body.contains("Blue") && !page.body.contains("<b>Blue"), "{page:?}");
    // Nobody else's.
    let mut bob = Browser::signed_in(&server, "bob");
    let (_, _) = Device::added(&mut bob);
    let of_bob = form(&bob.get(MFA), REMOVE, 0);
    let of_alice = form(&page, REMOVE, 0).value("id").to_owned();
    of_bob.clone().with("id", &of_alice).send(&mut bob).expect(404);
    let renamed = form(&bob.get(MFA), "/if/user/mfa/passkeys/rename/", 0);
    renamed.with("id", &of_alice).with("name", "Mine").send(&mut bob).expect(404);
    form(&page, REMOVE, 0).send(&mut alice).expect(303);
    device.sign_in(&mut browser(&server, 50), "/login/").expect(403);
    second.sign_in(&mut browser(&server, 51), "/login/").expect(200);
    assert_eq!(number(&server.data(), "SELECT count(*) FROM recovery_codes"), 20, "alice's and bob's");
    let last = form(&alice.get(MFA), REMOVE, 0);
    execute(&server.data(), "UPDATE sessions SET auth_time = auth_time - 601");
    last.send(&mut alice).expect(200);
    assert_eq!(number(&server.data(), "SELECT count(*) FROM passkeys"), 2, "a fresh factor is asked for");
    execute(&server.data(), "UPDATE sessions SET auth_time = auth_time + 601");
    last.send(&mut alice).expect(303);
    assert_eq!(number(&server.data(), "SELECT count(*) FROM recovery_codes"), 10, "they stood in for the last");
    second.sign_in(&mut browser(&server, 52), "/login/").expect(403);
    drop(Browser::signed_in(&server, "alice"));
    let kinds = kinds(&server);
    for kind in ["passkey_added", "passkey_renamed", "passkey_removed"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn administrators_see_passkeys_and_take_one_away() {
    let House { server, device, mut alice, .. } = house();
    let mut second = Device::new(&alice);
    second.add(&mut alice).expect(303);
    let id = number(&server.data(), "SELECT id FROM users WHERE username = 'alice'");
    let bob = number(&server.data(), "SELECT id FROM users WHERE username = 'bob'");
    let mut keeper = Browser::signed_in(&server, "keeper");
    let page = keeper.get(&format!("/if/admin/users/{id}/")).expect(200);
    assert_eq!(page.body.matches("Test key</bdi>").count(), 2, "{page:?}");
    let remove = HtmlForm::find(&page, &format!("/if/admin/users/{id}/remove-passkey/"));
    assert_eq!(remove.send(&mut alice).status, 403, "not by somebody who is no administrator");
    let elsewhere = HtmlForm { action: format!("/if/admin/users/{bob}/remove-passkey/"), ..remove.clone() };
    elsewhere.send(&mut keeper).expect(404);
    remove.send(&mut keeper).expect(303);
    assert!(!is_signed_in(&mut alice), "a lost device may be signed in");
    device.sign_in(&mut browser(&server, 60), "/login/").expect(403);
    second.sign_in(&mut browser(&server, 61), "/login/").expect(200);
}

#[test]
fn a_new_passkey_is_taken_from_its_page_only_and_for_one_user() {
    let House { server, device, mut alice, .. } = house();
    let mut bob = Browser::signed_in(&server, "bob");
    let there = || number(&server.data(), "SELECT count(*) FROM passkeys");
    let page = Device::page_to_add(&mut bob);
    let asked = Asked::of(&page);
    let form = HtmlForm::find(&page, ADD).with("name", "Bob's");
    let mut unverified = Device::new(&bob);
    unverified.is_verified = false;
    let mut elsewhere = Device::new(&bob);
    elsewhere.origin = "https://evil.example".into();
    let mut other_host = Device::new(&bob);
    other_host.rp_id = "evil.example".into();
    for wrong in [&mut unverified, &mut elsewhere, &mut other_host] {
        form.clone().with("passkey", &wrong.make(&asked)).send(&mut bob).expect(422);
    }
    form.clone().with("passkey", "nonsense").send(&mut bob).expect(422);
    // What was asked of alice is nothing of bob's.
    let of_alice = Asked::of(&Device::page_to_add(&mut alice));
    let made = Device::new(&bob).make(&of_alice);
    form.clone().with("passkey_state", &of_alice.state).with("passkey", &made).send(&mut bob).expect(422);
    // Nor is a credential that alice has.
    let twice = device.clone().make(&asked);
    form.clone().with("passkey", &twice).send(&mut bob).expect(422);
    assert_eq!(there(), 1);
    let page = Device::page_to_add(&mut bob);
    let asked = Asked::of(&page);
    let made = Device::new(&bob).make(&asked);
    let form = HtmlForm::find(&page, ADD).with("passkey", &made);
    assert!(!form.value("name").is_empty(), "a name is suggested");
    form.clone().with("name", " ").send(&mut bob).expect(422);
    assert_eq!(there(), 1, "it needs a name");
    form.send(&mut bob).expect(200);
    assert_eq!(there(), 2);
    // The same once more is over.
    let page = Device::page_to_add(&mut bob);
    let again = HtmlForm::find(&page, ADD).with("passkey_state", &asked.state).with("passkey", &made);
    again.with("name", "Once more").send(&mut bob).expect(422);
    assert_eq!(there(), 2);
}

#[test]
fn a_move_of_the_base_url_is_told_beforehand_and_the_former_host_can_stay_theirs() {
    let House { server, mut device, .. } = house();
    let check = |url: &str, more: &[(&str, &str)]| {
        let mut command = crate::support::server::command();
        command.arg("--data-dir").arg(server.data()).args(["--url", url, "config", "check"]);
        command.envs(more.iter().copied());
        crate::support::server::text_of(command.output().expect("it runs"))
    };
    let warned = check("https://new.example", &[]);
    assert!(warned.code == 0 && warned.stderr.contains("alice (\"Test key\", localhost)"), "{warned:?}");
    assert!(warned.stderr.contains("passkey-rp-id = \"localhost\""), "{warned:?}");
    let same = check(&server.base, &[]);
    assert!(same.code == 0 && !same.stderr.contains("passkey"), "{same:?}");
    let kept = check("https://new.example", &[("LATCHKEY_PASSKEY_RP_ID", "localhost")]);
    assert!(kept.code == 0 && !kept.stderr.contains("passkey"), "{kept:?}");
    server.cli(&["check"]).ok();
    let dashboard = |server: &Server| Browser::signed_in(server, "keeper").get("/if/admin/").expect(200).body;
    assert!(!dashboard(&server).contains("made for another host"));
    // What happens to those who did not read it.
    let (folder, port) = (server.folder(), server.port);
    drop(server);
    let moved = format!("http://new.localhost:{port}");
    let server = Server::start_at(Arc::clone(&folder), port, &moved, &[]);
    assert!(dashboard(&server).contains("alice (Test key)"));
    let said = server.cli(&["check"]);
    assert!(said.code != 0 && said.stdout.contains("alice (\"Test key\", localhost)"), "{said:?}");
    device.origin.clone_from(&moved);
    device.sign_in(&mut browser(&server, 70), "/login/").expect(403);
    let (_, page) = half_way(&server, "/login/");
    assert!(!page.body.contains("data-passkey"), "none that would work");
    server.http().get("/.well-known/webauthn").expect(404);
    drop(server);
    // With the former host as theirs.
    let options = ["--passkey-rp-id", "localhost", "--related-origins", "https://company.example"];
    let server = Server::start_at(folder, port, &moved, &options);
    device.sign_in(&mut browser(&server, 71), "/login/").expect(200);
    device.origin = "https://company.example".into();
    device.sign_in(&mut browser(&server, 72), "/login/").expect(200);
    device.origin = "https://other.example".into();
    device.sign_in(&mut browser(&server, 73), "/login/").expect(403);
    server.cli(&["check"]).ok();
    let told = server.http().get("/.well-known/webauthn").expect(200);
    assert_eq!(told.header("Content-Type"), Some("application/json"));
    assert_eq!(told.json(), json!({ "origins": ["https://company.example"] }), "a host below is one of its own");
}
