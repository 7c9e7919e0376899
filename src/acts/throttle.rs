//! Letting somebody try again at once who failed to sign in, or as whom others failed.

use super::{Act, ActError, Admin};
use crate::app::App;
use crate::store::throttled;
use crate::store::users::{self, User};

/// Forgets the failed sign-ins of a user, from wherever. A server that runs beside a command takes it up with the next
/// attempt: it reads the user's row then.
pub fn clear(app: &App, by: &Admin, id: i64) -> Act<User> {
    let event = by.event("throttle_cleared", app.clock.now());
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        throttled::clear(tx, id)?;
        event.user(&user.username).store(tx)?;
        Ok(user)
    })
}
