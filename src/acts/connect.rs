//! What an application must be told to sign people in here: every address of its provider, what to paste into its own
//! form, and what to mind.

use crate::app::App;
use crate::domain::preset::{AppUrl, Facts, Preset};
use crate::domain::redirect_uri::Purpose;
use crate::store::applications::Application;
use crate::store::providers::Provider;
use crate::words::Words;

/// Every address of a provider, by the names that the guides give them.
#[derive(Debug, Clone)]
pub struct Urls {
    pub discovery: String,
    pub issuer: String,
    pub authorize: String,
    pub token: String,
    pub userinfo: String,
    pub logout: String,
    pub jwks: String,
    pub introspection: String,
    pub revocation: String,
    pub device: String,
    /// The first redirect URI that is registered.
    pub redirect: String,
}

impl Urls {
    pub fn of(app: &App, application: &Application, provider: &Provider) -> Self {
        let shared = |name: &str| app.base.join(&format!("/application/o/{name}/"));
        let issuer = app.base.issuer(&application.slug);
        let redirect = provider.uris_for(Purpose::Authorization).next();
        Self {
            discovery: format!("{issuer}.well-known/openid-configuration"),
            authorize: shared("authorize"),
            token: shared("token"),
            userinfo: shared("userinfo"),
            logout: format!("{issuer}end-session/"),
            jwks: format!("{issuer}jwks/"),
            introspection: shared("introspect"),
            revocation: shared("revoke"),
            device: shared("device"),
            redirect: redirect.map(|u| u.uri().to_owned()).unwrap_or_default(),
            issuer,
        }
    }

    /// For the form of the application's own.
    pub fn facts<'a>(&'a self, provider: &'a Provider, client_secret: Option<&'a str>) -> Facts<'a> {
        Facts {
            client_id: &provider.client_id,
            client_secret,
            authorize_url: &self.authorize,
            token_url: &self.token,
            userinfo_url: &self.userinfo,
            logout_url: &self.logout,
            redirect_url: &self.redirect,
            scopes: provider.preset.scopes(),
            issuer: &self.issuer,
            discovery_url: &self.discovery,
            jwks_url: &self.jwks,
        }
    }
}

/// What is known to go wrong with an application of this kind, and what would keep this one from working or opens more
/// than one may think.
pub fn pitfalls(app: &App, application: &Application, provider: &Provider) -> Vec<Words> {
    let known: &[&'static str] = match provider.preset {
        Preset::Portainer => &["pitfall-portainer-names", "pitfall-portainer-server"],
        Preset::Gravitee => &["pitfall-gravitee-email", "pitfall-gravitee-server"],
        Preset::Generic => &[],
    };
    let mut words: Vec<Words> = known.iter().map(|key| Words::new(key)).collect();
    if app.base.is_loopback() {
        let words_of = Words::new("pitfall-loopback").with("url", app.base.as_str());
        words.push(words_of.with("application", &application.name));
    }
    let same_host = |u: &AppUrl| url::Url::parse(u.origin()).is_ok_and(|u| u.host_str() == Some(app.base.host()));
    if provider.app_url.as_deref().and_then(|u| AppUrl::parse(u).ok()).is_some_and(|u| same_host(&u)) {
        words.push(Words::new("pitfall-same-host").with("application", &application.name));
    }
    words
}
