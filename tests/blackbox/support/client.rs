//! A relying party: what `app create --json` printed, and the requests it makes.

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::Value;

use super::browser::{Browser, url};
use super::http::{Answer, Http, basic};

pub const AUTHORIZE: &str = "/application/o/authorize/";
pub const TOKEN: &str = "/application/o/token/";
pub const USERINFO: &str = "/application/o/userinfo/";
pub const INTROSPECT: &str = "/application/o/introspect/";
pub const REVOKE: &str = "/application/o/revoke/";
pub const DEVICE: &str = "/application/o/device/";

/// A registered application.
#[derive(Debug, Clone)]
pub struct App {
    pub slug: String,
    pub id: String,
    /// Empty for a public client.
    pub secret: String,
    pub redirect: String,
    pub issuer: String,
}

/// The answer of the token endpoint.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: String,
    pub id: Option<String>,
    pub refresh: Option<String>,
    pub json: Value,
}

impl Tokens {
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let json = answer.json();
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        Self {
            access: text("access_token").expect("access_token"),
            id: text("id_token"),
            refresh: text("refresh_token"),
            json,
        }
    }

    /// The claims of the ID token, unverified.
    #[track_caller]
    pub fn id_claims(&self) -> Value {
        claims(self.id.as_deref().expect("an ID token"))
    }
}

/// The payload of a JWT, unverified.
pub fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

/// The header of a JWT.
pub fn header(jwt: &str) -> Value {
    let header = jwt.split('.').next().expect("a JWT");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON")
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
pub fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

impl App {
    pub fn from_json(text: &str) -> Self {
        let json: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        let field = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Self {
            slug: field("slug"),
            id: field("client_id"),
            secret: field("client_secret"),
            redirect: field("redirect_url"),
            issuer: field("issuer"),
        }
    }

    pub fn basic(&self) -> String {
        basic(&self.id, &self.secret)
    }

    /// An authorization URL with the usual parameters, and more.
    pub fn authorize_url(&self, more: &[(&str, &str)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", self.redirect.as_str()),
            ("scope", "openid profile email"),
            ("state", "the-state"),
        ];
        let mut fields: Vec<(&str, &str)> =
            usual.into_iter().filter(|(n, _)| !more.iter().any(|(m, _)| m == n)).collect();
        fields.extend(more);
        url(AUTHORIZE, &fields)
    }

    /// A code for the user who is signed in.
    #[track_caller]
    pub fn code(&self, browser: &mut Browser, more: &[(&str, &str)]) -> String {
        let answer = browser.open(&self.authorize_url(more));
        answer.location_param("code").unwrap_or_else(|| panic!("no code: {answer:?}"))
    }

    /// Redeems a code with client_secret_post, as the client would.
    pub fn redeem(&self, http: &Http, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect.as_str()),
            ("client_id", self.id.as_str()),
        ];
        if !self.secret.is_empty() {
            fields.push(("client_secret", self.secret.as_str()));
        }
        fields.retain(|(n, _)| !more.iter().any(|(m, _)| m == n));
        fields.extend(more);
        http.post(TOKEN, &fields)
    }

    /// Tokens for the user who is signed in.
    #[track_caller]
    pub fn tokens(&self, browser: &mut Browser, scope: &str) -> Tokens {
        let code = self.code(browser, &[("scope", scope)]);
        Tokens::of(&self.redeem(&browser.http, &code, &[]))
    }

    pub fn refresh(&self, http: &Http, token: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields =
            vec![("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", self.id.as_str())];
        if !self.secret.is_empty() {
            fields.push(("client_secret", self.secret.as_str()));
        }
        fields.extend(more);
        http.post(TOKEN, &fields)
    }

    pub fn userinfo(&self, http: &Http, access_token: &str) -> Answer {
        http.get_with(USERINFO, &[("Authorization", &format!("Bearer {access_token}"))])
    }

    pub fn introspect(&self, http: &Http, token: &str) -> Answer {
        http.post_with(INTROSPECT, &[("Authorization", &self.basic())], &[("token", token)])
    }
}
