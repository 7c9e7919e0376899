//! OAuth2 providers: what can be said of one, create, change, connect, delete, and their secrets.

use rusqlite::Connection;
use zeroize::Zeroizing;

use super::{Act, ActError, Admin};
use crate::app::App;
use crate::crypto::jwt::{HS256, LEAST_SECRET};
use crate::crypto::keys::Alg;
use crate::crypto::random;
use crate::crypto::seal::Sealer;
use crate::domain::authorize::ResponseTypes;
use crate::domain::claims::SubjectMode;
use crate::domain::client::ClientType;
use crate::domain::duration;
use crate::domain::names::{BadName, DisplayName};
use crate::domain::pkce::PkcePolicy;
use crate::domain::preset::{AppUrl, Preset};
use crate::domain::problems::{Problems, WHOLE};
use crate::domain::redirect_uri::{Matching, Purpose, RegisteredUri};
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::http::Params;
use crate::store::events::Event;
use crate::store::keys::{self, KeyRow, KeyState};
use crate::store::providers::{self, AuthorizationFlow, Provider};
use crate::store::{Tx, applications, grants};
use crate::words::Words;

/// Client ids have this many characters, secrets the other. Letters and digits only: some clients forget to encode.
const CLIENT_ID_CHARS: usize = 40;
const CLIENT_SECRET_CHARS: usize = 96;
const LEAST_SECRET_CHARS: usize = 16;
const MOST_SECRET_CHARS: usize = 512;
/// RFC 6749 section 4.1.2: a maximum lifetime of 10 minutes is recommended.
const LONGEST_CODE: i64 = 600;
/// More URIs than any application has.
const MOST_URIS: usize = 100;

/// A new client id.
pub fn new_client_id() -> String {
    random::alphanumeric(CLIENT_ID_CHARS)
}

/// A new client secret.
pub fn new_client_secret() -> Zeroizing<String> {
    Zeroizing::new(random::alphanumeric(CLIENT_SECRET_CHARS))
}

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
/// `refresh_token_maximum`, `claims_in_id_token`, `sign_userinfo`, `client_secret`; and the URIs, see [`uris`].
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
    secret(provider, said, problems)
}

pub fn on_off(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// Takes one of a few words.
pub fn word<T>(
    said: &Params,
    field: &str,
    choices: &str,
    parse: impl Fn(&str) -> Option<T>,
    into: &mut T,
    problems: &mut Problems,
) {
    let Some(text) = said.first(field) else { return };
    match parse(text) {
        Some(value) => *into = value,
        None => problems.add(field, Words::new("bad-choice").with("given", text).with("choices", choices)),
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
fn signing_key(provider: &mut Provider, said: &Params, rows: &[KeyRow], problems: &mut Problems) {
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
    if provider.signs_by_secret() && text.len() < LEAST_SECRET {
        problems.add("client_secret", Words::new("provider-hs256-secret").with("least", LEAST_SECRET));
        return None;
    }
    if !(LEAST_SECRET_CHARS..=MOST_SECRET_CHARS).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
        problems.add("client_secret", Words::new("provider-bad-secret"));
        return None;
    }
    Some(Zeroizing::new(text.to_owned()))
}

/// Seals the secret to its provider.
fn seal(sealer: &Sealer, provider: &mut Provider, secret: &str) {
    provider.client_secret_sealed = Some(sealer.seal(&provider.secret_seal(), secret.as_bytes()));
}

/// What must be there to store a secret: nothing, where there is none.
pub fn sealer_for(app: &App, secret: Option<&Zeroizing<String>>) -> Act<Option<Sealer>> {
    match secret {
        Some(_) => Ok(Some(app.sealer_if_there()?.clone())),
        None => Ok(None),
    }
}

/// What a change needs to seal a secret, one that was said or is made because the client is to have one from now on; or
/// to look at the one that is to sign.
pub fn sealer_if_said(app: &App, said: &Params) -> Act<Option<Sealer>> {
    let needs_one = said.first("client_secret").is_some_and(|s| !s.is_empty())
        || said.first("signing_key").is_some_and(|key| key.trim() == HS256)
        || said.first("client_type") == Some(ClientType::Confidential.as_str());
    Ok(if needs_one { Some(app.sealer_if_there()?.clone()) } else { None })
}

/// Whether a new provider's name and client id are free.
pub fn is_free(connection: &Connection, provider: &Provider) -> Act<()> {
    if providers::by_name(connection, &provider.name)?.is_some() {
        return Err(ActError::refused("name", Words::new("provider-name-taken").with("name", &provider.name)));
    }
    if providers::by_client_id(connection, &provider.client_id)?.is_some() {
        let words = Words::new("provider-client-id-taken").with("id", &provider.client_id);
        return Err(ActError::refused("client_id", words));
    }
    Ok(())
}

/// Stores a new provider, whose name and client id must be free, and returns its id.
pub fn insert(tx: &Tx, parsed: Parsed, sealer: Option<&Sealer>, now: i64) -> Act<i64> {
    let Parsed { mut provider, secret } = parsed;
    is_free(tx, &provider)?;
    // The key may have ended since it was chosen.
    let mut problems = Problems::default();
    if let Some(chosen) = provider.signing_kid.clone().or(provider.signing_alg.clone()) {
        let said = Params::from_pairs([("signing_key", chosen)]);
        signing_key(&mut provider, &said, &keys::list(tx)?, &mut problems);
    }
    problems.none()?;
    if let (Some(secret), Some(sealer)) = (secret, sealer) {
        seal(sealer, &mut provider, &secret);
    }
    Ok(providers::insert(tx, &provider, now)?)
}

/// Creates a provider alone, to be connected later.
pub fn create(app: &App, by: &Admin, said: &Params) -> Act<Provider> {
    let now = app.clock.now();
    let parsed = parse_new(said, &app.store.read(keys::list)?)?;
    let sealer = sealer_for(app, parsed.secret.as_ref())?;
    let event = by.event("provider_created", now);
    app.store.write(move |tx| {
        let id = insert(tx, parsed, sealer.as_ref(), now)?;
        let provider = providers::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        event.client(&provider.client_id).detail("provider", &provider.name).store(tx)?;
        Ok(provider)
    })
}

/// Changes a provider by what was said. `seen` is the fingerprint of what a page showed, if a page it was.
pub fn update(app: &App, by: &Admin, id: i64, said: Params, seen: Option<String>) -> Act<Provider> {
    let now = app.clock.now();
    let sealer = sealer_if_said(app, &said)?;
    let event = by.event("provider_changed", now);
    let replaced = by.event("client_secret_replaced", now);
    app.store.write(move |tx| {
        let mut provider = providers::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        if seen.is_some_and(|seen| seen != fingerprint(&provider)) {
            return Err(ActError::no(Words::new("changed-meanwhile")));
        }
        change(tx, &mut provider, &said, sealer.as_ref(), replaced, now)?;
        event.client(&provider.client_id).detail("provider", &provider.name).store(tx)?;
        Ok(provider)
    })
}

/// The change itself, in the transaction of the caller's act. `replaced` is the event for a secret that changed, or that
/// a public client has no more.
pub fn change(
    tx: &Tx,
    provider: &mut Provider,
    said: &Params,
    sealer: Option<&Sealer>,
    replaced: Event,
    now: i64,
) -> Act<()> {
    let mut problems = Problems::default();
    let was_public = provider.client_type == ClientType::Public;
    let secret_before = provider.client_secret_sealed.clone();
    let mut secret = apply(provider, said, &keys::list(tx)?, &mut problems);
    if let Some(other) = providers::by_name(tx, &provider.name)?.filter(|p| p.id != provider.id) {
        problems.add("name", Words::new("provider-name-taken").with("name", other.name));
    }
    problems.none()?;
    if was_public && provider.client_type == ClientType::Confidential && secret.is_none() {
        secret = Some(new_client_secret());
    }
    match (secret, sealer, &provider.client_secret_sealed) {
        (None, Some(sealer), Some(sealed)) if provider.signs_by_secret() => {
            let there = sealer.open(&provider.secret_seal(), sealed).map_err(Internal::fault)?;
            if there.len() < LEAST_SECRET {
                let words = Words::new("provider-hs256-secret").with("least", LEAST_SECRET);
                return Err(ActError::refused("signing_key", words));
            }
        }
        (Some(secret), Some(sealer), _) => seal(sealer, provider, &secret),
        (Some(_), None, _) => return Err(ActError::no(Words::new("provider-confidential-needs-secret"))),
        (None, ..) => {}
    }
    providers::update(tx, provider, now)?;
    if provider.client_secret_sealed != secret_before {
        secret_replaced(tx, provider, replaced)?;
    }
    Ok(())
}

/// Recognises a provider as a page showed it.
pub fn fingerprint(provider: &Provider) -> String {
    super::fingerprint(provider)
}

/// Replaces the client secret; the old one stops working at once. Returns the provider with the new one.
pub fn new_secret(app: &App, by: &Admin, id: i64) -> Act<Provider> {
    let (now, sealer) = (app.clock.now(), app.sealer_if_there()?.clone());
    let event = by.event("client_secret_replaced", now);
    app.store.write(move |tx| {
        let mut provider = providers::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        if provider.client_type == ClientType::Public {
            return Err(ActError::no(Words::new("provider-public-no-secret")));
        }
        seal(&sealer, &mut provider, &new_client_secret());
        providers::update(tx, &provider, now)?;
        secret_replaced(tx, &provider, event)?;
        Ok(provider)
    })
}

/// The old secret stopped working; and whoever knew it may hold tokens.
fn secret_replaced(tx: &Tx, provider: &Provider, event: Event) -> Result<(), Internal> {
    grants::delete_of_provider(tx, provider.id)?;
    let event = event.client(&provider.client_id).detail("provider", &provider.name);
    match applications::by_provider(tx, provider.id)? {
        Some(application) => event.detail("application", &application.slug).store(tx),
        None => event.store(tx),
    }
}

/// Shows the client secret, which the events remember. `None` for a public client.
pub fn reveal_secret(app: &App, by: &Admin, provider: &Provider) -> Act<Option<Zeroizing<String>>> {
    let Some(secret) = secret_of(app, provider)? else { return Ok(None) };
    let event = by.event("client_secret_viewed", app.clock.now());
    let provider = provider.clone();
    app.store.write(move |tx| {
        let event = event.client(&provider.client_id).detail("provider", &provider.name);
        match applications::by_provider(tx, provider.id)? {
            Some(application) => event.detail("application", &application.slug).store(tx),
            None => event.store(tx),
        }
    })?;
    Ok(Some(secret))
}

/// The secret in the open, right after it was made: for showing it to who made it.
pub fn secret_of(app: &App, provider: &Provider) -> Act<Option<Zeroizing<String>>> {
    let Some(sealed) = &provider.client_secret_sealed else { return Ok(None) };
    let bytes = app.sealer_if_there()?.open(&provider.secret_seal(), sealed).map_err(Internal::fault)?;
    let text = std::str::from_utf8(&bytes).map_err(Internal::fault)?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}

/// Connects a provider to an application that has none.
pub fn connect(app: &App, by: &Admin, provider: i64, application: i64) -> Act<()> {
    let now = app.clock.now();
    let event = by.event("provider_connected", now);
    app.store.write(move |tx| {
        let provider = providers::by_id(tx, provider)?.ok_or(ActError::NotFound)?;
        let application = applications::by_id(tx, application)?.ok_or(ActError::NotFound)?;
        if let Some(other) = applications::by_provider(tx, provider.id)? {
            let words = Words::new("provider-connected-already").with("application", other.slug);
            return Err(ActError::refused("application", words));
        }
        if !applications::connect(tx, application.id, provider.id, now)? {
            let words = Words::new("application-has-provider").with("application", application.slug);
            return Err(ActError::refused("application", words));
        }
        event.client(&provider.client_id).detail("application", &application.slug).store(tx)?;
        Ok(())
    })
}

/// Deletes a provider with its tokens and consents. Its application stays, without sign-in.
pub fn delete(app: &App, by: &Admin, id: i64) -> Act<Provider> {
    let now = app.clock.now();
    let event = by.event("provider_deleted", now);
    app.store.write(move |tx| {
        let provider = providers::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        providers::delete(tx, id)?;
        event.client(&provider.client_id).detail("provider", &provider.name).store(tx)?;
        Ok(provider)
    })
}
