//! Applications > Create with Provider, as the guides tell it: step by step, nothing stored before the end, nothing lost.

use crate::support::{Answer, App, Browser, HtmlForm, Server};

const AT: &str = "/if/admin/applications/new/";
const HOSTILE: &str = "<script>alert(1)</script>\"'";

fn house() -> (Server, Browser) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let browser = Browser::signed_in(&server, "keeper");
    (server, browser)
}

/// Presses a button of the step that is shown, after typing.
fn press(browser: &mut Browser, page: &Answer, go: &str, typed: &[(&str, &str)]) -> Answer {
    let mut form = HtmlForm::find(page, AT);
    for (name, value) in typed {
        form = form.with(name, value);
    }
    form.with("go", go).send(browser)
}

fn heading(page: &Answer) -> String {
    page.body.split("<h2>").nth(1).and_then(|t| t.split('<').next()).unwrap_or_default().to_owned()
}

/// To the step with this heading, with what the preset and the name suggest.
fn up_to(browser: &mut Browser, step: &str, typed: &[(&str, &str)]) -> Answer {
    let mut page = browser.get(AT).expect(200);
    while heading(&page) != step {
        let own: Vec<_> = {
            let form = HtmlForm::find(&page, AT);
            typed.iter().filter(|(name, _)| form.fields.iter().any(|(n, _)| n == name)).copied().collect()
        };
        page = press(browser, &page, "next", &own).expect(200);
    }
    page
}

#[test]
fn portainer_needs_nothing_but_its_address() {
    let (server, mut browser) = house();
    let typed = [("preset", "portainer"), ("app_url", "https://portainer.company")];
    let page = up_to(&mut browser, "Review and Submit", &typed);
    for shown in ["Portainer", "portainer", "https://portainer.company/", "everybody"] {
        assert!(page.body.contains(shown), "{shown}: {page:?}");
    }
    assert!(server.cli(&["app", "list", "--json"]).ok().trim() == "[]", "nothing is stored before the end");
    let form = HtmlForm::find(&page, AT);
    let made = press(&mut browser, &page, "submit", &[]).expect(303);
    assert!(made.location().starts_with("/if/admin/providers/1"), "{made:?}");
    let shown: serde_json::Value =
        serde_json::from_str(&server.cli(&["app", "show", "portainer", "--reveal", "--json"]).ok()).expect("JSON");
    assert_eq!(shown["client_id"], form.value("client_id"));
    assert_eq!(shown["client_secret"], form.value("client_secret"));
    assert_eq!(form.value("client_id").len(), 40);
    assert!(form.value("client_secret").len() >= 64);
    assert_eq!(shown["redirect_uris"], serde_json::json!(["https://portainer.company/", "https://portainer.company"]));
    let app = App::from_json(&server.cli(&["app", "show", "portainer", "--reveal", "--json"]).ok());
    let mut alice = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut alice, "openid email profile");
    let claims = app.userinfo(&alice.http, &tokens.access).expect(200).json();
    assert_eq!(claims["preferred_username"], "alice");
    let events = server.events();
    let created = events.iter().find(|e| e["kind"] == "application_created").expect("an event");
    assert_eq!(
        (&created["details"]["by"], &created["details"]["application"]),
        (&"keeper".into(), &"portainer".into())
    );
    assert!(!format!("{events:?}").contains(form.value("client_secret")), "a secret in the events");
}

#[test]
fn gravitee_needs_nothing_but_its_address() {
    let (server, mut browser) = house();
    let typed = [("preset", "gravitee"), ("app_url", "https://gravitee.company/")];
    let page = up_to(&mut browser, "Review and Submit", &typed);
    press(&mut browser, &page, "submit", &[]).expect(303);
    let shown: serde_json::Value =
        serde_json::from_str(&server.cli(&["app", "show", "gravitee", "--json"]).ok()).expect("JSON");
    let uris = shown["redirect_uris"].as_array().expect("a list");
    for path in ["/console", "/console/", "", "/", "/user/login", "/log-in"] {
        assert!(uris.contains(&format!("https://gravitee.company{path}").into()), "{path}: {uris:?}");
    }
    let logout = shown["post_logout_uris"].as_array().expect("a list");
    assert!(logout.contains(&"https://gravitee.company/console#!/_login".into()), "{logout:?}");
}

#[test]
fn anything_else_is_described_in_full() {
    let (server, mut browser) = house();
    server.cli(&["group", "create", "family"]).ok();
    let typed = [("preset", "generic"), ("app_url", ""), ("name", "Our Wiki"), ("app_group", "House")];
    let page = up_to(&mut browser, "Configure Provider", &typed);
    assert_eq!(HtmlForm::find(&page, AT).value("provider_name"), "Our Wiki");
    let provider = [
        ("provider_name", "Wiki provider"),
        ("consent", "explicit"),
        ("client_id", "wiki"),
        ("client_secret", "a-secret-of-our-own-1"),
        ("uri", "https://wiki.example/callback"),
        ("signing_key", "ES256"),
        ("scope", "openid email profile groups"),
        ("subject_mode", "user_username"),
        ("pkce", "required"),
        ("response_types", "hybrid"),
        ("claims_in_id_token", "off"),
        ("sign_userinfo", "on"),
        ("access_token_validity", "2h"),
    ];
    let page = press(&mut browser, &page, "next", &provider).expect(200);
    assert_eq!(heading(&page), "Configure Bindings");
    let page = press(&mut browser, &page, "next", &[("bind_kind", "group"), ("bind_name", "family")]).expect(200);
    press(&mut browser, &page, "submit", &[]).expect(303);
    let shown: serde_json::Value =
        serde_json::from_str(&server.cli(&["provider", "show", "Wiki provider", "--json"]).ok()).expect("JSON");
    for (field, value) in [
        ("application", "our-wiki"),
        ("client_id", "wiki"),
        ("authorization_flow", "explicit"),
        ("scopes", "openid email profile groups"),
        ("signing_key", "ES256"),
        ("subject_mode", "user_username"),
        ("pkce", "required"),
        ("response_types", "hybrid"),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    assert_eq!(shown["sign_userinfo"], true);
    assert_eq!((&shown["access_token_validity"], &shown["claims_in_id_token"]), (&7200.into(), &false.into()));
    let list = server.cli(&["app", "list"]).ok();
    assert!(list.contains("group family"), "{list}");
    server.cli(&["app", "check-access", "our-wiki", "alice"]).refused(1);
    server.cli(&["group", "add", "family", "alice"]).ok();
    server.cli(&["app", "check-access", "our-wiki", "alice"]).ok();
}

#[test]
fn a_step_with_a_mistake_is_shown_again_with_everything_that_was_typed() {
    let (server, mut browser) = house();
    server.cli(&["app", "create", "Taken", "--redirect-uri", "https://t.example/", "--client-id", "taken-id"]).ok();
    let cases: [(&str, &str, &str, &str, &str); 14] = [
        ("Preset", "app_url", "portainer.company", "app_url", "not an application&#39;s address"),
        ("Preset", "app_url", "", "app_url", "needs the address"),
        ("Application", "name", " ", "name", "1 to 150 characters"),
        ("Application", "slug", "Not A Slug", "slug", "small letters"),
        ("Application", "slug", "taken", "slug", "There is an application taken already"),
        ("Application", "slug", "token", "slug", "one of the provider&#39;s own addresses"),
        ("Application", "launch_url", "javascript:alert(1)", "launch_url", "is not an address that people can open"),
        ("Configure Provider", "provider_name", "Taken", "provider_name", "There is a provider Taken already"),
        ("Configure Provider", "client_id", "taken-id", "client_id", "There is a client taken-id already"),
        ("Configure Provider", "client_secret", "short", "client_secret", "16 to 512"),
        ("Configure Provider", "uri", "javascript:alert(1)", "uri-0", "never a way back"),
        ("Configure Provider", "code_validity", "1h", "code_validity", "10 minutes at most"),
        ("Configure Provider", "scope", "  ", "scope", "Expected scope names"),
        ("Configure Bindings", "bind_name", "nobody", "bind_name-0", "There is no group nobody."),
    ];
    for (step, field, value, at, words) in cases {
        let typed = [("preset", "portainer"), ("app_url", "https://p.example"), ("publisher", "Us & them")];
        let page = up_to(&mut browser, step, &typed);
        let before = HtmlForm::find(&page, AT).with(field, value);
        let answer = before.clone().with("go", "next").send(&mut browser);
        assert_eq!(answer.status, 422, "{field}={value}: {answer:?}");
        assert_eq!(heading(&answer), step, "{field}={value}");
        let problem = answer.body.split(&format!("id=\"{at}-wrong\">")).nth(1).and_then(|t| t.split('<').next());
        assert!(problem.is_some_and(|p| p.contains(words)), "{field}={value}: {problem:?} in {answer:?}");
        let after = HtmlForm::find(&answer, AT);
        for (name, value) in &before.fields {
            assert!(after.fields.contains(&(name.clone(), value.clone())), "{field}: lost {name}={value}");
        }
    }
    assert_eq!(server.cli(&["app", "list", "--json"]).ok().matches("\"slug\"").count(), 1);
}

#[test]
fn back_and_forth_loses_nothing() {
    let (_server, mut browser) = house();
    let typed = [("preset", "portainer"), ("app_url", "https://p.example"), ("description", "a <b> \"c\"\nd")];
    let page = up_to(&mut browser, "Configure Bindings", &typed);
    let page = press(&mut browser, &page, "add-binding", &[("bind_name", "alice"), ("bind_kind", "user")]).expect(200);
    let before = HtmlForm::find(&page, AT);
    assert_eq!(before.fields.iter().filter(|(n, _)| n == "bind_name").count(), 2);
    let mut page = page;
    for step in ["Configure Provider", "Choose a Provider", "Application", "Preset"] {
        page = press(&mut browser, &page, "back", &[]).expect(200);
        assert_eq!(heading(&page), step);
    }
    for step in ["Application", "Choose a Provider", "Configure Provider", "Configure Bindings"] {
        page = press(&mut browser, &page, "next", &[]).expect(200);
        assert_eq!(heading(&page), step);
    }
    let after = HtmlForm::find(&page, AT);
    let own = |form: &HtmlForm| {
        let mut fields: Vec<_> =
            form.fields.iter().filter(|(n, v)| n != "go" && !(n.starts_with("uri") && v.is_empty())).cloned().collect();
        fields.retain(|(n, _)| !n.starts_with("uri_"));
        fields.sort();
        fields
    };
    assert_eq!(own(&after), own(&before));
}

#[test]
fn another_preset_replaces_what_the_first_one_suggested_and_keeps_what_was_typed() {
    let (server, mut browser) = house();
    let typed = [("preset", "portainer"), ("app_url", "https://p.example"), ("publisher", "Us")];
    let mut page = up_to(&mut browser, "Configure Provider", &typed);
    let mut form = HtmlForm::find(&page, AT);
    let empty = form.fields.iter().position(|(n, v)| n == "uri" && v.is_empty()).expect("an empty row");
    form.fields[empty].1 = "https://mine.example/cb".into();
    page = form.with("go", "back").send(&mut browser).expect(200);
    while heading(&page) != "Preset" {
        page = press(&mut browser, &page, "back", &[]).expect(200);
    }
    let gravitee = [("preset", "gravitee"), ("app_url", "https://g.example")];
    page = press(&mut browser, &page, "next", &gravitee).expect(200);
    while heading(&page) != "Review and Submit" {
        page = press(&mut browser, &page, "next", &[]).expect(200);
    }
    press(&mut browser, &page, "submit", &[]).expect(303);
    let shown = server.cli(&["app", "show", "gravitee", "--json"]).ok();
    assert!(shown.contains("https://g.example/console") && shown.contains("https://mine.example/cb"), "{shown}");
    assert!(!shown.contains("p.example") && !shown.to_lowercase().contains("portainer"), "{shown}");
}

#[test]
fn the_review_tells_everything_and_a_binding_made_twice_leads_back_to_it() {
    let (server, mut browser) = house();
    let typed = [("preset", "portainer"), ("app_url", "https://p.example"), ("subject_mode", "user_email")];
    let page = up_to(&mut browser, "Configure Bindings", &typed);
    let page = press(&mut browser, &page, "add-binding", &[("bind_kind", "user"), ("bind_name", "alice")]).expect(200);
    let mut form = HtmlForm::find(&page, AT);
    for (name, value) in [("bind_kind", "user"), ("bind_name", "ALICE")] {
        form.fields.iter_mut().rfind(|(n, _)| n == name).expect("a second row").1 = value.into();
    }
    let twice = form.clone().with("go", "next").send(&mut browser).expect(422);
    assert!(twice.body.contains("id=\"bind_name-1-wrong\">alice is bound above already."), "{twice:?}");
    form.fields.iter_mut().rfind(|(n, _)| n == "bind_name").expect("a second row").1 = String::new();
    let review = form.with("go", "next").send(&mut browser).expect(200);
    for words in ["Authorization (Strict)", "The active RS256 key", "e-mail address", "Access token validity", "alice"]
    {
        assert!(review.body.contains(words), "{words}: {review:?}");
    }
    let secret = HtmlForm::find(&review, AT).value("client_secret").to_owned();
    assert_eq!(review.body.matches(&secret).count(), 1, "the secret stands in its hidden field only");
    // What is shown can be mended from here, and what was made in between by others is told at its field.
    let back = press(&mut browser, &review, "to-provider", &[]).expect(200);
    assert_eq!(
        (heading(&back).as_str(), HtmlForm::find(&back, AT).value("bind_name")),
        ("Configure Provider", "alice")
    );
    server.cli(&["user", "delete", "alice"]).ok();
    let answer = press(&mut browser, &review, "submit", &[]).expect(422);
    assert_eq!(heading(&answer), "Configure Bindings");
    assert!(server.cli(&["app", "list", "--json"]).ok().trim() == "[]");
}

#[test]
fn addresses_can_be_added_without_a_script() {
    let (server, mut browser) = house();
    let page = up_to(&mut browser, "Configure Provider", &[("preset", "generic"), ("name", "Wiki")]);
    let count = |page: &Answer| HtmlForm::find(page, AT).fields.iter().filter(|(n, _)| n == "uri").count();
    let more = press(&mut browser, &page, "add-uri", &[("uri", "https://wiki.example/a")]).expect(200);
    assert!(count(&more) > count(&page));
    let mut form = HtmlForm::find(&more, AT);
    let rows: Vec<usize> = form.fields.iter().enumerate().filter(|(_, (n, _))| n == "uri").map(|(i, _)| i).collect();
    form.fields[rows[1]].1 = "https://wiki.example/b/\\d+".into();
    form.fields[rows[1] + 1].1 = "regex".into();
    form.fields[rows[2]].1 = "https://wiki.example/bye".into();
    form.fields[rows[2] + 2].1 = "logout".into();
    let page = form.with("go", "next").send(&mut browser).expect(200);
    let page = press(&mut browser, &page, "next", &[]).expect(200);
    press(&mut browser, &page, "submit", &[]).expect(303);
    let shown = server.cli(&["provider", "show", "Wiki"]).ok();
    for line in [
        "authorization (strict): https://wiki.example/a",
        "authorization (regex): https://wiki.example/b/\\d+",
        "logout (strict): https://wiki.example/bye",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
}

#[test]
fn submit_is_all_or_nothing() {
    let (server, mut browser) = house();
    let typed = [("preset", "portainer"), ("app_url", "https://p.example")];
    let page = up_to(&mut browser, "Review and Submit", &typed);
    server.cli(&["app", "create", "Portainer", "--redirect-uri", "https://other.example/"]).ok();
    let answer = press(&mut browser, &page, "submit", &[]).expect(422);
    assert_eq!(heading(&answer), "Application", "the first step with a problem: {answer:?}");
    assert!(answer.body.contains("There is an application portainer already"), "{answer:?}");
    // Whoever sends the last step by hand is checked as well.
    let bad = HtmlForm::find(&page, AT).with("name", "Free").with("slug", "free").with("provider_name", "Free");
    let answer = bad.clone().with("bind_name", "nobody").with("go", "submit").send(&mut browser).expect(422);
    assert_eq!(heading(&answer), "Configure Bindings");
    assert_eq!(server.cli(&["provider", "list", "--json"]).ok().matches("\"client_id\"").count(), 1);
    bad.with("go", "submit").send(&mut browser).expect(303);
    assert_eq!(server.cli(&["provider", "list", "--json"]).ok().matches("\"client_id\"").count(), 2);
}

#[test]
fn what_people_type_is_shown_inert() {
    let (_server, mut browser) = house();
    let typed = [
        ("preset", "generic"),
        ("name", HOSTILE),
        ("slug", "hostile"),
        ("app_group", HOSTILE),
        ("publisher", HOSTILE),
        ("description", HOSTILE),
        ("provider_name", HOSTILE),
        ("client_id", HOSTILE),
        ("uri", "https://x.example/cb"),
    ];
    let mut page = browser.get(AT).expect(200);
    loop {
        assert!(!page.body.contains("<script>alert"), "{page:?}");
        if heading(&page) == "Review and Submit" {
            break;
        }
        let form = HtmlForm::find(&page, AT);
        let own: Vec<_> = typed.iter().filter(|(n, _)| form.fields.iter().any(|(f, _)| f == n)).copied().collect();
        page = press(&mut browser, &page, "next", &own).expect(200);
    }
    assert!(page.body.contains("&#60;script&#62;"), "{page:?}");
    press(&mut browser, &page, "submit", &[]).expect(303);
    let list = browser.get("/if/admin/applications/").expect(200);
    assert!(!list.body.contains("<script>alert") && list.body.contains("&#60;script&#62;"), "{list:?}");
    let home = browser.get("/").expect(200);
    assert!(!home.body.contains("<script>alert"), "{home:?}");
}

#[test]
fn an_application_can_be_made_alone_and_the_list_finds_it() {
    let (server, mut browser) = house();
    assert!(browser.get("/if/admin/applications/").expect(200).body.contains("No applications yet"));
    server.cli(&["provider", "create", "Spare", "--redirect-uri", "https://s.example/"]).ok();
    let at = "/if/admin/applications/create/";
    let page = browser.get(at).expect(200);
    let bad = HtmlForm::find(&page, at).with("name", "Router").with("launch_url", "no url").send(&mut browser);
    assert_eq!(bad.status, 422, "{bad:?}");
    let form = HtmlForm::find(&bad, at);
    assert_eq!((form.value("name"), form.value("launch_url")), ("Router", "no url"));
    form.with("launch_url", "http://192.168.0.1/").send(&mut browser).expect(303);
    HtmlForm::find(&page, at).with("name", "Spare app").with("provider", "1").send(&mut browser).expect(303);
    let list = server.cli(&["app", "list"]).ok();
    assert!(list.contains("spare-app") && list.contains("Spare"), "{list}");
    let again = HtmlForm::find(&page, at).with("name", "Third").with("provider", "1").send(&mut browser).expect(422);
    assert!(again.body.contains("connected to spare-app already"), "{again:?}");
    browser.get("/if/admin/applications/").expect(200);
    let found = browser.get("/if/admin/applications/?q=rout").expect(200);
    assert!(found.body.contains("Router") && !found.body.contains("Spare app"), "{found:?}");
    let none = browser.get(&format!("/if/admin/applications/?q={}", "%3Cscript%3E")).expect(200);
    assert!(none.body.contains("Nothing found") && !none.body.contains("<script>\""), "{none:?}");
}
