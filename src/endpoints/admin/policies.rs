//! Customization > Policies.

use crate::acts::policies::{self as acts, Draft};
use crate::domain::expression::reference::POLICIES;
use crate::domain::policy_kind::PolicyKind;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::Place;
use crate::pages::admin::{DeletePolicy, PolicyEditor, PolicyList, Tried};
use crate::store::policies::{self, Policy};
use crate::words::Words;

use super::expressions::{help, is_trial, trial};
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx, Failure};

const LIST: &str = "/if/admin/policies/";

/// GET `/if/admin/policies/`.
pub fn list(ctx: &Ctx, admin: &Administrator) -> Answer {
    let policies = ctx.app.store.read(|c| {
        let mut bound = policies::bound_to(c)?;
        let all = policies::list(c)?.into_iter();
        Ok::<_, Internal>(all.map(|p| (bound.remove(&p.id).unwrap_or_default(), p)).map(|(b, p)| (p, b)).collect())
    })?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Policies));
    Ok(Response::html(200, PolicyList { ui: &ui, frame: &frame, policies }.render()))
}

/// GET `/if/admin/policies/new/`.
pub fn new(ctx: &Ctx, admin: &Administrator) -> Answer {
    editor(ctx, admin, None, Params::default(), Problems::default(), None)
}

/// POST `/if/admin/policies/new/`.
pub fn create(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    if is_trial(form) {
        return try_out(ctx, admin, None, form);
    }
    match acts::create(ctx.app, &admin.by, &draft(form)) {
        Ok(id) => Ok(ctx.done(format!("{LIST}{id}/"), &said("policy-created", form))),
        Err(error) => editor(ctx, admin, None, form.clone(), problems(error)?, None),
    }
}

/// GET `/if/admin/policies/{id}/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    let policy = find(ctx)?;
    let values = Params::from_pairs(vec![
        ("name", policy.name.clone()),
        ("kind", policy.kind.as_str().to_owned()),
        ("expression", policy.expression.clone()),
    ]);
    editor(ctx, admin, Some(&policy), values, Problems::default(), None)
}

/// POST `/if/admin/policies/{id}/`.
pub fn update(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let policy = find(ctx)?;
    if is_trial(form) {
        return try_out(ctx, admin, Some(&policy), form);
    }
    match acts::update(ctx.app, &admin.by, policy.id, &draft(form)) {
        Ok(()) => Ok(ctx.done(LIST, &said("policy-saved", form))),
        Err(error) => editor(ctx, admin, Some(&policy), form.clone(), problems(error)?, None),
    }
}

fn try_out(ctx: &Ctx, admin: &Administrator, policy: Option<&Policy>, form: &Params) -> Answer {
    let (wrong, tried) = match acts::try_out(ctx.app, &admin.by, &trial(form)) {
        Ok(Ok(true)) => (Problems::default(), Some(Tried::Passes)),
        Ok(Ok(false)) => (Problems::default(), Some(Tried::DoesNotPass)),
        Ok(Err(words)) => (Problems::default(), Some(Tried::Failed(words.said(ctx.lang)))),
        Err(error) => (problems(error)?, None),
    };
    editor(ctx, admin, policy, form.clone(), wrong, tried)
}

fn find(ctx: &Ctx) -> Result<Policy, Failure> {
    let id = ctx.id()?;
    ctx.app.store.read(|c| policies::by_id(c, id))?.ok_or(Failure::NotFound)
}

fn draft(form: &Params) -> Draft<'_> {
    let field = |name| form.first(name).unwrap_or_default();
    let kind = PolicyKind::parse(field("kind")).unwrap_or_default();
    Draft { name: field("name"), kind, expression: field("expression") }
}

fn said(key: &'static str, form: &Params) -> Words {
    Words::new(key).with("name", form.first("name").unwrap_or_default().trim())
}

fn bound_to(ctx: &Ctx, policy: &Policy) -> Result<Vec<String>, Internal> {
    Ok(ctx.app.store.read(policies::bound_to)?.remove(&policy.id).unwrap_or_default())
}

fn editor(
    ctx: &Ctx,
    admin: &Administrator,
    policy: Option<&Policy>,
    values: Params,
    wrong: Problems,
    tried: Option<Tried>,
) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Policies));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let page = PolicyEditor {
        ui: &ui,
        form: &ctx.form(&frame, values).wrong(wrong),
        frame: &frame,
        bound_to: policy.map(|p| bound_to(ctx, p)).transpose()?.unwrap_or_default(),
        policy,
        help: help(ctx, &POLICIES, tried)?,
    };
    Ok(Response::html(status, page.render()))
}

/// GET `/if/admin/policies/{id}/delete/`.
pub fn ask_delete(ctx: &Ctx, admin: &Administrator) -> Answer {
    let policy = find(ctx)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Policies));
    let page = DeletePolicy { ui: &ui, frame: &frame, bound_to: bound_to(ctx, &policy)?, policy: &policy };
    Ok(Response::html(200, page.render()))
}

/// POST `/if/admin/policies/{id}/delete/`.
pub fn delete(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let policy = acts::delete(ctx.app, &admin.by, ctx.id()?)?;
    Ok(ctx.done(LIST, &Words::new("policy-deleted").with("name", policy.name)))
}
