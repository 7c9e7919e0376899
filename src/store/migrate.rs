//! Bringing the schema up to date: numbered files, each in one transaction, a copy made before.

use std::path::Path;

use rusqlite::Connection;

use super::open::{self, OpenError, OpenMode};

/// In order; the position (from 1) is the schema's number, kept in `PRAGMA user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_administration.sql"),
    include_str!("migrations/0003_keys.sql"),
    include_str!("migrations/0004_tls.sql"),
];

/// The number of the newest schema.
pub const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Applies what is missing. A database from a newer version is refused untouched; so is one that fails its own check,
/// which is made when the server starts ([`OpenMode::Create`]), not at every small command.
pub(super) fn migrate(connection: &mut Connection, path: &Path, mode: OpenMode) -> Result<(), OpenError> {
    let damaged = |error| open::damaged_or(path, error);
    let known = KNOWN;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_from_before_they_had_names_are_named_and_providers_follow_those_that_ended() {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch(MIGRATIONS[0]).unwrap();
        database.execute_batch(MIGRATIONS[1]).unwrap();
        for (kid, state, created_at) in
            [("a", "active", 1_790_000_000), ("r", "retired", 0), ("o", "revoked", i64::MAX)]
        {
            let sql = "INSERT INTO signing_keys (kid, alg, state, public_jwk, certificate, private_sealed, created_at)
                       VALUES (?1, 'ES256', ?2, '{}', x'00', x'00', ?3)";
            database.execute(sql, (kid, state, created_at)).unwrap();
            let sql = "INSERT INTO providers (name, client_type, client_id, signing_kid, created_at, updated_at)
                       VALUES (?1, 'public', ?1, ?1, 0, 0)";
            database.execute(sql, [kid]).unwrap();
        }
        database.execute_batch(MIGRATIONS[2]).unwrap();
        let text = |sql: &str| database.query_row(sql, [], |r| r.get::<_, String>(0)).unwrap();
        let names = "SELECT group_concat(name || ' ' || role, ', ') FROM (SELECT * FROM signing_keys ORDER BY kid)";
        assert_eq!(text(names), "ES256 2026-09-21 regular, ES256 o regular, ES256 1970-01-01 regular");
        let chosen = "SELECT group_concat(signing_alg || ' ' || coalesce(signing_kid, '-'), ', ')
                      FROM (SELECT * FROM providers ORDER BY name)";
        assert_eq!(text(chosen), "ES256 a, ES256 -, ES256 -");
    }
}
