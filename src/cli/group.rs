//! `latchkey group`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Outcome, output};
use crate::acts::Admin;
use crate::acts::groups::{self as acts, Draft};
use crate::app::App;
use crate::error::Internal;
use crate::store::groups::{self, Group};

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

fn create(app: &App, name: &str, parent: Option<&str>, administrator: bool) -> Outcome {
    let parent = parent.unwrap_or_default();
    acts::create(app, &Admin::local(), &Draft { name, parent, administrator, attributes: "" })?;
    output::line(&format!("Created the group {}.", name.trim()))
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
    let group = acts::delete(app, &Admin::local(), find(app, name)?.id)?;
    output::line(&format!("Deleted the group {}. Bindings to it stay and never match.", group.name))
}

fn member(app: &App, group: &str, login: &str, add: bool) -> Outcome {
    let (group, user) = (find(app, group)?, super::user::find(app, login)?);
    let change = if add { acts::add_member } else { acts::remove_member };
    let changed = change(app, &Admin::local(), group.id, &user.username)?;
    let (username, group_name) = (user.username, group.name);
    output::line(&match (add, changed) {
        (true, true) => format!("{username} is now a member of {group_name}."),
        (true, false) => format!("{username} was a member of {group_name} already."),
        (false, true) => format!("{username} is no longer a member of {group_name}."),
        (false, false) => format!("{username} was not a member of {group_name}."),
    })
}
