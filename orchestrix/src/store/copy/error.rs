//! Why a copy was not made, or is none.

use super::{Difference, EventPlace};
use crate::store::{AppendError, GlobalPosition, ReadError, StreamId};

/// Why a copy did not come to its end. What was copied stays, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The source cannot be read.
    #[error("the source of the copy cannot be read")]
    Source {
        /// What it said.
        source: ReadError,
    },
    /// The target cannot be read.
    #[error("the target of the copy cannot be read")]
    Target {
        /// What it said.
        source: ReadError,
    },
    /// The target did not acknowledge an append. A [conflict](AppendError::Conflict) or a
    /// [duplicate](AppendError::DuplicateEvent) tells that somebody else writes to the target, or that what an earlier run
    /// had sent came late: then the next run succeeds.
    #[error("the target of the copy did not take the source's events from position {position} on")]
    Append {
        /// Where the append's first event stands in the source.
        position: GlobalPosition,
        /// What the target said.
        source: AppendError,
    },
    /// The target holds an event that the source does not have: it is no copy of it.
    #[error("the target of the copy holds what the source does not: {event}")]
    ForeignEvent {
        /// The target's event.
        event: Box<EventPlace>,
    },
    /// The end of the target is no part of the source.
    #[error("the target of the copy is no beginning of the source: {difference}")]
    Different {
        /// The first difference that was seen.
        difference: Box<Difference>,
    },
    /// A stream that is archived in the source cannot be archived in the target. A [conflict](AppendError::Conflict) tells
    /// that not all of it was copied yet.
    #[error("the copy of stream {stream} cannot be archived")]
    Archive {
        /// The stream.
        stream: StreamId,
        /// What the target said.
        source: AppendError,
    },
}

impl CopyError {
    /// Whether the next run may succeed without anything else being done.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Source { source } | Self::Target { source } => source.is_transient(),
            Self::Append { source, .. } | Self::Archive { source, .. } => source.is_transient(),
            Self::ForeignEvent { .. } | Self::Different { .. } => false,
        }
    }
}

/// Why a copy was not found to be equal to its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The source cannot be read.
    #[error("the source of the copy cannot be read")]
    Source {
        /// What it said.
        source: ReadError,
    },
    /// The copy cannot be read.
    #[error("the copy cannot be read")]
    Target {
        /// What it said.
        source: ReadError,
    },
    /// They are not equal.
    #[error("after {equal} equal events, {difference}")]
    Different {
        /// So many events are equal before.
        equal: u64,
        /// The first difference.
        difference: Box<Difference>,
    },
}
