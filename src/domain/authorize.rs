//! Authorization requests: parsing and checking one, and what must still happen before a code may be given
//! (RFC 6749 section 4.1, OpenID Connect Core section 3.1.2).

mod answer;
mod parse;
mod response_type;
mod step;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use answer::{Answer, Given, GivenAccess, answer, error_params, success_params};
pub use parse::{client_id, parse, refuse_unread};
pub use response_type::{ResponseType, ResponseTypes};
pub use step::{Done, SessionFacts, Step, next_step};

use super::client::ClientType;
use super::pkce::{Challenge, PkcePolicy};
use super::redirect_uri::{self, Purpose, RedirectUri, RegisteredUri};
use super::scope::{self, ScopeSet};

/// How the answer comes back to the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    #[default]
    Query,
    Fragment,
    FormPost,
}

impl ResponseMode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Query, Self::Fragment, Self::FormPost].into_iter().find(|m| m.as_str() == text)
    }
}

/// The `prompt` parameter (OpenID Connect Core section 3.1.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    pub none: bool,
    pub login: bool,
    pub consent: bool,
    pub select_account: bool,
}

/// Claims asked for one by one (OpenID Connect Core section 5.5), for the ID token or for userinfo: the two agree, unless
/// the provider keeps claims out of the ID token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    pub names: Vec<String>,
    /// Those of the names that are asked for in the ID token.
    #[serde(default)]
    pub id_token: Vec<String>,
    /// The only subject that the client will take (section 5.5.1).
    pub sub: Option<String>,
    /// The classes of a sign-in that are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<AcrWish>,
}

/// Classes of a sign-in that the `claims` parameter asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcrWish {
    pub values: Vec<String>,
    /// Whether none but these will do (section 5.5.1.1).
    pub essential: bool,
}

/// What the rules need to know of the client.
#[derive(Debug, Clone, Copy)]
pub struct ClientFacts<'a> {
    pub client_id: &'a str,
    pub client_type: ClientType,
    pub registered: &'a [RegisteredUri],
    pub offered: &'a ScopeSet,
    pub pkce: PkcePolicy,
    pub response_types: ResponseTypes,
}

/// A request that passed every check. It is sealed into a cookie while the user signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub client_id: String,
    pub redirect_uri: String,
    #[serde(default)]
    pub response_type: ResponseType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The requested scopes that may be granted.
    pub scope: ScopeSet,
    /// The requested scopes that were ignored.
    pub unknown_scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
    pub response_mode: ResponseMode,
    pub prompt: Prompt,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr_values: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ui_locales: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<ClaimsRequest>,
    /// As sent, and not sealed: whoever can check its signature does so at once and keeps `hint_sub`.
    #[serde(skip)]
    pub id_token_hint: Option<String>,
    /// The subject of the hint, once its signature was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint_sub: Option<String>,
}

/// A request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody to send the browser back to: a page of our own, and no Location.
    Page(PageReason),
    Redirect {
        to: RedirectUri,
        response_mode: ResponseMode,
        state: Option<String>,
        error: &'static str,
        description: String,
    },
}

/// Why the browser cannot be sent back. What was received is shown as inert text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageReason {
    #[error("The application did not say which one it is: the parameter client_id is missing.")]
    ClientIdMissing,
    #[error("The parameter client_id was sent more than once.")]
    ClientIdTwice,
    /// For the caller, who looks the client up.
    #[error("No application has this client ID.")]
    ClientIdUnknown { received: String },
    #[error("The application did not say where to return to: the parameter redirect_uri is missing.")]
    RedirectUriMissing,
    #[error("The parameter redirect_uri was sent more than once.")]
    RedirectUriTwice,
    #[error("The redirect URI is not registered for this application.")]
    RedirectUriNotRegistered { received: String },
    #[error("The request_uri of a pushed request is unknown, was used before, has expired, or is another client's.")]
    PushedRequestGone,
    /// Its redirect URI may be meant, and cannot be believed.
    #[error("The request object cannot be used: {why}.")]
    RequestObject { error: &'static str, why: String },
}

impl AuthorizationRequest {
    /// Makes every check of the client's registration again when a sealed request is taken up: meanwhile an
    /// administrator may have changed it. Gives the address that the answer goes to.
    pub fn check_again(&mut self, client: &ClientFacts<'_>) -> Result<RedirectUri, Refusal> {
        if self.client_id != client.client_id {
            return Err(Refusal::Page(PageReason::ClientIdUnknown { received: self.client_id.clone() }));
        }
        let to = redirect_uri::find(client.registered, Purpose::Authorization, client.client_type, &self.redirect_uri)
            .ok_or_else(|| {
                Refusal::Page(PageReason::RedirectUriNotRegistered { received: self.redirect_uri.clone() })
            })?;
        self.scope = self.scope.granted(&scope::grantable(client.offered));
        match self.check_type(client, &to) {
            Ok(()) => Ok(to),
            Err((error, description)) => Err(self.refuse(to, error, description)),
        }
    }

    /// What must hold for the answer that is asked for.
    fn check_type(&self, client: &ClientFacts<'_>, to: &RedirectUri) -> Result<(), (&'static str, &'static str)> {
        let asked = self.response_type;
        if !client.response_types.permit(asked) {
            // RFC 6749 sections 4.1.2.1 and 4.2.2.1.
            return Err((
                "unauthorized_client",
                "this client may not use this response_type: its provider has a setting",
            ));
        }
        if asked.gives_id_token() && !self.scope.contains("openid") {
            return Err(("invalid_scope", "an id_token needs the scope openid"));
        }
        // OpenID Connect Core sections 3.2.2.1 and 3.3.2.11: it ties what the browser brings to the client's session.
        if asked.gives_id_token() && self.nonce.is_none() {
            return Err(("invalid_request", "an id_token from the authorization endpoint needs a nonce"));
        }
        // OpenID Connect Core section 3.2.2.1, for the hybrid flow too: a code is of no use to others, a token is.
        if asked != ResponseType::Code && !to.is_safe_for_tokens() {
            return Err(("invalid_request", "a token is sent to a redirect_uri with https, or on this device, only"));
        }
        let pkce = PkcePolicy::of(client.client_type, client.pkce);
        if asked.gives_code() && self.challenge.is_none() && pkce == PkcePolicy::Required {
            return Err(("invalid_request", "this client must send a code_challenge (PKCE with S256)"));
        }
        Ok(())
    }

    /// Whether it asks for a class of sign-in, one way or the other.
    pub fn asks_for_class(&self) -> bool {
        self.acr_values.is_some() || self.acr_wish().is_some()
    }

    fn acr_wish(&self) -> Option<&AcrWish> {
        self.claims.as_ref()?.acr.as_ref()
    }

    /// The classes of sign-in that the client asks for, in the order of its liking.
    pub fn acrs(&self) -> impl Iterator<Item = &str> {
        let by_claim = self.acr_wish().into_iter().flat_map(|wish| &wish.values).map(String::as_str);
        by_claim.chain(self.acr_values.as_deref().unwrap_or_default().split(' '))
    }

    /// The refusal of a request that had passed, such as `access_denied` when the user does not consent.
    pub fn refuse(&self, to: RedirectUri, error: &'static str, description: impl Into<String>) -> Refusal {
        let (response_mode, state) = (self.response_mode, self.state.clone());
        Refusal::Redirect { to, response_mode, state, error, description: description.into() }
    }
}
