//! Where a subscription is, for those who wait for it and those who watch it.

use std::fmt;
use std::mem::discriminant;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::ConsumeError;
use crate::error::chain;
use crate::store::GlobalPosition;

/// A subscription of an app: which, where, and what it is doing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubscriptionStatus {
    /// Its name.
    pub name: String,
    /// Every matching event up to here has been consumed.
    pub position: GlobalPosition,
    /// What it is doing.
    pub state: SubscriptionState,
    /// How often it has failed since the app started, for whatever reason.
    pub failures: u64,
    /// How many events it has gone past since the app started, because they failed.
    pub skipped: u64,
    /// How many dead letters it has, those that only wait behind others included.
    pub dead_letters: u64,
    /// Whether it has found the place where it goes on; before, its position is not known.
    pub begun: bool,
    /// Whether it has been at the head since the app started, wherever it is now.
    pub been_live: bool,
}

/// What a subscription is doing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SubscriptionState {
    /// Not yet at the head.
    CatchingUp,
    /// At the head: waiting for more.
    Live,
    /// It failed, and tries again.
    Retrying {
        /// Failures since the last success; at least 1.
        failures: u32,
        /// The last one.
        error: Arc<ConsumeError>,
    },
    /// Deliveries failed one after the other: nothing is delivered for a while.
    CircuitOpen {
        /// For how long, as of when it began.
        remaining: Duration,
    },
    /// An event failed for good: it waits to be [resumed](crate::app::App::resume_subscription).
    Halted {
        /// How the event failed.
        error: Arc<ConsumeError>,
    },
    /// It was told to do nothing.
    Paused,
    /// It has ended, with the app.
    Stopped,
}

/// In words; a failure with all of its causes.
impl fmt::Display for SubscriptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CatchingUp => f.write_str("catching up"),
            Self::Live => f.write_str("live"),
            Self::Retrying { failures, error } => {
                write!(
                    f,
                    "trying again after {failures} failure(s): {}",
                    chain(&**error)
                )
            }
            Self::CircuitOpen { remaining } => {
                write!(
                    f,
                    "delivering nothing for {remaining:?} after failures in a row"
                )
            }
            Self::Halted { error } => write!(f, "halted: {}", chain(&**error)),
            Self::Paused => f.write_str("paused"),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}

/// The engine's end.
#[derive(Debug)]
pub(crate) struct StatusSender(watch::Sender<SubscriptionStatus>);

impl StatusSender {
    /// For the subscription of this name.
    pub(crate) fn new(name: String) -> (Self, watch::Receiver<SubscriptionStatus>) {
        let (sender, receiver) = watch::channel(SubscriptionStatus {
            name,
            position: GlobalPosition::START,
            state: SubscriptionState::CatchingUp,
            failures: 0,
            skipped: 0,
            dead_letters: 0,
            begun: false,
            been_live: false,
        });
        (Self(sender), receiver)
    }

    /// What was consumed once stays consumed, also where the reader looks for its place again.
    pub(crate) fn set(&self, position: GlobalPosition, state: SubscriptionState) {
        self.0.send_if_modified(|status| {
            let position = status.position.max(position);
            let changed =
                position != status.position || discriminant(&status.state) != discriminant(&state);
            status.position = position;
            status.been_live |= matches!(state, SubscriptionState::Live);
            status.state = state;
            changed
        });
    }

    /// It goes on behind this position.
    pub(crate) fn begin(&self, position: GlobalPosition) {
        self.0.send_if_modified(|status| {
            let first = !status.begun;
            status.begun = true;
            first
        });
        self.set(position, SubscriptionState::CatchingUp);
    }

    /// It failed, and does this about it.
    pub(crate) fn failed(&self, state: SubscriptionState) {
        self.0.send_modify(|status| {
            status.failures += 1;
            status.state = state;
        });
    }

    /// It failed, and goes past the event.
    pub(crate) fn skipped(&self) {
        self.0.send_modify(|status| {
            status.failures += 1;
            status.skipped += 1;
        });
    }

    /// A dead letter that was tried again failed again.
    pub(crate) fn failed_again(&self) {
        self.0.send_modify(|status| status.failures += 1);
    }

    /// It has so many dead letters.
    pub(crate) fn dead_letters(&self, count: u64) {
        self.0.send_if_modified(|status| {
            let changed = status.dead_letters != count;
            status.dead_letters = count;
            changed
        });
    }

    /// Everything up to here is consumed or gone past, whatever it is doing now.
    pub(crate) fn reached(&self, position: GlobalPosition) {
        self.0.send_if_modified(|status| {
            let further = position > status.position;
            status.position = status.position.max(position);
            further
        });
    }

    pub(crate) fn set_state(&self, state: SubscriptionState) {
        self.set(GlobalPosition::START, state);
    }
}
