//! The loop.

mod dead_letters;
mod failing;
mod other_checkpoints;
mod reading;
mod standing_by;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{Instrument, debug, info_span};

use super::faults::Faults;
use super::{
    Batch, ConsumeError, Delivery, Failures, HeldLease, LeaseEnd, StatusSender, Subscriber,
    SubscriptionState, Told, panic,
};
use crate::clock::Clock;
use crate::randomness::Randomness;
use crate::store::{DeadLetterStore, EventStore, Filter, GlobalPosition, Lane, Page};
use crate::telemetry;

pub(crate) use dead_letters::{Parked, event_of};
pub(crate) use other_checkpoints::OtherCheckpoints;
use reading::Ahead;
use standing_by::Followed;

/// A reader looks by itself this often, should every wake-up be lost.
const POLL: Duration = Duration::from_millis(500);
/// A store that says there is more, but gives nothing yet, is asked again after this.
const STALLED: Duration = Duration::from_millis(5);
/// Positions without a matching event after which the checkpoint follows: they are not read again after a restart.
const IDLE_ADVANCE: u64 = 10_000;

/// Runs one subscription until it is told to stop.
pub(crate) struct Engine {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) subscriber: Box<dyn Subscriber>,
    pub(crate) status: StatusSender,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) told: watch::Receiver<Told>,
    pub(crate) delivery: Delivery,
    /// Behind which position it begins that has no checkpoint yet.
    pub(crate) start: GlobalPosition,
    pub(crate) random: Arc<dyn Randomness>,
    pub(crate) page: usize,
    /// How long what is under way may take to end, once it is to stop.
    pub(crate) rest: Duration,
    /// Its part of the streams; none where it has all.
    pub(crate) lane: Option<Lane>,
    /// What it serves under.
    pub(crate) lease: LeaseEnd,
    pub(crate) held: Option<HeldLease>,
    pub(crate) ahead: Option<Ahead>,
    /// Whether the last page that was read was the last there is.
    pub(crate) at_head: bool,
    /// What the same subscription has come to with other numbers of lanes, as far as that lies before it.
    pub(crate) elsewhere: OtherCheckpoints,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where the subscriber's dead letters are kept: beside its checkpoint.
    pub(crate) letters: Arc<dyn DeadLetterStore>,
    pub(crate) parked: Parked,
    /// Who is told of its failures.
    pub(crate) failures: Arc<Failures>,
}

/// Where the reader is, and where the stored checkpoint is.
#[derive(Clone, Copy)]
struct Place {
    read: GlobalPosition,
    stored: GlobalPosition,
}

impl Engine {
    pub(crate) async fn run(mut self) {
        let mut changes = self.store.changes();
        let mut faults = Faults::new(self.delivery.clone(), self.random.clone());
        let filter = self.subscriber.filter();
        let mut place = None;
        let mut followed = Followed::default();
        while !*self.stop.borrow() {
            if self.held.take_if(|held| !held.holds()).is_some() {
                self.subscriber.released().await;
                self.lease.leave();
                place = None;
                followed = Followed::default();
            }
            if self.told.borrow().paused {
                self.rest(SubscriptionState::Paused, |told| !told.paused)
                    .await;
                faults.resumed();
                continue;
            }
            if self.held.is_none() {
                self.lease.mark_seen();
                self.held = self.lease.take();
                if self.held.is_none() {
                    self.stand_by(&mut changes, &filter, &mut followed, &mut faults)
                        .await;
                }
                continue;
            }
            if let Some((of, remaining)) = faults.open_for(Instant::now()) {
                self.status
                    .set_state(SubscriptionState::CircuitOpen { of, remaining });
                if self.pause_unless_resumed(remaining).await {
                    faults.let_try();
                }
                continue;
            }
            faults.asks_the_store(Instant::now());
            match self.step(&mut place, &filter, &mut faults).await {
                Ok(wait) => {
                    if self.has_ended(&mut place, &mut faults).await {
                        break;
                    }
                    if let Some(wait) = wait {
                        self.sleep(&mut changes, wait).await;
                    }
                }
                Err(failure) if failure.is_over() => {
                    place = None;
                    break;
                }
                Err(failure) => self.react(failure, &mut place, &mut faults).await,
            }
        }
        if tokio::time::timeout(self.rest, self.subscriber.rest())
            .await
            .is_err()
        {
            // Where it is, it goes on elsewhere. What it had in hand is forgotten here, and not consumed: the checkpoint stays.
            self.subscriber.released().await;
            place = None;
        }
        if let Some(place) = place.filter(|place| place.read > place.stored) {
            // Only saves reading over events that did not match; without it they are read again.
            let passing = Batch::passing(place.stored, place.read).under(self.held.as_ref());
            let _ = self.subscriber.consume(passing).await;
        }
        self.lease.leave();
        self.status.set_state(SubscriptionState::Stopped);
    }

    /// Reads and consumes one page; says how long to sleep if there is nothing more to read, or why it failed.
    async fn step(
        &mut self,
        place: &mut Option<Place>,
        filter: &Filter,
        faults: &mut Faults,
    ) -> Result<Option<Duration>, ConsumeError> {
        let at = match *place {
            Some(at) => at,
            None => {
                let stored = match self.begin().await {
                    // Another process began at the same time: this one goes on where that one did.
                    Err(moved) if moved.is_moved() => {
                        self.lease_refused(&moved);
                        return Ok(None);
                    }
                    begun => begun?,
                };
                let at = Place {
                    read: stored,
                    stored,
                };
                self.status.reset(self.subscriber.resets());
                self.status.begin(stored);
                *place.insert(at)
            }
        };
        if self.serve_dead_letters(at.stored, place).await? {
            return Ok(None);
        }
        let mut page = self.next_page(at.read, filter).await?;
        self.elsewhere.forget_up_to(at.read);
        page.events
            .retain(|event| !self.elsewhere.has_consumed(event.position, &event.stream));
        if page.events.is_empty() {
            let wait = self.advance(place, at, &page).await?;
            faults.reached_the_store();
            return Ok(wait);
        }
        faults.delivers(Instant::now());
        let span = info_span!(
            telemetry::SUBSCRIPTION_CONSUME,
            { telemetry::SUBSCRIPTION } = self.subscriber.name(),
            { telemetry::EVENT_COUNT } = page.events.len(),
            { telemetry::POSITION } = page.scanned_to.get(),
        );
        let (events, parked) = self.set_aside(&page.events)?;
        self.read_ahead(&page, filter);
        let consumed = self.subscriber.consume(Batch {
            events: &events,
            from: at.stored,
            to: page.scanned_to,
            parked: &parked,
            settled: &[],
            lease: self.held.as_ref(),
        });
        // A subscriber keeps nothing between its calls that a panic could leave torn.
        let outcome = panic::catch_in(consumed).instrument(span).await;
        match outcome.unwrap_or_else(|source| Err(ConsumeError::Panicked { source })) {
            Ok(consumed) => {
                faults.reached_the_store();
                let unfinished = self.subscriber.unfinished();
                let next = Place {
                    read: match unfinished.filter(|_| consumed.failure.is_some()) {
                        // What failed may lie behind what was read since.
                        Some(from) => from,
                        // Where not even the first event was consumed, what was read over before it stays read.
                        None => consumed.taken.max(at.read),
                    },
                    stored: consumed.to,
                };
                *place = Some(next);
                self.parked_up_to(&parked, consumed.to);
                if events
                    .first()
                    .is_some_and(|event| event.position <= consumed.to)
                {
                    faults.delivered();
                }
                faults.consumed(consumed.to);
                self.arrived(unfinished.unwrap_or(next.read).min(next.read), &page);
                match consumed.failure {
                    None => Ok(None),
                    Some(failure) => Err(failure),
                }
            }
            Err(moved) if moved.is_moved() => {
                self.lease_refused(&moved);
                debug!(
                    { telemetry::SUBSCRIPTION } = self.subscriber.name(),
                    "another process moved the checkpoint, or is to"
                );
                *place = None;
                Ok(None)
            }
            Err(failure) => {
                // Whether the checkpoint moved is not certain after a broken connection: look again.
                *place = None;
                Err(failure)
            }
        }
    }

    /// Whether its work is done for good, now that it has consumed all there is.
    async fn has_ended(&mut self, place: &mut Option<Place>, faults: &mut Faults) -> bool {
        let Some(at) = place.filter(|_| self.at_head && self.subscriber.ends()) else {
            return false;
        };
        match self.end(at).await {
            Ok(true) => {
                // Its checkpoint is another's now.
                *place = None;
                true
            }
            Ok(false) => {
                *place = Some(Place {
                    stored: at.read,
                    ..at
                });
                false
            }
            Err(failure) => {
                *place = None;
                if failure.is_over() {
                    return true;
                }
                if failure.is_moved() {
                    self.lease_refused(&failure);
                } else {
                    self.react(failure, place, faults).await;
                }
                false
            }
        }
    }

    async fn end(&mut self, at: Place) -> Result<bool, ConsumeError> {
        let held = self.held.as_ref();
        if at.read > at.stored {
            let passing = Batch::passing(at.stored, at.read).under(held);
            self.subscriber.consume(passing).await?;
        }
        self.subscriber.end(at.read, held).await
    }

    /// Where it goes on; where it has never been, where its delivery says.
    async fn begin(&mut self) -> Result<GlobalPosition, ConsumeError> {
        let stored = self.subscriber.load_checkpoint().await?;
        self.subscriber.prepare(self.held.as_ref()).await?;
        self.look_for_dead_letters().await?;
        self.elsewhere = OtherCheckpoints(self.subscriber.other_checkpoints().await?);
        let begins = match stored.max(self.elsewhere.complete()) {
            GlobalPosition::START => self.start,
            known => known,
        };
        if begins > stored {
            // Kept at once, so that a restart does not begin further on.
            let passing = Batch::passing(stored, begins).under(self.held.as_ref());
            self.subscriber.consume(passing).await?;
        }
        Ok(begins)
    }

    /// Nothing matched: goes on behind what was read, and lets the stored checkpoint follow from time to time.
    async fn advance(
        &mut self,
        place: &mut Option<Place>,
        at: Place,
        page: &Page,
    ) -> Result<Option<Duration>, ConsumeError> {
        let mut next = Place {
            read: page.scanned_to,
            ..at
        };
        let is_far = next.read.get() - next.stored.get() >= IDLE_ADVANCE;
        if is_far || self.subscriber.has_progressed() {
            let passing = Batch::passing(next.stored, next.read).under(self.held.as_ref());
            match self.subscriber.consume(passing).await {
                Ok(consumed) => {
                    next.stored = consumed.to;
                    if let Some(failure) = consumed.failure {
                        // Of something that was taken in before.
                        next.read = self.subscriber.unfinished().unwrap_or(next.read);
                        *place = Some(next);
                        return Err(failure);
                    }
                }
                Err(moved) if moved.is_moved() => {
                    self.lease_refused(&moved);
                    *place = None;
                    return Ok(None);
                }
                Err(failure) => return Err(failure),
            }
        }
        *place = Some(next);
        let shown = self.subscriber.unfinished().unwrap_or(next.read);
        self.arrived(shown.min(next.read), page);
        Ok(match (page.at_head, next.read > at.read) {
            (true, _) => Some(POLL),
            (false, true) => None,
            (false, false) => Some(STALLED),
        })
    }

    fn arrived(&mut self, at: GlobalPosition, page: &Page) {
        self.at_head = page.at_head && at >= page.scanned_to;
        let state = match self.at_head {
            true => SubscriptionState::Live,
            false => SubscriptionState::CatchingUp,
        };
        self.status.set(at, state);
    }
}
