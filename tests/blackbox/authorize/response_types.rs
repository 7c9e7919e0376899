//! Tokens from the authorization endpoint: the implicit and the hybrid flow (OpenID Connect Core sections 3.2 and 3.3,
//! OAuth 2.0 Multiple Response Type Encoding Practices), which a provider must allow.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::Value;

use crate::support::browser::Browser;
use crate::support::client::{AUTHORIZE, claims, header};
use crate::support::disk;
use crate::support::oauth::{alice_and_app, form_post, is_a_refusal, params, pkce, verifier_challenge};
use crate::support::{Answer, App, HtmlForm, Server, Tokens};

/// All that hold a token, in the order in which clients write them and in another.
const WITH_TOKENS: [&str; 7] = [
    "id_token",
    "id_token token",
    "token id_token",
    "code id_token",
    "code token",
    "code id_token token",
    "token code id_token",
];

fn has(response_type: &str, word: &str) -> bool {
    response_type.split(' ').any(|w| w == word)
}

fn half_hash(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}

/// Asks with a nonce, unless another is given.
fn ask(app: &App, browser: &mut Browser, response_type: &str, more: &[(&str, &str)]) -> Answer {
    let mut all = vec![("response_type", response_type), ("nonce", "n-0S6_WzA2Mj")];
    all.retain(|(n, _)| !more.iter().any(|(m, _)| m == n));
    all.extend(more);
    browser.open(&app.authorize_url(&all))
}

#[track_caller]
fn in_fragment(answer: &Answer, app: &App) -> BTreeMap<String, String> {
    assert!(answer.location().starts_with(&format!("{}#", app.redirect)), "{answer:?}");
    params(answer.location(), '#')
}

#[track_caller]
fn refusal(answer: &Answer, app: &App) -> String {
    let told = in_fragment(answer, app);
    is_a_refusal(&told, app);
    assert_eq!(told["state"], "the-state");
    assert!(!told.contains_key("access_token") && !told.contains_key("id_token"), "{told:?}");
    told["error"].clone()
}

#[test]
fn each_response_type_gives_what_its_words_say_in_the_fragment_or_by_form_post() {
    let (server, app) = alice_and_app(&["--response-types", "all", "--scope", "openid email profile"]);
    let mut browser = Browser::signed_in(&server, "alice");
    for kind in WITH_TOKENS {
        for mode in ["", "fragment", "form_post"] {
            let answer = ask(&app, &mut browser, kind, &[("response_mode", mode)]);
            let told = match mode {
                "form_post" => form_post(&answer).1,
                _ => in_fragment(&answer, &app),
            };
            // RFC 9207 section 2 and RFC 6749 section 4.2.2: and never a refresh token.
            let mut expected = vec!["iss", "state"];
            if has(kind, "code") {
                expected.push("code");
            }
            if has(kind, "token") {
                expected.extend(["access_token", "expires_in", "scope", "token_type"]);
            }
            if has(kind, "id_token") {
                expected.push("id_token");
            }
            expected.sort_unstable();
            assert_eq!(told.keys().collect::<Vec<_>>(), expected, "{kind} {mode}");
            assert_eq!((told["iss"].as_str(), told["state"].as_str()), (app.issuer.as_str(), "the-state"));
            is_right(&server, &app, kind, &told);
        }
    }
    // A code alone still comes in the query.
    assert!(ask(&app, &mut browser, "code", &[]).location_param("code").is_some());
}

/// What holds of each part of an answer.
fn is_right(server: &Server, app: &App, kind: &str, told: &BTreeMap<String, String>) {
    let http = server.http();
    let mut sub = None;
    if let Some(access) = told.get("access_token") {
        // Core section 3.2.2.5.
        assert_eq!((told["token_type"].as_str(), told["expires_in"].as_str()), ("Bearer", "3600"));
        assert_eq!(told["scope"], "openid profile email");
        let userinfo = app.userinfo(&http, access).expect(200).json();
        assert_eq!(userinfo["email"], "alice@example.com");
        assert_eq!(app.introspect(&http, access).json()["active"], true);
        sub = Some(userinfo["sub"].clone());
    }
    if let Some(id_token) = told.get("id_token") {
        let id = claims(id_token);
        assert_eq!((&id["iss"], &id["aud"]), (&app.issuer.as_str().into(), &app.id.as_str().into()));
        assert_eq!(id["nonce"], "n-0S6_WzA2Mj", "Core sections 3.2.2.10 and 3.3.2.11");
        let text = |name: &str| id.get(name).and_then(Value::as_str).map(str::to_owned);
        assert_eq!(text("at_hash"), told.get("access_token").map(|t| half_hash(t)), "{kind}: Core section 3.2.2.10");
        assert_eq!(text("c_hash"), told.get("code").map(|c| half_hash(c)), "{kind}: Core section 3.3.2.11");
        assert!(sub.is_none_or(|sub| sub == id["sub"]), "{kind}");
        sub = Some(id["sub"].clone());
        assert_eq!(header(id_token)["typ"], "JWT");
    }
    if let Some(code) = told.get("code") {
        // Core section 3.3.3.6: the same issuer and subject in both.
        let tokens = Tokens::of(&app.redeem(&http, code, &[]));
        let id = tokens.id_claims();
        assert_eq!((&id["iss"], &id["nonce"]), (&app.issuer.as_str().into(), &"n-0S6_WzA2Mj".into()));
        assert!(sub.is_none_or(|sub| sub == id["sub"]), "{kind}");
        assert_eq!(id["at_hash"], half_hash(&tokens.access).as_str());
        assert_ne!(Some(&tokens.access), told.get("access_token"));
    }
}

#[test]
fn what_a_provider_does_not_allow_is_refused_and_discovery_says_what_it_does() {
    let server = Server::start();
    server.alice();
    let mut browser = Browser::signed_in(&server, "alice");
    for (setting, types, grants) in [
        ("code", &["code"][..], &["authorization_code", "refresh_token"][..]),
        (
            "hybrid",
            &["code", "code id_token", "code token", "code id_token token"],
            &["authorization_code", "implicit", "refresh_token"],
        ),
        (
            "all",
            &["code", "code id_token", "code token", "code id_token token", "id_token", "id_token token"],
            &["authorization_code", "implicit", "refresh_token"],
        ),
    ] {
        let app = server.app(setting, &["--redirect-uri", "https://app.company/cb", "--response-types", setting]);
        let at = format!("/application/o/{}/.well-known/openid-configuration", app.slug);
        let found = server.http().get(&at).json();
        assert_eq!(found["response_types_supported"], serde_json::json!(types), "{setting}");
        assert_eq!(found["grant_types_supported"], serde_json::json!(grants), "{setting}");
        for kind in ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"] {
            let answer = ask(&app, &mut browser, kind, &[]);
            if types.contains(&kind) {
                assert!(!answer.location().contains("error="), "{setting} {kind}: {answer:?}");
            } else {
                // RFC 6749 sections 4.1.2.1 and 4.2.2.1.
                assert_eq!(refusal(&answer, &app), "unauthorized_client", "{setting} {kind}");
            }
        }
        // What OpenID Connect does not have, nobody can be allowed.
        for kind in ["token", "token token", "id_token none"] {
            assert_eq!(refusal(&ask(&app, &mut browser, kind, &[]), &app), "unsupported_response_type", "{kind}");
        }
    }
    let app = server.app("Plain", &["--redirect-uri", "https://plain.company/cb"]);
    assert_eq!(refusal(&ask(&app, &mut browser, "id_token", &[]), &app), "unauthorized_client", "off by default");
    let words = server.cli(&["app", "set", "plain", "--response-types", "implicit"]).refused(2);
    assert!(words.contains("code, hybrid, all"), "{words}");
}

#[test]
fn faults_come_back_as_the_tokens_would_have() {
    let (server, app) = alice_and_app(&["--response-types", "all"]);
    let mut browser = Browser::signed_in(&server, "alice");
    for kind in WITH_TOKENS {
        // OAuth 2.0 Multiple Response Types section 5: not in a query, and neither is this refusal.
        let answer = ask(&app, &mut browser, kind, &[("response_mode", "query")]);
        assert_eq!(refusal(&answer, &app), "invalid_request", "{kind}");
        let without = ask(&app, &mut browser, kind, &[("nonce", "")]);
        let without_openid = ask(&app, &mut browser, kind, &[("scope", "email")]);
        if has(kind, "id_token") {
            // Core sections 3.2.2.1 and 3.3.2.11.
            assert_eq!(refusal(&without, &app), "invalid_request", "{kind}");
            assert_eq!(refusal(&without_openid, &app), "invalid_scope", "{kind}");
        } else {
            assert!(in_fragment(&without, &app).contains_key("code"), "{kind}");
            assert!(in_fragment(&without_openid, &app).contains_key("access_token"), "{kind}");
        }
        // Form Post Response Mode section 2: a refusal is posted too.
        let posted = ask(&app, &mut browser, kind, &[("response_mode", "form_post"), ("max_age", "x")]);
        let (to, told) = form_post(&posted);
        is_a_refusal(&told, &app);
        assert_eq!((to, told["error"].as_str()), (app.redirect.clone(), "invalid_request"), "{kind}");
        // Core section 3.1.2.6, and nobody is signed in.
        let silent = ask(&app, &mut Browser::new(&server), kind, &[("prompt", "none")]);
        assert_eq!(refusal(&silent, &app), "login_required", "{kind}");
    }
}

#[test]
fn no_token_is_sent_over_http_to_another_machine_or_to_a_custom_scheme() {
    // Core section 3.2.2.1, RFC 8252 section 8.2.
    let server = Server::start();
    server.alice();
    let mut browser = Browser::signed_in(&server, "alice");
    let with = |name: &str, uri: &str| server.app(name, &["--redirect-uri", uri, "--response-types", "all"]);
    let open = with("Open", "http://wiki.company/cb");
    for kind in WITH_TOKENS {
        assert_eq!(refusal(&ask(&open, &mut browser, kind, &[]), &open), "invalid_request", "{kind}");
    }
    assert!(ask(&open, &mut browser, "code", &[]).location_param("code").is_some());
    let scheme = ["--redirect-uri", "com.wiki.app:/cb", "--response-types", "all", "--public"];
    let native = server.app("Native", &scheme);
    for kind in WITH_TOKENS {
        let answer = ask(&native, &mut browser, kind, &pkce(&verifier_challenge()));
        assert_eq!(refusal(&answer, &native), "invalid_request", "{kind}");
    }
    assert!(ask(&native, &mut browser, "code", &pkce(&verifier_challenge())).location_param("code").is_some());
    for (name, uri) in [("Closed", "https://wiki.company/cb"), ("Here", "http://127.0.0.1:4000/cb")] {
        let app = with(name, uri);
        assert!(in_fragment(&ask(&app, &mut browser, "id_token", &[]), &app).contains_key("id_token"), "{uri}");
    }
}

#[test]
fn an_id_token_that_comes_alone_carries_the_claims_whatever_the_setting_says() {
    // Core section 5.4: no access token is issued, so that userinfo cannot tell them.
    let (server, app) = alice_and_app(&["--response-types", "all", "--claims-in-id-token", "off"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let mut email = |kind: &str| {
        let told = in_fragment(&ask(&app, &mut browser, kind, &[]), &app);
        claims(&told["id_token"]).get("email").and_then(Value::as_str).map(str::to_owned)
    };
    assert_eq!(email("id_token").as_deref(), Some("alice@example.com"));
    for kind in ["id_token token", "code id_token", "code id_token token"] {
        assert_eq!(email(kind), None, "{kind}: userinfo tells it");
    }
}

#[test]
fn a_public_client_needs_pkce_where_there_is_a_code_and_only_there() {
    let (server, app) = alice_and_app(&["--public", "--response-types", "all", "--scope", "openid"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let challenge = verifier_challenge();
    for kind in WITH_TOKENS {
        let bare = ask(&app, &mut browser, kind, &[("scope", "openid offline_access")]);
        let proven = ask(&app, &mut browser, kind, &pkce(&challenge));
        if has(kind, "code") {
            assert_eq!(refusal(&bare, &app), "invalid_request", "{kind}");
            let code = in_fragment(&proven, &app)["code"].clone();
            assert_ne!(app.redeem(&browser.http, &code, &[]).status, 200, "without its verifier");
            let verifier = [("code_verifier", crate::support::oauth::VERIFIER)];
            assert_eq!(app.redeem(&browser.http, &code, &verifier).status, 200);
        } else {
            // Core section 11: offline access is ignored where no code is given.
            let told = in_fragment(&bare, &app);
            assert!(told.get("scope").is_none_or(|scope| scope == "openid"), "{told:?}");
            assert!(told.contains_key("id_token") && in_fragment(&proven, &app).contains_key("id_token"), "{kind}");
        }
    }
}

#[test]
fn tokens_from_the_front_end_with_the_grant_the_session_and_the_user() {
    let (server, app) = alice_and_app(&["--response-types", "all"]);
    let http = server.http();
    let status = |token: &str| app.userinfo(&http, token).status;
    let mut browser = Browser::signed_in(&server, "alice");
    let mut fresh = |kind: &str| in_fragment(&ask(&app, &mut browser, kind, &[]), &app);
    // RFC 6749 section 4.1.2: a code that is played again takes every token with it.
    let told = fresh("code token");
    assert_eq!(app.redeem(&http, &told["code"], &[]).status, 200);
    assert_eq!(status(&told["access_token"]), 200);
    assert_eq!(app.redeem(&http, &told["code"], &[]).error(400), "invalid_grant");
    assert_eq!(status(&told["access_token"]), 401);
    // One that comes without a code lives until it is revoked, or its user may no longer.
    let (one, two) = (fresh("id_token token"), fresh("id_token token"));
    assert_eq!(status(&one["access_token"]), 200);
    http.post_with(
        crate::support::client::REVOKE,
        &[("Authorization", &app.basic())],
        &[("token", &one["access_token"])],
    )
    .expect(200);
    assert_eq!((status(&one["access_token"]), status(&two["access_token"])), (401, 200));
    server.cli(&["user", "disable", "alice"]).ok();
    assert_eq!(status(&two["access_token"]), 401);
    // The code that such a grant has is nobody's: none of them could be redeemed.
    let open = "SELECT count(*) FROM grants WHERE code_redeemed_at IS NULL AND code_expires_at > created_at";
    assert_eq!(disk::number(&server.data(), open), 0);
}

#[test]
fn consent_sign_in_and_a_posted_request_lead_to_the_same_answer() {
    let (server, app) = alice_and_app(&["--response-types", "hybrid", "--consent", "explicit"]);
    let query = app.authorize_url(&[("response_type", "id_token code"), ("nonce", "n-0S6_WzA2Mj")]);
    let fields: Vec<(String, String)> =
        form_urlencoded::parse(query.split_once('?').expect("a query").1.as_bytes()).into_owned().collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    // Core section 3.1.2.1: by POST as by GET.
    let mut browser = Browser::new(&server);
    let first = browser.post_from("https://app.company", AUTHORIZE, &fields);
    let page = browser.follow(first);
    let page = browser.sign_in(&page, "alice");
    assert!(page.body.contains("id=\"consent-allow\""), "{page:?}");
    let left = browser.submit(&page, &[("decision", "allow")]);
    let back = browser.follow(left);
    let told = params(back.location(), '#');
    assert_eq!(claims(&told["id_token"])["c_hash"], half_hash(&told["code"]).as_str());
    // A denial comes the same way.
    let page =
        browser.open(&app.authorize_url(&[("response_type", "code id_token"), ("nonce", "n"), ("prompt", "consent")]));
    let left = browser.submit(&page, &[("decision", "deny")]);
    let back = browser.follow(left);
    assert_eq!(refusal(&back, &app), "access_denied");
    // What an administrator forbids meanwhile holds for a request that waits.
    let page =
        browser.open(&app.authorize_url(&[("response_type", "code id_token"), ("nonce", "n"), ("prompt", "consent")]));
    server.cli(&["app", "set", &app.slug, "--response-types", "code"]).ok();
    let left = browser.submit(&page, &[("decision", "allow")]);
    let back = browser.follow(left);
    assert_eq!(refusal(&back, &app), "unauthorized_client");
}

#[test]
fn the_setting_is_on_the_provider_s_page() {
    let (server, app) = alice_and_app(&[]);
    server.user("keeper", &["--admin"]);
    let mut keeper = Browser::signed_in(&server, "keeper");
    let at = "/if/admin/providers/1/edit/";
    let page = keeper.get(at).expect(200);
    assert!(page.body.contains("name=\"response_types\""), "{page:?}");
    HtmlForm::find(&page, at).with("response_types", "hybrid").send(&mut keeper).expect(303);
    let mut browser = Browser::signed_in(&server, "alice");
    assert!(in_fragment(&ask(&app, &mut browser, "code id_token", &[]), &app).contains_key("id_token"));
    assert_eq!(refusal(&ask(&app, &mut browser, "id_token", &[]), &app), "unauthorized_client");
    let shown = server.cli(&["provider", "show", "App", "--json"]).ok();
    assert!(shown.contains("\"response_types\": \"hybrid\""), "{shown}");
}
