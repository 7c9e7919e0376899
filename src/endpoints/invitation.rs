//! The page behind an invitation: a guest makes an account and is signed in with it.

use crate::acts::invitations::{self as acts, Arrival, Arrived, FirstFactor, Guest};
use crate::acts::users::password_rule;
use crate::acts::verification;
use crate::acts::{Act, ActError};
use crate::crypto::digest::secret_hash;
use crate::domain::problems::{Problems, WHOLE};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::{Form, InvitationPage, InvitationPasskey, Notice, SignInProblem, Welcome};
use crate::store::invitations::{self, Invitation};
use crate::store::users::{Profile, User};
use crate::words::Words;

use super::Answer;
use super::context::{Ctx, Forms};
use super::login::NOBODY;
use super::passkey::{self, FIELD, New, STATE};
use super::session::SignedIn;
use super::user::codes_page;

const COOKIE: &str = "latchkey-invitation";
const PURPOSE: &str = "invitation";
const PAGE: &str = "/invitation/";
/// The field that says how a guest goes on.
const CHOICE: &str = "choice";
const PASSKEY: &str = "passkey";
const BACK: &str = "back";
/// Where guests with a password come out.
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
    let page = InvitationPage {
        ui: &ctx.shell(),
        action: PAGE,
        form: &form,
        expires_at: invitation.expires_at,
        least: ctx.settings()?.password_minimum,
        can_have_passkey: ctx.app.passkeys.is_some(),
    };
    Ok(forms.seal(Response::html(status, page.render())))
}

/// The page that has the browser make the passkey of a guest whose names are free, as far as is known.
fn passkey_page(ctx: &Ctx, invitation: &Invitation, profile: &Profile, typed: Params, wrong: Problems) -> Answer {
    let forms = ctx.anonymous_forms();
    let Some(ask) = passkey::ask_new(ctx, &forms, New::Guest(invitation.id, profile))? else {
        return page(ctx, invitation, typed, Problems::one(WHOLE, Words::new("passkeys-need-https")), 422);
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    let form = Form::new(ctx.lang, ctx.form_token(&forms, PURPOSE)).wrong(wrong);
    let page = InvitationPasskey {
        ui: &ctx.shell(),
        action: PAGE,
        form: &form,
        username: &profile.username,
        said: Guest::said(&typed),
        ask,
    };
    Ok(forms.seal(Response::html(status, page.render())))
}

/// POST `/invitation/`: with a password; or with a passkey, in two steps. The first looks whether the names are free and
/// asks for it, the second brings it. The account is made with the first factor and not before.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some((token, invitation)) = invited(ctx)? else { return Ok(invalid(ctx)) };
    if let Some(who) = ctx.signed_in()? {
        return Ok(signed_in_already(ctx, &who, 403));
    }
    let forms = ctx.anonymous_forms();
    let form = ctx.own_form(&forms, PURPOSE).map_err(|p| p.page(ctx))?;
    let wish = match form.first(CHOICE) {
        Some(BACK) => return page(ctx, &invitation, form, Problems::default(), 200),
        Some(PASSKEY) => Guest::profile(&form).map(Wish::Passkey),
        _ => with_password(ctx, &form)?,
    };
    let wish = match wish {
        Ok(wish) => wish,
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
    let done = match wish {
        Wish::Password(guest) => accept(ctx, &token, guest),
        Wish::Passkey(profile) if passkey::sent(&form, FIELD, STATE).is_none() => {
            match acts::names_are_free(app, &profile) {
                Ok(()) => {
                    app.throttle.withdraw(attempt);
                    return passkey_page(ctx, &invitation, &profile, form, Problems::default());
                }
                Err(error) => Err(error),
            }
        }
        Wish::Passkey(profile) => {
            let Some(first_factor) = passkey_made(ctx, &forms, &invitation, &profile, &form) else {
                // Nothing was told of the name.
                app.throttle.withdraw(attempt);
                let wrong = Problems::one(WHOLE, Words::new("passkey-not-made"));
                return passkey_page(ctx, &invitation, &profile, form, wrong);
            };
            accept(ctx, &token, Guest { profile, first_factor }).map_err(passkey_in_vain)
        }
    };
    match done {
        Ok(came) => {
            app.throttle.succeeded(attempt);
            come_in(ctx, came)
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

/// What a guest wants to be known again by.
enum Wish {
    Password(Guest),
    Passkey(Profile),
}

fn with_password(ctx: &Ctx, form: &Params) -> Result<Result<Wish, Problems>, Internal> {
    let field = |name| form.first(name).unwrap_or_default();
    let rule = password_rule(ctx.app, field("username"), Some(field("email")))?.named(field("name"));
    Ok(Guest::with_password(form, &rule).map(Wish::Password))
}

fn passkey_made(
    ctx: &Ctx,
    forms: &Forms,
    invitation: &Invitation,
    profile: &Profile,
    form: &Params,
) -> Option<FirstFactor> {
    let name = passkey::suggested_name(ctx);
    let (user, new) = passkey::made(ctx, forms, New::Guest(invitation.id, profile), name, form)?;
    Some(FirstFactor::Passkey(user, Box::new(new)))
}

/// The device may have kept what no account came of.
fn passkey_in_vain(error: ActError) -> ActError {
    match error {
        ActError::Refused(problems) => {
            ActError::Refused(problems.and(Problems::one(WHOLE, Words::new("invitation-passkey-again"))))
        }
        error => error,
    }
}

/// A guest who has an account now, and the cookies of the session and of the browser.
struct Came {
    arrived: Arrived,
    cookies: [String; 2],
}

fn accept(ctx: &Ctx, token: &str, guest: Guest) -> Act<Came> {
    let (session, secret) = ctx.new_session(NOBODY, guest.first_factor.amr(), None);
    let device = ctx.sign_in_device(NOBODY)?;
    let cookies = [ctx.session_cookie(&secret)?, device.cookie];
    let arrival = Arrival { session, device: device.row };
    let arrived = acts::accept(ctx.app, &secret_hash(token), guest, arrival, ctx.event(""))?;
    Ok(Came { arrived, cookies })
}

fn come_in(ctx: &Ctx, came: Came) -> Answer {
    ctx.app.metrics.sign_ins.count("success");
    let Came { arrived: Arrived { user, session, codes }, cookies } = came;
    let notice = verification_sent(ctx, &user);
    let response = match codes {
        Some(codes) => codes_page(ctx, &SignedIn { session, user }, &codes, Some("invitation-passkey-added"), "/")?,
        None => Response::see_other(WELCOME),
    };
    // Whichever page shows notices next.
    let response = match notice {
        Some(words) => response.header("Set-Cookie", ctx.notice_cookie(&words)),
        None => response,
    };
    let response = cookies.into_iter().fold(response, |response, cookie| response.header("Set-Cookie", cookie));
    Ok(response.header("Set-Cookie", ctx.set_cookie(COOKIE, "", 0)))
}

/// Where there is a mail server, a guest who gave an address is sent a link to verify it. What comes of that undoes nothing:
/// another can be sent from the User settings.
fn verification_sent(ctx: &Ctx, user: &User) -> Option<Words> {
    match verification::ask(ctx.app, user, ctx.lang) {
        Ok(to) => Some(Words::new("verification-sent").with("name", to)),
        // No address, or no mail server.
        Err(ActError::NotFound) => None,
        Err(error) => {
            tracing::warn!(request = %ctx.req.id, ?error, "a guest was sent no link to verify the address");
            None
        }
    }
}

fn busy(ctx: &Ctx, invitation: &Invitation, typed: Params) -> Answer {
    let answer = page(ctx, invitation, typed, Problems::one(WHOLE, SignInProblem::Busy.words()), 503)?;
    Ok(answer.header("Retry-After", "5"))
}

/// GET `/invitation/welcome/`: what a new user may do next.
pub fn welcome(ctx: &Ctx, who: &SignedIn) -> Answer {
    let page = Welcome { ui: &ctx.shell_of(&who.user), username: &who.user.username, notice: ctx.notice() };
    Ok(Response::html(200, page.render()))
}
