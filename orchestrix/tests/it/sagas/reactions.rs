//! Sagas of reactions, run by an app on a virtual clock.

pub(super) mod deadline;
mod ends;
mod errors;
pub(super) mod orders;
mod rejections;
mod restarts;
mod timers;

use std::sync::Arc;
use std::time::Duration;

use orchestrix::app::App;
use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaHistory};
use orchestrix::store::Backend;
use orchestrix::testkit::VirtualClock;

use deadline::Deadline;
use orders::{Order, Place};

struct Shop;

impl Module for Shop {
    fn name(&self) -> &'static str {
        "shop"
    }

    fn register(self: Arc<Self>, parts: &mut Parts) {
        parts.aggregate::<Order>();
        parts.reacting::<Deadline>();
    }
}

pub(super) const HOUR: Duration = Duration::from_secs(3600);

pub(super) async fn app(store: impl Backend, clock: &VirtualClock) -> App {
    let builder = Orchestrix::builder().isolated().store(store);
    let builder = builder.clock(clock.clone()).module(Shop);
    builder.start().await.expect("starts")
}

pub(super) async fn place(app: &App, order: &str) {
    let place = Place {
        order: order.to_owned(),
    };
    app.dispatch(place).await.expect("is placed");
}

async fn history(app: &App, order: &str) -> SagaHistory {
    let history = app.reacting::<Deadline>().history(order).await;
    history.expect("can be read").expect("was started")
}

/// How often a command was asked for, in all reactions of an instance.
async fn asked(app: &App, order: &str, command: &str) -> usize {
    let entries = history(app, order).await.entries;
    let commands = entries.iter().filter_map(|entry| match &entry.what {
        SagaChange::Reacted { commands, .. } => Some(commands),
        _ => None,
    });
    let commands = commands.flatten();
    commands.filter(|asked| *asked == command).count()
}

async fn order(app: &App, order: &str) -> Order {
    let loaded = app.load::<Order>(order).await.expect("can be read");
    loaded.state.expect("was placed")
}
