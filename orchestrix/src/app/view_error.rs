//! Why a read model could not be read.

use std::time::Duration;

use crate::store::{GlobalPosition, ReadError, ReadModelError};
use crate::subscription::SubscriptionState;
use crate::tenant::TenantRequired;

/// Why a read model could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// No module of the app has the projection.
    #[error("read model `{read_model}` is in no module of this app")]
    NotRegistered {
        /// Its name and version.
        read_model: String,
    },
    /// Nothing says whose documents, and the app needs that.
    #[error(transparent)]
    TenantRequired(#[from] TenantRequired),
    /// It has not seen what was asked for in time.
    #[error(
        "subscription `{subscription}` is at position {reached}, not yet at {wanted} after {limit:?} ({state})"
    )]
    Behind {
        /// The subscription that keeps it.
        subscription: String,
        /// What was asked for.
        wanted: GlobalPosition,
        /// Where it is.
        reached: GlobalPosition,
        /// How long was waited.
        limit: Duration,
        /// What it is doing.
        state: SubscriptionState,
    },
    /// The store did not answer in time.
    #[error("reading {reading} took longer than {limit:?}")]
    Timeout {
        /// What was read.
        reading: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The document does not fit the projection's type: raise its `version` when documents change their shape.
    #[error(
        "document `{key}` of read model `{read_model}` does not fit its type: has it changed without a new `version`?"
    )]
    Damaged {
        /// The read model.
        read_model: String,
        /// The document.
        key: String,
        /// What serde said.
        source: serde_json::Error,
    },
    /// The read model could not be read.
    #[error(transparent)]
    Store(#[from] ReadModelError),
    /// The head of the log could not be read.
    #[error("the head of the log could not be read")]
    Log {
        /// What the store said.
        source: ReadError,
    },
}

impl ViewError {
    /// With the whole time that was waited, of which this was the end.
    pub(super) fn waited(mut self, whole: Duration) -> Self {
        if let Self::Behind { limit, .. } = &mut self {
            *limit = whole;
        }
        self
    }
}
