//! Passkeys: added, named and taken away by the user.

use crate::acts::factors::Raised;
use crate::acts::passkeys as acts;
use crate::domain::methods;
use crate::domain::problems::{Problems, WHOLE};
use crate::http::{Params, Response};
use crate::pages::Place;
use crate::pages::user::NewPasskey as NewPasskeyPage;
use crate::words::Words;

use super::factors::{MFA, codes_page, page};
use crate::endpoints::notice::problems;
use crate::endpoints::notices::Notice;
use crate::endpoints::passkey::{self, New};
use crate::endpoints::session::SignedIn;
use crate::endpoints::{Answer, Ctx, Failure};

/// POST `/if/user/mfa/passkeys/add/`: first the page that has the browser make one, then what it made. Both ask for a
/// fresh factor, so that nothing is made on a device that is not taken afterwards.
pub fn add_passkey(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    if passkey::sent(form, passkey::FIELD, passkey::STATE).is_none() {
        return new_page(ctx, who, passkey::suggested_name(ctx), Problems::default());
    }
    let typed = form.first("name").unwrap_or_default();
    let again = |wrong| new_page(ctx, who, typed.to_owned(), wrong);
    let name = match acts::name(typed) {
        Ok(name) => name,
        Err(error) => return again(problems(error)?),
    };
    let Some((_, new)) = passkey::made(ctx, &who.forms(), New::Of(&who.user), name, form) else {
        return again(Problems::one(WHOLE, Words::new("passkey-not-made")));
    };
    let amr = methods::with(&who.session.amr, methods::passkey(new.is_synced));
    let (fresh, cookie) = ctx.new_session(who.user.id, &amr, Some(who));
    let browser = ctx.app.store.read(|c| ctx.known_device(c, who.user.id))?;
    let raised = Raised { present: &who.session, fresh: fresh.clone(), browser };
    let codes = match acts::add(ctx.app, &who.user, new, raised, ctx.event("passkey_added")) {
        Ok(codes) => codes,
        Err(error) => return page(ctx, who, problems(error)?),
    };
    ctx.tell(&who.user, Notice::FactorAdded("passkey"));
    let who = SignedIn { session: fresh, user: who.user.clone() };
    let response = match codes {
        Some(codes) => codes_page(ctx, &who, &codes, Some("passkey-added"), MFA)?,
        None => ctx.done(MFA, &Words::new("passkey-added")),
    };
    Ok(response.header("Set-Cookie", ctx.session_cookie(&cookie)?))
}

fn new_page(ctx: &Ctx, who: &SignedIn, name: String, wrong: Problems) -> Answer {
    let Some(ask) = passkey::ask_new(ctx, &who.forms(), New::Of(&who.user))? else {
        return page(ctx, who, Problems::one(WHOLE, Words::new("passkeys-need-https")));
    };
    let (ui, frame) = (ctx.shell(), ctx.user_frame(who, Place::Mfa)?);
    let status = if wrong.is_empty() { 200 } else { 422 };
    let form = ctx.form(&frame, Params::from_pairs([("name", name)])).wrong(wrong);
    Ok(Response::html(status, NewPasskeyPage { ui: &ui, frame: &frame, form: &form, ask }.render()))
}

fn id_of(form: &Params) -> Result<i64, Failure> {
    form.first("id").and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)
}

/// POST `/if/user/mfa/passkeys/rename/`.
pub fn rename_passkey(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    let name = form.first("name").unwrap_or_default();
    match acts::rename(ctx.app, &who.user, id_of(form)?, name, ctx.event("passkey_renamed")) {
        Ok(()) => Ok(ctx.done(MFA, &Words::new("passkey-renamed").with("name", name.trim()))),
        Err(error) => page(ctx, who, problems(error)?),
    }
}

/// POST `/if/user/mfa/passkeys/remove/`.
pub fn remove_passkey(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    match acts::remove(ctx.app, &who.user, id_of(form)?, ctx.event("passkey_removed")) {
        Ok(name) => {
            ctx.tell(&who.user, Notice::FactorRemoved("passkey"));
            Ok(ctx.done(MFA, &Words::new("passkey-removed").with("name", name)))
        }
        Err(error) => page(ctx, who, problems(error)?),
    }
}
