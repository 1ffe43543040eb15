//! The ports of a mutant: each call is the memory store's, unless another is made instead.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Backend, Changes, CheckpointError, CheckpointMove,
    CheckpointStore, DeadLetter, DeadLetterRequest, DeadLetterSelection, DeadLetterStore, Document,
    DocumentQuery, EventStore, ExpectedVersion, FoundDocument, GlobalPosition, IdempotencyKey,
    IndexCondition, InlinePlace, Lease, LeaseError, LeaseStore, LeaseView, Lock, LockError,
    LockKey, LockStore, NodeId, Page, Ports, ReadAll, ReadError, ReadModelCommit, ReadModelError,
    ReadModelStore, ReadStream, RecordedEvent, StoreHealth, StreamId, StreamVersion, TenantId,
};

use super::{Mutant, Outcomes};

#[async_trait]
impl EventStore for Mutant {
    async fn append(&self, appends: Vec<Append>) -> Outcomes {
        if self.ended().is_err() {
            let closed = |_| {
                Err(AppendError::Failed {
                    source: "closed".into(),
                })
            };
            return appends.into_iter().map(closed).collect();
        }
        match &self.append {
            Some(instead) => instead(self.inner.clone(), appends).await,
            None => self.inner.append(appends).await,
        }
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.ended()
            .map_err(|source| ReadError::Failed { source })?;
        match &self.read_stream {
            Some(instead) => instead(self.inner.clone(), read).await,
            None => self.inner.read_stream(read).await,
        }
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.ended()
            .map_err(|source| ReadError::Failed { source })?;
        match &self.read_all {
            Some(instead) => instead(self.inner.clone(), read).await,
            None => self.inner.read_all(read).await,
        }
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.ended()
            .map_err(|source| ReadError::Failed { source })?;
        match &self.find_event {
            Some(instead) => instead(self.inner.clone(), (tenant.clone(), event_id)).await,
            None => self.inner.find_event(tenant, event_id).await,
        }
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.ended()
            .map_err(|source| ReadError::Failed { source })?;
        match &self.outcome_of {
            Some(instead) => instead(self.inner.clone(), (tenant.clone(), key.clone())).await,
            None => self.inner.outcome_of(tenant, key).await,
        }
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.ended()
            .map_err(|source| AppendError::Failed { source })?;
        match &self.archive_stream {
            Some(instead) => instead(self.inner.clone(), (stream.clone(), expected)).await,
            None => self.inner.archive_stream(stream, expected).await,
        }
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.ended()
            .map_err(|source| ReadError::Failed { source })?;
        match &self.head {
            Some(instead) => instead(self.inner.clone(), ()).await,
            None => self.inner.head().await,
        }
    }

    fn changes(&self) -> Changes {
        match &self.changes {
            Some(instead) => instead(),
            None => self.inner.changes(),
        }
    }
}

#[async_trait]
impl CheckpointStore for Mutant {
    async fn load_checkpoint(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.load_checkpoint {
            Some(instead) => instead(self.inner.clone(), subscription.to_owned()).await,
            None => self.inner.load_checkpoint(subscription).await,
        }
    }

    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.lane_checkpoints {
            Some(instead) => instead(self.inner.clone(), subscription.to_owned()).await,
            None => self.inner.lane_checkpoints(subscription).await,
        }
    }

    async fn save_checkpoint(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        position: GlobalPosition,
    ) -> Result<(), CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.save_checkpoint {
            Some(instead) => {
                instead(
                    self.inner.clone(),
                    (subscription.to_owned(), expected, position),
                )
                .await
            }
            None => {
                let moved = CheckpointMove::new(subscription, expected, position);
                self.move_checkpoint(moved).await
            }
        }
    }

    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        self.ended()
            .map_err(|source| failed(&moved.subscription, source))?;
        match &self.move_checkpoint {
            Some(instead) => instead(self.inner.clone(), moved).await,
            None => self.inner.move_checkpoint(moved).await,
        }
    }

    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.ended().map_err(|source| failed("all", source))?;
        match &self.checkpoints {
            Some(instead) => instead(self.inner.clone(), ()).await,
            None => self.inner.checkpoints().await,
        }
    }

    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.checkpoint_resets {
            Some(instead) => instead(self.inner.clone(), subscription.to_owned()).await,
            None => self.inner.checkpoint_resets(subscription).await,
        }
    }

    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.reset_checkpoints {
            Some(instead) => {
                let input = (subscription.to_owned(), position);
                instead(self.inner.clone(), input).await
            }
            None => self.inner.reset_checkpoints(subscription, position).await,
        }
    }
}

#[async_trait]
impl LeaseStore for Mutant {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        match &self.renew_leases {
            Some(instead) => {
                let input = (node.clone(), wants.to_vec(), duration);
                instead(self.inner.clone(), input).await
            }
            None => self.inner.renew_leases(node, wants, duration).await,
        }
    }

    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        match &self.acquire_leases {
            Some(instead) => {
                let input = (node.clone(), names.to_vec(), duration);
                instead(self.inner.clone(), input).await
            }
            None => self.inner.acquire_leases(node, names, duration).await,
        }
    }

    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        match &self.release_leases {
            Some(instead) => instead(self.inner.clone(), (node.clone(), names.to_vec())).await,
            None => self.inner.release_leases(node, names).await,
        }
    }

    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError> {
        match &self.retire_node {
            Some(instead) => instead(self.inner.clone(), node.clone()).await,
            None => self.inner.retire_node(node).await,
        }
    }
}

#[async_trait]
impl DeadLetterStore for Mutant {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.dead_letters {
            Some(instead) => {
                let input = (subscription.to_owned(), selection.clone(), after, limit);
                instead(self.inner.clone(), input).await
            }
            None => {
                let letters = self
                    .inner
                    .dead_letters(subscription, selection, after, limit);
                letters.await
            }
        }
    }

    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.due_dead_letters {
            Some(instead) => instead(self.inner.clone(), (subscription.to_owned(), limit)).await,
            None => self.inner.due_dead_letters(subscription, limit).await,
        }
    }

    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.request_dead_letters {
            Some(instead) => {
                let input = (subscription.to_owned(), selection.clone(), request);
                instead(self.inner.clone(), input).await
            }
            None => {
                let requested = self
                    .inner
                    .request_dead_letters(subscription, selection, request);
                requested.await
            }
        }
    }

    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.ended()
            .map_err(|source| failed(subscription, source))?;
        match &self.count_dead_letters {
            Some(instead) => instead(self.inner.clone(), subscription.to_owned()).await,
            None => self.inner.count_dead_letters(subscription).await,
        }
    }
}

fn failed(subscription: &str, source: BoxError) -> CheckpointError {
    CheckpointError::Failed {
        subscription: subscription.to_owned(),
        source,
    }
}

#[async_trait]
impl ReadModelStore for Mutant {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        self.ended_for(collection)?;
        match &self.documents {
            Some(instead) => {
                let input = (collection.to_owned(), tenant.clone(), keys.to_vec());
                instead(self.inner.clone(), input).await
            }
            None => self.inner.documents(collection, tenant, keys).await,
        }
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        self.ended_for(collection)?;
        match &self.scan {
            Some(instead) => {
                let after = after.map(str::to_owned);
                instead(
                    self.inner.clone(),
                    (collection.to_owned(), tenant.clone(), after, limit),
                )
                .await
            }
            None => self.inner.scan(collection, tenant, after, limit).await,
        }
    }

    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError> {
        self.ended_for(&query.collection)?;
        match &self.query_documents {
            Some(instead) => instead(self.inner.clone(), query).await,
            None => self.inner.query_documents(query).await,
        }
    }

    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError> {
        self.ended_for(collection)?;
        match &self.count_documents {
            Some(instead) => {
                let input = (collection.to_owned(), tenant.clone(), conditions.to_vec());
                instead(self.inner.clone(), input).await
            }
            None => {
                let inner = &self.inner;
                inner.count_documents(collection, tenant, conditions).await
            }
        }
    }

    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError> {
        self.ended_for(collection)?;
        match &self.unindexed {
            Some(instead) => {
                let input = (collection.to_owned(), indexes.to_vec());
                instead(self.inner.clone(), input).await
            }
            None => self.inner.unindexed(collection, indexes).await,
        }
    }

    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError> {
        self.ended_for(collection)?;
        match &self.stream_progress {
            Some(instead) => {
                let input = (collection.to_owned(), streams.to_vec());
                instead(self.inner.clone(), input).await
            }
            None => self.inner.stream_progress(collection, streams).await,
        }
    }

    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError> {
        self.ended_for(read_model)?;
        match &self.inline_places {
            Some(instead) => {
                let input = (read_model.to_owned(), stream.clone());
                instead(self.inner.clone(), input).await
            }
            None => self.inner.inline_places(read_model, stream).await,
        }
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        self.ended_for(subscription)?;
        match &self.read_model_checkpoint {
            Some(instead) => instead(self.inner.clone(), subscription.to_owned()).await,
            None => self.inner.read_model_checkpoint(subscription).await,
        }
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        self.ended_for(&commit.collection)?;
        match &self.commit {
            Some(instead) => instead(self.inner.clone(), commit).await,
            None => self.inner.commit(commit).await,
        }
    }
}

#[async_trait]
impl LockStore for Mutant {
    async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError> {
        self.ended().map_err(|source| LockError::Failed {
            key: key.clone(),
            source,
        })?;
        match &self.try_lock {
            Some(instead) => instead(self.inner.clone(), key.clone()).await,
            None => self.inner.try_lock(key).await,
        }
    }

    fn held_locks(&self) -> usize {
        let held = self.inner.held_locks();
        self.held_locks.map_or(held, |instead| instead(held))
    }
}

#[async_trait]
impl Backend for Mutant {
    fn name(&self) -> &'static str {
        "mutant"
    }

    fn ports(&self) -> Ports {
        Ports::of(Arc::new(self.clone()))
    }

    async fn health(&self) -> StoreHealth {
        if let Err(source) = self.ended() {
            return StoreHealth::new(self.name(), Err(source));
        }
        match &self.health {
            Some(instead) => instead(self.inner.clone(), ()).await,
            None => {
                let mut health = self.inner.health().await;
                health.backend = self.name();
                health
            }
        }
    }

    async fn close(&self) -> Result<(), BoxError> {
        let again = self.closed.swap(true, Ordering::AcqRel);
        match &self.close {
            Some(instead) => instead(self.inner.clone(), again).await,
            None => Ok(()),
        }
    }
}
