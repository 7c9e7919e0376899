//! The page that asks for consent.

use rusqlite::Connection;

use crate::domain::duration;
use crate::error::Internal;
use crate::http::Response;
use crate::pages::Consent;
use crate::store::scope_mappings;

use super::Answer;
use super::context::Ctx;
use super::flow::FlowId;
use super::pending::Pending;
use super::session::SignedIn;

/// Asks, on a page whose form answers for this request only.
pub fn ask(ctx: &Ctx, pending: &Pending, signed_in: &SignedIn) -> Answer {
    if !pending.is_kept {
        let response = Response::see_other(format!("/consent/?flow={}", pending.id.as_str()));
        return Ok(ctx.keep_flow(&pending.id, &pending.flow, response));
    }
    let asked = pending.asks_for();
    let scopes: Vec<&str> = asked.iter().collect();
    let remembered = duration::in_words(pending.client.provider.consent_validity);
    let described = ctx.app.store.read(|c| described(c, &scopes))?;
    let forms = signed_in.forms();
    let page = Consent {
        ui: &ctx.shell_for(&pending.flow.request, Some(&signed_in.user)),
        application: &pending.client.application.name,
        username: &signed_in.user.username,
        scopes: &scopes,
        described: &described,
        return_host: &host_of(pending.to.as_str()),
        remembered_for: Some(remembered),
        action: &format!("/consent/?flow={}", pending.id.as_str()),
        form_token: &ctx.form_token(&forms, &purpose(&pending.id)),
    };
    Ok(Response::html(200, page.render()))
}

/// What the scope mappings say of these scopes.
pub(super) fn described(connection: &Connection, scopes: &[&str]) -> Result<Vec<(String, String)>, Internal> {
    let mut all = Vec::new();
    for scope in scopes {
        let mappings = scope_mappings::of_scope(connection, scope)?;
        let said: Vec<String> = mappings.into_iter().map(|m| m.description).filter(|d| !d.is_empty()).collect();
        if !said.is_empty() {
            all.push(((*scope).to_owned(), said.join(", ")));
        }
    }
    Ok(all)
}

/// Where a redirect URI leads, for people: the host, or the scheme of an app on the same machine.
fn host_of(uri: &str) -> String {
    let parsed = url::Url::parse(uri).ok();
    let host = parsed.as_ref().and_then(|u| u.host_str().map(str::to_owned));
    host.or_else(|| parsed.map(|u| u.scheme().to_owned())).unwrap_or_else(|| uri.to_owned())
}

/// What the token of a consent form is for: this request only.
pub fn purpose(id: &FlowId) -> String {
    format!("consent {}", id.as_str())
}
