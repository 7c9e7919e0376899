//! `latchkey policy`.

use clap::Subcommand;
use serde_json::json;

use super::expression_options::{Source, With};
use super::{CliError, Outcome, output};
use crate::acts::Admin;
use crate::acts::expressions::Try;
use crate::acts::policies::{self as acts, Draft, no_policy};
use crate::app::App;
use crate::domain::policy_kind::PolicyKind;
use crate::store::policies::{self, Policy};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a policy: an expression that says who may pass, or a way of signing in that it asks for
    Create {
        name: String,
        /// What the sign-in must have been: second-factor or passkey, in place of an expression
        #[arg(long, value_name = "HOW", conflicts_with = "Source")]
        require: Option<String>,
        #[command(flatten)]
        source: Source,
    },
    /// Change a policy
    Set {
        policy: String,
        /// A new name
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[command(flatten)]
        source: Source,
    },
    /// List all policies
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the expression of a policy
    Show { policy: String },
    /// Delete a policy; bindings to it never match from then on
    Delete { policy: String },
    /// Say whether a user would pass
    Try {
        policy: String,
        #[command(flatten)]
        with: With,
    },
}

pub fn run(app: &App, command: Command) -> Outcome {
    let by = Admin::local();
    match command {
        Command::Create { name, require, source } => {
            let kind = require.map(|how| kind(&how)).transpose()?.unwrap_or_default();
            let expression = if kind == PolicyKind::Expression { source.required()? } else { String::new() };
            acts::create(app, &by, &Draft { name: &name, kind, expression: &expression })?;
            output::line(&format!(
                "Created the policy {0}. To bind it: latchkey app bind SLUG --policy {0}",
                name.trim()
            ))
        }
        Command::Set { policy, name, source } => {
            let old = find(app, &policy)?;
            let (name, said) = (name.unwrap_or(old.name), source.read()?);
            let kind = if said.is_some() { PolicyKind::Expression } else { old.kind };
            let expression = said.unwrap_or(old.expression);
            acts::update(app, &by, old.id, &Draft { name: &name, kind, expression: &expression })?;
            output::line(&format!("Changed the policy {}.", name.trim()))
        }
        Command::List { json } => list(app, json),
        Command::Show { policy } => output::line(&find(app, &policy)?.expression),
        Command::Delete { policy } => {
            let policy = acts::delete(app, &by, find(app, &policy)?.id)?;
            output::line(&format!("Deleted the policy {}. Bindings to it stay and never match.", policy.name))
        }
        Command::Try { policy, with } => try_out(app, &by, &find(app, &policy)?, &with),
    }
}

fn kind(how: &str) -> Result<PolicyKind, CliError> {
    let kind = PolicyKind::parse(how).filter(|kind| *kind != PolicyKind::Expression);
    kind.ok_or_else(|| CliError::usage(format!("--require takes second-factor or passkey, not {how:?}")))
}

pub fn find(app: &App, name: &str) -> Result<Policy, CliError> {
    app.store.read(|c| policies::by_name(c, name))?.ok_or_else(|| CliError::refused(no_policy(name)))
}

fn list(app: &App, json: bool) -> Outcome {
    let all = app.store.read(policies::list)?;
    if json {
        let rows: Vec<_> = all
            .iter()
            .map(|p| json!({ "name": p.name, "kind": p.kind.as_str(), "expression": p.expression }))
            .collect();
        return output::json(&rows);
    }
    if all.is_empty() {
        return output::line("There is no policy yet. `latchkey policy create NAME --expression TEXT` makes one.");
    }
    let rows: Vec<Vec<String>> = all.into_iter().map(|p| vec![p.name, on_one_line(&p.expression)]).collect();
    output::table(&["POLICY", "EXPRESSION"], &rows)
}

/// An expression in a table.
pub fn on_one_line(expression: &str) -> String {
    expression.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn try_out(app: &App, by: &Admin, policy: &Policy, with: &With) -> Outcome {
    let trial =
        Try { expression: &policy.expression, user: &with.user, application: &with.app, address: &with.address };
    match acts::try_out(app, by, &trial)? {
        Ok(true) => output::line(&format!("true: {} passes.", with.user)),
        Ok(false) => output::line(&format!("false: {} does not pass.", with.user)),
        Err(words) => Err(CliError::refused(words)),
    }
}
