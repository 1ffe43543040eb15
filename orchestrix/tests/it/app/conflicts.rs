//! Writers that meet.

use std::sync::atomic::Ordering::SeqCst;

use orchestrix::app::{Config, DispatchError};
use orchestrix::prelude::*;
use orchestrix::store::ExpectedVersion;
use tokio::task::JoinSet;

use super::counter::{Counter, Counting, LimitReached, count, limit};
use super::stored::events;
use super::test_store::TestStore;
use super::{Outcome, start};

async fn total(app: &App, counter: &str) -> u32 {
    let loaded = app.load::<Counter>(counter).await.expect("a sound stream");
    loaded.state.map_or(0, |state| state.total)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_on_one_stream_lose_no_update() -> Outcome {
    let store = TestStore::new();
    let nodes = [
        start(store.clone(), Counting).await,
        start(store.beside(), Counting).await,
    ];
    let mut tasks = JoinSet::new();
    for node in &nodes {
        for _ in 0..8 {
            let node = node.clone();
            tasks.spawn(async move {
                for _ in 0..50 {
                    node.dispatch(count("hot", 1)).await?;
                }
                Ok::<(), DispatchError<LimitReached>>(())
            });
        }
    }
    while let Some(finished) = tasks.join_next().await {
        finished??;
    }
    for node in &nodes {
        assert_eq!(total(node, "hot").await, 800);
    }
    assert_eq!(events(&store, "counter-hot").await.len(), 800);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commands_for_one_stream_on_one_node_never_conflict() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let app = app.clone();
        tasks.spawn(async move {
            app.dispatch(count("hot", 1))
                .await
                .map(|receipt| receipt.version.get())
        });
    }
    let mut versions = Vec::new();
    while let Some(version) = tasks.join_next().await {
        versions.push(version??);
    }
    versions.sort_unstable();
    assert_eq!(versions, (1..=64).collect::<Vec<_>>());
    assert_eq!(store.calls.conflicts.load(SeqCst), 0);
    assert_eq!(store.appends(), 64);
    assert_eq!(
        store.calls.read_stream.load(SeqCst),
        1,
        "the others found the state in the cache"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_that_conflicts_for_ever_ends_after_bounded_attempts() -> Outcome {
    let store = TestStore::new();
    let mut config = Config::new();
    config.conflict_attempts = 20;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.module(Counting).config(config).start().await?;
    store.rivals.always(true);
    let error = app
        .dispatch(count("a", 1))
        .await
        .expect_err("it always conflicts");
    assert!(error.is_conflict() && error.is_transient());
    match error {
        DispatchError::Conflict {
            stream,
            expected,
            actual,
            attempts,
        } => {
            assert_eq!(stream.name(), "counter-a");
            assert_eq!(attempts, 20);
            assert_eq!(store.append_calls(), 20);
            assert_eq!(expected, ExpectedVersion::Exact(StreamVersion::new(19)));
            assert_eq!(actual.get(), 20, "a rival was faster each time");
        }
        other => panic!("{other:?}"),
    }
    store.rivals.none();
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 21);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_few_conflicts_are_decided_again_unseen() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store.rivals.next([true; 19]);
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 20);
    assert_eq!(store.append_calls(), 20);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_node_decides_on_what_another_wrote_though_it_kept_an_older_state() -> Outcome {
    let store = TestStore::new();
    let (one, two) = (
        start(store.clone(), Counting).await,
        start(store.beside(), Counting).await,
    );
    one.dispatch(limit("a", 10)).await?;
    one.dispatch(count("a", 6)).await?;
    // What `one` keeps says 6 of 10, but `two` goes on to 10.
    two.dispatch(count("a", 4)).await?;
    let error = one
        .dispatch(count("a", 3))
        .await
        .expect_err("the limit is reached");
    assert_eq!(error.rejection(), Some(&LimitReached { total: 10 }));
    // What `one` keeps now says 10 of 10, but `two` raises the limit: the refusal would be wrong.
    two.dispatch(limit("a", 20)).await?;
    assert_eq!(one.dispatch(count("a", 3)).await?.version.get(), 5);
    assert_eq!(total(&two, "a").await, 13);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_command_without_events_answers_with_the_fresh_version() -> Outcome {
    let store = TestStore::new();
    let (one, two) = (
        start(store.clone(), Counting).await,
        start(store.beside(), Counting).await,
    );
    one.dispatch(count("a", 1)).await?;
    let newest = two.dispatch(count("a", 1)).await?;
    let nothing = one.dispatch(super::counter::count_each("a", &[])).await?;
    assert_eq!(
        (nothing.version, nothing.position),
        (newest.version, newest.position)
    );
    Ok(())
}
