//! When an app can serve, and what is told of failing subscriptions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use orchestrix::app::{Readiness, SubscriptionHealth};
use orchestrix::prelude::*;
use orchestrix::subscription::{
    CircuitBreaker, Delivery, RetryPolicy, SubscriptionState, SubscriptionStatus,
};

use super::Outcome;
use super::counter::{Counted, Counter, Total, count};
use super::gate::Gate;
use super::waiting::{caught_up, eventually};

#[derive(Debug, thiserror::Error)]
#[error("out of paper")]
struct OutOfPaper;

/// Two handlers beside a projection; one of them prints while there is paper, the other waits at a gate.
#[derive(Clone, Default)]
struct Office {
    empty: Arc<AtomicBool>,
    gate: Arc<Gate>,
}

#[module(name = "office", aggregates(Counter), projections(Total))]
impl Office {
    #[on]
    async fn print(&self, _: &Counted) -> Result<(), OutOfPaper> {
        match self.empty.load(SeqCst) {
            true => Err(OutOfPaper),
            false => Ok(()),
        }
    }

    #[on]
    async fn stamp(&self, _: &Counted) {
        self.gate.pass().await;
    }
}

const PRINT: &str = "office.print";

async fn opened(office: &Office, store: &MemoryStore, delivery: Delivery) -> App {
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let builder = builder.module(office.clone()).delivery(PRINT, delivery);
    builder.start().await.expect("the module is in order")
}

fn halting() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery
}

fn names(subscriptions: &[SubscriptionStatus]) -> Vec<&str> {
    let names = subscriptions.iter().map(|status| status.name.as_str());
    names.collect()
}

fn failing(readiness: &Readiness) -> &[SubscriptionStatus] {
    match &readiness.health {
        SubscriptionHealth::Degraded { failing } => failing,
        _ => &[],
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_ready_once_every_subscription_has_been_live() -> Outcome {
    let (office, store) = (Office::default(), MemoryStore::new());
    let app = opened(&office, &store, Delivery::default()).await;
    // No task of the app has run yet.
    let readiness = app.readiness();
    assert!(!readiness.ready);
    assert_eq!(
        names(&readiness.waiting),
        [PRINT, "office.stamp", "total@1"]
    );
    app.dispatch(count("a", 1)).await?;
    office.gate.close();
    eventually("all others are live", || {
        names(&app.readiness().waiting) == ["office.stamp"]
    })
    .await;
    assert_eq!(
        app.readiness().to_string(),
        "not ready: subscription `office.stamp` is catching up"
    );
    assert!(!app.readiness().ready);
    office.gate.open();
    eventually("it is ready", || app.readiness().ready).await;
    assert_eq!(app.readiness().to_string(), "ready");
    // It is behind for a while, and ready all the same.
    office.gate.close();
    let before = office.gate.arrived();
    app.dispatch(count("a", 1)).await?;
    office.gate.arrivals(before + 1).await;
    assert!(app.readiness().ready);
    office.gate.open();
    app.shutdown().await?;
    let readiness = app.readiness();
    assert!(!readiness.ready && readiness.shutting_down && readiness.waiting.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_failing_sibling_is_named_while_the_others_go_live() -> Outcome {
    let (office, store) = (Office::default(), MemoryStore::new());
    let app = opened(&office, &store, halting()).await;
    app.dispatch(count("a", 1)).await?;
    caught_up(&app).await;
    app.shutdown().await?;
    office.empty.store(true, SeqCst);
    let app = opened(&office, &store, halting()).await;
    app.dispatch(count("a", 1)).await?;
    eventually("it fails, and the others are live", || {
        let readiness = app.readiness();
        names(failing(&readiness)) == [PRINT] && names(&readiness.waiting) == [PRINT]
    })
    .await;
    let readiness = app.readiness();
    assert!(!readiness.ready);
    let state = &readiness.waiting[0].state;
    assert!(matches!(state, SubscriptionState::Halted { .. }), "{state}");
    let health = readiness.health.to_string();
    assert!(
        health.starts_with("degraded: subscription `office.print` is halted: event `Counted`")
            && health.ends_with("could not be consumed: out of paper"),
        "{health}"
    );
    office.empty.store(false, SeqCst);
    app.resume_subscription(PRINT)?;
    eventually("it is ready", || app.readiness().ready).await;
    // Who has been live once is not waited for again, but told.
    office.empty.store(true, SeqCst);
    app.dispatch(count("a", 1)).await?;
    eventually("it fails again", || !failing(&app.readiness()).is_empty()).await;
    assert!(app.readiness().ready);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_is_told_and_its_end_too() -> Outcome {
    let (office, store) = (Office::default(), MemoryStore::new());
    office.empty.store(true, SeqCst);
    let mut delivery = Delivery::default();
    delivery.breaker = Some(CircuitBreaker::new(5, Duration::from_secs(600))?);
    let app = opened(&office, &store, delivery).await;
    app.dispatch(count("a", 1)).await?;
    eventually("its circuit is open", || {
        let readiness = app.readiness();
        let open = |status: &SubscriptionStatus| {
            matches!(status.state, SubscriptionState::CircuitOpen { .. })
        };
        failing(&readiness).iter().any(open)
    })
    .await;
    let health = app.readiness().health.to_string();
    assert!(
        health.starts_with("degraded: subscription `office.print` is delivering nothing for ")
            && health.ends_with(" after failures in a row"),
        "{health}"
    );
    office.empty.store(false, SeqCst);
    // The clock stands still but for who waits: the trial comes when the circuit's time has passed.
    tokio::time::advance(Duration::from_secs(600)).await;
    eventually("it is healthy", || {
        matches!(app.readiness().health, SubscriptionHealth::Healthy)
    })
    .await;
    assert!(app.readiness().ready);
    Ok(app.shutdown().await?)
}
