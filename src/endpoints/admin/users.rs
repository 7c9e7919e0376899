//! Directory > Users.

use crate::acts::ActError;
use crate::acts::factors as factor_acts;
use crate::acts::groups as group_acts;
use crate::acts::passkeys as passkey_acts;
use crate::acts::users as acts;
use crate::crypto::passkeys::Passkeys;
use crate::domain::access::expand_groups;
use crate::domain::attributes;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::admin::{DeleteUser, InheritedGroup, NewUser, Pages, UserList, UserPage, UserRow};
use crate::pages::{Choice, PasskeyLine, Place};
use crate::store::app_passwords;
use crate::store::factors;
use crate::store::groups::{self, Group};
use crate::store::links::Factors;
use crate::store::passkeys;
use crate::store::users::{self, User};
use crate::words::Words;

use super::slowed;
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::notices::Notice;
use crate::endpoints::user::language_choices;
use crate::endpoints::{Answer, Ctx, Failure};

const LIST: &str = "/if/admin/users/";

/// GET `/if/admin/users/`.
pub fn list(ctx: &Ctx, admin: &Administrator) -> Answer {
    let asked = ctx.req.query_params();
    let query = asked.first("q").unwrap_or_default().trim().to_owned();
    let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let (rows, pages) = ctx.app.store.read(|c| {
        let total = usize::try_from(users::count(c, &query)?).unwrap_or(0);
        let pages = Pages::of(total, asked.first("page"), format!("{LIST}?q={encoded}&page="));
        let range = pages.range();
        let found = users::page(c, &query, range.start as i64, range.len() as i64)?;
        let rows = found.into_iter().map(|u| users::is_administrator(c, u.id).map(|a| row(u, a)));
        Ok::<_, Internal>((rows.collect::<Result<Vec<_>, _>>()?, pages))
    })?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Users));
    Ok(Response::html(200, UserList { ui: &ui, frame: &frame, query: &query, users: rows, pages }.render()))
}

fn row(user: User, administrator: bool) -> UserRow {
    UserRow {
        id: user.id,
        name: if user.name.is_empty() { user.username.clone() } else { user.name },
        username: user.username,
        email: user.email,
        email_verified: user.email_verified,
        active: user.active,
        administrator,
        has_password: user.password_hash.is_some(),
        service_account: user.service_account,
    }
}

/// What the form says, for acts: a box that is not ticked says "off".
fn said(form: &Params) -> Params {
    let mut said = form.clone();
    for name in ["email_verified", "admin", "phone_number_verified"] {
        if !form.has(name) {
            said.push(name, "off");
        }
    }
    said
}

/// GET `/if/admin/users/new/`.
pub fn new(ctx: &Ctx, admin: &Administrator) -> Answer {
    new_page(ctx, admin, Params::default(), Problems::default())
}

/// POST `/if/admin/users/new/`. Without a password, a recovery link lets the user choose one.
pub fn create(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let has_password = ["password", "password_again"].iter().any(|n| form.first(n).is_some_and(|p| !p.is_empty()));
    let rule = acts::password_rule(ctx.app, form.first("username").unwrap_or_default(), form.first("email"))?;
    let rule = rule.named(form.first("name").unwrap_or_default());
    let password = match has_password.then(|| acts::new_password(form, &rule)).transpose() {
        Ok(password) => password,
        // What else is wrong is said with it.
        Err(wrong) => {
            let others = acts::parse_new(&said(form)).err().unwrap_or_default();
            return new_page(ctx, admin, form.clone(), wrong.and(others));
        }
    };
    match acts::create(ctx.app, &admin.by, &said(form), password.as_ref(), &[]) {
        Ok(id) => {
            let words = Words::new("user-created").with("name", form.first("username").unwrap_or_default().trim());
            Ok(ctx.done(format!("{LIST}{id}/"), &words))
        }
        Err(error) => new_page(ctx, admin, form.clone(), problems(error)?),
    }
}

fn new_page(ctx: &Ctx, admin: &Administrator, values: Params, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Users));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let form = ctx.form(&frame, values).wrong(wrong);
    let page = NewUser {
        ui: &ui,
        frame: &frame,
        form: &form,
        languages: language_choices(ctx),
        least: ctx.settings()?.password_minimum,
    };
    Ok(Response::html(status, page.render()))
}

pub(super) fn find(ctx: &Ctx) -> Result<User, Failure> {
    let id = ctx.id()?;
    ctx.app.store.read(|c| users::by_id(c, id))?.ok_or(Failure::NotFound)
}

/// What of the page is shown again.
#[derive(Default)]
pub(super) struct Again {
    pub(super) edit: Option<(Params, Problems)>,
    pub(super) password: Problems,
    pub(super) group: Problems,
    pub(super) link: Option<String>,
    pub(super) app_password: Option<String>,
    pub(super) new_app_password: Option<(Params, Problems)>,
}

/// GET `/if/admin/users/{id}/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, admin, find(ctx)?, Again::default())
}

/// Whether more of a user changes than what people are called and which language they read: a right, or what leads to one,
/// which are the names of a sign-in, the address that recovery mails go to, what applications are told is verified, and the
/// attributes that policies ask about.
pub fn is_weighty(ctx: &Ctx, _: &Administrator, form: &Params) -> Result<bool, Failure> {
    let user = find(ctx)?;
    let (before, mut after) = (acts::Described::of(&user), acts::Described::of(&user));
    // What is wrong with the form is told by the act.
    acts::apply(&mut after, &said(form), &mut Problems::default());
    let weighty = |d: acts::Described| {
        let (p, person) = (d.profile, d.extras.person);
        let number = person.get("phone_number").filter(|_| person.phone_number_verified).map(str::to_owned);
        (p.username, p.email, p.email_verified, p.administrator, d.extras.attributes, number)
    };
    Ok(weighty(before) != weighty(after))
}

/// Whether somebody gets in again. Whoever has to be kept out is so at once.
pub fn is_enabling(_: &Ctx, _: &Administrator, form: &Params) -> Result<bool, Failure> {
    Ok(form.first("active") == Some("on"))
}

/// POST `/if/admin/users/{id}/`.
pub fn update(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let user = find(ctx)?;
    match acts::update(ctx.app, &admin.by, user.id, said(form), &[]) {
        Ok(after) => {
            if after.email != user.email {
                ctx.tell(&user, Notice::EmailChanged);
            }
            done(ctx, user.id, &Words::new("user-saved").with("name", after.username))
        }
        Err(error) => {
            let edit = Some((form.clone(), problems(error)?));
            page(ctx, admin, user, Again { edit, ..Again::default() })
        }
    }
}

pub(super) fn done(ctx: &Ctx, id: i64, words: &Words) -> Answer {
    Ok(ctx.done(format!("{LIST}{id}/"), words))
}

/// POST `/if/admin/users/{id}/password/`.
pub fn set_password(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let user = find(ctx)?;
    let rule = acts::password_rule(ctx.app, &user.username, user.email.as_deref())?.named(&user.name);
    let set = acts::new_password(form, &rule)
        .map_err(ActError::from)
        .and_then(|password| acts::set_password(ctx.app, &admin.by, user.id, &password));
    match set {
        Ok(()) => {
            ctx.tell(&user, Notice::PasswordSet);
            done(ctx, user.id, &Words::new("user-password-set").with("name", user.username))
        }
        Err(error) => {
            let password = problems(error)?;
            page(ctx, admin, user, Again { password, ..Again::default() })
        }
    }
}

/// POST `/if/admin/users/{id}/recovery-link/`: the link stands in this one answer.
pub fn recovery_link(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let user = find(ctx)?;
    let factors = Factors::of(form.has("drop_factors"));
    let link = Some(acts::recovery_link(ctx.app, &admin.by, user.id, factors)?);
    page(ctx, admin, user, Again { link, ..Again::default() })
}

/// POST `/if/admin/users/{id}/remove-factors/`: for who lost them, and still knows the password.
pub fn remove_factors(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let user = factor_acts::remove_all(ctx.app, &admin.by, ctx.id()?)?;
    ctx.tell(&user, Notice::FactorsRemoved);
    done(ctx, user.id, &Words::new("factors-removed").with("name", user.username))
}

/// POST `/if/admin/users/{id}/remove-passkey/`: of a device that was lost.
pub fn remove_passkey(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let (owner, id) = (ctx.id()?, form.first("passkey").and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)?);
    let name = passkey_acts::remove_of(ctx.app, &admin.by, owner, id)?;
    ctx.tell(&find(ctx)?, Notice::FactorRemoved("passkey"));
    done(ctx, owner, &Words::new("passkey-removed").with("name", name))
}

/// POST `/if/admin/users/{id}/active/`. Nobody saws off the branch they sit on.
pub fn set_active(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let id = ctx.id()?;
    let active = form.first("active") == Some("on");
    refuse_self(admin, id)?;
    let user = acts::set_active(ctx.app, &admin.by, id, active)?;
    let key = if active { "user-was-enabled" } else { "user-was-disabled" };
    done(ctx, id, &Words::new(key).with("name", user.username))
}

fn refuse_self(admin: &Administrator, id: i64) -> Result<(), Failure> {
    if admin.who.user.id == id {
        return Err(ActError::no(Words::new("user-is-self")).into());
    }
    Ok(())
}

/// POST `/if/admin/users/{id}/groups/`: into a group, or out of one.
pub fn change_groups(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let user = find(ctx)?;
    let is_removal = form.first("go") == Some("remove");
    let change = if is_removal { group_acts::remove_member } else { group_acts::add_member };
    let group = form.first("group").and_then(|id| id.parse().ok()).ok_or(ActError::NotFound);
    match group.and_then(|group| change(ctx.app, &admin.by, group, &user.username)) {
        Ok(_) => {
            let key = if is_removal { "group-member-removed" } else { "group-member-added" };
            done(ctx, user.id, &Words::new(key).with("name", user.username))
        }
        // The page was older than the group's end.
        Err(ActError::NotFound) => {
            let group = Problems::one("group", Words::new("group-gone"));
            page(ctx, admin, user, Again { group, ..Again::default() })
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn page(ctx: &Ctx, admin: &Administrator, user: User, again: Again) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Users));
    let failed = again.edit.is_some()
        || again.new_app_password.is_some()
        || !again.password.is_empty()
        || !again.group.is_empty();
    let (direct, all, administrator) = ctx.app.store.read(|c| {
        let direct = groups::direct_of_user(c, user.id)?;
        Ok::<_, Internal>((direct, groups::list(c)?, users::is_administrator(c, user.id)?))
    })?;
    let (has, passkeys) =
        ctx.app.store.read(|c| Ok::<_, Internal>((factors::of_user(c, user.id)?, passkeys::of_user(c, user.id)?)))?;
    let rp_id = ctx.app.passkeys.as_ref().map(Passkeys::rp_id);
    let inherited = inherited(&direct, &all);
    let (mine, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|g| direct.contains(&g.id));
    let (values, wrong) = again.edit.unwrap_or_else(|| (values(&user), Problems::default()));
    let app_passwords = ctx.app.store.read(|c| app_passwords::of_user(c, user.id))?;
    let (typed, unfit) = again.new_app_password.unwrap_or_default();
    let app_password_form = ctx.form(&frame, typed).wrong(unfit);
    let page = UserPage {
        ui: &ui,
        is_self: admin.who.user.id == user.id,
        form: &ctx.form(&frame, values).wrong(wrong),
        password_form: &ctx.form(&frame, Params::default()).wrong(again.password),
        group_form: &ctx.form(&frame, Params::default()).wrong(again.group),
        languages: language_choices(ctx),
        own_right: user.administrator,
        rights: mine.iter().filter(|g| g.administrator).map(|g| g.name.clone()).collect(),
        groups: mine.into_iter().map(|g| (g.id, g.name)).collect(),
        inherited,
        other_groups: others.into_iter().map(|g| Choice::new(g.id.to_string(), g.name)).collect(),
        sessions: ctx.session_lines(user.id, &admin.who.session.sid)?,
        devices: ctx.device_lines(user.id)?,
        consents: ctx.consent_lines(user.id)?,
        tokens: ctx.token_lines(user.id)?,
        has,
        passkeys: passkeys.into_iter().map(|passkey| PasskeyLine::of(passkey, rp_id)).collect(),
        slowed: slowed::slowed(ctx, &user)?,
        user: &row(user, administrator),
        link: again.link,
        least: ctx.settings()?.password_minimum,
        app_passwords,
        app_password: again.app_password,
        app_password_form: &app_password_form,
        frame: &frame,
    };
    Ok(Response::html(if failed { 422 } else { 200 }, page.render()))
}

/// The groups that a user is in through others, in the order of their names, with the names of the groups by name that
/// lead there.
fn inherited(direct: &[i64], all: &[Group]) -> Vec<InheritedGroup> {
    let parent_of = |id| all.iter().find(|g| g.id == id).and_then(|g| g.parent_id);
    let ways: Vec<_> = direct.iter().map(|id| (*id, expand_groups(&[*id], parent_of))).collect();
    let name_of = |id| all.iter().find(|g| g.id == id).map(|g| g.name.as_str());
    let through = |group: &Group| -> Vec<&str> {
        ways.iter().filter(|(_, reached)| reached.contains(&group.id)).filter_map(|(id, _)| name_of(*id)).collect()
    };
    let others = all.iter().filter(|g| !direct.contains(&g.id));
    let found = others.map(|g| InheritedGroup { id: g.id, name: g.name.clone(), through: through(g).join(", ") });
    found.filter(|g| !g.through.is_empty()).collect()
}

fn values(user: &User) -> Params {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut values = Params::from_pairs([
        ("username", user.username.clone()),
        ("name", user.name.clone()),
        ("given_name", or_empty(&user.given_name)),
        ("family_name", or_empty(&user.family_name)),
        ("email", or_empty(&user.email)),
        ("locale", or_empty(&user.locale)),
        ("attributes", attributes::write(&user.attributes)),
    ]);
    values.append(user.person.values());
    let boxes = [
        ("email_verified", user.email_verified),
        ("admin", user.administrator),
        ("phone_number_verified", user.person.phone_number_verified),
    ];
    for (name, is_on) in boxes {
        if is_on {
            values.push(name, "on");
        }
    }
    values
}

/// GET `/if/admin/users/{id}/delete/`.
pub fn ask_delete(ctx: &Ctx, admin: &Administrator) -> Answer {
    delete_page(ctx, admin, Problems::default())
}

/// POST `/if/admin/users/{id}/delete/`.
pub fn delete(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let id = ctx.id()?;
    refuse_self(admin, id)?;
    match acts::delete(ctx.app, &admin.by, id) {
        Ok(user) => Ok(ctx.done(LIST, &Words::new("user-was-deleted").with("name", user.username))),
        Err(error) => delete_page(ctx, admin, problems(error)?),
    }
}

fn delete_page(ctx: &Ctx, admin: &Administrator, wrong: Problems) -> Answer {
    let (ui, frame, user) = (ctx.shell(), ctx.admin_frame(admin, Place::Users), find(ctx)?);
    let status = if wrong.is_empty() { 200 } else { 422 };
    let form = ctx.form(&frame, Params::default()).wrong(wrong);
    Ok(Response::html(status, DeleteUser { ui: &ui, frame: &frame, form: &form, user: &row(user, false) }.render()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inherited_groups_are_told_with_every_way_to_them_and_never_downwards() {
        let group = |id, parent_id| Group {
            id,
            name: format!("g{id}"),
            parent_id,
            administrator: false,
            attributes: serde_json::Map::default(),
        };
        // 1 above 2 above 3, and 1 above 4; 5 alone.
        let all = [group(1, None), group(2, Some(1)), group(3, Some(2)), group(4, Some(1)), group(5, None)];
        let told = |direct: &[i64]| -> Vec<(i64, String)> {
            inherited(direct, &all).into_iter().map(|g| (g.id, g.through)).collect()
        };
        assert_eq!(told(&[3]), [(1, "g3".to_owned()), (2, "g3".to_owned())]);
        assert_eq!(told(&[3, 4]), [(1, "g3, g4".to_owned()), (2, "g3".to_owned())]);
        assert_eq!(told(&[1]), [], "a member of the parent is none of its children's");
        assert_eq!(told(&[2, 1]), [], "what one is in by name is not inherited");
    }
}
