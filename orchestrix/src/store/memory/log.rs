//! The events.

use std::collections::{HashMap, HashSet};

use crate::message::MessageId;
use crate::store::{
    Append, AppendCondition, AppendError, Appended, AppendedStream, Direction, ExpectedVersion,
    GlobalPosition, IdempotencyKey, Limits, Page, ReadAll, ReadStream, RecordedEvent, StreamId,
    StreamVersion, StreamWrite, TenantId,
};

/// Events in the order of their positions, which are dense here: position p is at index p - 1.
#[derive(Debug, Default)]
pub(super) struct Log {
    events: Vec<RecordedEvent>,
    /// Index of each event of each stream, so version v is at index v - 1.
    streams: HashMap<StreamId, Vec<usize>>,
    archived: HashSet<StreamId>,
    ids: HashMap<TenantId, HashMap<MessageId, usize>>,
    /// The outcomes of the appends that had a key.
    keys: HashMap<TenantId, HashMap<IdempotencyKey, Appended>>,
    limits: Limits,
}

impl Log {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// What else the append changes, `others` change with its events, or refuse all of it.
    pub(super) fn append(
        &mut self,
        append: Append,
        others: &mut impl FnMut(&Append) -> Result<(), AppendError>,
    ) -> Result<Appended, AppendError> {
        append.check(&self.limits)?;
        let tenant = append
            .writes()
            .first()
            .map(|write| write.stream.tenant().clone());
        let key = tenant.clone().zip(append.idempotency_key().cloned());
        let known = key
            .as_ref()
            .and_then(|(tenant, key)| self.known(tenant, key));
        if let Some(first_outcome) = known {
            return Ok(first_outcome);
        }
        if let Some(first_outcome) = self.repeated(append.writes())? {
            return Ok(first_outcome);
        }
        for write in append.writes() {
            let actual = self.version(&write.stream);
            if self.archived.contains(&write.stream) {
                return Err(AppendError::Archived {
                    stream: write.stream.clone(),
                    version: actual,
                });
            }
            if !write.expected.is_met_by(actual) {
                return Err(AppendError::Conflict {
                    stream: write.stream.clone(),
                    expected: write.expected,
                    actual,
                });
            }
        }
        if let (Some(condition), Some(tenant)) = (append.condition(), &tenant) {
            self.check(condition, tenant)?;
        }
        others(&append)?;
        let streams = append
            .into_writes()
            .into_iter()
            .map(|write| self.store(write))
            .collect();
        let appended = Appended {
            streams,
            position: self.head(),
            repeated: false,
        };
        if let Some((tenant, key)) = key {
            let keys = self.keys.entry(tenant).or_default();
            keys.insert(key, appended.clone());
        }
        Ok(appended)
    }

    /// The outcome of the append that had this key.
    pub(super) fn known(&self, tenant: &TenantId, key: &IdempotencyKey) -> Option<Appended> {
        let first_outcome = self.keys.get(tenant)?.get(key)?.clone();
        Some(Appended {
            repeated: true,
            ..first_outcome
        })
    }

    fn check(&self, condition: &AppendCondition, tenant: &TenantId) -> Result<(), AppendError> {
        let start = condition.after.get().min(self.events.len() as u64) as usize;
        let found = self.events[start..]
            .iter()
            .find(|event| event.stream.tenant() == tenant && condition.query.matches(&event.data));
        match found {
            None => Ok(()),
            Some(event) => Err(AppendError::ConditionConflict {
                query: condition.query.clone(),
                after: condition.after,
                found: event.position,
            }),
        }
    }

    pub(super) fn archive(
        &mut self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        let actual = self.version(stream);
        if actual == StreamVersion::NONE || !expected.is_met_by(actual) {
            return Err(AppendError::Conflict {
                stream: stream.clone(),
                expected,
                actual,
            });
        }
        self.archived.insert(stream.clone());
        Ok(actual)
    }

    pub(super) fn find(&self, tenant: &TenantId, event_id: MessageId) -> Option<RecordedEvent> {
        let index = self.ids.get(tenant)?.get(&event_id)?;
        self.events.get(*index).cloned()
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
                data.in_microseconds(),
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
        if !read.with_archived && self.archived.contains(&read.stream) {
            return Vec::new();
        }
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
        let left = &self.events[start..];
        let mut events = Vec::with_capacity(read.limit.min(left.len()));
        for event in left {
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
