//! Client authentication (RFC 6749 section 2.3): exactly one method a request.

use base64::prelude::{BASE64_STANDARD, Engine};
use zeroize::Zeroizing;

use crate::crypto::digest::{same, secret_hash};
use crate::domain::client::ClientType;
use crate::error::Internal;
use crate::http::Params;

use super::clients::Client;
use super::context::Ctx;
use super::failure::{Failure, OAuthError};

/// How a client said who it is.
enum Presented {
    Basic { id: String, secret: Zeroizing<String>, raw: (String, Zeroizing<String>) },
    Post { id: String, secret: Zeroizing<String> },
    Nothing { id: String },
}

/// Finds and authenticates the client of a request. A public client is named, not authenticated: what it presents is
/// protected by PKCE and rotation instead.
pub fn authenticate(ctx: &Ctx, form: &Params) -> Result<Client, Failure> {
    let presented = presented(ctx, form)?;
    let id = match &presented {
        Presented::Basic { id, .. } | Presented::Post { id, .. } | Presented::Nothing { id } => id.clone(),
    };
    let challenge = matches!(presented, Presented::Basic { .. });
    let client = ctx.app.store.read(|c| Client::by_client_id(c, &id))?;
    let Some(client) = client else {
        return Err(invalid_client(ctx, &id, "no application has this client id", challenge));
    };
    match check(ctx, &client, &presented)? {
        Ok(()) => Ok(client),
        Err(reason) => Err(invalid_client(ctx, &id, reason, challenge)),
    }
}

fn presented(ctx: &Ctx, form: &Params) -> Result<Presented, Failure> {
    let body_id = form.one("client_id")?;
    let body_secret = form.one("client_secret")?;
    let Some(header) = ctx.req.header("authorization") else {
        return match (body_id, body_secret) {
            (Some(id), Some(secret)) => {
                Ok(Presented::Post { id: id.into(), secret: Zeroizing::new(secret.to_owned()) })
            }
            (Some(id), None) => Ok(Presented::Nothing { id: id.into() }),
            (None, _) => Err(invalid_client(ctx, "", "no client authentication", false)),
        };
    };
    let Some(presented) = basic(header) else {
        return Err(invalid_client(ctx, "", "the Authorization header is not HTTP Basic", true));
    };
    let Presented::Basic { id, raw, .. } = &presented else { return Ok(presented) };
    // RFC 6749 section 2.3: no more than one method; and the body may not name another client than the header.
    if body_secret.is_some() {
        let words = "the client used more than one method of authentication in one request";
        return Err(OAuthError::bad_request("invalid_request", words).into());
    }
    if body_id.is_some_and(|b| b != id && b != raw.0) {
        return Err(invalid_client(ctx, id, "the body names another client than the Authorization header", true));
    }
    Ok(presented)
}

/// HTTP Basic with both parts form-encoded (RFC 6749 section 2.3.1). Some clients do not encode; where it makes a
/// difference, the parts as they came are kept too.
fn basic(header: &str) -> Option<Presented> {
    let (scheme, value) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(String::from_utf8(BASE64_STANDARD.decode(value.trim()).ok()?).ok()?);
    let (id, secret) = decoded.split_once(':')?;
    let raw = (id.to_owned(), Zeroizing::new(secret.to_owned()));
    Some(Presented::Basic { id: form_decode(id)?, secret: Zeroizing::new(form_decode(secret)?), raw })
}

fn form_decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(|t| t.into_owned())
}

/// `Ok(Err(reason))` when the client is not who it says; the reason is for the events only.
fn check(ctx: &Ctx, client: &Client, presented: &Presented) -> Result<Result<(), &'static str>, Internal> {
    let provider = &client.provider;
    if provider.client_type == ClientType::Public {
        return Ok(Ok(()));
    }
    let Some(sealed) = &provider.client_secret_sealed else { return Ok(Err("the client has no secret")) };
    let secret = ctx.app.sealer().open(&provider.secret_seal(), sealed).map_err(Internal::fault)?;
    let secret = std::str::from_utf8(&secret).map_err(Internal::fault)?;
    let expected = secret_hash(secret);
    let is_right = |given: &str| same(&secret_hash(given), &expected);
    let right = match presented {
        Presented::Nothing { .. } => return Ok(Err("the client secret is missing")),
        Presented::Post { secret, .. } => is_right(secret),
        Presented::Basic { secret, raw, .. } => is_right(secret) | is_right(&raw.1),
    };
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
