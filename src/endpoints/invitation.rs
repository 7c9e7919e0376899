//! The page behind an invitation: a guest makes an account and is signed in with it.

use crate::acts::ActError;
use crate::acts::invitations::{self as acts, Arrival, Guest, Told};
use crate::acts::users::password_rule;
use crate::crypto::digest::secret_hash;
use crate::domain::problems::{Problems, WHOLE};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::{Form, InvitationPage, Notice, SignInProblem, Welcome};
use crate::store::invitations::{self, Invitation};

use super::Answer;
use super::context::Ctx;
use super::login::NOBODY;
use super::session::SignedIn;

const COOKIE: &str = "latchkey-invitation";
const PURPOSE: &str = "invitation";
const PAGE: &str = "/invitation/";
/// Where guests come out.
const WELCOME: &str = "/invitation/welcome/";
/// How long a browser keeps what it was given for a link, in seconds; the link itself may work for longer.
const COOKIE_VALID: i64 = 86_400;

/// GET `/invitation/`: with a token in the query, swaps it for a cookie, so that it stays in no history and no log.
pub fn show(ctx: &Ctx) -> Answer {
    if let Some(token) = ctx.req.query_params().first("token") {
        let Some(invitation) = find(ctx, token)? else { return Ok(invalid(ctx)) };
        let sealed = ctx.app.sealer().seal_cookie(COOKIE, token.as_bytes());
        let valid = COOKIE_VALID.min(invitation.expires_at - ctx.now);
        return Ok(Response::see_other(PAGE).header("Set-Cookie", ctx.set_cookie(COOKIE, &sealed, valid)));
    }
    let Some((_, invitation)) = invited(ctx)? else { return Ok(invalid(ctx)) };
    if let Some(who) = ctx.signed_in()? {
        return Ok(signed_in_already(ctx, &who, 200));
    }
    page(ctx, &invitation, Params::default(), Problems::default(), 200)
}

fn invalid(ctx: &Ctx) -> Response {
    Response::html(403, Notice::invitation_invalid().render(&ctx.shell()))
}

/// Accounts are not joined: whoever has one needs no other, or makes it knowingly.
fn signed_in_already(ctx: &Ctx, who: &SignedIn, status: u16) -> Response {
    let notice = Notice::invitation_while_signed_in(&who.user.username);
    Response::html(status, notice.render(&ctx.shell_of(&who.user)))
}

/// What the browser was given for a link, and the invitation if it is still good.
fn invited(ctx: &Ctx) -> Result<Option<(String, Invitation)>, Internal> {
    let opened = ctx.cookie(COOKIE).and_then(|text| ctx.app.sealer().open_cookie(COOKIE, &text));
    let Some(token) = opened.and_then(|bytes| String::from_utf8(bytes).ok()) else { return Ok(None) };
    Ok(find(ctx, &token)?.map(|invitation| (token, invitation)))
}

fn find(ctx: &Ctx, token: &str) -> Result<Option<Invitation>, Internal> {
    ctx.app.store.read(|c| invitations::open_by_hash(c, &secret_hash(token), ctx.now))
}

fn page(ctx: &Ctx, invitation: &Invitation, typed: Params, wrong: Problems, status: u16) -> Answer {
    let forms = ctx.anonymous_forms();
    let form = Form::new(ctx.lang, ctx.form_token(&forms, PURPOSE)).filled(typed).wrong(wrong);
    let least = ctx.settings()?.password_minimum;
    let page = InvitationPage { ui: &ctx.shell(), action: PAGE, form: &form, expires_at: invitation.expires_at, least };
    Ok(forms.seal(Response::html(status, page.render())))
}

/// POST `/invitation/`.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some((token, invitation)) = invited(ctx)? else { return Ok(invalid(ctx)) };
    if let Some(who) = ctx.signed_in()? {
        return Ok(signed_in_already(ctx, &who, 403));
    }
    let form = ctx.own_form(&ctx.anonymous_forms(), PURPOSE).map_err(|p| p.page(ctx))?;
    let field = |name| form.first(name).unwrap_or_default();
    let rule = password_rule(ctx.app, field("username"), Some(field("email")))?.named(field("name"));
    let guest = match Guest::parse(&form, &rule) {
        Ok(guest) => guest,
        Err(problems) => return page(ctx, &invitation, form, problems, 422),
    };
    let app = ctx.app;
    let Some(_place) = app.throttle.place(None, ctx.req.client) else { return busy(ctx, &invitation, form) };
    let attempt = match app.throttle.begin_guest(invitation.id, ctx.req.client, ctx.now) {
        Ok(attempt) => attempt,
        Err(wait) => {
            let problem = SignInProblem::Throttled { wait_seconds: wait.unsigned_abs() };
            let answer = page(ctx, &invitation, form, Problems::one(WHOLE, problem.words()), 429)?;
            return Ok(answer.header("Retry-After", wait.to_string()));
        }
    };
    let events =
        Told { used: ctx.event("invitation_used"), user: ctx.event("user_created"), login: ctx.event("login") };
    let (session, secret) = ctx.new_session(NOBODY, guest.first_factor.amr(), None);
    let device = ctx.sign_in_device(NOBODY)?;
    let arrival = Arrival { session, device: device.row };
    match acts::accept(app, &secret_hash(&token), guest, arrival, events) {
        Ok(()) => {
            app.throttle.succeeded(attempt);
            app.metrics.sign_ins.count("success");
            let response = Response::see_other(WELCOME).header("Set-Cookie", ctx.session_cookie(&secret)?);
            let response = response.header("Set-Cookie", device.cookie);
            Ok(response.header("Set-Cookie", ctx.set_cookie(COOKIE, "", 0)))
        }
        Err(ActError::NotFound) => Ok(invalid(ctx)),
        Err(ActError::Refused(problems) | ActError::Malformed(problems)) => page(ctx, &invitation, form, problems, 422),
        Err(ActError::Busy) => {
            app.throttle.withdraw(attempt);
            busy(ctx, &invitation, form)
        }
        Err(error) => {
            app.throttle.withdraw(attempt);
            Err(error.into())
        }
    }
}

fn busy(ctx: &Ctx, invitation: &Invitation, typed: Params) -> Answer {
    let answer = page(ctx, invitation, typed, Problems::one(WHOLE, SignInProblem::Busy.words()), 503)?;
    Ok(answer.header("Retry-After", "5"))
}

/// GET `/invitation/welcome/`: what a new user may do next.
pub fn welcome(ctx: &Ctx, who: &SignedIn) -> Answer {
    let page = Welcome { ui: &ctx.shell_of(&who.user), username: &who.user.username };
    Ok(Response::html(200, page.render()))
}
