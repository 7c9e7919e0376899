//! The options that describe a provider, shared by `app` and `provider`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::CliError;
use crate::crypto::jwt::MOST_JWKS;
use crate::domain::preset::Preset;
use crate::http::Params;

#[derive(Debug, Default, Args)]
pub struct Options {
    /// An address the application may be answered at, compared byte for byte; may be given several times
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// An origin and a regular expression for the path and query; may be given several times
    #[arg(long = "redirect-regex", value_name = "RE")]
    redirect_regexes: Vec<String>,
    /// An address to return to after sign-out; may be given several times
    #[arg(long = "post-logout-uri", value_name = "URI")]
    post_logout_uris: Vec<String>,
    /// A client without a secret, such as a mobile app: PKCE is required
    #[arg(long)]
    public: bool,
    /// Whether users are asked before anything is shared: implicit (not asked) or explicit
    #[arg(long, value_name = "FLOW")]
    consent: Option<String>,
    /// How long an explicit consent is remembered (s, m, h or d) [default: 28d]
    #[arg(long, value_name = "DURATION")]
    consent_validity: Option<String>,
    /// The key that signs: a key id of `latchkey key list`, an algorithm, or HS256 for ID tokens by the client secret
    /// [default: RS256]
    #[arg(long, value_name = "KID|ALG", allow_hyphen_values = true)]
    signing_key: Option<String>,
    /// A scope that may be asked for; may be given several times [default: openid email profile]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// What `sub` is made of: hashed_user_id, user_id, user_uuid, user_username or user_email
    #[arg(long, value_name = "MODE")]
    subject_mode: Option<String>,
    /// Proof Key for Code Exchange: optional or required (always required for public clients)
    #[arg(long, value_name = "POLICY")]
    pkce: Option<String>,
    /// What may come from the authorization endpoint: code, hybrid (tokens beside it) or all (the implicit flow too)
    /// [default: code]
    #[arg(long, value_name = "TYPES")]
    response_types: Option<String>,
    /// How long a code works [default: 60s]
    #[arg(long, value_name = "DURATION")]
    code_validity: Option<String>,
    /// How long access and ID tokens are valid [default: 1h]
    #[arg(long, value_name = "DURATION")]
    access_token_validity: Option<String>,
    /// How long a refresh token lasts without use [default: 30d]
    #[arg(long, value_name = "DURATION")]
    refresh_token_validity: Option<String>,
    /// How long refreshing may go on after one sign-in [default: 90d]
    #[arg(long, value_name = "DURATION")]
    refresh_token_maximum: Option<String>,
    /// Whether the ID token carries the user's claims, as userinfo does: on or off
    #[arg(long, value_name = "ON|OFF")]
    claims_in_id_token: Option<String>,
    /// Whether userinfo answers by a signed JWT instead of plain JSON: on or off [default: off]
    #[arg(long, value_name = "ON|OFF")]
    sign_userinfo: Option<String>,
    /// Where the application's server is told of sign-outs (Back-Channel Logout); empty for nowhere
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// What the signed-out page opens in a frame (Front-Channel Logout), at the origin of a redirect URI; empty for nothing
    #[arg(long, value_name = "URL")]
    frontchannel_logout_uri: Option<String>,
    /// What ends when the application signs its user out: everything (the session, with all its applications) or
    /// application (what this one holds) [default: everything]
    #[arg(long, value_name = "WHAT")]
    sign_out_ends: Option<String>,
    /// Whether devices without a browser may ask for a user's sign-in (RFC 8628): on or off [default: off]
    #[arg(long, value_name = "ON|OFF")]
    device_flow: Option<String>,
    /// Whether service accounts are given tokens (client credentials, RFC 6749 section 4.4): on or off [default: off]
    #[arg(long, value_name = "ON|OFF")]
    client_credentials: Option<String>,
    /// The service account in whose name the client itself is given tokens; empty for none
    #[arg(long, value_name = "USER")]
    service_account: Option<String>,
    /// How the client authenticates: secret (client_secret_basic or client_secret_post), client_secret_jwt or
    /// private_key_jwt [default: secret]
    #[arg(long, value_name = "METHOD")]
    client_auth: Option<String>,
    /// A file with the client's public keys, a JSON Web Key Set; an empty one takes them away
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Where the client publishes its public keys, in place of --jwks; an empty one takes it away
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// Which request objects (the parameter `request`) are read: off, signed, or any (unsigned ones too) [default: off]
    #[arg(long, value_name = "OBJECTS")]
    request_objects: Option<String>,
    /// An address where request objects may be fetched (the parameter `request_uri`); may be given several times, and all
    /// that are to be there are given; an empty one takes them away
    #[arg(long = "request-uri", value_name = "URL")]
    request_uris: Vec<String>,
    /// Whether authorization requests must be pushed (PAR): on or off [default: off]
    #[arg(long, value_name = "ON|OFF")]
    require_par: Option<String>,
    /// Read the client secret from standard input instead of making one
    #[arg(long)]
    client_secret_stdin: bool,
}

/// Options that only a new provider has.
#[derive(Debug, Default, Args)]
pub struct NewOptions {
    /// The client id, for a client that is configured already [default: 40 random letters and digits]
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// What kind of application it is: portainer, gravitee or generic
    #[arg(long, value_name = "PRESET")]
    preset: Option<String>,
    /// The address people open the application at
    #[arg(long, value_name = "URL")]
    app_url: Option<String>,
}

impl NewOptions {
    pub fn says_nothing(&self) -> bool {
        self.client_id.is_none() && self.preset.is_none() && self.app_url.is_none()
    }
}

impl NewOptions {
    /// The name of the icon that goes with the preset.
    pub fn icon(&self) -> Option<&'static str> {
        self.preset.as_deref().and_then(Preset::parse).and_then(Preset::icon)
    }

    /// What was said, by field.
    pub fn add_to(&self, said: &mut Params) {
        add(said, "client_id", self.client_id.as_ref());
        add(said, "preset", self.preset.as_ref());
        add(said, "app_url", self.app_url.as_ref());
    }
}

impl Options {
    /// What was said, by field. Reads the secret where it is to come from standard input.
    pub fn said(&self) -> Result<Params, CliError> {
        let mut said = Params::default();
        add(&mut said, "redirect_uri", &self.redirect_uris);
        add(&mut said, "redirect_regex", &self.redirect_regexes);
        add(&mut said, "post_logout_uri", &self.post_logout_uris);
        add(&mut said, "consent", self.consent.as_ref());
        add(&mut said, "consent_validity", self.consent_validity.as_ref());
        add(&mut said, "signing_key", self.signing_key.as_ref());
        add(&mut said, "scope", &self.scopes);
        add(&mut said, "subject_mode", self.subject_mode.as_ref());
        add(&mut said, "pkce", self.pkce.as_ref());
        add(&mut said, "response_types", self.response_types.as_ref());
        add(&mut said, "code_validity", self.code_validity.as_ref());
        add(&mut said, "access_token_validity", self.access_token_validity.as_ref());
        add(&mut said, "refresh_token_validity", self.refresh_token_validity.as_ref());
        add(&mut said, "refresh_token_maximum", self.refresh_token_maximum.as_ref());
        add(&mut said, "claims_in_id_token", self.claims_in_id_token.as_ref());
        add(&mut said, "sign_userinfo", self.sign_userinfo.as_ref());
        add(&mut said, "backchannel_logout_uri", self.backchannel_logout_uri.as_ref());
        add(&mut said, "frontchannel_logout_uri", self.frontchannel_logout_uri.as_ref());
        add(&mut said, "sign_out_ends", self.sign_out_ends.as_ref());
        add(&mut said, "device_flow", self.device_flow.as_ref());
        add(&mut said, "client_credentials", self.client_credentials.as_ref());
        add(&mut said, "service_account", self.service_account.as_ref());
        add(&mut said, "client_auth", self.client_auth.as_ref());
        if let Some(path) = &self.jwks {
            said.push("jwks", read_keys(path)?);
        }
        add(&mut said, "jwks_uri", self.jwks_uri.as_ref());
        add(&mut said, "request_uris", &self.request_uris);
        add(&mut said, "request_objects", self.request_objects.as_ref());
        add(&mut said, "require_par", self.require_par.as_ref());
        if self.public {
            said.push("client_type", "public");
        }
        if self.client_secret_stdin {
            said.push("client_secret", read_secret()?.as_str());
        }
        Ok(said)
    }
}

/// Notes the values of an option.
pub fn add<'a>(said: &mut Params, field: &str, values: impl IntoIterator<Item = &'a String>) {
    values.into_iter().for_each(|value| said.push(field, value.as_str()));
}

/// What a file of keys holds. One byte more than is taken: whatever else the name leads to is not read to its end.
fn read_keys(path: &Path) -> Result<String, CliError> {
    let failed = |e: std::io::Error| CliError::refused(format!("{}: {e}", path.display()));
    let mut text = String::new();
    File::open(path).and_then(|f| f.take(MOST_JWKS as u64 + 1).read_to_string(&mut text)).map_err(failed)?;
    Ok(text)
}

/// One line of standard input.
fn read_secret() -> Result<Zeroizing<String>, CliError> {
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut line).map_err(|e| CliError::usage(format!("standard input: {e}")))?;
    let secret = line.trim_end_matches(['\n', '\r']);
    if secret.is_empty() {
        return Err(CliError::usage("standard input holds no client secret"));
    }
    Ok(Zeroizing::new(secret.to_owned()))
}
