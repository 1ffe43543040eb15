//! Without faults, the wrapper is as good as what it wraps: it runs the conformance suite.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::{Backend, MemoryStore, Ports, StoreHealth};
use orchestrix::testkit::conformance::{Capabilities, Capability, StoreUnderTest};
use orchestrix::testkit::faults::FaultStore;

struct Wrapped(MemoryStore);

#[async_trait]
impl Backend for Wrapped {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn ports(&self) -> Ports {
        let mut ports = self.0.ports();
        ports.events = Arc::new(FaultStore::over(ports.events));
        ports
    }

    async fn health(&self) -> StoreHealth {
        self.0.health().await
    }

    async fn close(&self) -> Result<(), BoxError> {
        self.0.close().await
    }
}

#[async_trait]
impl StoreUnderTest for Wrapped {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
            .with(Capability::Durable)
            .with(Capability::Shared)
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        Ok(Arc::new(Self(self.0.clone())))
    }
}

orchestrix::testkit::conformance_tests!(|_name| Wrapped(MemoryStore::new()));
