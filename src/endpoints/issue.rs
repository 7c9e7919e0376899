//! Making the tokens of an answer: access token (RFC 9068), ID token (OpenID Connect Core section 2).

use std::sync::Arc;

use aws_lc_rs::digest::{Algorithm, SHA256};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::crypto::digest::{Hash, secret_hash};
use crate::crypto::jwt::{ExpectedTyp, SharedKey, half_hash};
use crate::crypto::keys::SigningKey;
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::claims::UserClaims;
use crate::domain::grant_type::GrantType;
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::store::app_passwords;
use crate::store::grants::Grant;
use crate::store::providers::Provider;
use crate::store::users::{self, User};

use super::clients::{self, Client};
use super::context::Ctx;

/// Tokens that were made but not stored yet.
pub struct Issued {
    pub access: Access,
    pub id_token: Option<String>,
}

/// An access token that was made.
pub struct Access {
    pub token: String,
    pub hash: Hash,
    pub expires_at: UnixSeconds,
}

/// Whether an ID token answers an authorization, and then repeats its nonce, or a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    Authorization,
    /// OpenID Connect Core section 12.2: no nonce.
    Refresh,
}

/// Why a grant gives no tokens any more, for the events.
pub type NoLonger = String;

/// Looks again at who a grant is for: the user must be active and still have access.
pub fn entitled(
    ctx: &Ctx,
    connection: &Connection,
    client: &Client,
    grant: &Grant,
) -> Result<Result<User, NoLonger>, Internal> {
    let Some(user) = users::by_id(connection, grant.user_id)? else { return Ok(Err("the user was deleted".into())) };
    if grant.grant_type == GrantType::ClientCredentials
        && let Some(why) = no_longer(ctx, connection, client, grant, &user)?
    {
        return Ok(Err(why.into()));
    }
    let decision = clients::decide(ctx, connection, &client.application, &user, &ctx.circumstances_of(grant))?;
    Ok(if decision.is_allowed() { Ok(user) } else { Err(decision.why().to_string()) })
}

/// Why a service account is given nothing any more by what it proved itself by.
fn no_longer(
    ctx: &Ctx,
    connection: &Connection,
    client: &Client,
    grant: &Grant,
    user: &User,
) -> Result<Option<&'static str>, Internal> {
    if !client.provider.client_credentials {
        return Ok(Some("client credentials are off at this provider"));
    }
    let Some(id) = grant.app_password_id else {
        let is_named = client.provider.service_account.as_ref() == Some(&user.username);
        return Ok((!is_named).then_some("the provider names another service account, or none"));
    };
    let is_good = app_passwords::by_id(connection, id)?.is_some_and(|p| p.is_good(ctx.now));
    Ok((!is_good).then_some("the app password has expired"))
}

/// Makes the tokens of a grant for an answer of the token endpoint.
pub fn issue(
    ctx: &Ctx,
    connection: &Connection,
    client: &Client,
    grant: &Grant,
    user: &User,
    scopes: &ScopeSet,
    occasion: Occasion,
) -> Result<Issued, Internal> {
    let maker = Maker::new(ctx, connection, client, grant, user)?;
    let access = maker.access_token(scopes)?;
    let nonce = grant.nonce.as_deref().filter(|_| occasion == Occasion::Authorization);
    let bound = Bound { nonce, access_token: Some(&access.token), code: None };
    let id_token = match scopes.contains("openid") {
        true => Some(maker.id_token(scopes, &bound)?),
        false => None,
    };
    Ok(Issued { access, id_token })
}

/// Makes tokens of one grant, for an answer of either endpoint.
pub struct Maker<'a> {
    ctx: &'a Ctx<'a>,
    connection: &'a Connection,
    client: &'a Client,
    grant: &'a Grant,
    user: UserClaims,
    sub: String,
    key: Arc<SigningKey>,
}

/// What ties an ID token to one answer.
pub struct Bound<'a> {
    pub nonce: Option<&'a str>,
    /// What comes beside it.
    pub access_token: Option<&'a str>,
    pub code: Option<&'a str>,
}

impl<'a> Maker<'a> {
    pub fn new(
        ctx: &'a Ctx<'a>,
        connection: &'a Connection,
        client: &'a Client,
        grant: &'a Grant,
        user: &User,
    ) -> Result<Self, Internal> {
        let key = ctx.app.keyring.signing(connection, ctx.app.sealer(), &client.provider, ctx.now)?;
        let user = clients::user_claims(connection, user)?;
        let sub = clients::subject(ctx.app, client, &user)
            .ok_or_else(|| Internal::fault("the user has no e-mail address, which this client identifies by"))?;
        Ok(Self { ctx, connection, client, grant, user, sub, key })
    }

    pub fn access_token(&self, scopes: &ScopeSet) -> Result<Access, Internal> {
        let provider = &self.client.provider;
        let mut claims = common(self.ctx, self.client, self.grant, &self.sub, &self.client.issuer(self.ctx.app));
        claims.insert("client_id".into(), json!(provider.client_id));
        claims.insert("scope".into(), json!(scopes.to_string()));
        let token = self.key.sign_jwt(ExpectedTyp::Access.as_str(), &claims).map_err(Internal::fault)?;
        let expires_at = self.ctx.now + provider.access_token_validity;
        Ok(Access { hash: secret_hash(&token), token, expires_at })
    }

    pub fn id_token(&self, scopes: &ScopeSet, bound: &Bound<'_>) -> Result<String, Internal> {
        // OpenID Connect Core section 5.4: where there will be no access token, userinfo cannot tell the claims.
        let is_all_there_is = bound.access_token.is_none() && bound.code.is_none();
        let telling = if is_all_there_is { Telling::Everything } else { Telling::of(&self.client.provider) };
        let Self { ctx, connection, client, grant, user, sub, key } = self;
        let mut id = id_claims(ctx, connection, client, grant, user, sub, scopes, telling)?;
        let mut insert = |name: &str, value: Option<String>| value.map(|v| id.insert(name.into(), Value::String(v)));
        insert("nonce", bound.nonce.map(str::to_owned));
        let signer = Signer::of(ctx.app, client, key)?;
        insert("at_hash", bound.access_token.map(|token| half_hash(signer.digest(), token)));
        insert("c_hash", bound.code.map(|code| half_hash(signer.digest(), code)));
        signer.sign(ExpectedTyp::Id, &id)
    }
}

/// What signs that which a client reads: its own secret, where the provider is set so, or a key.
pub enum Signer<'a> {
    Key(&'a SigningKey),
    Secret(Box<SharedKey>),
}

impl<'a> Signer<'a> {
    pub fn of(app: &App, client: &Client, key: &'a SigningKey) -> Result<Self, Internal> {
        if client.provider.signs_by_secret()
            && let Some(secret) = clients::secret(app, &client.provider)?
        {
            return Ok(Self::Secret(Box::new(SharedKey::new(secret.as_bytes()))));
        }
        Ok(Self::Key(key))
    }

    fn digest(&self) -> &'static Algorithm {
        match self {
            Self::Key(key) => key.alg().digest(),
            Self::Secret(_) => &SHA256,
        }
    }

    pub fn sign(&self, typ: ExpectedTyp, claims: &Map<String, Value>) -> Result<String, Internal> {
        match self {
            Self::Key(key) => key.sign_jwt(typ.as_str(), claims).map_err(Internal::fault),
            Self::Secret(shared) => Ok(shared.sign(typ, claims)),
        }
    }
}

/// What ID and access tokens have in common.
fn common(ctx: &Ctx, client: &Client, grant: &Grant, sub: &str, audience: &str) -> Map<String, Value> {
    let mut c = Map::new();
    c.insert("iss".into(), json!(client.issuer(ctx.app)));
    c.insert("sub".into(), json!(sub));
    c.insert("aud".into(), json!(audience));
    c.insert("exp".into(), json!(ctx.now + client.provider.access_token_validity));
    c.insert("iat".into(), json!(ctx.now));
    c.insert("jti".into(), json!(random::token()));
    // Nobody has signed in for client credentials (RFC 9068 section 2.2.1).
    if grant.grant_type != GrantType::ClientCredentials {
        c.insert("auth_time".into(), json!(grant.auth_time));
        c.insert("acr".into(), json!(grant.acr));
        c.insert("amr".into(), json!(grant.amr.split(' ').collect::<Vec<_>>()));
    }
    c
}

/// What an ID token tells of its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// What userinfo tells.
    Everything,
    /// What the client asked for one by one in the ID token.
    AskedFor,
}

impl Telling {
    /// Where userinfo tells the rest: as the provider is set.
    pub fn of(provider: &Provider) -> Self {
        if provider.claims_in_id_token { Self::Everything } else { Self::AskedFor }
    }
}

/// The claims of an ID token, but for those that tie it to one answer.
#[expect(clippy::too_many_arguments, reason = "each is another thing that a token is made of")]
pub fn id_claims(
    ctx: &Ctx,
    connection: &Connection,
    client: &Client,
    grant: &Grant,
    user: &UserClaims,
    sub: &str,
    scopes: &ScopeSet,
    telling: Telling,
) -> Result<Map<String, Value>, Internal> {
    let provider = &client.provider;
    let mut id = match telling {
        Telling::Everything => clients::shared_claims(ctx, connection, client, user, grant, scopes, &grant.claims)?,
        // OpenID Connect Core section 5.5: what is asked for in the ID token stands there all the same.
        Telling::AskedFor if grant.id_token_claims.is_empty() => Map::new(),
        Telling::AskedFor => {
            let (none, names) = (ScopeSet::default(), &grant.id_token_claims);
            clients::shared_claims(ctx, connection, client, user, grant, &none, names)?
        }
    };
    id.extend(common(ctx, client, grant, sub, &provider.client_id));
    id.insert("azp".into(), json!(provider.client_id));
    if grant.grant_type != GrantType::ClientCredentials {
        id.insert("sid".into(), json!(grant.sid));
    }
    Ok(id)
}
