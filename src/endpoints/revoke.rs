//! Token revocation (RFC 7009). Revoking a refresh token ends the whole grant; an access token ends alone.

use crate::crypto::digest::secret_hash;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::store::{grants, tokens};

use super::clients::Client;
use super::context::Ctx;
use super::failure::OAuthError;
use super::{Answer, client_auth, cors};

/// POST `/application/o/revoke/`.
pub fn revoke(ctx: &Ctx) -> Answer {
    let Some(form) = ctx.req.form() else {
        let words = "the body must be application/x-www-form-urlencoded";
        return Err(OAuthError::bad_request("invalid_request", words).into());
    };
    let client = client_auth::authenticate(ctx, &form)?;
    cors::share_with_origin(ctx, &client, revoke_for(ctx, &client, &form))
}

fn revoke_for(ctx: &Ctx, client: &Client, form: &Params) -> Answer {
    let Some(token) = form.one("token")? else {
        return Err(OAuthError::bad_request("invalid_request", "the parameter token is missing").into());
    };
    let hash = secret_hash(token);
    let provider = client.provider.id;
    // Another client's token is left alone, and the answer is the same as for an unknown one (section 2.2).
    let (access, refresh) = ctx.app.store.read(|c| {
        let access = tokens::access(c, &hash)?.filter(|t| t.grant.provider_id == provider);
        let refresh = tokens::refresh(c, &hash)?.filter(|t| t.grant.provider_id == provider);
        Ok::<_, Internal>((access, refresh))
    })?;
    if access.is_some() || refresh.is_some() {
        let kind = if refresh.is_some() { "refresh_token" } else { "access_token" };
        let event = ctx
            .event("token_revoked")
            .client(&client.provider.client_id)
            .detail("application", &client.application.slug)
            .detail("kind", kind);
        ctx.app.store.write(move |tx| {
            match &refresh {
                Some(token) => grants::delete(tx, token.grant.id)?,
                None => tokens::delete_access(tx, &hash)?,
            }
            event.store(tx)
        })?;
    }
    Ok(Response::new(200))
}
