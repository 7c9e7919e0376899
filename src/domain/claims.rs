//! What a client is told about a user: the subject, and the claims of each scope. One map serves the ID token and
//! userinfo, because clients take either.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::names;
use super::scope::ScopeSet;

/// What the `sub` of a provider is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubjectMode {
    #[serde(rename = "hashed_user_id")]
    HashedUserId,
    #[serde(rename = "user_id")]
    UserId,
    #[serde(rename = "user_uuid")]
    Uuid,
    #[serde(rename = "user_username")]
    Username,
    #[serde(rename = "user_email")]
    Email,
}

impl SubjectMode {
    pub const ALL: [Self; 5] = [Self::HashedUserId, Self::UserId, Self::Uuid, Self::Username, Self::Email];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::HashedUserId => "hashed_user_id",
            Self::UserId => "user_id",
            Self::Uuid => "user_uuid",
            Self::Username => "user_username",
            Self::Email => "user_email",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == text)
    }
}

/// A user as claims see one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UserClaims {
    pub id: i64,
    pub uuid: String,
    pub username: String,
    pub name: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub email: Option<String>,
    pub email_verified: bool,
    pub locale: Option<String>,
    pub picture: Option<String>,
    pub updated_at: i64,
    pub groups: Vec<String>,
    /// The user's free attributes; the standard claims among them (`zoneinfo`, `phone_number`, ...) are passed on.
    pub attributes: Map<String, Value>,
}

/// Standard claims that have no field of their own here and come from the attributes (OpenID Connect Core section
/// 5.1), with the scope that asks for them.
const FROM_ATTRIBUTES: [(&str, &str, Kind); 10] = [
    ("profile", "middle_name", Kind::Text),
    ("profile", "nickname", Kind::Text),
    ("profile", "profile", Kind::Text),
    ("profile", "website", Kind::Text),
    ("profile", "gender", Kind::Text),
    ("profile", "birthdate", Kind::Text),
    ("profile", "zoneinfo", Kind::Text),
    ("phone", "phone_number", Kind::Text),
    ("phone", "phone_number_verified", Kind::Flag),
    ("address", "address", Kind::Object),
];

/// What `profile` tells of a user besides [`FROM_ATTRIBUTES`].
const PROFILE: [&str; 8] =
    ["name", "given_name", "family_name", "preferred_username", "picture", "locale", "updated_at", "groups"];

/// The type that a standard claim must have; an attribute of another type is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Flag,
    Object,
}

/// The `sub` of a user. `None` when it is made of an e-mail address that the user has not.
pub fn subject(mode: SubjectMode, user: &UserClaims, install_id: &str) -> Option<String> {
    Some(match mode {
        SubjectMode::HashedUserId => sha256_hex(&format!("{}-{install_id}", user.id)),
        SubjectMode::UserId => user.id.to_string(),
        SubjectMode::Uuid => user.uuid.clone(),
        SubjectMode::Username => user.username.clone(),
        SubjectMode::Email => user.email.clone().filter(|e| !e.is_empty())?,
    })
}

/// The claims of the granted scopes (OpenID Connect Core section 5.4). A claim that the user has no value for is
/// left out, never null (section 5.3.2).
pub fn for_scopes(user: &UserClaims, scopes: &ScopeSet) -> Map<String, Value> {
    let mut claims = Map::new();
    if scopes.contains("profile") {
        profile(user, &mut claims);
    }
    if scopes.contains("email") {
        email(user, &mut claims);
    }
    // The groups are part of `profile` too, where authentik's guides look for them.
    if scopes.contains("profile") || scopes.contains("groups") {
        claims.insert("groups".to_owned(), Value::from(user.groups.clone()));
    }
    for (scope, name, kind) in FROM_ATTRIBUTES {
        if scopes.contains(scope)
            && let Some(value) = user.attributes.get(name).filter(|value| kind.holds(value))
        {
            claims.insert(name.to_owned(), value.clone());
        }
    }
    claims
}

/// What scope mappings add to a scope.
pub type Mapped<'a> = dyn FnMut(&str) -> Map<String, Value> + 'a;

/// The claims of the granted scopes, and those asked for one by one (OpenID Connect Core section 5.5) that a scope on
/// offer to this client tells; what mappings say of a scope goes before what we say ourselves.
pub fn for_request(
    user: &UserClaims,
    scopes: &ScopeSet,
    names: &[String],
    offered: &ScopeSet,
    mapped: &mut Mapped<'_>,
) -> Map<String, Value> {
    let mut of_scopes = |scopes: &ScopeSet| {
        let mut claims = for_scopes(user, scopes);
        for scope in scopes.iter() {
            claims.extend(mapped(scope).into_iter().filter(|(name, _)| !is_protected(name)));
        }
        claims
    };
    let mut claims = of_scopes(scopes);
    let told = scopes_told(scopes, names, offered);
    let by_name = ScopeSet::from_store(&told.unknown(scopes).join(" "));
    for (name, value) in of_scopes(&by_name) {
        if names.contains(&name) && !claims.contains_key(&name) {
            claims.insert(name, value);
        }
    }
    claims
}

/// Claims that say what a token is, whose it is and how its user signed in: ours alone. A client that found another
/// `sub` or `aud` in a token would let somebody else in.
const PROTECTED: [&str; 28] = [
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
    "may_act",
    "active",
    "token_type",
    "sub_jwk",
    "sub_id",
    "toe",
];

/// Whether no scope mapping may set a claim.
pub fn is_protected(name: &str) -> bool {
    PROTECTED.contains(&name)
}

/// What a request really asks for: its scopes, and those on offer by which the claims that it names one by one are
/// told. A user who is asked must be asked for these.
pub fn scopes_told(scopes: &ScopeSet, names: &[String], offered: &ScopeSet) -> ScopeSet {
    let is_named = |scope: &&str| names.iter().any(|name| belongs_to(name, scope));
    let named: Vec<&str> = offered.iter().filter(is_named).collect();
    ScopeSet::from_store(&format!("{scopes} {}", named.join(" ")))
}

/// Whether a scope tells a claim.
fn belongs_to(claim: &str, scope: &str) -> bool {
    match scope {
        "profile" if PROFILE.contains(&claim) => true,
        "email" => matches!(claim, "email" | "email_verified"),
        "groups" => claim == "groups",
        _ => FROM_ATTRIBUTES.iter().any(|(of, name, _)| *of == scope && *name == claim),
    }
}

fn profile(user: &UserClaims, claims: &mut Map<String, Value>) {
    let (given, family) = names::split_name(&user.name);
    text(claims, "name", Some(&user.name));
    text(claims, "given_name", Some(user.given_name.as_deref().unwrap_or(given)));
    text(claims, "family_name", Some(user.family_name.as_deref().unwrap_or(family)));
    text(claims, "preferred_username", Some(&user.username));
    text(claims, "picture", user.picture.as_deref());
    text(claims, "locale", user.locale.as_deref());
    claims.insert("updated_at".to_owned(), Value::from(user.updated_at));
}

fn email(user: &UserClaims, claims: &mut Map<String, Value>) {
    if let Some(address) = user.email.as_deref().filter(|e| !e.is_empty()) {
        text(claims, "email", Some(address));
        claims.insert("email_verified".to_owned(), Value::from(user.email_verified));
    }
}

fn text(claims: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    if let Some(value) = value.filter(|v| !v.is_empty()) {
        claims.insert(name.to_owned(), Value::from(value));
    }
}

impl Kind {
    fn holds(self, value: &Value) -> bool {
        match self {
            Self::Text => value.as_str().is_some_and(|s| !s.is_empty()),
            Self::Flag => value.is_boolean(),
            Self::Object => value.as_object().is_some_and(|o| !o.is_empty()),
        }
    }
}

fn sha256_hex(text: &str) -> String {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
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
}
