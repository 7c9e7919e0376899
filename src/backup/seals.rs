//! Every sealed value of a database: that it opens, and how it is sealed anew by another master key.

use rusqlite::Connection;

use crate::app::check_text;
use crate::crypto::seal::Sealer;
use crate::error::Internal;
use crate::store::{Tx, meta, sealed};

/// Opens every seal, and counts them. The error names the row that does not open.
pub fn check(connection: &Connection, sealer: &Sealer) -> Result<usize, Internal> {
    let mut count = 0;
    for column in sealed::COLUMNS {
        for one in column.all(connection)? {
            sealer.open(&one.seal, &one.value).map_err(Internal::fault)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Seals everything anew.
pub fn renew(tx: &Tx, old: &Sealer, new: &Sealer) -> Result<(), Internal> {
    for column in sealed::COLUMNS {
        for one in column.all(tx)? {
            let plain = old.open(&one.seal, &one.value).map_err(Internal::fault)?;
            column.set(tx, &one, &new.seal(&one.seal, &plain))?;
        }
    }
    meta::set(tx, meta::MASTER_KEY_CHECK, &check_text(new))
}
