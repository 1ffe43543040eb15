//! Events that failed for good, and those of their streams that wait behind them.
//!
//! What is parked is decided here, and kept by the subscriber together with its checkpoint. So it is never in doubt
//! whether an event was consumed or parked, also where the process is killed in between.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use tokio::time::Instant;
use tracing::{info, warn};

use super::{Engine, POLL, Place};
use crate::store::{
    DeadLetter, DeadLetterRequest, DeadLetterSelection, EventStore, GlobalPosition, ReadAll,
    ReadError, RecordedEvent, StreamId,
};
use crate::subscription::logged::logged;
use crate::subscription::{Batch, ConsumeError, FailureReaction, panic};
use crate::telemetry;

/// Dead letters read in one go.
const LETTERS: usize = 1_000;
/// Longest error text of a dead letter that is kept, in bytes.
const ERROR_BYTES: usize = 8_192;

/// The streams that wait for one of their events.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    streams: HashSet<StreamId>,
    count: u64,
    /// When it was last looked for requests.
    looked: Option<Instant>,
    /// The last time that it was asked to look.
    pub(super) asked: u64,
}

impl Engine {
    /// Reads which streams wait.
    pub(super) async fn look_for_dead_letters(&mut self) -> Result<(), ConsumeError> {
        let name = self.subscriber.name();
        let mut streams = HashSet::new();
        let (mut count, mut after) = (0, GlobalPosition::START);
        loop {
            let all = &DeadLetterSelection::All;
            let page = self.letters.dead_letters(name, all, after, LETTERS).await?;
            let is_last = page.len() < LETTERS;
            after = page.last().map_or(after, |letter| letter.position);
            let mine = page.into_iter().filter(|letter| self.concerns(letter));
            for letter in mine {
                count += 1;
                streams.insert(letter.stream);
            }
            if is_last {
                break;
            }
        }
        self.parked.streams = streams;
        self.parked.count = count;
        self.parked.looked = None;
        self.status.dead_letters(count);
        Ok(())
    }

    /// Whether it is of its lane.
    fn concerns(&self, letter: &DeadLetter) -> bool {
        self.lane.is_none_or(|lane| lane.has(&letter.stream))
    }

    /// Those of the events that are consumed now, and those that wait behind an earlier one of their stream.
    pub(super) fn set_aside<'a>(
        &self,
        events: &'a [RecordedEvent],
    ) -> Result<(Cow<'a, [RecordedEvent]>, Vec<DeadLetter>), ConsumeError> {
        let waits = |event: &RecordedEvent| self.parked.streams.contains(&event.stream);
        if self.parked.streams.is_empty() || !events.iter().any(waits) {
            return Ok((Cow::Borrowed(events), Vec::new()));
        }
        let now = self.clock.now();
        let (mut goes_on, mut parked) = (Vec::new(), Vec::new());
        for event in events {
            if waits(event) {
                parked.push(DeadLetter {
                    subscription: self.subscriber.name().to_owned(),
                    position: event.position,
                    stream: event.stream.clone(),
                    version: event.version,
                    event_id: event.event_id(),
                    event_type: event.event_type().to_owned(),
                    attempts: 0,
                    error: None,
                    parked_at: now,
                    failed_at: None,
                    request: None,
                });
            } else {
                goes_on.push(event.clone());
            }
        }
        self.have_room_for(parked.len() as u64)?;
        Ok((Cow::Owned(goes_on), parked))
    }

    /// These were kept, up to a position.
    pub(super) fn parked_up_to(&mut self, parked: &[DeadLetter], to: GlobalPosition) {
        let kept = parked.partition_point(|letter| letter.position <= to);
        self.parked.count += kept as u64;
        self.status.dead_letters(self.parked.count);
    }

    /// Keeps the event that failed as a dead letter, and moves the checkpoint past it. It is the first one that is not
    /// consumed, so no other is lost; where that is not certain, nothing is done, and the event is delivered again.
    pub(super) async fn park(
        &mut self,
        failure: &ConsumeError,
        attempts: u32,
        place: &mut Option<Place>,
    ) -> Result<Option<GlobalPosition>, ConsumeError> {
        let (Some(at), Some(letter)) = (*place, self.letter(failure, attempts)) else {
            return Ok(None);
        };
        self.have_room_for(1)?;
        let position = letter.position;
        let stream = letter.stream.clone();
        let parked = [letter];
        self.subscriber
            .consume(Batch {
                parked: &parked,
                ..Batch::passing(at.stored, position).under(self.held.as_ref())
            })
            .await?;
        self.parked.streams.insert(stream);
        self.parked_up_to(&parked, position);
        *place = Some(Place {
            read: position,
            stored: position,
        });
        Ok(Some(position))
    }

    /// Does what was asked for about dead letters, if it is time to look, and says whether anything was done.
    pub(super) async fn serve_dead_letters(
        &mut self,
        stored: GlobalPosition,
        place: &mut Option<Place>,
    ) -> Result<bool, ConsumeError> {
        let asked = self.told.borrow().asked;
        let is_time = self
            .parked
            .looked
            .is_none_or(|looked| asked != self.parked.asked || looked.elapsed() >= POLL);
        if !is_time {
            self.parked.asked = asked;
            return Ok(false);
        }
        // A build that took its place brought dead letters of its own, one that was reset is elsewhere, and nothing else would
        // tell while there are no events.
        if self.subscriber.is_replaced().await? {
            *place = None;
            return Ok(true);
        }
        if self.parked.streams.is_empty() {
            self.parked.asked = asked;
            self.parked.looked = Some(Instant::now());
            return Ok(false);
        }
        let mut served = false;
        while !*self.stop.borrow() {
            let name = self.subscriber.name();
            let mut due = self.letters.due_dead_letters(name, LETTERS).await?;
            due.retain(|letter| self.concerns(letter));
            if due.is_empty() {
                break;
            }
            served = true;
            for letter in due {
                if let Err(failure) = self.serve(letter, stored).await {
                    // What is parked now, and where the checkpoint is, is looked for again.
                    *place = None;
                    self.lease_refused(&failure);
                    return match failure.is_moved() {
                        true => Ok(true),
                        false => Err(failure),
                    };
                }
                if *self.stop.borrow() {
                    break;
                }
            }
        }
        if served {
            self.look_for_dead_letters().await?;
        }
        self.parked.asked = asked;
        self.parked.looked = Some(Instant::now());
        Ok(served)
    }

    /// Tries one again, or lets it go.
    async fn serve(
        &mut self,
        letter: DeadLetter,
        stored: GlobalPosition,
    ) -> Result<(), ConsumeError> {
        let settled = [letter.position];
        let held = self.held.clone();
        let settles = Batch {
            settled: &settled,
            ..Batch::passing(stored, stored).under(held.as_ref())
        };
        if letter.request == Some(DeadLetterRequest::Skip) {
            self.subscriber.consume(settles).await?;
            self.status.skipped();
            self.told_of(&letter, "a dead letter was skipped");
            return Ok(());
        }
        let failure = match self.try_again(&letter, settles).await? {
            Some(failure) => failure,
            None => {
                // Stopped before it was delivered, it is still there.
                if !*self.stop.borrow() {
                    self.told_of(&letter, "a dead letter was consumed");
                }
                return Ok(());
            }
        };
        warn!(
            { telemetry::SUBSCRIPTION } = self.subscriber.name(),
            { telemetry::POSITION } = letter.position.get(),
            { telemetry::ERROR } = logged(&failure),
            "a dead letter failed again"
        );
        let failure = Arc::new(failure);
        self.tell(&failure, Some(letter.position), FailureReaction::DeadLetter);
        let parked = [DeadLetter {
            attempts: letter.attempts.saturating_add(1),
            error: Some(error_text(&failure)),
            failed_at: Some(self.clock.now()),
            request: None,
            ..letter
        }];
        self.status.failed_again();
        self.subscriber
            .consume(Batch {
                parked: &parked,
                ..Batch::passing(stored, stored).under(held.as_ref())
            })
            .await?;
        Ok(())
    }

    /// Delivers the event of a dead letter, and settles it; says how that failed, if it is the event's fault.
    async fn try_again(
        &mut self,
        letter: &DeadLetter,
        settles: Batch<'_>,
    ) -> Result<Option<ConsumeError>, ConsumeError> {
        let event = match event_of(&*self.store, letter).await? {
            Ok(event) => event,
            Err(failure) => return Ok(Some(failure)),
        };
        let events = [event];
        let tried = self.subscriber.consume(Batch {
            events: &events,
            ..settles
        });
        // A subscriber keeps nothing between its calls that a panic could leave torn.
        let tried = panic::catch_in(tried).await;
        match tried.unwrap_or_else(|source| Err(ConsumeError::Panicked { source })) {
            Ok(consumed) => Ok(consumed.failure),
            Err(failure @ (ConsumeError::Panicked { .. } | ConsumeError::Document { .. })) => {
                Ok(Some(failure))
            }
            Err(failure) => Err(failure),
        }
    }

    fn letter(&self, failure: &ConsumeError, attempts: u32) -> Option<DeadLetter> {
        let ConsumeError::Event {
            position,
            stream,
            version,
            event_id,
            event_type,
            ..
        } = failure
        else {
            return None;
        };
        let now = self.clock.now();
        Some(DeadLetter {
            subscription: self.subscriber.name().to_owned(),
            position: *position,
            stream: stream.clone(),
            version: *version,
            event_id: *event_id,
            event_type: event_type.clone(),
            attempts,
            error: Some(error_text(failure)),
            parked_at: now,
            failed_at: Some(now),
            request: None,
        })
    }

    fn have_room_for(&self, more: u64) -> Result<(), ConsumeError> {
        let most = self.delivery.most_dead_letters;
        if self.parked.count.saturating_add(more) <= most {
            return Ok(());
        }
        Err(ConsumeError::DeadLettersFull {
            subscription: self.subscriber.name().to_owned(),
            most,
        })
    }

    fn told_of(&self, letter: &DeadLetter, what: &'static str) {
        info!(
            { telemetry::SUBSCRIPTION } = self.subscriber.name(),
            { telemetry::POSITION } = letter.position.get(),
            "{what}"
        );
    }
}

/// The event of a dead letter, as the log has it.
pub(crate) async fn event_of(
    log: &dyn EventStore,
    letter: &DeadLetter,
) -> Result<Result<RecordedEvent, ConsumeError>, ReadError> {
    let before = GlobalPosition::new(letter.position.get().saturating_sub(1));
    let page = log.read_all(ReadAll::after(before).limit(1)).await?;
    let event = page.events.into_iter().next();
    let event = event.filter(|event| event.position == letter.position);
    Ok(event.ok_or_else(|| ConsumeError::Event {
        position: letter.position,
        stream: letter.stream.clone(),
        version: letter.version,
        event_id: letter.event_id,
        event_type: letter.event_type.clone(),
        source: "the log has no such event any more".into(),
    }))
}

/// What is kept of a failure: as much as the log is told, and no more than there is room for.
fn error_text(failure: &ConsumeError) -> String {
    let mut text = logged(failure);
    let end = text.floor_char_boundary(ERROR_BYTES);
    text.truncate(end);
    text
}
