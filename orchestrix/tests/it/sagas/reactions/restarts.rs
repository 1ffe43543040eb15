//! What is delivered again, and what a crash leaves behind.

use std::sync::Arc;

use orchestrix::prelude::*;
use orchestrix::store::EventStore as _;
use orchestrix::testkit::VirtualClock;
use orchestrix::testkit::faults::{AppendFault, FaultStore};

use super::orders::{Note, Pay};
use super::{HOUR, Shop, app, history, order, place};
use crate::app::waiting::eventually;
use crate::sagas::idle;

#[tokio::test(start_paused = true)]
async fn what_comes_again_does_nothing_twice() {
    let store = MemoryStore::new();
    let clock = VirtualClock::default();
    let first = app(store.clone(), &clock).await;
    let note = |number| Note {
        order: "again".to_owned(),
        number,
    };
    // Nothing is there yet: also when it comes again, and something is.
    first.dispatch(note(1)).await.unwrap();
    place(&first, "again").await;
    first.dispatch(note(2)).await.unwrap();
    let waiting = "waiting".to_owned();
    place(&first, &waiting).await;
    let paid = "again".to_owned();
    first.dispatch(Pay { order: paid }).await.unwrap();
    idle(&first).await;
    place(&first, "overdue").await;
    idle(&first).await;
    first.shutdown().await.unwrap();
    let before = store.head().await.unwrap();

    // All events come again: nothing says how far it had come.
    let second = Orchestrix::builder().isolated().store(store.clone());
    let second = second.checkpoints(Arc::new(MemoryStore::new()));
    let second = second.clock(clock.clone()).module(Shop);
    let second = second.start().await.unwrap();
    idle(&second).await;
    assert_eq!(store.head().await.unwrap(), before, "nothing was written");
    assert_eq!(second.scheduled().await.unwrap().len(), 2);
    assert_eq!(order(&second, "again").await.shipped, 1);
    assert_eq!(history(&second, "again").await.entries.len(), 3);
    // And the timers that are left fire once.
    clock.advance(HOUR);
    eventually("the timers fire", || second.schedule_status().fired == 2).await;
    idle(&second).await;
    assert_eq!(order(&second, "waiting").await.cancelled, 1);
    second.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn events_before_the_beginning_come_again_to_nothing() {
    let store = MemoryStore::new();
    let clock = VirtualClock::default();
    let first = app(store.clone(), &clock).await;
    let noted = "early".to_owned();
    let note = Note {
        order: noted,
        number: 1,
    };
    first.dispatch(note).await.unwrap();
    place(&first, "early").await;
    idle(&first).await;
    first.shutdown().await.unwrap();
    let second = Orchestrix::builder().isolated().store(store);
    let second = second.checkpoints(Arc::new(MemoryStore::new()));
    let second = second.clock(clock).module(Shop).start().await.unwrap();
    idle(&second).await;
    assert_eq!(history(&second, "early").await.entries.len(), 1);
    second.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_for_is_done_after_a_crash() {
    let store = MemoryStore::new();
    let clock = VirtualClock::default();
    let faults = Arc::new(FaultStore::over(Arc::new(store.clone())));
    let first = Orchestrix::builder().isolated().store(store.clone());
    let first = first.events(faults.clone()).clock(clock.clone());
    let first = first.module(Shop).start().await.unwrap();
    place(&first, "crash").await;
    idle(&first).await;
    // The payment and the reaction are kept; the command that was asked for comes to nothing.
    faults.next([None, None]);
    faults.always(AppendFault::Unavailable);
    let paid = "crash".to_owned();
    first.dispatch(Pay { order: paid }).await.unwrap();
    let failed = || faults.counts().unavailable > 2;
    eventually("the command is tried again", failed).await;
    assert_eq!(history(&first, "crash").await.entries.len(), 2);
    assert_eq!(order(&first, "crash").await.shipped, 0);
    // Dropped, not shut down: as much as can be lost without losing the store.
    drop(first);

    let second = app(store, &clock).await;
    idle(&second).await;
    assert_eq!(order(&second, "crash").await.shipped, 1);
    assert_eq!(history(&second, "crash").await.entries.len(), 2);
    assert!(second.scheduled().await.unwrap().is_empty());
    second.shutdown().await.unwrap();
}
