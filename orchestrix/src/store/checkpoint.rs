//! How far durable readers got.

use std::borrow::Cow;

use async_trait::async_trait;

use super::{DeadLetter, DeadLetterStore, Fence, GlobalPosition, Lane, LeaseStore};
use crate::error::BoxError;

/// A checkpoint that moves, with the dead letters that come and go with it: all of it or nothing.
#[derive(Debug, Clone)]
pub struct CheckpointMove {
    /// Whose. Dead letters are the subscription's, whichever of its lanes they come from.
    pub subscription: String,
    /// The lane whose checkpoint it is; none where there is one for all streams.
    pub lane: Option<Lane>,
    /// The build of the read model that it is of; for what is no read model, how often its checkpoints were
    /// [reset](CheckpointStore::reset_checkpoints).
    pub build: u64,
    /// The lease that it is done under; none where nobody else can do the same.
    pub fence: Option<Fence>,
    /// Where it was when the events were read.
    pub expected: GlobalPosition,
    /// Where it is now; the same where only dead letters are concerned.
    pub position: GlobalPosition,
    /// Dead letters to keep. One that is there already gets the new attempts, error, failure time and request, and keeps
    /// when it was parked.
    pub parked: Vec<DeadLetter>,
    /// Positions of dead letters that are no more, none of them among `parked`. One that is not there refuses the whole.
    pub settled: Vec<GlobalPosition>,
}

impl CheckpointMove {
    /// A checkpoint that moves, and no more.
    pub fn new(
        subscription: impl Into<String>,
        expected: GlobalPosition,
        position: GlobalPosition,
    ) -> Self {
        Self {
            subscription: subscription.into(),
            lane: None,
            build: 0,
            fence: None,
            expected,
            position,
            parked: Vec::new(),
            settled: Vec::new(),
        }
    }

    /// The name of the checkpoint: that of the subscription, or of its lane.
    pub fn checkpoint(&self) -> Cow<'_, str> {
        match self.lane {
            None => Cow::Borrowed(&self.subscription),
            Some(lane) => Cow::Owned(lane.checkpoint(&self.subscription)),
        }
    }
}

/// Keeps the checkpoint of each subscription whose effects are outside of the store.
#[async_trait]
pub trait CheckpointStore: DeadLetterStore + LeaseStore {
    /// Where the checkpoint of this name is: that of a subscription, or of one of its lanes;
    /// [`GlobalPosition::START`] when it was never saved.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn load_checkpoint(&self, checkpoint: &str) -> Result<GlobalPosition, CheckpointError>;

    /// The checkpoints of a subscription's lanes, by name: those whose names begin with its own and `#`. Of all lanes that
    /// it ever had, however many.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError>;

    /// Moves a checkpoint, and keeps and settles dead letters with it.
    ///
    /// - Refused with [`CheckpointError::Fenced`] when its lease has ended, or was passed on.
    /// - Refused with [`CheckpointError::Rebuilt`] when the read model has another build by now, or the subscription was
    ///   reset.
    /// - Refused with [`CheckpointError::Moved`] when it is not at `expected`: another process reads under that name.
    /// - Refused with [`CheckpointError::NotParked`] when a dead letter to be settled is not there.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError>;

    /// Where all checkpoints are that are kept here and have come further than the start of the log, sorted by the bytes of
    /// their names: of subscriptions, of lanes, of read models and their builds.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError>;

    /// How often a subscription was reset; 0 when it never was.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError>;

    /// Sets a subscription back, or on, to a position, and says how often it was reset by now. It is not for read models:
    /// those are built anew.
    ///
    /// - Its own checkpoint is at `position` then, those of its lanes are gone, and so are its dead letters: all of it or
    ///   nothing. Other subscriptions stay as they are.
    /// - Moves that say that it was reset less often are refused with [`CheckpointError::Rebuilt`] from then on, those of
    ///   its lanes, too.
    /// - To [`GlobalPosition::START`] it does nothing where there is nothing.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError>;

    /// Moves a checkpoint from `expected` to `position`, as [`move_checkpoint`](Self::move_checkpoint).
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn save_checkpoint(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        position: GlobalPosition,
    ) -> Result<(), CheckpointError> {
        let moved = CheckpointMove::new(subscription, expected, position);
        self.move_checkpoint(moved).await
    }
}

/// Why a checkpoint was not loaded or moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Somebody else moved it: nothing was changed.
    #[error("the checkpoint of subscription `{subscription}` is at {actual}, not at {expected}")]
    Moved {
        /// Whose.
        subscription: String,
        /// Where it was last seen.
        expected: GlobalPosition,
        /// Where it is.
        actual: GlobalPosition,
    },
    /// The lease that it was to be done under has ended, or somebody else holds it. Nothing was changed.
    #[error("this node holds the lease `{lease}` of subscription `{subscription}` no more")]
    Fenced {
        /// Whose.
        subscription: String,
        /// Which lease.
        lease: String,
    },
    /// The read model was built anew meanwhile, or the subscription was reset. Nothing was changed.
    #[error("`{subscription}` was built anew, or reset: it is at build {actual}, not {expected}")]
    Rebuilt {
        /// Whose.
        subscription: String,
        /// The build that was to be changed, or how often it had been reset.
        expected: u64,
        /// The one that is read now, or how often it has been reset.
        actual: u64,
    },
    /// A dead letter that was to be settled is not there: somebody else settled it. Nothing was changed.
    #[error("subscription `{subscription}` has no dead letter at position {position}")]
    NotParked {
        /// Whose.
        subscription: String,
        /// Where its event stands.
        position: GlobalPosition,
    },
    /// The store cannot be reached or is too busy: it may work later. Whether the checkpoint was moved is not known when
    /// the connection broke meanwhile; moving it again tells.
    #[error("the store is unavailable for the checkpoint of subscription `{subscription}`")]
    Unavailable {
        /// Whose.
        subscription: String,
        /// What the driver said.
        source: BoxError,
    },
    /// The store failed.
    #[error("the store failed to keep the checkpoint of subscription `{subscription}`")]
    Failed {
        /// Whose.
        subscription: String,
        /// What the driver said.
        source: BoxError,
    },
}

impl CheckpointError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
