//! `/logout/`: signing out of Latchkey itself; and the page at the end of every sign-out.

use crate::domain::sign_out::{self, Frame};
use crate::error::Internal;
use crate::http::Response;
use crate::pages::{Ended, LoggedOut, Logout};
use crate::store::logouts::{self, FrameAt};

use super::context::Ctx;
use super::session::sign_out;
use super::{Answer, PAGE_CSP};

/// What the token of a sign-out form is for.
pub const PURPOSE: &str = "logout";

/// GET `/logout/`.
pub fn show(ctx: &Ctx) -> Answer {
    let Some(who) = ctx.signed_in()? else { return Ok(Farewell::default().page(ctx)) };
    let page = Logout {
        ui: &ctx.shell_of(&who.user),
        username: &who.user.username,
        action: "/logout/",
        form_token: &ctx.form_token(&who.forms(), PURPOSE),
    };
    Ok(Response::html(200, page.render()))
}

/// POST `/logout/`: ends this browser's session.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some(who) = ctx.signed_in()? else { return Ok(Farewell::default().page(ctx)) };
    ctx.own_form(&who.forms(), PURPOSE).map_err(|p| p.page(ctx))?;
    let event = ctx.event("logout").user(&who.user.username);
    let session = who.session.clone();
    let frames = ctx.app.store.write(move |tx| {
        let frames = logouts::frames_of_session(tx, &session.sid)?;
        sign_out(tx, &session)?;
        event.store(tx)?;
        Ok::<_, Internal>(frames)
    })?;
    let farewell = Farewell { frames: ctx.frames(&who.session.sid, frames), ..Farewell::default() };
    Ok(farewell.page(ctx).header("Set-Cookie", ctx.no_session_cookie()))
}

/// The page at the end of a sign-out.
#[derive(Debug, Default)]
pub struct Farewell<'a> {
    pub ended: Ended,
    /// The application that the visitor came from, and the way back to it.
    pub application: Option<&'a str>,
    pub back: Option<&'a str>,
    /// Where the browser goes by itself once the frames had a moment.
    pub onward: Option<&'a str>,
    /// By which applications hear of it (OpenID Connect Front-Channel Logout).
    pub frames: Vec<Frame>,
}

impl Farewell<'_> {
    pub fn page(&self, ctx: &Ctx) -> Response {
        let Self { ended, application, back, onward, frames } = self;
        let addresses: Vec<&str> = frames.iter().map(|f| f.address.as_str()).collect();
        let ui = &ctx.shell();
        let (ended, application, back, onward) = (*ended, *application, *back, *onward);
        let page = LoggedOut { ui, ended, application, back, onward, frames: &addresses };
        let response = Response::html(200, page.render());
        if frames.is_empty() {
            return response;
        }
        // This page alone frames others, and only these.
        let mut origins: Vec<&str> = frames.iter().map(|f| f.origin.as_str()).collect();
        origins.sort_unstable();
        origins.dedup();
        response.header("Content-Security-Policy", format!("{PAGE_CSP}; frame-src {}", origins.join(" ")))
    }
}

impl Ctx<'_> {
    /// The frames that tell of the end of a session.
    pub fn frames(&self, sid: &str, found: Vec<FrameAt>) -> Vec<Frame> {
        let frame = |at: FrameAt| sign_out::frame(&at.uri, &self.app.base.issuer(&at.slug), sid);
        found.into_iter().filter_map(frame).collect()
    }
}
