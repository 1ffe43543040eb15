//! How two logs differ.

use std::fmt;

use crate::message::MessageId;
use crate::store::{GlobalPosition, RecordedEvent, StreamId, StreamVersion};

/// The first difference between a source and its copy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The copy has ended, the source goes on.
    Missing {
        /// The source's event.
        source: EventPlace,
    },
    /// The source has ended, the copy goes on.
    Extra {
        /// The copy's event.
        target: EventPlace,
    },
    /// Different events stand in the same place: one is missing, is too many, or their order is another.
    OtherEvent {
        /// The source's event.
        source: EventPlace,
        /// The copy's event.
        target: EventPlace,
    },
    /// It is the same event, but not the same in everything.
    Unequal {
        /// The source's event.
        source: EventPlace,
        /// The copy's event.
        target: EventPlace,
        /// What is not the same.
        part: EventPart,
    },
}

/// Which event, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventPlace {
    /// Where in the log of its store.
    pub position: GlobalPosition,
    /// In which stream.
    pub stream: StreamId,
    /// Where in the stream.
    pub version: StreamVersion,
    /// Its id.
    pub event_id: MessageId,
}

/// A part of an event that can be another one in a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventPart {
    /// The stored name of its type.
    EventType,
    /// The version of the payload's shape.
    SchemaVersion,
    /// When it happened.
    OccurredAt,
    /// Where it comes from.
    Metadata,
    /// Its body, or whether that is JSON.
    Payload,
    /// What it is about.
    Tags,
}

impl Difference {
    /// How two events differ that should be the same but for their positions.
    pub(super) fn between(source: &RecordedEvent, target: &RecordedEvent) -> Option<Self> {
        let is_same = source.stream == target.stream
            && source.version == target.version
            && source.event_id() == target.event_id();
        if !is_same {
            return Some(Self::OtherEvent {
                source: EventPlace::of(source),
                target: EventPlace::of(target),
            });
        }
        let (a, b) = (&source.data, &target.data);
        let parts = [
            (EventPart::EventType, a.event_type == b.event_type),
            (
                EventPart::SchemaVersion,
                a.schema_version == b.schema_version,
            ),
            (EventPart::OccurredAt, a.occurred_at == b.occurred_at),
            (EventPart::Metadata, a.metadata == b.metadata),
            (EventPart::Payload, a.payload == b.payload),
            (EventPart::Tags, a.tags() == b.tags()),
        ];
        let unequal = parts.into_iter().find(|(_, is_equal)| !is_equal);
        unequal.map(|(part, _)| Self::Unequal {
            source: EventPlace::of(source),
            target: EventPlace::of(target),
            part,
        })
    }
}

impl EventPlace {
    pub(super) fn of(event: &RecordedEvent) -> Self {
        Self {
            position: event.position,
            stream: event.stream.clone(),
            version: event.version,
            event_id: event.event_id(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { source } => write!(f, "the copy ends before {source}"),
            Self::Extra { target } => write!(f, "the source ends before the copy's {target}"),
            Self::OtherEvent { source, target } => {
                write!(f, "in place of {source}, the copy has {target}")
            }
            Self::Unequal {
                source,
                target,
                part,
            } => write!(
                f,
                "{source} has another {part} in the copy, at position {}",
                target.position
            ),
        }
    }
}

impl fmt::Display for EventPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            position,
            stream,
            version,
            event_id,
        } = self;
        write!(
            f,
            "event {event_id} (version {version} of {stream}, position {position})"
        )
    }
}

impl fmt::Display for EventPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EventType => "event type",
            Self::SchemaVersion => "schema version",
            Self::OccurredAt => "time",
            Self::Metadata => "metadata",
            Self::Payload => "payload",
            Self::Tags => "tags",
        })
    }
}
