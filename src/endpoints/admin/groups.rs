//! Directory > Groups.

use rusqlite::Connection;

use crate::acts::groups::{self as acts, Draft};
use crate::domain::attributes;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::admin::{DeleteGroup, GroupEditor, GroupList, GroupRow, Pages};
use crate::pages::{Choice, Place};
use crate::store::groups::{self, Group};
use crate::store::{applications, bindings};
use crate::words::Words;

use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx, Failure};

const LIST: &str = "/if/admin/groups/";

/// Members that the page of a group lists.
const MOST_MEMBERS: i64 = 100;

/// GET `/if/admin/groups/`.
pub fn list(ctx: &Ctx, admin: &Administrator) -> Answer {
    let asked = ctx.req.query_params();
    let query = asked.first("q").unwrap_or_default().trim().to_owned();
    let (rows, pages) = ctx.app.store.read(|c| {
        let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let total = usize::try_from(groups::count(c, &query)?).unwrap_or_default();
        let pages = Pages::of(total, asked.first("page"), format!("{LIST}?q={encoded}&page="));
        let range = pages.range();
        Ok::<_, Internal>((groups::page(c, &query, range.start as i64, range.len() as i64)?, pages))
    })?;
    let row = |groups::Listed { group: g, parent, members }| GroupRow {
        id: g.id,
        name: g.name,
        parent,
        members,
        administrator: g.administrator,
    };
    let groups = rows.into_iter().map(row).collect();
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Groups));
    Ok(Response::html(200, GroupList { ui: &ui, frame: &frame, query: &query, groups, pages }.render()))
}

fn row(connection: &Connection, group: Group) -> Result<GroupRow, Internal> {
    let parent = match group.parent_id {
        Some(id) => groups::by_id(connection, id)?.map(|g| g.name),
        None => None,
    };
    let members = groups::member_count(connection, group.id)?;
    Ok(GroupRow { id: group.id, name: group.name, parent, members, administrator: group.administrator })
}

/// GET `/if/admin/groups/new/`.
pub fn new(ctx: &Ctx, admin: &Administrator) -> Answer {
    editor(ctx, admin, None, Params::default(), Problems::default(), Problems::default())
}

/// POST `/if/admin/groups/new/`.
pub fn create(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    match acts::create(ctx.app, &admin.by, &draft(form)) {
        Ok(id) => Ok(ctx.done(format!("{LIST}{id}/"), &said("group-created", form))),
        Err(error) => editor(ctx, admin, None, form.clone(), problems(error)?, Problems::default()),
    }
}

/// GET `/if/admin/groups/{id}/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    let group = find(ctx)?;
    let values = values(ctx, &group)?;
    editor(ctx, admin, Some(group), values, Problems::default(), Problems::default())
}

/// POST `/if/admin/groups/{id}/`.
pub fn update(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let group = find(ctx)?;
    match acts::update(ctx.app, &admin.by, group.id, &draft(form)) {
        Ok(()) => Ok(ctx.done(LIST, &said("group-saved", form))),
        Err(error) => editor(ctx, admin, Some(group), form.clone(), problems(error)?, Problems::default()),
    }
}

fn find(ctx: &Ctx) -> Result<Group, Failure> {
    let id = ctx.id()?;
    ctx.app.store.read(|c| groups::by_id(c, id))?.ok_or(Failure::NotFound)
}

fn draft(form: &Params) -> Draft<'_> {
    let field = |name| form.first(name).unwrap_or_default();
    Draft {
        name: field("name"),
        parent: field("parent"),
        administrator: form.has("administrator"),
        attributes: field("attributes"),
    }
}

/// What the form of a stored group holds.
fn values(ctx: &Ctx, group: &Group) -> Result<Params, Internal> {
    let parent = match group.parent_id {
        Some(id) => ctx.app.store.read(|c| groups::by_id(c, id))?.map(|g| g.name),
        None => None,
    };
    let mut values = vec![
        ("name", group.name.clone()),
        ("parent", parent.unwrap_or_default()),
        ("attributes", attributes::write(&group.attributes)),
    ];
    if group.administrator {
        values.push(("administrator", "on".into()));
    }
    Ok(Params::from_pairs(values))
}

fn said(key: &'static str, form: &Params) -> Words {
    Words::new(key).with("name", form.first("name").unwrap_or_default().trim())
}

fn editor(
    ctx: &Ctx,
    admin: &Administrator,
    group: Option<Group>,
    values: Params,
    wrong: Problems,
    member_wrong: Problems,
) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Groups));
    let status = if wrong.is_empty() && member_wrong.is_empty() { 200 } else { 422 };
    let (all, members, group) = ctx.app.store.read(|c| {
        let members = match &group {
            Some(group) => groups::members(c, group.id, MOST_MEMBERS)?
                .into_iter()
                .map(|(_, username, name)| (username, name))
                .collect(),
            None => Vec::new(),
        };
        let group = group.map(|g| row(c, g)).transpose()?;
        Ok::<_, Internal>((groups::list(c)?, members, group))
    })?;
    let none = Choice::new("", ctx.lang.say("group-parent-none"));
    let others = all.into_iter().filter(|g| group.as_ref().is_none_or(|own| own.id != g.id));
    let parents = std::iter::once(none).chain(others.map(|g| Choice::new(g.name.clone(), g.name))).collect();
    // What was typed into the form of the members is no field of the group's, and the reverse.
    let typed = if member_wrong.is_empty() { Params::default() } else { values.clone() };
    let page = GroupEditor {
        ui: &ui,
        form: &ctx.form(&frame, values).wrong(wrong),
        member_form: &ctx.form(&frame, typed).wrong(member_wrong),
        frame: &frame,
        group: group.as_ref(),
        parents,
        members,
    };
    Ok(Response::html(status, page.render()))
}

/// POST `/if/admin/groups/{id}/members/add/`.
pub fn add_member(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let group = find(ctx)?;
    let login = form.first("user").unwrap_or_default().trim().to_owned();
    match acts::add_member(ctx.app, &admin.by, group.id, &login) {
        Ok(added) => {
            let key = if added { "group-member-added" } else { "group-member-was-there" };
            Ok(ctx.done(format!("{LIST}{}/", group.id), &Words::new(key).with("name", login)))
        }
        Err(error) => {
            let wrong = problems(error)?;
            let mut values = values(ctx, &group)?;
            values.push("user", login);
            editor(ctx, admin, Some(group), values, Problems::default(), wrong)
        }
    }
}

/// POST `/if/admin/groups/{id}/members/remove/`.
pub fn remove_member(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let group = find(ctx)?;
    let login = form.first("user").unwrap_or_default();
    acts::remove_member(ctx.app, &admin.by, group.id, login)?;
    Ok(ctx.done(format!("{LIST}{}/", group.id), &Words::new("group-member-removed").with("name", login)))
}

/// GET `/if/admin/groups/{id}/delete/`.
pub fn ask_delete(ctx: &Ctx, admin: &Administrator) -> Answer {
    delete_page(ctx, admin, Problems::default())
}

fn delete_page(ctx: &Ctx, admin: &Administrator, wrong: Problems) -> Answer {
    let group = find(ctx)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Groups));
    let (group, bound_to) = ctx.app.store.read(|c| {
        let bound: Vec<i64> = bindings::applications_of_group(c, group.id)?;
        let names = applications::list(c)?.into_iter().filter(|a| bound.contains(&a.id)).map(|a| a.name).collect();
        Ok::<_, Internal>((row(c, group)?, names))
    })?;
    let status = if wrong.is_empty() { 200 } else { 422 };
    let form = ctx.form(&frame, Params::default()).wrong(wrong);
    let page = DeleteGroup { ui: &ui, frame: &frame, group: &group, form: &form, bound_to };
    Ok(Response::html(status, page.render()))
}

/// POST `/if/admin/groups/{id}/delete/`.
pub fn delete(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    match acts::delete(ctx.app, &admin.by, ctx.id()?) {
        Ok(group) => Ok(ctx.done(LIST, &Words::new("group-deleted").with("name", group.name))),
        Err(error) => delete_page(ctx, admin, problems(error)?),
    }
}
