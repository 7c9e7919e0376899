//! "I cannot sign in": asking for a recovery mail. The answer is the same for everybody, and is given before anybody looks
//! who it is about.

use crate::domain::names::fold;
use crate::http::Response;
use crate::mail::Request;
use crate::pages::{Notice, RecoveryRequest, SignInProblem};
use crate::words::Words;

use super::context::{Ctx, FormProblem};
use super::{Answer, Failure};

const PURPOSE: &str = "recovery-request";
/// The longest name that is looked at; a stored one is never longer.
const MAX_FIELD: usize = 1_100;

/// GET `/recovery/request/`. Not there where no mail can be sent.
pub fn show(ctx: &Ctx) -> Answer {
    if !ctx.app.has_mail()? {
        return Err(Failure::NotFound);
    }
    Ok(page(ctx, "", 200, None))
}

fn page(ctx: &Ctx, login: &str, status: u16, problem: Option<Words>) -> Response {
    let forms = ctx.anonymous_forms();
    let form_token = &ctx.form_token(&forms, PURPOSE);
    let page = RecoveryRequest { ui: &ctx.shell(), form_token, login, problem };
    forms.seal(Response::html(status, page.render()))
}

/// POST `/recovery/request/`.
pub fn submit(ctx: &Ctx) -> Answer {
    if !ctx.app.has_mail()? {
        return Err(Failure::NotFound);
    }
    let form = match ctx.own_form(&ctx.anonymous_forms(), PURPOSE) {
        Ok(form) => form,
        Err(FormProblem::NoCookie | FormProblem::Expired) => {
            return Ok(page(ctx, "", 403, Some(SignInProblem::FormExpired.words())));
        }
        Err(problem) => return Err(problem.page(ctx)),
    };
    let login = form.first("login").map(str::trim).unwrap_or_default();
    if login.is_empty() || login.len() > MAX_FIELD {
        return Ok(page(ctx, "", 422, Some(Words::new("recovery-request-empty"))));
    }
    if let Err(wait) = ctx.app.throttle.begin_recovery(&fold(login), ctx.req.client, ctx.now) {
        let wait = wait.unsigned_abs();
        let problem = SignInProblem::Throttled { wait_seconds: wait }.words();
        return Ok(page(ctx, login, 429, Some(problem)).header("Retry-After", wait.to_string()));
    }
    let event = ctx.event("recovery_link_created");
    ctx.app.mailer.ask_recovery(Request { login: login.to_owned(), lang: ctx.lang, event });
    Ok(Response::html(200, Notice::recovery_asked().render(&ctx.shell())))
}
