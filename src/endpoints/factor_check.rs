//! Second factors, checked: at the sign-in and wherever somebody who is signed in confirms it.

use crate::acts::factors::Used;
use crate::crypto::digest::secret_hash;
use crate::crypto::totp::TotpSecret;
use crate::domain::methods;
use crate::domain::recovery_code::RecoveryCode;
use crate::error::Internal;
use crate::http::Params;
use crate::pages::SignInProblem;
use crate::store::factors::{self, Totp};
use crate::store::users::User;
use crate::throttle::Attempt;

use super::context::{Ctx, Forms};
use super::login::failed;
use super::passkey;

/// A factor that was right, and is to be used up.
pub(super) struct Right {
    /// With a password.
    pub amr: String,
    pub method: &'static str,
    pub used: Used,
    /// Counted as a failure until it is used up.
    pub attempt: Attempt,
}

/// The names of the fields that a second factor comes in.
pub(super) struct Fields {
    pub code: &'static str,
    pub passkey: &'static str,
    pub passkey_state: &'static str,
}

/// Checks what somebody sent: a passkey's answer, the code of an app, or a recovery code. Failures are counted by user, and
/// for a known device apart.
pub(super) fn check(
    ctx: &Ctx,
    forms: &Forms,
    user: &User,
    form: &Params,
    fields: &Fields,
) -> Result<Result<Right, SignInProblem>, Internal> {
    let Some(sent) = passkey::sent(form, fields.passkey, fields.passkey_state) else {
        return check_code(ctx, user, form.first(fields.code).unwrap_or_default());
    };
    let checked = passkey::check(ctx, forms, passkey::Whose::Of(user), sent)?;
    Ok(checked.map(|right| Right {
        amr: methods::with(methods::PASSWORD, methods::passkey(right.is_synced)),
        method: "password and passkey",
        used: right.used,
        attempt: right.attempt,
    }))
}

fn check_code(ctx: &Ctx, user: &User, typed: &str) -> Result<Result<Right, SignInProblem>, Internal> {
    let device = ctx.app.store.read(|c| ctx.known_device(c, user.id))?;
    let attempt = match ctx.app.throttle.begin_second_factor(user.into(), device, ctx.now) {
        Ok(attempt) => attempt,
        Err(wait) => {
            ctx.app.recorder.refused(failed(ctx, Some(user), "throttled at the second factor"));
            return Ok(Err(SignInProblem::Throttled { wait_seconds: wait.unsigned_abs() }));
        }
    };
    let right = |amr: &str, method, used| Ok(Ok(Right { amr: amr.into(), method, used, attempt }));
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).take(64).collect();
    if let Some(step) = totp_step(ctx, user, &digits)? {
        return right(methods::PASSWORD_AND_CODE, "password and one-time code", Used::Step(step));
    }
    if let Some(hash) = RecoveryCode::parse(typed).map(|code| secret_hash(code.as_str()))
        && ctx.app.store.read(|c| factors::has_recovery_code(c, user.id, &hash))?
    {
        return right(methods::PASSWORD_AND_RECOVERY_CODE, "password and recovery code", Used::RecoveryCode(hash));
    }
    wrong(ctx, user);
    Ok(Err(SignInProblem::WrongCode))
}

/// Records a wrong code, or one that was used.
pub(super) fn wrong(ctx: &Ctx, user: &User) {
    ctx.app.recorder.refused(failed(ctx, Some(user), "wrong second factor"));
}

/// The step of a code that is right and was not used.
fn totp_step(ctx: &Ctx, user: &User, code: &str) -> Result<Option<i64>, Internal> {
    let Some(totp) = ctx.app.store.read(|c| factors::totp(c, user.id))? else { return Ok(None) };
    let opened = ctx.app.sealer().open(&Totp::seal(user.id), &totp.secret_sealed).map_err(Internal::fault)?;
    let secret = TotpSecret::from_bytes(&opened).ok_or_else(|| Internal::fault("a TOTP secret of another length"))?;
    Ok(secret.check(code, ctx.now).filter(|step| *step > totp.last_step))
}
