//! The userinfo endpoint (OpenID Connect Core section 5.3).

use serde_json::{Value, json};

use crate::domain::scope::ScopeSet;
use crate::error::Internal;
use crate::http::Response;

use super::context::Ctx;
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
        let mut body = clients::shared_claims(ctx, c, &client, &claims, &token.grant, &scopes)?;
        body.insert("sub".into(), json!(sub));
        Ok(Ok((client, body)))
    })?;
    match found {
        Ok((client, body)) => cors::share_with_origin(ctx, &client, Ok(Response::json(200, &Value::Object(body)))),
        Err(reason) => {
            ctx.app.recorder.refused(ctx.event("userinfo_refused").detail("reason", reason));
            Err(bearer::invalid_token())
        }
    }
}
