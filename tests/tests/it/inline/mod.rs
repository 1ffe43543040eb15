//! Inline projections on every store: documents that are there once the command is.

mod at_once;
mod before;
mod counter;
mod storm;
mod trouble;

use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::subscription::SubscriptionState;
use tokio::time::{Instant, sleep};

use crate::dcb::stores::{Opened, Stores};
use crate::torture::work::PATIENCE;

/// A node that writes documents with its events.
async fn node(stores: &Stores, at: usize) -> Result<App, BoxError> {
    let app = Orchestrix::builder()
        .isolated()
        .store(Opened(stores[at].clone()))
        .module(counter::Counting);
    Ok(app.start().await?)
}

/// From now on the subscription writes no documents, until it is resumed.
async fn paused(app: &App) -> Result<(), BoxError> {
    app.pause_subscription(counter::TALLY)?;
    let began = Instant::now();
    loop {
        let all = app.subscriptions();
        let tally = all.iter().find(|one| one.name == counter::TALLY);
        if tally.is_some_and(|one| matches!(one.state, SubscriptionState::Paused)) {
            return Ok(());
        }
        assert!(began.elapsed() < PATIENCE, "it goes on: {tally:?}");
        sleep(Duration::from_millis(1)).await;
    }
}
