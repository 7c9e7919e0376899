//! The second half of a sign-in. Between the halves there is no session: what is known stands in a sealed cookie that is
//! good for nothing else.

use serde::{Deserialize, Serialize};

use crate::acts::factors::Evidence;
use crate::crypto::digest::secret_hash;
use crate::domain::{duration, methods};
use crate::error::Internal;
use crate::http::Response;
use crate::pages::{SecondFactor, SignInProblem};
use crate::store::factors;
use crate::store::users::{self, User};

use super::Answer;
use super::context::{Ctx, FormProblem};
use super::factor_check::{Fields, check, wrong};
use super::goal::{Goal, LOGIN, Proof, SECOND_FACTOR, start};
use super::login::refused;
use super::passkey::{self, FIELD, STATE, Whose};
use super::pending::over;
use super::step::Step;

const FIELDS: Fields = Fields { code: "code", passkey: FIELD, passkey_state: STATE };

const STEP: Step = Step("latchkey-half");
/// What the token of the form is for.
const PURPOSE: &str = "second-factor";

/// Who passed the first half.
#[derive(Serialize, Deserialize)]
struct Half {
    user: i64,
    /// Of the password's hash: with another password the first half is to be passed again.
    password: String,
}

/// Somebody's first half is passed: on to the second.
pub(super) fn ask(ctx: &Ctx, goal: &Goal, user: &User) -> Response {
    STEP.take(ctx, Half { user: user.id, password: mark(user) }, goal.at(SECOND_FACTOR))
}

/// Whoever has signed in has no half behind them any more, nor has anybody else in this browser.
pub(super) fn forget(ctx: &Ctx, response: Response) -> Response {
    STEP.forget(ctx, response)
}

fn mark(user: &User) -> String {
    let hash = secret_hash(user.password_hash.as_deref().unwrap_or_default());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whose first half this browser has passed, if it still holds: what was typed just now, else what a remembered browser stood
/// for. That is none where a client asks for a sign-in anew.
fn half(ctx: &Ctx, goal: &Goal) -> Result<Option<(User, factors::Has)>, Internal> {
    match typed_half(ctx)? {
        None if !goal.asks_for_sign_in() => remembered_half(ctx),
        typed => Ok(typed),
    }
}

/// Somebody who typed a password.
fn typed_half(ctx: &Ctx) -> Result<Option<(User, factors::Has)>, Internal> {
    let Some(half) = STEP.taken::<Half>(ctx) else { return Ok(None) };
    ctx.app.store.read(|c| {
        let user = users::by_id(c, half.user)?.filter(|u| u.active && mark(u) == half.password);
        let Some(user) = user else { return Ok(None) };
        let has = factors::of_user(c, user.id)?;
        // Whoever has no second factor any more begins anew, and the password is enough then.
        Ok(has.second_factor().then_some((user, has)))
    })
}

/// Somebody whom a remembered browser let in with the first half alone, and who needs the second now.
fn remembered_half(ctx: &Ctx) -> Result<Option<(User, factors::Has)>, Internal> {
    let Some(who) = ctx.signed_in()?.filter(|who| !methods::is_multi_factor(&who.session.amr)) else { return Ok(None) };
    let has = ctx.app.store.read(|c| factors::of_user(c, who.user.id))?;
    Ok(has.second_factor().then_some((who.user, has)))
}

/// GET `/login/second-factor/`.
pub fn show(ctx: &Ctx) -> Answer {
    let Some(goal) = Goal::of(ctx)? else { return Ok(over(ctx)) };
    match half(ctx, &goal)? {
        Some((user, has)) => Ok(page(ctx, &goal, &user, has, 200, None)),
        None => Ok(Response::see_other(goal.at(LOGIN))),
    }
}

/// POST `/login/second-factor/`.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some(mut goal) = Goal::of(ctx)? else { return Ok(over(ctx)) };
    let Some((user, has)) = half(ctx, &goal)? else { return Ok(Response::see_other(goal.at(LOGIN))) };
    let forms = ctx.anonymous_forms();
    let form = match ctx.own_form(&forms, PURPOSE) {
        Ok(form) => form,
        Err(FormProblem::Expired | FormProblem::NoCookie) => {
            return Ok(page(ctx, &goal, &user, has, 403, Some(SignInProblem::FormExpired)));
        }
        Err(problem) => return Err(problem.page(ctx)),
    };
    let right = match check(ctx, &forms, &user, &form, &FIELDS)? {
        Ok(right) => right,
        Err(problem) => return Ok(refused(ctx, problem, page(ctx, &goal, &user, has, 403, Some(problem)))),
    };
    let evidence = Evidence::of(&user, right.used);
    let proof = Proof { amr: right.amr, method: right.method, evidence, remember: form.has("remember") };
    let before = ctx.signed_in()?;
    match start(ctx, &mut goal, &user, proof, before.as_ref())? {
        Some(response) => {
            ctx.app.throttle.succeeded(right.attempt);
            Ok(response)
        }
        None => {
            wrong(ctx, &user);
            let problem = SignInProblem::WrongCode;
            Ok(refused(ctx, problem, page(ctx, &goal, &user, has, 403, Some(problem))))
        }
    }
}

fn page(
    ctx: &Ctx,
    goal: &Goal,
    user: &User,
    has: factors::Has,
    status: u16,
    problem: Option<SignInProblem>,
) -> Response {
    let forms = ctx.anonymous_forms();
    // A page that cannot know goes without the box.
    let remember = ctx.settings().ok().and_then(|settings| settings.remember_browser);
    let page = SecondFactor {
        ui: &goal.shell(ctx, Some(user)),
        application: goal.application(),
        action: &goal.at(SECOND_FACTOR),
        anew: &goal.at(LOGIN),
        form_token: &ctx.form_token(&forms, PURPOSE),
        username: &user.username,
        remember: remember.map(|time| duration::in_words(time).said(ctx.lang)),
        has_app: has.totp,
        passkey: passkey::ask(ctx, &forms, Whose::Of(user), FIELD),
        problem,
    };
    forms.seal(Response::html(status, page.render()))
}
