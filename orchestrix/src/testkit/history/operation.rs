//! One operation of a history: what was called, and what came of it.

use serde::{Deserialize, Serialize};

use crate::message::MessageId;
use crate::store::{
    Append, AppendError, Appended, Direction, ExpectedVersion, GlobalPosition, Page, ReadStream,
    RecordedEvent, StreamId, StreamVersion, StreamWrite,
};

/// A call to the store, with its answer if one came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Its number in the history, from 1.
    pub id: u64,
    /// Who called.
    pub worker: u32,
    /// When it was called, by the history's own clock, of which no two ticks are equal.
    pub called_at: u64,
    /// What was called.
    pub call: Call,
    /// When the answer came, and which. Without one, an append is as good as [`Answer::Indeterminate`].
    pub answer: Option<(u64, Answer)>,
}

/// What was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Call {
    /// An append of events, by their ids.
    Append {
        /// The streams written to, in order.
        writes: Vec<WrittenStream>,
    },
    /// A read of one stream.
    ReadStream {
        /// The stream.
        #[serde(with = "stream_form")]
        stream: StreamId,
        /// The lowest version wanted.
        from: StreamVersion,
        /// The highest version wanted.
        to: StreamVersion,
        /// At most so many events.
        limit: usize,
        /// Whether the newest come first.
        backward: bool,
    },
    /// A read of the whole log without a filter.
    ReadAll {
        /// Only events behind this position.
        after: GlobalPosition,
        /// At most so many events.
        limit: usize,
    },
}

/// The part of an append that is for one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WrittenStream {
    /// The stream.
    #[serde(with = "stream_form")]
    pub stream: StreamId,
    /// What the writer expected of it.
    #[serde(with = "ExpectedForm")]
    pub expected: ExpectedVersion,
    /// The events, in order.
    pub event_ids: Vec<MessageId>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// The append was acknowledged.
    Appended {
        /// Where each write was put, in the order of the writes.
        streams: Vec<PlacedWrite>,
        /// The position of the last event.
        position: GlobalPosition,
        /// Whether the store said that the events had been stored before.
        repeated: bool,
    },
    /// The store said that nothing was stored.
    Refused {
        /// Its words.
        reason: String,
    },
    /// It is not known whether the append was stored.
    Indeterminate,
    /// The events of a stream read, in the order they came in.
    Events {
        /// The events.
        events: Vec<SeenEvent>,
    },
    /// A page of the log.
    Page {
        /// The events, in the order they came in.
        events: Vec<SeenEvent>,
        /// How far the store said that the page goes.
        scanned_to: GlobalPosition,
    },
    /// A read failed, which proves nothing.
    ReadFailed,
}

/// Where an acknowledged write was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlacedWrite {
    /// The first event's version.
    pub first_version: StreamVersion,
    /// The last event's version.
    pub last_version: StreamVersion,
}

/// An event that a reader got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SeenEvent {
    /// Where it stands in the log.
    pub position: GlobalPosition,
    /// Its stream.
    #[serde(with = "stream_form")]
    pub stream: StreamId,
    /// Where it stands in its stream.
    pub version: StreamVersion,
    /// Its identity.
    pub event_id: MessageId,
}

impl Call {
    /// The call that appends this.
    pub fn append(append: &Append) -> Self {
        Self::Append {
            writes: append.writes().iter().map(WrittenStream::of).collect(),
        }
    }

    /// The call that reads this.
    pub fn read_stream(read: &ReadStream) -> Self {
        Self::ReadStream {
            stream: read.stream.clone(),
            from: read.from.max(StreamVersion::FIRST),
            to: read.to,
            limit: read.limit,
            backward: read.direction == Direction::Backward,
        }
    }
}

impl WrittenStream {
    fn of(write: &StreamWrite) -> Self {
        Self {
            stream: write.stream.clone(),
            expected: write.expected,
            event_ids: write.events.iter().map(|event| event.event_id).collect(),
        }
    }
}

impl Answer {
    /// What an append's outcome says.
    pub fn of_append(outcome: &Result<Appended, AppendError>) -> Self {
        match outcome {
            Ok(appended) => Self::Appended {
                streams: appended
                    .streams
                    .iter()
                    .map(|stream| PlacedWrite {
                        first_version: stream.first_version,
                        last_version: stream.last_version,
                    })
                    .collect(),
                position: appended.position,
                repeated: appended.repeated,
            },
            Err(AppendError::Indeterminate { .. }) => Self::Indeterminate,
            Err(error) => Self::Refused {
                reason: error.to_string(),
            },
        }
    }

    /// What a stream read returned.
    pub fn of_events(events: &[RecordedEvent]) -> Self {
        Self::Events {
            events: events.iter().map(SeenEvent::of).collect(),
        }
    }

    /// What a read of the log returned.
    pub fn of_page(page: &Page) -> Self {
        Self::Page {
            events: page.events.iter().map(SeenEvent::of).collect(),
            scanned_to: page.scanned_to,
        }
    }
}

impl SeenEvent {
    pub(super) fn of(event: &RecordedEvent) -> Self {
        Self {
            position: event.position,
            stream: event.stream.clone(),
            version: event.version,
            event_id: event.event_id(),
        }
    }
}

/// How an expectation is written down.
#[derive(Serialize, Deserialize)]
#[serde(remote = "ExpectedVersion", rename_all = "snake_case")]
enum ExpectedForm {
    Any,
    NoStream,
    StreamExists,
    Exact(StreamVersion),
}

/// How a stream is written down: tenant and name.
mod stream_form {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    use crate::store::{StreamId, TenantId};

    pub(super) fn serialize<S: Serializer>(
        stream: &StreamId,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        (stream.tenant(), stream.name()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<StreamId, D::Error> {
        let (tenant, name) = <(TenantId, String)>::deserialize(deserializer)?;
        let stream: StreamId = name.parse().map_err(de::Error::custom)?;
        Ok(stream.with_tenant(tenant))
    }
}
