//! What a subscription does about a failure.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{CircuitOf, CircuitState, ConsumeError, Delivery, ErrorPolicy, FailureKind};
use crate::backoff::Backoff;
use crate::randomness::Randomness;
use crate::store::GlobalPosition;

/// Waits after failures of the store, which are nobody's event's fault.
const INFRASTRUCTURE_WAITS: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(5)];

/// The failures of one subscription, and what its [`Delivery`] says about them.
pub(super) struct Faults {
    delivery: Delivery,
    random: Arc<dyn Randomness>,
    infrastructure: Backoff,
    /// Failures in a row, and of which event; of none, where a failure is about no single one.
    failing: Option<(Option<GlobalPosition>, u32)>,
}

/// What is done next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// The same again, after a while; the failures in a row are told.
    TryAgain { failures: u32, wait: Duration },
    /// On, past the event.
    GoPast(GlobalPosition),
    /// On, once the event is kept as a dead letter.
    Park { attempts: u32 },
    /// Nothing, until somebody resumes it.
    Halt,
}

impl Faults {
    pub(super) fn new(delivery: Delivery, random: Arc<dyn Randomness>) -> Self {
        Self {
            delivery,
            random,
            infrastructure: Backoff::new(INFRASTRUCTURE_WAITS[0], INFRASTRUCTURE_WAITS[1]),
            failing: None,
        }
    }

    /// Which circuit is open, and for how long; nothing when events may be delivered.
    pub(super) fn open_for(&self, now: Instant) -> Option<(CircuitOf, Duration)> {
        let circuits = [
            (CircuitOf::Store, &self.delivery.store_breaker),
            (CircuitOf::Deliveries, &self.delivery.breaker),
        ];
        let mut open =
            circuits
                .into_iter()
                .filter_map(|(of, breaker)| match breaker.as_ref()?.state(now) {
                    CircuitState::Open { remaining } => Some((of, remaining)),
                    CircuitState::Closed { .. } | CircuitState::HalfOpen => None,
                });
        open.next()
    }

    /// Somebody knows that what failed was mended: open circuits have their trial now.
    pub(super) fn let_try(&mut self) {
        let delivery = &mut self.delivery;
        let breakers = [&mut delivery.store_breaker, &mut delivery.breaker];
        for breaker in breakers.into_iter().flatten() {
            breaker.let_try();
        }
    }

    /// The store is asked now: after an open circuit, this is its trial.
    pub(super) fn asks_the_store(&mut self, now: Instant) {
        if let Some(breaker) = &mut self.delivery.store_breaker {
            // It refuses only a second trial beside another; here one thing is asked after the other.
            let _ = breaker.may_try(now);
        }
    }

    /// Events are delivered now: after an open circuit, this is its trial. A read that gives none is no trial, for it
    /// has no outcome to tell.
    pub(super) fn delivers(&mut self, now: Instant) {
        if let Some(breaker) = &mut self.delivery.breaker {
            // It refuses only a second trial beside another; here a page is delivered at a time, so an earlier one was
            // cut short by the store and goes on.
            let _ = breaker.may_try(now);
        }
    }

    /// The store did what was asked of it, to the end.
    pub(super) fn reached_the_store(&mut self) {
        self.infrastructure.reset();
        if let Some(breaker) = &mut self.delivery.store_breaker {
            breaker.succeeded();
        }
    }

    /// Everything up to here is consumed.
    pub(super) fn consumed(&mut self, to: GlobalPosition) {
        // Of an event that is further on, the failures still count.
        if !matches!(self.failing, Some((Some(position), _)) if position > to) {
            self.failing = None;
        }
    }

    /// At least one event was consumed.
    pub(super) fn delivered(&mut self) {
        if let Some(breaker) = &mut self.delivery.breaker {
            breaker.succeeded();
        }
    }

    pub(super) fn met(&mut self, failure: &ConsumeError, now: Instant) -> Reaction {
        if FailureKind::of(failure).is_infrastructure() {
            if let Some(breaker) = &mut self.delivery.store_breaker {
                breaker.failed(now);
            }
            let wait = self.infrastructure.next();
            let failures = self.infrastructure.failures();
            return Reaction::TryAgain { failures, wait };
        }
        if matches!(failure, ConsumeError::DeadLettersFull { .. }) {
            // No delivery failed, and trying again changes nothing.
            return Reaction::Halt;
        }
        if let Some(breaker) = &mut self.delivery.breaker {
            breaker.failed(now);
        }
        let position = failure.position();
        let before = match self.failing {
            Some((of, failures)) if of == position => failures,
            _ => 0,
        };
        let failures = before.saturating_add(1);
        self.failing = Some((position, failures));
        if let Some(wait) = self.delivery.retry.wait(failures, &*self.random) {
            return Reaction::TryAgain { failures, wait };
        }
        match (self.delivery.on_error, position) {
            (ErrorPolicy::Skip, Some(position)) => Reaction::GoPast(position),
            (ErrorPolicy::DeadLetter, Some(_)) => Reaction::Park { attempts: failures },
            // Where no event is known to be at fault, there is none to go past.
            _ => Reaction::Halt,
        }
    }

    /// Somebody resumed it: its retries begin again.
    pub(super) fn resumed(&mut self) {
        self.failing = None;
    }
}
