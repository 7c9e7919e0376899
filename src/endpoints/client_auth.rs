//! Client authentication (RFC 6749 section 2.3): exactly one method a request.

use base64::prelude::{BASE64_STANDARD, Engine};
use zeroize::Zeroizing;

use crate::crypto::digest::{same, secret_hash};
use crate::domain::client::ClientType;
use crate::error::Internal;
use crate::http::Params;

use super::clients::{self, Client};
use super::context::Ctx;
use super::failure::{Failure, OAuthError};

/// How a client said who it is.
struct Presented {
    /// What was sent, in every way it may be meant; never empty.
    readings: Vec<Credentials>,
    by_header: bool,
}

struct Credentials {
    id: String,
    secret: Option<Zeroizing<String>>,
}

/// Finds and authenticates the client of a request. A public client is named, not authenticated: what it presents is
/// protected by PKCE and rotation instead.
pub fn authenticate(ctx: &Ctx, form: &Params) -> Result<Client, Failure> {
    let Presented { readings, by_header } = presented(ctx, form)?;
    let mut reason = "no application has this client id";
    for Credentials { id, secret } in &readings {
        let Some(client) = ctx.app.store.read(|c| Client::by_client_id(c, id))? else { continue };
        match check(ctx, &client, secret.as_ref().map(|s| s.as_str()))? {
            Ok(()) => return Ok(client),
            Err(why) => reason = why,
        }
    }
    let id = readings.first().map_or("", |r| r.id.as_str());
    Err(invalid_client(ctx, id, reason, by_header))
}

fn presented(ctx: &Ctx, form: &Params) -> Result<Presented, Failure> {
    let body_id = form.one("client_id")?;
    let body_secret = form.one("client_secret")?;
    let Some(header) = ctx.req.header("authorization") else {
        let Some(id) = body_id else { return Err(invalid_client(ctx, "", "no client authentication", false)) };
        let secret = body_secret.map(|s| Zeroizing::new(s.to_owned()));
        return Ok(Presented { readings: vec![Credentials { id: id.into(), secret }], by_header: false });
    };
    let Some(mut readings) = basic(header) else {
        return Err(invalid_client(ctx, "", "the Authorization header is not HTTP Basic", true));
    };
    // RFC 6749 section 2.3: no more than one method; and the body may not name another client than the header.
    if body_secret.is_some() {
        let words = "the client used more than one method of authentication in one request";
        return Err(OAuthError::bad_request("invalid_request", words).into());
    }
    readings.retain(|r| body_id.is_none_or(|id| id == r.id));
    if readings.is_empty() {
        let id = body_id.unwrap_or_default();
        return Err(invalid_client(ctx, id, "the body names another client than the Authorization header", true));
    }
    Ok(Presented { readings, by_header: true })
}

/// HTTP Basic with both parts form-encoded (RFC 6749 section 2.3.1). Some clients do not encode: where it makes a
/// difference, the parts as they came are the second reading.
fn basic(header: &str) -> Option<Vec<Credentials>> {
    let (scheme, value) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = Zeroizing::new(String::from_utf8(BASE64_STANDARD.decode(value.trim()).ok()?).ok()?);
    let (id, secret) = text.split_once(':')?;
    let reading = |id: String, secret: String| Credentials { id, secret: Some(Zeroizing::new(secret)) };
    let decoded = form_decode(id).zip(form_decode(secret)).map(|(id, secret)| reading(id, secret));
    Some(decoded.into_iter().chain([reading(id.to_owned(), secret.to_owned())]).collect())
}

fn form_decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(|t| t.into_owned())
}

/// `Ok(Err(reason))` when the client is not who it says; the reason is for the events only.
fn check(ctx: &Ctx, client: &Client, given: Option<&str>) -> Result<Result<(), &'static str>, Internal> {
    let provider = &client.provider;
    if provider.client_type == ClientType::Public {
        return Ok(Ok(()));
    }
    let Some(given) = given else { return Ok(Err("the client secret is missing")) };
    let Some(secret) = clients::secret(ctx.app, provider)? else { return Ok(Err("the client has no secret")) };
    let right = same(&secret_hash(given), &secret_hash(&secret));
    Ok(if right { Ok(()) } else { Err("the client secret is wrong") })
}

/// RFC 6749 section 5.2: 401, with a challenge when the client used the Authorization header. The same for unknown
/// clients and wrong secrets.
fn invalid_client(ctx: &Ctx, id: &str, reason: &str, challenge: bool) -> Failure {
    ctx.app.recorder.refused(ctx.event("client_refused").client(id).detail("reason", reason));
    Failure::OAuth(OAuthError {
        status: 401,
        error: "invalid_client",
        description: "client authentication failed: unknown client, wrong secret, or no authentication",
        challenge: challenge.then(|| "Basic realm=\"Latchkey\", charset=\"UTF-8\"".into()),
    })
}

/// For endpoints that only confidential clients may use.
pub fn authenticate_confidential(ctx: &Ctx, form: &Params) -> Result<Client, Failure> {
    let client = authenticate(ctx, form)?;
    if client.provider.client_type == ClientType::Public {
        let id = client.provider.client_id.clone();
        return Err(invalid_client(ctx, &id, "a public client may not use this endpoint", false));
    }
    Ok(client)
}

/// The client that a request names, where somebody else proves who they are: a service account.
pub fn named(ctx: &Ctx, form: &Params) -> Result<Client, Failure> {
    let id = form.one("client_id")?.unwrap_or_default();
    let client = ctx.app.store.read(|c| Client::by_client_id(c, id))?;
    client.ok_or_else(|| invalid_client(ctx, id, "no application has this client id", false))
}
