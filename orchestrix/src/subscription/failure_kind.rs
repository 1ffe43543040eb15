//! Failures told apart.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::{CaughtPanic, ConsumeError};
use crate::message::DecodeError;

#[cfg(test)]
mod tests;

/// What kind of failure a [`ConsumeError`] is: whether the event, the code or the store is at fault.
///
/// ```
/// use orchestrix::error::BoxError;
/// use orchestrix::store::ReadError;
/// use orchestrix::subscription::{ConsumeError, FailureKind};
///
/// let source = BoxError::from("connection refused");
/// let failure = ConsumeError::from(ReadError::Unavailable { source });
/// assert_eq!(FailureKind::of(&failure), FailureKind::Infrastructure);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The event is known, but could not be read into its type, or not be brought to its current schema version.
    Undecodable,
    /// Nobody declared an event of this name.
    UnknownType,
    /// The handler or the projection returned an error, or a document does not fit the projection's type. Also where
    /// the handler's own use of a store failed: only the handler knows what that means.
    Handler,
    /// The handler or the projection panicked.
    Panicked,
    /// The delivery took longer than its limit.
    TimedOut,
    /// There are as many dead letters as there may be.
    DeadLettersFull,
    /// The log, the checkpoint, the read model or the leases could not be read or written: no event is at fault.
    Infrastructure,
}

impl FailureKind {
    /// The kind of this failure.
    pub fn of(error: &ConsumeError) -> Self {
        match error {
            ConsumeError::Log(_)
            | ConsumeError::Checkpoint(_)
            | ConsumeError::ReadModel(_)
            | ConsumeError::Lease(_) => Self::Infrastructure,
            ConsumeError::Event { source, .. } => Self::of_event(&**source),
            ConsumeError::Document { .. } => Self::Handler,
            ConsumeError::Tables { source, .. } => Self::of_event(&**source),
            ConsumeError::DeadLettersFull { .. } => Self::DeadLettersFull,
            ConsumeError::Panicked { .. } => Self::Panicked,
        }
    }

    /// Whether no event and no handler is at fault, but what they run on.
    pub fn is_infrastructure(self) -> bool {
        matches!(self, Self::Infrastructure)
    }

    /// The outermost error that tells decides.
    ///
    /// A handler may itself load a stream that does not decode: those errors hold a `Box<DecodeError>`, which is
    /// another type to `downcast_ref`. That is the handler's failure, for the delivered event did decode.
    fn of_event(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            match error.downcast_ref::<DecodeError>() {
                Some(DecodeError::Unknown { .. }) => return Self::UnknownType,
                Some(DecodeError::Shape { .. } | DecodeError::Upcast(_)) => {
                    return Self::Undecodable;
                }
                None if error.is::<CaughtPanic>() => return Self::Panicked,
                None if error.is::<DeliveryTimeout>() => return Self::TimedOut,
                // What lies beneath concerns what the handler loaded, not what was delivered.
                None if error.is::<Box<DecodeError>>() => return Self::Handler,
                None => cause = error.source(),
            }
        }
        Self::Handler
    }
}

/// In words.
impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undecodable => "undecodable event",
            Self::UnknownType => "unknown event type",
            Self::Handler => "handler error",
            Self::Panicked => "panic",
            Self::TimedOut => "time-out",
            Self::DeadLettersFull => "too many dead letters",
            Self::Infrastructure => "infrastructure",
        })
    }
}

/// The delivery of an event took longer than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the delivery took longer than {limit:?}")]
#[non_exhaustive]
pub struct DeliveryTimeout {
    /// The limit.
    pub limit: Duration,
}

impl DeliveryTimeout {
    /// A delivery that took longer than `limit`.
    pub fn new(limit: Duration) -> Self {
        Self { limit }
    }
}
