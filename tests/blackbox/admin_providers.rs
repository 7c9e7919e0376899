//! Applications > Providers in the Admin interface: what to paste, the secret, preview, access, changing and ending.

use crate::support::browser::unescape;
use crate::support::client::claims;
use crate::support::{Answer, App, Browser, HtmlForm, Server};

const AT: &str = "/if/admin/providers/1/";
const HOSTILE: &str = "<script>alert(1)</script>\"'";

fn house(options: &[&str]) -> (Server, Browser, App) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let app = server.app("Wiki", &[&["--redirect-uri", "https://wiki.example/cb"][..], options].concat());
    let browser = Browser::signed_in(&server, "keeper");
    (server, browser, app)
}

/// Labels and values of the page, in their order. A hidden secret has no value.
fn values(page: &Answer) -> Vec<(String, String)> {
    let rows = page.body.split("<div class=\"copy\">").skip(1);
    let text = |part: &str| unescape(part.split('>').nth(1).and_then(|t| t.split('<').next()).unwrap_or_default());
    rows.map(|row| {
        let label = row.split("<span").nth(1).map(text).unwrap_or_default();
        (label, row.split("<code").nth(1).map(text).unwrap_or_default())
    })
    .collect()
}

fn value(page: &Answer, label: &str) -> String {
    let found = values(page).into_iter().find(|(l, _)| l == label);
    found.unwrap_or_else(|| panic!("no {label}: {page:?}")).1
}

#[test]
fn the_overview_shows_every_address_as_discovery_tells_it() {
    let (_server, mut browser, app) = house(&[]);
    let page = browser.get(AT).expect(200);
    let discovery = value(&page, "OpenID Configuration URL");
    let told = browser.get(&discovery).expect(200).json();
    for (label, member) in [
        ("OpenID Configuration Issuer", "issuer"),
        ("Authorize URL", "authorization_endpoint"),
        ("Token URL", "token_endpoint"),
        ("Userinfo URL", "userinfo_endpoint"),
        ("Logout URL", "end_session_endpoint"),
        ("JWKS URL", "jwks_uri"),
        ("Introspection URL", "introspection_endpoint"),
        ("Revocation URL", "revocation_endpoint"),
    ] {
        assert_eq!(told[member], value(&page, label), "{label}");
    }
    assert_eq!(value(&page, "Client ID"), app.id);
}

#[test]
fn the_card_is_in_the_order_of_the_applications_own_form() {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    let preset = |name, kind, url| server.cli(&["app", "create", name, "--preset", kind, "--app-url", url]).ok();
    preset("Portainer", "portainer", "https://portainer.company");
    preset("Gravitee", "gravitee", "https://gravitee.company");
    let mut browser = Browser::signed_in(&server, "keeper");
    let labels = |page: &Answer| values(page).into_iter().map(|(label, _)| label).collect::<Vec<_>>();
    let page = browser.get("/if/admin/providers/1/connect/").expect(200);
    let portainer = [
        "Use SSO",
        "Automatic user provisioning",
        "Provider",
        "Client ID",
        "Client Secret",
        "Authorization URL",
        "Access Token URL",
        "Resource URL",
        "Redirect URL",
        "Logout URL",
        "User Identifier",
        "Scopes",
    ];
    assert_eq!(labels(&page), portainer);
    assert_eq!(value(&page, "Redirect URL"), "https://portainer.company/");
    assert!(page.body.contains("local administrator"), "its known pitfalls: {page:?}");
    let page = browser.get("/if/admin/providers/2/connect/").expect(200);
    let gravitee = [
        "Allow portal authentication to use this identity provider",
        "Client ID",
        "Client Secret",
        "Token Endpoint",
        "Authorize Endpoint",
        "Userinfo Endpoint",
        "Userinfo Logout Endpoint",
        "Scopes",
    ];
    assert_eq!(labels(&page), gravitee);
}

#[test]
fn the_secret_is_shown_when_asked_for_and_the_events_remember() {
    let (server, mut browser, app) = house(&[]);
    for tail in ["", "connect/", "edit/", "preview/?user=alice", "access/?user=alice", "new-secret/", "delete/"] {
        let page = browser.get(&format!("{AT}{tail}")).expect(200);
        assert!(!page.body.contains(&app.secret), "{tail}");
    }
    let viewed = |server: &Server| server.events().iter().filter(|e| e["kind"] == "client_secret_viewed").count();
    assert_eq!(viewed(&server), 0);
    let page = browser.get(&format!("{AT}connect/")).expect(200);
    let shown = HtmlForm::find(&page, &format!("{AT}secret/")).send(&mut browser).expect(200);
    assert_eq!(value(&shown, "Client Secret"), app.secret);
    assert_eq!(viewed(&server), 1);
    assert!(!format!("{:?}", server.events()).contains(&app.secret));
    assert!(!server.printed().contains(&app.secret));
}

#[test]
fn a_new_secret_works_and_the_old_one_does_not() {
    let (server, mut browser, app) = house(&[]);
    let mut alice = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut alice, "openid offline_access");
    let at = format!("{AT}new-secret/");
    let page = browser.get(&at).expect(200);
    assert!(page.body.contains("stops working at once"), "{page:?}");
    HtmlForm::find(&page, &at).send(&mut browser).expect(303);
    let page = browser.get(&format!("{AT}connect/")).expect(200);
    let shown = HtmlForm::find(&page, &format!("{AT}secret/")).send(&mut browser).expect(200);
    let new = App { secret: value(&shown, "Client Secret"), ..app.clone() };
    assert_ne!(new.secret, app.secret);
    let code = app.code(&mut alice, &[]);
    assert_eq!(app.redeem(&alice.http, &code, &[]).status, 401);
    assert_eq!(new.redeem(&alice.http, &code, &[]).status, 200);
    let refresh = tokens.refresh.expect("a refresh token");
    assert_ne!(new.refresh(&alice.http, &refresh, &[]).status, 200, "what was held under the old secret has ended");
}

#[test]
fn the_preview_is_what_a_sign_in_gives() {
    let options = ["--scope", "openid", "--scope", "profile", "--scope", "email", "--scope", "house"];
    for mode in ["hashed_user_id", "user_username", "user_email"] {
        let (server, mut browser, app) = house(&[&options[..], &["--subject-mode", mode]].concat());
        server.cli(&["group", "create", "family"]).ok();
        server.cli(&["group", "add", "family", "alice"]).ok();
        server.cli(&["scope-mapping", "create", "House", "--scope", "house", "--expression", "{'floor': 2}"]).ok();
        let mut alice = Browser::signed_in(&server, "alice");
        let tokens = app.tokens(&mut alice, "openid profile email house");
        let page = browser.get(&format!("{AT}preview/?user=alice")).expect(200);
        let shown: Vec<serde_json::Value> = page
            .body
            .split("<pre><code dir=\"ltr\">")
            .skip(1)
            .map(|t| serde_json::from_str(&unescape(t.split("</code>").next().unwrap_or_default())).expect("JSON"))
            .collect();
        let stable = |mut claims: serde_json::Value| {
            let map = claims.as_object_mut().expect("an object");
            for name in ["iat", "exp", "jti", "auth_time", "sid", "at_hash", "nonce"] {
                map.remove(name);
            }
            claims
        };
        assert_eq!(stable(shown[0].clone()), stable(claims(tokens.id.as_deref().expect("an ID token"))), "{mode}");
        assert_eq!(shown[1], app.userinfo(&alice.http, &tokens.access).expect(200).json(), "{mode}");
        assert_eq!(shown[1]["floor"], 2);
    }
}

#[test]
fn check_access_says_which_binding_decided() {
    let (server, mut browser, _) = house(&[]);
    let check = |browser: &mut Browser, user: &str| browser.get(&format!("{AT}access/?user={user}"));
    assert!(check(&mut browser, "alice").expect(200).body.contains("open to everybody"));
    server.cli(&["group", "create", "family"]).ok();
    server.cli(&["group", "create", "children", "--parent", "family"]).ok();
    server.cli(&["app", "bind", "wiki", "--group", "family", "--order", "1"]).ok();
    server.cli(&["app", "bind", "wiki", "--user", "keeper", "--order", "2"]).ok();
    let page = check(&mut browser, "alice").expect(200);
    assert!(page.body.contains("no access") && page.body.contains("no binding matches"), "{page:?}");
    assert_eq!(page.body.matches("does not match").count(), 2, "each binding says what it says: {page:?}");
    server.cli(&["group", "add", "children", "alice"]).ok();
    let page = check(&mut browser, "ALICE@example.com").expect(200);
    assert!(page.body.contains("has access") && page.body.contains("binding 1 matches"), "{page:?}");
    server.cli(&["app", "set", "wiki", "--policy-engine-mode", "all"]).ok();
    assert!(check(&mut browser, "alice").expect(200).body.contains("binding 2 does not match"));
    server.cli(&["user", "disable", "alice"]).ok();
    assert!(check(&mut browser, "alice").expect(200).body.contains("the user is disabled"));
    let page = check(&mut browser, "nobody").expect(422);
    assert!(page.body.contains("There is no user nobody."), "{page:?}");
}

#[test]
fn a_provider_is_made_alone_connected_changed_and_deleted() {
    let (server, mut browser, _) = house(&[]);
    let at = "/if/admin/providers/new/";
    let page = browser.get(at).expect(200);
    let good = HtmlForm::find(&page, at).with("name", "Spare").with("uri", "https://spare.example/cb");
    for (field, value, words) in [
        ("name", "", "1 to 150 characters"),
        ("name", "Wiki", "There is a provider Wiki already"),
        ("client_secret", "short", "16 to 512"),
        ("uri", "javascript:alert(1)", "never a way back"),
        ("access_token_validity", "soon", "such as 90s"),
        ("signing_key", "nothing", "There is no signing key nothing"),
    ] {
        let typed = good.clone().with(field, value);
        let answer = typed.send(&mut browser).expect(422);
        assert!(answer.body.contains(words), "{field}={value}: {answer:?}");
        let after = HtmlForm::find(&answer, at);
        for name in ["name", "client_id", "client_secret", "uri", "access_token_validity"] {
            assert_eq!(after.value(name), typed.value(name), "{field}: {name}");
        }
    }
    let made = good.send(&mut browser).expect(303).location().to_owned();
    assert!(browser.get(&made).expect(200).body.contains("not connected to an application"));
    server.cli(&["app", "create", "Bare", "--no-provider"]).ok();
    let page = browser.get(&made).expect(200);
    HtmlForm::find(&page, &format!("{made}connect-to/")).send(&mut browser).expect(303);
    let edit = format!("{made}edit/");
    let page = browser.get(&edit).expect(200);
    let form = HtmlForm::find(&page, &edit).with("consent", "explicit").with("name", "Renamed");
    server.cli(&["app", "set", "bare", "--pkce", "required"]).ok();
    let answer = form.send(&mut browser).expect(422);
    assert!(answer.body.contains("Somebody else changed this meanwhile"), "{answer:?}");
    let page = browser.get(&edit).expect(200);
    HtmlForm::find(&page, &edit).with("consent", "explicit").with("name", "Renamed").send(&mut browser).expect(303);
    let shown = server.cli(&["provider", "show", "Renamed"]).ok();
    assert!(shown.contains("explicit consent") && shown.contains("required"), "{shown}");
    assert!(shown.contains("https://spare.example/cb"), "{shown}");
    let end = format!("{made}delete/");
    let page = browser.get(&end).expect(200);
    HtmlForm::find(&page, &end).send(&mut browser).expect(303);
    assert_eq!(browser.get(&made).status, 404);
    assert!(server.cli(&["app", "list"]).ok().contains("bare"));
}

#[test]
fn what_people_typed_is_shown_inert() {
    let (server, mut browser, _) = house(&[]);
    server
        .cli(&["app", "create", HOSTILE, "--slug", "h", "--redirect-uri", "https://h.example/", "--client-id", HOSTILE])
        .ok();
    server.cli(&["user", "set", "alice", "--name", HOSTILE]).ok();
    let all = ["", "connect/", "edit/", "preview/?user=alice", "access/?user=%3Cscript%3Ealert(1)%3C/script%3E"];
    for path in all
        .map(|tail| format!("/if/admin/providers/2/{tail}"))
        .iter()
        .map(String::as_str)
        .chain(["/if/admin/providers/"])
    {
        let page = browser.get(path);
        assert!(!page.body.contains("<script>alert") && page.body.contains("&#60;script&#62;"), "{path}: {page:?}");
    }
}
