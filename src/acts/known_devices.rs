//! Forgets browsers in which somebody has signed in: strangers' guesses hold there as anywhere then, and the second factor
//! is asked for again.

use super::{Act, ActError, Whose};
use crate::app::App;
use crate::domain::device;
use crate::store::known_devices;
use crate::store::users;
use crate::words::shown;

/// Forgets one, named as pages name it.
pub fn forget(app: &App, whose: Whose, id: &str) -> Act<()> {
    let now = app.clock.now();
    let ((user_id, event), id) = (whose.begin("device_forgotten", now), id.to_owned());
    app.store.write(move |tx| {
        let user = users::by_id(tx, user_id)?.ok_or(ActError::NotFound)?;
        let all = known_devices::of_user(tx, user_id, now)?;
        let found = all.into_iter().find(|device| device.id() == id).ok_or(ActError::NotFound)?;
        known_devices::delete(tx, user_id, &found.hash)?;
        let what = shown(&device::in_words(&found.user_agent)).trim().to_owned();
        Ok(event.user(&user.username).detail("device", what).store(tx)?)
    })
}

/// Forgets all of a user.
pub fn forget_all(app: &App, whose: Whose) -> Act<()> {
    let now = app.clock.now();
    let (user_id, event) = whose.begin("device_forgotten", now);
    app.store.write(move |tx| {
        let user = users::by_id(tx, user_id)?.ok_or(ActError::NotFound)?;
        if known_devices::of_user(tx, user_id, now)?.is_empty() {
            return Err(ActError::NotFound);
        }
        known_devices::delete_of_user(tx, user_id)?;
        Ok(event.user(&user.username).detail("all", "yes").store(tx)?)
    })
}
