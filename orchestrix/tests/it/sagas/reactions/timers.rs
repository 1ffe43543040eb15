//! Timers: they fire once, and late ones change nothing.

use std::sync::Arc;

use orchestrix::prelude::*;
use orchestrix::saga::SagaChange;
use orchestrix::testkit::VirtualClock;
use orchestrix::testkit::faults::{AppendFault, FaultStore};

use super::orders::{Note, Pay};
use super::{HOUR, Shop, app, asked, history, order, place};
use crate::app::waiting::eventually;
use crate::sagas::idle;

#[tokio::test(start_paused = true)]
async fn what_is_not_paid_in_time_is_cancelled() {
    let clock = VirtualClock::default();
    let app = app(MemoryStore::new(), &clock).await;
    place(&app, "overdue").await;
    idle(&app).await;
    clock.advance(HOUR);
    eventually("the timer fires", || app.schedule_status().fired == 1).await;
    idle(&app).await;
    let done = order(&app, "overdue").await;
    assert_eq!((done.shipped, done.cancelled), (0, 1));
    let fired = history(&app, "overdue").await.entries;
    let timer = "overdue".to_owned();
    assert_eq!(fired[1].what, SagaChange::TimerFired { timer });
    assert_eq!(fired.len(), 3, "{fired:?}");
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_is_set_anew_fires_at_its_new_time_only() {
    let clock = VirtualClock::default();
    let app = app(MemoryStore::new(), &clock).await;
    place(&app, "noted").await;
    idle(&app).await;
    clock.advance(HOUR / 2);
    let order_noted = "noted".to_owned();
    let note = Note {
        order: order_noted,
        number: 1,
    };
    app.dispatch(note).await.unwrap();
    idle(&app).await;
    let waits = app.scheduled().await.unwrap();
    assert_eq!(waits.len(), 1, "{waits:?}");
    clock.advance(HOUR / 2);
    // A look that would find the first one.
    tokio::time::sleep(HOUR).await;
    assert_eq!(app.schedule_status().fired, 0);
    clock.advance(HOUR / 2);
    eventually("the timer fires", || app.schedule_status().fired == 1).await;
    idle(&app).await;
    assert_eq!(order(&app, "noted").await.cancelled, 1);
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_fires_while_it_is_cancelled_changes_nothing() {
    let store = MemoryStore::new();
    let faults = Arc::new(FaultStore::over(Arc::new(store.clone())));
    // Only the second one's clock comes to the hour.
    let (stands, runs) = (VirtualClock::default(), VirtualClock::default());
    let first = Orchestrix::builder().isolated().store(store.clone());
    let first = first.events(faults.clone()).clock(stands).module(Shop);
    let first = first.start().await.unwrap();
    place(&first, "race").await;
    idle(&first).await;
    let second = app(store, &runs).await;

    // The payment is kept, and what is kept of the reaction to it waits.
    faults.gate().close();
    faults.next([None, Some(AppendFault::Held)]);
    let order_paid = "race".to_owned();
    first.dispatch(Pay { order: order_paid }).await.unwrap();
    eventually("it reacts", || faults.gate().waiting() == 1).await;
    runs.advance(HOUR);
    eventually("the timer fires", || second.schedule_status().fired == 1).await;
    faults.gate().open();
    idle(&first).await;

    let done = order(&first, "race").await;
    assert_eq!((done.shipped, done.cancelled), (1, 0));
    let entries = history(&first, "race").await.entries;
    assert_eq!(entries.len(), 3, "{entries:?}");
    assert!(matches!(entries[1].what, SagaChange::TimerFired { .. }));
    assert_eq!(asked(&first, "race", "Ship").await, 1);
    second.shutdown().await.unwrap();
    first.shutdown().await.unwrap();
}
