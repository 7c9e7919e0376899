//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0), for clients that send everything, something or
//! nothing. Never demands a sign-in, never loops, and ends nothing that nobody asked for: a client's own expired
//! session leads browsers here too.

use crate::acts::holdings::sign_out_everywhere;
use crate::domain::redirect_uri::{self, Purpose, RedirectUri};
use crate::error::Internal;
use crate::http::{Method, Params, Response};
use crate::pages::{Continue, EndSession, Ended, ErrorPage, LoggedOut};

use super::clients::{self, Client};
use super::context::Ctx;
use super::home::launch_url;
use super::logout::signed_out;
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
        let wanted = one("post_logout_redirect_uri").filter(|_| is_own);
        let back = wanted.and_then(|uri| {
            redirect_uri::find(&client.provider.uris, Purpose::Logout, client.provider.client_type, uri)
        });
        let hint = match one("id_token_hint").filter(|_| is_own) {
            Some(hint) => read_hint(ctx, &client, hint)?,
            None => None,
        };
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
        _ if asked.is_vouched_for(ctx, &who)? && asked.back.is_some() => {
            end_this(ctx, &asked, &who)?;
            let target = asked.target().unwrap_or_default();
            Ok(Response::see_other(target).header("Set-Cookie", ctx.no_session_cookie()))
        }
        _ => ask(ctx, &asked, &who),
    }
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
        None => Ok(signed_out(ctx, Some(&asked.client.application.name), asked.home(ctx)?.as_deref())),
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
    if everywhere {
        let event = ctx
            .event("logout")
            .user(&who.user.username)
            .client(&asked.client.provider.client_id)
            .detail("scope", "everywhere");
        let user = who.user.id;
        ctx.app.store.write(move |tx| {
            sign_out_everywhere(tx, user)?;
            event.store(tx)?;
            Ok::<_, Internal>(())
        })?;
    } else {
        end_application(ctx, asked, who)?;
    }
    let response = match asked.target() {
        // A redirect would be held against the form's `form-action`: leave by a page of ours.
        Some(target) => {
            let page = Continue {
                ui: &ctx.shell_of(&who.user),
                application: Some(&asked.client.application.name),
                target: &target,
            };
            Response::html(200, page.render())
        }
        None if everywhere => signed_out(ctx, Some(&asked.client.application.name), asked.home(ctx)?.as_deref()),
        None => {
            let application = Some(asked.client.application.name.as_str());
            Response::html(
                200,
                LoggedOut { ui: &ctx.shell_of(&who.user), ended: Ended::Application, application, back: None }.render(),
            )
        }
    };
    Ok(if everywhere { response.header("Set-Cookie", ctx.no_session_cookie()) } else { response })
}

/// Ends this browser's session, as a client with a valid hint may.
fn end_this(ctx: &Ctx, asked: &Asked, who: &SignedIn) -> Result<(), Internal> {
    let event = ctx
        .event("logout")
        .user(&who.user.username)
        .client(&asked.client.provider.client_id)
        .detail("scope", "session");
    let session = who.session.clone();
    ctx.app.store.write(move |tx| {
        sign_out(tx, &session)?;
        event.store(tx)
    })
}

/// Ends what this one application holds; the session at Latchkey stays.
fn end_application(ctx: &Ctx, asked: &Asked, who: &SignedIn) -> Result<(), Internal> {
    let event = ctx
        .event("logout")
        .user(&who.user.username)
        .client(&asked.client.provider.client_id)
        .detail("scope", "application");
    let (user, provider) = (who.user.id, asked.client.provider.id);
    ctx.app.store.write(move |tx| {
        crate::store::grants::delete_of_user_at(tx, user, provider)?;
        event.store(tx)
    })
}
