//! My applications, and launching one. Both ask the same question as the authorization endpoint.

use rusqlite::Connection;

use crate::domain::access::Decision;
use crate::domain::redirect_uri::{Matching, Purpose, RegisteredUri};
use crate::domain::search::Words;
use crate::error::Internal;
use crate::http::Response;
use crate::pages::{AccessDenied, ErrorPage, MyApplications, Tile, TileGroup};
use crate::store::applications::{self, Application};
use crate::store::{providers, users};

use super::authorize::denial;
use super::context::Ctx;
use super::{Answer, clients, step_up};

/// Applications from which on a search field helps.
const SEARCH_FROM: usize = 9;

/// GET `/`.
pub fn show(ctx: &Ctx) -> Answer {
    let Some(who) = ctx.signed_in()? else { return Ok(Response::see_other("/login/")) };
    let query = ctx.req.query_params().first("q").unwrap_or_default().trim().to_owned();
    let (mine, is_administrator) = ctx.app.store.read(|c| {
        let mine = with_a_place(c, clients::allowed(ctx, c, &who)?)?;
        Ok::<_, Internal>((mine, users::is_administrator(c, who.user.id)?))
    })?;
    let words = Words::of(&query);
    let shown = mine.iter().filter(|a| words.are_in(&[&a.name, &a.description, &a.publisher, &a.group]));
    let mut groups: Vec<TileGroup> = Vec::new();
    for a in shown {
        let tile = Tile {
            name: &a.name,
            description: &a.description,
            publisher: &a.publisher,
            icon: a.icon.as_deref(),
            slug: &a.slug,
            new_tab: a.open_in_new_tab,
        };
        match groups.last_mut().filter(|g| g.name == a.group) {
            Some(group) => group.tiles.push(tile),
            None => groups.push(TileGroup { name: &a.group, tiles: vec![tile] }),
        }
    }
    let has_search = mine.len() >= SEARCH_FROM || !query.is_empty();
    let ui = ctx.shell_of(&who.user);
    let page = MyApplications {
        ui: &ui,
        name: if who.user.name.is_empty() { &who.user.username } else { &who.user.name },
        is_administrator,
        query: has_search.then_some(query.as_str()),
        total: mine.len(),
        groups,
        form_token: &ctx.form_token(&who.forms(), super::logout::PURPOSE),
    };
    Ok(Response::html(200, page.render()))
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
    let Some((application, Some(url))) = found else { return Ok(ctx.error(&ErrorPage::not_found(&id))) };
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
                ui: &ctx.shell_of(&who.user),
                application: &application.name,
                username: &who.user.username,
                reason: step_up::lacking(ctx, &application, &who)?.unwrap_or(denial(why)),
                request_id: &id,
                switch_action: &format!("/login/?next=%2Fapplication%2Flaunch%2F{slug}%2F"),
                form_token: &ctx.form_token(&forms, "login"),
            };
            Ok(forms.seal(Response::html(403, page.render())))
        }
    }
}

/// Those of the applications that can be opened.
fn with_a_place(connection: &Connection, all: Vec<Application>) -> Result<Vec<Application>, Internal> {
    let is_set = |a: &Application| a.launch_url.is_some();
    let providers: Vec<i64> = all.iter().filter(|a| !is_set(a)).filter_map(|a| a.provider_id).collect();
    let uris = providers::uris_of(connection, &providers)?;
    let leads_somewhere = |uris: &Vec<RegisteredUri>| has_web_address(uris) || first_origin(uris).is_some();
    let has_origin = |a: &Application| a.provider_id.and_then(|id| uris.get(&id)).is_some_and(leads_somewhere);
    Ok(all.into_iter().filter(|a| is_set(a) || has_origin(a)).collect())
}

/// Where an application is opened: what was set, else the origin of its first redirect URI that is a web address.
pub fn launch_url(connection: &Connection, application: &Application) -> Result<Option<String>, Internal> {
    if application.launch_url.is_some() {
        return Ok(application.launch_url.clone());
    }
    let Some(id) = application.provider_id else { return Ok(None) };
    let Some(provider) = providers::by_id(connection, id)? else { return Ok(None) };
    Ok(first_origin(&provider.uris).map(|o| format!("{o}/")))
}

/// Whether one of them plainly has an origin: a strict one was checked when it was registered. Taking a thousand
/// addresses apart would cost more than all else of the page.
fn has_web_address(uris: &[RegisteredUri]) -> bool {
    let is_web = |u: &RegisteredUri| u.matching() == Matching::Strict && u.uri().starts_with("http");
    uris.iter().any(|u| u.purpose() == Purpose::Authorization && is_web(u))
}

fn first_origin(uris: &[RegisteredUri]) -> Option<String> {
    let mut origins = uris.iter().filter(|u| u.purpose() == Purpose::Authorization).filter_map(RegisteredUri::origin);
    origins.find(|o| o.starts_with("http"))
}
