//! Event handlers of modules.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use orchestrix::app::Config;
use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, GlobalPosition};
use orchestrix::subscription::SubscriptionState;
use serde_json::json;

use super::counter::{Counted, Counter, Limit, Limited, Total, count, limit};
use super::gate::Gate;
use super::stored::{event, write};
use super::test_store::{CommitFault, TestStore};
use super::waiting::{caught_up, eventually, reaches, retrying, status};
use super::{Outcome, start};

const SEE: &str = "watching.see";

/// What a handler saw, and how it is told to fail.
#[derive(Debug, Clone, Default)]
struct Watch(Arc<WatchState>);

#[derive(Debug, Default)]
struct WatchState {
    seen: Mutex<Vec<u32>>,
    failures_to_come: AtomicUsize,
    gate: Gate,
}

impl Watch {
    fn seen(&self) -> Vec<u32> {
        self.0.seen.lock().unwrap().clone()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the mail server is away")]
struct MailError;

struct Watching(Watch);

#[module(name = "watching", aggregates(Counter), projections(Total))]
impl Watching {
    #[on]
    async fn see(&self, event: &Counted, cx: &EventContext) -> Result<(), MailError> {
        let Watch(watch) = &self.0;
        watch.gate.pass().await;
        let fails = watch
            .failures_to_come
            .fetch_update(SeqCst, SeqCst, |n| n.checked_sub(1));
        if fails.is_ok() {
            return Err(MailError);
        }
        assert_eq!(cx.stream().key(), event.counter);
        watch.seen.lock().unwrap().push(event.by);
        Ok(())
    }
}

#[tokio::test]
async fn each_event_comes_in_order() -> Outcome {
    let watch = Watch::default();
    let app = start(MemoryStore::new(), Watching(watch.clone())).await;
    for by in 1..=250 {
        app.dispatch(count(&format!("c{}", by % 3), by)).await?;
    }
    caught_up(&app).await;
    assert_eq!(watch.seen(), (1..=250).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_failing_event_is_tried_until_it_works_and_those_behind_it_wait() -> Outcome {
    let watch = Watch::default();
    let store = TestStore::new();
    let app = start(store.clone(), Watching(watch.clone())).await;
    for by in 1..=5 {
        app.dispatch(count("a", by)).await?;
        if by == 2 {
            reaches(&app, SEE, GlobalPosition::new(2)).await;
            watch.0.failures_to_come.store(6, SeqCst);
        }
    }
    let (at, error) = retrying(&app, SEE).await;
    assert_eq!(at.position.get(), 2);
    assert_eq!(
        error,
        "event `Counted` at position 3 (stream counter-a, version 3) could not be consumed: the mail server is away"
    );
    eventually("it has failed a few times", || {
        watch.0.failures_to_come.load(SeqCst) < 3
    })
    .await;
    assert_eq!(watch.seen(), [1, 2]);
    // Meanwhile the module's read model goes on.
    let total = app
        .view::<Total>("a")
        .at_least(GlobalPosition::new(5))
        .await?;
    assert_eq!(total.map(|total| total.events), Some(5));
    caught_up(&app).await;
    assert_eq!(watch.seen(), [1, 2, 3, 4, 5]);
    assert!(matches!(status(&app, SEE).state, SubscriptionState::Live));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_event_stops_the_handler_in_front_of_it() -> Outcome {
    let watch = Watch::default();
    let store = MemoryStore::new();
    let good = event("Counted", 1, json!({ "counter": "a", "by": 1 }));
    write(
        &store,
        "counter-a",
        vec![good, event("Counted", 1, json!([]))],
    )
    .await?;
    let app = start(store.clone(), Watching(watch.clone())).await;
    let (at, error) = retrying(&app, SEE).await;
    assert_eq!(at.position.get(), 1);
    assert!(
        error.contains("at position 2") && error.contains("does not fit its type"),
        "{error}"
    );
    assert_eq!(watch.seen(), [1]);
    assert_eq!(
        store.load_checkpoint(SEE).await?.get(),
        1,
        "what went before is not handled again"
    );
    Ok(())
}

#[tokio::test]
async fn a_restart_goes_on_behind_the_checkpoint() -> Outcome {
    let watch = Watch::default();
    let store = MemoryStore::new();
    let first = start(store.clone(), Watching(watch.clone())).await;
    for by in 1..=3 {
        first.dispatch(count("a", by)).await?;
    }
    caught_up(&first).await;
    first.shutdown().await?;
    let second = start(store.clone(), Watching(watch.clone())).await;
    second.dispatch(count("a", 4)).await?;
    caught_up(&second).await;
    assert_eq!(watch.seen(), [1, 2, 3, 4]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_clean_shutdown_within_a_page_repeats_nothing() -> Outcome {
    let watch = Watch::default();
    let store = TestStore::new();
    let counted = |by: u32| event("Counted", 1, json!({ "counter": "a", "by": by }));
    write(&store.memory, "counter-a", (1..=50).map(counted).collect()).await?;
    watch.0.gate.close();
    let first = start(store.clone(), Watching(watch.clone())).await;
    watch.0.gate.arrivals(1).await;
    // The page holds all 50; the shutdown comes while the first is handled.
    let ending = tokio::spawn({
        let first = first.clone();
        async move { first.shutdown().await }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    watch.0.gate.open();
    ending.await??;
    assert_eq!(watch.seen(), [1], "it stops behind the event it is at");
    let second = start(store.clone(), Watching(watch.clone())).await;
    caught_up(&second).await;
    assert_eq!(watch.seen(), (1..=50).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_that_cannot_be_saved_repeats_at_most_its_page() -> Outcome {
    let watch = Watch::default();
    let store = TestStore::new();
    let counted = |by: u32| event("Counted", 1, json!({ "counter": "a", "by": by }));
    write(&store.memory, "counter-a", (1..=6).map(counted).collect()).await?;
    let mut config = Config::new();
    config.handler_page = 3;
    // The read model commits too: both ports fail in turn until both have worked.
    store.commit_faults.next([
        CommitFault::Failed,
        CommitFault::Failed,
        CommitFault::AnswerLost,
    ]);
    let builder = Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .config(config);
    let app = builder.module(Watching(watch.clone())).start().await?;
    caught_up(&app).await;
    let seen = watch.seen();
    let mut distinct = seen.clone();
    distinct.dedup();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct, [1, 2, 3, 4, 5, 6], "each came at least once");
    for page in seen.chunks(3) {
        assert!(page == [1, 2, 3] || page == [4, 5, 6], "{seen:?}");
    }
    assert_eq!(store.memory.load_checkpoint(SEE).await?.get(), 6);
    assert_eq!(
        app.view::<Total>("a").await?.map(|total| total.events),
        Some(6),
        "documents count once"
    );
    Ok(())
}

/// Handlers that dispatch and look things up.
struct Limiting;

#[module(name = "limiting", aggregates(Counter), projections(Total))]
impl Limiting {
    #[on]
    async fn set_a_limit(&self, event: &Counted, cx: &EventContext) -> Result<(), Failure> {
        let total = cx
            .view::<Total>(&event.counter)
            .at_least(cx.position())
            .await?;
        if cx.version() == StreamVersion::FIRST {
            let counter = event.counter.clone();
            let limit = total.map_or(0, |total| total.sum) * 10;
            cx.dispatch(Limit { counter, limit }).await?;
        }
        Ok(())
    }

    #[on]
    async fn nothing_to_do(&self, _: &Limited) {}
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::test]
async fn a_handler_reads_and_dispatches_for_the_events_tenant() -> Outcome {
    let app = start(MemoryStore::new(), Limiting).await;
    let red = TenantId::new("red")?;
    app.dispatch(count("a", 7)).tenant(red.clone()).await?;
    caught_up(&app).await;
    let loaded = app.load::<Counter>("a").tenant(red).await?;
    assert_eq!(
        loaded.state,
        Some(Counter {
            total: 7,
            limit: Some(70)
        })
    );
    assert_eq!(app.load::<Counter>("a").await?.version, StreamVersion::NONE);
    let names: Vec<_> = app
        .subscriptions()
        .into_iter()
        .map(|status| status.name)
        .collect();
    assert_eq!(
        names,
        ["limiting.nothing_to_do", "limiting.set_a_limit", "total@1"]
    );
    Ok(())
}

#[tokio::test]
async fn an_event_nobody_handles_passes_by() -> Outcome {
    let watch = Watch::default();
    let store = MemoryStore::new();
    let app = start(store.clone(), Watching(watch.clone())).await;
    let receipt = app.dispatch(limit("a", 5)).await?;
    caught_up(&app).await;
    assert_eq!(status(&app, SEE).position, receipt.position);
    assert!(watch.seen().is_empty());
    assert_eq!(store.load_checkpoint(SEE).await?, GlobalPosition::START);
    app.shutdown().await?;
    let checkpoint = store.load_checkpoint(SEE).await?;
    assert_eq!(
        checkpoint, receipt.position,
        "what was read over is not read again"
    );
    Ok(())
}
