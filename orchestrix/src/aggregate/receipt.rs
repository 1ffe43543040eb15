//! What a command came to.

use std::sync::Arc;

use super::Loaded;
use crate::message::MessageId;
use crate::store::{EventData, GlobalPosition, StreamId, StreamVersion};

/// The outcome of a command on an aggregate: its events are stored, durably.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The aggregate's stream.
    pub stream: StreamId,
    /// Where the stream stands now.
    pub version: StreamVersion,
    /// Where the last event stands in the whole store: give it to [`View::at_least`](crate::app::View::at_least) to read
    /// your own write.
    pub position: GlobalPosition,
    /// What was appended, in order; nothing when the handler gave no events.
    pub events: Vec<ReceiptEvent>,
}

/// An event that a command led to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiptEvent {
    /// Its identity.
    pub event_id: MessageId,
    /// The stored name of its type.
    pub event_type: Arc<str>,
}

impl ReceiptEvent {
    pub(crate) fn of(data: EventData) -> Self {
        Self {
            event_id: data.event_id,
            event_type: data.event_type,
        }
    }
}

impl Receipt {
    pub(crate) fn nothing<A>(stream: StreamId, loaded: &Loaded<A>) -> Self {
        Self {
            stream,
            version: loaded.version,
            position: loaded.position,
            events: Vec::new(),
        }
    }
}
