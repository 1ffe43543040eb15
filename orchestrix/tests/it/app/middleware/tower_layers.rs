//! Layers of the `tower` crate, as they are.

use std::error::Error;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use orchestrix::middleware::{CommandCall, Logging, Next, TimeLimit, around};
use orchestrix::prelude::*;
use tokio::time::Instant;
use tower::ServiceBuilder;
use tower::buffer::BufferLayer;
use tower::limit::{ConcurrencyLimitLayer, RateLimitLayer};
use tower::load_shed::{LoadShedLayer, error::Overloaded};
use tower::timeout::{TimeoutLayer, error::Elapsed};

use super::trail::{Trail, building};
use crate::app::Outcome;
use crate::app::counter::{Counting, LimitReached, count, limit};
use crate::app::gate::Gate;
use crate::app::test_store::TestStore;
use crate::app::waiting::begin;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn no_more_commands_at_once_than_its_concurrency_limit() -> Outcome {
    let gate = Arc::new(Gate::default());
    gate.close();
    let gated = around({
        let gate = gate.clone();
        move |call: CommandCall, next: Next<CommandCall>| {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                next.run(call).await
            }
        }
    });
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(Logging)
        .dispatch_layer(ConcurrencyLimitLayer::new(2))
        .dispatch_layer(gated)
        .start()
        .await?;
    let mut commands = ["a", "b", "c"].map(|it| app.dispatch(count(it, 1)).into_future());
    for command in &mut commands {
        begin(command);
    }
    assert_eq!(gate.arrived(), 2, "the third waits for a place");
    gate.open();
    for command in commands {
        command.await?;
    }
    assert_eq!((gate.arrived(), app.store().head().await?.get()), (3, 3));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_around_all_counts_the_waiting_for_a_place() -> Outcome {
    let store = TestStore::new();
    let app = building(store.clone(), Counting)
        .dispatch_layer(TimeLimit::new(SECOND))
        .dispatch_layer(ConcurrencyLimitLayer::new(1))
        .start()
        .await?;
    store.append_gate.close();
    let mut first = app.dispatch(count("a", 1)).into_future();
    begin(&mut first);
    let began = Instant::now();
    let second = app.dispatch(count("b", 1)).await;
    assert!(
        matches!(second, Err(DispatchError::Timeout { limit: SECOND, .. })),
        "{second:?}"
    );
    assert_eq!(began.elapsed(), SECOND);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn its_errors_are_the_source_of_the_dispatchs() -> Outcome {
    let store = TestStore::new();
    let app = building(store.clone(), Counting)
        .dispatch_layer(TimeoutLayer::new(SECOND))
        .dispatch_layer(LoadShedLayer::new())
        .dispatch_layer(ConcurrencyLimitLayer::new(1))
        .start()
        .await?;
    app.dispatch(limit("a", 5)).await?;
    let error = app.dispatch(count("a", 9)).await.expect_err("too much");
    assert_eq!(error.rejection(), Some(&LimitReached { total: 0 }));
    store.append_gate.close();
    let mut first = app.dispatch(count("a", 1)).into_future();
    begin(&mut first);
    let error = app.dispatch(count("b", 1)).await.expect_err("shed");
    assert!(matches!(error, DispatchError::Middleware { .. }));
    assert!(
        error
            .source()
            .is_some_and(|source| source.is::<Overloaded>())
    );
    let error = first.await.expect_err("it hangs");
    assert!(matches!(error, DispatchError::Middleware { .. }));
    assert!(error.source().is_some_and(|source| source.is::<Elapsed>()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_layers_is_one_layer() -> Outcome {
    let trail = Trail::default();
    // Tower's rate limit waits, and is not clonable: it goes behind a buffer.
    let stack = ServiceBuilder::new()
        .layer(BufferLayer::new(16))
        .layer(RateLimitLayer::new(1, 5 * SECOND))
        .layer(trail.layer("a"))
        .layer(Logging)
        .into_inner();
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(stack)
        .start()
        .await?;
    let began = Instant::now();
    app.dispatch(count("a", 1)).await?;
    app.dispatch(count("a", 1)).await?;
    assert_eq!(began.elapsed(), 5 * SECOND);
    assert_eq!(trail.all().len(), 4);
    let error = app.dispatch(count("a", 1)).timeout(SECOND).await;
    assert!(
        matches!(error, Err(DispatchError::Timeout { .. })),
        "{error:?}"
    );
    Ok(())
}
