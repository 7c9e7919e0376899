//! The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2): checks a request, finds what
//! is still to be done, and gives the code. `/consent/` takes up requests that had to wait for their user.

use crate::crypto::digest::secret_hash;
use crate::crypto::jwt::{ExpectedTyp, Expiry};
use crate::crypto::random;
use crate::domain::access::{Decision, Why};
use crate::domain::authorize::{
    self as rules, AuthorizationRequest, Done, PageReason, Refusal, ResponseMode, SessionFacts, Step, error_params,
    success_params,
};
use crate::domain::redirect_uri::{Purpose, RedirectUri};
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::http::{Method, Params, Response};
use crate::keyring;
use crate::pages::{AccessDenied, Consent, Denial, ErrorPage, FormPost, Mend};
use crate::store::providers::AuthorizationFlow;
use crate::store::{consents, grants, users};

use super::clients::{self, Client};
use super::context::Ctx;
use super::failure::{Failure, error_page};
use super::flow::{Flow, FlowId};
use super::session::SignedIn;
use super::{Answer, consent};

/// For the page that posts an answer to a client: it leads away from here, and on to wherever the client leads.
const FORM_POST_CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
                             base-uri 'none'; frame-ancestors 'none'";

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

/// A checked request and what it needs to go on.
pub struct Pending {
    pub id: FlowId,
    pub flow: Flow,
    pub client: Client,
    pub to: RedirectUri,
    /// Whether the browser holds the flow's cookie already.
    pub is_kept: bool,
}

/// Takes a waiting request up again, with every check.
pub fn take_up(ctx: &Ctx) -> Result<Option<Pending>, Failure> {
    let Some((id, mut flow)) = ctx.flow() else { return Ok(None) };
    let client_id = flow.request.client_id.clone();
    let client = ctx.app.store.read(|c| Client::by_client_id(c, &client_id))?;
    let Some(client) = client else {
        return Err(refuse_by_page(ctx, None, PageReason::ClientIdUnknown { received: client_id })?.into());
    };
    match flow.request.check_again(&client.facts()) {
        Ok(to) => Ok(Some(Pending { id, flow, client, to, is_kept: true })),
        Err(refusal) => Err(refuse(ctx, &client, refusal)?.into()),
    }
}

/// The checks of a new request: client, then redirect URI, then everything else.
fn check(ctx: &Ctx, params: &Params) -> Result<(Client, AuthorizationRequest, RedirectUri), Failure> {
    let client_id = match rules::client_id(params) {
        Ok(id) => id,
        Err(reason) => return Err(refuse_by_page(ctx, None, reason)?.into()),
    };
    let Some(client) = ctx.app.store.read(|c| Client::by_client_id(c, client_id))? else {
        return Err(refuse_by_page(ctx, None, PageReason::ClientIdUnknown { received: client_id.into() })?.into());
    };
    let mut request = match rules::parse(params, &client.facts()) {
        Ok(request) => request,
        Err(refusal) => return Err(refuse(ctx, &client, refusal)?.into()),
    };
    if !request.unknown_scopes.is_empty() {
        tracing::info!(request_id = %ctx.req.id, client_id, scopes = ?request.unknown_scopes, "unknown scopes were ignored");
    }
    let to = match request.check_again(&client.facts()) {
        Ok(to) => to,
        Err(refusal) => return Err(refuse(ctx, &client, refusal)?.into()),
    };
    if let Some(hint) = request.id_token_hint.take() {
        match hint_subject(ctx, &client, &hint)? {
            Some(sub) => request.hint_sub = Some(sub),
            None => {
                let why = "the id_token_hint is not an ID token that was issued to this client";
                return Err(refuse(ctx, &client, request.refuse(to, "invalid_request", why))?.into());
            }
        }
    }
    Ok((client, request, to))
}

/// The subject of a hint that we signed for this client; it may have expired long ago.
fn hint_subject(ctx: &Ctx, client: &Client, hint: &str) -> Result<Option<String>, Internal> {
    let keys = ctx.app.store.read(keyring::verifying)?;
    let issuer = client.issuer(ctx.app);
    let claims = keys.verify(hint, &issuer, Expiry::Ignored, ExpectedTyp::Id).ok();
    let claims = claims.filter(|c| c.get("aud").and_then(|a| a.as_str()) == Some(&client.provider.client_id));
    Ok(claims.and_then(|c| c.get("sub")?.as_str().map(str::to_owned)))
}

/// What is still to be done for a request, by whoever is signed in.
pub fn next(ctx: &Ctx, pending: &Pending, signed_in: Option<&SignedIn>) -> Result<Step, Failure> {
    let Pending { flow, client, .. } = pending;
    let request = &flow.request;
    let Some(SignedIn { session, user }) = signed_in else {
        return Ok(rules::next_step(request, None, &Done::default(), request.hint_sub.as_deref(), false, ctx.now));
    };
    let (claims, remembered) = ctx.app.store.read(|c| {
        let claims = clients::user_claims(c, user)?;
        Ok::<_, Internal>((claims, consents::scopes(c, user.id, client.provider.id, ctx.now)?))
    })?;
    let Some(sub) = clients::subject(ctx.app, client, &claims) else {
        return Ok(Step::Refuse("access_denied", "the account has no e-mail address, which this client identifies by"));
    };
    let covered = remembered.is_some_and(|r| request.scope.is_subset_of(&ScopeSet::from_store(&r)));
    let consent_needed = client.provider.authorization_flow == AuthorizationFlow::Explicit && !covered;
    let facts = SessionFacts { user_id: user.id, auth_time: session.auth_time, sub_for_client: sub };
    let done = flow.done(&session.hash);
    Ok(rules::next_step(request, Some(&facts), &done, request.hint_sub.as_deref(), consent_needed, ctx.now))
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
            match ctx.app.store.read(|c| clients::decide(c, application, user))? {
                Decision::Denied(why) => deny(ctx, pending, signed_in, why),
                Decision::Allowed(_) if step == Step::Issue => issue(ctx, pending, signed_in),
                Decision::Allowed(_) => ask_consent(ctx, pending, signed_in),
            }
        }
        // Without a session no rule asks for anything but a sign-in.
        (Step::SignIn | Step::ChooseAccount | Step::Consent | Step::Issue, _) => {
            let response = Response::see_other(format!("/login/?flow={}", pending.id.as_str()));
            Ok(ctx.keep_flow(&pending.id, &pending.flow, response))
        }
    }
}

fn ask_consent(ctx: &Ctx, pending: &Pending, signed_in: &SignedIn) -> Answer {
    if !pending.is_kept {
        let response = Response::see_other(format!("/consent/?flow={}", pending.id.as_str()));
        return Ok(ctx.keep_flow(&pending.id, &pending.flow, response));
    }
    let scopes: Vec<&str> = pending.flow.request.scope.iter().collect();
    let remembered = consent::in_words(pending.client.provider.consent_validity);
    let forms = signed_in.forms();
    let page = Consent {
        application: &pending.client.application.name,
        username: &signed_in.user.username,
        scopes: &scopes,
        return_host: &host_of(pending.to.as_str()),
        remembered_for: Some(&remembered),
        action: &format!("/consent/?flow={}", pending.id.as_str()),
        form_token: &ctx.form_token(&forms, &consent::purpose(&pending.id)),
    };
    Ok(Response::html(200, page.render()))
}

/// Where a redirect URI leads, for people: the host, or the scheme of an app on the same machine.
fn host_of(uri: &str) -> String {
    let parsed = url::Url::parse(uri).ok();
    let host = parsed.as_ref().and_then(|u| u.host_str().map(str::to_owned));
    host.or_else(|| parsed.map(|u| u.scheme().to_owned())).unwrap_or_else(|| uri.to_owned())
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
        return Ok(send(ctx, &pending.client, refusal)?);
    }
    let forms = ctx.anonymous_forms();
    let page = AccessDenied {
        application: &pending.client.application.name,
        username: &signed_in.user.username,
        reason: denial(why),
        request_id: &ctx.req.id.to_string(),
        switch_action: &format!("/login/?flow={}", pending.id.as_str()),
        form_token: &ctx.form_token(&forms, "login"),
    };
    let response = forms.seal(Response::html(403, page.render()));
    Ok(ctx.keep_flow(&pending.id, &pending.flow, response))
}

/// The class of the reason that a user is told.
pub fn denial(why: Why) -> Denial<'static> {
    match why {
        Why::NoBinding => Denial::Closed,
        Why::UserDisabled => Denial::Words("Your account is disabled."),
        _ => Denial::NoMatch,
    }
}

/// Gives the code. One commit: the grant and the event.
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
    let (hash, waiting) = (secret_hash(&code), ctx.app.recorder.take());
    ctx.app.store.write(move |tx| {
        grants::insert(tx, &grant, &hash)?;
        waiting.iter().try_for_each(|e| crate::store::events::insert(tx, e))?;
        event.store(tx)
    })?;
    let issuer = client.issuer(ctx.app);
    let params = success_params(&code, request.state.as_deref(), &issuer);
    let response = deliver(client, &pending.to, request.response_mode, &params);
    Ok(if pending.is_kept { ctx.drop_flow(&pending.id, response) } else { response })
}

/// An answer to the client on the way it asked for.
fn deliver(client: &Client, to: &RedirectUri, mode: ResponseMode, params: &[(&str, &str)]) -> Response {
    match rules::answer(to, mode, params) {
        rules::Answer::Redirect(location) => Response::see_other(location).header("Cache-Control", "no-store"),
        rules::Answer::FormPost { action, fields } => {
            let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let page = FormPost { application: &client.application.name, target: &action, fields: &fields };
            // Browsers hold the redirects that follow a form against `form-action`, and where the client leads on to
            // is its own business: this page alone has no such rule.
            Response::html(200, page.render()).header("Content-Security-Policy", FORM_POST_CSP)
        }
    }
}

/// Records a refusal and answers it.
pub fn refuse(ctx: &Ctx, client: &Client, refusal: Refusal) -> Result<Response, Failure> {
    match refusal {
        Refusal::Page(reason) => refuse_by_page(ctx, Some(client), reason),
        Refusal::Redirect { error, ref description, .. } => {
            let event = ctx
                .event("authorize_refused")
                .client(&client.provider.client_id)
                .detail("application", &client.application.slug)
                .detail("error", error)
                .detail("reason", description);
            ctx.app.recorder.refused(event);
            send(ctx, client, refusal)
        }
    }
}

fn send(ctx: &Ctx, client: &Client, refusal: Refusal) -> Result<Response, Failure> {
    match refusal {
        Refusal::Page(reason) => refuse_by_page(ctx, Some(client), reason),
        Refusal::Redirect { to, response_mode, state, error, description } => {
            let issuer = client.issuer(ctx.app);
            let params = error_params(error, &description, state.as_deref(), &issuer);
            Ok(deliver(client, &to, response_mode, &params))
        }
    }
}

/// There is nobody to send the browser back to: our own page, status 400, nothing stored, no Location.
fn refuse_by_page(ctx: &Ctx, client: Option<&Client>, reason: PageReason) -> Result<Response, Failure> {
    let id = ctx.req.id.to_string();
    let mut event = ctx.event("authorize_refused").detail("reason", reason.to_string());
    if let Some(client) = client {
        event = event.client(&client.provider.client_id).detail("application", &client.application.slug);
    }
    let page = match (&reason, client) {
        (PageReason::ClientIdUnknown { received }, _) => {
            event = event.detail("received_client_id", received);
            ErrorPage::unknown_client(Some(received), &id)
        }
        (PageReason::RedirectUriNotRegistered { received }, Some(client)) => {
            event = event.detail("received_redirect_uri", received);
            let mend = if is_administrator(ctx)? { Some(mend(client)) } else { None };
            ErrorPage::bad_redirect_uri(&client.application.name, Some(received), mend, &id)
        }
        (PageReason::RedirectUriMissing | PageReason::RedirectUriTwice, Some(client)) => {
            let mend = if is_administrator(ctx)? { Some(mend(client)) } else { None };
            ErrorPage {
                what: reason.to_string().into(),
                ..ErrorPage::bad_redirect_uri(&client.application.name, None, mend, &id)
            }
        }
        (PageReason::ClientIdMissing, _) => ErrorPage::unknown_client(None, &id),
        _ => ErrorPage::bad_request(reason.to_string(), &id),
    };
    ctx.app.recorder.refused(event);
    Ok(error_page(&page))
}

fn is_administrator(ctx: &Ctx) -> Result<bool, Failure> {
    let Some(signed_in) = ctx.signed_in()? else { return Ok(false) };
    Ok(ctx.app.store.read(|c| users::is_administrator(c, signed_in.user.id))?)
}

fn mend(client: &Client) -> Mend<'_> {
    let registered = client.provider.uris_for(Purpose::Authorization).map(|u| u.uri()).collect();
    Mend { slug: &client.application.slug, registered }
}
