//! Whether an application can serve: for the probes of whoever runs it.

use std::fmt;
use std::sync::atomic::Ordering;

use super::App;
use crate::subscription::{SubscriptionState, SubscriptionStatus};

/// Whether an application can serve, and what keeps it from that.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Readiness {
    /// Whether every subscription has been at the head once since the start, and no shutdown has begun. It stays so when
    /// subscriptions fail later: that is in `health`.
    pub ready: bool,
    /// Whether a shutdown has begun.
    pub shutting_down: bool,
    /// The subscriptions that have not been at the head since the start, by name, with what they are doing.
    pub waiting: Vec<SubscriptionStatus>,
    /// How the subscriptions are now.
    pub health: SubscriptionHealth,
}

/// How the subscriptions of an app are.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SubscriptionHealth {
    /// None of them fails.
    Healthy,
    /// Some fail: they try again, are halted, or have an open circuit. The others go on beside them.
    Degraded {
        /// Which, by name, with what they are doing.
        failing: Vec<SubscriptionStatus>,
    },
}

impl App {
    /// Whether the app can serve: what a readiness probe asks. It looks, and waits for nothing.
    ///
    /// ```
    /// # use orchestrix::prelude::*;
    /// # #[derive(Event, Serialize, Deserialize)] struct Counted { by: u32 }
    /// # #[derive(Command)] struct Count { #[id] counter: u32, by: u32 }
    /// # #[derive(Default)] struct Counter { total: u32 }
    /// # #[aggregate] impl Counter {
    /// #     #[handle] fn count(&self, cmd: Count) -> Counted { Counted { by: cmd.by } }
    /// #     #[apply] fn counted(&mut self, event: &Counted) { self.total += event.by }
    /// # }
    /// # #[module(aggregates(Counter))] struct Counting;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Orchestrix::builder().isolated().store(MemoryStore::new()).module(Counting).start().await?;
    /// assert!(app.readiness().ready, "it has no subscription to wait for");
    /// app.shutdown().await?;
    /// assert_eq!(app.readiness().to_string(), "not ready: the app is shutting down");
    /// # Ok(()) }
    /// ```
    pub fn readiness(&self) -> Readiness {
        let mut failing = self.subscriptions();
        let mut waiting = failing.clone();
        failing.retain(|status| fails(&status.state));
        waiting.retain(|status| !status.been_live);
        let shutting_down = self.core.closing.load(Ordering::Acquire);
        Readiness {
            ready: waiting.is_empty() && !shutting_down,
            shutting_down,
            waiting,
            health: match failing.is_empty() {
                true => SubscriptionHealth::Healthy,
                false => SubscriptionHealth::Degraded { failing },
            },
        }
    }
}

fn fails(state: &SubscriptionState) -> bool {
    match state {
        SubscriptionState::Retrying { .. }
        | SubscriptionState::CircuitOpen { .. }
        | SubscriptionState::Halted { .. } => true,
        SubscriptionState::CatchingUp
        | SubscriptionState::Live
        | SubscriptionState::Paused
        | SubscriptionState::Standby { .. }
        | SubscriptionState::Stopped => false,
    }
}

/// In words.
impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shutting_down {
            return f.write_str("not ready: the app is shutting down");
        }
        match self.ready {
            true => f.write_str("ready"),
            false => write!(f, "not ready: {}", in_words(&self.waiting)),
        }
    }
}

/// In words.
impl fmt::Display for SubscriptionHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Healthy => f.write_str("healthy"),
            Self::Degraded { failing } => write!(f, "degraded: {}", in_words(failing)),
        }
    }
}

fn in_words(subscriptions: &[SubscriptionStatus]) -> String {
    let each = subscriptions
        .iter()
        .map(|status| format!("subscription `{}` is {}", status.name, status.state));
    each.collect::<Vec<_>>().join(", ")
}
