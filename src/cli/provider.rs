//! `latchkey provider`: providers made alone and connected later.

use clap::Subcommand;
use serde_json::{Value, json};

use super::provider_options::{self as options, NewOptions};
use super::{CliError, Outcome, output};
use crate::acts::{Admin, providers as acts};
use crate::app::App;
use crate::domain::redirect_uri::RegisteredUri;
use crate::error::Internal;
use crate::store::applications;
use crate::store::providers::{self, Provider};

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

fn create(app: &App, name: &str, new: &NewOptions, given: &options::Options) -> Outcome {
    let mut said = given.said()?;
    said.push("name", name);
    new.add_to(&mut said);
    let provider = acts::create(app, &Admin::local(), &said)?;
    let secret = acts::secret_of(app, &provider)?;
    output::line(&format!("Created the provider {}.", provider.name))?;
    let mut fields = vec![("Client ID", provider.client_id.as_str())];
    fields.extend(secret.as_ref().map(|s| ("Client Secret", s.as_str())));
    output::fields(&fields)?;
    output::note(&format!("It works once it is connected: latchkey provider connect {:?} SLUG", provider.name));
    Ok(())
}

fn connect(app: &App, name: &str, slug: &str) -> Outcome {
    let (provider, application) = (find(app, name)?, super::app::find(app, slug)?);
    acts::connect(app, &Admin::local(), provider.id, application.id)?;
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
        let keys: Option<Value> = p.jwks.as_deref().and_then(|text| serde_json::from_str(text).ok());
        return output::json(&json!({
            "name": p.name, "application": application, "client_type": p.client_type.as_str(), "client_id": p.client_id,
            "authorization_flow": p.authorization_flow.as_str(), "scopes": p.scopes.to_string(), "signing_key": key,
            "subject_mode": p.subject_mode.as_str(), "pkce": p.pkce.as_str(),
            "response_types": p.response_types.as_str(), "code_validity": p.code_validity,
            "access_token_validity": p.access_token_validity, "refresh_token_validity": p.refresh_token_validity,
            "refresh_token_maximum": p.refresh_token_maximum, "claims_in_id_token": p.claims_in_id_token,
            "sign_userinfo": p.sign_userinfo,
            "backchannel_logout_uri": p.backchannel_logout_uri, "frontchannel_logout_uri": p.frontchannel_logout_uri,
            "sign_out_ends": p.sign_out_ends.as_str(), "device_flow": p.device_flow,
            "client_credentials": p.client_credentials, "service_account": p.service_account,
            "client_auth": p.client_auth.as_str(), "jwks": keys, "jwks_uri": p.jwks_uri,
            "request_objects": p.request_objects.as_str(), "request_uris": p.request_uris, "require_par": p.require_par,
            "uris": uris,
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
        ("Response types", p.response_types.as_str()),
        ("Validity", &validity),
        ("Claims in ID token", if p.claims_in_id_token { "on" } else { "off" }),
        ("Signed userinfo", if p.sign_userinfo { "on" } else { "off" }),
        ("Back-channel logout", p.backchannel_logout_uri.as_deref().unwrap_or("(none)")),
        ("Front-channel logout", p.frontchannel_logout_uri.as_deref().unwrap_or("(none)")),
        ("A sign-out ends", p.sign_out_ends.as_str()),
        ("Device flow", if p.device_flow { "on" } else { "off" }),
        ("Client credentials", if p.client_credentials { "on" } else { "off" }),
        ("Service account", p.service_account.as_deref().unwrap_or("(none)")),
        ("Client authentication", p.client_auth.as_str()),
        ("Request objects", p.request_objects.as_str()),
        ("Pushed requests", if p.require_par { "required" } else { "optional" }),
    ])?;
    p.uris.iter().try_for_each(|u: &RegisteredUri| {
        output::line(&format!("  {} ({}): {}", u.purpose().as_str(), u.matching().as_str(), u.uri()))
    })
}

fn delete(app: &App, name: &str) -> Outcome {
    let provider = acts::delete(app, &Admin::local(), find(app, name)?.id)?;
    output::line(&format!("Deleted the provider {}; sign-ins through it no longer work.", provider.name))
}
