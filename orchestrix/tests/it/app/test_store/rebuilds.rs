//! Builds of read models of the test store.

use async_trait::async_trait;
use orchestrix::store::{ReadModelError, ReadModelUpkeep, RebuildStore, SwitchBuild};

use super::{CommitFault, TestStore};

#[async_trait]
impl RebuildStore for TestStore {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.memory.read_model_build(read_model).await
    }

    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.memory.begin_rebuild(read_model).await
    }

    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        self.memory.upkeep().await
    }

    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        let read_model = switch.read_model.clone();
        match self.switch_faults.take() {
            None => return self.memory.switch_build(switch).await,
            Some(CommitFault::Failed) => {}
            Some(CommitFault::AnswerLost) => {
                self.memory.switch_build(switch).await?;
            }
        }
        Err(ReadModelError::Unavailable {
            collection: read_model,
            source: "the connection broke".into(),
        })
    }

    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError> {
        self.memory.drop_read_model(collection).await
    }

    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError> {
        self.memory.purge_dropped(collection, limit).await
    }

    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        self.memory.read_models(prefix).await
    }
}
