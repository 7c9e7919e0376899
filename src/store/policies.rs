//! Policies: named expressions that bindings ask.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find};
use crate::domain::UnixSeconds;
use crate::domain::names::fold;
use crate::domain::policy_kind::PolicyKind;
use crate::error::Internal;

/// A row of `policies`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// 0 until it is stored.
    pub id: i64,
    pub name: String,
    pub kind: PolicyKind,
    pub expression: String,
}

fn row(r: &Row) -> rusqlite::Result<Policy> {
    let kind = PolicyKind::parse(r.get_ref(3)?.as_str()?).unwrap_or_default();
    Ok(Policy { id: r.get(0)?, name: r.get(1)?, expression: r.get(2)?, kind })
}

pub fn list(connection: &Connection) -> Result<Vec<Policy>, Internal> {
    collect(connection, "SELECT id, name, expression, kind FROM policies ORDER BY name_key", [], row)
}

pub fn by_id(connection: &Connection, id: i64) -> Result<Option<Policy>, Internal> {
    find(connection, "SELECT id, name, expression, kind FROM policies WHERE id = ?1", [id], row)
}

pub fn by_name(connection: &Connection, name: &str) -> Result<Option<Policy>, Internal> {
    find(connection, "SELECT id, name, expression, kind FROM policies WHERE name_key = ?1", [fold(name)], row)
}

/// The names of the applications that are bound to each policy.
pub fn bound_to(connection: &Connection) -> Result<HashMap<i64, Vec<String>>, Internal> {
    let sql = "SELECT DISTINCT b.policy_id, a.name FROM bindings b JOIN applications a ON a.id = b.application_id
               WHERE b.policy_id IS NOT NULL ORDER BY a.name COLLATE NOCASE";
    let mut found: HashMap<i64, Vec<String>> = HashMap::new();
    for (policy, name) in collect(connection, sql, [], |r| Ok((r.get(0)?, r.get(1)?)))? {
        found.entry(policy).or_default().push(name);
    }
    Ok(found)
}

/// Adds a policy; the name must be free (the caller looked).
pub fn insert(tx: &Tx, p: &Policy, now: UnixSeconds) -> Result<i64, Internal> {
    let sql = "INSERT INTO policies (name, name_key, expression, created_at, updated_at, kind)
               VALUES (?1, ?2, ?3, ?4, ?4, ?5)";
    execute(tx, sql, params![p.name, fold(&p.name), p.expression, now, p.kind.as_str()])?;
    Ok(tx.last_insert_rowid())
}

/// False when it is not there.
pub fn update(tx: &Tx, p: &Policy, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "UPDATE policies SET name = ?2, name_key = ?3, expression = ?4, updated_at = ?5, kind = ?6 WHERE id = ?1";
    Ok(execute(tx, sql, params![p.id, p.name, fold(&p.name), p.expression, now, p.kind.as_str()])? == 1)
}

/// Bindings to it stay, and match nobody.
pub fn delete(tx: &Tx, id: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM policies WHERE id = ?1", [id])?;
    Ok(())
}
