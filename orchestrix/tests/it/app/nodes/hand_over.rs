//! One node serves, the others stand by.

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;
use orchestrix::subscription::{Delivery, SubscriptionState};
use tokio::time::Instant;

use super::crew::{Book, LEASE, TOTAL, WORK, node, serving, stands_by, start};
use crate::app::Outcome;
use crate::app::counter::{Total, count};
use crate::app::waiting::{caught_up, eventually, reaches, status};

#[tokio::test(start_paused = true)]
async fn one_serves_and_the_others_follow() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let nodes = [
        node("a", &store, &book, 1).await,
        node("b", &store, &book, 1).await,
        node("c", &store, &book, 1).await,
    ];
    for by in 1..=30 {
        let app = &nodes[by as usize % 3];
        let receipt = app.dispatch(count("x", by)).await?;
        // What one node wrote every node reads.
        for app in &nodes {
            let seen = app.view::<Total>("x").at_least(receipt.position).await?;
            assert_eq!(seen.map(|total| total.events), Some(by));
        }
    }
    for app in &nodes {
        caught_up(app).await;
        assert!(app.readiness().ready, "{}", app.readiness());
        assert_eq!(status(app, WORK).position.get(), 30);
    }
    book.is_complete(1..=30);
    for subscription in [WORK, TOTAL] {
        let standing = nodes.iter().filter(|app| stands_by(app, subscription));
        assert_eq!(standing.count(), 2, "one serves {subscription}");
    }
    let mut by = book.nodes();
    by.dedup();
    assert_eq!(by.len(), 1, "it did not change hands: {by:?}");
    Ok(())
}

/// A node that starts knows how far the views are without serving any.
#[tokio::test(start_paused = true)]
async fn a_standby_begins_where_the_other_is() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let one = node("a", &store, &book, 1).await;
    for by in 1..=10 {
        one.dispatch(count("x", by)).await?;
    }
    caught_up(&one).await;
    let other = node("b", &store, &book, 1).await;
    caught_up(&other).await;
    let (_, standby) = serving(&one, &other).await;
    let SubscriptionState::Standby { node: Some(server) } = status(standby, WORK).state else {
        panic!("{:?}", status(standby, WORK));
    };
    let held = super::crew::leases(&store).await;
    assert!(held[&server].contains(&WORK.to_owned()), "{held:?}");
    book.is_complete(1..=10);
    Ok(())
}

/// Long leases, so that nobody waits for their end.
async fn long(name: &'static str, store: &MemoryStore, book: &Book) -> App {
    let minute = Duration::from_secs(60);
    let started = start(name, store, book, Delivery::default(), minute).await;
    started.expect("the module is in order")
}

#[tokio::test(start_paused = true)]
async fn after_a_shutdown_another_goes_on() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let (one, other) = (
        long("a", &store, &book).await,
        long("b", &store, &book).await,
    );
    one.dispatch(count("x", 1)).await?;
    let (server, standby) = serving(&one, &other).await;
    caught_up(standby).await;
    server.shutdown().await?;
    let gone = Instant::now();
    standby.dispatch(count("x", 2)).await?;
    caught_up(standby).await;
    assert!(
        gone.elapsed() < Duration::from_secs(15),
        "{:?}",
        gone.elapsed()
    );
    book.is_complete(1..=2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_an_app_was_dropped_another_goes_on() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let (one, other) = (
        long("a", &store, &book).await,
        long("b", &store, &book).await,
    );
    one.dispatch(count("x", 1)).await?;
    caught_up(&one).await;
    caught_up(&other).await;
    let one_serves = std::ptr::eq(serving(&one, &other).await.0, &one);
    let (server, standby) = if one_serves {
        (one, other)
    } else {
        (other, one)
    };
    drop(server);
    let gone = Instant::now();
    standby.dispatch(count("x", 2)).await?;
    caught_up(&standby).await;
    assert!(
        gone.elapsed() < Duration::from_secs(15),
        "{:?}",
        gone.elapsed()
    );
    book.is_complete(1..=2);
    Ok(())
}

/// It keeps its lease until it is done, however long that takes.
#[tokio::test(start_paused = true)]
async fn a_slow_handler_is_not_overtaken_at_a_shutdown() -> Outcome {
    let (store, book) = (MemoryStore::new(), Book::default());
    let (one, other) = (
        node("a", &store, &book, 1).await,
        node("b", &store, &book, 1).await,
    );
    let (server, standby) = serving(&one, &other).await;
    book.gate.close();
    for by in 1..=3 {
        standby.dispatch(count("x", by)).await?;
    }
    book.gate.arrivals(1).await;
    let ending = tokio::spawn({
        let server = server.clone();
        async move { server.shutdown().await }
    });
    // The view is another subscription, which goes on meanwhile.
    tokio::time::sleep(LEASE * 5).await;
    let head = GlobalPosition::new(3);
    let total = standby.view::<Total>("x").at_least(head).await?;
    assert_eq!(total.map(|total| total.events), Some(3));
    eventually("the other serves the view", || !stands_by(standby, TOTAL)).await;
    assert_eq!(book.gate.arrived(), 1, "nobody else began with it");
    assert!(stands_by(standby, WORK));
    book.gate.open();
    ending.await??;
    reaches(standby, WORK, head).await;
    book.is_complete(1..=3);
    Ok(())
}
