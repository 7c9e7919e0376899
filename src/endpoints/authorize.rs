//! The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2): checks a request, finds what
//! is still to be done, and gives the code. `/consent/` takes up requests that had to wait for their user.

use crate::crypto::digest::secret_hash;
use crate::crypto::random;
use crate::domain::access::{Decision, Why};
use crate::domain::authorize::{Step, success_params};
use crate::error::Internal;
use crate::http::{Method, Response};
use crate::pages::{AccessDenied, Denial};
use crate::store::{grants, sessions};

use super::context::Ctx;
use super::flow::{Flow, FlowId};
use super::pending::{Pending, check, next};
use super::refusal::{deliver, refuse, send};
use super::session::SignedIn;
use super::{Answer, clients, consent_page, step_up};

/// GET and POST `/application/o/authorize/`.
pub fn authorize(ctx: &Ctx) -> Answer {
    let params = match ctx.req.method {
        Method::Post => ctx.req.form().unwrap_or_default(),
        _ => ctx.req.query_params(),
    };
    let (client, request, to) = check(ctx, &params)?;
    let flow = Flow::new(request, ctx.now);
    let id = FlowId::new(ctx.now);
    if ctx.req.method == Method::Post {
        // A POST from another site carries no session cookie (SameSite=Lax): the session is read at the next GET.
        let response = Response::see_other(format!("/consent/?flow={}", id.as_str()));
        return Ok(ctx.keep_flow(&id, &flow, response));
    }
    proceed(ctx, &Pending { id, flow, client, to, is_kept: false })
}

/// Does the next step of a request, or sends the browser to where it is done.
pub fn proceed(ctx: &Ctx, pending: &Pending) -> Answer {
    let signed_in = ctx.signed_in()?;
    let step = next(ctx, pending, signed_in.as_ref())?;
    match (step, &signed_in) {
        (Step::Refuse(error, why), _) => {
            let refusal = pending.flow.request.refuse(pending.to.clone(), error, why);
            Ok(ctx.drop_flow(&pending.id, refuse(ctx, &pending.client, refusal)?))
        }
        (Step::Consent | Step::Issue, Some(signed_in)) => {
            let (application, user) = (&pending.client.application, &signed_in.user);
            let circumstances = ctx.circumstances(signed_in);
            match ctx.app.store.read(|c| clients::decide(ctx, c, application, user, &circumstances))? {
                Decision::Denied(why) => deny(ctx, pending, signed_in, why),
                Decision::Allowed(_) if step == Step::Issue => issue(ctx, pending, signed_in),
                Decision::Allowed(_) => consent_page::ask(ctx, pending, signed_in),
            }
        }
        // Without a session no rule asks for anything but a sign-in.
        (Step::SignIn | Step::ChooseAccount | Step::Consent | Step::Issue, _) => {
            let response = Response::see_other(format!("/login/?flow={}", pending.id.as_str()));
            Ok(ctx.keep_flow(&pending.id, &pending.flow, response))
        }
    }
}

/// The user may not use the application: our own page, never a redirect that the client would answer with another.
fn deny(ctx: &Ctx, pending: &Pending, signed_in: &SignedIn, why: Why) -> Answer {
    let event = ctx
        .event("access_denied")
        .user(&signed_in.user.username)
        .client(&pending.client.provider.client_id)
        .detail("application", &pending.client.application.slug)
        .detail("reason", why.to_string());
    ctx.app.recorder.refused(event);
    if pending.flow.request.prompt.none {
        let why = "the user may not use this application";
        let refusal = pending.flow.request.refuse(pending.to.clone(), "access_denied", why);
        return send(ctx, &pending.client, refusal);
    }
    ctx.app.metrics.authorizations.count("denied_page");
    let forms = ctx.anonymous_forms();
    let page = AccessDenied {
        ui: &ctx.shell_for(&pending.flow.request, Some(&signed_in.user)),
        application: &pending.client.application.name,
        username: &signed_in.user.username,
        reason: step_up::lacking(ctx, &pending.client.application, signed_in)?.unwrap_or(denial(why)),
        request_id: &ctx.req.id.to_string(),
        switch_action: &format!("/login/?flow={}", pending.id.as_str()),
        form_token: &ctx.form_token(&forms, "login"),
    };
    let response = forms.seal(Response::html(403, page.render()));
    Ok(ctx.keep_flow(&pending.id, &pending.flow, response))
}

/// The class of the reason that a user is told.
pub fn denial(why: Why) -> Denial {
    match why {
        Why::NoBinding => Denial::Closed,
        Why::UserDisabled => Denial::Disabled,
        _ => Denial::NoMatch,
    }
}

/// Gives the code. One commit: the grant and the event. The session is looked at again in it: one that was ended meanwhile,
/// by a reset or by a sign-out, gives none, and the request starts again from the sign-in.
fn issue(ctx: &Ctx, pending: &Pending, signed_in: &SignedIn) -> Answer {
    let (request, client) = (&pending.flow.request, &pending.client);
    let code = random::token();
    let code_expires_at = ctx.now + client.provider.code_validity;
    let grant = grants::Grant {
        id: 0,
        provider_id: client.provider.id,
        user_id: signed_in.user.id,
        sid: signed_in.session.sid.clone(),
        scopes: request.scope.to_string(),
        nonce: request.nonce.clone(),
        claims: request.claims.as_ref().map(|c| c.names.join(" ")).unwrap_or_default(),
        auth_time: signed_in.session.auth_time,
        amr: signed_in.session.amr.clone(),
        address: ctx.req.client.to_string(),
        created_at: ctx.now,
        expires_at: code_expires_at,
        code_redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.challenge.as_ref().map(|c| c.as_str().to_owned()),
        code_expires_at,
        code_redeemed_at: None,
    };
    let event = ctx
        .event("authorize_application")
        .user(&signed_in.user.username)
        .client(&client.provider.client_id)
        .detail("application", &client.application.slug)
        .detail("scopes", &grant.scopes);
    let (hash, session, waiting) = (secret_hash(&code), signed_in.session.hash, ctx.app.recorder.take());
    let given = ctx.app.store.write(move |tx| {
        waiting.iter().try_for_each(|e| crate::store::events::insert(tx, e))?;
        if !sessions::holds(tx, &session)? {
            return Ok::<_, Internal>(false);
        }
        grants::insert(tx, &grant, &hash)?;
        event.store(tx)?;
        Ok(true)
    })?;
    if !given {
        return proceed(ctx, pending);
    }
    ctx.app.metrics.authorizations.count("code");
    let issuer = client.issuer(ctx.app);
    let params = success_params(&code, request.state.as_deref(), &issuer);
    let response = deliver(ctx, client, &pending.to, request.response_mode, &params);
    Ok(if pending.is_kept { ctx.drop_flow(&pending.id, response) } else { response })
}
