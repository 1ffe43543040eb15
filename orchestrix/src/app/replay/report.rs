//! What became of a replay.

use crate::error::BoxError;
use crate::message::MessageId;
use crate::store::{GlobalPosition, StreamId};

/// What became of a replay.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReplayReport {
    /// The subscription that was called.
    pub subscription: String,
    /// Events that were delivered, and did not fail.
    pub delivered: u64,
    /// Those that failed, in the order of the log.
    pub failures: Vec<ReplayFailure>,
    /// Where the last event stands that was delivered, whether it failed or not; none where none was.
    pub last_position: Option<GlobalPosition>,
    /// Why it ended where it did.
    pub end: ReplayEnd,
}

/// Why a replay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayEnd {
    /// Everything was delivered that was to be.
    Complete,
    /// As many events were delivered as [might be](super::Replay::max_events): there may be more.
    MaxEvents,
    /// As many failed as [might](super::Replay::max_failures): there may be more events.
    MaxFailures,
}

/// An event that failed in a replay.
#[derive(Debug, thiserror::Error)]
#[error(
    "event `{event_type}` at position {position} (stream {stream}) failed in a replay of `{handler}`"
)]
#[non_exhaustive]
pub struct ReplayFailure {
    /// Where the event stands.
    pub position: GlobalPosition,
    /// Its stream.
    pub stream: StreamId,
    /// Its id.
    pub event_id: MessageId,
    /// Its stored name.
    pub event_type: String,
    /// The subscription that failed.
    pub handler: String,
    /// What it said; or that the event could not be read, that it took too long, or that it panicked.
    pub source: BoxError,
}

impl ReplayReport {
    pub(super) fn new(subscription: String) -> Self {
        Self {
            subscription,
            delivered: 0,
            failures: Vec::new(),
            last_position: None,
            end: ReplayEnd::Complete,
        }
    }

    /// Events that the handler was called with.
    pub(super) fn called(&self) -> u64 {
        self.delivered + self.failures.len() as u64
    }

    /// Whether everything was delivered that was to be, failed or not.
    pub fn is_complete(&self) -> bool {
        self.end == ReplayEnd::Complete
    }
}
