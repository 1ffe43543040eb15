//! What is stored, by id and by stream, and whether the log is in order by itself.

use std::collections::HashMap;

use super::contents::{Contents, Stored};
use super::violation::Violation;
use crate::message::MessageId;
use crate::store::{GlobalPosition, StreamId, StreamVersion, TenantId};

pub(super) struct StoredEvents<'a> {
    pub(super) log: &'a [Stored],
    by_id: HashMap<(&'a TenantId, MessageId), &'a Stored>,
    /// In the order of the log.
    streams: HashMap<&'a StreamId, Vec<&'a Stored>>,
}

impl<'a> StoredEvents<'a> {
    pub(super) fn of(contents: &'a Contents, violations: &mut Vec<Violation>) -> Self {
        let mut stored = Self {
            log: &contents.log,
            by_id: HashMap::with_capacity(contents.log.len()),
            streams: HashMap::new(),
        };
        let mut before = GlobalPosition::START;
        for event in &contents.log {
            if event.position <= before {
                violations.push(Violation::PositionsNotIncreasing {
                    before,
                    position: event.position,
                });
            }
            before = event.position;
            stored.add(event, violations);
        }
        stored.compare(contents, violations);
        stored
    }

    /// The event with this id, of the stream's tenant.
    pub(super) fn event(&self, stream: &'a StreamId, event_id: MessageId) -> Option<&'a Stored> {
        self.by_id.get(&(stream.tenant(), event_id)).copied()
    }

    /// The event at this place of a stream.
    pub(super) fn at(&self, stream: &StreamId, version: StreamVersion) -> Option<&'a Stored> {
        let index = usize::try_from(version.get().checked_sub(1)?).ok()?;
        self.streams.get(stream)?.get(index).copied()
    }

    pub(super) fn stream_count(&self) -> usize {
        self.streams.len()
    }

    fn add(&mut self, event: &'a Stored, violations: &mut Vec<Violation>) {
        let places = self.streams.entry(&event.stream).or_default();
        let expected = StreamVersion::new(places.len() as u64).next();
        if event.version != expected {
            violations.push(Violation::VersionsNotDense {
                stream: event.stream.clone(),
                expected,
                found: event.version,
            });
        }
        places.push(event);
        let id = (event.stream.tenant(), event.event_id);
        if let Some(first) = self.by_id.insert(id, event) {
            violations.push(Violation::EventTwice {
                event_id: event.event_id,
                first: first.position,
                second: event.position,
            });
        }
    }

    /// Each stream read by itself against what the log has of it.
    fn compare(&self, contents: &Contents, violations: &mut Vec<Violation>) {
        for (stream, alone) in &contents.streams {
            let in_log = self.streams.get(stream).map_or(&[][..], Vec::as_slice);
            let equal = in_log.iter().zip(alone).take_while(|(a, b)| **a == *b);
            let equal = equal.count();
            if equal < in_log.len().max(alone.len()) {
                violations.push(Violation::StreamDiffers {
                    stream: stream.clone(),
                    version: StreamVersion::new(equal as u64).next(),
                });
            }
        }
    }
}
