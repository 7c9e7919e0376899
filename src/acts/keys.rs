//! Signing keys: generate, import, rotate, rename; how one ends stands in [`ending`]. Keys are made before the
//! transaction that stores them, so that nobody else's waits; what was decided before is decided again inside it.

mod ending;

use rusqlite::Connection;

use super::{Act, ActError, Admin};
use crate::app::App;
use crate::clock::rfc3339;
use crate::crypto::keys::{Alg, Kind, NewKey, from_pem, rsa_bits};
use crate::domain::UnixSeconds;
use crate::domain::names::DisplayName;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::keyring::{self, Begin, PUBLISH_BEFORE};
use crate::store::Tx;
use crate::store::events::Event;
use crate::store::keys::{self, KeyRow, KeyState};
use crate::words::Words;

pub use ending::{Ended, Ending, Follows, end, what_follows};

/// When a new key begins to sign, where there is one of its algorithm already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Published first, so that every client has fetched it when it takes over.
    Published,
    /// It takes over at once. Clients that keep the published keys may refuse tokens for a while.
    AtOnce,
    /// It signs for the providers that name it, and takes over from none.
    Additional,
}

impl Start {
    pub const ALL: [Self; 3] = [Self::Published, Self::AtOnce, Self::Additional];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::AtOnce => "now",
            Self::Additional => "additional",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|start| start.as_str() == text)
    }
}

/// When the new keys of a rotation sign, and what becomes of those before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// Published first; the old ones sign until then, and are retired.
    Published,
    /// The old ones are retired.
    AtOnce,
    /// The old ones are revoked, and so are all others of their algorithms: whoever got at one got at all.
    Stolen,
}

impl Rotation {
    pub const ALL: [Self; 3] = [Self::Published, Self::AtOnce, Self::Stolen];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::AtOnce => "now",
            Self::Stolen => "stolen",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rotation| rotation.as_str() == text)
    }
}

/// From when a new key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    Now,
    From(UnixSeconds),
    WhenNamed,
}

/// A key that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub kid: String,
    pub alg: Alg,
    pub name: String,
    pub signs: Signs,
}

/// What can be said of a key that is to be generated, as it was typed.
#[derive(Debug, Clone, Copy)]
pub struct NewDraft<'a> {
    /// Empty: the algorithm and the day.
    pub name: &'a str,
    pub kind: &'a str,
    pub start: &'a str,
}

/// A key from elsewhere, as it was pasted.
#[derive(Clone, Copy)]
pub struct PemDraft<'a> {
    pub name: &'a str,
    pub pem: &'a str,
    pub start: &'a str,
}

/// Generates a key.
pub fn generate(app: &App, by: &Admin, draft: &NewDraft) -> Act<Made> {
    let mut problems = Problems::default();
    let kinds = Kind::ALL.map(Kind::as_str).join(", ");
    let kind = problems.take("kind", Kind::parse(draft.kind).ok_or_else(|| bad_choice(draft.kind, &kinds)));
    let name = name_or_none(draft.name, &mut problems);
    let start = start_of(draft.start, &mut problems);
    problems.none()?;
    let kind = kind.unwrap_or(Kind::Rsa2048);
    let Some(_making) = app.keyring.making() else { return Err(busy()) };
    let now = app.clock.now();
    // Asked before the work, which may take long, too.
    begin(&app.store.read(keys::list)?, kind.alg(), start, now)?;
    let key = keyring::make(&[kind], now)?.into_iter().next().ok_or_else(|| Internal::fault("no key was made"))?;
    store(app, by, "key_created", key, name, start)
}

/// Takes a key from elsewhere over.
pub fn import(app: &App, by: &Admin, draft: &PemDraft) -> Act<Made> {
    let mut problems = Problems::default();
    let name = name_or_none(draft.name, &mut problems);
    let start = start_of(draft.start, &mut problems);
    let key = problems.take("pem", from_pem(draft.pem, keyring::COMMON_NAME, app.clock.now()));
    problems.none()?;
    let key = key.ok_or_else(|| Internal::fault("no key was read"))?;
    store(app, by, "key_imported", key, name, start)
}

/// Gives a key another name.
pub fn rename(app: &App, by: &Admin, kid: &str, name: &str) -> Act<String> {
    let name = DisplayName::parse(name).map_err(|bad| Problems::one("name", bad))?.into_string();
    let event = by.event("key_renamed", app.clock.now()).detail("kid", kid).detail("name", &name);
    let kid = kid.to_owned();
    app.store.write(move |tx| {
        if !keys::rename(tx, &kid, &name)? {
            return Err(ActError::NotFound);
        }
        event.store(tx)?;
        Ok(name)
    })
}

/// Makes a successor for the key that signs for an algorithm, or for those of all.
pub fn rotate(app: &App, by: &Admin, alg: Option<Alg>, how: Rotation) -> Act<Vec<Made>> {
    let Some(_making) = app.keyring.making() else { return Err(busy()) };
    let sealer = app.sealer_if_there()?.clone();
    let kinds = app.store.read(|c| successors(&keys::list(c)?, alg, how))?;
    let now = app.clock.now();
    let new = keyring::make(&kinds, now)?;
    let (created, revoked) = (by.event("key_created", now), by.event("key_revoked", now));
    app.store.write(move |tx| {
        let still = successors(&keys::list(tx)?, alg, how)?;
        if still != kinds {
            return Err(ActError::no(Words::new("key-changed-meanwhile")));
        }
        let begin = Begin::Next(if how == Rotation::Published { now + PUBLISH_BEFORE } else { now });
        let mut made = Vec::new();
        for key in new {
            if how == Rotation::Stolen {
                revoke_all(tx, key.alg, &revoked)?;
            }
            let name = keyring::default_name(key.alg, now);
            keyring::insert(tx, &sealer, &key, &name, begin, now)?;
            told(created.clone(), &key.kid, key.alg.as_str(), &name).store(tx)?;
            made.push(Made { kid: key.kid, alg: key.alg, name, signs: signs(begin, now) });
        }
        keyring::settle(tx, now)?;
        Ok(made)
    })
}

/// The kinds of the keys that a rotation makes.
fn successors(rows: &[KeyRow], alg: Option<Alg>, how: Rotation) -> Act<Vec<Kind>> {
    let mut kinds = Vec::new();
    for each in alg.map_or(Alg::ALL.to_vec(), |alg| vec![alg]) {
        match rows.iter().find(|k| k.is_regular(each.as_str(), KeyState::Active)) {
            Some(key) => kinds.push(kind_of(key)?),
            None if alg.is_some() => {
                return Err(ActError::refused("alg", Words::new("key-none-to-rotate").with("alg", each.as_str())));
            }
            None => {}
        }
    }
    if how == Rotation::Published {
        let waits = |kind: &Kind| waiting(rows, kind.alg());
        if let Some(next) = kinds.iter().find_map(waits) {
            return Err(ActError::refused("how", under_way(next)));
        }
    }
    Ok(kinds)
}

/// Takes every key of an algorithm out of use, the ones still to come and those long retired too.
fn revoke_all(tx: &Tx, alg: Alg, event: &Event) -> Result<(), Internal> {
    for key in keys::list(tx)? {
        if key.state != KeyState::Revoked && key.alg == alg.as_str() {
            keys::set_state(tx, &key.kid, KeyState::Revoked, None)?;
            told(event.clone(), &key.kid, &key.alg, &key.name).store(tx)?;
        }
    }
    Ok(())
}

/// Stores one new key.
fn store(app: &App, by: &Admin, event: &'static str, key: NewKey, name: Option<String>, start: Start) -> Act<Made> {
    let sealer = app.sealer_if_there()?.clone();
    let now = app.clock.now();
    let name = name.unwrap_or_else(|| keyring::default_name(key.alg, now));
    let event = told(by.event(event, now), &key.kid, key.alg.as_str(), &name);
    app.store.write(move |tx| {
        if let Some(there) = keys::by_kid(tx, &key.kid)? {
            return Err(ActError::refused("pem", is_there(&there)));
        }
        let begin = begin(&keys::list(tx)?, key.alg, start, now)?;
        keyring::insert(tx, &sealer, &key, &name, begin, now)?;
        keyring::settle(tx, now)?;
        event.store(tx)?;
        Ok(Made { kid: key.kid, alg: key.alg, name, signs: signs(begin, now) })
    })
}

/// How a new key begins. The first of an algorithm signs at once, whatever was wished: there is nothing to wait for.
fn begin(rows: &[KeyRow], alg: Alg, start: Start, now: UnixSeconds) -> Act<Begin> {
    if !rows.iter().any(|k| k.is_regular(alg.as_str(), KeyState::Active)) {
        return Ok(Begin::Next(now));
    }
    match (start, waiting(rows, alg)) {
        (Start::Published, Some(next)) => Err(ActError::refused("start", under_way(next))),
        (Start::Published, None) => Ok(Begin::Next(now + PUBLISH_BEFORE)),
        (Start::AtOnce, _) => Ok(Begin::Next(now)),
        (Start::Additional, _) => Ok(Begin::Additional),
    }
}

/// The key that is to take over for an algorithm.
fn waiting(rows: &[KeyRow], alg: Alg) -> Option<&KeyRow> {
    rows.iter().find(|k| k.is_regular(alg.as_str(), KeyState::Next))
}

fn signs(begin: Begin, now: UnixSeconds) -> Signs {
    match begin {
        Begin::Next(at) if at > now => Signs::From(at),
        Begin::Active | Begin::Next(_) => Signs::Now,
        Begin::Additional => Signs::WhenNamed,
    }
}

/// The kind with which a key is followed.
pub fn kind_of(key: &KeyRow) -> Result<Kind, Internal> {
    let alg: Alg = key.alg.parse().map_err(Internal::fault)?;
    let jwk = serde_json::from_str(&key.public_jwk).map_err(Internal::fault)?;
    Ok(Kind::of(alg, rsa_bits(&jwk).unwrap_or_default()))
}

/// The active key of an algorithm.
pub fn active(connection: &Connection, alg: Alg) -> Result<Option<KeyRow>, Internal> {
    Ok(keys::list(connection)?.into_iter().find(|k| k.is_regular(alg.as_str(), KeyState::Active)))
}

fn told(event: Event, kid: &str, alg: &str, name: &str) -> Event {
    event.detail("kid", kid).detail("alg", alg).detail("name", name)
}

fn name_or_none(text: &str, problems: &mut Problems) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    problems.take("name", DisplayName::parse(text)).map(DisplayName::into_string)
}

fn start_of(text: &str, problems: &mut Problems) -> Start {
    let choices = Start::ALL.map(Start::as_str).join(", ");
    problems.take("start", Start::parse(text).ok_or_else(|| bad_choice(text, &choices))).unwrap_or(Start::Published)
}

/// What to say of a word that is none of those offered.
pub fn bad_choice(given: &str, choices: &str) -> Words {
    Words::new("bad-choice").with("given", given).with("choices", choices)
}

fn busy() -> ActError {
    ActError::no(Words::new("key-busy"))
}

fn under_way(next: &KeyRow) -> Words {
    let at = next.activates_at.map(rfc3339).unwrap_or_default();
    Words::new("key-under-way").with("name", &next.name).with("kid", &next.kid).with("at", at)
}

fn is_there(key: &KeyRow) -> Words {
    let key_word = match key.state {
        KeyState::Revoked => "key-is-there-revoked",
        KeyState::Next | KeyState::Active | KeyState::Retired => "key-is-there",
    };
    Words::new(key_word).with("name", &key.name).with("kid", &key.kid)
}
