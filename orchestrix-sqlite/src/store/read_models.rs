//! Read models, and their being built anew.

use async_trait::async_trait;
use orchestrix::store::{
    CheckpointStore, Document, DocumentQuery, FoundDocument, GlobalPosition, IndexCondition,
    InlinePlace, ReadModelCommit, ReadModelError, ReadModelStore, ReadModelUpkeep, RebuildStore,
    StreamId, StreamVersion, SwitchBuild, TenantId,
};

use super::SqliteStore;
use crate::read_model::{self, CommitReadModel};
use crate::rebuild::{self, Begin, Purge, Switch};
use crate::{document_query, inline};

#[async_trait]
impl ReadModelStore for SqliteStore {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        let (name, tenant, keys) = (collection.to_owned(), tenant.clone(), keys.to_vec());
        let read =
            move |connection: &_| read_model::documents(connection, &name, tenant.as_str(), &keys);
        self.of_read_model(collection, read).await
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        let (name, tenant, after) = (
            collection.to_owned(),
            tenant.clone(),
            after.map(str::to_owned),
        );
        let read = move |connection: &_| {
            read_model::scan(connection, &name, tenant.as_str(), after.as_deref(), limit)
        };
        self.of_read_model(collection, read).await
    }

    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError> {
        let collection = query.collection.clone();
        let read = move |connection: &_| document_query::query(connection, &query);
        let found = self.0.readers.read(read).await;
        found.map_err(|failure| failure.into_read_model(collection))
    }

    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError> {
        let (name, tenant, conditions) =
            (collection.to_owned(), tenant.clone(), conditions.to_vec());
        let read = move |connection: &_| {
            document_query::count(connection, &name, tenant.as_str(), &conditions)
        };
        let count = self.0.readers.read(read).await;
        count.map_err(|failure| failure.into_read_model(collection.to_owned()))
    }

    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError> {
        let (name, indexes) = (collection.to_owned(), indexes.to_vec());
        let read = move |connection: &_| read_model::unindexed(connection, &name, &indexes);
        let unindexed = self.0.readers.read(read).await;
        unindexed.map_err(|failure| failure.into_read_model(collection.to_owned()))
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        Ok(self.load_checkpoint(subscription).await?)
    }

    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError> {
        let (name, streams) = (collection.to_owned(), streams.to_vec());
        let read = move |connection: &_| inline::stream_progress(connection, &name, &streams);
        self.of_read_model(collection, read).await
    }

    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError> {
        let (name, stream) = (read_model.to_owned(), stream.clone());
        let read = move |connection: &_| inline::places(connection, &name, &stream);
        self.of_read_model(read_model, read).await
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        let collection = commit.collection.clone();
        let done = self.0.writer.run(CommitReadModel::new(commit)?).await;
        done.unwrap_or_else(|failure| Err(failure.into_read_model(collection)))
    }
}

#[async_trait]
impl RebuildStore for SqliteStore {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        let name = read_model.to_owned();
        let read = move |connection: &_| Ok(rebuild::build(connection, &name)?);
        self.of_read_model(read_model, read).await
    }

    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.rebuilding(read_model, Begin).await
    }

    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        self.of_read_model("all", rebuild::upkeep).await
    }

    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        let read_model = switch.read_model.clone();
        self.rebuilding(&read_model, Switch(switch)).await
    }

    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError> {
        self.rebuilding(collection, rebuild::Drop).await
    }

    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError> {
        self.rebuilding(collection, Purge { limit }).await
    }

    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        let start = prefix.to_owned();
        let read = move |connection: &_| rebuild::names(connection, &start);
        self.of_read_model(prefix, read).await
    }
}
