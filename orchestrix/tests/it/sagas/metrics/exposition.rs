//! What a scrape of Prometheus reads.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use orchestrix::prelude::*;
use orchestrix::telemetry::metrics::SAGA_DURATION;
use orchestrix::testkit::VirtualClock;

use crate::app::waiting::eventually;
use crate::sagas::idle;
use crate::sagas::reactions::orders::{Hold, Pay};
use crate::sagas::reactions::{HOUR, app, place};
use crate::sagas::trip::{Does, script};

#[tokio::test(start_paused = true)]
async fn a_scrape_tells_executions_outcomes_and_durations() {
    let matcher = Matcher::Full(SAGA_DURATION.to_owned());
    let builder = PrometheusBuilder::new();
    let builder = builder.set_buckets_for_metric(matcher, &[60.0, 3_600.0]);
    let recorder = builder.unwrap().build_recorder();
    let prometheus = recorder.handle();
    let recorder = Box::leak(Box::new(recorder));
    let _guard = metrics::set_default_local_recorder(recorder);

    let trips = crate::sagas::app(MemoryStore::new()).await;
    script("scraped-back", "pay", &[Does::FailsForGood]);
    for trip in ["scraped", "scraped-back"] {
        crate::sagas::book(&trips, trip).await;
    }
    idle(&trips).await;
    trips.shutdown().await.unwrap();

    let clock = VirtualClock::default();
    let orders = app(MemoryStore::new(), &clock).await;
    for order in ["paid", "held"] {
        place(&orders, order).await;
    }
    let [paid, held] = ["paid", "held"].map(str::to_owned);
    orders.dispatch(Hold { order: held }).await.unwrap();
    idle(&orders).await;
    clock.advance(HOUR / 100);
    orders.dispatch(Pay { order: paid }).await.unwrap();
    idle(&orders).await;
    clock.advance(HOUR);
    let fired = || orders.schedule_status().fired == 1;
    eventually("the timer fires", fired).await;
    idle(&orders).await;
    orders.shutdown().await.unwrap();

    let text = prometheus.render();
    for expected in [
        "# HELP orchestrix_sagas_started_total Instances of sagas that began.",
        "# TYPE orchestrix_sagas_started_total counter",
        r#"orchestrix_sagas_started_total{saga="trip",tenant="default"} 2"#,
        r#"orchestrix_sagas_started_total{saga="deadline",tenant="default"} 2"#,
        "# TYPE orchestrix_sagas_ended_total counter",
        r#"orchestrix_sagas_ended_total{saga="trip",tenant="default",outcome="completed"} 1"#,
        r#"orchestrix_sagas_ended_total{saga="trip",tenant="default",outcome="compensated"} 1"#,
        r#"orchestrix_sagas_ended_total{saga="deadline",tenant="default",outcome="completed"} 2"#,
        r#"orchestrix_saga_steps_total{saga="trip",tenant="default",step="flight",outcome="completed"} 2"#,
        r#"orchestrix_saga_steps_total{saga="trip",tenant="default",step="pay",outcome="failed"} 1"#,
        r#"orchestrix_saga_compensations_total{saga="trip",tenant="default",step="car",outcome="completed"} 1"#,
        r#"orchestrix_saga_timers_fired_total{saga="deadline",tenant="default",timer="overdue"} 1"#,
        r#"orchestrix_saga_rejections_total{saga="deadline",tenant="default",command="Cancel"} 1"#,
        r#"orchestrix_sagas_stuck_total{saga="deadline",tenant="default"} 1"#,
        "# TYPE orchestrix_saga_duration_seconds histogram",
        r#"orchestrix_saga_duration_seconds_bucket{saga="deadline",tenant="default",outcome="completed",le="60"} 1"#,
        r#"orchestrix_saga_duration_seconds_bucket{saga="deadline",tenant="default",outcome="completed",le="+Inf"} 2"#,
        r#"orchestrix_saga_duration_seconds_count{saga="deadline",tenant="default",outcome="completed"} 2"#,
        r#"orchestrix_saga_duration_seconds_sum{saga="deadline",tenant="default",outcome="completed"} 3672"#,
    ] {
        let is_there = text.lines().any(|line| line == expected);
        assert!(is_there, "{expected} is not in:\n{text}");
    }
}
