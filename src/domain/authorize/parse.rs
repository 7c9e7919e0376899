//! From parameters to a checked request, in the order of the checks: client, redirect URI, everything else.

use serde_json::Value;

use super::{
    AcrWish, AuthorizationRequest, ClaimsRequest, ClientFacts, PageReason, Prompt, Refusal, ResponseMode, ResponseType,
};
use crate::domain::pkce::{self, Challenge, PkcePolicy};
use crate::domain::redirect_uri::{self, Purpose, RedirectUri};
use crate::domain::scope::{self, ScopeSet};
use crate::http::Params;

/// The longest value of a parameter that we keep or send back.
const MAX_VALUE_BYTES: usize = 2_000;
/// What all kept values may come to as JSON: sealed, they must fit into one cookie of 4,096 bytes.
const MAX_SEALED_BYTES: usize = 2_600;

/// Every parameter that is read here; each may be sent once (RFC 6749 section 3.1).
const PARAMETERS: [&str; 18] = [
    "response_type",
    "state",
    "scope",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "ui_locales",
    "claims",
    "display",
    "request",
    "request_uri",
    "registration",
];

/// A fault that the client is told of: the error code and its description.
type Fault = (&'static str, String);

/// The first check: which client asks. The caller looks it up.
pub fn client_id(params: &Params) -> Result<&str, PageReason> {
    params.one("client_id").map_err(|_| PageReason::ClientIdTwice)?.ok_or(PageReason::ClientIdMissing)
}

/// Checks a request of a known client.
pub fn parse(params: &Params, client: &ClientFacts<'_>) -> Result<AuthorizationRequest, Refusal> {
    let to = redirect_uri(params, client).map_err(Refusal::Page)?;
    request(params, client, &to).map_err(|fault| refused(params, to, fault))
}

/// The refusal of a request that is not looked at any further: to its redirect URI, where that is right.
pub fn refuse_unread(params: &Params, client: &ClientFacts<'_>, error: &'static str, description: String) -> Refusal {
    match redirect_uri(params, client) {
        Ok(to) => refused(params, to, (error, description)),
        Err(reason) => Refusal::Page(reason),
    }
}

fn refused(params: &Params, to: RedirectUri, (error, description): Fault) -> Refusal {
    // A state that was sent twice, or is too long to be sent back, is left out of the answer.
    let state = params.one("state").ok().flatten().filter(|s| s.len() <= MAX_VALUE_BYTES).map(str::to_owned);
    Refusal::Redirect { to, response_mode: mode_of_refusal(params), state, error, description }
}

/// The second check. The redirect URI is always required, also where RFC 6749 would let one be left out.
fn redirect_uri(params: &Params, client: &ClientFacts<'_>) -> Result<RedirectUri, PageReason> {
    let requested =
        params.one("redirect_uri").map_err(|_| PageReason::RedirectUriTwice)?.ok_or(PageReason::RedirectUriMissing)?;
    redirect_uri::find(client.registered, Purpose::Authorization, client.client_type, requested)
        .ok_or_else(|| PageReason::RedirectUriNotRegistered { received: requested.to_owned() })
}

/// All other checks; what they find goes back to the redirect URI.
fn request(params: &Params, client: &ClientFacts<'_>, to: &RedirectUri) -> Result<AuthorizationRequest, Fault> {
    for name in PARAMETERS {
        params.one(name).map_err(|twin| invalid(twin.to_string()))?;
    }
    request_objects(params)?;
    let response_type = response_type(params)?;
    let challenge = challenge(params, client, response_type)?;
    let grantable = scope::grantable(client.offered);
    let requested = ScopeSet::parse(&kept(params, "scope")?.unwrap_or_default(), &grantable);
    let request = AuthorizationRequest {
        client_id: client.client_id.to_owned(),
        redirect_uri: to.as_str().to_owned(),
        response_type,
        state: kept(params, "state")?,
        scope: scope(requested.granted(&grantable), response_type),
        unknown_scopes: requested.unknown(&grantable),
        nonce: kept(params, "nonce")?,
        challenge,
        response_mode: response_mode(params, response_type)?,
        prompt: prompt(params)?,
        max_age: max_age(params)?,
        login_hint: kept(params, "login_hint")?,
        acr_values: kept(params, "acr_values")?,
        ui_locales: kept(params, "ui_locales")?,
        claims: claims(params)?,
        id_token_hint: value(params, "id_token_hint").map(str::to_owned),
        hint_sub: None,
    };
    request.check_type(client, to).map_err(|(error, description)| (error, description.to_owned()))?;
    fits(&request)?;
    Ok(request)
}

/// OpenID Connect Core sections 6.1, 6.2 and 7.2.1: not supported, and said so rather than ignored.
fn request_objects(params: &Params) -> Result<(), Fault> {
    if value(params, "request").is_some() {
        return Err(("request_not_supported", "the parameter request is not supported".to_owned()));
    }
    if value(params, "request_uri").is_some() {
        return Err(("request_uri_not_supported", "the parameter request_uri is not supported".to_owned()));
    }
    if value(params, "registration").is_some() {
        return Err(("registration_not_supported", "the parameter registration is not supported".to_owned()));
    }
    Ok(())
}

fn response_type(params: &Params) -> Result<ResponseType, Fault> {
    let text = value(params, "response_type").ok_or_else(|| invalid("the parameter response_type is missing"))?;
    ResponseType::parse(text).ok_or_else(|| {
        let words = "there is no such response_type: code, id_token, id_token token, and code with either or both";
        ("unsupported_response_type", words.to_owned())
    })
}

/// Without a code there is nothing to prove at the token endpoint, and whatever is sent for that is not looked at.
fn challenge(
    params: &Params,
    client: &ClientFacts<'_>,
    response_type: ResponseType,
) -> Result<Option<Challenge>, Fault> {
    if !response_type.gives_code() {
        return Ok(None);
    }
    let policy = PkcePolicy::of(client.client_type, client.pkce);
    pkce::from_request(value(params, "code_challenge"), value(params, "code_challenge_method"), policy)
        .map_err(|error| invalid(error.to_string()))
}

/// OpenID Connect Core section 11: without a code there is no refresh token, and so no offline access.
fn scope(granted: ScopeSet, response_type: ResponseType) -> ScopeSet {
    if response_type.gives_code() { granted } else { granted.without("offline_access") }
}

fn response_mode(params: &Params, response_type: ResponseType) -> Result<ResponseMode, Fault> {
    let default = ResponseMode::default_of(response_type.as_str());
    let Some(text) = value(params, "response_mode") else { return Ok(default) };
    match ResponseMode::parse(text) {
        None => Err(invalid("response_mode must be query, fragment or form_post")),
        // OAuth 2.0 Multiple Response Types section 5.
        Some(ResponseMode::Query) if default != ResponseMode::Query => {
            Err(invalid("response_mode must not be query where the answer holds a token"))
        }
        Some(mode) => Ok(mode),
    }
}

/// How a fault is told: as the success would have come.
fn mode_of_refusal(params: &Params) -> ResponseMode {
    let one = |name| params.one(name).ok().flatten();
    let default = ResponseMode::default_of(one("response_type").unwrap_or_default());
    let asked = one("response_mode").and_then(ResponseMode::parse).unwrap_or(default);
    if asked == ResponseMode::Query { default } else { asked }
}

/// OpenID Connect Core section 3.1.2.1. Unknown values are ignored.
fn prompt(params: &Params) -> Result<Prompt, Fault> {
    let mut prompt = Prompt::default();
    let mut others = 0;
    for word in value(params, "prompt").unwrap_or_default().split(' ').filter(|w| !w.is_empty()) {
        others += usize::from(word != "none");
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            _ => {}
        }
    }
    if prompt.none && others > 0 {
        return Err(invalid("prompt none cannot be combined with another value"));
    }
    Ok(prompt)
}

fn max_age(params: &Params) -> Result<Option<u64>, Fault> {
    let Some(text) = value(params, "max_age") else { return Ok(None) };
    // Digits only: `parse` alone would take a sign.
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(seconds) if digits => Ok(Some(seconds)),
        _ => Err(invalid("max_age must be a whole number of seconds, 0 or more")),
    }
}

/// OpenID Connect Core section 5.5. Only names are kept, the subject if one is demanded, and classes of a sign-in. What is
/// not understood is left out (section 5.5.1); a name with a space would be two where it is stored.
fn claims(params: &Params) -> Result<Option<ClaimsRequest>, Fault> {
    let Some(text) = kept(params, "claims")? else { return Ok(None) };
    let malformed = || invalid("claims must be a JSON object of OpenID Connect Core section 5.5");
    let parsed: Value = serde_json::from_str(&text).map_err(|_| malformed())?;
    let parsed = parsed.as_object().ok_or_else(malformed)?;
    let mut request = ClaimsRequest::default();
    for part in ["id_token", "userinfo"] {
        let members = match parsed.get(part) {
            None | Some(Value::Null) => continue,
            Some(members) => members.as_object().ok_or_else(malformed)?,
        };
        for (name, wish) in members {
            if name == "sub" {
                request.sub = wish.get("value").and_then(Value::as_str).map(str::to_owned).or(request.sub);
                continue;
            }
            if name == "acr" && part == "id_token" {
                request.acr = acr_wish(wish);
            }
            let lists = [(true, &mut request.names), (part == "id_token", &mut request.id_token)];
            for (_, list) in lists.into_iter().filter(|(is_for, _)| *is_for) {
                if !name.contains(char::is_whitespace) && !list.contains(name) {
                    list.push(name.clone());
                }
            }
        }
    }
    Ok(Some(request))
}

/// OpenID Connect Core section 5.5.1.1: `value`, or `values` of which one will do.
fn acr_wish(wish: &Value) -> Option<AcrWish> {
    let many = wish.get("values").and_then(Value::as_array).into_iter().flatten();
    let values: Vec<_> =
        wish.get("value").into_iter().chain(many).filter_map(Value::as_str).map(str::to_owned).collect();
    let essential = wish.get("essential") == Some(&Value::Bool(true));
    (!values.is_empty()).then_some(AcrWish { values, essential })
}

fn fits(request: &AuthorizationRequest) -> Result<(), Fault> {
    match serde_json::to_vec(request) {
        Ok(json) if json.len() <= MAX_SEALED_BYTES => Ok(()),
        _ => Err(invalid("the request is too long: shorten state, nonce or redirect_uri")),
    }
}

/// A value that is kept while the user signs in.
fn kept(params: &Params, name: &'static str) -> Result<Option<String>, Fault> {
    match value(params, name) {
        Some(text) if text.len() > MAX_VALUE_BYTES => Err(invalid(format!("{name} is longer than 2,000 bytes"))),
        other => Ok(other.map(str::to_owned)),
    }
}

/// The value of a parameter that is known to be sent once at most; an empty one counts as not sent.
fn value<'a>(params: &'a Params, name: &'static str) -> Option<&'a str> {
    params.first(name).filter(|v| !v.is_empty())
}

fn invalid(description: impl Into<String>) -> Fault {
    ("invalid_request", description.into())
}
