//! Builds are of read models, for all tenants at once: nothing of any tenant is in them but documents.

use async_trait::async_trait;
use orchestrix::store::{ReadModelError, ReadModelUpkeep, RebuildStore, SwitchBuild};

use super::recording::Recording;

#[async_trait]
impl RebuildStore for Recording {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.ports().read_models.read_model_build(read_model).await
    }

    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.ports().read_models.begin_rebuild(read_model).await
    }

    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        self.ports().read_models.upkeep().await
    }

    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        self.ports().read_models.switch_build(switch).await
    }

    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError> {
        self.ports().read_models.drop_read_model(collection).await
    }

    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError> {
        self.ports()
            .read_models
            .purge_dropped(collection, limit)
            .await
    }

    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        self.ports().read_models.read_models(prefix).await
    }
}
