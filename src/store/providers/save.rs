//! Writing a provider down.

use rusqlite::types::Value;
use rusqlite::{params, params_from_iter};

use super::Provider;
use crate::domain::UnixSeconds;
use crate::domain::names::fold;
use crate::domain::redirect_uri::RegisteredUri;
use crate::error::Internal;
use crate::store::{Tx, execute, find};

/// Adds a provider and gives its id.
pub fn insert(tx: &Tx, p: &Provider, now: UnixSeconds) -> Result<i64, Internal> {
    let (mut names, mut values) = columns(tx, p, now)?;
    names.push("created_at");
    values.push(now.into());
    let places = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO providers ({}) VALUES ({places})", names.join(", "));
    execute(tx, &sql, params_from_iter(values))?;
    let id = tx.last_insert_rowid();
    replace_uris(tx, id, &p.uris)?;
    Ok(id)
}

/// Writes all of a provider that is there.
pub fn update(tx: &Tx, p: &Provider, now: UnixSeconds) -> Result<(), Internal> {
    let (names, mut values) = columns(tx, p, now)?;
    values.push(p.id.into());
    let sql = format!("UPDATE providers SET {} = ? WHERE id = ?", names.join(" = ?, "));
    execute(tx, &sql, params_from_iter(values))?;
    replace_uris(tx, p.id, &p.uris)
}

/// Each column with what stands in it.
fn columns(tx: &Tx, p: &Provider, now: UnixSeconds) -> Result<(Vec<&'static str>, Vec<Value>), Internal> {
    let text = |t: &str| Value::from(t.to_owned());
    let maybe = |t: &Option<String>| Value::from(t.clone());
    let service_account = match &p.service_account {
        Some(name) => find(tx, SERVICE_ACCOUNT, [fold(name)], |r| r.get::<_, i64>(0))?,
        None => None,
    };
    Ok([
        ("name", text(&p.name)),
        ("client_type", text(p.client_type.as_str())),
        ("client_id", text(&p.client_id)),
        ("client_secret_sealed", p.client_secret_sealed.clone().into()),
        ("preset", text(p.preset.as_str())),
        ("app_url", maybe(&p.app_url)),
        ("authorization_flow", text(p.authorization_flow.as_str())),
        ("consent_validity", p.consent_validity.into()),
        ("scopes", text(&p.scopes.to_string())),
        ("signing_alg", maybe(&p.signing_alg)),
        ("signing_kid", maybe(&p.signing_kid)),
        ("subject_mode", text(p.subject_mode.as_str())),
        ("pkce", text(p.pkce.as_str())),
        ("response_types", text(p.response_types.as_str())),
        ("code_validity", p.code_validity.into()),
        ("access_token_validity", p.access_token_validity.into()),
        ("refresh_token_validity", p.refresh_token_validity.into()),
        ("refresh_token_maximum", p.refresh_token_maximum.into()),
        ("claims_in_id_token", p.claims_in_id_token.into()),
        ("sign_userinfo", p.sign_userinfo.into()),
        ("backchannel_logout_uri", maybe(&p.backchannel_logout_uri)),
        ("frontchannel_logout_uri", maybe(&p.frontchannel_logout_uri)),
        ("sign_out_ends", text(p.sign_out_ends.as_str())),
        ("device_flow", p.device_flow.into()),
        ("client_credentials", p.client_credentials.into()),
        ("service_account_id", service_account.into()),
        ("client_auth", text(p.client_auth.as_str())),
        ("jwks", maybe(&p.jwks)),
        ("jwks_uri", maybe(&p.jwks_uri)),
        ("request_objects", text(p.request_objects.as_str())),
        ("request_uris", text(&p.request_uris.join("\n"))),
        ("require_par", p.require_par.into()),
        ("updated_at", now.into()),
    ]
    .into_iter()
    .unzip())
}

const SERVICE_ACCOUNT: &str = "SELECT id FROM users WHERE username_key = ?1 AND is_service_account";

fn replace_uris(tx: &Tx, provider: i64, uris: &[RegisteredUri]) -> Result<(), Internal> {
    execute(tx, "DELETE FROM provider_uris WHERE provider_id = ?1", [provider])?;
    let sql = "INSERT INTO provider_uris (provider_id, position, purpose, matching, uri) VALUES (?1, ?2, ?3, ?4, ?5)";
    for (position, u) in uris.iter().enumerate() {
        execute(tx, sql, params![provider, position as i64, u.purpose().as_str(), u.matching().as_str(), u.uri()])?;
    }
    Ok(())
}
