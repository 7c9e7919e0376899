//! OAuth2 providers: one client each, with its redirect URIs.

mod save;

use std::collections::HashMap;

use rusqlite::types::Type;
use rusqlite::{Connection, Row};

use super::{Tx, collect, execute, find, ids_json};
use crate::crypto::jwt::HS256;
use crate::crypto::keys::Alg;
use crate::domain::authorize::ResponseTypes;
use crate::domain::claims::SubjectMode;
use crate::domain::client::{ClientAuth, ClientType, RequestObjects};
use crate::domain::pkce::PkcePolicy;
use crate::domain::preset::Preset;
use crate::domain::redirect_uri::{Matching, Purpose, RegisteredUri};
use crate::domain::scope::ScopeSet;
use crate::domain::search::Words;
use crate::domain::sign_out::SignOutEnds;
use crate::error::Internal;

pub use save::{insert, update};

/// Whether a user is asked before claims are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationFlow {
    /// Access is consent.
    Implicit,
    /// Asked once, remembered for [`Provider::consent_validity`].
    Explicit,
}

impl AuthorizationFlow {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Explicit => "explicit",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Implicit, Self::Explicit].into_iter().find(|f| f.as_str() == text)
    }
}

/// A row of `providers` with its URIs. Validities are in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// 0 until it is stored.
    pub id: i64,
    pub name: String,
    pub client_type: ClientType,
    pub client_id: String,
    pub client_secret_sealed: Option<Vec<u8>>,
    pub preset: Preset,
    pub app_url: Option<String>,
    pub authorization_flow: AuthorizationFlow,
    pub consent_validity: i64,
    pub scopes: ScopeSet,
    /// The algorithm whose active key signs, unless one key is named; or HS256.
    pub signing_alg: Option<String>,
    pub signing_kid: Option<String>,
    pub subject_mode: SubjectMode,
    pub pkce: PkcePolicy,
    pub response_types: ResponseTypes,
    pub code_validity: i64,
    pub access_token_validity: i64,
    pub refresh_token_validity: i64,
    pub refresh_token_maximum: i64,
    pub claims_in_id_token: bool,
    /// Whether userinfo answers by a signed JWT.
    pub sign_userinfo: bool,
    /// Where the application hears of sign-outs: by its server, and by a frame in the browser.
    pub backchannel_logout_uri: Option<String>,
    pub frontchannel_logout_uri: Option<String>,
    pub sign_out_ends: SignOutEnds,
    /// Whether devices may ask (RFC 8628).
    pub device_flow: bool,
    /// Whether tokens are given without a person (RFC 6749 section 4.4).
    pub client_credentials: bool,
    /// The username of the service account in whose name, where the client alone asks.
    pub service_account: Option<String>,
    pub client_auth: ClientAuth,
    /// The client's public keys, or where they are fetched.
    pub jwks: Option<String>,
    pub jwks_uri: Option<String>,
    pub request_objects: RequestObjects,
    /// Where its request objects may be fetched.
    pub request_uris: Vec<String>,
    /// Whether authorization requests must be pushed first (RFC 9126).
    pub require_par: bool,
    pub uris: Vec<RegisteredUri>,
}

impl Provider {
    /// What the client secret is sealed to: a sealed secret moved to another client does not open.
    pub fn secret_seal(&self) -> String {
        Self::secret_seal_of(&self.client_id)
    }

    /// The same by the client's id.
    pub fn secret_seal_of(client_id: &str) -> String {
        format!("providers/{client_id}/client_secret")
    }

    /// Whether ID tokens are signed with the client secret (HS256). Everything else always is with a key.
    pub fn signs_by_secret(&self) -> bool {
        self.signing_alg.as_deref() == Some(HS256)
    }

    /// Whether its secret is used as a key, and so must be as long as one.
    pub fn needs_long_secret(&self) -> bool {
        self.signs_by_secret() || self.client_auth == ClientAuth::SecretJwt || self.signs_requests_by_secret()
    }

    /// Whether the client signs its request objects with its secret: where it has no keys, which would be better.
    pub fn signs_requests_by_secret(&self) -> bool {
        self.request_objects != RequestObjects::Off
            && self.client_type == ClientType::Confidential
            && self.client_auth != ClientAuth::PrivateKeyJwt
            && !self.has_keys()
    }

    /// Whether the client's own keys are known, or where they are.
    pub fn has_keys(&self) -> bool {
        self.jwks.is_some() || self.jwks_uri.is_some()
    }

    /// The algorithm of the keys that sign for it.
    pub fn key_alg(&self) -> &str {
        self.signing_alg.as_deref().filter(|_| !self.signs_by_secret()).unwrap_or(Alg::Rs256.as_str())
    }

    pub fn uris_for(&self, purpose: Purpose) -> impl Iterator<Item = &RegisteredUri> {
        self.uris.iter().filter(move |u| u.purpose() == purpose)
    }
}

const COLUMNS: &str = "id, name, client_type, client_id, client_secret_sealed, preset, app_url, authorization_flow, \
    consent_validity, scopes, signing_alg, signing_kid, subject_mode, pkce, code_validity, access_token_validity, \
    refresh_token_validity, refresh_token_maximum, claims_in_id_token, response_types, sign_userinfo, \
    backchannel_logout_uri, frontchannel_logout_uri, sign_out_ends, device_flow, client_credentials, \
    (SELECT username FROM users WHERE users.id = service_account_id) AS service_account, \
    client_auth, jwks, jwks_uri, request_objects, request_uris, require_par";

/// A stored word that this version does not know.
fn unknown(column: usize, text: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, format!("unknown value {text:?}").into())
}

fn word<T>(r: &Row, column: usize, parse: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text: String = r.get(column)?;
    parse(&text).ok_or_else(|| unknown(column, &text))
}

/// The same by the name of the column.
fn named<T>(r: &Row, column: &str, parse: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    word(r, r.as_ref().column_index(column)?, parse)
}

fn row(r: &Row) -> rusqlite::Result<Provider> {
    Ok(Provider {
        id: r.get(0)?,
        name: r.get(1)?,
        client_type: word(r, 2, ClientType::parse)?,
        client_id: r.get(3)?,
        client_secret_sealed: r.get(4)?,
        preset: word(r, 5, Preset::parse)?,
        app_url: r.get(6)?,
        authorization_flow: word(r, 7, AuthorizationFlow::parse)?,
        consent_validity: r.get(8)?,
        scopes: ScopeSet::from_store(&r.get::<_, String>(9)?),
        signing_alg: r.get(10)?,
        signing_kid: r.get(11)?,
        subject_mode: word(r, 12, SubjectMode::parse)?,
        pkce: word(r, 13, PkcePolicy::parse)?,
        code_validity: r.get(14)?,
        access_token_validity: r.get(15)?,
        refresh_token_validity: r.get(16)?,
        refresh_token_maximum: r.get(17)?,
        claims_in_id_token: r.get(18)?,
        response_types: word(r, 19, ResponseTypes::parse)?,
        sign_userinfo: r.get(20)?,
        backchannel_logout_uri: r.get("backchannel_logout_uri")?,
        frontchannel_logout_uri: r.get("frontchannel_logout_uri")?,
        sign_out_ends: named(r, "sign_out_ends", SignOutEnds::parse)?,
        device_flow: r.get("device_flow")?,
        client_credentials: r.get("client_credentials")?,
        service_account: r.get("service_account")?,
        client_auth: named(r, "client_auth", ClientAuth::parse)?,
        jwks: r.get("jwks")?,
        jwks_uri: r.get("jwks_uri")?,
        request_objects: named(r, "request_objects", RequestObjects::parse)?,
        request_uris: r.get::<_, String>("request_uris")?.lines().map(str::to_owned).collect(),
        require_par: r.get("require_par")?,
        uris: Vec::new(),
    })
}

fn with_uris(connection: &Connection, provider: Option<Provider>) -> Result<Option<Provider>, Internal> {
    let Some(mut provider) = provider else { return Ok(None) };
    let sql = "SELECT matching, purpose, uri FROM provider_uris WHERE provider_id = ?1 ORDER BY position";
    provider.uris = collect(connection, sql, [provider.id], |r| uri_row(r, 0))?;
    Ok(Some(provider))
}

/// Reads matching, purpose and URI, from a column on.
fn uri_row(r: &Row, at: usize) -> rusqlite::Result<RegisteredUri> {
    Ok(RegisteredUri::from_store(word(r, at, Matching::parse)?, word(r, at + 1, Purpose::parse)?, r.get(at + 2)?))
}

pub fn by_id(connection: &Connection, id: i64) -> Result<Option<Provider>, Internal> {
    let found = find(connection, &format!("SELECT {COLUMNS} FROM providers WHERE id = ?1"), [id], row)?;
    with_uris(connection, found)
}

pub fn by_client_id(connection: &Connection, client_id: &str) -> Result<Option<Provider>, Internal> {
    let found = find(connection, &format!("SELECT {COLUMNS} FROM providers WHERE client_id = ?1"), [client_id], row)?;
    with_uris(connection, found)
}

pub fn by_name(connection: &Connection, name: &str) -> Result<Option<Provider>, Internal> {
    let found = find(connection, &format!("SELECT {COLUMNS} FROM providers WHERE name = ?1"), [name], row)?;
    with_uris(connection, found)
}

/// All providers, by name.
pub fn list(connection: &Connection) -> Result<Vec<Provider>, Internal> {
    let mut all = collect(connection, &format!("SELECT {COLUMNS} FROM providers ORDER BY name"), [], row)?;
    let ids: Vec<i64> = all.iter().map(|p| p.id).collect();
    let mut uris = uris_of(connection, &ids)?;
    for provider in &mut all {
        provider.uris = uris.remove(&provider.id).unwrap_or_default();
    }
    Ok(all)
}

/// A provider in a list, with what is told of it there.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: i64,
    pub name: String,
    pub client_type: ClientType,
    pub client_id: String,
    /// Slug and name of the application that it is connected to.
    pub application: Option<(String, String)>,
}

/// The providers that a search finds by name, client id or application, in the order of their names.
pub fn search(connection: &Connection, typed: &str) -> Result<Vec<Listed>, Internal> {
    let sql = "SELECT p.id, p.name, p.client_type, p.client_id, a.slug, a.name
               FROM providers p LEFT JOIN applications a ON a.provider_id = p.id ORDER BY p.name COLLATE NOCASE, p.id";
    let all = collect(connection, sql, [], |r| {
        let slug: Option<String> = r.get(4)?;
        Ok(Listed {
            id: r.get(0)?,
            name: r.get(1)?,
            client_type: word(r, 2, ClientType::parse)?,
            client_id: r.get(3)?,
            application: slug.zip(r.get(5)?),
        })
    })?;
    let words = Words::of(typed);
    let is_found = |p: &Listed| {
        let (slug, name) = p.application.as_ref().map_or(("", ""), |(slug, name)| (slug, name));
        words.are_in(&[&p.name, &p.client_id, slug, name])
    };
    Ok(all.into_iter().filter(is_found).collect())
}

/// The URIs of these providers in their order, by provider.
pub fn uris_of(connection: &Connection, ids: &[i64]) -> Result<HashMap<i64, Vec<RegisteredUri>>, Internal> {
    let sql = "SELECT provider_id, matching, purpose, uri FROM provider_uris
               WHERE provider_id IN (SELECT value FROM json_each(?1)) ORDER BY provider_id, position";
    let uris = collect(connection, sql, [ids_json(ids)], |r| {
        let uri = RegisteredUri::from_store(word(r, 1, Matching::parse)?, word(r, 2, Purpose::parse)?, r.get(3)?);
        Ok((r.get(0)?, uri))
    })?;
    let mut found: HashMap<i64, Vec<RegisteredUri>> = HashMap::new();
    for (provider, uri) in uris {
        found.entry(provider).or_default().push(uri);
    }
    Ok(found)
}

/// Id and name of the providers that no application has.
pub fn unconnected(connection: &Connection) -> Result<Vec<(i64, String)>, Internal> {
    let sql = "SELECT id, name FROM providers WHERE id NOT IN
                 (SELECT provider_id FROM applications WHERE provider_id IS NOT NULL) ORDER BY name LIMIT 200";
    collect(connection, sql, [], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// The names of the providers that offer a scope.
pub fn offering(connection: &Connection, scope: &str) -> Result<Vec<String>, Internal> {
    let sql = "SELECT name FROM providers WHERE instr(' ' || scopes || ' ', ' ' || ?1 || ' ') > 0 ORDER BY name";
    collect(connection, sql, [scope], |r| r.get(0))
}

pub fn delete(tx: &Tx, id: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM providers WHERE id = ?1", [id])?;
    Ok(())
}

/// The distinct authorization redirect URIs of all providers: their origins may ask by CORS.
pub fn redirect_uris(connection: &Connection) -> Result<Vec<String>, Internal> {
    let sql = "SELECT DISTINCT uri FROM provider_uris WHERE purpose = 'authorization'";
    collect(connection, sql, [], |r| r.get(0))
}

/// The longest validity of an access or ID token that any provider gives, in seconds.
pub fn longest_access_token(connection: &Connection) -> Result<i64, Internal> {
    let sql = "SELECT coalesce(max(access_token_validity), 0) FROM providers";
    Ok(connection.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A provider as the schema's defaults make it.
    pub fn provider(tx: &Tx, client_id: &str) -> Result<i64, Internal> {
        let sql = "INSERT INTO providers (name, client_type, client_id, created_at, updated_at)
                   VALUES (?1, 'confidential', ?1, 0, 0)";
        execute(tx, sql, [client_id])?;
        Ok(tx.last_insert_rowid())
    }
}
