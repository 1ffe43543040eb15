//! What the history of an instance consists of: the events of its own stream.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::StepShape;
use super::reactions::{KeptCommand, KeptTimers, Place};
use crate::message::{DecodeError, Event, EventType, MessageId, Metadata};
use crate::store::{EventData, Payload};

/// The category of all streams of sagas; their keys are the saga's name, a hyphen and the instance's key.
pub const SAGA_CATEGORY: &str = "saga";

macro_rules! saga_events {
    ($($(#[$doc:meta])* $variant:ident as $name:literal { $($(#[$attr:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Serialize, Deserialize)]
            pub(super) struct $variant { $($(#[$attr])* pub(super) $field: $type,)* }

            impl From<$variant> for SagaEvent {
                fn from(event: $variant) -> Self {
                    Self::$variant(event)
                }
            }
        )*

        /// An event of an instance's stream.
        #[derive(Debug, Clone)]
        pub(super) enum SagaEvent { $($(#[$doc])* $variant($variant),)* }

        impl Event for SagaEvent {
            fn types() -> Vec<&'static EventType> {
                vec![$(types::$variant(),)*]
            }

            fn event_type(&self) -> &'static EventType {
                match self { $(Self::$variant(_) => types::$variant(),)* }
            }

            fn encode(&self) -> Result<Payload, serde_json::Error> {
                match self { $(Self::$variant(event) => Payload::of(event),)* }
            }

            fn decode(event: &EventData) -> Option<Result<Self, DecodeError>> {
                match &*event.event_type {
                    $($name => Some(read(types::$variant(), event).map(Self::$variant)),)*
                    _ => None,
                }
            }
        }

        #[allow(non_snake_case, reason = "named after the events")]
        mod types {
            use crate::message::EventType;

            $(pub(super) fn $variant() -> &'static EventType {
                static TYPE: EventType = EventType::new($name, 1, concat!("orchestrix::saga::", stringify!($variant)), |_| {});
                &TYPE
            })*
        }
    };
}

fn read<T: DeserializeOwned>(
    event_type: &'static EventType,
    event: &EventData,
) -> Result<T, DecodeError> {
    event_type.read(event)
}

saga_events! {
    /// It began.
    Started as "saga.Started" {
        state: Box<RawValue>,
        /// The steps, as they were when it began.
        shape: Vec<StepShape>,
        /// The event that started it, and what travelled with that; none where it was started by hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trigger: Option<MessageId>,
        #[serde(default)]
        metadata: Metadata,
    }
    /// A step is about to run for the first time.
    StepStarted as "saga.StepStarted" {
        step: String,
    }
    /// A step is done.
    StepCompleted as "saga.StepCompleted" {
        step: String,
        result: Box<RawValue>,
        /// The saga's state, where the step changes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<Box<RawValue>>,
    }
    /// A step failed.
    StepFailed as "saga.StepFailed" {
        step: String,
        attempt: u32,
        error: String,
        /// Whether it will not be tried again.
        is_final: bool,
    }
    /// What was completed is undone from here on.
    CompensationBegan as "saga.CompensationBegan" {}
    /// A step is undone.
    StepCompensated as "saga.StepCompensated" {
        step: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<Box<RawValue>>,
    }
    /// Undoing a step failed.
    CompensationFailed as "saga.CompensationFailed" {
        step: String,
        attempt: u32,
        error: String,
        is_final: bool,
    }
    /// It came to its one outcome.
    Ended as "saga.Ended" {
        outcome: SagaOutcome,
    }
    /// A person had the compensations that failed tried again.
    Resumed as "saga.Resumed" {}
    /// A person has done what compensations failed to do.
    Resolved as "saga.Resolved" {
        note: String,
    }
    /// Whoever runs sagas is to look at it.
    Woken as "saga.Woken" {}
    /// A saga of reactions has reacted: this is its state now, and all that it asked for.
    Reacted as "saga.Reacted" {
        /// The event that it reacted to, and where that stands.
        cause: MessageId,
        place: Place,
        state: Box<RawValue>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        commands: Vec<KeptCommand>,
        #[serde(default, skip_serializing_if = "KeptTimers::is_empty")]
        timers: KeptTimers,
        /// The timers that were set before and are not any more, replaced ones among them, with their numbers.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        cancelled: BTreeMap<String, u64>,
        #[serde(default, skip_serializing_if = "is_false")]
        completed: bool,
        /// Whether it was a rejection that it has no answer to.
        #[serde(default, skip_serializing_if = "is_false")]
        unhandled: bool,
    }
    /// The domain refused a command that it asked for.
    CommandRejected as "saga.CommandRejected" {
        /// What it reacted to when it asked for it, and the how-manieth command that was, from 0.
        cause: MessageId,
        number: u32,
        command: String,
        content: Box<RawValue>,
        reason: String,
    }
    /// A timer that it had set has fired.
    TimerFired as "saga.TimerFired" {
        timer: String,
        number: u64,
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_false(value: &bool) -> bool {
    !value
}

/// How an instance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SagaOutcome {
    /// All steps are completed.
    Completed,
    /// A step failed, and all that had been completed before is undone.
    Compensated,
    /// A step failed, and something that had been completed could not be undone: somebody must look at it.
    CompensationFailed,
}

impl std::fmt::Display for SagaOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Completed => "completed",
            Self::Compensated => "compensated",
            Self::CompensationFailed => "compensation failed",
        })
    }
}

/// The stored name of the events that wake whoever runs sagas.
pub(super) fn woken() -> &'static EventType {
    types::Woken()
}

/// The stored names of the events that tell of a saga of steps whether it is under way.
pub(super) fn of_beginnings_and_ends() -> [&'static EventType; 4] {
    [
        types::Started(),
        types::Woken(),
        types::Ended(),
        types::Resolved(),
    ]
}

/// The stored names of the events that are reacted to in the streams of sagas of reactions.
pub(super) fn reacted_to() -> [&'static EventType; 2] {
    [types::TimerFired(), types::CommandRejected()]
}

/// JSON that is kept as it is.
pub(super) fn raw(payload: &Payload) -> Result<Box<RawValue>, serde_json::Error> {
    match payload.as_json() {
        Some(text) => RawValue::from_string(text.to_owned()),
        None => payload.read(),
    }
}

/// As a payload again.
pub(super) fn payload(raw: &RawValue) -> Payload {
    Payload::from_stored_text(raw.get().to_owned())
}

/// The stream of an instance: of its tenant, named after the saga and the key.
pub(super) fn stream_of(
    saga: &str,
    key: &str,
    tenant: &crate::store::TenantId,
) -> Result<crate::store::StreamId, crate::store::NameError> {
    let stream = crate::store::StreamId::new(SAGA_CATEGORY, &format!("{saga}-{key}"))?;
    Ok(stream.with_tenant(tenant.clone()))
}
