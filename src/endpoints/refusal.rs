//! Answers of the authorization endpoint: to the client on the way it asked for, or by a page of ours when nobody can
//! be sent back.

use crate::domain::authorize::{self as rules, PageReason, Refusal, ResponseMode, error_params};
use crate::domain::redirect_uri::{Purpose, RedirectUri};
use crate::http::Response;
use crate::pages::{ErrorPage, FormPost, Mend};
use crate::store::users;

use super::clients::Client;
use super::context::Ctx;
use super::failure::Failure;

/// For the page that posts an answer to a client: it leads away from here, and on to wherever the client leads.
const FORM_POST_CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
                             base-uri 'none'; frame-ancestors 'none'";

/// An answer to the client on the way it asked for.
pub fn deliver(ctx: &Ctx, client: &Client, to: &RedirectUri, mode: ResponseMode, params: &[(&str, &str)]) -> Response {
    match rules::answer(to, mode, params) {
        rules::Answer::Redirect(location) => Response::see_other(location).header("Cache-Control", "no-store"),
        rules::Answer::FormPost { action, fields } => {
            let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let page =
                FormPost { ui: &ctx.shell(), application: &client.application.name, target: &action, fields: &fields };
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

pub fn send(ctx: &Ctx, client: &Client, refusal: Refusal) -> Result<Response, Failure> {
    match refusal {
        Refusal::Page(reason) => refuse_by_page(ctx, Some(client), reason),
        Refusal::Redirect { to, response_mode, state, error, description } => {
            ctx.app.metrics.authorizations.count(error);
            let issuer = client.issuer(ctx.app);
            let params = error_params(error, &description, state.as_deref(), &issuer);
            Ok(deliver(ctx, client, &to, response_mode, &params))
        }
    }
}

/// There is nobody to send the browser back to: our own page, status 400, nothing stored, no Location.
pub fn refuse_by_page(ctx: &Ctx, client: Option<&Client>, reason: PageReason) -> Result<Response, Failure> {
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
            match reason {
                PageReason::RedirectUriTwice => ErrorPage::redirect_uri_twice(mend, &id),
                _ => ErrorPage::bad_redirect_uri(&client.application.name, None, mend, &id),
            }
        }
        (PageReason::ClientIdMissing, _) => ErrorPage::unknown_client(None, &id),
        (PageReason::PushedRequestGone, _) => ErrorPage::pushed_request_gone(&id),
        (PageReason::RequestObject { .. }, _) => ErrorPage::request_object(&id),
        _ => ErrorPage::client_id_twice(&id),
    };
    ctx.app.recorder.refused(event);
    ctx.app.metrics.authorizations.count("error_page");
    Ok(ctx.error(&page))
}

fn is_administrator(ctx: &Ctx) -> Result<bool, Failure> {
    let Some(signed_in) = ctx.signed_in()? else { return Ok(false) };
    Ok(ctx.app.store.read(|c| users::is_administrator(c, signed_in.user.id))?)
}

fn mend(client: &Client) -> Mend<'_> {
    let registered = client.provider.uris_for(Purpose::Authorization).map(|u| u.uri()).collect();
    Mend { application_id: client.application.id, slug: &client.application.slug, registered }
}
