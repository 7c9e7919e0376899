//! A provider's Preview and Check access: what would happen for one user, by the code that makes it happen.

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::access;
use crate::domain::access::{Decision, Verdict};
use crate::domain::circumstances::Circumstances;
use crate::domain::grant_type::GrantType;
use crate::domain::methods;
use crate::error::Internal;
use crate::http::Response;
use crate::pages::Place;
use crate::pages::admin::{Asked, ProviderAsk, Tab};
use crate::store::applications::Application;
use crate::store::bindings;
use crate::store::grants::Grant;
use crate::store::providers::Provider;
use crate::store::users::{self, User};
use crate::words::{Lang, Words};

use super::fields::{known_names, one_in_words};
use super::providers::{find, head};
use crate::endpoints::clients::{self, Client};
use crate::endpoints::guard::Administrator;
use crate::endpoints::issue::{Telling, id_claims};
use crate::endpoints::{Answer, Ctx};

/// GET `/if/admin/providers/{id}/access/`.
pub fn check_access(ctx: &Ctx, admin: &Administrator) -> Answer {
    ask(ctx, admin, Tab::Access)
}

/// GET `/if/admin/providers/{id}/preview/`.
pub fn preview(ctx: &Ctx, admin: &Administrator) -> Answer {
    ask(ctx, admin, Tab::Preview)
}

fn ask(ctx: &Ctx, admin: &Administrator, tab: Tab) -> Answer {
    let (provider, application) = find(ctx)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Providers));
    let query = ctx.req.query_params();
    let login = query.first("user").unwrap_or_default().trim().to_owned();
    let (answer, problem, known_names) = ctx.app.store.read(|c| {
        let known = known_names(c)?;
        let (answer, problem) = match (&application, login.as_str()) {
            (_, "") => (None, None),
            (None, _) => (None, Some(Words::new("provider-not-connected"))),
            (Some(application), login) => match users::by_login(c, login)? {
                None => (None, Some(Words::new("user-not-there").with("name", login))),
                Some(user) => (Some(answer(ctx, c, application, &provider, &user, tab)?), None),
            },
        };
        Ok::<_, Internal>((answer, problem, known))
    })?;
    let status = if problem.is_some() { 422 } else { 200 };
    let page = ProviderAsk {
        ui: &ui,
        frame: &frame,
        tab,
        head: &head(&provider, application.as_ref()),
        user: &login,
        known_names,
        problem: problem.map(|words| words.said(ctx.lang)),
        answer,
    };
    Ok(Response::html(status, page.render()))
}

fn answer(
    ctx: &Ctx,
    c: &Connection,
    application: &Application,
    provider: &Provider,
    user: &User,
    tab: Tab,
) -> Result<Asked, Internal> {
    // As if the user signed in with a password, from where the administrator is now.
    let grant = as_if(ctx, provider, user);
    let circumstances = ctx.circumstances_of(&grant);
    let decision = access::decide(c, application, user, &circumstances)?.decision;
    let bindings =
        if tab == Tab::Access { verdicts(c, application, user, &circumstances, ctx.lang)? } else { Vec::new() };
    let claims = match tab {
        Tab::Preview => Some(claims(ctx, c, application, provider, user, &grant)?),
        _ => None,
    };
    let is_allowed = matches!(decision, Decision::Allowed(_));
    Ok(Asked { is_allowed, why: decision.why().words().said(ctx.lang), bindings, claims })
}

fn as_if(ctx: &Ctx, provider: &Provider, user: &User) -> Grant {
    Grant {
        id: 0,
        provider_id: provider.id,
        user_id: user.id,
        sid: "...".into(),
        scopes: provider.scopes.to_string(),
        nonce: None,
        claims: String::new(),
        id_token_claims: String::new(),
        auth_time: ctx.now,
        amr: methods::PASSWORD.into(),
        acr: methods::acr(methods::PASSWORD).into(),
        address: ctx.req.client.to_string(),
        created_at: ctx.now,
        expires_at: ctx.now,
        code_redirect_uri: String::new(),
        code_challenge: None,
        code_expires_at: ctx.now,
        code_redeemed_at: None,
        grant_type: GrantType::Authorization,
        app_password_id: None,
    }
}

fn verdicts(
    c: &Connection,
    application: &Application,
    user: &User,
    circumstances: &Circumstances,
    lang: Lang,
) -> Result<Vec<(String, bool, String)>, Internal> {
    let told = access::verdicts(c, application, user, circumstances)?;
    let bound = bindings::of_application(c, application.id)?;
    let line = |(b, told): (&bindings::BoundRule, &access::Told)| {
        let verdict = match (told.verdict, &told.error) {
            (Verdict::Pass, _) => Words::new("verdict-pass"),
            (Verdict::Fail, _) => Words::new("verdict-fail"),
            (Verdict::Deleted, _) => Words::new("binding-gone"),
            (Verdict::Failed, error) => {
                Words::new("verdict-failed").with("why", error.as_ref().map(ToString::to_string).unwrap_or_default())
            }
        };
        (one_in_words(b).said(lang), b.rule.enabled, verdict.said(lang))
    };
    Ok(bound.iter().zip(&told).map(line).collect())
}

/// The claims of an ID token and of userinfo, as an application that asks for all that is on offer would get them.
fn claims(
    ctx: &Ctx,
    c: &Connection,
    application: &Application,
    provider: &Provider,
    user: &User,
    grant: &Grant,
) -> Result<(String, String), Internal> {
    let client = Client { provider: provider.clone(), application: application.clone() };
    let of_user = clients::user_claims(c, user)?;
    let Some(sub) = clients::subject(ctx.app, &client, &of_user) else {
        let words = ctx.lang.say("preview-no-subject");
        return Ok((words.clone(), words));
    };
    let scopes = &provider.scopes;
    let mut userinfo = clients::shared_claims(ctx, c, &client, &of_user, grant, scopes, &grant.claims)?;
    userinfo.insert("sub".into(), json!(sub));
    let id_token = id_claims(ctx, c, &client, grant, &of_user, &sub, scopes, Telling::of(provider))?;
    let text = |map: Map<String, Value>| serde_json::to_string_pretty(&map).map_err(Internal::fault);
    Ok((text(id_token)?, text(userinfo)?))
}
