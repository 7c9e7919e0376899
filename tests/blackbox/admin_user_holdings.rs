//! Directory > Users: sessions, consents and tokens of a user, seen and ended one by one; groups and rights, and where
//! they come from.

use crate::support::disk::database;
use crate::support::oauth::app_with;
use crate::support::{Answer, Browser, HtmlForm, Server};

/// Alice is the second user.
const AT: &str = "/if/admin/users/2/";

fn house() -> (Server, Browser) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let browser = Browser::signed_in(&server, "keeper");
    (server, browser)
}

/// The part of alice's page under a heading.
#[track_caller]
fn part(browser: &mut Browser, name: &str) -> Answer {
    let mut page = browser.get(AT).expect(200);
    let start = page.body.find(&format!("<h2 id=\"at-{name}\"")).unwrap_or_else(|| panic!("no part {name}: {page:?}"));
    let end = page.body[start..].find("</section>").expect("its end");
    page.body = page.body[start..start + end].to_owned();
    page
}

fn send(browser: &mut Browser, page: &Answer, tail: &str) -> Answer {
    let action = format!("{AT}{tail}/");
    HtmlForm::find(page, &action).send(browser)
}

fn allow(browser: &mut Browser, url: &str) -> Answer {
    let page = browser.open(url);
    assert!(page.body.contains("id=\"consent-allow\""), "{page:?}");
    let left = browser.submit(&page, &[("decision", "allow")]);
    browser.follow(left)
}

fn count(server: &Server, kind: &str) -> usize {
    let is_it =
        |e: &&serde_json::Value| e["kind"] == kind && e["username"] == "alice" && e["details"]["by"] == "keeper";
    server.events().iter().filter(is_it).count()
}

#[test]
fn each_session_is_seen_and_ended_by_itself() {
    let (server, mut keeper) = house();
    let mut first = Browser::signed_in(&server, "alice");
    let mut second = Browser::signed_in(&server, "alice").from("127.0.0.7");
    second = {
        let page = second.open("/logout/");
        second.submit(&page, &[]);
        let page = second.open("/login/");
        second.sign_in(&page, "alice");
        second
    };
    let token = app_with(&server, &[]).tokens(&mut second, "openid").access;
    let page = part(&mut keeper, "sessions");
    for word in ["127.0.0.1", "127.0.0.7", "last used", "since"] {
        assert!(page.body.contains(word), "{word}: {page:?}");
    }
    let forms: Vec<_> = HtmlForm::all(&page).into_iter().filter(|f| f.action == format!("{AT}sign-out-one/")).collect();
    assert_eq!(forms.len(), 2, "a button each: {page:?}");
    let stands = |form: &HtmlForm| page.body.find(form.value("sid")).expect("the form");
    let is_second = |form: &&HtmlForm| {
        // Its line begins before its form: the address is the last one said until there.
        page.body[..stands(form)].rfind("127.0.0.7") > page.body[..stands(form)].rfind("127.0.0.1")
    };
    let form = forms.iter().find(is_second).expect("the second session");
    form.send(&mut keeper).expect(303);
    assert_eq!((first.get("/").status, second.get("/").status), (200, 303));
    let http = server.http();
    assert_eq!(http.get_with("/application/o/userinfo/", &[("Authorization", &format!("Bearer {token}"))]).status, 401);
    assert_eq!(form.send(&mut keeper).status, 404, "it has ended already");
    // A session of somebody else is none of this user's.
    let own = database(&server.data())
        .query_row("SELECT sid FROM sessions WHERE user_id = 1", [], |r| r.get::<_, String>(0))
        .expect("the keeper's session");
    assert_eq!(form.clone().with("sid", &own).send(&mut keeper).status, 404);
    assert_eq!((keeper.get("/").status, first.get("/").status), (200, 200));
    assert_eq!(count(&server, "session_ended"), 1);
}

#[test]
fn consents_and_tokens_are_told_apart_and_revoked_one_by_one() {
    let (server, mut keeper) = house();
    assert!(part(&mut keeper, "consents").body.contains("None is stored"));
    assert!(part(&mut keeper, "tokens").body.contains("No application holds a token"));
    let wiki = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    let notes = server.app("Notes", &["--redirect-uri", "https://notes.example/cb", "--consent", "explicit"]);
    let mut alice = Browser::signed_in(&server, "alice");
    let back = allow(&mut alice, &notes.authorize_url(&[("scope", "openid email")]));
    let code = back.location_param("code").expect("a code");
    // A code that nobody redeems holds nothing.
    assert!(!part(&mut keeper, "tokens").body.contains("Notes"));
    let of_notes = notes.redeem(&alice.http, &code, &[]).json()["access_token"].as_str().expect("a token").to_owned();
    let of_wiki = wiki.tokens(&mut alice, "openid offline_access");
    let refresh = of_wiki.refresh.expect("a refresh token");
    let consents = part(&mut keeper, "consents");
    for word in ["Notes", "openid email", "given", "expires"] {
        assert!(consents.body.contains(word), "{word}: {consents:?}");
    }
    assert!(!consents.body.contains("Wiki"), "its consent is implicit: {consents:?}");
    let tokens = part(&mut keeper, "tokens");
    for word in ["Notes", "access token only", "Wiki", "refresh token", "offline_access", "issued", "expires"] {
        assert!(tokens.body.contains(word), "{word}: {tokens:?}");
    }
    assert!(!tokens.body.contains(&refresh) && !tokens.body.contains(&of_notes), "the tokens themselves");

    // One token: the last issued is the first line.
    assert!(tokens.body.find("Wiki") < tokens.body.find("Notes"), "{tokens:?}");
    send(&mut keeper, &tokens, "revoke-token").expect(303);
    assert_ne!(wiki.refresh(&alice.http, &refresh, &[]).status, 200);
    assert_eq!(notes.userinfo(&alice.http, &of_notes).status, 200, "another's token stays");
    assert_eq!(send(&mut keeper, &tokens, "revoke-token").status, 404, "it has ended already");
    assert_eq!(count(&server, "token_revoked"), 1);

    // One consent, which takes the tokens of its application along.
    send(&mut keeper, &consents, "revoke").expect(303);
    assert_eq!(notes.userinfo(&alice.http, &of_notes).status, 401);
    assert!(alice.open(&notes.authorize_url(&[])).body.contains("id=\"consent-allow\""), "asked anew");
    assert_eq!(alice.get("/").status, 200, "the session stays");

    // Everything.
    allow(&mut alice, &notes.authorize_url(&[]));
    let refresh = wiki.tokens(&mut alice, "openid offline_access").refresh.expect("a refresh token");
    let page = part(&mut keeper, "tokens");
    send(&mut keeper, &page, "revoke-all").expect(303);
    assert_ne!(wiki.refresh(&alice.http, &refresh, &[]).status, 200);
    assert!(part(&mut keeper, "consents").body.contains("None is stored"));
    assert_eq!((alice.get("/").status, count(&server, "access_revoked")), (200, 2));
    assert_eq!(send(&mut keeper, &page, "revoke-all").status, 404, "there is nothing left to end");
}

#[test]
fn a_token_of_another_user_is_not_revoked_on_this_users_page() {
    let (server, mut keeper) = house();
    let wiki = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    let mut alice = Browser::signed_in(&server, "alice");
    let of_keeper = wiki.tokens(&mut keeper, "openid").access;
    wiki.tokens(&mut alice, "openid");
    let theirs = database(&server.data())
        .query_row("SELECT id FROM grants WHERE user_id = 1", [], |r| r.get::<_, i64>(0))
        .expect("the keeper's grant");
    let page = part(&mut keeper, "tokens");
    let form = HtmlForm::find(&page, &format!("{AT}revoke-token/"));
    for wrong in [theirs.to_string(), "0".into(), "x".into(), String::new()] {
        assert_eq!(form.clone().with("grant", &wrong).send(&mut keeper).status, 404, "{wrong:?}");
    }
    assert_eq!(wiki.userinfo(&alice.http, &of_keeper).status, 200);
    form.send(&mut keeper).expect(303);
}

#[test]
fn long_lists_are_cut_and_counted() {
    let (server, mut keeper) = house();
    let wiki = server.app("Wiki", &["--redirect-uri", "https://wiki.example/cb"]);
    wiki.tokens(&mut Browser::signed_in(&server, "alice"), "openid");
    let database = database(&server.data());
    for n in 0..130 {
        let session =
            "INSERT INTO sessions (hash, sid, user_id, auth_time, amr, created_at, last_seen_at, address, user_agent)
                       SELECT randomblob(32), 's' || ?1, 2, auth_time, amr, created_at, last_seen_at, '192.0.2.1', ''
                       FROM sessions WHERE user_id = 2 LIMIT 1";
        database.execute(session, [n]).expect("a session");
        let grant = "INSERT INTO grants (provider_id, user_id, sid, scopes, auth_time, amr, created_at, expires_at, code_hash,
                       code_redirect_uri, code_expires_at)
                     SELECT provider_id, user_id, sid, scopes, auth_time, amr, created_at, expires_at + ?1, randomblob(32),
                       code_redirect_uri, code_expires_at FROM grants LIMIT 1";
        database.execute(grant, [n]).expect("a grant");
        let token = "INSERT INTO access_tokens (hash, grant_id, scopes, issued_at, expires_at)
                     SELECT randomblob(32), ?1, scopes, issued_at, expires_at FROM access_tokens LIMIT 1";
        database.execute(token, [database.last_insert_rowid()]).expect("a token");
    }
    for (name, action) in [("sessions", "sign-out-one"), ("tokens", "revoke-token")] {
        let page = part(&mut keeper, name);
        assert!(page.body.contains("The first 100 of 131 are shown."), "{name}: {page:?}");
        let forms = HtmlForm::all(&page).into_iter().filter(|f| f.action == format!("{AT}{action}/")).count();
        assert_eq!(forms, 100, "{name}");
    }
}

#[test]
fn inherited_groups_and_the_right_say_where_they_come_from() {
    let (server, mut keeper) = house();
    for arguments in [
        &["group", "create", "house"][..],
        &["group", "create", "family", "--parent", "house"],
        &["group", "create", "children", "--parent", "family"],
        &["group", "create", "bosses", "--admin"],
        &["group", "add", "children", "alice"],
    ] {
        server.cli(arguments).ok();
    }
    let page = part(&mut keeper, "groups");
    assert_eq!(page.body.matches("inherited through <bdi>children</bdi>").count(), 2, "house and family: {page:?}");
    let removable = HtmlForm::all(&page).into_iter().filter(|f| f.value("group") == "3").count();
    assert_eq!(removable, 1, "only what is given by name can be taken: {page:?}");
    assert!(page.body.contains("No administrator."), "{page:?}");
    // An ancestor gives nothing of its own right away: that is given by name.
    server.cli(&["group", "add", "bosses", "alice"]).ok();
    let page = part(&mut keeper, "groups");
    assert!(page.body.contains("Administrator as a member of <b><bdi>bosses</bdi></b>."), "{page:?}");
    assert!(!page.body.contains("own right") && !page.body.contains("No administrator"), "{page:?}");
    server.cli(&["user", "set", "alice", "--admin"]).ok();
    assert!(part(&mut keeper, "groups").body.contains("Administrator by the user&#39;s own right."));
}
