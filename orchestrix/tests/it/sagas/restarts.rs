//! A saga goes on where it was, whatever ended the app before.

use orchestrix::app::Config;
use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaOutcome, SagaStatus};

use super::trip::{Does, LIMIT, called, script};
use super::{Travel, app, book, effects, history, idle, status};

const COMPLETED: SagaStatus = SagaStatus::Ended(SagaOutcome::Completed);

#[tokio::test(start_paused = true)]
async fn a_saga_goes_on_at_the_step_that_is_not_kept() {
    let store = MemoryStore::new();
    let first = app(store.clone()).await;
    script("restart", "car", &[Does::Hangs]);
    book(&first, "restart").await;
    while called("restart").len() < 3 {
        tokio::task::yield_now().await;
    }
    // Dropped, not shut down: as much as can be lost without losing the store.
    drop(first);
    let second = app(store).await;
    idle(&second).await;
    assert_eq!(status(&second, "restart").await, COMPLETED);
    for part in ["flight", "hotel", "car", "pay"] {
        assert_eq!(effects(&second, "restart", part).await, 1, "{part}");
    }
    let called = called("restart");
    assert_eq!(called[2..], ["car", "car", "pay"], "{called:?}");
    second.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_has_ended_is_not_run_again() {
    let store = MemoryStore::new();
    let first = app(store.clone()).await;
    book(&first, "ended").await;
    idle(&first).await;
    // The same key once more: an event that starts nothing.
    book(&first, "ended").await;
    idle(&first).await;
    first.shutdown().await.unwrap();
    let second = app(store).await;
    idle(&second).await;
    assert_eq!(called("ended").len(), 4);
    let started = history(&second, "ended").await.entries;
    let started = started
        .iter()
        .filter(|entry| entry.what == SagaChange::Started);
    assert_eq!(started.count(), 1);
    second.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_waits_holds_up_no_other() {
    let app = app(MemoryStore::new()).await;
    script("slow", "flight", &[Does::Hangs]);
    for n in 0..200 {
        if n == 1 {
            book(&app, "slow").await;
        }
        book(&app, &format!("beside-{n}")).await;
    }
    while called("beside-199").len() < 4 {
        tokio::task::yield_now().await;
    }
    assert_eq!(status(&app, "slow").await, SagaStatus::Running);
    idle(&app).await;
    assert_eq!(status(&app, "slow").await, COMPLETED);
    assert_eq!(effects(&app, "slow", "flight").await, 1);
    app.shutdown().await.unwrap();
}

/// Its checkpoint stays before what was cut off, also where nobody waits for the shutdown.
#[tokio::test(start_paused = true)]
async fn a_step_that_outlasts_the_shutdown_is_run_again() {
    let store = MemoryStore::new();
    let mut config = Config::new();
    config.checkpointing_timeout = LIMIT / 5;
    let first = Orchestrix::builder().isolated().store(store.clone());
    let first = first.config(config).module(Travel).start().await.unwrap();
    script("outlasts", "car", &[Does::Hangs]);
    book(&first, "outlasts").await;
    while called("outlasts").len() < 3 {
        tokio::task::yield_now().await;
    }
    let waited = tokio::time::timeout(LIMIT / 10, first.shutdown()).await;
    assert!(waited.is_err(), "the step is waited for");
    // By now that is too long.
    tokio::time::sleep(LIMIT / 2).await;
    first.shutdown().await.unwrap();
    drop(first);
    let second = app(store).await;
    idle(&second).await;
    assert_eq!(status(&second, "outlasts").await, COMPLETED);
    assert_eq!(effects(&second, "outlasts", "car").await, 1);
    assert_eq!(called("outlasts")[2..], ["car", "car", "pay"]);
    second.shutdown().await.unwrap();
}
