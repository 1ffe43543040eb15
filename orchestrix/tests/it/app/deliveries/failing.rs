//! Retries, and going past events.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::randomness::SeededRandomness;
use orchestrix::store::{CheckpointStore, GlobalPosition, ReadModelStore};
use orchestrix::subscription::{
    CircuitBreaker, Delivery, ErrorPolicy, RetryPolicy, SubscriptionState,
};
use orchestrix::testkit::faults::{FaultStore, ReadCall, ReadFault};
use serde_json::json;

use super::post::{Calls, DELIVER, Post, TOTAL, counted, posting};
use crate::app::Outcome;
use crate::app::counter::Total;
use crate::app::stored::{event, write};
use crate::app::waiting::{caught_up, eventually, reaches, status};

const MS: Duration = Duration::from_millis(1);

/// Goes past what fails after so many retries.
fn skipping(retries: u32) -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = match retries {
        0 => RetryPolicy::none(),
        retries => RetryPolicy::fixed(retries, 10 * MS).expect("a wait"),
    };
    delivery.on_error = ErrorPolicy::Skip;
    delivery
}

#[tokio::test(start_paused = true)]
async fn so_many_retries_are_one_call_more_with_the_waits_of_the_policy() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=2).await?;
    let calls = Calls::failing_at([1]);
    let mut delivery = skipping(0);
    delivery.retry = RetryPolicy::exponential(3, 100 * MS, 300 * MS)?;
    let app = posting(store, &calls, delivery).await?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 1, 1, 1, 2]);
    let waits = calls.waits();
    // Reading again takes no time on a paused clock, but for timers that tick in milliseconds.
    for (wait, policy) in waits.iter().zip([100, 200, 300, 0]) {
        let policy = policy * MS;
        assert!(policy <= *wait && *wait <= policy + 2 * MS, "{waits:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn jitter_comes_from_the_randomness_of_the_app() -> Outcome {
    let waits_with = async |seed| -> Result<Vec<u128>, Box<dyn std::error::Error>> {
        let store = MemoryStore::new();
        counted(&store, 1..=1).await?;
        let calls = Calls::failing_at([1]);
        let mut delivery = skipping(0);
        delivery.retry = RetryPolicy::fixed(5, Duration::from_secs(1))?.with_jitter(0.5)?;
        let app = Orchestrix::builder()
            .isolated()
            .store(store)
            .module(Post(calls.clone()))
            .randomness(SeededRandomness::new(seed))
            .delivery(DELIVER, delivery)
            .start()
            .await?;
        caught_up(&app).await;
        // Timers tick in milliseconds, and some of them late.
        let waits = calls.waits().into_iter();
        Ok(waits.map(|wait| wait.as_millis() / 10).collect())
    };
    let once = waits_with(7).await?;
    assert_eq!(once.len(), 5);
    assert_eq!(once, waits_with(7).await?);
    assert_ne!(once, waits_with(8).await?);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn events_that_are_gone_past_are_counted_and_never_come_again() -> Outcome {
    for poison in [
        vec![1],
        vec![3],
        vec![6],
        vec![2, 5],
        (1..=6).collect::<Vec<u32>>(),
    ] {
        let store = MemoryStore::new();
        counted(&store, 1..=6).await?;
        let calls = Calls::failing_at(poison.clone());
        let app = posting(store.clone(), &calls, skipping(1)).await?;
        caught_up(&app).await;
        let mut expected: Vec<u32> = (1..=6).chain(poison.iter().copied()).collect();
        expected.sort_unstable();
        assert_eq!(calls.all(), expected, "{poison:?}");
        let at = status(&app, DELIVER);
        let skipped = poison.len() as u64;
        assert_eq!((at.skipped, at.failures), (skipped, 2 * skipped));
        assert_eq!(store.load_checkpoint(DELIVER).await?.get(), 6);
        app.shutdown().await?;

        let again = Calls::default();
        let app = posting(store.clone(), &again, Delivery::default()).await?;
        counted(&store, 7..=7).await?;
        caught_up(&app).await;
        assert_eq!(again.all(), [7]);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_projection_goes_past_an_event_that_does_not_decode() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=3).await?;
    let bad = event("Counted", 1, json!({ "counter": "c0", "by": "many" }));
    write(&store, "counter-c0", vec![bad]).await?;
    counted(&store, 6..=6).await?;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let builder = builder.module(Post(Calls::default()));
    let builder = builder.delivery(TOTAL, skipping(2));
    let app = builder.delivery(DELIVER, skipping(0)).start().await?;
    caught_up(&app).await;
    let total = app.view::<Total>("c0").await?;
    assert_eq!(total, Some(Total { sum: 9, events: 2 }));
    assert_eq!(status(&app, TOTAL).skipped, 1);
    assert_eq!(status(&app, TOTAL).failures, 3);
    assert_eq!(store.read_model_checkpoint(TOTAL).await?.get(), 5);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn failures_of_the_store_are_no_events_fault() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=3).await?;
    let faults = FaultStore::over(Arc::new(store.clone()));
    faults.next_reads(ReadCall::All, [Some(ReadFault::Unavailable); 20]);
    let calls = Calls::default();
    let mut delivery = skipping(0);
    delivery.breaker = Some(CircuitBreaker::new(1, Duration::from_secs(3600))?);
    let builder = Orchestrix::builder().isolated().store(store);
    let builder = builder.events(Arc::new(faults)).module(Post(calls.clone()));
    let app = builder.delivery(DELIVER, delivery).start().await?;
    reaches(&app, DELIVER, GlobalPosition::new(3)).await;
    assert_eq!(calls.all(), [1, 2, 3]);
    let at = status(&app, DELIVER);
    assert!(at.failures > 0);
    assert_eq!(at.skipped, 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_failures_in_a_row_nothing_is_delivered_for_a_while() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=5).await?;
    let calls = Calls::failing_at(1..=4);
    let mut delivery = skipping(0);
    delivery.breaker = Some(CircuitBreaker::new(2, Duration::from_secs(5))?);
    let app = posting(store, &calls, delivery).await?;
    eventually("the circuit opens", || {
        matches!(
            status(&app, DELIVER).state,
            SubscriptionState::CircuitOpen { .. }
        )
    })
    .await;
    assert_eq!(calls.all(), [1, 2]);
    reaches(&app, DELIVER, GlobalPosition::new(5)).await;
    assert_eq!(calls.all(), [1, 2, 3, 4, 5]);
    let open = Duration::from_secs(5);
    let waits = calls.waits();
    // Each trial that fails opens it again; the last one closes it.
    assert!(
        waits[0] < open && waits[1] >= open && waits[2] >= open && waits[3] >= open,
        "{waits:?}"
    );
    Ok(())
}
