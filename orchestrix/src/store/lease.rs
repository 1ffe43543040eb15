//! Which node reads what, where several share a database.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::BoxError;

/// The longest time that a lease is taken or renewed for: a longer one counts as this. A day.
pub const MAX_LEASE: Duration = Duration::from_secs(24 * 60 * 60);

/// The name of a node: of one running app, which gets another one each time it starts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(Arc<str>);

impl NodeId {
    /// A node's name. The runtime makes up unique ones.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name.
impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A node, as the others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub id: NodeId,
    /// The leases that it could hold.
    pub wants: Vec<String>,
    /// Grows with each renewal, so that it shows whether the node lives.
    pub beats: u64,
}

/// The right of one node, for a while, to move one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The name of the checkpoint: a subscription's, or that of one of its lanes.
    pub name: String,
    /// Who holds it.
    pub node: NodeId,
    /// Higher than that of every lease of this name before, whoever held it.
    pub token: u64,
    /// How long it holds if it is not renewed, as of when it was told.
    pub expires_in: Duration,
}

/// Nodes and leases whose time has not ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaseView {
    /// The nodes, by name.
    pub nodes: Vec<Node>,
    /// The leases, by name.
    pub leases: Vec<Lease>,
}

/// What proves that who moves a checkpoint holds the lease for it: refused once the lease has ended or was passed on,
/// however late it comes.
///
/// Source: Martin Kleppmann, "How to do distributed locking", 2016, on fencing tokens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The lease.
    pub lease: Arc<str>,
    /// Its token.
    pub token: u64,
}

/// Keeps leases, beside the checkpoints that they are for: a store refuses a
/// [`CheckpointMove`](super::CheckpointMove) whose fence is not that of a lease that holds, in the same transaction.
///
/// Time is the store's, the same for all nodes. No duration is longer than [`MAX_LEASE`].
///
/// ```
/// use std::time::Duration;
/// use orchestrix::store::{LeaseStore, MemoryStore, Node, NodeId};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let node = Node { id: NodeId::new("one"), wants: vec!["total@1".to_owned()], beats: 0 };
/// let five = Duration::from_secs(5);
/// store.renew_leases(&node.id, &node.wants, five).await?;
/// let taken = store.acquire_leases(&node.id, &node.wants, five).await?;
/// assert_eq!(taken[0].name, "total@1");
/// let other = NodeId::new("other");
/// assert!(store.acquire_leases(&other, &node.wants, five).await?.is_empty());
/// # Ok(()) }
/// ```
#[async_trait]
pub trait LeaseStore: Send + Sync + 'static {
    /// Says that a node lives and which leases it could hold, and renews those that it holds, all for `duration` from now. A
    /// lease whose time has ended is not renewed. Tells who else there is, and who holds what.
    ///
    /// # Errors
    /// [`LeaseError`].
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError>;

    /// Takes those of the leases that nobody holds, for `duration` from now, each with a new token; tells which. A name that
    /// stands twice is one lease.
    ///
    /// # Errors
    /// [`LeaseError`].
    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError>;

    /// Gives back those of the leases that the node holds.
    ///
    /// # Errors
    /// [`LeaseError`].
    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError>;

    /// The node is no more: it is forgotten, and all of its leases end.
    ///
    /// # Errors
    /// [`LeaseError`].
    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError>;
}

/// Why leases could not be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// The store cannot be reached or is too busy: it may work later.
    #[error("the store is unavailable for the leases of node `{node}`")]
    Unavailable {
        /// Who asked.
        node: NodeId,
        /// What the driver said.
        source: BoxError,
    },
    /// The store failed.
    #[error("the store failed to keep the leases of node `{node}`")]
    Failed {
        /// Who asked.
        node: NodeId,
        /// What the driver said.
        source: BoxError,
    },
}

impl LeaseError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
