//! Where the time comes from.

use std::fmt::Debug;

use jiff::Timestamp;

/// The app's clock: what handlers see as now, and what is stored as an event's time. Never the order of events.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
