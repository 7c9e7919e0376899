//! A client with its application, and the question of who may use it.

use rusqlite::Connection;

use crate::app::App;
use crate::domain::access::{self, Decision, Rules};
use crate::domain::authorize::ClientFacts;
use crate::domain::claims::{self, UserClaims};
use crate::domain::pkce::PkcePolicy;
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::store::applications::{self, Application};
use crate::store::bindings::{self, BoundRule};
use crate::store::grants::Grant;
use crate::store::groups;
use crate::store::providers::{self, Provider};
use crate::store::users::User;

/// A provider that is connected to an application: only then does it have an issuer and an access rule.
#[derive(Debug, Clone)]
pub struct Client {
    pub provider: Provider,
    pub application: Application,
}

impl Client {
    pub fn by_client_id(connection: &Connection, client_id: &str) -> Result<Option<Self>, Internal> {
        Self::of(connection, providers::by_client_id(connection, client_id)?)
    }

    pub fn by_provider(connection: &Connection, provider: i64) -> Result<Option<Self>, Internal> {
        Self::of(connection, providers::by_id(connection, provider)?)
    }

    pub fn by_slug(connection: &Connection, slug: &str) -> Result<Option<Self>, Internal> {
        let Some(application) = applications::by_slug(connection, slug)? else { return Ok(None) };
        let Some(id) = application.provider_id else { return Ok(None) };
        Ok(providers::by_id(connection, id)?.map(|provider| Self { provider, application }))
    }

    fn of(connection: &Connection, provider: Option<Provider>) -> Result<Option<Self>, Internal> {
        let Some(provider) = provider else { return Ok(None) };
        let application = applications::by_provider(connection, provider.id)?;
        Ok(application.map(|application| Self { provider, application }))
    }

    pub fn facts(&self) -> ClientFacts<'_> {
        ClientFacts {
            client_id: &self.provider.client_id,
            client_type: self.provider.client_type,
            registered: &self.provider.uris,
            offered: &self.provider.scopes,
            pkce: PkcePolicy::of(self.provider.client_type, self.provider.pkce),
        }
    }

    pub fn issuer(&self, app: &App) -> String {
        app.base.issuer(&self.application.slug)
    }

    /// The origins whose scripts may call the endpoints for this client.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.provider.uris.iter().any(|u| u.origin().as_deref() == Some(origin))
    }
}

/// Whether a user may use an application: asked at authorize, at every use of a code or token, at launch and for the
/// list of applications.
pub fn decide(connection: &Connection, application: &Application, user: &User) -> Result<Decision, Internal> {
    let bindings = bindings::of_application(connection, application.id)?;
    let groups = if bindings.is_empty() { Vec::new() } else { group_ids(connection, user)? };
    Ok(decide_by(application, bindings, user, &groups))
}

/// The applications that a user may use, by as many queries for a thousand as for one.
pub fn allowed(connection: &Connection, user: &User) -> Result<Vec<Application>, Internal> {
    let all = applications::list(connection)?;
    let ids: Vec<i64> = all.iter().map(|a| a.id).collect();
    let mut bindings = bindings::of_applications(connection, &ids)?;
    let groups = group_ids(connection, user)?;
    let mut is_allowed = |a: &Application| {
        let bindings = bindings.remove(&a.id).unwrap_or_default();
        decide_by(a, bindings, user, &groups).is_allowed()
    };
    Ok(all.into_iter().filter(|a| is_allowed(a)).collect())
}

fn decide_by(application: &Application, bindings: Vec<BoundRule>, user: &User, groups: &[i64]) -> Decision {
    let rules = Rules {
        everybody: application.everybody,
        mode: application.mode,
        bindings: bindings.into_iter().map(|b| b.rule).collect(),
    };
    access::decide(&access::User { id: user.id, active: user.active, groups }, &rules)
}

/// The groups that a user counts as a member of.
fn group_ids(connection: &Connection, user: &User) -> Result<Vec<i64>, Internal> {
    Ok(groups::of_user(connection, user.id)?.iter().map(|g| g.id).collect())
}

/// What applications may learn of a user.
pub fn user_claims(connection: &Connection, user: &User) -> Result<UserClaims, Internal> {
    Ok(UserClaims {
        id: user.id,
        uuid: user.uuid.clone(),
        username: user.username.clone(),
        name: user.name.clone(),
        given_name: user.given_name.clone(),
        family_name: user.family_name.clone(),
        email: user.email.clone(),
        email_verified: user.email_verified,
        locale: user.locale.clone(),
        picture: None,
        updated_at: user.updated_at,
        groups: groups::of_user(connection, user.id)?.into_iter().map(|g| g.name).collect(),
        attributes: user.attributes.clone(),
    })
}

/// The user's `sub` at a client. `None` when it is made of an address that the user has not.
pub fn subject(app: &App, client: &Client, user: &UserClaims) -> Option<String> {
    claims::subject(client.provider.subject_mode, user, &app.install_id)
}

/// The claims that userinfo and the ID token share: those of the scopes, and those asked for by name, within what the
/// provider offers.
pub fn shared_claims(
    client: &Client,
    user: &UserClaims,
    grant: &Grant,
    scopes: &ScopeSet,
) -> serde_json::Map<String, serde_json::Value> {
    let names: Vec<String> = grant.claims.split_whitespace().map(str::to_owned).collect();
    claims::for_request(user, scopes, &names, &client.provider.scopes)
}
