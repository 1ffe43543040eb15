//! What the log is told of calls.

use std::time::Duration;

use orchestrix::middleware::Logging;
use orchestrix::prelude::*;
use orchestrix::telemetry;
use orchestrix::testkit::faults::AppendFault::Unavailable;

use super::trail::building;
use crate::app::Outcome;
use crate::app::counter::{Counted, Counter, Counting, count, limit};
use crate::app::recorder::Recorder;
use crate::app::test_store::TestStore;
use crate::app::waiting::{caught_up, eventually};

#[tokio::test(start_paused = true)]
async fn each_command_is_one_line_with_its_outcome_and_duration() -> Outcome {
    let (recorder, _guard) = Recorder::here();
    let store = TestStore::new();
    let app = building(store.clone(), Counting)
        .dispatch_layer(Logging)
        .start()
        .await?;
    app.dispatch(limit("sparrow", 5)).await?;
    assert!(app.dispatch(count("sparrow", 77)).await.is_err());
    store.fail_next([Unavailable]);
    assert!(app.dispatch(count("sparrow", 1)).await.is_err());
    store.append_gate.close();
    let given_up = app.dispatch(count("sparrow", 1));
    assert!(given_up.timeout(Duration::from_secs(2)).await.is_err());
    let lines = recorder.lines(telemetry::OUTCOME);
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            let field = |name| line.get(name).map_or("", String::as_str);
            [
                field(telemetry::COMMAND),
                field(telemetry::TARGET),
                field(telemetry::OUTCOME),
                field(telemetry::TOOK),
                field("message"),
            ]
        })
        .collect();
    let target = "stream counter-sparrow";
    assert_eq!(
        told,
        [
            ["Limit", target, "done", "0ns", "a command was carried out"],
            ["Count", target, "rejected", "0ns", "a command was rejected"],
            ["Count", target, "failed", "0ns", "a command failed"],
            ["Count", target, "abandoned", "2s", "a command was given up"],
        ]
    );
    let error = |line: usize| lines[line].get(telemetry::ERROR).map(String::as_str);
    assert!(
        error(1).is_some_and(|it| it.ends_with("::LimitReached`")),
        "{:?}",
        error(1)
    );
    assert!(
        error(2).is_some_and(|it| it.starts_with("the store is unavailable: ")),
        "{:?}",
        error(2)
    );
    assert_eq!((error(0), error(3)), (None, None));
    assert!(
        lines
            .iter()
            .all(|line| line.contains_key(telemetry::CORRELATION_ID))
    );
    Ok(())
}

struct Choosy;

#[module(name = "choosy", aggregates(Counter))]
impl Choosy {
    #[on]
    async fn take(&self, event: &Counted) -> Result<(), &'static str> {
        match event.by {
            1 => Ok(()),
            _ => Err("it is too much"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_delivery_is_one_line_too() -> Outcome {
    let (recorder, _guard) = Recorder::here();
    let app = building(MemoryStore::new(), Choosy)
        .delivery_layer(Logging)
        .start()
        .await?;
    app.dispatch(count("a", 1)).await?;
    caught_up(&app).await;
    app.dispatch(count("a", 2)).await?;
    eventually("it has been tried", || {
        recorder.lines(telemetry::OUTCOME).len() > 1
    })
    .await;
    let lines = recorder.lines(telemetry::OUTCOME);
    for (line, outcome, position) in [(&lines[0], "done", "1"), (&lines[1], "failed", "2")] {
        assert_eq!(line[telemetry::SUBSCRIPTION], "choosy.take");
        assert_eq!(line[telemetry::EVENT_TYPE], "Counted");
        assert_eq!(line[telemetry::OUTCOME], outcome);
        assert_eq!(line[telemetry::POSITION], position);
    }
    assert_eq!(lines[1][telemetry::ERROR], "it is too much");
    Ok(())
}
