//! Failures inside the room, before they are told to a caller.

use rusqlite::ErrorCode;
use tallyward_app::ports::StoreError;

/// A failure of the database or of what was asked of it. Never leaves the room: a driver's error type in a port
/// would tie every caller to the driver.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// SQLite refused or failed.
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    /// Already in the words of the port.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result inside the room.
pub type Inner<T> = Result<T, Fault>;

impl From<rusqlite::types::FromSqlError> for Fault {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Sql(error.into())
    }
}

impl Fault {
    /// In the words of the port, with the file and what was being done.
    pub fn told(self, file: &str, doing: &str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sql(error) => {
                let advice = match error.sqlite_error_code() {
                    Some(ErrorCode::DiskFull) => ": make room on the disk and try again",
                    Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                        ": the file is damaged, restore a backup"
                    }
                    Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                        ": check that the folder exists and that this user may write there"
                    }
                    Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                        ": another program holds the file"
                    }
                    _ => "",
                };
                StoreError::Failed(format!("{file}: {doing}: {error}{advice}"))
            }
        }
    }
}

/// A refusal with its reason.
pub fn refused(why: impl Into<String>) -> Fault {
    Fault::Store(StoreError::Failed(why.into()))
}

/// A stored thing that cannot be read back.
pub fn corrupt(what: &'static str, id: impl ToString, why: impl ToString) -> Fault {
    Fault::Store(StoreError::Corrupt { what, id: id.to_string(), why: why.to_string() })
}
