//! How far durable readers got.

use async_trait::async_trait;

use super::{DeadLetter, DeadLetterStore, GlobalPosition};
use crate::error::BoxError;

/// A checkpoint that moves, with the dead letters that come and go with it: all of it or nothing.
#[derive(Debug, Clone)]
pub struct CheckpointMove {
    /// Whose.
    pub subscription: String,
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
            expected,
            position,
            parked: Vec::new(),
            settled: Vec::new(),
        }
    }
}

/// Keeps the checkpoint of each subscription whose effects are outside of the store.
#[async_trait]
pub trait CheckpointStore: DeadLetterStore {
    /// How far a subscription got; [`GlobalPosition::START`] when it never saved.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn load_checkpoint(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError>;

    /// Moves a checkpoint, and keeps and settles dead letters with it.
    ///
    /// - Refused with [`CheckpointError::Moved`] when it is not at `expected`: another process reads under that name.
    /// - Refused with [`CheckpointError::NotParked`] when a dead letter to be settled is not there.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError>;

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
