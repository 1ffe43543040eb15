//! Commands that take too long, and too many of them.

use std::future::IntoFuture;
use std::time::Duration;

use orchestrix::aggregate::LoadError;
use orchestrix::app::{Config, DispatchError, ViewError};
use orchestrix::prelude::*;
use tokio::time::Instant;

use super::counter::{Counter, Counting, CountingWithTotals, Total, count};
use super::stored::events;
use super::test_store::TestStore;
use super::waiting::begin;
use super::{Outcome, start};

#[tokio::test(start_paused = true)]
async fn a_command_on_a_hanging_store_ends_within_its_limit() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    for gate in [&store.read_gate, &store.append_gate] {
        gate.close();
        let began = Instant::now();
        let limit = Duration::from_secs(3);
        let error = app
            .dispatch(count("a", 1))
            .timeout(limit)
            .await
            .expect_err("the store hangs");
        assert_eq!(began.elapsed(), limit);
        assert!(error.is_transient());
        assert_eq!(error.to_string(), "command `Count` took longer than 3s");
        gate.open();
    }
    app.dispatch(count("a", 1)).await?;
    let stored = events(&store, "counter-a").await.len();
    assert_eq!(stored, 1, "what hung was dropped before it was stored");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_apps_limit_holds_where_a_command_has_none_of_its_own() -> Outcome {
    let store = TestStore::new();
    let mut config = Config::new();
    config.dispatch_timeout = Duration::from_millis(1_500);
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.module(Counting).config(config).start().await?;
    store.append_gate.close();
    let began = Instant::now();
    match app.dispatch(count("a", 1)).await {
        Err(DispatchError::Timeout {
            command: "Count",
            limit,
        }) => assert_eq!(limit, began.elapsed()),
        other => panic!("{other:?}"),
    }
    assert_eq!(began.elapsed(), Duration::from_millis(1_500));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_command_that_gives_up_waiting_for_its_turn_leaves_the_queue() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store.append_gate.close();
    let first = tokio::spawn(app.dispatch(count("a", 1)).into_future());
    store.append_gate.arrivals(1).await;
    let waited = app
        .dispatch(count("a", 1))
        .timeout(Duration::from_secs(1))
        .await;
    assert!(
        matches!(waited, Err(DispatchError::Timeout { .. })),
        "{waited:?}"
    );
    store.append_gate.open();
    assert_eq!(first.await??.version.get(), 1);
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_of_one_stream_refuses_and_the_others_do_not() -> Outcome {
    const QUEUE: usize = 10_000;
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store.append_gate.close();
    let mut waiting: Vec<_> = (0..=QUEUE)
        .map(|_| app.dispatch(count("hot", 1)).into_future())
        .collect();
    for command in &mut waiting {
        begin(command);
    }
    match app.dispatch(count("hot", 1)).await {
        Err(error @ DispatchError::Overloaded { .. }) => {
            assert!(error.is_transient());
            assert_eq!(
                error.to_string(),
                "10001 commands wait for stream counter-hot already"
            );
        }
        other => panic!("{other:?}"),
    }
    store.append_gate.open();
    app.dispatch(count("cold", 1)).await?;
    drop(waiting);
    assert_eq!(app.dispatch(count("hot", 1)).await?.version.get(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_query_on_a_hanging_store_ends_within_the_apps_limit() -> Outcome {
    let store = TestStore::new();
    let limit = Duration::from_millis(700);
    let mut config = Config::new();
    config.view_timeout = limit;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder
        .module(CountingWithTotals)
        .config(config)
        .start()
        .await?;
    let receipt = app.dispatch(count("a", 1)).await?;
    app.view::<Total>("a").at_least(receipt.position).await?;
    for gate in [&store.read_gate, &store.documents_gate, &store.head_gate] {
        gate.close();
    }
    let began = Instant::now();
    match app.load::<Counter>("a").await {
        Err(error @ LoadError::Timeout { .. }) => {
            assert!(error.is_transient());
            assert_eq!(
                error.to_string(),
                "reading stream counter-a took longer than 700ms"
            );
        }
        other => panic!("{other:?}"),
    }
    let own = Duration::from_millis(50);
    let loading = app.load::<Counter>("a").within(own).await;
    assert!(
        matches!(loading, Err(LoadError::Timeout { limit, .. }) if limit == own),
        "{loading:?}"
    );
    assert_eq!(began.elapsed(), limit + own);
    let one = app.view::<Total>("a").await.map(drop);
    let several = app.views::<Total>().await.map(drop);
    for (outcome, reading) in [
        (one, "read model `total@1`"),
        (several, "read model `total@1`"),
        (
            app.caught_up(receipt.position, limit).await,
            "the head of the log",
        ),
    ] {
        let error = outcome.expect_err("the store hangs");
        assert!(
            matches!(&error, ViewError::Timeout { limit: told, .. } if *told == limit),
            "{error:?}"
        );
        assert_eq!(
            error.to_string(),
            format!("reading {reading} took longer than 700ms")
        );
    }
    assert_eq!(began.elapsed(), limit * 4 + own);
    for gate in [&store.read_gate, &store.documents_gate, &store.head_gate] {
        gate.open();
    }
    app.caught_up(receipt.position, Duration::MAX).await?;
    assert_eq!(app.load::<Counter>("a").await?.version.get(), 1);
    Ok(())
}
