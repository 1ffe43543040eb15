//! An instance of a saga of reactions, as the fold of its history.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::record::Place;
use crate::app::Core;
use crate::message::MessageId;
use crate::saga::event::{Reacted, SagaEvent, TimerFired, payload};
use crate::saga::history;
use crate::saga::tally::Before;
use crate::saga::trouble::Trouble;
use crate::saga::{SagaOutcome, SagaStatus};
use crate::store::{GlobalPosition, Payload, StreamId, StreamVersion};

/// Where an instance is.
#[derive(Debug, Clone, Default)]
pub(super) struct ReactingInstance {
    pub(super) version: StreamVersion,
    pub(super) state: Option<Payload>,
    /// The event that it began with, and where what was kept of that stands.
    pub(super) began: Option<(Place, GlobalPosition)>,
    /// When that was kept, by the clock of the app.
    began_at: Option<Timestamp>,
    /// The timers that are set, and have not been reacted to.
    pub(super) timers: BTreeMap<String, Armed>,
    /// How many timers were ever set.
    pub(super) numbers: u64,
    pub(super) completed: bool,
    stuck: bool,
    /// The commands that the domain refused: what caused them, and their numbers.
    pub(super) rejected: BTreeSet<(MessageId, u32)>,
}

/// A timer that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Armed {
    pub(super) number: u64,
    /// The event of its firing, where that has been kept.
    pub(super) fired: Option<MessageId>,
}

impl ReactingInstance {
    pub(super) fn apply(
        &mut self,
        event: &SagaEvent,
        (id, at): (MessageId, Timestamp),
        position: GlobalPosition,
    ) {
        self.version = self.version.next();
        match event {
            SagaEvent::Reacted(reacted) => {
                self.state = Some(payload(&reacted.state));
                let began = || (reacted.place.clone(), position);
                self.began.get_or_insert_with(began);
                self.began_at.get_or_insert(at);
                self.timers.retain(|name, armed| {
                    armed.fired != Some(reacted.cause)
                        && reacted.cancelled.get(name) != Some(&armed.number)
                });
                for (name, timer) in &reacted.timers {
                    let armed = Armed {
                        number: timer.number,
                        fired: None,
                    };
                    self.timers.insert(name.clone(), armed);
                    self.numbers = self.numbers.max(timer.number);
                }
                self.completed |= reacted.completed;
                self.stuck |= reacted.unhandled;
            }
            SagaEvent::TimerFired(fired) => {
                if let Some(armed) = self.timers.get_mut(&fired.timer)
                    && armed.number == fired.number
                {
                    armed.fired.get_or_insert(id);
                }
            }
            SagaEvent::CommandRejected(rejected) => {
                self.rejected.insert((rejected.cause, rejected.number));
            }
            SagaEvent::Resolved(_) => self.stuck = false,
            // Those of steps are in no stream of such a saga.
            _ => {}
        }
    }

    /// Whether a timer is set, and its firing has not been kept.
    pub(super) fn waits_for(&self, timer: &TimerFired) -> bool {
        let armed = self.timers.get(&timer.timer);
        armed.is_some_and(|armed| armed.number == timer.number && armed.fired.is_none())
    }

    pub(super) fn is_there(&self) -> bool {
        self.version != StreamVersion::NONE
    }

    /// What it is before something else is kept, for those who count that.
    pub(super) fn before(&self) -> Before {
        Before {
            began: self.began_at,
            has_ended: self.completed,
        }
    }

    pub(super) fn status(&self) -> SagaStatus {
        match (self.stuck, self.completed) {
            (true, _) => SagaStatus::Stuck,
            (false, true) => SagaStatus::Ended(SagaOutcome::Completed),
            (false, false) => SagaStatus::Running,
        }
    }
}

/// The instance of a stream, and what was kept of its reaction to an event, if it has reacted to that.
pub(super) async fn load(
    core: &Core,
    stream: &StreamId,
    cause: Option<MessageId>,
) -> Result<(ReactingInstance, Option<Reacted>), Trouble> {
    let mut instance = ReactingInstance::default();
    let mut found = None;
    history::walk(core, stream, |recorded, event| {
        if let SagaEvent::Reacted(reacted) = event
            && Some(reacted.cause) == cause
        {
            found = Some(reacted.clone());
        }
        let kept = (recorded.event_id(), recorded.data.occurred_at);
        instance.apply(event, kept, recorded.position);
    })
    .await?;
    Ok((instance, found))
}
