//! What the loop waits for.

use std::time::Duration;

use super::Engine;
use crate::store::Changes;
use crate::subscription::{ConsumeError, SubscriptionState, Told};

impl Engine {
    /// Does nothing until it is told to go on, or to stop, or is not to serve any more.
    pub(super) async fn rest(
        &mut self,
        state: SubscriptionState,
        mut goes_on: impl FnMut(&Told) -> bool,
    ) {
        self.status.set_state(state);
        loop {
            tokio::select! {
                // Where nobody is left to tell it anything, it is about to be stopped.
                Ok(_) = self.told.wait_for(&mut goes_on) => break,
                _ = self.stop.wait_for(|stop| *stop) => break,
                () = self.lease.changed() => {
                    if self.held.as_ref().is_some_and(|held| !held.holds()) {
                        break;
                    }
                }
            }
        }
        self.status.set_state(SubscriptionState::CatchingUp);
    }

    /// Where the store has refused the lease, it is not served under any more.
    pub(super) fn lease_refused(&mut self, failure: &ConsumeError) {
        if failure.is_fenced()
            && let Some(held) = self.held.take()
        {
            self.lease.refused(&held);
        }
    }

    pub(super) async fn sleep(&mut self, changes: &mut Changes, limit: Duration) {
        let asked = self.parked.asked;
        tokio::select! {
            () = changes.changed(limit) => {}
            () = self.subscriber.progressed() => {}
            _ = self.stop.changed() => {}
            () = self.lease.changed() => {}
            Ok(_) = self.told.wait_for(|told| told.paused || told.asked != asked) => {}
        }
    }

    /// A pause that ends when it is resumed; says whether it was.
    pub(super) async fn pause_unless_resumed(&mut self, wait: Duration) -> bool {
        let before = self.told.borrow().resumed;
        let mut told = self.told.clone();
        tokio::select! {
            () = self.pause(wait) => false,
            resumed = told.wait_for(|told| told.resumed > before) => resumed.is_ok(),
        }
    }

    /// Being resumed does not shorten it: that would use up the retries without their waits.
    pub(super) async fn pause(&mut self, wait: Duration) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = self.stop.changed() => {}
            () = self.lease.changed() => {}
            Ok(_) = self.told.wait_for(|told| told.paused) => {}
        }
    }
}
