//! The running application: build it, dispatch to it, ask it, shut it down.

mod as_of;
mod builder;
mod built_indexes;
mod config;
mod core;
mod cursor;
mod dead_letters;
mod dispatch;
mod event_feed;
mod lag;
mod load;
mod phase;
mod query_error;
mod readiness;
mod reading;
mod rebuilds;
mod replay;
mod reset;
mod reset_projection;
mod run_until;
mod shutdown;
mod shutdown_report;
mod start_error;
mod subscriptions;
mod upkeep;
mod view;
mod view_error;
mod view_query;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::aggregate::Aggregate;
pub use crate::aggregate::{DispatchError, Receipt, ReceiptEvent};
use crate::message::Key;
use crate::projection::Projection;
use crate::registry::{Description, Registry};
use crate::saga::{Reacting, ReactingSagas, Saga, Sagas};
use crate::store::{EventStore, GlobalPosition, StoreHealth, StreamId};
use crate::subscription::{SubscriptionFailure, SubscriptionStatus, UnknownSubscription};

pub use as_of::{AsOf, OrStale};
pub use builder::{Builder, Orchestrix};
pub use config::Config;
pub(crate) use core::Core;
pub use cursor::{CursorError, ViewCursor};
pub use dead_letters::{DeadLetterError, DeadLetters, DryRun};
pub(crate) use dispatch::Carrier;
pub use dispatch::{Dispatch, Dispatchable, ToAggregate, ToModule};
pub use event_feed::EventFeed;
pub use lag::{Lag, LagError, MAX_COUNTED};
pub use load::Load;
pub use phase::Phase;
pub use query_error::QueryError;
pub use readiness::{Readiness, SubscriptionHealth};
pub use rebuilds::{RebuildError, RebuildStatus, RunningRebuild};
pub use replay::{Replay, ReplayEnd, ReplayError, ReplayFailure, ReplayReport};
pub use reset::{Reset, ResetError};
pub use reset_projection::ResetProjectionError;
pub use run_until::RunUntil;
use shutdown::Running;
pub use shutdown_report::{Forced, PhaseTook, ShutdownError, ShutdownReport};
pub use start_error::StartError;
use subscriptions::SubscriptionHandle;
pub use view::{View, Views};
pub use view_error::ViewError;
pub use view_query::{MAX_CONDITION_VALUES, MAX_CONDITIONS, ViewPage, ViewQuery};

/// A running application. Cloning it is cheap; all clones are one application, which ends by
/// [`shutdown`](App::shutdown), or when the last clone is dropped.
#[derive(Clone)]
pub struct App {
    pub(crate) core: Arc<Core>,
    running: Arc<Running>,
}

impl App {
    /// Dispatches a command to the one aggregate or module that handles it.
    ///
    /// Await it, or set more before: tenant, actor, correlation, time limit.
    ///
    /// # Errors
    /// [`DispatchError`] with the domain's own error in [`Rejected`](DispatchError::Rejected).
    ///
    /// # Cancellation
    /// When the future is dropped, the command's events are stored as a whole or not at all.
    pub fn dispatch<C: Dispatchable<Target>, Target>(&self, command: C) -> Dispatch<C, Target> {
        Dispatch::new(self.core.clone(), command)
    }

    /// The instances of a saga: to start them by hand, to look at them, to help those that nobody else can.
    pub fn sagas<S: Saga>(&self) -> Sagas<S> {
        Sagas::new(self.core.clone())
    }

    /// The instances of a saga of reactions: to look at them, and to see to those that are stuck.
    pub fn reacting<S: Reacting>(&self) -> ReactingSagas<S> {
        ReactingSagas::new(self.core.clone())
    }

    /// A document of a read model by its key.
    pub fn view<P: Projection>(&self, key: &(impl Key + ?Sized)) -> View<P> {
        View::new(self.core.clone(), key.to_key())
    }

    /// The documents of a read model, by key.
    pub fn views<P: Projection>(&self) -> Views<P> {
        Views::new(self.core.clone())
    }

    /// The documents of a read model by their places in its indexes: which of them, in what order.
    ///
    /// ```
    /// use orchestrix::prelude::*;
    ///
    /// #[derive(Event, Serialize, Deserialize)]
    /// struct Sold { customer: String, country: String, pence: i64 }
    ///
    /// #[derive(Default, Serialize, Deserialize)]
    /// struct CustomerTotals { country: String, total: i64 }
    ///
    /// #[projection(key = customer, index(country, total))]
    /// impl CustomerTotals {
    ///     #[apply]
    ///     fn sold(&mut self, event: &Sold) {
    ///         self.country = event.country.clone();
    ///         self.total += event.pence;
    ///     }
    /// }
    ///
    /// # async fn ask(app: orchestrix::app::App) -> Result<(), orchestrix::app::QueryError> {
    /// let best = || app.query::<CustomerTotals>().equals("country", "Norway").at_or_above("total", 100);
    /// let page = best().descending("total").limit(10).fetch().await?;
    /// if let Some(next) = page.next {
    ///     let more = best().descending("total").limit(10).after(next).fetch().await?;
    /// }
    /// let all = best().count().await?;
    /// # Ok(()) }
    /// ```
    pub fn query<P: Projection>(&self) -> ViewQuery<P> {
        ViewQuery::new(self.core.clone())
    }

    /// The state of an aggregate, now or at an earlier version.
    pub fn load<A: Aggregate>(&self, key: &(impl Key + ?Sized)) -> Load<A> {
        Load::new(self.core.clone(), StreamId::new(A::CATEGORY, &key.to_key()))
    }

    /// The log itself.
    pub fn store(&self) -> &dyn EventStore {
        &*self.core.ports.events
    }

    /// Whether the store answers, within the app's limit for queries, and whether the settings that its promises rest on
    /// are as they must be.
    pub async fn store_health(&self) -> StoreHealth {
        self.running
            .store_health(self.core.config.view_timeout)
            .await
    }

    /// What was registered.
    pub fn registry(&self) -> &Registry {
        &self.core.registry
    }

    /// Modules, commands, events, handlers and projections, for JSON or as a Mermaid diagram.
    pub fn describe(&self) -> Description {
        self.core.registry.describe()
    }

    /// Where each subscription is, by name.
    pub fn subscriptions(&self) -> Vec<SubscriptionStatus> {
        self.core.subscriptions()
    }

    /// The last failures of subscriptions on this node since the app started, the newest at the end; at most
    /// [`RECENT_FAILURES`](crate::subscription::RECENT_FAILURES). [`Builder::on_failure`] tells each when it happens.
    pub fn recent_failures(&self) -> Vec<SubscriptionFailure> {
        self.core.failures.recent()
    }

    /// Where one subscription is, to wait for another state or a later position. It ends with the app.
    ///
    /// ```
    /// use orchestrix::prelude::*;
    /// use orchestrix::subscription::SubscriptionState;
    /// # #[derive(Event, Serialize, Deserialize)] struct Sold {}
    /// # struct Shop;
    /// # #[module] impl Shop { #[on] async fn tell(&self, _: &Sold) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = Orchestrix::builder().isolated().store(MemoryStore::new()).module(Shop).start().await?;
    /// let mut tell = app.subscription_statuses("shop.tell")?;
    /// let live = tell.wait_for(|status| matches!(status.state, SubscriptionState::Live));
    /// assert!(live.await?.been_live);
    /// assert!(app.subscription_statuses("shop.sell").is_err());
    /// # Ok(app.shutdown().await?) }
    /// ```
    ///
    /// # Errors
    /// [`UnknownSubscription`], naming those there are.
    pub fn subscription_statuses(
        &self,
        name: &str,
    ) -> Result<tokio::sync::watch::Receiver<SubscriptionStatus>, UnknownSubscription> {
        let known = self.core.subscription(name)?;
        Ok(known.status.clone())
    }

    /// Has a subscription do nothing from now on, until it is resumed or the app starts anew. The page that it is at is
    /// finished.
    ///
    /// # Errors
    /// [`UnknownSubscription`], naming those there are.
    pub fn pause_subscription(&self, name: &str) -> Result<(), UnknownSubscription> {
        self.core.subscription(name).map(|it| it.control.pause())
    }

    /// Has a subscription go on that was paused, or that halted at an event which failed for good: the event is delivered
    /// again, and its retries begin anew. One whose [circuit](crate::subscription::CircuitBreaker) is open tries at once.
    ///
    /// # Errors
    /// [`UnknownSubscription`], naming those there are.
    pub fn resume_subscription(&self, name: &str) -> Result<(), UnknownSubscription> {
        self.core.subscription(name).map(|it| it.control.resume())
    }

    /// What a subscription could not consume, and what waits behind it.
    ///
    /// # Errors
    /// [`UnknownSubscription`], naming those there are.
    pub fn dead_letters(&self, subscription: &str) -> Result<DeadLetters, UnknownSubscription> {
        let handle = self.core.subscription(subscription)?.clone();
        Ok(DeadLetters::new(self.core.clone(), subscription, handle))
    }

    /// Waits until every subscription has consumed all events up to a position, and those that were appended by
    /// handlers on the way; at most `limit`.
    ///
    /// # Errors
    /// [`ViewError::Behind`] naming the first subscription that has not come so far, [`ViewError::Timeout`] or
    /// [`ViewError::Log`] when the store does not say where the log ends.
    pub async fn caught_up(
        &self,
        position: GlobalPosition,
        limit: Duration,
    ) -> Result<(), ViewError> {
        self.core.caught_up(position, limit).await
    }

    /// Ends the application: takes no more commands, waits for those under way, stops the subscriptions after what
    /// they are at, and closes the store. Every step has a limit, told in [`Config`]. Calling it again does nothing.
    ///
    /// # Errors
    /// [`ShutdownError`] naming what did not end in time; everything is ended all the same.
    ///
    /// # Cancellation
    /// From its beginning on the application takes no more commands; a shutdown whose future was dropped is completed by
    /// calling it again.
    pub async fn shutdown(&self) -> Result<(), ShutdownError> {
        match self.running.shutdown(&self.core).await {
            (report, true) => report.into_result(),
            (_, false) => Ok(()),
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("subscriptions", &self.subscriptions())
            .finish_non_exhaustive()
    }
}
