//! Bearer tokens (RFC 6750): taken from the header or a form, never from the query; looked up, not only verified.

use rusqlite::Connection;

use crate::crypto::digest::secret_hash;
use crate::domain::FUTURE_TOLERANCE;
use crate::error::Internal;
use crate::http::Method;
use crate::store::tokens::{self, AccessToken};
use crate::store::users::User;

use super::clients::Client;
use super::context::Ctx;
use super::failure::{Failure, OAuthError};
use super::issue::entitled;

/// The one token that a request presents.
pub fn presented(ctx: &Ctx) -> Result<String, Failure> {
    if ctx.req.query_params().has("access_token") {
        // RFC 6750 section 2.3: URLs end up in logs and histories.
        return Err(malformed("the access token must not be sent in the URL"));
    }
    let header = ctx.req.header("authorization").and_then(|h| {
        let (scheme, token) = h.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let form = if ctx.req.method == Method::Post { ctx.req.form() } else { None };
    let body = match &form {
        Some(form) => form.one("access_token")?.map(str::to_owned),
        None => None,
    };
    match (header, body) {
        (Some(_), Some(_)) => Err(malformed("the access token was sent in more than one way")),
        (Some(token), None) | (None, Some(token)) => Ok(token),
        // RFC 6750 section 3.1: without a token, the challenge says no more than that one is needed.
        (None, None) => Err(Failure::OAuth(OAuthError {
            status: 401,
            error: "invalid_token",
            description: "an access token is needed: Authorization: Bearer",
            challenge: Some("Bearer realm=\"Latchkey\"".into()),
        })),
    }
}

fn malformed(description: &'static str) -> Failure {
    Failure::OAuth(OAuthError {
        status: 400,
        error: "invalid_request",
        description,
        challenge: Some("Bearer realm=\"Latchkey\", error=\"invalid_request\"".into()),
    })
}

/// The answer to a token that is not valid.
pub fn invalid_token() -> Failure {
    Failure::OAuth(OAuthError {
        status: 401,
        error: "invalid_token",
        description: "the access token is unknown, expired or revoked",
        challenge: Some("Bearer realm=\"Latchkey\", error=\"invalid_token\"".into()),
    })
}

/// A valid access token with whom it is for. `Err` holds the reason for the events.
pub type Found = Result<(AccessToken, Client, User), String>;

/// Looks a token up: it must be known, current, and its user must still have access.
pub fn find(ctx: &Ctx, connection: &Connection, token: &str) -> Result<Found, Internal> {
    let Some(found) = tokens::access(connection, &secret_hash(token))? else {
        return Ok(Err("the access token is unknown".into()));
    };
    if found.expires_at <= ctx.now {
        return Ok(Err("the access token has expired".into()));
    }
    if found.issued_at > ctx.now + FUTURE_TOLERANCE {
        return Ok(Err("the access token was issued in the future: the clock went back".into()));
    }
    let Some(client) = Client::by_provider(connection, found.grant.provider_id)? else {
        return Ok(Err("the provider is no longer connected to an application".into()));
    };
    Ok(entitled(ctx, connection, &client, &found.grant)?.map(|user| (found, client, user)))
}
