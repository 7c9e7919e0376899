//! Bringing the schema up to date: numbered files, each in one transaction, a copy made before.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::open::{self, OpenError, OpenMode};
use crate::error::Internal;

/// In order; the position (from 1) is the schema's number, kept in `PRAGMA user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_administration.sql"),
    include_str!("migrations/0003_keys.sql"),
    include_str!("migrations/0004_tls.sql"),
    include_str!("migrations/0005_accounts.sql"),
    include_str!("migrations/0006_throttled.sql"),
    include_str!("migrations/0007_oidc.sql"),
    include_str!("migrations/0008_protocols.sql"),
];

/// The number of the newest schema.
pub const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Where the copies made before an upgrade lie, inside the data folder: `schema-2.db` is the database as the version
/// with schema 2 left it.
const COPIES: &str = "before-upgrade";
/// How many of them are kept.
const COPIES_KEPT: usize = 2;
/// How often, a tenth of a second apart, somebody else is given the time to finish the upgrade.
const TRIES: u32 = 20;

/// Applies what is missing. A database from a newer version is refused untouched; so is one that fails its own check,
/// which is made when the server starts and for a copy, not at every small command.
pub(super) fn migrate(connection: &mut Connection, path: &Path, mode: OpenMode) -> Result<(), OpenError> {
    let damaged = |error| open::damaged_or(path, error);
    let was_set_up = path.parent().is_some_and(open::was_set_up);
    let found = schema(connection).map_err(damaged)?;
    if found > KNOWN {
        return Err(OpenError::Newer { found, known: KNOWN });
    }
    if found == 0 && was_set_up {
        // Filled anew, it would let a stranger set it up.
        return Err(OpenError::Damaged { path: path.to_owned(), what: "it is empty".into() });
    }
    if mode != OpenMode::Existing {
        check(connection, path)?;
    }
    match found {
        KNOWN => Ok(()),
        0 => apply(connection),
        _ if mode == OpenMode::Staged => apply(connection),
        _ => upgrade(connection, path),
    }
}

/// Tables, indexes, views and triggers that are not those of the newest schema, or are missing: their names. A database
/// that was made by us has none.
pub fn foreign(connection: &Connection) -> Result<Vec<String>, Internal> {
    let mut made = Connection::open_in_memory()?;
    apply(&mut made).map_err(Internal::fault)?;
    let list = |connection: &Connection| -> Result<BTreeSet<(String, String, String)>, Internal> {
        let sql =
            "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let rows = super::collect(connection, sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        Ok(rows.into_iter().collect())
    };
    let (there, ours) = (list(connection)?, list(&made)?);
    Ok(there.symmetric_difference(&ours).map(|(kind, name, _)| format!("{kind} {name}")).collect())
}

fn schema(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |r| r.get(0))
}

/// Up to which size, in bytes, the whole database is checked at each start. It takes about a second a gigabyte where the
/// file is in memory already.
const CHECKED_WHOLE: i64 = 32 << 20;
/// What grows with use and not with the house. In a large database a start leaves it to `latchkey check` and to
/// backups, which read everything; a damaged page that a request comes upon is an error then, and no wrong answer.
const GROWING: &str = "('events', 'access_tokens', 'refresh_tokens', 'grants', 'sessions')";

fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let verdicts = || -> rusqlite::Result<Vec<String>> {
        let number = |pragma: &str| connection.query_row(pragma, [], |r| r.get::<_, i64>(0));
        if number("PRAGMA page_count")? * number("PRAGMA page_size")? <= CHECKED_WHOLE {
            return Ok(vec![connection.query_row("PRAGMA quick_check(1)", [], |r| r.get(0))?]);
        }
        let sql = format!(
            "SELECT c.quick_check FROM sqlite_schema s, pragma_quick_check(s.name) c
             WHERE s.type = 'table' AND s.rootpage > 0 AND s.name NOT IN {GROWING}"
        );
        let mut statement = connection.prepare(&sql)?;
        statement.query_map([], |r| r.get(0))?.collect()
    };
    let verdicts = verdicts().map_err(|error| open::damaged_or(path, error))?;
    match verdicts.into_iter().find(|v| v != "ok") {
        None => Ok(()),
        Some(what) => Err(OpenError::Damaged { path: path.to_owned(), what }),
    }
}

/// Brings a database that is in use up to date. A server of the old version would go on writing to what it no longer
/// knows, so there must be none.
fn upgrade(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let data_dir = path.parent().unwrap_or(Path::new("."));
    let mut found = schema(connection)?;
    for tries_left in (0..TRIES).rev() {
        let io_error = |error| OpenError::Io { path: data_dir.to_owned(), error };
        if let Some(_alone) = open::lock_for_serving(data_dir).map_err(io_error)? {
            // Somebody else may have brought it up to date while we waited.
            found = schema(connection)?;
            if found < KNOWN {
                check(connection, path)?;
                let folder = data_dir.join(COPIES);
                keep_copy(connection, &folder, found)
                    .map_err(|why| OpenError::NoCopy { folder: folder.clone(), why })?;
                apply(connection)?;
                tracing::info!(from = found, to = KNOWN, copies = %folder.display(), "the database was brought up to date");
                if let Err(error) = forget_older_copies(&folder) {
                    tracing::warn!(%error, "copies of earlier upgrades stay");
                }
            }
            return Ok(());
        }
        if tries_left > 0 {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    Err(OpenError::InUseByOlder { found, known: KNOWN })
}

/// Applies what is missing to a database that nobody else works on, or that is new.
fn apply(connection: &mut Connection) -> Result<(), OpenError> {
    let found = schema(connection)?;
    for (index, sql) in MIGRATIONS.iter().enumerate().skip(usize::try_from(found).unwrap_or_default()) {
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have been faster (a command and the service, at their very first start).
        let now = schema(&tx)?;
        if now == index as i64 {
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "user_version", now + 1)?;
            tx.commit()?;
        }
    }
    Ok(())
}

/// Writes the database as it is to a file of its own, whole and on the disk before the file has its name. One of the
/// same schema, from an upgrade that was taken back, is replaced.
fn keep_copy(connection: &Connection, folder: &Path, schema: i64) -> Result<(), String> {
    let words = |error: io::Error| error.to_string();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(words)?;
    let draft = folder.join("draft");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(words(error)),
        _ => {}
    }
    // VACUUM INTO fills a file that is there and empty, and leaves its mode.
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(words)?;
    let made = connection.execute("VACUUM INTO ?1", [draft.to_string_lossy()]).map_err(|e| e.to_string());
    let kept = made.and_then(|_| {
        let copy = Connection::open_with_flags(&draft, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|e| e.to_string())?;
        check(&copy, &draft).map_err(|e| e.to_string())?;
        drop(copy);
        File::open(&draft).and_then(|f| f.sync_all()).map_err(words)?;
        fs::rename(&draft, folder.join(format!("schema-{schema}.db"))).map_err(words)?;
        let parent = folder.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|f| f.sync_all()).map_err(words)?;
        File::open(parent).and_then(|f| f.sync_all()).map_err(words)
    });
    if kept.is_err() {
        // It would take the room that is missing.
        _ = fs::remove_file(&draft);
    }
    kept
}

/// Keeps the copies of the newest schemas only: an old one holds people that were deleted long ago.
fn forget_older_copies(folder: &Path) -> io::Result<()> {
    let mut copies: Vec<(i64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let schema = name.strip_prefix("schema-").and_then(|n| n.strip_suffix(".db")).and_then(|n| n.parse().ok());
        copies.extend(schema.map(|schema| (schema, path)));
    }
    copies.sort();
    copies.iter().rev().skip(COPIES_KEPT).try_for_each(|(_, path)| fs::remove_file(path))
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

    /// A database that is too large to be read whole at each start: damage in what the house is made of is found all the
    /// same, and a large history costs nothing.
    #[test]
    fn a_large_database_is_checked_where_it_matters() {
        let folder = std::env::temp_dir().join(format!("latchkey-check-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir(&folder).unwrap();
        let path = folder.join("latchkey.db");
        let mut database = Connection::open(&path).unwrap();
        apply(&mut database).unwrap();
        let sql = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
                   INSERT INTO events (at, kind, details) SELECT i, 'login', printf('%.*c', 14000, 'x') FROM n";
        database.execute(sql, []).unwrap();
        let sql = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                   INSERT INTO meta (key, value) SELECT 'key ' || i, printf('%.*c', 300, 'y') FROM n";
        database.execute(sql, []).unwrap();
        assert!(fs::metadata(&path).unwrap().len() > CHECKED_WHOLE as u64);
        assert!(check(&database, &path).is_ok());
        let page_of = |table: &str| -> u64 {
            let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
            database.query_row(sql, [table], |r| r.get::<_, i64>(0)).unwrap() as u64
        };
        let (meta, events) = (page_of("meta"), page_of("events"));
        drop(database);
        let good = fs::read(&path).unwrap();
        for (page, is_found) in [(meta, true), (events, false)] {
            let mut bytes = good.clone();
            let at = (page as usize - 1) * 4096;
            bytes[at..at + 4096].fill(0xa5);
            fs::write(&path, bytes).unwrap();
            let verdict = check(&Connection::open(&path).unwrap(), &path);
            assert_eq!(matches!(verdict, Err(OpenError::Damaged { .. })), is_found, "{page}: {verdict:?}");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
