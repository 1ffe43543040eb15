//! What a node could hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::store::{Lane, Lease, LeaseView, NodeId};
use crate::subscription::leasing::grant::{Grant, GrantEnd, LeaseEnd};

/// What a node could hold, by the name of the lease. It may change while the node runs.
#[derive(Clone, Default)]
pub(crate) struct LeaseUnits {
    units: Arc<Mutex<BTreeMap<String, Unit>>>,
    /// Woken when a subscription does not serve any more, or there are others.
    pub(super) left: Arc<Notify>,
}

/// One lease.
pub(super) struct Unit {
    subscription: String,
    lane: Option<Lane>,
    pub(super) end: GrantEnd,
}

impl LeaseUnits {
    /// The lease of one more subscription, or of one of its lanes.
    pub(crate) fn add(&self, subscription: &str, lane: Option<Lane>) -> LeaseEnd {
        let name = match lane {
            None => subscription.to_owned(),
            Some(lane) => lane.checkpoint(subscription),
        };
        let (end, coordinator) = LeaseEnd::new(&name, &self.left);
        let unit = Unit {
            subscription: subscription.to_owned(),
            lane,
            end: coordinator,
        };
        self.lock().insert(name, unit);
        self.left.notify_one();
        end
    }

    /// It is not to be held any more.
    pub(crate) fn remove(&self, name: &str) {
        self.lock().remove(name);
        self.left.notify_one();
    }

    /// Has nobody begin to serve any more. Tells how many still do, and the names of the others.
    pub(super) fn let_go(&self) -> (usize, Vec<String>) {
        let units = self.lock();
        let (mut serving, mut idle) = (0, Vec::new());
        for (name, unit) in &*units {
            if *unit.end.serving.borrow() {
                serving += 1;
            } else {
                unit.elsewhere(None);
                idle.push(name.clone());
            }
        }
        (serving, idle)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Unit>> {
        // Nothing under this lock panics.
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unit {
    pub(super) fn holds(&self, lease: &Lease, until: Instant) {
        self.tell(Grant::Held {
            token: lease.token,
            until,
        });
    }

    pub(super) fn elsewhere(&self, node: Option<NodeId>) {
        self.tell(Grant::Elsewhere { node });
    }

    /// Who waits for another grant is woken only by another one; how long it lasts is looked up.
    fn tell(&self, grant: Grant) {
        self.end.grant.send_if_modified(|known| {
            let is_other = !is_same(known, &grant);
            *known = grant;
            is_other
        });
    }

    /// Whether the subscription was told of this lease already.
    pub(super) fn knows(&self, lease: &Lease) -> bool {
        matches!(*self.end.grant.borrow(), Grant::Held { token, .. } if token == lease.token)
    }

    /// How many lanes its subscription has, as this lease of another node has it; none where it is not of that.
    fn lanes_by(&self, lease: &str) -> Option<u16> {
        match lease == self.subscription {
            true => Some(1),
            false => Lane::of_checkpoint(&self.subscription, lease).map(Lane::count),
        }
    }

    fn lanes(&self) -> u16 {
        self.lane.map_or(1, Lane::count)
    }

    /// Whether a node reads the same subscription in another number of lanes: then the streams would be divided in two ways
    /// at once.
    pub(super) fn is_divided_otherwise(&self, view: &LeaseView) -> bool {
        let mut by_leases = view
            .leases
            .iter()
            .filter_map(|lease| self.lanes_by(&lease.name));
        by_leases.any(|lanes| lanes != self.lanes())
    }

    /// Whether nobody reads it in another number of lanes, nor will. Of those that want to begin at the same time, the one
    /// with the fewest lanes does, whoever looks.
    pub(super) fn may_be_taken(&self, view: &LeaseView) -> bool {
        let mut by_leases = view
            .leases
            .iter()
            .filter_map(|lease| self.lanes_by(&lease.name));
        let lanes = by_leases.next().or_else(|| {
            let wants = view.nodes.iter().flat_map(|node| &node.wants);
            wants.filter_map(|lease| self.lanes_by(lease)).min()
        });
        lanes.is_none_or(|lanes| lanes == self.lanes()) && !self.is_divided_otherwise(view)
    }
}

fn is_same(a: &Grant, b: &Grant) -> bool {
    match (a, b) {
        (Grant::Held { token: a, .. }, Grant::Held { token: b, .. }) => a == b,
        (Grant::Elsewhere { node: a }, Grant::Elsewhere { node: b }) => a == b,
        (Grant::Unknown, Grant::Unknown) => true,
        _ => false,
    }
}
