//! Pushed authorization requests (RFC 9126): the client sends its request beforehand, authenticated and away from the
//! browser, which then brings no more than a reference to it.

use serde_json::json;

use crate::crypto::digest::secret_hash;
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::authorize::{AuthorizationRequest, PageReason, Refusal};
use crate::domain::redirect_uri::RedirectUri;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::store::pushed_requests;

use super::clients::Client;
use super::context::Ctx;
use super::failure::{Failure, OAuthError};
use super::pending::{Unfit, vet};
use super::{Answer, client_auth, request_object};

/// Where requests are pushed to.
pub const PATH: &str = "/application/o/par/";
/// What every reference begins with (section 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a request waits for its browser, in seconds.
const VALID: UnixSeconds = 90;

/// POST `/application/o/par/`. For confidential clients: a stranger must not make us write.
pub fn par(ctx: &Ctx) -> Answer {
    let Some(mut params) = ctx.req.form() else {
        let words = "the body must be application/x-www-form-urlencoded";
        return Err(OAuthError::bad_request("invalid_request", words).into());
    };
    let client = client_auth::authenticate_confidential(ctx, &params)?;
    // Section 2.1.
    if params.has("request_uri") {
        return Err(OAuthError::bad_request("invalid_request", "request_uri must not be pushed").into());
    }
    params.set("client_id", &client.provider.client_id);
    let params = params.without(&["client_secret", "client_assertion", "client_assertion_type"]);
    let checked = request_object::resolve(ctx, &client, &params).and_then(|params| vet(ctx, &client, &params));
    let request = match checked {
        Ok((request, _)) => serde_json::to_string(&request).map_err(Internal::fault)?,
        Err(Unfit::Internal(error)) => return Err(error.into()),
        Err(Unfit::Refused(refusal)) => return Err(refused(ctx, &client, refusal)),
    };
    let reference = random::token();
    let (hash, provider, now) = (secret_hash(&reference), client.provider.id, ctx.now);
    let is_kept =
        ctx.app.store.write(move |tx| pushed_requests::insert(tx, &hash, provider, &request, now, now + VALID))?;
    if !is_kept {
        return Err(Failure::OAuth(OAuthError {
            // Section 2.3.
            status: 429,
            error: "temporarily_unavailable",
            description: "too many pushed requests wait for their browsers",
            challenge: None,
        }));
    }
    Ok(Response::json(201, &json!({ "request_uri": format!("{PREFIX}{reference}"), "expires_in": VALID })))
}

/// Section 2.3: what the authorization endpoint would send by the browser, the client is told at once.
fn refused(ctx: &Ctx, client: &Client, refusal: Refusal) -> Failure {
    let (error, description) = match refusal {
        Refusal::Page(PageReason::RequestObject { error, why }) => (error, why),
        Refusal::Page(reason) => ("invalid_request", reason.to_string()),
        Refusal::Redirect { error, description, .. } => (error, description),
    };
    let event = ctx
        .event("authorize_refused")
        .client(&client.provider.client_id)
        .detail("application", &client.application.slug)
        .detail("error", error)
        .detail("reason", &description);
    ctx.app.recorder.refused(event);
    let body = json!({ "error": error, "error_description": description, "request_id": ctx.req.id.to_string() });
    Response::json(400, &body).into()
}

/// What stands behind the prefix in a `request_uri`, where it is a reference to a pushed request.
pub fn reference(params: &Params) -> Option<&str> {
    params.one("request_uri").ok().flatten()?.strip_prefix(PREFIX)
}

/// Takes the request of a reference up. It is good once (sections 4 and 7.3): from then on the browser holds it, sealed.
/// Of what else the browser brings nothing counts. There is no redirect URI to send a refusal to.
pub fn take(ctx: &Ctx, client: &Client, reference: &str) -> Result<(AuthorizationRequest, RedirectUri), Unfit> {
    let (hash, provider, now) = (secret_hash(reference), client.provider.id, ctx.now);
    let gone = || Unfit::Refused(Refusal::Page(PageReason::PushedRequestGone));
    if !ctx.app.store.read(|c| pushed_requests::is_there(c, &hash, provider, now))? {
        return Err(gone());
    }
    let stored = ctx.app.store.write(move |tx| pushed_requests::take(tx, &hash, provider, now))?.ok_or_else(gone)?;
    let mut request: AuthorizationRequest = serde_json::from_str(&stored).map_err(Internal::fault)?;
    let to = request.check_again(&client.facts())?;
    Ok((request, to))
}
