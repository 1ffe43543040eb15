//! Appends: acknowledged, refused and of unknown outcome, against what is stored.

use std::collections::HashMap;

use super::acknowledged::Acknowledged;
use super::claims::Claims;
use super::contents::Stored;
use super::operation::{Answer, Call, Operation, PlacedWrite, WrittenStream};
use super::stored::StoredEvents;
use super::summary::Summary;
use super::violation::Violation;
use crate::message::MessageId;
use crate::store::{GlobalPosition, StreamId, StreamVersion};

pub(super) struct Appends<'a> {
    stored: &'a StoredEvents<'a>,
    claims: &'a Claims<'a>,
    pub(super) acknowledged: Acknowledged<'a>,
    /// First events of appends that were acknowledged as new, with the operation that was: no other one stored them.
    new: HashMap<(&'a StreamId, MessageId), u64>,
}

impl<'a> Appends<'a> {
    pub(super) fn new(stored: &'a StoredEvents<'a>, claims: &'a Claims<'a>) -> Self {
        Self {
            stored,
            claims,
            acknowledged: Acknowledged::default(),
            new: HashMap::new(),
        }
    }

    pub(super) fn check(
        &mut self,
        operations: &'a [Operation],
        summary: &mut Summary,
        violations: &mut Vec<Violation>,
    ) {
        self.find_new(operations);
        for operation in operations {
            let Call::Append { writes } = &operation.call else {
                continue;
            };
            match &operation.answer {
                Some((_, Answer::Refused { .. })) => {
                    summary.refused += 1;
                    violations.extend(self.refused(operation.id, writes));
                }
                _ => self.maybe_stored(operation, writes, summary, violations),
            }
        }
        self.acknowledged.sort();
        for operation in operations {
            if let Call::Append { writes } = &operation.call {
                self.order_in_time(operation, writes, violations);
            }
        }
    }

    fn find_new(&mut self, operations: &'a [Operation]) {
        for operation in operations {
            let (
                Call::Append { writes },
                Some((
                    _,
                    Answer::Appended {
                        repeated: false, ..
                    },
                )),
            ) = (&operation.call, &operation.answer)
            else {
                continue;
            };
            if let Some(first) = flat(writes).next() {
                self.new.entry(first).or_insert(operation.id);
            }
        }
    }

    fn refused(&self, operation: u64, writes: &'a [WrittenStream]) -> Option<Violation> {
        let mut ids = flat(writes);
        // Another attempt at the same append may have been luckier.
        let (_, event_id) = ids.find(|(stream, event_id)| {
            self.stored.event(stream, *event_id).is_some()
                && !self
                    .claims
                    .get(stream, *event_id)
                    .is_some_and(|claim| claim.may_be_stored)
        })?;
        Some(Violation::RefusedStored {
            operation,
            event_id,
        })
    }

    fn maybe_stored(
        &mut self,
        operation: &'a Operation,
        writes: &'a [WrittenStream],
        summary: &mut Summary,
        violations: &mut Vec<Violation>,
    ) {
        let id = operation.id;
        let found: Vec<_> = flat(writes)
            .map(|(stream, event_id)| self.stored.event(stream, event_id))
            .collect();
        let placed: Vec<&Stored> = found.iter().copied().flatten().collect();
        let appended = match &operation.answer {
            Some((at, Answer::Appended { .. })) => Some(*at),
            _ => None,
        };
        match (placed.len(), appended) {
            (0, Some(_)) => violations.push(Violation::Lost { operation: id }),
            (0, None) => summary.indeterminate_absent += 1,
            (count, _) if count < found.len() => violations.push(Violation::Torn {
                operation: id,
                stored: count,
                events: found.len(),
            }),
            (_, None) => {
                match flat(writes)
                    .next()
                    .is_some_and(|first| self.new.contains_key(&first))
                {
                    true => summary.indeterminate_absent += 1,
                    false => summary.indeterminate_stored += 1,
                }
                self.order(id, writes, &placed, violations);
            }
            (_, Some(at)) => {
                summary.acknowledged += 1;
                summary.acknowledged_events += placed.len();
                self.order(id, writes, &placed, violations);
                self.answer(operation, writes, &placed, summary, violations);
                let mut rest = &placed[..];
                for write in writes {
                    let (events, others) = rest.split_at(write.event_ids.len());
                    if let Some(last) = events.last() {
                        self.acknowledged.add(&write.stream, at, last.version);
                    }
                    rest = others;
                }
            }
        }
    }

    /// Whether the events stand together, in order, in their streams, and as expected. All of them are stored.
    fn order(
        &self,
        operation: u64,
        writes: &'a [WrittenStream],
        placed: &[&Stored],
        violations: &mut Vec<Violation>,
    ) {
        let mut places = placed.iter();
        let mut position = GlobalPosition::START;
        for write in writes {
            let mut expected_version = None;
            for (event_id, place) in write.event_ids.iter().zip(places.by_ref()) {
                if place.stream != write.stream {
                    violations.push(Violation::OtherStream {
                        operation,
                        event_id: *event_id,
                        stream: place.stream.clone(),
                    });
                    return;
                }
                let follows = expected_version.is_none_or(|version| version == place.version)
                    && place.position > position;
                if !follows {
                    violations.push(Violation::OutOfOrder {
                        operation,
                        event_id: *event_id,
                    });
                    return;
                }
                if expected_version.is_none() {
                    violations.extend(self.expectation(operation, write, place));
                }
                expected_version = Some(place.version.next());
                position = place.position;
            }
        }
    }

    fn expectation(
        &self,
        operation: u64,
        write: &'a WrittenStream,
        first: &Stored,
    ) -> Option<Violation> {
        // Which of several attempts stored it, and so which expectation counted, is not known.
        let attempts = self.claims.get(&write.stream, first.event_id)?.attempts;
        let actual = StreamVersion::new(first.version.get().saturating_sub(1));
        (attempts == 1 && !write.expected.is_met_by(actual)).then(|| {
            Violation::ExpectationIgnored {
                operation,
                stream: write.stream.clone(),
                expected: write.expected,
                actual,
            }
        })
    }

    /// Whether an acknowledgement says what is stored.
    fn answer(
        &self,
        operation: &Operation,
        writes: &'a [WrittenStream],
        placed: &[&Stored],
        summary: &mut Summary,
        violations: &mut Vec<Violation>,
    ) {
        let Some((
            _,
            Answer::Appended {
                streams,
                position,
                repeated,
            },
        )) = &operation.answer
        else {
            return;
        };
        let mut rest = placed;
        for (write, told) in writes.iter().zip(streams) {
            let (events, others) = rest.split_at(write.event_ids.len());
            rest = others;
            let is = |placed: &PlacedWrite, first: &Stored, last: &Stored| {
                placed.first_version == first.version && placed.last_version == last.version
            };
            if let (Some(first), Some(last)) = (events.first(), events.last())
                && !is(told, first, last)
            {
                violations.push(Violation::AcknowledgedVersions {
                    operation: operation.id,
                    stream: write.stream.clone(),
                });
            }
        }
        if let Some(last) = placed.last().filter(|last| last.position != *position) {
            violations.push(Violation::AcknowledgedPosition {
                operation: operation.id,
                acknowledged: *position,
                stored: last.position,
            });
        }
        let Some((stream, event_id)) = flat(writes).next() else {
            return;
        };
        if *repeated {
            summary.repeated += 1;
            let claim = self.claims.get(stream, event_id);
            if claim.is_some_and(|claim| claim.attempts == 1) {
                violations.push(Violation::NothingToRepeat {
                    operation: operation.id,
                });
            }
        } else if self.new.get(&(stream, event_id)) != Some(&operation.id) {
            violations.push(Violation::AcknowledgedTwice {
                operation: operation.id,
                event_id,
            });
        }
    }

    /// Whether an append stands behind all that had been acknowledged when it was first called.
    fn order_in_time(
        &self,
        operation: &Operation,
        writes: &'a [WrittenStream],
        violations: &mut Vec<Violation>,
    ) {
        for write in writes {
            let first = write.event_ids.first();
            let Some((first, event_id)) =
                first.and_then(|id| Some((self.stored.event(&write.stream, *id)?, *id)))
            else {
                continue;
            };
            let claim = self.claims.get(&write.stream, event_id);
            let called_at = claim.map_or(operation.called_at, |claim| claim.first_called_at);
            let acknowledged = self.acknowledged.before(&write.stream, called_at);
            if first.stream == write.stream && first.version <= acknowledged {
                violations.push(Violation::BeforeAcknowledged {
                    operation: operation.id,
                    stream: write.stream.clone(),
                    version: first.version,
                    acknowledged,
                });
            }
        }
    }
}

fn flat(writes: &[WrittenStream]) -> impl Iterator<Item = (&StreamId, MessageId)> {
    writes.iter().flat_map(|write| {
        let ids = write.event_ids.iter();
        ids.map(|event_id| (&write.stream, *event_id))
    })
}
