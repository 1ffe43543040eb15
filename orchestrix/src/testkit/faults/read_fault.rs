//! What can happen to a read.

use crate::error::BoxError;
use crate::store::ReadError;

/// What is asked of a store that changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadCall {
    /// `read_stream`.
    Stream,
    /// `read_all`.
    All,
    /// `find_event`.
    Find,
    /// `outcome_of`.
    Outcome,
    /// `head`.
    Head,
}

/// What happens to one read instead of the ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadFault {
    /// The store is said to be unavailable.
    Unavailable,
    /// The store is said to have failed for good.
    Failed,
    /// It waits until the [read gate](super::FaultStore::read_gate) is open.
    Held,
    /// Half of a page of the log, rounded up, and no word of what else was read: more is to come. Nothing happens to other
    /// reads, nor to a page of less than two events.
    Short,
    /// The newest event is not there yet: a page that came to the head ends before it, and that is said to be the head; a
    /// stream that was read to its end has ended one event before. Nothing happens to other reads.
    Stale,
}

/// The cause of the errors that a read's fault comes with: their `source()` can be downcast to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("injected read fault {fault:?}")]
#[non_exhaustive]
pub struct InjectedReadFault {
    /// Which fault.
    pub fault: ReadFault,
}

impl ReadFault {
    /// The error of a fault that keeps the read from being made.
    pub(super) fn before_reading(self) -> Option<ReadError> {
        let source: BoxError = InjectedReadFault { fault: self }.into();
        match self {
            Self::Unavailable => Some(ReadError::Unavailable { source }),
            Self::Failed => Some(ReadError::Failed { source }),
            Self::Held | Self::Short | Self::Stale => None,
        }
    }
}
