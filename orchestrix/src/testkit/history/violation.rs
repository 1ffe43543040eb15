//! What a history proves against a store.

use crate::message::MessageId;
use crate::store::{ExpectedVersion, GlobalPosition, StreamId, StreamVersion};

/// A promise that the store did not keep, with the operation of the history that shows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// An event is stored more than once.
    #[error("event {event_id} is stored at {first} and again at {second}")]
    EventTwice {
        /// The event.
        event_id: MessageId,
        /// Where it stands first.
        first: GlobalPosition,
        /// Where it stands again.
        second: GlobalPosition,
    },
    /// The log is not in the order of its positions, or a position is there twice.
    #[error("position {position} comes after {before} in the log")]
    PositionsNotIncreasing {
        /// The position before it.
        before: GlobalPosition,
        /// The position.
        position: GlobalPosition,
    },
    /// Versions of a stream are not 1, 2, 3 and so on in the order of the log.
    #[error("stream {stream} has version {found} in the log where {expected} should be")]
    VersionsNotDense {
        /// The stream.
        stream: StreamId,
        /// The version that should be there.
        expected: StreamVersion,
        /// The version that is there.
        found: StreamVersion,
    },
    /// A stream read by itself is not what the log has of it.
    #[error("stream {stream} and the log differ at version {version}")]
    StreamDiffers {
        /// The stream.
        stream: StreamId,
        /// The first version at which they differ.
        version: StreamVersion,
    },
    /// An event is stored that nobody appended there, or only appends that were refused.
    #[error("event {event_id} at {position} in stream {stream} was appended by nobody")]
    Unexplained {
        /// The event.
        event_id: MessageId,
        /// The stream it is in.
        stream: StreamId,
        /// Where it stands.
        position: GlobalPosition,
    },
    /// An acknowledged append is not stored.
    #[error("operation {operation} was acknowledged, but is lost")]
    Lost {
        /// The append.
        operation: u64,
    },
    /// Only a part of an append is stored.
    #[error("of operation {operation}, {stored} of {events} events are stored")]
    Torn {
        /// The append.
        operation: u64,
        /// How many of its events are stored.
        stored: usize,
        /// How many it has.
        events: usize,
    },
    /// A refused append is stored, in whole or in part.
    #[error("operation {operation} was refused, but its event {event_id} is stored")]
    RefusedStored {
        /// The append.
        operation: u64,
        /// An event of it that is stored.
        event_id: MessageId,
    },
    /// An event is stored in another stream than it was appended to.
    #[error("event {event_id} of operation {operation} is in stream {stream}")]
    OtherStream {
        /// The append.
        operation: u64,
        /// The event.
        event_id: MessageId,
        /// The stream it is in.
        stream: StreamId,
    },
    /// The events of an append do not stand next to each other in their stream and in order in the log.
    #[error("event {event_id} of operation {operation} does not follow the one before it")]
    OutOfOrder {
        /// The append.
        operation: u64,
        /// The event that is out of order.
        event_id: MessageId,
    },
    /// An append was acknowledged with other versions than it has.
    #[error("operation {operation} was acknowledged with other versions than stream {stream} has")]
    AcknowledgedVersions {
        /// The append.
        operation: u64,
        /// The stream.
        stream: StreamId,
    },
    /// An append was acknowledged with another position than its last event has.
    #[error("operation {operation} was acknowledged at {acknowledged}, but is at {stored}")]
    AcknowledgedPosition {
        /// The append.
        operation: u64,
        /// What the store said.
        acknowledged: GlobalPosition,
        /// Where its last event is.
        stored: GlobalPosition,
    },
    /// One append was acknowledged as new more than once.
    #[error("event {event_id} was acknowledged as new again by operation {operation}")]
    AcknowledgedTwice {
        /// The later append.
        operation: u64,
        /// Its first event.
        event_id: MessageId,
    },
    /// An append was acknowledged as a repetition, but nobody had sent it before.
    #[error("operation {operation} was acknowledged as repeated, but is the only one")]
    NothingToRepeat {
        /// The append.
        operation: u64,
    },
    /// An append was stored although the stream was not as expected.
    #[error("operation {operation} expected {expected} of stream {stream}, which was at {actual}")]
    ExpectationIgnored {
        /// The append.
        operation: u64,
        /// The stream.
        stream: StreamId,
        /// What the writer expected.
        expected: ExpectedVersion,
        /// Where the stream was.
        actual: StreamVersion,
    },
    /// An append stands before one that had been acknowledged when it was called.
    #[error(
        "operation {operation} is at version {version} of stream {stream}, but {acknowledged} was acknowledged before it"
    )]
    BeforeAcknowledged {
        /// The append.
        operation: u64,
        /// The stream.
        stream: StreamId,
        /// Its first version.
        version: StreamVersion,
        /// The version acknowledged before it was called.
        acknowledged: StreamVersion,
    },
    /// A read returned what was not asked for, left something out in the middle, or returned an event that is not
    /// there in the end.
    #[error("operation {operation} read another version {version} of stream {stream} than it has")]
    ReadDiffers {
        /// The read.
        operation: u64,
        /// The stream.
        stream: StreamId,
        /// The first version that is wrong.
        version: StreamVersion,
    },
    /// A read of a stream left out what had been acknowledged before it was called.
    #[error(
        "operation {operation} read stream {stream} up to {seen}, but {acknowledged} was acknowledged before it"
    )]
    ReadMissesAcknowledged {
        /// The read.
        operation: u64,
        /// The stream.
        stream: StreamId,
        /// The last version it saw.
        seen: StreamVersion,
        /// The version it should have seen.
        acknowledged: StreamVersion,
    },
    /// A read of a stream saw less than an earlier one of the same worker.
    #[error(
        "operation {operation} read stream {stream} up to {seen}, its worker had seen {before}"
    )]
    ReadWentBack {
        /// The read.
        operation: u64,
        /// The stream.
        stream: StreamId,
        /// The last version it saw.
        seen: StreamVersion,
        /// The last version that its worker had seen.
        before: StreamVersion,
    },
    /// A read returned an event whose append was called later.
    #[error("operation {operation} read event {event_id} before anybody appended it")]
    ReadBeforeAppended {
        /// The read.
        operation: u64,
        /// The event.
        event_id: MessageId,
    },
    /// The events of a page are not in the order of their positions, or lie outside of what it covers.
    #[error("position {position} has no place in the page that operation {operation} read")]
    PageOutOfOrder {
        /// The read.
        operation: u64,
        /// The position.
        position: GlobalPosition,
    },
    /// A page has an event that is not there in the end.
    #[error("operation {operation} read another event at {position} than is there")]
    PageDiffers {
        /// The read.
        operation: u64,
        /// The position.
        position: GlobalPosition,
    },
    /// An event stands at a position that a reader of the log had passed without seeing it.
    #[error("operation {operation} passed position {position}, where event {event_id} turned up")]
    BackFilled {
        /// The read that passed it.
        operation: u64,
        /// The position.
        position: GlobalPosition,
        /// The event that is there.
        event_id: MessageId,
    },
    /// The history itself cannot be: an answer before its call or not of its kind, a number that is there twice.
    #[error("operation {operation} of the history cannot be: {what}")]
    Impossible {
        /// The operation.
        operation: u64,
        /// What is wrong with it.
        what: &'static str,
    },
}
