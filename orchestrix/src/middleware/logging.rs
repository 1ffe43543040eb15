//! One line in the log for each call.

use tokio::time::Instant;

use super::around::is_layer;
use super::call::Logged;
use super::{Call, Middleware, Next};

/// Tells the log what became of each call, and how long it took: one line, at level `INFO` for what was done or rejected
/// by the domain, at `WARN` for what failed or was given up. The names of its fields are in
/// [`telemetry`](crate::telemetry). Commands, payloads and the domain's errors are not told.
///
/// For commands and for deliveries.
///
/// ```
/// use orchestrix::middleware::Logging;
/// use orchestrix::prelude::*;
///
/// let builder = Orchestrix::builder().dispatch_layer(Logging).delivery_layer(Logging);
/// # let _ = builder;
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Logging;

is_layer!(Logging);

impl<C: Call> Middleware<C> for Logging {
    async fn handle(&self, call: C, next: Next<C>) -> Result<C::Reply, C::Error> {
        let mut watched = Watched {
            call: call.clone(),
            began: Instant::now(),
            ended: false,
        };
        let outcome = next.run(call).await;
        watched.end(match &outcome {
            Ok(_) => Logged::Done,
            Err(error) => Logged::Failed(error),
        });
        outcome
    }
}

/// A call under way; that one was dropped before its end is told too.
struct Watched<C: Call> {
    call: C,
    began: Instant,
    ended: bool,
}

impl<C: Call> Watched<C> {
    fn end(&mut self, outcome: Logged<'_, C::Error>) {
        self.ended = true;
        self.call.log(outcome, self.began.elapsed());
    }
}

impl<C: Call> Drop for Watched<C> {
    fn drop(&mut self) {
        if !self.ended {
            self.end(Logged::Abandoned);
        }
    }
}
