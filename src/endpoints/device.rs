//! Device authorization (RFC 8628): a device asks for a pair of codes, its user says yes on `/device`, and the device, which
//! has been asking at the token endpoint, is given tokens.

use serde_json::json;

use crate::crypto::digest::secret_hash;
use crate::crypto::random;
use crate::domain::client::ClientType;
use crate::domain::code::{self, CodeError};
use crate::domain::grant_type::GrantType;
use crate::domain::scope::{self, ScopeSet};
use crate::domain::throttle::Source;
use crate::domain::user_code::{LENGTH, LETTERS, UserCode};
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::polls::INTERVAL;
use crate::store::device_requests::{self, DeviceRequest};
use crate::store::grants;

use super::clients::Client;
use super::context::Ctx;
use super::failure::{Audience, Failure, OAuthError};
use super::token::{invalid_grant, refusal, replayed, spend, stored_code};
use super::{Answer, client_auth, cors};

pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How long a user has, in seconds.
const VALID: UnixSeconds = 600;
/// How long a device that was late is told so.
const KEPT: UnixSeconds = 600;
/// Requests that wait: from one address of strangers, or from one site of IPv6, of one client, and of all. Whoever wants to
/// keep a client's devices out needs twenty addresses for it, and they are slowed down.
const MOST_FROM_ONE: i64 = 5;
const MOST_OF_CLIENT: i64 = 100;
const MOST: i64 = 1_000;
/// Of 25 thousand million user codes a thousand at most are taken: the second try is free.
const TRIES: usize = 5;

/// POST `/application/o/device/` (section 3.1).
pub fn authorize(ctx: &Ctx) -> Answer {
    let Some(form) = ctx.req.form() else {
        let words = "the body must be application/x-www-form-urlencoded";
        return Err(OAuthError::bad_request("invalid_request", words).into());
    };
    let client = client_auth::authenticate(ctx, &form)?;
    cors::share_with_origin(ctx, &client, begin(ctx, &client, &form))
}

fn begin(ctx: &Ctx, client: &Client, form: &Params) -> Answer {
    is_on(ctx, client)?;
    // A client that proved who it is answers for what it sends; anybody can say the name of another.
    let is_anybody = client.provider.client_type == ClientType::Public;
    if is_anybody && let Err(wait) = ctx.app.throttle.begin_device(ctx.req.client, ctx.now) {
        return Ok(come_later(ctx, wait));
    }
    let grantable = scope::grantable(&client.provider.scopes);
    let requested = ScopeSet::parse(form.one("scope")?.unwrap_or_default(), &grantable);
    let device_code = random::token();
    let request = DeviceRequest {
        hash: secret_hash(&device_code),
        user_code_hash: [0; 32],
        provider_id: client.provider.id,
        scopes: requested.granted(&grantable).to_string(),
        address: ctx.req.client.to_string(),
        source: is_anybody.then(|| Source::around(ctx.req.client).to_string()),
        user_agent: ctx.user_agent(),
        created_at: ctx.now,
        expires_at: ctx.now + VALID,
        denied_at: None,
    };
    let Some(user_code) = insert(ctx, request)? else {
        let event = refusal(ctx, client).detail("reason", "too many devices wait for their users");
        ctx.app.recorder.refused(event);
        return Ok(come_later(ctx, VALID));
    };
    let page = ctx.app.base.join("/device");
    Ok(Response::json(
        200,
        &json!({
            "device_code": device_code,
            "user_code": user_code.to_string(),
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?code={user_code}"),
            "expires_in": VALID,
            "interval": INTERVAL.as_secs(),
        }),
    ))
}

/// Stores a request under a new user code. `None` when too many wait.
fn insert(ctx: &Ctx, mut request: DeviceRequest) -> Result<Option<UserCode>, Internal> {
    let now = ctx.now;
    ctx.app.store.write(move |tx| {
        device_requests::purge(tx, now - KEPT)?;
        let waiting = device_requests::before(tx, &request)?;
        if waiting.from_there >= MOST_FROM_ONE || waiting.of_client >= MOST_OF_CLIENT || waiting.all >= MOST {
            return Ok(None);
        }
        for _ in 0..TRIES {
            let Some(code) = UserCode::parse(&random::out_of(LETTERS, LENGTH)) else { continue };
            request.user_code_hash = secret_hash(code.as_str());
            if device_requests::insert(tx, &request)? {
                return Ok(Some(code));
            }
        }
        Err(Internal::fault("no user code was free"))
    })
}

fn come_later(ctx: &Ctx, wait: UnixSeconds) -> Response {
    let error = OAuthError {
        status: 429,
        error: "temporarily_unavailable",
        description: "too many devices ask: try again later",
        challenge: None,
    };
    Failure::OAuth(error).into_response(ctx, Audience::Program).header("Retry-After", wait.to_string())
}

fn is_on(ctx: &Ctx, client: &Client) -> Result<(), Failure> {
    if client.provider.device_flow {
        return Ok(());
    }
    let event = refusal(ctx, client).detail("reason", "the device flow is off at this provider");
    ctx.app.recorder.refused(event);
    Err(OAuthError::bad_request("unauthorized_client", "this client may not use the device flow").into())
}

/// `grant_type=urn:ietf:params:oauth:grant-type:device_code` (section 3.4).
pub(super) fn redeem(ctx: &Ctx, client: &Client, form: &Params) -> Answer {
    is_on(ctx, client)?;
    let Some(device_code) = form.one("device_code")? else {
        return Err(OAuthError::bad_request("invalid_request", "the parameter device_code is missing").into());
    };
    let hash = secret_hash(device_code);
    let (grant, request) = ctx.app.store.read(|c| {
        let request = device_requests::by_device_code(c, &hash)?;
        Ok::<_, Internal>((grants::by_code(c, &hash, GrantType::Device)?, request))
    })?;
    let Some(grant) = grant else {
        return Err(match request {
            Some(request) => not_yet(ctx, client, &request),
            None => invalid_grant(ctx, client, "the device code is unknown, or what was allowed has ended"),
        });
    };
    match code::check(&stored_code(&grant), client.provider.id, ctx.now) {
        Ok(()) => {}
        Err(error @ CodeError::Replayed) => return Err(replayed(ctx, client, &grant, &error.to_string())?),
        Err(CodeError::Expired) => return Err(expired(ctx, client)),
        Err(error) => return Err(invalid_grant(ctx, client, &error.to_string())),
    }
    ctx.app.polls.forget(&hash);
    spend(ctx, client, &grant, hash)
}

/// Section 3.5: why a device gets nothing yet, or nothing at all.
fn not_yet(ctx: &Ctx, client: &Client, request: &DeviceRequest) -> Failure {
    if request.provider_id != client.provider.id {
        return invalid_grant(ctx, client, "the device code was issued to another client");
    }
    if request.created_at > ctx.now + FUTURE_TOLERANCE {
        return invalid_grant(ctx, client, "the device code was issued in the future: the clock went back");
    }
    if request.denied_at.is_some() {
        return OAuthError::bad_request("access_denied", "the user said no").into();
    }
    if request.expires_at <= ctx.now {
        return expired(ctx, client);
    }
    if ctx.app.polls.is_too_soon(&request.hash) {
        let words = "the user has not decided yet: ask every 5 seconds more seldom from now on";
        return OAuthError::bad_request("slow_down", words).into();
    }
    OAuthError::bad_request("authorization_pending", "the user has not decided yet").into()
}

fn expired(ctx: &Ctx, client: &Client) -> Failure {
    ctx.app.recorder.refused(refusal(ctx, client).detail("reason", "the device code has expired"));
    OAuthError::bad_request("expired_token", "the device code has expired: ask for another one").into()
}
