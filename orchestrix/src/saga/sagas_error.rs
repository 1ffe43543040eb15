//! Why an instance could not be started, read or helped.

use super::changed::told;
use super::trouble::Trouble;
use super::{GraphError, SagaStatus, StepChange};
use crate::error::BoxError;
use crate::store::{NameError, StreamId};
use crate::tenant::TenantRequired;

/// Why an instance could not be started, read or helped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SagaError {
    /// No module of the app has the saga.
    #[error("saga `{saga}` is in no module of this app")]
    NotRegistered {
        /// The saga.
        saga: &'static str,
    },
    /// The steps do not fit together.
    #[error("the steps of saga `{saga}` do not fit together")]
    Graph {
        /// The saga.
        saga: &'static str,
        /// What is wrong with them.
        source: GraphError,
    },
    /// The key names no stream.
    #[error("the key of saga `{saga}` names no stream")]
    InvalidKey {
        /// The saga.
        saga: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// There is one with this key.
    #[error("there is an instance already: {stream}")]
    AlreadyExists {
        /// Its stream.
        stream: StreamId,
    },
    /// There is none with this key.
    #[error("there is no instance {stream}")]
    NotFound {
        /// What its stream would be.
        stream: StreamId,
    },
    /// It needs nobody's help: only one whose compensations have failed does. One whose steps changed can be resolved, too.
    #[error(
        "{stream} is {status}: only an instance whose compensations failed can be resumed or resolved"
    )]
    NotFailed {
        /// Its stream.
        stream: StreamId,
        /// Where it is.
        status: SagaStatus,
    },
    /// It cannot go on: steps that it has begun changed since. It can be [resolved](super::Sagas::resolve).
    #[error(
        "{stream} cannot be resumed, for its steps have changed since: {}",
        told(changes)
    )]
    Changed {
        /// Its stream.
        stream: StreamId,
        /// What has changed.
        changes: Vec<StepChange>,
    },
    /// It needs nobody's help: only one that is stuck can be resolved.
    #[error("{stream} is {status}: only an instance that is stuck can be resolved")]
    NotStuck {
        /// Its stream.
        stream: StreamId,
        /// Where it is.
        status: SagaStatus,
    },
    /// Its state cannot be written as JSON.
    #[error("the state of saga `{saga}` cannot be encoded")]
    Encode {
        /// The saga.
        saga: &'static str,
        /// What serde said.
        source: serde_json::Error,
    },
    /// Nothing says whose it is, and the app needs that.
    #[error(transparent)]
    TenantRequired(#[from] TenantRequired),
    /// The store cannot be reached, or others wrote to the instance each time.
    #[error("the store is unavailable")]
    Unavailable {
        /// What it said.
        source: BoxError,
    },
    /// Its history cannot be read or written.
    #[error("the history of {stream} cannot be read or written")]
    Failed {
        /// Its stream.
        stream: StreamId,
        /// Why.
        source: BoxError,
    },
}

impl SagaError {
    pub(super) fn of(trouble: Trouble, stream: StreamId) -> Self {
        match trouble {
            Trouble::Transient(source) => Self::Unavailable { source },
            Trouble::Last(source) => Self::Failed { stream, source },
            Trouble::Stopped => Self::Unavailable {
                source: "the app is shutting down".into(),
            },
        }
    }

    pub(super) fn always_overtaken() -> Self {
        Self::Unavailable {
            source: "others wrote to the instance each time".into(),
        }
    }
}
