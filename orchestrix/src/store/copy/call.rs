//! What is sent to the target in one call.

use std::collections::HashSet;

use crate::store::{
    Append, ExpectedVersion, GlobalPosition, RecordedEvent, StreamId, StreamVersion, StreamWrite,
};

/// The most events in one append, and in one call. Well within the [`Limits`](crate::store::Limits) of any store.
pub(super) const MAX_CALL_EVENTS: usize = 500;
/// The most bytes of payloads and metadata in one append, unless one event alone has more.
const MAX_APPEND_BYTES: usize = 4 << 20;

/// Appends in the order of the log. Each but the first writes to a stream that the one before it writes to, at the
/// version where that leaves it, and so cannot be stored when the one before is refused.
pub(super) struct Call {
    pub(super) appends: Vec<Append>,
    /// What each of them holds.
    pub(super) sent: Vec<Sent>,
}

/// What an append holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) events: usize,
    pub(super) bytes: usize,
    /// Streams that begin in it.
    pub(super) streams: usize,
    /// Where its first and last event stand in the source.
    pub(super) first: GlobalPosition,
    pub(super) last: GlobalPosition,
}

/// Makes calls of a part of the log; the appends with the first `alone` events have a call each.
pub(super) fn calls(events: Vec<RecordedEvent>, alone: usize) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut seen = 0;
    for unit in units(events) {
        let (sent, is_linked) = (unit.sent, unit.is_linked);
        // No unit is empty.
        let Some(append) = unit.into_append() else {
            continue;
        };
        let open = calls.last_mut().filter(|call| {
            let events: usize = call.sent.iter().map(|sent| sent.events).sum();
            is_linked && seen >= alone && events + sent.events <= MAX_CALL_EVENTS
        });
        seen += sent.events;
        match open {
            Some(call) => {
                call.appends.push(append);
                call.sent.push(sent);
            }
            None => calls.push(Call {
                appends: vec![append],
                sent: vec![sent],
            }),
        }
    }
    calls
}

/// Neighbours in the log that are stored together or not at all. A stream is written to once in it, so it ends before a
/// stream comes back.
struct Unit {
    writes: Vec<StreamWrite>,
    streams: HashSet<StreamId>,
    /// Where the last write leaves its stream.
    version: StreamVersion,
    /// Whether it begins with a stream that the unit before it writes to.
    is_linked: bool,
    sent: Sent,
}

fn units(events: Vec<RecordedEvent>) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for event in events {
        let bytes = event.data.payload.size() + event.data.metadata.size();
        match units.last_mut() {
            Some(unit) if unit.takes(&event, bytes) => unit.push(event, bytes),
            before => {
                let is_linked = before.is_some_and(|unit| unit.streams.contains(&event.stream));
                let mut unit = Unit::begin(event.position, is_linked);
                unit.push(event, bytes);
                units.push(unit);
            }
        }
    }
    units
}

impl Unit {
    fn begin(first: GlobalPosition, is_linked: bool) -> Self {
        Self {
            writes: Vec::new(),
            streams: HashSet::new(),
            version: StreamVersion::NONE,
            is_linked,
            sent: Sent {
                events: 0,
                bytes: 0,
                streams: 0,
                first,
                last: first,
            },
        }
    }

    fn takes(&self, event: &RecordedEvent, bytes: usize) -> bool {
        let has_room = self.sent.events < MAX_CALL_EVENTS
            && self.sent.bytes.saturating_add(bytes) <= MAX_APPEND_BYTES;
        has_room && (self.continues(event) || !self.streams.contains(&event.stream))
    }

    /// Whether the event is the next one of the stream that was written to last.
    fn continues(&self, event: &RecordedEvent) -> bool {
        let is_same = |write: &StreamWrite| write.stream == event.stream;
        self.writes.last().is_some_and(is_same) && event.version == self.version.next()
    }

    /// `None` only when it holds nothing.
    fn into_append(self) -> Option<Append> {
        let first = self.writes.first()?;
        let empty = Append::new(first.stream.clone(), first.expected, Vec::new());
        Some(empty.with_writes(self.writes))
    }

    fn push(&mut self, event: RecordedEvent, bytes: usize) {
        self.sent.events += 1;
        self.sent.bytes += bytes;
        self.sent.last = event.position;
        if event.version == StreamVersion::FIRST {
            self.sent.streams += 1;
        }
        let continues = self.continues(&event);
        self.version = event.version;
        match self.writes.last_mut().filter(|_| continues) {
            Some(write) => write.events.push(event.data),
            None => {
                self.streams.insert(event.stream.clone());
                self.writes.push(StreamWrite {
                    stream: event.stream,
                    expected: ExpectedVersion::Exact(event.version.previous()),
                    events: vec![event.data],
                });
            }
        }
    }
}
