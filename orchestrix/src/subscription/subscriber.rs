//! What a subscription does with the events it reads.

use std::sync::Arc;

use async_trait::async_trait;

use super::HeldLease;
use crate::error::BoxError;
use crate::message::MessageId;
use crate::store::{
    CheckpointError, CheckpointMove, DeadLetter, Filter, GlobalPosition, Lane, LeaseError,
    ReadError, ReadModelError, RecordedEvent, StreamId, StreamVersion,
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
    async fn load_checkpoint(&mut self) -> Result<GlobalPosition, ConsumeError>;

    /// What it needs before its first event, now that it serves, and its checkpoint is loaded.
    async fn prepare(&mut self, _lease: Option<&HeldLease>) -> Result<(), ConsumeError> {
        Ok(())
    }

    /// The checkpoints of the same subscription with other numbers of lanes: each says that of the streams in that lane, or of
    /// all without one, everything up to there is consumed.
    async fn other_checkpoints(&self) -> Result<Vec<(Option<Lane>, GlobalPosition)>, ConsumeError> {
        Ok(Vec::new())
    }

    /// Consumes a batch, and moves the checkpoint; keeps and settles its dead letters together with that.
    ///
    /// An error says that the checkpoint is still where the batch begins; a failure that stops it half-way is told with
    /// how far it came.
    async fn consume(&mut self, batch: Batch<'_>) -> Result<Consumed, ConsumeError>;

    /// Whether what it writes to has been replaced since its checkpoint was loaded, and with it the checkpoint and the dead
    /// letters.
    async fn is_replaced(&self) -> Result<bool, ConsumeError> {
        Ok(false)
    }

    /// How often its checkpoint was set to another place by somebody, as of when it was loaded.
    fn resets(&self) -> u64 {
        0
    }

    /// Whether there is an end to its work.
    fn ends(&self) -> bool {
        false
    }

    /// It has consumed all there is, up to here; says whether its work is done.
    async fn end(
        &mut self,
        _at: GlobalPosition,
        _lease: Option<&HeldLease>,
    ) -> Result<bool, ConsumeError> {
        Ok(false)
    }

    /// Where the checkpoint could be, while something that was taken in is not finished; none while all is.
    fn unfinished(&mut self) -> Option<GlobalPosition> {
        None
    }

    /// Whether the checkpoint could be further on than where it was left, without any more events.
    fn has_progressed(&mut self) -> bool {
        false
    }

    /// Until that may be so.
    async fn progressed(&self) {
        std::future::pending().await
    }

    /// Finishes what it is at, and begins nothing.
    async fn rest(&mut self) {}

    /// Somebody else is to go on: what is under way ends at once.
    async fn released(&mut self) {}

    /// Whether these events of one stream could be consumed now, as far as that can be told without an effect.
    async fn rehearse(&self, events: &[RecordedEvent]) -> Result<(), ConsumeError>;
}

/// What a subscription consumes in one go: the matching events behind `from` up to `to`, which may be none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) events: &'a [RecordedEvent],
    pub(crate) from: GlobalPosition,
    pub(crate) to: GlobalPosition,
    /// Dead letters to keep once the checkpoint has passed them, by position.
    pub(crate) parked: &'a [DeadLetter],
    /// Dead letters that are no more once all is consumed.
    pub(crate) settled: &'a [GlobalPosition],
    /// What it is done under; none where nobody else can do the same.
    pub(crate) lease: Option<&'a HeldLease>,
}

impl<'a> Batch<'a> {
    /// No events: only the checkpoint moves.
    pub(crate) fn passing(from: GlobalPosition, to: GlobalPosition) -> Self {
        Self {
            events: &[],
            from,
            to,
            parked: &[],
            settled: &[],
            lease: None,
        }
    }

    /// Under this lease.
    pub(crate) fn under(self, lease: Option<&'a HeldLease>) -> Self {
        Self { lease, ..self }
    }

    /// Whether the lease that it is done under is still held.
    pub(crate) fn may_go_on(&self) -> bool {
        self.lease.is_none_or(HeldLease::holds)
    }

    /// Without the event at this place, and what comes after it. What is to be parked before it still is.
    pub(crate) fn before(self, at: usize) -> Self {
        let Some(failed) = self.events.get(at).map(|event| event.position) else {
            return self;
        };
        let events = &self.events[..at];
        let consumed = events.last().map(|event| event.position);
        let parked = self
            .parked
            .partition_point(|letter| letter.position < failed);
        let parked = &self.parked[..parked];
        let passed = parked.last().map(|letter| letter.position);
        Self {
            events,
            to: consumed.max(passed).unwrap_or(self.from),
            parked,
            settled: &[],
            ..self
        }
    }

    /// How the checkpoint of the subscription, or of a lane of it, moves with it, if anything does.
    pub(crate) fn checkpoint(
        &self,
        subscription: &str,
        lane: Option<Lane>,
    ) -> Option<CheckpointMove> {
        let moves = self.to > self.from || !self.parked.is_empty() || !self.settled.is_empty();
        moves.then(|| CheckpointMove {
            parked: self.parked.to_vec(),
            settled: self.settled.to_vec(),
            lane,
            fence: self.lease.map(HeldLease::fence),
            ..CheckpointMove::new(subscription, self.from, self.to)
        })
    }
}

/// How far a subscription came on its page.
#[derive(Debug)]
pub(crate) struct Consumed {
    /// Where the checkpoint is now.
    pub(crate) to: GlobalPosition,
    /// Up to where nothing need be read again, for as long as this subscriber goes on: further than the checkpoint, where
    /// something is still under way.
    pub(crate) taken: GlobalPosition,
    /// What stopped it before the end of the page.
    pub(crate) failure: Option<ConsumeError>,
}

impl Consumed {
    /// All up to here.
    pub(crate) fn up_to(to: GlobalPosition) -> Self {
        Self {
            to,
            taken: to,
            failure: None,
        }
    }
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
        /// Its id.
        event_id: MessageId,
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
    /// A projection with tables of its own could not make or empty them.
    #[error("the tables of projection `{subscription}` could not be made ready")]
    Tables {
        /// Its subscription.
        subscription: String,
        /// What it said.
        source: BoxError,
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
    /// The leases could not be kept, so nobody knows which node is to go on.
    #[error(transparent)]
    Lease(#[from] Arc<LeaseError>),
    /// There are as many dead letters as there may be: settle some, then resume the subscription.
    #[error("subscription `{subscription}` has {most} dead letters, and may have no more")]
    DeadLettersFull {
        /// Whose.
        subscription: String,
        /// How many it may have.
        most: u64,
    },
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
            event_id: recorded.event_id(),
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

    /// The store has refused the lease.
    pub(crate) fn is_fenced(&self) -> bool {
        matches!(
            self,
            Self::Checkpoint(CheckpointError::Fenced { .. })
                | Self::ReadModel(ReadModelError::Checkpoint(CheckpointError::Fenced { .. }))
        )
    }

    /// What it builds is not under way any more: there is nothing left to do.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::ReadModel(ReadModelError::NotBuilding { .. }))
    }

    /// Another process reads under the same name and was faster: nothing is wrong, only the place is another, or who is to
    /// serve.
    pub(crate) fn is_moved(&self) -> bool {
        if let Self::ReadModel(ReadModelError::ProgressMoved { .. }) = self {
            return true;
        }
        let (Self::Checkpoint(error) | Self::ReadModel(ReadModelError::Checkpoint(error))) = self
        else {
            return false;
        };
        matches!(
            error,
            CheckpointError::Moved { .. }
                | CheckpointError::NotParked { .. }
                | CheckpointError::Fenced { .. }
                | CheckpointError::Rebuilt { .. }
        )
    }
}
