//! Nodes whose process is gone, found before the time of their leases ends.
//!
//! A node holds a lock as long as it runs, and loses it with its process. So who can take the lock of a node that does not
//! beat knows that it is dead. One that was only stopped keeps its lock, and its leases until they end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tracing::{debug, info};

use crate::store::{LeaseView, Lock, LockKey, LockStore, Node, NodeId, TenantId};
use crate::telemetry;

/// How long it is tried to find out about one node.
const LIMIT: Duration = Duration::from_secs(2);

pub(super) struct NodeLocks {
    locks: Arc<dyn LockStore>,
    own: Option<Lock>,
    /// When each other node was last seen to beat.
    seen: HashMap<NodeId, (u64, Instant)>,
}

impl NodeLocks {
    pub(super) fn new(locks: Arc<dyn LockStore>) -> Self {
        Self {
            locks,
            own: None,
            seen: HashMap::new(),
        }
    }

    /// Takes the lock of this node, before others know of it. Without it the node is found dead later, and no more.
    pub(super) async fn hold(&mut self, node: &NodeId) {
        self.own = self.take(node).await;
    }

    /// Lets it go.
    pub(super) async fn release(&mut self) {
        if let Some(lock) = self.own.take() {
            // It ends with the process at the latest.
            let _ = timeout(LIMIT, lock.release()).await;
        }
    }

    /// The nodes that are dead, of those that have not beaten for so long; at the first look, of all.
    pub(super) async fn dead(
        &mut self,
        view: &LeaseView,
        me: &NodeId,
        silence: Duration,
    ) -> Vec<NodeId> {
        let now = Instant::now();
        let others = || view.nodes.iter().filter(|node| node.id != *me);
        self.seen
            .retain(|known, _| others().any(|node| node.id == *known));
        let silent = others().filter(|node| self.is_silent(node, now, silence));
        let silent: Vec<NodeId> = silent.map(|node| node.id.clone()).collect();
        for node in others() {
            let seen = self
                .seen
                .entry(node.id.clone())
                .or_insert((node.beats, now));
            if seen.0 != node.beats {
                *seen = (node.beats, now);
            }
        }
        let mut dead = Vec::new();
        for node in silent {
            if let Some(lock) = self.take(&node).await {
                info!({ telemetry::NODE } = node.as_str(), "a node is dead");
                let _ = timeout(LIMIT, lock.release()).await;
                dead.push(node);
            }
        }
        dead
    }

    fn is_silent(&self, node: &Node, now: Instant, silence: Duration) -> bool {
        match self.seen.get(&node.id) {
            Some((beats, at)) => *beats == node.beats && now - *at >= silence,
            None => true,
        }
    }

    async fn take(&self, node: &NodeId) -> Option<Lock> {
        let name = format!("orchestrix node {node}");
        let key = LockKey::new(TenantId::default(), name).ok()?;
        match timeout(LIMIT, self.locks.try_lock(&key)).await {
            Ok(Ok(lock)) => lock,
            Ok(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                debug!(
                    { telemetry::ERROR } = error,
                    "whether a node lives is not known"
                );
                None
            }
            Err(_late) => None,
        }
    }
}
