//! OAuth2 providers: create, change, connect, delete, and their secrets.

mod said;

use rusqlite::Connection;
use zeroize::Zeroizing;

use super::{Act, ActError, Admin};
use crate::app::App;
use crate::crypto::jwt::{HS256, LEAST_SECRET};
use crate::crypto::random;
use crate::crypto::seal::Sealer;
use crate::domain::client::{ClientAuth, ClientType, RequestObjects};
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::Params;
use crate::store::events::Event;
use crate::store::keys;
use crate::store::providers::{self, Provider};
use crate::store::{Tx, applications, grants, users};
use crate::words::Words;

use said::signing_key;
pub use said::{Parsed, apply, parse_new};

/// Client ids have this many characters, secrets the other. Letters and digits only: some clients forget to encode.
const CLIENT_ID_CHARS: usize = 40;
const CLIENT_SECRET_CHARS: usize = 96;

/// A new client id.
pub fn new_client_id() -> String {
    random::alphanumeric(CLIENT_ID_CHARS)
}

/// A new client secret.
pub fn new_client_secret() -> Zeroizing<String> {
    Zeroizing::new(random::alphanumeric(CLIENT_SECRET_CHARS))
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
        || said.first("client_auth") == Some(ClientAuth::SecretJwt.as_str())
        || said.first("request_objects").is_some_and(|objects| objects != RequestObjects::Off.as_str())
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

/// Whether the account in whose name a client asks is one of a program: no person's name is lent to a client like that.
fn has_service_account(connection: &Connection, provider: &Provider) -> Act<()> {
    let Some(name) = &provider.service_account else { return Ok(()) };
    match users::by_login(connection, name)? {
        Some(user) if user.service_account => Ok(()),
        _ => Err(ActError::refused("service_account", Words::new("provider-no-service-account").with("name", name))),
    }
}

/// Stores a new provider, whose name and client id must be free, and returns its id.
pub fn insert(tx: &Tx, parsed: Parsed, sealer: Option<&Sealer>, now: i64) -> Act<i64> {
    let Parsed { mut provider, secret } = parsed;
    is_free(tx, &provider)?;
    has_service_account(tx, &provider)?;
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
    let (secret_before, subject_before) = (provider.client_secret_sealed.clone(), provider.subject_mode);
    let mut secret = apply(provider, said, &keys::list(tx)?, &mut problems);
    if let Some(other) = providers::by_name(tx, &provider.name)?.filter(|p| p.id != provider.id) {
        problems.add("name", Words::new("provider-name-taken").with("name", other.name));
    }
    problems.none()?;
    has_service_account(tx, provider)?;
    if was_public && provider.client_type == ClientType::Confidential && secret.is_none() {
        secret = Some(new_client_secret());
    }
    match (secret, sealer, &provider.client_secret_sealed) {
        (None, Some(sealer), Some(sealed)) if provider.needs_long_secret() => {
            let there = sealer.open(&provider.secret_seal(), sealed).map_err(Internal::fault)?;
            if there.len() < LEAST_SECRET {
                let words = Words::new("provider-hs256-secret").with("least", LEAST_SECRET);
                let field = match provider.client_auth {
                    _ if provider.signs_by_secret() => "signing_key",
                    ClientAuth::SecretJwt => "client_auth",
                    _ => "request_objects",
                };
                return Err(ActError::refused(field, words));
            }
        }
        (Some(secret), Some(sealer), _) => seal(sealer, provider, &secret),
        (Some(_), None, _) => return Err(ActError::no(Words::new("provider-confidential-needs-secret"))),
        (None, ..) => {}
    }
    if provider.subject_mode != subject_before {
        // OpenID Connect Core section 12.2: no sign-in has tokens with two subjects.
        grants::delete_of_provider_known_by(tx, provider.id)?;
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
