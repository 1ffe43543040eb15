//! A subscription of the user's own.

use std::time::Duration;

use super::{Delivery, ErrorPolicy, RetryPolicy, StartFrom};
use crate::store::Filter;

/// A durable named reader of the log that a user gives to [`Builder::subscription`](crate::app::Builder::subscription):
/// which events, and how they are delivered.
///
/// Its name is the key of its checkpoint, and stands beside those of event handlers and projections: each has one owner. A
/// filter that changes concerns what comes behind the checkpoint.
///
/// ```
/// use std::time::Duration;
/// use orchestrix::store::Filter;
/// use orchestrix::subscription::{RetryPolicy, StartFrom, Subscription};
/// let audit = Subscription::new("audit")
///     .filter(Filter::all().categories(["account", "order"]))
///     .start(StartFrom::End)
///     .retry(RetryPolicy::fixed(3, Duration::from_millis(200))?)
///     .lanes(4);
/// assert_eq!(audit.name(), "audit");
/// # Ok::<(), orchestrix::subscription::RetryPolicyError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "it runs once it is given to the builder of an app"]
pub struct Subscription {
    name: String,
    filter: Filter,
    delivery: Delivery,
}

impl Subscription {
    /// A subscription to every event of every tenant, delivered by [`Delivery::default`]. The name has 1 to
    /// [`MAX_SUBSCRIPTION_NAME_BYTES`](super::MAX_SUBSCRIPTION_NAME_BYTES) bytes, no control character, no `#` and no `~`;
    /// another one is a [`Problem`](crate::registry::Problem) at the start.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            filter: Filter::all(),
            delivery: Delivery::default(),
        }
    }

    /// Only these events. The store looks for them: others are not even read from it.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// How events are delivered, in place of all that was said about it before. A delivery that is given to the
    /// [builder](crate::app::Builder::delivery) under its name goes before this one.
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Where it begins when it has no checkpoint yet: see [`Delivery::start`].
    pub fn start(mut self, start: StartFrom) -> Self {
        self.delivery.start = start;
        self
    }

    /// How an event that failed is delivered again: see [`Delivery::retry`].
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.delivery.retry = retry;
        self
    }

    /// What becomes of an event whose retries are used up: see [`Delivery::on_error`].
    pub fn on_error(mut self, policy: ErrorPolicy) -> Self {
        self.delivery.on_error = policy;
        self
    }

    /// How long it may take for one event: see [`Delivery::timeout`].
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.delivery.timeout = limit;
        self
    }

    /// How many events are delivered at once, in order within each stream: see [`Delivery::lanes`].
    pub fn lanes(mut self, lanes: u16) -> Self {
        self.delivery.lanes = lanes;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its parts: name, filter, delivery.
    pub(crate) fn into_parts(self) -> (String, Filter, Delivery) {
        (self.name, self.filter, self.delivery)
    }
}
