//! The standard claims of a person (OpenID Connect Core section 5.1): stored and changed on the pages and by command, told
//! by their scopes.

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::client::claims;
use crate::support::oauth::alice_and_app;
use crate::support::{App, HtmlForm, Server, Tokens};

const SCOPES: &str = "openid profile email phone address";

/// Alice, an administrator, and an application that may ask for everything.
fn house() -> (Server, App) {
    let (server, app) = alice_and_app(&["--scope", SCOPES]);
    server.user("keeper", &["--admin"]);
    (server, app)
}

/// What userinfo and the ID token tell of alice; they agree.
#[track_caller]
fn told(app: &App, alice: &mut Browser) -> Value {
    let tokens = app.tokens(alice, SCOPES);
    let userinfo = app.userinfo(&alice.http, &tokens.access).expect(200).json();
    let id = tokens.id_claims();
    for (name, value) in userinfo.as_object().expect("an object") {
        assert_eq!(&id[name], value, "{name}");
        assert!(!value.is_null() && value != "" && value != &json!({}), "{name}: absent ones are absent");
    }
    userinfo
}

/// The page and the action of alice's form, among the users of the Admin interface.
fn page_of_alice(keeper: &mut Browser) -> (HtmlForm, String) {
    let list = keeper.get("/if/admin/users/?q=alice").expect(200);
    let at = list.body.split("href=\"/if/admin/users/").filter_map(|t| t.split('"').next());
    let id = at.map(|t| t.trim_end_matches('/')).find(|t| t.parse::<i64>().is_ok()).expect("a user").to_owned();
    let at = format!("/if/admin/users/{id}/");
    (HtmlForm::find(&keeper.get(&at).expect(200), &at), at)
}

const TYPED: [(&str, &str); 14] = [
    ("middle_name", "Pleasance"),
    ("nickname", "Al"),
    ("gender", "female"),
    ("birthdate", "1852-05-04"),
    ("zoneinfo", "Europe/London"),
    ("profile", "https://alice.example/about"),
    ("website", "https://alice.example/"),
    ("phone_number", "+44 (0)20 7946-0018"),
    ("formatted", "Alice Liddell\r\nChrist Church\r\nOxford OX1 1DP"),
    ("street_address", "Christ Church\r\nTom Quad"),
    ("postal_code", "OX1 1DP"),
    ("locality", "Oxford"),
    ("region", "Oxfordshire"),
    ("country", "United Kingdom"),
];

fn all_that_was_typed() -> Value {
    json!({
        "middle_name": "Pleasance", "nickname": "Al", "gender": "female", "birthdate": "1852-05-04",
        "zoneinfo": "Europe/London", "profile": "https://alice.example/about", "website": "https://alice.example/",
        "phone_number": "+442079460018", "phone_number_verified": true,
        "address": {
            "formatted": "Alice Liddell\nChrist Church\nOxford OX1 1DP", "street_address": "Christ Church\nTom Quad",
            "postal_code": "OX1 1DP", "locality": "Oxford", "region": "Oxfordshire", "country": "United Kingdom",
        },
    })
}

#[track_caller]
fn tells(told: &Value, expected: &Value) {
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&told[name], value, "{name}");
    }
}

#[test]
fn every_standard_claim_is_kept_on_the_user_s_page_and_told_by_its_scope() {
    // Core sections 5.1, 5.1.1, 5.3.2 and 5.4.
    let (server, app) = house();
    let (mut keeper, mut alice) = (Browser::signed_in(&server, "keeper"), Browser::signed_in(&server, "alice"));
    let before = told(&app, &mut alice);
    for absent in all_that_was_typed().as_object().expect("an object").keys() {
        assert!(before.get(absent).is_none(), "{absent}: {before}");
    }
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let (mut form, at) = page_of_alice(&mut keeper);
    for (name, value) in TYPED {
        form = form.with(name, value);
    }
    form.with("phone_number_verified", "on").send(&mut keeper).expect(303);
    let after = told(&app, &mut alice);
    tells(&after, &all_that_was_typed());
    let updated = |claims: &Value| claims["updated_at"].as_i64().expect("a number");
    assert!(updated(&after) > updated(&before), "Core section 5.1: when what is told was changed last");
    // Each by its own scope and no other.
    for (scope, own) in [
        ("openid", &[][..]),
        ("openid phone", &["phone_number", "phone_number_verified"]),
        ("openid address", &["address"]),
    ] {
        let tokens = app.tokens(&mut alice, scope);
        let told = app.userinfo(&alice.http, &tokens.access).expect(200).json();
        let names: Vec<&str> =
            told.as_object().expect("an object").keys().map(String::as_str).filter(|n| *n != "sub").collect();
        assert_eq!(names, own, "{scope}");
    }
    // The form shows what is kept, and saving it again changes nothing; a field that is emptied is told no more.
    let (form, _) = page_of_alice(&mut keeper);
    assert_eq!(
        (form.value("phone_number"), form.value("street_address")),
        ("+442079460018", "Christ Church\nTom Quad")
    );
    form.send(&mut keeper).expect(303);
    tells(&told(&app, &mut alice), &all_that_was_typed());
    let (form, _) = page_of_alice(&mut keeper);
    let form =
        ["formatted", "street_address", "postal_code", "locality", "region"].iter().fold(form, |f, n| f.with(n, ""));
    form.with("nickname", " ").with("phone_number", "").send(&mut keeper).expect(303);
    let less = told(&app, &mut alice);
    assert_eq!(less["address"], json!({"country": "United Kingdom"}));
    for gone in ["nickname", "phone_number", "phone_number_verified"] {
        assert!(less.get(gone).is_none(), "{gone}: {less}");
    }
    let event = server.events().into_iter().rfind(|e| e["kind"] == "user_changed").expect("an event");
    assert!(!event.to_string().contains("United Kingdom"), "the events need no addresses: {event}");
    assert!(keeper.get(&at).expect(200).body.contains("id=\"more-about\""));
}

#[test]
fn what_does_not_do_is_explained_at_its_field_and_nothing_is_lost() {
    let (server, _) = house();
    let mut keeper = Browser::signed_in(&server, "keeper");
    let mut alice = Browser::signed_in(&server, "alice");
    let (form, _) = page_of_alice(&mut keeper);
    let own = HtmlForm::find(&alice.get("/if/user/").expect(200), "/if/user/");
    for (field, value, words) in [
        ("birthdate", "4 May 1852", "1990-12-31"),
        ("birthdate", "1852-02-30", "1990-12-31"),
        ("zoneinfo", "<b>London</b>", "Europe/Berlin"),
        ("website", "javascript:alert(1)", "no web address"),
        ("profile", "alice.example", "no web address"),
        ("phone_number", "020 7946 0018", "number of the country"),
        ("nickname", "a\u{1b}b", "150 characters"),
        ("country", &"x".repeat(151), "150 characters"),
        ("formatted", &"x".repeat(501), "at most 500"),
    ] {
        for (form, browser) in [(&form, &mut keeper), (&own, &mut alice)] {
            let answer = form.clone().with("gender", "typed <i>here</i>").with(field, value).send(browser).expect(422);
            assert!(
                answer.body.contains(&format!("id=\"{field}-wrong\"")) && answer.body.contains(words),
                "{answer:?}"
            );
            assert!(answer.body.contains("id=\"more-about\" open"), "the fold is open: {answer:?}");
            assert!(!answer.body.contains("<b>London") && !answer.body.contains("<i>here"), "{answer:?}");
            assert_eq!(HtmlForm::find(&answer, &form.action).value("gender"), "typed <i>here</i>");
        }
    }
    let shown: Value = serde_json::from_str(&server.cli(&["user", "show", "alice", "--json"]).ok()).expect("JSON");
    assert_eq!(shown["claims"], json!({}), "nothing was kept");
    form.with("gender", "female").send(&mut keeper).expect(303);
}

#[test]
fn the_command_line_sets_the_same_and_shows_it() {
    let (server, app) = house();
    let mut alice = Browser::signed_in(&server, "alice");
    let options: Vec<String> =
        TYPED.iter().map(|(name, value)| format!("--{}={}", name.replace('_', "-"), value.replace('\r', ""))).collect();
    let mut arguments = vec!["user", "set", "alice", "--phone-number-verified"];
    arguments.extend(options.iter().map(String::as_str));
    server.cli(&arguments).ok();
    tells(&told(&app, &mut alice), &all_that_was_typed());
    let shown: Value = serde_json::from_str(&server.cli(&["user", "show", "alice", "--json"]).ok()).expect("JSON");
    assert_eq!(shown["claims"], all_that_was_typed());
    let text = server.cli(&["user", "show", "alice"]).ok();
    for words in ["+442079460018 (verified)", "Christ Church, Tom Quad", "1852-05-04"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let words = server.cli(&["user", "set", "alice", "--birthdate", "soon", "--website", "x"]).refused(2);
    assert!(words.contains("--birthdate:") && words.contains("--website:"), "{words}");
    server.cli(&["user", "set", "alice", "--nickname", ""]).ok();
    let less = told(&app, &mut alice);
    assert!(less.get("nickname").is_none() && less["birthdate"] == "1852-05-04", "{less}");
    server.cli(&["user", "create", "bob", "--nickname", "Bobby", "--country", "DE"]).ok();
    assert!(server.cli(&["user", "show", "bob"]).ok().contains("Bobby"));
    let words = server.cli(&["user", "set", "alice", "--locale", "xx"]).refused(2);
    assert!(words.contains("--locale:") && less.get("locale").is_none(), "{words} {less}");
    server.cli(&["user", "set", "alice", "--locale", "de"]).ok();
    assert_eq!(told(&app, &mut alice)["locale"], "de");
}

#[test]
fn people_change_their_own_and_a_number_that_they_changed_is_not_verified() {
    let (server, app) = house();
    server.cli(&["user", "set", "alice", "--phone-number", "+44 20 7946 0018", "--phone-number-verified"]).ok();
    let mut alice = Browser::signed_in(&server, "alice");
    let number = |told: &Value| (told["phone_number"].clone(), told["phone_number_verified"].clone());
    let own = |alice: &mut Browser| HtmlForm::find(&alice.get("/if/user/").expect(200), "/if/user/");
    let form = own(&mut alice);
    assert!(!form.fields.iter().any(|(name, _)| name == "phone_number_verified"), "{form:?}");
    // The same number, however it is written, stays so.
    form.with("nickname", "Al").with("phone_number", "0044 20 79 46 00 18").send(&mut alice).expect(303);
    let now = told(&app, &mut alice);
    assert_eq!((number(&now), &now["nickname"]), ((json!("+442079460018"), json!(true)), &json!("Al")));
    // Another is not, whatever is sent beside it.
    for more in ["phone_number_verified", "email_verified", "groups", "sub"] {
        own(&mut alice).with("phone_number", "+44 20 7946 0099").with(more, "on").send(&mut alice).expect(303);
    }
    assert_eq!(number(&told(&app, &mut alice)), (json!("+442079460099"), json!(false)));
    server.cli(&["user", "set", "alice", "--phone-number-verified"]).ok();
    assert_eq!(number(&told(&app, &mut alice)).1, true, "the twin");
    let event = server.events().into_iter().rfind(|e| e["kind"] == "account_changed").expect("an event");
    assert!(!event.to_string().contains("7946"), "{event}");
}

#[test]
fn attributes_of_these_names_count_where_nothing_else_is_known() {
    let (server, app) = house();
    let (mut keeper, mut alice) = (Browser::signed_in(&server, "keeper"), Browser::signed_in(&server, "alice"));
    let attributes = r#"{"zoneinfo": "Europe/Berlin", "phone_number": "+49 30 1", "phone_number_verified": true,
        "address": {"country": "DE", "locality": "Berlin"}, "website": 5}"#;
    page_of_alice(&mut keeper).0.with("attributes", attributes).send(&mut keeper).expect(303);
    let by_attributes = json!({
        "zoneinfo": "Europe/Berlin", "phone_number": "+49 30 1", "phone_number_verified": true,
        "address": {"country": "DE", "locality": "Berlin"},
    });
    let first = told(&app, &mut alice);
    tells(&first, &by_attributes);
    assert!(first.get("website").is_none(), "of another type: {first}");
    let own = |alice: &mut Browser| HtmlForm::find(&alice.get("/if/user/").expect(200), "/if/user/");
    let typed = [("zoneinfo", "Europe/Paris"), ("phone_number", "+33 1 23 45 67 89"), ("country", "FR")];
    typed.iter().fold(own(&mut alice), |f, (n, v)| f.with(n, v)).send(&mut alice).expect(303);
    let by_fields = json!({
        "zoneinfo": "Europe/Paris", "phone_number": "+33123456789", "phone_number_verified": false,
        "address": {"country": "FR"},
    });
    tells(&told(&app, &mut alice), &by_fields);
    typed.iter().fold(own(&mut alice), |f, (n, _)| f.with(n, "")).send(&mut alice).expect(303);
    tells(&told(&app, &mut alice), &by_attributes);
}

#[test]
fn phone_and_address_are_told_where_the_provider_offers_them_and_discovery_says_so() {
    let (server, app) = alice_and_app(&["--consent", "explicit"]);
    server.cli(&["user", "set", "alice", "--phone-number", "+44 20 7946 0018", "--country", "GB"]).ok();
    let mut alice = Browser::signed_in(&server, "alice");
    let discovery = || server.http().get("/application/o/app/.well-known/openid-configuration").json();
    let says =
        |found: &Value, list: &str, word: &str| found[list].as_array().expect("a list").iter().any(|v| v == word);
    let asked = [("scope", "openid phone address")];
    let page = alice.open(&app.authorize_url(&asked));
    assert!(!page.body.contains("Your phone number") && page.body.contains("id=\"consent-allow\""), "{page:?}");
    for (list, word) in
        [("scopes_supported", "phone"), ("claims_supported", "phone_number"), ("claims_supported", "address")]
    {
        assert!(!says(&discovery(), list, word), "{word}");
    }
    server.cli(&["app", "set", "app", "--scope", "openid phone address"]).ok();
    let found = discovery();
    for (list, word) in [
        ("scopes_supported", "phone"),
        ("claims_supported", "phone_number"),
        ("claims_supported", "phone_number_verified"),
        ("claims_supported", "address"),
        ("claims_supported", "groups"),
        ("claims_supported", "sub"),
    ] {
        assert!(says(&found, list, word), "{word}: {found}");
    }
    for word in ["email", "name", "zoneinfo", "c_hash"] {
        assert!(!says(&found, "claims_supported", word), "{word}: {found}");
    }
    let page = alice.open(&app.authorize_url(&asked));
    assert!(page.body.contains("Your phone number") && page.body.contains("Your postal address"), "{page:?}");
    let left = alice.submit(&page, &[("decision", "allow")]);
    let code = alice.follow(left).location_param("code").expect("a code");
    let tokens = Tokens::of(&app.redeem(&alice.http, &code, &[]));
    let told = claims(tokens.id.as_deref().expect("an ID token"));
    assert_eq!((&told["phone_number"], &told["address"]), (&json!("+442079460018"), &json!({"country": "GB"})));
}
