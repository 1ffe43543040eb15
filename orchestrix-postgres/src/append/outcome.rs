//! What the database function answered, as the outcome of each append.

use std::collections::HashMap;

use orchestrix::store::{
    Append, AppendError, Appended, AppendedStream, GlobalPosition, StreamVersion, StreamWrite,
};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::row::unsigned;

/// The answer to one call.
pub(super) struct Answer {
    /// For each write, where its stream stood.
    versions: Vec<i64>,
    /// Of the events that were stored, in their order.
    positions: Vec<i64>,
    /// The events whose ids were stored already, by their number in the call, from 1.
    known: HashMap<i32, Known>,
}

/// Where an event with the same id stands.
struct Known {
    stream: String,
    version: StreamVersion,
    position: GlobalPosition,
}

/// The database answered what cannot be.
#[derive(Debug, thiserror::Error)]
#[error("the database's answer does not fit the appends that it was sent")]
struct Misfit;

impl Answer {
    pub(super) fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        let numbers: Option<Vec<i32>> = row.try_get(2)?;
        let mut known = HashMap::new();
        if let Some(numbers) = numbers {
            let streams: Vec<String> = row.try_get(3)?;
            let versions: Vec<i64> = row.try_get(4)?;
            let positions: Vec<i64> = row.try_get(5)?;
            let places = streams.into_iter().zip(versions).zip(positions);
            for (number, ((stream, version), position)) in numbers.into_iter().zip(places) {
                known.insert(
                    number,
                    Known {
                        stream,
                        version: StreamVersion::new(unsigned(version)),
                        position: GlobalPosition::new(unsigned(position)),
                    },
                );
            }
        }
        Ok(Self {
            versions: row.try_get(0)?,
            positions: row.try_get::<Option<Vec<i64>>, _>(1)?.unwrap_or_default(),
            known,
        })
    }

    /// One outcome for each append, in their order.
    pub(super) fn outcomes(&self, appends: &[Append]) -> Vec<Result<Appended, AppendError>> {
        let mut versions = self
            .versions
            .iter()
            .map(|version| StreamVersion::new(unsigned(*version)));
        let mut positions = self
            .positions
            .iter()
            .map(|position| GlobalPosition::new(unsigned(*position)));
        let mut first_event = 1;
        let mut outcomes = Vec::with_capacity(appends.len());
        for append in appends {
            let writes = append.writes();
            let stood: Vec<_> = versions.by_ref().take(writes.len()).collect();
            let events = first_event..first_event + append.event_count() as i32;
            first_event = events.end;
            outcomes.push(if stood.len() < writes.len() {
                Err(misfit())
            } else if events.clone().any(|event| self.known.contains_key(&event)) {
                self.repeated(writes, events.start)
            } else if let Some(conflict) = conflict(writes, &stood) {
                Err(conflict)
            } else {
                // The position of the last of its events.
                match positions.nth(append.event_count() - 1) {
                    Some(position) => Ok(stored(writes, &stood, position)),
                    None => Err(misfit()),
                }
            });
        }
        outcomes
    }

    /// The outcome of the append that stored these very events before, unless they belong to others. At least one of
    /// the events is known.
    fn repeated(&self, writes: &[StreamWrite], first_event: i32) -> Result<Appended, AppendError> {
        let mut streams = Vec::with_capacity(writes.len());
        let mut position = GlobalPosition::START;
        let mut events = first_event..;
        let mut any_fresh = false;
        let mut any_taken = None;
        for write in writes {
            let mut first_version = StreamVersion::NONE;
            for (n, (data, number)) in (0..).zip(write.events.iter().zip(events.by_ref())) {
                let Some(known) = self.known.get(&number) else {
                    any_fresh = true;
                    continue;
                };
                if n == 0 {
                    first_version = known.version;
                }
                let is_in_place =
                    known.stream == write.stream.name() && known.version == first_version.plus(n);
                if !is_in_place || any_taken.is_none() {
                    any_taken = Some((&write.stream, data.event_id));
                }
                any_fresh |= !is_in_place;
                position = position.max(known.position);
            }
            streams.push(AppendedStream {
                stream: write.stream.clone(),
                first_version,
                last_version: first_version.plus(write.events.len() as u64 - 1),
            });
        }
        match any_taken {
            Some((stream, event_id)) if any_fresh => Err(AppendError::DuplicateEvent {
                stream: stream.clone(),
                event_id,
            }),
            _ => Ok(Appended {
                streams,
                position,
                repeated: true,
            }),
        }
    }
}

fn conflict(writes: &[StreamWrite], stood: &[StreamVersion]) -> Option<AppendError> {
    let mut pairs = writes.iter().zip(stood);
    pairs
        .find(|(write, actual)| !write.expected.is_met_by(**actual))
        .map(|(write, actual)| AppendError::Conflict {
            stream: write.stream.clone(),
            expected: write.expected,
            actual: *actual,
        })
}

fn stored(writes: &[StreamWrite], stood: &[StreamVersion], position: GlobalPosition) -> Appended {
    let streams = writes
        .iter()
        .zip(stood)
        .map(|(write, before)| AppendedStream {
            stream: write.stream.clone(),
            first_version: before.next(),
            last_version: before.plus(write.events.len() as u64),
        });
    Appended {
        streams: streams.collect(),
        position,
        repeated: false,
    }
}

/// The call was committed, so nothing can be said about what is in it but that.
pub(super) fn misfit() -> AppendError {
    AppendError::Indeterminate {
        source: Misfit.into(),
    }
}
