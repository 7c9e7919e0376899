//! Applications: what users see and open, with zero or one provider each.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};

use super::bindings::{self, BoundRule};
use super::{Tx, collect, execute, find, ids_json};
use crate::domain::UnixSeconds;
use crate::domain::access::EngineMode;
use crate::domain::search::Words;
use crate::error::Internal;

/// A row of `applications`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// 0 until it is stored.
    pub id: i64,
    pub name: String,
    pub slug: String,
    /// The heading it stands under among My applications; empty: none.
    pub group: String,
    pub launch_url: Option<String>,
    pub open_in_new_tab: bool,
    pub description: String,
    pub publisher: String,
    /// The hash of an uploaded icon.
    pub icon: Option<String>,
    pub mode: EngineMode,
    /// Open to every active user: set when it is made without a binding, unset with the first one.
    pub everybody: bool,
    pub provider_id: Option<i64>,
}

const COLUMNS: &str = "id, name, slug, app_group, launch_url, open_in_new_tab, description, publisher, \
                       policy_engine_mode, everybody, provider_id, icon";

fn row(r: &Row) -> rusqlite::Result<Application> {
    let mode: String = r.get(8)?;
    Ok(Application {
        id: r.get(0)?,
        name: r.get(1)?,
        slug: r.get(2)?,
        group: r.get(3)?,
        launch_url: r.get(4)?,
        open_in_new_tab: r.get(5)?,
        description: r.get(6)?,
        publisher: r.get(7)?,
        // The column admits `any` and `all` only; whatever else it were, the stricter one is safe.
        mode: EngineMode::parse(&mode).unwrap_or(EngineMode::All),
        everybody: r.get(9)?,
        provider_id: r.get(10)?,
        icon: r.get(11)?,
    })
}

pub fn by_slug(connection: &Connection, slug: &str) -> Result<Option<Application>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM applications WHERE slug = ?1"), [slug], row)
}

pub fn by_id(connection: &Connection, id: i64) -> Result<Option<Application>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM applications WHERE id = ?1"), [id], row)
}

pub fn by_provider(connection: &Connection, provider: i64) -> Result<Option<Application>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM applications WHERE provider_id = ?1"), [provider], row)
}

pub fn list(connection: &Connection) -> Result<Vec<Application>, Internal> {
    let sql = format!("SELECT {COLUMNS} FROM applications ORDER BY app_group, name COLLATE NOCASE");
    collect(connection, &sql, [], row)
}

/// An application in a list, with what is told of it there.
#[derive(Debug, Clone)]
pub struct Listed {
    pub application: Application,
    /// The name of its provider.
    pub provider: Option<String>,
    /// In their order.
    pub bindings: Vec<BoundRule>,
}

/// Which applications a search finds by name, slug, group or provider, in the order of their names.
pub fn search(connection: &Connection, typed: &str) -> Result<Vec<i64>, Internal> {
    let sql = "SELECT a.id, a.name, a.slug, a.app_group, coalesce(p.name, '')
               FROM applications a LEFT JOIN providers p ON p.id = a.provider_id ORDER BY a.name COLLATE NOCASE, a.id";
    let words = Words::of(typed);
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(r) = rows.next()? {
        let text = |column| r.get_ref(column).and_then(|v| Ok(v.as_str()?));
        if words.are_in(&[text(1)?, text(2)?, text(3)?, text(4)?]) {
            found.push(r.get(0)?);
        }
    }
    Ok(found)
}

/// What a list tells of these applications, in their order, by as many queries for many as for one.
pub fn listed(connection: &Connection, ids: &[i64]) -> Result<Vec<Listed>, Internal> {
    let columns: Vec<String> = COLUMNS.split(", ").map(|c| format!("a.{c}")).collect();
    let sql = format!(
        "SELECT {}, p.name AS provider FROM applications a LEFT JOIN providers p ON p.id = a.provider_id
         WHERE a.id IN (SELECT value FROM json_each(?1))",
        columns.join(", ")
    );
    let rows = collect(connection, &sql, [ids_json(ids)], |r| Ok((row(r)?, r.get("provider")?)))?;
    let mut rows: HashMap<i64, _> = rows.into_iter().map(|found| (found.0.id, found)).collect();
    let mut rules = bindings::of_applications(connection, ids)?;
    let listed = ids.iter().filter_map(|id| {
        let (application, provider) = rows.remove(id)?;
        Some(Listed { application, provider, bindings: rules.remove(id).unwrap_or_default() })
    });
    Ok(listed.collect())
}

/// Id and name of the applications without a provider.
pub fn without_provider(connection: &Connection) -> Result<Vec<(i64, String)>, Internal> {
    let sql = "SELECT id, name FROM applications WHERE provider_id IS NULL ORDER BY name COLLATE NOCASE LIMIT 200";
    collect(connection, sql, [], |r| Ok((r.get(0)?, r.get(1)?)))
}

pub fn insert(tx: &Tx, a: &Application, now: UnixSeconds) -> Result<i64, Internal> {
    let sql = "INSERT INTO applications (name, slug, app_group, launch_url, open_in_new_tab, description, publisher,
                 policy_engine_mode, everybody, provider_id, created_at, updated_at, icon)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12)";
    execute(
        tx,
        sql,
        params![
            a.name,
            a.slug,
            a.group,
            a.launch_url,
            a.open_in_new_tab,
            a.description,
            a.publisher,
            a.mode.as_str(),
            a.everybody,
            a.provider_id,
            now,
            a.icon
        ],
    )?;
    Ok(tx.last_insert_rowid())
}

pub fn update(tx: &Tx, a: &Application, now: UnixSeconds) -> Result<(), Internal> {
    let sql = "UPDATE applications SET name = ?2, slug = ?3, app_group = ?4, launch_url = ?5, open_in_new_tab = ?6,
                 description = ?7, publisher = ?8, policy_engine_mode = ?9, everybody = ?10, provider_id = ?11,
                 updated_at = ?12, icon = ?13
               WHERE id = ?1";
    execute(
        tx,
        sql,
        params![
            a.id,
            a.name,
            a.slug,
            a.group,
            a.launch_url,
            a.open_in_new_tab,
            a.description,
            a.publisher,
            a.mode.as_str(),
            a.everybody,
            a.provider_id,
            now,
            a.icon
        ],
    )?;
    Ok(())
}

/// Gives an application a stored icon, or none.
pub fn set_icon(tx: &Tx, id: i64, hash: Option<&str>, now: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "UPDATE applications SET icon = ?2, updated_at = ?3 WHERE id = ?1", params![id, hash, now])?;
    Ok(())
}

pub fn delete(tx: &Tx, id: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM applications WHERE id = ?1", [id])?;
    Ok(())
}

/// Closes an application to everybody: from now on its bindings decide.
pub fn close(tx: &Tx, id: i64, now: UnixSeconds) -> Result<(), Internal> {
    execute(tx, "UPDATE applications SET everybody = 0, updated_at = ?2 WHERE id = ?1", params![id, now])?;
    Ok(())
}

/// Gives an application its provider. False when it has one.
pub fn connect(tx: &Tx, id: i64, provider: i64, now: UnixSeconds) -> Result<bool, Internal> {
    let sql = "UPDATE applications SET provider_id = ?2, updated_at = ?3 WHERE id = ?1 AND provider_id IS NULL";
    Ok(execute(tx, sql, params![id, provider, now])? == 1)
}
