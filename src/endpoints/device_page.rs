//! `/device`: where a user types the code that a device shows, sees who asks for what from where, and says yes or no
//! (RFC 8628 section 3.3). The address with the code in it only fills the field in.

use crate::crypto::digest::secret_hash;
use crate::domain::access::Decision;
use crate::domain::grant_type::GrantType;
use crate::domain::user_code::UserCode;
use crate::domain::{FUTURE_TOLERANCE, device, methods};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::{AccessDenied, Denial, DeviceAsk, DeviceCode, Notice, SignInProblem, qr};
use crate::store::device_requests::{self, DeviceRequest};
use crate::store::events::{self, Event};
use crate::store::grants::{self, Grant};
use crate::store::sessions;
use crate::words::Words;

use super::authorize::denial;
use super::clients::{self, Client};
use super::consent_page::described;
use super::context::Ctx;
use super::guard::PURPOSE;
use super::session::SignedIn;
use super::{Answer, step_up};

/// GET `/device`.
pub fn show(ctx: &Ctx, who: &SignedIn) -> Answer {
    let code = ctx.req.query_params().first("code").and_then(UserCode::parse);
    Ok(page(ctx, who, &code.map(|c| c.to_string()).unwrap_or_default(), None))
}

/// Asks for the code.
fn page(ctx: &Ctx, who: &SignedIn, code: &str, problem: Option<(u16, Words)>) -> Response {
    let here = ctx.app.base.join(&format!("/device?code={code}"));
    let may_go_on_elsewhere = problem.is_none() && !code.is_empty();
    let (status, problem) = problem.map_or((200, None), |(status, words)| (status, Some(words)));
    let page = DeviceCode {
        ui: &ctx.shell_of(&who.user),
        username: &who.user.username,
        code,
        problem,
        qr: may_go_on_elsewhere.then(|| qr::svg(&here, &ctx.lang.say("device-elsewhere"))).flatten(),
        form_token: &ctx.form_token(&who.forms(), PURPOSE),
    };
    Response::html(status, page.render())
}

/// POST `/device`: a code, and on the second page what the user decided.
pub fn submit(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    let typed: String = form.first("code").unwrap_or_default().chars().take(40).collect();
    let Some(code) = UserCode::parse(&typed) else {
        return Ok(page(ctx, who, &typed, Some((422, Words::new("device-code-malformed")))));
    };
    let (request, client) = match find(ctx, who, &code)? {
        Ok(found) => found,
        Err(response) => return Ok(*response),
    };
    if form.first("decision") == Some("deny") {
        return deny(ctx, who, &code, &request, &client);
    }
    if let Some(denied) = denied(ctx, who, &code, &client)? {
        return Ok(denied);
    }
    match form.first("decision") {
        Some("allow") => allow(ctx, who, &code, &request, &client),
        _ => ask(ctx, who, &code, &request, &client),
    }
}

type Found = Result<(DeviceRequest, Client), Box<Response>>;

/// What waits under a code. Guesses are counted, by account and by address.
fn find(ctx: &Ctx, who: &SignedIn, code: &UserCode) -> Result<Found, Internal> {
    let attempts = match ctx.app.throttle.begin_user_code((&who.user).into(), ctx.req.client, ctx.now) {
        Ok(attempts) => attempts,
        Err(wait) => {
            let wait = wait.unsigned_abs();
            let words = SignInProblem::Throttled { wait_seconds: wait }.words();
            let response = page(ctx, who, &code.to_string(), Some((429, words)));
            return Ok(Err(Box::new(response.header("Retry-After", wait.to_string()))));
        }
    };
    let hash = secret_hash(code.as_str());
    let found = ctx.app.store.read(|c| {
        let Some(request) = device_requests::waiting(c, &hash, ctx.now)? else { return Ok(None) };
        let client = Client::by_provider(c, request.provider_id)?.filter(|c| c.provider.device_flow);
        Ok::<_, Internal>(client.map(|client| (request, client)))
    })?;
    let Some(found) = found.filter(|(request, _)| request.created_at <= ctx.now + FUTURE_TOLERANCE) else {
        return Ok(Err(Box::new(gone(ctx, who, code))));
    };
    // It was no guess; those before it count on, or a code of one's own would make guessing free.
    attempts.into_iter().for_each(|attempt| ctx.app.throttle.withdraw(attempt));
    Ok(Ok(found))
}

fn gone(ctx: &Ctx, who: &SignedIn, code: &UserCode) -> Response {
    page(ctx, who, &code.to_string(), Some((422, Words::new("device-code-unknown"))))
}

/// The page for a user who may not use the application: it is not for the device to tell.
fn denied(ctx: &Ctx, who: &SignedIn, code: &UserCode, client: &Client) -> Result<Option<Response>, Internal> {
    let circumstances = ctx.circumstances(who);
    let (decision, has_subject) = ctx.app.store.read(|c| {
        let claims = clients::user_claims(c, &who.user)?;
        let has_subject = clients::subject(ctx.app, client, &claims).is_some();
        let decision = clients::decide(ctx, c, &client.application, &who.user, &circumstances)?;
        Ok::<_, Internal>((decision, has_subject))
    })?;
    let (reason, why) = match decision {
        Decision::Allowed(_) if has_subject => return Ok(None),
        Decision::Allowed(_) => {
            (Denial::NoMatch, "the account has no e-mail address, which this client identifies by".to_owned())
        }
        Decision::Denied(why) => {
            let lacking = step_up::lacking(ctx, &client.application, who)?;
            (lacking.unwrap_or(denial(why)), why.to_string())
        }
    };
    let event = event(ctx, "access_denied", who, client).detail("reason", why);
    ctx.app.recorder.refused(event);
    let forms = ctx.anonymous_forms();
    let page = AccessDenied {
        ui: &ctx.shell_of(&who.user),
        application: &client.application.name,
        username: &who.user.username,
        reason,
        request_id: &ctx.req.id.to_string(),
        switch_action: &format!("/login/?next=%2Fdevice%3Fcode%3D{code}"),
        form_token: &ctx.form_token(&forms, "login"),
    };
    Ok(Some(forms.seal(Response::html(403, page.render()))))
}

/// Asks whether the device may. Always: whoever has the code may have been given it by a stranger.
fn ask(ctx: &Ctx, who: &SignedIn, code: &UserCode, request: &DeviceRequest, client: &Client) -> Answer {
    let scopes: Vec<&str> = request.scopes.split_whitespace().collect();
    let page = DeviceAsk {
        ui: &ctx.shell_of(&who.user),
        application: &client.application.name,
        username: &who.user.username,
        code: &code.to_string(),
        scopes: &scopes,
        described: &ctx.app.store.read(|c| described(c, &scopes))?,
        // RFC 8628 section 5.4: whoever wants the yes says what they like there.
        device: device::recognised(&request.user_agent).unwrap_or_else(|| ctx.lang.say("session-unknown")),
        address: &request.address,
        asked_at: request.created_at,
        form_token: &ctx.form_token(&who.forms(), PURPOSE),
    };
    Ok(Response::html(200, page.render()))
}

/// The request becomes a grant, which the device redeems. The session is looked at again in the same commit, and the
/// statement decides who of many takes the request.
fn allow(ctx: &Ctx, who: &SignedIn, code: &UserCode, request: &DeviceRequest, client: &Client) -> Answer {
    let grant = grant_of(ctx, who, request);
    let event = event(ctx, "authorize_application", who, client)
        .detail("grant", grant.grant_type.as_str())
        .detail("scopes", &grant.scopes)
        .detail("device_address", &request.address);
    let (hash, session, waiting) = (request.hash, who.session.hash, ctx.app.recorder.take());
    let now = ctx.now;
    let is_given = ctx.app.store.write(move |tx| {
        waiting.iter().try_for_each(|e| events::insert(tx, e))?;
        if !sessions::holds(tx, &session)? || !device_requests::take(tx, &hash, now)? {
            return Ok::<_, Internal>(false);
        }
        grants::insert(tx, &grant, &hash)?;
        event.store(tx)?;
        Ok(true)
    })?;
    if !is_given {
        return Ok(gone(ctx, who, code));
    }
    let notice = Notice::device_allowed(&client.application.name);
    Ok(Response::html(200, notice.render(&ctx.shell_of(&who.user))))
}

fn grant_of(ctx: &Ctx, who: &SignedIn, request: &DeviceRequest) -> Grant {
    Grant {
        id: 0,
        provider_id: request.provider_id,
        user_id: who.user.id,
        sid: who.session.sid.clone(),
        scopes: request.scopes.clone(),
        nonce: None,
        claims: String::new(),
        id_token_claims: String::new(),
        auth_time: who.session.auth_time,
        amr: who.session.amr.clone(),
        acr: methods::acr(&who.session.amr).to_owned(),
        address: ctx.req.client.to_string(),
        created_at: ctx.now,
        expires_at: request.expires_at,
        code_redirect_uri: String::new(),
        code_challenge: None,
        code_expires_at: request.expires_at,
        code_redeemed_at: None,
        grant_type: GrantType::Device,
        app_password_id: None,
    }
}

/// The device is told so when it asks next.
fn deny(ctx: &Ctx, who: &SignedIn, code: &UserCode, request: &DeviceRequest, client: &Client) -> Answer {
    let (hash, now) = (request.hash, ctx.now);
    if !ctx.app.store.write(move |tx| device_requests::deny(tx, &hash, now))? {
        return Ok(gone(ctx, who, code));
    }
    let event = event(ctx, "authorize_refused", who, client).detail("reason", "the user denied it to a device");
    ctx.app.recorder.refused(event.detail("device_address", &request.address));
    Ok(Response::html(200, Notice::device_denied(&client.application.name).render(&ctx.shell_of(&who.user))))
}

fn event(ctx: &Ctx, kind: &str, who: &SignedIn, client: &Client) -> Event {
    ctx.event(kind)
        .user(&who.user.username)
        .client(&client.provider.client_id)
        .detail("application", &client.application.slug)
}
