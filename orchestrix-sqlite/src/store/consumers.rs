//! What those who read the log keep: checkpoints, leases, dead letters.

use std::time::Duration;

use async_trait::async_trait;
use orchestrix::store::{
    CheckpointError, CheckpointMove, CheckpointStore, DeadLetter, DeadLetterRequest,
    DeadLetterSelection, DeadLetterStore, GlobalPosition, Lease, LeaseError, LeaseStore, LeaseView,
    NodeId,
};

use super::SqliteStore;
use crate::checkpoint::{self, MoveCheckpoint, ResetCheckpoints};
use crate::dead_letter::{self, RequestDeadLetters};
use crate::lease::{Acquire, Release, Renew, Retire};
use crate::rebuild;

#[async_trait]
impl CheckpointStore for SqliteStore {
    async fn load_checkpoint(&self, checkpoint: &str) -> Result<GlobalPosition, CheckpointError> {
        let name = checkpoint.to_owned();
        let load = move |connection: &_| Ok(checkpoint::load(connection, &name)?);
        self.of_subscription(checkpoint, load).await
    }

    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        let name = subscription.to_owned();
        let load = move |connection: &_| checkpoint::lanes(connection, &name);
        self.of_subscription(subscription, load).await
    }

    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        let subscription = moved.subscription.clone();
        match self.0.writer.run(MoveCheckpoint(moved)).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_checkpoint(subscription)),
        }
    }

    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.of_subscription("all", checkpoint::all).await
    }

    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        let name = subscription.to_owned();
        let load = move |connection: &_| Ok(rebuild::build(connection, &name)?);
        self.of_subscription(subscription, load).await
    }

    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError> {
        let subscription = subscription.to_owned();
        let reset = ResetCheckpoints {
            subscription: subscription.clone(),
            position,
        };
        match self.0.writer.run(reset).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_checkpoint(subscription)),
        }
    }
}

#[async_trait]
impl LeaseStore for SqliteStore {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        let wants = wants.to_vec();
        self.leasing(node, Renew { wants, duration }).await
    }

    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        let names = names.to_vec();
        self.leasing(node, Acquire { names, duration }).await
    }

    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        self.leasing(node, Release(names.to_vec())).await
    }

    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError> {
        self.leasing(node, Retire).await
    }
}

#[async_trait]
impl DeadLetterStore for SqliteStore {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let (name, selection) = (subscription.to_owned(), selection.clone());
        let read =
            move |connection: &_| dead_letter::list(connection, &name, &selection, after, limit);
        self.of_subscription(subscription, read).await
    }

    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let name = subscription.to_owned();
        let read = move |connection: &_| dead_letter::due(connection, &name, limit);
        self.of_subscription(subscription, read).await
    }

    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        let work = RequestDeadLetters {
            subscription: subscription.to_owned(),
            selection: selection.clone(),
            request,
        };
        match self.0.writer.run(work).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_checkpoint(subscription.to_owned())),
        }
    }

    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError> {
        let name = subscription.to_owned();
        let read = move |connection: &_| dead_letter::count(connection, &name);
        self.of_subscription(subscription, read).await
    }
}
