//! Where one is signed in, and what applications hold: seen and ended by the user.

use crate::acts::{Whose, holdings as acts, known_devices as device_acts};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::user::{ConnectedApplications, Sessions};
use crate::pages::{ConnectedLine, ConsentLine, DeviceLine, Most, Place, SessionLine, TokenLine};
use crate::store::{holdings, known_devices, logouts, sessions};
use crate::words::Words;

use crate::endpoints::logout::Farewell;
use crate::endpoints::session::SignedIn;
use crate::endpoints::{Answer, Ctx, Failure};

/// Lines of each list at most.
const MOST: i64 = 100;

const SESSIONS: &str = "/if/user/sessions/";
const CONNECTED: &str = "/if/user/connected/";

impl Ctx<'_> {
    /// The sessions of a user that are still good: expiry is checked at use, and rows stay a while.
    pub fn session_lines(&self, user: i64, this: &str) -> Result<Most<SessionLine>, Failure> {
        let settings = self.settings()?;
        let since = (self.now - settings.session_idle, self.now - settings.session_maximum);
        let found = self.app.store.read(|c| sessions::current_of_user(c, user, since, MOST))?;
        Ok(Most::of(found, |session| SessionLine::of(&session, this, self.lang)))
    }

    /// The browsers that are known of a user.
    pub fn device_lines(&self, user: i64) -> Result<Vec<DeviceLine>, Failure> {
        let is_asked_less = self.settings()?.remember_browser.is_some();
        let (this, all) = self
            .app
            .store
            .read(|c| Ok::<_, Internal>((self.known_device(c, user)?, known_devices::of_user(c, user, self.now)?)))?;
        let line = |mut known: known_devices::Listed| {
            known.remembered_until = known.remembered_until.filter(|until| is_asked_less && *until > self.now);
            let is_this = this == Some(known.hash);
            DeviceLine::of(known, is_this, self.lang)
        };
        Ok(all.into_iter().map(line).collect())
    }

    /// What a user agreed to.
    pub fn consent_lines(&self, user: i64) -> Result<Most<ConsentLine>, Failure> {
        Ok(Most::of(self.app.store.read(|c| holdings::consents(c, user, self.now, MOST))?, ConsentLine::of))
    }

    /// The tokens that applications hold of a user.
    pub fn token_lines(&self, user: i64) -> Result<Most<TokenLine>, Failure> {
        Ok(Most::of(self.app.store.read(|c| holdings::tokens(c, user, self.now, MOST))?, TokenLine::of))
    }

    fn whose<'a>(&self, who: &'a SignedIn) -> Whose<'a> {
        Whose::Own(&who.user, self.event(""))
    }
}

/// GET `/if/user/sessions/`.
pub fn show_sessions(ctx: &Ctx, who: &SignedIn) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.user_frame(who, Place::Sessions)?);
    let (sessions, devices) = (ctx.session_lines(who.user.id, &who.session.sid)?, ctx.device_lines(who.user.id)?);
    Ok(Response::html(200, Sessions { ui: &ui, frame: &frame, sessions, devices }.render()))
}

/// POST `/if/user/sessions/end/`.
pub fn end_session(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    acts::end_session(ctx.app, ctx.whose(who), form.first("sid").unwrap_or_default())?;
    Ok(ctx.done(SESSIONS, &Words::new("session-ended")))
}

/// POST `/if/user/sessions/end-others/`.
pub fn end_others(ctx: &Ctx, who: &SignedIn, _: &Params) -> Answer {
    let browser = ctx.app.store.read(|c| ctx.known_device(c, who.user.id))?;
    acts::end_other_sessions(ctx.app, &who.user, (&who.session, browser), ctx.event(""))?;
    Ok(ctx.done(SESSIONS, &Words::new("sessions-ended")))
}

/// POST `/if/user/sessions/end-all/`: this one too, and what applications hold.
pub fn end_all(ctx: &Ctx, who: &SignedIn, _: &Params) -> Answer {
    let frames = ctx.app.store.read(|c| logouts::frames_of_session(c, &who.session.sid))?;
    acts::sign_out(ctx.app, ctx.whose(who))?;
    let farewell = Farewell { frames: ctx.frames(&who.session.sid, frames), ..Farewell::default() };
    Ok(farewell.page(ctx).header("Set-Cookie", ctx.no_session_cookie()))
}

/// POST `/if/user/sessions/forget/`: one browser.
pub fn forget_device(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    device_acts::forget(ctx.app, ctx.whose(who), form.first("device").unwrap_or_default())?;
    Ok(ctx.done(SESSIONS, &Words::new("device-forgotten")))
}

/// POST `/if/user/sessions/forget-all/`: this one too.
pub fn forget_devices(ctx: &Ctx, who: &SignedIn, _: &Params) -> Answer {
    device_acts::forget_all(ctx.app, ctx.whose(who))?;
    Ok(ctx.done(SESSIONS, &Words::new("devices-forgotten")))
}

/// GET `/if/user/connected/`.
pub fn show_connected(ctx: &Ctx, who: &SignedIn) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.user_frame(who, Place::Connected)?);
    let found = ctx.app.store.read(|c| holdings::connected(c, who.user.id, ctx.now, MOST))?;
    let connected = Most::of(found, ConnectedLine::of);
    Ok(Response::html(200, ConnectedApplications { ui: &ui, frame: &frame, connected }.render()))
}

/// POST `/if/user/connected/revoke/`.
pub fn revoke(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    let provider = form.first("provider").and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)?;
    acts::revoke(ctx.app, ctx.whose(who), provider)?;
    Ok(ctx.done(CONNECTED, &Words::new("connected-revoked")))
}

/// POST `/if/user/connected/revoke-all/`.
pub fn revoke_all(ctx: &Ctx, who: &SignedIn, _: &Params) -> Answer {
    acts::revoke_all(ctx.app, ctx.whose(who))?;
    Ok(ctx.done(CONNECTED, &Words::new("revoked-all")))
}
