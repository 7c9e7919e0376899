//! `latchkey scope-mapping`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::expression_options::{Source, With};
use super::policy::on_one_line;
use super::{CliError, Outcome, output};
use crate::acts::Admin;
use crate::acts::expressions::Try;
use crate::acts::scope_mappings::{self as acts, Draft};
use crate::app::App;
use crate::store::scope_mappings::{self, ScopeMapping};
use crate::words::Words;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a scope mapping: an expression that adds claims to a scope
    Create {
        name: String,
        /// The scope it belongs to; providers offer it with `app set SLUG --scope`
        #[arg(long)]
        scope: String,
        /// What users are told of the scope when they are asked for consent
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        description: String,
        #[command(flatten)]
        source: Source,
    },
    /// Change a scope mapping
    Set {
        mapping: String,
        /// A new name
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Another scope
        #[arg(long)]
        scope: Option<String>,
        /// What users are told of the scope when they are asked for consent
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        #[command(flatten)]
        source: Source,
    },
    /// List all scope mappings
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a scope mapping
    Show { mapping: String },
    /// Delete a scope mapping
    Delete { mapping: String },
    /// Print the claims that it would tell of a user
    Try {
        mapping: String,
        #[command(flatten)]
        with: With,
    },
}

pub fn run(app: &App, command: Command) -> Outcome {
    let by = Admin::local();
    match command {
        Command::Create { name, scope, description, source } => {
            let expression = source.required()?;
            acts::create(
                app,
                &by,
                &Draft { name: &name, scope: &scope, description: &description, expression: &expression },
            )?;
            output::line(&format!("Created the scope mapping {}.", name.trim()))
        }
        Command::Set { mapping, name, scope, description, source } => {
            let old = find(app, &mapping)?;
            let (name, scope) = (name.unwrap_or(old.name), scope.unwrap_or(old.scope));
            acts::update(
                app,
                &by,
                old.id,
                &Draft {
                    name: &name,
                    scope: &scope,
                    description: &description.unwrap_or(old.description),
                    expression: &source.read()?.unwrap_or(old.expression),
                },
            )?;
            output::line(&format!("Changed the scope mapping {}.", name.trim()))
        }
        Command::List { json } => list(app, json),
        Command::Show { mapping } => {
            let m = find(app, &mapping)?;
            output::fields(&[("Name", &m.name), ("Scope", &m.scope), ("Description", &m.description)])?;
            output::line(&m.expression)
        }
        Command::Delete { mapping } => {
            let mapping = acts::delete(app, &by, find(app, &mapping)?.id)?;
            output::line(&format!("Deleted the scope mapping {}.", mapping.name))
        }
        Command::Try { mapping, with } => try_out(app, &by, &find(app, &mapping)?, &with),
    }
}

fn find(app: &App, name: &str) -> Result<ScopeMapping, CliError> {
    let found = app.store.read(|c| scope_mappings::by_name(c, name))?;
    found.ok_or_else(|| CliError::refused(Words::new("scope-mapping-not-there").with("name", name)))
}

fn list(app: &App, json: bool) -> Outcome {
    let all = app.store.read(scope_mappings::list)?;
    if json {
        let row = |m: &ScopeMapping| json!({ "name": m.name, "scope": m.scope, "description": m.description, "expression": m.expression });
        return output::json(&all.iter().map(row).collect::<Vec<_>>());
    }
    if all.is_empty() {
        return output::line(
            "There is no scope mapping yet. `latchkey scope-mapping create NAME --scope SCOPE --expression TEXT` makes one.",
        );
    }
    let rows: Vec<Vec<String>> = all.into_iter().map(|m| vec![m.scope, m.name, on_one_line(&m.expression)]).collect();
    output::table(&["SCOPE", "MAPPING", "EXPRESSION"], &rows)
}

fn try_out(app: &App, by: &Admin, m: &ScopeMapping, with: &With) -> Outcome {
    let trial = Try { expression: &m.expression, user: &with.user, application: &with.app, address: &with.address };
    match acts::try_out(app, by, &trial)? {
        Ok(preview) => {
            output::json(&Value::Object(preview.claims))?;
            if let Some(words) = preview.left_out {
                output::note(&words.to_string());
            }
            Ok(())
        }
        Err(words) => Err(CliError::refused(words)),
    }
}
