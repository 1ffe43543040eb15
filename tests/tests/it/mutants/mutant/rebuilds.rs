//! Builds of read models of a mutant.

use async_trait::async_trait;
use orchestrix::store::{ReadModelError, ReadModelUpkeep, RebuildStore, SwitchBuild};

use super::Mutant;

#[async_trait]
impl RebuildStore for Mutant {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.ended_for(read_model)?;
        match &self.read_model_build {
            Some(instead) => instead(self.inner.clone(), read_model.to_owned()).await,
            None => self.inner.read_model_build(read_model).await,
        }
    }

    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.ended_for(read_model)?;
        match &self.begin_rebuild {
            Some(instead) => instead(self.inner.clone(), read_model.to_owned()).await,
            None => self.inner.begin_rebuild(read_model).await,
        }
    }

    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        self.ended_for("all")?;
        match &self.upkeep {
            Some(instead) => instead(self.inner.clone(), ()).await,
            None => self.inner.upkeep().await,
        }
    }

    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        self.ended_for(&switch.read_model)?;
        match &self.switch_build {
            Some(instead) => instead(self.inner.clone(), switch).await,
            None => self.inner.switch_build(switch).await,
        }
    }

    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError> {
        self.ended_for(collection)?;
        match &self.drop_read_model {
            Some(instead) => instead(self.inner.clone(), collection.to_owned()).await,
            None => self.inner.drop_read_model(collection).await,
        }
    }

    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError> {
        self.ended_for(collection)?;
        match &self.purge_dropped {
            Some(instead) => instead(self.inner.clone(), (collection.to_owned(), limit)).await,
            None => self.inner.purge_dropped(collection, limit).await,
        }
    }

    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        self.ended_for(prefix)?;
        match &self.read_models {
            Some(instead) => instead(self.inner.clone(), prefix.to_owned()).await,
            None => self.inner.read_models(prefix).await,
        }
    }
}
