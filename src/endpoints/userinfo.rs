//! The userinfo endpoint (OpenID Connect Core section 5.3).

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::crypto::jwt::ExpectedTyp;
use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::http::Response;

use super::clients::Client;
use super::context::Ctx;
use super::issue::Signer;
use super::{Answer, bearer, clients, cors};

/// GET and POST `/application/o/userinfo/`.
pub fn userinfo(ctx: &Ctx) -> Answer {
    let token = bearer::presented(ctx)?;
    let found = ctx.app.store.read(|c| {
        let (token, client, user) = match bearer::find(ctx, c, &token)? {
            Ok(found) => found,
            Err(reason) => return Ok::<_, Internal>(Err(reason)),
        };
        let claims = clients::user_claims(c, &user)?;
        let Some(sub) = clients::subject(ctx.app, &client, &claims) else {
            return Ok(Err("the user has no e-mail address, which this client identifies by".into()));
        };
        let scopes = ScopeSet::from_store(&token.scopes);
        let mut body = clients::shared_claims(ctx, c, &client, &claims, &token.grant, &scopes, &token.grant.claims)?;
        body.insert("sub".into(), json!(sub));
        let answer = match client.provider.sign_userinfo {
            true => signed(ctx, c, &client, body)?,
            false => Response::json(200, &Value::Object(body)),
        };
        Ok(Ok((client, answer)))
    })?;
    match found {
        Ok((client, answer)) => cors::share_with_origin(ctx, &client, Ok(answer)),
        Err(reason) => {
            ctx.app.recorder.refused(ctx.event("userinfo_refused").detail("reason", reason));
            Err(bearer::invalid_token())
        }
    }
}

/// OpenID Connect Core section 5.3.2: the claims as a JWT, which says whose it is and for whom.
fn signed(
    ctx: &Ctx,
    connection: &Connection,
    client: &Client,
    mut claims: Map<String, Value>,
) -> Result<Response, Internal> {
    claims.insert("iss".into(), json!(client.issuer(ctx.app)));
    claims.insert("aud".into(), json!(client.provider.client_id));
    let key = ctx.app.keyring.signing(connection, ctx.app.sealer(), &client.provider, ctx.now)?;
    let jwt = Signer::of(ctx.app, client, &key)?.sign(ExpectedTyp::Userinfo, &claims)?;
    Ok(Response::bytes("application/jwt", jwt.into_bytes()))
}
