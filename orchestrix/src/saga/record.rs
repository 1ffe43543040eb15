//! All instances of all sagas, as a read model.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{self, SagaEvent};
use super::{SagaOutcome, SagaStatus};
use crate::message::{DecodeError, Event, EventType};
use crate::projection::{Documents, FoldError, Index, Indexes, Keys, Projection};
use crate::store::{EventData, Payload, RecordedEvent};

/// An instance of a saga, in the read model that every app with sagas keeps: ask it like any other. Its key is that of the
/// instance's stream: the saga's name, a hyphen and the instance's key. It has the indexes `saga`, `status` and `started_at`.
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix::saga::SagaRecord;
///
/// # async fn ask(app: App) -> Result<(), orchestrix::app::QueryError> {
/// // Those that somebody must look at.
/// let stuck = app.query::<SagaRecord>().equals("status", "compensation failed").limit(50).fetch().await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SagaRecord {
    /// The saga.
    pub saga: String,
    /// The instance's key.
    pub key: String,
    /// Where it is, as [`SagaStatus`] is written: `running`, `compensating`, `completed`, `compensated`,
    /// `compensation failed`, `resolved` or `stuck`.
    pub status: String,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// When it ended, in the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// The last failure of a step or a compensation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// An event of an instance's history, as [`SagaRecord`] is made from them.
#[derive(Debug, Clone)]
pub struct SagaHistoryEvent(SagaEvent);

impl Event for SagaHistoryEvent {
    fn types() -> Vec<&'static EventType> {
        SagaEvent::types()
    }

    fn event_type(&self) -> &'static EventType {
        self.0.event_type()
    }

    fn encode(&self) -> Result<Payload, serde_json::Error> {
        self.0.encode()
    }

    fn decode(event: &EventData) -> Option<Result<Self, DecodeError>> {
        Some(SagaEvent::decode(event)?.map(Self))
    }
}

impl Projection for SagaRecord {
    const NAME: &'static str = "saga_records";
    const VERSION: u32 = 1;
    const INDEXES: Indexes<Self> = &[
        &Index::new("saga", |record: &Self| &record.saga),
        &Index::new("status", |record: &Self| &record.status),
        &Index::new("started_at", |record: &Self| &record.started_at),
    ];
    type Event = SagaHistoryEvent;

    fn keys(_: &SagaHistoryEvent, recorded: &RecordedEvent, keys: &mut Keys) {
        keys.push(recorded.stream.key());
    }

    fn apply(
        event: &SagaHistoryEvent,
        recorded: &RecordedEvent,
        documents: &mut Documents<'_, Self>,
    ) -> Result<(), FoldError> {
        let key = recorded.stream.key();
        let at = |time: Timestamp| time.as_millisecond();
        let now = at(recorded.data.occurred_at);
        documents.change(key, |record: &mut Self| {
            if record.saga.is_empty() {
                // Whatever it begins with: sagas of steps and of reactions begin otherwise.
                let (saga, instance) = key.split_once('-').unwrap_or((key, ""));
                (record.saga, record.key) = (saga.to_owned(), instance.to_owned());
                record.status = SagaStatus::Running.to_string();
                record.started_at = now;
            }
            record.follow(&event.0, now);
        });
        Ok(())
    }
}

impl SagaRecord {
    fn follow(&mut self, event: &SagaEvent, now: i64) {
        let status = match event {
            SagaEvent::StepFailed(failed) => {
                self.error = Some(failed.error.clone());
                return;
            }
            SagaEvent::CompensationFailed(failed) => {
                self.error = Some(failed.error.clone());
                return;
            }
            SagaEvent::CommandRejected(rejected) => {
                self.error = Some(rejected.reason.clone());
                return;
            }
            SagaEvent::Reacted(reacted) if reacted.completed => {
                self.ended_at = Some(now);
                SagaStatus::Ended(SagaOutcome::Completed)
            }
            SagaEvent::Reacted(reacted) if reacted.unhandled => SagaStatus::Stuck,
            SagaEvent::CompensationBegan(_) | SagaEvent::Resumed(_) => {
                self.ended_at = None;
                SagaStatus::Compensating
            }
            SagaEvent::Ended(event::Ended { outcome }) => {
                self.ended_at = Some(now);
                if *outcome == SagaOutcome::Completed {
                    self.error = None;
                }
                SagaStatus::Ended(*outcome)
            }
            SagaEvent::Resolved(_) => {
                // One that could not go on has not ended before. One that was stuck goes on.
                if self.status != SagaStatus::Stuck.to_string() {
                    self.ended_at.get_or_insert(now);
                }
                SagaStatus::Resolved
            }
            SagaEvent::Started(_)
            | SagaEvent::StepStarted(_)
            | SagaEvent::StepCompleted(_)
            | SagaEvent::StepCompensated(_)
            | SagaEvent::Reacted(_)
            | SagaEvent::TimerFired(_)
            | SagaEvent::Woken(_) => return,
        };
        self.status = status.to_string();
    }
}
