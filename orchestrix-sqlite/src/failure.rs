//! What goes wrong in an open store, and how the ports call it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::store::{
    AppendError, CheckpointError, LeaseError, LockError, LockKey, NodeId, ReadError,
    ReadModelError, ScheduleStoreError,
};
use rusqlite::ErrorCode;

/// The cause behind the ports' errors of this store: their `source()` can be downcast to it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// SQLite refused or failed.
    #[error("sqlite failed")]
    Sqlite {
        /// What it said. Shared by all writes of one transaction.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A column of a stored row has a value that nothing of this crate writes.
    #[error("the column `{column}` cannot be read")]
    Column {
        /// Its name.
        column: &'static str,
        /// What is wrong with it.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A row says that an event has a tag, and there is no such event.
    #[error("there is a tag but no event")]
    TagWithoutEvent,
    /// The metadata or the tags of an event cannot be written as JSON.
    #[error("the metadata of an event cannot be written as JSON")]
    Metadata {
        /// What serde said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The body of a document is not JSON.
    #[error("the body of the document `{key}` is binary; documents are JSON")]
    BinaryDocument {
        /// The document's key.
        key: String,
    },
    /// The file of a lock, or the folder that it is in, cannot be used.
    #[error("cannot {action} the lock file `{path}`")]
    LockFile {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<std::io::Error>,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Every reader was busy for the whole acquire time-out.
    #[error("no reader became free within {} ms; use more readers", .waited.as_millis())]
    NoReader {
        /// How long was waited.
        waited: Duration,
    },
    /// The writer's queue was full for the whole acquire time-out.
    #[error("the writer's queue had no room within {} ms", .waited.as_millis())]
    QueueFull {
        /// How long was waited.
        waited: Duration,
    },
    /// The writer did not come to answer for the whole acquire time-out.
    #[error("the writer gave no answer within {} ms", .waited.as_millis())]
    WriterBusy {
        /// How long was waited.
        waited: Duration,
    },
    /// A transaction that was lent to a projection was over before its commit: it was open for too long, or one of the
    /// projection's statements ended it.
    #[error(
        "the transaction had ended before its commit: it was open for too long, or a statement ended it"
    )]
    TransactionLost,
    /// The thread that worked on it ended without an answer: a bug, or the runtime is shutting down.
    #[error("the thread that worked on it ended without an answer")]
    NoAnswer,
}

/// A [`DriverError`] with what it means for the caller.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    meaning: Meaning,
    error: DriverError,
    out_of_space: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Nothing was done; later it may work.
    Unavailable,
    /// Nothing was done.
    Failed,
    /// It was done as a whole or not at all.
    Indeterminate,
}

impl Failure {
    pub(crate) fn closed() -> Self {
        Self::new(Meaning::Unavailable, DriverError::Closed)
    }

    pub(crate) fn no_reader(waited: Duration) -> Self {
        Self::new(Meaning::Unavailable, DriverError::NoReader { waited })
    }

    pub(crate) fn queue_full(waited: Duration) -> Self {
        Self::new(Meaning::Unavailable, DriverError::QueueFull { waited })
    }

    /// The writer may have ended before or after the commit.
    pub(crate) fn no_answer() -> Self {
        Self::new(Meaning::Indeterminate, DriverError::NoAnswer)
    }

    pub(crate) fn transaction_lost() -> Self {
        Self::new(Meaning::Unavailable, DriverError::TransactionLost)
    }

    pub(crate) fn metadata(error: serde_json::Error) -> Self {
        let source = Arc::new(error);
        Self::new(Meaning::Failed, DriverError::Metadata { source })
    }

    pub(crate) fn writer_busy(waited: Duration) -> Self {
        Self::new(Meaning::Unavailable, DriverError::WriterBusy { waited })
    }

    pub(crate) fn binary_document(key: String) -> Self {
        Self::new(Meaning::Failed, DriverError::BinaryDocument { key })
    }

    pub(crate) fn lock_file(action: &'static str, path: &Path, error: std::io::Error) -> Self {
        let error = DriverError::LockFile {
            action,
            path: path.to_owned(),
            source: Arc::new(error),
        };
        Self::new(Meaning::Failed, error)
    }

    /// An error of the commit itself. After an I/O error the commit may be in the file and come to life when the file
    /// is recovered; after any other one it is not.
    pub(crate) fn of_commit(error: rusqlite::Error) -> Self {
        let in_doubt = error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
        let mut failure = Self::from(error);
        if in_doubt {
            failure.meaning = Meaning::Indeterminate;
        }
        failure
    }

    /// Whether there was too little space for it, so that less of it might fit.
    pub(crate) fn is_out_of_space(&self) -> bool {
        self.out_of_space
    }

    pub(crate) fn into_checkpoint(self, subscription: String) -> CheckpointError {
        let source = self.error.into();
        match self.meaning {
            // Moving it again tells whether it was moved.
            Meaning::Unavailable | Meaning::Indeterminate => CheckpointError::Unavailable {
                subscription,
                source,
            },
            Meaning::Failed => CheckpointError::Failed {
                subscription,
                source,
            },
        }
    }

    pub(crate) fn into_read_model(self, collection: String) -> ReadModelError {
        let source = self.error.into();
        match self.meaning {
            // The checkpoint, which moves with the documents, tells whether it was done.
            Meaning::Unavailable | Meaning::Indeterminate => {
                ReadModelError::Unavailable { collection, source }
            }
            Meaning::Failed => ReadModelError::Failed { collection, source },
        }
    }

    pub(crate) fn into_lease(self, node: NodeId) -> LeaseError {
        let source = self.error.into();
        match self.meaning {
            // The next renewal tells what was done.
            Meaning::Unavailable | Meaning::Indeterminate => {
                LeaseError::Unavailable { node, source }
            }
            Meaning::Failed => LeaseError::Failed { node, source },
        }
    }

    pub(crate) fn into_schedule(self) -> ScheduleStoreError {
        let source = self.error.into();
        match self.meaning {
            // Each of the calls can be made again.
            Meaning::Unavailable | Meaning::Indeterminate => {
                ScheduleStoreError::Unavailable { source }
            }
            Meaning::Failed => ScheduleStoreError::Failed { source },
        }
    }

    pub(crate) fn into_lock(self, key: LockKey) -> LockError {
        let source = self.error.into();
        match self.meaning {
            Meaning::Unavailable => LockError::Unavailable { key, source },
            Meaning::Failed | Meaning::Indeterminate => LockError::Failed { key, source },
        }
    }

    /// What happened, whatever it means for the caller.
    pub(crate) fn driver_error(&self) -> &DriverError {
        &self.error
    }

    fn new(meaning: Meaning, error: DriverError) -> Self {
        Self {
            meaning,
            error,
            out_of_space: false,
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        Self {
            meaning: match code {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Meaning::Unavailable,
                _ => Meaning::Failed,
            },
            out_of_space: matches!(code, Some(ErrorCode::DiskFull | ErrorCode::OutOfMemory)),
            error: DriverError::Sqlite {
                source: Arc::new(error),
            },
        }
    }
}

impl From<Failure> for AppendError {
    fn from(failure: Failure) -> Self {
        let source: BoxError = failure.error.into();
        match failure.meaning {
            Meaning::Unavailable => Self::Unavailable { source },
            Meaning::Failed => Self::Failed { source },
            Meaning::Indeterminate => Self::Indeterminate { source },
        }
    }
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        let source: BoxError = failure.error.into();
        match failure.meaning {
            Meaning::Unavailable => Self::Unavailable { source },
            Meaning::Failed | Meaning::Indeterminate => Self::Failed { source },
        }
    }
}
