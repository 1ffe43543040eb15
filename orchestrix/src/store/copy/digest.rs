//! A log in a few bytes.

use std::fmt;

use futures_util::StreamExt as _;
use uuid::Uuid;

use crate::message::Metadata;
use crate::store::{
    EventStore, EventStoreExt as _, GlobalPosition, ReadAll, ReadError, RecordedEvent,
};

/// The number and the digest of a log's events: logs with the same events in the same order have the same, whatever their
/// positions are. For comparing stores that cannot be reached from one place.
///
/// The digest is a chain of UUIDs of version 5. It finds accidents; it is no proof against who makes up events to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LogDigest {
    /// How many events.
    pub events: u64,
    /// What they come to.
    pub digest: Uuid,
}

impl LogDigest {
    /// Reads a log to its head.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn of(store: &dyn EventStore) -> Result<Self, ReadError> {
        let mut digest = Digest::new();
        let mut log = store.stream_all(ReadAll::after(GlobalPosition::START));
        while let Some(event) = log.next().await {
            digest.add(&event?);
        }
        Ok(digest.finish())
    }
}

/// For people.
impl fmt::Display for LogDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events, digest {}", self.events, self.digest)
    }
}

/// A digest under way.
pub(super) struct Digest {
    so_far: LogDigest,
    /// Kept between events for its memory.
    bytes: Vec<u8>,
}

impl Digest {
    pub(super) fn new() -> Self {
        Self {
            so_far: LogDigest {
                events: 0,
                digest: Uuid::nil(),
            },
            bytes: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, event: &RecordedEvent) {
        self.bytes.clear();
        Canonical(&mut self.bytes).event(event);
        self.so_far.events += 1;
        self.so_far.digest = Uuid::new_v5(&self.so_far.digest, &self.bytes);
    }

    pub(super) fn events(&self) -> u64 {
        self.so_far.events
    }

    pub(super) fn finish(self) -> LogDigest {
        self.so_far
    }
}

/// An event as bytes that no other event has: the length stands before whatever has one.
struct Canonical<'a>(&'a mut Vec<u8>);

impl Canonical<'_> {
    fn event(&mut self, event: &RecordedEvent) {
        let data = &event.data;
        self.bytes(event.stream.tenant().as_str().as_bytes());
        self.bytes(event.stream.name().as_bytes());
        self.number(event.version.get());
        self.bytes(data.event_id.as_uuid().as_bytes());
        self.bytes(data.event_type.as_bytes());
        self.number(data.schema_version.into());
        // Stores keep microseconds, within the 64 bits that PostgreSQL has for them.
        self.bytes(&data.occurred_at.as_microsecond().to_be_bytes());
        self.metadata(&data.metadata);
        self.number(data.payload.is_binary().into());
        self.bytes(data.payload.as_bytes());
        self.number(data.tags().len() as u64);
        for tag in data.tags() {
            self.bytes(tag.as_str().as_bytes());
        }
    }

    fn metadata(&mut self, metadata: &Metadata) {
        // All of its fields, so that a new one is not forgotten here.
        let Metadata {
            correlation_id,
            causation_id,
            actor,
            trace,
            extra,
        } = metadata;
        self.optional(correlation_id.map(|id| id.as_uuid().into_bytes()));
        self.optional(causation_id.map(|id| id.as_uuid().into_bytes()));
        self.optional(actor.as_ref());
        self.optional(trace.as_ref().map(|trace| trace.traceparent()));
        self.optional(trace.as_ref().and_then(|trace| trace.tracestate()));
        self.number(extra.len() as u64);
        for (name, value) in extra {
            self.bytes(name.as_bytes());
            self.bytes(value.as_bytes());
        }
    }

    fn optional(&mut self, bytes: Option<impl AsRef<[u8]>>) {
        self.number(bytes.is_some().into());
        if let Some(bytes) = bytes {
            self.bytes(bytes.as_ref());
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }
}
