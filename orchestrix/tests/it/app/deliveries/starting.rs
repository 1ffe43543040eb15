//! Where a subscription begins.

use std::sync::Arc;

use orchestrix::app::StartError;
use orchestrix::prelude::*;
use orchestrix::registry::Problem;
use orchestrix::store::{CheckpointStore, GlobalPosition};
use orchestrix::subscription::{Delivery, StartFrom, SubscriptionState};
use orchestrix::testkit::faults::{FaultStore, ReadCall, ReadFault};

use super::post::{Calls, DELIVER, Post, TOTAL, counted, posting};
use crate::app::Outcome;
use crate::app::counter::Total;
use crate::app::test_store::{CommitFault, TestStore};
use crate::app::waiting::{caught_up, eventually, status};

fn from(start: StartFrom) -> Delivery {
    let mut delivery = Delivery::default();
    delivery.start = start;
    delivery
}

#[tokio::test(start_paused = true)]
async fn at_the_end_it_begins_with_what_comes_and_a_restart_does_not_move_that() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=3).await?;
    let calls = Calls::default();
    let app = posting(store.clone(), &calls, from(StartFrom::End)).await?;
    eventually("it has begun", || status(&app, DELIVER).position.get() == 3).await;
    assert_eq!(store.load_checkpoint(DELIVER).await?.get(), 3);
    app.shutdown().await?;
    // While it is down; it has a checkpoint, so the end that counts is the old one.
    counted(&store, 4..=5).await?;
    let app = posting(store.clone(), &calls, from(StartFrom::End)).await?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [4, 5]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn behind_a_position_it_begins_there_once() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=4).await?;
    let calls = Calls::default();
    let after = StartFrom::After(GlobalPosition::new(2));
    let app = posting(store.clone(), &calls, from(after)).await?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [3, 4]);
    app.shutdown().await?;
    let app = posting(store.clone(), &calls, from(after)).await?;
    counted(&store, 5..=5).await?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [3, 4, 5]);
    Ok(())
}

/// The place is looked for again after a checkpoint that failed: in a log that was empty, not further on.
#[tokio::test(start_paused = true)]
async fn the_end_of_an_empty_log_is_looked_for_once() -> Outcome {
    let store = TestStore::new();
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let mut delivery = Delivery::default();
    delivery.start = StartFrom::End;
    let calls = Calls::default();
    let builder = builder.module(Post(calls.clone()));
    let app = builder
        .delivery(TOTAL, delivery.clone())
        .delivery(DELIVER, delivery)
        .start()
        .await?;
    for name in [TOTAL, DELIVER] {
        eventually("it is at the end", || {
            matches!(status(&app, name).state, SubscriptionState::Live)
        })
        .await;
    }
    store.commit_faults.next([CommitFault::Failed; 4]);
    counted(&store.memory, [3]).await?;
    caught_up(&app).await;
    let total = app.view::<Total>("c0").await?;
    assert_eq!(total.map(|total| total.events), Some(1));
    assert!(calls.all().len() > 1, "its checkpoint failed: {calls:?}");
    Ok(())
}

#[tokio::test]
async fn a_delivery_for_nobody_is_a_problem_at_the_start() -> Outcome {
    let builder = Orchestrix::builder()
        .isolated()
        .store(MemoryStore::new())
        .module(Post(Calls::default()))
        .delivery("post.delivers", Delivery::default());
    let Err(StartError::Problems { problems }) = builder.start().await else {
        panic!("there is no such subscription")
    };
    assert!(matches!(
        problems.0[..],
        [Problem::UnknownSubscription { .. }]
    ));
    assert!(
        problems
            .to_string()
            .contains("no subscription `post.delivers`; there are: post.deliver, total@1"),
        "{problems}"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_appended_right_after_the_start_is_behind_the_end() -> Outcome {
    for before in [0, 2] {
        let store = MemoryStore::new();
        counted(&store, 1..=before).await?;
        let calls = Calls::default();
        let app = posting(store.clone(), &calls, from(StartFrom::End)).await?;
        // No task of the app has run yet.
        counted(&store, 7..=8).await?;
        caught_up(&app).await;
        assert_eq!(calls.all(), [7, 8]);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_say_where_the_log_ends_is_an_error_at_the_start() -> Outcome {
    for fault in [ReadFault::Unavailable, ReadFault::Held] {
        let faults = FaultStore::over(Arc::new(MemoryStore::new()));
        faults.next_reads(ReadCall::Head, [Some(fault)]);
        let builder = Orchestrix::builder()
            .isolated()
            .store(MemoryStore::new())
            .events(Arc::new(faults))
            .module(Post(Calls::default()))
            .delivery(DELIVER, from(StartFrom::End));
        let started = builder.start().await;
        assert!(matches!(started, Err(StartError::Log { .. })), "{fault:?}");
    }
    Ok(())
}
