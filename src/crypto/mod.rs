//! Everything cryptographic: randomness, digests, sealing at rest, passwords, signing keys and JSON Web Tokens.
//! The one backend is aws-lc. Knows nothing of HTTP or of the database: callers bring bytes and the time.

pub mod certificate;
pub mod digest;
pub mod jwt;
pub mod keys;
mod master;
pub mod password;
mod pool;
pub mod random;
pub mod seal;
