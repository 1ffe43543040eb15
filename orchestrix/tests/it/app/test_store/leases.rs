//! Leases of the test store.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::store::{Lease, LeaseError, LeaseStore, LeaseView, NodeId};

use super::TestStore;

impl TestStore {
    fn has_leases(&self, node: &NodeId) -> Result<(), LeaseError> {
        match self.leaseless.load(SeqCst) {
            true => Err(LeaseError::Unavailable {
                node: node.clone(),
                source: "the table is locked".into(),
            }),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl LeaseStore for TestStore {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        self.has_leases(node)?;
        self.memory.renew_leases(node, wants, duration).await
    }

    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        self.acquire_gate.pass().await;
        self.has_leases(node)?;
        self.memory.acquire_leases(node, names, duration).await
    }

    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        self.memory.release_leases(node, names).await
    }

    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError> {
        self.memory.retire_node(node).await
    }
}
