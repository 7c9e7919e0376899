//! Everything cryptographic: randomness, digests, sealing at rest, passwords, signing keys and JSON Web Tokens.
//! The one backend is aws-lc; only the envelope of a backup has that of the `age` crate. Knows nothing of HTTP or of the database: callers bring bytes and the time.

pub mod authority;
pub mod certificate;
pub mod digest;
pub mod envelope;
pub mod identity;
pub mod jwt;
pub mod keys;
mod master;
pub mod passkeys;
pub mod password;
mod pool;
pub mod random;
pub mod seal;
pub mod totp;
