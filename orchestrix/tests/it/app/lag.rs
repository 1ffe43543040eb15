//! How far subscriptions are behind.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use orchestrix::app::{Config, Lag, LagError, MAX_COUNTED};
use orchestrix::clock::Clock;
use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, GlobalPosition, MAX_PAGE};
use serde_json::json;

use super::Outcome;
use super::counter::{Counted, Counter, CountingWithTotals, Total};
use super::gate::Gate;
use super::stored::{event, write};
use super::test_store::TestStore;
use super::waiting::{caught_up, eventually, status};

const TOTAL: &str = "total@1";
const HOLD: &str = "held.hold";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("within the range of timestamps")
}

/// Always the hundredth second.
#[derive(Debug)]
struct Hundredth;

impl Clock for Hundredth {
    fn now(&self) -> Timestamp {
        at(100)
    }
}

/// A handler on a gate.
struct Held(Arc<Gate>);

#[module(name = "held", aggregates(Counter))]
impl Held {
    #[on]
    async fn hold(&self, _: &Counted) {
        self.0.pass().await;
    }
}

fn builder() -> orchestrix::app::Builder {
    Orchestrix::builder().isolated().clock(Hundredth)
}

/// Events that happened in these seconds, each with one that concerns no subscription behind it.
async fn counted(store: &MemoryStore, seconds: impl IntoIterator<Item = i64>) -> Outcome {
    let mut events = Vec::new();
    for second in seconds {
        let counted = event("Counted", 1, json!({ "counter": "a", "by": 1 }));
        events.push(counted.with_occurred_at(at(second)));
        events.push(event("Limited", 1, json!({ "counter": "a", "limit": 9 })));
    }
    for events in events.chunks(MAX_PAGE) {
        write(store, "counter-a", events.to_vec()).await?;
    }
    Ok(())
}

fn told(lag: Lag) -> (u64, u64, bool, Option<u64>) {
    let oldest = lag.oldest.map(|oldest| oldest.as_secs());
    (lag.position.get(), lag.events, lag.at_least, oldest)
}

#[tokio::test(start_paused = true)]
async fn without_a_checkpoint_it_is_all_that_concerns_it() -> Outcome {
    let (store, gate) = (MemoryStore::new(), Arc::new(Gate::default()));
    counted(&store, [40, 70, 90]).await?;
    gate.close();
    let app = builder().store(store.clone()).module(Held(gate.clone()));
    let app = app.start().await?;
    gate.arrivals(1).await;
    assert_eq!(told(app.lag(HOLD).await?), (0, 3, false, Some(60)));
    gate.open();
    caught_up(&app).await;
    assert_eq!(told(app.lag(HOLD).await?), (6, 0, false, None));
    Ok(app.shutdown().await?)
}

/// Where the checkpoint cannot be read, it might be anywhere: zero would be made up, and everything too.
#[tokio::test(start_paused = true)]
async fn where_its_place_is_not_known_none_is_told() -> Outcome {
    let store = TestStore::new();
    store.head_gate.close();
    let app = builder().store(store.clone()).module(CountingWithTotals);
    let mut config = Config::new();
    config.view_timeout = Duration::from_secs(2);
    let app = app.config(config).start().await?;
    // No task of the app has run yet, and this one does not before it is resumed.
    app.pause_subscription(TOTAL)?;
    let error = app.lag(TOTAL).await.expect_err("its place is not known");
    assert_eq!(
        error.to_string(),
        "subscription `total@1` has not found its place after 2s (paused)"
    );
    app.resume_subscription(TOTAL)?;
    let error = app.lag(TOTAL).await.expect_err("the head is not known");
    assert!(matches!(error, LagError::Timeout { .. }), "{error:?}");
    let error = app.lag("nobody").await.expect_err("there is no such one");
    assert!(matches!(error, LagError::Unknown(_)), "{error:?}");
    store.head_gate.open();
    assert_eq!(told(app.lag(TOTAL).await?), (0, 0, false, None));
    Ok(app.shutdown().await?)
}

/// What a stopped page had left is behind it after the restart, and consumed then.
#[tokio::test(start_paused = true)]
async fn a_page_that_was_cut_short_counts_by_what_was_left() -> Outcome {
    let (store, gate) = (MemoryStore::new(), Arc::new(Gate::default()));
    counted(&store, [10, 20, 30, 50]).await?;
    gate.close();
    let app = builder().store(store.clone()).module(Held(gate.clone()));
    let app = app.start().await?;
    gate.arrivals(1).await;
    let ending = tokio::spawn({
        let app = app.clone();
        async move { app.shutdown().await }
    });
    eventually("no command gets in any more", || !app.readiness().ready).await;
    gate.open();
    ending.await??;
    let cut = store.load_checkpoint(HOLD).await?;
    let seen = gate.arrived();
    assert!(seen < 4, "nothing was left of the page");
    gate.close();
    let app = builder().store(store.clone()).module(Held(gate.clone()));
    let app = app.start().await?;
    let left = app.lag(HOLD).await?;
    assert_eq!(left.position, cut);
    assert_eq!(left.events, 4 - seen as u64, "{left:?} after {seen}");
    gate.open();
    caught_up(&app).await;
    assert_eq!(told(app.lag(HOLD).await?), (8, 0, false, None));
    assert_eq!(gate.arrived(), 4);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn it_is_counted_over_pages_up_to_a_bound() -> Outcome {
    let store = MemoryStore::new();
    let app = builder().store(store.clone()).module(CountingWithTotals);
    let app = app.start().await?;
    eventually("it is live", || app.readiness().ready).await;
    app.pause_subscription(TOTAL)?;
    eventually("it is paused", || {
        status(&app, TOTAL).state.to_string() == "paused"
    })
    .await;
    let most = MAX_COUNTED as i64;
    counted(&store, (0..most - 1).map(|_| 101)).await?;
    let lag = app.lag(TOTAL).await?;
    assert_eq!(told(lag), (0, MAX_COUNTED - 1, false, Some(0)));
    counted(&store, [99]).await?;
    // Behind the last one that counts stands one that does not concern it: there may be more.
    assert_eq!(app.lag(TOTAL).await?.events, MAX_COUNTED);
    counted(&store, [99]).await?;
    let lag = app.lag(TOTAL).await?;
    assert_eq!(told(lag), (0, MAX_COUNTED, true, Some(0)));
    app.resume_subscription(TOTAL)?;
    caught_up(&app).await;
    let head = GlobalPosition::new(2 * MAX_COUNTED + 2);
    assert_eq!(app.lag(TOTAL).await?.position, head);
    assert!(app.view::<Total>("a").await?.is_some());
    Ok(app.shutdown().await?)
}
