//! The failures of all subscriptions of an app: the last ones are kept, and each is told to whoever wants to know.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::{ConsumeError, FailureKind, panic};
use crate::store::GlobalPosition;

/// How many failures [`App::recent_failures`](crate::app::App::recent_failures) remembers at most.
pub const RECENT_FAILURES: usize = 100;

/// A failure of a subscription of an app, on the node where it happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubscriptionFailure {
    /// Of which subscription; of a read model that is built anew, with the number of the build.
    pub subscription: String,
    /// When, by the app's clock.
    pub at: Timestamp,
    /// What is at fault: the event, the code or the store.
    pub kind: FailureKind,
    /// Of which event, where it is of one.
    pub position: Option<GlobalPosition>,
    /// What is done about it: how much of somebody's attention it needs.
    pub reaction: FailureReaction,
    /// The failure, with its causes.
    pub error: Arc<ConsumeError>,
}

/// What a subscription does about a failure, as its [`Delivery`](super::Delivery) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureReaction {
    /// The same again, after a while.
    Retry {
        /// How often it has failed in a row.
        failures: u32,
        /// How long it waits.
        wait: Duration,
    },
    /// It goes past the event.
    Skip,
    /// It keeps the event as a dead letter, or one that was tried again stays one.
    DeadLetter,
    /// It halts until it is resumed.
    Halt,
}

/// In words.
impl fmt::Display for FailureReaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Retry { .. } => "tries again",
            Self::Skip => "goes past the event",
            Self::DeadLetter => "keeps the event as a dead letter",
            Self::Halt => "halts until it is resumed",
        })
    }
}

/// Somebody who is told.
pub(crate) type FailureObserver = Box<dyn Fn(&SubscriptionFailure) + Send + Sync>;

/// What happened last, and who is told.
pub(crate) struct Failures {
    observers: Vec<FailureObserver>,
    recent: Mutex<VecDeque<SubscriptionFailure>>,
}

impl Failures {
    pub(crate) fn told_to(observers: Vec<FailureObserver>) -> Self {
        Self {
            observers,
            recent: Mutex::default(),
        }
    }

    pub(crate) fn happened(&self, failure: SubscriptionFailure) {
        for observer in &self.observers {
            // Whoever panics on being told changes nothing about what is done, and keeps nobody else from being told.
            if panic::catch(|| observer(&failure)).is_err() {
                tracing::warn!("what is told of failures panicked");
            }
        }
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == RECENT_FAILURES {
            recent.pop_front();
        }
        recent.push_back(failure);
    }

    /// The last ones, the newest at the end.
    pub(crate) fn recent(&self) -> Vec<SubscriptionFailure> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.iter().cloned().collect()
    }
}
