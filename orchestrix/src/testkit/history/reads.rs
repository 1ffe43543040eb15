//! Reads: each against what is stored in the end, and against the time it was made at.

use std::collections::HashMap;

use super::acknowledged::Acknowledged;
use super::claims::Claims;
use super::operation::{Answer, Call, Operation, SeenEvent};
use super::stored::StoredEvents;
use super::summary::Summary;
use super::violation::Violation;
use crate::store::{GlobalPosition, StreamId, StreamVersion};

struct Reads<'a> {
    stored: &'a StoredEvents<'a>,
    claims: &'a Claims<'a>,
    acknowledged: &'a Acknowledged<'a>,
    /// What each worker has seen of each stream.
    seen: HashMap<(u32, &'a StreamId), StreamVersion>,
}

/// What was asked of a stream.
#[derive(Clone, Copy)]
struct Range {
    from: StreamVersion,
    to: StreamVersion,
    limit: usize,
    backward: bool,
}

pub(super) fn check<'a>(
    operations: &'a [Operation],
    stored: &'a StoredEvents<'a>,
    claims: &'a Claims<'a>,
    acknowledged: &'a Acknowledged<'a>,
    summary: &mut Summary,
    violations: &mut Vec<Violation>,
) {
    let mut reads = Reads {
        stored,
        claims,
        acknowledged,
        seen: HashMap::new(),
    };
    for operation in operations {
        match (&operation.call, &operation.answer) {
            (
                Call::ReadStream {
                    stream,
                    from,
                    to,
                    limit,
                    backward,
                },
                Some((at, Answer::Events { events })),
            ) => {
                summary.stream_reads += 1;
                let range = Range {
                    from: *from,
                    to: *to,
                    limit: *limit,
                    backward: *backward,
                };
                violations.extend(reads.stream(operation, stream, range, events));
                violations.extend(reads.time(operation, *at, events));
            }
            (Call::ReadAll { after, limit }, Some((at, Answer::Page { events, scanned_to }))) => {
                summary.pages += 1;
                let found = reads.page(operation.id, *after, *scanned_to, *limit, events);
                violations.extend(found);
                violations.extend(reads.time(operation, *at, events));
            }
            _ => {}
        }
    }
}

impl<'a> Reads<'a> {
    fn stream(
        &mut self,
        operation: &Operation,
        stream: &'a StreamId,
        range: Range,
        events: &'a [SeenEvent],
    ) -> Option<Violation> {
        let mut in_order: Vec<&SeenEvent> = events.iter().collect();
        if range.backward {
            in_order.reverse();
        }
        let differs = |version| Violation::ReadDiffers {
            operation: operation.id,
            stream: stream.clone(),
            version,
        };
        let mut version = range.first(&in_order);
        if events.len() > range.limit {
            return Some(differs(version));
        }
        for event in &in_order {
            if version > range.to || self.stored.at(stream, version) != Some(*event) {
                return Some(differs(version));
            }
            version = version.next();
        }
        let seen = StreamVersion::new(version.get().saturating_sub(1));
        let newest = in_order.last().map(|event| event.version);
        let found = self.completeness(operation, stream, range, seen);
        // An empty answer shows nothing, wherever its range begins.
        if let Some(newest) = newest {
            let earlier = self.seen.entry((operation.worker, stream)).or_default();
            *earlier = newest.max(*earlier);
        }
        found
    }

    /// Whether the read saw all that it had to see at its time.
    fn completeness(
        &self,
        operation: &Operation,
        stream: &'a StreamId,
        range: Range,
        seen: StreamVersion,
    ) -> Option<Violation> {
        let acknowledged = range.visible(self.acknowledged.before(stream, operation.called_at));
        let earlier = self.seen.get(&(operation.worker, stream)).copied();
        let before = range.visible(earlier.unwrap_or_default());
        if seen < acknowledged {
            return Some(Violation::ReadMissesAcknowledged {
                operation: operation.id,
                stream: stream.clone(),
                seen,
                acknowledged,
            });
        }
        (seen < before).then(|| Violation::ReadWentBack {
            operation: operation.id,
            stream: stream.clone(),
            seen,
            before,
        })
    }

    fn page(
        &self,
        operation: u64,
        after: GlobalPosition,
        scanned_to: GlobalPosition,
        limit: usize,
        events: &[SeenEvent],
    ) -> Option<Violation> {
        let mut before = after;
        for (n, event) in events.iter().enumerate() {
            if event.position <= before || event.position > scanned_to || n >= limit {
                return Some(Violation::PageOutOfOrder {
                    operation,
                    position: event.position,
                });
            }
            before = event.position;
        }
        let log = self.stored.log;
        let start = log.partition_point(|event| event.position <= after);
        let end = log.partition_point(|event| event.position <= scanned_to);
        let mut there = log.get(start..end).unwrap_or_default().iter().peekable();
        for event in events {
            match there.next_if(|stored| stored.position <= event.position) {
                Some(stored) if stored == event => {}
                Some(stored) if stored.position < event.position => {
                    return Some(Violation::BackFilled {
                        operation,
                        position: stored.position,
                        event_id: stored.event_id,
                    });
                }
                _ => {
                    return Some(Violation::PageDiffers {
                        operation,
                        position: event.position,
                    });
                }
            }
        }
        there.next().map(|stored| Violation::BackFilled {
            operation,
            position: stored.position,
            event_id: stored.event_id,
        })
    }

    /// Whether all that was read had been appended by then.
    fn time(
        &self,
        operation: &Operation,
        answered_at: u64,
        events: &'a [SeenEvent],
    ) -> Option<Violation> {
        let early = events.iter().find(|event| {
            let claim = self.claims.get(&event.stream, event.event_id);
            claim.is_some_and(|claim| claim.first_called_at > answered_at)
        })?;
        Some(Violation::ReadBeforeAppended {
            operation: operation.id,
            event_id: early.event_id,
        })
    }
}

impl Range {
    /// The version that the lowest event must have, for a range that was answered with these events, in order.
    fn first(self, in_order: &[&SeenEvent]) -> StreamVersion {
        match in_order.last() {
            Some(last) if self.backward => {
                let below_limit = last.version.get().saturating_sub(self.limit as u64);
                self.from.max(StreamVersion::new(below_limit).next())
            }
            _ => self.from,
        }
    }

    /// The highest version that the read must see of a stream that is at `version` at least; nothing when its range
    /// begins behind that.
    fn visible(self, version: StreamVersion) -> StreamVersion {
        let mut highest = version.min(self.to);
        if !self.backward {
            let last = self
                .from
                .get()
                .saturating_add(self.limit as u64)
                .saturating_sub(1);
            highest = highest.min(StreamVersion::new(last));
        }
        if highest < self.from {
            return StreamVersion::NONE;
        }
        highest
    }
}
