//! A poison event amid a replay, and what else ends one early.

use std::error::Error;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrix::app::{Config, ReplayEnd, ReplayError};
use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::store::RecordedEvent;
use orchestrix::subscription::Subscription;
use serde_json::json;

use super::search::{Calls, INDEX, Search, searching};
use crate::app::Outcome;
use crate::app::deliveries::counted;
use crate::app::stored::{all, event, write};
use crate::app::test_store::TestStore;
use crate::app::waiting::caught_up;

/// Six events, all consumed.
async fn six(calls: &Calls) -> Result<(MemoryStore, App), Box<dyn Error>> {
    let store = MemoryStore::new();
    counted(&store, 1..=6).await?;
    let app = searching(store.clone(), calls).await?;
    caught_up(&app).await;
    calls.forget();
    Ok((store, app))
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_told_and_later_events_follow() -> Outcome {
    let calls = Calls::default();
    let (store, app) = six(&calls).await?;
    calls.fail_at([2, 4]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let report = app
        .replay(INDEX)
        .on_failure(move |failure| telling.lock().unwrap().push(failure.position.get()))
        .await?;
    assert_eq!(calls.replayed(), [1, 2, 3, 4, 5, 6], "each once");
    assert_eq!((report.delivered, report.end), (4, ReplayEnd::Complete));
    assert_eq!(report.last_position.map(|at| at.get()), Some(6));
    assert_eq!(*told.lock().unwrap(), [2, 4]);
    let [failure, _] = &report.failures[..] else {
        panic!("two failed: {:?}", report.failures);
    };
    let second = &all(&store).await[1];
    assert_eq!(failure.position, second.position);
    assert_eq!(failure.event_id, second.event_id());
    assert_eq!(failure.event_type, "Counted");
    assert_eq!(failure.handler, INDEX);
    assert_eq!(failure.source.to_string(), "the index is read-only");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_strict_one_ends_with_the_first_failure() -> Outcome {
    let calls = Calls::default();
    let (_, app) = six(&calls).await?;
    calls.fail_at([4, 5]);
    let Err(error) = app.replay(INDEX).strict().await else {
        panic!("the fourth event fails");
    };
    let text = chain(&error);
    assert!(text.contains("`Counted` at position 4"), "{text}");
    assert!(text.contains("the index is read-only"), "{text}");
    let ReplayError::Failed { failure, so_far } = error else {
        panic!("an event failed: {error:?}");
    };
    assert_eq!(
        (failure.position.get(), failure.handler.as_str()),
        (4, INDEX)
    );
    assert_eq!(
        (so_far.delivered, so_far.last_position),
        (3, Some(failure.position))
    );
    assert_eq!(calls.replayed(), [1, 2, 3, 4]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn as_many_fail_as_may() -> Outcome {
    let calls = Calls::default();
    let (_, app) = six(&calls).await?;
    calls.fail_at([1, 3, 5]);
    let report = app.replay(INDEX).max_failures(2).await?;
    assert_eq!((report.delivered, report.failures.len()), (1, 2));
    assert_eq!(report.end, ReplayEnd::MaxFailures);
    assert_eq!(calls.replayed(), [1, 2, 3]);
    Ok(())
}

/// What cannot be read, what panics, and what takes too long fails as the rest does.
#[tokio::test(start_paused = true)]
async fn every_kind_of_failure_is_told() -> Outcome {
    let store = MemoryStore::new();
    let bad = event("Counted", 1, json!({ "by": "many" }));
    write(&store, "counter-a", vec![bad]).await?;
    counted(&store, 2..=3).await?;
    let slow = Subscription::new("slow").timeout(Duration::from_secs(1));
    let consumed = |event: RecordedEvent, cx: ReplayContext| async move {
        match event.position.get() {
            2 if cx.is_replay() => panic!("on purpose"),
            3 if cx.is_replay() => std::future::pending().await,
            _ => {}
        }
    };
    let app = Orchestrix::builder()
        .isolated()
        .store(store)
        .module(Search(Calls::default()))
        .subscription(slow, consumed)
        .start()
        .await?;
    let unread = app.replay(INDEX).await?;
    assert_eq!((unread.delivered, unread.failures.len()), (2, 1));
    assert!(chain(&unread.failures[0]).contains("does not fit its type"));
    let report = app.replay("slow").await?;
    let texts: Vec<_> = report
        .failures
        .iter()
        .map(|failure| chain(failure))
        .collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].contains("it panicked: on purpose"), "{texts:?}");
    assert!(texts[1].contains("1s"), "{texts:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_log_that_cannot_be_read_is_an_error() -> Outcome {
    let store = TestStore::new();
    counted(&store.memory, 1..=4).await?;
    let mut config = Config::default();
    config.handler_page = 2;
    let unreadable = store.clone();
    let app = Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .config(config)
        .subscription(
            Subscription::new("breaking"),
            move |event: RecordedEvent, cx: ReplayContext| {
                let breaks = cx.is_replay() && event.position.get() == 2;
                unreadable.unreadable.store(breaks, SeqCst);
            },
        )
        .start()
        .await?;
    caught_up(&app).await;
    let replayed = app.replay("breaking").await;
    let Err(ReplayError::Log { so_far, .. }) = replayed else {
        panic!("the log is away: {replayed:?}");
    };
    assert_eq!(so_far.last_position.map(|at| at.get()), Some(2));
    // It goes on from there.
    store.unreadable.store(false, SeqCst);
    let rest = app
        .replay("breaking")
        .after(so_far.last_position.unwrap())
        .await?;
    assert_eq!(rest.delivered, 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_app() -> Outcome {
    let calls = Calls::default();
    let (_, app) = six(&calls).await?;
    app.shutdown().await?;
    let replayed = app.replay(INDEX).await;
    assert!(
        matches!(&replayed, Err(ReplayError::ShuttingDown { so_far }) if so_far.delivered == 0),
        "{replayed:?}"
    );
    Ok(())
}
