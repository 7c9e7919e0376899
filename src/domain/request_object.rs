//! Request objects (RFC 9101, OpenID Connect Core section 6): what one must say, and the request that it makes together
//! with the parameters beside it. That its signature is right was found out before.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::UnixSeconds;
use super::assertion::time;
use crate::http::Params;

/// Of the token, not of the request.
const OF_THE_TOKEN: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
/// How far a client's clock may be ahead of ours.
const SKEW: UnixSeconds = 30;

/// Why a request object was refused. The client is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadObject {
    #[error("the request object is not from this client (iss)")]
    Issuer,
    #[error("the request object is for another server (aud)")]
    Audience,
    #[error("the request object has expired")]
    Expired,
    #[error("the request object is not valid yet")]
    NotYet,
    #[error("the request object has the client as its subject (sub)")]
    Subject,
    #[error("a request object must not hold {0}")]
    Nested(&'static str),
    #[error("the request object holds a {0} that is neither text nor a number")]
    Shape(String),
    #[error("the request object names another client than the parameter client_id")]
    OtherClient,
    #[error("the request object names no client (client_id or iss)")]
    NoClient,
    #[error("a parameter beside the request object was sent more than once")]
    Twice,
    #[error("the parameter response_type is not that of the request object")]
    ResponseType,
    #[error("the parameter scope must hold openid beside the request object")]
    Scope,
}

impl BadObject {
    /// RFC 9101 section 7, and for what is wrong outside of the object RFC 6749 section 4.1.2.1.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherClient | Self::Twice | Self::ResponseType | Self::Scope => "invalid_request",
            _ => "invalid_request_object",
        }
    }
}

/// The request that an object makes.
///
/// With a `response_type` beside the object it is OpenID Connect's: all parameters count, those inside before those
/// outside, and what OAuth itself needs must stand outside too (Core section 6.1). Without one it is that of RFC 9101,
/// whose section 6.3 lets nothing count but what is inside.
pub fn merged(
    outside: &Params,
    claims: &Map<String, Value>,
    client_id: &str,
    issuer: &str,
    now: UnixSeconds,
) -> Result<Params, BadObject> {
    check(claims, client_id, issuer, now)?;
    let mut seen = HashSet::new();
    // RFC 6749 section 3.1: also what the object would hide.
    if outside.iter().any(|(name, _)| !seen.insert(name)) {
        return Err(BadObject::Twice);
    }
    let mut inside = Params::default();
    for (name, value) in claims.iter().filter(|(name, _)| !OF_THE_TOKEN.contains(&name.as_str())) {
        if let Some(text) = text(name, value)? {
            inside.push(name, text);
        }
    }
    if inside.first("client_id").is_some_and(|id| id != client_id) {
        return Err(BadObject::OtherClient);
    }
    let names_client = inside.has("client_id") || claims.contains_key("iss");
    inside.set("client_id", client_id);
    let outer_type = outside.first("response_type").filter(|t| !t.is_empty());
    let Some(outer_type) = outer_type else {
        // RFC 9101 section 5: else the object of one client would pass for another's that has the same keys.
        return if names_client { Ok(inside) } else { Err(BadObject::NoClient) };
    };
    if inside.first("response_type").is_some_and(|inner| !is_same_set(inner, outer_type)) {
        return Err(BadObject::ResponseType);
    }
    let has_openid = |of: &Params| of.first("scope").is_some_and(|s| s.split(' ').any(|word| word == "openid"));
    if has_openid(&inside) && !has_openid(outside) {
        return Err(BadObject::Scope);
    }
    let names: Vec<&str> = inside.iter().map(|(name, _)| name).chain(["request", "request_uri"]).collect();
    let mut all = outside.without(&names);
    all.append(inside.clone());
    Ok(all)
}

/// RFC 9101 sections 4, 6.3 and 10.8, Core section 6.1.
fn check(claims: &Map<String, Value>, client_id: &str, issuer: &str, now: UnixSeconds) -> Result<(), BadObject> {
    let names_us = |value: &Value| value.as_str() == Some(issuer);
    if claims.get("iss").is_some_and(|iss| iss.as_str() != Some(client_id)) {
        return Err(BadObject::Issuer);
    }
    // So that no object passes for an assertion, nor an assertion for an object.
    if claims.get("sub").is_some_and(|sub| sub.as_str() == Some(client_id)) {
        return Err(BadObject::Subject);
    }
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(names_us),
        Some(one) => names_us(one),
        None => true,
    };
    if !is_for_us {
        return Err(BadObject::Audience);
    }
    match time(claims, "exp") {
        Some(Ok(at)) if at > now => {}
        None => {}
        Some(_) => return Err(BadObject::Expired),
    }
    for name in ["nbf", "iat"] {
        match time(claims, name) {
            Some(Ok(at)) if at <= now + SKEW => {}
            None => {}
            Some(_) => return Err(BadObject::NotYet),
        }
    }
    match ["request", "request_uri"].into_iter().find(|name| claims.contains_key(*name)) {
        Some(name) => Err(BadObject::Nested(name)),
        None => Ok(()),
    }
}

/// A member as a parameter. `claims` is an object here (Core section 6.1), where a parameter holds it as text.
fn text(name: &str, value: &Value) -> Result<Option<String>, BadObject> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Number(_) | Value::Bool(_) => Ok(Some(value.to_string())),
        Value::Object(_) if name == "claims" || name == "registration" => Ok(Some(value.to_string())),
        Value::Object(_) | Value::Array(_) => Err(BadObject::Shape(plain(name))),
    }
}

/// A name as an error description may hold it (RFC 6749 section 4.1.2.1).
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect()
}

/// The order of the words of a response type does not matter.
fn is_same_set(one: &str, other: &str) -> bool {
    let sorted = |text: &str| {
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        words.sort();
        words
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: UnixSeconds = 1_800_000_000;
    const ISSUER: &str = "https://id.example/application/o/app/";

    fn make(outside: &str, claims: &Value) -> Result<Params, BadObject> {
        merged(&Params::parse(outside.as_bytes()), claims.as_object().unwrap(), "app", ISSUER, NOW)
    }

    const CORE: &str = "client_id=app&response_type=code&scope=openid&state=out&nonce=out&request=x";

    #[test]
    fn with_a_response_type_outside_both_count_and_the_inside_goes_first() {
        let claims = json!({ "iss": "app", "aud": ISSUER, "exp": NOW + 1, "state": "in", "max_age": 5,
                             "claims": { "userinfo": { "email": null } }, "redirect_uri": "https://in/" });
        let params = make(CORE, &claims).unwrap();
        for (name, value) in [
            ("client_id", "app"),
            ("state", "in"),
            ("nonce", "out"),
            ("scope", "openid"),
            ("max_age", "5"),
            ("redirect_uri", "https://in/"),
            ("claims", r#"{"userinfo":{"email":null}}"#),
        ] {
            assert_eq!(params.one(name), Ok(Some(value)), "{name}");
        }
        for gone in ["request", "request_uri", "iss", "aud", "exp"] {
            assert!(!params.has(gone), "{gone}");
        }
    }

    #[test]
    fn without_one_nothing_counts_but_the_inside() {
        let claims = json!({ "response_type": "code", "scope": "openid", "client_id": "app" });
        let params = make("client_id=app&state=out&redirect_uri=https://out/&request=x", &claims).unwrap();
        assert_eq!(params.one("response_type"), Ok(Some("code")));
        assert!(!params.has("state") && !params.has("redirect_uri"), "RFC 9101 section 6.3");
    }

    #[test]
    fn an_object_from_or_for_somebody_else_or_of_another_time_is_refused() {
        for (claims, bad) in [
            (json!({ "iss": "other" }), BadObject::Issuer),
            (json!({ "iss": ["app"] }), BadObject::Issuer),
            (json!({ "aud": "https://evil/" }), BadObject::Audience),
            (json!({ "aud": [] }), BadObject::Audience),
            (json!({ "sub": "app" }), BadObject::Subject),
            (json!({ "exp": NOW }), BadObject::Expired),
            (json!({ "exp": "soon" }), BadObject::Expired),
            (json!({ "nbf": NOW + 31 }), BadObject::NotYet),
            (json!({ "iat": NOW + 31 }), BadObject::NotYet),
            (json!({ "request": "x" }), BadObject::Nested("request")),
            (json!({ "request_uri": null }), BadObject::Nested("request_uri")),
            (json!({ "state": ["x"] }), BadObject::Shape("state".into())),
            (json!({ "st\"ate": {} }), BadObject::Shape("state".into())),
            (json!({ "client_id": "other" }), BadObject::OtherClient),
            (json!({ "response_type": "id_token" }), BadObject::ResponseType),
        ] {
            assert_eq!(make(CORE, &claims), Err(bad.clone()), "{claims}");
        }
        assert!(make(CORE, &json!({ "aud": ["https://else/", ISSUER], "nbf": NOW, "iat": NOW })).is_ok());
        let bare = "client_id=app&response_type=code&request=x";
        assert_eq!(make(bare, &json!({ "scope": "openid" })), Err(BadObject::Scope), "Core section 6.1");
        assert!(make(bare, &json!({ "scope": "email" })).is_ok());
        assert!(make("client_id=app&response_type=code+token", &json!({ "response_type": "token code" })).is_ok());
        assert_eq!(BadObject::Scope.code(), "invalid_request");
        assert_eq!(BadObject::Expired.code(), "invalid_request_object");
    }
}
