//! Calling a handler again with what is in the log.

mod error;
mod plan;
mod reading;
mod report;

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;

use super::App;
use crate::store::{Filter, GlobalPosition, StreamId, TenantId};

pub use error::ReplayError;
use plan::{Plan, Told};
pub use report::{ReplayEnd, ReplayFailure, ReplayReport};

/// As many failures as a replay keeps unless told otherwise.
const FAILURES: usize = 1_000;

/// A replay to be: narrow it, then await it. Made by [`App::replay`].
#[must_use = "a replay begins when it is awaited"]
pub struct Replay {
    plan: Plan,
    on_failure: Option<Told>,
}

impl App {
    /// Calls an event handler, or a subscription of one's own, with events that the log holds already: those that it wants,
    /// and that the replay is narrowed to. Its checkpoint does not move and its dead letters stay; while it is replayed it
    /// consumes what comes, as always.
    ///
    /// Only what says so is called: a method with `#[on(replay)]`, a closure that takes a
    /// [`ReplayContext`](crate::module::ReplayContext). The events come one at a time in the order of the log, up to where
    /// it ends when the replay begins, each within the [time limit](crate::subscription::Delivery::timeout) of the
    /// subscription. A failure is told in the report, and the next event follows: nothing is retried. No
    /// [delivery layers](super::Builder::delivery_layer) are around the calls.
    ///
    /// ```
    /// use orchestrix::prelude::*;
    ///
    /// # async fn example(app: App) -> Result<(), Box<dyn std::error::Error>> {
    /// let report = app
    ///     .replay("search.index")
    ///     .event_types(["Sold"])
    ///     .max_events(10_000)
    ///     .on_failure(|failure| eprintln!("{failure}"))
    ///     .await?;
    /// println!("{} delivered, {} failed", report.delivered, report.failures.len());
    /// if let (false, Some(last)) = (report.is_complete(), report.last_position) {
    ///     app.replay("search.index").after(last).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn replay(&self, subscription: impl Into<String>) -> Replay {
        Replay {
            plan: Plan {
                core: self.core.clone(),
                subscription: subscription.into(),
                narrowed: Filter::all(),
                stream: None,
                after: GlobalPosition::START,
                to: None,
                max_events: None,
                max_failures: FAILURES,
                strict: false,
            },
            on_failure: None,
        }
    }
}

impl Replay {
    /// Only the events of this stream, also where it is archived.
    pub fn stream(mut self, stream: StreamId) -> Self {
        self.plan.stream = Some(stream);
        self
    }

    /// Only events of these types, by their stored names. One that the subscription does not want is refused.
    pub fn event_types<T: Into<Arc<str>>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.plan.narrowed = self.plan.narrowed.event_types(names);
        self
    }

    /// Only this tenant's events.
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.plan.narrowed = self.plan.narrowed.tenant(tenant);
        self
    }

    /// Only what happened at this time or later, by the writers' clocks.
    pub fn since(mut self, time: Timestamp) -> Self {
        self.plan.narrowed = self.plan.narrowed.since(time);
        self
    }

    /// Only what happened before this time, by the writers' clocks.
    pub fn until(mut self, time: Timestamp) -> Self {
        self.plan.narrowed = self.plan.narrowed.until(time);
        self
    }

    /// Only events at this position and behind it.
    pub fn from(self, position: GlobalPosition) -> Self {
        self.after(GlobalPosition::new(position.get().saturating_sub(1)))
    }

    /// Only events behind this position: to go on after the [last](ReplayReport::last_position) of another replay.
    pub fn after(mut self, position: GlobalPosition) -> Self {
        self.plan.after = position;
        self
    }

    /// Only events up to this position, itself included.
    pub fn to(mut self, position: GlobalPosition) -> Self {
        self.plan.to = Some(position);
        self
    }

    /// Ends it once so many events have been delivered, failed ones included. All of them.
    pub fn max_events(mut self, events: u64) -> Self {
        self.plan.max_events = Some(events);
        self
    }

    /// Ends it once so many events have failed, at least 1. After 1,000: all of them are in the report.
    pub fn max_failures(mut self, failures: usize) -> Self {
        self.plan.max_failures = failures.max(1);
        self
    }

    /// Ends it with the first event that fails, as [`ReplayError::Failed`].
    pub fn strict(mut self) -> Self {
        self.plan.strict = true;
        self
    }

    /// Has this called with each failure when it happens.
    pub fn on_failure(mut self, told: impl FnMut(&ReplayFailure) + Send + 'static) -> Self {
        self.on_failure = Some(Box::new(told));
        self
    }
}

/// Begins it.
///
/// # Errors
/// [`ReplayError`]. A replay that could not be completed says how far it came.
///
/// # Cancellation
/// When the future is dropped, the event that is being handled may be handled half-way, and no other follows.
impl IntoFuture for Replay {
    type Output = Result<ReplayReport, ReplayError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.plan.run(self.on_failure))
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("subscription", &self.plan.subscription)
            .field("narrowed", &self.plan.narrowed)
            .field("stream", &self.plan.stream)
            .finish_non_exhaustive()
    }
}
