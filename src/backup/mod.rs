//! Backups: made while the server runs, proven before they are encrypted, restored on this machine or another.
//!
//! A backup is an `age` file ([`envelope`](crate::crypto::envelope)) around a tar archive ([`archive`]) of manifest,
//! master key and database.

mod archive;
pub mod draft;
pub mod folder;
pub mod lookout;
pub mod make;
pub mod nightly;
pub mod restore;
pub mod seals;
pub mod workspace;
