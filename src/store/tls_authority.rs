//! The own certificate authority: certificates in the open, their keys sealed.

use rusqlite::{Connection, Row, params};

use super::{Tx, execute, find};
use crate::domain::tls::Validity;
use crate::error::Internal;

/// What the root's key is sealed to.
pub const ROOT_SEAL: &str = "tls_authority/1/root_key";
/// What the key of the server's certificate is sealed to.
pub const LEAF_SEAL: &str = "tls_authority/1/leaf_key";

/// The root.
#[derive(Debug, Clone)]
pub struct RootRow {
    pub name: String,
    /// As [`crate::domain::tls::Names`] writes them.
    pub permitted: String,
    pub certificate: Vec<u8>,
    pub key_sealed: Vec<u8>,
    pub validity: Validity,
}

/// The server's certificate.
#[derive(Debug, Clone)]
pub struct LeafRow {
    pub names: String,
    pub certificate: Vec<u8>,
    pub key_sealed: Vec<u8>,
    pub validity: Validity,
}

const COLUMNS: &str = "name, permitted, root_certificate, root_key_sealed, root_not_before, root_not_after,
                       leaf_names, leaf_certificate, leaf_key_sealed, leaf_not_before, leaf_not_after";

/// Root and server's certificate, as far as there are any.
pub fn find_authority(connection: &Connection) -> Result<Option<(RootRow, Option<LeafRow>)>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM tls_authority WHERE id = 1"), [], |r| Ok((root(r)?, leaf(r)?)))
}

fn root(r: &Row) -> rusqlite::Result<RootRow> {
    Ok(RootRow {
        name: r.get(0)?,
        permitted: r.get(1)?,
        certificate: r.get(2)?,
        key_sealed: r.get(3)?,
        validity: Validity { not_before: r.get(4)?, not_after: r.get(5)? },
    })
}

fn leaf(r: &Row) -> rusqlite::Result<Option<LeafRow>> {
    let Some(names) = r.get(6)? else { return Ok(None) };
    Ok(Some(LeafRow {
        names,
        certificate: r.get(7)?,
        key_sealed: r.get(8)?,
        validity: Validity { not_before: r.get(9)?, not_after: r.get(10)? },
    }))
}

/// Puts a root in the place of the one there is. The server's certificate goes with that.
pub fn set_root(tx: &Tx, root: &RootRow) -> Result<(), Internal> {
    let RootRow { name, permitted, certificate, key_sealed, validity } = root;
    execute(
        tx,
        "INSERT OR REPLACE INTO tls_authority
           (id, name, permitted, root_certificate, root_key_sealed, root_not_before, root_not_after)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
        params![name, permitted, certificate, key_sealed, validity.not_before, validity.not_after],
    )?;
    Ok(())
}

/// Sets the server's certificate. False when the root is another one by now.
pub fn set_leaf(tx: &Tx, root_certificate: &[u8], leaf: &LeafRow) -> Result<bool, Internal> {
    let LeafRow { names, certificate, key_sealed, validity } = leaf;
    let changed = execute(
        tx,
        "UPDATE tls_authority SET leaf_names = ?2, leaf_certificate = ?3, leaf_key_sealed = ?4, leaf_not_before = ?5,
           leaf_not_after = ?6
         WHERE id = 1 AND root_certificate = ?1",
        params![root_certificate, names, certificate, key_sealed, validity.not_before, validity.not_after],
    )?;
    Ok(changed == 1)
}
