//! Passkeys: what users add, name and take away, and what administrators take away for them.

use super::factors::{Codes, Raised, first_codes, new_codes, replace_session, trust_anew};
use super::users::end_everything;
use super::{Act, ActError, Admin};
use crate::app::App;
use crate::domain::names::DisplayName;
use crate::store::events::Event;
use crate::store::passkeys::{self, NewPasskey};
use crate::store::users::{self, User};
use crate::store::{Tx, factors, known_devices};
use crate::words::Words;

/// Passkeys of one user at most.
pub const MOST: usize = 20;

/// The name of a passkey, as somebody typed it.
pub fn name(typed: &str) -> Act<String> {
    DisplayName::parse(typed).map(DisplayName::into_string).map_err(|why| ActError::refused("name", why))
}

/// Adds a passkey. With the first factor come recovery codes. Sessions that began with a password alone are good no more,
/// but for this one, which is raised.
pub fn add(app: &App, user: &User, new: NewPasskey, raised: Raised, event: Event) -> Act<Option<Codes>> {
    let (id, now) = (user.id, app.clock.now());
    let (codes, hashes) = new_codes();
    let (present, username) = (raised.present.clone(), user.username.clone());
    let (fresh, browser) = (raised.fresh, raised.browser);
    let is_first = app.store.write(move |tx| {
        let before = factors::of_user(tx, id)?;
        if usize::try_from(before.passkeys).is_ok_and(|have| have >= MOST) {
            return Err(ActError::no(Words::new("passkeys-too-many").with("n", MOST as i64)));
        }
        if !passkeys::insert(tx, id, &new, now)? {
            return Err(ActError::no(Words::new("passkey-there-already")));
        }
        replace_session(tx, &present, &fresh)?;
        trust_anew(tx, id, before, browser.as_ref())?;
        event.clone().user(&username).detail("passkey", &new.name).store(tx)?;
        first_codes(tx, id, before, &hashes, (event.user(&username), now))
    })?;
    Ok(is_first.then_some(codes))
}

/// Gives one of the own passkeys another name.
pub fn rename(app: &App, user: &User, id: i64, to: &str, event: Event) -> Act<()> {
    let (owner, username, to) = (user.id, user.username.clone(), name(to)?);
    app.store.write(move |tx| {
        let before = passkeys::rename(tx, owner, id, &to)?.ok_or(ActError::NotFound)?;
        if before != to {
            event.user(&username).detail("passkey", &to).detail("before", &before).store(tx)?;
        }
        Ok(())
    })
}

/// Takes one of the own passkeys away, but not the last that works here of somebody who has no password: there would be no
/// way in.
/// Recovery codes go with the last factor that they stand in for.
pub fn remove(app: &App, user: &User, id: i64, event: Event) -> Act<String> {
    let (owner, rp_id) = (user.id, app.passkeys.as_ref().map(|at| at.rp_id().to_owned()));
    app.store.write(move |tx| {
        let user = users::by_id(tx, owner)?.ok_or(ActError::NotFound)?;
        let working = |tx: &Tx| match &rp_id {
            Some(rp_id) => passkeys::ids_of_user(tx, owner, rp_id).map(|ids| ids.len()),
            None => Ok(0),
        };
        let before = working(tx)?;
        let name = passkeys::delete(tx, owner, id)?.ok_or(ActError::NotFound)?;
        if user.password_hash.is_none() && before > 0 && working(tx)? == 0 {
            return Err(ActError::no(Words::new("passkey-last-way-in")));
        }
        factors::drop_idle_recovery_codes(tx, owner)?;
        known_devices::forget_remembered(tx, owner, None)?;
        event.user(&user.username).detail("passkey", &name).store(tx)?;
        Ok(name)
    })
}

/// Takes a passkey of a user away, and ends all sessions and tokens: a lost device may hold one.
pub fn remove_of(app: &App, by: &Admin, owner: i64, id: i64) -> Act<String> {
    let event = by.event("passkey_removed", app.clock.now());
    app.store.write(move |tx| {
        let user = users::by_id(tx, owner)?.ok_or(ActError::NotFound)?;
        let name = passkeys::delete(tx, owner, id)?.ok_or(ActError::NotFound)?;
        factors::drop_idle_recovery_codes(tx, owner)?;
        end_everything(tx, owner)?;
        event.user(&user.username).detail("passkey", &name).store(tx)?;
        Ok(name)
    })
}
