//! The device flow (RFC 8628): what a device asks and is told, and what its user sees and decides on `/device`.

use serde_json::{Value, json};

use crate::support::browser::{Browser, form_token};
use crate::support::client::{DEVICE, TOKEN, claims};
use crate::support::disk::{contains, execute, number, stored_bytes};
use crate::support::html_form::HtmlForm;
use crate::support::oauth::{alice_and_app, app_with, find_event, oauth_error};
use crate::support::totp::Authenticator;
use crate::support::{Answer, App, Http, Server, Tokens};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const ON: &[&str] = &["--device-flow", "on"];

/// What a device was told.
struct Device {
    code: String,
    user_code: String,
    /// The page with the code filled in.
    complete: String,
    json: Value,
}

fn ask(app: &App, http: &Http, scope: &str) -> Answer {
    let mut fields = vec![("client_id", app.id.as_str()), ("scope", scope)];
    if !app.secret.is_empty() {
        fields.push(("client_secret", &app.secret));
    }
    http.post_with(DEVICE, &[("User-Agent", "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0)")], &fields)
}

impl Device {
    #[track_caller]
    fn begin(app: &App, http: &Http, scope: &str) -> Self {
        let answer = ask(app, http, scope).expect(200);
        let json = answer.json();
        let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("no {name}: {json}")).to_owned();
        Self {
            code: text("device_code"),
            user_code: text("user_code"),
            complete: text("verification_uri_complete"),
            json: json.clone(),
        }
    }

    fn poll(&self, app: &App, http: &Http) -> Answer {
        redeem(app, http, &self.code)
    }

    /// The page that asks, for who is signed in there.
    #[track_caller]
    fn asked(&self, browser: &mut Browser) -> Answer {
        let page = browser.open("/device");
        HtmlForm::find(&page, "/device/").with("code", &self.user_code).send(browser)
    }

    #[track_caller]
    fn decide(&self, browser: &mut Browser, decision: &str) -> Answer {
        let page = self.asked(browser).expect(200);
        let token = form_token(&page);
        let fields = [("form_token", token.as_str()), ("code", &self.user_code), ("decision", decision)];
        browser.post("/device/", &fields)
    }

    #[track_caller]
    fn allow(&self, browser: &mut Browser) {
        let done = self.decide(browser, "allow").expect(200);
        assert!(done.body.contains("The device may go on"), "{done:?}");
    }
}

fn redeem(app: &App, http: &Http, code: &str) -> Answer {
    let mut fields = vec![("grant_type", GRANT), ("device_code", code), ("client_id", app.id.as_str())];
    if !app.secret.is_empty() {
        fields.push(("client_secret", &app.secret));
    }
    http.post(TOKEN, &fields)
}

#[track_caller]
fn is_pending(answer: &Answer) {
    let error = oauth_error(answer, 400);
    assert!(["authorization_pending", "slow_down"].contains(&error.as_str()), "{answer:?}");
}

// Sections 3.1 to 3.5, in their order.
#[test]
fn a_device_is_given_tokens_once_its_user_says_yes() {
    let (server, app) = alice_and_app(ON);
    let http = server.http();
    let device = Device::begin(&app, &http, "openid profile email");
    assert_eq!(device.json["verification_uri"], format!("{}/device", server.base));
    assert_eq!(device.complete, format!("{}/device?code={}", server.base, device.user_code));
    assert_eq!((&device.json["expires_in"], &device.json["interval"]), (&json!(600), &json!(5)));
    // Section 5.2: as much as a token; section 6.1: no vowels.
    assert_eq!(device.code.len(), 43);
    let letters: Vec<&str> = device.user_code.split('-').collect();
    assert_eq!(letters.iter().map(|l| l.len()).collect::<Vec<_>>(), [4, 4], "{}", device.user_code);
    assert!(letters.concat().bytes().all(|b| b"BCDFGHJKLMNPQRSTVWXZ".contains(&b)), "{}", device.user_code);
    assert_eq!(oauth_error(&device.poll(&app, &http), 400), "authorization_pending");

    // The address with the code leads through the sign-in and back, and fills the field in.
    let mut browser = Browser::new(&server);
    let page = browser.open(&device.complete);
    let page = browser.sign_in(&page, "alice");
    let form = HtmlForm::find(&page, "/device/");
    assert_eq!(form.value("code"), device.user_code);
    let asked = form.send(&mut browser).expect(200);
    for told in ["App", "alice", &device.user_code, "127.0.0.1", "Your e-mail address", "id=\"device-allow\""] {
        assert!(asked.body.contains(told), "{told}: {asked:?}");
    }
    is_pending(&device.poll(&app, &http));
    device.allow(&mut browser);

    let answer = device.poll(&app, &http);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    let tokens = Tokens::of(&answer);
    assert_eq!((&tokens.json["token_type"], &tokens.json["scope"]), (&json!("Bearer"), &json!("openid profile email")));
    assert_eq!(tokens.refresh, None, "offline access was not asked for");
    let id = tokens.id_claims();
    assert_eq!(
        (&id["iss"], &id["aud"], &id["preferred_username"]),
        (&json!(app.issuer), &json!(app.id), &json!("alice"))
    );
    assert_eq!(id.get("nonce"), None);
    // What the ID token says of the sign-in is true of the session in which it was allowed.
    let there = app.tokens(&mut browser, "openid profile email").id_claims();
    for claim in ["sub", "sid", "auth_time", "amr", "acr"] {
        assert_eq!(id[claim], there[claim], "{claim}");
    }
    assert_eq!(app.userinfo(&http, &tokens.access).expect(200).json()["email"], "alice@example.com");
    assert_eq!(app.introspect(&http, &tokens.access).expect(200).json()["active"], true);
    let event = server.events().into_iter().find(|e| e["details"]["grant"] == "device_code").expect("an event");
    assert_eq!((&event["kind"], &event["username"]), (&json!("authorize_application"), &json!("alice")));

    // Used again, it was stolen: what came of it ends.
    assert_eq!(oauth_error(&device.poll(&app, &http), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
}

// Section 6.1.
#[test]
fn the_code_may_be_typed_in_any_case_with_or_without_its_dash() {
    let (server, app) = alice_and_app(ON);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let device = Device::begin(&app, &http, "openid");
    let plain = device.user_code.replace('-', "");
    let spaced = format!(" {} {} ", &plain[..4].to_lowercase(), &plain[4..]);
    for typed in [&plain, &plain.to_lowercase(), &spaced, &device.user_code] {
        let page = browser.open("/device/");
        let asked = HtmlForm::find(&page, "/device/").with("code", typed).send(&mut browser);
        assert!(asked.expect(200).body.contains("id=\"device-allow\""), "{typed}");
    }
    for typed in ["", "AAAA-AAAA", &plain[..7], &format!("{plain}B"), "<script>alert(1)</script>"] {
        let page = browser.open("/device/");
        let asked = HtmlForm::find(&page, "/device/").with("code", typed).send(&mut browser).expect(422);
        assert!(asked.body.contains("id=\"device-problem\"") && !asked.body.contains("<script>"), "{typed}");
    }
    is_pending(&device.poll(&app, &http));
}

// Sections 3.3.1 and 5.4: nobody is made to say yes by an address or by another site's form.
#[test]
fn nothing_but_the_button_says_yes() {
    let (server, app) = alice_and_app(ON);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let device = Device::begin(&app, &http, "openid");
    browser.open(&format!("{}&decision=allow", device.complete)).expect(200);
    let (code, token) = (device.user_code.as_str(), form_token(&device.asked(&mut browser)));
    browser.post("/device/", &[("code", code), ("decision", "allow")]).expect(403);
    browser.post("/device/", &[("form_token", "x"), ("code", code), ("decision", "allow")]).expect(403);
    let fields = [("form_token", token.as_str()), ("code", code), ("decision", "allow")];
    assert_ne!(browser.post_from("https://evil.example", "/device/", &fields).status, 200);
    browser.post("/device/", &[("form_token", token.as_str()), ("code", code), ("decision", "perhaps")]).expect(200);
    is_pending(&device.poll(&app, &http));
    let mut nobody = Browser::new(&server);
    let answer = nobody.post("/device/", &fields);
    assert!(answer.body.contains("id=\"error-page\""), "signed out: {answer:?}");
    is_pending(&device.poll(&app, &http));
    browser.post("/device/", &fields).expect(200);
    assert_eq!(device.poll(&app, &http).status, 200);
}

#[test]
fn it_is_off_unless_the_provider_says_so_and_discovery_tells() {
    let (server, app) = alice_and_app(&[]);
    let http = server.http();
    let discovery = || http.get(&format!("/application/o/{}/.well-known/openid-configuration", app.slug)).json();
    let is_told = |document: &Value| {
        let grants = document["grant_types_supported"].as_array().expect("grant types").contains(&json!(GRANT));
        assert_eq!(grants, document.get("device_authorization_endpoint").is_some(), "{document}");
        grants
    };
    assert!(!is_told(&discovery()));
    let refused = ask(&app, &http, "openid");
    assert_eq!(oauth_error(&refused, 400), "unauthorized_client");
    let mut browser = Browser::signed_in(&server, "alice");
    let event = find_event(&server, refused.header("X-Request-Id").expect("an id"));
    assert_eq!(event["details"]["reason"], "the device flow is off at this provider");
    assert_eq!(oauth_error(&redeem(&app, &http, "x"), 400), "unauthorized_client");
    server.cli(&["app", "set", &app.slug, "--device-flow", "on"]).ok();
    assert!(is_told(&discovery()));
    assert_eq!(discovery()["device_authorization_endpoint"], format!("{}{DEVICE}", server.base));
    let device = Device::begin(&app, &http, "openid");
    device.allow(&mut browser);
    // What waits when it is switched off is given nothing.
    server.cli(&["app", "set", &app.slug, "--device-flow", "off"]).ok();
    assert_eq!(oauth_error(&device.poll(&app, &http), 400), "unauthorized_client");
    server.cli(&["app", "set", &app.slug, "--device-flow", "on"]).ok();
    assert_eq!(device.poll(&app, &http).status, 200);
}

// Sections 3.1 and 3.4: client authentication as at the token endpoint; each code is its client's, and of its kind.
#[test]
fn a_device_code_is_good_for_its_own_client_and_as_nothing_else() {
    let (server, app) = alice_and_app(ON);
    let other = server.app("Other", &["--redirect-uri", "https://other.company/", "--device-flow", "on"]);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let wrong = App { secret: "wrong".into(), ..app.clone() };
    assert_eq!(oauth_error(&ask(&wrong, &http, "openid"), 401), "invalid_client");
    assert_eq!(oauth_error(&ask(&App { id: "nobody".into(), ..app.clone() }, &http, "openid"), 401), "invalid_client");
    assert_eq!(oauth_error(&http.post(DEVICE, &[]), 401), "invalid_client");
    let twice =
        [("client_id", app.id.as_str()), ("client_secret", &app.secret), ("scope", "openid"), ("scope", "email")];
    assert_eq!(oauth_error(&http.post(DEVICE, &twice), 400), "invalid_request");
    assert_eq!(http.get(DEVICE).status, 405);

    let device = Device::begin(&app, &http, "openid");
    assert_eq!(oauth_error(&redeem(&other, &http, &device.code), 400), "invalid_grant");
    device.allow(&mut browser);
    assert_eq!(oauth_error(&redeem(&other, &http, &device.code), 400), "invalid_grant");
    assert_eq!(oauth_error(&redeem(&wrong, &http, &device.code), 401), "invalid_client");
    for mistaken in ["", "x", &device.code[1..], &device.user_code] {
        let answer = redeem(&app, &http, mistaken);
        assert!(["invalid_grant", "invalid_request"].contains(&oauth_error(&answer, 400).as_str()), "{mistaken}");
    }
    for redirect in ["", app.redirect.as_str()] {
        let answer = app.redeem(&http, &device.code, &[("redirect_uri", redirect)]);
        assert_eq!(oauth_error(&answer, 400), "invalid_grant", "as a code");
    }
    let code = app.code(&mut browser, &[]);
    assert_eq!(oauth_error(&redeem(&app, &http, &code), 400), "invalid_grant", "a code as a device's");
    assert_eq!(app.redeem(&http, &code, &[]).status, 200);
    assert_eq!(device.poll(&app, &http).status, 200, "none of it burnt the code");
}

// Section 5.4: what a stranger's device says of itself would be believed, standing on our page.
#[test]
fn the_page_names_devices_in_its_own_words_only() {
    let (server, app) = alice_and_app(ON);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let client = [("client_id", app.id.as_str()), ("client_secret", app.secret.as_str())];
    let mut shown = |agent: &str| {
        let begun = http.post_with(DEVICE, &[("User-Agent", agent)], &client).expect(200).json();
        let page = browser.open("/device");
        let page = HtmlForm::find(&page, "/device/").with("code", begun["user_code"].as_str().expect("a code"));
        let page = page.send(&mut browser).expect(200).body;
        let from = page.split("id=\"device-from\"").nth(1).and_then(|p| p.split("</b>").next()).expect("from where");
        from.trim_start_matches("><b>").to_owned()
    };
    assert_eq!(shown("Your TV. Press Allow to watch"), "unknown device");
    assert_eq!(shown("Your TV. Press Allow. curl/8.5.0"), "curl");
    assert_eq!(shown("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"), "Firefox, Linux");
}

// Section 3.5: access_denied.
#[test]
fn no_is_told_to_the_device_and_is_for_good() {
    let (server, app) = alice_and_app(ON);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let device = Device::begin(&app, &http, "openid");
    let token = form_token(&device.asked(&mut browser));
    let done = device.decide(&mut browser, "deny").expect(200);
    assert!(done.body.contains("Access was denied"), "{done:?}");
    assert_eq!(oauth_error(&device.poll(&app, &http), 400), "access_denied");
    let fields = [("form_token", token.as_str()), ("code", &device.user_code), ("decision", "allow")];
    browser.post("/device/", &fields).expect(422);
    assert_eq!(oauth_error(&device.poll(&app, &http), 400), "access_denied");
    // Refusals are written down with the next commit.
    Browser::signed_in(&server, "alice");
    let event = server.events().into_iter().find(|e| e["kind"] == "authorize_refused").expect("an event");
    assert_eq!(event["details"]["reason"], "the user denied it to a device");
}

// Section 3.5: expired_token.
#[test]
fn a_code_is_good_for_ten_minutes_before_and_after_the_yes() {
    let (server, app) = alice_and_app(ON);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let (waiting, allowed) = (Device::begin(&app, &http, "openid"), Device::begin(&app, &http, "openid"));
    allowed.allow(&mut browser);
    assert_eq!(number(&server.data(), "SELECT expires_at - created_at FROM device_requests"), 600);
    execute(&server.data(), "UPDATE device_requests SET created_at = created_at - 601, expires_at = expires_at - 601");
    execute(&server.data(), "UPDATE grants SET created_at = created_at - 601, code_expires_at = code_expires_at - 601");
    waiting.asked(&mut browser).expect(422);
    for device in [&waiting, &allowed] {
        assert_eq!(oauth_error(&device.poll(&app, &http), 400), "expired_token");
    }
    // One from the future is no better: the clock went back.
    let device = Device::begin(&app, &http, "openid");
    execute(
        &server.data(),
        "UPDATE device_requests SET created_at = created_at + 7200, expires_at = expires_at + 7200",
    );
    device.asked(&mut browser).expect(422);
    assert_eq!(oauth_error(&device.poll(&app, &http), 400), "invalid_grant");
    let device = Device::begin(&app, &http, "openid");
    device.allow(&mut browser);
    assert_eq!(device.poll(&app, &http).status, 200);
}

// Section 3.5: slow_down.
#[test]
fn a_device_that_asks_too_often_is_told_to_slow_down_and_loses_nothing() {
    let (server, app) = alice_and_app(ON);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let (device, other) = (Device::begin(&app, &http, "openid"), Device::begin(&app, &http, "openid"));
    assert_eq!(oauth_error(&device.poll(&app, &http), 400), "authorization_pending");
    for _ in 0..3 {
        assert_eq!(oauth_error(&device.poll(&app, &http), 400), "slow_down");
    }
    assert_eq!(oauth_error(&other.poll(&app, &http), 400), "authorization_pending");
    device.allow(&mut browser);
    assert_eq!(device.poll(&app, &http).status, 200);
}

#[test]
fn access_is_asked_for_when_it_is_allowed_and_when_it_is_redeemed() {
    let (server, app) = alice_and_app(ON);
    server.user("bob", &[]);
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["group", "add", "family", "alice"]).ok();
    server.cli(&["app", "bind", &app.slug, "--group", "family"]).ok();
    let http = server.http();
    let (mut alice, mut bob) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "bob"));
    let device = Device::begin(&app, &http, "openid");
    let denied = device.asked(&mut bob).expect(403);
    assert!(denied.body.contains("id=\"access-denied\""), "{denied:?}");
    let token = form_token(&bob.open("/device"));
    let fields = [("form_token", token.as_str()), ("code", &device.user_code), ("decision", "allow")];
    bob.post("/device/", &fields).expect(403);
    is_pending(&device.poll(&app, &http));
    device.allow(&mut alice);
    server.cli(&["group", "remove", "family", "alice"]).ok();
    let refused = device.poll(&app, &http);
    assert_eq!(oauth_error(&refused, 400), "invalid_grant");
    // Refusals are written down with the next commit.
    Browser::signed_in(&server, "bob");
    let event = find_event(&server, refused.header("X-Request-Id").expect("an id"));
    assert!(event["details"]["reason"].as_str().is_some_and(|why| !why.contains("unknown")), "{event}");
    server.cli(&["group", "add", "family", "alice"]).ok();
    assert_eq!(device.poll(&app, &http).status, 200);
}

#[test]
fn what_ends_the_user_or_the_session_ends_it_too() {
    let (server, app) = alice_and_app(&["--device-flow", "on", "--scope", "openid offline_access"]);
    let http = server.http();
    // Signed out before the device has asked again.
    let mut browser = Browser::signed_in(&server, "alice");
    let (online, offline) = (Device::begin(&app, &http, "openid"), Device::begin(&app, &http, "openid offline_access"));
    let redeemed = Device::begin(&app, &http, "openid");
    for device in [&online, &offline, &redeemed] {
        device.allow(&mut browser);
    }
    let tokens = Tokens::of(&redeemed.poll(&app, &http));
    let page = browser.open("/logout/");
    browser.submit(&page, &[]);
    assert_eq!(oauth_error(&online.poll(&app, &http), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
    // Offline access outlives the session, and is renewed as any other.
    let tokens = Tokens::of(&offline.poll(&app, &http));
    let refresh = tokens.refresh.clone().expect("a refresh token");
    let renewed = Tokens::of(&app.refresh(&http, &refresh, &[]));
    for claim in ["sub", "auth_time", "sid", "acr", "amr"] {
        assert_eq!(renewed.id_claims()[claim], tokens.id_claims()[claim], "{claim}");
    }
    // Disabled in between, and after.
    let mut browser = Browser::signed_in(&server, "alice");
    let device = Device::begin(&app, &http, "openid");
    device.allow(&mut browser);
    server.cli(&["user", "disable", "alice"]).ok();
    assert_eq!(oauth_error(&device.poll(&app, &http), 400), "invalid_grant");
    assert_eq!(app.userinfo(&http, &renewed.access).status, 401);
    assert_eq!(oauth_error(&app.refresh(&http, &renewed.refresh.expect("another"), &[]), 400), "invalid_grant");
}

#[test]
fn a_session_of_half_a_sign_in_says_no_yes() {
    let (server, app) = alice_and_app(ON);
    let http = server.http();
    let (mut old, mut browser) = (Browser::signed_in(&server, "alice"), Browser::signed_in(&server, "alice"));
    let device = Device::begin(&app, &http, "openid");
    let page = device.asked(&mut old).expect(200);
    Authenticator::added(&mut browser);
    let token = form_token(&page);
    let fields = [("form_token", token.as_str()), ("code", &device.user_code), ("decision", "allow")];
    assert!(!old.post("/device/", &fields).body.contains("The device may go on"));
    is_pending(&device.poll(&app, &http));
    device.allow(&mut browser);
    let id = Tokens::of(&device.poll(&app, &http)).id_claims();
    assert!(id["amr"].as_array().expect("methods").contains(&json!("mfa")), "{id}");
}

/// Sends the same request from many threads at once.
fn at_once(n: usize, send: impl Fn() -> Answer + Sync) -> Vec<Answer> {
    let barrier = std::sync::Barrier::new(n);
    std::thread::scope(|scope| {
        let send = || {
            barrier.wait();
            send()
        };
        let threads: Vec<_> = (0..n).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|t| t.join().expect("an answer")).collect()
    })
}

#[test]
fn of_fifty_parallel_redemptions_one_wins() {
    let (server, app) = alice_and_app(ON);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let device = Device::begin(&app, &http, "openid");
    device.allow(&mut browser);
    let answers = at_once(50, || device.poll(&app, &http));
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
    for lost in answers.iter().filter(|a| a.status != 200) {
        assert_eq!(oauth_error(lost, 400), "invalid_grant");
    }
}

#[test]
fn of_many_who_say_yes_at_once_one_is_signed_in_there() {
    let (server, app) = alice_and_app(ON);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let device = Device::begin(&app, &http, "openid");
    let token = form_token(&device.asked(&mut browser));
    let cookies: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let cookies = cookies.join("; ");
    let fields = [("form_token", token.as_str()), ("code", &device.user_code), ("decision", "allow")];
    let headers = [("Cookie", cookies.as_str()), ("Origin", server.base.as_str())];
    let answers = at_once(20, || http.post_with("/device/", &headers, &fields));
    let allowed = answers.iter().filter(|a| a.status == 200).count();
    assert_eq!(allowed, 1, "{answers:?}");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM grants"), 1);
    assert_eq!(device.poll(&app, &http).status, 200);
}

// Section 5.1.
#[test]
fn guesses_at_user_codes_wait_whoever_makes_them_and_ones_own_code_buys_no_more() {
    let (server, app) = alice_and_app(ON);
    server.user("bob", &[]);
    let http = server.http();
    let own = Device::begin(&app, &http, "openid");
    let mut browser = Browser::signed_in(&server, "alice");
    let token = form_token(&browser.open("/device"));
    let mut guess = |code: &str| browser.post("/device/", &[("form_token", token.as_str()), ("code", code)]);
    let mut slowed = None;
    for letter in "BCDFGHJKLM".chars() {
        let answer = guess(&format!("ZZZZ-ZZZ{letter}"));
        if answer.status == 429 {
            slowed = Some(answer);
            break;
        }
        answer.expect(422);
        let own = guess(&own.user_code);
        assert!(own.status == 200 || own.status == 429, "{own:?}");
    }
    let slowed = slowed.expect("guessing has a price");
    assert!(slowed.header("Retry-After").is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 0)), "{slowed:?}");
    guess(&own.user_code).expect(429);
    // From another address, the account waits all the same; and another account elsewhere does not.
    let mut bob = Browser::signed_in(&server, "bob").from("127.0.0.9");
    own.allow(&mut bob);
}

fn television(server: &Server) -> App {
    server.app("Tv", &["--public", "--redirect-uri", "https://tv.company/", "--device-flow", "on"])
}

#[test]
fn a_few_addresses_keep_no_others_devices_out() {
    let server = Server::start();
    server.alice();
    let app = television(&server);
    // Ten strangers ask as often as they may; some of what they began was denied, or has ended.
    for n in 10..20 {
        let stranger = server.http().from(&format!("127.0.0.{n}"));
        let begun = (0..20).filter(|_| ask(&app, &stranger, "openid").status == 200).count();
        assert_eq!(begun, 5, "from one address");
    }
    let device = Device::begin(&app, &server.http(), "openid");
    device.allow(&mut Browser::signed_in(&server, "alice"));
    assert_eq!(device.poll(&app, &server.http()).status, 200);
    let all = || number(&server.data(), "SELECT count(*) FROM device_requests");
    assert_eq!(all(), 50);
    // A hundred that were denied or have ended are kept, and count for nothing.
    execute(&server.data(), "UPDATE device_requests SET denied_at = created_at WHERE source <= '127.0.0.14'");
    execute(&server.data(), "UPDATE device_requests SET expires_at = expires_at - 601 WHERE denied_at IS NULL");
    for n in 30..41 {
        let stranger = server.http().from(&format!("127.0.0.{n}"));
        (0..5).for_each(|_| drop(ask(&app, &stranger, "openid").expect(200)));
    }
    assert_eq!(all(), 105);
}

#[test]
fn strangers_who_ask_for_codes_wait_and_what_waits_is_bounded() {
    let (server, app) = alice_and_app(ON);
    let public = television(&server);
    let http = server.http();
    let devices: Vec<Device> = (0..5).map(|_| Device::begin(&public, &http, "openid")).collect();
    let refused = ask(&public, &http, "openid");
    assert_eq!(oauth_error(&refused, 429), "temporarily_unavailable");
    assert!(refused.header("Retry-After").is_some());
    // What its user decided waits no more: another may.
    let mut alice = Browser::signed_in(&server, "alice");
    devices[0].decide(&mut alice, "deny").expect(200);
    devices[1].allow(&mut alice);
    for _ in 0..2 {
        ask(&public, &http, "openid").expect(200);
    }
    // However few wait, who asks again and again is slowed down.
    assert!((0..10).any(|_| {
        execute(&server.data(), "UPDATE device_requests SET denied_at = created_at WHERE source IS NOT NULL");
        ask(&public, &http, "openid").status == 429
    }));
    // A client that proves who it is does not wait for them, but has a bound of its own.
    for _ in 0..100 {
        ask(&app, &http, "openid").expect(200);
    }
    assert_eq!(oauth_error(&ask(&app, &http, "openid"), 429), "temporarily_unavailable");
    assert_eq!(
        number(
            &server.data(),
            "SELECT count(*) FROM device_requests WHERE provider_id =
        (SELECT id FROM providers WHERE client_type = 'confidential')"
        ),
        100
    );
    // Those that ended make room; those that ended long ago are gone.
    execute(&server.data(), "UPDATE device_requests SET expires_at = expires_at - 601");
    Device::begin(&app, &http, "openid");
    execute(&server.data(), "UPDATE device_requests SET expires_at = expires_at - 1300");
    let device = Device::begin(&app, &http, "openid");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM device_requests"), 1);
    device.allow(&mut Browser::signed_in(&server, "alice"));
}

// Section 5.6: devices are public clients as a rule, and PKCE has no place here.
#[test]
fn a_public_client_names_itself() {
    let (server, _) = alice_and_app(&[]);
    let options =
        ["--public", "--redirect-uri", "https://tv.company/", "--device-flow", "on", "--scope", "openid email"];
    let app = server.app("Tv", &options);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    // What is not on offer is not granted (RFC 6749 section 3.3).
    let device = Device::begin(&app, &http, "openid profile,email made_up");
    device.allow(&mut browser);
    let tokens = Tokens::of(&device.poll(&app, &http));
    assert_eq!(tokens.json["scope"], "openid email");
    assert_eq!(claims(&tokens.access)["client_id"], app.id);
    // No scope, no ID token.
    let device = Device::begin(&app, &http, "");
    device.allow(&mut browser);
    let tokens = Tokens::of(&device.poll(&app, &http));
    assert_eq!((tokens.id, &tokens.json["scope"]), (None, &json!("")));
}

#[test]
fn neither_code_is_stored_as_it_is_nor_logged() {
    let (server, app) = alice_and_app(ON);
    let (http, mut browser) = (server.http(), Browser::signed_in(&server, "alice"));
    let (waiting, allowed) = (Device::begin(&app, &http, "openid"), Device::begin(&app, &http, "openid"));
    browser.open(&waiting.complete);
    waiting.poll(&app, &http);
    allowed.allow(&mut browser);
    let tokens = Tokens::of(&allowed.poll(&app, &http));
    let stored = stored_bytes(&server.data());
    assert!(contains(&stored, "device_code"), "the event says which grant");
    let printed = server.printed();
    for device in [&waiting, &allowed] {
        for secret in [&device.code, &device.user_code, &device.user_code.replace('-', "")] {
            assert!(!contains(&stored, secret) && !printed.contains(secret), "{secret}");
        }
    }
    assert!(!contains(&stored, &tokens.access));
}

#[test]
fn the_provider_pages_switch_it() {
    let server = Server::start();
    server.user("alice", &["--admin"]);
    let app = app_with(&server, &[]);
    let mut admin = Browser::signed_in(&server, "alice");
    let page = admin.open("/if/admin/providers/1/edit/");
    let form = HtmlForm::find(&page, "/if/admin/providers/1/edit/");
    assert_eq!(form.value("device_flow"), "off");
    let saved = form.with("device_flow", "on").send(&mut admin);
    assert_eq!(saved.status, 303, "{saved:?}");
    Device::begin(&app, &server.http(), "openid");
    let page = admin.open("/if/admin/providers/1/");
    assert!(page.body.contains(&format!("{}{DEVICE}", server.base)), "{page:?}");
}
