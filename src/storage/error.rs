//! What can go wrong in the store, by what the caller can do about it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique key exists already; the text names the constraint or column as the backend does.
    #[error("unique key violated: {0}")]
    Duplicate(String),
    /// Another transaction was in the way: worth trying again.
    #[error("transaction lost a race: {0}")]
    Contention(String),
    /// The store does not answer, or not within the time allowed.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// Nothing is written now: the machine's clock cannot be right. The text is the operator's.
    #[error("{0}")]
    Halted(String),
    /// What is stored is not of the form that this program writes.
    #[error("stored data are not readable: {0}")]
    Corrupt(String),
    /// The schema is not this program's.
    #[error("{0}")]
    Schema(String),
    /// Anything else; nothing the caller can mend.
    #[error("database error: {0}")]
    Database(String),
}

impl StoreError {
    /// For text or numbers in the store that do not read back.
    pub fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation => {
                    Self::Duplicate(info.constraint_name().unwrap_or_else(|| info.message()).to_owned())
                }
                DatabaseErrorKind::SerializationFailure => Self::Contention(info.message().to_owned()),
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                    Self::Unavailable(info.message().to_owned())
                }
                _ if is_contention(info.message()) => Self::Contention(info.message().to_owned()),
                _ => Self::Database(info.message().to_owned()),
            },
            _ => Self::Database(error.to_string()),
        }
    }
}

/// SQLite's "busy" and PostgreSQL's deadlock have no kind of their own in diesel: their texts tell.
fn is_contention(message: &str) -> bool {
    message.contains("database is locked") || message.contains("deadlock detected")
}
