//! Why a call of a function that writes brought no answer, and what that means for what was asked.

use orchestrix::store::AppendError;

use crate::PostgresError;
use crate::error::{Fault, SharedCause};

/// One failure, which may be that of many appends.
#[derive(Debug)]
pub(crate) enum CallError {
    /// No connection: nothing was sent.
    NotSent(SharedCause),
    /// The database said so.
    Driver(Fault, SharedCause),
}

impl CallError {
    /// Whether the call was rolled back because of others, and is worth another try at once.
    pub(crate) fn is_contention(&self) -> bool {
        matches!(self, Self::Driver(Fault::Contention, _))
    }

    /// As the outcome of one append.
    pub(crate) fn outcome(&self) -> AppendError {
        match self {
            Self::NotSent(cause) => AppendError::Unavailable {
                source: cause.clone().into(),
            },
            Self::Driver(fault, cause) => {
                let source = cause.clone().into();
                match fault {
                    Fault::Contention | Fault::Unavailable => AppendError::Unavailable { source },
                    Fault::Refused => AppendError::Failed { source },
                    Fault::Lost => AppendError::Indeterminate { source },
                }
            }
        }
    }
}

impl From<PostgresError> for CallError {
    fn from(error: PostgresError) -> Self {
        Self::NotSent(SharedCause::new(error))
    }
}

impl From<sqlx::Error> for CallError {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(Fault::of(&error), SharedCause::new(error))
    }
}
