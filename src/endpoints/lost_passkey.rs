//! The way back in for somebody without a password whose passkey is lost: a recovery code, and a new passkey by it. The
//! session begins with the new one; until then the code is not used up, and what is known stands in a sealed cookie that
//! is good for nothing else.

use serde::{Deserialize, Serialize};

use crate::acts::factors::{Evidence, Used};
use crate::crypto::digest::Hash;
use crate::domain::methods;
use crate::domain::problems::{Problems, WHOLE};
use crate::error::Internal;
use crate::http::Response;
use crate::pages::{Form, LostPasskey};
use crate::store::factors;
use crate::store::users::{self, User};
use crate::words::Words;

use super::Answer;
use super::context::{Ctx, FormProblem};
use super::goal::{Goal, LOGIN, LOST_PASSKEY, Proof, start};
use super::passkey::{self, New};
use super::pending::over;
use super::step::Step;

const STEP: Step = Step("latchkey-lost-passkey");
/// What the token of the form is for.
const PURPOSE: &str = "lost-passkey";

/// Whose recovery code was right.
#[derive(Serialize, Deserialize)]
struct Shown {
    user: i64,
    code: Hash,
}

/// Somebody's recovery code is right: on to the new passkey.
pub(super) fn ask(ctx: &Ctx, goal: &Goal, user: &User, code: &Hash) -> Response {
    STEP.take(ctx, Shown { user: user.id, code: *code }, goal.at(LOST_PASSKEY))
}

/// Who showed a recovery code in this browser that is still good.
fn shown(ctx: &Ctx) -> Result<Option<(User, Hash)>, Internal> {
    let Some(shown) = STEP.taken::<Shown>(ctx) else { return Ok(None) };
    ctx.app.store.read(|c| {
        let is_good = factors::has_recovery_code(c, shown.user, &shown.code)?;
        let user = users::by_id(c, shown.user)?.filter(|u| is_good && u.active && u.password_hash.is_none());
        Ok(user.map(|user| (user, shown.code)))
    })
}

/// GET `/login/lost-passkey/`.
pub fn show(ctx: &Ctx) -> Answer {
    let Some(goal) = Goal::of(ctx)? else { return Ok(over(ctx)) };
    match shown(ctx)? {
        Some((user, _)) => page(ctx, &goal, &user, Problems::default(), 200),
        None => Ok(Response::see_other(goal.at(LOGIN))),
    }
}

/// POST `/login/lost-passkey/`.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some(mut goal) = Goal::of(ctx)? else { return Ok(over(ctx)) };
    let Some((user, code)) = shown(ctx)? else { return Ok(Response::see_other(goal.at(LOGIN))) };
    let wrong = |key: &'static str| Problems::one(WHOLE, Words::new(key));
    let forms = ctx.anonymous_forms();
    let form = match ctx.own_form(&forms, PURPOSE) {
        Ok(form) => form,
        Err(FormProblem::Expired | FormProblem::NoCookie) => {
            return page(ctx, &goal, &user, wrong("passkey-too-late"), 403);
        }
        Err(problem) => return Err(problem.page(ctx)),
    };
    let Some((_, new)) = passkey::made(ctx, &forms, New::Of(&user), passkey::suggested_name(ctx), &form) else {
        return page(ctx, &goal, &user, wrong("passkey-not-made"), 422);
    };
    let amr = methods::passkey(new.is_synced).into();
    let evidence = Evidence::of(&user, Used::Replaced(code, Box::new(new)));
    let proof = Proof { amr, method: "recovery code and new passkey", evidence, remember: false };
    let before = ctx.signed_in()?;
    match start(ctx, &mut goal, &user, proof, before.as_ref())? {
        Some(response) => Ok(STEP.forget(ctx, response)),
        // The code was used just now, or that passkey is somebody's.
        None => page(ctx, &goal, &user, wrong("passkey-not-made"), 422),
    }
}

fn page(ctx: &Ctx, goal: &Goal, user: &User, wrong: Problems, status: u16) -> Answer {
    let forms = ctx.anonymous_forms();
    let Some(ask) = passkey::ask_new(ctx, &forms, New::Of(user))? else {
        return Ok(Response::see_other(goal.at(LOGIN)));
    };
    let form = Form::new(ctx.lang, ctx.form_token(&forms, PURPOSE)).wrong(wrong);
    let page = LostPasskey {
        ui: &goal.shell(ctx, Some(user)),
        action: &goal.at(LOST_PASSKEY),
        form: &form,
        username: &user.username,
        ask,
    };
    Ok(forms.seal(Response::html(status, page.render())))
}
