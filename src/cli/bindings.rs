//! `latchkey app bind`, `unbind` and `check-access`: who may open an application.

use clap::Args;

use super::app::find;
use super::{CliError, Outcome, output};
use crate::app::App;
use crate::domain::access::{Binding, Decision, EngineMode, Target};
use crate::endpoints::decide;
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::applications::{self, Application};
use crate::store::bindings::{self, BoundRule};

#[derive(Debug, Args)]
pub struct Bind {
    slug: String,
    #[arg(long, conflicts_with = "user", required_unless_present = "user")]
    group: Option<String>,
    #[arg(long)]
    user: Option<String>,
    /// Match whoever is not in the group, or is not the user
    #[arg(long)]
    negate: bool,
    /// Bindings are looked at in this order
    #[arg(long, default_value_t = 0)]
    order: i64,
}

/// Who may open an application, in a few words.
pub fn access(a: &Application, bound: &[BoundRule]) -> String {
    let enabled: Vec<_> = bound.iter().filter(|b| b.rule.enabled).collect();
    if enabled.is_empty() {
        return if a.everybody { "everybody".into() } else { "nobody".into() };
    }
    let words = enabled.iter().map(|b| words(b));
    words.collect::<Vec<_>>().join(if a.mode == EngineMode::All { " and " } else { ", " })
}

fn words(b: &BoundRule) -> String {
    let (kind, is_gone) = match b.rule.target {
        Target::Group(id) => ("group", id.is_none()),
        Target::User(id) => ("user", id.is_none()),
    };
    let not = if b.rule.negate { "not " } else { "" };
    let gone = if is_gone { " (deleted)" } else { "" };
    format!("{not}{kind} {}{gone}", b.label)
}

pub fn bind(app: &App, b: &Bind) -> Outcome {
    let application = find(app, &b.slug)?;
    let (target, label) = target(app, b.group.as_deref(), b.user.as_deref())?;
    let rule = Binding { target, order: b.order, enabled: true, negate: b.negate };
    let (now, slug) = (app.clock.now(), application.slug.clone());
    let was_open = application.everybody;
    app.store.write(move |tx| {
        if bindings::of_application(tx, application.id)?.iter().any(|b| b.rule.target == rule.target) {
            return Err(CliError::refused(format!(
                "{0} is bound to {label} already; to bind it anew, first: latchkey app unbind {0}",
                application.slug
            )));
        }
        bindings::insert(tx, application.id, &rule, &label)?;
        // With the first binding the door closes for everybody else, and stays closed when the last one goes.
        applications::close(tx, application.id, now)?;
        local_event("binding_created", now).detail("application", &application.slug).detail("to", &label).store(tx)?;
        Ok(())
    })?;
    output::line(&format!("Bound. Who may open {slug}: {}.", access_of(app, &slug)?))?;
    if was_open {
        output::note(&format!("{slug} was open to everybody and no longer is."));
    }
    Ok(())
}

fn target(app: &App, group: Option<&str>, user: Option<&str>) -> Result<(Target, String), CliError> {
    match (group, user) {
        (Some(name), _) => {
            let group = super::group::find(app, name)?;
            Ok((Target::Group(Some(group.id)), group.name))
        }
        (None, Some(login)) => {
            let user = super::user::find(app, login)?;
            Ok((Target::User(Some(user.id)), user.username))
        }
        (None, None) => Err(CliError::usage("name a group or a user: --group NAME or --user NAME")),
    }
}

fn access_of(app: &App, slug: &str) -> Result<String, CliError> {
    let application = find(app, slug)?;
    let bound = app.store.read(|c| bindings::of_application(c, application.id))?;
    Ok(access(&application, &bound))
}

pub fn unbind(app: &App, slug: &str, group: Option<&str>, user: Option<&str>) -> Outcome {
    let application = find(app, slug)?;
    let Some((kind, name)) = group.map(|g| ("group", g)).or(user.map(|u| ("user", u))) else {
        return Err(CliError::usage("name a group or a user: --group NAME or --user NAME"));
    };
    // By label: the group may have been deleted since.
    let bound = app.store.read(|c| bindings::of_application(c, application.id))?;
    let is_meant = |b: &&BoundRule| {
        let same_kind = matches!((kind, b.rule.target), ("group", Target::Group(_)) | ("user", Target::User(_)));
        same_kind && crate::domain::names::fold(&b.label) == crate::domain::names::fold(name)
    };
    let meant: Vec<i64> = bound.iter().filter(is_meant).map(|b| b.id).collect();
    if meant.is_empty() {
        return Err(CliError::refused(format!("{slug} has no binding to the {kind} {name:?}")));
    }
    let (now, name) = (app.clock.now(), name.to_owned());
    let closes = meant.len() == bound.len();
    app.store.write(move |tx| {
        meant.iter().try_for_each(|id| bindings::delete(tx, *id))?;
        local_event("binding_deleted", now).detail("application", &application.slug).detail("to", &name).store(tx)
    })?;
    output::line(&format!("Unbound. Who may open {slug}: {}.", access_of(app, slug)?))?;
    if closes {
        output::note(&format!(
            "That was the last binding: {slug} is closed now. To open it to everybody: latchkey app set {slug} --everybody on"
        ));
    }
    Ok(())
}

pub fn check_access(app: &App, slug: &str, login: &str) -> Outcome {
    let (application, user) = (find(app, slug)?, super::user::find(app, login)?);
    let (decision, bound) = app
        .store
        .read(|c| Ok::<_, Internal>((decide(c, &application, &user)?, bindings::of_application(c, application.id)?)))?;
    for (index, b) in bound.iter().enumerate() {
        output::line(&format!("  binding {}: {}", index + 1, words(b)))?;
    }
    match decision {
        Decision::Allowed(why) => output::line(&format!("{} may open {slug}: {why}.", user.username)),
        Decision::Denied(why) => Err(CliError::refused(format!("{} may not open {slug}: {why}", user.username))),
    }
}
