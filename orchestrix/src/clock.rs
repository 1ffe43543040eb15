//! Where the time comes from.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;

/// A wait on a clock ends within this after its time, whatever becomes of the clock meanwhile.
const LOOK: Duration = Duration::from_secs(1);
/// No look at a clock follows another sooner.
const SOONEST: Duration = Duration::from_millis(1);

/// A wait for a clock to come to a time.
pub type ClockSleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The app's clock: what handlers see as now, and what is stored as an event's time. Never the order of events.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Waits until it shows this time, or a later one. Without an impl of its own, it sleeps by the machine's clock, and looks
    /// at this one at least once a second: that is right for clocks that run about as fast, also when they are set.
    fn sleep_until(&self, time: Timestamp) -> ClockSleep<'_> {
        Box::pin(async move {
            loop {
                let left = time.duration_since(self.now());
                let Ok(left) = Duration::try_from(left) else {
                    // It is past.
                    return;
                };
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.clamp(SOONEST, LOOK)).await;
            }
        })
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
