//! The options that describe a provider, shared by `app` and `provider`, and how they change one.

use clap::Args;
use zeroize::Zeroizing;

use super::CliError;
use crate::app::App;
use crate::config::seconds;
use crate::crypto::keys::Alg;
use crate::crypto::random;
use crate::domain::claims::SubjectMode;
use crate::domain::client::ClientType;
use crate::domain::pkce::PkcePolicy;
use crate::domain::preset::{AppUrl, Preset};
use crate::domain::redirect_uri::{Matching, Purpose, RegisteredUri};
use crate::domain::scope::ScopeSet;
use crate::store::keys;
use crate::store::providers::{AuthorizationFlow, Provider};

/// Client ids have this many characters, secrets the other. Letters and digits only: some clients forget to encode.
const CLIENT_ID_CHARS: usize = 40;
const CLIENT_SECRET_CHARS: usize = 96;
const LEAST_SECRET_CHARS: usize = 16;

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
    /// The key that signs: a key id of `latchkey key list`, or an algorithm [default: RS256]
    #[arg(long, value_name = "KID|ALG")]
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

/// What a new provider is, before it is stored.
pub fn create(app: &App, name: &str, new: &NewOptions, options: &Options) -> Result<Provider, CliError> {
    let preset = match new.preset.as_deref() {
        None => Preset::Generic,
        Some(text) => Preset::parse(text).ok_or_else(|| {
            CliError::usage(format!("there is no preset {text:?}; there are portainer, gravitee and generic"))
        })?,
    };
    let app_url = new.app_url.as_deref().map(AppUrl::parse).transpose().map_err(CliError::usage)?;
    if preset != Preset::Generic && app_url.is_none() {
        return Err(CliError::usage(format!(
            "the preset {0} needs the address people open it at: --app-url https://{0}.home.example",
            preset.as_str()
        )));
    }
    let client_id = match new.client_id.as_deref() {
        None => random::alphanumeric(CLIENT_ID_CHARS),
        Some(id) if !id.is_empty() && id.len() <= 255 && id.bytes().all(|b| b.is_ascii_graphic() && b != b':') => {
            id.into()
        }
        Some(_) => return Err(CliError::usage("a client id has 1 to 255 visible ASCII characters, and no colon")),
    };
    let mut provider = Provider {
        id: 0,
        name: name.to_owned(),
        client_type: ClientType::Confidential,
        client_id,
        client_secret_sealed: None,
        preset,
        app_url: app_url.as_ref().map(|u| u.as_str().to_owned()),
        authorization_flow: AuthorizationFlow::Implicit,
        consent_validity: 28 * 86_400,
        scopes: ScopeSet::from_store(crate::domain::scope::DEFAULT_OFFERED),
        signing_alg: None,
        signing_kid: None,
        subject_mode: SubjectMode::HashedUserId,
        pkce: PkcePolicy::Optional,
        code_validity: 60,
        access_token_validity: 3_600,
        refresh_token_validity: 30 * 86_400,
        refresh_token_maximum: 90 * 86_400,
        claims_in_id_token: true,
        uris: Vec::new(),
    };
    if let Some(url) = &app_url {
        for (purpose, uri) in preset.uris(url) {
            add_uri(&mut provider, purpose, Matching::Strict, &uri)?;
        }
    }
    apply(app, &mut provider, options)?;
    if provider.client_type == ClientType::Confidential && provider.client_secret_sealed.is_none() {
        seal_secret(app, &mut provider, &random::alphanumeric(CLIENT_SECRET_CHARS))?;
    }
    Ok(provider)
}

/// Changes a provider by what was said. URIs are added; nothing that was registered is lost.
pub fn apply(app: &App, provider: &mut Provider, o: &Options) -> Result<(), CliError> {
    if o.public {
        provider.client_type = ClientType::Public;
        provider.client_secret_sealed = None;
    }
    for uri in &o.redirect_uris {
        add_uri(provider, Purpose::Authorization, Matching::Strict, uri)?;
    }
    for uri in &o.redirect_regexes {
        add_uri(provider, Purpose::Authorization, Matching::Regex, uri)?;
    }
    for uri in &o.post_logout_uris {
        add_uri(provider, Purpose::Logout, Matching::Strict, uri)?;
    }
    if let Some(text) = &o.consent {
        provider.authorization_flow =
            AuthorizationFlow::parse(text).ok_or_else(|| expected("--consent", text, "implicit or explicit"))?;
    }
    if let Some(text) = &o.subject_mode {
        let modes = SubjectMode::ALL.map(SubjectMode::as_str).join(", ");
        provider.subject_mode = SubjectMode::parse(text).ok_or_else(|| expected("--subject-mode", text, &modes))?;
    }
    if let Some(text) = &o.pkce {
        provider.pkce = PkcePolicy::parse(text).ok_or_else(|| expected("--pkce", text, "optional or required"))?;
    }
    if let Some(text) = &o.claims_in_id_token {
        provider.claims_in_id_token = match text.as_str() {
            "on" => true,
            "off" => false,
            _ => return Err(expected("--claims-in-id-token", text, "on or off")),
        };
    }
    if !o.scopes.is_empty() {
        let text = o.scopes.join(" ");
        provider.scopes = ScopeSet::from_store(&text);
        if provider.scopes.is_empty() {
            return Err(expected("--scope", &text, "scope names such as openid, email, profile, groups"));
        }
    }
    validities(provider, o)?;
    signing_key(app, provider, o)?;
    if o.client_secret_stdin {
        if provider.client_type == ClientType::Public {
            return Err(CliError::usage("a public client has no secret"));
        }
        let secret = read_secret()?;
        seal_secret(app, provider, &secret)?;
    }
    Ok(())
}

fn expected(option: &str, given: &str, what: &str) -> CliError {
    CliError::usage(format!("{option} {given:?}: expected {what}"))
}

fn validities(provider: &mut Provider, o: &Options) -> Result<(), CliError> {
    let fields = [
        ("--consent-validity", &o.consent_validity, &mut provider.consent_validity),
        ("--code-validity", &o.code_validity, &mut provider.code_validity),
        ("--access-token-validity", &o.access_token_validity, &mut provider.access_token_validity),
        ("--refresh-token-validity", &o.refresh_token_validity, &mut provider.refresh_token_validity),
        ("--refresh-token-maximum", &o.refresh_token_maximum, &mut provider.refresh_token_maximum),
    ];
    for (option, said, field) in fields {
        if let Some(text) = said {
            *field = seconds(text).map_err(|why| CliError::usage(format!("{option} {text:?}: {why}")))?;
        }
    }
    if provider.code_validity > 600 {
        // RFC 6749 section 4.1.2: a maximum lifetime of 10 minutes is recommended.
        return Err(CliError::usage("--code-validity: a code works for 10 minutes at most"));
    }
    Ok(())
}

fn signing_key(app: &App, provider: &mut Provider, o: &Options) -> Result<(), CliError> {
    let Some(text) = &o.signing_key else { return Ok(()) };
    let rows = app.store.read(keys::list)?;
    if let Ok(alg) = text.parse::<Alg>() {
        if !rows.iter().any(|k| k.alg == alg.as_str()) {
            return Err(CliError::refused(format!("there is no {alg} key; first: latchkey key add --alg {alg}")));
        }
        (provider.signing_alg, provider.signing_kid) = (Some(alg.as_str().into()), None);
        return Ok(());
    }
    let Some(key) = rows.iter().find(|k| k.kid == *text) else {
        return Err(CliError::refused(format!("there is no signing key {text:?}. `latchkey key list` shows all")));
    };
    (provider.signing_alg, provider.signing_kid) = (Some(key.alg.clone()), Some(key.kid.clone()));
    Ok(())
}

fn add_uri(provider: &mut Provider, purpose: Purpose, matching: Matching, text: &str) -> Result<(), CliError> {
    let uri = RegisteredUri::register(matching, purpose, provider.client_type, text).map_err(CliError::usage)?;
    if !provider.uris.contains(&uri) {
        provider.uris.push(uri);
    }
    Ok(())
}

/// Replaces the secret by a new one.
pub fn new_secret(app: &App, provider: &mut Provider) -> Result<(), CliError> {
    seal_secret(app, provider, &random::alphanumeric(CLIENT_SECRET_CHARS))
}

fn seal_secret(app: &App, provider: &mut Provider, secret: &str) -> Result<(), CliError> {
    let sealed = app.sealer_if_there()?.seal(&provider.secret_seal(), secret.as_bytes());
    provider.client_secret_sealed = Some(sealed);
    Ok(())
}

/// The secret in the open: for printing it where that was asked for.
pub fn secret(app: &App, provider: &Provider) -> Result<Option<Zeroizing<String>>, CliError> {
    let Some(sealed) = &provider.client_secret_sealed else { return Ok(None) };
    let bytes = app.sealer_if_there()?.open(&provider.secret_seal(), sealed).map_err(crate::error::Internal::fault)?;
    let text = std::str::from_utf8(&bytes).map_err(crate::error::Internal::fault)?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}

fn read_secret() -> Result<Zeroizing<String>, CliError> {
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut line).map_err(|e| CliError::usage(format!("standard input: {e}")))?;
    let secret = line.trim_end_matches(['\n', '\r']);
    if secret.len() < LEAST_SECRET_CHARS || !secret.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(CliError::usage("a client secret has at least 16 visible ASCII characters, on one line"));
    }
    Ok(Zeroizing::new(secret.to_owned()))
}
