//! What the database function answered, as the outcome of each append.

use std::collections::HashMap;

use orchestrix::store::{
    Append, AppendError, Appended, AppendedStream, GlobalPosition, StreamVersion, StreamWrite,
};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::first_outcome::FirstOutcome;
use crate::row::unsigned;

/// The answer to one call. What it has by number is numbered from 1, in the order of the call.
pub(super) struct Answer {
    /// For each write, where its stream stood.
    versions: Vec<i64>,
    /// Of the events that were stored, in their order.
    positions: Vec<i64>,
    /// By event: those whose ids were stored already.
    known: HashMap<i32, Known>,
    /// By write: the last versions of archived streams.
    archived: HashMap<i32, StreamVersion>,
    /// By append: the outcomes that its key names.
    keyed: HashMap<i32, FirstOutcome>,
    /// By append: the position of an event that its condition forbids.
    unmet: HashMap<i32, GlobalPosition>,
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
        let streams: Vec<String> = list(row, 3)?;
        let known = streams.into_iter().zip(list(row, 4)?).zip(list(row, 5)?);
        let known = known.map(|((stream, at), after)| Known {
            stream,
            version: version(at),
            position: position(after),
        });
        let keyed = list(row, 9)?.into_iter().zip(list(row, 10)?);
        let keyed = keyed.map(|(position, streams)| FirstOutcome::new(position, streams));
        Ok(Self {
            versions: list(row, 0)?,
            positions: list(row, 1)?,
            known: numbered(row, 2, known)?,
            archived: numbered(row, 6, list(row, 7)?.into_iter().map(version))?,
            keyed: numbered(row, 8, keyed)?,
            unmet: numbered(row, 11, list(row, 12)?.into_iter().map(position))?,
        })
    }

    /// One outcome for each append, in their order.
    pub(super) fn outcomes(&self, appends: &[Append]) -> Vec<Result<Appended, AppendError>> {
        let mut versions = self.versions.iter().copied().map(version);
        let mut positions = self.positions.iter().copied().map(position);
        let (mut first_event, mut first_write) = (1, 1);
        let mut outcomes = Vec::with_capacity(appends.len());
        for (number, append) in (1..).zip(appends) {
            let writes = append.writes();
            let stood: Vec<_> = versions.by_ref().take(writes.len()).collect();
            let events = first_event..first_event + append.event_count() as i32;
            outcomes.push(if stood.len() < writes.len() {
                Err(misfit())
            } else if let Some(first_outcome) = self.keyed.get(&number) {
                first_outcome.appended()
            } else if events.clone().any(|event| self.known.contains_key(&event)) {
                self.repeated(writes, events.start)
            } else if let Some(refused) = self.refused(writes, first_write, &stood) {
                Err(refused)
            } else if let Some(unmet) = self.unmet(append, number) {
                Err(unmet)
            } else {
                // The position of the last of its events.
                match positions.nth(append.event_count() - 1) {
                    Some(position) => Ok(stored(writes, &stood, position)),
                    None => Err(misfit()),
                }
            });
            first_event = events.end;
            first_write += writes.len() as i32;
        }
        outcomes
    }

    /// Why one of the streams takes no events, if so.
    fn refused(
        &self,
        writes: &[StreamWrite],
        first_write: i32,
        stood: &[StreamVersion],
    ) -> Option<AppendError> {
        let mut writes = (first_write..).zip(writes.iter().zip(stood));
        writes.find_map(
            |(number, (write, actual))| match self.archived.get(&number) {
                Some(version) => Some(AppendError::Archived {
                    stream: write.stream.clone(),
                    version: *version,
                }),
                None if write.expected.is_met_by(*actual) => None,
                None => Some(AppendError::Conflict {
                    stream: write.stream.clone(),
                    expected: write.expected,
                    actual: *actual,
                }),
            },
        )
    }

    fn unmet(&self, append: &Append, number: i32) -> Option<AppendError> {
        let condition = append.condition()?;
        let found = self.unmet.get(&number)?;
        Some(AppendError::ConditionConflict {
            query: condition.query.clone(),
            after: condition.after,
            found: *found,
        })
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

/// A column that is null where there is nothing.
fn list<'r, T>(row: &'r PgRow, column: usize) -> Result<Vec<T>, sqlx::Error>
where
    Vec<T>: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    Ok(row
        .try_get::<Option<Vec<T>>, _>(column)?
        .unwrap_or_default())
}

/// Values by the numbers in a column.
fn numbered<T>(
    row: &PgRow,
    column: usize,
    values: impl Iterator<Item = T>,
) -> Result<HashMap<i32, T>, sqlx::Error> {
    Ok(list(row, column)?.into_iter().zip(values).collect())
}

fn version(number: i64) -> StreamVersion {
    StreamVersion::new(unsigned(number))
}

fn position(number: i64) -> GlobalPosition {
    GlobalPosition::new(unsigned(number))
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
