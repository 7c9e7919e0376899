//! One-time codes and recovery codes, checked: at the sign-in and wherever somebody who is signed in confirms it.

use crate::acts::factors::Used;
use crate::crypto::digest::secret_hash;
use crate::crypto::totp::TotpSecret;
use crate::domain::methods;
use crate::domain::recovery_code::RecoveryCode;
use crate::error::Internal;
use crate::store::factors::{self, Totp};
use crate::store::users::User;
use crate::throttle::Attempt;

use super::context::Ctx;
use super::login::failed;

/// What a check of a code found.
pub(super) enum Checked {
    Right(Right),
    Wrong,
    /// Seconds to wait.
    Throttled(u64),
}

/// A code that was right, and is to be used up.
pub(super) struct Right {
    /// What it adds to a password.
    pub amr: &'static str,
    pub method: &'static str,
    pub used: Used,
    /// Counted as a failure until it is used up.
    pub attempt: Attempt,
}

/// Checks what somebody typed: the code of an app, or a recovery code. Failures are counted by user.
pub(super) fn check(ctx: &Ctx, user: &User, typed: &str) -> Result<Checked, Internal> {
    let attempt = match ctx.app.throttle.begin_second_factor(user.id, ctx.now) {
        Ok(attempt) => attempt,
        Err(wait) => {
            ctx.app.recorder.refused(failed(ctx, Some(user), "throttled at the second factor"));
            return Ok(Checked::Throttled(wait.unsigned_abs()));
        }
    };
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).take(64).collect();
    if let Some(step) = totp_step(ctx, user, &digits)? {
        let (amr, method) = (methods::PASSWORD_AND_CODE, "password and one-time code");
        return Ok(Checked::Right(Right { amr, method, used: Used::Step(step), attempt }));
    }
    if let Some(hash) = RecoveryCode::parse(typed).map(|code| secret_hash(code.as_str()))
        && ctx.app.store.read(|c| factors::has_recovery_code(c, user.id, &hash))?
    {
        let (amr, method) = (methods::PASSWORD_AND_RECOVERY_CODE, "password and recovery code");
        return Ok(Checked::Right(Right { amr, method, used: Used::RecoveryCode(hash), attempt }));
    }
    wrong(ctx, user);
    Ok(Checked::Wrong)
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
