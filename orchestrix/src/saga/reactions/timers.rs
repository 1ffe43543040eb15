//! Timers, among what is scheduled.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::instance::load;
use super::log;
use crate::app::Core;
use crate::message::Metadata;
use crate::saga::event::{SAGA_CATEGORY, TimerFired};
use crate::saga::trouble::Trouble;
use crate::schedule::FiringError;
use crate::store::{
    MAX_SCHEDULE_ID_BYTES, NameError, Payload, ScheduleId, Scheduled, StreamId, TenantId,
};

/// The kind of timers among what is scheduled.
pub(crate) const TIMER: &str = "saga";

/// How often a firing is kept anew, while others write to the instance.
const ATTEMPTS: usize = 10;

/// What is scheduled.
#[derive(Debug, Serialize, Deserialize)]
struct Timer {
    /// The key of the instance's stream.
    instance: String,
    timer: String,
    number: u64,
}

/// The same each time for one timer, and no other's.
pub(super) fn id(stream: &StreamId, timer: &str, number: u64) -> Result<ScheduleId, NameError> {
    let readable = format!("saga/{}/{timer}/{number}", stream.key());
    if readable.len() <= MAX_SCHEDULE_ID_BYTES {
        return ScheduleId::new(readable);
    }
    let hashed = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, readable.as_bytes());
    ScheduleId::new(format!("saga/{hashed}"))
}

/// A timer, as it is scheduled.
pub(super) fn scheduled(
    stream: &StreamId,
    (timer, number, due): (&str, u64, Timestamp),
    metadata: Metadata,
) -> Result<Scheduled, Trouble> {
    let id = id(stream, timer, number).map_err(Trouble::last)?;
    let payload = Payload::of(&Timer {
        instance: stream.key().to_owned(),
        timer: timer.to_owned(),
        number,
    });
    let payload = payload.map_err(Trouble::last)?;
    let tenant = stream.tenant().clone();
    Ok(Scheduled::new(tenant, id, due, TIMER, timer, payload).with_metadata(metadata))
}

/// Keeps that a timer has fired, in the instance's stream, where that still waits for it: who serves the saga reacts to that.
pub(crate) fn fire(
    core: Arc<Core>,
    due: Scheduled,
) -> Pin<Box<dyn Future<Output = Result<(), FiringError>> + Send>> {
    Box::pin(async move {
        let fired = fire_once(&core, due.tenant, &due.payload, due.metadata);
        fired.await.map_err(|trouble| FiringError::Failed {
            source: match trouble {
                Trouble::Transient(error) | Trouble::Last(error) => error,
                Trouble::Stopped => "the app is shutting down".into(),
            },
        })
    })
}

async fn fire_once(
    core: &Core,
    tenant: TenantId,
    payload: &Payload,
    metadata: Metadata,
) -> Result<(), Trouble> {
    let Timer {
        instance,
        timer,
        number,
    } = payload.read().map_err(Trouble::last)?;
    let stream = StreamId::new(SAGA_CATEGORY, &instance).map_err(Trouble::last)?;
    let stream = stream.with_tenant(tenant);
    let fired = TimerFired { timer, number };
    for _ in 0..ATTEMPTS {
        let (instance, _) = load(core, &stream, None).await?;
        if !instance.waits_for(&fired) {
            return Ok(());
        }
        let place = (&stream, &instance);
        let kept = log::append(core, place, &fired.clone().into(), &metadata).await?;
        if kept.is_some() {
            return Ok(());
        }
    }
    Err(Trouble::Transient(
        "others wrote to the instance each time".into(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_each_time_and_fit() {
        let stream = |key: &str| StreamId::new(SAGA_CATEGORY, key).expect("a good name");
        let of = |key: &str, number| id(&stream(key), "overdue", number).expect("it fits");
        assert_eq!(of("deadline-7", 3).as_str(), "saga/deadline-7/overdue/3");
        let long = "k".repeat(400);
        assert_eq!(of(&long, 3), of(&long, 3));
        assert_ne!(of(&long, 3), of(&long, 4));
        assert!(of(&long, 3).as_str().len() <= MAX_SCHEDULE_ID_BYTES);
    }
}
