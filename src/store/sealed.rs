//! The columns whose values are sealed by the master key: all of them, for whoever checks or renews the seals. Their
//! names end in `_sealed`.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::factors::Totp;
use super::keys::KeyRow;
use super::mail_server::PASSWORD_SEAL;
use super::providers::Provider;
use super::tls_authority::{LEAF_SEAL, ROOT_SEAL};
use super::{Tx, collect, execute, find};
use crate::error::Internal;

/// A column of sealed values.
pub struct Column {
    table: &'static str,
    column: &'static str,
    /// The column that names the row in its seal.
    row: &'static str,
    /// What a value is sealed to, by that name.
    seal: fn(&str) -> String,
}

/// Every one of them.
pub const COLUMNS: &[Column] = &[
    Column { table: "signing_keys", column: "private_sealed", row: "kid", seal: KeyRow::seal },
    Column { table: "providers", column: "client_secret_sealed", row: "client_id", seal: Provider::secret_seal_of },
    Column { table: "totp", column: "secret_sealed", row: "user_id", seal: Totp::seal_of },
    Column { table: "mail_server", column: "password_sealed", row: "id", seal: |_| PASSWORD_SEAL.to_owned() },
    // One row: what it is sealed to is no matter of its name.
    Column { table: "tls_authority", column: "root_key_sealed", row: "id", seal: |_| ROOT_SEAL.to_owned() },
    Column { table: "tls_authority", column: "leaf_key_sealed", row: "id", seal: |_| LEAF_SEAL.to_owned() },
];

/// A sealed value and what it is sealed to.
#[derive(Debug)]
pub struct Sealed {
    row: Value,
    pub seal: String,
    pub value: Vec<u8>,
}

impl Column {
    /// Every value of the column. A database of an older schema may not have it.
    pub fn all(&self, connection: &Connection) -> Result<Vec<Sealed>, Internal> {
        let Self { table, column, row, seal } = self;
        let there = "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2";
        if find(connection, there, [table, column], |_| Ok(()))?.is_none() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {row}, CAST({row} AS TEXT), {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {row}"
        );
        collect(connection, &sql, [], |r| {
            Ok(Sealed { row: r.get(0)?, seal: seal(&r.get::<_, String>(1)?), value: r.get(2)? })
        })
    }

    /// Puts another value into the same row.
    pub fn set(&self, tx: &Tx, of: &Sealed, value: &[u8]) -> Result<(), Internal> {
        let Self { table, column, row, .. } = self;
        execute(tx, &format!("UPDATE {table} SET {column} = ?2 WHERE {row} = ?1"), params![of.row, value])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::Folder;

    #[test]
    fn every_sealed_column_of_the_schema_is_listed() {
        let folder = Folder::new();
        let sql = "SELECT t.name || '.' || c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
                   WHERE t.schema = 'main' AND c.name LIKE '%sealed%' ORDER BY 1";
        let there: Vec<String> =
            folder.open().read(|c| collect(c, sql, [], |r| r.get(0))).expect("the columns of the schema");
        let mut listed: Vec<String> = COLUMNS.iter().map(|c| format!("{}.{}", c.table, c.column)).collect();
        listed.sort();
        assert_eq!(listed, there, "add it to COLUMNS, or it is lost by a restore");
    }
}
