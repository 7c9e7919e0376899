//! What a backup carries to another machine, and what is void there: every table is one or the other.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{Tx, execute, find};
use crate::error::Internal;

/// Who and what there is: a restore keeps it.
const KEPT: &[&str] = &[
    "applications",
    // What was used stays used.
    "assertions",
    "bindings",
    "consents",
    "event_days",
    "events",
    "group_members",
    "groups",
    "icons",
    "login_names",
    "mail_server",
    "meta",
    "passkeys",
    "policies",
    "provider_uris",
    "providers",
    "recovery_codes",
    "scope_mappings",
    "settings",
    "signing_keys",
    "tls_authority",
    "totp",
    "users",
];

/// What lets somebody in: void after a restore, in the order in which it is deleted. Whoever signed out, or was thrown
/// out, since the backup was made must not come back with it; a code that was redeemed since is not redeemable again, and an
/// app password that was revoked since, nobody thinks of any more. Counts of failures are of the other machine's time.
const VOID: &[&str] = &[
    "logout_messages",
    "signed_in_at",
    "device_requests",
    "refresh_tokens",
    "access_tokens",
    "grants",
    "app_passwords",
    "sessions",
    "links",
    "invitation_groups",
    "invitations",
    "known_devices",
    "throttled",
    "pushed_requests",
];

/// Rows of each table that is kept, and that this schema has.
pub fn counts(connection: &Connection) -> Result<BTreeMap<String, i64>, Internal> {
    let mut counts = BTreeMap::new();
    for table in KEPT {
        let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        if find(connection, sql, [table], |_| Ok(()))?.is_some() {
            let count = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0))?;
            counts.insert((*table).to_owned(), count);
        }
    }
    Ok(counts)
}

/// Deletes what lets somebody in. What was there before is overwritten, not only forgotten.
pub fn void(tx: &Tx) -> Result<(), Internal> {
    tx.execute_batch("PRAGMA secure_delete = ON")?;
    for table in VOID {
        execute(tx, &format!("DELETE FROM {table}"), [])?;
    }
    for table in VOID {
        if find(tx, &format!("SELECT 1 FROM {table} LIMIT 1"), [], |_| Ok(()))?.is_some() {
            return Err(Internal::fault(format!("{table} could not be emptied")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::collect;
    use crate::store::tests::Folder;

    #[test]
    fn every_table_is_either_kept_or_void() {
        let folder = Folder::new();
        // Shadow tables belong to the index of the search; it is a virtual table, and follows `users`.
        let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
                     AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let there: Vec<String> =
            folder.open().read(|c| collect(c, sql, [], |r| r.get(0))).expect("the tables of the schema");
        let mut listed: Vec<&str> = KEPT.iter().chain(VOID).copied().collect();
        listed.sort_unstable();
        assert_eq!(listed, there, "say in KEPT or VOID what a restore does with a new table");
    }
}
