//! How far a subscription is behind.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{sleep, timeout};

use super::{App, Core, SubscriptionHandle};
use crate::store::{GlobalPosition, MAX_PAGE, ReadAll, ReadError};
use crate::subscription::{SubscriptionState, UnknownSubscription};

/// The most events that [`App::lag`] counts.
pub const MAX_COUNTED: u64 = 10_000;

/// A store that says there is more, but gives nothing yet, is asked again after this.
const STALLED: Duration = Duration::from_millis(5);

/// How far a subscription is behind the end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lag {
    /// The position up to which it has consumed what concerns it.
    pub position: GlobalPosition,
    /// Events behind it that concern the subscription: 0 when there is nothing left for it to do.
    pub events: u64,
    /// Whether there may be more events than that: counting ends at [`MAX_COUNTED`].
    pub at_least: bool,
    /// How long ago the first of these events happened, by the app's clock and its writer's, zero where the writer's is
    /// ahead. None when there is no such event.
    pub oldest: Option<Duration>,
}

/// Why the lag of a subscription is not known. It is never told as zero then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LagError {
    /// The app has no such subscription.
    #[error(transparent)]
    Unknown(#[from] UnknownSubscription),
    /// The subscription has not found the place where it goes on.
    #[error("subscription `{subscription}` has not found its place after {limit:?} ({state})")]
    NotBegun {
        /// Which.
        subscription: String,
        /// What it is doing.
        state: SubscriptionState,
        /// How long was waited.
        limit: Duration,
    },
    /// The store did not give the events in time.
    #[error("counting what subscription `{subscription}` is behind took longer than {limit:?}")]
    Timeout {
        /// Which.
        subscription: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The log could not be read.
    #[error("what subscription `{subscription}` is behind could not be read")]
    Log {
        /// Which.
        subscription: String,
        /// What the store said.
        source: ReadError,
    },
}

impl App {
    /// How far a subscription is behind the end of the log as it is now: the matching events that it has not consumed. They
    /// are read to be counted, [`MAX_COUNTED`] of them at most.
    ///
    /// A subscription without a checkpoint is behind from where it begins. One that the app has just started is waited
    /// for until it has found its place; then, and for the reading, within [`Config::view_timeout`](super::Config).
    ///
    /// ```
    /// # use orchestrix::prelude::*;
    /// # #[derive(Event, Serialize, Deserialize)] struct Counted { counter: u32 }
    /// # #[derive(Default, Serialize, Deserialize)] struct Total { events: u32 }
    /// # #[projection(key = counter)] impl Total {
    /// #     #[apply] fn counted(&mut self, _: &Counted) { self.events += 1 }
    /// # }
    /// # #[module(projections(Total))] struct Counting;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = Orchestrix::builder().isolated().store(MemoryStore::new()).module(Counting).start().await?;
    /// let lag = app.lag("total@1").await?;
    /// assert_eq!((lag.events, lag.oldest), (0, None));
    /// # Ok(app.shutdown().await?) }
    /// ```
    ///
    /// # Errors
    /// [`LagError`].
    pub async fn lag(&self, subscription: &str) -> Result<Lag, LagError> {
        let handle = self.core.subscription(subscription)?;
        let limit = self.core.config.view_timeout;
        let name = || subscription.to_owned();
        let mut status = handle.status.clone();
        let position = match timeout(limit, status.wait_for(|status| status.begun)).await {
            Ok(Ok(status)) => status.position,
            // It has ended, or the time has passed.
            _ => {
                return Err(LagError::NotBegun {
                    subscription: name(),
                    state: handle.status.borrow().state.clone(),
                    limit,
                });
            }
        };
        let counted = timeout(limit, count(&self.core, handle, position)).await;
        let (events, at_least, first) = counted
            .map_err(|_| LagError::Timeout {
                subscription: name(),
                limit,
            })?
            .map_err(|source| LagError::Log {
                subscription: name(),
                source,
            })?;
        Ok(Lag {
            position,
            events,
            at_least,
            oldest: first.map(|first| passed(first, self.core.clock.now())),
        })
    }
}

/// The matching events between a position and the head as it is now: how many, whether there may be more, and when the
/// first happened.
async fn count(
    core: &Core,
    handle: &SubscriptionHandle,
    position: GlobalPosition,
) -> Result<(u64, bool, Option<Timestamp>), ReadError> {
    let log = &core.ports.events;
    let head = log.head().await?;
    let (mut at, mut events, mut first) = (position, 0, None);
    while at < head {
        let read = ReadAll::after(at).filter(handle.filter()).limit(MAX_PAGE);
        let page = log.read_all(read).await?;
        first = first.or_else(|| page.events.first().map(|event| event.data.occurred_at));
        events += page.events.len() as u64;
        if events >= MAX_COUNTED {
            return Ok((MAX_COUNTED, page.scanned_to < head, first));
        }
        if page.at_head {
            break;
        }
        if page.scanned_to <= at {
            sleep(STALLED).await;
        }
        at = page.scanned_to;
    }
    Ok((events, false, first))
}

/// The time since then; none where then is still to come.
fn passed(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}
