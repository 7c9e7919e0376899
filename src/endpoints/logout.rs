//! `/logout/`: signing out of Latchkey itself.

use crate::error::Internal;
use crate::http::Response;
use crate::pages::{Ended, LoggedOut, Logout};

use super::Answer;
use super::context::Ctx;
use super::session::sign_out;

/// What the token of a sign-out form is for.
pub const PURPOSE: &str = "logout";

/// GET `/logout/`.
pub fn show(ctx: &Ctx) -> Answer {
    let Some(who) = ctx.signed_in()? else { return Ok(signed_out(ctx, None, None)) };
    let page = Logout {
        ui: &ctx.shell_of(&who.user),
        username: &who.user.username,
        action: "/logout/",
        form_token: &ctx.form_token(&who.forms(), PURPOSE),
    };
    Ok(Response::html(200, page.render()))
}

/// POST `/logout/`: ends this browser's session.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some(who) = ctx.signed_in()? else { return Ok(signed_out(ctx, None, None)) };
    ctx.own_form(&who.forms(), PURPOSE).map_err(|p| p.page(ctx))?;
    let event = ctx.event("logout").user(&who.user.username);
    ctx.app.store.write(move |tx| {
        sign_out(tx, &who.session)?;
        event.store(tx)?;
        Ok::<_, Internal>(())
    })?;
    Ok(signed_out(ctx, None, None).header("Set-Cookie", ctx.no_session_cookie()))
}

/// The page at the end of a session.
pub fn signed_out(ctx: &Ctx, application: Option<&str>, back: Option<&str>) -> Response {
    Response::html(200, LoggedOut { ui: &ctx.shell(), ended: Ended::Session, application, back }.render())
}
