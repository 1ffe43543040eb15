//! A store in this process's memory: for unit tests and for trying things out. It forgets everything when dropped.

mod dead_letters;
mod documents;
mod leases;
mod log;
mod progress;
mod read_models;
mod rebuilds;
mod schedules;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;

use super::{
    Append, AppendError, Appended, Backend, ChangeSignal, Changes, CheckpointError, CheckpointMove,
    CheckpointStore, DeadLetter, DeadLetterRequest, DeadLetterSelection, DeadLetterStore, Document,
    DocumentQuery, EventStore, ExpectedVersion, FoundDocument, GlobalPosition, IdempotencyKey,
    IndexCondition, InlinePlace, Lease, LeaseError, LeaseStore, LeaseView, Limits, Lock, LockError,
    LockKey, LockStore, NodeId, Page, Ports, ProcessLocks, ReadAll, ReadError, ReadModelCommit,
    ReadModelError, ReadModelStore, ReadModelUpkeep, ReadStream, RebuildStore, RecordedEvent,
    StoreHealth, StreamId, StreamVersion, SwitchBuild, TenantId,
};
use crate::error::BoxError;
use crate::message::MessageId;
use log::Log;
use read_models::ReadModels;
use schedules::Schedules;

/// The store in memory. Cloning shares the contents.
///
/// ```
/// use orchestrix::prelude::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = Orchestrix::builder().isolated().store(MemoryStore::new()).start().await?;
/// app.shutdown().await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    log: Mutex<Log>,
    read_models: Mutex<ReadModels>,
    schedules: Mutex<Schedules>,
    changes: ChangeSignal,
    locks: ProcessLocks,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store with other limits on appends than the usual ones.
    pub fn with_limits(limits: Limits) -> Self {
        Self(Arc::new(Shared {
            log: Mutex::new(Log::new(limits)),
            ..Shared::default()
        }))
    }
}

/// Nothing that is done under these locks can panic half-way and leave the contents torn, so a poisoned lock is
/// as good as a clean one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let outcomes: Vec<_> = {
            let mut log = lock(&self.0.log);
            // Held as long as the log: nobody sees events without the documents that were written with them. The log is
            // always locked first.
            let is_inline = appends.iter().any(|append| !append.inline().is_empty());
            let mut read_models = is_inline.then(|| lock(&self.0.read_models));
            let mut write_inline = |append: &Append| match &mut read_models {
                Some(read_models) => read_models.write_inline(append.inline(), append.writes()),
                None => Ok(()),
            };
            appends
                .into_iter()
                .map(|append| log.append(append, &mut write_inline))
                .collect()
        };
        if outcomes.iter().any(Result::is_ok) {
            self.0.changes.wake();
        }
        outcomes
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        Ok(lock(&self.0.log).read_stream(&read))
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        Ok(lock(&self.0.log).read_all(&read))
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        Ok(lock(&self.0.log).find(tenant, event_id))
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        Ok(lock(&self.0.log).known(tenant, key))
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        lock(&self.0.log).archive(stream, expected)
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        Ok(lock(&self.0.log).head())
    }

    fn changes(&self) -> Changes {
        self.0.changes.subscribe()
    }
}

#[async_trait]
impl CheckpointStore for MemoryStore {
    async fn load_checkpoint(&self, checkpoint: &str) -> Result<GlobalPosition, CheckpointError> {
        Ok(lock(&self.0.read_models).checkpoint(checkpoint))
    }

    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        Ok(lock(&self.0.read_models).lane_checkpoints(subscription))
    }

    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        lock(&self.0.read_models).move_checkpoint(moved)
    }

    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        Ok(lock(&self.0.read_models).all_checkpoints())
    }

    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        Ok(lock(&self.0.read_models).build(subscription))
    }

    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError> {
        Ok(lock(&self.0.read_models).reset(subscription, position))
    }
}

#[async_trait]
impl LeaseStore for MemoryStore {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        Ok(lock(&self.0.read_models)
            .leases
            .renew(node, wants, duration))
    }

    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        Ok(lock(&self.0.read_models)
            .leases
            .acquire(node, names, duration))
    }

    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        lock(&self.0.read_models).leases.release(node, names);
        Ok(())
    }

    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError> {
        lock(&self.0.read_models).leases.retire(node);
        Ok(())
    }
}

#[async_trait]
impl DeadLetterStore for MemoryStore {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let read_models = lock(&self.0.read_models);
        let letters = &read_models.dead_letters;
        Ok(letters.list(subscription, selection, after, limit))
    }

    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        Ok(lock(&self.0.read_models)
            .dead_letters
            .due(subscription, limit))
    }

    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        let mut read_models = lock(&self.0.read_models);
        let letters = &mut read_models.dead_letters;
        Ok(letters.request(subscription, selection, request))
    }

    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError> {
        Ok(lock(&self.0.read_models).dead_letters.count(subscription))
    }
}

#[async_trait]
impl ReadModelStore for MemoryStore {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        Ok(lock(&self.0.read_models).documents(collection, tenant, keys))
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        Ok(lock(&self.0.read_models).scan(collection, tenant, after, limit))
    }

    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError> {
        Ok(lock(&self.0.read_models).query(&query))
    }

    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError> {
        let read_models = lock(&self.0.read_models);
        Ok(read_models.count(collection, tenant, conditions) as u64)
    }

    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError> {
        Ok(lock(&self.0.read_models).unindexed(collection, indexes))
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        Ok(lock(&self.0.read_models).checkpoint(subscription))
    }

    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError> {
        Ok(lock(&self.0.read_models).stream_progress(collection, streams))
    }

    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError> {
        Ok(lock(&self.0.read_models).inline_places(read_model, stream))
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        lock(&self.0.read_models).commit(commit)
    }
}

#[async_trait]
impl RebuildStore for MemoryStore {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        Ok(lock(&self.0.read_models).build(read_model))
    }

    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError> {
        Ok(lock(&self.0.read_models).begin_rebuild(read_model))
    }

    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        Ok(lock(&self.0.read_models).upkeep())
    }

    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        lock(&self.0.read_models).switch(switch)
    }

    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError> {
        lock(&self.0.read_models).drop_read_model(collection);
        Ok(())
    }

    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError> {
        Ok(lock(&self.0.read_models).purge(collection, limit))
    }

    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        Ok(lock(&self.0.read_models).names(prefix))
    }
}

#[async_trait]
impl LockStore for MemoryStore {
    async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError> {
        Ok(self.0.locks.try_lock(key))
    }

    fn held_locks(&self) -> usize {
        self.0.locks.held()
    }
}

#[async_trait]
impl Backend for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn ports(&self) -> Ports {
        Ports::of(Arc::new(self.clone()))
    }

    async fn health(&self) -> StoreHealth {
        StoreHealth::new(self.name(), Ok(Duration::ZERO))
    }

    async fn close(&self) -> Result<(), BoxError> {
        Ok(())
    }
}
