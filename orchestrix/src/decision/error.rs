//! Why a decision did not come to anything.

use std::sync::Arc;
use std::time::Duration;

use crate::aggregate::Unencodable;
use crate::error::BoxError;
use crate::message::DecodeError;
use crate::store::{
    AppendError, EventQuery, GlobalPosition, IdempotencyKey, NameError, ReadError, StreamId, Tag,
};
use crate::tenant::TenantRequired;

/// Why a decision failed. `E` is the domain's own error.
///
/// Nothing was stored, except where the variant says that this is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecisionError<E> {
    /// The domain refused. Its error speaks for itself, causes included.
    #[error(transparent)]
    Rejected(E),
    /// Events that it rests on came each time it had been made.
    #[error(
        "conflict after {attempts} attempts: an event at position {found}, behind position {after}, is {query}"
    )]
    Conflict {
        /// What it rests on.
        query: EventQuery,
        /// How far the log had been read for the last attempt.
        after: GlobalPosition,
        /// Where one of the events stands that came then.
        found: GlobalPosition,
        /// How many times it was decided.
        attempts: u32,
    },
    /// Its first event has no tag, and no stream was given.
    #[error(
        "no stream for event `{event_type}`: it has no tag that names one, and none was given with `stream`"
    )]
    NoStream {
        /// The event's stored name.
        event_type: Arc<str>,
    },
    /// The first tag of its first event names no stream, and none was given.
    #[error("tag `{tag}` names no stream, and none was given with `stream`")]
    InvalidStream {
        /// The tag.
        tag: Tag,
        /// What is wrong with it.
        source: NameError,
    },
    /// A field with `#[tag]` holds what gives no tag.
    #[error("event `{event_type}` has a value that gives no tag")]
    InvalidTag {
        /// The event's stored name.
        event_type: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// The idempotency key belongs to another request, which wrote to several streams, or to another than the one that was
    /// given with [`Decide::stream`](super::Decide::stream).
    #[error("the idempotency key `{key}` of a decision was used for {used}")]
    KeyReused {
        /// The key.
        key: IdempotencyKey,
        /// The stream that was written to under the key; the first, if there are several.
        used: StreamId,
    },
    /// Nothing says whose events, and the app needs that.
    #[error(transparent)]
    TenantRequired(#[from] TenantRequired),
    /// It took too long; it is not known whether events were stored.
    #[error("a decision on `{model}` took longer than {limit:?}")]
    Timeout {
        /// The model's Rust type.
        model: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// The app takes no more commands.
    #[error("the app is shutting down")]
    ShuttingDown,
    /// The store cannot be reached or is too busy.
    #[error("the store is unavailable")]
    Unavailable {
        /// What the store said.
        source: BoxError,
    },
    /// The connection broke: the events may be stored, or not.
    #[error("it is not known whether the events were stored")]
    Indeterminate {
        /// What the store said.
        source: BoxError,
    },
    /// An event that it rests on does not decode.
    #[error("the event at position {position}, of stream {stream}, could not be read")]
    Decode {
        /// The event's stream.
        stream: StreamId,
        /// Where it stands.
        position: GlobalPosition,
        /// What is wrong with it.
        source: Box<DecodeError>,
    },
    /// An event cannot be written as JSON.
    #[error("event `{event_type}` cannot be encoded")]
    Encode {
        /// The event's stored name.
        event_type: &'static str,
        /// What serde said.
        source: serde_json::Error,
    },
    /// The store failed to read, for good.
    #[error("the events that the decision rests on could not be read")]
    ReadFailed {
        /// What the store said.
        source: ReadError,
    },
    /// The store refused the append, or failed.
    #[error("the events could not be appended")]
    Store {
        /// What the store said.
        source: AppendError,
    },
}

impl<E> DecisionError<E> {
    /// Whether the same decision may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Conflict { .. }
                | Self::Timeout { .. }
                | Self::Unavailable { .. }
                | Self::Indeterminate { .. }
        )
    }

    /// Whether others were faster each time.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// The domain's own error, if that is what it was.
    pub fn rejection(&self) -> Option<&E> {
        match self {
            Self::Rejected(error) => Some(error),
            _ => None,
        }
    }
}

impl<E> From<ReadError> for DecisionError<E> {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable { source } => Self::Unavailable { source },
            source => Self::ReadFailed { source },
        }
    }
}

impl<E> From<AppendError> for DecisionError<E> {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Unavailable { source } => Self::Unavailable { source },
            AppendError::Indeterminate { source } => Self::Indeterminate { source },
            source => Self::Store { source },
        }
    }
}

impl<E> From<Unencodable> for DecisionError<E> {
    fn from(error: Unencodable) -> Self {
        match error {
            Unencodable::Json { event_type, source } => Self::Encode { event_type, source },
            Unencodable::Tag { event_type, source } => Self::InvalidTag { event_type, source },
        }
    }
}
