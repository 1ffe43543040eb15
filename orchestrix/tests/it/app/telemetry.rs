//! Spans on the road of a command and of a subscription.

use orchestrix::message::{CorrelationId, MessageId};
use orchestrix::prelude::*;
use orchestrix::store::{EventQuery, LockKey, LockStore, StreamId};
use orchestrix::telemetry;
use orchestrix::testkit::faults::AppendFault;

use super::counter::{Counted, Counter, Limit, Total, count, count_each, limit};
use super::recorder::Recorder;
use super::stored::{event, write};
use super::test_store::{CommitFault, TestStore};
use super::waiting::{caught_up, retrying};
use super::{Outcome, start};

struct Traced;

#[module(name = "traced", aggregates(Counter), projections(Total))]
impl Traced {
    #[on]
    async fn set_a_limit(
        &self,
        event: &Counted,
        cx: &EventContext,
    ) -> Result<(), orchestrix::error::BoxError> {
        if cx.version() == StreamVersion::FIRST {
            let counter = event.counter.clone();
            cx.dispatch(Limit {
                counter,
                limit: 100,
            })
            .await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_command_is_one_span_with_its_load_and_its_append() -> Outcome {
    let (recorder, _guard) = Recorder::here();
    let app = start(MemoryStore::new(), super::counter::Counting).await;
    let chain: CorrelationId = MessageId::new().into();
    let red = TenantId::new("red")?;
    app.dispatch(count_each("a", &[1, 2, 3]))
        .tenant(red)
        .correlation(chain)
        .await?;
    let dispatched = recorder.spans(telemetry::DISPATCH);
    let [dispatch] = &dispatched[..] else {
        panic!("{dispatched:?}")
    };
    assert_eq!(dispatch.field(telemetry::COMMAND), Some("CountEach"));
    assert_eq!(
        dispatch.field(telemetry::CORRELATION_ID),
        Some(chain.to_string().as_str())
    );
    assert_eq!(dispatch.field(telemetry::STREAM), Some("red/counter-a"));
    assert_eq!(dispatch.field(telemetry::ATTEMPTS), Some("1"));
    let loads = recorder.spans(telemetry::LOAD);
    let [load] = &loads[..] else {
        panic!("{loads:?}")
    };
    assert_eq!(load.field(telemetry::STREAM), Some("red/counter-a"));
    assert_eq!(load.field(telemetry::VERSION), Some("0"));
    let appends = recorder.spans(telemetry::APPEND);
    let [append] = &appends[..] else {
        panic!("{appends:?}")
    };
    assert_eq!(append.field(telemetry::APPEND_COUNT), Some("1"));
    assert_eq!(append.field(telemetry::EVENT_COUNT), Some("3"));
    for child in [load, append] {
        assert_eq!(recorder.ancestors(child), [telemetry::DISPATCH]);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted() -> Outcome {
    let (recorder, _guard) = Recorder::here();
    let store = TestStore::new();
    let app = start(store.clone(), super::counter::Counting).await;
    store.rivals.next([true, true]);
    app.dispatch(count("a", 1)).await?;
    let dispatched = recorder.spans(telemetry::DISPATCH);
    assert_eq!(dispatched[0].field(telemetry::ATTEMPTS), Some("3"));
    assert_eq!(recorder.spans(telemetry::APPEND).len(), 3);
    assert_eq!(recorder.spans(telemetry::LOAD).len(), 3);
    Ok(())
}

#[tokio::test]
async fn every_step_of_a_subscription_is_a_span() -> Outcome {
    let (recorder, _guard) = Recorder::here();
    let app = start(MemoryStore::new(), Traced).await;
    app.dispatch(count("a", 1)).await?;
    caught_up(&app).await;
    for subscription in ["total@1", "traced.set_a_limit"] {
        let of = |name| {
            let mut spans = recorder.spans(name);
            spans.retain(|span| span.field(telemetry::SUBSCRIPTION) == Some(subscription));
            spans
        };
        let reads = of(telemetry::SUBSCRIPTION_READ);
        assert_eq!(
            reads[0].field(telemetry::POSITION),
            Some("0"),
            "{subscription}"
        );
        let consumed = of(telemetry::SUBSCRIPTION_CONSUME);
        assert_eq!(consumed.len(), 1, "{subscription}");
        assert_eq!(consumed[0].field(telemetry::EVENT_COUNT), Some("1"));
        assert_eq!(consumed[0].field(telemetry::POSITION), Some("1"));
        assert_eq!(
            recorder.ancestors(&consumed[0]),
            [""; 0],
            "a subscription is nobody's child"
        );
    }
    let handled = recorder.spans(telemetry::HANDLE_EVENT);
    let [handle] = &handled[..] else {
        panic!("{handled:?}")
    };
    assert_eq!(
        handle.field(telemetry::SUBSCRIPTION),
        Some("traced.set_a_limit")
    );
    assert_eq!(handle.field(telemetry::EVENT_TYPE), Some("Counted"));
    assert_eq!(handle.field(telemetry::POSITION), Some("1"));
    assert_eq!(
        recorder.ancestors(handle),
        [telemetry::SUBSCRIPTION_CONSUME]
    );
    // The command that the handler dispatched belongs to it, down to the append.
    let last = recorder
        .spans(telemetry::APPEND)
        .pop()
        .ok_or("the handler's command appends")?;
    assert_eq!(
        recorder.ancestors(&last),
        [
            telemetry::DISPATCH,
            telemetry::HANDLE_EVENT,
            telemetry::SUBSCRIPTION_CONSUME
        ]
    );
    Ok(())
}

/// What people confide to events must not turn up in logs, whatever happens to them.
#[tokio::test(start_paused = true)]
async fn no_payload_reaches_a_span_or_the_log() -> Outcome {
    const CANARY: u32 = 1_042_420_042;
    let (recorder, _guard) = Recorder::here();
    let store = TestStore::new();
    let app = start(store.clone(), Traced).await;
    store.rivals.next([true]);
    store.fail_next([AppendFault::NotSent]);
    store.commit_faults.next([CommitFault::Failed; 4]);
    app.dispatch(count("a", CANARY)).await?;
    app.dispatch(limit("a", CANARY)).await?;
    assert!(app.dispatch(count("a", CANARY / 2)).await.is_err());
    caught_up(&app).await;
    assert_eq!(
        app.view::<Total>("a").await?.map(|total| total.sum),
        Some(CANARY)
    );
    app.shutdown().await?;
    let text = recorder.text();
    assert!(
        text.contains(telemetry::HANDLE_EVENT) && text.contains("tries again"),
        "{text}"
    );
    assert!(
        !text.contains(&CANARY.to_string()) && !text.contains(&(CANARY / 2).to_string()),
        "{text}"
    );
    Ok(())
}

/// What serde says of a body quotes from it: the app tells it to those who ask, the log does not.
#[tokio::test(start_paused = true)]
async fn the_body_of_an_event_that_does_not_fit_is_not_logged_either() -> Outcome {
    let (recorder, _guard) = Recorder::here();
    let store = MemoryStore::new();
    let body = serde_json::json!({ "counter": "a", "by": "sparrow" });
    write(&store, "counter-a", vec![event("Counted", 1, body)]).await?;
    let app = start(store, Traced).await;
    for subscription in ["total@1", "traced.set_a_limit"] {
        let (_, error) = retrying(&app, subscription).await;
        assert!(error.contains("sparrow"), "{error}");
    }
    let text = recorder.text();
    assert!(
        text.contains("does not fit its type: (Data, line 1, column 15)"),
        "{text}"
    );
    assert!(!text.contains("sparrow"), "{text}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_lock_is_a_span_within_the_dispatch() -> Outcome {
    let (recorder, _guard) = Recorder::here();
    let store = MemoryStore::new();
    let app = start(store.clone(), super::counter::Counting).await;
    let wait = std::time::Duration::from_millis(20);
    app.dispatch(count("a", 1)).pessimistic(wait).await?;
    let key = LockKey::of_stream(&StreamId::new("counter", "a")?);
    let held = store.try_lock(&key).await?;
    let refused = app.dispatch(count("a", 1)).pessimistic(wait).await;
    assert!(held.is_some() && refused.is_err());
    let locks = recorder.spans(telemetry::LOCK);
    let [got, missed] = &locks[..] else {
        panic!("{locks:?}")
    };
    for (lock, acquired) in [(got, "true"), (missed, "false")] {
        assert_eq!(lock.field(telemetry::LOCK_KEY), Some("stream counter-a"));
        assert_eq!(lock.field(telemetry::LOCK_WAIT), Some("20ms"));
        assert_eq!(lock.field(telemetry::LOCK_ACQUIRED), Some(acquired));
        assert_eq!(recorder.ancestors(lock), [telemetry::DISPATCH]);
    }
    Ok(())
}

#[derive(Default)]
struct Sum(u32);

impl DecisionModel for Sum {
    type Event = Counted;
    fn apply(&mut self, event: &Counted) {
        self.0 += event.by;
    }
}

#[tokio::test]
async fn a_decision_is_one_span_with_its_append() -> Outcome {
    let (recorder, _guard) = Recorder::here();
    let app = start(MemoryStore::new(), super::counter::Counting).await;
    let counted = || Counted {
        counter: "a".to_owned(),
        by: 1,
    };
    app.decide::<Sum>(EventQuery::all())
        .stream(StreamId::new("sum", "a")?)
        .with(|sum, _| {
            assert_eq!(sum.0, 0);
            Ok::<_, std::convert::Infallible>([counted()])
        })
        .await?;
    let decided = recorder.spans(telemetry::DECIDE);
    let [decide] = &decided[..] else {
        panic!("{decided:?}")
    };
    assert!(
        decide
            .field(telemetry::MODEL)
            .is_some_and(|model| model.ends_with("::Sum"))
    );
    assert_eq!(decide.field(telemetry::STREAM), Some("sum-a"));
    assert_eq!(decide.field(telemetry::ATTEMPTS), Some("1"));
    let appends = recorder.spans(telemetry::APPEND);
    let [append] = &appends[..] else {
        panic!("{appends:?}")
    };
    assert_eq!(recorder.ancestors(append), [telemetry::DECIDE]);
    Ok(())
}
