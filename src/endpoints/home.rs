//! My applications, and launching one. Both ask the same question as the authorization endpoint.

use rusqlite::Connection;

use crate::access::Asker;
use crate::domain::access::Decision;
use crate::domain::redirect_uri::Purpose;
use crate::error::Internal;
use crate::http::Response;
use crate::pages::{AccessDenied, ErrorPage, MyApplications, Tile, TileGroup};
use crate::store::applications::{self, Application};
use crate::store::{bindings, providers, users};

use super::authorize::denial;
use super::context::Ctx;
use super::failure::error_page;
use super::session::SignedIn;
use super::{Answer, clients};

/// Applications from which on a search field helps.
const SEARCH_FROM: usize = 9;

/// GET `/`.
pub fn show(ctx: &Ctx) -> Answer {
    let Some(who) = ctx.signed_in()? else { return Ok(Response::see_other("/login/")) };
    let query = ctx.req.query_params().first("q").unwrap_or_default().trim().to_owned();
    let (mine, is_administrator) =
        ctx.app.store.read(|c| Ok::<_, Internal>((mine(ctx, c, &who)?, users::is_administrator(c, who.user.id)?)))?;
    let needle = query.to_lowercase();
    let shown = mine.iter().filter(|a| {
        needle.is_empty() || [&a.name, &a.description, &a.group].iter().any(|t| t.to_lowercase().contains(&needle))
    });
    let mut groups: Vec<TileGroup> = Vec::new();
    for a in shown {
        let tile = Tile { name: &a.name, description: &a.description, slug: &a.slug, new_tab: a.open_in_new_tab };
        match groups.last_mut().filter(|g| g.name == a.group) {
            Some(group) => group.tiles.push(tile),
            None => groups.push(TileGroup { name: &a.group, tiles: vec![tile] }),
        }
    }
    let has_search = mine.len() >= SEARCH_FROM || !query.is_empty();
    let page = MyApplications {
        name: if who.user.name.is_empty() { &who.user.username } else { &who.user.name },
        is_administrator,
        query: has_search.then_some(query.as_str()),
        total: mine.len(),
        groups,
        form_token: &ctx.form_token(&who.forms(), super::logout::PURPOSE),
    };
    Ok(Response::html(200, page.render()))
}

/// The applications that a user may open, and that can be opened. As many queries for a thousand as for one.
fn mine(ctx: &Ctx, connection: &Connection, who: &SignedIn) -> Result<Vec<Application>, Internal> {
    let (mut rules, origins) = (bindings::rules(connection)?, providers::origins(connection)?);
    let circumstances = ctx.circumstances(who);
    let mut asker = Asker::new(connection, &who.user, &circumstances);
    let mut mine = Vec::new();
    for application in applications::list(connection)? {
        let has_origin = || application.provider_id.is_some_and(|id| origins.contains_key(&id));
        if application.launch_url.is_none() && !has_origin() {
            continue;
        }
        let ruling = asker.decide(&application, rules.remove(&application.id).unwrap_or_default())?;
        clients::note_failures(ctx, &application, &who.user, ruling.failures);
        if ruling.decision.is_allowed() {
            mine.push(application);
        }
    }
    Ok(mine)
}

/// GET `/application/launch/{slug}/`.
pub fn launch(ctx: &Ctx) -> Answer {
    let slug = ctx.slug.unwrap_or_default();
    let id = ctx.req.id.to_string();
    let found = ctx.app.store.read(|c| {
        let Some(application) = applications::by_slug(c, slug)? else { return Ok(None) };
        let url = launch_url(c, &application)?;
        Ok::<_, Internal>(Some((application, url)))
    })?;
    let Some(who) = ctx.signed_in()? else {
        return Ok(Response::see_other(format!("/login/?next=%2Fapplication%2Flaunch%2F{slug}%2F")));
    };
    let Some((application, Some(url))) = found else { return Ok(error_page(&ErrorPage::not_found(&id))) };
    let circumstances = ctx.circumstances(&who);
    match ctx.app.store.read(|c| clients::decide(ctx, c, &application, &who.user, &circumstances))? {
        Decision::Allowed(_) => Ok(Response::see_other(url)),
        Decision::Denied(why) => {
            let event = ctx
                .event("access_denied")
                .user(&who.user.username)
                .detail("application", &application.slug)
                .detail("reason", why.to_string());
            ctx.app.recorder.refused(event);
            let forms = ctx.anonymous_forms();
            let page = AccessDenied {
                application: &application.name,
                username: &who.user.username,
                reason: denial(why),
                request_id: &id,
                switch_action: &format!("/login/?next=%2Fapplication%2Flaunch%2F{slug}%2F"),
                form_token: &ctx.form_token(&forms, "login"),
            };
            Ok(forms.seal(Response::html(403, page.render())))
        }
    }
}

/// Where an application is opened: what was set, else the origin of its first redirect URI that is a web address.
pub fn launch_url(connection: &Connection, application: &Application) -> Result<Option<String>, Internal> {
    if application.launch_url.is_some() {
        return Ok(application.launch_url.clone());
    }
    let Some(id) = application.provider_id else { return Ok(None) };
    let Some(provider) = providers::by_id(connection, id)? else { return Ok(None) };
    let origins = provider.uris_for(Purpose::Authorization).filter_map(|u| u.origin());
    Ok(origins.into_iter().find(|o| o.starts_with("http")).map(|o| format!("{o}/")))
}
