//! Customization > Scope mappings.

use crate::acts::scope_mappings::{self as acts, Draft};
use crate::domain::expression::reference::MAPPINGS;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::Place;
use crate::pages::admin::{DeleteScopeMapping, ScopeMappingEditor, ScopeMappingList, Tried};
use crate::store::providers;
use crate::store::scope_mappings::{self, ScopeMapping};
use crate::words::Words;

use super::expressions::{help, is_trial, trial};
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx, Failure};

const LIST: &str = "/if/admin/scope-mappings/";

/// GET `/if/admin/scope-mappings/`.
pub fn list(ctx: &Ctx, admin: &Administrator) -> Answer {
    let mappings = ctx.app.store.read(scope_mappings::list)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::ScopeMappings));
    Ok(Response::html(200, ScopeMappingList { ui: &ui, frame: &frame, mappings }.render()))
}

/// GET `/if/admin/scope-mappings/new/`.
pub fn new(ctx: &Ctx, admin: &Administrator) -> Answer {
    editor(ctx, admin, None, Params::default(), Problems::default(), None)
}

/// POST `/if/admin/scope-mappings/new/`.
pub fn create(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    if is_trial(form) {
        return try_out(ctx, admin, None, form);
    }
    match acts::create(ctx.app, &admin.by, &draft(form)) {
        Ok(id) => Ok(ctx.done(format!("{LIST}{id}/"), &said("scope-mapping-created", form))),
        Err(error) => editor(ctx, admin, None, form.clone(), problems(error)?, None),
    }
}

/// GET `/if/admin/scope-mappings/{id}/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    let m = find(ctx)?;
    let values = Params::from_pairs(vec![
        ("name", m.name.clone()),
        ("scope", m.scope.clone()),
        ("description", m.description.clone()),
        ("expression", m.expression.clone()),
    ]);
    editor(ctx, admin, Some(&m), values, Problems::default(), None)
}

/// POST `/if/admin/scope-mappings/{id}/`.
pub fn update(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let mapping = find(ctx)?;
    if is_trial(form) {
        return try_out(ctx, admin, Some(&mapping), form);
    }
    match acts::update(ctx.app, &admin.by, mapping.id, &draft(form)) {
        Ok(()) => Ok(ctx.done(LIST, &said("scope-mapping-saved", form))),
        Err(error) => editor(ctx, admin, Some(&mapping), form.clone(), problems(error)?, None),
    }
}

fn try_out(ctx: &Ctx, admin: &Administrator, mapping: Option<&ScopeMapping>, form: &Params) -> Answer {
    let (wrong, tried) = match acts::try_out(ctx.app, &admin.by, &trial(form)) {
        Ok(Ok(preview)) => {
            let claims = serde_json::to_string_pretty(&preview.claims).map_err(Internal::fault)?;
            (Problems::default(), Some(Tried::Tells(claims, preview.left_out.map(|w| w.said(ctx.lang)))))
        }
        Ok(Err(words)) => (Problems::default(), Some(Tried::Failed(words.said(ctx.lang)))),
        Err(error) => (problems(error)?, None),
    };
    editor(ctx, admin, mapping, form.clone(), wrong, tried)
}

fn find(ctx: &Ctx) -> Result<ScopeMapping, Failure> {
    let id = ctx.id()?;
    ctx.app.store.read(|c| scope_mappings::by_id(c, id))?.ok_or(Failure::NotFound)
}

fn draft(form: &Params) -> Draft<'_> {
    let field = |name| form.first(name).unwrap_or_default();
    Draft {
        name: field("name"),
        scope: field("scope"),
        description: field("description"),
        expression: field("expression"),
    }
}

fn said(key: &'static str, form: &Params) -> Words {
    Words::new(key).with("name", form.first("name").unwrap_or_default().trim())
}

fn offered_by(ctx: &Ctx, mapping: &ScopeMapping) -> Result<Vec<String>, Internal> {
    ctx.app.store.read(|c| providers::offering(c, &mapping.scope))
}

fn editor(
    ctx: &Ctx,
    admin: &Administrator,
    mapping: Option<&ScopeMapping>,
    values: Params,
    wrong: Problems,
    tried: Option<Tried>,
) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::ScopeMappings));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let page = ScopeMappingEditor {
        ui: &ui,
        form: &ctx.form(&frame, values).wrong(wrong),
        frame: &frame,
        offered_by: mapping.map(|m| offered_by(ctx, m)).transpose()?.unwrap_or_default(),
        mapping,
        help: help(ctx, &MAPPINGS, tried)?,
    };
    Ok(Response::html(status, page.render()))
}

/// GET `/if/admin/scope-mappings/{id}/delete/`.
pub fn ask_delete(ctx: &Ctx, admin: &Administrator) -> Answer {
    let mapping = find(ctx)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::ScopeMappings));
    let page = DeleteScopeMapping { ui: &ui, frame: &frame, offered_by: offered_by(ctx, &mapping)?, mapping: &mapping };
    Ok(Response::html(200, page.render()))
}

/// POST `/if/admin/scope-mappings/{id}/delete/`.
pub fn delete(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let mapping = acts::delete(ctx.app, &admin.by, ctx.id()?)?;
    Ok(ctx.done(LIST, &Words::new("scope-mapping-deleted").with("name", mapping.name)))
}
