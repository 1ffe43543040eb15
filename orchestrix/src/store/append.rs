//! The write side of a store: what is appended and what comes of it.

use super::{EventData, ExpectedVersion, GlobalPosition, StreamId, StreamVersion};
use crate::error::BoxError;
use crate::message::MessageId;

/// One unit of writing: all of its events are stored, or none.
///
/// ```
/// use orchestrix::store::{Append, EventData, ExpectedVersion, Payload, StreamId};
/// let opened = EventData::new("AccountOpened", 1, Payload::of(&"{}")?);
/// let append = Append::new(StreamId::new("account", "7")?, ExpectedVersion::NoStream, vec![opened]);
/// assert_eq!(append.writes().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Append {
    writes: Vec<StreamWrite>,
}

/// The part of an [`Append`] that concerns one stream.
#[derive(Debug, Clone)]
pub struct StreamWrite {
    /// Where to.
    pub stream: StreamId,
    /// What the stream must be like.
    pub expected: ExpectedVersion,
    /// What is added, in this order.
    pub events: Vec<EventData>,
}

impl Append {
    /// Events for one stream.
    pub fn new(stream: StreamId, expected: ExpectedVersion, events: Vec<EventData>) -> Self {
        Self {
            writes: vec![StreamWrite {
                stream,
                expected,
                events,
            }],
        }
    }

    /// And events for another stream, in the same unit. Streams must differ within a unit.
    #[must_use]
    pub fn and(
        mut self,
        stream: StreamId,
        expected: ExpectedVersion,
        events: Vec<EventData>,
    ) -> Self {
        self.writes.push(StreamWrite {
            stream,
            expected,
            events,
        });
        self
    }

    /// The streams written to, in order.
    pub fn writes(&self) -> &[StreamWrite] {
        &self.writes
    }

    /// Takes the writes out.
    pub fn into_writes(self) -> Vec<StreamWrite> {
        self.writes
    }

    /// How many events it holds.
    pub fn event_count(&self) -> usize {
        self.writes.iter().map(|write| write.events.len()).sum()
    }

    /// For stores: refuses what no store may accept, before anything is sent: a write with no events, a stream or an
    /// event id that is there twice.
    ///
    /// # Errors
    /// [`AppendError::Empty`], [`AppendError::StreamTwice`] or [`AppendError::DuplicateEvent`].
    pub fn check(&self) -> Result<(), AppendError> {
        if self.writes.is_empty() {
            return Err(AppendError::Empty { stream: None });
        }
        let mut ids = std::collections::HashSet::new();
        for (n, write) in self.writes.iter().enumerate() {
            if write.events.is_empty() {
                return Err(AppendError::Empty {
                    stream: Some(write.stream.clone()),
                });
            }
            if self.writes[..n]
                .iter()
                .any(|other| other.stream == write.stream)
            {
                return Err(AppendError::StreamTwice {
                    stream: write.stream.clone(),
                });
            }
            // A lone event cannot repeat itself; the set is spared for the commonest append.
            if self.writes.len() > 1 || write.events.len() > 1 {
                for event in &write.events {
                    if !ids.insert(event.event_id) {
                        return Err(AppendError::DuplicateEvent {
                            stream: write.stream.clone(),
                            event_id: event.event_id,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

/// Where an [`Append`] was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// One entry for each stream written to, in the order of the writes.
    pub streams: Vec<AppendedStream>,
    /// The position of the last event: a reader that has come this far has seen all of the append.
    pub position: GlobalPosition,
    /// `true` when the same events had been stored before, and this is that first outcome.
    pub repeated: bool,
}

/// Where the events of one stream were stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendedStream {
    /// The stream.
    pub stream: StreamId,
    /// The first event's version.
    pub first_version: StreamVersion,
    /// The last event's version, where the stream stood after the append.
    pub last_version: StreamVersion,
}

/// Why an [`Append`] was not acknowledged.
///
/// There are three outcomes: done (`Ok`), refused or failed (nothing was stored), and
/// [`Indeterminate`](AppendError::Indeterminate).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The stream is not as expected. Nothing was stored.
    #[error("conflict on stream {stream}: expected {expected}, it is at version {actual}")]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What the writer expected.
        expected: ExpectedVersion,
        /// Where the stream is.
        actual: StreamVersion,
    },
    /// There is nothing to append. Nothing was stored.
    #[error("an append to {} holds no events", .stream.as_ref().map_or_else(|| "no stream".to_owned(), ToString::to_string))]
    Empty {
        /// The stream whose write is empty, if there is a write at all.
        stream: Option<StreamId>,
    },
    /// One stream is written to twice in one unit. Nothing was stored.
    #[error("stream {stream} stands twice in one append: put its events in one write")]
    StreamTwice {
        /// The stream.
        stream: StreamId,
    },
    /// The event's id is taken by another event, or stands twice in the append. Nothing was stored.
    #[error("the event id {event_id} for stream {stream} belongs to another event already")]
    DuplicateEvent {
        /// The stream that was written to.
        stream: StreamId,
        /// The id.
        event_id: MessageId,
    },
    /// The store cannot be reached or is too busy. Nothing was stored.
    #[error("the store is unavailable")]
    Unavailable {
        /// What the driver said.
        source: BoxError,
    },
    /// The store refused or failed. Nothing was stored.
    #[error("the store failed to append")]
    Failed {
        /// What the driver said.
        source: BoxError,
    },
    /// The connection broke after the append was sent: it may be stored as a whole, or not at all. Appending the same
    /// event ids again finds out, and is safe.
    #[error("it is not known whether the append was stored")]
    Indeterminate {
        /// What the driver said.
        source: BoxError,
    },
}

impl AppendError {
    /// Whether the stream was not as expected.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// Whether the same append may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Indeterminate { .. })
    }
}
