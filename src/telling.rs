//! What applications are told of a user: loads the user and the scope mappings; the rules are in `domain::claims`.

use rusqlite::Connection;
use serde_json::{Map, Value};

use crate::domain::circumstances::Circumstances;
use crate::domain::claims::{self, UserClaims};
use crate::domain::expression::{ExpressionError, Facts, Mapping};
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::store::applications::Application;
use crate::store::scope_mappings::{self, ScopeMapping};
use crate::store::users::User;
use crate::store::{groups, meta, users};
use crate::words::Words;

/// A user as claims and expressions see one.
pub fn user_claims(connection: &Connection, user: &User) -> Result<UserClaims, Internal> {
    Ok(UserClaims {
        id: user.id,
        uuid: user.uuid.clone(),
        username: user.username.clone(),
        name: user.name.clone(),
        given_name: user.given_name.clone(),
        family_name: user.family_name.clone(),
        email: user.email.clone().filter(|_| user.email_told),
        email_verified: user.email_verified,
        locale: user.locale.clone(),
        picture: picture(connection, user)?,
        updated_at: user.updated_at,
        groups: groups::of_user(connection, user.id)?.into_iter().map(|g| g.name).collect(),
        attributes: user.attributes.clone(),
        person: user.person.clone(),
    })
}

/// Where a user's picture is. The stored base URL is that of the server that runs.
fn picture(connection: &Connection, user: &User) -> Result<Option<String>, Internal> {
    let Some(hash) = &user.picture else { return Ok(None) };
    Ok(meta::get(connection, meta::BASE_URL)?.map(|base| format!("{base}/icon/{hash}")))
}

/// What expressions can ask about a user.
pub fn facts(connection: &Connection, user: &User, circumstances: &Circumstances) -> Result<Facts, Internal> {
    facts_of(connection, &user_claims(connection, user)?, circumstances)
}

fn facts_of(connection: &Connection, user: &UserClaims, circumstances: &Circumstances) -> Result<Facts, Internal> {
    Ok(Facts::new(user, users::is_administrator(connection, user.id)?, circumstances))
}

/// What an application is granted, and asks for.
pub struct Request<'a> {
    pub application: &'a Application,
    /// The granted scopes.
    pub scopes: &'a ScopeSet,
    /// Claims asked for one by one.
    pub names: &'a [String],
    /// What the provider offers.
    pub offered: &'a ScopeSet,
    pub circumstances: &'a Circumstances,
}

/// The claims that userinfo and the ID token share, and which mappings could not add theirs.
#[derive(Debug, Default)]
pub struct Told {
    pub claims: Map<String, Value>,
    pub failures: Vec<Failure>,
}

/// A scope mapping whose claims, or one of them, are left out.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The mapping's name.
    pub mapping: String,
    pub why: Words,
}

/// The claims of the granted scopes, those asked for by name, and what scope mappings make of them.
pub fn tell(connection: &Connection, user: &UserClaims, request: &Request) -> Result<Told, Internal> {
    let told = claims::scopes_told(request.scopes, request.names, request.offered);
    let mut mappings = Vec::new();
    for scope in told.iter() {
        mappings.extend(scope_mappings::of_scope(connection, scope)?);
    }
    let mut failures = Vec::new();
    let facts = match mappings.is_empty() {
        true => None,
        false => {
            let a = request.application;
            Some(facts_of(connection, user, request.circumstances)?.at(&a.name, &a.slug, &a.group))
        }
    };
    let mut mapped = |scope: &str| {
        let mut claims = Map::new();
        for mapping in mappings.iter().filter(|m| m.scope == scope) {
            let Some(facts) = &facts else { continue };
            match apply(mapping, facts) {
                Ok(applied) => {
                    claims.extend(applied.claims);
                    failures.extend(applied.protected);
                }
                Err(error) => failures.push(Failure { mapping: mapping.name.clone(), why: error.into() }),
            }
        }
        claims
    };
    let claims = claims::for_request(user, request.scopes, request.names, request.offered, &mut mapped);
    Ok(Told { claims, failures })
}

/// What one mapping yields.
pub struct Applied {
    pub claims: Map<String, Value>,
    /// What is said of claims that no mapping may set.
    pub protected: Option<Failure>,
}

/// Applies one mapping.
pub fn apply(mapping: &ScopeMapping, facts: &Facts) -> Result<Applied, ExpressionError> {
    let (protected, claims): (Map<_, _>, Map<_, _>) = Mapping::parse(&mapping.expression)?
        .claims(facts)?
        .into_iter()
        .partition(|(name, _)| claims::is_protected(name));
    let names: Vec<&str> = protected.keys().map(String::as_str).collect();
    let failure = (!names.is_empty()).then(|| Failure {
        mapping: mapping.name.clone(),
        why: Words::new("scope-mapping-protected").with("names", names.join(", ")),
    });
    Ok(Applied { claims, protected: failure })
}
