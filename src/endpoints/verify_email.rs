//! The page behind a verification link: one button. Whoever reads the mail presses it, signed in or not; programs that
//! open links in mails do not.

use crate::acts::verification::{VALID, confirm, find};
use crate::crypto::digest::secret_hash;
use crate::http::Response;
use crate::pages::{Notice, VerifyEmail};
use crate::store::users::User;

use super::Answer;
use super::context::Ctx;

const COOKIE: &str = "latchkey-verification";
const PURPOSE: &str = "verification";

/// GET `/verify-email/`: with a token in the query, swaps it for a cookie, so that it stays in no history and no log.
pub fn show(ctx: &Ctx) -> Answer {
    if let Some(token) = ctx.req.query_params().first("token") {
        if find(ctx.app, &secret_hash(token))?.is_none() {
            return Ok(invalid(ctx));
        }
        let sealed = ctx.app.sealer().seal_cookie(COOKIE, token.as_bytes());
        return Ok(Response::see_other("/verify-email/").header("Set-Cookie", ctx.set_cookie(COOKIE, &sealed, VALID)));
    }
    let Some(token) = token(ctx) else { return Ok(invalid(ctx)) };
    match find(ctx.app, &secret_hash(&token))? {
        Some(user) => Ok(page(ctx, &user)),
        None => Ok(invalid(ctx)),
    }
}

fn invalid(ctx: &Ctx) -> Response {
    Response::html(403, Notice::verification_link_invalid().render(&ctx.shell()))
}

fn token(ctx: &Ctx) -> Option<String> {
    String::from_utf8(ctx.app.sealer().open_cookie(COOKIE, &ctx.cookie(COOKIE)?)?).ok()
}

fn page(ctx: &Ctx, user: &User) -> Response {
    let forms = ctx.anonymous_forms();
    let page = VerifyEmail {
        ui: &ctx.shell_of(user),
        form_token: &ctx.form_token(&forms, PURPOSE),
        username: &user.username,
        email: user.email.as_deref().unwrap_or_default(),
    };
    forms.seal(Response::html(200, page.render()))
}

/// POST `/verify-email/`.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some(token) = token(ctx) else { return Ok(invalid(ctx)) };
    ctx.own_form(&ctx.anonymous_forms(), PURPOSE).map_err(|p| p.page(ctx))?;
    if !confirm(ctx.app, secret_hash(&token), ctx.event("email_verified"))? {
        return Ok(invalid(ctx));
    }
    let response = Response::html(200, Notice::email_verified().render(&ctx.shell()));
    Ok(response.header("Set-Cookie", ctx.set_cookie(COOKIE, "", 0)))
}
