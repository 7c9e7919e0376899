//! Token introspection (RFC 7662): for confidential clients, about their own tokens only.

use serde_json::json;

use crate::crypto::digest::secret_hash;
use crate::domain::grant_type::GrantType;
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;
use crate::http::Response;
use crate::store::grants::Grant;
use crate::store::tokens;
use crate::store::users::User;

use super::clients::{self, Client};
use super::context::Ctx;
use super::failure::OAuthError;
use super::issue::entitled;
use super::{Answer, bearer, client_auth};

/// A token that is valid, and of which kind.
struct Active {
    grant: Grant,
    user: User,
    scopes: String,
    issued_at: UnixSeconds,
    expires_at: UnixSeconds,
    kind: &'static str,
}

/// POST `/application/o/introspect/`.
pub fn introspect(ctx: &Ctx) -> Answer {
    let Some(form) = ctx.req.form() else {
        let words = "the body must be application/x-www-form-urlencoded";
        return Err(OAuthError::bad_request("invalid_request", words).into());
    };
    let client = client_auth::authenticate_confidential(ctx, &form)?;
    let Some(token) = form.one("token")? else {
        return Err(OAuthError::bad_request("invalid_request", "the parameter token is missing").into());
    };
    let body = ctx.app.store.read(|c| {
        let active = match access(ctx, c, &client, token)? {
            Some(active) => Some(active),
            None => refresh_token(ctx, c, &client, token)?,
        };
        // RFC 7662 section 2.2: nothing is said of a token that is not valid, or not the client's own.
        let Some(active) = active else { return Ok::<_, Internal>(json!({ "active": false })) };
        let claims = clients::user_claims(c, &active.user)?;
        let issuer = client.issuer(ctx.app);
        let mut told = json!({
            "active": true,
            "scope": active.scopes,
            "client_id": client.provider.client_id,
            "username": active.user.username,
            "token_type": active.kind,
            "exp": active.expires_at,
            "iat": active.issued_at,
            "sub": clients::subject(ctx.app, &client, &claims),
            "aud": issuer,
            "iss": issuer,
        });
        if active.grant.grant_type != GrantType::ClientCredentials {
            told["auth_time"] = json!(active.grant.auth_time);
        }
        Ok(told)
    })?;
    Ok(Response::json(200, &body))
}

fn access(
    ctx: &Ctx,
    connection: &rusqlite::Connection,
    client: &Client,
    token: &str,
) -> Result<Option<Active>, Internal> {
    let Ok((found, of, user)) = bearer::find(ctx, connection, token)? else { return Ok(None) };
    if of.provider.id != client.provider.id {
        return Ok(None);
    }
    Ok(Some(Active {
        grant: found.grant,
        user,
        scopes: found.scopes,
        issued_at: found.issued_at,
        expires_at: found.expires_at,
        kind: "Bearer",
    }))
}

fn refresh_token(
    ctx: &Ctx,
    connection: &rusqlite::Connection,
    client: &Client,
    token: &str,
) -> Result<Option<Active>, Internal> {
    let Some(found) = tokens::refresh(connection, &secret_hash(token))? else { return Ok(None) };
    let expires_at = found.idle_expires_at.min(found.absolute_expires_at);
    let is_current = found.grant.provider_id == client.provider.id
        && found.used_at.is_none()
        && expires_at > ctx.now
        && found.issued_at <= ctx.now + FUTURE_TOLERANCE;
    if !is_current {
        return Ok(None);
    }
    let Ok(user) = entitled(ctx, connection, client, &found.grant)? else { return Ok(None) };
    let scopes = found.grant.scopes.clone();
    Ok(Some(Active { grant: found.grant, user, scopes, issued_at: found.issued_at, expires_at, kind: "refresh_token" }))
}
