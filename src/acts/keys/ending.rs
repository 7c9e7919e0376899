//! How a key ends: retired, or revoked as stolen. An algorithm that a provider needs is never left without a key, and
//! RS256, which every provider may need, never at all: the one that waits takes over, or one is made in the same act.

use rusqlite::Connection;

use super::{Act, ActError, Admin, Made, Signs, busy, kind_of, told, waiting};
use crate::app::App;
use crate::crypto::keys::{Alg, Kind, NewKey};
use crate::crypto::seal::Sealer;
use crate::error::Internal;
use crate::keyring::{self, Begin};
use crate::store::Tx;
use crate::store::keys::{self, KeyRow, KeyState};
use crate::words::Words;

/// How a key ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It signs no more, and what it signed is believed until it expires.
    Retire,
    /// Nothing that it signed is believed any more.
    Revoke,
}

/// What signs for the algorithm once a key has ended.
#[derive(Debug, Clone)]
pub enum Follows {
    /// What signs now: the key that ends is not the one, or nobody needs its algorithm.
    Nothing,
    /// The next key, at once.
    Next(Box<KeyRow>),
    /// A key that is made for it.
    New(Kind),
}

/// A key that has ended.
#[derive(Debug, Clone)]
pub struct Ended {
    pub key: KeyRow,
    pub successor: Option<Made>,
}

/// Retires or revokes a key.
pub fn end(app: &App, by: &Admin, kid: &str, how: Ending) -> Act<Ended> {
    let now = app.clock.now();
    let new = match app.store.read(|c| plan(c, kid, how))?.1 {
        Follows::New(kind) => {
            let Some(_making) = app.keyring.making() else { return Err(busy()) };
            let sealer = app.sealer_if_there()?.clone();
            keyring::make(&[kind], now)?.pop().map(|key| (key, sealer))
        }
        Follows::Nothing | Follows::Next(_) => None,
    };
    let ended = by.event(if how == Ending::Retire { "key_retired" } else { "key_revoked" }, now);
    let created = by.event("key_created", now);
    let kid = kid.to_owned();
    app.store.write(move |tx| {
        let (key, follows) = plan(tx, &kid, how)?;
        match how {
            Ending::Retire => keyring::retire(tx, &kid, now)?,
            Ending::Revoke => keys::set_state(tx, &kid, KeyState::Revoked, None)?,
        }
        told(ended, &key.kid, &key.alg, &key.name).store(tx)?;
        let successor = match follows {
            Follows::Nothing => None,
            Follows::Next(next) => {
                keys::set_activation(tx, &next.kid, now)?;
                let alg = next.alg.parse().map_err(Internal::fault)?;
                Some(Made { kid: next.kid, alg, name: next.name, signs: Signs::Now })
            }
            Follows::New(_) => {
                let made = insert(tx, new, now)?;
                told(created, &made.kid, made.alg.as_str(), &made.name).store(tx)?;
                Some(made)
            }
        };
        keyring::settle(tx, now)?;
        Ok(Ended { key, successor })
    })
}

/// Stores the successor that was made before. Somebody may have taken the key away meanwhile that was to follow.
fn insert(tx: &Tx, new: Option<(NewKey, Sealer)>, now: i64) -> Act<Made> {
    let (key, sealer) = new.ok_or_else(|| ActError::no(Words::new("key-changed-meanwhile")))?;
    let name = keyring::default_name(key.alg, now);
    keyring::insert(tx, &sealer, &key, &name, Begin::Next(now), now)?;
    Ok(Made { kid: key.kid, alg: key.alg, name, signs: Signs::Now })
}

/// The key, and what follows it.
fn plan(connection: &Connection, kid: &str, how: Ending) -> Act<(KeyRow, Follows)> {
    let key = keys::by_kid(connection, kid)?.ok_or(ActError::NotFound)?;
    match (key.state, how) {
        (KeyState::Revoked, _) => return Err(ActError::no(Words::new("key-revoked-already").with("name", &key.name))),
        (KeyState::Retired, Ending::Retire) => {
            return Err(ActError::no(Words::new("key-retired-already").with("name", &key.name)));
        }
        _ => {}
    }
    let follows = what_follows(connection, &key)?;
    Ok((key, follows))
}

/// What signs for a key's algorithm once it has ended.
pub fn what_follows(connection: &Connection, key: &KeyRow) -> Result<Follows, Internal> {
    let mut rows = keys::list(connection)?;
    rows.retain(|k| k.kid != key.kid);
    let is_needed = key.alg == Alg::Rs256.as_str() || keys::is_alg_used(connection, &key.alg)?;
    if !is_needed || rows.iter().any(|k| k.is_regular(&key.alg, KeyState::Active)) {
        return Ok(Follows::Nothing);
    }
    let alg = key.alg.parse().map_err(Internal::fault)?;
    Ok(match waiting(&rows, alg) {
        Some(next) => Follows::Next(Box::new(next.clone())),
        None => Follows::New(kind_of(key)?),
    })
}
