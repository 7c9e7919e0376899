//! What a successful answer holds: parameters, ID token, claims; and that discovery says no more and no less.

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::json;

use crate::support::browser::{Browser, url};
use crate::support::client::header;
use crate::support::oauth::{alice_and_app, form_post, params, pkce, refused_with, verifier_challenge};
use crate::support::{Server, Tokens};

const ODD_STATE: &str = "a b+c%2F%25/?&=#;:@!$'()*,\"<>[]{}|\\^`~\u{e9}\u{2713}\u{1f511}\r\n\t.";

#[test]
fn state_comes_back_byte_for_byte_in_every_mode_with_code_and_issuer() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let mut get = |mode| browser.get(&app.authorize_url(&[("state", ODD_STATE), ("response_mode", mode)]));
    let (none, query, fragment, posted) = (get(""), get("query"), get("fragment"), get("form_post"));
    assert!(none.location().starts_with("https://app.company/callback?"), "{none:?}");
    assert!(fragment.location().starts_with("https://app.company/callback#"), "{fragment:?}");
    let policy = posted.header("Content-Security-Policy").expect("a policy of its own");
    assert!(!policy.contains("form-action") && !policy.contains("unsafe"), "{policy}");
    let (to, posted) = form_post(&posted);
    assert_eq!(to, app.redirect);
    for answer in
        [params(none.location(), '?'), params(query.location(), '?'), params(fragment.location(), '#'), posted]
    {
        assert_eq!(answer.keys().collect::<Vec<_>>(), ["code", "iss", "state"]);
        assert_eq!(answer["state"], ODD_STATE);
        assert_eq!(answer["iss"], app.issuer);
        let plain = answer["code"].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        assert!(plain && answer["code"].len() >= 43, "{answer:?}");
        let tokens = Tokens::of(&app.redeem(&server.http(), &answer["code"], &[]));
        assert_eq!(tokens.id_claims()["iss"], answer["iss"].as_str());
    }
}

#[test]
fn the_id_token_says_who_for_whom_when_and_how() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let code = app.code(&mut browser, &[("nonce", "n-0S6_WzA2Mj")]);
    let answer = app.redeem(&browser.http, &code, &[]);
    assert_eq!((answer.header("Cache-Control"), answer.header("Pragma")), (Some("no-store"), Some("no-cache")));
    let tokens = Tokens::of(&answer);
    let id = tokens.id_claims();
    assert_eq!(id["iss"], app.issuer.as_str());
    assert_eq!(app.issuer, format!("{}/application/o/app/", server.base));
    assert_eq!(id["aud"], app.id.as_str());
    assert_eq!(id["azp"], app.id.as_str());
    assert_eq!(id["nonce"], "n-0S6_WzA2Mj");
    assert_eq!(id["amr"], json!(["pwd"]));
    for text in ["sub", "sid", "acr", "jti"] {
        assert!(id[text].as_str().is_some_and(|t| !t.is_empty()), "{text}: {id}");
    }
    let number = |name: &str| id[name].as_i64().unwrap_or_else(|| panic!("{name}: {id}"));
    let date = httpdate::parse_http_date(answer.header("Date").expect("Date")).expect("a date");
    let now = date.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let now = i64::try_from(now).expect("a time");
    assert!((now - 10..=now).contains(&number("iat")), "{id}");
    assert!((number("iat") - 10..=number("iat")).contains(&number("auth_time")), "{id}");
    assert_eq!(number("exp") - number("iat"), 3_600);
    assert_eq!(tokens.json["expires_in"], 3_600);
    // OpenID Connect Core section 3.1.3.6.
    let left_half = &digest(&SHA256, tokens.access.as_bytes()).as_ref()[..16].to_vec();
    assert_eq!(id["at_hash"], BASE64_URL_SAFE_NO_PAD.encode(left_half).as_str());
    let head = header(tokens.id.as_deref().expect("an ID token"));
    assert_eq!((head["alg"].as_str(), head["typ"].as_str()), (Some("RS256"), Some("JWT")));
    let published = server.http().get("/application/o/app/jwks/").json();
    let key = published["keys"].as_array().and_then(|k| k.iter().find(|k| k["kid"] == head["kid"])).expect("its key");
    assert_eq!((key["alg"].as_str(), key["use"].as_str()), (Some("RS256"), Some("sig")));
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        assert!(published["keys"].as_array().is_some_and(|k| k.iter().all(|k| k.get(private).is_none())), "{private}");
    }
}

#[test]
fn sub_is_stable_and_sid_lives_as_long_as_the_same_user_stays() {
    let (server, app) = alice_and_app(&[]);
    server.user("bob", &[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let first = app.tokens(&mut browser, "openid").id_claims();
    let second = app.tokens(&mut browser, "openid").id_claims();
    assert_ne!(first["jti"], second["jti"]);
    let page = browser.open(&app.authorize_url(&[("prompt", "login")]));
    let back = browser.sign_in(&page, "alice");
    let code = back.location_param("code").expect("a code");
    let third = Tokens::of(&app.redeem(&browser.http, &code, &[])).id_claims();
    assert_eq!((&first["sub"], &first["sid"]), (&second["sub"], &second["sid"]));
    assert_eq!((&first["sub"], &first["sid"]), (&third["sub"], &third["sid"]), "she only signed in again");
    server.cli(&["user", "set", "alice", "--username", "alice2", "--email", "new@example.com"]).ok();
    let elsewhere = app.tokens(&mut Browser::signed_in(&server, "alice2"), "openid").id_claims();
    assert_eq!(elsewhere["sub"], first["sub"], "names change, the subject does not");
    assert_ne!(elsewhere["sid"], first["sid"]);
    let bob = app.tokens(&mut Browser::signed_in(&server, "bob"), "openid").id_claims();
    assert_ne!(bob["sub"], first["sub"]);
}

#[test]
fn claims_go_with_their_scopes_and_userinfo_says_the_same() {
    let (server, app) = alice_and_app(&["--scope", "openid email profile phone address"]);
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["group", "add", "family", "alice"]).ok();
    let mut browser = Browser::signed_in(&server, "alice");
    let mut told = |scope: &str| {
        let tokens = app.tokens(&mut browser, scope);
        let userinfo = app.userinfo(&browser.http, &tokens.access).expect(200).json();
        let id = tokens.id_claims();
        for (name, value) in userinfo.as_object().expect("an object") {
            assert_eq!(&id[name], value, "{name}: the two agree");
            assert!(!value.is_null(), "{name}: absent claims are left out");
        }
        userinfo
    };
    let all = told("openid email profile phone address groups");
    assert_eq!(all["name"], "Alice Liddell");
    assert_eq!((&all["given_name"], &all["family_name"]), (&json!("Alice"), &json!("Liddell")));
    assert_eq!((&all["email"], &all["email_verified"]), (&json!("alice@example.com"), &json!(true)));
    assert_eq!(all["groups"], json!(["family"]));
    assert!(all["updated_at"].is_number(), "{all}");
    assert!(all.get("phone_number").is_none() && all.get("picture").is_none(), "{all}");
    let names = |claims: &serde_json::Value| claims.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&told("openid")), ["sub"]);
    assert_eq!(names(&told("openid email")), ["email", "email_verified", "sub"]);
    assert_eq!(names(&told("openid groups")), ["groups", "sub"]);
}

#[test]
fn the_claims_parameter_asks_one_by_one_within_what_is_on_offer() {
    let (server, app) = alice_and_app(&["--scope", "openid email"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let wish = r#"{"userinfo":{"email":{"essential":true},"name":null},"id_token":{"auth_time":{"essential":true}}}"#;
    let code = app.code(&mut browser, &[("scope", "openid"), ("claims", wish)]);
    let tokens = Tokens::of(&app.redeem(&browser.http, &code, &[]));
    for told in [app.userinfo(&browser.http, &tokens.access).expect(200).json(), tokens.id_claims()] {
        assert_eq!(told["email"], "alice@example.com");
        assert!(told.get("name").is_none(), "profile is not on offer: {told}");
    }
    let without = app.tokens(&mut browser, "openid").id_claims();
    assert!(without.get("email").is_none(), "{without}");
    // What is on offer from now on was not asked for when this was granted.
    server.cli(&["app", "set", "app", "--scope", "openid email profile"]).ok();
    let told = app.userinfo(&browser.http, &tokens.access).expect(200).json();
    assert!(told["email"] == "alice@example.com" && told.get("name").is_none(), "{told}");
    let code = app.code(&mut browser, &[("scope", "openid"), ("claims", wish)]);
    let anew = Tokens::of(&app.redeem(&browser.http, &code, &[]));
    assert_eq!(app.userinfo(&browser.http, &anew.access).expect(200).json()["name"], "Alice Liddell", "the twin");
    // A subject that is demanded is the only one that is answered with a code.
    let sub = without["sub"].as_str().expect("sub");
    let demand = |sub: &str| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
    let asked = |claims: &str| app.authorize_url(&[("prompt", "none"), ("claims", claims)]);
    assert!(browser.get(&asked(&demand(sub))).location_param("code").is_some());
    assert_eq!(refused_with(&browser.get(&asked(&demand("somebody-else"))), &app), "login_required");
}

#[test]
fn what_the_claims_parameter_asks_for_in_the_id_token_stands_there_whatever_the_setting_says() {
    // OpenID Connect Core section 5.5.
    let (server, app) = alice_and_app(&["--claims-in-id-token", "off", "--consent", "explicit"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open(&app.authorize_url(&[]));
    let left = browser.submit(&page, &[("decision", "allow")]);
    browser.follow(left);
    let mut told = |scope: &str, claims: &str| {
        let code = app.code(&mut browser, &[("scope", scope), ("claims", claims)]);
        let tokens = Tokens::of(&app.redeem(&browser.http, &code, &[]));
        (tokens.id_claims(), app.userinfo(&browser.http, &tokens.access).expect(200).json())
    };
    let (id, userinfo) = told("openid", r#"{"id_token":{"name":null},"userinfo":{"email":{"essential":true}}}"#);
    assert_eq!((&id["name"], id.get("email")), (&json!("Alice Liddell"), None));
    assert_eq!(userinfo["email"], "alice@example.com");
    let (id, userinfo) = told("openid profile email", "{}");
    assert_eq!((id.get("name"), id.get("email")), (None, None));
    assert_eq!((&userinfo["name"], &userinfo["email"]), (&json!("Alice Liddell"), &json!("alice@example.com")));
    // What is asked for can be granted or not, and a value that differs is no error (section 5.5.1).
    let (id, _) = told("openid", r#"{"id_token":{"name":{"value":"Bob"},"middle_name":{"essential":true}}}"#);
    assert_eq!((&id["name"], id.get("middle_name")), (&json!("Alice Liddell"), None));
    // One name is never two, of which nobody was asked.
    let mut other = Browser::signed_in(&server, "alice");
    let strict = server.app("Strict", &["--consent", "explicit", "--redirect-uri", "https://strict.company/"]);
    let odd = [("scope", "openid"), ("claims", r#"{"userinfo":{"x email":null}}"#)];
    let page = other.open(&strict.authorize_url(&odd));
    let left = other.submit(&page, &[("decision", "allow")]);
    let code = other.follow(left).location_param("code").expect("a code");
    let tokens = Tokens::of(&strict.redeem(&other.http, &code, &[]));
    assert!(strict.userinfo(&other.http, &tokens.access).expect(200).json().get("email").is_none());
}

#[test]
fn every_advertised_endpoint_mode_and_method_works() {
    let server = Server::start();
    server.alice();
    let app = server.app("App", &["--redirect-uri", "https://app.company/callback"]);
    let http = server.http();
    let path = "/application/o/app/.well-known/openid-configuration";
    let answer = http.get(path);
    assert_eq!((answer.status, answer.header("Content-Type")), (200, Some("application/json")));
    assert_eq!(answer.header("Access-Control-Allow-Origin"), Some("*"));
    let found = answer.json();
    assert_eq!(found["issuer"], app.issuer.as_str());
    let at = |name: &str| {
        let url = found[name].as_str().unwrap_or_else(|| panic!("{name}: {found}"));
        url.strip_prefix(&server.base).unwrap_or_else(|| panic!("{name}: {url}")).to_owned()
    };
    let list = |name: &str| {
        let list = found[name].as_array().unwrap_or_else(|| panic!("{name}: {found}"));
        list.iter().map(|v| v.as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list("response_types_supported"), ["code"]);
    assert_eq!(list("subject_types_supported"), ["public"]);
    assert!(list("id_token_signing_alg_values_supported").contains(&"RS256".to_owned()));
    assert_eq!(found["authorization_response_iss_parameter_supported"], true);
    let mut browser = Browser::signed_in(&server, "alice");
    let challenge = verifier_challenge();
    for mode in list("response_modes_supported") {
        for method in list("code_challenge_methods_supported") {
            let more =
                [("response_mode", mode.as_str()), ("code_challenge", &challenge), ("code_challenge_method", &method)];
            let query = app.authorize_url(&more).split_once('?').expect("a query").1.to_owned();
            let answer = browser.get(&format!("{}?{query}", at("authorization_endpoint")));
            assert!(answer.status == 303 || answer.body.contains("name=\"code\""), "{mode}: {answer:?}");
        }
    }
    for scope in list("scopes_supported") {
        let tokens = app.tokens(&mut browser, &format!("openid {scope}"));
        let granted = tokens.json["scope"].as_str().expect("a scope").to_owned();
        assert!(granted.split(' ').any(|s| s == scope), "{scope}: {granted}");
        assert_eq!(tokens.refresh.is_some(), scope == "offline_access", "{scope}");
    }
    for prompt in list("prompt_values_supported") {
        let answer = browser.get(&app.authorize_url(&[("prompt", &prompt)]));
        assert!(answer.header("Location").is_none_or(|l| !l.contains("error=")), "{prompt}: {answer:?}");
    }
    let tokens = app.tokens(&mut browser, "openid offline_access");
    for claim in ["iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "azp", "sid", "at_hash", "jti"] {
        assert!(list("claims_supported").contains(&claim.to_owned()), "{claim}");
        assert!(tokens.id_claims().get(claim).is_some(), "{claim}");
    }
    assert!(list("acr_values_supported").contains(&tokens.id_claims()["acr"].as_str().expect("acr").to_owned()));
    let refresh = tokens.refresh.expect("a refresh token");
    let body = [("client_id", app.id.as_str()), ("client_secret", &app.secret)];
    for endpoint in ["introspection", "revocation"] {
        for method in list(&format!("{endpoint}_endpoint_auth_methods_supported")) {
            let token = [("token", tokens.access.as_str())];
            let basic = app.basic();
            let answer = match method.as_str() {
                "client_secret_basic" => {
                    http.post_with(&at(&format!("{endpoint}_endpoint")), &[("Authorization", &basic)], &token)
                }
                "client_secret_post" => {
                    http.post(&at(&format!("{endpoint}_endpoint")), &[&token[..], &body[..]].concat())
                }
                _ => continue,
            };
            assert_eq!(answer.status, 200, "{endpoint} {method}: {answer:?}");
        }
    }
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let answer = http.post_with(&at("token_endpoint"), &[("Authorization", &app.basic())], &fields);
    let access = Tokens::of(&answer).access;
    let bearer = format!("Bearer {access}");
    assert_eq!(http.get_with(&at("userinfo_endpoint"), &[("Authorization", &bearer)]).status, 200);
    assert_eq!(http.get(&at("jwks_uri")).status, 200);
    assert!(browser.open(&at("end_session_endpoint")).body.contains("id=\"logout-confirm\""));
    for absent in ["device_authorization_endpoint", "pushed_authorization_request_endpoint", "registration_endpoint"] {
        if let Some(url) = found[absent].as_str() {
            assert_ne!(http.post(url.strip_prefix(&server.base).expect("ours"), &[]).status, 404, "{absent}");
        }
    }
}

#[test]
fn a_public_client_is_told_of_its_own_method_and_needs_pkce() {
    let (server, _) = alice_and_app(&[]);
    let app = server.app("Native", &["--public", "--redirect-uri", "https://native.company/"]);
    let mut browser = Browser::signed_in(&server, "alice");
    assert_eq!(refused_with(&browser.get(&app.authorize_url(&[])), &app), "invalid_request");
    let secret = browser.get(&app.authorize_url(&[("client_secret", "some-secret")]));
    assert_eq!(refused_with(&secret, &app), "invalid_request", "some secret makes no difference");
    let challenge = verifier_challenge();
    assert!(browser.get(&app.authorize_url(&pkce(&challenge))).location_param("code").is_some());
    let required = server.app("Strict", &["--pkce", "required", "--redirect-uri", "https://strict.company/"]);
    assert_eq!(refused_with(&browser.get(&required.authorize_url(&[])), &required), "invalid_request");
    assert!(browser.get(&required.authorize_url(&pkce(&challenge))).location_param("code").is_some());
    let unknown = browser.get(&url("/application/o/nothing/.well-known/openid-configuration", &[]));
    assert_eq!(unknown.status, 404);
}
