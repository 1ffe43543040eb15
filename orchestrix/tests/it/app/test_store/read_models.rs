//! Checkpoints and read models of the test store.

use std::sync::atomic::Ordering::SeqCst;

use async_trait::async_trait;
use orchestrix::store::{
    CheckpointError, CheckpointMove, CheckpointStore, DeadLetter, DeadLetterRequest,
    DeadLetterSelection, DeadLetterStore, Document, DocumentQuery, FoundDocument, GlobalPosition,
    IndexCondition, InlinePlace, ReadModelCommit, ReadModelError, ReadModelStore, StreamId,
    StreamVersion, TenantId,
};

use super::{CommitFault, TestStore};

#[async_trait]
impl CheckpointStore for TestStore {
    async fn load_checkpoint(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError> {
        self.calls.load_checkpoint.fetch_add(1, SeqCst);
        self.memory.load_checkpoint(subscription).await
    }

    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.memory.lane_checkpoints(subscription).await
    }

    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        self.calls.save_checkpoint.fetch_add(1, SeqCst);
        let subscription = moved.subscription.clone();
        let fault = self.commit_faults.take();
        if !matches!(fault, Some(CommitFault::Failed)) {
            self.memory.move_checkpoint(moved).await?;
        }
        fault.map_or(Ok(()), |_| {
            Err(CheckpointError::Failed {
                subscription,
                source: "the disk is full".into(),
            })
        })
    }

    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.memory.checkpoints().await
    }

    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.memory.checkpoint_resets(subscription).await
    }

    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError> {
        self.memory.reset_checkpoints(subscription, position).await
    }
}

#[async_trait]
impl DeadLetterStore for TestStore {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let letters = self
            .memory
            .dead_letters(subscription, selection, after, limit);
        letters.await
    }

    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        self.memory.due_dead_letters(subscription, limit).await
    }

    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        let requested = self
            .memory
            .request_dead_letters(subscription, selection, request);
        requested.await
    }

    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.memory.count_dead_letters(subscription).await
    }
}

#[async_trait]
impl ReadModelStore for TestStore {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        self.documents_gate.pass().await;
        self.memory.documents(collection, tenant, keys).await
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        self.documents_gate.pass().await;
        self.memory.scan(collection, tenant, after, limit).await
    }

    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError> {
        self.documents_gate.pass().await;
        self.memory.query_documents(query).await
    }

    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError> {
        self.documents_gate.pass().await;
        let memory = &self.memory;
        memory.count_documents(collection, tenant, conditions).await
    }

    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError> {
        self.memory.unindexed(collection, indexes).await
    }

    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError> {
        self.memory.stream_progress(collection, streams).await
    }

    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError> {
        self.memory.inline_places(read_model, stream).await
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        self.memory.read_model_checkpoint(subscription).await
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        self.calls.commit.fetch_add(1, SeqCst);
        let collection = commit.collection.clone();
        let fault = self.commit_faults.take();
        if !matches!(fault, Some(CommitFault::Failed)) {
            self.memory.commit(commit).await?;
        }
        fault.map_or(Ok(()), |_| {
            Err(ReadModelError::Failed {
                collection,
                source: "the disk is full".into(),
            })
        })
    }
}
