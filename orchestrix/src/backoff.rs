//! Waiting longer after each failure.

use std::time::Duration;

use crate::randomness::{Randomness, SystemRandomness};

/// Doubles from the first wait up to the longest, each shortened by up to half at random, so that many who failed
/// together do not come back together.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            failures: 0,
        }
    }

    /// For what is decided again after a conflict. Short, because its rivals do not wait at all.
    pub(crate) fn after_conflicts() -> Self {
        Self::new(Duration::from_millis(1), Duration::from_millis(5))
    }

    /// After a success.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// How many failures there were since the last success.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// How long to wait after one more failure.
    pub(crate) fn next(&mut self) -> Duration {
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let full = self.first.saturating_mul(1 << doublings).min(self.longest);
        full.mul_f64(1.0 - SystemRandomness.fraction() / 2.0)
    }
}
