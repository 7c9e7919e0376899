//! Groups, their parents and members.

use rusqlite::{Connection, Row, params};
use serde_json::{Map, Value};

use super::{Tx, collect, execute, find};
use crate::domain::UnixSeconds;
use crate::domain::access::expand_groups;
use crate::domain::names::fold;
use crate::error::Internal;

/// A row of `groups`.
#[derive(Debug, Clone)]
pub struct Group {
    pub id: i64,
    pub name: String,
    pub parent_id: Option<i64>,
    pub administrator: bool,
    pub attributes: Map<String, Value>,
}

fn row(r: &Row) -> rusqlite::Result<Group> {
    let attributes: String = r.get(4)?;
    Ok(Group {
        id: r.get(0)?,
        name: r.get(1)?,
        parent_id: r.get(2)?,
        administrator: r.get(3)?,
        attributes: serde_json::from_str(&attributes)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, e.into()))?,
    })
}

const COLUMNS: &str = "id, name, parent_id, is_administrator, attributes";

pub fn by_id(connection: &Connection, id: i64) -> Result<Option<Group>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM groups WHERE id = ?1"), [id], row)
}

pub fn by_name(connection: &Connection, name: &str) -> Result<Option<Group>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM groups WHERE name_key = ?1"), [fold(name)], row)
}

pub fn list(connection: &Connection) -> Result<Vec<Group>, Internal> {
    collect(connection, &format!("SELECT {COLUMNS} FROM groups ORDER BY name_key"), [], row)
}

/// A group in a list, with what is told of it there.
#[derive(Debug, Clone)]
pub struct Listed {
    pub group: Group,
    pub parent: Option<String>,
    /// Members by name, not through child groups.
    pub members: i64,
}

/// How many groups there are whose name holds what was typed.
pub fn count(connection: &Connection, search: &str) -> Result<i64, Internal> {
    let sql = "SELECT count(*) FROM groups WHERE instr(name_key, ?1)";
    Ok(connection.prepare_cached(sql)?.query_row([fold(search.trim())], |r| r.get(0))?)
}

/// Some of the groups whose name holds what was typed, in the order of their names.
pub fn page(connection: &Connection, search: &str, offset: i64, limit: i64) -> Result<Vec<Listed>, Internal> {
    let columns: Vec<String> = COLUMNS.split(", ").map(|c| format!("g.{c}")).collect();
    let sql = format!(
        "SELECT {}, p.name AS parent, (SELECT count(*) FROM group_members m WHERE m.group_id = g.id) AS members
         FROM groups g LEFT JOIN groups p ON p.id = g.parent_id
         WHERE instr(g.name_key, ?1) ORDER BY g.name_key LIMIT ?2 OFFSET ?3",
        columns.join(", ")
    );
    collect(connection, &sql, params![fold(search.trim()), limit, offset], |r| {
        Ok(Listed { group: row(r)?, parent: r.get("parent")?, members: r.get("members")? })
    })
}

/// Adds a group; the name must be free (the caller looked).
pub fn insert(tx: &Tx, g: &Group, now: UnixSeconds) -> Result<i64, Internal> {
    let sql = "INSERT INTO groups (name, name_key, parent_id, is_administrator, attributes, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    execute(tx, sql, params![g.name, fold(&g.name), g.parent_id, g.administrator, attributes(g), now])?;
    Ok(tx.last_insert_rowid())
}

/// False when there is no such group.
pub fn update(tx: &Tx, g: &Group) -> Result<bool, Internal> {
    let sql = "UPDATE groups SET name = ?2, name_key = ?3, parent_id = ?4, is_administrator = ?5, attributes = ?6
               WHERE id = ?1";
    Ok(execute(tx, sql, params![g.id, g.name, fold(&g.name), g.parent_id, g.administrator, attributes(g)])? == 1)
}

fn attributes(g: &Group) -> String {
    Value::Object(g.attributes.clone()).to_string()
}

pub fn delete(tx: &Tx, id: i64) -> Result<(), Internal> {
    execute(tx, "DELETE FROM groups WHERE id = ?1", [id])?;
    Ok(())
}

/// False when the user was a member already.
pub fn add_member(tx: &Tx, group: i64, user: i64) -> Result<bool, Internal> {
    let sql = "INSERT INTO group_members (group_id, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    Ok(execute(tx, sql, params![group, user])? == 1)
}

/// False when the user was not a member.
pub fn remove_member(tx: &Tx, group: i64, user: i64) -> Result<bool, Internal> {
    Ok(execute(tx, "DELETE FROM group_members WHERE group_id = ?1 AND user_id = ?2", params![group, user])? == 1)
}

/// How many members a group has by name (not through child groups).
pub fn member_count(connection: &Connection, group: i64) -> Result<i64, Internal> {
    let sql = "SELECT count(*) FROM group_members WHERE group_id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([group], |r| r.get(0))?)
}

/// Some of the members by name, in the order of their usernames: id, username, name.
pub fn members(connection: &Connection, group: i64, most: i64) -> Result<Vec<(i64, String, String)>, Internal> {
    let sql = "SELECT u.id, u.username, u.name FROM group_members m JOIN users u ON u.id = m.user_id
               WHERE m.group_id = ?1 ORDER BY u.username_key LIMIT ?2";
    collect(connection, sql, [group, most], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
}

/// The ids of the groups that a user is in by name.
pub fn direct_of_user(connection: &Connection, user: i64) -> Result<Vec<i64>, Internal> {
    collect(connection, "SELECT group_id FROM group_members WHERE user_id = ?1", [user], |r| r.get(0))
}

/// The groups of a user, direct ones and their ancestors, in the order of their names.
pub fn of_user(connection: &Connection, user: i64) -> Result<Vec<Group>, Internal> {
    let direct = collect(connection, "SELECT group_id FROM group_members WHERE user_id = ?1", [user], |r| r.get(0))?;
    if direct.is_empty() {
        return Ok(Vec::new());
    }
    let all = list(connection)?;
    let parent_of = |id| all.iter().find(|g| g.id == id).and_then(|g| g.parent_id);
    let ids = expand_groups(&direct, parent_of);
    Ok(all.into_iter().filter(|g| ids.contains(&g.id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::Folder;

    #[test]
    fn a_page_tells_parents_and_members_and_finds_by_any_part_of_the_name() {
        let folder = Folder::new();
        let store = folder.open();
        let group = |name: &str, parent_id| Group {
            id: 0,
            name: name.into(),
            parent_id,
            administrator: false,
            attributes: Map::from_iter([("floor".to_owned(), 2.into())]),
        };
        store
            .write(move |tx| {
                let family = insert(tx, &group("Family", None), 1)?;
                insert(tx, &group("Grown-ups", Some(family)), 1)?;
                insert(tx, &group("Ältere", Some(family)), 1)?;
                let user = "INSERT INTO users (uuid, username, username_key, name, created_at, updated_at)
                            VALUES ('u', 'alice', 'alice', '', 1, 1)";
                execute(tx, user, [])?;
                add_member(tx, family, tx.last_insert_rowid())
            })
            .expect("writes");
        let told = |typed: &str, offset, limit| -> Vec<(String, Option<String>, i64)> {
            let found = store.read(|c| page(c, typed, offset, limit)).expect("reads");
            found.into_iter().map(|l| (l.group.name, l.parent, l.members)).collect()
        };
        let family = ("Family".to_owned(), None, 1);
        let grown_ups = ("Grown-ups".to_owned(), Some("Family".to_owned()), 0);
        assert_eq!(told("", 0, 2), [family.clone(), grown_ups.clone()]);
        assert_eq!(told("", 2, 2)[0].0, "Ältere");
        assert_eq!(told(" OWN ", 0, 9), [grown_ups]);
        assert_eq!(told("ÄLT", 0, 9).len(), 1);
        assert_eq!(told("%", 0, 9), []);
        let counted = |typed: &str| store.read(|c| count(c, typed)).expect("reads");
        assert_eq!([counted(""), counted("own"), counted("'")], [3, 1, 0]);
    }
}
