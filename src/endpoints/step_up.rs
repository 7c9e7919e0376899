//! A stronger sign-in: whether one would open what this one does not.

use crate::domain::circumstances::Circumstances;
use crate::domain::methods;
use crate::error::Internal;
use crate::pages::Denial;
use crate::store::applications::Application;
use crate::store::factors;

use super::clients;
use super::context::Ctx;
use super::session::SignedIn;

/// Methods that a sign-in could have had besides: those of an authenticator app, and those of a passkey of either kind.
const STRONGER: [&str; 2] = ["otp mfa", "hwk swk user mfa"];

/// If only a stronger sign-in lacks for an application: which, and whether the user has what it takes.
pub(super) fn lacking(ctx: &Ctx, application: &Application, who: &SignedIn) -> Result<Option<Denial>, Internal> {
    let opens = |more: &str| {
        let amr = methods::with(&who.session.amr, more);
        let circumstances =
            Circumstances { amr: amr.split(' ').map(str::to_owned).collect(), ..ctx.circumstances(who) };
        let decision = ctx.app.store.read(|c| clients::decide(ctx, c, application, &who.user, &circumstances))?;
        Ok::<_, Internal>(decision.is_allowed())
    };
    let has = ctx.app.store.read(|c| factors::of_user(c, who.user.id))?;
    let [code, passkey] = STRONGER;
    if opens(code)? {
        return Ok(Some(Denial::SecondFactor { there: has.second_factor() }));
    }
    Ok(opens(passkey)?.then_some(Denial::Passkey { there: has.passkeys > 0 }))
}
