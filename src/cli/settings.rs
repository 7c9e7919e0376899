//! `latchkey settings`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Outcome, output};
use crate::acts::{ActError, Admin, settings as acts};
use crate::app::App;
use crate::domain::settings::Setting;
use crate::http::Params;
use crate::settings::{Held, Origin, all};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the settings that can be made while the server runs, and where each comes from
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a setting; it holds from the next request on
    Set { name: String, value: String },
    /// Take a setting back to its default
    Unset { name: String },
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List { json } => list(app, json),
        Command::Set { name, value } => change(app, &name, &value),
        Command::Unset { name } => change(app, &name, ""),
    }
}

fn list(app: &App, json: bool) -> Outcome {
    let held = app.store.read(|c| all(&app.config, c))?;
    if json {
        return output::json(&held.iter().map(as_json).collect::<Vec<_>>());
    }
    let rows: Vec<Vec<String>> = held
        .iter()
        .map(|h| {
            let from = match h.origin {
                Origin::Said(source) => source.to_string(),
                Origin::Made => "settings page or command".into(),
                Origin::Default => "default".into(),
            };
            vec![h.setting.name().into(), h.setting.shown(&h.value), h.setting.shown(&h.setting.default()), from]
        })
        .collect();
    output::table(&["NAME", "VALUE", "DEFAULT", "FROM"], &rows)
}

fn as_json(h: &Held) -> serde_json::Value {
    let (from, said) = match h.origin {
        Origin::Said(source) => ("start", Some(source.to_string())),
        Origin::Made => ("settings", None),
        Origin::Default => ("default", None),
    };
    let (name, value, default) = (h.setting.name(), &h.value, h.setting.default());
    json!({ "name": name, "value": value, "default": default, "from": from, "where": said })
}

fn change(app: &App, name: &str, value: &str) -> Outcome {
    let Some(setting) = Setting::named(name) else {
        return Err(CliError::usage(format!("there is no setting {name:?}. `latchkey settings list` shows all")));
    };
    let (name, mut said) = (setting.name(), Params::default());
    said.push(&setting.field(), value);
    // Names are arguments here, not options.
    let in_words = |problems: crate::domain::problems::Problems| {
        format!("{name}: {}", problems.renamed(&setting.field(), crate::domain::problems::WHOLE))
    };
    let changed = acts::change(app, &Admin::local(), &said).map_err(|error| match error {
        ActError::Malformed(problems) => CliError::Usage(in_words(problems)),
        ActError::Refused(problems) => CliError::Refused(in_words(problems)),
        other => other.into(),
    })?;
    let held = app.store.read(|c| all(&app.config, c))?;
    let now = held.into_iter().find(|h| h.setting == setting).map_or_else(|| setting.default(), |h| h.value);
    let (was, now) = (if changed { "is now" } else { "was already" }, setting.shown(&now));
    output::line(&format!("{name} {was} {now}."))
}
