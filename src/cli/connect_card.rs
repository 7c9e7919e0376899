//! What is pasted into an application, in the order of its own form, with what to mind.

use serde_json::json;

use super::{Outcome, output};
use crate::acts::providers;
use crate::app::App;
use crate::domain::preset::{AppUrl, Facts};
use crate::domain::redirect_uri::{Purpose, RegisteredUri};
use crate::store::applications::Application;
use crate::store::providers::Provider;

/// Whether the client secret is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    Shown,
    Hidden,
}

/// Prints what the application's own form asks for.
pub fn print(app: &App, a: &Application, p: &Provider, shown: Secret, as_json: bool, is_new: bool) -> Outcome {
    let secret = match shown {
        Secret::Shown => providers::secret_of(app, p)?,
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
