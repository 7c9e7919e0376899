//! Keys that end: what is still believed of them, and that nobody is left without one.

use super::*;
use crate::support::browser::url;

const GOODBYE: &str = "https://app.company/goodbye";

/// Whether a client may end alice's session with this ID token.
fn ends_the_session(house: &mut House, hint: &str) -> bool {
    let fields = [("id_token_hint", hint), ("post_logout_redirect_uri", GOODBYE)];
    let answer = house.alice.get(&url("/application/o/app/end-session/", &fields));
    let ended = answer.status == 303 && answer.location() == GOODBYE;
    if ended {
        house.alice = Browser::signed_in(&house.server, "alice");
    } else {
        assert!(answer.status == 200 && answer.body.contains("id=\"logout-confirm\""), "{answer:?}");
    }
    ended
}

#[test]
fn a_retired_key_s_tokens_are_believed_and_a_revoked_one_s_are_not() {
    let mut house = House::new();
    let first = house.active("RS256");
    let hint = house.id_token();
    assert_eq!(kid_of(&hint), first.kid());
    let page = house.admin.get(&first.path("retire/")).expect(200);
    assert!(page.body.contains("A new RS256 key is made in its place"), "{page:?}");
    let done = house.send(&first.path("retire/"), &[]).expect(303);
    assert!(house.admin.follow(done).body.contains("Retired the key"));
    let second = house.active("RS256");
    assert!(house.has_event("key_retired", first.kid()) && house.has_event("key_created", second.kid()));
    verify(&house.jwks(), &hint, &house.app).expect("still published");
    assert_eq!(house.signs(), second.kid());
    assert!(ends_the_session(&mut house, &hint));
    // The same session once more, and then nobody believes the key.
    let hint = house.id_token();
    let page = house.admin.get(&second.path("revoke/")).expect(200);
    assert!(page.body.contains("This cannot be undone"), "{page:?}");
    house.send(&second.path("revoke/"), &[]).expect(303);
    let third = house.active("RS256");
    assert!(house.has_event("key_revoked", second.kid()) && house.has_event("key_created", third.kid()));
    assert!(verify(&house.jwks(), &hint, &house.app).is_err());
    assert!(!ends_the_session(&mut house, &hint));
    let new = house.id_token();
    assert_eq!(kid_of(&new), third.kid());
    assert!(ends_the_session(&mut house, &new), "the twin");
}

#[test]
fn the_key_that_waits_takes_over_when_the_active_one_ends() {
    for end in ["retire/", "revoke/"] {
        let mut house = House::new();
        let old = house.active("RS256");
        let next = house.generate("rsa-2048", "published");
        let page = house.admin.get(&old.path(end)).expect(200);
        assert!(page.body.contains("The next key rsa-2048 published takes over at once"), "{page:?}");
        let count = keys(&house.server).len();
        let done = house.send(&old.path(end), &[]).expect(303);
        assert!(house.admin.follow(done).body.contains("rsa-2048 published signs from now on."));
        assert_eq!((house.signs(), keys(&house.server).len()), (next.kid().to_owned(), count));
        assert_eq!(house.is_published(old.kid()), end == "retire/");
    }
}

#[test]
fn an_algorithm_that_nobody_asks_for_ends_with_its_key_and_one_that_is_asked_for_does_not() {
    let mut house = House::new();
    let unused = house.active("ES256");
    let page = house.admin.get(&unused.path("retire/")).expect(200);
    assert!(page.body.contains("No provider asks for ES256"), "{page:?}");
    house.send(&unused.path("retire/"), &[]).expect(303);
    assert!(!keys(&house.server).iter().any(|k| k.text("alg") == "ES256" && k.text("state") == "active"));
    // Nobody can ask for it now.
    house.server.cli(&["app", "set", "app", "--signing-key", "ES256"]).refused(2);
    house.server.cli(&["app", "set", "app", "--signing-key", unused.kid()]).refused(2);
    let used = house.generate("ec-p256", "now");
    house.use_key(used.kid());
    for end in ["retire/", "revoke/"] {
        let key = house.active("ES256");
        house.send(&key.path(end), &[]).expect(303);
        let next = house.active("ES256");
        assert_ne!(next.kid(), key.kid());
        assert_eq!(house.signs(), next.kid(), "a provider that named the one follows the other");
    }
}

#[test]
fn a_key_ends_once() {
    let mut house = House::new();
    let key = house.active("ES256");
    house.send(&key.path("retire/"), &[]).expect(303);
    let answer = house.send(&key.path("retire/"), &[]).expect(422);
    assert!(answer.body.contains("is retired already"), "{answer:?}");
    house.send(&key.path("revoke/"), &[]).expect(303);
    for end in ["retire/", "revoke/"] {
        let answer = house.send(&key.path(end), &[]).expect(422);
        assert!(answer.body.contains("is revoked already"), "{answer:?}");
    }
    let page = house.admin.get(&key.path("")).expect(200);
    assert!(!page.body.contains(&key.path("retire/")) && !page.body.contains(&key.path("revoke/")), "{page:?}");
    assert_eq!(house.admin.get(&format!("{LIST}nothing/retire/")).status, 404);
}

#[test]
fn two_who_end_the_same_key_at_once_leave_one_successor() {
    let house = House::new();
    let key = house.active("RS256");
    let mut browsers: Vec<Browser> = (0..4).map(|_| Browser::new(&house.server)).collect();
    browsers.iter_mut().for_each(|b| b.cookies = house.admin.cookies.clone());
    let page = browsers[0].get(&key.path("revoke/")).expect(200);
    let form = HtmlForm::find(&page, &key.path("revoke/"));
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let sent: Vec<_> = browsers.iter_mut().map(|b| scope.spawn(|| form.send(b))).collect();
        sent.into_iter().map(|s| s.join().expect("an answer")).collect()
    });
    assert_eq!(answers.iter().filter(|a| a.status == 303).count(), 1, "{answers:?}");
    let rs256: Vec<Key> = keys(&house.server).into_iter().filter(|k| k.text("alg") == "RS256").collect();
    assert_eq!(rs256.len(), 2, "{rs256:?}");
}
