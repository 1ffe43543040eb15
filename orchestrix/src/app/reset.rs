//! Setting a subscription back.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::{App, Core, SubscriptionHandle};
use crate::store::{CheckpointError, GlobalPosition, ReadError};
use crate::subscription::{SubscriptionState, SubscriptionStatus, UnknownSubscription};

/// A reset to be: await it, or say before where the subscription is to go on. Made by [`App::reset_subscription`].
#[must_use = "nothing is reset before it is awaited"]
pub struct Reset {
    core: Arc<Core>,
    subscription: String,
    position: GlobalPosition,
}

impl App {
    /// Sets an event handler, or a subscription of one's own, back to its beginning, or [to](Reset::to) a position. Its
    /// checkpoint and those of all of its lanes are put there and its dead letters are gone, in one transaction; other
    /// subscriptions stay as they are.
    ///
    /// **Its effects are repeated**: every event behind that position is delivered again, as if for the first time, and what
    /// the handler does with it is done again: mails are sent, commands dispatched. Where that must not be, use
    /// [`replay`](App::replay), which calls only what is safe to call again, and moves no checkpoint.
    ///
    /// It may be done at any time, whichever node serves the subscription: what that node has in hand can no longer be
    /// acknowledged, so it goes on from the new place, within half a second also where nothing is appended. One that is
    /// paused or halted does so once it is resumed. When this returns, [`subscriptions`](App::subscriptions) tells the new
    /// place, unless the subscription is held up.
    ///
    /// Without a position, a subscription begins as one that has never run: where its
    /// [delivery](crate::subscription::Delivery::start) says. One that begins at the end of the log begins where that was
    /// when the app started. One that has no checkpoint is left as it is.
    ///
    /// ```
    /// use orchestrix::prelude::*;
    /// use orchestrix::store::GlobalPosition;
    ///
    /// # async fn example(app: App) -> Result<(), Box<dyn std::error::Error>> {
    /// app.reset_subscription("mailing.welcome").to(GlobalPosition::new(5_000)).await?;
    /// # Ok(()) }
    /// ```
    pub fn reset_subscription(&self, subscription: impl Into<String>) -> Reset {
        Reset {
            core: self.core.clone(),
            subscription: subscription.into(),
            position: GlobalPosition::START,
        }
    }
}

impl Reset {
    /// Behind this position it goes on: back, or on past events that it is not to consume. Not behind the end of the log.
    pub fn to(mut self, position: GlobalPosition) -> Self {
        self.position = position;
        self
    }

    async fn run(self) -> Result<(), ResetError> {
        let core = &self.core;
        let handle = core.subscription(&self.subscription)?;
        let subscription = || self.subscription.clone();
        if handle.is_projection() {
            let subscription = subscription();
            return Err(ResetError::RebuildInstead { subscription });
        }
        if handle.tables().is_some() {
            let subscription = subscription();
            return Err(ResetError::ResetProjectionInstead { subscription });
        }
        let limit = core.config.view_timeout;
        let resetting = async {
            let head = core.ports.events.head().await?;
            if self.position > head {
                return Err(ResetError::BeyondTheEnd {
                    position: self.position,
                    head,
                });
            }
            let checkpoints = &core.ports.checkpoints;
            let resets = checkpoints.reset_checkpoints(&self.subscription, self.position);
            Ok(resets.await?)
        };
        let late = |_| {
            let subscription = subscription();
            Err(ResetError::Timeout {
                subscription,
                limit,
            })
        };
        let resets = timeout(limit, resetting).await.unwrap_or_else(late)?;
        seen(handle, resets, limit).await;
        Ok(())
    }
}

/// Waits until the subscription has seen it, unless that is held up.
async fn seen(handle: &SubscriptionHandle, resets: u64, limit: Duration) {
    handle.control.ask();
    let mut status = handle.status.clone();
    let is_seen = |status: &SubscriptionStatus| {
        let goes_on = matches!(
            status.state,
            SubscriptionState::CatchingUp
                | SubscriptionState::Live
                | SubscriptionState::Standby { .. }
        );
        status.resets >= resets || !goes_on
    };
    // It is done either way.
    let _ = timeout(limit, status.wait_for(is_seen)).await;
}

/// Does it.
///
/// # Errors
/// [`ResetError`].
///
/// # Cancellation
/// When the future is dropped, the subscription is reset as a whole or not at all.
impl IntoFuture for Reset {
    type Output = Result<(), ResetError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reset")
            .field("subscription", &self.subscription)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// Why a subscription was not reset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResetError {
    /// The app has no such subscription.
    #[error(transparent)]
    Unknown(#[from] UnknownSubscription),
    /// Its documents would be folded into a second time.
    #[error(
        "`{subscription}` is a projection: use `rebuild`, which builds its read model anew beside the one that is read"
    )]
    RebuildInstead {
        /// Which.
        subscription: String,
    },
    /// Its tables would be written a second time.
    #[error(
        "`{subscription}` is a projection with tables of its own: use `reset_projection`, which empties them, too"
    )]
    ResetProjectionInstead {
        /// Which.
        subscription: String,
    },
    /// Events to come would be left out.
    #[error("position {position} is behind the end of the log, which is {head}")]
    BeyondTheEnd {
        /// Where it was to go on.
        position: GlobalPosition,
        /// Where the log ends.
        head: GlobalPosition,
    },
    /// It took too long: whether it was done is not known, and doing it again does no harm.
    #[error("resetting subscription `{subscription}` took longer than {limit:?}")]
    Timeout {
        /// Which.
        subscription: String,
        /// The limit.
        limit: Duration,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] CheckpointError),
    /// The end of the log could not be read.
    #[error(transparent)]
    Log(#[from] ReadError),
}
