//! Read models, and their being built anew.

use async_trait::async_trait;
use orchestrix::store::{
    Document, DocumentQuery, FoundDocument, GlobalPosition, IndexCondition, InlinePlace,
    ReadModelCommit, ReadModelError, ReadModelStore, ReadModelUpkeep, RebuildStore, StreamId,
    StreamVersion, SwitchBuild, TenantId,
};

use super::PostgresStore;

#[async_trait]
impl ReadModelStore for PostgresStore {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        self.0.read_models.documents(collection, tenant, keys).await
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        self.0
            .read_models
            .scan(collection, tenant, after, limit)
            .await
    }

    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError> {
        self.0.read_models.query(&query).await
    }

    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError> {
        let read_models = &self.0.read_models;
        read_models.count(collection, tenant, conditions).await
    }

    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError> {
        self.0.read_models.unindexed(collection, indexes).await
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        Ok(self.0.checkpoints.load(subscription).await?)
    }

    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError> {
        self.0.progress.of_streams(collection, streams).await
    }

    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError> {
        self.0.progress.places(read_model, stream).await
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        let (checkpoints, dead_letters) = (&self.0.checkpoints, &self.0.dead_letters);
        let read_models = &self.0.read_models;
        read_models
            .commit(commit, checkpoints, dead_letters, &self.0.leases)
            .await
    }
}

#[async_trait]
impl RebuildStore for PostgresStore {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.0.rebuilds.build(read_model).await
    }

    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.0.rebuilds.begin(read_model).await
    }

    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        self.0.rebuilds.upkeep().await
    }

    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        self.0.rebuilds.switch(switch).await
    }

    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError> {
        self.0.rebuilds.give_up(collection).await
    }

    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError> {
        self.0.rebuilds.purge(collection, limit).await
    }

    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        self.0.rebuilds.read_models(prefix).await
    }
}
