//! What the loop does about failures.

use std::sync::Arc;

use tokio::time::Instant;
use tracing::warn;

use super::{Engine, Place, STALLED};
use crate::store::GlobalPosition;
use crate::subscription::faults::{Faults, Reaction};
use crate::subscription::logged::logged;
use crate::subscription::{
    Batch, ConsumeError, FailureKind, FailureReaction, SubscriptionFailure, SubscriptionState,
};
use crate::telemetry;

impl Engine {
    /// Does about a failure what is to be done.
    pub(super) async fn react(
        &mut self,
        failure: ConsumeError,
        place: &mut Option<Place>,
        faults: &mut Faults,
    ) {
        let mut failure = Arc::new(failure);
        loop {
            let reaction = faults.met(&failure, Instant::now());
            let (doing, failures) = match &reaction {
                Reaction::TryAgain { failures, wait } => {
                    let (failures, wait) = (*failures, *wait);
                    (FailureReaction::Retry { failures, wait }, failures)
                }
                Reaction::GoPast(_) => (FailureReaction::Skip, 0),
                Reaction::Park { .. } => (FailureReaction::DeadLetter, 0),
                Reaction::Halt => (FailureReaction::Halt, 0),
            };
            warn!(
                { telemetry::SUBSCRIPTION } = self.subscriber.name(),
                { telemetry::FAILURES } = failures,
                { telemetry::ERROR } = logged(&failure),
                "a subscription failed and {doing}"
            );
            self.tell(&failure, failure.position(), doing);
            match reaction {
                Reaction::TryAgain { failures, wait } => {
                    let error = failure;
                    self.status
                        .failed(SubscriptionState::Retrying { failures, error });
                    return self.pause(wait).await;
                }
                Reaction::GoPast(position) => match self.go_past(position, place).await {
                    Ok(is_past) => {
                        if is_past {
                            faults.consumed(position);
                            self.status.skipped();
                            self.status.reached(position);
                        } else {
                            self.pause(STALLED).await;
                        }
                        return;
                    }
                    // The event is delivered, and fails, once more.
                    Err(another) => {
                        *place = None;
                        failure = Arc::new(another);
                    }
                },
                Reaction::Park { attempts } => match self.park(&failure, attempts, place).await {
                    Ok(Some(position)) => {
                        faults.consumed(position);
                        self.status.failed_again();
                        self.status.reached(position);
                        return;
                    }
                    Ok(None) => return self.pause(STALLED).await,
                    Err(another) => {
                        if !matches!(another, ConsumeError::DeadLettersFull { .. }) {
                            *place = None;
                        }
                        failure = Arc::new(another);
                    }
                },
                Reaction::Halt => {
                    let resumed = self.told.borrow().resumed;
                    let state = SubscriptionState::Halted { error: failure };
                    self.status.failed(state.clone());
                    self.rest(state, |told| told.resumed > resumed).await;
                    return faults.resumed();
                }
            }
        }
    }

    /// Tells those who want to know.
    pub(super) fn tell(
        &self,
        failure: &Arc<ConsumeError>,
        position: Option<GlobalPosition>,
        reaction: FailureReaction,
    ) {
        self.failures.happened(SubscriptionFailure {
            subscription: self.subscriber.name().to_owned(),
            at: self.clock.now(),
            kind: FailureKind::of(failure),
            position,
            reaction,
            error: failure.clone(),
        });
    }

    /// Moves the checkpoint past an event that failed, and says whether it did. It is the first one that is not consumed,
    /// so no other is lost; where that is not certain, nothing is done, and the event is delivered again.
    async fn go_past(
        &mut self,
        position: GlobalPosition,
        place: &mut Option<Place>,
    ) -> Result<bool, ConsumeError> {
        let Some(at) = *place else {
            return Ok(false);
        };
        self.subscriber
            .consume(Batch::passing(at.stored, position).under(self.held.as_ref()))
            .await?;
        *place = Some(Place {
            read: position,
            stored: position,
        });
        Ok(true)
    }
}
