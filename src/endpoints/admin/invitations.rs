//! Directory > Invitations.

use rusqlite::Connection;

use crate::acts::invitations::{self as acts, Draft};
use crate::domain::problems::Problems;
use crate::domain::{UnixSeconds, duration, invitation};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::admin::{GroupPick, InvitationList, InvitationRow, NewInvitation};
use crate::pages::{Choice, Place};
use crate::store::groups::{self, Group};
use crate::store::invitations::{self, Invitation};
use crate::words::Words;

use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx};

const LIST: &str = "/if/admin/invitations/";

/// How long a link may work, as the page offers it, in seconds. Commands take any time in between.
const EXPIRIES: [i64; 6] = [3_600, 86_400, 3 * 86_400, invitation::DEFAULT_VALID, 28 * 86_400, 90 * 86_400];

/// GET `/if/admin/invitations/`.
pub fn list(ctx: &Ctx, admin: &Administrator) -> Answer {
    list_with(ctx, admin, None)
}

fn list_with(ctx: &Ctx, admin: &Administrator, link: Option<&str>) -> Answer {
    let invitations = ctx.app.store.read(|c| {
        let groups = groups::list(c)?;
        let row = |i: Invitation| row(c, i, &groups, ctx.now);
        invitations::list(c)?.into_iter().map(row).collect::<Result<Vec<_>, Internal>>()
    })?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Invitations));
    let form = ctx.form(&frame, Params::default());
    Ok(Response::html(200, InvitationList { ui: &ui, frame: &frame, form: &form, link, invitations }.render()))
}

fn row(
    connection: &Connection,
    invitation: Invitation,
    all: &[Group],
    now: UnixSeconds,
) -> Result<InvitationRow, Internal> {
    let ids = invitations::groups_of(connection, invitation.id)?;
    Ok(InvitationRow {
        id: invitation.id,
        name: invitation.name(),
        groups: all.iter().filter(|g| ids.contains(&g.id)).map(|g| g.name.clone()).collect(),
        administrators: invitation.administrators,
        uses_left: invitation.uses_left,
        is_open: invitation.is_open(now),
        expires_at: invitation.expires_at,
        created_by: invitation.created_by,
    })
}

/// GET `/if/admin/invitations/new/`.
pub fn new(ctx: &Ctx, admin: &Administrator) -> Answer {
    let values =
        [("uses", invitation::DEFAULT_USES.to_string()), ("expires", duration::write(invitation::DEFAULT_VALID))];
    new_page(ctx, admin, Params::from_pairs(values), Problems::default())
}

fn new_page(ctx: &Ctx, admin: &Administrator, values: Params, wrong: Problems) -> Answer {
    let picked = picked(&values);
    let pick = |g: Group| GroupPick {
        is_picked: picked.contains(&g.id),
        id: g.id,
        name: g.name,
        administrator: g.administrator,
    };
    let groups = ctx.app.store.read(groups::list)?.into_iter().map(pick).collect();
    let choice = |seconds: i64| Choice::new(duration::write(seconds), duration::in_words(seconds).said(ctx.lang));
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Invitations));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let form = ctx.form(&frame, values).wrong(wrong);
    let expiries = EXPIRIES.map(choice).into();
    Ok(Response::html(status, NewInvitation { ui: &ui, frame: &frame, form: &form, groups, expiries }.render()))
}

fn picked(form: &Params) -> Vec<i64> {
    let mut ids: Vec<i64> = form.all("group").filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// POST `/if/admin/invitations/new/`: the link stands in this one answer.
pub fn create(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let field = |name| form.first(name).unwrap_or_default();
    let draft = Draft {
        label: field("label"),
        uses: field("uses"),
        expires: field("expires"),
        groups: picked(form),
        administrators: form.has("administrators"),
    };
    match acts::create(ctx.app, &admin.by, &draft) {
        Ok(link) => list_with(ctx, admin, Some(&link)),
        Err(error) => new_page(ctx, admin, form.clone(), problems(error)?),
    }
}

/// POST `/if/admin/invitations/{id}/delete/`.
pub fn delete(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let invitation = acts::delete(ctx.app, &admin.by, ctx.id()?)?;
    Ok(ctx.done(LIST, &Words::new("invitation-was-deleted").with("name", invitation.name())))
}
