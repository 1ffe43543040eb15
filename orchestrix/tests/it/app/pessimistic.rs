//! Commands under the lock of their stream.

use std::time::Duration;

use orchestrix::app::{Config, DispatchError};
use orchestrix::prelude::*;
use orchestrix::store::{LockKey, LockStore, StreamId};
use tokio::task::JoinSet;

use super::Outcome;
use super::counter::{Counter, Counting, LimitReached, count};

const WAIT: Duration = Duration::from_secs(20);

/// A node that decides each command once, so that a conflict is an error.
async fn node(store: &MemoryStore) -> Result<App, Box<dyn std::error::Error>> {
    let mut config = Config::new();
    config.conflict_attempts = 1;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    Ok(builder.module(Counting).config(config).start().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_writers_on_five_nodes_never_conflict() -> Outcome {
    let store = MemoryStore::new();
    let mut tasks = JoinSet::new();
    let mut nodes = Vec::new();
    for _ in 0..5 {
        nodes.push(node(&store).await?);
    }
    for n in 0..50 {
        let node = nodes[n % 5].clone();
        tasks.spawn(async move {
            for _ in 0..4 {
                node.dispatch(count("hot", 1)).pessimistic(WAIT).await?;
            }
            Ok::<(), DispatchError<LimitReached>>(())
        });
    }
    while let Some(finished) = tasks.join_next().await {
        finished??;
    }
    let loaded = nodes[0].load::<Counter>("hot").await?;
    assert_eq!(loaded.state.map(|state| state.total), Some(200));
    assert_eq!(store.held_locks(), 0);
    Ok(())
}

/// What the test above would find, were it not for the lock: a node's cached state is old once another has written.
#[tokio::test]
async fn without_the_lock_they_do() -> Outcome {
    let store = MemoryStore::new();
    let (one, other) = (node(&store).await?, node(&store).await?);
    one.dispatch(count("hot", 1)).await?;
    other.dispatch(count("hot", 1)).await?;
    let error = one.dispatch(count("hot", 1)).await.err();
    assert!(
        matches!(error, Some(DispatchError::Conflict { attempts: 1, .. })),
        "{error:?}"
    );
    one.dispatch(count("hot", 1)).pessimistic(WAIT).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_others_hold_is_an_error_after_the_wait() -> Outcome {
    let store = MemoryStore::new();
    let node = node(&store).await?;
    let stream = StreamId::new("counter", "hot")?;
    let held = store.try_lock(&LockKey::of_stream(&stream)).await?;
    let wait = Duration::from_millis(50);
    let error = node.dispatch(count("hot", 1)).pessimistic(wait).await;
    match error {
        Err(error @ DispatchError::Locked { .. }) => {
            assert!(error.is_transient());
            assert_eq!(
                error.to_string(),
                "stream counter-hot was locked by others for 50ms"
            );
        }
        other => panic!("{other:?}"),
    }
    // Of another tenant: another stream, another lock.
    node.dispatch(count("hot", 1))
        .tenant(TenantId::new("acme")?)
        .pessimistic(wait)
        .await?;
    drop(held);
    node.dispatch(count("hot", 1)).pessimistic(wait).await?;
    Ok(())
}
