//! The User settings: what everybody may see and change of the own account.

mod factors;
mod holdings;
mod passkeys;

pub use factors::{add_totp, codes_page, make_recovery_codes, new_totp, remove_totp, show_factors};
pub use holdings::{
    end_all, end_others, end_session, forget_device, forget_devices, revoke, revoke_all, show_connected, show_sessions,
};
pub use passkeys::{add_passkey, remove_passkey, rename_passkey};

use crate::acts::account as acts;
use crate::acts::users::{new_password, password_rule};
use crate::acts::verification;
use crate::domain::problems::Problems;
use crate::http::{Params, Response};
use crate::pages::user::{Details, Password};
use crate::pages::{Choice, Place};
use crate::store::sessions::Session;
use crate::store::users::User;
use crate::words::{Words, languages};

use super::confirm;
use super::login::{Credentials, verify};
use super::notice::problems;
use super::notices::Notice;
use super::session::SignedIn;
use super::{Answer, Ctx, Failure};

/// GET `/if/user/`.
pub fn details(ctx: &Ctx, who: &SignedIn) -> Answer {
    details_page(ctx, who, values(&who.user), Problems::default())
}

fn values(user: &User) -> Params {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut values = Params::from_pairs([
        ("name", user.name.clone()),
        ("given_name", or_empty(&user.given_name)),
        ("family_name", or_empty(&user.family_name)),
        ("email", or_empty(&user.email)),
        ("locale", or_empty(&user.locale)),
    ]);
    values.append(user.person.values());
    values
}

/// The languages to choose from, the browser's first.
pub fn language_choices(ctx: &Ctx) -> Vec<Choice> {
    let auto = Choice::new("", ctx.lang.say("locale-auto"));
    std::iter::once(auto).chain(languages().map(|l| Choice::new(l.code(), l.own_name()))).collect()
}

/// Whether the e-mail address changes: recovery mails go there, once it is verified.
pub fn is_new_address(_: &Ctx, who: &SignedIn, form: &Params) -> Result<bool, Failure> {
    let stands = who.user.email.as_deref().unwrap_or_default();
    Ok(form.first("email").is_some_and(|email| email.trim() != stands))
}

/// POST `/if/user/`.
pub fn change(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    match acts::change(ctx.app, (&who.user, &who.session), form, ctx.event("account_changed")) {
        Ok(after) => {
            if after.email != who.user.email {
                ctx.tell(&who.user, Notice::EmailChanged);
            }
            Ok(ctx.done("/if/user/", &Words::new("details-saved")))
        }
        Err(error) => details_page(ctx, who, form.clone(), problems(error)?),
    }
}

fn details_page(ctx: &Ctx, who: &SignedIn, values: Params, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.user_frame(who, Place::Details)?);
    let status = if wrong.is_empty() { 200 } else { 422 };
    let page = Details {
        ui: &ui,
        form: &ctx.form(&frame, values).own().wrong(wrong),
        frame: &frame,
        username: &who.user.username,
        is_unverified: who.user.email.is_some() && !who.user.email_told,
        can_verify: ctx.app.has_mail()? && who.user.email.is_some() && !who.user.email_verified,
        languages: language_choices(ctx),
    };
    Ok(Response::html(status, page.render()))
}

/// POST `/if/user/verify-email/`: a link to the address as it is saved.
pub fn verify_email(ctx: &Ctx, who: &SignedIn, _: &Params) -> Answer {
    match verification::ask(ctx.app, &who.user, ctx.lang) {
        Ok(to) => Ok(ctx.done("/if/user/", &Words::new("verification-sent").with("name", to))),
        Err(error) => details_page(ctx, who, values(&who.user), problems(error)?),
    }
}

/// GET `/if/user/password/`.
pub fn password(ctx: &Ctx, who: &SignedIn) -> Answer {
    password_page(ctx, who, Problems::default(), 200)
}

fn password_page(ctx: &Ctx, who: &SignedIn, wrong: Problems, status: u16) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.user_frame(who, Place::Password)?);
    let form = ctx.form(&frame, Params::default()).wrong(wrong);
    let (username, least) = (&who.user.username, ctx.settings()?.password_minimum);
    let has_password = who.user.password_hash.is_some();
    let page = Password { ui: &ui, frame: &frame, form: &form, username, has_password, least };
    Ok(Response::html(status, page.render()))
}

/// POST `/if/user/password/`. The present password is asked for, and guesses are counted as at the sign-in. Who has none
/// is asked for a fresh factor.
pub fn set_password(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    // What is wrong with the new one is told without spending a guess.
    let rule = password_rule(ctx.app, &who.user.username, who.user.email.as_deref())?.named(&who.user.name);
    if let Err(wrong) = new_password(form, &rule) {
        return password_page(ctx, who, wrong, 422);
    }
    if who.user.password_hash.is_none() {
        confirm::fresh(ctx, who, form.clone())?;
    } else if let Some(refused) = present_refused(ctx, who, form)? {
        return Ok(refused);
    }
    let (fresh, secret) = ctx.new_session(who.user.id, &who.session.amr, Some(who));
    // The password was proven anew, and no second factor: the session is as old as it was.
    let session = Session { auth_time: who.session.auth_time, ..fresh };
    let device = ctx.app.store.read(|c| ctx.known_device(c, who.user.id))?;
    match acts::set_password(
        ctx.app,
        (&who.user, &who.session),
        form,
        (session, device),
        ctx.event("password_set").detail("by", "the user"),
    ) {
        Ok(()) => {
            ctx.tell(&who.user, Notice::PasswordChanged);
            let response = ctx.done("/if/user/password/", &Words::new("password-changed"));
            Ok(response.header("Set-Cookie", ctx.session_cookie(&secret)?))
        }
        Err(error) => password_page(ctx, who, problems(error)?, 422),
    }
}

/// The page again, unless the present password was right.
fn present_refused(ctx: &Ctx, who: &SignedIn, form: &Params) -> Result<Option<Response>, Failure> {
    let (words, status) = match verify(ctx, &who.user.username, form.first("present").unwrap_or_default())? {
        Credentials::Right(user) if user.id == who.user.id => return Ok(None),
        Credentials::Right(_) | Credentials::RecoveryCode(..) | Credentials::Wrong => {
            (Words::new("password-present-wrong"), 422)
        }
        Credentials::Throttled(wait) => {
            (Words::new("sign-in-wait-seconds").with("n", i64::try_from(wait).unwrap_or(i64::MAX)), 429)
        }
        Credentials::Busy => return Err(Failure::Busy),
    };
    password_page(ctx, who, Problems::one("present", words), status).map(Some)
}
