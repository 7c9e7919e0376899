//! Single values: install id, base URL, the master key's check value, whether setup is over.

use rusqlite::{Connection, params};

use super::{Tx, execute, find};
use crate::error::Internal;

/// A random id of this installation; hashed subjects are derived from it, so it never changes.
pub const INSTALL_ID: &str = "install_id";
/// The base URL that `serve` used last, for the commands run beside it.
pub const BASE_URL: &str = "base_url";
/// Tells whether a master key is the one the secrets are sealed with.
pub const MASTER_KEY_CHECK: &str = "master_key_check";
/// When the first administrator was made: setup is closed for ever since.
pub const SETUP_CLOSED_AT: &str = "setup_closed_at";
/// The argon2 passes that were measured to suit this machine.
pub const PASSWORD_PASSES: &str = "password_passes";
/// The passes that `serve` was told to use last; empty when it was told nothing.
pub const PASSWORD_PASSES_TOLD: &str = "password_passes_told";
/// The settings that can be made at run time, as far as `serve` was told them when it was started last.
pub const SETTINGS_TOLD: &str = "settings_told";

/// A time that has been, as [`crate::domain::clock::Mark`] writes it.
pub const CLOCK_MARK: &str = "clock_mark";
/// Names the last reset of the mark.
pub const CLOCK_RESET: &str = "clock_reset";

/// The last backup that was made and proven, as JSON ([`Proven`](crate::domain::backup::Proven)).
pub const LAST_BACKUP: &str = "last_backup";
/// When the last nightly backup was made.
pub const LAST_NIGHTLY: &str = "last_nightly_backup";
/// The folder that it went to, and how that is recognised, as JSON.
pub const NIGHTLY_FOLDER: &str = "nightly_backup_folder";

/// The `tls-names` that `serve` was told last, for the commands that make a root.
pub const TLS_NAMES: &str = "tls_names";

/// The `passkey-rp-id` that `serve` was told last, for the commands that look after passkeys.
pub const PASSKEY_RP_ID: &str = "passkey_rp_id";

/// Never there for longer than a transaction.
const PROBE: &str = "probe";

pub fn get(connection: &Connection, key: &str) -> Result<Option<String>, Internal> {
    find(connection, "SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0))
}

/// Gives the transaction something to write that leaves nothing behind. (An update to the same value would not do:
/// SQLite sees that.)
pub fn touch(tx: &Tx) -> Result<(), Internal> {
    set(tx, PROBE, "")?;
    execute(tx, "DELETE FROM meta WHERE key = ?1", [PROBE]).map(drop)
}

pub fn set(tx: &Tx, key: &str, value: &str) -> Result<(), Internal> {
    execute(
        tx,
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        params![key, value],
    )?;
    Ok(())
}

/// Sets a value that is set once only. False when it was there already.
pub fn set_once(tx: &Tx, key: &str, value: &str) -> Result<bool, Internal> {
    Ok(execute(tx, "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING", params![key, value])? == 1)
}

/// Forgets a value.
pub fn unset(tx: &Tx, key: &str) -> Result<(), Internal> {
    execute(tx, "DELETE FROM meta WHERE key = ?1", [key])?;
    Ok(())
}
