//! What can be said of a provider, by pages and commands alike.

use zeroize::Zeroizing;

use super::{new_client_id, new_client_secret};
use crate::acts::said::{on_off, word};
use crate::crypto::jwt::{BadJwks, ClientKeys, HS256, LEAST_SECRET};
use crate::crypto::keys::Alg;
use crate::domain::authorize::ResponseTypes;
use crate::domain::claims::SubjectMode;
use crate::domain::client::{ClientAuth, ClientType, RequestObjects};
use crate::domain::duration;
use crate::domain::names::{BadName, DisplayName};
use crate::domain::outbound::Target;
use crate::domain::pkce::PkcePolicy;
use crate::domain::preset::{AppUrl, Preset};
use crate::domain::problems::{Problems, WHOLE};
use crate::domain::redirect_uri::{self, Matching, Purpose, RegisteredUri};
use crate::domain::scope::ScopeSet;
use crate::domain::sign_out::{SignOutEnds, logout_uri};
use crate::http::Params;
use crate::store::keys::{KeyRow, KeyState};
use crate::store::providers::{AuthorizationFlow, Provider};
use crate::words::Words;

const LEAST_SECRET_CHARS: usize = 16;
const MOST_SECRET_CHARS: usize = 512;
/// RFC 6749 section 4.1.2: a maximum lifetime of 10 minutes is recommended.
const LONGEST_CODE: i64 = 600;
/// More URIs than any application has.
const MOST_URIS: usize = 100;

/// A provider that nothing has been said of yet.
fn blank() -> Provider {
    Provider {
        id: 0,
        name: String::new(),
        client_type: ClientType::Confidential,
        client_id: String::new(),
        client_secret_sealed: None,
        preset: Preset::Generic,
        app_url: None,
        authorization_flow: AuthorizationFlow::Implicit,
        consent_validity: 28 * 86_400,
        scopes: ScopeSet::from_store(crate::domain::scope::DEFAULT_OFFERED),
        signing_alg: None,
        signing_kid: None,
        subject_mode: SubjectMode::HashedUserId,
        pkce: PkcePolicy::Optional,
        response_types: ResponseTypes::Code,
        code_validity: 60,
        access_token_validity: 3_600,
        refresh_token_validity: 30 * 86_400,
        refresh_token_maximum: 90 * 86_400,
        claims_in_id_token: true,
        sign_userinfo: false,
        backchannel_logout_uri: None,
        frontchannel_logout_uri: None,
        sign_out_ends: SignOutEnds::Everything,
        device_flow: false,
        client_credentials: false,
        service_account: None,
        client_auth: ClientAuth::Secret,
        jwks: None,
        jwks_uri: None,
        request_objects: RequestObjects::Off,
        request_uris: Vec::new(),
        require_par: false,
        uris: Vec::new(),
    }
}

/// A provider that was understood, before it is stored.
pub struct Parsed {
    pub provider: Provider,
    /// In the open, if one was said or made.
    pub secret: Option<Zeroizing<String>>,
}

/// A new provider from what was said, field by field (see [`apply`]); besides those `preset`, `app_url`, `client_id`.
pub fn parse_new(said: &Params, keys: &[KeyRow]) -> Result<Parsed, Problems> {
    let mut problems = Problems::default();
    let mut provider = blank();
    provider.client_id = match said.first("client_id").map(str::trim) {
        None | Some("") => new_client_id(),
        Some(id) if id.len() <= 255 && id.bytes().all(|b| b.is_ascii_graphic()) => id.to_owned(),
        Some(_) => {
            problems.add("client_id", Words::new("provider-bad-client-id"));
            String::new()
        }
    };
    if let Some(text) = said.first("preset") {
        let preset = Preset::parse(text).ok_or_else(|| Words::new("provider-bad-preset").with("given", text));
        provider.preset = problems.take("preset", preset).unwrap_or(Preset::Generic);
    }
    let app_url = match said.first("app_url").map(str::trim) {
        None | Some("") if provider.preset != Preset::Generic => {
            problems.add("app_url", Words::new("provider-preset-needs-url").with("preset", provider.preset.as_str()));
            None
        }
        None | Some("") => None,
        Some(text) => problems.take("app_url", AppUrl::parse(text)),
    };
    provider.app_url = app_url.as_ref().map(|u| u.as_str().to_owned());
    // A page has shown what the preset registers, and sends what was made of it.
    if let (Some(url), false) = (&app_url, said.has("uris")) {
        for (purpose, uri) in provider.preset.uris(url) {
            add_uri(&mut provider, purpose, Matching::Strict, &uri, "app_url", &mut problems);
        }
    }
    let mut secret = apply(&mut provider, said, keys, &mut problems);
    if provider.client_type == ClientType::Confidential && secret.is_none() {
        secret = Some(new_client_secret());
    }
    problems.none()?;
    Ok(Parsed { provider, secret })
}

/// Changes a provider by what was said of it; a field that is absent stays as it is. Returns the new client secret in
/// the open, if one was said. The fields: `name`, `client_type`, `consent`, `consent_validity`, `scope` (several),
/// `signing_key`, `subject_mode`, `pkce`, `response_types`, `code_validity`, `access_token_validity`, `refresh_token_validity`,
/// `refresh_token_maximum`, `claims_in_id_token`, `sign_userinfo`, `client_secret`, `backchannel_logout_uri`,
/// `frontchannel_logout_uri`, `sign_out_ends`, `device_flow`, `client_credentials`, `service_account`; the URIs, see
/// [`uris`]; and how the client authenticates and asks, see [`keys_and_requests`].
pub fn apply(
    provider: &mut Provider,
    said: &Params,
    keys: &[KeyRow],
    problems: &mut Problems,
) -> Option<Zeroizing<String>> {
    let name = said.first("name").filter(|name| provider.id != 0 || !name.is_empty());
    if provider.id == 0 && name.is_none() {
        problems.add("name", BadName::DisplayName);
    }
    if let Some(text) = name
        && let Some(name) = problems.take("name", DisplayName::parse(text))
    {
        provider.name = name.into_string();
    }
    word(said, "client_type", "confidential, public", ClientType::parse, &mut provider.client_type, problems);
    if provider.client_type == ClientType::Public {
        provider.client_secret_sealed = None;
    }
    uris(provider, said, problems);
    let flow = &mut provider.authorization_flow;
    word(said, "consent", "implicit, explicit", AuthorizationFlow::parse, flow, problems);
    let modes = SubjectMode::ALL.map(SubjectMode::as_str).join(", ");
    word(said, "subject_mode", &modes, SubjectMode::parse, &mut provider.subject_mode, problems);
    word(said, "pkce", "optional, required", PkcePolicy::parse, &mut provider.pkce, problems);
    let types = &mut provider.response_types;
    word(said, "response_types", "code, hybrid, all", ResponseTypes::parse, types, problems);
    word(said, "claims_in_id_token", "on, off", on_off, &mut provider.claims_in_id_token, problems);
    word(said, "sign_userinfo", "on, off", on_off, &mut provider.sign_userinfo, problems);
    logout_uris(provider, said, problems);
    word(said, "sign_out_ends", "everything, application", SignOutEnds::parse, &mut provider.sign_out_ends, problems);
    word(said, "device_flow", "on, off", on_off, &mut provider.device_flow, problems);
    word(said, "client_credentials", "on, off", on_off, &mut provider.client_credentials, problems);
    if let Some(name) = said.first("service_account").map(str::trim) {
        provider.service_account = (!name.is_empty()).then(|| name.to_owned());
    }
    if said.has("scope") {
        let text = said.all("scope").collect::<Vec<_>>().join(" ");
        match ScopeSet::from_store(&text) {
            scopes if scopes.is_empty() => problems.add("scope", Words::new("provider-bad-scopes")),
            scopes => provider.scopes = scopes,
        }
    }
    validities(provider, said, problems);
    signing_key(provider, said, keys, problems);
    if provider.signs_by_secret() && provider.client_type == ClientType::Public {
        problems.add("signing_key", Words::new("provider-public-no-hs256"));
    }
    keys_and_requests(provider, said, problems);
    secret(provider, said, problems)
}

/// `client_auth`, `jwks`, `jwks_uri`, `request_objects`, `request_uris` (all of them, in several or with spaces between)
/// and `require_par`. What is said empty is taken away.
fn keys_and_requests(provider: &mut Provider, said: &Params, problems: &mut Problems) {
    let methods = ClientAuth::ALL.map(ClientAuth::as_str).join(", ");
    word(said, "client_auth", &methods, ClientAuth::parse, &mut provider.client_auth, problems);
    let objects = RequestObjects::ALL.map(RequestObjects::as_str).join(", ");
    word(said, "request_objects", &objects, RequestObjects::parse, &mut provider.request_objects, problems);
    word(said, "require_par", "on, off", on_off, &mut provider.require_par, problems);
    if let Some(text) = said.first("jwks").map(str::trim) {
        provider.jwks = (!text.is_empty()).then(|| text.to_owned());
        if let Some(Err(bad)) = provider.jwks.as_deref().map(ClientKeys::parse) {
            problems.add("jwks", bad);
        }
    }
    if let Some(text) = said.first("jwks_uri").map(str::trim) {
        provider.jwks_uri = (!text.is_empty()).then(|| text.to_owned());
        if !text.is_empty() {
            problems.take("jwks_uri", Target::parse(text));
        }
    }
    // OpenID Connect Dynamic Client Registration section 2: not both.
    if provider.jwks.is_some() && provider.jwks_uri.is_some() {
        problems.add("jwks_uri", Words::new("provider-keys-twice"));
    }
    request_uris(provider, said, problems);
    if provider.client_auth == ClientAuth::PrivateKeyJwt && !provider.has_keys() {
        problems.add("client_auth", Words::new("provider-auth-needs-keys"));
    }
    if provider.client_type == ClientType::Public {
        if provider.client_auth != ClientAuth::Secret {
            problems.add("client_auth", Words::new("provider-public-no-auth"));
        }
        if provider.require_par {
            problems.add("require_par", Words::new("provider-public-no-par"));
        }
    }
}

/// Core section 6.2: a fragment belongs to a content, not to an address.
fn request_uris(provider: &mut Provider, said: &Params, problems: &mut Problems) {
    if !said.has("request_uris") {
        return;
    }
    provider.request_uris.clear();
    for text in said.all("request_uris").flat_map(str::split_whitespace) {
        let text = text.split('#').next().unwrap_or_default();
        if problems.take("request_uris", Target::parse(text)).is_some() {
            provider.request_uris.push(text.to_owned());
        }
    }
    if provider.request_uris.len() > MOST_URIS {
        problems.add("request_uris", Words::new("provider-too-many-uris").with("most", MOST_URIS));
    }
}

impl From<BadJwks> for Words {
    fn from(bad: BadJwks) -> Self {
        Self::new(match bad {
            BadJwks::NotASet => "provider-jwks-not-a-set",
            BadJwks::TooLong | BadJwks::TooMany => "provider-jwks-too-large",
            BadJwks::Private => "provider-jwks-private",
            BadJwks::RsaSize => "provider-jwks-rsa-size",
            BadJwks::SameId => "provider-jwks-same-id",
            BadJwks::Malformed => "provider-jwks-malformed",
            BadJwks::NoneUsable => "provider-jwks-none-usable",
        })
    }
}

/// The URIs as they were said: by commands one by one (`redirect_uri`, `redirect_regex`, `post_logout_uri`, which add,
/// and `remove_uri`); by pages as a whole: with a field `uris`, the rows `uri`, `uri_matching`, `uri_purpose`
/// replace what was registered, and a row without a URI is none.
fn uris(provider: &mut Provider, said: &Params, problems: &mut Problems) {
    for uri in said.all("remove_uri") {
        if !provider.uris.iter().any(|u| u.uri() == uri) {
            problems.add("remove_uri", Words::new("provider-uri-not-registered").with("uri", uri));
        }
        provider.uris.retain(|u| u.uri() != uri);
    }
    let added = [
        ("redirect_uri", Purpose::Authorization, Matching::Strict),
        ("redirect_regex", Purpose::Authorization, Matching::Regex),
        ("post_logout_uri", Purpose::Logout, Matching::Strict),
    ];
    for (field, purpose, matching) in added {
        for uri in said.all(field) {
            add_uri(provider, purpose, matching, uri, field, problems);
        }
    }
    if !said.has("uris") {
        return;
    }
    let before = std::mem::take(&mut provider.uris);
    let rows = said.all("uri").zip(said.all("uri_matching")).zip(said.all("uri_purpose"));
    for (index, ((uri, matching), purpose)) in rows.enumerate() {
        if uri.trim().is_empty() {
            continue;
        }
        let field = format!("uri-{index}");
        match (Purpose::parse(purpose), Matching::parse(matching)) {
            (Some(purpose), Some(matching)) => add_uri(provider, purpose, matching, uri.trim(), &field, problems),
            _ => problems.add(&field, Words::new("provider-bad-uri-row")),
        }
    }
    if provider.uris.len() > MOST_URIS {
        problems.add(WHOLE, Words::new("provider-too-many-uris").with("most", MOST_URIS));
        provider.uris = before;
    }
}

fn add_uri(
    provider: &mut Provider,
    purpose: Purpose,
    matching: Matching,
    text: &str,
    field: &str,
    problems: &mut Problems,
) {
    let uri = RegisteredUri::register(matching, purpose, provider.client_type, text);
    if let Some(uri) = problems.take(field, uri)
        && !provider.uris.contains(&uri)
    {
        provider.uris.push(uri);
    }
}

/// Where the application hears of sign-outs. Nothing said in words takes an address away.
fn logout_uris(provider: &mut Provider, said: &Params, problems: &mut Problems) {
    let client_type = provider.client_type;
    let fields = [
        ("backchannel_logout_uri", &mut provider.backchannel_logout_uri),
        ("frontchannel_logout_uri", &mut provider.frontchannel_logout_uri),
    ];
    for (field, into) in fields {
        let text = said.first(field).map(str::trim).or(into.as_deref()).unwrap_or_default().to_owned();
        *into = if text.is_empty() { None } else { problems.take(field, logout_uri(&text, client_type)) };
    }
    // OpenID Connect Front-Channel Logout section 2: where a registered redirect URI is, by scheme, host and port.
    if let Some(uri) = &provider.frontchannel_logout_uri
        && !provider
            .uris_for(Purpose::Authorization)
            .any(|u| u.origin().is_some() && u.origin() == redirect_uri::origin(uri))
    {
        problems.add("frontchannel_logout_uri", Words::new("provider-frontchannel-origin"));
    }
}

fn validities(provider: &mut Provider, said: &Params, problems: &mut Problems) {
    let fields = [
        ("consent_validity", &mut provider.consent_validity),
        ("code_validity", &mut provider.code_validity),
        ("access_token_validity", &mut provider.access_token_validity),
        ("refresh_token_validity", &mut provider.refresh_token_validity),
        ("refresh_token_maximum", &mut provider.refresh_token_maximum),
    ];
    for (field, into) in fields {
        if let Some(text) = said.first(field)
            && let Some(seconds) = problems.take(field, duration::parse(text))
        {
            *into = seconds;
        }
    }
    if provider.code_validity > LONGEST_CODE {
        problems.add("code_validity", Words::new("provider-code-too-long"));
    }
}

/// `signing_key`: a key id, an algorithm whose active key signs, HS256, or nothing for the default.
pub(super) fn signing_key(provider: &mut Provider, said: &Params, rows: &[KeyRow], problems: &mut Problems) {
    let Some(text) = said.first("signing_key").map(str::trim) else { return };
    if text.is_empty() {
        (provider.signing_alg, provider.signing_kid) = (None, None);
        return;
    }
    if text == HS256 {
        (provider.signing_alg, provider.signing_kid) = (Some(HS256.into()), None);
        return;
    }
    if let Ok(alg) = text.parse::<Alg>() {
        if !rows.iter().any(|k| k.is_regular(alg.as_str(), KeyState::Active)) {
            problems.add("signing_key", Words::new("provider-no-key-of-alg").with("alg", alg.as_str()));
        }
        (provider.signing_alg, provider.signing_kid) = (Some(alg.as_str().into()), None);
        return;
    }
    match rows.iter().find(|k| k.kid == text) {
        Some(key) if !key.can_sign() => {
            problems.add("signing_key", Words::new("provider-key-ended").with("kid", text));
        }
        Some(key) => {
            (provider.signing_alg, provider.signing_kid) = (Some(key.alg.clone()), Some(key.kid.clone()));
        }
        None => problems.add("signing_key", Words::new("provider-no-such-key").with("kid", text)),
    }
}

fn secret(provider: &Provider, said: &Params, problems: &mut Problems) -> Option<Zeroizing<String>> {
    let text = said.first("client_secret").filter(|text| !text.is_empty())?;
    if provider.client_type == ClientType::Public {
        // A page whose fields were filled before "public" was chosen still sends one.
        if !said.has("uris") {
            problems.add("client_secret", Words::new("provider-public-no-secret"));
        }
        return None;
    }
    if provider.needs_long_secret() && text.len() < LEAST_SECRET {
        problems.add("client_secret", Words::new("provider-hs256-secret").with("least", LEAST_SECRET));
        return None;
    }
    if !(LEAST_SECRET_CHARS..=MOST_SECRET_CHARS).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
        problems.add("client_secret", Words::new("provider-bad-secret"));
        return None;
    }
    Some(Zeroizing::new(text.to_owned()))
}
