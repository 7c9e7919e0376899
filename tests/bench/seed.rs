//! Fills a database that the real binary made: by SQL, because a million events through the front door take an hour.
//!
//! `cargo bench -- seed /path/to/data --users 100000 --tokens 1000000 --events 5000000` fills an existing data folder for a
//! load test, while no server runs on it. It may be done again for more.

mod rows;

use std::path::{Path, PathBuf};
use std::time::Instant;

use rusqlite::Connection;

use crate::table::megabytes;

/// How much is added.
#[derive(Debug, Clone)]
pub struct Amounts {
    pub users: i64,
    pub groups: i64,
    pub applications: i64,
    /// Access and refresh tokens together; one of each for every grant.
    pub tokens: i64,
    pub events: i64,
    /// Refusals beside the events, as many as are kept at most.
    pub refusals: i64,
    /// Whose every tenth event is. Nobody's in particular when absent.
    pub busiest: Option<String>,
    /// Whose password the new users have. None when absent.
    pub password_like: Option<String>,
}

impl Default for Amounts {
    fn default() -> Self {
        Self {
            users: 1_000,
            groups: 100,
            applications: 50,
            tokens: 10_000,
            events: 100_000,
            refusals: 10_000,
            busiest: None,
            password_like: None,
        }
    }
}

const USAGE: &str = "\
usage: cargo bench -- seed DATA_DIR [options]
  Adds made-up users, groups, applications, tokens and events to a data folder that latchkey made. Stop its server first.
  Never on a folder that anybody needs: it cannot be undone. An absolute path is best; others begin at the sources.

  --users N          users [1000]
  --groups N         groups; everybody is in three of them [100]
  --applications N   applications, each with a public provider [50]
  --tokens N         access and refresh tokens, one of each for a grant [10000]
  --events N         events of the last 89 days [100000]. The server keeps a million, and removes more little by little.
  --password-like X  give the new users the password of the user X [they have none]";

/// The command: arguments after `seed`. The error is for who typed them.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let (folder, amounts) = parse(arguments).map_err(|why| format!("{why}\n\n{USAGE}"))?;
    let begun = Instant::now();
    fill(&folder, &amounts)?;
    let file = database_of(&folder);
    let bytes = std::fs::metadata(&file).map_or(0, |about| about.len());
    let took = begun.elapsed().as_secs_f64();
    crate::say(&format!("{amounts:?}"));
    crate::say(&format!("{} is {} MB now; it took {took:.1} s", file.display(), megabytes(bytes / 1024)));
    Ok(())
}

fn parse(arguments: &[String]) -> Result<(PathBuf, Amounts), String> {
    let (mut folder, mut amounts) = (None, Amounts::default());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
        let mut number = || {
            let text = value()?.replace('_', "");
            text.parse::<u32>().map(i64::from).map_err(|_| format!("{argument}: {text:?} is no number"))
        };
        match argument.as_str() {
            "--users" => amounts.users = number()?,
            "--groups" => amounts.groups = number()?,
            "--applications" => amounts.applications = number()?,
            "--tokens" => amounts.tokens = number()?,
            "--events" => amounts.events = number()?,
            "--password-like" => amounts.password_like = Some(value()?.clone()),
            // cargo adds this one.
            "--bench" => {}
            path if !path.starts_with('-') && folder.is_none() => folder = Some(PathBuf::from(path)),
            other => return Err(format!("{other:?} is not understood")),
        }
    }
    amounts.refusals = (amounts.events / 10).min(amounts.refusals);
    Ok((folder.ok_or("which data folder?")?, amounts))
}

fn database_of(folder: &Path) -> PathBuf {
    folder.join("latchkey.db")
}

/// Everything at once, in one transaction.
pub fn fill(folder: &Path, amounts: &Amounts) -> Result<(), String> {
    let file = database_of(folder);
    if !file.exists() {
        return Err(format!("{} is not there: let `latchkey serve` or `latchkey user create` make it", file.display()));
    }
    let failed = |error: rusqlite::Error| format!("{}: {error} (does a server run on it?)", file.display());
    let database = Connection::open(&file).map_err(failed)?;
    // Without the write-ahead log, or everything would be written twice. It also needs the database to itself.
    let fast = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;
                PRAGMA foreign_keys = ON; BEGIN EXCLUSIVE";
    database.execute_batch(fast).map_err(failed)?;
    rows::insert(&database, amounts).map_err(failed)?;
    database.execute_batch("COMMIT; PRAGMA journal_mode = WAL").map_err(failed)
}
