//! `latchkey check`: whether an installation is whole. Reads, and changes nothing.

use clap::Args;
use rusqlite::Connection;
use serde::Serialize;

use super::passkeys::{NAMED, stranded};
use super::{CliError, Outcome, clock as clock_words, output};
use crate::app::{self, StartError};
use crate::backup::lookout::{Lookout, Question, Seen};
use crate::backup::seals;
use crate::clock::{Clock, rfc3339};
use crate::config::Config;
use crate::crypto::passkeys::Passkeys;
use crate::domain::backup::Sight;
use crate::domain::base_url::BaseUrl;
use crate::domain::clock::Standing;
use crate::domain::passkey_place::RpId;
use crate::error::Internal;
use crate::store::{clock as marks, disk, meta, passkeys as stored_passkeys, snapshot};

#[derive(Debug, Args)]
pub struct Options {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What became of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Problem,
    /// It could not be looked at from here.
    Unknown,
}

/// One check.
#[derive(Debug, Serialize)]
struct Line {
    check: &'static str,
    state: State,
    words: String,
}

/// Looks at everything, and refuses when something is wrong.
pub fn run(config: &Config, options: &Options) -> Outcome {
    let lines = lines(config)?;
    if options.json {
        output::json(&lines)?;
    } else {
        let word = |state| match state {
            State::Ok => "ok",
            State::Problem => "PROBLEM",
            State::Unknown => "unknown",
        };
        let cells = |l: &Line| vec![l.check.to_owned(), word(l.state).to_owned(), l.words.clone()];
        output::table(&["CHECK", "STATE", ""], &lines.iter().map(cells).collect::<Vec<_>>())?;
    }
    match lines.iter().filter(|l| l.state == State::Problem).count() {
        0 => Ok(()),
        1 => Err(CliError::refused("one check found a problem")),
        n => Err(CliError::refused(format!("{n} checks found problems"))),
    }
}

fn lines(config: &Config) -> Result<Vec<Line>, CliError> {
    let line = |check, state, words: String| Line { check, state, words };
    let folder = config.data_dir.display();
    // Modes are looked at on the way in; a schema that is too new, or a database that is none, ends there too.
    let connection = match snapshot::open_as_it_is(&config.data_dir) {
        Ok(connection) => connection,
        Err(error) => return Ok(vec![line("files", State::Problem, error.to_string())]),
    };
    let mut lines = vec![line("files", State::Ok, format!("{folder} is its owner's alone"))];
    lines.push(judged("integrity", snapshot::damage(&connection), "every page of the database is sound", |found| {
        format!("{}. The last backup: latchkey restore FILE --force", found.join("; "))
    }));
    lines.push(judged(
        "references",
        snapshot::dangling(&connection),
        "every row refers to one that is there",
        |found| format!("rows that refer to nothing in: {}", found.join(", ")),
    ));
    lines.push(seals(config, &connection)?);
    lines.push(passkeys(config, &connection)?);
    let clock = Clock::begin(marks::read(&connection)?).view();
    let state = if clock.standing == Standing::InStep { State::Ok } else { State::Problem };
    lines.push(line("clock", state, clock_words::in_words(&clock)));
    lines.push(match disk::of(&config.data_dir) {
        None => line("disk", State::Unknown, "the system does not tell".into()),
        Some(disk) => {
            let state = if disk.is_nearly_full() { State::Problem } else { State::Ok };
            line("disk", state, format!("{} MB free of {} MB", disk.free / 1_000_000, disk.whole / 1_000_000))
        }
    });
    lines.push(backup(Lookout::default().look(Question::of(config, &connection)?)));
    Ok(lines)
}

/// Whether there was a backup, and it is where it was made.
fn backup(seen: Seen) -> Line {
    let said = seen.last.map(|last| format!("proven restorable {}: {}", rfc3339(last.at), last.place));
    let state = match said {
        _ if !seen.troubles.is_empty() => State::Problem,
        Some(_) if seen.sight == Sight::Whole => State::Ok,
        _ => State::Unknown,
    };
    let mut words = vec![said.unwrap_or_else(|| "none was made yet: latchkey backup FILE".into())];
    words.extend((state == State::Unknown && seen.sight == Sight::Gone).then(|| "it is not there any more".into()));
    words.extend(seen.troubles.iter().map(ToString::to_string));
    Line { check: "backup", state, words: words.join("; ") }
}

/// Whether every passkey works at the base URL that the settings say, or else the server said last.
fn passkeys(config: &Config, connection: &Connection) -> Result<Line, CliError> {
    let line = |state, words| Ok(Line { check: "passkeys", state, words });
    if !stored_passkeys::are_known(connection)? {
        return line(State::Ok, "this database is older than passkeys".into());
    }
    let stored = meta::get(connection, meta::BASE_URL)?.and_then(|url| BaseUrl::parse(&url).ok());
    let Some(base) = config.url.clone().or(stored) else {
        return line(State::Unknown, "the base URL is not known yet".into());
    };
    let told = meta::get(connection, meta::PASSKEY_RP_ID)?.filter(|_| config.url.is_none());
    let named = config.passkey_rp_id.clone().or(told.and_then(|id| RpId::parse(&id).ok()));
    let at = Passkeys::new(&base, named.as_ref(), &config.related_origins);
    let elsewhere = stored_passkeys::elsewhere(connection, at.as_ref().map(Passkeys::rp_id), NAMED)?;
    match stranded(&elsewhere, &base) {
        Some(words) => line(State::Problem, words),
        None => line(State::Ok, format!("every passkey works at {}", base.as_str())),
    }
}

/// A check that lists what is wrong.
fn judged(
    check: &'static str,
    found: Result<Vec<String>, Internal>,
    fine: &str,
    wrong: impl Fn(&[String]) -> String,
) -> Line {
    match found {
        Ok(found) if found.is_empty() => Line { check, state: State::Ok, words: fine.to_owned() },
        Ok(found) => Line { check, state: State::Problem, words: wrong(&found) },
        Err(error) => Line { check, state: State::Problem, words: error.to_string() },
    }
}

/// Whether the master key is there, and opens every secret.
fn seals(config: &Config, connection: &Connection) -> Result<Line, CliError> {
    let line = |state, words| Line { check: "seals", state, words };
    let known = meta::get(connection, meta::MASTER_KEY_CHECK)?.unwrap_or_default();
    Ok(match app::master_key(config, &known) {
        Ok(key) => match seals::check(connection, &key.sealer()) {
            Ok(count) => line(State::Ok, format!("the master key opens all {count} secrets")),
            Err(error) => line(State::Problem, error.to_string()),
        },
        // Under systemd only the service itself may be given it.
        Err(error @ StartError::NoMasterKey(_)) => line(State::Unknown, error.to_string()),
        Err(error) => line(State::Problem, error.to_string()),
    })
}
