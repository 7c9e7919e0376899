//! `latchkey group`.

use clap::Subcommand;
use serde_json::json;

use super::user::keep_an_administrator;
use super::{CliError, Outcome, output};
use crate::app::App;
use crate::domain::access::{Target, expand_groups};
use crate::domain::names::DisplayName;
use crate::endpoints::setup;
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::bindings::{self, BoundRule};
use crate::store::groups::{self, Group};
use crate::store::{Tx, applications, users};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a group
    Create {
        name: String,
        /// Members of this group count as members of its parent too
        #[arg(long, value_name = "GROUP")]
        parent: Option<String>,
        /// Direct members become administrators
        #[arg(long)]
        admin: bool,
    },
    /// List all groups
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete a group; bindings to it never match from then on
    Delete { group: String },
    /// Add a user to a group
    Add { group: String, user: String },
    /// Remove a user from a group
    Remove { group: String, user: String },
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Create { name, parent, admin } => create(app, &name, parent.as_deref(), admin),
        Command::List { json } => list(app, json),
        Command::Delete { group } => delete(app, &group),
        Command::Add { group, user } => member(app, &group, &user, true),
        Command::Remove { group, user } => member(app, &group, &user, false),
    }
}

pub fn find(app: &App, name: &str) -> Result<Group, CliError> {
    let group = app.store.read(|c| groups::by_name(c, name))?;
    group.ok_or_else(|| {
        CliError::refused(format!("there is no group {name:?}. `latchkey group create {name}` makes it"))
    })
}

fn create(app: &App, name: &str, parent: Option<&str>, admin: bool) -> Outcome {
    let name = DisplayName::parse(name).map_err(CliError::usage)?.into_string();
    let parent = parent.map(|p| find(app, p)).transpose()?.map(|p| p.id);
    let now = app.clock.now();
    let created = name.clone();
    app.store.write(move |tx| {
        if groups::by_name(tx, &name)?.is_some() {
            return Err(CliError::refused(format!("there is a group {name:?} already")));
        }
        groups::insert(tx, &name, parent, admin, now)?;
        local_event("group_created", now).detail("group", &name).store(tx)?;
        Ok(())
    })?;
    output::line(&format!("Created the group {created}."))
}

fn list(app: &App, json: bool) -> Outcome {
    let all = app.store.read(|c| {
        let counted = |g: Group| groups::member_count(c, g.id).map(|n| (g, n));
        groups::list(c)?.into_iter().map(counted).collect::<Result<Vec<_>, Internal>>()
    })?;
    let name_of = |id: Option<i64>| all.iter().find(|(g, _)| Some(g.id) == id).map(|(g, _)| g.name.clone());
    if json {
        let rows: Vec<_> = all
            .iter()
            .map(|(g, n)| json!({ "name": g.name, "parent": name_of(g.parent_id), "administrator": g.administrator, "members": n }))
            .collect();
        return output::json(&rows);
    }
    if all.is_empty() {
        return output::line("There is no group yet. `latchkey group create NAME` makes one.");
    }
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|(g, n)| {
            let right = if g.administrator { "administrators" } else { "" };
            vec![g.name.clone(), name_of(g.parent_id).unwrap_or_default(), n.to_string(), right.into()]
        })
        .collect();
    output::table(&["GROUP", "PARENT", "MEMBERS", "RIGHT"], &rows)
}

fn delete(app: &App, name: &str) -> Outcome {
    let group = find(app, name)?;
    let now = app.clock.now();
    let deleted = group.name.clone();
    app.store.write(move |tx| {
        let before = users::administrators(tx)?;
        if let Some(application) = opened_by_deleting(tx, group.id)? {
            return Err(CliError::refused(format!(
                "a parent of this group is bound to {application} with --negate: without the group its members would \
                 get in. First: latchkey app unbind {application} --group NAME"
            )));
        }
        groups::delete(tx, group.id)?;
        keep_an_administrator(tx, before)?;
        local_event("group_deleted", now).detail("group", &group.name).store(tx)?;
        Ok::<_, CliError>(())
    })?;
    output::line(&format!("Deleted the group {deleted}. Bindings to it stay and never match."))
}

/// The application that keeps members of this group out through a parent of it, if there is one: the members would
/// no longer count as the parent's.
fn opened_by_deleting(tx: &Tx, group: i64) -> Result<Option<String>, CliError> {
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

fn member(app: &App, group: &str, user: &str, add: bool) -> Outcome {
    let (group, user) = (find(app, group)?, super::user::find(app, user)?);
    let now = app.clock.now();
    let (group_name, username) = (group.name.clone(), user.username.clone());
    let changed = app.store.write(move |tx| {
        let before = users::administrators(tx)?;
        let changed = match add {
            true => groups::add_member(tx, group.id, user.id)?,
            false => groups::remove_member(tx, group.id, user.id)?,
        };
        keep_an_administrator(tx, before)?;
        if users::is_administrator(tx, user.id)? {
            setup::close(tx, now)?;
        }
        let kind = if add { "group_member_added" } else { "group_member_removed" };
        local_event(kind, now).user(&user.username).detail("group", &group.name).store(tx)?;
        Ok::<_, CliError>(changed)
    })?;
    output::line(&match (add, changed) {
        (true, true) => format!("{username} is now a member of {group_name}."),
        (true, false) => format!("{username} was a member of {group_name} already."),
        (false, true) => format!("{username} is no longer a member of {group_name}."),
        (false, false) => format!("{username} was not a member of {group_name}."),
    })
}
