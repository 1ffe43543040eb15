//! What halts a subscription, and what does not end that.

use orchestrix::app::StartError;
use orchestrix::prelude::*;
use orchestrix::registry::Problem;
use orchestrix::store::{
    CheckpointMove, DocumentWrite, GlobalPosition, Payload, ReadModelCommit, ReadModelStore,
};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, SubscriptionState};
use serde_json::json;

use super::post::{Calls, DELIVER, Post, TOTAL, counted, posting};
use crate::app::Outcome;
use crate::app::waiting::{caught_up, eventually, reaches, status};

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

#[tokio::test(start_paused = true)]
async fn a_document_that_does_not_fit_halts_under_every_policy() -> Outcome {
    let store = MemoryStore::new();
    let commit = ReadModelCommit {
        progress: Vec::new(),
        checkpoint: CheckpointMove::new(TOTAL, GlobalPosition::START, GlobalPosition::START),
        collection: TOTAL.to_owned(),
        indexes: Vec::new(),
        writes: vec![DocumentWrite {
            tenant: TenantId::default(),
            key: "c1".to_owned(),
            body: Some(Payload::of(&json!({ "sum": "much" }))?),
            index_values: Vec::new(),
        }],
    };
    store.commit(commit).await?;
    counted(&store, 1..=2).await?;
    let calls = Calls::default();
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let builder = builder.module(Post(calls.clone()));
    let app = builder.delivery(TOTAL, skipping()).start().await?;
    eventually("it halts", || {
        is(&app, TOTAL, |state| {
            matches!(state, SubscriptionState::Halted { .. })
        })
    })
    .await;
    let told = status(&app, TOTAL).state.to_string();
    assert!(
        told.starts_with("halted: document `c1` of read model `total@1` does not fit its type"),
        "{told}"
    );
    assert_eq!(status(&app, TOTAL).skipped, 0);
    assert_eq!(
        store.read_model_checkpoint(TOTAL).await?,
        GlobalPosition::START
    );
    reaches(&app, DELIVER, GlobalPosition::new(2)).await;
    assert_eq!(calls.all(), [1, 2]);
    Ok(())
}

/// Pausing it does not make it go on, and one resumption ends both.
#[tokio::test(start_paused = true)]
async fn a_halted_subscription_that_is_paused_goes_on_when_it_is_resumed() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=2).await?;
    let calls = Calls::failing_at([1]);
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    let app = posting(store.clone(), &calls, delivery).await?;
    let halted = || {
        is(&app, DELIVER, |state| {
            matches!(state, SubscriptionState::Halted { .. })
        })
    };
    eventually("it halts", halted).await;
    app.pause_subscription(DELIVER)?;
    counted(&store, [3]).await?;
    reaches(&app, TOTAL, GlobalPosition::new(3)).await;
    assert!(halted());
    assert_eq!(calls.all(), [1]);
    calls.fail_at([]);
    app.resume_subscription(DELIVER)?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 1, 2, 3]);
    Ok(())
}

#[tokio::test]
async fn deliveries_for_nobody_are_told_beside_other_problems() -> Outcome {
    let builder = Orchestrix::builder()
        .isolated()
        .store(MemoryStore::new())
        .module(Post(Calls::default()))
        .module(Post(Calls::default()))
        .delivery("nobody", Delivery::default());
    let Err(StartError::Problems { problems }) = builder.start().await else {
        panic!("two modules have one name, and nobody is nobody")
    };
    let unknown = |problem: &&Problem| matches!(problem, Problem::UnknownSubscription { .. });
    assert_eq!(problems.0.iter().filter(unknown).count(), 1, "{problems}");
    assert!(problems.0.len() > 1, "{problems}");
    Ok(())
}
