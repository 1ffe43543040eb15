//! How an instance comes to its end, and what it takes no notice of.

use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaError, SagaOutcome, SagaStatus};
use orchestrix::testkit::VirtualClock;

use super::deadline::Deadline;
use super::orders::{Note, Pay};
use super::{HOUR, app, asked, history, order, place};
use crate::sagas::idle;

const COMPLETED: SagaStatus = SagaStatus::Ended(SagaOutcome::Completed);

fn pay(order: &str) -> Pay {
    Pay {
        order: order.to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_paid_is_shipped_and_its_timer_is_gone() {
    let clock = VirtualClock::default();
    let app = app(MemoryStore::new(), &clock).await;
    place(&app, "paid").await;
    idle(&app).await;
    assert_eq!(history(&app, "paid").await.status, SagaStatus::Running);
    let waits = app.scheduled().await.unwrap();
    assert_eq!(waits.len(), 1);
    assert_eq!((&*waits[0].kind, waits[0].due), ("saga", clock_at(HOUR)));

    app.dispatch(pay("paid")).await.unwrap();
    idle(&app).await;
    assert!(app.scheduled().await.unwrap().is_empty());
    clock.advance(HOUR * 2);
    idle(&app).await;
    let done = order(&app, "paid").await;
    assert_eq!((done.shipped, done.cancelled), (1, 0));

    let history = history(&app, "paid").await;
    assert_eq!(history.status, COMPLETED);
    assert_eq!(history.stream.to_string(), "saga-deadline-paid");
    let [begun, ended] = &history.entries[..] else {
        panic!("{history:?}");
    };
    let SagaChange::Reacted {
        timers, completed, ..
    } = &begun.what
    else {
        panic!("{begun:?}");
    };
    let set = ("overdue".to_owned(), clock_at(HOUR));
    assert_eq!((&timers[..], *completed), (&[set][..], false));
    let text = ended.what.to_string();
    let end = ", asked for `Ship`, cancelled timer `overdue`, completed";
    assert!(text.ends_with(end), "{text}");
    app.shutdown().await.unwrap();
}

fn clock_at(after: std::time::Duration) -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH + after
}

#[tokio::test(start_paused = true)]
async fn events_before_the_beginning_and_after_the_end_are_ignored() {
    let clock = VirtualClock::default();
    let app = app(MemoryStore::new(), &clock).await;
    let note = |number| Note {
        order: "late".to_owned(),
        number,
    };
    app.dispatch(note(1)).await.unwrap();
    idle(&app).await;
    let none = app.reacting::<Deadline>().history("late").await.unwrap();
    assert_eq!(none, None);
    place(&app, "late").await;
    app.dispatch(note(2)).await.unwrap();
    app.dispatch(pay("late")).await.unwrap();
    app.dispatch(note(3)).await.unwrap();
    app.dispatch(pay("late")).await.unwrap();
    idle(&app).await;
    assert_eq!(history(&app, "late").await.entries.len(), 3);
    assert_eq!(order(&app, "late").await.shipped, 1);
    let state = app.reacting::<Deadline>().state("late").await.unwrap();
    assert_eq!(state, Some(Deadline { notes: vec![2] }));
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn events_that_come_at_once_are_all_reacted_to_in_their_order() {
    let clock = VirtualClock::default();
    let app = app(MemoryStore::new(), &clock).await;
    let orders = ["one", "two", "three"];
    for order in orders {
        place(&app, order).await;
    }
    let notes = (0..60).map(|number| {
        let order = orders[number as usize % orders.len()].to_owned();
        app.dispatch(Note { order, number }).into_future()
    });
    for noted in futures_util::future::join_all(notes).await {
        noted.unwrap();
    }
    idle(&app).await;
    for each in orders {
        let state = app.reacting::<Deadline>().state(each).await.unwrap();
        let notes = order(&app, each).await.notes;
        assert_eq!((notes.len(), state), (20, Some(Deadline { notes })));
        // Each set the timer anew: one is left.
        let waits = app.scheduled().await.unwrap();
        let of_order = waits
            .iter()
            .filter(|waits| waits.id.as_str().contains(each));
        assert_eq!(of_order.count(), 1);
        assert_eq!(asked(&app, each, "Ship").await, 0);
    }
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn sagas_of_no_module_are_not_known() {
    let app = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = app.start().await.unwrap();
    let unknown = app.reacting::<Deadline>().history("7").await;
    let Err(SagaError::NotRegistered { saga: "deadline" }) = unknown else {
        panic!("{unknown:?}");
    };
    app.shutdown().await.unwrap();
}
