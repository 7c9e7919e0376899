//! A member of a child group counts as a member of its parents, never the reverse: at every door alike, for what was
//! given before, and as soon as it changes.

use crate::policies::{HOME, app, bind, gets_in, holds, server, signed_in};
use crate::support::client::Tokens;
use crate::support::{App, Browser, HtmlForm, Server};

/// House above family above children; alice is in the middle.
fn family() -> (Server, App) {
    let server = server();
    let app = app(&server);
    for (name, parent) in [("house", ""), ("family", "house"), ("children", "family"), ("others", "house")] {
        let parent = if parent.is_empty() { vec![] } else { vec!["--parent", parent] };
        server.cli(&[&["group", "create", name][..], &parent].concat()).ok();
    }
    server.cli(&["group", "add", "family", "alice"]).ok();
    (server, app)
}

fn tokens(server: &Server, app: &App, browser: &mut Browser) -> Tokens {
    let code = app.code(browser, &[("scope", "openid offline_access")]);
    Tokens::of(&app.redeem(&server.http(), &code, &[]))
}

#[test]
fn members_count_upwards_only_at_every_door_and_for_what_was_given_before() {
    for (bindings, mode, expected) in [
        (vec!["--group family"], "any", true),
        (vec!["--group house"], "any", true),
        (vec!["--group children"], "any", false),
        (vec!["--group others"], "any", false),
        (vec!["--group house --negate"], "any", false),
        (vec!["--group children --negate"], "any", true),
        (vec!["--group children", "--group house"], "any", true),
        (vec!["--group family", "--group house"], "all", true),
        (vec!["--group house", "--group children"], "all", false),
        (vec!["--group house", "--group children --negate"], "all", true),
    ] {
        let (server, app) = family();
        let mut alice = signed_in(&server, HOME);
        // While it is open to everybody: then it is bound, and what she gave is asked about again.
        let given = tokens(&server, &app, &mut alice);
        let waiting = app.code(&mut alice, &[]);
        assert!(holds(&server, &app, &given));
        server.cli(&["app", "set", "wiki", "--policy-engine-mode", mode]).ok();
        for binding in &bindings {
            bind(&server, &binding.split(' ').collect::<Vec<_>>());
        }
        let case = format!("{bindings:?} {mode}");
        assert_eq!(gets_in(&mut alice, &app), expected, "{case}");
        assert_eq!(holds(&server, &app, &given), expected, "{case}: userinfo and introspection");
        let redeemed = app.redeem(&server.http(), &waiting, &[]).status == 200;
        assert_eq!(redeemed, expected, "{case}: the code");
        let refresh = given.refresh.as_deref().expect("a refresh token");
        let refreshed = app.refresh(&server.http(), refresh, &[]).status == 200;
        assert_eq!(refreshed, expected, "{case}: refresh");
        assert_eq!(server.cli(&["app", "check-access", "wiki", "alice"]).code == 0, expected, "{case}: check-access");
    }
}

#[test]
fn leaving_the_child_or_moving_it_away_ends_the_parents_access_at_once() {
    for leaves in [true, false] {
        let (server, app) = family();
        server.user("keeper", &["--admin"]);
        bind(&server, &["--group", "house"]);
        let mut alice = signed_in(&server, HOME);
        let given = tokens(&server, &app, &mut alice);
        assert!(gets_in(&mut alice, &app) && holds(&server, &app, &given));
        if leaves {
            server.cli(&["group", "remove", "family", "alice"]).ok();
        } else {
            let mut keeper = Browser::signed_in(&server, "keeper");
            // Family was made second.
            let at = "/if/admin/groups/2/";
            let form = HtmlForm::find(&keeper.get(at).expect(200), at);
            assert_eq!((form.value("name"), form.value("parent")), ("family", "house"));
            form.with("parent", "").send(&mut keeper).expect(303);
        }
        assert!(!gets_in(&mut alice, &app), "leaves: {leaves}");
        assert!(!holds(&server, &app, &given), "leaves: {leaves}");
        let refresh = given.refresh.as_deref().expect("a refresh token");
        assert_ne!(app.refresh(&server.http(), refresh, &[]).status, 200, "leaves: {leaves}");
        // A way back in through another child.
        server.cli(&["group", "add", "others", "alice"]).ok();
        assert!(gets_in(&mut alice, &app), "leaves: {leaves}");
    }
}
