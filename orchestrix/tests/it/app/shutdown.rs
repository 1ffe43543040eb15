//! The end of an app.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use futures_util::FutureExt;
use orchestrix::app::{Config, DispatchError, ShutdownError};
use orchestrix::prelude::*;
use orchestrix::subscription::SubscriptionState;
use tokio::time::Instant;

use super::counter::{Counted, Counter, Counting, CountingWithTotals, Total, count};
use super::gate::Gate;
use super::stored::events;
use super::test_store::TestStore;
use super::waiting::{caught_up, eventually};
use super::{Outcome, start};

async fn some_turns() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_commands_under_way_and_takes_no_more() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), CountingWithTotals).await;
    store.append_gate.close();
    let under_way = tokio::spawn(app.dispatch(count("a", 1)).into_future());
    store.append_gate.arrivals(1).await;
    let ending = tokio::spawn({
        let app = app.clone();
        async move { app.shutdown().await }
    });
    some_turns().await;
    let late = tokio::spawn(app.dispatch(count("a", 1)).into_future());
    some_turns().await;
    assert!(!ending.is_finished() && !under_way.is_finished());
    assert_eq!(store.calls.close.load(SeqCst), 0);
    store.append_gate.open();
    assert_eq!(under_way.await??.version.get(), 1);
    ending.await??;
    assert!(matches!(late.await?, Err(DispatchError::ShuttingDown)));
    let error = app.dispatch(count("a", 1)).await.expect_err("it has ended");
    assert_eq!(error.to_string(), "the app is shutting down");
    assert!(!error.is_transient());
    assert_eq!(events(&store, "counter-a").await.len(), 1);
    assert_eq!(store.calls.close.load(SeqCst), 1);
    let all = app.subscriptions();
    assert!(
        all.iter()
            .all(|status| matches!(status.state, SubscriptionState::Stopped)),
        "{all:?}"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn again_it_does_nothing() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), CountingWithTotals).await;
    for _ in 0..3 {
        app.clone().shutdown().await?;
    }
    assert_eq!(store.calls.close.load(SeqCst), 1);
    Ok(())
}

/// Whoever is told that the app has ended can rely on it.
#[tokio::test(start_paused = true)]
async fn who_shuts_down_at_the_same_time_waits_for_the_end_too() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), CountingWithTotals).await;
    store.close_gate.close();
    let endings: Vec<_> = (0..3)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(async move { app.shutdown().await })
        })
        .collect();
    store.close_gate.arrivals(1).await;
    some_turns().await;
    assert!(endings.iter().all(|ending| !ending.is_finished()));
    store.close_gate.open();
    for ending in endings {
        ending.await??;
    }
    assert_eq!(store.calls.close.load(SeqCst), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_that_is_given_up_can_be_begun_again() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), CountingWithTotals).await;
    store.append_gate.close();
    let under_way = tokio::spawn(app.dispatch(count("a", 1)).into_future());
    store.append_gate.arrivals(1).await;
    assert!(Box::pin(app.shutdown()).now_or_never().is_none());
    store.append_gate.open();
    under_way.await??;
    // From its beginning on no more commands are taken, also where nobody waits for its end.
    let refused = app.dispatch(count("a", 1)).await;
    assert!(matches!(refused, Err(DispatchError::ShuttingDown)));
    store.close_gate.close();
    let given_up = tokio::time::timeout(Duration::from_secs(1), app.shutdown()).await;
    assert!(given_up.is_err(), "the store takes its time");
    store.close_gate.open();
    app.shutdown().await?;
    assert_eq!(
        store.calls.close.load(SeqCst),
        2,
        "the first was dropped before it had ended"
    );
    Ok(())
}

/// A handler on a gate.
struct Held(Arc<Gate>);

#[module(name = "held", aggregates(Counter))]
impl Held {
    #[on]
    async fn hold(&self, _: &Counted) {
        self.0.pass().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_in_time_is_named() -> Outcome {
    let store = TestStore::new();
    let gate = Arc::new(Gate::default());
    let mut config = Config::new();
    config.draining_timeout = Duration::from_secs(2);
    config.checkpointing_timeout = Duration::from_secs(3);
    config.closing_timeout = Duration::from_secs(4);
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder
        .module(Held(gate.clone()))
        .config(config)
        .start()
        .await?;
    gate.close();
    app.dispatch(count("a", 1)).await?;
    gate.arrivals(1).await;
    store.append_gate.close();
    store.close_gate.close();
    let under_way = tokio::spawn(app.dispatch(count("a", 1)).into_future());
    store.append_gate.arrivals(2).await;
    let began = Instant::now();
    let error = app.shutdown().await.expect_err("nothing moves");
    assert_eq!(
        error.to_string(),
        "these had not ended, and were stopped: commands under way (after 2s), subscription `held.hold` (after 3s), \
         the test store (after 4s)"
    );
    assert_eq!(
        began.elapsed(),
        Duration::from_secs(9),
        "each step has its limit"
    );
    let ShutdownError::Late { what } = error else {
        panic!("{error:?}")
    };
    assert_eq!(what.len(), 3);
    app.shutdown().await?;
    under_way.abort();
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_close_is_told() -> Outcome {
    #[derive(Debug)]
    struct Stubborn;

    #[async_trait::async_trait]
    impl orchestrix::store::Backend for Stubborn {
        fn name(&self) -> &'static str {
            "stubborn"
        }

        fn ports(&self) -> orchestrix::store::Ports {
            MemoryStore::new().ports()
        }

        async fn health(&self) -> orchestrix::store::StoreHealth {
            orchestrix::store::StoreHealth::new(self.name(), Ok(Duration::ZERO))
        }

        async fn close(&self) -> Result<(), orchestrix::error::BoxError> {
            Err("the file is locked".into())
        }
    }

    let app = start(Stubborn, Counting).await;
    let error = app.shutdown().await.expect_err("it is locked");
    assert_eq!(
        orchestrix::error::chain(&error),
        "the store could not be closed: the file is locked"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_command_of_a_handler_still_runs_while_the_app_ends() -> Outcome {
    struct Doubling(Arc<Gate>);

    #[module(name = "doubling", aggregates(Counter))]
    impl Doubling {
        #[on]
        async fn double(
            &self,
            event: &Counted,
            cx: &EventContext,
        ) -> Result<(), orchestrix::error::BoxError> {
            self.0.pass().await;
            if event.counter == "a" {
                cx.dispatch(count("b", event.by * 2)).await?;
            }
            Ok(())
        }
    }

    let (store, gate) = (TestStore::new(), Arc::new(Gate::default()));
    let app = start(store.clone(), Doubling(gate.clone())).await;
    gate.close();
    app.dispatch(count("a", 1)).await?;
    gate.arrivals(1).await;
    let ending = tokio::spawn({
        let app = app.clone();
        async move { app.shutdown().await }
    });
    some_turns().await;
    gate.open();
    ending.await??;
    assert_eq!(events(&store, "counter-b").await.len(), 1);
    Ok(())
}

/// What the counters of another module have come to.
#[module(projections(Total))]
struct Totals;

#[tokio::test]
async fn dropping_the_last_handle_ends_everything() -> Outcome {
    let store = TestStore::new();
    let gate = Arc::new(Gate::default());
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.module(Totals).module(Held(gate)).start().await?;
    let other = app.clone();
    app.dispatch(count("a", 1)).await?;
    drop(app);
    caught_up(&other).await;
    assert!(
        other.view::<Total>("a").await?.is_some(),
        "a clone keeps it running"
    );
    assert!(store.is_held(1));
    drop(other);
    eventually("all tasks have let go of the store", || !store.is_held(1)).await;
    Ok(())
}
