//! Commands at a time, durably.
//!
//! What is scheduled is kept by the store until it is due; then one of the apps that share the store dispatches it, also
//! when all of them were down meanwhile. It is dispatched with the idempotency key `schedule/` and its id, so that it is
//! done once wherever a process dies: between the dispatch and the word that it is done, for instance. For commands on
//! aggregates that is exactly once; a module's command may run again, and then repeats nothing that it
//! [dispatches](crate::module::ModuleContext::dispatch).
//!
//! ```
//! use std::time::Duration;
//! use orchestrix::prelude::*;
//! use orchestrix::store::ScheduleId;
//! # #[derive(Event, Serialize, Deserialize)] struct Reminded {}
//! # #[derive(Default)] struct Invoice;
//! # #[aggregate] impl Invoice {
//! #     #[handle] fn remind(&self, _: Remind) -> Reminded { Reminded {} }
//! #     #[apply] fn reminded(&mut self, _: &Reminded) {}
//! # }
//! # #[module(aggregates(Invoice))] struct Billing;
//!
//! // A command that is kept has to be readable: `Serialize` and `Deserialize`.
//! #[derive(Command, Serialize, Deserialize)]
//! struct Remind { #[id] invoice: u32 }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let app = Orchestrix::builder().isolated().store(MemoryStore::new()).module(Billing).start().await?;
//! let id = ScheduleId::new("invoice-4711/reminder")?;
//! let in_a_month = Duration::from_secs(30 * 24 * 60 * 60);
//! app.schedule(Remind { invoice: 4711 }, in_a_month).id(id.clone()).await?;
//! assert_eq!(app.scheduled().await?[0].id, id);
//! // It was paid.
//! assert!(app.cancel_scheduled(&id).await?);
//! # Ok(app.shutdown().await?) }
//! ```
//!
//! - Commands that the domain refuses then are ended by that; it is logged, and counted in the
//!   [status](crate::app::App::schedule_status).
//! - Everything else that goes wrong is tried again, first after a second, then after twice as long each time, up to ten
//!   minutes, for ever; others do not wait for it. It shows in the status and in the [list](crate::app::App::scheduled): also a
//!   command that no module of the app handles any more, or whose content does not decode. Such a one can be cancelled.
//! - They are begun in the order of their times, by the app's clock, up to sixteen at once.
//! - What an app has begun it claims anew for as long as it is at it. Another one begins it once that was not done for
//!   [`lease_duration`](crate::app::Config::lease_duration), since the first has died; so the clocks of the machines should
//!   differ by less than that.
//! - An id that was fired stays fired for thirty days: who schedules it again, after a crash, gets
//!   [`Fired`](crate::store::ScheduleOutcome::Fired). After that the idempotency key keeps events from being stored twice.

mod commands;
mod error;
mod fire;
mod firing;
mod request;
mod runner;
mod status;
mod stored_command;
mod waiting;

use crate::app::{App, Dispatchable};
use crate::store::ScheduleId;

pub use error::{FiringError, ScheduleError};
pub(crate) use firing::{Firing, Handler};
pub use request::{Due, MAX_SCHEDULED_BYTES, Schedule, ScheduleReceipt};
pub(crate) use runner::Runner;
pub use status::{FiringFailure, ScheduleStatus};
pub use stored_command::StoredCommand;
pub use waiting::{CancelScheduled, ListScheduled};

/// The kind of commands among what is scheduled.
pub(crate) const COMMAND: &str = "command";

impl App {
    /// Has a command dispatched at a time, or after a while, by the app's clock: see [`schedule`](crate::schedule).
    ///
    /// Await it, or set more before: id, tenant, actor, correlation.
    ///
    /// # Errors
    /// [`ScheduleError`].
    pub fn schedule<C: Dispatchable<Target>, Target>(
        &self,
        command: C,
        due: impl Into<Due>,
    ) -> Schedule<C, Target> {
        Schedule::new(self.core.clone(), command, due.into())
    }

    /// Takes back what waits under an id, and says whether there was something. What is being dispatched just now may still
    /// be done.
    pub fn cancel_scheduled(&self, id: &ScheduleId) -> CancelScheduled {
        CancelScheduled::new(self.core.clone(), id.clone())
    }

    /// What waits, by id: of one tenant, a page at a time.
    pub fn scheduled(&self) -> ListScheduled {
        ListScheduled::new(self.core.clone())
    }

    /// What this app has done of what was scheduled since it started.
    pub fn schedule_status(&self) -> ScheduleStatus {
        self.core.firing.status.borrow().clone()
    }

    /// The [status](Self::schedule_status), to wait for another one.
    pub fn schedule_statuses(&self) -> tokio::sync::watch::Receiver<ScheduleStatus> {
        self.core.firing.status.subscribe()
    }
}
