//! Holding the leases of one node.

mod hand_over;
mod unit;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::Grant;
use super::assignment::owners;
use super::node_lock::NodeLocks;
use crate::backoff::Backoff;
use crate::error::chain;
use crate::store::{LeaseError, LeaseStore, LeaseView, LockStore, NodeId};
use crate::telemetry;
pub(crate) use unit::LeaseUnits;

/// How often a node renews its leases while they last.
const BEATS: u32 = 5;
/// A node that misses so many beats may be dead.
const MISSED_BEATS: f64 = 1.5;
/// No round follows another sooner.
const SOONEST: Duration = Duration::from_millis(5);
/// Waits after failures of the store, the longest bounded by the beat.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Holds the leases of one node, in one store, for the subscriptions that have their checkpoints there.
pub(crate) struct Coordinator {
    store: Arc<dyn LeaseStore>,
    node: NodeId,
    locks: NodeLocks,
    duration: Duration,
    stop: watch::Receiver<bool>,
    units: LeaseUnits,
    /// Who there is, and who holds what, as of the last look.
    seen: watch::Sender<LeaseView>,
    backoff: Backoff,
}

/// What a node does about leases.
struct Changes {
    take: Vec<String>,
    /// To be served by others, and no more served here.
    give_back: Vec<String>,
}

impl Coordinator {
    pub(crate) fn new(
        store: Arc<dyn LeaseStore>,
        locks: Arc<dyn LockStore>,
        node: NodeId,
        duration: Duration,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            store,
            node,
            locks: NodeLocks::new(locks, duration / BEATS),
            duration,
            stop,
            units: LeaseUnits::default(),
            seen: watch::Sender::default(),
            backoff: Backoff::new(FIRST_WAIT.min(duration / BEATS), duration / BEATS),
        }
    }

    pub(crate) fn units(&self) -> &LeaseUnits {
        &self.units
    }

    /// Who there is, and who holds what.
    pub(crate) fn seen(&self) -> watch::Receiver<LeaseView> {
        self.seen.subscribe()
    }

    /// Until it is told to stop; then it waits for those that serve, and gives everything back.
    pub(crate) async fn run(mut self) {
        self.locks.hold(&self.node).await;
        while !*self.stop.borrow() {
            let wait = match self.round().await {
                Ok(wait) => {
                    self.backoff.reset();
                    wait
                }
                Err(error) => self.failed(error),
            };
            let left = self.units.left.clone();
            tokio::select! {
                () = tokio::time::sleep(wait.max(SOONEST)) => {}
                () = left.notified() => {}
                _ = self.stop.wait_for(|stop| *stop) => {}
            }
        }
        self.hand_over().await;
        // Should it fail, the leases end by themselves.
        let retired = timeout(self.duration, self.store.retire_node(&self.node)).await;
        if let Ok(Err(error)) = retired {
            self.warn(
                &error,
                "its leases could not be given back, and end by themselves",
            );
        }
        self.locks.release().await;
    }

    /// Renews, gives back and takes; says when to do so again.
    async fn round(&mut self) -> Result<Duration, LeaseError> {
        let beat = self.duration / BEATS;
        self.locks.keep(&self.node).await;
        let mut renewed = Instant::now();
        let mut view = self.renew().await?;
        let silence = beat.mul_f64(MISSED_BEATS);
        let dead = self.locks.dead(&view, &self.node, silence).await;
        if !dead.is_empty() {
            for node in dead {
                self.store.retire_node(&node).await?;
            }
            renewed = Instant::now();
            view = self.renew().await?;
        }
        self.seen.send_replace(view.clone());
        let Changes { take, give_back } = self.grant(&view, renewed);
        self.give_back(&give_back).await?;
        if !take.is_empty() && self.take(&take).await? {
            // Two who did not see each other before see each other now: nobody serves without this second look.
            renewed = Instant::now();
            view = self.renew().await?;
            let Changes { give_back, .. } = self.grant(&view, renewed);
            self.give_back(&give_back).await?;
        }
        let others = view.leases.iter().filter(|lease| lease.node != self.node);
        let ends = others.map(|lease| lease.expires_in).min();
        Ok(ends.map_or(beat, |ends| ends.min(beat)))
    }

    async fn give_back(&self, names: &[String]) -> Result<(), LeaseError> {
        if !names.is_empty() {
            self.store.release_leases(&self.node, names).await?;
            self.told_of(names, "this node gave a lease back");
        }
        Ok(())
    }

    /// Takes those that are free, and says whether there were any.
    async fn take(&self, names: &[String]) -> Result<bool, LeaseError> {
        let acquired = self.store.acquire_leases(&self.node, names, self.duration);
        let names: Vec<_> = acquired
            .await?
            .into_iter()
            .map(|lease| lease.name)
            .collect();
        self.told_of(&names, "this node took a lease");
        Ok(!names.is_empty())
    }

    async fn renew(&self) -> Result<LeaseView, LeaseError> {
        let wants: Vec<String> = self.units.lock().keys().cloned().collect();
        self.store
            .renew_leases(&self.node, &wants, self.duration)
            .await
    }

    /// Tells each subscription whether it may serve. Returns what is to be done about the leases.
    fn grant(&self, view: &LeaseView, renewed: Instant) -> Changes {
        let owners = owners(&view.nodes);
        let (mut take, mut give_back) = (Vec::new(), Vec::new());
        let units = self.units.lock();
        for (name, unit) in &*units {
            let is_mine = owners.get(name.as_str()) == Some(&&self.node);
            let lease = view.leases.iter().find(|lease| lease.name == *name);
            match lease {
                Some(lease) if lease.node != self.node => {
                    unit.elsewhere(Some(lease.node.clone()));
                }
                Some(lease)
                    if is_mine && (unit.knows(lease) || !unit.is_divided_otherwise(view)) =>
                {
                    unit.holds(lease, renewed + self.duration);
                }
                Some(_) if is_mine => {
                    unit.elsewhere(None);
                    give_back.push(name.clone());
                }
                Some(_) => {
                    unit.elsewhere(owners.get(name.as_str()).map(|&node| node.clone()));
                    // It is kept until the subscription has let go of it: nobody begins before.
                    if !*unit.end.serving.borrow() {
                        give_back.push(name.clone());
                    }
                }
                None if is_mine && unit.may_be_taken(view) => take.push(name.clone()),
                None => unit.elsewhere(None),
            }
        }
        let mine = view.leases.iter().filter(|lease| lease.node == self.node);
        let left = mine.filter(|lease| !units.contains_key(&lease.name));
        give_back.extend(left.map(|lease| lease.name.clone()));
        Changes { take, give_back }
    }

    fn told_of(&self, leases: &[String], what: &str) {
        for lease in leases {
            info!(
                { telemetry::LEASE } = lease,
                { telemetry::NODE } = self.node.as_str(),
                "{what}"
            );
        }
    }

    /// Those that hold on their leases do so until these end; the others are told.
    fn failed(&mut self, error: LeaseError) -> Duration {
        self.locks.looked_away();
        let wait = self.backoff.next();
        let failures = self.backoff.failures();
        self.warn(&error, "leases could not be renewed, and it is tried again");
        let error = Arc::new(error);
        for unit in self.units.lock().values() {
            let lasts = matches!(&*unit.end.grant.borrow(), Grant::Held { until, .. } if *until > Instant::now());
            if !lasts {
                let error = error.clone();
                unit.end
                    .grant
                    .send_replace(Grant::Unreachable { failures, error });
            }
        }
        wait
    }

    fn warn(&self, error: &LeaseError, what: &str) {
        warn!(
            { telemetry::NODE } = self.node.as_str(),
            { telemetry::ERROR } = %chain(error),
            "{what}"
        );
    }
}
