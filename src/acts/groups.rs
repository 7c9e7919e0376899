//! Groups: create, change, delete, and who is in them.

use serde_json::{Map, Value};

use super::{Act, ActError, Admin, administrators};
use crate::app::App;
use crate::domain::access::{Target, expand_groups};
use crate::domain::attributes;
use crate::domain::names::DisplayName;
use crate::domain::problems::{Problems, WHOLE};
use crate::error::Internal;
use crate::store::bindings::{self, BoundRule};
use crate::store::groups::{self, Group};
use crate::store::{Tx, applications, users};
use crate::words::Words;

/// What can be said of a group, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Draft<'a> {
    pub name: &'a str,
    /// The parent's name; empty for none.
    pub parent: &'a str,
    pub administrator: bool,
    /// JSON; empty for none.
    pub attributes: &'a str,
}

/// A draft that was understood.
struct Parsed {
    name: String,
    parent: Option<String>,
    administrator: bool,
    attributes: Map<String, Value>,
}

impl Draft<'_> {
    fn parse(&self) -> Result<Parsed, Problems> {
        let mut problems = Problems::default();
        let name = problems.take("name", DisplayName::parse(self.name));
        let attributes = problems.take("attributes", attributes::parse(self.attributes));
        let parent = Some(self.parent.trim()).filter(|p| !p.is_empty()).map(str::to_owned);
        problems.none()?;
        Ok(Parsed {
            name: name.map(DisplayName::into_string).unwrap_or_default(),
            parent,
            administrator: self.administrator,
            attributes: attributes.unwrap_or_default(),
        })
    }
}

/// Creates a group and returns its id.
pub fn create(app: &App, by: &Admin, draft: &Draft) -> Act<i64> {
    let (parsed, now) = (draft.parse()?, app.clock.now());
    let event = by.event("group_created", now).detail("group", &parsed.name);
    app.store.write(move |tx| {
        is_free(tx, &parsed.name, None)?;
        let parent_id = parent(tx, parsed.parent.as_deref(), None)?;
        let id = groups::insert(tx, &group(0, parent_id, parsed), now)?;
        event.store(tx)?;
        Ok(id)
    })
}

/// Changes a group.
pub fn update(app: &App, by: &Admin, id: i64, draft: &Draft) -> Act<()> {
    let (parsed, now) = (draft.parse()?, app.clock.now());
    let event = by.event("group_changed", now).detail("group", &parsed.name);
    app.store.write(move |tx| {
        let before = users::administrators(tx)?;
        is_free(tx, &parsed.name, Some(id))?;
        let parent_id = parent(tx, parsed.parent.as_deref(), Some(id))?;
        let group = group(id, parent_id, parsed);
        if !groups::update(tx, &group)? {
            return Err(ActError::NotFound);
        }
        bindings::rename(tx, Target::Group(Some(id)), &group.name)?;
        administrators::settle(tx, before, now)?;
        Ok(event.store(tx)?)
    })
}

fn group(id: i64, parent_id: Option<i64>, parsed: Parsed) -> Group {
    let Parsed { name, administrator, attributes, .. } = parsed;
    Group { id, name, parent_id, administrator, attributes }
}

fn is_free(tx: &Tx, name: &str, but: Option<i64>) -> Act<()> {
    match groups::by_name(tx, name)? {
        Some(other) if Some(other.id) != but => {
            Err(ActError::refused("name", Words::new("group-name-taken").with("name", &other.name)))
        }
        _ => Ok(()),
    }
}

/// The id of a parent that is there and is no descendant of the group itself.
fn parent(tx: &Tx, name: Option<&str>, of: Option<i64>) -> Act<Option<i64>> {
    let Some(name) = name else { return Ok(None) };
    let Some(found) = groups::by_name(tx, name)? else {
        return Err(ActError::refused("parent", no_group(name)));
    };
    let all = groups::list(tx)?;
    let ancestors = expand_groups(&[found.id], |id| all.iter().find(|g| g.id == id).and_then(|g| g.parent_id));
    if of.is_some_and(|id| ancestors.contains(&id)) {
        return Err(ActError::refused("parent", Words::new("group-parent-cycle").with("name", &found.name)));
    }
    Ok(Some(found.id))
}

/// What to say where a group's name names none.
pub fn no_group(name: &str) -> Words {
    Words::new("group-not-there").with("name", name)
}

/// What to say where a login names nobody.
pub fn no_user(login: &str) -> Words {
    Words::new("user-not-there").with("name", login)
}

/// Deletes a group. Bindings to it stay and never match from then on.
pub fn delete(app: &App, by: &Admin, id: i64) -> Act<Group> {
    let now = app.clock.now();
    let event = by.event("group_deleted", now);
    app.store.write(move |tx| {
        let group = groups::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        let before = users::administrators(tx)?;
        if let Some(application) = opened_by_deleting(tx, id)? {
            let words = Words::new("group-delete-would-open").with("application", &application);
            return Err(ActError::refused(WHOLE, words));
        }
        groups::delete(tx, id)?;
        administrators::settle(tx, before, now)?;
        event.detail("group", &group.name).store(tx)?;
        Ok(group)
    })
}

/// The application that keeps members of this group out through a parent of it, if there is one: the members would
/// no longer count as the parent's.
fn opened_by_deleting(tx: &Tx, group: i64) -> Result<Option<String>, Internal> {
    let all = groups::list(tx)?;
    let parent_of = |id| all.iter().find(|g| g.id == id).and_then(|g| g.parent_id);
    let ancestors = expand_groups(&[group], parent_of);
    for application in applications::list(tx)? {
        let keeps_out = |b: &BoundRule| {
            matches!(b.rule.target, Target::Group(Some(id)) if id != group && ancestors.contains(&id)) && b.rule.negate
        };
        if bindings::of_application(tx, application.id)?.iter().any(keeps_out) {
            return Ok(Some(application.slug));
        }
    }
    Ok(None)
}

/// Puts a user into a group. False when the user was in it already.
pub fn add_member(app: &App, by: &Admin, group: i64, login: &str) -> Act<bool> {
    member(app, by, group, login, "group_member_added", groups::add_member)
}

/// Takes a user out of a group. False when the user was not in it.
pub fn remove_member(app: &App, by: &Admin, group: i64, login: &str) -> Act<bool> {
    member(app, by, group, login, "group_member_removed", groups::remove_member)
}

fn member(
    app: &App,
    by: &Admin,
    group: i64,
    login: &str,
    kind: &'static str,
    change: fn(&Tx, i64, i64) -> Result<bool, Internal>,
) -> Act<bool> {
    let (now, login) = (app.clock.now(), login.trim().to_owned());
    let event = by.event(kind, now);
    app.store.write(move |tx| {
        let group = groups::by_id(tx, group)?.ok_or(ActError::NotFound)?;
        let Some(user) = users::by_login(tx, &login)? else {
            return Err(ActError::refused("user", no_user(&login)));
        };
        let before = users::administrators(tx)?;
        let changed = change(tx, group.id, user.id)?;
        administrators::settle(tx, before, now)?;
        if changed {
            event.user(&user.username).detail("group", &group.name).store(tx)?;
        }
        Ok(changed)
    })
}
