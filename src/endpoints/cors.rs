//! Which scripts may read an answer (the Fetch standard's CORS): those of a client's own origins. Without
//! credentials: no cookie of ours goes along.

use crate::domain::redirect_uri;
use crate::http::Response;
use crate::store::providers;

use super::clients::Client;
use super::context::Ctx;
use super::{Answer, Audience};

/// A preflight: answered for the origins of all clients, since it names none.
pub fn preflight(ctx: &Ctx) -> Answer {
    let Some(origin) = ctx.req.header("origin") else { return Ok(Response::new(204)) };
    let registered = ctx.app.store.read(providers::redirect_uris)?;
    if !registered.iter().any(|uri| redirect_uri::origin(uri).as_deref() == Some(origin)) {
        return Ok(Response::new(204));
    }
    Ok(Response::new(204)
        .header("Access-Control-Allow-Origin", origin)
        .header("Access-Control-Allow-Methods", "GET, POST")
        .header("Access-Control-Allow-Headers", "Authorization, Content-Type")
        .header("Access-Control-Max-Age", "600")
        .header("Vary", "Origin"))
}

/// Lets the script of a client's own origin read the answer, and a refusal too: it has to learn what was wrong.
pub fn share_with_origin(ctx: &Ctx, client: &Client, answer: Answer) -> Answer {
    let response = answer.unwrap_or_else(|failure| failure.into_response(ctx, Audience::Program));
    Ok(match ctx.req.header("origin") {
        Some(origin) if client.allows_origin(origin) => {
            response.header("Access-Control-Allow-Origin", origin).header("Vary", "Origin")
        }
        _ => response,
    })
}
