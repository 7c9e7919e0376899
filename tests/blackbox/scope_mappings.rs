//! What scope mappings tell, and what they cannot; and their pages.

use serde_json::{Value, json};

use crate::support::{App, Browser, HtmlForm, Server, Tokens};

/// Alice, who has attributes, and an application that is offered the scope `house`.
fn house_and_app(options: &[&str]) -> (Server, App) {
    let server = Server::start();
    server.alice();
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["group", "add", "family", "alice"]).ok();
    let mut all = vec!["--redirect-uri", "https://wiki.example/callback"];
    for scope in ["openid", "profile", "email", "house"] {
        all.extend(["--scope", scope]);
    }
    all.extend(options);
    let app = server.app("Wiki", &all);
    (server, app)
}

fn mapping(server: &Server, name: &str, scope: &str, expression: &str) {
    server.cli(&["scope-mapping", "create", name, "--scope", scope, "--expression", expression]).ok();
}

/// What the ID token and userinfo tell, which must be the same.
fn told(server: &Server, app: &App, scope: &str, more: &[(&str, &str)]) -> (Value, Tokens) {
    let mut browser = Browser::signed_in(server, "alice");
    let code = app.code(&mut browser, &[&[("scope", scope)], more].concat());
    let tokens = Tokens::of(&app.redeem(&server.http(), &code, &[]));
    let userinfo = app.userinfo(&server.http(), &tokens.access).expect(200).json();
    let id = tokens.id_claims();
    for (name, value) in userinfo.as_object().expect("an object") {
        assert_eq!(&id[name], value, "{name}");
    }
    (userinfo, tokens)
}

#[test]
fn a_custom_scope_tells_its_claims_in_the_id_token_and_at_userinfo_alike() {
    let (server, app) = house_and_app(&[]);
    mapping(&server, "room", "house", "{'room': 4, 'groups': user.groups|map('upper')|list, 'at': application.slug}");
    mapping(&server, "room-later", "house", "{'room': 5, 'nothing': none}");
    mapping(&server, "nick", "profile", "{'nickname': user.username|upper}");
    let (claims, _) = told(&server, &app, "openid house", &[]);
    assert_eq!((&claims["room"], &claims["groups"], &claims["at"]), (&json!(5), &json!(["FAMILY"]), &json!("wiki")));
    assert!(claims.get("nothing").is_none() && claims.get("nickname").is_none());
    let (claims, tokens) = told(&server, &app, "openid profile offline_access", &[]);
    assert_eq!((&claims["nickname"], &claims["groups"]), (&json!("ALICE"), &json!(["family"])));
    assert!(claims.get("room").is_none());
    // A change counts from the next use on.
    server.cli(&["scope-mapping", "set", "nick", "--expression", "{'nickname': 'ally'}"]).ok();
    assert_eq!(app.userinfo(&server.http(), &tokens.access).json()["nickname"], "ally");
    let refreshed = Tokens::of(&app.refresh(&server.http(), tokens.refresh.as_deref().unwrap(), &[]));
    assert_eq!(refreshed.id_claims()["nickname"], "ally");
    server.cli(&["scope-mapping", "delete", "nick"]).ok();
    assert!(app.userinfo(&server.http(), &refreshed.access).json().get("nickname").is_none());
}

#[test]
fn a_scope_that_is_not_offered_tells_nothing() {
    let (server, app) = house_and_app(&[]);
    mapping(&server, "garden", "garden", "{'tree': 'oak'}");
    let (claims, tokens) = told(&server, &app, "openid garden", &[]);
    assert!(claims.get("tree").is_none());
    assert_eq!(tokens.json["scope"], "openid");
}

#[test]
fn claims_asked_for_by_name_are_told_as_their_mapping_says_and_custom_ones_need_their_scope() {
    let (server, app) = house_and_app(&[]);
    mapping(&server, "mail", "email", "{'email': 'mapped@example.com', 'more': 1}");
    mapping(&server, "room", "house", "{'room': 4}");
    let asked = r#"{"userinfo": {"email": null, "room": null}, "id_token": {"email": null, "room": null}}"#;
    let (claims, _) = told(&server, &app, "openid", &[("claims", asked)]);
    assert_eq!(claims["email"], "mapped@example.com");
    assert!(claims.get("room").is_none() && claims.get("more").is_none(), "{claims}");
}

#[test]
fn no_mapping_sets_a_protected_claim() {
    let (mut server, app) = house_and_app(&[]);
    let names = [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "azp",
        "nonce",
        "at_hash",
        "c_hash",
        "s_hash",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "client_id",
        "scope",
        "typ",
        "cnf",
        "events",
        "act",
    ];
    let (before, tokens) = told(&server, &app, "openid house", &[("nonce", "n-1")]);
    let id_before = tokens.id_claims();
    let pairs: Vec<String> = names.iter().map(|n| format!("'{n}': 'stolen'")).collect();
    mapping(&server, "thief", "house", &format!("{{{}, 'room': 4}}", pairs.join(", ")));
    let (claims, tokens) = told(&server, &app, "openid house", &[("nonce", "n-1")]);
    assert_eq!((&claims["sub"], &claims["room"]), (&before["sub"], &json!(4)));
    assert_eq!(claims.as_object().unwrap().len(), before.as_object().unwrap().len() + 1, "{claims}");
    let id = tokens.id_claims();
    for name in names {
        assert_ne!(id[name], "stolen", "{name}");
        assert_eq!(id.get(name).is_some(), id_before.get(name).is_some(), "{name}");
    }
    assert_eq!((&id["sub"], &id["iss"], &id["aud"]), (&id_before["sub"], &id_before["iss"], &id_before["aud"]));
    server.stop();
    let failed: Vec<_> = server.events().into_iter().filter(|e| e["kind"] == "scope_mapping_failed").collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0]["details"]["reason"].as_str().unwrap().contains("sub"), "{failed:?}");
}

#[test]
fn a_mapping_that_fails_is_left_out_and_said_once_and_breaks_nothing() {
    let (mut server, app) = house_and_app(&[]);
    mapping(&server, "broken", "house", "{'team': user.attributes.team}");
    mapping(
        &server,
        "bomb",
        "house",
        "{'x': 'x' ~ (user.groups|join)|replace('', 'xxxxxxxx')|replace('', 'xxxxxxxx')|replace('x', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy')}",
    );
    mapping(&server, "good", "house", "{'room': 4}");
    let (claims, _) = told(&server, &app, "openid house profile", &[]);
    assert_eq!((&claims["room"], &claims["name"]), (&json!(4), &json!("Alice Liddell")));
    assert!(claims.get("team").is_none() && claims.get("x").is_none());
    server.stop();
    let failed: Vec<_> = server.events().into_iter().filter(|e| e["kind"] == "scope_mapping_failed").collect();
    assert_eq!(failed.len(), 2, "once each, for the ID token and userinfo together: {failed:?}");
    let team = failed.iter().find(|e| e["details"]["scope_mapping"] == "broken").expect("the broken one");
    assert_eq!((&team["username"], &team["details"]["application"]), (&json!("alice"), &json!("wiki")));
    assert!(team["details"]["reason"].as_str().unwrap().contains("undefined"), "{team}");
}

#[test]
fn the_consent_page_says_what_a_custom_scope_is() {
    let (server, app) = house_and_app(&["--consent", "explicit"]);
    let evil = "Which <script>alert(1)</script> room is yours";
    server
        .cli(&[
            "scope-mapping",
            "create",
            "room",
            "--scope",
            "house",
            "--description",
            evil,
            "--expression",
            "{'room': 4}",
        ])
        .ok();
    let mut browser = Browser::signed_in(&server, "alice");
    let page = browser.open(&app.authorize_url(&[("scope", "openid house")]));
    assert!(page.body.contains("Which &#60;script&#62;") && !page.body.contains("<script>alert"), "{page:?}");
}

fn admin() -> (Server, Browser) {
    let server = Server::start();
    server.user("admin-of-all", &["--admin"]);
    server.alice();
    let browser = Browser::signed_in(&server, "admin-of-all");
    (server, browser)
}

#[test]
fn a_scope_mapping_is_made_previewed_changed_and_deleted_on_its_pages() {
    let (server, mut browser) = admin();
    assert!(browser.get("/if/admin/scope-mappings/").expect(200).body.contains("No scope mappings yet"));
    let new = "/if/admin/scope-mappings/new/";
    let page = browser.get(new).expect(200);
    let form = HtmlForm::find(&page, new)
        .with("name", "room")
        .with("scope", "house")
        .with("description", "Your room")
        .with("expression", "{'room': 4, 'name': user.name, 'sub': 'x'}");
    let tried = form.clone().with("user", "alice").with("act", "try").send(&mut browser).expect(200);
    assert!(tried.body.contains("Alice Liddell") && tried.body.contains("&#34;room&#34;: 4"), "{tried:?}");
    assert!(tried.body.contains("no scope mapping may set them: sub"), "{tried:?}");
    let form = HtmlForm::find(&tried, new);
    assert_eq!((form.value("description"), form.value("user")), ("Your room", "alice"));
    let made = form.with("act", "save").send(&mut browser).expect(303);
    let at = made.location().to_owned();
    assert!(browser.follow(made).body.contains("No provider offers this scope."));
    server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", "openid", "--scope", "house"]);
    let page = browser.get(&at).expect(200);
    assert!(page.body.contains("<bdi>Wiki</bdi>"), "{page:?}");
    let saved = HtmlForm::find(&page, &at).with("name", "chamber").send(&mut browser).expect(303);
    assert!(browser.follow(saved).body.contains("Saved the scope mapping chamber."));
    let page = browser.get(&format!("{at}delete/")).expect(200);
    assert!(page.body.contains("<bdi>Wiki</bdi>"), "{page:?}");
    let deleted = HtmlForm::find(&page, &format!("{at}delete/")).send(&mut browser).expect(303);
    assert!(browser.follow(deleted).body.contains("Deleted the scope mapping chamber."));
    assert_eq!(browser.get(&at).status, 404);
    let events = server.events();
    for kind in ["scope_mapping_created", "scope_mapping_changed", "scope_mapping_deleted"] {
        assert!(events.iter().any(|e| e["kind"] == kind && e["details"]["by"] == "admin-of-all"), "{kind}");
    }
}

#[test]
fn bad_input_is_explained_at_its_field_and_nothing_is_lost() {
    let (server, mut browser) = admin();
    mapping(&server, "room", "house", "{}");
    let new = "/if/admin/scope-mappings/new/";
    let page = browser.get(new).expect(200);
    let long = "x".repeat(201);
    for (field, value, words) in [
        ("name", "Room", "There is a scope mapping room already"),
        ("name", " ", "A name has 1 to 150 characters"),
        ("scope", "", "The name of a scope"),
        ("scope", "two words", "The name of a scope"),
        ("scope", "a\"b", "The name of a scope"),
        ("description", &long, "The description has at most 200"),
        ("expression", "{'a': usr}", "There is no usr."),
        ("expression", "{'a': 1", "This cannot be read"),
    ] {
        let form = HtmlForm::find(&page, new)
            .with("name", "garden")
            .with("scope", "outside")
            .with("description", "The <garden>")
            .with("expression", "{'tree': \"oak\"}")
            .with("act", "save")
            .with(field, value);
        let answer = form.clone().send(&mut browser);
        assert_eq!(answer.status, 422, "{field}={value:.30}: {answer:?}");
        let said = answer.body.split(&format!("id=\"{field}-wrong\"")).nth(1).unwrap_or_default();
        assert!(said[..400.min(said.len())].contains(words), "{field}={value:.30}: {said:.300}");
        let again = HtmlForm::find(&answer, new);
        for kept in ["name", "scope", "description", "expression"] {
            assert_eq!(again.value(kept), form.value(kept), "{kept} after {field}={value:.30}");
        }
    }
    let not_a_map = HtmlForm::find(&page, new).with("expression", "[1]").with("user", "alice").with("act", "try");
    let answer = not_a_map.send(&mut browser).expect(200);
    assert!(answer.body.contains("The expression yields a list"), "{answer:?}");
}
