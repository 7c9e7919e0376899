//! Tokens without a person (RFC 6749 section 4.4), in the name of a service account: of the one that the provider names,
//! to a client that proves who it is; or of any that has access, to whoever presents its app password, as authentik has it.

use crate::crypto::digest::secret_hash;
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::client::{ClientAuth, ClientType};
use crate::domain::grant_type::GrantType;
use crate::domain::names::fold;
use crate::domain::scope::{self, ScopeSet};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::store::app_passwords;
use crate::store::grants::{self, Grant};
use crate::store::users::{self, User};

use super::clients::{self, Client};
use super::context::Ctx;
use super::failure::{Audience, Failure, OAuthError};
use super::issue::Occasion;
use super::token::{NewTokens, answer, invalid_grant, refusal, tokens_for};
use super::{Answer, client_auth};

pub const GRANT_TYPE: &str = "client_credentials";

/// The client of a request in which a service account proves itself and the client does not: it is named only. RFC 6749
/// section 3.2.1 has confidential clients authenticate, and authentik's programs send no secret: whoever keeps a client to
/// signatures wants more than that.
pub(super) fn named_client(ctx: &Ctx, form: &Params) -> Result<Option<Client>, Failure> {
    let is_by_account = form.one("grant_type")? == Some(GRANT_TYPE) && account_of(form)?.is_some();
    let proves_itself = ctx.req.header("authorization").is_some()
        || form.has("client_secret")
        || form.has("client_assertion")
        || form.has("client_assertion_type");
    if !is_by_account || proves_itself {
        return Ok(None);
    }
    let client = client_auth::named(ctx, form)?;
    let must_sign =
        client.provider.client_type == ClientType::Confidential && client.provider.client_auth != ClientAuth::Secret;
    Ok(Some(client).filter(|_| !must_sign))
}

/// Username and app password of a service account that proves itself. One that is sent without a value is not sent.
fn account_of(form: &Params) -> Result<Option<(&str, &str)>, Failure> {
    match (form.one("username")?, form.one("password")?) {
        (None, None) => Ok(None),
        (Some(username), Some(password)) => Ok(Some((username, password))),
        _ => {
            let words = "username and password belong together: those of a service account";
            Err(OAuthError::bad_request("invalid_request", words).into())
        }
    }
}

/// `grant_type=client_credentials` (section 4.4.2). The client is authenticated, or an account is named that proves itself:
/// see [`named_client`].
pub(super) fn give(ctx: &Ctx, client: &Client, form: &Params) -> Answer {
    if !client.provider.client_credentials {
        return Err(unauthorized(ctx, client, "client credentials are off at this provider"));
    }
    let (user, app_password) = match account_of(form)? {
        None => (named_account(ctx, client)?, None),
        Some((username, password)) => {
            let (user, id) = by_app_password(ctx, client, username, password)?;
            (user, Some(id))
        }
    };
    let grantable = scope::grantable(&client.provider.scopes);
    let asked = ScopeSet::parse(form.one("scope")?.unwrap_or_default(), &grantable);
    // Section 4.4.3: no refresh token, and so no offline access.
    let scopes = asked.granted(&grantable).without("offline_access");
    let grant = grant_of(ctx, client, &user, app_password, &scopes);
    let has_subject = ctx.app.store.read(|c| {
        let claims = clients::user_claims(c, &user)?;
        Ok::<_, Internal>(clients::subject(ctx.app, client, &claims).is_some())
    })?;
    if !has_subject {
        return Err(invalid_grant(ctx, client, "the account has no e-mail address, which this client identifies by"));
    }
    let issued = match tokens_for(ctx, client, &grant, &scopes, Occasion::Authorization)? {
        Ok(issued) => issued,
        Err(reason) => return Err(invalid_grant(ctx, client, &reason)),
    };
    let event = ctx
        .event("authorize_application")
        .user(&user.username)
        .client(&client.provider.client_id)
        .detail("application", &client.application.slug)
        .detail("grant", grant.grant_type.as_str())
        .detail("scopes", &grant.scopes);
    let (code, now) = (secret_hash(&random::token()), ctx.now);
    let mut row = NewTokens::new(ctx, client, 0, &scopes, &issued, None);
    // Looked at again in the same commit: what was revoked or disabled meanwhile gives nothing.
    let given = ctx.app.store.write(move |tx| {
        let is_there = users::by_id(tx, grant.user_id)?.is_some_and(|u| u.active && u.service_account);
        let is_good = match app_password {
            Some(id) => app_passwords::used(tx, id, now)?,
            None => true,
        };
        if !is_there || !is_good {
            return Ok::<_, Internal>(Given::Ended);
        }
        if let Err(wait) = grants::make_room(tx, grant.user_id, grant.provider_id, now)? {
            return Ok(Given::TooMany(wait));
        }
        row.grant = grants::insert(tx, &grant, &code)?;
        row.store(tx, now)?;
        event.store(tx)?;
        Ok(Given::Yes)
    })?;
    match given {
        Given::Yes => {
            ctx.app.metrics.issued.count(GRANT_TYPE);
            Ok(answer(issued, ctx.now, &scopes, None))
        }
        Given::Ended => Err(invalid_grant(ctx, client, "the service account or its app password has ended meanwhile")),
        Given::TooMany(wait) => Ok(come_later(ctx, client, wait)),
    }
}

enum Given {
    Yes,
    /// The account or its app password is not good any more.
    Ended,
    /// The account holds too much at this provider, until so many seconds have passed.
    TooMany(UnixSeconds),
}

fn come_later(ctx: &Ctx, client: &Client, wait: UnixSeconds) -> Response {
    let event = refusal(ctx, client).detail("reason", "the service account holds too many tokens at this provider");
    ctx.app.recorder.refused(event);
    let error = OAuthError {
        status: 429,
        error: "temporarily_unavailable",
        description: "too many tokens are valid: use one until it ends",
        challenge: None,
    };
    Failure::OAuth(error).into_response(ctx, Audience::Program).header("Retry-After", wait.max(1).to_string())
}

fn unauthorized(ctx: &Ctx, client: &Client, reason: &str) -> Failure {
    ctx.app.recorder.refused(refusal(ctx, client).detail("reason", reason));
    OAuthError::bad_request("unauthorized_client", "this client may not use client credentials").into()
}

/// The account that the provider names. Section 4.4: for confidential clients only.
fn named_account(ctx: &Ctx, client: &Client) -> Result<User, Failure> {
    if client.provider.client_type == ClientType::Public {
        return Err(unauthorized(ctx, client, "a public client does not prove who it is"));
    }
    let Some(name) = &client.provider.service_account else {
        return Err(unauthorized(ctx, client, "the provider names no service account"));
    };
    let user = ctx.app.store.read(|c| users::by_login(c, name))?.filter(|u| u.service_account);
    user.ok_or_else(|| unauthorized(ctx, client, "the service account is not there any more"))
}

/// The account whose app password this is, with the password's id. Nobody guesses 381 bit: a right one is never kept
/// waiting, and wrong ones wait only to make less noise.
fn by_app_password(ctx: &Ctx, client: &Client, username: &str, password: &str) -> Result<(User, i64), Failure> {
    let hash = secret_hash(password);
    let (found, user) = ctx.app.store.read(|c| {
        let found = app_passwords::by_hash(c, &hash)?;
        Ok::<_, Internal>((found, users::by_login(c, username)?))
    })?;
    let why = match (&found, &user) {
        (Some(p), Some(user)) if p.user_id == user.id && user.service_account => match p.is_good(ctx.now) {
            true => None,
            false => Some("the app password has expired"),
        },
        (Some(_), _) => Some("the app password is another account's"),
        (None, _) => Some("no service account has this name and app password"),
    };
    match (found, user, why) {
        (Some(p), Some(user), None) => Ok((user, p.id)),
        (_, user, why) => {
            let name = fold(username);
            let account = user.as_ref().map_or(crate::throttle::Account::Nobody(&name), Into::into);
            match ctx.app.throttle.begin(account, None, ctx.req.client, ctx.now) {
                Ok(_) => Err(invalid_grant(ctx, client, why.unwrap_or_default())),
                Err(_) => Err(OAuthError {
                    status: 429,
                    error: "invalid_grant",
                    description: "there were too many wrong app passwords: wait before the next one",
                    challenge: None,
                }
                .into()),
            }
        }
    }
}

fn grant_of(ctx: &Ctx, client: &Client, user: &User, app_password: Option<i64>, scopes: &ScopeSet) -> Grant {
    Grant {
        id: 0,
        provider_id: client.provider.id,
        user_id: user.id,
        // Of no session: nobody signs out of it.
        sid: random::token(),
        scopes: scopes.to_string(),
        nonce: None,
        claims: String::new(),
        id_token_claims: String::new(),
        auth_time: ctx.now,
        amr: String::new(),
        acr: String::new(),
        address: ctx.req.client.to_string(),
        created_at: ctx.now,
        expires_at: ctx.now + client.provider.access_token_validity,
        code_redirect_uri: String::new(),
        code_challenge: None,
        code_expires_at: ctx.now,
        code_redeemed_at: None,
        grant_type: GrantType::ClientCredentials,
        app_password_id: app_password,
    }
}
