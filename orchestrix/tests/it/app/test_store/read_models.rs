//! Checkpoints and read models of the test store.

use std::sync::atomic::Ordering::SeqCst;

use async_trait::async_trait;
use orchestrix::store::{
    CheckpointError, CheckpointStore, Document, GlobalPosition, ReadModelCommit, ReadModelError,
    ReadModelStore, TenantId,
};

use super::{CommitFault, TestStore};

#[async_trait]
impl CheckpointStore for TestStore {
    async fn load_checkpoint(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError> {
        self.memory.load_checkpoint(subscription).await
    }

    async fn save_checkpoint(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        position: GlobalPosition,
    ) -> Result<(), CheckpointError> {
        self.calls.save_checkpoint.fetch_add(1, SeqCst);
        let fault = self.commit_faults.take();
        if !matches!(fault, Some(CommitFault::Failed)) {
            self.memory
                .save_checkpoint(subscription, expected, position)
                .await?;
        }
        fault.map_or(Ok(()), |_| {
            Err(CheckpointError::Failed {
                subscription: subscription.to_owned(),
                source: "the disk is full".into(),
            })
        })
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
