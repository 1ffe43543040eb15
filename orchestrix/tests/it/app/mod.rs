//! The running app, through its public interface.

mod account;
pub(crate) mod counter;
mod gate;
mod recorder;
pub(crate) mod stored;
mod test_store;
pub(crate) mod waiting;

mod archived;
mod broken_streams;
mod caching;
mod cancellation;
mod conflicts;
mod deliveries;
mod description;
mod dispatch;
mod freshness;
mod group_commit;
mod handlers;
mod idempotency;
mod indeterminate;
mod inline;
mod lag;
mod linked_events;
mod metadata;
mod middleware;
mod module_commands;
mod nodes;
mod own_subscriptions;
mod panics;
mod pessimistic;
mod problems;
mod projection_faults;
pub(crate) mod projections;
mod queries;
mod queues;
mod readiness;
mod rebuilds;
mod replays;
mod resets;
mod scheduling;
mod send_sync;
mod shutdown;
mod shutdown_phases;
mod telemetry;
mod tenant_scopes;
mod time_travel;
mod timeouts;
mod undeclared_keys;
mod unfit_names;
mod upcasting;
mod views;
mod wake_ups;

use orchestrix::prelude::*;
use orchestrix::store::Backend;

/// What a test gives back: the first error ends it.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// An app that knows the module's events only.
async fn start(store: impl Backend, module: impl Module) -> App {
    let builder = Orchestrix::builder().isolated().store(store).module(module);
    builder.start().await.expect("the module is in order")
}
