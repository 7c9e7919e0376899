//! What can go wrong inside, as opposed to what a client or a person did wrong.

/// A fault of ours or of the machine. Never shown to a client: it becomes 500 or 503 with a request id, and the text
/// goes to the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Internal {
    /// The disk is full or read-only, or the database is busy: it may work again without a restart (503).
    #[error("storage is not available: {0}")]
    Unavailable(String),
    /// A bug, or data that should not exist (500).
    #[error("{0}")]
    Fault(String),
}

impl Internal {
    /// A fault described in words.
    pub fn fault(what: impl std::fmt::Display) -> Self {
        Self::Fault(what.to_string())
    }
}

impl From<rusqlite::Error> for Internal {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as C;
        match error.sqlite_error_code() {
            Some(
                C::DiskFull
                | C::ReadOnly
                | C::DatabaseBusy
                | C::DatabaseLocked
                | C::CannotOpen
                | C::SystemIoFailure
                | C::PermissionDenied,
            ) => Self::Unavailable(error.to_string()),
            _ => Self::Fault(format!("database: {error}")),
        }
    }
}
