//! The conformance suite on the store without a file, where readers and writer share one connection.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::Backend;
use orchestrix::testkit::conformance::{Capabilities, Capability, StoreUnderTest};
use orchestrix_sqlite::SqliteStore;

struct InMemory;

#[async_trait]
impl StoreUnderTest for InMemory {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none().with(Capability::EndsOnClose)
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        Ok(Arc::new(SqliteStore::in_memory().await?))
    }
}

orchestrix::testkit::conformance_tests!(|_test| InMemory);
