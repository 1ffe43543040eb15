//! Retries of events, and those of the store, which are counted apart.

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::store::CheckpointStore;
use orchestrix::subscription::{
    CircuitBreaker, Delivery, ErrorPolicy, RetryPolicy, SubscriptionState,
};
use tokio::time::Instant;

use super::post::{Calls, DELIVER, counted, posting};
use crate::app::Outcome;
use crate::app::test_store::{CommitFault, TestStore};
use crate::app::waiting::{caught_up, eventually, status};

const SECOND: Duration = Duration::from_secs(1);

fn skipping() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = ErrorPolicy::Skip;
    delivery
}

#[tokio::test(start_paused = true)]
async fn waits_for_the_store_grow_also_when_only_checkpoints_fail() -> Outcome {
    let store = TestStore::new();
    store.commit_faults.always(CommitFault::Failed);
    counted(&store.memory, 1..=1).await?;
    let calls = Calls::default();
    let mut delivery = skipping();
    delivery.breaker = Some(CircuitBreaker::new(1, 1000 * SECOND)?);
    let app = posting(store.clone(), &calls, delivery).await?;
    eventually("it has been tried often", || calls.all().len() > 9).await;
    let waits = calls.waits();
    assert!(waits[0] < SECOND / 10, "{waits:?}");
    assert!(waits[8] > 2 * SECOND, "{waits:?}");
    let at = status(&app, DELIVER);
    assert_eq!(at.skipped, 0);
    assert!(matches!(at.state, SubscriptionState::Retrying { failures, .. } if failures > 8));
    store.commit_faults.none();
    caught_up(&app).await;
    assert_eq!(store.memory.load_checkpoint(DELIVER).await?.get(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn resuming_what_runs_does_not_use_up_its_retries() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=1).await?;
    let calls = Calls::failing_at([1]);
    let mut delivery = skipping();
    delivery.retry = RetryPolicy::fixed(3, 10 * SECOND)?;
    let app = posting(store, &calls, delivery).await?;
    let began = Instant::now();
    eventually("it retries", || calls.all().len() == 1).await;
    while status(&app, DELIVER).skipped == 0 {
        app.resume_subscription(DELIVER)?;
        tokio::time::advance(SECOND / 10).await;
        tokio::task::yield_now().await;
        assert!(began.elapsed() < 60 * SECOND, "it never gives up");
    }
    assert_eq!(calls.all().len(), 4);
    for wait in calls.waits() {
        assert!(wait >= 10 * SECOND, "{:?}", calls.waits());
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn each_event_has_retries_of_its_own() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=3).await?;
    let calls = Calls::failing_at([1, 2]);
    let mut delivery = skipping();
    delivery.retry = RetryPolicy::fixed(2, SECOND)?;
    let app = posting(store, &calls, delivery).await?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 1, 1, 2, 2, 2, 3]);
    Ok(())
}

/// A failed checkpoint must not lose what is gone past either way: the event may fail once more, no other is lost.
#[tokio::test(start_paused = true)]
async fn a_checkpoint_that_fails_while_going_past_loses_nothing() -> Outcome {
    for fault in [CommitFault::Failed, CommitFault::AnswerLost] {
        let store = TestStore::new();
        counted(&store.memory, 1..=5).await?;
        store.commit_faults.next([fault; 5]);
        let calls = Calls::failing_at([1, 2, 4]);
        let app = posting(store.clone(), &calls, skipping()).await?;
        caught_up(&app).await;
        let mut seen = calls.all();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [1, 2, 3, 4, 5], "{fault:?}");
        assert_eq!(store.memory.load_checkpoint(DELIVER).await?.get(), 5);
    }
    Ok(())
}
