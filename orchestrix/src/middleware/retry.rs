//! Trying again.

use super::around::is_layer;
use super::{CommandCall, CommandError, CommandReply, Middleware, Next};
use crate::subscription::RetryPolicy;
use crate::telemetry;

/// Runs a command again that failed for what may pass: a store that was away, a stream that was busy. It waits between
/// as its policy says, with the app's randomness; for a [`RateLimit`](super::RateLimit) further in at least until a
/// call may come again.
///
/// - Only [transient](crate::app::DispatchError::is_transient) errors are tried again, never what the domain rejected.
/// - Where it is not known whether events were stored, the command is not run again, for it could be done twice.
///   [`even_if_unknown`](Retry::even_if_unknown) is for commands that may be.
/// - It gives up, with the last error, rather than wait beyond the command's time limit.
///
/// For commands only: how deliveries are tried again says their [`Delivery`](crate::subscription::Delivery).
///
/// ```
/// use std::time::Duration;
/// use orchestrix::middleware::Retry;
/// use orchestrix::prelude::*;
/// use orchestrix::subscription::RetryPolicy;
///
/// let policy = RetryPolicy::exponential(3, Duration::from_millis(50), Duration::from_secs(1))?.with_jitter(0.5)?;
/// # let _ =
/// Orchestrix::builder().dispatch_layer(Retry::new(policy));
/// # Ok::<(), orchestrix::subscription::RetryPolicyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Retry {
    policy: RetryPolicy,
    even_if_unknown: bool,
}

is_layer!(Retry);

impl Retry {
    /// As this policy says.
    pub fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            even_if_unknown: false,
        }
    }

    /// Also where it is [not known](crate::app::DispatchError::is_unknown) whether events were stored: for commands that
    /// do no harm when they are done twice, as those with an [idempotency key](super::Idempotency).
    #[must_use]
    pub fn even_if_unknown(mut self) -> Self {
        self.even_if_unknown = true;
        self
    }

    fn is_tried_again(&self, error: &CommandError) -> bool {
        error.is_transient() && (self.even_if_unknown || !error.is_unknown())
    }
}

impl Middleware<CommandCall> for Retry {
    async fn handle(
        &self,
        call: CommandCall,
        next: Next<CommandCall>,
    ) -> Result<CommandReply, CommandError> {
        let mut failures = 0_u32;
        loop {
            let error = match next.run(call.clone()).await {
                Err(error) if self.is_tried_again(&error) => error,
                outcome => return outcome,
            };
            failures = failures.saturating_add(1);
            let Some(wait) = self.policy.wait(failures, call.randomness()) else {
                return Err(error);
            };
            let wait = wait.max(error.retry_after().unwrap_or_default());
            if wait >= call.time_left() {
                return Err(error);
            }
            tracing::debug!(
                { telemetry::COMMAND } = call.name(),
                { telemetry::FAILURES } = failures,
                "a command is tried again"
            );
            tokio::time::sleep(wait).await;
        }
    }
}
