//! The bank on nodes that share its subscriptions.

use std::path::PathBuf;
use std::time::Duration;

use orchestrix::app::Config;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::subscription::Delivery;
use orchestrix_postgres::{PostgresOptions, PostgresStore};

use super::noting_store::NotingBackend;
use super::{Account, Bank, HANDLER};
use crate::Notes;

/// So many lanes has the handler.
pub const LANES: u16 = 8;
/// So many events of a lane may come again after a crash.
pub const HANDLER_PAGE: usize = 40;
/// A lane is at work for a good part of the time, and keeps up all the same.
const EFFECT: Duration = Duration::from_millis(5);
/// Connections of one node: there are several.
const CONNECTIONS: u32 = 10;

/// Where the nodes write down what they do: they all write to the ends of the same files.
#[derive(Debug, Clone)]
pub struct NodeNotes {
    /// What the handler was given.
    pub effects: PathBuf,
    /// Which checkpoints were moved.
    pub moves: PathBuf,
    /// Whether the process of a node [tells](Notes::told) of what the handler was given.
    pub tells: bool,
}

/// One of the nodes on a PostgreSQL database.
///
/// # Errors
/// When a file or the store cannot be opened, or the app not be started.
pub async fn start_node(
    url: &str,
    notes: &NodeNotes,
    name: &str,
    lease: Duration,
) -> Result<App, BoxError> {
    let effects = match notes.tells {
        true => Notes::told(&notes.effects)?,
        false => Notes::silent(&notes.effects)?,
    };
    let bank = Bank::of_node(name, effects, EFFECT);
    let store = NotingBackend::over(store(url).await?, name, &notes.moves)?;
    let mut config = Config::new();
    config.lease_duration = lease;
    config.handler_page = HANDLER_PAGE;
    let mut delivery = Delivery::default();
    delivery.lanes = LANES;
    let app = Orchestrix::builder()
        .isolated()
        .config(config)
        .delivery(HANDLER, delivery)
        .store(store)
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
