//! Resetting the clock's mark, where a clock that was wrong has left it in the future.

use super::{Act, ActError, Admin};
use crate::app::App;
use crate::clock::{built, rfc3339};
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::store::clock::{self as table, Ended};
use crate::words::Words;

/// What a reset did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reset {
    /// What time it was taken to be until then.
    pub from: UnixSeconds,
    /// The machine's time, and the mark from now on.
    pub to: UnixSeconds,
    pub ended: Ended,
}

/// Sets the mark to what the machine's clock says, be it back. What was issued after that time is ended.
pub fn reset(app: &App, by: &Admin) -> Act<Reset> {
    let Some(mark) = app.clock.machine_mark() else {
        return Err(ActError::no(Words::new("clock-before-build").with("built", rfc3339(built()))));
    };
    let (from, to) = (app.clock.now(), mark.at);
    let event = by.event("clock_reset", to).detail("from", rfc3339(from)).detail("to", rfc3339(to));
    let ended = app.store.write(move |tx| {
        let ended = table::reset(tx, from, &mark, &random::token())?;
        event.store(tx)?;
        Ok::<_, ActError>(ended)
    })?;
    let was_reset = app.clock.follow(app.store.read(table::read)?);
    debug_assert!(was_reset, "the reset has an id of its own");
    Ok(Reset { from, to, ended })
}
