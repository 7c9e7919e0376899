//! `latchkey app`: applications with their provider, as the guides make them.

use clap::{Args, Subcommand};
use serde_json::json;

use super::bindings::{self, who_may_open};
use super::connect_card::{Secret, print};
use super::provider_options::{self as options, NewOptions};
use super::{CliError, Outcome, output};
use crate::app::App;
use crate::domain::access::EngineMode;
use crate::domain::names::{DisplayName, Slug};
use crate::domain::redirect_uri::{Purpose, RegisteredUri};
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::applications::{self, Application};
use crate::store::providers::{self, Provider};
use crate::store::{Tx, bindings as bound, grants};

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
    fn apply(&self, a: &mut Application) -> Result<(), CliError> {
        if let Some(text) = &self.slug {
            a.slug = Slug::parse(text).map_err(CliError::usage)?.as_str().to_owned();
        }
        if let Some(text) = &self.policy_engine_mode {
            a.mode = EngineMode::parse(text)
                .ok_or_else(|| CliError::usage(format!("--policy-engine-mode {text:?}: expected any or all")))?;
        }
        if let Some(text) = &self.launch_url {
            let text = text.trim();
            if !text.is_empty() {
                url::Url::parse(text)
                    .ok()
                    .filter(|u| matches!(u.scheme(), "http" | "https") && u.host().is_some())
                    .ok_or_else(|| {
                        CliError::usage(format!(
                            "--launch-url {text:?}: expected an address such as https://app.home.example/"
                        ))
                    })?;
            }
            a.launch_url = Some(text.to_owned()).filter(|t| !t.is_empty());
        }
        if let Some(text) = &self.open_in_new_tab {
            a.open_in_new_tab = on_off("--open-in-new-tab", text)?;
        }
        a.group = self.app_group.clone().unwrap_or_else(|| std::mem::take(&mut a.group));
        a.description = self.description.clone().unwrap_or_else(|| std::mem::take(&mut a.description));
        a.publisher = self.publisher.clone().unwrap_or_else(|| std::mem::take(&mut a.publisher));
        Ok(())
    }
}

fn on_off(option: &str, text: &str) -> Result<bool, CliError> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(CliError::usage(format!("{option} {text:?}: expected on or off"))),
    }
}

fn name_of(text: &str) -> Result<String, CliError> {
    Ok(DisplayName::parse(text).map_err(CliError::usage)?.into_string())
}

fn create(app: &App, c: &Create) -> Outcome {
    let name = name_of(&c.name)?;
    if c.no_provider && !c.new.says_nothing() {
        return Err(CliError::usage("--no-provider goes without a preset, an application URL and a client id"));
    }
    let slug = match &c.about.slug {
        Some(_) => String::new(),
        None => Slug::from_name(&name).map_err(CliError::usage)?.as_str().to_owned(),
    };
    let mut application = Application {
        id: 0,
        name: name.clone(),
        slug,
        group: String::new(),
        launch_url: None,
        open_in_new_tab: false,
        description: String::new(),
        publisher: String::new(),
        icon: None,
        mode: EngineMode::Any,
        // Open until the first binding is made: the guides' first sign-in works, and the list says so.
        everybody: true,
        provider_id: None,
    };
    c.about.apply(&mut application)?;
    let provider = match c.no_provider {
        true => None,
        false => Some(options::create(app, &name, &c.new, &c.provider)?),
    };
    if let Some(provider) = &provider {
        if provider.uris_for(Purpose::Authorization).next().is_none() {
            return Err(CliError::usage(
                "where may the application be answered? Give --redirect-uri URI, or --preset with --app-url",
            ));
        }
        if application.launch_url.is_none() {
            application.launch_url = provider.app_url.clone();
        }
    }
    let now = app.clock.now();
    let (stored_application, stored_provider) = (application.clone(), provider.clone());
    app.store.write(move |tx| insert(tx, stored_application, stored_provider, now))?;
    if let Some(provider) = &provider {
        return print(app, &application, provider, Secret::Shown, c.json, true);
    }
    output::line(&format!("Created the application {name} ({}).", application.slug))
}

/// Application and provider in one transaction.
fn insert(tx: &Tx, mut application: Application, provider: Option<Provider>, now: i64) -> Result<(), CliError> {
    if applications::by_slug(tx, &application.slug)?.is_some() {
        let slug = &application.slug;
        return Err(CliError::refused(format!("there is an application {slug:?} already; choose another --slug")));
    }
    if let Some(provider) = provider {
        application.provider_id = Some(super::provider::insert(tx, &provider, now)?);
    }
    applications::insert(tx, &application, now)?;
    local_event("application_created", now).detail("application", &application.slug).store(tx)?;
    Ok(())
}

fn set(app: &App, s: &Set) -> Outcome {
    let mut application = find(app, &s.application)?;
    let mut provider = find_provider(app, &application)?;
    let (application_before, provider_before) = (application.clone(), provider.clone());
    if let Some(name) = &s.name {
        application.name = name_of(name)?;
    }
    s.about.apply(&mut application)?;
    if let Some(text) = &s.everybody {
        application.everybody = on_off("--everybody", text)?;
    }
    if let Some(provider) = &mut provider {
        options::apply(app, provider, &s.provider)?;
        for uri in &s.remove_uris {
            if !provider.uris.iter().any(|u| u.uri() == uri) {
                return Err(CliError::refused(format!("{uri:?} is not registered for {}", application.name)));
            }
            provider.uris.retain(|u| u.uri() != uri);
        }
    }
    let (slug, now) = (application.slug.clone(), app.clock.now());
    let renamed = slug != application_before.slug;
    let uris = provider.as_ref().map(|p| p.uris.clone()).unwrap_or_default();
    app.store.write(move |tx| {
        let stored = as_stored(tx, &application_before.slug)?;
        if stored.as_ref() != Some(&(application_before, provider_before.clone())) {
            return Err(CliError::refused("somebody else changed the application at the same moment; try again"));
        }
        if renamed && applications::by_slug(tx, &application.slug)?.is_some() {
            return Err(CliError::refused(format!("there is an application {:?} already", application.slug)));
        }
        applications::update(tx, &application, now)?;
        if let Some(provider) = &provider {
            providers::update(tx, provider, now)?;
            let secret_before = provider_before.and_then(|p| p.client_secret_sealed);
            if provider.client_secret_sealed != secret_before {
                secret_replaced(tx, provider, &application.slug, now)?;
            }
        }
        local_event("application_changed", now).detail("application", &application.slug).store(tx)?;
        Ok(())
    })?;
    output::line(&format!("Changed {slug}."))?;
    if renamed {
        output::note("note: the slug is part of the issuer and of the logout URL: change them in the application too.");
    }
    print_uris(&uris)
}

/// An application as it is stored now, with its provider.
fn as_stored(tx: &Tx, slug: &str) -> Result<Option<(Application, Option<Provider>)>, Internal> {
    let Some(application) = applications::by_slug(tx, slug)? else { return Ok(None) };
    let provider = match application.provider_id {
        Some(id) => providers::by_id(tx, id)?,
        None => None,
    };
    Ok(Some((application, provider)))
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
    let (application, mut provider) = connected(app, slug)?;
    if provider.client_secret_sealed.is_none() {
        return Err(CliError::refused(format!("{slug} is a public client, which has no secret")));
    }
    options::new_secret(app, &mut provider)?;
    let (stored, now, slug) = (provider.clone(), app.clock.now(), slug.to_owned());
    app.store.write(move |tx| {
        providers::update(tx, &stored, now)?;
        secret_replaced(tx, &stored, &slug, now)
    })?;
    print(app, &application, &provider, Secret::Shown, json, false)
}

/// The old secret stopped working; and whoever knew it may hold tokens.
fn secret_replaced(tx: &Tx, provider: &Provider, slug: &str, now: i64) -> Result<(), Internal> {
    grants::delete_of_provider(tx, provider.id)?;
    local_event("client_secret_replaced", now).client(&provider.client_id).detail("application", slug).store(tx)
}

fn show(app: &App, slug: &str, reveal: bool, json: bool) -> Outcome {
    let (application, provider) = connected(app, slug)?;
    if reveal {
        let (now, slug, id) = (app.clock.now(), slug.to_owned(), provider.client_id.clone());
        app.store.write(move |tx| {
            local_event("client_secret_viewed", now).client(&id).detail("application", &slug).store(tx)
        })?;
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
    let application = find(app, slug)?;
    let (name, now) = (application.name.clone(), app.clock.now());
    app.store.write(move |tx| {
        applications::delete(tx, application.id)?;
        if let Some(provider) = application.provider_id {
            providers::delete(tx, provider)?;
        }
        local_event("application_deleted", now).detail("application", &application.slug).store(tx)
    })?;
    output::line(&format!("Deleted {name} and its provider; sign-ins to it no longer work."))
}
