//! No longer than this.

use std::time::Duration;

use super::around::is_layer;
use super::{Call, Middleware, Next};

/// Gives up what takes longer than the limit, all that is further in included. A command fails with
/// [`DispatchError::Timeout`](crate::app::DispatchError::Timeout), a delivery with
/// [`DeliveryTimeout`](crate::subscription::DeliveryTimeout). Within a [`Retry`](super::Retry) it limits each attempt,
/// around one it limits all of them.
///
/// The limits of the dispatch and of the subscription hold all the same, around all layers.
///
/// ```
/// use std::time::Duration;
/// use orchestrix::middleware::TimeLimit;
/// use orchestrix::prelude::*;
///
/// let builder = Orchestrix::builder().delivery_layer(TimeLimit::new(Duration::from_secs(2)));
/// # let _ = builder;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TimeLimit {
    limit: Duration,
}

is_layer!(TimeLimit);

impl TimeLimit {
    /// At most so long.
    pub fn new(limit: Duration) -> Self {
        Self { limit }
    }
}

impl<C: Call> Middleware<C> for TimeLimit {
    async fn handle(&self, call: C, next: Next<C>) -> Result<C::Reply, C::Error> {
        let run = next.run(call.clone().within(self.limit));
        match tokio::time::timeout(self.limit, run).await {
            Ok(outcome) => outcome,
            Err(_) => Err(call.late(self.limit)),
        }
    }
}
