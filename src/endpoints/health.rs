//! Whether the process lives, and whether it can do its work.

use serde_json::json;

use crate::http::Response;
use crate::store::keys;

use super::Answer;
use super::context::Ctx;

/// GET `/healthz`: the process answers.
pub fn live(_: &Ctx) -> Answer {
    Ok(Response::text(200, "ok\n"))
}

/// GET `/readyz`: there are keys, and the writer takes transactions. Nothing is written to a disk that works. A clock
/// that is wrong is told of and no reason not to be ready: a house that is offline signs in all the same.
pub fn ready(ctx: &Ctx) -> Answer {
    let now = ctx.now;
    let key = ctx.app.store.read(|c| keys::signing(c, "RS256", now));
    let writer = ctx.app.store.try_writing();
    let (keys, database) = (matches!(key, Ok(Some(_))), writer.is_ok());
    let status = if keys && database { 200 } else { 503 };
    let clock = ctx.app.clock.view().standing.as_str();
    let word = |ok: bool| if ok { "ok" } else { "failed" };
    for error in [key.err(), writer.err()].into_iter().flatten() {
        tracing::error!(%error, "not ready");
    }
    Ok(Response::json(status, &json!({ "keys": word(keys), "database": word(database), "clock": clock })))
}
