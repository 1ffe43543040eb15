//! Circuit breakers and time limits.

use std::error::Error;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;
use orchestrix::subscription::{
    CircuitBreaker, CircuitOf, Delivery, DeliveryTimeout, ErrorPolicy, FailureKind, RetryPolicy,
    SubscriptionState,
};
use tokio::time::Instant;

use super::post::{Calls, DELIVER, TOTAL, counted, posting};
use crate::app::Outcome;
use crate::app::test_store::TestStore;
use crate::app::waiting::{eventually, reaches, status};

const SECOND: Duration = Duration::from_secs(1);

fn skipping() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = ErrorPolicy::Skip;
    delivery
}

/// Whether a subscription is in such a state.
fn is(app: &App, name: &str, matches: fn(&SubscriptionState) -> bool) -> bool {
    matches(&status(app, name).state)
}

/// Where there is nothing to deliver, the trial is still to come: the next event is it, at once.
#[tokio::test(start_paused = true)]
async fn a_trial_needs_an_event() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=1).await?;
    let calls = Calls::failing_at([1, 2]);
    let mut delivery = skipping();
    delivery.breaker = Some(CircuitBreaker::new(1, 60 * SECOND)?);
    let app = posting(store.clone(), &calls, delivery).await?;
    eventually("the circuit opens", || {
        is(&app, DELIVER, |state| {
            matches!(state, SubscriptionState::CircuitOpen { .. })
        })
    })
    .await;
    assert_eq!(
        (
            status(&app, DELIVER).position.get(),
            status(&app, DELIVER).skipped
        ),
        (1, 1),
        "it is behind the event already"
    );
    tokio::time::advance(61 * SECOND).await;
    eventually("the circuit is closed enough", || {
        is(&app, DELIVER, |state| {
            matches!(state, SubscriptionState::Live)
        })
    })
    .await;
    tokio::time::advance(2 * SECOND).await;
    // The trial fails and opens it again; the one after it closes it.
    for (by, at_least) in [(2, Duration::ZERO), (3, 60 * SECOND), (4, Duration::ZERO)] {
        let began = Instant::now();
        counted(&store, [by]).await?;
        eventually("it is delivered", || calls.all().contains(&by)).await;
        let took = began.elapsed();
        assert!(
            at_least <= took + SECOND && took < at_least + SECOND,
            "{by}: {took:?}"
        );
    }
    Ok(())
}

/// A trial whose outcome the store swallowed is no failure of the event: it goes on as soon as the store does.
#[tokio::test(start_paused = true)]
async fn a_store_that_fails_in_a_trial_does_not_prolong_the_open_circuit() -> Outcome {
    let store = TestStore::new();
    counted(&store.memory, 1..=1).await?;
    let calls = Calls::failing_at([1]);
    let mut delivery = skipping();
    delivery.breaker = Some(CircuitBreaker::new(1, 60 * SECOND)?);
    let app = posting(store.clone(), &calls, delivery).await?;
    eventually("the circuit opens", || {
        is(&app, DELIVER, |state| {
            matches!(state, SubscriptionState::CircuitOpen { .. })
        })
    })
    .await;
    reaches(&app, TOTAL, GlobalPosition::new(1)).await;
    store.unreadable.store(true, SeqCst);
    counted(&store.memory, [2]).await?;
    tokio::time::advance(61 * SECOND).await;
    eventually("the trial meets the store", || {
        is(&app, DELIVER, |state| {
            matches!(state, SubscriptionState::Retrying { .. })
        })
    })
    .await;
    let began = Instant::now();
    store.unreadable.store(false, SeqCst);
    eventually("the trial is delivered", || calls.all().contains(&2)).await;
    assert!(began.elapsed() <= 6 * SECOND, "{:?}", began.elapsed());
    Ok(())
}

/// Waits until a circuit is open, and tells which.
async fn opens(app: &App) -> CircuitOf {
    let state = || status(app, DELIVER).state;
    eventually("a circuit opens", || {
        matches!(state(), SubscriptionState::CircuitOpen { .. })
    })
    .await;
    match state() {
        SubscriptionState::CircuitOpen { of, .. } => of,
        other => panic!("it went on by itself: {other:?}"),
    }
}

fn with_breakers() -> Result<Delivery, Box<dyn Error>> {
    let mut delivery = skipping();
    delivery.breaker = Some(CircuitBreaker::new(1, 5 * SECOND)?);
    delivery.store_breaker = Some(CircuitBreaker::new(3, 20 * SECOND)?);
    Ok(delivery)
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_time_after_time_is_left_alone_for_a_while() -> Outcome {
    let store = TestStore::new();
    counted(&store.memory, 1..=1).await?;
    let calls = Calls::default();
    store.unreadable.store(true, SeqCst);
    let app = posting(store.clone(), &calls, with_breakers()?).await?;
    let began = Instant::now();
    assert_eq!(opens(&app).await, CircuitOf::Store);
    assert_eq!(status(&app, DELIVER).failures, 3);
    assert!(began.elapsed() < SECOND, "{:?}", began.elapsed());
    let told = status(&app, DELIVER).state.to_string();
    assert!(
        told.ends_with(" after failures of the store in a row"),
        "{told}"
    );
    // A trial that fails opens it again; one that succeeds closes it.
    eventually("the trial fails", || status(&app, DELIVER).failures == 4).await;
    let took = began.elapsed();
    assert!((20 * SECOND..22 * SECOND).contains(&took), "{took:?}");
    assert_eq!(opens(&app).await, CircuitOf::Store);
    store.unreadable.store(false, SeqCst);
    reaches(&app, TOTAL, GlobalPosition::new(1)).await;
    assert!(calls.all().is_empty(), "it is left alone still");
    reaches(&app, DELIVER, GlobalPosition::new(1)).await;
    let took = began.elapsed();
    assert!((40 * SECOND..44 * SECOND).contains(&took), "{took:?}");
    assert_eq!(calls.all(), [1]);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_tries_at_once_when_it_is_resumed() -> Outcome {
    let store = TestStore::new();
    counted(&store.memory, 1..=3).await?;
    let calls = Calls::failing_at([1, 2]);
    let app = posting(store.clone(), &calls, with_breakers()?).await?;
    assert_eq!(opens(&app).await, CircuitOf::Deliveries);
    // The trial fails, and opens it again; the next one closes it.
    let began = Instant::now();
    app.resume_subscription(DELIVER)?;
    eventually("it tries", || calls.all() == [1, 2]).await;
    assert_eq!(opens(&app).await, CircuitOf::Deliveries);
    app.resume_subscription(DELIVER)?;
    reaches(&app, DELIVER, GlobalPosition::new(3)).await;
    assert_eq!(calls.all(), [1, 2, 3]);
    assert!(began.elapsed() < SECOND, "{:?}", began.elapsed());
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn failed_deliveries_open_no_circuit_of_the_store() -> Outcome {
    let store = TestStore::new();
    counted(&store.memory, 1..=4).await?;
    let calls = Calls::failing_at(1..=4);
    let app = posting(store.clone(), &calls, with_breakers()?).await?;
    let began = Instant::now();
    assert_eq!(opens(&app).await, CircuitOf::Deliveries);
    reaches(&app, DELIVER, GlobalPosition::new(4)).await;
    assert_eq!(calls.all(), [1, 2, 3, 4]);
    let took = began.elapsed();
    assert!((15 * SECOND..17 * SECOND).contains(&took), "{took:?}");
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_told_as_a_timeout() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=1).await?;
    let calls = Calls::default();
    calls.hang_at([1]);
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.timeout = 3 * SECOND;
    let app = posting(store, &calls, delivery).await?;
    let began = Instant::now();
    eventually("it halts", || {
        is(&app, DELIVER, |state| {
            matches!(state, SubscriptionState::Halted { .. })
        })
    })
    .await;
    assert!(began.elapsed() >= 3 * SECOND, "{:?}", began.elapsed());
    let SubscriptionState::Halted { error } = status(&app, DELIVER).state else {
        panic!("it went on by itself")
    };
    assert_eq!(FailureKind::of(&error), FailureKind::TimedOut);
    let source = error.source().and_then(|source| source.downcast_ref());
    assert_eq!(source, Some(&DeliveryTimeout::new(3 * SECOND)));
    Ok(())
}
