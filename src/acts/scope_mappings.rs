//! Scope mappings: create, change, delete, preview.

use serde_json::{Map, Value};

use super::expressions::{self, Try};
use super::{Act, ActError, Admin};
use crate::app::App;
use crate::domain::expression::Mapping;
use crate::domain::names::DisplayName;
use crate::domain::problems::Problems;
use crate::domain::scope;
use crate::store::Tx;
use crate::store::scope_mappings::{self, ScopeMapping};
use crate::telling;
use crate::words::Words;

/// What can be said of a scope mapping, as it was typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Draft<'a> {
    pub name: &'a str,
    pub scope: &'a str,
    pub description: &'a str,
    pub expression: &'a str,
}

const MAX_DESCRIPTION: usize = 200;

impl Draft<'_> {
    fn parse(&self, id: i64) -> Result<ScopeMapping, Problems> {
        let mut problems = Problems::default();
        let name = problems.take("name", DisplayName::parse(self.name));
        let scope = problems.take("scope", scope::parse_token(self.scope));
        let description = problems.take("description", description(self.description));
        problems.take("expression", Mapping::parse(self.expression));
        problems.none()?;
        Ok(ScopeMapping {
            id,
            name: name.map(DisplayName::into_string).unwrap_or_default(),
            scope: scope.unwrap_or_default(),
            description: description.unwrap_or_default(),
            expression: self.expression.trim().to_owned(),
        })
    }
}

fn description(text: &str) -> Result<String, Words> {
    let text = text.trim();
    if text.chars().count() > MAX_DESCRIPTION || text.chars().any(char::is_control) {
        return Err(Words::new("bad-description").with("most", MAX_DESCRIPTION));
    }
    Ok(text.to_owned())
}

/// Creates a mapping and returns its id.
pub fn create(app: &App, by: &Admin, draft: &Draft) -> Act<i64> {
    let (mapping, now) = (draft.parse(0)?, app.clock.now());
    let event = by
        .event("scope_mapping_created", now)
        .detail("scope_mapping", &mapping.name)
        .detail("scope", &mapping.scope)
        .detail("expression", &mapping.expression);
    app.store.write(move |tx| {
        is_free(tx, &mapping)?;
        let id = scope_mappings::insert(tx, &mapping, now)?;
        event.store(tx)?;
        Ok(id)
    })
}

/// Changes a mapping. It counts from the next token on.
pub fn update(app: &App, by: &Admin, id: i64, draft: &Draft) -> Act<()> {
    let (mapping, now) = (draft.parse(id)?, app.clock.now());
    let event = by
        .event("scope_mapping_changed", now)
        .detail("scope_mapping", &mapping.name)
        .detail("scope", &mapping.scope)
        .detail("expression", &mapping.expression);
    app.store.write(move |tx| {
        is_free(tx, &mapping)?;
        if !scope_mappings::update(tx, &mapping, now)? {
            return Err(ActError::NotFound);
        }
        Ok(event.store(tx)?)
    })
}

fn is_free(tx: &Tx, mapping: &ScopeMapping) -> Act<()> {
    match scope_mappings::by_name(tx, &mapping.name)? {
        Some(other) if other.id != mapping.id => {
            Err(ActError::refused("name", Words::new("scope-mapping-name-taken").with("name", &other.name)))
        }
        _ => Ok(()),
    }
}

/// Deletes a mapping.
pub fn delete(app: &App, by: &Admin, id: i64) -> Act<ScopeMapping> {
    let event = by.event("scope_mapping_deleted", app.clock.now());
    app.store.write(move |tx| {
        let mapping = scope_mappings::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        scope_mappings::delete(tx, id)?;
        event.detail("scope_mapping", &mapping.name).detail("scope", &mapping.scope).store(tx)?;
        Ok(mapping)
    })
}

/// What a mapping would tell.
#[derive(Debug, Clone)]
pub struct Preview {
    pub claims: Map<String, Value>,
    /// What is said of claims that no mapping may set.
    pub left_out: Option<Words>,
}

/// What an expression tells of a user, saved or not, or what is wrong.
pub fn try_out(app: &App, _: &Admin, trial: &Try) -> Act<Result<Preview, Words>> {
    let mut problems = Problems::default();
    problems.take("expression", Mapping::parse(trial.expression));
    let facts = expressions::facts(app, trial, problems)?;
    let mapping = ScopeMapping {
        id: 0,
        name: String::new(),
        scope: String::new(),
        description: String::new(),
        expression: trial.expression.to_owned(),
    };
    Ok(telling::apply(&mapping, &facts)
        .map(|applied| Preview { claims: applied.claims, left_out: applied.protected.map(|p| p.why) })
        .map_err(Words::from))
}
