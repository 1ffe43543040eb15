//! Erased events before and after they are stored.

use std::sync::Arc;

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::{GlobalPosition, Payload, StreamId, StreamVersion, Tag, tag};
use crate::message::{DecodeError, Event, MessageId, Metadata};

/// An erased event before it is stored: what a writer gives to [`EventStore::append`](super::EventStore::append).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EventData {
    /// Its identity; appending the same ids again gives the first outcome instead of a second copy.
    pub event_id: MessageId,
    /// The stored name of its type.
    pub event_type: Arc<str>,
    /// The version of the payload's shape, from 1.
    pub schema_version: u32,
    /// Its body.
    pub payload: Payload,
    /// Where it comes from.
    pub metadata: Metadata,
    /// When it happened, by the writer's clock; stored with microseconds.
    pub occurred_at: Timestamp,
    /// Sorted, each once.
    tags: Vec<Tag>,
}

impl EventData {
    /// An event that happens now, with a fresh id and no metadata.
    pub fn new(event_type: impl Into<Arc<str>>, schema_version: u32, payload: Payload) -> Self {
        Self::known(
            MessageId::new(),
            Timestamp::now(),
            event_type,
            schema_version,
            payload,
        )
    }

    /// An event whose id and time are known, with no metadata: draws no id and reads no clock, which would cost more than
    /// the rest where events are read by the thousand.
    pub fn known(
        event_id: MessageId,
        occurred_at: Timestamp,
        event_type: impl Into<Arc<str>>,
        schema_version: u32,
        payload: Payload,
    ) -> Self {
        Self {
            event_id,
            event_type: event_type.into(),
            schema_version,
            payload,
            metadata: Metadata::default(),
            occurred_at,
            tags: Vec::new(),
        }
    }

    /// With this id instead of a fresh one.
    #[must_use]
    pub fn with_id(mut self, event_id: MessageId) -> Self {
        self.event_id = event_id;
        self
    }

    /// With this metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// With these tags and no others; their order does not matter.
    #[must_use]
    pub fn with_tags(mut self, tags: impl IntoIterator<Item = Tag>) -> Self {
        self.tags = tag::sorted(tags);
        self
    }

    /// What it is about, sorted, each once.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// As it is read again: databases keep microseconds.
    pub(crate) fn in_microseconds(mut self) -> Self {
        let rounding = TimestampRound::new()
            .smallest(Unit::Microsecond)
            .mode(RoundMode::Floor);
        self.occurred_at = self.occurred_at.round(rounding).unwrap_or(self.occurred_at);
        self
    }

    /// As of this time instead of now.
    #[must_use]
    pub fn with_occurred_at(mut self, time: Timestamp) -> Self {
        self.occurred_at = time;
        self
    }
}

/// An erased event as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEvent {
    /// Where it stands in the whole store.
    pub position: GlobalPosition,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Where it stands in its stream.
    pub version: StreamVersion,
    /// What the writer gave; `occurred_at` rounded down to microseconds.
    pub data: EventData,
}

impl RecordedEvent {
    /// For stores: what was written, and where it was put.
    pub fn new(
        position: GlobalPosition,
        stream: StreamId,
        version: StreamVersion,
        data: EventData,
    ) -> Self {
        Self {
            position,
            stream,
            version,
            data,
        }
    }

    /// In its Rust type, through the upcasters where it is older; none where its name is none of the type's.
    ///
    /// ```
    /// # use orchestrix::prelude::*;
    /// # use orchestrix::store::{EventData, GlobalPosition, Payload, RecordedEvent, StreamId};
    /// # #[derive(Event, Serialize, Deserialize)] struct Sold { pence: i64 }
    /// # #[derive(Event, Serialize, Deserialize)] struct Returned { pence: i64 }
    /// # let data = EventData::new("Sold", 1, Payload::of(&serde_json::json!({ "pence": 5 }))?);
    /// # let stream = StreamId::new("order", "7")?;
    /// let event = RecordedEvent::new(GlobalPosition::new(9), stream, StreamVersion::FIRST, data);
    /// assert_eq!(event.read::<Sold>()?.map(|sold| sold.pence), Some(5));
    /// assert!(event.read::<Returned>()?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn read<E: Event>(&self) -> Result<Option<E>, DecodeError> {
        E::decode(&self.data).transpose()
    }

    /// The stored name of its type.
    pub fn event_type(&self) -> &str {
        &self.data.event_type
    }

    /// Its identity.
    pub fn event_id(&self) -> MessageId {
        self.data.event_id
    }
}
