//! A store for several apps, one after the other.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::{Backend, Ports, StoreHealth};

/// A store that outlives its apps.
pub(in crate::sagas) struct StaysOpen(pub(in crate::sagas) Arc<dyn Backend>);

#[async_trait]
impl Backend for StaysOpen {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn ports(&self) -> Ports {
        self.0.ports()
    }

    async fn health(&self) -> StoreHealth {
        self.0.health().await
    }

    async fn close(&self) -> Result<(), BoxError> {
        Ok(())
    }
}
