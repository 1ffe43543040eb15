//! Subscriptions that do not go on by themselves when they are reset.

use orchestrix::prelude::*;
use orchestrix::subscription::{Delivery, RetryPolicy, SubscriptionState};
use tokio::time::Instant;

use crate::app::Outcome;
use crate::app::deliveries::{Calls, DELIVER, counted, posting};
use crate::app::test_store::TestStore;
use crate::app::waiting::{caught_up, eventually, status};

/// It waits for nobody, and the subscription begins anew once it is resumed.
#[tokio::test(start_paused = true)]
async fn one_that_has_halted_begins_anew_once_it_is_resumed() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::failing_at([3]));
    counted(&store, 1..=4).await?;
    let mut halting = Delivery::default();
    halting.retry = RetryPolicy::none();
    let app = posting(store, &calls, halting).await?;
    eventually("it halts", || {
        matches!(
            status(&app, DELIVER).state,
            SubscriptionState::Halted { .. }
        )
    })
    .await;
    let began = Instant::now();
    app.reset_subscription(DELIVER).await?;
    assert!(began.elapsed().is_zero(), "it waits for nobody");
    calls.fail_at([]);
    app.resume_subscription(DELIVER)?;
    eventually("it sees it", || status(&app, DELIVER).resets == 1).await;
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 2, 3, 1, 2, 3, 4]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_that_is_paused_begins_anew_once_it_is_resumed() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=2).await?;
    let app = posting(store, &calls, Delivery::default()).await?;
    caught_up(&app).await;
    app.pause_subscription(DELIVER)?;
    eventually("it rests", || {
        matches!(status(&app, DELIVER).state, SubscriptionState::Paused)
    })
    .await;
    app.reset_subscription(DELIVER).await?;
    assert_eq!(calls.all(), [1, 2]);
    app.resume_subscription(DELIVER)?;
    eventually("it sees it", || status(&app, DELIVER).resets == 1).await;
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 2, 1, 2]);
    Ok(())
}

/// A log that cannot be read keeps the position from being checked: nothing is changed.
#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_is_an_error() -> Outcome {
    use orchestrix::app::ResetError;
    let (store, calls) = (TestStore::new(), Calls::default());
    counted(&store.memory, 1..=2).await?;
    let app = posting(store.clone(), &calls, Delivery::default()).await?;
    caught_up(&app).await;
    store.head_gate.close();
    let late = app.reset_subscription(DELIVER).await;
    assert!(matches!(late, Err(ResetError::Timeout { .. })), "{late:?}");
    store.head_gate.open();
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 2]);
    Ok(())
}
