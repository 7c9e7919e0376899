//! The password at the mail server, sealed. Whatever else is known of that server is a setting.

use rusqlite::{Connection, params};

use super::{Tx, execute, find};
use crate::error::Internal;

/// What the password is sealed to.
pub const PASSWORD_SEAL: &str = "mail_server/1/password";

pub fn password_sealed(connection: &Connection) -> Result<Option<Vec<u8>>, Internal> {
    find(connection, "SELECT password_sealed FROM mail_server WHERE id = 1", [], |r| r.get(0))
}

pub fn set_password(tx: &Tx, sealed: &[u8]) -> Result<(), Internal> {
    let sql = "INSERT OR REPLACE INTO mail_server (id, password_sealed) VALUES (1, ?1)";
    execute(tx, sql, params![sealed])?;
    Ok(())
}

/// False when there was none.
pub fn forget_password(tx: &Tx) -> Result<bool, Internal> {
    Ok(execute(tx, "DELETE FROM mail_server", [])? == 1)
}
