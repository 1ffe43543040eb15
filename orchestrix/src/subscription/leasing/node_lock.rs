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

/// How long a lock is tried for, at most.
const LIMIT: Duration = Duration::from_secs(2);

pub(super) struct NodeLocks {
    locks: Arc<dyn LockStore>,
    own: Option<Lock>,
    limit: Duration,
    /// When each other node was last seen to beat.
    seen: HashMap<NodeId, (u64, Instant)>,
}

impl NodeLocks {
    /// While leases are to be renewed no call takes longer than a beat.
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
        self.own = self.take(node, LIMIT).await.unwrap_or_default();
    }

    /// Takes the lock of this node again, if it was lost: with the connection that it was taken on.
    pub(super) async fn keep(&mut self, node: &NodeId) {
        let is_lost = match &self.own {
            Some(lock) => matches!(timeout(self.limit, lock.is_held()).await, Ok(Ok(false))),
            None => true,
        };
        if is_lost {
            self.own = None;
            self.own = self.take(node, self.limit).await.unwrap_or_default();
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
            match self.take(&node, self.limit).await {
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
    async fn take(&self, node: &NodeId, limit: Duration) -> Option<Option<Lock>> {
        let name = format!("orchestrix node {node}");
        let key = LockKey::new(TenantId::default(), name).ok()?;
        match timeout(limit, self.locks.try_lock(&key)).await {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

    use async_trait::async_trait;

    use super::*;
    use crate::store::{HeldLock, LockError, MemoryStore};

    const BEAT: Duration = Duration::from_secs(1);

    /// Locks that can be lost, all at once, and that can be out of reach.
    #[derive(Default)]
    struct Fragile {
        inner: MemoryStore,
        sessions: Arc<AtomicU64>,
        away: AtomicBool,
    }

    struct OfSession {
        lock: Option<Lock>,
        number: u64,
        sessions: Arc<AtomicU64>,
    }

    #[async_trait]
    impl HeldLock for OfSession {
        async fn is_held(&self) -> Result<bool, LockError> {
            Ok(self.number == self.sessions.load(SeqCst))
        }

        async fn release(mut self: Box<Self>) -> Result<bool, LockError> {
            if let Some(lock) = self.lock.take() {
                lock.release().await?;
            }
            self.is_held().await
        }
    }

    #[async_trait]
    impl LockStore for Fragile {
        async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError> {
            if self.away.load(SeqCst) {
                std::future::pending::<()>().await;
            }
            let lock = self.inner.try_lock(key).await?;
            Ok(lock.map(|lock| {
                let held = OfSession {
                    lock: Some(lock),
                    number: self.sessions.load(SeqCst),
                    sessions: self.sessions.clone(),
                };
                Lock::new(key.clone(), held)
            }))
        }

        fn held_locks(&self) -> usize {
            self.inner.held_locks()
        }
    }

    fn view(nodes: &[(&str, u64)]) -> LeaseView {
        let node = |(id, beats): &(&str, u64)| Node {
            id: NodeId::new(*id),
            wants: Vec::new(),
            beats: *beats,
        };
        LeaseView {
            nodes: nodes.iter().map(node).collect(),
            leases: Vec::new(),
        }
    }

    async fn dead(locks: &mut NodeLocks, nodes: &[(&str, u64)]) -> Vec<String> {
        let me = NodeId::new("me");
        let dead = locks.dead(&view(nodes), &me, BEAT * 2).await;
        dead.iter().map(NodeId::to_string).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_first_look_whoever_has_no_lock_is_dead() {
        let store = Arc::new(MemoryStore::new());
        let mut alive = NodeLocks::new(store.clone(), BEAT);
        alive.hold(&NodeId::new("alive")).await;
        let mut locks = NodeLocks::new(store.clone(), BEAT);
        let nodes = [("alive", 7), ("gone", 7), ("me", 1)];
        assert_eq!(dead(&mut locks, &nodes).await, ["gone"]);
        alive.release().await;
        // It beats still, or did a moment ago.
        assert!(
            dead(&mut locks, &[("alive", 7), ("me", 2)])
                .await
                .is_empty()
        );
        tokio::time::advance(BEAT).await;
        assert!(
            dead(&mut locks, &[("alive", 8), ("me", 3)])
                .await
                .is_empty()
        );
        tokio::time::advance(BEAT).await;
        assert!(
            dead(&mut locks, &[("alive", 8), ("me", 4)])
                .await
                .is_empty()
        );
        tokio::time::advance(BEAT).await;
        assert_eq!(
            dead(&mut locks, &[("alive", 8), ("me", 5)]).await,
            ["alive"]
        );
        assert_eq!(store.held_locks(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_dead_for_not_having_been_looked_at() {
        let mut locks = NodeLocks::new(Arc::new(MemoryStore::new()), BEAT);
        assert_eq!(dead(&mut locks, &[("other", 1)]).await, ["other"]);
        assert!(dead(&mut locks, &[("other", 1)]).await.is_empty());
        tokio::time::advance(BEAT * 10).await;
        locks.looked_away();
        assert!(dead(&mut locks, &[("other", 1)]).await.is_empty());
        tokio::time::advance(BEAT * 2).await;
        assert_eq!(dead(&mut locks, &[("other", 1)]).await, ["other"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_lock_is_taken_again() {
        let store = Arc::new(Fragile::default());
        let mut locks = NodeLocks::new(store.clone(), BEAT);
        let me = NodeId::new("me");
        locks.hold(&me).await;
        let holds = |locks: &NodeLocks| locks.own.is_some();
        for _ in 0..3 {
            locks.keep(&me).await;
            assert!(holds(&locks));
        }
        store.sessions.fetch_add(1, SeqCst);
        store.away.store(true, SeqCst);
        let began = Instant::now();
        locks.keep(&me).await;
        assert!(!holds(&locks) && began.elapsed() <= BEAT);
        store.away.store(false, SeqCst);
        locks.keep(&me).await;
        assert!(holds(&locks));
        let mut other = NodeLocks::new(store, BEAT);
        assert!(dead(&mut other, &[("me", 1)]).await.is_empty());
    }

    /// Its own leases would end meanwhile.
    #[tokio::test(start_paused = true)]
    async fn many_silent_nodes_do_not_keep_it_from_renewing() {
        let store = Arc::new(Fragile::default());
        store.away.store(true, SeqCst);
        let mut locks = NodeLocks::new(store, BEAT);
        let began = Instant::now();
        let nodes = [("a", 1), ("b", 1), ("c", 1), ("d", 1)];
        assert!(dead(&mut locks, &nodes).await.is_empty());
        assert!(began.elapsed() <= BEAT, "{:?}", began.elapsed());
    }
}
