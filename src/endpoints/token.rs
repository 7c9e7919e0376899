//! The token endpoint (RFC 6749 section 3.2). Owns grant dispatch, redemption and rotation; the rules live in
//! `domain::code` and `domain::refresh`.

use serde_json::{Map, Value, json};

use crate::crypto::digest::{Hash, secret_hash};
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::code::{self, CodeError};
use crate::domain::event_kinds::TOKEN_REPLAYED;
use crate::domain::grant_type::GrantType;
use crate::domain::pkce::Challenge;
use crate::domain::refresh::{self, RefreshDecision};
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::store::Tx;
use crate::store::events::Event;
use crate::store::grants::{self, Grant};
use crate::store::tokens::{self, RefreshToken};

use super::clients::Client;
use super::context::Ctx;
use super::failure::{Failure, OAuthError};
use super::issue::{Issued, Occasion, entitled, issue};
use super::{Answer, client_auth, client_credentials, cors, device};

/// POST `/application/o/token/`.
pub fn token(ctx: &Ctx) -> Answer {
    let counted = |failure: Failure| {
        if let Failure::OAuth(error) = &failure {
            ctx.app.metrics.token_errors.count(error.error);
        }
        failure
    };
    let Some(form) = ctx.req.form() else {
        let words = "the body must be application/x-www-form-urlencoded";
        return Err(counted(OAuthError::bad_request("invalid_request", words).into()));
    };
    let client = match client_credentials::named_client(ctx, &form).map_err(counted)? {
        Some(client) => client,
        None => client_auth::authenticate(ctx, &form).map_err(counted)?,
    };
    cors::share_with_origin(ctx, &client, dispatch(ctx, &client, &form).map_err(counted))
}

fn dispatch(ctx: &Ctx, client: &Client, form: &Params) -> Answer {
    match form.one("grant_type")? {
        Some("authorization_code") => redeem(ctx, client, form),
        Some("refresh_token") => rotate(ctx, client, form),
        Some(client_credentials::GRANT_TYPE) => client_credentials::give(ctx, client, form),
        Some(device::GRANT_TYPE) => device::redeem(ctx, client, form),
        Some(_) => {
            let words = "there is no such grant type: discovery says which there are";
            Err(OAuthError::bad_request("unsupported_grant_type", words).into())
        }
        None => Err(OAuthError::bad_request("invalid_request", "the parameter grant_type is missing").into()),
    }
}

/// The answer of RFC 6749 section 5.1.
pub(super) fn answer(issued: Issued, now: UnixSeconds, scopes: &ScopeSet, refresh_token: Option<String>) -> Response {
    let mut body = Map::new();
    body.insert("access_token".into(), json!(issued.access.token));
    body.insert("token_type".into(), json!("Bearer"));
    body.insert("expires_in".into(), json!(issued.access.expires_at - now));
    body.insert("scope".into(), json!(scopes.to_string()));
    if let Some(id_token) = issued.id_token {
        body.insert("id_token".into(), json!(id_token));
    }
    if let Some(refresh_token) = refresh_token {
        body.insert("refresh_token".into(), json!(refresh_token));
    }
    Response::json(200, &Value::Object(body))
}

/// Refuses with `invalid_grant`; the true reason goes to the events.
pub(super) fn invalid_grant(ctx: &Ctx, client: &Client, reason: &str) -> Failure {
    let event = refusal(ctx, client).detail("reason", reason);
    ctx.app.recorder.refused(event);
    invalid_grant_answer()
}

fn invalid_grant_answer() -> Failure {
    let words = "the code or refresh token is invalid, expired, used, or was issued for another request";
    OAuthError::bad_request("invalid_grant", words).into()
}

pub(super) fn refusal(ctx: &Ctx, client: &Client) -> Event {
    ctx.event("token_refused").client(&client.provider.client_id).detail("application", &client.application.slug)
}

/// A code or refresh token was presented twice: every token of its grant ends, and that is recorded at once.
pub(super) fn replayed(ctx: &Ctx, client: &Client, grant: &Grant, what: &str) -> Result<Failure, Internal> {
    let event = ctx
        .event(TOKEN_REPLAYED)
        .client(&client.provider.client_id)
        .detail("application", &client.application.slug)
        .detail("reason", what);
    let id = grant.id;
    ctx.app.store.write(move |tx| {
        grants::delete(tx, id)?;
        event.store(tx)
    })?;
    ctx.app.recorder.count(TOKEN_REPLAYED);
    Ok(invalid_grant_answer())
}

pub(super) fn stored_code(g: &Grant) -> code::Stored {
    code::Stored {
        provider_id: g.provider_id,
        redirect_uri: g.code_redirect_uri.clone(),
        challenge: g.code_challenge.clone().map(Challenge::from_store),
        issued_at: g.created_at,
        expires_at: g.code_expires_at,
        redeemed: g.code_redeemed_at.is_some(),
    }
}

/// `grant_type=authorization_code` (RFC 6749 section 4.1.3).
fn redeem(ctx: &Ctx, client: &Client, form: &Params) -> Answer {
    let Some(code) = form.one("code")? else {
        return Err(OAuthError::bad_request("invalid_request", "the parameter code is missing").into());
    };
    let (redirect_uri, verifier) = (form.one("redirect_uri")?, form.one("code_verifier")?);
    let hash = secret_hash(code);
    let Some(grant) = ctx.app.store.read(|c| grants::by_code(c, &hash, GrantType::Authorization))? else {
        return Err(invalid_grant(ctx, client, "the code is unknown"));
    };
    match code::redeem(&stored_code(&grant), client.provider.id, redirect_uri, verifier, ctx.now) {
        Ok(()) => {}
        Err(error @ CodeError::Replayed) => return Err(replayed(ctx, client, &grant, &error.to_string())?),
        Err(error) => return Err(invalid_grant(ctx, client, &error.to_string())),
    }
    spend(ctx, client, &grant, hash)
}

/// Gives the tokens of a grant, whose code is good: once.
pub(super) fn spend(ctx: &Ctx, client: &Client, grant: &Grant, hash: Hash) -> Answer {
    let scopes = ScopeSet::from_store(&grant.scopes);
    let issued = match tokens_for(ctx, client, grant, &scopes, Occasion::Authorization)? {
        Ok(issued) => issued,
        Err(reason) => return Err(invalid_grant(ctx, client, &reason)),
    };
    let refresh = scopes.contains("offline_access").then(random::token);
    let row = NewTokens::new(ctx, client, grant.id, &scopes, &issued, refresh.as_deref());
    let (now, id, grant_type) = (ctx.now, grant.id, grant.grant_type);
    // The statement decides who redeems: of many at once, one finds the code unredeemed.
    let outcome = ctx.app.store.write(move |tx| {
        // Its user signed out, was disabled or reset the password meanwhile.
        if grants::by_code(tx, &hash, grant_type)?.is_none() {
            return Ok::<_, Internal>(None);
        }
        if !grants::redeem(tx, id, now, row.grant_expires_at())? {
            return Ok(Some(false));
        }
        row.store(tx, now)?;
        Ok(Some(true))
    })?;
    match outcome {
        Some(true) => {
            ctx.app.metrics.issued.count(grant_type.as_str());
            Ok(answer(issued, ctx.now, &scopes, refresh))
        }
        Some(false) => Err(replayed(ctx, client, grant, "the code was redeemed by a parallel request")?),
        None => Err(invalid_grant(ctx, client, "the code was revoked meanwhile")),
    }
}

/// Makes the tokens if the user is still entitled to them.
pub(super) fn tokens_for(
    ctx: &Ctx,
    client: &Client,
    grant: &Grant,
    scopes: &ScopeSet,
    occasion: Occasion,
) -> Result<Result<Issued, String>, Internal> {
    ctx.app.store.read(|c| match entitled(ctx, c, client, grant)? {
        Ok(user) => issue(ctx, c, client, grant, &user, scopes, occasion).map(Ok),
        Err(reason) => Ok(Err(reason)),
    })
}

/// The rows of new tokens.
pub(super) struct NewTokens {
    /// Its id.
    pub(super) grant: i64,
    scopes: String,
    access: Hash,
    access_expires_at: UnixSeconds,
    refresh: Option<NewRefresh>,
}

struct NewRefresh {
    hash: Hash,
    idle_expires_at: UnixSeconds,
    absolute_expires_at: UnixSeconds,
}

impl NewTokens {
    pub(super) fn new(
        ctx: &Ctx,
        client: &Client,
        grant: i64,
        scopes: &ScopeSet,
        issued: &Issued,
        refresh: Option<&str>,
    ) -> Self {
        let p = &client.provider;
        let refresh = refresh.map(|token| NewRefresh {
            hash: secret_hash(token),
            idle_expires_at: ctx.now + p.refresh_token_validity,
            absolute_expires_at: ctx.now + p.refresh_token_maximum,
        });
        Self {
            grant,
            scopes: scopes.to_string(),
            access: issued.access.hash,
            access_expires_at: issued.access.expires_at,
            refresh,
        }
    }

    fn grant_expires_at(&self) -> UnixSeconds {
        let refresh = self.refresh.as_ref().map_or(0, |r| r.idle_expires_at.min(r.absolute_expires_at));
        self.access_expires_at.max(refresh)
    }

    pub(super) fn store(&self, tx: &Tx, now: UnixSeconds) -> Result<(), Internal> {
        tokens::insert_access(tx, &self.access, self.grant, &self.scopes, now, self.access_expires_at)?;
        if let Some(r) = &self.refresh {
            tokens::insert_refresh(tx, &r.hash, self.grant, now, r.idle_expires_at, r.absolute_expires_at)?;
        }
        grants::extend(tx, self.grant, self.grant_expires_at())
    }
}

fn stored_refresh(t: &RefreshToken) -> refresh::Stored {
    refresh::Stored {
        provider_id: t.grant.provider_id,
        issued_at: t.issued_at,
        idle_expires_at: t.idle_expires_at,
        absolute_expires_at: t.absolute_expires_at,
        used_at: t.used_at,
        successor_used: t.successor_used,
    }
}

/// `grant_type=refresh_token` (RFC 6749 section 6, rotation by RFC 9700 section 4.14.2).
fn rotate(ctx: &Ctx, client: &Client, form: &Params) -> Answer {
    let Some(presented) = form.one("refresh_token")? else {
        return Err(OAuthError::bad_request("invalid_request", "the parameter refresh_token is missing").into());
    };
    let hash = secret_hash(presented);
    let Some(found) = ctx.app.store.read(|c| tokens::refresh(c, &hash))? else {
        return Err(invalid_grant(ctx, client, "the refresh token is unknown"));
    };
    let decide = {
        let (provider, client_type, now) = (client.provider.id, client.provider.client_type, ctx.now);
        move |t: &RefreshToken| refresh::decide(&stored_refresh(t), provider, client_type, now)
    };
    match decide(&found) {
        Ok(RefreshDecision::Rotate | RefreshDecision::RepeatSuccessor) => {}
        Ok(RefreshDecision::Replayed) => {
            return Err(replayed(ctx, client, &found.grant, "the refresh token was used before")?);
        }
        Err(error) => return Err(invalid_grant(ctx, client, &error.to_string())),
    }
    let granted = ScopeSet::from_store(&found.grant.scopes);
    let scopes = refresh::narrow(&granted, form.one("scope")?).map_err(|_| {
        OAuthError::bad_request("invalid_scope", "the scope goes beyond what was granted at the authorization")
    })?;
    let issued = match tokens_for(ctx, client, &found.grant, &scopes, Occasion::Refresh)? {
        Ok(issued) => issued,
        Err(reason) => return Err(invalid_grant(ctx, client, &reason)),
    };
    // Derived, not random: presented again after a lost answer, the old token leads to the same successor, which is
    // nowhere stored.
    let successor = ctx.app.sealer().refresh_successor(presented);
    let mut row = NewTokens::new(ctx, client, found.grant.id, &scopes, &issued, Some(&successor));
    if let Some(r) = &mut row.refresh {
        r.absolute_expires_at = found.absolute_expires_at;
    }
    let (now, successor_hash) = (ctx.now, secret_hash(&successor));
    let outcome = ctx.app.store.write(move |tx| {
        // Decided again inside the transaction: a parallel request may have been faster.
        let Some(current) = tokens::refresh(tx, &hash)? else { return Ok::<_, Internal>(None) };
        let decision = decide(&current).ok();
        match decision {
            Some(RefreshDecision::Rotate) => {
                // The statement decides: a token that was not unused after all gives nothing.
                if !tokens::use_refresh(tx, &hash, &successor_hash, now)? {
                    return Ok(None);
                }
                row.store(tx, now)?;
            }
            Some(RefreshDecision::RepeatSuccessor) => {
                row.refresh = None;
                row.store(tx, now)?;
            }
            _ => {}
        }
        Ok(decision)
    })?;
    match outcome {
        Some(RefreshDecision::Rotate | RefreshDecision::RepeatSuccessor) => {
            ctx.app.metrics.issued.count("refresh_token");
            Ok(answer(issued, ctx.now, &scopes, Some(successor)))
        }
        Some(RefreshDecision::Replayed) => {
            Err(replayed(ctx, client, &found.grant, "the refresh token was used by a parallel request")?)
        }
        None => Err(invalid_grant(ctx, client, "the refresh token was revoked meanwhile")),
    }
}
