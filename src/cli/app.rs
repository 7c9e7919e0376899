//! `latchkey app`: applications with their provider, as the guides make them.

use clap::{Args, Subcommand};
use serde_json::json;

use super::provider_options::{self as options, NewOptions};
use super::{CliError, Outcome, output};
use crate::app::App;
use crate::domain::access::{Binding, Decision, EngineMode, Target};
use crate::domain::names::Slug;
use crate::domain::preset::{AppUrl, Facts};
use crate::domain::redirect_uri::{Purpose, RegisteredUri};
use crate::endpoints::decide;
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::applications::{self, Application};
use crate::store::bindings::{self, BoundRule};
use crate::store::providers::{self, Provider};
use crate::store::{Tx, grants};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create an application with its provider, and print what to paste into it
    Create(Box<Create>),
    /// Change an application and its provider; URIs are added
    Set(Box<Set>),
    /// Replace the client secret; the old one stops working at once
    NewSecret {
        slug: String,
        #[arg(long)]
        json: bool,
    },
    /// Show what to paste into an application
    Show {
        slug: String,
        /// Show the client secret too; this is recorded
        #[arg(long)]
        reveal: bool,
        #[arg(long)]
        json: bool,
    },
    /// List all applications
    List {
        #[arg(long)]
        json: bool,
    },
    /// Delete an application and its provider
    Delete { slug: String },
    /// Let a group or user in (or with --negate, whoever is not)
    Bind(Bind),
    /// Remove a binding
    Unbind {
        slug: String,
        #[arg(long, conflicts_with = "user")]
        group: Option<String>,
        #[arg(long)]
        user: Option<String>,
    },
    /// Say whether a user may open an application, and which binding decides
    CheckAccess { slug: String, user: String },
}

#[derive(Debug, Args)]
pub struct Create {
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
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[arg(long, value_name = "NAME")]
    publisher: Option<String>,
    /// Open it in a new tab: on or off
    #[arg(long, value_name = "ON|OFF")]
    open_in_new_tab: Option<String>,
}

#[derive(Debug, Args)]
pub struct Bind {
    slug: String,
    #[arg(long, conflicts_with = "user", required_unless_present = "user")]
    group: Option<String>,
    #[arg(long)]
    user: Option<String>,
    /// Match whoever is not in the group, or is not the user
    #[arg(long)]
    negate: bool,
    /// Bindings are looked at in this order
    #[arg(long, default_value_t = 0)]
    order: i64,
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Create(c) => create(app, &c),
        Command::Set(s) => set(app, &s),
        Command::NewSecret { slug, json } => new_secret(app, &slug, json),
        Command::Show { slug, reveal, json } => show(app, &slug, reveal, json),
        Command::List { json } => list(app, json),
        Command::Delete { slug } => delete(app, &slug),
        Command::Bind(b) => bind(app, &b),
        Command::Unbind { slug, group, user } => unbind(app, &slug, group.as_deref(), user.as_deref()),
        Command::CheckAccess { slug, user } => check_access(app, &slug, &user),
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
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 150 || text.chars().any(char::is_control) {
        return Err(CliError::usage("a name has 1 to 150 characters, without control characters"));
    }
    Ok(text.to_owned())
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
    let old_slug = application.slug.clone();
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
    let renamed = slug != old_slug;
    let uris = provider.as_ref().map(|p| p.uris.clone()).unwrap_or_default();
    app.store.write(move |tx| {
        if renamed && applications::by_slug(tx, &application.slug)?.is_some() {
            return Err(CliError::refused(format!("there is an application {:?} already", application.slug)));
        }
        applications::update(tx, &application, now)?;
        if let Some(provider) = &provider {
            providers::update(tx, provider, now)?;
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
        // Whoever knew the old secret may hold tokens.
        grants::delete_of_provider(tx, stored.id)?;
        local_event("client_secret_replaced", now).client(&stored.client_id).detail("application", &slug).store(tx)
    })?;
    print(app, &application, &provider, Secret::Shown, json, false)
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secret {
    Shown,
    Hidden,
}

/// Prints what the application's own form asks for.
fn print(app: &App, a: &Application, p: &Provider, shown: Secret, as_json: bool, is_new: bool) -> Outcome {
    let secret = match shown {
        Secret::Shown => options::secret(app, p)?,
        Secret::Hidden => None,
    };
    let url = |name: &str| app.base.join(&format!("/application/o/{name}/"));
    let (authorize, token, userinfo) = (url("authorize"), url("token"), url("userinfo"));
    let issuer = app.base.issuer(&a.slug);
    let (logout, jwks) = (format!("{issuer}end-session/"), format!("{issuer}jwks/"));
    let discovery = format!("{issuer}.well-known/openid-configuration");
    let redirect = p.uris_for(Purpose::Authorization).next().map(|u| u.uri().to_owned()).unwrap_or_default();
    let client_secret = match &secret {
        Some(secret) => Some(secret.as_str()),
        None if p.client_secret_sealed.is_some() => Some("(hidden; --reveal shows it)"),
        None => None,
    };
    if as_json {
        let client_secret = client_secret.filter(|_| shown == Secret::Shown);
        warn(app, a, p, is_new);
        return output::json(&json!({
            "name": a.name, "slug": a.slug, "client_id": p.client_id, "client_secret": client_secret,
            "user_identifier": p.preset.user_identifier(), "authorize_url": authorize, "token_url": token,
            "userinfo_url": userinfo, "logout_url": logout, "redirect_url": redirect, "scopes": p.preset.scopes(),
            "issuer": issuer, "discovery_url": discovery, "jwks_url": jwks,
            "redirect_uris": p.uris_for(Purpose::Authorization).map(RegisteredUri::uri).collect::<Vec<_>>(),
            "post_logout_uris": p.uris_for(Purpose::Logout).map(RegisteredUri::uri).collect::<Vec<_>>(),
        }));
    }
    let facts = Facts {
        client_id: &p.client_id,
        client_secret,
        authorize_url: &authorize,
        token_url: &token,
        userinfo_url: &userinfo,
        logout_url: &logout,
        redirect_url: &redirect,
        scopes: p.preset.scopes(),
        issuer: &issuer,
        discovery_url: &discovery,
        jwks_url: &jwks,
    };
    if is_new {
        output::line(&format!("Created {}. Paste these into its settings, from top to bottom:\n", a.name))?;
    }
    output::fields(&p.preset.form(&facts))?;
    p.preset.pitfalls().iter().for_each(|words| output::note(&format!("\nnote: {words}")));
    warn(app, a, p, is_new);
    Ok(())
}

/// What would keep the sign-in from working, or opens more than one may think.
fn warn(app: &App, a: &Application, p: &Provider, is_new: bool) {
    if app.base.is_loopback() {
        output::note(&format!(
            "\nwarning: {} is this machine's own name: {} in a container, or on another device, cannot reach it. \
             Choose a host name that leads to this machine from both, start the server with it \
             (latchkey serve --url https://auth.home.example), and print these fields again: latchkey app show {} --reveal",
            app.base.as_str(),
            a.name,
            a.slug
        ));
    }
    let same_host = |u: &AppUrl| url::Url::parse(u.origin()).is_ok_and(|u| u.host_str() == Some(app.base.host()));
    if p.app_url.as_deref().and_then(|u| AppUrl::parse(u).ok()).is_some_and(|u| same_host(&u)) {
        output::note(&format!(
            "\nwarning: {} runs on the same host name as Latchkey, and browsers share cookies between ports: \
             {} could read Latchkey's sign-in cookie. Give Latchkey a host name of its own.",
            a.name, a.name
        ));
    }
    if is_new {
        output::note(&format!(
            "\nEverybody with an account may open {0}. To let in only some: latchkey app bind {0} --group NAME",
            a.slug
        ));
    }
}

fn list(app: &App, json: bool) -> Outcome {
    let all = app.store.read(|c| {
        let with_access = |a: Application| {
            let provider = match a.provider_id {
                Some(id) => providers::by_id(c, id)?,
                None => None,
            };
            Ok((bindings::of_application(c, a.id)?, provider, a))
        };
        applications::list(c)?.into_iter().map(with_access).collect::<Result<Vec<_>, Internal>>()
    })?;
    if json {
        let rows: Vec<_> = all
            .iter()
            .map(|(b, p, a)| {
                json!({
                    "name": a.name, "slug": a.slug, "group": a.group, "provider": p.as_ref().map(|p| &p.name),
                    "client_id": p.as_ref().map(|p| &p.client_id), "access": access(a, b),
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
            let access = access(&a, &b);
            vec![a.slug, a.name, a.group, p.map(|p| p.name).unwrap_or_default(), access]
        })
        .collect();
    output::table(&["SLUG", "NAME", "GROUP", "PROVIDER", "ACCESS"], &rows)
}

/// Who may open an application, in a few words.
fn access(a: &Application, bound: &[BoundRule]) -> String {
    let enabled: Vec<_> = bound.iter().filter(|b| b.rule.enabled).collect();
    if enabled.is_empty() {
        return if a.everybody { "everybody".into() } else { "nobody".into() };
    }
    let words = enabled.iter().map(|b| words(b));
    words.collect::<Vec<_>>().join(if a.mode == EngineMode::All { " and " } else { ", " })
}

fn words(b: &BoundRule) -> String {
    let (kind, is_gone) = match b.rule.target {
        Target::Group(id) => ("group", id.is_none()),
        Target::User(id) => ("user", id.is_none()),
    };
    let not = if b.rule.negate { "not " } else { "" };
    let gone = if is_gone { " (deleted)" } else { "" };
    format!("{not}{kind} {}{gone}", b.label)
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

fn bind(app: &App, b: &Bind) -> Outcome {
    let mut application = find(app, &b.slug)?;
    let (target, label) = target(app, b.group.as_deref(), b.user.as_deref())?;
    let rule = Binding { target, order: b.order, enabled: true, negate: b.negate };
    let (now, slug) = (app.clock.now(), application.slug.clone());
    let was_open = application.everybody;
    app.store.write(move |tx| {
        bindings::insert(tx, application.id, &rule, &label)?;
        // With the first binding the door closes for everybody else, and stays closed when the last one goes.
        application.everybody = false;
        applications::update(tx, &application, now)?;
        local_event("binding_created", now).detail("application", &application.slug).detail("to", &label).store(tx)
    })?;
    output::line(&format!("Bound. Who may open {slug}: {}.", access_of(app, &slug)?))?;
    if was_open {
        output::note(&format!("{slug} was open to everybody and no longer is."));
    }
    Ok(())
}

fn target(app: &App, group: Option<&str>, user: Option<&str>) -> Result<(Target, String), CliError> {
    match (group, user) {
        (Some(name), _) => {
            let group = super::group::find(app, name)?;
            Ok((Target::Group(Some(group.id)), group.name))
        }
        (None, Some(login)) => {
            let user = super::user::find(app, login)?;
            Ok((Target::User(Some(user.id)), user.username))
        }
        (None, None) => Err(CliError::usage("name a group or a user: --group NAME or --user NAME")),
    }
}

fn access_of(app: &App, slug: &str) -> Result<String, CliError> {
    let application = find(app, slug)?;
    let bound = app.store.read(|c| bindings::of_application(c, application.id))?;
    Ok(access(&application, &bound))
}

fn unbind(app: &App, slug: &str, group: Option<&str>, user: Option<&str>) -> Outcome {
    let application = find(app, slug)?;
    let Some((kind, name)) = group.map(|g| ("group", g)).or(user.map(|u| ("user", u))) else {
        return Err(CliError::usage("name a group or a user: --group NAME or --user NAME"));
    };
    // By label: the group may have been deleted since.
    let bound = app.store.read(|c| bindings::of_application(c, application.id))?;
    let is_meant = |b: &&BoundRule| {
        let same_kind = matches!((kind, b.rule.target), ("group", Target::Group(_)) | ("user", Target::User(_)));
        same_kind && crate::domain::names::fold(&b.label) == crate::domain::names::fold(name)
    };
    let meant: Vec<i64> = bound.iter().filter(is_meant).map(|b| b.id).collect();
    if meant.is_empty() {
        return Err(CliError::refused(format!("{slug} has no binding to the {kind} {name:?}")));
    }
    let (now, name) = (app.clock.now(), name.to_owned());
    let closes = meant.len() == bound.len();
    app.store.write(move |tx| {
        meant.iter().try_for_each(|id| bindings::delete(tx, *id))?;
        local_event("binding_deleted", now).detail("application", &application.slug).detail("to", &name).store(tx)
    })?;
    output::line(&format!("Unbound. Who may open {slug}: {}.", access_of(app, slug)?))?;
    if closes {
        output::note(&format!(
            "That was the last binding: {slug} is closed now. To open it to everybody: latchkey app set {slug} --everybody on"
        ));
    }
    Ok(())
}

fn check_access(app: &App, slug: &str, login: &str) -> Outcome {
    let (application, user) = (find(app, slug)?, super::user::find(app, login)?);
    let (decision, bound) = app
        .store
        .read(|c| Ok::<_, Internal>((decide(c, &application, &user)?, bindings::of_application(c, application.id)?)))?;
    for (index, b) in bound.iter().enumerate() {
        output::line(&format!("  binding {}: {}", index + 1, words(b)))?;
    }
    match decision {
        Decision::Allowed(why) => output::line(&format!("{} may open {slug}: {why}.", user.username)),
        Decision::Denied(why) => Err(CliError::refused(format!("{} may not open {slug}: {why}", user.username))),
    }
}
