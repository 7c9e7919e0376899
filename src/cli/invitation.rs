//! `latchkey invitation`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Outcome, output};
use crate::acts::Admin;
use crate::acts::invitations::{self as acts, Draft};
use crate::app::App;
use crate::clock::rfc3339;
use crate::error::Internal;
use crate::store::groups;
use crate::store::invitations::{self, Invitation};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print a link by which guests make accounts of their own
    Create(Options),
    /// List all invitations, without their links
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete an invitation; accounts that were made by it stay
    Delete {
        /// Its number in the list
        #[arg(value_name = "ID")]
        id: i64,
    },
}

#[derive(Debug, Args)]
pub struct Options {
    /// What it is for, for those who read the list; guests do not see it
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Put guests into this group; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// How many accounts it makes: 1 to 100 [default: 1]
    #[arg(long, value_name = "N")]
    uses: Option<String>,
    /// How long it works: 1h to 90d [default: 7d]
    #[arg(long, value_name = "DURATION")]
    expires: Option<String>,
    /// Guests are meant to become administrators, by one of the groups
    #[arg(long)]
    administrators: bool,
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Create(options) => create(app, &options),
        Command::List { json } => list(app, json),
        Command::Delete { id } => {
            let invitation = acts::delete(app, &Admin::local(), id)?;
            output::line(&format!("Deleted the invitation {}.", invitation.name()))
        }
    }
}

fn create(app: &App, options: &Options) -> Outcome {
    let find = |name: &String| super::group::find(app, name).map(|group| group.id);
    let draft = Draft {
        label: options.label.as_deref().unwrap_or_default(),
        uses: options.uses.as_deref().unwrap_or_default(),
        expires: options.expires.as_deref().unwrap_or_default(),
        groups: options.groups.iter().map(find).collect::<Result<_, _>>()?,
        administrators: options.administrators,
    };
    output::line(&acts::create(app, &Admin::local(), &draft)?)
}

/// An invitation with the names of its groups.
type Line = (Invitation, Vec<String>);

fn list(app: &App, json: bool) -> Outcome {
    let now = app.clock.now();
    let all: Vec<Line> = app.store.read(|c| {
        let groups = groups::list(c)?;
        let with_groups = |invitation: Invitation| {
            let ids = invitations::groups_of(c, invitation.id)?;
            let names = groups.iter().filter(|g| ids.contains(&g.id)).map(|g| g.name.clone()).collect();
            Ok::<_, Internal>((invitation, names))
        };
        invitations::list(c)?.into_iter().map(with_groups).collect::<Result<_, _>>()
    })?;
    if json {
        let rows: Vec<_> = all
            .iter()
            .map(|(i, groups)| {
                json!({
                    "id": i.id, "label": i.label, "groups": groups, "administrators": i.administrators,
                    "uses_left": i.uses_left, "open": i.is_open(now), "created_by": i.created_by,
                    "created_at": rfc3339(i.created_at), "expires_at": rfc3339(i.expires_at),
                })
            })
            .collect();
        return output::json(&rows);
    }
    if all.is_empty() {
        return output::line("There is no invitation. `latchkey invitation create` makes one.");
    }
    let row = |(i, groups): &Line| {
        let state = match (i.is_open(now), i.administrators) {
            (false, _) => "ended",
            (true, true) => "makes administrators",
            (true, false) => "",
        };
        let expires = rfc3339(i.expires_at);
        vec![
            i.id.to_string(),
            i.label.clone(),
            groups.join(", "),
            i.uses_left.to_string(),
            expires,
            i.created_by.clone(),
            state.into(),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    output::table(&["ID", "LABEL", "GROUPS", "USES LEFT", "EXPIRES", "MADE BY", "STATE"], &rows)
}
