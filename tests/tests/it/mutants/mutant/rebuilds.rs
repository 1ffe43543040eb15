//! Builds of read models of a mutant.

use async_trait::async_trait;
use orchestrix::store::{ReadModelError, ReadModelUpkeep, RebuildStore, SwitchBuild};

use super::Mutant;

#[async_trait]
impl RebuildStore for Mutant {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.inner.read_model_build(read_model).await
    }

    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.inner.begin_rebuild(read_model).await
    }

    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        self.inner.upkeep().await
    }

    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        self.inner.switch_build(switch).await
    }

    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError> {
        self.inner.drop_read_model(collection).await
    }

    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError> {
        self.inner.purge_dropped(collection, limit).await
    }

    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        self.inner.read_models(prefix).await
    }
}
