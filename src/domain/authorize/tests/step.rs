//! What comes next for a user who is signed in, or not.

use super::*;
use crate::domain::methods::ACRS;

fn session() -> SessionFacts {
    let [one_factor, ..] = ACRS;
    let (acr, reachable_acr) = (one_factor, one_factor);
    SessionFacts { user_id: 1, auth_time: 1_000, sub_for_client: "u1".to_owned(), acr, reachable_acr }
}

const NOTHING: Done = Done { fresh_login: false, account_chosen: false, consented: false };
const SIGNED_IN: Done = Done { fresh_login: true, ..NOTHING };
const LOGIN_REQUIRED: &str = "login_required";

/// The next step for a signed-in user a minute after the sign-in.
fn step(more: &str, done: &Done) -> Step {
    next_step(&with(more).unwrap(), Some(&session()), done, None, false, 1_060)
}

fn refused(step: Step) -> &'static str {
    match step {
        Step::Refuse(error, _) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_signed_in_user_goes_through_and_others_sign_in_first() {
    assert_eq!(step("", &NOTHING), Step::Issue);
    assert_eq!(next_step(&with("").unwrap(), None, &NOTHING, None, false, 1_060), Step::SignIn);
}

#[test]
fn prompt_login_and_max_age_ask_for_one_fresh_sign_in_and_then_go_on() {
    for more in ["&prompt=login", "&max_age=59", "&max_age=0", "&prompt=login&max_age=0"] {
        assert_eq!(step(more, &NOTHING), Step::SignIn, "{more}");
        assert_eq!(step(more, &SIGNED_IN), Step::Issue, "{more}");
    }
    assert_eq!(step("&max_age=60", &NOTHING), Step::Issue);
    // Even a sign-in of this very second does not satisfy them without the flag.
    let just_now = SessionFacts { auth_time: 1_060, ..session() };
    for more in ["&prompt=login", "&max_age=0"] {
        assert_eq!(next_step(&with(more).unwrap(), Some(&just_now), &NOTHING, None, false, 1_060), Step::SignIn);
    }
}

#[test]
fn acr_values_ask_once_for_what_the_user_could_prove_and_are_never_an_error() {
    let [one, two, passkey] = ACRS;
    let asked = |values: &str, done: &Done, more: &str, acr, reachable_acr| {
        let request = with(&format!("&acr_values={values}{more}")).unwrap();
        next_step(&request, Some(&SessionFacts { acr, reachable_acr, ..session() }), done, None, false, 1_060)
    };
    for (values, acr, reachable, expected) in [
        (two.to_owned(), one, two, Step::Strengthen),
        (two.to_owned(), one, passkey, Step::Strengthen),
        (two.to_owned(), two, passkey, Step::Issue),
        (two.to_owned(), one, one, Step::Issue),
        (passkey.to_owned(), two, passkey, Step::Strengthen),
        (passkey.to_owned(), two, two, Step::Issue),
        // As far as the user can.
        (passkey.to_owned(), one, two, Step::Strengthen),
        (passkey.to_owned(), one, one, Step::Issue),
        (format!("{passkey}+{one}"), one, passkey, Step::Issue),
        (format!("1+{passkey}"), two, passkey, Step::Strengthen),
        ("0+1+gold".to_owned(), one, passkey, Step::Issue),
    ] {
        assert_eq!(asked(&values, &NOTHING, "", acr, reachable), expected, "{values} {acr} {reachable}");
        assert_eq!(asked(&values, &SIGNED_IN, "", acr, reachable), Step::Issue, "once: {values}");
        assert_eq!(asked(&values, &NOTHING, "&prompt=none", acr, reachable), Step::Issue, "silently: {values}");
    }
}

#[test]
fn an_essential_class_is_reached_or_the_sign_in_has_failed() {
    let [one, two, passkey] = ACRS;
    let asked = |wish: &str, done: &Done, more: &str, acr, reachable_acr| {
        let wish: String = form_urlencoded::byte_serialize(wish.as_bytes()).collect();
        let request = with(&format!("&claims=%7B%22id_token%22:%7B%22acr%22:{wish}%7D%7D{more}")).unwrap();
        next_step(&request, Some(&SessionFacts { acr, reachable_acr, ..session() }), done, None, false, 1_060)
    };
    let essential = |class: &str| format!("{{\"essential\":true,\"value\":\"{class}\"}}");
    let among = |a: &str, b: &str| format!("{{\"essential\":true,\"values\":[\"{a}\",\"{b}\"]}}");
    let unmet = "unmet_authentication_requirements";
    for (wish, acr, reachable, expected, after) in [
        (essential(two), one, two, Ok(Step::Strengthen), Err(unmet)),
        (essential(two), two, two, Ok(Step::Issue), Ok(Step::Issue)),
        (essential(two), passkey, passkey, Ok(Step::Issue), Ok(Step::Issue)),
        (essential(two), one, one, Err(unmet), Err(unmet)),
        (essential(passkey), two, two, Err(unmet), Err(unmet)),
        (among(passkey, two), one, two, Ok(Step::Strengthen), Err(unmet)),
        (among("gold", two), two, two, Ok(Step::Issue), Ok(Step::Issue)),
        (essential("gold"), passkey, passkey, Err(unmet), Err(unmet)),
        // A wish is one, however it is said.
        (format!("{{\"value\":\"{two}\"}}"), one, two, Ok(Step::Strengthen), Ok(Step::Issue)),
        (format!("{{\"value\":\"{two}\"}}"), one, one, Ok(Step::Issue), Ok(Step::Issue)),
        ("{\"essential\":true}".to_owned(), one, two, Ok(Step::Issue), Ok(Step::Issue)),
        ("null".to_owned(), one, two, Ok(Step::Issue), Ok(Step::Issue)),
    ] {
        let outcome = |step| match step {
            Step::Refuse(error, _) => Err(error),
            step => Ok(step),
        };
        assert_eq!(outcome(asked(&wish, &NOTHING, "", acr, reachable)), expected, "{wish} {acr} {reachable}");
        assert_eq!(outcome(asked(&wish, &SIGNED_IN, "", acr, reachable)), after, "{wish} {acr} {reachable}");
        let silently = outcome(asked(&wish, &NOTHING, "&prompt=none", acr, reachable));
        let essential_sign_in = expected == Ok(Step::Strengthen) && after == Err(unmet);
        assert_eq!(silently, if essential_sign_in { Err(LOGIN_REQUIRED) } else { after }, "{wish} {acr} {reachable}");
    }
}

#[test]
fn prompt_none_shows_no_page_at_all() {
    let none = with("&prompt=none").unwrap();
    let me = Some(session());
    let at = |session: &Option<SessionFacts>, hint, consent| {
        next_step(&none, session.as_ref(), &NOTHING, hint, consent, 1_060)
    };
    assert_eq!(at(&me, None, false), Step::Issue);
    assert_eq!(at(&me, Some("u1"), false), Step::Issue);
    assert_eq!(refused(at(&None, None, false)), LOGIN_REQUIRED);
    assert_eq!(refused(at(&me, Some("u2"), false)), LOGIN_REQUIRED);
    assert_eq!(refused(at(&me, None, true)), "consent_required");
    assert_eq!(refused(step("&prompt=none&max_age=59", &NOTHING)), LOGIN_REQUIRED);
}

#[test]
fn a_hint_at_another_user_asks_for_a_sign_in_and_then_ends() {
    let at =
        |more: &str, done: &Done, hint| next_step(&with(more).unwrap(), Some(&session()), done, hint, false, 1_060);
    assert_eq!(at("", &NOTHING, Some("u1")), Step::Issue);
    assert_eq!(at("", &NOTHING, Some("u2")), Step::SignIn);
    assert_eq!(refused(at("", &SIGNED_IN, Some("u2"))), LOGIN_REQUIRED);
    // Of what lacks in this user's session the other one knows nothing.
    let class = "&acr_values=urn:latchkey:acr:2fa";
    let could = SessionFacts { acr: ACRS[0], reachable_acr: ACRS[1], ..session() };
    let stronger = |hint| next_step(&with(class).unwrap(), Some(&could), &NOTHING, hint, false, 1_060);
    assert_eq!((stronger(Some("u1")), stronger(Some("u2"))), (Step::Strengthen, Step::SignIn));
    let demand = |sub: &str| format!("&claims=%7B%22id_token%22:%7B%22sub%22:%7B%22value%22:%22{sub}%22%7D%7D%7D");
    assert_eq!(at(&demand("u1"), &NOTHING, None), Step::Issue);
    assert_eq!(at(&demand("u2"), &NOTHING, None), Step::SignIn);
}

#[test]
fn an_account_is_chosen_once_and_a_fresh_sign_in_is_a_choice() {
    assert_eq!(step("&prompt=select_account", &NOTHING), Step::ChooseAccount);
    assert_eq!(step("&prompt=select_account", &Done { account_chosen: true, ..NOTHING }), Step::Issue);
    assert_eq!(step("&prompt=select_account", &SIGNED_IN), Step::Issue);
}

#[test]
fn consent_is_asked_for_when_needed_or_demanded_until_given() {
    let consented = Done { consented: true, ..NOTHING };
    assert_eq!(step("&prompt=consent", &NOTHING), Step::Consent);
    assert_eq!(step("&prompt=consent", &SIGNED_IN), Step::Consent);
    assert_eq!(step("&prompt=consent", &consented), Step::Issue);
    let needed = |done| next_step(&with("").unwrap(), Some(&session()), done, None, true, 1_060);
    assert_eq!(needed(&NOTHING), Step::Consent);
    assert_eq!(needed(&consented), Step::Issue);
}

proptest! {
    #[test]
    fn no_session_is_ever_asked_twice_for_the_same_thing(
        prompt in prop::sample::select(vec!["", "login", "consent", "select_account", "login consent select_account", "none"]),
        max_age in proptest::option::of(0..100_u64),
        consent_needed: bool,
        hint in prop::sample::select(vec![None, Some("u1"), Some("u2")]),
        auth_time in 0..2_000_i64,
    ) {
        let more = format!("&prompt={}{}", prompt.replace(' ', "+"), max_age.map(|a| format!("&max_age={a}")).unwrap_or_default());
        let request = with(&more).unwrap();
        let mut session = None;
        let mut done = NOTHING;
        // A sign-in, a choice and a consent at most; then it is decided.
        for _ in 0..4 {
            match next_step(&request, session.as_ref(), &done, hint, consent_needed, 1_060) {
                Step::SignIn => {
                    prop_assert!(!done.fresh_login);
                    done.fresh_login = true;
                    session = Some(SessionFacts { auth_time, ..self::session() });
                }
                Step::Strengthen => prop_assert!(false, "no class was asked for"),
                Step::ChooseAccount => {
                    prop_assert!(!done.account_chosen);
                    done.account_chosen = true;
                }
                Step::Consent => {
                    prop_assert!(!done.consented);
                    done.consented = true;
                }
                Step::Refuse(..) => return Ok(()),
                Step::Issue => {
                    prop_assert!(session.is_some());
                    prop_assert!(done.fresh_login || !request.prompt.login);
                    prop_assert!(done.consented || !(request.prompt.consent || consent_needed));
                    return Ok(());
                }
            }
            prop_assert!(!request.prompt.none);
        }
        prop_assert!(false, "no end");
    }
}
