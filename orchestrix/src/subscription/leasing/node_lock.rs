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

/// How long a lock is tried for, at most: this node's own leases are to be renewed meanwhile.
const LIMIT: Duration = Duration::from_secs(2);

pub(super) struct NodeLocks {
    locks: Arc<dyn LockStore>,
    own: Option<Lock>,
    limit: Duration,
    /// When each other node was last seen to beat.
    seen: HashMap<NodeId, (u64, Instant)>,
}

impl NodeLocks {
    /// No call takes longer than a beat.
    pub(super) fn new(locks: Arc<dyn LockStore>, beat: Duration) -> Self {
        Self {
            locks,
            own: None,
            limit: LIMIT.min(beat),
            seen: HashMap::new(),
        }
    }

    /// Takes the lock of this node, before others know of it. Where that fails it is tried again with each beat; until then
    /// others may take this node for dead, and its leases end once more than they had to.
    pub(super) async fn hold(&mut self, node: &NodeId) {
        self.own = self.take(node).await.unwrap_or_default();
    }

    /// Takes the lock of this node again, if it was lost: with the connection that it was taken on.
    pub(super) async fn keep(&mut self, node: &NodeId) {
        let is_lost = match &self.own {
            Some(lock) => matches!(timeout(self.limit, lock.is_held()).await, Ok(Ok(false))),
            None => true,
        };
        if is_lost {
            self.own = None;
            self.hold(node).await;
        }
    }

    /// The store could not be asked, so nobody was seen to beat, and nobody is silent for that.
    pub(super) fn looked_away(&mut self) {
        let now = Instant::now();
        self.seen.values_mut().for_each(|(_, at)| *at = now);
    }

    /// Lets it go.
    pub(super) async fn release(&mut self) {
        if let Some(lock) = self.own.take() {
            // It ends with the process at the latest.
            let _ = timeout(self.limit, lock.release()).await;
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
            match self.take(&node).await {
                Some(Some(lock)) => {
                    info!({ telemetry::NODE } = node.as_str(), "a node is dead");
                    let _ = timeout(self.limit, lock.release()).await;
                    dead.push(node);
                }
                Some(None) => {}
                // Of the others it cannot be told either, and this node has its own leases to renew.
                None => break,
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

    /// The lock of a node, unless it is held by somebody; none where that cannot be found out in time.
    async fn take(&self, node: &NodeId) -> Option<Option<Lock>> {
        let name = format!("orchestrix node {node}");
        let key = LockKey::new(TenantId::default(), name).ok()?;
        match timeout(self.limit, self.locks.try_lock(&key)).await {
            Ok(Ok(lock)) => Some(lock),
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
