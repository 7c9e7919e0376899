//! What a JWT must say by which a client authenticates (RFC 7523 section 3, OpenID Connect Core section 9). That its
//! signature is right was found out before.

use serde_json::{Map, Value};

use super::UnixSeconds;

/// The only kind of assertion there is (RFC 7523 section 2.2).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far ahead an assertion may expire, and how long ago it may have been made: until then its id is remembered.
const LONGEST: UnixSeconds = 3_600;
/// How far a client's clock may be ahead of ours.
const SKEW: UnixSeconds = 30;

/// An assertion that says what it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    pub jti: String,
    pub expires_at: UnixSeconds,
}

/// Why an assertion was refused: for the events, never for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAssertion {
    #[error("the assertion's iss and sub are not both the client id")]
    NotTheClient,
    #[error("the assertion is for somebody else (aud)")]
    Audience,
    #[error("the assertion has no time of expiry (exp)")]
    NoExpiry,
    #[error("the assertion has expired")]
    Expired,
    #[error("the assertion expires more than an hour from now")]
    TooLong,
    #[error("the assertion is not valid yet (nbf or iat): is the client's clock right?")]
    NotYet,
    #[error("the assertion was made more than an hour ago (iat)")]
    TooOld,
    #[error("the assertion has no id (jti), and so could be played again")]
    NoId,
}

/// Checks the claims. `audiences` are our own names: every one that the assertion has must be among them, or it could be
/// meant for another server and be played here.
pub fn check(
    claims: &Map<String, Value>,
    client_id: &str,
    audiences: &[&str],
    now: UnixSeconds,
) -> Result<Assertion, BadAssertion> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(client_id) || text("sub") != Some(client_id) {
        return Err(BadAssertion::NotTheClient);
    }
    let is_ours = |value: &Value| value.as_str().is_some_and(|aud| audiences.contains(&aud));
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(is_ours),
        Some(one) => is_ours(one),
        None => false,
    };
    if !is_for_us {
        return Err(BadAssertion::Audience);
    }
    let expires_at = time(claims, "exp").and_then(Result::ok).ok_or(BadAssertion::NoExpiry)?;
    if expires_at <= now {
        return Err(BadAssertion::Expired);
    }
    if expires_at > now + LONGEST + SKEW {
        return Err(BadAssertion::TooLong);
    }
    for name in ["nbf", "iat"] {
        match time(claims, name) {
            Some(Ok(at)) if at <= now + SKEW => {}
            None => {}
            Some(_) => return Err(BadAssertion::NotYet),
        }
    }
    if let Some(Ok(at)) = time(claims, "iat")
        && at < now - LONGEST - SKEW
    {
        return Err(BadAssertion::TooOld);
    }
    let jti = text("jti").filter(|jti| !jti.is_empty()).ok_or(BadAssertion::NoId)?.to_owned();
    Ok(Assertion { jti, expires_at })
}

/// A time that is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoNumber;

/// A NumericDate (RFC 7519 section 2), which may have a fraction. `None` when it is absent.
pub fn time(claims: &Map<String, Value>, name: &str) -> Option<Result<UnixSeconds, NoNumber>> {
    let value = claims.get(name)?;
    // Beyond what a whole number holds, the conversion gives the largest one.
    Some(value.as_i64().or_else(|| value.as_f64().map(|t| t.floor() as i64)).ok_or(NoNumber))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: UnixSeconds = 1_800_000_000;
    const ISSUER: &str = "https://id.example/application/o/app/";
    const TOKEN: &str = "https://id.example/application/o/token/";

    fn good() -> Value {
        json!({ "iss": "app", "sub": "app", "aud": ISSUER, "exp": NOW + 60, "iat": NOW, "nbf": NOW, "jti": "1" })
    }

    fn checked(claims: Value) -> Result<Assertion, BadAssertion> {
        check(claims.as_object().unwrap(), "app", &[ISSUER, TOKEN], NOW)
    }

    fn with(name: &str, value: Value) -> Result<Assertion, BadAssertion> {
        let mut claims = good();
        claims[name] = value;
        checked(claims)
    }

    fn without(name: &str) -> Result<Assertion, BadAssertion> {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        checked(claims)
    }

    #[test]
    fn what_says_all_that_it_must_passes() {
        let passed = Ok(Assertion { jti: "1".into(), expires_at: NOW + 60 });
        assert_eq!(checked(good()), passed);
        assert_eq!(without("iat"), passed);
        assert_eq!(without("nbf"), passed);
        for aud in [json!(TOKEN), json!([ISSUER]), json!([TOKEN]), json!([ISSUER, TOKEN])] {
            assert_eq!(with("aud", aud.clone()), passed, "{aud}");
        }
        assert_eq!(with("exp", json!(NOW as f64 + 60.7)), passed);
        assert_eq!(with("iat", json!(NOW + 20)), passed, "a clock that is a little ahead");
        assert_eq!(with("exp", json!(NOW + 3_600)).unwrap().expires_at, NOW + 3_600);
    }

    #[test]
    fn what_lacks_a_thing_or_says_another_is_refused_for_that() {
        for name in ["iss", "sub"] {
            assert_eq!(without(name), Err(BadAssertion::NotTheClient));
            for other in [json!("other"), json!(""), json!(["app"]), json!("App"), json!(null)] {
                assert_eq!(with(name, other), Err(BadAssertion::NotTheClient), "{name}");
            }
        }
        assert_eq!(without("aud"), Err(BadAssertion::Audience));
        let foreign = [
            json!("https://evil.example/"),
            json!([ISSUER, "https://evil.example/"]),
            json!([]),
            json!([[ISSUER]]),
            json!(ISSUER.trim_end_matches('/')),
            json!(null),
        ];
        for aud in foreign {
            assert_eq!(with("aud", aud.clone()), Err(BadAssertion::Audience), "{aud}");
        }
        assert_eq!(without("exp"), Err(BadAssertion::NoExpiry));
        assert_eq!(with("exp", json!("1900000000")), Err(BadAssertion::NoExpiry));
        assert_eq!(with("exp", json!(NOW)), Err(BadAssertion::Expired));
        assert_eq!(with("exp", json!(NOW + 3_631)), Err(BadAssertion::TooLong));
        assert_eq!(with("exp", json!(1e300)), Err(BadAssertion::TooLong));
        for name in ["iat", "nbf"] {
            assert_eq!(with(name, json!(NOW + 31)), Err(BadAssertion::NotYet));
            assert_eq!(with(name, json!("now")), Err(BadAssertion::NotYet));
        }
        assert_eq!(with("iat", json!(NOW - 3_631)), Err(BadAssertion::TooOld));
        assert_eq!(without("jti"), Err(BadAssertion::NoId));
        assert_eq!(with("jti", json!("")), Err(BadAssertion::NoId));
        assert_eq!(with("jti", json!(7)), Err(BadAssertion::NoId));
    }
}
