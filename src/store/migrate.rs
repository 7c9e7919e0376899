//! Bringing the schema up to date: numbered files, each in one transaction, a copy made before.

use std::path::Path;

use rusqlite::Connection;

use super::open::{self, OpenError, OpenMode};

/// In order; the position (from 1) is the schema's number, kept in `PRAGMA user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_administration.sql"),
    include_str!("migrations/0003_keys.sql"),
];

/// Applies what is missing. A database from a newer version is refused untouched; so is one that fails its own check,
/// which is made when the server starts ([`OpenMode::Create`]), not at every small command.
pub(super) fn migrate(connection: &mut Connection, path: &Path, mode: OpenMode) -> Result<(), OpenError> {
    let damaged = |error| open::damaged_or(path, error);
    let known = MIGRATIONS.len() as i64;
    let was_set_up = path.parent().is_some_and(open::was_set_up);
    let found: i64 = connection.query_row("PRAGMA user_version", [], |r| r.get(0)).map_err(damaged)?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    if found == 0 && was_set_up {
        // Filled anew, it would let a stranger set it up.
        return Err(OpenError::Damaged { path: path.to_owned(), what: "it is empty".into() });
    }
    let check = |c: &Connection| c.query_row("PRAGMA quick_check(1)", [], |r| r.get::<_, String>(0));
    let verdict = if mode == OpenMode::Create { check(connection).map_err(damaged)? } else { "ok".into() };
    if verdict != "ok" {
        return Err(OpenError::Damaged { path: path.to_owned(), what: verdict });
    }
    if found > 0 && found < known {
        let copy = path.with_extension(format!("db.before-{}", found + 1));
        // VACUUM INTO writes a whole, consistent copy; it refuses to overwrite one that is there from a try before.
        if !copy.exists() {
            connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(&copy, mode).map_err(|error| OpenError::Io { path: copy, error })?;
        }
    }
    for (index, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have been faster (a command and the service, started together).
        let now: i64 = tx.query_row("PRAGMA user_version", [], |r| r.get(0))?;
        if now == index as i64 {
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "user_version", now + 1)?;
            tx.commit()?;
        }
    }
    Ok(())
}
