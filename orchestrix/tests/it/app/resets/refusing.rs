//! What is not reset.

use orchestrix::app::ResetError;
use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, GlobalPosition};
use orchestrix::subscription::Delivery;

use crate::app::Outcome;
use crate::app::deliveries::{Calls, DELIVER, TOTAL, counted, posting};
use crate::app::waiting::{caught_up, status};

#[tokio::test(start_paused = true)]
async fn a_projection_is_rebuilt_instead() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=2).await?;
    let app = posting(store.clone(), &calls, Delivery::default()).await?;
    caught_up(&app).await;
    let refused = app.reset_subscription(TOTAL).await;
    let Err(error @ ResetError::RebuildInstead { .. }) = refused else {
        panic!("it is a projection: {refused:?}");
    };
    assert!(error.to_string().contains("use `rebuild`"), "{error}");
    assert_eq!(store.load_checkpoint(TOTAL).await?.get(), 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn events_to_come_are_not_left_out() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=2).await?;
    let app = posting(store.clone(), &calls, Delivery::default()).await?;
    caught_up(&app).await;
    let three = GlobalPosition::new(3);
    let refused = app.reset_subscription(DELIVER).to(three).await;
    let Err(ResetError::BeyondTheEnd { position, head }) = refused else {
        panic!("the log ends at 2: {refused:?}");
    };
    assert_eq!((position.get(), head.get()), (3, 2));
    assert_eq!(store.checkpoint_resets(DELIVER).await?, 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_absent_stays_so() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    let app = posting(store.clone(), &calls, Delivery::default()).await?;
    caught_up(&app).await;
    app.reset_subscription(DELIVER).await?;
    assert!(store.checkpoints().await?.is_empty());
    assert_eq!(status(&app, DELIVER).resets, 0);
    let unknown = app.reset_subscription("post.delivers").await;
    let Err(error @ ResetError::Unknown(_)) = unknown else {
        panic!("there is none: {unknown:?}");
    };
    assert!(error.to_string().contains(DELIVER), "{error}");
    Ok(())
}
