//! Commands for one stream take turns; streams do not wait for each other.

use std::future::IntoFuture;

use futures_util::future::join_all;

use super::counter::{Counting, count};
use super::stored::events;
use super::test_store::TestStore;
use super::waiting::begin;
use super::{Outcome, start};

#[tokio::test(start_paused = true)]
async fn turns_are_taken_in_the_order_of_asking() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store.append_gate.close();
    let mut commands: Vec<_> = (1..=50)
        .map(|by| app.dispatch(count("hot", by)).into_future())
        .collect();
    for command in &mut commands {
        begin(command);
    }
    store.append_gate.open();
    // Whoever is polled first, the first who asked is first.
    commands.reverse();
    for outcome in join_all(commands).await {
        outcome?;
    }
    let mut order = Vec::new();
    for event in events(&store, "counter-hot").await {
        order.push(event.data.payload.read::<super::counter::Counted>()?.by);
    }
    assert_eq!(order, (1..=50).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn streams_run_side_by_side_while_one_is_held() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store.read_gate.close();
    // All of them are loading at once: none waits for another's turn.
    let streams: Vec<_> = (0..20).map(|n| format!("s{n}")).collect();
    let mut commands: Vec<_> = streams
        .iter()
        .map(|s| app.dispatch(count(s, 1)).into_future())
        .collect();
    for command in &mut commands {
        begin(command);
    }
    assert_eq!(store.read_gate.arrived(), 20);
    // A second command for a held stream does not even load.
    let mut second = app.dispatch(count("s0", 1)).into_future();
    begin(&mut second);
    assert_eq!(store.read_gate.arrived(), 20);
    store.read_gate.open();
    for outcome in join_all(commands).await {
        assert_eq!(outcome?.version.get(), 1);
    }
    assert_eq!(second.await?.version.get(), 2);
    Ok(())
}
