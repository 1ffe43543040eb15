//! How far a subscription is, for those who wait for it and those who watch it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::store::GlobalPosition;

/// What a subscription is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubscriptionState {
    /// Not yet at the head.
    CatchingUp,
    /// At the head: waiting for more.
    Live,
    /// It failed, and tries again.
    Retrying {
        /// Failures since the last success.
        failures: u32,
        /// The last one, with its causes.
        error: Arc<str>,
    },
    /// It has ended, with the app.
    Stopped,
}

/// Where a subscription is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Every matching event up to here has been consumed.
    pub position: GlobalPosition,
    /// What it is doing.
    pub state: SubscriptionState,
}

/// A subscription of an app, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionStatus {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub progress: Progress,
}

/// The engine's end.
#[derive(Debug)]
pub(crate) struct ProgressSender(watch::Sender<Progress>);

impl ProgressSender {
    pub(crate) fn new() -> (Self, watch::Receiver<Progress>) {
        let (sender, receiver) = watch::channel(Progress {
            position: GlobalPosition::START,
            state: SubscriptionState::CatchingUp,
        });
        (Self(sender), receiver)
    }

    /// What was consumed once stays consumed, also where the reader looks for its place again.
    pub(crate) fn set(&self, position: GlobalPosition, state: SubscriptionState) {
        self.0.send_if_modified(|progress| {
            let next = Progress {
                position: progress.position.max(position),
                state,
            };
            let changed = *progress != next;
            *progress = next;
            changed
        });
    }

    pub(crate) fn set_state(&self, state: SubscriptionState) {
        self.set(GlobalPosition::START, state);
    }
}
