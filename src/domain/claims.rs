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
