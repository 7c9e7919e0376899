//! Applications > Applications: the list, and creating one alone.

use crate::acts::applications::{self as acts, New};
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::admin::{ApplicationList, ApplicationRow, CreateApplication, Pages};
use crate::pages::{Choice, Place};
use crate::store::{applications, providers};
use crate::words::Words;

use super::fields::{access_in_words, app_groups, said_of_application};
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx};

pub const LIST: &str = "/if/admin/applications/";

/// GET `/if/admin/applications/`.
pub fn list(ctx: &Ctx, admin: &Administrator) -> Answer {
    let asked = ctx.req.query_params();
    let query = asked.first("q").unwrap_or_default().trim().to_owned();
    let (rows, pages) = ctx.app.store.read(|c| {
        let found = applications::search(c, &query)?;
        let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let pages = Pages::of(found.len(), asked.first("page"), format!("{LIST}?q={encoded}&page="));
        Ok::<_, Internal>((applications::listed(c, &found[pages.range()])?, pages))
    })?;
    let row = |listed: applications::Listed| {
        let a = listed.application;
        let (access, is_open) = access_in_words(&a, &listed.bindings, ctx.lang);
        let provider = a.provider_id.zip(listed.provider);
        ApplicationRow { id: a.id, name: a.name, slug: a.slug, group: a.group, icon: a.icon, provider, access, is_open }
    };
    let applications = rows.into_iter().map(row).collect();
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Applications));
    let page = ApplicationList { ui: &ui, frame: &frame, query: &query, applications, pages };
    Ok(Response::html(200, page.render()))
}

/// GET `/if/admin/applications/create/`.
pub fn new(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, admin, Params::default(), Problems::default())
}

/// POST `/if/admin/applications/create/`.
pub fn create(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let said = said_of_application(form);
    let made = acts::parse_new(&said).map_err(crate::acts::ActError::from).and_then(|mut application| {
        application.provider_id = form.first("provider").and_then(|id| id.parse().ok());
        acts::create(ctx.app, &admin.by, New { application, provider: None, icon: None, bindings: Vec::new() })
    });
    match made {
        Ok((application, _)) => {
            let words = Words::new("application-created").with("name", &application.name);
            Ok(ctx.done(format!("{LIST}{}/", application.id), &words))
        }
        Err(error) => page(ctx, admin, form.clone(), problems(error)?),
    }
}

fn page(ctx: &Ctx, admin: &Administrator, values: Params, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Applications));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let (app_groups, free) = ctx.app.store.read(|c| Ok::<_, Internal>((app_groups(c)?, providers::unconnected(c)?)))?;
    let none = Choice::new("", ctx.lang.say("application-provider-none"));
    let providers = std::iter::once(none).chain(free.into_iter().map(|(id, name)| Choice::new(id.to_string(), name)));
    let page = CreateApplication {
        ui: &ui,
        form: &ctx.form(&frame, values).wrong(wrong),
        frame: &frame,
        app_groups,
        providers: providers.collect(),
    };
    Ok(Response::html(status, page.render()))
}
