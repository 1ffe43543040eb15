//! Appends that wait share one round trip.

use std::future::IntoFuture;
use std::sync::atomic::Ordering::SeqCst;

use futures_util::future::join_all;
use orchestrix::app::DispatchError;
use orchestrix::testkit::faults::AppendFault::{Failed, NotSent};

use super::counter::{Counting, count};
use super::stored::all;
use super::test_store::TestStore;
use super::waiting::eventually;
use super::{Outcome, start};

#[tokio::test(start_paused = true)]
async fn what_gathers_while_two_are_under_way_is_one_round_trip() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store.append_gate.close();
    let commands: Vec<_> = (0..64)
        .map(|n| tokio::spawn(app.dispatch(count(&format!("s{n}"), 1)).into_future()))
        .collect();
    store.append_gate.arrivals(2).await;
    // Everything else comes to the queue, and nothing more to the store.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.append_gate.arrived(), 2);
    store.append_gate.open();
    for command in commands {
        assert_eq!(command.await??.version.get(), 1);
    }
    assert_eq!(store.appends(), 64);
    assert!(store.append_calls() <= 4, "{:?}", store.calls);
    assert_eq!(store.most_in_flight.load(SeqCst), 2);
    assert_eq!(all(&store).await.len(), 64);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_no_more_than_two_are_under_way() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    for _ in 0..20 {
        let commands =
            (0..64).map(|n| tokio::spawn(app.dispatch(count(&format!("s{n}"), 1)).into_future()));
        for command in join_all(commands).await {
            command??;
        }
    }
    assert_eq!(store.appends(), 20 * 64);
    assert!(store.most_in_flight.load(SeqCst) <= 2);
    assert_eq!(store.calls.conflicts.load(SeqCst), 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_refused_append_fails_none_of_its_neighbours() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store.append_gate.close();
    let commands: Vec<_> = (0..10)
        .map(|n| tokio::spawn(app.dispatch(count(&format!("s{n}"), 1)).into_future()))
        .collect();
    store.append_gate.arrivals(2).await;
    eventually("the others have gathered", || {
        store.calls.read_stream.load(SeqCst) == 10
    })
    .await;
    store.fail_next([Failed, NotSent, Failed]);
    store.rivals.next([false, false, false, true]);
    store.append_gate.open();
    let mut refused = 0;
    for outcome in join_all(commands).await {
        match outcome? {
            Ok(receipt) => assert_eq!(receipt.events.len(), 1),
            Err(DispatchError::Store { .. }) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, 2);
    assert_eq!(all(&store).await.len(), 8 + 1, "and the rival's");
    Ok(())
}

#[tokio::test]
async fn a_lone_command_goes_straight_through() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    for n in 1..=5 {
        app.dispatch(count("a", 1)).await?;
        assert_eq!(store.append_calls(), n);
    }
    assert_eq!(store.most_in_flight.load(SeqCst), 1);
    Ok(())
}
