//! Passkeys (Web Authentication level 3): a thin layer over webauthn-rs. A passkey checks its user (by PIN, finger or
//! face), is found without a name, and works under one host name, its RP ID.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    CreationChallengeResponse, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, RequestChallengeResponse, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::domain::base_url::BaseUrl;
use crate::domain::passkey_place::RpId;
use crate::error::Internal;

/// Makes and checks the ceremonies of one RP ID.
pub struct Passkeys {
    webauthn: Webauthn,
    rp_id: String,
}

/// What is kept between the two halves of a ceremony. It holds the challenge, so that it must count once.
pub type Registration = PasskeyRegistration;
pub type Authentication = DiscoverableAuthentication;

/// What the browser is asked to do, as JSON for the script of our pages.
pub type Options = String;

/// A passkey that was made.
#[derive(Debug)]
pub struct Made {
    pub credential_id: Vec<u8>,
    /// What is kept of it, as JSON.
    pub credential: String,
    /// How often it was used, as it says; 0 by those that do not count.
    pub counter: u32,
    /// Whether it may be on several devices: backup eligible.
    pub is_synced: bool,
}

/// A passkey that was used.
#[derive(Debug)]
pub struct Proven {
    /// What is kept of it from now on.
    pub credential: String,
    pub counter: u32,
    pub is_synced: bool,
}

/// Why an answer of an authenticator was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Its counter did not move on: there may be two of it. Section 6.1.1.
    #[error("the counter of the passkey did not move on")]
    Cloned,
    #[error("{0}")]
    Other(&'static str),
}

impl From<WebauthnError> for Refused {
    fn from(error: WebauthnError) -> Self {
        use WebauthnError as E;
        Self::Other(match error {
            E::CredentialPossibleCompromise => return Self::Cloned,
            E::UserNotVerified => "the passkey did not check its user",
            E::UserNotPresent => "the passkey was not touched",
            E::InvalidRPOrigin => "the passkey answered to another origin",
            E::InvalidRPIDHash => "the passkey is another host's",
            E::MismatchedChallenge => "the passkey answered another challenge",
            E::AuthenticationFailure => "the signature of the passkey is wrong",
            E::CredentialNotFound => "the passkey is another one",
            error => {
                tracing::debug!(%error, "the answer of an authenticator was not taken");
                "the answer of the passkey is wrong"
            }
        })
    }
}

/// What an authenticator answered to a request to sign in.
pub struct Assertion(PublicKeyCredential);

impl Assertion {
    /// Reads what our script sent. `None` when it is no such answer.
    pub fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }

    pub fn credential_id(&self) -> &[u8] {
        self.0.get_credential_id()
    }

    /// Whether a frame of ours in somebody else's page asked: we show none. Web Authentication level 3, section 7.2 steps 13
    /// and 14. The library looks at this for new passkeys only.
    fn is_from_another_page(&self) -> bool {
        let client: Value = serde_json::from_slice(&self.0.response.client_data_json).unwrap_or_default();
        client["crossOrigin"] == true || !client["topOrigin"].is_null()
    }

    /// The user whom it names, by uuid. Authenticators may leave the name away when they were asked for certain passkeys.
    pub fn user(&self) -> Option<Uuid> {
        self.0.get_user_unique_id().and_then(|handle| Uuid::from_slice(handle).ok())
    }
}

impl Passkeys {
    /// For the host of the base URL, or the one that is named, with more origins than the base URL's. `None` where browsers
    /// know no passkeys: on an address without a name, and over http.
    pub fn new(base: &BaseUrl, named: Option<&RpId>, related: &[BaseUrl]) -> Option<Self> {
        let origin = Url::parse(base.as_str()).ok()?;
        let is_secure = base.is_https() || base.is_loopback();
        let host = origin.domain().filter(|_| is_secure)?;
        let rp_id = named.map_or(host, RpId::as_str).to_owned();
        // The builder wants an origin of the RP ID's. Where the base URL is none of those, that host's own has to do.
        let first = match named.is_none_or(|id| id.covers(host)) {
            true => origin.clone(),
            false => Url::parse(&format!("https://{rp_id}")).ok()?,
        };
        let related = related.iter().filter_map(|origin| Url::parse(origin.as_str()).ok());
        let builder = WebauthnBuilder::new(&rp_id, &first).ok()?;
        let all = std::iter::once(origin).chain(related);
        let builder = all.fold(builder, |builder, origin| builder.append_allowed_origin(&origin));
        Some(Self { webauthn: builder.build().ok()?, rp_id })
    }

    /// The host name that passkeys made here work under.
    pub fn rp_id(&self) -> &str {
        &self.rp_id
    }

    /// Asks for a new passkey of a user, on an authenticator that has none of these yet.
    pub fn start_registration(
        &self,
        user: (Uuid, &str, &str),
        site: &str,
        have: Vec<Vec<u8>>,
    ) -> Result<(Options, Registration), Internal> {
        let (uuid, username, name) = user;
        let started = self.webauthn.start_passkey_registration(uuid, username, name, None);
        let (options, state) = started.map_err(Internal::fault)?;
        Ok((creation(options, site, have)?, state))
    }

    pub fn finish_registration(&self, answer: &str, state: &Registration) -> Result<Made, Refused> {
        let answer: RegisterPublicKeyCredential =
            serde_json::from_str(answer).map_err(|_| Refused::Other("what was sent is no answer of a passkey"))?;
        let made = self.webauthn.finish_passkey_registration(&answer, state)?;
        let (credential, is_synced, counter) = written(&made)?;
        Ok(Made { credential_id: made.cred_id().to_vec(), credential, counter, is_synced })
    }

    /// Asks for a passkey: any, or one of these.
    pub fn start_authentication(&self, among: Vec<Vec<u8>>) -> Result<(Options, Authentication), Internal> {
        let (mut options, state) = self.webauthn.start_discoverable_authentication().map_err(Internal::fault)?;
        // The page says by itself how it asks.
        options.mediation = None;
        Ok((request(&options, among)?, state))
    }

    /// Checks an answer with what is kept of the passkey.
    pub fn finish_authentication(
        &self,
        answer: &Assertion,
        state: Authentication,
        credential: &str,
    ) -> Result<Proven, Refused> {
        let mut passkey: Passkey =
            serde_json::from_str(credential).map_err(|_| Refused::Other("what is kept of the passkey is damaged"))?;
        if answer.is_from_another_page() {
            return Err(Refused::Other("the passkey was asked for by a page of another origin that showed ours"));
        }
        let result = self.webauthn.finish_discoverable_authentication_v2(&answer.0, state, &passkey)?;
        passkey.update_credential(&result);
        let (credential, is_synced, _) = written(&passkey)?;
        Ok(Proven { credential, counter: result.counter(), is_synced })
    }
}

/// What is kept of a passkey, whether it may be on several devices, and its counter.
fn written(passkey: &Passkey) -> Result<(String, bool, u32), Refused> {
    let value = serde_json::to_value(passkey).map_err(|_| Refused::Other("the passkey cannot be kept"))?;
    let is_synced = value["cred"]["backup_eligible"].as_bool().unwrap_or_default();
    let counter = value["cred"]["counter"].as_u64().and_then(|n| n.try_into().ok()).unwrap_or_default();
    Ok((value.to_string(), is_synced, counter))
}

/// The options for `navigator.credentials.create()`. webauthn-rs discourages discoverable credentials; ours have to be.
fn creation(options: CreationChallengeResponse, site: &str, have: Vec<Vec<u8>>) -> Result<Options, Internal> {
    let mut value = serde_json::to_value(options).map_err(Internal::fault)?;
    let options = &mut value["publicKey"];
    options["rp"]["name"] = json!(site);
    options["excludeCredentials"] = descriptors(have);
    options["authenticatorSelection"] =
        json!({ "residentKey": "required", "requireResidentKey": true, "userVerification": "required" });
    Ok(value["publicKey"].to_string())
}

/// The options for `navigator.credentials.get()`.
fn request(options: &RequestChallengeResponse, among: Vec<Vec<u8>>) -> Result<Options, Internal> {
    let mut value = serde_json::to_value(options).map_err(Internal::fault)?;
    value["publicKey"]["allowCredentials"] = descriptors(among);
    Ok(value["publicKey"].to_string())
}

fn descriptors(ids: Vec<Vec<u8>>) -> Value {
    ids.into_iter().map(|id| json!({ "type": "public-key", "id": BASE64_URL_SAFE_NO_PAD.encode(id) })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(base: &str) -> Option<Passkeys> {
        Passkeys::new(&BaseUrl::parse(base).expect(base), None, &[])
    }

    #[test]
    fn the_rp_id_is_the_host_and_only_where_browsers_know_passkeys() {
        for (base, rp_id) in [
            ("https://auth.home.example", Some("auth.home.example")),
            ("https://auth.home.example:8443", Some("auth.home.example")),
            ("http://localhost:8410", Some("localhost")),
            ("http://auth.home.example", None),
            ("http://127.0.0.1:8410", None),
            ("https://192.168.1.5", None),
            ("https://[::1]", None),
        ] {
            assert_eq!(of(base).as_ref().map(Passkeys::rp_id), rp_id, "{base}");
        }
    }

    #[test]
    fn the_rp_id_may_be_another_host_that_passkeys_were_made_for() {
        let base = BaseUrl::parse("https://auth.home.example").expect("a URL");
        for (named, first) in [("home.example", "https://auth.home.example/"), ("old.example", "https://old.example/")]
        {
            let id = RpId::parse(named).expect(named);
            let related = [BaseUrl::parse("https://company.example").expect("a URL")];
            let passkeys = Passkeys::new(&base, Some(&id), &related).expect("passkeys");
            let origins: Vec<_> = passkeys.webauthn.get_allowed_origins().iter().map(Url::as_str).collect();
            assert_eq!(passkeys.rp_id(), named);
            assert_eq!(origins, [first, "https://auth.home.example/", "https://company.example/"]);
        }
    }

    #[test]
    fn what_is_asked_for_checks_its_user_and_is_found_without_a_name() {
        let passkeys = of("https://auth.home.example").expect("passkeys");
        let user = (Uuid::from_bytes([7; 16]), "alice", "Alice");
        let (options, _) = passkeys.start_registration(user, "Home", vec![vec![1, 2, 3]]).expect("options");
        let options: Value = serde_json::from_str(&options).expect("JSON");
        assert_eq!(options["rp"], json!({ "id": "auth.home.example", "name": "Home" }));
        assert_eq!(options["user"]["id"], "BwcHBwcHBwcHBwcHBwcHBw");
        let selection = &options["authenticatorSelection"];
        assert_eq!(
            (&selection["residentKey"], &selection["userVerification"]),
            (&json!("required"), &json!("required"))
        );
        assert_eq!(options["excludeCredentials"], json!([{ "type": "public-key", "id": "AQID" }]));
        let (options, _) = passkeys.start_authentication(Vec::new()).expect("options");
        let options: Value = serde_json::from_str(&options).expect("JSON");
        assert_eq!(options["userVerification"], "required");
        assert_eq!((&options["rpId"], &options["allowCredentials"]), (&json!("auth.home.example"), &json!([])));
        let (other, _) = passkeys.start_authentication(vec![vec![4]]).expect("options");
        let other: Value = serde_json::from_str(&other).expect("JSON");
        assert_ne!(options["challenge"], other["challenge"]);
        assert_eq!(other["allowCredentials"], json!([{ "type": "public-key", "id": "BA" }]));
    }

    #[test]
    fn nonsense_is_no_answer() {
        let passkeys = of("http://localhost:8410").expect("passkeys");
        let (_, state) =
            passkeys.start_registration((Uuid::nil(), "alice", "Alice"), "Home", Vec::new()).expect("options");
        for nonsense in ["", "{}", "[]", "nonsense", r#"{"id":"","rawId":"","type":"public-key","response":{}}"#] {
            assert!(passkeys.finish_registration(nonsense, &state).is_err());
            assert!(Assertion::parse(nonsense).is_none(), "{nonsense}");
        }
    }
}
