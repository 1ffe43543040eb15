//! Sagas of steps, run by an app.

mod asking;
mod changed;
mod errors;
mod lock;
mod metrics;
mod outcomes;
mod problems;
mod reactions;
mod records;
mod restarts;
mod scenarios;
mod trip;

use std::sync::Arc;
use std::time::Duration;

use orchestrix::app::App;
use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;
use orchestrix::saga::{SagaHistory, SagaStatus};
use orchestrix::store::GlobalPosition;

use crate::app::counter::Counter;
use trip::{Book, Desk, Trip};

pub(super) const PATIENCE: Duration = Duration::from_secs(60);

struct Travel;

impl Module for Travel {
    fn name(&self) -> &'static str {
        "travel"
    }

    fn register(self: Arc<Self>, parts: &mut Parts) {
        parts.aggregate::<Counter>();
        parts.aggregate::<Desk>();
        parts.saga::<Trip>();
    }
}

pub(super) async fn app(store: MemoryStore) -> App {
    let builder = Orchestrix::builder().isolated().store(store);
    builder.module(Travel).start().await.expect("starts")
}

pub(super) async fn book(app: &App, trip: &str) {
    let book = Book {
        trip: trip.to_owned(),
        seats: 1,
    };
    app.dispatch(book).await.expect("is booked");
}

/// Waits until the app has nothing more to do.
pub(super) async fn idle(app: &App) {
    app.caught_up(GlobalPosition::new(1), PATIENCE)
        .await
        .expect("comes to an end");
}

pub(super) async fn history(app: &App, trip: &str) -> SagaHistory {
    let history = app.sagas::<Trip>().history(trip).await;
    history.expect("can be read").expect("was started")
}

pub(super) async fn status(app: &App, trip: &str) -> SagaStatus {
    history(app, trip).await.status
}

/// How often a part has had its effect.
pub(super) async fn effects(app: &App, trip: &str, part: &str) -> u32 {
    let counter = app.load::<Counter>(&format!("{trip}.{part}")).await;
    counter
        .expect("can be read")
        .state
        .map_or(0, |counter| counter.total)
}
