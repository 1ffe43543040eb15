//! How far durable readers got.

use async_trait::async_trait;

use super::GlobalPosition;
use crate::error::BoxError;

/// Keeps the checkpoint of each subscription whose effects are outside of the store.
#[async_trait]
pub trait CheckpointStore: Send + Sync + 'static {
    /// How far a subscription got; [`GlobalPosition::START`] when it never saved.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn load_checkpoint(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError>;

    /// Moves a subscription's checkpoint from `expected` to `position`.
    ///
    /// - Refused with [`CheckpointError::Moved`] when it is not at `expected`: another process reads under that name.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn save_checkpoint(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        position: GlobalPosition,
    ) -> Result<(), CheckpointError>;
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
