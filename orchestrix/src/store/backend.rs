//! What one database offers, as a set of ports.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::{CheckpointStore, EventStore, LockStore, ReadModelStore, ScheduleStore, StoreHealth};
use crate::error::BoxError;

/// The ports of one backend. Any of them can be replaced alone, in the app's builder.
#[derive(Clone)]
#[non_exhaustive]
pub struct Ports {
    /// The log.
    pub events: Arc<dyn EventStore>,
    /// Checkpoints of handlers.
    pub checkpoints: Arc<dyn CheckpointStore>,
    /// Read models with the checkpoints of their projections.
    pub read_models: Arc<dyn ReadModelStore>,
    /// Locks by name.
    pub locks: Arc<dyn LockStore>,
    /// What is to be done at a time.
    pub schedules: Arc<dyn ScheduleStore>,
}

impl Ports {
    /// All ports from one value that implements them all.
    pub fn of<S>(store: Arc<S>) -> Self
    where
        S: EventStore + CheckpointStore + ReadModelStore + LockStore + ScheduleStore,
    {
        Self {
            events: store.clone(),
            checkpoints: store.clone(),
            read_models: store.clone(),
            locks: store.clone(),
            schedules: store,
        }
    }
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

/// A database that an app runs on. `Any`, so that a [table projection](crate::projection::TableProjection) finds the store
/// that it was written for.
#[async_trait]
pub trait Backend: Any + Send + Sync {
    /// Its name for people and telemetry: `memory`, `sqlite`, `postgresql`.
    fn name(&self) -> &'static str;

    /// What it offers.
    fn ports(&self) -> Ports;

    /// Whether it answers, and whether the settings that its promises rest on are as they must be. Asks the database each
    /// time, within the limits that hold for reads.
    async fn health(&self) -> StoreHealth;

    /// Ends its tasks and connections; calling it again does nothing. Calls that come later fail, except on a store
    /// that has none of both.
    ///
    /// # Errors
    /// What the driver said.
    async fn close(&self) -> Result<(), BoxError>;
}
