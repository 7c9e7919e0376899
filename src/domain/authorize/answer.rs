//! How an answer travels back to the client.

use super::ResponseMode;
use crate::domain::redirect_uri::RedirectUri;

/// What the browser is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To this address.
    Redirect(String),
    /// A page whose form posts these fields (OAuth 2.0 Form Post Response Mode section 2).
    FormPost { action: String, fields: Vec<(String, String)> },
}

/// What a successful answer holds, by the response type.
#[derive(Debug, Default)]
pub struct Given {
    pub code: Option<String>,
    pub access: Option<GivenAccess>,
    pub id_token: Option<String>,
}

/// An access token and what is said of it (OpenID Connect Core section 3.2.2.5).
#[derive(Debug)]
pub struct GivenAccess {
    pub token: String,
    /// In seconds.
    pub expires_in: String,
    pub scope: String,
}

/// The parameters of a successful answer. Every answer names its issuer (RFC 9207 section 2).
pub fn success_params<'a>(given: &'a Given, state: Option<&'a str>, iss: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut params: Vec<(&'static str, &str)> = Vec::new();
    params.extend(given.code.as_deref().map(|code| ("code", code)));
    if let Some(access) = &given.access {
        params.extend([
            ("access_token", access.token.as_str()),
            ("token_type", "Bearer"),
            ("expires_in", &access.expires_in),
            ("scope", &access.scope),
        ]);
    }
    params.extend(given.id_token.as_deref().map(|token| ("id_token", token)));
    with_state(params, state, iss)
}

/// The parameters of a refusal (RFC 6749 section 4.1.2.1).
pub fn error_params<'a>(
    error: &'a str,
    description: &'a str,
    state: Option<&'a str>,
    iss: &'a str,
) -> Vec<(&'static str, &'a str)> {
    with_state(vec![("error", error), ("error_description", description)], state, iss)
}

/// Puts parameters on the way that the client asked for.
pub fn answer(to: &RedirectUri, mode: ResponseMode, params: &[(&str, &str)]) -> Answer {
    match mode {
        ResponseMode::Query => Answer::Redirect(to.with_query(params)),
        ResponseMode::Fragment => Answer::Redirect(to.with_fragment(params)),
        ResponseMode::FormPost => Answer::FormPost {
            action: to.as_str().to_owned(),
            fields: params.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        },
    }
}

fn with_state<'a>(
    mut params: Vec<(&'static str, &'a str)>,
    state: Option<&'a str>,
    iss: &'a str,
) -> Vec<(&'static str, &'a str)> {
    params.extend(state.map(|state| ("state", state)));
    params.push(("iss", iss));
    params
}
