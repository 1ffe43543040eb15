//! Appends as the columns that the database function takes.

use std::collections::HashSet;

use orchestrix::message::MessageId;
use orchestrix::store::{Append, ExpectedVersion, StreamId, TenantId};
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;
use uuid::Uuid;

use crate::row::Microseconds;
use crate::schema::Statement;

/// At most so many events, writes and bytes of payload go into one call, unless a single append has more: each stream
/// takes an entry in the server's lock table, and a call keeps its streams locked until it is through.
const MAX_EVENTS: usize = 1_000;
const MAX_WRITES: usize = 256;
const MAX_BYTES: usize = 8 << 20;

/// Cuts appends into runs that fit into one call each, keeping their order.
pub(super) fn calls(appends: &[Append]) -> Vec<&[Append]> {
    let mut calls = Vec::new();
    let (mut start, mut events, mut writes, mut bytes) = (0, 0, 0, 0);
    for (n, append) in appends.iter().enumerate() {
        let more_events = append.event_count();
        let more_writes = append.writes().len();
        let more_bytes = size(append);
        let full = events + more_events > MAX_EVENTS
            || writes + more_writes > MAX_WRITES
            || bytes + more_bytes > MAX_BYTES;
        if full && n > start {
            calls.push(&appends[start..n]);
            (start, events, writes, bytes) = (n, 0, 0, 0);
        }
        events += more_events;
        writes += more_writes;
        bytes += more_bytes;
    }
    if start < appends.len() {
        calls.push(&appends[start..]);
    }
    calls
}

fn size(append: &Append) -> usize {
    let events = append.writes().iter().flat_map(|write| &write.events);
    events.map(|event| event.payload.size()).sum()
}

/// The parameters of `append_batch`; its SQL says what each of them is.
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
    payloads: Vec<&'a str>,
}

impl<'a> Batch<'a> {
    pub(super) fn of(appends: &'a [Append]) -> Result<Self, serde_json::Error> {
        let mut batch = Self::default();
        let mut round = Round::default();
        for (number, append) in (1..).zip(appends) {
            if !round.admits(append) {
                batch.end_round();
                round = Round::default();
                round.admits(append);
            }
            for write in append.writes() {
                batch.expected.push(expectation(write.expected));
                // Calls hold far fewer writes than fit; see `calls`.
                let write_number = batch.expected.len() as i32;
                for (place, event) in (1..).zip(&write.events) {
                    batch.appends.push(number);
                    batch.writes.push(write_number);
                    batch.places.push(place);
                    batch.tenants.push(write.stream.tenant().as_str());
                    batch.streams.push(write.stream.name());
                    batch.event_ids.push(event.event_id.as_uuid());
                    batch.event_types.push(&event.event_type);
                    batch.schema_versions.push(event.schema_version.into());
                    batch
                        .occurred_ats
                        .push(Microseconds::floor(event.occurred_at));
                    batch
                        .metadatas
                        .push(serde_json::to_string(&event.metadata)?);
                    batch.payloads.push(event.payload.as_str());
                }
            }
        }
        batch.end_round();
        Ok(batch)
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
    }
}

fn expectation(expected: ExpectedVersion) -> i64 {
    match expected {
        ExpectedVersion::Any => -1,
        ExpectedVersion::StreamExists => -2,
        ExpectedVersion::NoStream => 0,
        // No stream comes that far, so nothing is lost by the bound.
        ExpectedVersion::Exact(version) => i64::try_from(version.get()).unwrap_or(i64::MAX),
    }
}

/// The streams and event ids of the appends that are decided at once. An append that shares one with an earlier append
/// of the call must see what that one left, so it opens the next round.
#[derive(Default)]
struct Round<'a> {
    streams: HashSet<&'a StreamId>,
    event_ids: HashSet<(&'a TenantId, MessageId)>,
}

impl<'a> Round<'a> {
    /// Takes the append up, or says `false` when it must wait for the next round.
    fn admits(&mut self, append: &'a Append) -> bool {
        let ids = || {
            append.writes().iter().flat_map(|write| {
                write
                    .events
                    .iter()
                    .map(|event| (write.stream.tenant(), event.event_id))
            })
        };
        let taken = append
            .writes()
            .iter()
            .any(|write| self.streams.contains(&write.stream))
            || ids().any(|id| self.event_ids.contains(&id));
        if !taken {
            self.streams
                .extend(append.writes().iter().map(|write| &write.stream));
            self.event_ids.extend(ids());
        }
        !taken
    }
}
