//! Halting, time limits, pausing.

use std::time::Duration;

use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, GlobalPosition};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, SubscriptionState};

use super::post::{Calls, DELIVER, TOTAL, counted, posting};
use crate::app::Outcome;
use crate::app::counter::Total;
use crate::app::waiting::{caught_up, eventually, reaches, status};

fn halting() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery
}

async fn halts(app: &App) -> String {
    eventually("it halts", || {
        matches!(status(app, DELIVER).state, SubscriptionState::Halted { .. })
    })
    .await;
    status(app, DELIVER).state.to_string()
}

#[tokio::test(start_paused = true)]
async fn it_halts_before_an_event_that_fails_and_goes_on_when_resumed() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=4).await?;
    let calls = Calls::failing_at([3]);
    let app = posting(store.clone(), &calls, halting()).await?;
    assert_eq!(
        halts(&app).await,
        "halted: event `Counted` at position 3 (stream counter-c0, version 1) could not be consumed: \
         the letter box is full"
    );
    assert_eq!(calls.all(), [1, 2, 3]);
    assert_eq!(store.load_checkpoint(DELIVER).await?.get(), 2);
    // Its siblings go on.
    let total = app
        .view::<Total>("c1")
        .at_least(GlobalPosition::new(4))
        .await?;
    assert_eq!(total, Some(Total { sum: 5, events: 2 }));

    app.resume_subscription(DELIVER)?;
    eventually("it is delivered again", || calls.all().len() == 4).await;
    halts(&app).await;
    assert_eq!(status(&app, DELIVER).failures, 2);

    calls.fail_at([]);
    app.resume_subscription(DELIVER)?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 2, 3, 3, 3, 4]);
    assert!(matches!(
        status(&app, DELIVER).state,
        SubscriptionState::Live
    ));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_halted_subscription_ends_with_its_app() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=1).await?;
    let app = posting(store, &Calls::failing_at([1]), halting()).await?;
    halts(&app).await;
    app.shutdown().await?;
    assert!(matches!(
        status(&app, DELIVER).state,
        SubscriptionState::Stopped
    ));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_too_long_has_failed() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=2).await?;
    let calls = Calls::default();
    calls.hang_at([1]);
    let mut delivery = halting();
    delivery.timeout = Duration::from_millis(50);
    let app = posting(store.clone(), &calls, delivery.clone()).await?;
    let told = halts(&app).await;
    assert!(told.ends_with("50ms") || told.contains("50ms"), "{told}");
    assert_eq!(store.load_checkpoint(DELIVER).await?, GlobalPosition::START);
    app.shutdown().await?;

    delivery.on_error = ErrorPolicy::Skip;
    let app = posting(store.clone(), &calls, delivery).await?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 1, 2]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_paused_subscription_gets_nothing_until_it_is_resumed() -> Outcome {
    let store = MemoryStore::new();
    let calls = Calls::default();
    let app = posting(store.clone(), &calls, Delivery::default()).await?;
    counted(&store, 1..=2).await?;
    caught_up(&app).await;
    app.pause_subscription(DELIVER)?;
    app.pause_subscription(DELIVER)?;
    eventually("it pauses", || {
        matches!(status(&app, DELIVER).state, SubscriptionState::Paused)
    })
    .await;
    counted(&store, 3..=4).await?;
    reaches(&app, TOTAL, GlobalPosition::new(4)).await;
    assert_eq!(calls.all(), [1, 2]);
    app.resume_subscription(DELIVER)?;
    app.resume_subscription(DELIVER)?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 2, 3, 4]);

    app.pause_subscription(DELIVER)?;
    app.shutdown().await?;
    assert!(matches!(
        status(&app, DELIVER).state,
        SubscriptionState::Stopped
    ));
    Ok(())
}

#[tokio::test]
async fn names_that_are_no_subscriptions_are_told_with_those_that_are() -> Outcome {
    let app = posting(MemoryStore::new(), &Calls::default(), Delivery::default()).await?;
    let unknown = "there is no subscription `post`; there are: post.deliver, total@1";
    for told in [
        app.pause_subscription("post"),
        app.resume_subscription("post"),
    ] {
        let error = told.expect_err("no such subscription");
        assert_eq!(chain(&error), unknown);
    }
    Ok(())
}
