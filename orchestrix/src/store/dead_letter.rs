//! Events that a subscription could not consume, and those of their streams that wait behind them.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{CheckpointError, GlobalPosition, StreamId, StreamVersion};
use crate::message::MessageId;

/// An event that a subscription has gone past without consuming it: because it failed, or because an earlier event of
/// its stream did, behind which it waits. The event itself stays in the log, and is read from there when it is tried
/// again, through the upcasters of that day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Whose.
    pub subscription: String,
    /// Where the event stands in the log. With the subscription, what the dead letter is known by.
    pub position: GlobalPosition,
    /// The event's stream.
    pub stream: StreamId,
    /// Where it stands in its stream.
    pub version: StreamVersion,
    /// Its id.
    pub event_id: MessageId,
    /// Its stored name.
    pub event_type: String,
    /// How often it was delivered and failed; 0 for one that only waits behind an earlier one of its stream.
    pub attempts: u32,
    /// How it failed the last time, with all causes.
    pub error: Option<String>,
    /// When it was parked, by the clock of the app. Kept when it fails again. A store keeps microseconds.
    pub parked_at: Timestamp,
    /// When it failed the last time.
    pub failed_at: Option<Timestamp>,
    /// What somebody asked for, and was not done yet.
    pub request: Option<DeadLetterRequest>,
}

/// What becomes of a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeadLetterRequest {
    /// Its event is delivered once more; consumed, it is gone, and those behind it follow.
    Retry,
    /// It is gone without having been consumed, and those behind it follow.
    Skip,
}

/// In words.
impl fmt::Display for DeadLetterRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Retry => "retry",
            Self::Skip => "skip",
        })
    }
}

/// Some of the dead letters of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeadLetterSelection {
    /// All of them.
    All,
    /// Those of one stream.
    Stream(StreamId),
    /// That of the event at this position.
    At(GlobalPosition),
}

/// Keeps dead letters. They come and go with the checkpoint of their subscription, in one transaction:
/// [`CheckpointMove`](super::CheckpointMove) parks and settles them. This is the rest.
#[async_trait]
pub trait DeadLetterStore: Send + Sync + 'static {
    /// Those selected, behind the position `after`, by position, at most `limit`.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError>;

    /// The first dead letter of each stream, where something is to be done about it: somebody asked for it, or it never
    /// failed, so that what it waited for is gone. By position, at most `limit`.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError>;

    /// Asks for something to be done about those selected, which the subscription then does wherever it runs. Says how
    /// many they are. The last request counts.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError>;

    /// How many a subscription has.
    ///
    /// # Errors
    /// [`CheckpointError`].
    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError>;
}
