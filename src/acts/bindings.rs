//! Bindings: who may open an application.

use rusqlite::Connection;

use super::groups::no_group;
use super::policies::no_policy;
use super::{Act, ActError, Admin};
use crate::app::App;
use crate::domain::access::{Binding, Target};
use crate::domain::problems::Problems;
use crate::http::Params;
use crate::store::applications::{self, Application};
use crate::store::bindings::{self, BoundRule};
use crate::store::events::Event;
use crate::store::{Tx, groups, policies, users};
use crate::words::Words;

/// What a binding names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Policy,
    Group,
    User,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Policy, Self::Group, Self::User];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Group => "group",
            Self::User => "user",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// A binding that was understood, but for whether what it names is there.
#[derive(Debug, Clone)]
pub struct Draft {
    pub kind: Kind,
    pub name: String,
    pub order: i64,
    pub enabled: bool,
    pub negate: bool,
}

/// One binding as a page's row says it: `bind_kind`, `bind_name`, `bind_order`, `bind_active` and `bind_negate` (`on`
/// or `off`).
pub fn parse_row(row: &Params, suffix: &str) -> Result<Draft, Problems> {
    let field = |name: &str| row.first(name).unwrap_or_default().trim();
    let mut problems = Problems::default();
    let kind = Kind::parse(field("bind_kind"));
    if kind.is_none() {
        problems.add(&format!("bind_kind{suffix}"), Words::new("binding-bad-kind"));
    }
    if field("bind_name").is_empty() {
        problems.add(&format!("bind_name{suffix}"), Words::new("binding-needs-name"));
    }
    let order = match field("bind_order") {
        "" => Some(0),
        text => text.parse().ok().filter(|n: &i64| (0..=100_000).contains(n)),
    };
    if order.is_none() {
        problems.add(&format!("bind_order{suffix}"), Words::new("binding-bad-order"));
    }
    problems.none()?;
    Ok(Draft {
        kind: kind.unwrap_or(Kind::Group),
        name: field("bind_name").to_owned(),
        order: order.unwrap_or_default(),
        enabled: field("bind_active") != "off",
        negate: field("bind_negate") == "on",
    })
}

/// Finds what a binding names, and what it is called.
pub fn target(connection: &Connection, draft: &Draft, field: &str) -> Act<(Target, String)> {
    let missing = |words| ActError::refused(field, words);
    let name = &draft.name;
    match draft.kind {
        Kind::Group => {
            let group = groups::by_name(connection, &draft.name)?.ok_or_else(|| missing(no_group(name)))?;
            Ok((Target::Group(Some(group.id)), group.name))
        }
        Kind::User => {
            let user = users::by_login(connection, &draft.name)?
                .ok_or_else(|| missing(Words::new("user-not-there").with("name", name)))?;
            Ok((Target::User(Some(user.id)), user.username))
        }
        Kind::Policy => {
            let policy = policies::by_name(connection, &draft.name)?.ok_or_else(|| missing(no_policy(name)))?;
            Ok((Target::Policy(Some(policy.id)), policy.name))
        }
    }
}

/// Adds a binding, inside the transaction of a bigger act.
pub fn insert(tx: &Tx, application: &Application, draft: &Draft, field: &str, event: Event, now: i64) -> Act<i64> {
    let (target, label) = target(tx, draft, field)?;
    if bindings::of_application(tx, application.id)?.iter().any(|b| b.rule.target == target) {
        let words = Words::new("binding-there-already").with("application", &application.slug).with("name", &label);
        return Err(ActError::refused(field, words));
    }
    let rule = Binding { target, order: draft.order, enabled: draft.enabled, negate: draft.negate };
    let id = bindings::insert(tx, application.id, &rule, &label)?;
    // With the first binding the door closes for everybody else, and stays closed when the last one goes.
    applications::close(tx, application.id, now)?;
    event.detail("application", &application.slug).detail("to", &label).store(tx)?;
    Ok(id)
}

/// Lets a group or user in, or whoever a policy does.
pub fn create(app: &App, by: &Admin, application: i64, draft: Draft) -> Act<i64> {
    let now = app.clock.now();
    let event = by.event("binding_created", now);
    app.store.write(move |tx| {
        let application = applications::by_id(tx, application)?.ok_or(ActError::NotFound)?;
        insert(tx, &application, &draft, "bind_name", event, now)
    })
}

/// How a binding counts; what it names stays.
#[derive(Debug, Clone, Copy)]
pub struct Weight {
    pub order: i64,
    pub enabled: bool,
    pub negate: bool,
}

/// Changes how a binding of an application counts.
pub fn update(app: &App, by: &Admin, application: i64, binding: i64, weight: Weight) -> Act<()> {
    let now = app.clock.now();
    let event = by.event("binding_changed", now);
    app.store.write(move |tx| {
        let application = applications::by_id(tx, application)?.ok_or(ActError::NotFound)?;
        let old = find(tx, application.id, binding)?;
        let Weight { order, enabled, negate } = weight;
        bindings::update(tx, binding, &Binding { order, enabled, negate, ..old.rule })?;
        event.detail("application", &application.slug).detail("to", &old.label).store(tx)?;
        Ok(())
    })
}

/// Removes a binding. Removing the last one leaves the application closed.
pub fn delete(app: &App, by: &Admin, application: i64, binding: i64) -> Act<BoundRule> {
    let now = app.clock.now();
    let event = by.event("binding_deleted", now);
    app.store.write(move |tx| {
        let application = applications::by_id(tx, application)?.ok_or(ActError::NotFound)?;
        let old = find(tx, application.id, binding)?;
        bindings::delete(tx, binding)?;
        event.detail("application", &application.slug).detail("to", &old.label).store(tx)?;
        Ok(old)
    })
}

fn find(tx: &Tx, application: i64, binding: i64) -> Act<BoundRule> {
    let all = bindings::of_application(tx, application)?;
    all.into_iter().find(|b| b.id == binding).ok_or(ActError::NotFound)
}

/// What kind of thing a target is.
pub fn kind(target: Target) -> Kind {
    match target {
        Target::Group(_) => Kind::Group,
        Target::User(_) => Kind::User,
        Target::Policy(_) => Kind::Policy,
    }
}
