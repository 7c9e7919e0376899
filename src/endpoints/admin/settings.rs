//! System > Settings.

use crate::acts::settings as acts;
use crate::config::Config;
use crate::domain::problems::Problems;
use crate::domain::settings::Setting;
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx, Failure};
use crate::http::{Params, Response};
use crate::pages::Place;
use crate::pages::admin::{SettingLine, SettingsPage, StartLine};
use crate::settings::{Held, Origin, all};
use crate::words::Words;

const PATH: &str = "/if/admin/settings/";

/// GET `/if/admin/settings/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, admin, None, Problems::default())
}

/// Whether more than the looks of the pages changes.
pub fn is_about_security(_: &Ctx, _: &Administrator, form: &Params) -> Result<bool, Failure> {
    let said = said(form);
    let looks = [Setting::BrandName, Setting::BrandAccent].map(Setting::field);
    Ok(said.iter().any(|(name, _)| !looks.iter().any(|look| look == name)))
}

/// What a form of the page says. The mail server has a page of its own.
fn said(form: &Params) -> Params {
    let mut form = form.clone();
    if let Some(setting) = form.first("reset").and_then(Setting::named) {
        form.set(&setting.field(), "");
    }
    typed_over(&form, |setting| !Setting::MAIL.contains(&setting))
}

/// POST `/if/admin/settings/`. The button at a setting takes that one back to its default, and saves the others with it.
pub fn save(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    match acts::change(ctx.app, &admin.by, &said(form)) {
        Ok(_) => Ok(ctx.done(PATH, &Words::new("settings-saved"))),
        Err(error) => page(ctx, admin, Some(form.clone()), problems(error)?),
    }
}

/// Where a form keeps what stood in a field.
fn was(setting: Setting) -> String {
    format!("was_{}", setting.field())
}

/// What differs from what the page showed, of the settings on it: what somebody else changed meanwhile stays changed.
pub(super) fn typed_over(form: &Params, is_there: impl Fn(Setting) -> bool) -> Params {
    let mut changed = Params::default();
    for setting in Setting::ALL.into_iter().filter(|setting| is_there(*setting)) {
        let field = setting.field();
        if let Some(typed) = form.first(&field)
            && form.first(&was(setting)) != Some(typed)
        {
            changed.push(&field, typed);
        }
    }
    changed
}

fn page(ctx: &Ctx, admin: &Administrator, typed: Option<Params>, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Settings));
    let config = &ctx.app.config;
    let held = ctx.app.store.read(|c| all(config, c))?;
    let status = if wrong.is_empty() { 200 } else { 422 };
    let values = typed.unwrap_or_else(|| values(&held));
    let page = SettingsPage {
        ui: &ui,
        form: &ctx.form(&frame, values).wrong(wrong),
        frame: &frame,
        settings: held.into_iter().map(|held| line(ctx, held)).collect(),
        start: start(ctx, config),
        mail_place: mail_place(ctx),
    };
    Ok(Response::html(status, page.render()))
}

pub(super) fn values(held: &[Held]) -> Params {
    let mut values = Params::default();
    for Held { setting, value, .. } in held {
        values.push(&setting.field(), value);
        values.push(&was(*setting), value);
    }
    values
}

pub(super) fn line(ctx: &Ctx, held: Held) -> SettingLine {
    let said = match held.origin {
        Origin::Said(source) => Some(Words::from(source).said(ctx.lang)),
        Origin::Made | Origin::Default => None,
    };
    SettingLine {
        setting: held.setting,
        was: was(held.setting),
        value: held.value,
        said,
        is_made: held.origin == Origin::Made,
    }
}

/// Where mails go, if anywhere.
fn mail_place(ctx: &Ctx) -> Option<String> {
    let server = ctx.settings().ok()?.mail.server().ok()??;
    Some(format!("{}:{}", server.host, server.port))
}

/// What is said when the server starts, and where it was.
fn start(ctx: &Ctx, config: &Config) -> Vec<StartLine> {
    let line = |name: &'static str, label: &'static str, values: Vec<String>| {
        let said = config.sources.get(name).map_or_else(|| Words::new("said-default"), Words::from);
        let none = match name {
            "trusted-proxies" => "settings-proxies-none",
            "passkey-rp-id" => "settings-rp-id-none",
            _ => "settings-none",
        };
        StartLine { name, label, values, none, said: said.said(ctx.lang) }
    };
    let folder = std::fs::canonicalize(&config.data_dir).unwrap_or_else(|_| config.data_dir.clone());
    vec![
        line("url", "settings-url", vec![ctx.app.base.as_str().to_owned()]),
        line("listen", "settings-listen", config.listen.iter().map(ToString::to_string).collect()),
        line("trusted-proxies", "settings-proxies", config.trusted_proxies.iter().map(ToString::to_string).collect()),
        line("passkey-rp-id", "settings-rp-id", ctx.app.passkeys.iter().map(|p| p.rp_id().to_owned()).collect()),
        line(
            "related-origins",
            "settings-related",
            config.related_origins.iter().map(|o| o.as_str().to_owned()).collect(),
        ),
        line("data-dir", "settings-data-dir", vec![folder.display().to_string()]),
    ]
}
