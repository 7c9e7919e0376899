//! Second factors: seen, added and taken away by the user.

use crate::acts::{Whose, factors as acts};
use crate::crypto::passkeys::Passkeys;
use crate::crypto::totp::TotpSecret;
use crate::domain::problems::Problems;
use crate::domain::{UnixSeconds, methods};
use crate::http::{Params, Response};
use crate::pages::user::{Factors, NewTotp, RecoveryCodes};
use crate::pages::{PasskeyLine, Place, qr};
use crate::store::{factors, passkeys};
use crate::words::Words;

use crate::endpoints::notice::problems;
use crate::endpoints::notices::Notice;
use crate::endpoints::session::SignedIn;
use crate::endpoints::{Answer, Ctx};

pub(super) const MFA: &str = "/if/user/mfa/";
/// How long a secret that is shown may be confirmed, in seconds.
const SECRET_VALID: UnixSeconds = 3_600;

/// GET `/if/user/mfa/`.
pub fn show_factors(ctx: &Ctx, who: &SignedIn) -> Answer {
    page(ctx, who, Problems::default())
}

pub(super) fn page(ctx: &Ctx, who: &SignedIn, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.user_frame(who, Place::Mfa)?);
    let id = who.user.id;
    let (has, totp, passkeys) = ctx.app.store.read(|c| {
        Ok::<_, crate::error::Internal>((factors::of_user(c, id)?, factors::totp(c, id)?, passkeys::of_user(c, id)?))
    })?;
    let rp_id = ctx.app.passkeys.as_ref().map(Passkeys::rp_id);
    let status = if wrong.is_empty() { 200 } else { 422 };
    let page = Factors {
        ui: &ui,
        frame: &frame,
        form: &ctx.form(&frame, Params::default()).wrong(wrong),
        passkeys: passkeys.into_iter().map(|passkey| PasskeyLine::of(passkey, rp_id)).collect(),
        can_add_passkey: rp_id.is_some(),
        app: totp.map(|t| (t.created_at, t.last_used_at)),
        has_factor: has.second_factor(),
        codes_left: has.recovery_codes,
    };
    Ok(Response::html(status, page.render()))
}

/// What a new secret travels in, to the page and back: nothing is stored before it is confirmed.
fn sealed_for(user: i64) -> String {
    format!("new-totp/{user}")
}

/// GET `/if/user/mfa/totp/`.
pub fn new_totp(ctx: &Ctx, who: &SignedIn) -> Answer {
    if ctx.app.store.read(|c| factors::totp(c, who.user.id))?.is_some() {
        return Ok(Response::see_other(MFA));
    }
    totp_page(ctx, who, &TotpSecret::generate(), Problems::default())
}

fn totp_page(ctx: &Ctx, who: &SignedIn, secret: &TotpSecret, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.user_frame(who, Place::Mfa)?);
    let mut plain = ctx.now.to_be_bytes().to_vec();
    plain.extend_from_slice(secret.as_bytes());
    let sealed = ctx.app.sealer().seal_cookie(&sealed_for(who.user.id), &plain);
    let status = if wrong.is_empty() { 200 } else { 422 };
    let url = secret.url(ui.brand.name(), &who.user.username);
    let page = NewTotp {
        ui: &ui,
        frame: &frame,
        form: &ctx.form(&frame, Params::default()).wrong(wrong),
        sealed: &sealed,
        secret: &secret.shown(),
        qr: url.and_then(|url| qr::svg(&url, &ctx.lang.say("totp-qr"))),
    };
    Ok(Response::html(status, page.render()))
}

/// The secret of a form that we made not long ago, for this user.
fn sent_secret(ctx: &Ctx, who: &SignedIn, form: &Params) -> Option<TotpSecret> {
    let sealed = form.first("secret").unwrap_or_default();
    let plain = ctx.app.sealer().open_cookie(&sealed_for(who.user.id), sealed)?;
    let (at, secret) = plain.split_first_chunk::<8>()?;
    let age = ctx.now - UnixSeconds::from_be_bytes(*at);
    (0..SECRET_VALID).contains(&age).then(|| TotpSecret::from_bytes(secret))?
}

/// POST `/if/user/mfa/totp/`: the app's first code shows that it has the secret.
pub fn add_totp(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    let Some(secret) = sent_secret(ctx, who, form) else {
        return totp_page(ctx, who, &TotpSecret::generate(), Problems::one("code", Words::new("totp-too-late")));
    };
    let code: String = form.first("code").unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    let Some(step) = secret.check(&code, ctx.now) else {
        return totp_page(ctx, who, &secret, Problems::one("code", Words::new("totp-code-wrong")));
    };
    let amr = methods::with(&who.session.amr, "otp mfa");
    let (fresh, cookie) = ctx.new_session(who.user.id, &amr, Some(who));
    let browser = ctx.app.store.read(|c| ctx.known_device(c, who.user.id))?;
    let raised = acts::Raised { present: &who.session, fresh: fresh.clone(), browser };
    let event = ctx.event("totp_added");
    let codes = match acts::add_totp(ctx.app, &who.user, (&secret, step), raised, event) {
        Ok(codes) => codes,
        Err(error) => return page(ctx, who, problems(error)?),
    };
    ctx.tell(&who.user, Notice::FactorAdded("totp"));
    let who = SignedIn { session: fresh, user: who.user.clone() };
    let response = match codes {
        Some(codes) => codes_page(ctx, &who, &codes, Some("totp-added"), MFA)?,
        None => ctx.done(MFA, &Words::new("totp-added")),
    };
    Ok(response.header("Set-Cookie", ctx.session_cookie(&cookie)?))
}

/// POST `/if/user/mfa/totp/remove/`.
pub fn remove_totp(ctx: &Ctx, who: &SignedIn, _: &Params) -> Answer {
    acts::remove_totp(ctx.app, Whose::Own(&who.user, ctx.event("")))?;
    ctx.tell(&who.user, Notice::FactorRemoved("totp"));
    Ok(ctx.done(MFA, &Words::new("totp-removed")))
}

/// POST `/if/user/mfa/recovery-codes/`.
pub fn make_recovery_codes(ctx: &Ctx, who: &SignedIn, _: &Params) -> Answer {
    match acts::make_recovery_codes(ctx.app, (&who.user, &who.session), ctx.event("recovery_codes_made")) {
        Ok(codes) => {
            ctx.tell(&who.user, Notice::RecoveryCodesMade);
            codes_page(ctx, who, &codes, None, MFA)
        }
        Err(error) => page(ctx, who, problems(error)?),
    }
}

/// Shown once; only their hashes are kept. `added` is the key of what was done before.
pub fn codes_page(ctx: &Ctx, who: &SignedIn, codes: &acts::Codes, added: Option<&str>, onward: &str) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.user_frame(who, Place::Mfa)?);
    let page = RecoveryCodes {
        ui: &ui,
        frame: &frame,
        added: added.map(|key| ctx.lang.say(key)),
        username: &who.user.username,
        address: ctx.app.base.as_str(),
        has_password: who.user.password_hash.is_some(),
        onward,
        codes: codes.iter().map(|code| code.shown()).collect(),
    };
    Ok(Response::html(200, page.render()))
}
