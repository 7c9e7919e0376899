//! GET `/.well-known/webauthn`: which other origins may use the passkeys of this host. Web Authentication level 3, section
//! 5.11.1.

use crate::domain::passkey_place::related;
use crate::http::Response;

use super::context::Ctx;
use super::{Answer, Failure};

pub fn show(ctx: &Ctx) -> Answer {
    let app = ctx.app;
    let found = app.passkeys.as_ref().and_then(|p| related(p.rp_id(), &app.base, &app.config.related_origins));
    Ok(Response::json(200, &found.ok_or(Failure::NotFound)?))
}
