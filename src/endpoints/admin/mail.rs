//! System > Settings > E-mail: the mail server, and a mail to try it.

use crate::acts::mail as acts;
use crate::domain::problems::Problems;
use crate::domain::settings::Setting;
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::Place;
use crate::pages::admin::{MailPage, MailPassword};
use crate::settings::all;
use crate::store::mail_server;
use crate::words::Words;

use super::settings::{line, typed_over, values};

const PATH: &str = "/if/admin/settings/mail/";

/// GET `/if/admin/settings/mail/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, admin, None, Problems::default())
}

/// POST `/if/admin/settings/mail/`.
pub fn save(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let mut said = typed_over(form, |setting| Setting::MAIL.contains(&setting));
    said.push(acts::PASSWORD, form.first(acts::PASSWORD).unwrap_or_default());
    match acts::change(ctx.app, &admin.by, &said, form.has("forget_password")) {
        Ok(_) => Ok(ctx.done(PATH, &Words::new("settings-saved"))),
        Err(error) => page(ctx, admin, Some(form.clone()), problems(error)?),
    }
}

/// POST `/if/admin/settings/mail/test/`. Waits for the server's answer, and shows it.
pub fn test(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let to = form.first("to").unwrap_or_default();
    match acts::test(ctx.app, &admin.who.user.username, to, ctx.lang) {
        Ok(place) => {
            let words = Words::new("mail-test-taken").with("place", place).with("name", to);
            Ok(ctx.done(PATH, &words))
        }
        Err(error) => {
            let wrong = problems(error)?;
            page(ctx, admin, Some(Params::from_pairs([("to", to.to_owned())])), wrong)
        }
    }
}

fn page(ctx: &Ctx, admin: &Administrator, typed: Option<Params>, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Settings));
    let config = &ctx.app.config;
    let (held, has_password) = ctx.app.store.read(|c| {
        let has_password = mail_server::password_sealed(c)?.is_some();
        Ok::<_, Internal>((all(config, c)?, has_password))
    })?;
    let status = if wrong.is_empty() { 200 } else { 422 };
    let mut stands = values(&held);
    if let Some(to) = &admin.who.user.email {
        stands.push("to", to);
    }
    for (name, value) in typed.iter().flat_map(Params::iter) {
        stands.set(name, value);
    }
    let server = ctx.settings()?.mail.server();
    let page = MailPage {
        ui: &ui,
        form: &ctx.form(&frame, stands).wrong(wrong),
        frame: &frame,
        lines: held.into_iter().filter(|h| Setting::MAIL.contains(&h.setting)).map(|held| line(ctx, held)).collect(),
        password: match &config.smtp_password {
            Some(said) => MailPassword::Said(Words::from(said.source()).said(ctx.lang)),
            None if has_password => MailPassword::Kept,
            None => MailPassword::None,
        },
        is_on: matches!(server, Ok(Some(_))),
        trouble: server.err().map(|(_, words)| words.said(ctx.lang)),
    };
    Ok(Response::html(status, page.render()))
}
