//! `latchkey provider`: providers made alone and connected later.

use clap::Subcommand;
use serde_json::json;

use super::provider_options::{self as options, NewOptions};
use super::{CliError, Outcome, output};
use crate::app::App;
use crate::domain::names::DisplayName;
use crate::domain::redirect_uri::RegisteredUri;
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::providers::{self, Provider};
use crate::store::{Tx, applications};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a provider without an application
    Create {
        name: String,
        #[command(flatten)]
        new: Box<NewOptions>,
        #[command(flatten)]
        options: Box<options::Options>,
    },
    /// Connect a provider to an application that has none
    Connect { name: String, slug: String },
    /// List all providers
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a provider
    Show {
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete a provider; its application stays, without sign-in
    Delete { name: String },
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Create { name, new, options } => create(app, &name, &new, &options),
        Command::Connect { name, slug } => connect(app, &name, &slug),
        Command::List { json } => list(app, json),
        Command::Show { name, json } => show(app, &name, json),
        Command::Delete { name } => delete(app, &name),
    }
}

fn find(app: &App, name: &str) -> Result<Provider, CliError> {
    let found = app.store.read(|c| providers::by_name(c, name))?;
    found.ok_or_else(|| CliError::refused(format!("there is no provider {name:?}. `latchkey provider list` shows all")))
}

/// Adds a provider whose name and client id must be free.
pub fn insert(tx: &Tx, provider: &Provider, now: i64) -> Result<i64, CliError> {
    if providers::by_name(tx, &provider.name)?.is_some() {
        return Err(CliError::refused(format!("there is a provider {:?} already; choose another name", provider.name)));
    }
    if providers::by_client_id(tx, &provider.client_id)?.is_some() {
        return Err(CliError::refused(format!(
            "there is a client {:?} already; choose another --client-id",
            provider.client_id
        )));
    }
    Ok(providers::insert(tx, provider, now)?)
}

fn create(app: &App, name: &str, new: &NewOptions, given: &options::Options) -> Outcome {
    let name = &DisplayName::parse(name).map_err(CliError::usage)?.into_string();
    let provider = options::create(app, name, new, given)?;
    let (stored, now) = (provider.clone(), app.clock.now());
    app.store.write(move |tx| {
        insert(tx, &stored, now)?;
        local_event("provider_created", now).client(&stored.client_id).detail("provider", &stored.name).store(tx)?;
        Ok::<_, CliError>(())
    })?;
    let secret = options::secret(app, &provider)?;
    output::line(&format!("Created the provider {name}."))?;
    let mut fields = vec![("Client ID", provider.client_id.as_str())];
    fields.extend(secret.as_ref().map(|s| ("Client Secret", s.as_str())));
    output::fields(&fields)?;
    output::note(&format!("It works once it is connected: latchkey provider connect {name:?} SLUG"));
    Ok(())
}

fn connect(app: &App, name: &str, slug: &str) -> Outcome {
    let (provider, application) = (find(app, name)?, super::app::find(app, slug)?);
    let now = app.clock.now();
    let connected = provider.id;
    app.store.write(move |tx| {
        if let Some(other) = applications::by_provider(tx, connected)? {
            return Err(CliError::refused(format!("that provider is connected to {} already", other.slug)));
        }
        if !applications::connect(tx, application.id, connected, now)? {
            return Err(CliError::refused(format!("{} has a provider already", application.slug)));
        }
        local_event("provider_connected", now)
            .client(&provider.client_id)
            .detail("application", &application.slug)
            .store(tx)?;
        Ok(())
    })?;
    output::line(&format!("Connected {name} to {slug}. What to paste there: latchkey app show {slug} --reveal"))
}

fn list(app: &App, json: bool) -> Outcome {
    let all = app.store.read(|c| {
        let with_application = |p: Provider| applications::by_provider(c, p.id).map(|a| (p, a));
        providers::list(c)?.into_iter().map(with_application).collect::<Result<Vec<_>, Internal>>()
    })?;
    if json {
        let rows: Vec<_> = all
            .iter()
            .map(|(p, a)| json!({ "name": p.name, "client_id": p.client_id, "client_type": p.client_type.as_str(), "application": a.as_ref().map(|a| &a.slug) }))
            .collect();
        return output::json(&rows);
    }
    if all.is_empty() {
        return output::line("There is no provider yet. `latchkey app create` makes an application with one.");
    }
    let rows: Vec<Vec<String>> = all
        .into_iter()
        .map(|(p, a)| {
            let application = a.map_or_else(|| "(not connected)".into(), |a| a.slug);
            vec![p.name, p.client_type.as_str().into(), p.client_id, application]
        })
        .collect();
    output::table(&["PROVIDER", "TYPE", "CLIENT ID", "APPLICATION"], &rows)
}

fn show(app: &App, name: &str, as_json: bool) -> Outcome {
    let p = find(app, name)?;
    let application = app.store.read(|c| applications::by_provider(c, p.id))?.map(|a| a.slug);
    let key = p.signing_kid.clone().or(p.signing_alg.clone()).unwrap_or_else(|| "RS256".into());
    if as_json {
        let uris: Vec<_> = p
            .uris
            .iter()
            .map(|u| json!({ "purpose": u.purpose().as_str(), "matching": u.matching().as_str(), "uri": u.uri() }))
            .collect();
        return output::json(&json!({
            "name": p.name, "application": application, "client_type": p.client_type.as_str(), "client_id": p.client_id,
            "authorization_flow": p.authorization_flow.as_str(), "scopes": p.scopes.to_string(), "signing_key": key,
            "subject_mode": p.subject_mode.as_str(), "pkce": p.pkce.as_str(), "code_validity": p.code_validity,
            "access_token_validity": p.access_token_validity, "refresh_token_validity": p.refresh_token_validity,
            "refresh_token_maximum": p.refresh_token_maximum, "claims_in_id_token": p.claims_in_id_token, "uris": uris,
        }));
    }
    let validity = format!(
        "code {} s, access {} s, refresh {} s idle, {} s at most",
        p.code_validity, p.access_token_validity, p.refresh_token_validity, p.refresh_token_maximum
    );
    output::fields(&[
        ("Provider", &p.name),
        ("Application", application.as_deref().unwrap_or("(not connected)")),
        ("Client type", p.client_type.as_str()),
        ("Client ID", &p.client_id),
        ("Authorization flow", &format!("{} consent", p.authorization_flow.as_str())),
        ("Scopes", &p.scopes.to_string()),
        ("Signing key", &key),
        ("Subject mode", p.subject_mode.as_str()),
        ("PKCE", p.pkce.as_str()),
        ("Validity", &validity),
        ("Claims in ID token", if p.claims_in_id_token { "on" } else { "off" }),
    ])?;
    p.uris.iter().try_for_each(|u: &RegisteredUri| {
        output::line(&format!("  {} ({}): {}", u.purpose().as_str(), u.matching().as_str(), u.uri()))
    })
}

fn delete(app: &App, name: &str) -> Outcome {
    let provider = find(app, name)?;
    let (now, name) = (app.clock.now(), provider.name.clone());
    app.store.write(move |tx| {
        providers::delete(tx, provider.id)?;
        local_event("provider_deleted", now).client(&provider.client_id).detail("provider", &provider.name).store(tx)
    })?;
    output::line(&format!("Deleted the provider {name}; sign-ins through it no longer work."))
}
