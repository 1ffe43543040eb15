//! Appends as the columns that the database function takes.

use orchestrix::store::{Append, EventData, ExpectedVersion, Tag};
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;
use uuid::Uuid;

use super::condition;
use super::round::Round;
use crate::row::{Microseconds, TAG_SEPARATOR};
use crate::schema::Statement;

/// At most so many events, locks and bytes of payload go into one call, unless a single append has more: each lock takes
/// an entry in the server's table, and a call keeps them until it is through.
const MAX_EVENTS: usize = 1_000;
const MAX_LOCKS: usize = 256;
const MAX_BYTES: usize = 8 << 20;

/// Cuts appends into runs that fit into one call each, keeping their order.
pub(super) fn calls(appends: &[Append]) -> Vec<&[Append]> {
    let mut calls = Vec::new();
    let (mut start, mut events, mut taken, mut bytes) = (0, 0, 0, 0);
    for (n, append) in appends.iter().enumerate() {
        let more_events = append.event_count();
        let more_locks = append.writes().len() + tag_locks(append) + key_locks(append);
        let more_bytes = size(append);
        let full = events + more_events > MAX_EVENTS
            || taken + more_locks > MAX_LOCKS
            || bytes + more_bytes > MAX_BYTES;
        if full && n > start {
            calls.push(&appends[start..n]);
            (start, events, taken, bytes) = (n, 0, 0, 0);
        }
        events += more_events;
        taken += more_locks;
        bytes += more_bytes;
    }
    if start < appends.len() {
        calls.push(&appends[start..]);
    }
    calls
}

/// At most so many locks of tags.
fn tag_locks(append: &Append) -> usize {
    let tags: usize = events(append).map(|event| event.tags().len()).sum();
    tags + append
        .condition()
        .map_or(0, |condition| condition.query.items().len())
}

fn key_locks(append: &Append) -> usize {
    usize::from(append.idempotency_key().is_some())
}

fn size(append: &Append) -> usize {
    events(append).map(|event| event.payload.size()).sum()
}

fn events(append: &Append) -> impl Iterator<Item = &EventData> {
    append.writes().iter().flat_map(|write| &write.events)
}

/// The parameters of `append_batch_2`; its SQL says what each of them is.
#[derive(Default)]
pub(super) struct Batch<'a> {
    round_ends: Vec<i32>,
    expected: Vec<i64>,
    appends: Vec<i32>,
    writes: Vec<i32>,
    places: Vec<i32>,
    tenants: Vec<&'a str>,
    streams: Vec<&'a str>,
    event_ids: Vec<Uuid>,
    event_types: Vec<&'a str>,
    schema_versions: Vec<i64>,
    occurred_ats: Vec<Microseconds>,
    metadatas: Vec<String>,
    payloads: Vec<Option<&'a str>>,
    binaries: Sparse<&'a [u8]>,
    tag_lists: Sparse<String>,
    keys: Sparse<&'a str>,
    conditions: Sparse<String>,
    tenant_wide: bool,
}

impl<'a> Batch<'a> {
    pub(super) fn of(appends: &'a [Append]) -> Result<Self, serde_json::Error> {
        let mut batch = Self {
            // Only a single append can have so many: then it locks its tenants instead.
            tenant_wide: appends.iter().map(tag_locks).sum::<usize>() > MAX_LOCKS,
            ..Self::default()
        };
        let mut round = Round::default();
        for (number, append) in (1..).zip(appends) {
            if !round.admits(append) {
                batch.end_round();
                round = Round::default();
                round.admits(append);
            }
            let first_event = batch.appends.len();
            batch.keys.put(
                first_event,
                append.idempotency_key().map(|key| key.as_str()),
            );
            batch
                .conditions
                .put(first_event, append.condition().map(condition::text));
            for write in append.writes() {
                batch.expected.push(expectation(write.expected));
                // Calls hold far fewer writes than fit; see `calls`.
                let write_number = batch.expected.len() as i32;
                for (place, event) in (1..).zip(&write.events) {
                    let index = batch.appends.len();
                    batch.appends.push(number);
                    batch.writes.push(write_number);
                    batch.places.push(place);
                    batch.tenants.push(write.stream.tenant().as_str());
                    batch.streams.push(write.stream.name());
                    batch.push_event(index, event)?;
                }
            }
        }
        batch.end_round();
        Ok(batch)
    }

    fn push_event(&mut self, index: usize, event: &'a EventData) -> Result<(), serde_json::Error> {
        let payload = &event.payload;
        self.event_ids.push(event.event_id.as_uuid());
        self.event_types.push(&event.event_type);
        self.schema_versions.push(event.schema_version.into());
        self.occurred_ats
            .push(Microseconds::floor(event.occurred_at));
        self.metadatas.push(serde_json::to_string(&event.metadata)?);
        self.payloads.push(payload.as_json());
        let is_binary = payload.as_json().is_none();
        self.binaries
            .put(index, is_binary.then(|| payload.as_bytes()));
        let is_tagged = !event.tags().is_empty();
        self.tag_lists
            .put(index, is_tagged.then(|| tag_list(event.tags())));
        Ok(())
    }

    fn end_round(&mut self) {
        self.round_ends.push(self.appends.len() as i32);
    }

    pub(super) fn query(&self, statement: &Statement) -> Query<'static, Postgres, PgArguments> {
        statement
            .query()
            .bind(&self.round_ends)
            .bind(&self.expected)
            .bind(&self.appends)
            .bind(&self.writes)
            .bind(&self.places)
            .bind(&self.tenants)
            .bind(&self.streams)
            .bind(&self.event_ids)
            .bind(&self.event_types)
            .bind(&self.schema_versions)
            .bind(&self.occurred_ats)
            .bind(&self.metadatas)
            .bind(&self.payloads)
            .bind(self.binaries.column())
            .bind(self.tag_lists.column())
            .bind(self.keys.column())
            .bind(self.conditions.column())
            .bind(self.tenant_wide)
    }
}

/// A column that most calls have nothing in.
struct Sparse<T>(Vec<Option<T>>);

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Sparse<T> {
    /// Puts a value at an index that lies behind all others'. Where the column ends before the last event, the database
    /// takes the rest for null.
    fn put(&mut self, index: usize, value: Option<T>) {
        if value.is_some() {
            self.0.resize_with(index, || None);
            self.0.push(value);
        }
    }

    /// `None` for a column without a value.
    fn column(&self) -> Option<&[Option<T>]> {
        (!self.0.is_empty()).then_some(&self.0)
    }
}

fn tag_list(tags: &[Tag]) -> String {
    let mut list = String::with_capacity(tags.iter().map(|tag| tag.as_str().len() + 1).sum());
    for tag in tags {
        if !list.is_empty() {
            list.push(TAG_SEPARATOR);
        }
        list.push_str(tag.as_str());
    }
    list
}

/// As `expectation_met` takes it.
pub(crate) fn expectation(expected: ExpectedVersion) -> i64 {
    match expected {
        ExpectedVersion::Any => -1,
        ExpectedVersion::StreamExists => -2,
        ExpectedVersion::NoStream => 0,
        // No stream comes that far, so nothing is lost by the bound.
        ExpectedVersion::Exact(version) => i64::try_from(version.get()).unwrap_or(i64::MAX),
    }
}
