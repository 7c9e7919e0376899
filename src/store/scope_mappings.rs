//! Scope mappings: expressions that add claims to a scope.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find};
use crate::domain::UnixSeconds;
use crate::domain::names::fold;
use crate::error::Internal;

/// A row of `scope_mappings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeMapping {
    /// 0 until it is stored.
    pub id: i64,
    pub name: String,
    pub scope: String,
    /// What users are told of the scope where they are asked for consent; may be empty.
    pub description: String,
    pub expression: String,
}

const COLUMNS: &str = "id, name, scope, description, expression";

fn row(r: &Row) -> rusqlite::Result<ScopeMapping> {
    Ok(ScopeMapping { id: r.get(0)?, name: r.get(1)?, scope: r.get(2)?, description: r.get(3)?, expression: r.get(4)? })
}

/// By scope, then by name: the order in which they are applied.
pub fn list(connection: &Connection) -> Result<Vec<ScopeMapping>, Internal> {
    collect(connection, &format!("SELECT {COLUMNS} FROM scope_mappings ORDER BY scope, name_key"), [], row)
}

/// Those of one scope, in the order in which they are applied.
pub fn of_scope(connection: &Connection, scope: &str) -> Result<Vec<ScopeMapping>, Internal> {
    let sql = format!("SELECT {COLUMNS} FROM scope_mappings WHERE scope = ?1 ORDER BY name_key");
    collect(connection, &sql, [scope], row)
}

pub fn by_id(connection: &Connection, id: i64) -> Result<Option<ScopeMapping>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM scope_mappings WHERE id = ?1"), [id], row)
}

pub fn by_name(connection: &Connection, name: &str) -> Result<Option<ScopeMapping>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM scope_mappings WHERE name_key = ?1"), [fold(name)], row)
}

/// Adds a mapping; the name must be free (the caller looked).
pub fn insert(tx: &Tx, m: &ScopeMapping, now: UnixSeconds) -> Result<i64, Internal> {
    let sql = "INSERT INTO scope_mappings (name, name_key, scope, description, expression, created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
    execute(tx, sql, params![m.name, fold(&m.name), m.scope, m.description, m.expression, now])?;
    Ok(tx.last_insert_rowid())
}

/// False when it is not there.
pub fn update(tx: &Tx, m: &ScopeMapping, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "UPDATE scope_mappings SET name = ?2, name_key = ?3, scope = ?4, description = ?5, expression = ?6,
                 updated_at = ?7
               WHERE id = ?1";
    Ok(execute(tx, sql, params![m.id, m.name, fold(&m.name), m.scope, m.description, m.expression, now])? == 1)
}

pub fn delete(tx: &Tx, id: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM scope_mappings WHERE id = ?1", [id])?;
    Ok(())
}
