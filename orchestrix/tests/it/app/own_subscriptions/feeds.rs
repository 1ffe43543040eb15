//! Feeds: catch-up and live in one, without a checkpoint.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use orchestrix::app::EventFeed;
use orchestrix::prelude::*;
use orchestrix::store::{Filter, GlobalPosition};

use super::read_log::ReadLog;
use crate::app::counter::Counting;
use crate::app::deliveries::counted;
use crate::app::test_store::TestStore;
use crate::app::waiting::{LONG, begin};
use crate::app::{Outcome, start};

/// The positions of the next events.
async fn take(feed: &mut EventFeed, events: usize) -> Vec<u64> {
    let taking = feed
        .take(events)
        .map(|event| event.expect("a readable log").position.get())
        .collect();
    tokio::time::timeout(LONG, taking)
        .await
        .expect("there are so many")
}

#[tokio::test(start_paused = true)]
async fn it_catches_up_and_goes_on_live() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=5).await?;
    let app = start(store.clone(), Counting).await;
    let mut feed = app.events(Filter::all()).after(GlobalPosition::new(2));
    assert_eq!(feed.position().get(), 2);
    assert_eq!(take(&mut feed, 3).await, [3, 4, 5]);
    assert_eq!(feed.position().get(), 5);
    // One that waits is woken.
    let mut next = feed.next();
    begin(&mut next);
    counted(&store, [6]).await?;
    let woken = tokio::time::timeout(LONG, next).await?;
    assert_eq!(
        woken.transpose()?.map(|event| event.position.get()),
        Some(6)
    );
    // A wait that is given up loses nothing.
    begin(&mut feed.next());
    counted(&store, 7..=8).await?;
    assert_eq!(take(&mut feed, 2).await, [7, 8]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lost_wake_up_is_made_up_for() -> Outcome {
    let store = TestStore::new();
    store.silent.store(true, SeqCst);
    let app = start(store.clone(), Counting).await;
    let mut feed = app.events(Filter::all());
    begin(&mut feed.next());
    counted(&store.memory, [1]).await?;
    assert_eq!(take(&mut feed, 1).await, [1]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_reads_a_page_at_a_time_and_only_what_matches() -> Outcome {
    let store = MemoryStore::new();
    counted(&store, 1..=9).await?;
    let log = ReadLog::of(&store);
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.events(Arc::new(log.clone())).start().await?;
    let mut feed = app.events(Filter::all()).page(2);
    assert!(
        log.pages().is_empty(),
        "nothing is read before it is polled"
    );
    assert_eq!(take(&mut feed, 3).await, [1, 2, 3]);
    assert_eq!(log.pages(), [(0, 2), (2, 2)], "no more than is asked for");
    let none = Filter::all().event_types(["Unheard"]);
    begin(&mut app.events(none).next());
    assert_eq!(log.read(), [1, 2, 3, 4]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_an_error_it_goes_on_where_it_was() -> Outcome {
    let store = TestStore::new();
    counted(&store.memory, 1..=2).await?;
    let app = start(store.clone(), Counting).await;
    let mut feed = app.events(Filter::all()).page(1);
    assert_eq!(take(&mut feed, 1).await, [1]);
    store.unreadable.store(true, SeqCst);
    let began = tokio::time::Instant::now();
    for failures in 1..=2 {
        let failed = feed.next().await.expect("it has not ended");
        assert!(failed.is_err());
        assert_eq!(began.elapsed() > Duration::from_millis(400), failures > 1);
    }
    store.unreadable.store(false, SeqCst);
    assert_eq!(take(&mut feed, 1).await, [2]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_app() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Counting).await;
    let mut feed = app.events(Filter::all());
    let mut waiting = app.events(Filter::all());
    let mut next = waiting.next();
    begin(&mut next);
    app.shutdown().await?;
    assert!(tokio::time::timeout(LONG, next).await?.is_none());
    assert_eq!(
        feed.next().now_or_never().map(|end| end.is_none()),
        Some(true)
    );
    // An app that is dropped has ended, too.
    let app = start(store, Counting).await;
    let mut feed = app.events(Filter::all());
    drop(app);
    assert!(tokio::time::timeout(LONG, feed.next()).await?.is_none());
    Ok(())
}
