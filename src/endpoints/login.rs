//! The sign-in page: name and password, or a passkey, which is all by itself. What a password leads to, a session or the second factor, is `passed`.

use crate::acts::factors::{Evidence, Used};
use crate::app::App;
use crate::crypto::digest::{Hash, secret_hash};
use crate::crypto::password::{Busy, PasswordHasher, Verified};
use crate::domain::authorize::Step;
use crate::domain::methods;
use crate::domain::names::fold;
use crate::domain::recovery_code::RecoveryCode;
use crate::error::Internal;
use crate::http::Response;
use crate::pages::{ChooseAccount, SignIn, SignInProblem};
use crate::store::events::Event;
use crate::store::factors;
use crate::store::users::{self, User};
use crate::throttle::Account;

use super::context::{Ctx, FormProblem, Forms};
use super::goal::{Goal, LOGIN, Proof, onward, start};
use super::passkey::{self, FIELD, STATE, Whose};
use super::pending::{Pending, next, over};
use super::session::SignedIn;
use super::{Answer, lost_passkey, second_factor};

/// What the token of the sign-in form is for.
const PURPOSE: &str = "login";
/// The longest name and password that are looked at; a stored one is never longer.
const MAX_FIELD: usize = 1_100;
/// No user has this id: an unknown name costs the same look-ups.
pub(super) const NOBODY: i64 = 0;

/// GET `/login/`.
pub fn show(ctx: &Ctx) -> Answer {
    let Some(goal) = Goal::of(ctx)? else { return Ok(over(ctx)) };
    let signed_in = ctx.signed_in()?;
    match (&goal, &signed_in) {
        (Goal::Flow(pending), Some(who)) => match next(ctx, pending, Some(who))? {
            Step::SignIn | Step::Strengthen => Ok(form(ctx, &goal, Some(who), again(&goal, pending, who), 200, None)),
            Step::ChooseAccount => Ok(choose(ctx, &goal, pending, who)),
            Step::Consent | Step::Refuse(..) | Step::Issue => Ok(Response::see_other(goal.onward())),
        },
        (Goal::Page(_), Some(_)) => Ok(Response::see_other(goal.onward())),
        (_, None) => Ok(form(ctx, &goal, None, goal.hint(), 200, None)),
    }
}

/// The name in the form of somebody who is signed in and signs in anew: who the client hints at, else the same user.
fn again<'a>(goal: &'a Goal, pending: &'a Pending, who: &'a SignedIn) -> &'a str {
    match goal.hint() {
        "" if pending.flow.request.hint_sub.is_none() => &who.user.username,
        hint => hint,
    }
}

fn choose(ctx: &Ctx, goal: &Goal, pending: &Pending, who: &SignedIn) -> Response {
    let forms = ctx.anonymous_forms();
    let page = ChooseAccount {
        ui: &ctx.shell_for(&pending.flow.request, Some(&who.user)),
        application: &pending.client.application.name,
        username: &who.user.username,
        name: &who.user.name,
        action: &goal.at(LOGIN),
        form_token: &ctx.form_token(&forms, PURPOSE),
    };
    forms.seal(Response::html(200, page.render()))
}

fn form(
    ctx: &Ctx,
    goal: &Goal,
    again_as: Option<&SignedIn>,
    username: &str,
    status: u16,
    problem: Option<SignInProblem>,
) -> Response {
    let forms = ctx.anonymous_forms();
    let page = SignIn {
        ui: &goal.shell(ctx, again_as.map(|s| &s.user)),
        application: goal.application(),
        again_as: again_as.map(|s| s.user.username.as_str()),
        action: &goal.at(LOGIN),
        form_token: &ctx.form_token(&forms, PURPOSE),
        username,
        passkey: passkey::ask(ctx, &forms, Whose::Anybody, FIELD),
        problem,
        // A page that can be shown is not refused because this cannot be read.
        has_mail: ctx.settings().is_ok_and(|s| matches!(s.mail.server(), Ok(Some(_)))),
    };
    forms.seal(Response::html(status, page.render()))
}

/// POST `/login/`.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some(mut goal) = Goal::of(ctx)? else { return Ok(over(ctx)) };
    let forms = ctx.anonymous_forms();
    let posted = match ctx.own_form(&forms, PURPOSE) {
        Ok(posted) => posted,
        Err(FormProblem::NoCookie) => return Ok(form(ctx, &goal, None, "", 403, Some(SignInProblem::CookiesMissing))),
        Err(FormProblem::Expired) => return Ok(form(ctx, &goal, None, "", 403, Some(SignInProblem::FormExpired))),
        Err(problem) => return Err(problem.page(ctx)),
    };
    let before = ctx.signed_in()?;
    if posted.first("choice") == Some("continue")
        && let Goal::Flow(pending) = &mut goal
        && let Some(who) = &before
    {
        pending.flow.mark(&who.session.hash, |done| done.account_chosen = true);
        let response = onward(ctx, &goal);
        let Goal::Flow(pending) = &goal else { return Ok(response) };
        return Ok(ctx.keep_flow(&pending.id, &pending.flow, response));
    }
    if let Some(sent) = passkey::sent(&posted, FIELD, STATE) {
        return by_passkey(ctx, goal, &forms, sent, before.as_ref());
    }
    if !posted.has("username") && !posted.has("password") {
        // "Use another account": the form, now asked for.
        return Ok(form(ctx, &goal, None, "", 200, None));
    }
    let username = posted.first("username").unwrap_or_default();
    let password = posted.first("password").unwrap_or_default();
    match verify(ctx, username, password)? {
        Credentials::Right(user) => passed(ctx, goal, &user, before.as_ref()),
        Credentials::RecoveryCode(user, code) => Ok(lost_passkey::ask(ctx, &goal, &user, &code)),
        Credentials::Wrong => Ok(again_with(ctx, &goal, username, SignInProblem::WrongCredentials)),
        Credentials::Throttled(wait) => {
            Ok(again_with(ctx, &goal, username, SignInProblem::Throttled { wait_seconds: wait }))
        }
        Credentials::Busy => Ok(again_with(ctx, &goal, username, SignInProblem::Busy)),
    }
}

/// The form again, with what went wrong.
fn again_with(ctx: &Ctx, goal: &Goal, username: &str, problem: SignInProblem) -> Response {
    refused(ctx, problem, form(ctx, goal, None, username, 403, Some(problem)))
}

/// Counts a refusal, and gives the page that tells of it its status.
pub(super) fn refused(ctx: &Ctx, problem: SignInProblem, mut page: Response) -> Response {
    let (status, wait, counted) = match problem {
        SignInProblem::Throttled { wait_seconds } => (429, Some(wait_seconds), "throttled"),
        SignInProblem::Busy => (503, Some(5), "busy"),
        _ => (403, None, "wrong_credentials"),
    };
    ctx.app.metrics.sign_ins.count(counted);
    page.status = status;
    match wait {
        Some(seconds) => page.header("Retry-After", seconds.to_string()),
        None => page,
    }
}

/// A passkey came: the whole sign-in.
fn by_passkey(ctx: &Ctx, mut goal: Goal, forms: &Forms, sent: (&str, &str), before: Option<&SignedIn>) -> Answer {
    let right = match passkey::check(ctx, forms, Whose::Anybody, sent)? {
        Ok(right) => right,
        Err(problem) => return Ok(again_with(ctx, &goal, "", problem)),
    };
    let evidence = Evidence::of(&right.user, right.used);
    let proof = Proof { amr: methods::passkey(right.is_synced).into(), method: "passkey", evidence, remember: false };
    match start(ctx, &mut goal, &right.user, proof, before)? {
        Some(response) => {
            ctx.app.throttle.succeeded(right.attempt);
            Ok(response)
        }
        // It was removed just now or its counter came twice at once, or the user was disabled.
        None => {
            let reason = "the passkey was used or removed, or the user disabled, just now";
            ctx.app.recorder.refused(failed(ctx, Some(&right.user), reason));
            Ok(again_with(ctx, &goal, "", SignInProblem::WrongPasskey))
        }
    }
}

/// The password was right. It is all that is needed, or the first half.
fn passed(ctx: &Ctx, mut goal: Goal, user: &User, before: Option<&SignedIn>) -> Answer {
    let (has, remembered) =
        ctx.app.store.read(|c| Ok::<_, Internal>((factors::of_user(c, user.id)?, ctx.is_remembered(c, user.id)?)))?;
    // Whoever is signed in and signs in again is here for more than the browser stands for.
    let is_enough = remembered && before.is_none() && !goal.asks_for_proof();
    if has.second_factor() && !is_enough {
        return Ok(second_factor::ask(ctx, &goal, user));
    }
    let method = if has.second_factor() { "password in a remembered browser" } else { "password" };
    let evidence = Evidence::of(user, Used::Nothing);
    let proof = Proof { amr: methods::PASSWORD.into(), method, evidence, remember: false };
    match start(ctx, &mut goal, user, proof, before)? {
        Some(response) => Ok(response),
        None => {
            ctx.app.recorder.refused(failed(ctx, Some(user), CHANGED));
            Ok(again_with(ctx, &goal, &user.username, SignInProblem::WrongCredentials))
        }
    }
}

/// Why a password that was right is not any more.
const CHANGED: &str = "the password was changed, or the user disabled, while it was checked";

/// What a check of name and password found.
pub enum Credentials {
    Right(Box<User>),
    /// Of somebody who has no password and makes a new passkey by it. It is not used up yet.
    RecoveryCode(Box<User>, Hash),
    Wrong,
    /// Seconds to wait.
    Throttled(u64),
    Busy,
}

/// Checks a name and password. Known, unknown, disabled and password-less users cost the same work and get the same
/// answer.
pub fn verify(ctx: &Ctx, login: &str, password: &str) -> Result<Credentials, Internal> {
    let app = ctx.app;
    if login.len() > MAX_FIELD || password.len() > MAX_FIELD {
        return Ok(Credentials::Wrong);
    }
    let (user, device) = app.store.read(|c| {
        let user = users::by_login(c, login)?.filter(|u| u.active);
        let device = ctx.known_device(c, user.as_ref().map_or(NOBODY, |u| u.id))?;
        Ok::<_, Internal>((user, device))
    })?;
    let Some(place) = app.throttle.place(device, ctx.req.client) else { return Ok(Credentials::Busy) };
    let passwords = app.passwords.in_line(place.line());
    // Counted by user where there is one, so that its name and its address share a counter.
    let folded = fold(login);
    let account = user.as_ref().map_or(Account::Nobody(&folded), Account::from);
    let attempt = match app.throttle.begin(account, device, ctx.req.client, ctx.now) {
        Ok(attempt) => attempt,
        Err(wait) => {
            app.recorder.refused(failed(ctx, user.as_ref(), "throttled"));
            return Ok(Credentials::Throttled(wait.unsigned_abs()));
        }
    };
    let stored = user.as_ref().and_then(|u| u.password_hash.clone());
    let verified = match &stored {
        Some(hash) => passwords.verify(password, hash),
        None => passwords.verify_nobody(password).map(|()| Verified::Wrong),
    };
    match (verified, user) {
        (Err(Busy), _) => {
            app.throttle.withdraw(attempt);
            Ok(Credentials::Busy)
        }
        (Ok(verified @ (Verified::Right | Verified::RightButWeak)), Some(mut user)) => {
            app.throttle.succeeded(attempt);
            if verified == Verified::RightButWeak && !strengthen(app, &passwords, &mut user, password)? {
                app.recorder.refused(failed(ctx, Some(&user), CHANGED));
                return Ok(Credentials::Wrong);
            }
            Ok(Credentials::Right(Box::new(user)))
        }
        (Ok(_), user) => {
            if let Some((user, code)) = recovery_code(ctx, user.as_ref(), password)? {
                app.throttle.succeeded(attempt);
                return Ok(Credentials::RecoveryCode(user, code));
            }
            let reason = if user.is_some() { "wrong password" } else { "no active user of this name" };
            app.recorder.refused(failed(ctx, user.as_ref(), reason));
            Ok(Credentials::Wrong)
        }
    }
}

/// Stores a password that was right under the parameters of now. False when it is not the user's any more.
fn strengthen(app: &App, passwords: &PasswordHasher, user: &mut User, password: &str) -> Result<bool, Internal> {
    let (Ok(new), Some(old), id) = (passwords.hash(password), user.password_hash.clone(), user.id) else {
        return Ok(true);
    };
    user.password_hash = Some(new.clone());
    if app.store.write(move |tx| users::rehash(tx, id, &old, &new))? {
        return Ok(true);
    }
    // Another sign-in did the same just now, or somebody set another password.
    user.password_hash = app.store.read(|c| users::by_id(c, id))?.and_then(|now| now.password_hash);
    let verified = user.password_hash.as_ref().map(|hash| passwords.verify(password, hash));
    Ok(matches!(verified, Some(Ok(Verified::Right | Verified::RightButWeak))))
}

/// The recovery code that somebody typed who has no password, if it is one of the own. Where there is a password, a code
/// stands in for the second factor only.
fn recovery_code(ctx: &Ctx, user: Option<&User>, typed: &str) -> Result<Option<(Box<User>, Hash)>, Internal> {
    let Some(user) = user.filter(|user| user.password_hash.is_none() && ctx.app.passkeys.is_some()) else {
        return Ok(None);
    };
    let Some(code) = RecoveryCode::parse(typed).map(|code| secret_hash(code.as_str())) else { return Ok(None) };
    let is_own = ctx.app.store.read(|c| factors::has_recovery_code(c, user.id, &code))?;
    Ok(is_own.then(|| (Box::new(user.clone()), code)))
}

/// The event of a refused sign-in. What was typed is recorded only when it names a user: people type passwords into
/// that field.
pub(super) fn failed(ctx: &Ctx, user: Option<&User>, reason: &str) -> Event {
    let event = ctx.event("login_failed").detail("reason", reason);
    match user {
        Some(user) => event.user(&user.username),
        None => event,
    }
}
