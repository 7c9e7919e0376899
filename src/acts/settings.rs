//! Settings made at run time.

use super::{Act, ActError, Admin};
use crate::app::App;
use crate::domain::mail::Mail;
use crate::domain::problems::Problems;
use crate::domain::settings::Setting;
use crate::domain::{UnixSeconds, duration};
use crate::error::Internal;
use crate::http::Params;
use crate::settings::{Held, Origin, all};
use crate::store::{Tx, factors, mail_server, sessions, settings as store};
use crate::words::Words;

/// A setting and its new value; `None` for the default.
type Change = (Setting, Option<String>);

/// What becomes of the password at the mail server.
#[derive(Debug)]
pub enum MailPassword {
    AsItIs,
    Forgotten,
    /// Sealed.
    New(Vec<u8>),
}

/// Makes the settings that were said, each under the name of its field; nothing said of one is its default. False when
/// nothing has changed by it. One event tells of all.
pub fn change(app: &App, by: &Admin, said: &Params) -> Act<bool> {
    change_with(app, by, said, MailPassword::AsItIs)
}

/// The same with the password at the mail server.
pub fn change_with(app: &App, by: &Admin, said: &Params, password: MailPassword) -> Act<bool> {
    let (changes, now) = (read(said)?, app.clock.now());
    let (event, config) = (by.event("settings_changed", now), app.config.clone());
    app.store.write(move |tx| {
        let before = all(&config, tx)?;
        refuse_said(&changes, &before)?;
        for (setting, value) in &changes {
            store::set(tx, &setting.key(), value.as_deref())?;
        }
        let after = all(&config, tx)?;
        let changed: Vec<_> = before.iter().zip(&after).filter(|(old, new)| old.value != new.value).collect();
        let touched = |setting| changed.iter().any(|(_, new)| new.setting == setting);
        if touched(Setting::SessionIdle) || touched(Setting::SessionMaximum) {
            check_sessions(&after, touched(Setting::SessionIdle))?;
            end_sessions(tx, &after, now)?;
        }
        if touched(Setting::AdministratorSecondFactor) {
            // Everybody's time begins anew.
            factors::forget_second_factor_asked(tx)?;
        }
        if Setting::MAIL.into_iter().any(touched) {
            check_mail(&after)?;
        }
        let is_moved = [Setting::SmtpHost, Setting::SmtpPort, Setting::SmtpSecurity].into_iter().any(touched);
        let password = keep_password(tx, password, is_moved)?;
        if changed.is_empty() && password.is_none() {
            return Ok(false);
        }
        let event = match password {
            Some(what) => event.detail("smtp-password", what),
            None => event,
        };
        let tell = |event: crate::store::events::Event, (old, new): &(&Held, &Held)| {
            let name = new.setting.name();
            let (from, to) = (old.setting.shown(&old.value), new.setting.shown(&new.value));
            event.detail(name, to).detail(&format!("{name}-before"), from)
        };
        changed.iter().fold(event, tell).store(tx)?;
        Ok(true)
    })
}

/// Keeps or forgets the password at the mail server, and gives the word for what was done. It is for the server that it was
/// typed for, as that was protected then.
fn keep_password(tx: &Tx, password: MailPassword, is_moved: bool) -> Result<Option<&'static str>, Internal> {
    Ok(match password {
        MailPassword::AsItIs if !is_moved => None,
        MailPassword::AsItIs | MailPassword::Forgotten => mail_server::forget_password(tx)?.then_some("forgotten"),
        MailPassword::New(sealed) => {
            mail_server::set_password(tx, &sealed)?;
            Some("set")
        }
    })
}

fn read(said: &Params) -> Result<Vec<Change>, Problems> {
    let mut problems = Problems::default();
    let mut changes = Vec::new();
    for setting in Setting::ALL {
        let field = setting.field();
        let Some(text) = said.first(&field) else { continue };
        changes.extend(problems.take(&field, setting.read(text)).map(|value| (setting, value)));
    }
    problems.none().map(|()| changes)
}

/// What was said where the server was started cannot be changed here: nobody shall believe that it was.
fn refuse_said(changes: &[Change], held: &[Held]) -> Act<()> {
    let mut problems = Problems::default();
    for Held { setting, value, origin } in held {
        let Origin::Said(source) = origin else { continue };
        let new = changes.iter().find(|(s, _)| s == setting).map(|(_, new)| new.clone());
        if new.is_some_and(|new| new.is_some_and(|new| new != *value)) {
            problems.add(&setting.field(), Words::from(*source));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(ActError::Refused(problems)) }
}

fn seconds(held: &[Held], setting: Setting) -> UnixSeconds {
    let value = held.iter().find(|h| h.setting == setting).map(|h| duration::parse(&h.value));
    value.and_then(Result::ok).unwrap_or_default()
}

/// A session that ends of age before it can end of idleness is a setting that does nothing.
fn check_sessions(held: &[Held], is_idle: bool) -> Act<()> {
    let (idle, maximum) = (seconds(held, Setting::SessionIdle), seconds(held, Setting::SessionMaximum));
    if idle <= maximum {
        return Ok(());
    }
    let (field, key, other) = match is_idle {
        true => (Setting::SessionIdle, "session-idle-too-long", maximum),
        false => (Setting::SessionMaximum, "session-maximum-too-short", idle),
    };
    Err(ActError::refused(&field.field(), Words::new(key).with("other", duration::write(other))))
}

/// A mail server that cannot be used as it is said is refused; none at all is fine.
fn check_mail(held: &[Held]) -> Act<()> {
    let value = |setting| held.iter().find(|h| h.setting == setting).map(|h| h.value.clone());
    let checked = Mail::of(|setting| value(setting).filter(|v| !v.is_empty())).server();
    checked.map(drop).map_err(|(setting, words)| ActError::refused(&setting.field(), words))
}

/// Sessions that are over by the new lengths stay so when these grow again.
fn end_sessions(tx: &Tx, held: &[Held], now: UnixSeconds) -> Result<(), Internal> {
    let (idle, maximum) = (seconds(held, Setting::SessionIdle), seconds(held, Setting::SessionMaximum));
    sessions::purge(tx, now - idle + 1, now - maximum + 1).map(drop)
}
