//! Making the tokens of an answer: access token (RFC 9068), ID token (OpenID Connect Core section 2).

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::crypto::digest::{Hash, secret_hash};
use crate::crypto::jwt::{ExpectedTyp, at_hash};
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::claims::UserClaims;
use crate::domain::methods;
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::store::grants::Grant;
use crate::store::users::{self, User};

use super::clients::{self, Client};
use super::context::Ctx;

/// Tokens that were made but not stored yet.
pub struct Issued {
    pub access_token: String,
    pub access_hash: Hash,
    pub access_expires_at: UnixSeconds,
    pub id_token: Option<String>,
}

/// Whether an ID token answers an authorization, and then repeats its nonce, or a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    Authorization,
    /// OpenID Connect Core section 12.2: no nonce.
    Refresh,
}

/// Why a grant gives no tokens any more, for the events.
pub type NoLonger = String;

/// Looks again at who a grant is for: the user must be active and still have access.
pub fn entitled(
    ctx: &Ctx,
    connection: &Connection,
    client: &Client,
    grant: &Grant,
) -> Result<Result<User, NoLonger>, Internal> {
    let Some(user) = users::by_id(connection, grant.user_id)? else { return Ok(Err("the user was deleted".into())) };
    let decision = clients::decide(ctx, connection, &client.application, &user, &ctx.circumstances_of(grant))?;
    Ok(if decision.is_allowed() { Ok(user) } else { Err(decision.why().to_string()) })
}

/// Makes the tokens of a grant.
pub fn issue(
    ctx: &Ctx,
    connection: &Connection,
    client: &Client,
    grant: &Grant,
    user: &User,
    scopes: &ScopeSet,
    occasion: Occasion,
) -> Result<Issued, Internal> {
    let app = ctx.app;
    let provider = &client.provider;
    let key = app.keyring.signing(connection, app.sealer(), provider, ctx.now)?;
    let claims = clients::user_claims(connection, user)?;
    let sub = clients::subject(app, client, &claims)
        .ok_or_else(|| Internal::fault("the user has no e-mail address, which this client identifies by"))?;
    let issuer = client.issuer(app);
    let expires_at = ctx.now + provider.access_token_validity;
    let mut access = common(ctx, client, grant, &sub, &issuer);
    access.insert("client_id".into(), json!(provider.client_id));
    access.insert("scope".into(), json!(scopes.to_string()));
    let access_token = key.sign_jwt(ExpectedTyp::Access.as_str(), &access).map_err(Internal::fault)?;
    let id_token = if scopes.contains("openid") {
        let mut id = id_claims(ctx, connection, client, grant, &claims, &sub, scopes)?;
        id.insert("at_hash".into(), Value::String(at_hash(key.alg(), &access_token)));
        if let (Occasion::Authorization, Some(nonce)) = (occasion, &grant.nonce) {
            id.insert("nonce".into(), json!(nonce));
        }
        Some(key.sign_jwt(ExpectedTyp::Id.as_str(), &id).map_err(Internal::fault)?)
    } else {
        None
    };
    Ok(Issued { access_hash: secret_hash(&access_token), access_token, access_expires_at: expires_at, id_token })
}

/// What ID and access tokens have in common.
fn common(ctx: &Ctx, client: &Client, grant: &Grant, sub: &str, audience: &str) -> Map<String, Value> {
    let mut c = Map::new();
    c.insert("iss".into(), json!(client.issuer(ctx.app)));
    c.insert("sub".into(), json!(sub));
    c.insert("aud".into(), json!(audience));
    c.insert("exp".into(), json!(ctx.now + client.provider.access_token_validity));
    c.insert("iat".into(), json!(ctx.now));
    c.insert("jti".into(), json!(random::token()));
    c.insert("auth_time".into(), json!(grant.auth_time));
    c.insert("acr".into(), json!(methods::acr(&grant.amr)));
    c.insert("amr".into(), json!(grant.amr.split(' ').collect::<Vec<_>>()));
    c
}

/// The claims of an ID token, but for those that tie it to one answer (`nonce`, `at_hash`).
pub fn id_claims(
    ctx: &Ctx,
    connection: &Connection,
    client: &Client,
    grant: &Grant,
    user: &UserClaims,
    sub: &str,
    scopes: &ScopeSet,
) -> Result<Map<String, Value>, Internal> {
    let provider = &client.provider;
    let mut id = match provider.claims_in_id_token {
        true => clients::shared_claims(ctx, connection, client, user, grant, scopes)?,
        false => Map::new(),
    };
    id.extend(common(ctx, client, grant, sub, &provider.client_id));
    id.insert("azp".into(), json!(provider.client_id));
    id.insert("sid".into(), json!(grant.sid));
    Ok(id)
}
