//! Where a subscription is, for those who wait for it and those who watch it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::ConsumeError;
use crate::error::chain;
use crate::store::{GlobalPosition, NodeId};

/// A subscription of an app: which, where, and what it is doing. With several lanes, what is furthest behind and most in
/// need of attention counts.
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
    /// How often it was [reset](crate::app::App::reset_subscription), as far as this node has seen; 0 for a projection.
    pub resets: u64,
    /// Whether it has found the place where it goes on; before, its position is not known.
    pub begun: bool,
    /// Whether it has been at the head since the app started, wherever it is now, and whichever node served it.
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
    /// Deliveries, or calls of the store, failed one after the other: nothing is tried for a while.
    CircuitOpen {
        /// Whose failures they were.
        of: CircuitOf,
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
    /// Another node serves it, and this one goes on should that one go. The position is how far that one is, and its
    /// failures and dead letters are told there.
    Standby {
        /// Which, if there is one just now.
        node: Option<NodeId>,
    },
    /// It has ended, with the app.
    Stopped,
}

/// What a [circuit breaker](super::CircuitBreaker) of a subscription is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CircuitOf {
    /// [`Delivery::breaker`](super::Delivery::breaker).
    Deliveries,
    /// [`Delivery::store_breaker`](super::Delivery::store_breaker).
    Store,
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
            Self::CircuitOpen { of, remaining } => {
                let whose = match of {
                    CircuitOf::Deliveries => "",
                    CircuitOf::Store => " of the store",
                };
                write!(
                    f,
                    "delivering nothing for {remaining:?} after failures{whose} in a row"
                )
            }
            Self::Halted { error } => write!(f, "halted: {}", chain(&**error)),
            Self::Paused => f.write_str("paused"),
            Self::Standby { node: Some(node) } => write!(f, "served by node {node}"),
            Self::Standby { node: None } => f.write_str("about to be served by another node"),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}
