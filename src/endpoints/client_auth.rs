//! Client authentication (RFC 6749 section 2.3, RFC 7523, OpenID Connect Core section 9): exactly one method a request,
//! and the one that the client's provider is set to.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::crypto::digest::{same, secret_hash, sha256};
use crate::crypto::jwt::{SharedKey, SignedBy, unverified};
use crate::domain::assertion::{self, Assertion, JWT_BEARER};
use crate::domain::client::{ClientAuth, ClientType};
use crate::error::Internal;
use crate::http::Params;
use crate::store::assertions::{self, Use};

use super::clients::{self, Client};
use super::context::Ctx;
use super::failure::{Failure, OAuthError};
use super::{client_keys, par};

/// The types (`typ`) that an assertion may have: what most clients write, and what it is to be called.
const TYPS: [&str; 2] = ["jwt", "client-authentication+jwt"];

/// How a client said who it is.
enum Presented {
    /// What was sent, in every way it may be meant; never empty.
    Credentials {
        readings: Vec<Credentials>,
        by_header: bool,
    },
    Assertion {
        client_id: Option<String>,
        token: String,
    },
}

struct Credentials {
    id: String,
    secret: Option<Zeroizing<String>>,
}

/// Finds and authenticates the client of a request. A public client is named, not authenticated: what it presents is
/// protected by PKCE and rotation instead.
pub fn authenticate(ctx: &Ctx, form: &Params) -> Result<Client, Failure> {
    match presented(ctx, form)? {
        Presented::Credentials { readings, by_header } => by_credentials(ctx, &readings, by_header),
        Presented::Assertion { client_id, token } => by_assertion(ctx, client_id, &token),
    }
}

fn presented(ctx: &Ctx, form: &Params) -> Result<Presented, Failure> {
    let body_id = form.one("client_id")?;
    let body_secret = form.one("client_secret")?;
    let (assertion, kind) = (form.one("client_assertion")?, form.one("client_assertion_type")?);
    let header = match ctx.req.header("authorization").map(basic) {
        Some(None) => return Err(invalid_client(ctx, "", "the Authorization header is not HTTP Basic", true)),
        header => header.flatten(),
    };
    let is_assertion = assertion.is_some() || kind.is_some();
    // RFC 6749 section 2.3: no more than one method.
    if usize::from(header.is_some()) + usize::from(body_secret.is_some()) + usize::from(is_assertion) > 1 {
        let words = "the client used more than one method of authentication in one request";
        return Err(OAuthError::bad_request("invalid_request", words).into());
    }
    match (assertion, kind) {
        (Some(token), Some(JWT_BEARER)) => {
            return Ok(Presented::Assertion { client_id: body_id.map(str::to_owned), token: token.to_owned() });
        }
        (Some(_), Some(_)) => {
            let reason = "the client_assertion_type is not that of a JWT";
            return Err(invalid_client(ctx, body_id.unwrap_or_default(), reason, false));
        }
        (None, None) => {}
        _ => {
            let words = "client_assertion and client_assertion_type go together";
            return Err(OAuthError::bad_request("invalid_request", words).into());
        }
    }
    let Some(mut readings) = header else {
        let Some(id) = body_id else { return Err(invalid_client(ctx, "", "no client authentication", false)) };
        let secret = body_secret.map(|s| Zeroizing::new(s.to_owned()));
        return Ok(Presented::Credentials { readings: vec![Credentials { id: id.into(), secret }], by_header: false });
    };
    // The body may not name another client than the header.
    readings.retain(|r| body_id.is_none_or(|id| id == r.id));
    if readings.is_empty() {
        let id = body_id.unwrap_or_default();
        return Err(invalid_client(ctx, id, "the body names another client than the Authorization header", true));
    }
    Ok(Presented::Credentials { readings, by_header: true })
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

fn by_credentials(ctx: &Ctx, readings: &[Credentials], by_header: bool) -> Result<Client, Failure> {
    let mut reason = "no application has this client id";
    for Credentials { id, secret } in readings {
        let Some(client) = ctx.app.store.read(|c| Client::by_client_id(c, id))? else { continue };
        match check(ctx, &client, secret.as_ref().map(|s| s.as_str()))? {
            Ok(()) => return Ok(client),
            Err(why) => reason = why,
        }
    }
    let id = readings.first().map_or("", |r| r.id.as_str());
    Err(invalid_client(ctx, id, reason, by_header))
}

/// `Ok(Err(reason))` when the client is not who it says; the reason is for the events only.
fn check(ctx: &Ctx, client: &Client, given: Option<&str>) -> Result<Result<(), &'static str>, Internal> {
    let provider = &client.provider;
    if provider.client_type == ClientType::Public {
        return Ok(Ok(()));
    }
    let Some(given) = given else { return Ok(Err("the client authentication is missing")) };
    if provider.client_auth != ClientAuth::Secret {
        return Ok(Err("the client sent its secret, and its provider asks for a signed assertion"));
    }
    let Some(secret) = clients::secret(ctx.app, provider)? else { return Ok(Err("the client has no secret")) };
    let right = same(&secret_hash(given), &secret_hash(&secret));
    Ok(if right { Ok(()) } else { Err("the client secret is wrong") })
}

/// A JWT that the client signed (RFC 7523 section 2.2). `named` is the client that the body names, if it does.
fn by_assertion(ctx: &Ctx, named: Option<String>, token: &str) -> Result<Client, Failure> {
    // Until its signature is checked, what it says is good for finding the client, and for nothing else.
    let said = || unverified(token)?.get("sub")?.as_str().map(str::to_owned);
    let id = named.or_else(said).unwrap_or_default();
    let refused = |reason: &str| invalid_client(ctx, &id, reason, false);
    let Some(client) = ctx.app.store.read(|c| Client::by_client_id(c, &id))? else {
        return Err(refused("no application has this client id"));
    };
    let claims = match verified(ctx, &client, token)? {
        Ok(claims) => claims,
        Err(reason) => return Err(refused(&reason)),
    };
    // RFC 9126 section 2: there, its own address is a name of ours too.
    let (issuer, endpoint) = (client.issuer(ctx.app), ctx.app.base.join("/application/o/token/"));
    let par = ctx.app.base.join(par::PATH);
    let audiences: &[&str] = match ctx.req.path.trim_end_matches('/') == par::PATH.trim_end_matches('/') {
        true => &[&issuer, &endpoint, &par],
        false => &[&issuer, &endpoint],
    };
    let Assertion { jti, expires_at } = match assertion::check(&claims, &id, audiences, ctx.now) {
        Ok(assertion) => assertion,
        Err(bad) => return Err(refused(&bad.to_string())),
    };
    let (provider, now) = (client.provider.id, ctx.now);
    let hash = sha256(format!("{provider} {jti}").as_bytes());
    match ctx.app.store.write(move |tx| assertions::spend(tx, &hash, provider, now, expires_at))? {
        Use::First => Ok(client),
        Use::Replayed => Err(refused("the assertion was used before (jti)")),
        Use::TooMany => {
            let event = ctx.event("client_refused").client(&id);
            ctx.app
                .recorder
                .refused(event.detail("reason", "the client has used too many assertions in the last hour"));
            Err(Failure::OAuth(OAuthError {
                status: 503,
                error: "temporarily_unavailable",
                description: "too many assertions that have not expired: let them expire sooner, and keep tokens longer",
                challenge: None,
            }))
        }
    }
}

/// The claims of an assertion whose signature is right, or why it is not.
fn verified(ctx: &Ctx, client: &Client, token: &str) -> Result<Result<Map<String, Value>, String>, Internal> {
    let provider = &client.provider;
    match (provider.client_type, provider.client_auth) {
        (ClientType::Public, _) => Ok(Err("a public client sent an assertion".to_owned())),
        (_, ClientAuth::Secret) => {
            Ok(Err("the client sent an assertion, and its provider asks for its secret".to_owned()))
        }
        (_, ClientAuth::SecretJwt) => {
            let Some(secret) = clients::secret(ctx.app, provider)? else {
                return Ok(Err("the client has no secret".to_owned()));
            };
            let by = SignedBy { secret: Some(&SharedKey::new(secret.as_bytes())), ..SignedBy::default() };
            Ok(by.claims(token, &TYPS).map_err(|bad| bad.to_string()))
        }
        (_, ClientAuth::PrivateKeyJwt) => Ok(client_keys::verify(ctx, client, |keys| {
            SignedBy { keys: Some(keys), ..SignedBy::default() }.claims(token, &TYPS)
        })
        .map_err(|why| why.to_string())),
    }
}

/// RFC 6749 section 5.2: 401, with a challenge when the client used the Authorization header. The same for unknown
/// clients and wrong secrets.
fn invalid_client(ctx: &Ctx, id: &str, reason: &str, challenge: bool) -> Failure {
    ctx.app.recorder.refused(ctx.event("client_refused").client(id).detail("reason", reason));
    Failure::OAuth(OAuthError {
        status: 401,
        error: "invalid_client",
        description: "client authentication failed: unknown client, wrong secret or assertion, or not the method that is set for it",
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
