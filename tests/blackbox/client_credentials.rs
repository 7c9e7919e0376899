//! Tokens without a person: client credentials (RFC 6749 section 4.4), service accounts and their app passwords.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::client_auth::file;
use crate::support::browser::Browser;
use crate::support::client::{DEVICE, TOKEN, claims};
use crate::support::disk::{contains, execute, number, stored_bytes};
use crate::support::html_form::HtmlForm;
use crate::support::oauth::{alice_and_app, app_with, find_event, oauth_error};
use crate::support::signer::{JWT_BEARER, Signer, jwks};
use crate::support::{Answer, App, Http, PASSWORD, Server, Tokens};

/// A provider where the application asks in the name of the service account `robot`.
fn robot_and_app(more: &[&str]) -> (Server, App) {
    let server = Server::start();
    server.alice();
    server.cli(&["user", "create", "robot", "--service-account"]).ok();
    let app = app_with(&server, &[&["--client-credentials", "on", "--service-account", "robot"], more].concat());
    (server, app)
}

fn app_password(server: &Server, user: &str, more: &[&str]) -> String {
    server.cli(&[&["user", "app-password", user], more].concat()).ok().trim().to_owned()
}

/// By the client's own secret.
fn by_secret(app: &App, http: &Http, scope: &str) -> Answer {
    let fields = [("grant_type", "client_credentials"), ("scope", scope)];
    http.post_with(TOKEN, &[("Authorization", &app.basic())], &fields)
}

/// By a service account's app password.
fn by_account(app: &App, http: &Http, username: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", app.id.as_str()),
        ("username", username),
        ("password", password),
        ("scope", "openid profile"),
    ];
    http.post(TOKEN, &fields)
}

/// The reason in the event of a refusal. Refusals are written down with the next commit.
#[track_caller]
fn reason(server: &Server, refused: &Answer) -> String {
    server.cli(&["group", "create", &format!("g{}", server.events().len())]).ok();
    Browser::signed_in(server, "alice");
    let event = find_event(server, refused.header("X-Request-Id").expect("an id"));
    event["details"]["reason"].as_str().expect("a reason").to_owned()
}

// RFC 6749 sections 4.4.2 and 4.4.3.
#[test]
fn a_client_is_given_tokens_in_the_name_of_the_account_that_its_provider_names() {
    let (server, app) = robot_and_app(&["--scope", "openid profile offline_access"]);
    let http = server.http();
    let answer = by_secret(&app, &http, "openid profile offline_access made_up");
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    let tokens = Tokens::of(&answer);
    assert_eq!((&tokens.refresh, &tokens.json["scope"]), (&None, &json!("openid profile")));
    assert_eq!(tokens.json["token_type"], "Bearer");
    let told = app.userinfo(&http, &tokens.access).expect(200).json();
    assert_eq!(told["preferred_username"], "robot");
    // Nobody signed in: nothing is said of a session (RFC 9068 section 2.2.1, OpenID Connect Core section 2).
    let (id, access) = (tokens.id_claims(), claims(&tokens.access));
    assert_eq!((&id["sub"], &access["sub"], &access["client_id"]), (&told["sub"], &told["sub"], &json!(app.id)));
    let introspected = app.introspect(&http, &tokens.access).expect(200).json();
    assert_eq!((&introspected["active"], &introspected["username"]), (&json!(true), &json!("robot")));
    for told in [&id, &access, &introspected] {
        for claim in ["sid", "auth_time", "amr", "acr", "nonce"] {
            assert_eq!(told.get(claim), None, "{claim} in {told}");
        }
    }
    assert_eq!(Tokens::of(&by_secret(&app, &http, "")).id, None, "no openid, no ID token");
    let post = [
        ("grant_type", "client_credentials"),
        ("client_id", app.id.as_str()),
        ("client_secret", app.secret.as_str()),
        ("scope", "openid"),
    ];
    Tokens::of(&http.post(TOKEN, &post));
    let event = server.events().into_iter().find(|e| e["details"]["grant"] == "client_credentials").expect("an event");
    assert_eq!((&event["kind"], &event["username"]), (&json!("authorize_application"), &json!("robot")));
}

#[test]
fn it_is_off_unless_the_provider_says_so_and_discovery_tells() {
    let (server, app) = alice_and_app(&[]);
    server.cli(&["user", "create", "robot", "--service-account"]).ok();
    let http = server.http();
    let is_told = || {
        let document = http.get(&format!("/application/o/{}/.well-known/openid-configuration", app.slug)).json();
        document["grant_types_supported"].as_array().expect("grant types").contains(&json!("client_credentials"))
    };
    assert!(!is_told());
    let password = app_password(&server, "robot", &[]);
    assert_eq!(oauth_error(&by_secret(&app, &http, "openid"), 400), "unauthorized_client");
    assert_eq!(oauth_error(&by_account(&app, &http, "robot", &password), 400), "unauthorized_client");
    server.cli(&["app", "set", &app.slug, "--client-credentials", "on"]).ok();
    assert!(is_told());
    // Only where a request can succeed: by an app password that is good, or in the name of an account.
    server.cli(&["user", "disable", "robot"]).ok();
    assert!(!is_told());
    server.cli(&["user", "enable", "robot"]).ok();
    execute(&server.data(), "UPDATE app_passwords SET expires_at = 1");
    assert!(!is_told());
    server.cli(&["app", "set", &app.slug, "--service-account", "robot"]).ok();
    assert!(is_told());
    server.cli(&["app", "set", &app.slug, "--service-account", ""]).ok();
    execute(&server.data(), "UPDATE app_passwords SET expires_at = NULL");
    assert!(is_told());
    let refused = by_secret(&app, &http, "openid");
    assert_eq!(oauth_error(&refused, 400), "unauthorized_client");
    assert_eq!(reason(&server, &refused), "the provider names no service account");
    assert_eq!(by_account(&app, &http, "robot", &password).status, 200);
    server.cli(&["app", "set", &app.slug, "--service-account", "robot"]).ok();
    let tokens = Tokens::of(&by_secret(&app, &http, "openid"));
    // What was given ends when it is switched off, or another account is named.
    server.cli(&["app", "set", &app.slug, "--service-account", ""]).ok();
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
    server.cli(&["app", "set", &app.slug, "--service-account", "robot"]).ok();
    assert_eq!(app.userinfo(&http, &tokens.access).status, 200);
    server.cli(&["app", "set", &app.slug, "--client-credentials", "off"]).ok();
    assert_eq!(app.userinfo(&http, &tokens.access).status, 401);
    assert_eq!(app.introspect(&http, &tokens.access).json(), json!({ "active": false }));
}

// Section 4.4: "MUST only be used by confidential clients".
#[test]
fn only_who_proves_who_it_is_is_given_any() {
    let (server, app) = robot_and_app(&[]);
    let options = ["--public", "--redirect-uri", "https://p.company/", "--client-credentials", "on"];
    let public = server.app("Public", &[&options[..], &["--service-account", "robot"]].concat());
    let http = server.http();
    let ask = |fields: &[(&str, &str)]| http.post(TOKEN, &[&[("grant_type", "client_credentials")], fields].concat());
    let refused = ask(&[("client_id", &public.id)]);
    assert_eq!(oauth_error(&refused, 400), "unauthorized_client");
    assert_eq!(reason(&server, &refused), "a public client does not prove who it is");
    assert_eq!(oauth_error(&ask(&[("client_id", &app.id)]), 401), "invalid_client");
    assert_eq!(oauth_error(&ask(&[("client_id", &app.id), ("client_secret", "wrong")]), 401), "invalid_client");
    assert_eq!(oauth_error(&ask(&[]), 401), "invalid_client");
    // RFC 6749 section 3.1: what is sent without a value is not sent, and so proves nothing.
    let nothing = [("client_id", app.id.as_str()), ("username", ""), ("password", "")];
    let before = server.events().len();
    assert_eq!(oauth_error(&ask(&nothing), 401), "invalid_client");
    assert_eq!(oauth_error(&ask(&[&nothing[..], &[("client_secret", "")]].concat()), 401), "invalid_client");
    for half in [[("username", "robot"), ("password", "")], [("username", ""), ("password", "x")]] {
        assert_eq!(oauth_error(&ask(&[&half[..], &[("client_id", &app.id)]].concat()), 400), "invalid_request");
    }
    assert_eq!(server.events().len(), before, "nothing was given");
    let proven = ask(&[&nothing[..], &[("client_secret", app.secret.as_str())]].concat());
    assert_eq!(Tokens::of(&proven).json["token_type"], "Bearer", "the client itself did prove who it is");
    // An app password beside a wrong secret does not hide it.
    let password = app_password(&server, "robot", &[]);
    let account = [("username", "robot"), ("password", password.as_str()), ("client_id", app.id.as_str())];
    assert_eq!(oauth_error(&ask(&[&account[..], &[("client_secret", "wrong")]].concat()), 401), "invalid_client");
    assert_eq!(oauth_error(&ask(&[&account[..2], &[("client_id", "nobody")]].concat()), 401), "invalid_client");
    assert_eq!(ask(&[&account[..], &[("client_secret", &app.secret)]].concat()).status, 200);
    assert_eq!(ask(&account).status, 200);
    assert_eq!(by_account(&public, &http, "robot", &password).status, 200);
    assert_eq!(by_secret(&app, &http, "openid").status, 200);
    // An app password opens nothing else at the endpoint: every other grant still asks for the client.
    let code = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "x")];
    assert_eq!(oauth_error(&http.post(TOKEN, &[&code[..], &account[..]].concat()), 401), "invalid_client");
    assert_eq!(oauth_error(&http.post(DEVICE, &account), 401), "invalid_client");
    for half in [&account[..1], &account[1..2]] {
        let fields = [half, &[("client_id", &app.id), ("client_secret", &app.secret)]].concat();
        assert_eq!(oauth_error(&ask(&fields), 400), "invalid_request");
    }
}

// RFC 6749 section 3.2.1.
#[test]
fn a_client_that_signs_does_so_beside_an_app_password_too() {
    let (server, app) = robot_and_app(&[]);
    let http = server.http();
    let password = app_password(&server, "robot", &[]);
    let signed = |assertion: &str| {
        let account = [("username", "robot"), ("password", password.as_str())];
        let client = [("grant_type", "client_credentials"), JWT_BEARER, ("client_assertion", assertion)];
        http.post(TOKEN, &[&client[..], &account].concat())
    };
    assert_eq!(by_account(&app, &http, "robot", &password).status, 200, "authentik's way");
    server.cli(&["app", "set", &app.slug, "--client-auth", "client_secret_jwt"]).ok();
    assert_eq!(oauth_error(&by_account(&app, &http, "robot", &password), 401), "invalid_client");
    assert_eq!(signed(&Signer::secret(&app.secret).assertion(&app)).status, 200);
    let key = Signer::new(Algorithm::ES256, "k");
    let keys = file(&server, "keys.json", &jwks(&[&key]));
    server.cli(&["app", "set", &app.slug, "--client-auth", "private_key_jwt", "--jwks", &keys]).ok();
    assert_eq!(oauth_error(&by_account(&app, &http, "robot", &password), 401), "invalid_client");
    assert_eq!(signed(&key.assertion(&app)).status, 200);
}

#[test]
fn an_app_password_is_its_accounts_alone_and_no_other_password_is_one() {
    let (server, app) = robot_and_app(&[]);
    server.cli(&["user", "create", "drone", "--service-account"]).ok();
    let http = server.http();
    let (robots, drones) = (app_password(&server, "robot", &[]), app_password(&server, "drone", &[]));
    assert!(robots.len() == 64 && robots.bytes().all(|b| b.is_ascii_alphanumeric()), "{robots}");
    assert_ne!(robots, drones);
    let mut refused = Vec::new();
    for (username, password) in [("robot", drones.as_str()), ("alice", PASSWORD), ("nobody", &robots)] {
        let answer = by_account(&app, &http, username, password);
        assert_eq!(oauth_error(&answer, 400), "invalid_grant", "{username}");
        refused.push(answer.json()["error_description"].clone());
    }
    assert!(refused.iter().all(|words| *words == refused[0]), "strangers and wrong passwords are told alike");
    let told = |name: &str, password: &str| {
        let tokens = Tokens::of(&by_account(&app, &http, name, password));
        app.userinfo(&http, &tokens.access).json()["preferred_username"].clone()
    };
    assert_eq!((told("robot", &robots), told("DRONE", &drones)), (json!("robot"), json!("drone")));
    // Wrong ones wait, and never keep the right one waiting.
    let wrong: Vec<u16> = (0..8).map(|n| by_account(&app, &http, "robot", &format!("x{n}")).status).collect();
    assert!(wrong.contains(&429), "{wrong:?}");
    assert_eq!(told("robot", &robots), "robot");
    let stored = stored_bytes(&server.data());
    assert!(!contains(&stored, &robots) && !server.printed().contains(&robots), "by its hash only");
}

#[test]
fn tokens_end_with_the_app_password_the_account_and_the_access() {
    let (server, app) = robot_and_app(&[]);
    let http = server.http();
    let listed = || -> Value {
        serde_json::from_str(&server.cli(&["user", "app-passwords", "robot", "--json"]).ok()).expect("JSON")
    };
    let password = app_password(&server, "robot", &["--label", "the mower"]);
    let other = app_password(&server, "robot", &[]);
    assert_eq!(listed()[1]["last_used_at"], Value::Null);
    let tokens = Tokens::of(&by_account(&app, &http, "robot", &password));
    let others = Tokens::of(&by_account(&app, &http, "robot", &other));
    let own = Tokens::of(&by_secret(&app, &http, "openid"));
    assert_eq!((&listed()[1]["label"], listed()[1]["last_used_at"].is_string()), (&json!("the mower"), true));
    let status = |tokens: &Tokens| app.userinfo(&http, &tokens.access).status;
    server.cli(&["user", "revoke-app-password", "robot", &listed()[1]["id"].to_string()]).ok();
    assert_eq!((status(&tokens), status(&others), status(&own)), (401, 200, 200));
    assert_eq!(app.introspect(&http, &tokens.access).json(), json!({ "active": false }));
    assert_eq!(oauth_error(&by_account(&app, &http, "robot", &password), 400), "invalid_grant");
    server.cli(&["user", "revoke-app-password", "robot", "4711"]).refused(1);

    // One that ends by itself.
    let short = app_password(&server, "robot", &["--valid-for", "1h"]);
    let tokens = Tokens::of(&by_account(&app, &http, "robot", &short));
    execute(&server.data(), "UPDATE app_passwords SET expires_at = expires_at - 3601 WHERE expires_at IS NOT NULL");
    assert_eq!(status(&tokens), 401);
    let refused = by_account(&app, &http, "robot", &short);
    assert_eq!(oauth_error(&refused, 400), "invalid_grant");
    assert_eq!(reason(&server, &refused), "the app password has expired");

    // Access is asked for each time.
    server.cli(&["group", "create", "machines"]).ok();
    server.cli(&["group", "add", "machines", "robot"]).ok();
    server.cli(&["app", "bind", &app.slug, "--group", "machines"]).ok();
    assert_eq!((status(&others), status(&own)), (200, 200));
    server.cli(&["group", "remove", "machines", "robot"]).ok();
    assert_eq!((status(&others), status(&own)), (401, 401));
    assert_eq!(oauth_error(&by_secret(&app, &http, "openid"), 400), "invalid_grant");
    assert_eq!(oauth_error(&by_account(&app, &http, "robot", &other), 400), "invalid_grant");
    server.cli(&["group", "add", "machines", "robot"]).ok();
    let (own, others) =
        (Tokens::of(&by_secret(&app, &http, "openid")), Tokens::of(&by_account(&app, &http, "robot", &other)));
    server.cli(&["user", "disable", "robot"]).ok();
    assert_eq!((status(&others), status(&own)), (401, 401));
    assert_eq!(oauth_error(&by_secret(&app, &http, "openid"), 400), "invalid_grant");
    assert_eq!(oauth_error(&by_account(&app, &http, "robot", &other), 400), "invalid_grant");
    server.cli(&["user", "enable", "robot"]).ok();
    assert_eq!(status(&own), 401, "what ended has ended");
    assert_eq!(by_account(&app, &http, "robot", &other).status, 200);
    // Deleted with its account; the provider then names none.
    server.cli(&["user", "delete", "robot"]).ok();
    assert_eq!(oauth_error(&by_secret(&app, &http, "openid"), 400), "unauthorized_client");
    assert_eq!(number(&server.data(), "SELECT count(*) FROM app_passwords"), 0);
}

#[test]
fn what_a_service_account_holds_at_a_provider_is_bounded() {
    let (server, app) = robot_and_app(&[]);
    server.cli(&["user", "create", "drone", "--service-account"]).ok();
    let (robots, drones) = (app_password(&server, "robot", &[]), app_password(&server, "drone", &[]));
    let http = server.http();
    let first = Tokens::of(&by_account(&app, &http, "robot", &robots));
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998)
        INSERT INTO grants (provider_id, user_id, sid, scopes, auth_time, amr, created_at, expires_at, code_hash,
          code_redirect_uri, code_expires_at, claims, address, acr, id_token_claims, grant_type)
        SELECT provider_id, user_id, sid || i, scopes, auth_time, amr, created_at, expires_at, randomblob(32),
          code_redirect_uri, code_expires_at, claims, address, acr, id_token_claims, grant_type FROM grants, n";
    execute(&server.data(), many);
    let last = Tokens::of(&by_secret(&app, &http, "openid"));
    for refused in [by_account(&app, &http, "robot", &robots), by_secret(&app, &http, "openid")] {
        assert_eq!(oauth_error(&refused, 429), "temporarily_unavailable");
        assert!(refused.header("Retry-After").is_some_and(|s| s.parse::<u32>().is_ok_and(|s| s > 0)), "{refused:?}");
        assert_eq!(reason(&server, &refused), "the service account holds too many tokens at this provider");
    }
    for tokens in [&first, &last] {
        assert_eq!(app.userinfo(&http, &tokens.access).status, 200, "nothing makes room that is good");
    }
    assert_eq!(by_account(&app, &http, "drone", &drones).status, 200, "another account's are others");
    // What ended makes room, and goes.
    let count = || number(&server.data(), "SELECT count(*) FROM grants");
    assert_eq!(count(), 1_001);
    execute(&server.data(), "UPDATE grants SET expires_at = unixepoch() - 1 WHERE id = (SELECT min(id) FROM grants)");
    assert_eq!(by_account(&app, &http, "robot", &robots).status, 200);
    assert_eq!(oauth_error(&by_account(&app, &http, "robot", &robots), 429), "temporarily_unavailable");
    assert_eq!(app.userinfo(&http, &first.access).status, 401);
    assert_eq!(count(), 1_001);
    // No application is told of the end of sessions that never were.
    assert_eq!(number(&server.data(), "SELECT count(*) FROM signed_in_at"), 0);
}

#[test]
fn a_service_account_signs_in_nowhere_and_has_no_rights_of_people() {
    let (server, app) = robot_and_app(&[]);
    let password = app_password(&server, "robot", &[]);
    for given in [PASSWORD, &password, ""] {
        let mut browser = Browser::new(&server);
        let page = browser.open("/login/");
        let answer = browser.submit(&page, &[("username", "robot"), ("password", given)]);
        assert!([401, 403, 422, 429, 200].contains(&answer.status), "{answer:?}");
        assert_eq!(browser.get("/").status, 303, "not signed in: {answer:?}");
    }
    server.cli_with_input(&["user", "set-password", "robot", "--password-stdin"], PASSWORD).refused(1);
    server.cli(&["user", "recovery-link", "robot"]).refused(1);
    server.cli(&["user", "set", "robot", "--admin"]).refused(1);
    server.cli(&["user", "set", "robot", "--email", "robot@example.com"]).refused(1);
    server.cli(&["user", "app-password", "alice"]).refused(1);
    server.cli(&["user", "create", "other", "--service-account", "--admin"]).refused(2);
    server.cli(&["app", "set", &app.slug, "--service-account", "alice"]).refused(1);
    server.cli(&["app", "set", &app.slug, "--service-account", "nobody"]).refused(1);
    // Of an administrators' group it is no administrator, who could be the last.
    server.cli(&["group", "create", "root", "--admin"]).ok();
    server.cli(&["group", "add", "root", "robot"]).ok();
    let robot: Value = serde_json::from_str(&server.cli(&["user", "show", "robot", "--json"]).ok()).expect("JSON");
    assert_eq!((&robot["administrator"], &robot["service_account"]), (&json!(false), &json!(true)));
    server.user("boss", &["--admin"]);
    server.cli(&["user", "disable", "boss"]).refused(1);
    assert!(server.cli(&["user", "list"]).ok().lines().any(|l| l.contains("robot") && l.contains("service account")));
    assert_eq!(by_account(&app, &server.http(), "robot", &password).status, 200);
}

#[test]
fn an_account_that_the_client_could_not_name_is_refused_and_not_a_fault() {
    let (server, app) = robot_and_app(&["--subject-mode", "user_email"]);
    assert_eq!(oauth_error(&by_secret(&app, &server.http(), "openid"), 400), "invalid_grant");
    server.cli(&["app", "set", &app.slug, "--subject-mode", "user_username"]).ok();
    let tokens = Tokens::of(&by_secret(&app, &server.http(), "openid"));
    assert_eq!(tokens.id_claims()["sub"], "robot");
}

#[test]
fn administrators_make_them_and_their_app_passwords_on_pages() {
    let server = Server::start();
    server.user("alice", &["--admin"]);
    let app = app_with(&server, &["--client-credentials", "on"]);
    let mut admin = Browser::signed_in(&server, "alice");
    assert!(admin.open("/if/admin/users/").body.contains("/if/admin/users/new-service-account/"));
    let page = admin.open("/if/admin/users/new-service-account/");
    let form = HtmlForm::find(&page, "/if/admin/users/new-service-account/");
    form.send(&mut admin).expect(422);
    let page = admin.open("/if/admin/users/new-service-account/");
    let form = HtmlForm::find(&page, "/if/admin/users/new-service-account/").with("username", "robot");
    let made = form.send(&mut admin).expect(303);
    let at = made.location().split('?').next().expect("a path").to_owned();
    let page = admin.open(&at);
    assert!(page.body.contains("service account") && !page.body.contains("id=\"make-link\""), "{page:?}");
    let to = format!("{at}app-passwords/");
    HtmlForm::find(&page, &to).with("label", "").send(&mut admin).expect(422);
    let shown =
        HtmlForm::find(&page, &to).with("label", "mower <b>").with("valid_for", "90d").send(&mut admin).expect(200);
    let password = shown.body.split("id=\"app-password\"").nth(1).and_then(|b| b.split('>').nth(1)).expect("shown");
    let password = password.split('<').next().expect("its end").to_owned();
    let tokens = Tokens::of(&by_account(&app, &server.http(), "robot", &password));
    let page = admin.open(&at);
    assert!(!page.body.contains(&password), "this once");
    assert!(page.body.contains("mower &#60;b&#62;") && page.body.contains("last used"), "{page:?}");
    HtmlForm::find(&page, &format!("{at}app-passwords/revoke/")).send(&mut admin).expect(303);
    assert_eq!(app.userinfo(&server.http(), &tokens.access).status, 401);
    let kinds: Vec<Value> = server.events().into_iter().map(|e| e["kind"].clone()).collect();
    for kind in ["app_password_created", "app_password_revoked"] {
        assert!(kinds.contains(&json!(kind)), "{kind}: {kinds:?}");
    }
    // Saved as it is, it stays what it is.
    let page = admin.open(&at);
    HtmlForm::find(&page, &at).with("name", "The robot").send(&mut admin).expect(303);
    let page = admin.open("/if/admin/providers/1/edit/");
    let form = HtmlForm::find(&page, "/if/admin/providers/1/edit/");
    assert_eq!(form.value("client_credentials"), "on");
    form.with("service_account", "robot").send(&mut admin).expect(303);
    assert_eq!(by_secret(&app, &server.http(), "openid").status, 200);
}
