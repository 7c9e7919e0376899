//! Another independent client: openid-client 6 in Node, from its discovery of us to the end of its session. It verifies
//! every signature, hash, state and nonce with code of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::client_auth::file;
use crate::support::oauth::{alice_and_app, is_error_page};
use crate::support::signer::{Signer, jwks};
use crate::support::{App, Browser, HtmlForm, Server};

const MODULE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/target/openid-client/node_modules/openid-client/build/index.js");
const PARTY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openid-client/party.mjs");

/// Whether Node is there. Without it `tests/run` says so at its end, and these tests show nothing.
fn is_here() -> bool {
    if std::env::var_os("LATCHKEY_TEST_WITHOUT_NODE").is_some() {
        eprintln!("NOT TESTED: openid-client needs Node 20 or newer");
        return false;
    }
    assert!(Path::new(MODULE).exists(), "{MODULE} is missing: tests/run fetches it");
    true
}

/// A process that is stopped with its test.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What the client is told before it begins.
fn told(app: &App, scenario: &str, more: Value) -> Value {
    let mut told = json!({
        "scenario": scenario, "issuer": app.issuer, "client_id": app.id, "secret": app.secret,
        "redirect_uri": app.redirect, "method": "client_secret_basic", "metadata": {},
    });
    let more = more.as_object().expect("an object").clone();
    told.as_object_mut().expect("an object").extend(more);
    told
}

/// Runs a scenario to its end. `browse` goes where the client wants a browser, and tells where that left Latchkey.
fn run(told: &Value, mut browse: impl FnMut(&str) -> String) -> Result<Value, String> {
    let mut command = Command::new("node");
    command.arg(PARTY).env("OPENID_CLIENT", MODULE).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = Node(command.spawn().expect("node starts"));
    let mut input = node.0.stdin.take().expect("its input");
    let mut lines = BufReader::new(node.0.stdout.take().expect("its output")).lines();
    writeln!(input, "{told}").expect("it reads");
    loop {
        let line = lines.next().expect("it ends with an outcome").expect("UTF-8");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        if let Some(address) = said["open"].as_str() {
            writeln!(input, "{}", json!(browse(address))).expect("it reads");
        } else if let Some(why) = said["failed"].as_str() {
            return Err(why.to_owned());
        } else {
            return Ok(said["done"].clone());
        }
    }
}

/// A scenario in which the user's browser only has to go where it is sent.
#[track_caller]
fn done(told: &Value, browser: &mut Browser) -> Value {
    let outcome = run(told, |address| browser.open(address).location().to_owned());
    outcome.unwrap_or_else(|why| panic!("{why}: {told}"))
}

#[test]
fn it_discovers_us_and_signs_alice_in_by_every_method_and_algorithm() {
    if !is_here() {
        return;
    }
    let server = Server::start();
    server.alice();
    let mut browser = Browser::signed_in(&server, "alice");
    for (alg, method) in [
        ("RS256", "client_secret_basic"),
        ("ES256", "client_secret_post"),
        ("EdDSA", "client_secret_basic"),
        ("PS256", "client_secret_basic"),
    ] {
        if !["RS256", "ES256"].contains(&alg) {
            server.cli(&["key", "add", "--alg", alg]).ok();
        }
        let options = ["--redirect-uri", "https://app.company/callback", "--signing-key", alg];
        let app = server.app(&format!("App {alg}"), &options);
        let metadata = json!({"id_token_signed_response_alg": alg});
        let done = done(&told(&app, "sign_in", json!({"method": method, "metadata": metadata})), &mut browser);
        for of in ["claims", "userinfo"] {
            assert_eq!(done[of]["preferred_username"], "alice", "{alg}: {done}");
            assert_eq!((&done[of]["email"], &done[of]["email_verified"]), (&json!("alice@example.com"), &json!(true)));
        }
        assert_eq!((&done["claims"]["iss"], &done["claims"]["aud"]), (&json!(app.issuer), &json!(app.id)));
    }
}

#[test]
fn a_program_of_the_user_s_own_signs_in_by_pkce_alone() {
    if !is_here() {
        return;
    }
    let (server, _) = alice_and_app(&[]);
    let app = server.app("Native", &["--public", "--redirect-uri", "http://127.0.0.1/callback"]);
    let app = App { redirect: "http://127.0.0.1:51234/callback".into(), ..app };
    let mut browser = Browser::signed_in(&server, "alice");
    let done = done(&told(&app, "sign_in", json!({"method": "none"})), &mut browser);
    assert_eq!(done["claims"]["sub"], done["userinfo"]["sub"]);
}

#[test]
fn a_wrong_secret_is_refused_and_it_understands_why() {
    if !is_here() {
        return;
    }
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    // By the header it is told by a challenge (RFC 6749 section 5.2), by the body in JSON.
    for (method, told_by) in [("client_secret_basic", "\"scheme\":\"basic\""), ("client_secret_post", "invalid_client")]
    {
        let wrong = told(&app, "sign_in", json!({"method": method, "secret": "another"}));
        let why = run(&wrong, |address| browser.open(address).location().to_owned()).expect_err("a wrong secret");
        assert!(why.contains(told_by), "{why}");
        assert!(done(&told(&app, "sign_in", json!({"method": method})), &mut browser)["claims"].is_object());
    }
}

#[test]
fn tokens_are_introspected_refreshed_and_revoked() {
    if !is_here() {
        return;
    }
    let (server, app) = alice_and_app(&[]);
    let done = done(&told(&app, "life_of_tokens", json!({})), &mut Browser::signed_in(&server, "alice"));
    assert_eq!((&done["known"]["active"], &done["known"]["username"]), (&json!(true), &json!("alice")), "{done}");
    // OpenID Connect Core section 12.2.
    for claim in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(done["first"][claim], done["second"][claim], "{claim}: {done}");
    }
    assert_eq!((&done["scope"], &done["wider"]), (&json!("openid"), &json!("invalid_scope")), "{done}");
    assert_eq!((&done["revoked"], &done["unknown"]), (&json!("invalid_grant"), &json!({"active": false})), "{done}");
}

#[test]
fn hybrid_and_implicit_flow_pass_its_checks_where_they_are_allowed() {
    if !is_here() {
        return;
    }
    let (server, app) = alice_and_app(&["--response-types", "all"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let hybrid = done(&told(&app, "hybrid", json!({})), &mut browser);
    assert!(hybrid["address"].as_str().is_some_and(|a| a.contains("response_type=code+id_token")), "{hybrid}");
    assert_eq!(hybrid["claims"]["preferred_username"], "alice");
    assert_eq!(done(&told(&app, "implicit", json!({})), &mut browser)["claims"]["email"], "alice@example.com");
    let plain = server.app("Plain", &["--redirect-uri", "https://plain.company/callback"]);
    for scenario in ["hybrid", "implicit"] {
        let asked = told(&plain, scenario, json!({}));
        let why = run(&asked, |address| browser.open(address).location().to_owned()).expect_err("it is off");
        assert!(why.contains("unauthorized_client"), "{why}");
    }
}

#[test]
fn userinfo_as_a_signed_jwt_passes_its_checks() {
    if !is_here() {
        return;
    }
    let (server, app) = alice_and_app(&["--sign-userinfo", "on"]);
    let metadata = json!({"userinfo_signed_response_alg": "RS256"});
    let done = done(&told(&app, "sign_in", json!({"metadata": metadata})), &mut Browser::signed_in(&server, "alice"));
    assert_eq!(done["userinfo"]["preferred_username"], "alice");
}

#[test]
fn its_sign_out_ends_the_session_and_comes_back_with_its_state() {
    if !is_here() {
        return;
    }
    let bye = "https://app.company/bye";
    let (server, app) = alice_and_app(&["--post-logout-uri", bye]);
    let mut browser = Browser::signed_in(&server, "alice");
    let done = done(&told(&app, "logout", json!({"post_logout_redirect_uri": bye})), &mut browser);
    assert_eq!(done["back"], format!("{bye}?state={}", done["state"].as_str().expect("a state")), "{done}");
    assert_eq!(done["silently"], "login_required", "{done}");
}

#[test]
fn a_device_is_connected_and_its_code_is_good_once() {
    if !is_here() {
        return;
    }
    let (server, _) = alice_and_app(&[]);
    let options = ["--public", "--redirect-uri", "https://tv.company/", "--device-flow", "on"];
    let app = server.app("Tv", &options);
    let mut browser = Browser::signed_in(&server, "alice");
    let outcome = run(&told(&app, "device", json!({"method": "none"})), |address| {
        let page = browser.open(address);
        let asked = HtmlForm::find(&page, "/device/").send(&mut browser);
        let allowed = HtmlForm::find(&asked, "/device/").with("decision", "allow").send(&mut browser);
        assert!(allowed.body.contains("The device may go on"), "{allowed:?}");
        browser.base().to_owned()
    });
    let done = outcome.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(done["userinfo"]["email"], "alice@example.com", "{done}");
    assert_eq!(done["claims"]["iss"], json!(app.issuer));
    assert_eq!((&done["refreshes"], &done["again"]), (&json!(true), &json!("invalid_grant")), "{done}");
}

#[test]
fn a_client_is_given_tokens_without_a_person() {
    if !is_here() {
        return;
    }
    let (server, app) = alice_and_app(&["--client-credentials", "on"]);
    server.cli(&["user", "create", "robot", "--service-account"]).ok();
    server.cli(&["app", "set", &app.slug, "--service-account", "robot"]).ok();
    let mut browser = Browser::new(&server);
    let done = done(&told(&app, "client_credentials", json!({"scope": "openid profile"})), &mut browser);
    assert_eq!((&done["known"]["active"], &done["known"]["username"]), (&json!(true), &json!("robot")), "{done}");
    assert_eq!(done["tokens"].get("refresh_token"), None, "{done}");
}

#[test]
fn it_signs_with_its_keys_pushes_its_requests_and_puts_them_into_objects() {
    if !is_here() {
        return;
    }
    let (server, app) = alice_and_app(&["--client-auth", "client_secret_jwt", "--require-par", "on"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let asked = told(&app, "sign_in", json!({"method": "client_secret_jwt", "pushed": true}));
    assert_eq!(done(&asked, &mut browser)["claims"]["preferred_username"], "alice");
    for (name, alg) in [
        ("RS256", Algorithm::RS256),
        ("PS256", Algorithm::PS256),
        ("ES256", Algorithm::ES256),
        ("EdDSA", Algorithm::EdDSA),
    ] {
        let signer = Signer::new(alg, name);
        let keys = file(&server, "keys.json", &jwks(&[&signer]));
        let set = ["--client-auth", "private_key_jwt", "--jwks", &keys, "--request-objects", "signed"];
        server.cli(&[&["app", "set", "app", "--require-par", "on"], &set[..]].concat()).ok();
        let key = json!({"pem": signer.pem, "alg": name, "kid": name});
        let pushed = told(&app, "sign_in", json!({"method": "private_key_jwt", "key": key, "pushed": true}));
        let by_push = done(&pushed, &mut browser);
        assert_eq!(by_push["claims"]["preferred_username"], "alice", "{name}");
        assert!(by_push["address"].as_str().is_some_and(|a| a.contains("request_uri=urn")), "{by_push}");
        let object = told(&app, "sign_in", json!({"method": "private_key_jwt", "key": key, "request_key": key}));
        let refused = run(&object, |address| {
            is_error_page(&browser.get(address));
            format!("{}?error=none", app.redirect)
        });
        refused.expect_err("where requests must be pushed, none comes by the browser");
        server.cli(&["app", "set", "app", "--require-par", "off"]).ok();
        let by_object = done(&object, &mut browser);
        assert_eq!(by_object["claims"]["preferred_username"], "alice", "{name}");
        assert!(by_object["address"].as_str().is_some_and(|a| a.contains("request=ey")), "{by_object}");
    }
    let asked = told(&app, "life_of_tokens", json!({"method": "client_secret_basic"}));
    run(&asked, |address| browser.open(address).location().to_owned()).expect_err("its secret is no method any more");
}
