//! Every crash there can be on the way of a saga of steps, for every way it can end: afterwards it has come to exactly one
//! outcome, each effect has happened once, and what was completed is undone in reverse order.

use orchestrix::error::BoxError;
use orchestrix::saga::{SagaChange, SagaHistory, SagaOutcome, SagaStatus};
use orchestrix::store::{EventData, Payload, StreamId};

use super::crash_point::{CrashPoint, Mortal};
use super::marks::marks;
use super::matrix::{keep, matrix, process, until_crashed};
use super::trip::{Travel, Trip, TripBooked};
use crate::dcb::stores::{Stores, on_stores};
use crate::torture::work::PATIENCE;

on_stores! {
    a_crash_at_every_point_of_a_saga_in_memory: in_memory(|stores| steps("in_memory", stores));
    a_crash_at_every_point_of_a_saga_on_sqlite: on_sqlite(|stores| steps("on_sqlite", stores));
    a_crash_at_every_point_of_a_saga_on_postgres: on_postgres(|stores| steps("on_postgres", stores));
}

/// What goes wrong on a way, and where.
#[derive(Debug, Clone, Copy)]
struct Way {
    /// The step that fails for good.
    fails: &'static str,
    /// The compensation that fails the first time it is called.
    stumbles: &'static str,
    /// The step that cannot answer the first time it is called, after it has had its effect. Where it is the one that fails, it
    /// never can, until its retries are used up.
    is_busy: &'static str,
}

const fn way(fails: &'static str, stumbles: &'static str, is_busy: &'static str) -> Way {
    Way {
        fails,
        stumbles,
        is_busy,
    }
}

/// Nothing fails, each step does, each compensation does once, steps wait and are called again.
const WAYS: [Way; 14] = [
    way("", "", ""),
    way("flight", "", ""),
    way("hotel", "", ""),
    way("car", "", ""),
    way("pay", "", ""),
    way("pay", "cancel_flight", ""),
    way("pay", "cancel_hotel", ""),
    way("pay", "cancel_car", ""),
    way("car", "cancel_hotel", ""),
    way("", "", "flight"),
    way("", "", "pay"),
    way("hotel", "", "flight"),
    way("flight", "", "flight"),
    way("pay", "cancel_car", "pay"),
];

async fn steps(place: &str, stores: Stores) -> Result<(), BoxError> {
    let test = format!("a_crash_at_every_point_of_a_saga_{place}");
    matrix(&test, &WAYS, async |trip: &str, way, at| {
        run(&stores, trip, way, at).await
    })
    .await
}

/// One trip that crashes at a point, and goes on in another process; says whether it came to that point.
async fn run(stores: &Stores, trip: &str, way: Way, at: CrashPoint) -> Result<bool, BoxError> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let booked = TripBooked {
        trip: trip.to_owned(),
        fails: some(way.fails),
        stumbles: some(way.stumbles),
        is_busy: some(way.is_busy),
    };
    let booked = EventData::new("TripBooked", 1, Payload::of(&booked)?);
    let position = keep(&*stores[3], StreamId::new("desk", trip)?, vec![booked]).await?;
    let mortal = Mortal::over(stores[0].ports(), at);
    let first = process(&stores[0], Some(&mortal));
    let first = first.module(Travel).start().await?;
    let has_crashed = until_crashed(&mortal, async {
        first.caught_up(position, PATIENCE).await?;
        // Its checkpoint may move only then.
        first.shutdown().await?;
        Ok(())
    });
    let has_crashed = has_crashed.await?;
    drop(first);
    let second = process(&stores[1], None).module(Travel).start().await?;
    second.caught_up(position, PATIENCE).await?;
    let history = second.sagas::<Trip>().history(trip).await?;
    check(&history.ok_or("it never began")?, way)?;
    let fails = way.fails;
    let completed = |step: &str| steps_before(fails).contains(&step);
    for (step, undo) in PARTS {
        let done = u32::from(completed(step) || (beside(fails) == Some(step)));
        let found = marks(&second, trip, step).await?;
        assert_eq!(found, done, "{step} of {trip} at {at:?}");
        let undone = match fails.is_empty() || step == "pay" {
            true => 0,
            false => done,
        };
        let found = marks(&second, trip, undo).await?;
        assert_eq!(found, undone, "{undo} of {trip} at {at:?}");
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

/// One outcome, the order in which it came about, and no failure twice.
fn check(history: &SagaHistory, way: Way) -> Result<(), BoxError> {
    let fails = way.fails;
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
    let failures = |wanted: fn(&SagaChange) -> bool| {
        let entries = history.entries.iter();
        entries.filter(|entry| wanted(&entry.what)).count()
    };
    let of_steps = failures(|change| matches!(change, SagaChange::StepFailed { .. }));
    let of_undoing = failures(|change| matches!(change, SagaChange::CompensationFailed { .. }));
    let once = |name: &str| usize::from(!name.is_empty());
    let is_right = history.status == SagaStatus::Ended(expected)
        && ends.count() == 1
        && undone == wanted
        && of_steps == once(way.fails) + once(way.is_busy)
        && of_undoing == once(way.stumbles);
    if !is_right {
        let entries = history.entries.iter().map(|entry| entry.what.to_string());
        let entries: Vec<_> = entries.collect();
        return Err(format!("is {}: {}", history.status, entries.join("; ")).into());
    }
    Ok(())
}
