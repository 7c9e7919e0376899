//! Bindings: who may open an application.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, ids_json};
use crate::domain::access::{Binding, Target};
use crate::error::Internal;

/// A row of `bindings`: the rule and what it is called.
#[derive(Debug, Clone)]
pub struct BoundRule {
    pub id: i64,
    pub rule: Binding,
    /// The name of the group, user or policy; of one that is gone, the last.
    pub label: String,
}

const RULE: &str = "kind, group_id, user_id, policy_id, position, enabled, negate";

/// Reads the columns of [`RULE`], from the second column on.
fn rule(r: &Row) -> rusqlite::Result<Binding> {
    let target = match r.get_ref(1)?.as_str()? {
        "user" => Target::User(r.get(3)?),
        "policy" => Target::Policy(r.get(4)?),
        _ => Target::Group(r.get(2)?),
    };
    Ok(Binding { target, order: r.get(5)?, enabled: r.get(6)?, negate: r.get(7)? })
}

fn row(r: &Row) -> rusqlite::Result<BoundRule> {
    Ok(BoundRule { id: r.get(0)?, rule: rule(r)?, label: r.get(8)? })
}

/// The bindings of an application in their order.
pub fn of_application(connection: &Connection, application: i64) -> Result<Vec<BoundRule>, Internal> {
    let sql = format!("SELECT id, {RULE}, label FROM bindings WHERE application_id = ?1 ORDER BY position, id");
    collect(connection, &sql, [application], row)
}

/// The bindings of these applications in their order, by application.
pub fn of_applications(connection: &Connection, ids: &[i64]) -> Result<HashMap<i64, Vec<BoundRule>>, Internal> {
    let sql = format!(
        "SELECT id, {RULE}, label, application_id FROM bindings
         WHERE application_id IN (SELECT value FROM json_each(?1)) ORDER BY application_id, position, id"
    );
    let mut found: HashMap<i64, Vec<BoundRule>> = HashMap::new();
    for (application, rule) in collect(connection, &sql, [ids_json(ids)], |r| Ok((r.get(9)?, row(r)?)))? {
        found.entry(application).or_default().push(rule);
    }
    Ok(found)
}

/// The ids of the applications that are bound to a group.
pub fn applications_of_group(connection: &Connection, group: i64) -> Result<Vec<i64>, Internal> {
    collect(connection, "SELECT DISTINCT application_id FROM bindings WHERE group_id = ?1", [group], |r| r.get(0))
}

pub fn insert(tx: &Tx, application: i64, rule: &Binding, label: &str) -> Result<i64, Internal> {
    let (kind, group, user, policy) = match rule.target {
        Target::Group(id) => ("group", id, None, None),
        Target::User(id) => ("user", None, id, None),
        Target::Policy(id) => ("policy", None, None, id),
    };
    let sql =
        "INSERT INTO bindings (application_id, kind, group_id, user_id, policy_id, label, position, enabled, negate)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    execute(tx, sql, params![application, kind, group, user, policy, label, rule.order, rule.enabled, rule.negate])?;
    Ok(tx.last_insert_rowid())
}

/// Sets order, enabled and negate; what a binding names stays. False when it is not there.
pub fn update(tx: &Tx, id: i64, rule: &Binding) -> Result<bool, Internal> {
    let sql = "UPDATE bindings SET position = ?2, enabled = ?3, negate = ?4 WHERE id = ?1";
    Ok(execute(tx, sql, params![id, rule.order, rule.enabled, rule.negate])? == 1)
}

/// Bindings call what they name by its new name.
pub fn rename(tx: &Tx, target: Target, name: &str) -> Result<(), Internal> {
    let (column, id) = match target {
        Target::Group(id) => ("group_id", id),
        Target::User(id) => ("user_id", id),
        Target::Policy(id) => ("policy_id", id),
    };
    execute(tx, &format!("UPDATE bindings SET label = ?2 WHERE {column} = ?1"), params![id, name])?;
    Ok(())
}

pub fn delete(tx: &Tx, id: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM bindings WHERE id = ?1", [id])?;
    Ok(())
}
