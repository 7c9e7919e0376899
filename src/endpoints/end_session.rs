//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0), for clients that send everything, something or
//! nothing. Never demands a sign-in, never loops, and ends nothing that nobody asked for: a client's own expired
//! session leads browsers here too.

use crate::acts::holdings::sign_out_everywhere;
use crate::domain::redirect_uri::{self, Purpose, RedirectUri};
use crate::domain::sign_out::{Frame, SignOutEnds};
use crate::error::Internal;
use crate::http::{Method, Params, Response};
use crate::pages::{Continue, EndSession, Ended, ErrorPage};
use crate::store::events::Event;
use crate::store::{grants, logouts};

use super::clients::{self, Client};
use super::context::Ctx;
use super::home::launch_url;
use super::logout::Farewell;
use super::session::{SignedIn, sign_out};
use super::{Answer, Failure, hint};

const PURPOSE: &str = "end-session";

/// What the client asked for, checked.
struct Asked {
    client: Client,
    /// Where it wants the browser back, if that is registered.
    back: Option<RedirectUri>,
    state: Option<String>,
    /// Subject and session that a valid hint names.
    hint: Option<(String, Option<String>)>,
}

impl Asked {
    fn read(ctx: &Ctx, params: &Params) -> Result<Option<Self>, Failure> {
        let slug = ctx.slug.unwrap_or_default();
        let Some(client) = ctx.app.store.read(|c| Client::by_slug(c, slug))? else { return Ok(None) };
        let one = |name| params.one(name).ok().flatten();
        // With a client_id that is another's, nothing that was sent can be believed (section 2).
        let is_own = one("client_id").is_none_or(|id| id == client.provider.client_id);
        let hint = match params.one("id_token_hint") {
            Ok(Some(hint)) if is_own => read_hint(ctx, &client, hint)?,
            _ => None,
        };
        // Nor with a hint that is not ours for this client: validation that fails leads nowhere (section 4).
        let is_believed = is_own && (hint.is_some() || params.one("id_token_hint") == Ok(None));
        let wanted = one("post_logout_redirect_uri").filter(|_| is_believed);
        let back = wanted.and_then(|uri| {
            redirect_uri::find(&client.provider.uris, Purpose::Logout, client.provider.client_type, uri)
        });
        Ok(Some(Self { client, back, state: one("state").map(str::to_owned), hint }))
    }

    /// Whether the hint names the user who is signed in: then the client may end the session without a question.
    fn is_vouched_for(&self, ctx: &Ctx, who: &SignedIn) -> Result<bool, Internal> {
        let Some((sub, sid)) = &self.hint else { return Ok(false) };
        let claims = ctx.app.store.read(|c| clients::user_claims(c, &who.user))?;
        let same_user = clients::subject(ctx.app, &self.client, &claims).as_ref() == Some(sub);
        Ok(same_user && sid.as_ref().is_none_or(|sid| *sid == who.session.sid))
    }

    /// The address to go back to, with `state` (before a fragment).
    fn target(&self) -> Option<String> {
        let params: Vec<(&str, &str)> = self.state.as_deref().map(|s| ("state", s)).into_iter().collect();
        self.back.as_ref().map(|back| back.with_query(&params))
    }

    /// The page at the end.
    fn farewell<'a>(&'a self, back: Option<&'a str>, frames: Vec<Frame>) -> Farewell<'a> {
        Farewell { application: Some(&self.client.application.name), back, frames, ..Farewell::default() }
    }

    fn event(&self, ctx: &Ctx, who: &SignedIn, scope: &str) -> Event {
        let event = ctx.event("logout").user(&who.user.username);
        event.client(&self.client.provider.client_id).detail("scope", scope)
    }

    fn home(&self, ctx: &Ctx) -> Result<Option<String>, Internal> {
        ctx.app.store.read(|c| launch_url(c, &self.client.application))
    }
}

/// The user and the session that a hint names.
fn read_hint(ctx: &Ctx, client: &Client, hint: &str) -> Result<Option<(String, Option<String>)>, Internal> {
    let Some(claims) = hint::claims(ctx, client, hint)? else { return Ok(None) };
    let text = |name: &str| claims.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    Ok(text("sub").map(|sub| (sub, text("sid"))))
}

/// GET and POST `/application/o/{slug}/end-session/`.
pub fn end_session(ctx: &Ctx) -> Answer {
    let form = if ctx.req.method == Method::Post { ctx.req.form() } else { None };
    let query = ctx.req.query_params();
    // Our own buttons post here too, with the client's parameters left in the query.
    let pressed = form.as_ref().is_some_and(|f| f.has("form_token"));
    let params = match &form {
        Some(form) if !pressed => form,
        _ => &query,
    };
    let Some(asked) = Asked::read(ctx, params)? else {
        return Ok(ctx.error(&ErrorPage::not_found(&ctx.req.id.to_string())));
    };
    if ctx.req.method == Method::Post && !pressed {
        return Ok(as_get(ctx, params));
    }
    let Some(who) = ctx.signed_in()? else { return without_session(ctx, &asked) };
    match form {
        Some(form) if pressed => confirmed(ctx, &asked, &who, form.first("scope") == Some("everywhere")),
        _ if asked.is_vouched_for(ctx, &who)? => match asked.target() {
            Some(target) => vouched(ctx, &asked, &who, &target),
            None => ask(ctx, &asked, &who),
        },
        _ => ask(ctx, &asked, &who),
    }
}

/// The client has proven who is signed in: what its provider says ends, without a question.
fn vouched(ctx: &Ctx, asked: &Asked, who: &SignedIn, target: &str) -> Answer {
    let (ended, frames) = match asked.client.provider.sign_out_ends {
        SignOutEnds::Everything => (Ended::Session, end_this(ctx, asked, who)?),
        SignOutEnds::Application => (Ended::Application, end_application(ctx, asked, who, Reach::Session)?),
    };
    let response = if frames.is_empty() {
        Response::see_other(target)
    } else {
        let application = Some(asked.client.application.name.as_str());
        Farewell { ended, application, back: None, onward: Some(target), frames }.page(ctx)
    };
    Ok(if ended == Ended::Session { response.header("Set-Cookie", ctx.no_session_cookie()) } else { response })
}

/// A POST from another site carries no session cookie (SameSite=Lax): go on by a GET, which does.
fn as_get(ctx: &Ctx, params: &Params) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"] {
        if let Ok(Some(value)) = params.one(name) {
            query.append_pair(name, value);
        }
    }
    Response::see_other(format!("{}?{}", ctx.req.path, query.finish()))
}

fn without_session(ctx: &Ctx, asked: &Asked) -> Answer {
    match asked.target() {
        Some(target) => Ok(Response::see_other(target)),
        None => Ok(asked.farewell(asked.home(ctx)?.as_deref(), Vec::new()).page(ctx)),
    }
}

/// Changes nothing: a page with buttons.
fn ask(ctx: &Ctx, asked: &Asked, who: &SignedIn) -> Answer {
    let home = asked.home(ctx)?;
    let action = match ctx.req.query.is_empty() {
        true => ctx.req.path.clone(),
        false => format!("{}?{}", ctx.req.path, ctx.req.query),
    };
    let page = EndSession {
        ui: &ctx.shell_of(&who.user),
        application: &asked.client.application.name,
        username: &who.user.username,
        back: home.as_deref(),
        action: &action,
        form_token: &ctx.form_token(&who.forms(), PURPOSE),
    };
    Ok(Response::html(200, page.render()))
}

/// A button of that page was pressed.
fn confirmed(ctx: &Ctx, asked: &Asked, who: &SignedIn, everywhere: bool) -> Answer {
    ctx.own_form(&who.forms(), PURPOSE).map_err(|p| p.page(ctx))?;
    let frames = match everywhere {
        true => end_everywhere(ctx, asked, who)?,
        false => end_application(ctx, asked, who, Reach::User)?,
    };
    let (target, home) = (asked.target(), asked.home(ctx)?);
    let response = match &target {
        // A redirect would be held against the form's `form-action`: leave by a page of ours.
        Some(target) if frames.is_empty() => {
            let application = Some(asked.client.application.name.as_str());
            Response::html(200, Continue { ui: &ctx.shell_of(&who.user), application, target }.render())
        }
        onward => {
            let ended = if everywhere { Ended::Session } else { Ended::Application };
            let farewell = asked.farewell(home.as_deref().filter(|_| everywhere), frames);
            Farewell { ended, onward: onward.as_deref(), ..farewell }.page(ctx)
        }
    };
    Ok(if everywhere { response.header("Set-Cookie", ctx.no_session_cookie()) } else { response })
}

/// Ends every session of the user, and everything that applications hold.
fn end_everywhere(ctx: &Ctx, asked: &Asked, who: &SignedIn) -> Result<Vec<Frame>, Internal> {
    let (user, sid, event) = (who.user.id, who.session.sid.clone(), asked.event(ctx, who, "everywhere"));
    let frames = ctx.app.store.write(move |tx| {
        let frames = logouts::frames_of_session(tx, &sid)?;
        sign_out_everywhere(tx, user)?;
        event.store(tx)?;
        Ok::<_, Internal>(frames)
    })?;
    Ok(ctx.frames(&who.session.sid, frames))
}

/// Ends this browser's session, as a client with a valid hint may.
fn end_this(ctx: &Ctx, asked: &Asked, who: &SignedIn) -> Result<Vec<Frame>, Internal> {
    let (session, event) = (who.session.clone(), asked.event(ctx, who, "session"));
    let frames = ctx.app.store.write(move |tx| {
        let frames = logouts::frames_of_session(tx, &session.sid)?;
        sign_out(tx, &session)?;
        event.store(tx)?;
        Ok::<_, Internal>(frames)
    })?;
    Ok(ctx.frames(&who.session.sid, frames))
}

/// How much of what an application holds ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// What it holds through this browser's session, but for offline access: more than that no hint proves.
    Session,
    /// Everything of the user, who pressed the button for it.
    User,
}

/// Ends what this one application holds; the session at Latchkey stays.
fn end_application(ctx: &Ctx, asked: &Asked, who: &SignedIn, reach: Reach) -> Result<Vec<Frame>, Internal> {
    let event = asked.event(ctx, who, "application");
    let (user, sid, provider) = (who.user.id, who.session.sid.clone(), asked.client.provider.id);
    let frames = ctx.app.store.write(move |tx| {
        let frames = logouts::frames_of_application(tx, &sid, provider)?;
        match reach {
            Reach::Session => grants::delete_online_of_session_at(tx, &sid, provider)?,
            Reach::User => grants::delete_of_user_at(tx, user, provider)?,
        };
        event.store(tx)?;
        Ok::<_, Internal>(frames)
    })?;
    Ok(ctx.frames(&who.session.sid, frames))
}
