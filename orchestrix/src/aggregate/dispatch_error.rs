//! Why a command did not come to anything.

use std::time::Duration;

use super::LoadError;
use super::Unencodable;
use crate::error::BoxError;
use crate::store::{
    AppendError, ExpectedVersion, IdempotencyKey, LockError, NameError, ReadError, StreamId,
    StreamVersion,
};
use crate::tenant::TenantRequired;

/// Why a dispatch failed. `E` is the domain's own error.
///
/// Nothing was stored, except where the variant says that this is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DispatchError<E> {
    /// The domain refused. Its error speaks for itself, causes included.
    #[error(transparent)]
    Rejected(E),
    /// The command needs an instance that does not exist.
    #[error("stream {stream} does not exist")]
    NotFound {
        /// The stream of the instance.
        stream: StreamId,
    },
    /// The command creates an instance that exists already.
    #[error("stream {stream} exists already")]
    AlreadyExists {
        /// The stream of the instance.
        stream: StreamId,
    },
    /// Others wrote to the stream each time the command had been decided.
    #[error(
        "conflict on stream {stream} after {attempts} attempts: expected {expected}, it is at version {actual}"
    )]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What the last decision was based on.
        expected: ExpectedVersion,
        /// Where the stream was then.
        actual: StreamVersion,
        /// How many times the command was decided.
        attempts: u32,
    },
    /// No module of the app has the aggregate, or handles the command.
    #[error("command `{command}` is handled by {handler}, which is in no module of this app")]
    NotRegistered {
        /// The command's name.
        command: &'static str,
        /// The aggregate or module.
        handler: &'static str,
    },
    /// The `#[id]` of the command names no stream.
    #[error("the id of command `{command}` names no stream")]
    InvalidId {
        /// The command's name.
        command: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// A module's command has an idempotency key that leaves no room for those of the commands it dispatches, or a layer
    /// gave what is no key.
    #[error("command `{command}` has no valid idempotency key")]
    InvalidKey {
        /// The command's name.
        command: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// The idempotency key belongs to another request, which wrote to another stream, or to several.
    #[error("the idempotency key `{key}` for stream {stream} was used for {used}")]
    KeyReused {
        /// The key.
        key: IdempotencyKey,
        /// The stream of this command.
        stream: StreamId,
        /// The stream that was written to under the key; the first, if there are several.
        used: StreamId,
    },
    /// It took too long; it is not known whether events were stored.
    #[error("command `{command}` took longer than {limit:?}")]
    Timeout {
        /// The command's name.
        command: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// Too many commands wait for one stream.
    #[error("{waiting} commands wait for stream {stream} already")]
    Overloaded {
        /// The stream.
        stream: StreamId,
        /// How many wait.
        waiting: usize,
    },
    /// The stream was archived: it takes no more events.
    #[error("stream {stream} was archived at version {version}, and takes no more events")]
    Archived {
        /// The stream.
        stream: StreamId,
        /// Its last version.
        version: StreamVersion,
    },
    /// Others held the stream's lock all the time that a pessimistic command waited for it.
    #[error("stream {stream} was locked by others for {wait:?}")]
    Locked {
        /// The stream.
        stream: StreamId,
        /// How long the lock was waited for.
        wait: Duration,
    },
    /// The value of a field with `#[tag]` gives no tag.
    #[error("event `{event_type}` has a value that is no tag")]
    InvalidTag {
        /// The event's stored name.
        event_type: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// Nothing says whose stream, and the app needs that.
    #[error(transparent)]
    TenantRequired(#[from] TenantRequired),
    /// Too many commands came; see [`RateLimit`](crate::middleware::RateLimit).
    #[error("too many commands: `{command}` may come again in {retry_after:?}")]
    RateLimited {
        /// The command's name.
        command: &'static str,
        /// How long until one is let through, if nobody else comes.
        retry_after: Duration,
    },
    /// Whoever acts may not do this; see [`Authorise`](crate::middleware::Authorise).
    #[error("command `{command}` was denied: {reason}")]
    Denied {
        /// The command's name.
        command: &'static str,
        /// Why, in the words of who denied it.
        reason: String,
    },
    /// [Middleware](crate::middleware) failed with an error of its own, or gave what is not the command's. Only it
    /// knows whether events were stored.
    #[error("the middleware failed")]
    Middleware {
        /// What it said.
        source: BoxError,
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
    /// The stream cannot be read into the aggregate.
    #[error("the aggregate could not be loaded")]
    Corrupt {
        /// What is wrong with it.
        source: LoadError,
    },
    /// The handler gave an event that cannot stand where it would: one whose `#[apply]` constructs on an existing
    /// state, or the reverse.
    #[error("the handler gave `{event_type}`, which cannot stand next in stream {stream}")]
    Misplaced {
        /// The stream.
        stream: StreamId,
        /// The event's stored name.
        event_type: &'static str,
    },
    /// An [inline projection](crate::projection::Projection::INLINE) cannot fold one of the events.
    #[error("projection `{projection}` cannot fold `{event_type}` for stream {stream}")]
    NotFolded {
        /// The projection's subscription.
        projection: String,
        /// The stream.
        stream: StreamId,
        /// The event's stored name.
        event_type: String,
        /// Why: a [`FoldError`](crate::projection::FoldError), as a rule.
        source: BoxError,
    },
    /// An event cannot be written as JSON.
    #[error("event `{event_type}` cannot be encoded")]
    Encode {
        /// The event's stored name.
        event_type: &'static str,
        /// What serde said.
        source: serde_json::Error,
    },
    /// The store failed to read the aggregate's stream, for good: nothing says that the stream itself is damaged.
    #[error("the aggregate's stream could not be read")]
    ReadFailed {
        /// What the store said.
        source: ReadError,
    },
    /// The store failed to lock the stream.
    #[error("stream {stream} could not be locked")]
    Lock {
        /// The stream.
        stream: StreamId,
        /// What the store said.
        source: LockError,
    },
    /// The store refused the append, or failed.
    #[error("the events could not be appended")]
    Store {
        /// What the store said.
        source: AppendError,
    },
}

impl<E> DispatchError<E> {
    /// Whether the same command may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Conflict { .. }
            | Self::Timeout { .. }
            | Self::Overloaded { .. }
            | Self::Locked { .. }
            | Self::RateLimited { .. }
            | Self::Unavailable { .. }
            | Self::Indeterminate { .. } => true,
            Self::Store { source } => source.is_transient(),
            _ => false,
        }
    }

    /// Whether it is not known if events were stored: the command, run again, could be done twice.
    pub fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::Timeout { .. } | Self::Indeterminate { .. } | Self::Middleware { .. }
        )
    }

    /// How long to wait before the command is tried again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }

    pub(crate) fn of_lock(error: LockError, stream: &StreamId) -> Self {
        let stream = stream.clone();
        match error {
            LockError::TimedOut { wait, .. } => Self::Locked { stream, wait },
            LockError::Unavailable { source, .. } => Self::Unavailable { source },
            source => Self::Lock { stream, source },
        }
    }

    /// Whether others wrote to the stream each time.
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

impl<E> From<LoadError> for DispatchError<E> {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Read(source) if source.is_transient() => Self::Unavailable {
                source: source.into(),
            },
            LoadError::Read(source @ ReadError::Failed { .. }) => Self::ReadFailed { source },
            source @ LoadError::Timeout { .. } => Self::Unavailable {
                source: source.into(),
            },
            source => Self::Corrupt { source },
        }
    }
}

impl<E> From<AppendError> for DispatchError<E> {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Unavailable { source } => Self::Unavailable { source },
            AppendError::Indeterminate { source } => Self::Indeterminate { source },
            AppendError::Archived { stream, version } => Self::Archived { stream, version },
            AppendError::NotFolded {
                projection,
                stream,
                event_type,
                source,
            } => Self::NotFolded {
                projection,
                stream,
                event_type,
                source,
            },
            source => Self::Store { source },
        }
    }
}

impl<E> From<Unencodable> for DispatchError<E> {
    fn from(error: Unencodable) -> Self {
        match error {
            Unencodable::Json { event_type, source } => Self::Encode { event_type, source },
            Unencodable::Tag { event_type, source } => Self::InvalidTag { event_type, source },
        }
    }
}
