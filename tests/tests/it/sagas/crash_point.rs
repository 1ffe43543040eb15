//! A process that ends at one point of its way: before or after one of the writes that it makes. From then on it does nothing
//! any more, and nobody gets an answer.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, CheckpointError, CheckpointMove, CheckpointStore,
    DeadLetter, DeadLetterRequest, DeadLetterSelection, DeadLetterStore, EventStore,
    ExpectedVersion, GlobalPosition, IdempotencyKey, Lease, LeaseError, LeaseStore, LeaseView,
    NodeId, Page, Ports, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId, StreamVersion,
    TenantId,
};
use tokio::sync::watch;

/// Where the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CrashPoint {
    /// The how-manieth write, from 0.
    pub(super) write: usize,
    /// Whether the write is still made.
    pub(super) after: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Life {
    writes: usize,
    has_ended: bool,
}

/// The writes of a process that ends at a point, if it comes to it.
#[derive(Clone)]
pub(super) struct Mortal {
    events: Arc<dyn EventStore>,
    checkpoints: Arc<dyn CheckpointStore>,
    point: CrashPoint,
    life: watch::Sender<Life>,
}

impl Mortal {
    pub(super) fn over(ports: Ports, point: CrashPoint) -> Self {
        Self {
            events: ports.events,
            checkpoints: ports.checkpoints,
            point,
            life: watch::Sender::new(Life::default()),
        }
    }

    /// Waits until it has ended.
    pub(super) async fn ended(&self) {
        let mut life = self.life.subscribe();
        // The sender is one's own.
        let _ = life.wait_for(|life| life.has_ended).await;
    }

    async fn write<T>(&self, write: impl Future<Output = T>) -> T {
        let mut number = 0;
        let mut has_ended = false;
        self.life.send_modify(|life| {
            number = life.writes;
            life.writes += 1;
            has_ended = life.has_ended;
        });
        let is_here = number == self.point.write;
        if has_ended || (is_here && !self.point.after) {
            self.end().await;
        }
        let written = write.await;
        if is_here || self.life.borrow().has_ended {
            self.end().await;
        }
        written
    }

    async fn end(&self) {
        self.life.send_modify(|life| life.has_ended = true);
        pending().await
    }

    /// Anything else that it does while it lives: its leases above all.
    async fn alive<T>(&self, does: impl Future<Output = T>) -> T {
        if self.life.borrow().has_ended {
            pending::<()>().await;
        }
        does.await
    }
}

#[async_trait]
impl EventStore for Mortal {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.write(self.events.append(appends)).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.events.read_stream(read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.events.read_all(read).await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.events.find_event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.events.outcome_of(tenant, key).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.write(self.events.archive_stream(stream, expected))
            .await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.events.head().await
    }

    fn changes(&self) -> Changes {
        self.events.changes()
    }
}

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
