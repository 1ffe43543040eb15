//! The checkpoint of a subscription, or of a lane of it, that is kept apart from its effects.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Batch, ConsumeError};
use crate::store::{CheckpointStore, GlobalPosition, Lane};

/// Where it is kept, and under which name.
pub(crate) struct LanedCheckpoint {
    pub(crate) subscription: String,
    /// Its part of the streams; none where it has all.
    pub(crate) lane: Option<Lane>,
    pub(crate) checkpoints: Arc<dyn CheckpointStore>,
}

impl LanedCheckpoint {
    pub(crate) fn subscription(&self) -> &str {
        &self.subscription
    }

    pub(crate) async fn load(&self) -> Result<GlobalPosition, ConsumeError> {
        let name = match self.lane {
            None => Cow::Borrowed(&self.subscription),
            Some(lane) => Cow::Owned(lane.checkpoint(&self.subscription)),
        };
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
            self.checkpoints.move_checkpoint(moved).await?;
        }
        Ok(())
    }
}
