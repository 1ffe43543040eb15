//! A clock that a test moves.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::clock::{Clock, ClockSleep};

/// A clock that stands still until it is moved. Clones are one clock: a test keeps one and gives the app another. Who waits
/// for a time is woken when it is moved there, and no time passes otherwise.
///
/// ```
/// use std::time::Duration;
/// use orchestrix::clock::Clock;
/// use orchestrix::testkit::VirtualClock;
///
/// let clock = VirtualClock::new("2024-02-29T12:00:00Z".parse()?);
/// let given_to_the_app = clock.clone();
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(given_to_the_app.now().to_string(), "2024-02-29T12:01:30Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<watch::Sender<Timestamp>>);

impl VirtualClock {
    /// One that shows this time.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(watch::Sender::new(now)))
    }

    /// Moves it on; at most to the last time there is.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| {
            *now = now.checked_add(by).unwrap_or(Timestamp::MAX);
        });
    }

    /// Sets it, back too: clocks of machines do that.
    pub fn set(&self, now: Timestamp) {
        self.0.send_replace(now);
    }
}

/// At the beginning of 1970.
impl Default for VirtualClock {
    fn default() -> Self {
        Self::new(Timestamp::UNIX_EPOCH)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, time: Timestamp) -> ClockSleep<'_> {
        let mut shown = self.0.subscribe();
        Box::pin(async move {
            // Its sender lives as long as this borrow.
            let _ = shown.wait_for(|now| *now >= time).await;
        })
    }
}
