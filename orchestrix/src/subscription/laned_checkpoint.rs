//! The checkpoint of a subscription, or of a lane of it, that is kept apart from its effects.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Batch, ConsumeError};
use crate::store::{CheckpointMove, CheckpointStore, GlobalPosition, Lane};

/// Where it is kept, and under which name.
pub(crate) struct LanedCheckpoint {
    subscription: String,
    /// Its part of the streams; none where it has all.
    lane: Option<Lane>,
    checkpoints: Arc<dyn CheckpointStore>,
    /// How often it was reset, as of when it was loaded.
    resets: u64,
}

impl LanedCheckpoint {
    pub(crate) fn new(
        subscription: String,
        lane: Option<Lane>,
        checkpoints: Arc<dyn CheckpointStore>,
    ) -> Self {
        Self {
            subscription,
            lane,
            checkpoints,
            resets: 0,
        }
    }

    pub(crate) fn subscription(&self) -> &str {
        &self.subscription
    }

    /// How often the subscription was reset, as of when the checkpoint was loaded.
    pub(crate) fn resets(&self) -> u64 {
        self.resets
    }

    /// Whether it was reset since.
    pub(crate) async fn is_reset(&self) -> Result<bool, ConsumeError> {
        let resets = self.checkpoints.checkpoint_resets(&self.subscription);
        Ok(resets.await? != self.resets)
    }

    pub(crate) async fn load(&mut self) -> Result<GlobalPosition, ConsumeError> {
        let name = match self.lane {
            None => Cow::Borrowed(&self.subscription),
            Some(lane) => Cow::Owned(lane.checkpoint(&self.subscription)),
        };
        // Before its place: one that is reset in between cannot move from there.
        let resets = self.checkpoints.checkpoint_resets(&self.subscription);
        self.resets = resets.await?;
        Ok(self.checkpoints.load_checkpoint(&name).await?)
    }

    /// The checkpoints of the same subscription with other numbers of lanes.
    pub(crate) async fn others(&self) -> Result<Vec<(Option<Lane>, GlobalPosition)>, ConsumeError> {
        let name = &self.subscription;
        let mut others = Vec::new();
        if self.lane.is_some() {
            others.push((None, self.checkpoints.load_checkpoint(name).await?));
        }
        for (checkpoint, position) in self.checkpoints.lane_checkpoints(name).await? {
            if let Some(lane) = Lane::of_checkpoint(name, &checkpoint)
                && Some(lane.count()) != self.lane.map(Lane::count)
            {
                others.push((Some(lane), position));
            }
        }
        Ok(others)
    }

    /// Moves with what was consumed, if anything moves.
    pub(crate) async fn moved(&self, consumed: Batch<'_>) -> Result<(), ConsumeError> {
        if let Some(moved) = consumed.checkpoint(&self.subscription, self.lane) {
            let build = self.resets;
            let moved = CheckpointMove { build, ..moved };
            self.checkpoints.move_checkpoint(moved).await?;
        }
        Ok(())
    }
}
