//! What a client is told about a user: the subject, and the claims of each scope. One map serves the ID token and
//! userinfo, because clients take either.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::names;
use super::person::Person;
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
    /// The user's free attributes; the standard claims among them (`zoneinfo`, `phone_number`, ...) are passed on where
    /// `person` does not tell them.
    pub attributes: Map<String, Value>,
    pub person: Person,
}

/// Standard claims that have no field of their own here and come from what else is known of the person, or else from the
/// attributes (OpenID Connect Core section 5.1), with the scope that asks for them.
const OF_THE_PERSON: [(&str, &str, Kind); 10] = [
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

/// What `profile` tells of a user besides [`OF_THE_PERSON`].
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
    for (scope, name, kind) in OF_THE_PERSON {
        if scopes.contains(scope)
            && let Some(value) = of_the_person(user, name, kind)
        {
            claims.insert(name.to_owned(), value);
        }
    }
    claims
}

fn of_the_person(user: &UserClaims, name: &str, kind: Kind) -> Option<Value> {
    user.person.claim(name).or_else(|| user.attributes.get(name).filter(|value| kind.holds(value)).cloned())
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

/// Those of the claims named one by one that a scope on offer tells.
pub fn named_on_offer(names: &[String], offered: &ScopeSet) -> String {
    let is_told = |name: &&str| offered.iter().any(|scope| belongs_to(name, scope));
    names.iter().map(String::as_str).filter(is_told).collect::<Vec<_>>().join(" ")
}

/// Whether a scope tells a claim.
fn belongs_to(claim: &str, scope: &str) -> bool {
    match scope {
        "profile" if PROFILE.contains(&claim) => true,
        "email" => matches!(claim, "email" | "email_verified"),
        "groups" => claim == "groups",
        _ => OF_THE_PERSON.iter().any(|(of, name, _)| *of == scope && *name == claim),
    }
}

/// The claims that these scopes can tell.
pub fn of_scopes(scopes: &ScopeSet) -> impl Iterator<Item = &'static str> {
    let of_the_person = OF_THE_PERSON.iter().map(|(_, name, _)| *name);
    let all = PROFILE.into_iter().chain(of_the_person).chain(["email", "email_verified"]);
    all.filter(|claim| scopes.iter().any(|scope| belongs_to(claim, scope)))
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
mod tests;
