//! Giving the leases back at the end.

use super::BEATS;
use super::Coordinator;
use crate::store::LeaseError;
use tokio::time::Instant;

impl Coordinator {
    /// Gives each lease back as soon as nobody here serves under it any more. Those that are still at something keep
    /// theirs until then, however long that takes.
    pub(super) async fn hand_over(&mut self) {
        let mut given_back: Vec<String> = Vec::new();
        loop {
            // Nobody begins to serve whose lease is about to be given back.
            let (serving, mut idle) = self.units.let_go();
            if serving == 0 {
                return;
            }
            idle.retain(|name| !given_back.contains(name));
            let wait = match self.keep_and_give_back(&idle).await {
                Ok(()) => {
                    given_back.append(&mut idle);
                    self.backoff.reset();
                    self.duration / BEATS
                }
                Err(error) => {
                    self.warn(&error, "leases could not be renewed, and it is tried again");
                    self.backoff.next()
                }
            };
            let left = self.units.left.clone();
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = left.notified() => {}
            }
        }
    }

    /// Renews what this node holds, and wants nothing more.
    async fn keep_and_give_back(&self, idle: &[String]) -> Result<(), LeaseError> {
        if !idle.is_empty() {
            self.store.release_leases(&self.node, idle).await?;
        }
        let renewed = Instant::now();
        let view = self.store.renew_leases(&self.node, &[], self.duration);
        for lease in view.await?.leases {
            let units = self.units.lock();
            if lease.node == self.node
                && let Some(unit) = units.get(&lease.name)
            {
                unit.holds(&lease, renewed + self.duration);
            }
        }
        Ok(())
    }
}
