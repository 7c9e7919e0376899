//! `latchkey key`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Outcome, output};
use crate::app::App;
use crate::clock::rfc3339;
use crate::crypto::keys::Alg;
use crate::keyring;
use crate::recorder::local_event;
use crate::store::Tx;
use crate::store::keys::{self, KeyRow, KeyState};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all signing keys
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a key of an algorithm; when there is none of it yet, the key signs at once
    Add {
        /// RS256, ES256 or EdDSA
        #[arg(long)]
        alg: String,
    },
    /// Make new keys: published now, signing in 24 hours, so that no client fails to verify
    Rotate {
        /// Only the key of this algorithm
        #[arg(long)]
        alg: Option<String>,
        /// Sign with the new keys at once. Clients that cache may refuse sign-ins for a while
        #[arg(long)]
        now: bool,
        /// The same, for keys that somebody else may have: the old ones are revoked, so that nobody believes them
        #[arg(long)]
        stolen: bool,
    },
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List { json } => list(app, json),
        Command::Add { alg } => add(app, parse(&alg)?),
        Command::Rotate { alg, now, stolen } => {
            let start = match (now, stolen) {
                (_, true) => Start::AtOnceAlone,
                (true, false) => Start::AtOnce,
                (false, false) => Start::Published,
            };
            rotate(app, alg.as_deref().map(parse).transpose()?, start)
        }
    }
}

/// When new keys sign, and what becomes of those before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Published first; the old ones sign until then, and are retired.
    Published,
    /// The old ones are retired.
    AtOnce,
    /// The old ones are revoked.
    AtOnceAlone,
}

fn parse(alg: &str) -> Result<Alg, CliError> {
    alg.parse().map_err(CliError::usage)
}

fn list(app: &App, json: bool) -> Outcome {
    let all = app.store.read(keys::list)?;
    if json {
        let rows: Vec<_> = all
            .iter()
            .map(|k| {
                json!({
                    "kid": k.kid, "alg": k.alg, "state": k.state.as_str(), "created_at": rfc3339(k.created_at),
                    "activates_at": k.activates_at.map(rfc3339), "expires_at": k.expires_at.map(rfc3339),
                })
            })
            .collect();
        return output::json(&rows);
    }
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|k| {
            let until = match (k.state, k.activates_at, k.expires_at) {
                (KeyState::Next, Some(at), _) => format!("signs from {}", rfc3339(at)),
                (KeyState::Retired, _, Some(at)) => format!("published until {}", rfc3339(at)),
                _ => String::new(),
            };
            vec![k.kid.clone(), k.alg.clone(), k.state.as_str().into(), rfc3339(k.created_at), until]
        })
        .collect();
    output::table(&["KID", "ALG", "STATE", "CREATED", ""], &rows)
}

fn has_active(rows: &[KeyRow], alg: Alg) -> bool {
    rows.iter().any(|k| k.alg == alg.as_str() && k.state == KeyState::Active)
}

fn add(app: &App, alg: Alg) -> Outcome {
    if has_active(&app.store.read(keys::list)?, alg) {
        return Err(CliError::refused(format!(
            "there is an active {alg} key; to replace it: latchkey key rotate --alg {alg}"
        )));
    }
    make(app, &[alg], Start::AtOnce)
}

fn rotate(app: &App, alg: Option<Alg>, start: Start) -> Outcome {
    let rows = app.store.read(keys::list)?;
    let algs: Vec<Alg> = match alg {
        Some(alg) => vec![alg],
        None => Alg::ALL.into_iter().filter(|a| has_active(&rows, *a)).collect(),
    };
    if let Some(missing) = algs.iter().find(|a| !has_active(&rows, **a)) {
        return Err(CliError::refused(format!(
            "there is no active {missing} key; to make one: latchkey key add --alg {missing}"
        )));
    }
    let waiting = rows.iter().find(|k| k.state == KeyState::Next && algs.iter().any(|a| a.as_str() == k.alg));
    if let (Some(next), Start::Published) = (waiting, start) {
        let at = next.activates_at.map(rfc3339).unwrap_or_default();
        return Err(CliError::refused(format!(
            "a rotation is under way: the key {} signs from {at}. To make keys that sign at once: latchkey key rotate --now",
            next.kid
        )));
    }
    make(app, &algs, start)
}

fn make(app: &App, algs: &[Alg], start: Start) -> Outcome {
    let now = app.clock.now();
    let at_once = start != Start::Published;
    let activates_at = if at_once { now } else { now + keyring::PUBLISH_BEFORE };
    let sealer = app.sealer_if_there()?.clone();
    let made = keyring::make(algs, "Latchkey", now)?;
    let words: Vec<String> = made.iter().map(|k| format!("{} {}", k.alg, k.kid)).collect();
    let algs = algs.to_vec();
    app.store.write(move |tx| {
        if start == Start::AtOnceAlone {
            revoke(tx, &algs, now)?;
        }
        for key in &made {
            keyring::insert(tx, &sealer, key, KeyState::Next, now, Some(activates_at))?;
            local_event("key_created", now).detail("kid", &key.kid).detail("alg", key.alg.as_str()).store(tx)?;
        }
        keyring::settle(tx, now)?;
        Ok::<_, CliError>(())
    })?;
    for line in words {
        output::line(&match at_once {
            true => format!("Made {line}; it signs from now on."),
            false => format!("Made {line}; it is published now and signs from {}.", rfc3339(activates_at)),
        })?;
    }
    Ok(())
}

/// Takes every key of these algorithms out of use, the ones still to come and those long retired too: whoever got at
/// one got at all.
fn revoke(tx: &Tx, algs: &[Alg], now: i64) -> Result<(), CliError> {
    for key in keys::list(tx)? {
        if key.state != KeyState::Revoked && algs.iter().any(|alg| alg.as_str() == key.alg) {
            keys::set_state(tx, &key.kid, KeyState::Revoked, None)?;
            local_event("key_revoked", now).detail("kid", &key.kid).detail("alg", &key.alg).store(tx)?;
        }
    }
    Ok(())
}
