//! Why a replay did not come to its end.

use std::time::Duration;

use super::{ReplayFailure, ReplayReport};
use crate::store::ReadError;
use crate::subscription::UnknownSubscription;

/// Why a replay did not begin, or did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The app has no such subscription.
    #[error(transparent)]
    Unknown(#[from] UnknownSubscription),
    /// A projection has no effects to repeat: its read model is built anew.
    #[error(
        "`{subscription}` is a projection: use `rebuild`, which builds its read model anew beside the one that is read"
    )]
    RebuildInstead {
        /// Which.
        subscription: String,
    },
    /// What it does must not be done again, as far as its type says.
    #[error(
        "`{subscription}` is live only: where doing it again does no harm, write `#[on(replay)]` and take `&ReplayContext`; \
         a subscription of your own takes `ReplayContext` instead of `EventContext`"
    )]
    LiveOnly {
        /// Which.
        subscription: String,
    },
    /// It was narrowed to events that the subscription does not want.
    #[error("`{subscription}` does not consume `{event_type}`; it consumes: {}", consumed.join(", "))]
    NotConsumed {
        /// Which.
        subscription: String,
        /// The stored name.
        event_type: String,
        /// The stored names of what it wants.
        consumed: Vec<String>,
    },
    /// An event failed, and the replay was a strict one.
    #[error("a strict replay ended with its first failure")]
    Failed {
        /// Which event, and how.
        #[source]
        failure: Box<ReplayFailure>,
        /// How far it came.
        so_far: Box<ReplayReport>,
    },
    /// The log could not be read.
    #[error("the events to replay could not be read")]
    Log {
        /// What the store said.
        source: ReadError,
        /// How far it came.
        so_far: Box<ReplayReport>,
    },
    /// The store did not give the next events in time.
    #[error("the events to replay took longer than {limit:?}")]
    Timeout {
        /// How long was waited.
        limit: Duration,
        /// How far it came.
        so_far: Box<ReplayReport>,
    },
    /// The app is ending.
    #[error("the app is shutting down")]
    ShuttingDown {
        /// How far it came.
        so_far: Box<ReplayReport>,
    },
}

/// Why the reading ended early.
pub(super) enum Stopped {
    Log(ReadError),
    Late(Duration),
}

impl Stopped {
    pub(super) fn with(self, so_far: ReplayReport) -> ReplayError {
        let so_far = so_far.into();
        match self {
            Self::Log(source) => ReplayError::Log { source, so_far },
            Self::Late(limit) => ReplayError::Timeout { limit, so_far },
        }
    }
}
