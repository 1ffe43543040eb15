//! What crash matrices have in common: a crash at every point of every way, and processes that go on after each other.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::app::Builder;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, Backend, EventData, ExpectedVersion, GlobalPosition, Ports, StoreHealth, StreamId,
};

use super::crash_point::{CrashPoint, Mortal};
use crate::torture::work::{PATIENCE, amount, within};

/// Of the points of a way, one in ten is tried, unless more is asked for.
const ALL: usize = 10;
/// No way has so many points.
const TOO_FAR: usize = 300;

/// Crashes at the points of each way: `run` takes one instance, named by a key of its own, along a way with a crash at a
/// point, lets another process go on, and says whether it came to that point.
pub(super) async fn matrix<W: Debug + Copy>(
    test: &str,
    ways: &[W],
    run: impl AsyncFn(&str, W, CrashPoint) -> Result<bool, BoxError>,
) -> Result<(), BoxError> {
    let Some(part) = amount(test, ALL) else {
        return Ok(());
    };
    let each = ALL / part.clamp(1, ALL);
    let (mut runs, mut crashes, mut points) = (0, 0, 0);
    for (n, way) in ways.iter().copied().enumerate() {
        // Every `each`-th point, beginning elsewhere on each way.
        for point in 0.. {
            if point >= TOO_FAR {
                return Err(format!("{way:?} never comes to its end").into());
            }
            points += 1;
            if point > 0 && (point + n) % each != 0 {
                continue;
            }
            let at = CrashPoint::nth(point);
            runs += 1;
            let has_crashed = run(&format!("{n}-{point}"), way, at)
                .await
                .map_err(|error| format!("{way:?}, crashed at {at:?}: {error}"))?;
            if !has_crashed {
                break;
            }
            crashes += 1;
        }
    }
    eprintln!("{test}: {points} points, {runs} runs, {crashes} of them crashed");
    assert!(crashes > ways.len());
    Ok(())
}

/// Takes a way until its process crashes; false where it comes to its end before.
pub(super) async fn until_crashed(
    mortal: &Mortal,
    way: impl Future<Output = Result<(), BoxError>>,
) -> Result<bool, BoxError> {
    let crashed = within(PATIENCE, "a saga crashes or ends", async {
        tokio::select! {
            () = mortal.ended() => Ok(true),
            ended = way => ended.map(|()| false),
        }
    });
    crashed.await?
}

/// Keeps events in a new stream, by somebody who does not crash; says where the log ends then.
pub(super) async fn keep(
    store: &dyn Backend,
    stream: StreamId,
    kept: Vec<EventData>,
) -> Result<GlobalPosition, BoxError> {
    let events = store.ports().events;
    let append = Append::new(stream, ExpectedVersion::NoStream, kept);
    for appended in events.append(vec![append]).await {
        appended?;
    }
    Ok(events.head().await?)
}

/// An app whose store outlives it, and whose leases end soon. A mortal one ends at its point.
pub(super) fn process(store: &Arc<dyn Backend>, mortal: Option<&Mortal>) -> Builder {
    let mut config = orchestrix::app::Config::new();
    config.lease_duration = Duration::from_millis(100);
    let builder = Orchestrix::builder().isolated().config(config);
    let builder = builder.store(StaysOpen(store.clone()));
    let Some(mortal) = mortal else {
        return builder;
    };
    builder
        .events(Arc::new(mortal.clone()))
        .checkpoints(Arc::new(mortal.clone()))
        .schedules(Arc::new(mortal.clone()))
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
