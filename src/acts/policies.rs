//! Policies: create, change, delete, try out.

use super::expressions::{self, Try};
use super::{Act, ActError, Admin};
use crate::app::App;
use crate::domain::access::Target;
use crate::domain::expression;
use crate::domain::names::DisplayName;
use crate::domain::policy_kind::PolicyKind;
use crate::domain::problems::Problems;
use crate::store::policies::{self, Policy};
use crate::store::{Tx, bindings};
use crate::words::Words;

/// What can be said of a policy, as it was typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Draft<'a> {
    pub name: &'a str,
    pub kind: PolicyKind,
    /// Only of a policy that is one; the other kinds bring their own.
    pub expression: &'a str,
}

impl Draft<'_> {
    fn parse(&self, id: i64) -> Result<Policy, Problems> {
        let mut problems = Problems::default();
        let name = problems.take("name", DisplayName::parse(self.name));
        let text = self.kind.expression().unwrap_or(self.expression).trim();
        problems.take("expression", expression::Policy::parse(text));
        problems.none()?;
        let name = name.map(DisplayName::into_string).unwrap_or_default();
        Ok(Policy { id, name, kind: self.kind, expression: text.to_owned() })
    }
}

/// Creates a policy and returns its id.
pub fn create(app: &App, by: &Admin, draft: &Draft) -> Act<i64> {
    let (policy, now) = (draft.parse(0)?, app.clock.now());
    let event = by.event("policy_created", now).detail("policy", &policy.name).detail("expression", &policy.expression);
    app.store.write(move |tx| {
        is_free(tx, &policy)?;
        let id = policies::insert(tx, &policy, now)?;
        event.store(tx)?;
        Ok(id)
    })
}

/// Changes a policy. It counts from now on, for everybody who is signed in too.
pub fn update(app: &App, by: &Admin, id: i64, draft: &Draft) -> Act<()> {
    let (policy, now) = (draft.parse(id)?, app.clock.now());
    let event = by.event("policy_changed", now).detail("policy", &policy.name).detail("expression", &policy.expression);
    app.store.write(move |tx| {
        is_free(tx, &policy)?;
        if !policies::update(tx, &policy, now)? {
            return Err(ActError::NotFound);
        }
        bindings::rename(tx, Target::Policy(Some(id)), &policy.name)?;
        Ok(event.store(tx)?)
    })
}

fn is_free(tx: &Tx, policy: &Policy) -> Act<()> {
    match policies::by_name(tx, &policy.name)? {
        Some(other) if other.id != policy.id => {
            Err(ActError::refused("name", Words::new("policy-name-taken").with("name", &other.name)))
        }
        _ => Ok(()),
    }
}

/// What to say where a policy's name names none.
pub fn no_policy(name: &str) -> Words {
    Words::new("policy-not-there").with("name", name)
}

/// Deletes a policy. Bindings to it stay and never match from then on, so no door opens.
pub fn delete(app: &App, by: &Admin, id: i64) -> Act<Policy> {
    let event = by.event("policy_deleted", app.clock.now());
    app.store.write(move |tx| {
        let policy = policies::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        policies::delete(tx, id)?;
        event.detail("policy", &policy.name).store(tx)?;
        Ok(policy)
    })
}

/// What an expression says, saved or not: true, false, or what is wrong.
pub fn try_out(app: &App, _: &Admin, trial: &Try) -> Act<Result<bool, Words>> {
    let mut problems = Problems::default();
    let policy = problems.take("expression", expression::Policy::parse(trial.expression));
    let facts = expressions::facts(app, trial, problems)?;
    Ok(policy.map_or(Ok(false), |policy| policy.passes(&facts)).map_err(Words::from))
}
