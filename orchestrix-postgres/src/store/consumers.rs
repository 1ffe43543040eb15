//! What those who read the log keep: checkpoints, leases, dead letters.

use std::time::Duration;

use async_trait::async_trait;
use orchestrix::store::{
    CheckpointError, CheckpointMove, CheckpointStore, DeadLetter, DeadLetterRequest,
    DeadLetterSelection, DeadLetterStore, GlobalPosition, Lease, LeaseError, LeaseStore, LeaseView,
    NodeId,
};

use super::PostgresStore;

#[async_trait]
impl CheckpointStore for PostgresStore {
    async fn load_checkpoint(&self, checkpoint: &str) -> Result<GlobalPosition, CheckpointError> {
        self.0.checkpoints.load(checkpoint).await
    }

    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.0.checkpoints.lanes(subscription).await
    }

    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        let store = &self.0;
        let moved = store
            .checkpoints
            .move_to(&moved, &store.dead_letters, &store.leases);
        moved.await
    }

    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.0.checkpoints.all().await
    }

    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.0.checkpoints.resets(subscription).await
    }

    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError> {
        let (checkpoints, dead_letters) = (&self.0.checkpoints, &self.0.dead_letters);
        checkpoints
            .reset(subscription, position, dead_letters)
            .await
    }
}

#[async_trait]
impl LeaseStore for PostgresStore {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        self.0.leases.renew(node, wants, duration).await
    }

    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        self.0.leases.acquire(node, names, duration).await
    }

    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        self.0.leases.release(node, names).await
    }

    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError> {
        self.0.leases.retire(node).await
    }
}

#[async_trait]
impl DeadLetterStore for PostgresStore {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let dead_letters = &self.0.dead_letters;
        let found = dead_letters.list(subscription, selection, after, limit);
        found.await
    }

    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        self.0.dead_letters.due(subscription, limit).await
    }

    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        let dead_letters = &self.0.dead_letters;
        dead_letters.request(subscription, selection, request).await
    }

    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.0.dead_letters.count(subscription).await
    }
}
