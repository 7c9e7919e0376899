//! Applications > Create with Provider. Nothing is stored before the last step; what the steps hold travels in the form.

use crate::acts::applications::{self as acts, New};
use crate::acts::bindings::{self as binding_acts, Draft};
use crate::acts::providers::{self as provider_acts, Parsed};
use crate::acts::{Act, ActError};
use crate::domain::names::Slug;
use crate::domain::preset::{AppUrl, Preset};
use crate::domain::problems::Problems;
use crate::domain::redirect_uri::{Matching, Purpose};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::Place;
use crate::pages::admin::{Step, Wizard};
use crate::store::{applications, keys};
use crate::words::Words;

use super::fields::{
    app_groups, binding_params, binding_rows, known_names, new_provider_values, provider_fields, said_of_application,
};
use super::review;
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx, Failure};

/// The fields of each step; everything else of the form is carried along.
fn fields_of(step: Step) -> &'static [&'static str] {
    match step {
        Step::Preset => &["preset", "app_url"],
        Step::Application => &[
            "name",
            "slug",
            "app_group",
            "policy_engine_mode",
            "launch_url",
            "description",
            "publisher",
            "open_in_new_tab",
            "icon",
        ],
        Step::ProviderType => &["provider_type"],
        Step::Provider => &[
            "provider_name",
            "consent",
            "client_type",
            "client_id",
            "client_secret",
            "uris",
            "uri",
            "uri_matching",
            "uri_purpose",
            "signing_key",
            "scope",
            "subject_mode",
            "pkce",
            "response_types",
            "claims_in_id_token",
            "sign_userinfo",
            "backchannel_logout_uri",
            "frontchannel_logout_uri",
            "sign_out_ends",
            "device_flow",
            "client_credentials",
            "service_account",
            "client_auth",
            "jwks",
            "jwks_uri",
            "request_objects",
            "request_uris",
            "require_par",
            "code_validity",
            "access_token_validity",
            "refresh_token_validity",
            "refresh_token_maximum",
            "consent_validity",
        ],
        Step::Bindings => &["bind_kind", "bind_name", "bind_order", "bind_negate", "bind_active"],
        Step::Review => &[],
    }
}

/// GET `/if/admin/applications/new/`. A preset may be named in the address: `?preset=portainer`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    let query = ctx.req.query_params();
    let preset = query.first("preset").and_then(Preset::parse).unwrap_or(Preset::Portainer);
    let mut values = new_provider_values("provider_name");
    values.push("preset", preset.as_str());
    page(ctx, admin, Step::Preset, values, Problems::default())
}

const SUBMIT: &str = "submit";

/// Whether the form is meant to be the last one.
pub fn is_end(_: &Ctx, _: &Administrator, form: &Params) -> Result<bool, Failure> {
    Ok(form.first("go") == Some(SUBMIT))
}

/// POST `/if/admin/applications/new/`: another step, or the end.
pub fn go(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let step = form.first("step").and_then(Step::parse).unwrap_or(Step::Preset);
    let mut values = form.clone();
    match form.first("go").unwrap_or("next") {
        SUBMIT => submit(ctx, admin, values),
        "back" => page(ctx, admin, step.moved(-1), values, Problems::default()),
        "add-uri" | "add-binding" => page(ctx, admin, step, values, Problems::default()),
        to => match to.strip_prefix("to-").and_then(Step::parse) {
            Some(step) => page(ctx, admin, step, values, Problems::default()),
            None => match check(ctx, step, &values)? {
                wrong if wrong.is_empty() => {
                    fill_in(step, &mut values);
                    page(ctx, admin, step.moved(1), values, Problems::default())
                }
                wrong => page(ctx, admin, step, values, wrong),
            },
        },
    }
}

/// What is wrong with one step.
fn check(ctx: &Ctx, step: Step, values: &Params) -> Result<Problems, Failure> {
    let outcome = match step {
        Step::Preset => return Ok(check_preset(values)),
        Step::Application => ctx.app.store.read(|c| {
            let application = acts::parse_new(&said_of_application(values))?;
            match applications::by_slug(c, &application.slug)? {
                Some(_) => Err(acts::slug_taken(&application.slug)),
                None => Ok(()),
            }
        }),
        Step::ProviderType | Step::Review => Ok(()),
        Step::Provider => ctx.app.store.read(|c| {
            let Parsed { provider, .. } = parse_provider(values, &keys::list(c)?)?;
            if provider.uris_for(Purpose::Authorization).next().is_none() {
                return Err(Problems::one("uri-0", Words::new("provider-needs-redirect-uri")).into());
            }
            provider_acts::is_free(c, &provider).map_err(rename)
        }),
        Step::Bindings => drafts(values).map_err(ActError::from).and_then(|drafts| {
            ctx.app.store.read(|c| {
                let mut seen = Vec::new();
                for (index, draft) in drafts {
                    let field = format!("bind_name-{index}");
                    let (target, label) = binding_acts::target(c, &draft, &field)?;
                    if seen.contains(&target) {
                        return Err(ActError::refused(&field, Words::new("binding-twice").with("name", label)));
                    }
                    seen.push(target);
                }
                Ok(())
            })
        }),
    };
    match outcome {
        Ok(()) => Ok(Problems::default()),
        Err(error) => problems(error),
    }
}

fn check_preset(values: &Params) -> Problems {
    let mut wrong = Problems::default();
    let url = values.first("app_url").unwrap_or_default().trim();
    match values.first("preset").and_then(Preset::parse) {
        None => wrong.add("preset", Words::new("wizard-choose-preset")),
        Some(preset) if preset != Preset::Generic && url.is_empty() => {
            wrong.add("app_url", Words::new("provider-preset-needs-url").with("preset", preset.as_str()));
        }
        Some(_) if !url.is_empty() => {
            wrong.take("app_url", AppUrl::parse(url));
        }
        Some(_) => {}
    }
    wrong
}

/// In the wizard the provider has a name of its own.
fn rename(error: ActError) -> ActError {
    let renamed = |problems: Problems| problems.renamed("name", "provider_name");
    match error {
        ActError::Malformed(problems) => ActError::Malformed(renamed(problems)),
        ActError::Refused(problems) => ActError::Refused(renamed(problems)),
        other => other,
    }
}

fn parse_provider(values: &Params, keys: &[keys::KeyRow]) -> Act<Parsed> {
    let mut said = values.without(&["name"]);
    said.push("name", values.first("provider_name").unwrap_or_default());
    provider_acts::parse_new(&said, keys).map_err(|p| rename(p.into()))
}

/// The bindings that were typed, with their places in the form. A row without a name is none.
pub(super) fn drafts(values: &Params) -> Result<Vec<(usize, Draft)>, Problems> {
    let rows = binding_params(values).into_iter().enumerate();
    let named = rows.filter(|(_, row)| row.first("bind_name").is_some_and(|name| !name.trim().is_empty()));
    named.map(|(index, row)| Ok((index, binding_acts::parse_row(&row, &format!("-{index}"))?))).collect()
}

/// What a finished step suggests for the next ones; nothing that was typed is changed.
fn fill_in(step: Step, values: &mut Params) {
    match step {
        Step::Preset => fill_in_preset(values),
        Step::Application => {
            let name = values.first("name").unwrap_or_default().trim().to_owned();
            if values.first("slug").is_none_or(|slug| slug.trim().is_empty())
                && let Ok(slug) = Slug::from_name(&name)
            {
                values.set("slug", slug.as_str());
            }
            if values.first("provider_name").is_none_or(|name| name.trim().is_empty()) {
                values.set("provider_name", &name);
            }
        }
        _ => {}
    }
}

/// A preset fills in the rest. Chosen anew, or for another address, it replaces what it had filled in before and
/// nothing that was typed.
fn fill_in_preset(values: &mut Params) {
    let value = |field: &str| values.first(field).unwrap_or_default().trim().to_owned();
    let (preset, url) = (value("preset"), value("app_url"));
    let (filled, now) = (value("filled"), format!("{preset} {url}"));
    if filled == now {
        return;
    }
    let (before, after) = (Suggestion::of(&filled), Suggestion::of(&now));
    for (field, old, new) in [
        ("name", &before.title, &after.title),
        ("provider_name", &before.title, &after.title),
        // Made from the name by its own step.
        ("slug", &before.slug, &String::new()),
        ("launch_url", &before.launch_url, &after.launch_url),
        ("icon", &before.icon, &after.icon),
    ] {
        let stands = values.first(field).unwrap_or_default().trim();
        if stands.is_empty() || stands == *old {
            values.set(field, new);
        }
    }
    let rows = values.all("uri").zip(values.all("uri_matching")).zip(values.all("uri_purpose"));
    let mut uris = after.uris.clone();
    for ((uri, matching), purpose) in rows {
        let row = [uri, matching, purpose].map(|text| text.trim().to_owned());
        if !row[0].is_empty() && !before.uris.contains(&row) && !uris.contains(&row) {
            uris.push(row);
        }
    }
    *values = values.without(&["uri", "uri_matching", "uri_purpose", "uris"]);
    values.push("uris", "all");
    for [uri, matching, purpose] in &uris {
        values.push_all(&[("uri", uri), ("uri_matching", matching), ("uri_purpose", purpose)]);
    }
    values.set("filled", &now);
}

/// What a preset suggests for an address.
#[derive(Default)]
struct Suggestion {
    title: String,
    slug: String,
    launch_url: String,
    /// The name of a built-in one.
    icon: String,
    /// Address, comparison, purpose.
    uris: Vec<[String; 3]>,
}

impl Suggestion {
    /// From the preset and the address, with a space between them.
    fn of(filled: &str) -> Self {
        let Some((preset, url)) = filled.split_once(' ') else { return Self::default() };
        let Some(preset) = Preset::parse(preset) else { return Self::default() };
        let title = preset.title().unwrap_or_default().to_owned();
        let slug = Slug::from_name(&title).map(|slug| slug.as_str().to_owned()).unwrap_or_default();
        let icon = preset.icon().unwrap_or_default().to_owned();
        let Ok(url) = AppUrl::parse(url) else { return Self { title, slug, icon, ..Self::default() } };
        let row = |(purpose, uri): (Purpose, String)| [uri, Matching::Strict.as_str().into(), purpose.as_str().into()];
        let uris = preset.uris(&url).into_iter().map(row).collect();
        Self { title, slug, launch_url: url.as_str().to_owned(), icon, uris }
    }
}

/// Everything at once: what is wrong leads back to the first step that has it.
fn submit(ctx: &Ctx, admin: &Administrator, values: Params) -> Answer {
    for step in Step::ALL {
        let wrong = check(ctx, step, &values)?;
        if !wrong.is_empty() {
            return page(ctx, admin, step, values, wrong);
        }
    }
    let made = all(ctx, &values).and_then(|new| acts::create(ctx.app, &admin.by, new));
    match made {
        Ok((application, provider)) => {
            let words = Words::new("application-created").with("name", &application.name);
            let to = provider.map_or(format!("{}{}/", super::applications::LIST, application.id), |p| {
                format!("/if/admin/providers/{}/connect/", p.id)
            });
            Ok(ctx.done(to, &words))
        }
        // Somebody took a name between the check and now.
        Err(error) => {
            let wrong = problems(rename(error))?;
            page(ctx, admin, step_of(&wrong), values, wrong)
        }
    }
}

/// The first step that has a field of these; rows are numbered behind a dash.
fn step_of(wrong: &Problems) -> Step {
    let has = |step: &Step| {
        wrong.iter().any(|(field, _)| fields_of(*step).contains(&field.split('-').next().unwrap_or_default()))
    };
    Step::ALL.into_iter().find(has).unwrap_or(Step::Review)
}

fn all(ctx: &Ctx, values: &Params) -> Act<New> {
    let application = acts::parse_new(&said_of_application(values))?;
    let keys = ctx.app.store.read(keys::list)?;
    let provider = Some(parse_provider(values, &keys)?);
    let bindings = drafts(values)?.into_iter().map(|(_, draft)| draft).collect();
    Ok(New { application, provider, icon: None, bindings })
}

fn page(ctx: &Ctx, admin: &Administrator, step: Step, mut values: Params, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Applications));
    let status = if wrong.is_empty() { 200 } else { 422 };
    if step == Step::Bindings && (values.first("go") == Some("add-binding") || !values.has("bind_name")) {
        values.push_all(&[("bind_kind", "group"), ("bind_name", ""), ("bind_order", "0")]);
        values.push_all(&[("bind_negate", "off"), ("bind_active", "on")]);
    }
    let (fields, app_groups, known_names) = ctx.app.store.read(|c| {
        let fields = provider_fields(c, ctx.lang, "provider_name", &values, &wrong, true)?;
        let known = if step == Step::Bindings { known_names(c)? } else { Vec::new() };
        Ok::<_, Internal>((fields, app_groups(c)?, known))
    })?;
    let own = fields_of(step);
    let is_carried = |name: &str| !own.contains(&name) && !["form_token", "step", "go"].contains(&name);
    let page = Wizard {
        ui: &ui,
        carried: values.iter().filter(|(n, _)| is_carried(n)).map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        bindings: binding_rows(&values, &wrong, ctx.lang),
        review: if step == Step::Review { review::lines(ctx, &values, &fields.keys) } else { Vec::new() },
        form: &ctx.form(&frame, values).wrong(wrong),
        frame: &frame,
        step,
        app_groups,
        fields,
        known_names,
    };
    Ok(Response::html(status, page.render()))
}
