//! The fields of applications and providers, wherever they are made or changed.

use super::super::form::Choice;

/// What the fields of a provider need besides what stands in them.
#[derive(Debug)]
pub struct ProviderFields {
    /// The name of the field for the provider's name: in the wizard the application has a name too.
    pub name: &'static str,
    /// The keys and algorithms that can sign.
    pub keys: Vec<Choice>,
    pub uris: Vec<UriRow>,
    /// Whether a client ID and secret can be given: not any more once the provider is there.
    pub is_new: bool,
    pub service_accounts: Vec<Choice>,
}

/// One redirect URI as it stands in the form.
#[derive(Debug, Clone)]
pub struct UriRow {
    /// From 0; the field is called after it where problems are told.
    pub index: usize,
    pub uri: String,
    pub matching: String,
    pub purpose: String,
    pub wrong: Option<String>,
}

/// One binding as it stands in the form.
#[derive(Debug, Clone)]
pub struct BindingRow {
    pub index: usize,
    pub kind: String,
    pub name: String,
    pub order: String,
    pub enabled: bool,
    pub negate: bool,
    pub wrong: Option<String>,
}

impl UriRow {
    /// Which comparisons and purposes there are, the chosen one first told.
    pub fn is_matching(&self, value: &str) -> bool {
        self.matching == value
    }

    pub fn is_purpose(&self, value: &str) -> bool {
        self.purpose == value
    }
}

/// The words of a field, each with the key of what it is called; the first stands for nothing chosen.
pub type ChoiceWords = &'static [(&'static str, &'static str)];

pub const MODES: ChoiceWords = &[("any", "application-mode-any"), ("all", "application-mode-all")];
pub const FLOWS: ChoiceWords = &[("implicit", "provider-flow-implicit"), ("explicit", "provider-flow-explicit")];
pub const CLIENT_TYPES: ChoiceWords = &[("confidential", "provider-confidential"), ("public", "provider-public")];
pub const SUBJECT_MODES: ChoiceWords = &[
    ("hashed_user_id", "provider-subject-hashed"),
    ("user_id", "provider-subject-id"),
    ("user_uuid", "provider-subject-uuid"),
    ("user_username", "provider-subject-username"),
    ("user_email", "provider-subject-email"),
];
pub const PKCE: ChoiceWords = &[("optional", "provider-pkce-optional"), ("required", "provider-pkce-required")];
pub const RESPONSE_TYPES: ChoiceWords =
    &[("code", "provider-types-code"), ("hybrid", "provider-types-hybrid"), ("all", "provider-types-all")];
pub const CLAIMS: ChoiceWords = &[("on", "provider-claims-on"), ("off", "provider-claims-off")];
pub const USERINFO: ChoiceWords = &[("off", "provider-userinfo-plain"), ("on", "provider-userinfo-signed")];
pub const SIGN_OUT: ChoiceWords =
    &[("everything", "provider-sign-out-everything"), ("application", "provider-sign-out-application")];
pub const CLIENT_CREDENTIALS: ChoiceWords =
    &[("off", "provider-client-credentials-off"), ("on", "provider-client-credentials-on")];
pub const DEVICE_FLOW: ChoiceWords = &[("off", "provider-device-flow-off"), ("on", "provider-device-flow-on")];
pub const CLIENT_AUTH: ChoiceWords = &[
    ("secret", "provider-auth-secret"),
    ("client_secret_jwt", "provider-auth-secret-jwt"),
    ("private_key_jwt", "provider-auth-private-key"),
];
pub const REQUEST_OBJECTS: ChoiceWords =
    &[("off", "provider-objects-off"), ("signed", "provider-objects-signed"), ("any", "provider-objects-any")];
pub const REQUIRE_PAR: ChoiceWords = &[("off", "provider-par-optional"), ("on", "provider-par-required")];
/// The fields of how long things last, each with the key of its label.
pub const VALIDITIES: ChoiceWords = &[
    ("code_validity", "provider-code-validity"),
    ("access_token_validity", "provider-access-validity"),
    ("refresh_token_validity", "provider-refresh-validity"),
    ("refresh_token_maximum", "provider-refresh-maximum"),
    ("consent_validity", "provider-consent-validity"),
];

/// The fields in each fold, which opens by itself when something in it is wrong.
pub const ADVANCED: [&str; 11] = [
    "scope",
    "subject_mode",
    "pkce",
    "response_types",
    "claims_in_id_token",
    "sign_userinfo",
    "code_validity",
    "access_token_validity",
    "refresh_token_validity",
    "refresh_token_maximum",
    "consent_validity",
];
pub const SIGNING_OUT: [&str; 3] = ["sign_out_ends", "backchannel_logout_uri", "frontchannel_logout_uri"];
pub const DEVICES_AND_PROGRAMS: [&str; 3] = ["device_flow", "client_credentials", "service_account"];
pub const KEYS_AND_REQUESTS: [&str; 6] =
    ["client_auth", "jwks", "jwks_uri", "request_objects", "request_uris", "require_par"];
