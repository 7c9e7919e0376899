//! `/consent/`: takes up an authorization request after the sign-in, asks where the provider says so, and goes on.

use crate::error::Internal;
use crate::http::Response;
use crate::pages::Continue;
use crate::store::providers::AuthorizationFlow;
use crate::store::{consents, sessions};

use super::Answer;
use super::authorize::proceed;
use super::consent_page::purpose;
use super::context::Ctx;
use super::pending::{Pending, over, take_up};
use super::refusal::refuse;
use super::session::SignedIn;

/// GET `/consent/`.
pub fn show(ctx: &Ctx) -> Answer {
    match take_up(ctx)? {
        Some(pending) => proceed(ctx, &pending),
        None => Ok(over(ctx)),
    }
}

/// POST `/consent/`: the answer of the user.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some(pending) = take_up(ctx)? else { return Ok(over(ctx)) };
    // Signed out meanwhile: the request is still good, so it starts again from the sign-in.
    let Some(signed_in) = ctx.signed_in()? else { return proceed(ctx, &pending) };
    let form = ctx.own_form(&signed_in.forms(), &purpose(&pending.id)).map_err(|p| p.page(ctx))?;
    match form.first("decision") {
        Some("allow") => allow(ctx, pending, &signed_in),
        Some("deny") => deny(ctx, &pending),
        _ => proceed(ctx, &pending),
    }
}

/// Remembers the consent; the code is given at the next GET, which makes every check again.
fn allow(ctx: &Ctx, mut pending: Pending, signed_in: &SignedIn) -> Answer {
    let provider = &pending.client.provider;
    let scopes = pending.asks_for().to_string();
    let event = ctx
        .event("consent_given")
        .user(&signed_in.user.username)
        .client(&provider.client_id)
        .detail("application", &pending.client.application.slug)
        .detail("scopes", &scopes);
    let (user, id, now, session) = (signed_in.user.id, provider.id, ctx.now, signed_in.session.hash);
    let expires_at = now + provider.consent_validity;
    let remember = provider.authorization_flow == AuthorizationFlow::Explicit;
    let given = ctx.app.store.write(move |tx| {
        if !sessions::holds(tx, &session)? {
            return Ok::<_, Internal>(false);
        }
        if remember {
            consents::give(tx, user, id, &scopes, now, expires_at)?;
        }
        event.store(tx)?;
        Ok(true)
    })?;
    if !given {
        return proceed(ctx, &pending);
    }
    pending.flow.mark(&signed_in.session.hash, |done| done.consented = true);
    let target = format!("/consent/?flow={}", pending.id.as_str());
    let page = Continue {
        ui: &ctx.shell_for(&pending.flow.request, None),
        application: Some(&pending.client.application.name),
        target: &target,
    };
    Ok(ctx.keep_flow(&pending.id, &pending.flow, Response::html(200, page.render())))
}

fn deny(ctx: &Ctx, pending: &Pending) -> Answer {
    let refusal = pending.flow.request.refuse(pending.to.clone(), "access_denied", "the user did not consent");
    let response = refuse(ctx, &pending.client, refusal)?;
    // A redirect would be held against the form's `form-action`: leave by a page of ours.
    let response = match response.get("Location") {
        Some(target) => Response::html(
            200,
            Continue {
                ui: &ctx.shell_for(&pending.flow.request, None),
                application: Some(&pending.client.application.name),
                target,
            }
            .render(),
        ),
        None => response,
    };
    Ok(ctx.drop_flow(&pending.id, response))
}
