//! The store in memory.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::{Backend, MemoryStore};
use orchestrix::testkit::conformance::{Capabilities, Capability, StoreUnderTest};

/// A memory store that is kept while it is closed, as its clones share their contents.
#[derive(Debug, Default)]
pub struct MemorySubject(MemoryStore);

#[async_trait]
impl StoreUnderTest for MemorySubject {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
            .with(Capability::Durable)
            .with(Capability::Shared)
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        Ok(Arc::new(self.0.clone()))
    }
}
