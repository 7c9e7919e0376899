//! Ends what there is of a user: sessions, consents, and the tokens that applications hold. Administrators and users do
//! it by the same functions.

use super::{Act, ActError, Whose};
use crate::app::App;
use crate::crypto::digest::Hash;
use crate::error::Internal;
use crate::store::events::Event;
use crate::store::sessions::{self, Session};
use crate::store::users::{self, User};
use crate::store::{Tx, consents, grants, known_devices, providers};

/// Ends one session of a user, named by its `sid`, with what applications hold through it.
pub fn end_session(app: &App, whose: Whose, sid: &str) -> Act<()> {
    let ((id, event), sid) = (whose.begin("session_ended", app.clock.now()), sid.to_owned());
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        if !sessions::delete_by_sid(tx, id, &sid)? {
            return Err(ActError::NotFound);
        }
        grants::delete_online_of_session(tx, &sid)?;
        Ok(event.user(&user.username).store(tx)?)
    })
}

/// Ends every session of a user but this one, in this browser; another one stands for the second factor no more.
pub fn end_other_sessions(app: &App, user: &User, (but, browser): (&Session, Option<Hash>), event: Event) -> Act<()> {
    let ((id, event), sid) = (Whose::Own(user, event).begin("session_ended", app.clock.now()), but.sid.clone());
    let username = user.username.clone();
    app.store.write(move |tx| {
        for other in sessions::of_user(tx, id)?.into_iter().filter(|s| s.sid != sid) {
            sessions::delete(tx, &other.hash)?;
            grants::delete_online_of_session(tx, &other.sid)?;
        }
        known_devices::forget_remembered(tx, id, browser.as_ref())?;
        Ok(event.user(&username).store(tx)?)
    })
}

/// Ends every session of a user, and everything that clients hold. No browser stands for the second factor any more.
pub fn sign_out_everywhere(tx: &Tx, user: i64) -> Result<(), Internal> {
    sessions::delete_of_user(tx, user)?;
    grants::delete_of_user(tx, user)?;
    known_devices::forget_remembered(tx, user, None)?;
    Ok(())
}

/// Ends every session of a user, and everything that applications hold. No browser stands for the second factor any more.
pub fn sign_out(app: &App, whose: Whose) -> Act<()> {
    let (id, event) = whose.begin("user_signed_out", app.clock.now());
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        sign_out_everywhere(tx, id)?;
        Ok(event.user(&user.username).store(tx)?)
    })
}

/// Ends what one provider's application holds of a user, and the user's consent to it. That there was something is what
/// the event tells.
pub fn revoke(app: &App, whose: Whose, provider: i64) -> Act<()> {
    let (id, event) = whose.begin("access_revoked", app.clock.now());
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        let held = grants::delete_of_user_at(tx, id, provider)?;
        if held + consents::delete(tx, id, provider)? == 0 {
            return Err(ActError::NotFound);
        }
        stored(tx, event.user(&user.username), provider)
    })
}

/// Ends the tokens of one grant. What the user agreed to stays.
pub fn revoke_token(app: &App, whose: Whose, grant: i64) -> Act<()> {
    let (id, event) = whose.begin("token_revoked", app.clock.now());
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        let provider = grants::delete_one_of_user(tx, id, grant)?.ok_or(ActError::NotFound)?;
        stored(tx, event.user(&user.username), provider)
    })
}

/// Ends what every application holds of a user, and all consents. The sessions stay.
pub fn revoke_all(app: &App, whose: Whose) -> Act<()> {
    let (id, event) = whose.begin("access_revoked", app.clock.now());
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        if grants::delete_of_user(tx, id)? + consents::delete_of_user(tx, id)? == 0 {
            return Err(ActError::NotFound);
        }
        Ok(event.user(&user.username).detail("all", "yes").store(tx)?)
    })
}

/// Stores an event about a provider.
fn stored(tx: &Tx, event: Event, provider: i64) -> Act<()> {
    let provider = providers::by_id(tx, provider)?.ok_or(ActError::NotFound)?;
    Ok(event.client(&provider.client_id).store(tx)?)
}
