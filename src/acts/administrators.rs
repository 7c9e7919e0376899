//! What must hold after every act that can change who is an administrator.

use super::{Act, ActError};
use crate::domain::UnixSeconds;
use crate::error::Internal;
use crate::store::{Tx, links, meta, users};
use crate::words::Words;

/// To be called at the end of the transaction, with the number of administrators from its beginning. The last one can
/// be neither deleted nor disabled nor stripped of the right: nobody could give it back on the pages. And as soon as
/// there is one, setup is closed.
pub fn settle(tx: &Tx, before: i64, now: UnixSeconds) -> Act<()> {
    match users::administrators(tx)? {
        0 if before > 0 => Err(ActError::no(Words::new("no-administrator-left"))),
        0 => Ok(()),
        _ => Ok(close_setup(tx, now)?),
    }
}

/// Closes setup for ever: there is an administrator now.
pub fn close_setup(tx: &Tx, now: UnixSeconds) -> Result<(), Internal> {
    meta::set_once(tx, meta::SETUP_CLOSED_AT, &now.to_string())?;
    links::delete_setup(tx)
}
