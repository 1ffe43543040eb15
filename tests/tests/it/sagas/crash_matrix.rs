//! Every crash there can be on the way of a saga, for every way it can end: afterwards it has come to exactly one outcome, each
//! effect has happened once, and what was completed is undone in reverse order.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaHistory, SagaOutcome, SagaStatus};
use orchestrix::store::{
    Append, Backend, EventData, ExpectedVersion, GlobalPosition, Payload, Ports, StoreHealth,
    StreamId,
};

use super::crash_point::{CrashPoint, Mortal};
use super::trip::{Marks, Travel, Trip, TripBooked};
use crate::dcb::stores::{Stores, on_stores};
use crate::torture::work::{PATIENCE, amount, within};

/// Of the points of a way, one in ten is tried, unless more is asked for.
const ALL: usize = 10;
/// No way has so many writes.
const TOO_FAR: usize = 100;

on_stores! {
    a_crash_at_every_point_of_a_saga_in_memory: in_memory(matrix_in_memory);
    a_crash_at_every_point_of_a_saga_on_sqlite: on_sqlite(matrix_on_sqlite);
    a_crash_at_every_point_of_a_saga_on_postgres: on_postgres(matrix_on_postgres);
}

/// All ways there are: nothing fails, each step does, each compensation does once.
const WAYS: [(&str, &str); 9] = [
    ("", ""),
    ("flight", ""),
    ("hotel", ""),
    ("car", ""),
    ("pay", ""),
    ("pay", "cancel_flight"),
    ("pay", "cancel_hotel"),
    ("pay", "cancel_car"),
    ("car", "cancel_hotel"),
];

async fn matrix_in_memory(stores: Stores) -> Result<(), BoxError> {
    match amount("a_crash_at_every_point_of_a_saga_in_memory", ALL) {
        Some(part) => matrix("in memory", stores, each(part)).await,
        None => Ok(()),
    }
}

async fn matrix_on_sqlite(stores: Stores) -> Result<(), BoxError> {
    match amount("a_crash_at_every_point_of_a_saga_on_sqlite", ALL) {
        Some(part) => matrix("on SQLite", stores, each(part)).await,
        None => Ok(()),
    }
}

async fn matrix_on_postgres(stores: Stores) -> Result<(), BoxError> {
    match amount("a_crash_at_every_point_of_a_saga_on_postgres", ALL) {
        Some(part) => matrix("on PostgreSQL", stores, each(part)).await,
        None => Ok(()),
    }
}

/// One of how many points is tried, where so many in ten are asked for.
fn each(part: usize) -> usize {
    ALL / part.clamp(1, ALL)
}

/// Every `each`-th point, beginning elsewhere on each way.
async fn matrix(place: &str, stores: Stores, each: usize) -> Result<(), BoxError> {
    let (mut runs, mut crashes, mut points) = (0, 0, 0);
    for (n, way) in WAYS.into_iter().enumerate() {
        for point in 0.. {
            if point >= 2 * TOO_FAR {
                return Err(format!("{way:?} never comes to its end").into());
            }
            points += 1;
            if point > 0 && (point + n) % each != 0 {
                continue;
            }
            let at = CrashPoint {
                write: point / 2,
                after: point % 2 == 1,
            };
            runs += 1;
            let trip = format!("{n}-{point}");
            let has_crashed = run(&stores, &trip, way, at)
                .await
                .map_err(|error| format!("{way:?}, crashed at {at:?}: {error}"))?;
            if !has_crashed {
                break;
            }
            crashes += 1;
        }
    }
    eprintln!("sagas {place}: {points} points, {runs} runs, {crashes} of them crashed");
    assert!(crashes > WAYS.len());
    Ok(())
}

/// One trip that crashes at a point, and goes on in another process; says whether it came to that point.
async fn run(
    stores: &Stores,
    trip: &str,
    (fails, stumbles): (&str, &str),
    at: CrashPoint,
) -> Result<bool, BoxError> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let booked = TripBooked {
        trip: trip.to_owned(),
        fails: some(fails),
        stumbles: some(stumbles),
    };
    let position = book(&*stores[3], &booked).await?;
    let mortal = Mortal::over(stores[0].ports(), at);
    let first = app(&stores[0], Some(&mortal)).await?;
    let way = async {
        first.caught_up(position, PATIENCE).await?;
        // Its checkpoint may move only then.
        first.clone().shutdown().await?;
        Ok::<_, BoxError>(false)
    };
    let has_crashed = within(PATIENCE, "a saga crashes or ends", async {
        tokio::select! {
            () = mortal.ended() => Ok(true),
            ended = way => ended,
        }
    });
    let has_crashed = has_crashed.await??;
    drop(first);
    let second = app(&stores[1], None).await?;
    second.caught_up(position, PATIENCE).await?;
    let history = second.sagas::<Trip>().history(trip).await?;
    check(&history.ok_or("it never began")?, fails)?;
    let marks = |part: &'static str| {
        let second = &second;
        async move {
            let loaded = second.load::<Marks>(&format!("{trip}.{part}")).await?;
            Ok::<_, BoxError>(loaded.state.map_or(0, |marks| marks.0))
        }
    };
    let completed = |step: &str| steps_before(fails).contains(&step);
    for (step, undo) in PARTS {
        let done = u32::from(completed(step) || (beside(fails) == Some(step)));
        assert_eq!(marks(step).await?, done, "{step} of {trip} at {at:?}");
        let undone = match fails.is_empty() || step == "pay" {
            true => 0,
            false => done,
        };
        assert_eq!(marks(undo).await?, undone, "{undo} of {trip} at {at:?}");
    }
    second.shutdown().await?;
    Ok(has_crashed)
}

const PARTS: [(&str, &str); 4] = [
    ("flight", "cancel_flight"),
    ("hotel", "cancel_hotel"),
    ("car", "cancel_car"),
    ("pay", "refund"),
];

/// The steps that are completed before this one begins; all, if none fails.
fn steps_before(fails: &str) -> &'static [&'static str] {
    match fails {
        "flight" | "hotel" => &[],
        "car" => &["flight", "hotel"],
        "pay" => &["flight", "hotel", "car"],
        _ => &["flight", "hotel", "car", "pay"],
    }
}

/// The step that runs beside one.
fn beside(step: &str) -> Option<&'static str> {
    match step {
        "flight" => Some("hotel"),
        "hotel" => Some("flight"),
        _ => None,
    }
}

/// One outcome, and the order in which it came about.
fn check(history: &SagaHistory, fails: &str) -> Result<(), BoxError> {
    let expected = match fails.is_empty() {
        true => SagaOutcome::Completed,
        false => SagaOutcome::Compensated,
    };
    let of = |wanted: fn(&SagaChange) -> Option<&String>| -> Vec<&String> {
        let changes = history.entries.iter();
        changes.filter_map(|entry| wanted(&entry.what)).collect()
    };
    let completed = of(|change| match change {
        SagaChange::StepCompleted { step } => Some(step),
        _ => None,
    });
    let mut undone = of(|change| match change {
        SagaChange::StepCompensated { step } => Some(step),
        _ => None,
    });
    undone.reverse();
    let ends = history.entries.iter();
    let ends = ends.filter(|entry| matches!(entry.what, SagaChange::Ended { .. }));
    let wanted: &[&String] = match fails.is_empty() {
        true => &[],
        false => &completed,
    };
    if history.status != SagaStatus::Ended(expected) || ends.count() != 1 || undone != wanted {
        let entries = history.entries.iter().map(|entry| entry.what.to_string());
        let entries: Vec<_> = entries.collect();
        return Err(format!("is {}: {}", history.status, entries.join("; ")).into());
    }
    Ok(())
}

/// Has it booked by somebody who does not crash.
async fn book(store: &dyn Backend, booked: &TripBooked) -> Result<GlobalPosition, BoxError> {
    let events = store.ports().events;
    let event = EventData::new("TripBooked", 1, Payload::of(booked)?);
    let stream = StreamId::new("desk", &booked.trip)?;
    let append = Append::new(stream, ExpectedVersion::NoStream, vec![event]);
    for appended in events.append(vec![append]).await {
        appended?;
    }
    Ok(events.head().await?)
}

async fn app(store: &Arc<dyn Backend>, mortal: Option<&Mortal>) -> Result<App, BoxError> {
    let mut config = orchestrix::app::Config::new();
    config.lease_duration = Duration::from_millis(100);
    let builder = Orchestrix::builder().isolated().config(config);
    let builder = builder.store(StaysOpen(store.clone())).module(Travel);
    let builder = match mortal {
        Some(mortal) => builder
            .events(Arc::new(mortal.clone()))
            .checkpoints(Arc::new(mortal.clone())),
        None => builder,
    };
    Ok(builder.start().await?)
}

/// A store that outlives its apps.
struct StaysOpen(Arc<dyn Backend>);

#[async_trait]
impl Backend for StaysOpen {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn ports(&self) -> Ports {
        self.0.ports()
    }

    async fn health(&self) -> StoreHealth {
        self.0.health().await
    }

    async fn close(&self) -> Result<(), BoxError> {
        Ok(())
    }
}
