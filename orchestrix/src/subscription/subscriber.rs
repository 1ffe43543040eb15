//! What a subscription does with the events it reads.

use async_trait::async_trait;

use crate::error::BoxError;
use crate::store::{
    CheckpointError, Filter, GlobalPosition, ReadError, ReadModelError, RecordedEvent, StreamId,
    StreamVersion,
};

/// Longest name of a subscription, in bytes, and of what it is named after: module and handler, or projection.
pub const MAX_SUBSCRIPTION_NAME_BYTES: usize = 256;

/// The reading end of a subscription. It keeps its own checkpoint, together with its effects where it can.
#[async_trait]
pub(crate) trait Subscriber: Send + Sync + 'static {
    /// The subscription's name, and the key of its checkpoint.
    fn name(&self) -> &str;

    /// The events it wants.
    fn filter(&self) -> Filter;

    /// Where it got to.
    async fn load_checkpoint(&self) -> Result<GlobalPosition, ConsumeError>;

    /// Consumes the matching events behind `from` up to `to`, which may be none, and moves the checkpoint.
    ///
    /// An error says that the checkpoint is still at `from`; a failure that stops it half-way is told with how far it
    /// came.
    async fn consume(
        &mut self,
        events: &[RecordedEvent],
        from: GlobalPosition,
        to: GlobalPosition,
    ) -> Result<Consumed, ConsumeError>;
}

/// How far a subscription came on its page.
#[derive(Debug)]
pub(crate) struct Consumed {
    /// Where the checkpoint is now.
    pub(crate) to: GlobalPosition,
    /// What stopped it before the end of the page.
    pub(crate) failure: Option<ConsumeError>,
}

/// Why a subscription could not go on. What it does about it, its [`Delivery`](super::Delivery) says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsumeError {
    /// An event could not be decoded, folded or handled.
    #[error(
        "event `{event_type}` at position {position} (stream {stream}, version {version}) could not be consumed"
    )]
    Event {
        /// Its place in the store.
        position: GlobalPosition,
        /// Its stream.
        stream: StreamId,
        /// Its place in the stream.
        version: StreamVersion,
        /// Its stored name.
        event_type: String,
        /// What went wrong.
        source: BoxError,
    },
    /// A document could not be read or written as JSON.
    #[error("document `{key}` of read model `{collection}` does not fit its type")]
    Document {
        /// The read model.
        collection: String,
        /// The document.
        key: String,
        /// What serde said.
        source: serde_json::Error,
    },
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The checkpoint could not be kept, or another process moved it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The read model could not be kept.
    #[error(transparent)]
    ReadModel(#[from] ReadModelError),
    /// Code of the projection or the handler panicked, outside of a single event.
    #[error("a page of events could not be consumed")]
    Panicked {
        /// What the panic said.
        source: BoxError,
    },
}

impl ConsumeError {
    pub(crate) fn event(recorded: &RecordedEvent, source: BoxError) -> Self {
        Self::Event {
            position: recorded.position,
            stream: recorded.stream.clone(),
            version: recorded.version,
            event_type: recorded.event_type().to_owned(),
            source,
        }
    }

    /// The event that is at fault, where one is.
    pub(crate) fn position(&self) -> Option<GlobalPosition> {
        match self {
            Self::Event { position, .. } => Some(*position),
            _ => None,
        }
    }

    /// Another process reads under the same name and was faster: nothing is wrong, only the place is another.
    pub(crate) fn is_moved(&self) -> bool {
        matches!(
            self,
            Self::Checkpoint(CheckpointError::Moved { .. })
                | Self::ReadModel(ReadModelError::Checkpoint(CheckpointError::Moved { .. }))
        )
    }
}
