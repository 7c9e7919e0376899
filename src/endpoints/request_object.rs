//! Request objects (RFC 9101, OpenID Connect Core section 6): an authorization request as a JWT of the client's. The
//! rules of what it says live in `domain::request_object`.

use serde_json::{Map, Value};

use crate::crypto::jwt::{MAX_TOKEN, SharedKey, SignedBy, unverified};
use crate::domain::authorize::{PageReason, Refusal, refuse_unread};
use crate::domain::client::RequestObjects;
use crate::domain::request_object::merged;
use crate::error::Internal;
use crate::http::Params;
use crate::outbound::{self, Wanted};

use super::client_keys::{self, Unverified};
use super::clients::{self, Client};
use super::context::Ctx;
use super::pending::Unfit;

/// The types (`typ`) that a request object may have (RFC 9101 section 10.8).
const TYPS: [&str; 2] = ["jwt", "oauth-authz-req+jwt"];

/// The parameters of a request, with those of its object in their place. A provider that reads no objects leaves them
/// where they are: the rules refuse them by their own error.
pub fn resolve(ctx: &Ctx, client: &Client, params: &Params) -> Result<Params, Unfit> {
    if client.provider.request_objects == RequestObjects::Off {
        return Ok(params.clone());
    }
    let (Ok(object), Ok(uri)) = (params.one("request"), params.one("request_uri")) else {
        return Ok(params.clone());
    };
    match (object, uri) {
        (Some(object), None) => read(ctx, client, params, object),
        (Some(object), Some(_)) => {
            // Core section 6.1.
            let why = "request and request_uri were sent together";
            Err(refused(client, params, object, "invalid_request", why.to_owned()))
        }
        (None, Some(uri)) if is_registered(client, uri) => fetch(ctx, client, params, uri),
        (None, _) => Ok(params.clone()),
    }
}

/// Core section 6.2: a fragment is not compared. It tells one content from the next.
fn is_registered(client: &Client, uri: &str) -> bool {
    client.provider.request_uris.iter().any(|registered| registered == without_fragment(uri))
}

fn without_fragment(uri: &str) -> &str {
    uri.split('#').next().unwrap_or_default()
}

/// An object that the client keeps elsewhere (RFC 9101 section 5.2). What cannot be had may hold any redirect URI.
fn fetch(ctx: &Ctx, client: &Client, params: &Params, uri: &str) -> Result<Params, Unfit> {
    let fetched = outbound::get(ctx.app, Wanted::RequestObject, without_fragment(uri), MAX_TOKEN)
        .map_err(|error| error.to_string());
    let object = fetched.and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string()));
    match object {
        Ok(object) => read(ctx, client, params, object.trim()),
        Err(why) => {
            let reason = PageReason::RequestObject { error: "invalid_request_uri", why };
            Err(Unfit::Refused(Refusal::Page(reason)))
        }
    }
}

fn read(ctx: &Ctx, client: &Client, params: &Params, object: &str) -> Result<Params, Unfit> {
    let claims = match claims(ctx, client, object)? {
        Ok(claims) => claims,
        Err(why) => return Err(refused(client, params, object, "invalid_request_object", why)),
    };
    let issuer = client.issuer(ctx.app);
    merged(params, &claims, &client.provider.client_id, &issuer, ctx.now).map_err(|bad| {
        // The state that is inside is the client's own word by now, and goes first in the answer too.
        let mut told = params.clone();
        for name in ["response_mode", "state"] {
            if let Some(text) = claims.get(name).and_then(Value::as_str) {
                told.set(name, text);
            }
        }
        refused(client, &told, object, bad.code(), bad.to_string())
    })
}

/// The claims of an object that the client signed, or need not sign.
fn claims(ctx: &Ctx, client: &Client, object: &str) -> Result<Result<Map<String, Value>, String>, Internal> {
    let provider = &client.provider;
    let secret = match provider.signs_requests_by_secret() {
        true => clients::secret(ctx.app, provider)?,
        false => None,
    };
    let secret = secret.map(|s| SharedKey::new(s.as_bytes()));
    let (secret, nothing) = (secret.as_ref(), provider.request_objects == RequestObjects::Any);
    let without_keys = SignedBy { keys: None, secret, nothing };
    if !provider.has_keys() {
        return Ok(without_keys.claims(object, &TYPS).map_err(|bad| bad.to_string()));
    }
    let verified =
        client_keys::verify(ctx, client, |keys| SignedBy { keys: Some(keys), secret, nothing }.claims(object, &TYPS));
    Ok(verified.map_err(|why| match why {
        Unverified::Token(bad) => bad.to_string(),
        Unverified::Keys(why) => {
            tracing::warn!(request_id = %ctx.req.id, why, "a request object could not be verified");
            "the keys of this client cannot be used".to_owned()
        }
    }))
}

/// A request whose object cannot be used. The redirect URI beside it is good for telling so only where the object, as
/// far as it can be read, names no other: else somebody could choose, of the client's addresses, one that it did not mean.
fn refused(client: &Client, params: &Params, object: &str, error: &'static str, why: String) -> Unfit {
    let outside = params.one("redirect_uri").ok().flatten();
    let names_no_other =
        unverified(object).is_some_and(|claims| claims.get("redirect_uri").is_none_or(|uri| uri.as_str() == outside));
    let refusal = match names_no_other {
        true => refuse_unread(params, &client.facts(), error, why),
        false => Refusal::Page(PageReason::RequestObject { error, why }),
    };
    Unfit::Refused(refusal)
}
