//! Applications: what users see and open, with zero or one provider each.

use rusqlite::{Connection, Row, params};

use super::{Tx, collect, execute, find};
use crate::domain::UnixSeconds;
use crate::domain::access::EngineMode;
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

pub fn by_provider(connection: &Connection, provider: i64) -> Result<Option<Application>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM applications WHERE provider_id = ?1"), [provider], row)
}

pub fn list(connection: &Connection) -> Result<Vec<Application>, Internal> {
    let sql = format!("SELECT {COLUMNS} FROM applications ORDER BY app_group, name COLLATE NOCASE");
    collect(connection, &sql, [], row)
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
