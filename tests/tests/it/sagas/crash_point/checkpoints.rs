//! The checkpoints and leases of a process that ends.

use std::time::Duration;

use async_trait::async_trait;
use orchestrix::store::{
    CheckpointError, CheckpointMove, CheckpointStore, DeadLetter, DeadLetterRequest,
    DeadLetterSelection, DeadLetterStore, GlobalPosition, Lease, LeaseError, LeaseStore, LeaseView,
    NodeId,
};

use super::Mortal;

#[async_trait]
impl CheckpointStore for Mortal {
    async fn load_checkpoint(&self, name: &str) -> Result<GlobalPosition, CheckpointError> {
        self.alive(self.checkpoints.load_checkpoint(name)).await
    }

    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.alive(self.checkpoints.lane_checkpoints(subscription))
            .await
    }

    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        self.write(self.checkpoints.move_checkpoint(moved)).await
    }

    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.alive(self.checkpoints.checkpoints()).await
    }

    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.alive(self.checkpoints.checkpoint_resets(subscription))
            .await
    }

    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError> {
        self.alive(self.checkpoints.reset_checkpoints(subscription, position))
            .await
    }
}

#[async_trait]
impl DeadLetterStore for Mortal {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        self.alive(
            self.checkpoints
                .dead_letters(subscription, selection, after, limit),
        )
        .await
    }

    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        self.alive(self.checkpoints.due_dead_letters(subscription, limit))
            .await
    }

    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        self.alive(
            self.checkpoints
                .request_dead_letters(subscription, selection, request),
        )
        .await
    }

    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.alive(self.checkpoints.count_dead_letters(subscription))
            .await
    }
}

#[async_trait]
impl LeaseStore for Mortal {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        self.alive(self.checkpoints.renew_leases(node, wants, duration))
            .await
    }

    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        self.alive(self.checkpoints.acquire_leases(node, names, duration))
            .await
    }

    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        self.alive(self.checkpoints.release_leases(node, names))
            .await
    }

    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError> {
        self.alive(self.checkpoints.retire_node(node)).await
    }
}
