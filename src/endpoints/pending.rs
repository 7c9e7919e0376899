//! A checked authorization request that is on its way: new, or taken up again after its user signed in.

use crate::domain::authorize::{self as rules, AuthorizationRequest, Done, PageReason, Refusal, SessionFacts, Step};
use crate::domain::claims;
use crate::domain::methods;
use crate::domain::redirect_uri::RedirectUri;
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::Notice;
use crate::store::consents;
use crate::store::factors;
use crate::store::providers::AuthorizationFlow;

use super::clients::{self, Client};
use super::context::Ctx;
use super::failure::Failure;
use super::flow::{Flow, FlowId};
use super::refusal::{refuse, refuse_by_page};
use super::session::SignedIn;
use super::{hint, par, request_object};

/// RFC 9126 section 5.
const UNPUSHED: &str = "this client must push its authorization requests (RFC 9126)";

/// A checked request and what it needs to go on.
pub struct Pending {
    pub id: FlowId,
    pub flow: Flow,
    pub client: Client,
    pub to: RedirectUri,
    /// Whether the browser holds the flow's cookie already.
    pub is_kept: bool,
}

impl Pending {
    /// What the client will learn or may do: the scopes, and what it asks for by the `claims` parameter.
    pub fn asks_for(&self) -> ScopeSet {
        let request = &self.flow.request;
        let names = request.claims.as_ref().map(|c| c.names.as_slice()).unwrap_or_default();
        claims::scopes_told(&request.scope, names, &self.client.provider.scopes)
    }
}

/// Takes a waiting request up again, with every check.
pub fn take_up(ctx: &Ctx) -> Result<Option<Pending>, Failure> {
    let Some((id, mut flow)) = ctx.flow() else { return Ok(None) };
    let client_id = flow.request.client_id.clone();
    let client = ctx.app.store.read(|c| Client::by_client_id(c, &client_id))?;
    let Some(client) = client else {
        return Err(refuse_by_page(ctx, None, PageReason::ClientIdUnknown { received: client_id })?.into());
    };
    let checked = flow.request.check_again(&client.facts()).and_then(|to| match client.provider.require_par {
        true if !flow.is_pushed => Err(flow.request.refuse(to, "invalid_request", UNPUSHED)),
        _ => Ok(to),
    });
    match checked {
        Ok(to) => Ok(Some(Pending { id, flow, client, to, is_kept: true })),
        Err(refusal) => Err(refuse(ctx, &client, refusal)?.into()),
    }
}

/// The checks of a new request: client, then redirect URI, then everything else.
pub fn check(ctx: &Ctx, params: &Params) -> Result<(Client, AuthorizationRequest, RedirectUri), Failure> {
    let client_id = match rules::client_id(params) {
        Ok(id) => id,
        Err(reason) => return Err(refuse_by_page(ctx, None, reason)?.into()),
    };
    let Some(client) = ctx.app.store.read(|c| Client::by_client_id(c, client_id))? else {
        return Err(refuse_by_page(ctx, None, PageReason::ClientIdUnknown { received: client_id.into() })?.into());
    };
    let taken = match par::reference(params) {
        Some(reference) => par::take(ctx, &client, reference),
        None => unpushed(ctx, &client, params),
    };
    match taken {
        Ok((request, to)) => Ok((client, request, to)),
        Err(Unfit::Refused(refusal)) => Err(refuse(ctx, &client, refusal)?.into()),
        Err(Unfit::Internal(error)) => Err(error.into()),
    }
}

/// Why there is no checked request.
pub enum Unfit {
    Refused(Refusal),
    Internal(Internal),
}

impl From<Refusal> for Unfit {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Internal> for Unfit {
    fn from(error: Internal) -> Self {
        Self::Internal(error)
    }
}

/// A request that the browser brings.
fn unpushed(ctx: &Ctx, client: &Client, params: &Params) -> Result<(AuthorizationRequest, RedirectUri), Unfit> {
    if client.provider.require_par {
        return Err(rules::refuse_unread(params, &client.facts(), "invalid_request", UNPUSHED.to_owned()).into());
    }
    vet(ctx, client, &request_object::resolve(ctx, client, params)?)
}

/// All checks of a request's parameters, once it is known whose they are.
pub fn vet(ctx: &Ctx, client: &Client, params: &Params) -> Result<(AuthorizationRequest, RedirectUri), Unfit> {
    let mut request = rules::parse(params, &client.facts())?;
    if !request.unknown_scopes.is_empty() {
        let scopes = request.unknown_scopes.join(" ");
        tracing::info!(request_id = %ctx.req.id, request.client_id, scopes, "unknown scopes were ignored");
    }
    let to = request.check_again(&client.facts())?;
    if let Some(hint) = request.id_token_hint.take() {
        match hint_subject(ctx, client, &hint)? {
            Some(sub) => request.hint_sub = Some(sub),
            None => {
                let why = "the id_token_hint is not an ID token that was issued to this client";
                return Err(request.refuse(to, "invalid_request", why).into());
            }
        }
    }
    Ok((request, to))
}

fn hint_subject(ctx: &Ctx, client: &Client, hint: &str) -> Result<Option<String>, Internal> {
    Ok(hint::claims(ctx, client, hint)?.and_then(|c| c.get("sub")?.as_str().map(str::to_owned)))
}

/// What is still to be done for a request, by whoever is signed in.
pub fn next(ctx: &Ctx, pending: &Pending, signed_in: Option<&SignedIn>) -> Result<Step, Failure> {
    let Pending { flow, client, .. } = pending;
    let request = &flow.request;
    let Some(SignedIn { session, user }) = signed_in else {
        return Ok(rules::next_step(request, None, &Done::default(), request.hint_sub.as_deref(), false, ctx.now));
    };
    let (claims, remembered, has) = ctx.app.store.read(|c| {
        let claims = clients::user_claims(c, user)?;
        let remembered = consents::scopes(c, user.id, client.provider.id, ctx.now)?;
        Ok::<_, Internal>((claims, remembered, factors::of_user(c, user.id)?))
    })?;
    let Some(sub) = clients::subject(ctx.app, client, &claims) else {
        return Ok(Step::Refuse("access_denied", "the account has no e-mail address, which this client identifies by"));
    };
    let covered = remembered.is_some_and(|r| pending.asks_for().is_subset_of(&ScopeSet::from_store(&r)));
    let consent_needed = client.provider.authorization_flow == AuthorizationFlow::Explicit && !covered;
    let facts = SessionFacts {
        user_id: user.id,
        auth_time: session.auth_time,
        sub_for_client: sub,
        acr: methods::acr(&session.amr),
        reachable_acr: has.reachable_acr(),
    };
    let done = flow.done(&session.hash);
    Ok(rules::next_step(request, Some(&facts), &done, request.hint_sub.as_deref(), consent_needed, ctx.now))
}

/// The page for a sign-in whose request is gone.
pub fn over(ctx: &Ctx) -> Response {
    Response::html(400, Notice::sign_in_over().render(&ctx.shell()))
}
