//! Where a subscription begins.

use orchestrix::app::StartError;
use orchestrix::prelude::*;
use orchestrix::registry::Problem;
use orchestrix::store::{CheckpointStore, GlobalPosition};
use orchestrix::subscription::{Delivery, StartFrom};

use super::post::{Calls, DELIVER, Post, counted, posting};
use crate::app::Outcome;
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
