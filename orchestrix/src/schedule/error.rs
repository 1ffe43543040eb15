//! What goes wrong with what is scheduled.

use std::time::Duration;

use crate::error::BoxError;
use crate::middleware::CommandError;
use crate::store::{NameError, ScheduleStoreError};
use crate::tenant::TenantRequired;

/// Why something was not scheduled, cancelled or listed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// No module of the app could dispatch the command when it is due: none handles it, or it was not announced as a
    /// [`StoredCommand`](super::StoredCommand).
    #[error(
        "command `{command}` cannot be scheduled: it is in no module of this app as a stored command"
    )]
    NotRegistered {
        /// The command's name.
        command: &'static str,
    },
    /// The command cannot be written as JSON.
    #[error("command `{command}` cannot be encoded")]
    Encode {
        /// The command's name.
        command: &'static str,
        /// What serde said.
        source: serde_json::Error,
    },
    /// The command and its metadata are larger than [`MAX_SCHEDULED_BYTES`](super::MAX_SCHEDULED_BYTES).
    #[error("command `{command}` has {bytes} bytes, at most {limit} can be scheduled")]
    TooLarge {
        /// The command's name.
        command: &'static str,
        /// How many bytes there are.
        bytes: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The idempotency key of a module's command leaves no room for the id of what it schedules.
    #[error("command `{command}` gets no valid schedule id")]
    InvalidId {
        /// The command's name.
        command: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// Nothing says for which tenant, and the app needs that.
    #[error(transparent)]
    TenantRequired(#[from] TenantRequired),
    /// The app takes no more commands.
    #[error("the app is shutting down")]
    ShuttingDown,
    /// The store did not answer in time; it is not known whether it was done. Doing it again is safe.
    #[error("the store did not answer within {limit:?}")]
    Timeout {
        /// The limit.
        limit: Duration,
    },
    /// The store refused or failed: another request under this id, for instance.
    #[error(transparent)]
    Store(#[from] ScheduleStoreError),
}

impl ScheduleError {
    /// Whether the same may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Timeout { .. } => true,
            Self::Store(error) => error.is_transient(),
            _ => false,
        }
    }
}

/// Why something that was due was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FiringError {
    /// The domain refused. It is not tried again.
    #[error("the domain refused")]
    Refused {
        /// What it said.
        source: CommandError,
    },
    /// It failed.
    #[error("it failed")]
    Failed {
        /// What went wrong.
        source: BoxError,
    },
    /// The app does not know what to do with it: another version of it may.
    #[error("nothing in this app knows what to do with the kind `{kind}`")]
    UnknownKind {
        /// What it is.
        kind: String,
    },
    /// No module of the app handles the command, or not as a stored one.
    #[error("no module of this app has a stored command `{command}`")]
    UnknownCommand {
        /// Its name.
        command: String,
    },
    /// The content is not what the command consists of now.
    #[error("the content of command `{command}` could not be read")]
    Undecodable {
        /// Its name.
        command: String,
        /// What serde said.
        source: serde_json::Error,
    },
}

impl FiringError {
    /// Whether it is not tried again.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}
