//! Dangerous acts ask for a fresh factor: whoever finds an open browser shall not change keys, secrets or factors. The
//! question stands between the form and its act, and carries the form's fields, so that nothing that was typed is lost.

use crate::acts::factors::{Evidence, Used};
use crate::domain::{FUTURE_TOLERANCE, UnixSeconds, methods};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::{Confirm, SignInProblem};
use crate::store::{factors, sessions};

use super::context::Ctx;
use super::factor_check::{self, Fields, wrong};
use super::failure::Failure;
use super::guard::PURPOSE;
use super::login::{Credentials, verify};
use super::passkey::{self, Whose};
use super::session::SignedIn;

/// Seconds for which somebody counts as having just proven who they are.
const FRESH: UnixSeconds = 600;

/// The fields of the question.
const PASSWORD: &str = "confirm_password";
const FACTOR: Fields =
    Fields { code: "confirm_code", passkey: "confirm_passkey", passkey_state: "confirm_passkey_state" };

/// Lets a form through whose sender has proven in the last ten minutes who they are, or does so now. The factor is the
/// second, where there is one. The form comes back without the answer.
pub(super) fn fresh(ctx: &Ctx, who: &SignedIn, form: Params) -> Result<Params, Failure> {
    let has = ctx.app.store.read(|c| factors::of_user(c, who.user.id))?;
    let age = ctx.now - who.session.auth_time;
    // What a remembered browser stood for was not proven.
    let is_proven = methods::is_multi_factor(&who.session.amr) || !has.second_factor();
    if is_proven && (-FUTURE_TOLERANCE..FRESH).contains(&age) {
        return Ok(form);
    }
    let rest = form.without(&[PASSWORD, FACTOR.code, FACTOR.passkey, FACTOR.passkey_state]);
    let typed = |name| form.first(name).filter(|typed| !typed.is_empty());
    let answer = match has.second_factor() {
        true => typed(FACTOR.code).or(typed(FACTOR.passkey)),
        false => typed(PASSWORD),
    };
    let problem = match answer {
        None => None,
        Some(_) if has.second_factor() => factor(ctx, who, &form)?,
        Some(typed) => password(ctx, who, typed)?,
    };
    match (answer, problem) {
        (Some(_), None) => Ok(rest),
        (_, problem) => Err(page(ctx, who, has, &rest, problem).into()),
    }
}

fn factor(ctx: &Ctx, who: &SignedIn, form: &Params) -> Result<Option<SignInProblem>, Internal> {
    let right = match factor_check::check(ctx, &who.forms(), &who.user, form, &FACTOR)? {
        Ok(right) => right,
        Err(problem) => return Ok(Some(problem)),
    };
    if !renew(ctx, who, Evidence::of(&who.user, right.used), &right.amr)? {
        wrong(ctx, &who.user);
        return Ok(Some(SignInProblem::WrongCode));
    }
    ctx.app.throttle.succeeded(right.attempt);
    Ok(None)
}

fn password(ctx: &Ctx, who: &SignedIn, typed: &str) -> Result<Option<SignInProblem>, Internal> {
    match verify(ctx, &who.user.username, typed)? {
        Credentials::Right(user)
            if user.id == who.user.id && renew(ctx, who, Evidence::of(&user, Used::Nothing), methods::PASSWORD)? =>
        {
            Ok(None)
        }
        Credentials::Right(_) | Credentials::RecoveryCode(..) | Credentials::Wrong => {
            Ok(Some(SignInProblem::WrongPassword))
        }
        Credentials::Throttled(wait) => Ok(Some(SignInProblem::Throttled { wait_seconds: wait })),
        Credentials::Busy => Ok(Some(SignInProblem::Busy)),
    }
}

/// The session is as good as new. False when what was proven does not hold any more, or the session was ended.
fn renew(ctx: &Ctx, who: &SignedIn, evidence: Evidence, amr: &str) -> Result<bool, Internal> {
    let (hash, user, now) = (who.session.hash, who.user.id, ctx.now);
    let amr = methods::with(&who.session.amr, amr.strip_prefix("pwd ").unwrap_or(amr));
    ctx.app.store.write(move |tx| Ok(evidence.take(tx, user, now)? && sessions::renew(tx, &hash, &amr, now)?))
}

fn page(ctx: &Ctx, who: &SignedIn, has: factors::Has, rest: &Params, problem: Option<SignInProblem>) -> Response {
    let status = match problem {
        None => 200,
        Some(SignInProblem::Throttled { .. }) => 429,
        Some(SignInProblem::Busy) => 503,
        Some(_) => 403,
    };
    let fields = rest.iter().filter(|(name, _)| *name != "form_token");
    let page = Confirm {
        ui: &ctx.shell_of(&who.user),
        action: &ctx.req.path,
        form_token: &ctx.form_token(&who.forms(), PURPOSE),
        username: &who.user.username,
        asks_code: has.second_factor(),
        has_app: has.totp,
        passkey: passkey::ask(ctx, &who.forms(), Whose::Of(&who.user), FACTOR.passkey),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        problem,
    };
    Response::html(status, page.render())
}
