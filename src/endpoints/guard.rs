//! Who may call a handler. Handlers name the evidence they need in their type; it is made here and nowhere else, and
//! forms of people who are signed in are checked here too, so that no handler can forget it.

use crate::acts::Admin;
use crate::domain::{UnixSeconds, methods};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::ErrorPage;
use crate::store::factors;
use crate::store::users::{self, User};
use crate::words::{self, Lang, Words};

use super::context::Ctx;
use super::failure::Failure;
use super::session::SignedIn;
use super::{Answer, confirm};

/// Evidence that the browser belongs to a signed-in administrator.
pub struct Administrator {
    pub who: SignedIn,
    /// What acts ask for.
    pub by: Admin,
    /// Until when a second factor is to be added, if one is needed and lacks.
    pub factor_until: Option<UnixSeconds>,
}

/// What answers a GET (and HEAD).
#[derive(Clone, Copy)]
pub enum Get {
    Open(fn(&Ctx) -> Answer),
    SignedIn(fn(&Ctx, &SignedIn) -> Answer),
    Administrator(fn(&Ctx, &Administrator) -> Answer),
}

/// What answers a POST. For people who are signed in it is given the form, whose token was checked.
#[derive(Clone, Copy)]
pub enum Post {
    Open(fn(&Ctx) -> Answer),
    SignedIn(fn(&Ctx, &SignedIn, &Params) -> Answer),
    Administrator(fn(&Ctx, &Administrator, &Params) -> Answer),
    /// As [`Self::SignedIn`] and [`Self::Administrator`], for acts that ask for a fresh factor.
    FreshSignedIn(Danger<SignedIn>, fn(&Ctx, &SignedIn, &Params) -> Answer),
    FreshAdministrator(Danger<Administrator>, fn(&Ctx, &Administrator, &Params) -> Answer),
}

/// Which forms of an act ask for a fresh factor.
pub enum Danger<W> {
    Always,
    /// Those of which this is true.
    If(fn(&Ctx, &W, &Params) -> Result<bool, Failure>),
}

// Not derived: that would ask the same of whoever acts.
impl<W> Copy for Danger<W> {}

impl<W> Clone for Danger<W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W> Danger<W> {
    fn is_in(self, ctx: &Ctx, who: &W, form: &Params) -> Result<bool, Failure> {
        match self {
            Self::Always => Ok(true),
            Self::If(is_dangerous) => is_dangerous(ctx, who, form),
        }
    }
}

/// What the token of every form in the Admin interface and the User settings is for.
pub const PURPOSE: &str = "interface";

impl Get {
    pub fn answer(self, ctx: &mut Ctx) -> Answer {
        match self {
            Self::Open(handler) => handler(ctx),
            Self::SignedIn(handler) => {
                let who = signed_in(ctx)?;
                handler(ctx, &who).map(|response| ctx.without_notice(response))
            }
            Self::Administrator(handler) => {
                let who = administrator(ctx)?;
                handler(ctx, &who).map(|response| ctx.without_notice(response))
            }
        }
    }

    pub fn who(self) -> &'static str {
        match self {
            Self::Open(_) => "anybody",
            Self::SignedIn(_) => "signed in",
            Self::Administrator(_) => "administrator",
        }
    }
}

impl Post {
    pub fn answer(self, ctx: &mut Ctx) -> Answer {
        match self {
            Self::Open(handler) => handler(ctx),
            Self::SignedIn(handler) => {
                let who = signed_in(ctx)?;
                let form = ctx.own_form(&who.forms(), PURPOSE).map_err(|p| p.page(ctx))?;
                handler(ctx, &who, &form)
            }
            Self::Administrator(handler) => {
                let who = administrator(ctx)?;
                let form = ctx.own_form(&who.who.forms(), PURPOSE).map_err(|p| p.page(ctx))?;
                handler(ctx, &who, &form)
            }
            Self::FreshSignedIn(danger, handler) => {
                let who = signed_in(ctx)?;
                let mut form = ctx.own_form(&who.forms(), PURPOSE).map_err(|p| p.page(ctx))?;
                if danger.is_in(ctx, &who, &form)? {
                    form = confirm::fresh(ctx, &who, form)?;
                }
                handler(ctx, &who, &form)
            }
            Self::FreshAdministrator(danger, handler) => {
                let who = administrator(ctx)?;
                let mut form = ctx.own_form(&who.who.forms(), PURPOSE).map_err(|p| p.page(ctx))?;
                if danger.is_in(ctx, &who, &form)? {
                    form = confirm::fresh(ctx, &who.who, form)?;
                }
                handler(ctx, &who, &form)
            }
        }
    }

    pub fn who(self) -> &'static str {
        match self {
            Self::Open(_) => "anybody",
            Self::SignedIn(_) => "signed in",
            Self::Administrator(_) => "administrator",
            Self::FreshSignedIn(Danger::Always, _) => "signed in (fresh factor)",
            Self::FreshSignedIn(Danger::If(_), _) => "signed in (fresh factor at times)",
            Self::FreshAdministrator(Danger::Always, _) => "administrator (fresh factor)",
            Self::FreshAdministrator(Danger::If(_), _) => "administrator (fresh factor at times)",
        }
    }
}

/// Who is signed in; else the way to the sign-in page. Pages are in that user's language from here on.
fn signed_in(ctx: &mut Ctx) -> Result<SignedIn, Failure> {
    let Some(who) = ctx.signed_in()? else { return Err(Failure::from(sign_in_first(ctx, "/login/"))) };
    if let Some(lang) = lang_of(&who.user) {
        ctx.lang = lang;
    }
    Ok(who)
}

/// The language that a user chose.
pub fn lang_of(user: &User) -> Option<Lang> {
    user.locale.as_deref().and_then(|locale| words::from_tags([locale]))
}

/// A GET goes on where it was going after the sign-in. What was typed into a form must not be lost: the page says how
/// to send it again.
fn sign_in_first(ctx: &Ctx, step: &str) -> Response {
    if ctx.req.method == crate::http::Method::Post {
        return ctx.error(&ErrorPage::signed_out(&ctx.req.id.0));
    }
    let path = match ctx.req.query.as_str() {
        "" => ctx.req.path.clone(),
        query => format!("{}?{query}", ctx.req.path),
    };
    let next: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    Response::see_other(format!("{step}?next={next}"))
}

fn administrator(ctx: &mut Ctx) -> Result<Administrator, Failure> {
    let who = signed_in(ctx)?;
    let is_administrator = ctx.app.store.read(|c| users::is_administrator(c, who.user.id))?;
    if !is_administrator {
        let event = ctx.event("access_denied").user(&who.user.username).detail("reason", "not an administrator");
        ctx.app.recorder.refused(event);
        return Err(Failure::from(ctx.error(&ErrorPage::not_administrator(&ctx.req.id.0))));
    }
    if !methods::is_multi_factor(&who.session.amr)
        && ctx.app.store.read(|c| factors::of_user(c, who.user.id))?.second_factor()
    {
        // A remembered browser is no second factor for the whole house.
        return Err(Failure::from(sign_in_first(ctx, "/login/second-factor/")));
    }
    let by = Admin::signed_in(&who.user, ctx.req);
    let factor_until = factor_duty(ctx, &who)?;
    Ok(Administrator { who, by, factor_until })
}

/// Where administrators need a second factor: until when one without it may go on, or the way to where it is added.
fn factor_duty(ctx: &Ctx, who: &SignedIn) -> Result<Option<UnixSeconds>, Failure> {
    let Some(grace) = ctx.settings()?.administrator_grace else { return Ok(None) };
    let (id, now) = (who.user.id, ctx.now);
    let (has, asked_at) = ctx.app.store.read(|c| {
        Ok::<_, Internal>((factors::of_user(c, id)?.second_factor(), factors::second_factor_asked_at(c, id)?))
    })?;
    if has {
        return Ok(None);
    }
    let Some(asked_at) = asked_at else {
        ctx.app.store.write(move |tx| factors::ask_for_second_factor(tx, id, now))?;
        return Ok(Some(now + grace));
    };
    // Told in the future was by a clock that was wrong: the time runs from now at the latest.
    let until = asked_at.min(now) + grace;
    if until > now {
        return Ok(Some(until));
    }
    Err(Failure::from(ctx.done("/if/user/mfa/", &Words::new("administrator-factor-now"))))
}

impl From<crate::acts::ActError> for Failure {
    /// For acts whose refusals have no form to go back to.
    fn from(error: crate::acts::ActError) -> Self {
        use crate::acts::ActError as E;
        match error {
            E::Malformed(problems) | E::Refused(problems) => Self::Refused(problems),
            E::NotFound => Self::NotFound,
            E::Busy => Self::Busy,
            E::NoMasterKey(error) => Self::Internal(Internal::fault(error)),
            E::Internal(error) => Self::Internal(error),
        }
    }
}
