//! `latchkey app bind`, `unbind` and `check-access`: who may open an application.

use clap::Args;

use super::app::find;
use super::{CliError, Outcome, output};
use crate::access;
use crate::acts::bindings::{self as acts, Draft, Kind};
use crate::acts::expressions::circumstances;
use crate::acts::{ActError, Admin};
use crate::app::App;
use crate::domain::access::{Decision, EngineMode, Target, Verdict};
use crate::domain::names::fold;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::store::applications::Application;
use crate::store::bindings::{self, BoundRule};

/// What a binding names.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct To {
    #[arg(long)]
    group: Option<String>,
    #[arg(long)]
    user: Option<String>,
    #[arg(long)]
    policy: Option<String>,
}

impl To {
    fn kind_and_name(&self) -> Option<(Kind, &str)> {
        let named = [(Kind::Group, &self.group), (Kind::User, &self.user), (Kind::Policy, &self.policy)];
        named.into_iter().find_map(|(kind, name)| Some((kind, name.as_deref()?)))
    }
}

#[derive(Debug, Args)]
pub struct Bind {
    /// The short name of the application
    slug: String,
    #[command(flatten)]
    to: To,
    /// Match whoever is not in the group, or is not the user, or whom the policy does not let pass
    #[arg(long)]
    negate: bool,
    /// Bindings are looked at in this order
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    order: i64,
}

/// Who may open an application, in a few words.
pub fn who_may_open(a: &Application, bound: &[BoundRule]) -> String {
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
        Target::Policy(id) => ("policy", id.is_none()),
    };
    let not = if b.rule.negate { "not " } else { "" };
    let gone = if is_gone { " (deleted)" } else { "" };
    format!("{not}{kind} {}{gone}", b.label)
}

pub fn bind(app: &App, b: &Bind) -> Outcome {
    let application = find(app, &b.slug)?;
    let (kind, name) = b.to.kind_and_name().ok_or_else(name_something)?;
    let draft = Draft { kind, name: name.to_owned(), order: b.order, enabled: true, negate: b.negate };
    acts::create(app, &Admin::local(), application.id, draft)?;
    output::line(&format!("Bound. Who may open {}: {}.", b.slug, access_of(app, &b.slug)?))?;
    if application.everybody {
        output::note(&format!("{} was open to everybody and no longer is.", b.slug));
    }
    Ok(())
}

fn name_something() -> CliError {
    CliError::usage("name a group, a user or a policy: --group NAME, --user NAME or --policy NAME")
}

fn access_of(app: &App, slug: &str) -> Result<String, CliError> {
    let application = find(app, slug)?;
    let bound = app.store.read(|c| bindings::of_application(c, application.id))?;
    Ok(who_may_open(&application, &bound))
}

pub fn unbind(app: &App, slug: &str, to: &To) -> Outcome {
    let application = find(app, slug)?;
    let (kind, name) = to.kind_and_name().ok_or_else(name_something)?;
    // By label: the group may have been deleted since.
    let bound = app.store.read(|c| bindings::of_application(c, application.id))?;
    let is_meant = |b: &&BoundRule| acts::kind(b.rule.target) == kind && fold(&b.label) == fold(name);
    let meant: Vec<i64> = bound.iter().filter(is_meant).map(|b| b.id).collect();
    if meant.is_empty() {
        return Err(CliError::refused(format!("{slug} has no binding to the {} {name:?}", kind.as_str())));
    }
    let closes = meant.len() == bound.len();
    for id in meant {
        acts::delete(app, &Admin::local(), application.id, id)?;
    }
    output::line(&format!("Unbound. Who may open {slug}: {}.", access_of(app, slug)?))?;
    if closes {
        output::note(&format!(
            "That was the last binding: {slug} is closed now. To open it to everybody: latchkey app set {slug} --everybody on"
        ));
    }
    Ok(())
}

pub fn check_access(app: &App, slug: &str, login: &str, address: &str) -> Outcome {
    let (application, user) = (find(app, slug)?, super::user::find(app, login)?);
    let mut problems = Problems::default();
    let circumstances = circumstances(app, address, &mut problems);
    problems.none().map_err(ActError::from)?;
    let (ruling, bound, told) = app.store.read(|c| {
        let ruling = access::decide(c, &application, &user, &circumstances)?;
        let told = access::verdicts(c, &application, &user, &circumstances)?;
        Ok::<_, Internal>((ruling, bindings::of_application(c, application.id)?, told))
    })?;
    for (index, (b, told)) in bound.iter().zip(&told).enumerate() {
        let off = if b.rule.enabled { "" } else { " (off)" };
        output::line(&format!("  binding {}: {}{off}: {}", index + 1, words(b), verdict(told)))?;
    }
    match ruling.decision {
        Decision::Allowed(why) => output::line(&format!("{} may open {slug}: {why}.", user.username)),
        Decision::Denied(why) => Err(CliError::refused(format!("{} may not open {slug}: {why}", user.username))),
    }
}

fn verdict(told: &access::Told) -> String {
    match (told.verdict, &told.error) {
        (Verdict::Pass, _) => "matches".into(),
        (Verdict::Fail, _) => "does not match".into(),
        (Verdict::Deleted, _) => "never matches".into(),
        (Verdict::Failed, None) => "failed".into(),
        (Verdict::Failed, Some(error)) => format!("failed: {error}"),
    }
}
