//! The events.

use std::collections::HashMap;

use jiff::{Timestamp, Unit};

use crate::message::MessageId;
use crate::store::{
    Append, AppendError, Appended, AppendedStream, Direction, EventData, GlobalPosition, Page,
    ReadAll, ReadStream, RecordedEvent, StreamId, StreamVersion, StreamWrite, TenantId,
};

/// Events in the order of their positions, which are dense here: position p is at index p - 1.
#[derive(Debug, Default)]
pub(super) struct Log {
    events: Vec<RecordedEvent>,
    /// Index of each event of each stream, so version v is at index v - 1.
    streams: HashMap<StreamId, Vec<usize>>,
    ids: HashMap<TenantId, HashMap<MessageId, usize>>,
}

impl Log {
    pub(super) fn append(&mut self, append: Append) -> Result<Appended, AppendError> {
        append.check()?;
        if let Some(first_outcome) = self.repeated(append.writes())? {
            return Ok(first_outcome);
        }
        for write in append.writes() {
            let actual = self.version(&write.stream);
            if !write.expected.is_met_by(actual) {
                return Err(AppendError::Conflict {
                    stream: write.stream.clone(),
                    expected: write.expected,
                    actual,
                });
            }
        }
        let streams = append
            .into_writes()
            .into_iter()
            .map(|write| self.store(write))
            .collect();
        Ok(Appended {
            streams,
            position: self.head(),
            repeated: false,
        })
    }

    fn store(&mut self, write: StreamWrite) -> AppendedStream {
        let first_version = self.version(&write.stream).next();
        let ids = self.ids.entry(write.stream.tenant().clone()).or_default();
        let places = self.streams.entry(write.stream.clone()).or_default();
        for data in write.events {
            let index = self.events.len();
            ids.insert(data.event_id, index);
            places.push(index);
            self.events.push(RecordedEvent::new(
                GlobalPosition::new(index as u64 + 1),
                write.stream.clone(),
                StreamVersion::new(places.len() as u64),
                in_microseconds(data),
            ));
        }
        AppendedStream {
            first_version,
            last_version: StreamVersion::new(places.len() as u64),
            stream: write.stream,
        }
    }

    /// The outcome of the append that stored these very events before, if there was one.
    fn repeated(&self, writes: &[StreamWrite]) -> Result<Option<Appended>, AppendError> {
        let mut streams = Vec::with_capacity(writes.len());
        let mut position = GlobalPosition::START;
        let mut any_fresh = false;
        let mut known = None;
        for write in writes {
            let ids = self.ids.get(write.stream.tenant());
            let mut first = None;
            for (n, data) in write.events.iter().enumerate() {
                let taken = |(stream, event_id): (&StreamId, _)| AppendError::DuplicateEvent {
                    stream: stream.clone(),
                    event_id,
                };
                let this = (&write.stream, data.event_id);
                let index = ids.and_then(|ids| ids.get(&data.event_id));
                if let Some(stored) = index.map(|index| &self.events[*index]) {
                    let first = *first.get_or_insert(stored.version);
                    if stored.stream != write.stream || stored.version != first.plus(n as u64) {
                        return Err(taken(this));
                    }
                    position = position.max(stored.position);
                    known = Some(this);
                } else {
                    any_fresh = true;
                }
                if let (true, Some(other)) = (any_fresh, known) {
                    return Err(taken(other));
                }
            }
            if let Some(first_version) = first {
                streams.push(AppendedStream {
                    stream: write.stream.clone(),
                    first_version,
                    last_version: first_version.plus(write.events.len() as u64 - 1),
                });
            }
        }
        Ok(known.is_some().then_some(Appended {
            streams,
            position,
            repeated: true,
        }))
    }

    fn version(&self, stream: &StreamId) -> StreamVersion {
        StreamVersion::new(
            self.streams
                .get(stream)
                .map_or(0, |places| places.len() as u64),
        )
    }

    pub(super) fn head(&self) -> GlobalPosition {
        GlobalPosition::new(self.events.len() as u64)
    }

    pub(super) fn read_stream(&self, read: &ReadStream) -> Vec<RecordedEvent> {
        let places = self
            .streams
            .get(&read.stream)
            .map_or(&[][..], Vec::as_slice);
        let to = (read.to.get().min(places.len() as u64)) as usize;
        let from = (read.from.get().max(1) as usize - 1).min(to);
        let wanted = places[from..to]
            .iter()
            .map(|index| self.events[*index].clone());
        match read.direction {
            Direction::Forward => wanted.take(read.limit).collect(),
            Direction::Backward => wanted.rev().take(read.limit).collect(),
        }
    }

    pub(super) fn read_all(&self, read: &ReadAll) -> Page {
        let start = (read.after.get().min(self.events.len() as u64)) as usize;
        let mut events = Vec::new();
        for event in &self.events[start..] {
            if read.filter.matches(event) {
                events.push(event.clone());
                if events.len() >= read.limit {
                    return Page {
                        scanned_to: event.position,
                        at_head: event.position == self.head(),
                        events,
                    };
                }
            }
        }
        Page {
            events,
            scanned_to: self.head().max(read.after),
            at_head: true,
        }
    }
}

/// Databases keep microseconds; this store must not promise more than they do.
fn in_microseconds(mut data: EventData) -> EventData {
    let rounding = jiff::TimestampRound::new()
        .smallest(Unit::Microsecond)
        .mode(jiff::RoundMode::Floor);
    let time: Timestamp = data.occurred_at;
    data.occurred_at = time.round(rounding).unwrap_or(time);
    data
}
