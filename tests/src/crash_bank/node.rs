//! The bank on nodes that share its subscriptions.

use std::path::Path;
use std::time::Duration;

use orchestrix::app::Config;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::subscription::Delivery;
use orchestrix_postgres::{PostgresOptions, PostgresStore};

use super::{Account, Bank, HANDLER};

/// So many lanes has the handler.
pub const LANES: u16 = 8;
/// So many events of a lane may come again after a crash.
pub const HANDLER_PAGE: usize = 40;
/// A lane is at work for a good part of the time, and keeps up all the same.
const EFFECT: Duration = Duration::from_millis(5);
/// Connections of one node: there are several.
const CONNECTIONS: u32 = 10;

/// One of the nodes on a PostgreSQL database. What its handler does goes to the end of a file that all nodes share.
///
/// # Errors
/// When the file or the store cannot be opened, or the app not be started.
pub async fn start_node(
    url: &str,
    effects: &Path,
    name: &str,
    lease: Duration,
) -> Result<App, BoxError> {
    let bank = Bank::of_node(name, effects, EFFECT)?;
    let mut config = Config::new();
    config.lease_duration = lease;
    config.handler_page = HANDLER_PAGE;
    let mut delivery = Delivery::default();
    delivery.lanes = LANES;
    let app = Orchestrix::builder()
        .isolated()
        .config(config)
        .delivery(HANDLER, delivery)
        .store(store(url).await?)
        .module(bank);
    Ok(app.start().await?)
}

/// The bank without its handler and its read models: it takes commands, and no part in what the nodes share.
#[derive(Debug)]
struct Counter;

#[module(name = "counter", aggregates(Account))]
impl Counter {}

/// An app for writers alone.
///
/// # Errors
/// When the store cannot be opened, or the app not be started.
pub async fn start_counter(url: &str) -> Result<App, BoxError> {
    let app = Orchestrix::builder().isolated().store(store(url).await?);
    Ok(app.module(Counter).start().await?)
}

async fn store(url: &str) -> Result<PostgresStore, BoxError> {
    let options = PostgresOptions::new(url).with_max_connections(CONNECTIONS);
    Ok(PostgresStore::connect_with(options).await?)
}
