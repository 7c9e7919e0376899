//! The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2): checks a request, finds what
//! is still to be done, and gives the code or tokens. `/consent/` takes up requests that had to wait for their user.

use crate::crypto::digest::secret_hash;
use crate::crypto::random;
use crate::domain::access::{Decision, Why};
use crate::domain::authorize::{ClaimsRequest, Given, GivenAccess, ResponseType, Step, success_params};
use crate::domain::claims::named_on_offer;
use crate::domain::grant_type::GrantType;
use crate::domain::methods;
use crate::error::Internal;
use crate::http::{Method, Response};
use crate::pages::{AccessDenied, Denial};
use crate::store::{grants, sessions, tokens};

use super::context::Ctx;
use super::flow::{Flow, FlowId};
use super::goal::{LOGIN, SECOND_FACTOR};
use super::issue::{Access, Bound, Maker};
use super::pending::{Pending, check, next};
use super::refusal::{deliver, refuse, send};
use super::session::SignedIn;
use super::{Answer, clients, consent_page, par, step_up};

/// GET and POST `/application/o/authorize/`.
pub fn authorize(ctx: &Ctx) -> Answer {
    let params = match ctx.req.method {
        Method::Post => ctx.req.form().unwrap_or_default(),
        _ => ctx.req.query_params(),
    };
    let (client, request, to) = check(ctx, &params)?;
    let flow = Flow::new(request, par::reference(&params).is_some(), ctx.now);
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
        (Step::Strengthen, _) => Ok(sign_in(ctx, pending, SECOND_FACTOR)),
        // Without a session no rule asks for anything but a sign-in.
        (Step::SignIn | Step::ChooseAccount | Step::Consent | Step::Issue, _) => Ok(sign_in(ctx, pending, LOGIN)),
    }
}

/// On to a step of a sign-in for the request.
fn sign_in(ctx: &Ctx, pending: &Pending, step: &str) -> Response {
    let response = Response::see_other(format!("{step}?flow={}", pending.id.as_str()));
    ctx.keep_flow(&pending.id, &pending.flow, response)
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

/// Gives what was asked for. One commit: the grant, an access token and the event. The session is looked at again in it:
/// one that was ended meanwhile, by a reset or by a sign-out, gives none, and the request starts again from the sign-in.
fn issue(ctx: &Ctx, pending: &Pending, signed_in: &SignedIn) -> Answer {
    let (request, client) = (&pending.flow.request, &pending.client);
    let code = random::token();
    let asked = request.response_type;
    // A grant always has a code; one that nobody is told of has ended as it begins.
    let code_expires_at = if asked.gives_code() { ctx.now + client.provider.code_validity } else { ctx.now };
    // What comes to be on offer later was asked of nobody.
    let named = |names: fn(&ClaimsRequest) -> &Vec<String>| {
        let asked = request.claims.as_ref().map(|c| named_on_offer(names(c), &client.provider.scopes));
        asked.unwrap_or_default()
    };
    let grant = grants::Grant {
        id: 0,
        provider_id: client.provider.id,
        user_id: signed_in.user.id,
        sid: signed_in.session.sid.clone(),
        scopes: request.scope.to_string(),
        nonce: request.nonce.clone(),
        claims: named(|c| &c.names),
        id_token_claims: named(|c| &c.id_token),
        auth_time: signed_in.session.auth_time,
        amr: signed_in.session.amr.clone(),
        acr: methods::acr_told(request.acrs(), &signed_in.session.amr).to_owned(),
        address: ctx.req.client.to_string(),
        created_at: ctx.now,
        expires_at: match asked {
            ResponseType::Code => code_expires_at,
            _ => code_expires_at.max(ctx.now + client.provider.access_token_validity),
        },
        code_redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.challenge.as_ref().map(|c| c.as_str().to_owned()),
        code_expires_at,
        code_redeemed_at: None,
        grant_type: GrantType::Authorization,
        app_password_id: None,
    };
    let event = ctx
        .event("authorize_application")
        .user(&signed_in.user.username)
        .client(&client.provider.client_id)
        .detail("application", &client.application.slug)
        .detail("scopes", &grant.scopes)
        .detail("response_type", asked.as_str());
    let (access, id_token) = tokens_of(ctx, pending, signed_in, &grant, &code)?;
    let given = Given {
        access: access.as_ref().map(|access| GivenAccess {
            token: access.token.clone(),
            expires_in: (access.expires_at - ctx.now).to_string(),
            scope: grant.scopes.clone(),
        }),
        id_token,
        code: asked.gives_code().then(|| code.clone()),
    };
    let row = access.map(|access| (access.hash, access.expires_at));
    let (hash, session, waiting) = (secret_hash(&code), signed_in.session.hash, ctx.app.recorder.take());
    let is_given = ctx.app.store.write(move |tx| {
        waiting.iter().try_for_each(|e| crate::store::events::insert(tx, e))?;
        if !sessions::holds(tx, &session)? {
            return Ok::<_, Internal>(false);
        }
        let id = grants::insert(tx, &grant, &hash)?;
        if let Some((access, expires_at)) = row {
            tokens::insert_access(tx, &access, id, &grant.scopes, grant.created_at, expires_at)?;
        }
        event.store(tx)?;
        Ok(true)
    })?;
    if !is_given {
        return proceed(ctx, pending);
    }
    ctx.app.metrics.authorizations.count(if asked.gives_code() { "code" } else { "tokens" });
    if asked.gives_access_token() {
        ctx.app.metrics.issued.count("implicit");
    }
    let issuer = client.issuer(ctx.app);
    let params = success_params(&given, request.state.as_deref(), &issuer);
    let response = deliver(ctx, client, &pending.to, request.response_mode, &params);
    Ok(if pending.is_kept { ctx.drop_flow(&pending.id, response) } else { response })
}

/// The access token and the ID token that come with the answer (OpenID Connect Core sections 3.2.2.5 and 3.3.2.5).
fn tokens_of(
    ctx: &Ctx,
    pending: &Pending,
    signed_in: &SignedIn,
    grant: &grants::Grant,
    code: &str,
) -> Result<(Option<Access>, Option<String>), Internal> {
    let (request, client) = (&pending.flow.request, &pending.client);
    let asked = request.response_type;
    if asked == ResponseType::Code {
        return Ok((None, None));
    }
    ctx.app.store.read(|c| {
        let maker = Maker::new(ctx, c, client, grant, &signed_in.user)?;
        let access = if asked.gives_access_token() { Some(maker.access_token(&request.scope)?) } else { None };
        if !asked.gives_id_token() {
            return Ok((access, None));
        }
        let bound = Bound {
            nonce: request.nonce.as_deref(),
            access_token: access.as_ref().map(|a| a.token.as_str()),
            code: asked.gives_code().then_some(code),
        };
        let id_token = maker.id_token(&request.scope, &bound)?;
        Ok((access, Some(id_token)))
    })
}
