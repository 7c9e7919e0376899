//! Applications > Providers: the list, what to paste, the secret, and making, changing and ending one.

use crate::acts::connect::{Urls, pitfalls};
use crate::acts::providers as acts;
use crate::domain::client::ClientType;
use crate::domain::preset::Preset;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::admin::{
    Copied, Pages, ProviderEditor, ProviderEnd, ProviderHead, ProviderList, ProviderPage, ProviderRow, Tab, Value,
};
use crate::pages::{Choice, Place};
use crate::store::applications::{self, Application};
use crate::store::providers::{self, Provider};
use crate::store::{grants, logouts};
use crate::words::{Lang, Words};

use super::fields::{new_provider_values, provider_fields, provider_values};
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx, Failure};

pub const LIST: &str = "/if/admin/providers/";

/// GET `/if/admin/providers/`.
pub fn list(ctx: &Ctx, admin: &Administrator) -> Answer {
    let asked = ctx.req.query_params();
    let query = asked.first("q").unwrap_or_default().trim().to_owned();
    let found = ctx.app.store.read(|c| providers::search(c, &query))?;
    let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let pages = Pages::of(found.len(), asked.first("page"), format!("{LIST}?q={encoded}&page="));
    let row = |p: providers::Listed| {
        let kind = type_key(p.client_type);
        let application = p.application.map(|(_, name)| name);
        ProviderRow { id: p.id, name: p.name, kind, client_id: p.client_id, application }
    };
    let range = pages.range();
    let rows = found.into_iter().skip(range.start).take(range.len()).map(row).collect();
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Providers));
    let page = ProviderList { ui: &ui, frame: &frame, query: &query, providers: rows, pages };
    Ok(Response::html(200, page.render()))
}

fn type_key(client_type: ClientType) -> &'static str {
    match client_type {
        ClientType::Confidential => "provider-type-confidential",
        ClientType::Public => "provider-type-public",
    }
}

/// The provider that the path names, and its application.
pub fn find(ctx: &Ctx) -> Result<(Provider, Option<Application>), Failure> {
    let id = ctx.id()?;
    let found = ctx.app.store.read(|c| {
        let Some(provider) = providers::by_id(c, id)? else { return Ok(None) };
        let application = applications::by_provider(c, id)?;
        Ok::<_, Internal>(Some((provider, application)))
    })?;
    found.ok_or(Failure::NotFound)
}

pub fn head(provider: &Provider, application: Option<&Application>) -> ProviderHead {
    let application = application.map(|a| (a.id, a.name.clone()));
    ProviderHead { id: provider.id, name: provider.name.clone(), application }
}

/// GET `/if/admin/providers/{id}/`.
pub fn overview(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, admin, Tab::Overview, None)
}

/// GET `/if/admin/providers/{id}/connect/`.
pub fn connect_card(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, admin, Tab::Connect, None)
}

/// POST `/if/admin/providers/{id}/secret/`: shows the secret in the answer, which the events remember.
pub fn show_secret(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let (provider, _) = find(ctx)?;
    let secret = acts::reveal_secret(ctx.app, &admin.by, &provider)?;
    let tab = if form.first("tab") == Some("connect/") { Tab::Connect } else { Tab::Overview };
    page(ctx, admin, tab, secret.as_ref().map(|s| s.as_str()))
}

fn page(ctx: &Ctx, admin: &Administrator, tab: Tab, secret: Option<&str>) -> Answer {
    let (provider, application) = find(ctx)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Providers));
    let free = match &application {
        Some(_) => Vec::new(),
        None => ctx.app.store.read(applications::without_provider)?,
    };
    let values = match (tab, &application) {
        (Tab::Connect, Some(a)) => card(ctx, a, &provider, secret),
        (_, a) => {
            let mut facts = facts(ctx, a.as_ref(), &provider, secret);
            facts.extend(sign_outs(ctx, &provider)?);
            facts
        }
    };
    let said = match &application {
        Some(a) if tab == Tab::Connect => pitfalls(ctx.app, a, &provider).iter().map(|w| w.said(ctx.lang)).collect(),
        _ => Vec::new(),
    };
    let page = ProviderPage {
        ui: &ui,
        form: &ctx.form(&frame, Params::default()),
        tab,
        head: &head(&provider, application.as_ref()),
        intro: application.as_ref().filter(|_| tab == Tab::Connect).map(|a| intro(&provider, a, ctx.lang)),
        values,
        pitfalls: said,
        free: free.into_iter().map(|(id, name)| Choice::new(id.to_string(), name)).collect(),
        has_secret: provider.client_type == ClientType::Confidential,
        frame: &frame,
    };
    Ok(Response::html(200, page.render()))
}

fn intro(provider: &Provider, application: &Application, lang: Lang) -> String {
    let key = match provider.preset {
        Preset::Portainer => "connect-portainer",
        Preset::Gravitee => "connect-gravitee",
        Preset::Generic => "connect-generic",
    };
    lang.say_with(key, &[("application", (&application.name).into())])
}

/// What stands beside "Client Secret".
fn secret_value(ctx: &Ctx, provider: &Provider, secret: Option<&str>) -> Value {
    match (secret, provider.client_type) {
        (Some(secret), _) => Value::Text(secret.to_owned()),
        (None, ClientType::Public) => Value::Text(ctx.lang.say("provider-secret-none")),
        (None, ClientType::Confidential) => Value::Hidden,
    }
}

/// The application's own form, in its order and words.
fn card(ctx: &Ctx, application: &Application, provider: &Provider, secret: Option<&str>) -> Vec<Copied> {
    let urls = Urls::of(ctx.app, application, provider);
    let fields = provider.preset.form(&urls.facts(provider, None));
    let copied = |(label, value): (&'static str, &str)| Copied {
        label: label.to_owned(),
        value: if label == "Client Secret" {
            secret_value(ctx, provider, secret)
        } else {
            Value::Text(value.to_owned())
        },
    };
    fields.into_iter().map(copied).collect()
}

/// Everything the guides name.
fn facts(ctx: &Ctx, application: Option<&Application>, provider: &Provider, secret: Option<&str>) -> Vec<Copied> {
    let text = |label: &str, value: &str| Copied { label: label.to_owned(), value: Value::Text(value.to_owned()) };
    let mut values = Vec::new();
    if let Some(application) = application {
        let urls = Urls::of(ctx.app, application, provider);
        values.extend([
            text("OpenID Configuration URL", &urls.discovery),
            text("OpenID Configuration Issuer", &urls.issuer),
            text("Authorize URL", &urls.authorize),
            text("Token URL", &urls.token),
            text("Userinfo URL", &urls.userinfo),
            text("Logout URL", &urls.logout),
            text("JWKS URL", &urls.jwks),
            text("Introspection URL", &urls.introspection),
            text("Revocation URL", &urls.revocation),
        ]);
        if provider.device_flow {
            values.push(text("Device Authorization URL", &urls.device));
        }
    }
    values.push(text("Client ID", &provider.client_id));
    values.push(Copied { label: "Client Secret".into(), value: secret_value(ctx, provider, secret) });
    values.push(text(&ctx.lang.say("provider-client-type"), &ctx.lang.say(type_key(provider.client_type))));
    values.push(text(&ctx.lang.say("provider-scopes"), &provider.scopes.to_string()));
    let key = provider.signing_kid.as_deref().or(provider.signing_alg.as_deref()).unwrap_or("RS256");
    values.push(text(&ctx.lang.say("provider-signing-key"), key));
    values
}

/// Where the application is told of sign-outs, and what became of it.
fn sign_outs(ctx: &Ctx, provider: &Provider) -> Result<Vec<Copied>, Internal> {
    let text = |key: &str, value: String| Copied { label: ctx.lang.say(key), value: Value::Text(value) };
    let mut values = Vec::new();
    if let Some(uri) = &provider.backchannel_logout_uri {
        let told =
            |c: &_| Ok::<_, Internal>((logouts::last(c, &provider.client_id)?, logouts::waiting(c, provider.id)?));
        let (last, waiting) = ctx.app.store.read(told)?;
        let mut words = match last {
            None => ctx.lang.say("provider-told-never"),
            Some(None) => ctx.lang.say("provider-told-well"),
            Some(Some(reason)) => ctx.lang.say_with("provider-told-badly", &[("reason", reason.into())]),
        };
        if waiting > 0 {
            words.push(' ');
            words.push_str(&ctx.lang.say_with("provider-told-waiting", &[("n", waiting.into())]));
        }
        values.extend([text("provider-backchannel", uri.clone()), text("provider-told", words)]);
    }
    values.extend(provider.frontchannel_logout_uri.iter().map(|uri| text("provider-frontchannel", uri.clone())));
    Ok(values)
}

/// POST `/if/admin/providers/{id}/connect-to/`.
pub fn connect_to(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let application = form.first("application").and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)?;
    let (provider, _) = find(ctx)?;
    acts::connect(ctx.app, &admin.by, provider.id, application)?;
    done(ctx, provider.id, "connect/", &Words::new("provider-connected").with("name", &provider.name))
}

fn done(ctx: &Ctx, id: i64, tail: &str, words: &Words) -> Answer {
    Ok(ctx.done(format!("{LIST}{id}/{tail}"), words))
}

/// Whether the editor's form is meant to be saved: another line for a URI is not.
pub fn is_end(_: &Ctx, _: &Administrator, form: &Params) -> Result<bool, Failure> {
    Ok(form.first("go") != Some(ADD_URI))
}

const ADD_URI: &str = "add-uri";

/// GET `/if/admin/providers/new/`.
pub fn new(ctx: &Ctx, admin: &Administrator) -> Answer {
    editor(ctx, admin, None, new_provider_values("name"), Problems::default())
}

/// POST `/if/admin/providers/new/`.
pub fn create(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    if form.first("go") == Some(ADD_URI) {
        return editor(ctx, admin, None, form.clone(), Problems::default());
    }
    match acts::create(ctx.app, &admin.by, form) {
        Ok(p) => done(ctx, p.id, "", &Words::new("provider-created").with("name", &p.name)),
        Err(error) => editor(ctx, admin, None, form.clone(), problems(error)?),
    }
}

/// GET `/if/admin/providers/{id}/edit/`.
pub fn edit(ctx: &Ctx, admin: &Administrator) -> Answer {
    let found = find(ctx)?;
    let values = provider_values(&found.0, "name");
    editor(ctx, admin, Some(found), values, Problems::default())
}

/// POST `/if/admin/providers/{id}/edit/`.
pub fn update(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let found = find(ctx)?;
    if form.first("go") == Some(ADD_URI) {
        return editor(ctx, admin, Some(found), form.clone(), Problems::default());
    }
    let seen = Some(form.first("seen").unwrap_or_default().to_owned());
    match acts::update(ctx.app, &admin.by, found.0.id, form.clone(), seen) {
        Ok(p) => done(ctx, p.id, "", &Words::new("provider-saved").with("name", &p.name)),
        Err(error) => editor(ctx, admin, Some(found), form.clone(), problems(error)?),
    }
}

fn editor(
    ctx: &Ctx,
    admin: &Administrator,
    found: Option<(Provider, Option<Application>)>,
    values: Params,
    wrong: Problems,
) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Providers));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let is_new = found.is_none();
    let fields = ctx.app.store.read(|c| provider_fields(c, ctx.lang, "name", &values, &wrong, is_new))?;
    // What was typed on top of an older state is still on top of that.
    let now = found.as_ref().map(|(p, _)| acts::fingerprint(p)).unwrap_or_default();
    let seen = values.first("seen").map_or(now, str::to_owned);
    let head = found.as_ref().map(|(p, a)| head(p, a.as_ref()));
    let page = ProviderEditor {
        ui: &ui,
        form: &ctx.form(&frame, values).wrong(wrong),
        tab: Tab::Edit,
        head: head.as_ref(),
        fields,
        seen,
        frame: &frame,
    };
    Ok(Response::html(status, page.render()))
}

/// GET `/if/admin/providers/{id}/new-secret/`.
pub fn ask_new_secret(ctx: &Ctx, admin: &Administrator) -> Answer {
    end_page(ctx, admin, false)
}

/// POST `/if/admin/providers/{id}/new-secret/`.
pub fn new_secret(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let provider = acts::new_secret(ctx.app, &admin.by, ctx.id()?)?;
    done(ctx, provider.id, "connect/", &Words::new("provider-secret-replaced"))
}

/// GET `/if/admin/providers/{id}/delete/`.
pub fn ask_delete(ctx: &Ctx, admin: &Administrator) -> Answer {
    end_page(ctx, admin, true)
}

/// POST `/if/admin/providers/{id}/delete/`.
pub fn delete(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let gone = acts::delete(ctx.app, &admin.by, ctx.id()?)?;
    Ok(ctx.done(LIST, &Words::new("provider-deleted").with("name", gone.name)))
}

fn end_page(ctx: &Ctx, admin: &Administrator, is_delete: bool) -> Answer {
    let (provider, application) = find(ctx)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Providers));
    let users = ctx.app.store.read(|c| grants::users_at(c, provider.id))?;
    let page = ProviderEnd {
        ui: &ui,
        form: &ctx.form(&frame, Params::default()),
        tab: Tab::Overview,
        head: &head(&provider, application.as_ref()),
        is_delete,
        users,
        frame: &frame,
    };
    Ok(Response::html(200, page.render()))
}
