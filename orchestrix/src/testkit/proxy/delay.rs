//! How much later bytes arrive.

use std::time::Duration;

use crate::testkit::faults::Seeded;

/// A time, and by how much it may be missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Delay {
    pub(super) by: Duration,
    /// At most `by`.
    pub(super) jitter: Duration,
}

impl Delay {
    /// Anything between the shortest and the longest, all equally likely.
    pub(super) fn draw(self, seeded: &mut Seeded) -> Duration {
        if self.jitter.is_zero() {
            return self.by;
        }
        let shortest = self.by.saturating_sub(self.jitter);
        let part = (seeded.next() % 1_001) as f64 / 1_000.0;
        shortest.saturating_add((2 * self.jitter).mul_f64(part))
    }
}
