//! Digests: SHA-256, HMAC, and the comparison that takes the same time whatever differs.

use aws_lc_rs::{constant_time, digest, hmac};

/// A SHA-256 digest or an HMAC-SHA-256 tag.
pub type Hash = [u8; 32];

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    hash
}

/// What the database stores of a code, a token, a session id or a link. A plain digest is enough, because these
/// secrets are random: 256 bit cannot be guessed. Passwords are not, see [`super::password`].
pub fn secret_hash(secret: &str) -> Hash {
    sha256(secret.as_bytes())
}

/// Whether `a` and `b` are equal, in a time that depends on their lengths only.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// A key for tags that nobody can compute who has only the database.
#[derive(Clone)]
pub struct TagKey(hmac::Key);

impl TagKey {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// One that is forgotten with the process.
    pub fn random() -> Self {
        Self::new(&super::random::bytes())
    }

    /// HMAC-SHA-256 of `message`.
    pub fn tag(&self, message: &[u8]) -> Hash {
        tag(&self.0, message)
    }
}

impl std::fmt::Debug for TagKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TagKey(..)")
    }
}

/// HMAC-SHA-256 of `message` (RFC 2104).
pub(super) fn tag(key: &hmac::Key, message: &[u8]) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(hmac::sign(key, message).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_those_of_the_standards() {
        // FIPS 180-4, the message "abc".
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(b"abc")), abc);
        assert_eq!(hex(&secret_hash("abc")), abc);
        // HMAC-SHA-256 of RFC 4231, test case 1.
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[0x0b; 20]);
        assert_eq!(hex(&tag(&key, b"Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    #[test]
    fn only_equal_bytes_are_the_same() {
        assert!(same(b"", b"") && same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd") && !same(b"abc", b"ab") && !same(b"", b"a"));
    }
}
