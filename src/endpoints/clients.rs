//! A client with its application, and the question of who may use it.

use rusqlite::Connection;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::access;
use crate::app::App;
use crate::domain::access::Decision;
use crate::domain::authorize::ClientFacts;
use crate::domain::circumstances::Circumstances;
use crate::domain::claims::{self, UserClaims};
use crate::domain::pkce::PkcePolicy;
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::store::applications::{self, Application};
use crate::store::bindings;
use crate::store::grants::Grant;
use crate::store::providers::{self, Provider};
use crate::store::users::User;
use crate::telling;
pub use crate::telling::user_claims;

use super::context::Ctx;
use super::session::SignedIn;

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
            response_types: self.provider.response_types,
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

/// Whether a user may use an application: asked at authorize, at every use of a code or token, and at launch. Policies
/// that fail are told to the administrator.
pub fn decide(
    ctx: &Ctx,
    connection: &Connection,
    application: &Application,
    user: &User,
    circumstances: &Circumstances,
) -> Result<Decision, Internal> {
    let ruling = access::decide(connection, application, user, circumstances)?;
    note_failures(ctx, application, user, ruling.failures);
    Ok(ruling.decision)
}

/// The applications that a user may use, by as many queries for a thousand as for one.
pub fn allowed(ctx: &Ctx, connection: &Connection, who: &SignedIn) -> Result<Vec<Application>, Internal> {
    let all = applications::list(connection)?;
    let ids: Vec<i64> = all.iter().map(|a| a.id).collect();
    let mut bindings = bindings::of_applications(connection, &ids)?;
    let circumstances = ctx.circumstances(who);
    let mut asker = access::Asker::new(connection, &who.user, &circumstances);
    let mut allowed = Vec::new();
    for application in all {
        let rules = bindings.remove(&application.id).unwrap_or_default().into_iter().map(|b| b.rule).collect();
        let ruling = asker.decide(&application, rules)?;
        note_failures(ctx, &application, &who.user, ruling.failures);
        if ruling.decision.is_allowed() {
            allowed.push(application);
        }
    }
    Ok(allowed)
}

/// Tells the administrator which policies could not say yes or no.
pub fn note_failures(ctx: &Ctx, application: &Application, user: &User, failures: Vec<access::Failure>) {
    for failure in failures {
        let event = ctx
            .event("policy_failed")
            .user(&user.username)
            .detail("policy", failure.policy)
            .detail("application", &application.slug)
            .detail("reason", failure.error.to_string());
        ctx.app.recorder.refused_seldom(event);
    }
}

impl Ctx<'_> {
    /// The circumstances of somebody who is here with their browser.
    pub fn circumstances(&self, who: &SignedIn) -> Circumstances {
        let offset = self.app.clock.utc_offset(self.now);
        Circumstances::new(&self.req.client.to_string(), &who.session.amr, self.now, offset)
    }

    /// The circumstances at the back-channel: it is now, and the user is where they were when the grant was made.
    pub fn circumstances_of(&self, grant: &Grant) -> Circumstances {
        Circumstances::new(&grant.address, &grant.amr, self.now, self.app.clock.utc_offset(self.now))
    }
}

/// The client secret in the open. `None` for a client that has none.
pub fn secret(app: &App, provider: &Provider) -> Result<Option<Zeroizing<String>>, Internal> {
    let Some(sealed) = &provider.client_secret_sealed else { return Ok(None) };
    let bytes = app.sealer().open(&provider.secret_seal(), sealed).map_err(Internal::fault)?;
    let text = std::str::from_utf8(&bytes).map_err(Internal::fault)?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}

/// The user's `sub` at a client. `None` when it is made of an address that the user has not.
pub fn subject(app: &App, client: &Client, user: &UserClaims) -> Option<String> {
    claims::subject(client.provider.subject_mode, user, &app.install_id)
}

/// The claims that userinfo and the ID token share: those of the scopes, those asked for by these names, within what the
/// provider offers, and those of scope mappings. A mapping that fails adds nothing, and the administrator is told.
pub fn shared_claims(
    ctx: &Ctx,
    connection: &Connection,
    client: &Client,
    user: &UserClaims,
    grant: &Grant,
    scopes: &ScopeSet,
    names: &str,
) -> Result<Map<String, Value>, Internal> {
    let names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    let request = telling::Request {
        application: &client.application,
        scopes,
        names: &names,
        offered: &client.provider.scopes,
        circumstances: &ctx.circumstances_of(grant),
    };
    let told = telling::tell(connection, user, &request)?;
    for failure in told.failures {
        let event = ctx
            .event("scope_mapping_failed")
            .user(&user.username)
            .client(&client.provider.client_id)
            .detail("scope_mapping", failure.mapping)
            .detail("application", &client.application.slug)
            .detail("reason", failure.why.to_string());
        ctx.app.recorder.refused_seldom(event);
    }
    Ok(told.claims)
}
