//! How events are delivered to a subscription.

use std::time::Duration;

use super::{CircuitBreaker, ErrorPolicy, RetryPolicy};
use crate::store::GlobalPosition;
#[cfg(doc)]
use crate::store::MAX_LANES;

/// How events are delivered to one subscription, and what becomes of those that fail.
///
/// It is about events. When the store cannot be reached or the checkpoint not be kept, a subscription tries again for
/// ever, with waits that grow to 5 s, and no event is counted as failed.
///
/// ```
/// use std::time::Duration;
/// use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, StartFrom};
/// let mut delivery = Delivery::default();
/// delivery.start = StartFrom::End;
/// delivery.retry = RetryPolicy::fixed(3, Duration::from_millis(200))?;
/// delivery.on_error = ErrorPolicy::Skip;
/// # Ok::<(), orchestrix::subscription::RetryPolicyError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Delivery {
    /// Where it begins when it has no checkpoint yet. [`StartFrom::Beginning`].
    pub start: StartFrom,
    /// How often, and after which waits, an event that failed is delivered again. For ever, with waits from 50 ms
    /// doubling to 5 s, each shortened by up to half at random.
    pub retry: RetryPolicy,
    /// What becomes of an event when its retries are used up. [`ErrorPolicy::Stop`].
    pub on_error: ErrorPolicy,
    /// How long an event handler may take for one event, or a projection that writes
    /// [tables of its own](crate::projection::TableProjection); longer is a failure. 30 s. Projections of documents fold
    /// without waiting, and have no limit.
    pub timeout: Duration,
    /// How many dead letters there may be under [`ErrorPolicy::DeadLetter`], those that only wait included: one more, and
    /// the subscription halts. Each lane by itself. 10,000.
    pub most_dead_letters: u64,
    /// How many lanes an event handler has, 1 to [`MAX_LANES`]: that many events are handled at once, in order within each
    /// stream, and lanes are shared among nodes. 1. It may be changed: the lanes go on where those before came to, once no
    /// node runs with these. A projection folds events of many streams into one document, and has no lanes.
    pub lanes: u16,
    /// Keeps a subscription whose deliveries fail one after the other from trying on, for a while. Failures of the store do
    /// not count. None.
    pub breaker: Option<CircuitBreaker>,
    /// Keeps a subscription from asking a store that has failed time after time, for a while. Failed deliveries do not count.
    /// None: it is asked again after waits that grow from 50 ms to 5 s.
    pub store_breaker: Option<CircuitBreaker>,
}

/// Where a subscription begins that has no checkpoint yet. Where it has one, it goes on from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StartFrom {
    /// With the first event of the log.
    #[default]
    Beginning,
    /// With what is appended once the app has started: the end of the log is looked for in
    /// [`start`](crate::app::Builder::start), and kept as its checkpoint. An empty log has no end to keep: there a restart
    /// before the first checkpoint looks for it anew.
    End,
    /// Behind this position.
    After(GlobalPosition),
}

impl Default for Delivery {
    fn default() -> Self {
        let retry = RetryPolicy::exponential(1, Duration::from_millis(50), Duration::from_secs(5))
            .and_then(|policy| policy.with_jitter(0.5))
            .and_then(RetryPolicy::for_ever);
        Self {
            start: StartFrom::default(),
            // These waits are in order: a test makes them.
            retry: retry.unwrap_or_else(|_| RetryPolicy::none()),
            on_error: ErrorPolicy::Stop,
            timeout: Duration::from_secs(30),
            most_dead_letters: 10_000,
            lanes: 1,
            breaker: None,
            store_breaker: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::SeededRandomness;

    #[test]
    fn by_default_it_never_gives_up() {
        let retry = Delivery::default().retry;
        assert_eq!(retry.retries(), None);
        let random = SeededRandomness::new(7);
        for (failures, longest) in [(1, 50), (2, 100), (1_000_000, 5_000)] {
            let wait = retry.wait(failures, &random).expect("it never gives up");
            let longest = Duration::from_millis(longest);
            assert!(
                longest / 2 <= wait && wait <= longest,
                "{failures}: {wait:?}"
            );
        }
    }
}
