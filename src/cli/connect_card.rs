//! What is pasted into an application, in the order of its own form, with what to mind.

use serde_json::json;

use super::{Outcome, output};
use crate::acts::connect::{Urls, pitfalls};
use crate::acts::providers;
use crate::app::App;
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
    let urls = Urls::of(app, a, p);
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
            "user_identifier": p.preset.user_identifier(), "authorize_url": urls.authorize, "token_url": urls.token,
            "userinfo_url": urls.userinfo, "logout_url": urls.logout, "redirect_url": urls.redirect,
            "scopes": p.preset.scopes(), "issuer": urls.issuer, "discovery_url": urls.discovery, "jwks_url": urls.jwks,
            "redirect_uris": p.uris_for(Purpose::Authorization).map(RegisteredUri::uri).collect::<Vec<_>>(),
            "post_logout_uris": p.uris_for(Purpose::Logout).map(RegisteredUri::uri).collect::<Vec<_>>(),
        }));
    }
    if is_new {
        output::line(&format!("Created {}. Paste these into its settings, from top to bottom:\n", a.name))?;
    }
    output::fields(&p.preset.form(&urls.facts(p, client_secret)))?;
    warn(app, a, p, is_new);
    Ok(())
}

/// What would keep the sign-in from working, or opens more than one may think.
fn warn(app: &App, a: &Application, p: &Provider, is_new: bool) {
    pitfalls(app, a, p).iter().for_each(|words| output::note(&format!("\nwarning: {words}")));
    if is_new {
        output::note(&format!(
            "\nEverybody with an account may open {0}. To let in only some: latchkey app bind {0} --group NAME",
            a.slug
        ));
    }
}
