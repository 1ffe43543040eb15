//! What is counted of sagas: by an app that runs them, on the thread of its test.

mod exposition;
mod reactions;

use std::collections::BTreeMap;
use std::sync::Arc;

use metrics::LocalRecorderGuard;
use metrics_util::MetricKind;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use orchestrix::prelude::*;
use orchestrix::saga::SagaError;
use orchestrix::store::Backend;
use orchestrix::telemetry::metrics::{self as known, METRICS};
use orchestrix::testkit::faults::{AppendFault, FaultStore};

use super::trip::{Does, Trip, script};
use super::{Travel, app, book, idle, status};

/// Everything that was counted and measured, as far as it was looked at.
struct Recorded {
    snapshotter: Snapshotter,
    counters: BTreeMap<String, u64>,
    seconds: BTreeMap<String, Vec<f64>>,
}

/// A recorder for all that happens on this thread, for as long as the test runs.
fn recorder() -> (Recorded, LocalRecorderGuard<'static>) {
    let recorder = DebuggingRecorder::new();
    let recorded = Recorded {
        snapshotter: recorder.snapshotter(),
        counters: BTreeMap::new(),
        seconds: BTreeMap::new(),
    };
    // One for each test, and each test has a thread of its own.
    let recorder: &'static DebuggingRecorder = Box::leak(Box::new(recorder));
    (recorded, metrics::set_default_local_recorder(recorder))
}

impl Recorded {
    /// Adds what came since it was looked at the last time.
    fn look(&mut self) {
        for (key, _, _, value) in self.snapshotter.snapshot().into_vec() {
            let (_, key) = key.into_parts();
            let metric = METRICS.iter().find(|metric| metric.name == key.name());
            let metric = metric.unwrap_or_else(|| panic!("{} is not listed", key.name()));
            let labels: Vec<_> = key.labels().map(|label| label.key()).collect();
            assert_eq!(labels, metric.labels, "{}", metric.name);
            let values = key.labels().map(|label| label.value());
            let values: Vec<_> = values.collect();
            let name = format!("{} {}", key.name(), values.join(" "));
            match value {
                DebugValue::Counter(count) => *self.counters.entry(name).or_default() += count,
                DebugValue::Histogram(values) => {
                    let values = values.into_iter().map(f64::from);
                    self.seconds.entry(name).or_default().extend(values);
                }
                DebugValue::Gauge(_) => panic!("{name} is a gauge"),
            }
        }
    }

    /// The counters that are not at zero, as `name values of the labels`.
    fn counted(&mut self) -> Vec<(&str, u64)> {
        self.look();
        let counters = self.counters.iter().filter(|(_, count)| **count > 0);
        counters
            .map(|(name, count)| (name.as_str(), *count))
            .collect()
    }

    fn count(&mut self, name: &str) -> u64 {
        let counted = self.counted().into_iter().find(|(known, _)| *known == name);
        counted.map_or(0, |(_, count)| count)
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_completes_is_counted_with_its_steps() {
    let (mut recorded, _guard) = recorder();
    let app = app(MemoryStore::new()).await;
    script("counted", "hotel", &[Does::FailsForNow]);
    book(&app, "counted").await;
    idle(&app).await;
    let expected = [
        ("orchestrix_saga_steps_total trip default car completed", 1),
        (
            "orchestrix_saga_steps_total trip default flight completed",
            1,
        ),
        (
            "orchestrix_saga_steps_total trip default hotel completed",
            1,
        ),
        ("orchestrix_saga_steps_total trip default hotel retried", 1),
        ("orchestrix_saga_steps_total trip default pay completed", 1),
        ("orchestrix_sagas_ended_total trip default completed", 1),
        ("orchestrix_sagas_started_total trip default", 1),
    ];
    assert_eq!(recorded.counted(), expected);
    let took = &recorded.seconds["orchestrix_saga_duration_seconds trip default completed"];
    assert_eq!(took.len(), 1);

    // What is delivered again, and what is refused, is not counted again.
    app.reset_subscription("saga.trip").await.unwrap();
    idle(&app).await;
    let again = app.sagas::<Trip>().start("counted", state()).await;
    assert!(matches!(again, Err(SagaError::AlreadyExists { .. })));
    assert_eq!(recorded.counted(), expected);
    app.shutdown().await.unwrap();
}

fn state() -> Trip {
    Trip {
        seats: 1,
        price: None,
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_undone_resumed_and_resolved_is_counted_by_its_outcome() {
    let (mut recorded, _guard) = recorder();
    let app = app(MemoryStore::new()).await;
    let red = TenantId::new("red").unwrap();
    for trip in ["undone", "resumed", "resolved"] {
        script(trip, "pay", &[Does::FailsForGood]);
    }
    script("undone", "cancel_car", &[Does::FailsForNow]);
    for trip in ["resumed", "resolved"] {
        script(trip, "cancel_car", &[Does::FailsForGood]);
    }
    let sagas = || app.sagas::<Trip>().tenant(red.clone());
    for trip in ["undone", "resumed", "resolved"] {
        sagas().start(trip, state()).await.unwrap();
    }
    idle(&app).await;
    sagas().resume("resumed").await.unwrap();
    sagas().resolve("resolved", "was called off").await.unwrap();
    idle(&app).await;
    let compensations = "orchestrix_saga_compensations_total trip red";
    for (name, count) in [
        ("orchestrix_sagas_started_total trip red".to_owned(), 3),
        (
            "orchestrix_saga_steps_total trip red pay failed".to_owned(),
            3,
        ),
        (format!("{compensations} car retried"), 1),
        (format!("{compensations} car failed"), 2),
        (format!("{compensations} car completed"), 2),
        (format!("{compensations} hotel completed"), 3),
        (
            "orchestrix_sagas_ended_total trip red compensation_failed".to_owned(),
            2,
        ),
        (
            "orchestrix_sagas_ended_total trip red compensated".to_owned(),
            2,
        ),
        (
            "orchestrix_sagas_ended_total trip red resolved".to_owned(),
            1,
        ),
        (
            "orchestrix_sagas_ended_total trip red completed".to_owned(),
            0,
        ),
    ] {
        assert_eq!(recorded.count(&name), count, "{name}");
    }
    let took = |outcome: &str| {
        let name = format!("orchestrix_saga_duration_seconds trip red {outcome}");
        recorded.seconds.get(&name).map_or(0, Vec::len)
    };
    assert_eq!((took("compensated"), took("resolved")), (2, 0));
    app.shutdown().await.unwrap();
}

/// Each append is sent twice, or loses its answer: it is kept once, and counted once.
#[tokio::test(start_paused = true)]
async fn what_is_appended_again_is_counted_once() {
    let (mut recorded, _guard) = recorder();
    // What has lost its answer is sent again, and that is answered.
    let lost = [Some(AppendFault::AnswerLost), None];
    let twice = [Some(AppendFault::Twice); 2];
    for (trip, faults) in [("twice", twice), ("lost", lost)] {
        let store = MemoryStore::new();
        let log = FaultStore::over(store.ports().events);
        let builder = Orchestrix::builder().isolated().store(store);
        let builder = builder.events(Arc::new(log.clone())).module(Travel);
        let app = builder.start().await.unwrap();
        log.next([faults; 20].concat());
        book(&app, trip).await;
        idle(&app).await;
        assert_eq!(status(&app, trip).await.to_string(), "completed");
        // Two parts at once, then two one after the other, and the saga's own.
        let counts = log.counts();
        assert!(counts.answers_lost.max(counts.twice) >= 8, "{counts:?}");
        app.shutdown().await.unwrap();
    }
    assert_eq!(
        recorded.count("orchestrix_sagas_started_total trip default"),
        2
    );
    assert_eq!(
        recorded.count("orchestrix_sagas_ended_total trip default completed"),
        2
    );
    assert_eq!(
        recorded.count("orchestrix_saga_steps_total trip default pay completed"),
        2
    );
}

#[test]
fn the_table_of_the_documentation_has_all_of_them() {
    let table = include_str!("../../../../src/docs/metrics.md").lines();
    let rows = table.filter(|line| line.starts_with("| `"));
    let rows: Vec<String> = rows.map(str::to_owned).collect();
    let listed = METRICS.iter().map(|metric| {
        let (kind, unit) = match metric.kind {
            known::MetricKind::Counter => ("counter", "count"),
            known::MetricKind::Seconds => ("histogram", "seconds"),
            other => panic!("{other:?}"),
        };
        let labels: Vec<_> = metric.labels.iter().map(|it| format!("`{it}`")).collect();
        let labels = labels.join(", ");
        let known::Metric {
            name, description, ..
        } = metric;
        format!("| `{name}` | {kind} | {unit} | {labels} | {description} |")
    });
    assert_eq!(rows, listed.collect::<Vec<_>>());
}

/// With their kinds, units and descriptions.
#[tokio::test(start_paused = true)]
async fn they_are_described_when_an_app_starts() {
    let (recorded, _guard) = recorder();
    let app = app(MemoryStore::new()).await;
    book(&app, "described").await;
    idle(&app).await;
    let mut described = 0;
    for (key, unit, description, _) in recorded.snapshotter.snapshot().into_vec() {
        let metric = METRICS.iter().find(|it| it.name == key.key().name());
        let metric = metric.unwrap();
        let (kind, counted) = match metric.kind {
            known::MetricKind::Counter => (MetricKind::Counter, metrics::Unit::Count),
            _ => (MetricKind::Histogram, metrics::Unit::Seconds),
        };
        assert_eq!((key.kind(), unit), (kind, Some(counted)), "{}", metric.name);
        assert_eq!(description.as_deref(), Some(metric.description));
        described += 1;
    }
    assert!(described >= 4, "{described}");
    app.shutdown().await.unwrap();
}
