//! `latchkey app`: applications with their provider, as the guides make them.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::bindings::{self, who_may_open};
use super::connect_card::{Secret, print};
use super::provider_options::{self as options, NewOptions, add};
use super::{CliError, Outcome, output};
use crate::acts::applications::{self as acts, ItsProvider};
use crate::acts::icons::Checked;
use crate::acts::{ActError, Admin, providers as providers_acts};
use crate::app::App;
use crate::domain::icon::MOST_BYTES;
use crate::domain::redirect_uri::RegisteredUri;
use crate::error::Internal;
use crate::http::Params;
use crate::store::applications::{self, Application};
use crate::store::bindings as bound;
use crate::store::providers::{self, Provider};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create an application with its provider, and print what to paste into it
    Create(Box<Create>),
    /// Change an application and its provider; URIs are added
    Set(Box<Set>),
    /// Replace the client secret; the old one stops working at once
    NewSecret {
        /// The short name of the application
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what to paste into an application
    Show {
        /// The short name of the application
        slug: String,
        /// Show the client secret too; this is recorded
        #[arg(long)]
        reveal: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List all applications
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete an application and its provider
    Delete {
        /// The short name of the application
        slug: String,
    },
    /// Let a group, a user or whom a policy lets pass in (or with --negate, everybody else)
    Bind(bindings::Bind),
    /// Remove a binding
    Unbind {
        /// The short name of the application
        slug: String,
        #[command(flatten)]
        to: bindings::To,
    },
    /// Say whether a user may open an application, and which binding decides
    CheckAccess {
        /// The short name of the application
        slug: String,
        user: String,
        /// Where the user would come from, for policies that ask
        #[arg(long, default_value = "", hide_default_value = true)]
        address: String,
    },
}

#[derive(Debug, Args)]
pub struct Create {
    /// What users know it as
    name: String,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    new: NewOptions,
    #[command(flatten)]
    provider: options::Options,
    /// An application without a provider: a link among My applications
    #[arg(long)]
    no_provider: bool,
    /// Print JSON, the client secret included
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Set {
    #[arg(value_name = "SLUG")]
    application: String,
    /// A new name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    provider: options::Options,
    /// Take a registered URI (redirect, regex or logout) away; may be given several times
    #[arg(long = "remove-uri", value_name = "URI")]
    remove_uris: Vec<String>,
    /// Open it to everybody (on), which holds while there is no binding, or not (off)
    #[arg(long, value_name = "ON|OFF")]
    everybody: Option<String>,
}

#[derive(Debug, Args)]
struct About {
    /// The short name in its URLs [default: made from the name]
    #[arg(long, value_name = "SLUG")]
    slug: Option<String>,
    /// The heading it stands under among My applications
    #[arg(long, value_name = "NAME")]
    app_group: Option<String>,
    /// With several bindings: any (one match is enough) or all
    #[arg(long, value_name = "MODE")]
    policy_engine_mode: Option<String>,
    /// Where it is opened [default: the origin of the first redirect URI]
    #[arg(long, value_name = "URL")]
    launch_url: Option<String>,
    /// What it is for, in a line
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Who makes it
    #[arg(long, value_name = "NAME")]
    publisher: Option<String>,
    /// Open it in a new tab: on or off
    #[arg(long, value_name = "ON|OFF")]
    open_in_new_tab: Option<String>,
    /// A built-in icon by its name, such as wiki or photos, or none [default: the preset's]
    #[arg(long, value_name = "NAME")]
    icon: Option<String>,
    /// A file with the icon: PNG, JPEG, WebP or SVG, up to 512 KiB
    #[arg(long, value_name = "FILE", conflicts_with = "icon")]
    icon_file: Option<PathBuf>,
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Create(c) => create(app, &c),
        Command::Set(s) => set(app, &s),
        Command::NewSecret { slug, json } => new_secret(app, &slug, json),
        Command::Show { slug, reveal, json } => show(app, &slug, reveal, json),
        Command::List { json } => list(app, json),
        Command::Delete { slug } => delete(app, &slug),
        Command::Bind(b) => bindings::bind(app, &b),
        Command::Unbind { slug, to } => bindings::unbind(app, &slug, &to),
        Command::CheckAccess { slug, user, address } => bindings::check_access(app, &slug, &user, &address),
    }
}

/// Finds an application by its slug.
pub fn find(app: &App, slug: &str) -> Result<Application, CliError> {
    let found = app.store.read(|c| applications::by_slug(c, slug))?;
    found.ok_or_else(|| CliError::refused(format!("there is no application {slug:?}. `latchkey app list` shows all")))
}

fn find_provider(app: &App, application: &Application) -> Result<Option<Provider>, CliError> {
    let Some(id) = application.provider_id else { return Ok(None) };
    Ok(app.store.read(|c| providers::by_id(c, id))?)
}

impl About {
    /// What was said, by field.
    fn said(&self) -> Params {
        let mut said = Params::default();
        add(&mut said, "slug", self.slug.as_ref());
        add(&mut said, "app_group", self.app_group.as_ref());
        add(&mut said, "policy_engine_mode", self.policy_engine_mode.as_ref());
        add(&mut said, "launch_url", self.launch_url.as_ref());
        add(&mut said, "description", self.description.as_ref());
        add(&mut said, "publisher", self.publisher.as_ref());
        add(&mut said, "open_in_new_tab", self.open_in_new_tab.as_ref());
        add(&mut said, "icon", self.icon.as_ref());
        said
    }

    /// The file with the icon, looked at as an upload is.
    fn file(&self) -> Result<Option<Checked>, CliError> {
        let Some(path) = &self.icon_file else { return Ok(None) };
        let failed = |e: std::io::Error| CliError::refused(format!("{}: {e}", path.display()));
        let mut bytes = Vec::new();
        // One byte more than is taken: whatever else the name leads to is not read to its end.
        File::open(path).and_then(|f| f.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)).map_err(failed)?;
        Ok(Some(Checked::icon(&bytes, "icon_file").map_err(ActError::from)?))
    }
}

fn create(app: &App, c: &Create) -> Outcome {
    if c.no_provider && !c.new.says_nothing() {
        return Err(CliError::usage("--no-provider goes without a preset, an application URL and a client id"));
    }
    let mut said = c.about.said();
    said.push("name", c.name.as_str());
    if c.about.icon.is_none()
        && let Some(icon) = c.new.icon()
    {
        said.push("icon", icon);
    }
    let icon = c.about.file()?;
    let application = acts::parse_new(&said).map_err(ActError::from)?;
    let provider = match c.no_provider {
        true => None,
        false => {
            let mut said = c.provider.said()?;
            said.push("name", application.name.as_str());
            c.new.add_to(&mut said);
            Some(acts::parse_provider(app, &said)?)
        }
    };
    let new = acts::New { application, provider, icon, bindings: Vec::new() };
    let (application, provider) = acts::create(app, &Admin::local(), new)?;
    match &provider {
        Some(provider) => print(app, &application, provider, Secret::Shown, c.json, true),
        None => output::line(&format!("Created the application {} ({}).", application.name, application.slug)),
    }
}

fn set(app: &App, s: &Set) -> Outcome {
    let before = find(app, &s.application)?;
    let mut said = s.about.said();
    add(&mut said, "name", s.name.as_ref());
    add(&mut said, "everybody", s.everybody.as_ref());
    let mut of_provider = s.provider.said()?;
    add(&mut of_provider, "remove_uri", &s.remove_uris);
    let change = acts::Change { said, of_provider: Some(of_provider), icon: s.about.file()?, seen: None };
    let (after, provider) = acts::update(app, &Admin::local(), before.id, change)?;
    output::line(&format!("Changed {}.", after.slug))?;
    if after.slug != before.slug {
        output::note("note: the slug is part of the issuer and of the logout URL: change them in the application too.");
    }
    print_uris(provider.as_ref().map(|p| p.uris.as_slice()).unwrap_or_default())
}

fn print_uris(uris: &[RegisteredUri]) -> Outcome {
    for u in uris {
        output::line(&format!("  {} ({}): {}", u.purpose().as_str(), u.matching().as_str(), u.uri()))?;
    }
    Ok(())
}

fn connected(app: &App, slug: &str) -> Result<(Application, Provider), CliError> {
    let application = find(app, slug)?;
    match find_provider(app, &application)? {
        Some(provider) => Ok((application, provider)),
        None => Err(CliError::refused(format!(
            "{slug} has no provider; to give it one: latchkey provider connect NAME {slug}"
        ))),
    }
}

fn new_secret(app: &App, slug: &str, json: bool) -> Outcome {
    let (application, provider) = connected(app, slug)?;
    let provider = providers_acts::new_secret(app, &Admin::local(), provider.id)?;
    print(app, &application, &provider, Secret::Shown, json, false)
}

fn show(app: &App, slug: &str, reveal: bool, json: bool) -> Outcome {
    let (application, provider) = connected(app, slug)?;
    if reveal {
        providers_acts::reveal_secret(app, &Admin::local(), &provider)?;
    }
    let secret = if reveal { Secret::Shown } else { Secret::Hidden };
    print(app, &application, &provider, secret, json, false)
}

fn list(app: &App, json: bool) -> Outcome {
    let all = app.store.read(|c| {
        let with_access = |a: Application| {
            let provider = match a.provider_id {
                Some(id) => providers::by_id(c, id)?,
                None => None,
            };
            Ok((bound::of_application(c, a.id)?, provider, a))
        };
        applications::list(c)?.into_iter().map(with_access).collect::<Result<Vec<_>, Internal>>()
    })?;
    if json {
        let rows: Vec<_> = all
            .iter()
            .map(|(b, p, a)| {
                json!({
                    "name": a.name, "slug": a.slug, "group": a.group, "provider": p.as_ref().map(|p| &p.name),
                    "client_id": p.as_ref().map(|p| &p.client_id), "access": who_may_open(a, b),
                })
            })
            .collect();
        return output::json(&rows);
    }
    if all.is_empty() {
        return output::line(
            "There is no application yet. For Portainer: latchkey app create Portainer --preset portainer --app-url https://portainer.home.example",
        );
    }
    let rows: Vec<Vec<String>> = all
        .into_iter()
        .map(|(b, p, a)| {
            let access = who_may_open(&a, &b);
            vec![a.slug, a.name, a.group, p.map(|p| p.name).unwrap_or_default(), access]
        })
        .collect();
    output::table(&["SLUG", "NAME", "GROUP", "PROVIDER", "ACCESS"], &rows)
}

fn delete(app: &App, slug: &str) -> Outcome {
    let deleted = acts::delete(app, &Admin::local(), find(app, slug)?.id, ItsProvider::Deleted)?;
    output::line(&format!("Deleted {} and its provider; sign-ins to it no longer work.", deleted.name))
}
