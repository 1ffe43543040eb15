//! A handler that works at several events at once, on one node or on several.

use std::sync::atomic::Ordering::SeqCst;

use orchestrix::prelude::*;

use super::crew::{Book, WORK, leases, node};
use crate::app::Outcome;
use crate::app::counter::count;
use crate::app::waiting::{caught_up, eventually, status};

/// Counts by numbers that grow, over so many counters.
async fn counts(app: &App, counters: u32, numbers: std::ops::RangeInclusive<u32>) -> Outcome {
    for by in numbers {
        app.dispatch(count(&format!("c{}", by % counters), by))
            .await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn eight_events_of_eight_lanes_are_handled_at_once() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let app = node("a", &store, &book, 8).await;
    book.gate.close();
    counts(&app, 64, 1..=320).await?;
    book.gate.arrivals(8).await;
    // Nobody comes who has to wait for the one before him.
    eventually("the view is there", || {
        status(&app, "total@1").position.get() == 320
    })
    .await;
    assert_eq!(book.gate.arrived(), 8);
    assert_eq!(
        status(&app, WORK).position.get(),
        0,
        "the first event is not done"
    );
    book.gate.open();
    caught_up(&app).await;
    book.is_complete(1..=320);
    assert_eq!(book.most_at_once.load(SeqCst), 8);
    assert_eq!(status(&app, WORK).position.get(), 320);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_stream_is_in_one_lane() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let app = node("a", &store, &book, 256).await;
    counts(&app, 1, 1..=50).await?;
    caught_up(&app).await;
    assert_eq!(book.numbers(), (1..=50).collect::<Vec<_>>());
    assert_eq!(book.most_at_once.load(SeqCst), 1);
    Ok(())
}

/// Until each of so many nodes holds its share of the thirteen leases: those of twelve lanes and that of the view.
async fn shared_by(store: &MemoryStore, nodes: usize) {
    let most = 13_usize.div_ceil(nodes);
    let limit = std::time::Duration::from_secs(60);
    let shared = tokio::time::timeout(limit, async {
        loop {
            let held = leases(store).await;
            let all = held.values().map(Vec::len).sum::<usize>() == 13;
            if all && held.len() == nodes && held.values().all(|leases| leases.len() <= most) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    });
    if shared.await.is_err() {
        panic!("not shared by {nodes}: {:?}", leases(store).await);
    }
}

#[tokio::test(start_paused = true)]
async fn lanes_are_shared_by_the_nodes_there_are() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let one = node("a", &store, &book, 12).await;
    counts(&one, 40, 1..=100).await?;
    shared_by(&store, 1).await;
    let two = node("b", &store, &book, 12).await;
    counts(&one, 40, 101..=200).await?;
    shared_by(&store, 2).await;
    let three = node("c", &store, &book, 12).await;
    counts(&two, 40, 201..=300).await?;
    shared_by(&store, 3).await;
    counts(&three, 40, 301..=400).await?;
    for app in [&one, &two, &three] {
        caught_up(app).await;
    }
    let mut nodes = book.nodes().split_off(300);
    nodes.sort_unstable();
    nodes.dedup();
    assert_eq!(nodes, ["a", "b", "c"], "all of them work");
    counts(&two, 40, 401..=500).await?;
    one.shutdown().await?;
    counts(&two, 40, 501..=600).await?;
    shared_by(&store, 2).await;
    drop(three);
    counts(&two, 40, 601..=700).await?;
    shared_by(&store, 1).await;
    caught_up(&two).await;
    book.is_complete(1..=700);
    Ok(())
}
