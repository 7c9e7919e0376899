//! One application: what it is, who may open it, its provider, its end.

use crate::acts::applications::{self as acts, Change, ItsProvider};
use crate::acts::bindings::{self as binding_acts, Kind, Weight};
use crate::acts::{ActError, providers as provider_acts};
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::admin::{ApplicationPage, BoundLine, DeleteApplication};
use crate::pages::{Choice, Place};
use crate::store::applications::{self, Application};
use crate::store::{bindings, grants, providers};
use crate::words::{Lang, Words};

use super::applications::LIST;
use super::fields::{access_in_words, app_groups, application_values, known_names, said_of_application};
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx, Failure, launch_url};

fn find(ctx: &Ctx) -> Result<Application, Failure> {
    let id = ctx.id()?;
    ctx.app.store.read(|c| applications::by_id(c, id))?.ok_or(Failure::NotFound)
}

/// What of the page is shown again with what was typed.
#[derive(Default)]
struct Again {
    edit: Option<(Params, Problems)>,
    binding: Option<(Params, Problems)>,
    /// Of one binding that is there.
    row: Option<(i64, Params, Problems)>,
    provider: Problems,
}

/// GET `/if/admin/applications/{id}/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, admin, &find(ctx)?, Again::default())
}

/// What people see of an application, and what is no field of it. All else says who may use it, or where people are sent.
const LOOKS: [&str; 8] =
    ["name", "app_group", "publisher", "description", "icon", "open_in_new_tab", "seen", "form_token"];

/// Whether more than the looks of an application changes.
pub fn is_weighty(ctx: &Ctx, _: &Administrator, form: &Params) -> Result<bool, Failure> {
    let stands = application_values(&find(ctx)?);
    Ok(form.iter().any(|(name, said)| !LOOKS.contains(&name) && stands.first(name) != Some(said)))
}

/// POST `/if/admin/applications/{id}/`.
pub fn update(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let application = find(ctx)?;
    let seen = Some(form.first("seen").unwrap_or_default().to_owned());
    let change = Change { said: said_of_application(form), seen, ..Change::default() };
    match acts::update(ctx.app, &admin.by, application.id, change) {
        Ok((after, _)) => done(ctx, after.id, &Words::new("application-saved").with("name", &after.name)),
        Err(error) => {
            let edit = Some((form.clone(), problems(error)?));
            page(ctx, admin, &application, Again { edit, ..Again::default() })
        }
    }
}

fn done(ctx: &Ctx, id: i64, words: &Words) -> Answer {
    Ok(ctx.done(format!("{LIST}{id}/"), words))
}

/// POST `/if/admin/applications/{id}/bindings/add/`.
pub fn bind(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let application = find(ctx)?;
    let made = binding_acts::parse_row(form, "")
        .map_err(ActError::from)
        .and_then(|draft| binding_acts::create(ctx.app, &admin.by, application.id, draft));
    match made {
        Ok(_) => done(ctx, application.id, &Words::new("binding-made").with("name", typed_name(form))),
        Err(error) => {
            let binding = Some((form.clone(), problems(error)?));
            page(ctx, admin, &application, Again { binding, ..Again::default() })
        }
    }
}

fn typed_name(form: &Params) -> &str {
    form.first("bind_name").unwrap_or_default().trim()
}

/// POST `/if/admin/applications/{id}/bindings/change/`: saves or removes one binding.
pub fn change_binding(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let application = find(ctx)?;
    let binding = form.first("binding").and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)?;
    if form.first("go") == Some("remove") {
        let gone = binding_acts::delete(ctx.app, &admin.by, application.id, binding)?;
        let key = if still_open(ctx, application.id)? { "binding-removed" } else { "binding-removed-last" };
        return done(ctx, application.id, &Words::new(key).with("name", gone.label));
    }
    // The row's fields are those of a new binding, but for what it names.
    let mut row = form.without(&["bind_kind", "bind_name"]);
    row.push_all(&[("bind_kind", Kind::Group.as_str()), ("bind_name", "-")]);
    let draft = match binding_acts::parse_row(&row, "") {
        Ok(draft) => draft,
        Err(wrong) => {
            let row = Some((binding, form.clone(), wrong));
            return page(ctx, admin, &application, Again { row, ..Again::default() });
        }
    };
    let weight = Weight { order: draft.order, enabled: draft.enabled, negate: draft.negate };
    binding_acts::update(ctx.app, &admin.by, application.id, binding, weight)?;
    let key = if still_open(ctx, application.id)? { "binding-saved" } else { "binding-saved-last" };
    done(ctx, application.id, &Words::new(key))
}

/// Whether anybody can get in: some binding is enabled, or it is open to everybody.
fn still_open(ctx: &Ctx, application: i64) -> Result<bool, Failure> {
    Ok(ctx.app.store.read(|c| {
        let everybody = applications::by_id(c, application)?.is_some_and(|a| a.everybody);
        let bound = bindings::of_application(c, application)?;
        Ok::<_, Internal>(everybody || bound.iter().any(|b| b.rule.enabled))
    })?)
}

/// POST `/if/admin/applications/{id}/everybody/`: opens or closes it where no binding decides.
pub fn everybody(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let application = find(ctx)?;
    let said = Params::from_pairs([("everybody", form.first("everybody").unwrap_or("off").to_owned())]);
    let change = Change { said, ..Change::default() };
    let is_open = acts::update(ctx.app, &admin.by, application.id, change)?.0.everybody;
    let key = if is_open { "application-opened" } else { "application-closed" };
    done(ctx, application.id, &Words::new(key).with("name", &application.name))
}

/// POST `/if/admin/applications/{id}/connect/`: gives it a provider.
pub fn connect(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let application = find(ctx)?;
    let provider = form.first("provider").and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)?;
    match provider_acts::connect(ctx.app, &admin.by, provider, application.id) {
        Ok(()) => done(ctx, application.id, &Words::new("application-connected").with("name", &application.name)),
        Err(error) => {
            let provider = problems(error)?;
            page(ctx, admin, &application, Again { provider, ..Again::default() })
        }
    }
}

fn page(ctx: &Ctx, admin: &Administrator, application: &Application, again: Again) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Applications));
    let failed = again.edit.is_some() || again.binding.is_some() || again.row.is_some() || !again.provider.is_empty();
    let (bound, provider, free, groups, names, launch) = ctx.app.store.read(|c| {
        let provider = match application.provider_id {
            Some(id) => providers::by_id(c, id)?.map(|p| (p.id, p.name)),
            None => None,
        };
        let bound = bindings::of_application(c, application.id)?;
        let free = providers::unconnected(c)?;
        Ok::<_, Internal>((bound, provider, free, app_groups(c)?, known_names(c)?, launch_url(c, application)?))
    })?;
    let seen = acts::fingerprint(application);
    let (values, wrong) = again.edit.unwrap_or_else(|| (application_values(application), Problems::default()));
    let (bind_values, bind_wrong) = again.binding.unwrap_or_else(|| {
        (Params::from_pairs([("bind_kind", "group".to_owned()), ("bind_order", "0".to_owned())]), Problems::default())
    });
    let (access, is_open) = access_in_words(application, &bound, ctx.lang);
    let page = ApplicationPage {
        ui: &ui,
        id: application.id,
        name: &application.name,
        slug: &application.slug,
        icon: application.icon.as_deref(),
        launch: launch.is_some(),
        provider,
        free: free.into_iter().map(|(id, name)| Choice::new(id.to_string(), name)).collect(),
        access,
        is_open,
        everybody: application.everybody,
        bound: bound.iter().map(|b| line(b, again.row.as_ref(), ctx.lang)).collect(),
        seen,
        form: &ctx.form(&frame, values).wrong(wrong),
        bind_form: &ctx.form(&frame, bind_values).wrong(bind_wrong),
        provider_form: &ctx.form(&frame, Params::default()).wrong(again.provider),
        frame: &frame,
        app_groups: groups,
        known_names: names,
    };
    Ok(Response::html(if failed { 422 } else { 200 }, page.render()))
}

/// A binding as it is, or as it was typed where that cannot be saved.
fn line(b: &bindings::BoundRule, again: Option<&(i64, Params, Problems)>, lang: Lang) -> BoundLine {
    let kind = match binding_acts::kind(b.rule.target) {
        Kind::Group => "binding-group",
        Kind::User => "binding-user",
        Kind::Policy => "binding-policy",
    };
    let stored = BoundLine {
        id: b.id,
        kind,
        name: b.label.clone(),
        is_gone: b.rule.target.is_gone(),
        order: b.rule.order.to_string(),
        enabled: b.rule.enabled,
        negate: b.rule.negate,
        wrong: None,
    };
    match again {
        Some((id, typed, wrong)) if *id == b.id => BoundLine {
            order: typed.first("bind_order").unwrap_or_default().to_owned(),
            enabled: typed.first("bind_active") != Some("off"),
            negate: typed.first("bind_negate") == Some("on"),
            wrong: wrong.at("bind_order").map(|words| words.said(lang)),
            ..stored
        },
        _ => stored,
    }
}

/// GET `/if/admin/applications/{id}/delete/`: what would break.
pub fn ask_delete(ctx: &Ctx, admin: &Administrator) -> Answer {
    let application = find(ctx)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Applications));
    let (provider, users) = ctx.app.store.read(|c| {
        let Some(id) = application.provider_id else { return Ok((None, 0)) };
        Ok::<_, Internal>((providers::by_id(c, id)?.map(|p| p.name), grants::users_at(c, id)?))
    })?;
    let form = ctx.form(&frame, Params::default());
    let page = DeleteApplication {
        ui: &ui,
        frame: &frame,
        form: &form,
        id: application.id,
        name: &application.name,
        provider: provider.as_deref(),
        users,
    };
    Ok(Response::html(200, page.render()))
}

/// POST `/if/admin/applications/{id}/delete/`.
pub fn delete(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let its_provider = if form.has("keep_provider") { ItsProvider::Kept } else { ItsProvider::Deleted };
    let gone = acts::delete(ctx.app, &admin.by, ctx.id()?, its_provider)?;
    Ok(ctx.done(LIST, &Words::new("application-deleted").with("name", gone.name)))
}
