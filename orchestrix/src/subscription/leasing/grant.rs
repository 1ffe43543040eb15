//! What a subscription is told of its lease.

use std::sync::Arc;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::store::{Fence, LeaseError, NodeId};

/// Whether this node may serve.
#[derive(Debug, Clone)]
pub(crate) enum Grant {
    /// It was not looked yet.
    Unknown,
    /// It was looked, in vain.
    Unreachable {
        failures: u32,
        error: Arc<LeaseError>,
    },
    /// Another node serves, or will as soon as it can.
    Elsewhere { node: Option<NodeId> },
    /// This one, until then at least.
    Held { token: u64, until: Instant },
}

/// The subscription's end.
#[derive(Debug)]
pub(crate) struct LeaseEnd {
    name: Arc<str>,
    grant: watch::Receiver<Grant>,
    /// Whether it serves. Closed when it has ended.
    serving: watch::Sender<bool>,
    /// Woken when it serves no more.
    left: Arc<Notify>,
    /// A token that the store refused.
    refused: Option<u64>,
}

/// The coordinator's end.
#[derive(Debug)]
pub(super) struct GrantEnd {
    pub(super) grant: watch::Sender<Grant>,
    pub(super) serving: watch::Receiver<bool>,
}

impl LeaseEnd {
    pub(super) fn new(name: &str, left: &Arc<Notify>) -> (Self, GrantEnd) {
        let (grant, granted) = watch::channel(Grant::Unknown);
        let (serving, served) = watch::channel(false);
        let end = Self {
            name: name.into(),
            grant: granted,
            serving,
            left: left.clone(),
            refused: None,
        };
        let coordinator = GrantEnd {
            grant,
            serving: served,
        };
        (end, coordinator)
    }

    /// The lease, if this node holds it now. From here on it serves, until it [leaves](Self::leave).
    pub(crate) fn take(&self) -> Option<HeldLease> {
        let token = held(&self.grant.borrow()).filter(|token| self.refused != Some(*token))?;
        self.serving.send_replace(true);
        Some(HeldLease {
            fence: Fence {
                lease: self.name.clone(),
                token,
            },
            grant: self.grant.clone(),
        })
    }

    /// It does nothing under its lease any more.
    pub(crate) fn leave(&self) {
        self.serving.send_replace(false);
        self.left.notify_one();
    }

    /// The store knows no such lease any more, whatever the grant says. The coordinator looks again.
    pub(crate) fn refused(&mut self, lease: &HeldLease) {
        self.refused = Some(lease.fence.token);
        self.leave();
    }

    pub(crate) fn grant(&self) -> Grant {
        self.grant.borrow().clone()
    }

    /// Something else is the case than was last looked at.
    pub(crate) async fn changed(&mut self) {
        if self.grant.changed().await.is_err() {
            // Nobody is left to grant anything: it is about to be stopped.
            std::future::pending().await
        }
    }

    pub(crate) fn mark_seen(&mut self) {
        self.grant.mark_unchanged();
    }
}

impl Drop for LeaseEnd {
    fn drop(&mut self) {
        self.leave();
    }
}

/// A lease that was held when it was looked.
#[derive(Debug, Clone)]
pub(crate) struct HeldLease {
    fence: Fence,
    grant: watch::Receiver<Grant>,
}

impl HeldLease {
    /// What proves it to the store.
    pub(crate) fn fence(&self) -> Fence {
        self.fence.clone()
    }

    /// Whether it is still held, as far as this node knows.
    pub(crate) fn holds(&self) -> bool {
        held(&self.grant.borrow()) == Some(self.fence.token)
    }
}

/// The token, where the lease is held. A node that was stopped for long notices here that its time is over.
fn held(grant: &Grant) -> Option<u64> {
    match grant {
        Grant::Held { token, until } if *until > Instant::now() => Some(*token),
        _ => None,
    }
}
