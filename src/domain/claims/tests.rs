//! What each scope tells, what mappings add, and what none of them can.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn ada() -> UserClaims {
    UserClaims {
        id: 7,
        uuid: "5f0c9f6e-9d2c-4b07-8a2b-1f6a3f0f8f11".to_owned(),
        username: "ada".to_owned(),
        name: "Ada King Lovelace".to_owned(),
        email: Some("ada@company.example".to_owned()),
        updated_at: 1_700_000_000,
        groups: vec!["portainer".to_owned(), "staff".to_owned()],
        ..UserClaims::default()
    }
}

fn claims(user: &UserClaims, scopes: &str) -> Value {
    Value::Object(for_scopes(user, &ScopeSet::from_store(scopes)))
}

#[test]
fn the_usual_scopes_give_the_usual_claims() {
    assert_eq!(
        claims(&ada(), "openid email profile"),
        json!({
            "name": "Ada King Lovelace",
            "given_name": "Ada King",
            "family_name": "Lovelace",
            "preferred_username": "ada",
            "updated_at": 1_700_000_000,
            "groups": ["portainer", "staff"],
            "email": "ada@company.example",
            "email_verified": false,
        })
    );
}

#[test]
fn each_scope_gives_its_own_claims_and_no_other() {
    assert_eq!(claims(&ada(), "openid offline_access"), json!({}));
    assert_eq!(claims(&ada(), "openid groups"), json!({"groups": ["portainer", "staff"]}));
    let email = json!({"email": "ada@company.example", "email_verified": false});
    assert_eq!(claims(&ada(), "email"), email);
    assert!(claims(&ada(), "profile").get("email").is_none());
}

#[test]
fn names_that_were_set_win_over_the_split_one() {
    let user = UserClaims { given_name: Some("Augusta".into()), family_name: Some("King".into()), ..ada() };
    let claims = claims(&user, "profile");
    assert_eq!((&claims["given_name"], &claims["family_name"]), (&json!("Augusta"), &json!("King")));
}

#[test]
fn what_a_user_has_not_is_left_out_and_never_null() {
    let user = UserClaims { username: "bob".into(), ..UserClaims::default() };
    assert_eq!(
        claims(&user, "openid profile email phone address groups"),
        json!({"preferred_username": "bob", "updated_at": 0, "groups": []})
    );
}

#[test]
fn a_verified_address_is_told_as_such() {
    let user = UserClaims { email_verified: true, ..ada() };
    assert_eq!(claims(&user, "email")["email_verified"], json!(true));
}

#[test]
fn attributes_give_standard_claims_of_the_right_type_only() {
    let attributes = json!({
        "zoneinfo": "Europe/Berlin", "phone_number": "+49 30 1", "phone_number_verified": "yes",
        "address": {"country": "DE"}, "website": 5, "nickname": null, "sub": "1", "email": "x@y", "shoe_size": "43",
    });
    let user = UserClaims { attributes: attributes.as_object().unwrap().clone(), ..ada() };
    let told = claims(&user, "openid profile email phone address");
    assert_eq!(told["zoneinfo"], "Europe/Berlin");
    assert_eq!(told["phone_number"], "+49 30 1");
    assert_eq!(told["address"], json!({"country": "DE"}));
    assert_eq!(told["email"], "ada@company.example");
    for absent in ["phone_number_verified", "website", "nickname", "sub", "shoe_size"] {
        assert!(told.get(absent).is_none(), "{absent}");
    }
    assert!(claims(&user, "profile").get("phone_number").is_none());
}

#[test]
fn what_is_known_of_the_person_goes_before_the_attributes() {
    let attributes =
        json!({"zoneinfo": "Europe/Berlin", "nickname": "A", "phone_number": "1", "phone_number_verified": true});
    let texts =
        [("zoneinfo", "Europe/London"), ("phone_number", "+441234567")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    let user = UserClaims {
        attributes: attributes.as_object().unwrap().clone(),
        person: Person { texts: texts.into(), phone_number_verified: false },
        ..ada()
    };
    let told = claims(&user, "profile phone");
    assert_eq!((&told["zoneinfo"], &told["nickname"]), (&json!("Europe/London"), &json!("A")));
    // What an administrator said of another number is not said of this one.
    assert_eq!((&told["phone_number"], &told["phone_number_verified"]), (&json!("+441234567"), &json!(false)));
}

#[test]
fn what_scopes_can_tell_is_all_that_they_tell() {
    let told = |scopes: &str| of_scopes(&ScopeSet::from_store(scopes)).collect::<Vec<_>>();
    assert_eq!(told("openid offline_access house"), Vec::<&str>::new());
    assert_eq!(told("email groups"), ["groups", "email", "email_verified"]);
    assert_eq!(told("phone address"), ["phone_number", "phone_number_verified", "address"]);
    let all = told("openid profile email phone address groups");
    let mut once = all.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), all.len());
    let person = UserClaims { picture: Some("p".into()), locale: Some("de".into()), ..ada() };
    for scope in ["profile", "email", "phone", "address", "groups"] {
        for name in claims(&person, scope).as_object().unwrap().keys() {
            assert!(told(scope).contains(&name.as_str()), "{scope}: {name}");
        }
    }
}

#[test]
fn claims_asked_for_one_by_one_come_from_scopes_on_offer_only() {
    let (scopes, offered) = (ScopeSet::from_store("openid"), ScopeSet::from_store("openid email"));
    let names = ["email".to_owned(), "name".to_owned()];
    let told = for_request(&ada(), &scopes, &names, &offered, &mut |_| Map::new());
    assert_eq!(Value::Object(told), json!({"email": "ada@company.example"}));
}

/// What is told where mappings add this to the scopes.
fn told_with(mapped: &Value, scopes: &str, names: &[&str], offered: &str) -> Value {
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let mut mapped = |scope: &str| mapped[scope].as_object().cloned().unwrap_or_default();
    let (scopes, offered) = (ScopeSet::from_store(scopes), ScopeSet::from_store(offered));
    Value::Object(for_request(&ada(), &scopes, &names, &offered, &mut mapped))
}

#[test]
fn a_mapping_adds_to_its_scope_and_goes_before_our_own_claims() {
    let mapped = json!({"house": {"room": 4}, "groups": {"groups": ["only this"], "more": true}});
    assert_eq!(told_with(&mapped, "openid house", &[], "openid house"), json!({"room": 4}));
    assert_eq!(told_with(&mapped, "openid", &[], "openid house"), json!({}));
    assert_eq!(
        told_with(&mapped, "openid groups", &[], "openid groups"),
        json!({"groups": ["only this"], "more": true})
    );
}

#[test]
fn a_claim_asked_for_by_name_is_told_as_its_mapping_says_it() {
    let mapped = json!({"email": {"email": "mapped@company.example", "secret": 1}, "house": {"room": 4}});
    let offered = "openid email house";
    let email = json!({"email": "mapped@company.example"});
    assert_eq!(told_with(&mapped, "openid", &["email"], offered), email);
    assert_eq!(told_with(&mapped, "openid email", &["email"], offered)["email"], email["email"]);
    assert_eq!(told_with(&mapped, "openid", &["email"], "openid"), json!({}));
    // Nobody can tell which custom scope a name belongs to, so nobody was asked whether it may be told.
    assert_eq!(told_with(&mapped, "openid", &["room", "secret"], offered), json!({}));
    // What a granted scope says is not undone by another that tells the same claim.
    let mapped = json!({"groups": {"groups": ["only this"]}});
    assert_eq!(told_with(&mapped, "groups", &["groups"], "profile groups"), json!({"groups": ["only this"]}));
}

#[test]
fn no_mapping_sets_a_protected_claim() {
    for name in PROTECTED {
        let mapped = json!({"house": {name: "stolen", "room": 4}, "email": {name: "stolen"}});
        let told = told_with(&mapped, "openid house", &[name, "email"], "openid email house");
        assert_eq!(told["room"], 4);
        assert!(told.get(name).is_none(), "{name}");
    }
}

#[test]
fn a_claim_asked_for_by_name_counts_as_the_scope_that_tells_it() {
    let told = |names: &[&str], offered| {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        scopes_told(&ScopeSet::from_store("openid"), &names, &ScopeSet::from_store(offered)).to_string()
    };
    assert_eq!(told(&[], "openid email profile"), "openid");
    assert_eq!(told(&["email_verified"], "openid email profile"), "openid email");
    assert_eq!(told(&["groups", "nickname", "shoe_size"], "openid email profile groups"), "openid profile groups");
    assert_eq!(told(&["email", "phone_number"], "openid"), "openid", "what is not on offer is not told");
}

#[test]
fn every_claim_of_a_scope_belongs_to_it() {
    let attributes = json!({
        "middle_name": "x", "nickname": "x", "profile": "x", "website": "x", "gender": "x", "birthdate": "x",
        "zoneinfo": "x", "phone_number": "1", "phone_number_verified": true, "address": {"country": "DE"},
    });
    let user = UserClaims {
        attributes: attributes.as_object().unwrap().clone(),
        picture: Some("https://x".into()),
        locale: Some("de".into()),
        ..ada()
    };
    for scope in super::super::scope::KNOWN {
        for name in for_scopes(&user, &ScopeSet::from_store(scope)).keys() {
            assert!(belongs_to(name, scope), "{name} of {scope}");
        }
    }
}

#[test]
fn subjects_are_made_as_the_mode_says() {
    let told = |mode| subject(mode, &ada(), "install");
    // printf '7-install' | sha256sum
    let hashed = "bc6d51cb669cadf3bc51c65775ed185dca8a90ebb882970a67cefa9939da4786";
    assert_eq!(told(SubjectMode::HashedUserId).as_deref(), Some(hashed));
    assert_eq!(told(SubjectMode::UserId).as_deref(), Some("7"));
    assert_eq!(told(SubjectMode::Uuid), Some(ada().uuid));
    assert_eq!(told(SubjectMode::Username).as_deref(), Some("ada"));
    assert_eq!(told(SubjectMode::Email).as_deref(), Some("ada@company.example"));
    assert_eq!(subject(SubjectMode::Email, &UserClaims { email: None, ..ada() }, "install"), None);
}

#[test]
fn subject_modes_are_stored_under_the_words_they_are_parsed_from() {
    for mode in SubjectMode::ALL {
        assert_eq!(SubjectMode::parse(mode.as_str()), Some(mode));
        assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
    }
    assert_eq!(SubjectMode::parse("User_ID"), None);
}

proptest! {
    #[test]
    fn no_claim_is_ever_null_or_empty_text(
        name in "\\PC{0,10}",
        email in proptest::option::of("\\PC{0,5}"),
        given_name in proptest::option::of("[a ]{0,2}"),
    ) {
        let user = UserClaims { name, email, given_name, ..UserClaims::default() };
        for (claim, value) in for_scopes(&user, &ScopeSet::from_store("openid profile email phone address groups")) {
            prop_assert!(!value.is_null() && value != "", "{claim}");
            prop_assert!(claim != "sub");
        }
    }
}
