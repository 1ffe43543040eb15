//! The statements of an append.

use std::borrow::Cow;

use orchestrix::message::Metadata;
use orchestrix::store::{
    Append, AppendError, Appended, AppendedStream, GlobalPosition, Payload, StreamId,
    StreamVersion, StreamWrite,
};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};

use crate::failure::Failure;
use crate::job::Work;
use crate::recorded::to_microseconds;
use crate::repeat::first_outcome;
use crate::transaction::{PartOutcome, one_statement, savepoint};

const VERSION: &str = "SELECT max(version) FROM events WHERE stream = ?1 AND tenant = ?2";
const INSERT: &str = include_str!("sql/insert_event.sql");

/// The appends of one call.
#[derive(Debug)]
pub(crate) struct AppendBatch {
    appends: Vec<PreparedAppend>,
    events: usize,
}

/// One append, checked, with its metadata written as JSON: what the caller's thread can do for the writer's.
#[derive(Debug)]
pub(crate) struct PreparedAppend {
    writes: Vec<StreamWrite>,
    /// One text for each event, over all writes.
    metadata: Vec<Cow<'static, str>>,
}

impl AppendBatch {
    pub(crate) fn new(appends: Vec<PreparedAppend>) -> Self {
        Self {
            events: appends.iter().map(|append| append.metadata.len()).sum(),
            appends,
        }
    }
}

impl Work for AppendBatch {
    type Outcome = Vec<Result<Appended, AppendError>>;

    fn weight(&self) -> usize {
        self.events
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        self.appends
            .iter()
            .map(|append| append.run(connection))
            .collect()
    }

    fn appends(outcome: &Self::Outcome) -> bool {
        outcome.iter().flatten().any(|appended| !appended.repeated)
    }
}

impl PreparedAppend {
    /// # Errors
    /// What [`Append::check`] refuses.
    pub(crate) fn new(append: Append) -> Result<Self, AppendError> {
        append.check()?;
        let mut metadata = Vec::with_capacity(append.event_count());
        for event in append.writes().iter().flat_map(|write| &write.events) {
            metadata.push(metadata_text(&event.metadata)?);
        }
        Ok(Self {
            writes: append.into_writes(),
            metadata,
        })
    }

    /// Stores it or says why not. `Err` when the whole transaction is lost.
    fn run(&self, connection: &Connection) -> rusqlite::Result<Result<Appended, AppendError>> {
        let stored = one_statement(connection, || self.place(connection))?;
        let streams = match stored {
            Ok(Ok(streams)) => streams,
            // An append that was stored before is no conflict, although its expectation cannot be met any more.
            Ok(Err(conflict)) => return self.repeated_or(connection, conflict),
            Err(error) => return Ok(Err(Failure::from(error).into())),
        };
        match self.insert(connection, &streams)? {
            Ok(position) => Ok(Ok(Appended {
                streams,
                position,
                repeated: false,
            })),
            // The versions are free, or the expectation would not be met: it is the ids that are taken.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                self.repeated_or(connection, Failure::from(error).into())
            }
            Err(error) => Ok(Err(Failure::from(error).into())),
        }
    }

    /// Where the events would be stored, or the conflict that keeps them from it.
    fn place(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<Result<Vec<AppendedStream>, AppendError>> {
        let mut streams = Vec::with_capacity(self.writes.len());
        for write in &self.writes {
            let actual = version(connection, &write.stream)?;
            if !write.expected.is_met_by(actual) {
                return Ok(Err(AppendError::Conflict {
                    stream: write.stream.clone(),
                    expected: write.expected,
                    actual,
                }));
            }
            streams.push(AppendedStream {
                stream: write.stream.clone(),
                first_version: actual.next(),
                last_version: actual.plus(write.events.len() as u64),
            });
        }
        Ok(Ok(streams))
    }

    fn insert(
        &self,
        connection: &Connection,
        streams: &[AppendedStream],
    ) -> PartOutcome<GlobalPosition> {
        let insert = || self.insert_events(connection, streams);
        // A lone event needs no savepoint, and is what most appends are.
        if self.metadata.len() == 1 {
            one_statement(connection, insert)
        } else {
            savepoint(connection, insert)
        }
    }

    fn insert_events(
        &self,
        connection: &Connection,
        streams: &[AppendedStream],
    ) -> rusqlite::Result<GlobalPosition> {
        let mut insert = connection.prepare_cached(INSERT)?;
        let mut metadata = self.metadata.iter();
        for (write, place) in self.writes.iter().zip(streams) {
            // These stay bound for all events of the stream.
            insert.raw_bind_parameter(1, write.stream.tenant().as_str())?;
            insert.raw_bind_parameter(2, write.stream.name())?;
            insert.raw_bind_parameter(3, write.stream.category())?;
            let versions = place.first_version.get()..;
            for ((event, metadata), version) in write.events.iter().zip(&mut metadata).zip(versions)
            {
                let version = i64::try_from(version)
                    .map_err(|beyond| rusqlite::Error::ToSqlConversionFailure(beyond.into()))?;
                insert.raw_bind_parameter(4, version)?;
                insert.raw_bind_parameter(5, event.event_id.as_uuid().as_bytes().as_slice())?;
                insert.raw_bind_parameter(6, &*event.event_type)?;
                insert.raw_bind_parameter(7, event.schema_version)?;
                insert.raw_bind_parameter(8, to_microseconds(event.occurred_at))?;
                insert.raw_bind_parameter(9, &**metadata)?;
                insert.raw_bind_parameter(10, PayloadText(&event.payload))?;
                insert.raw_execute()?;
            }
        }
        // Row ids of this table count from 1.
        Ok(GlobalPosition::new(
            connection.last_insert_rowid().unsigned_abs(),
        ))
    }

    /// The outcome of the append that stored these very events before; `refusal` if none of them is stored.
    fn repeated_or(
        &self,
        connection: &Connection,
        refusal: AppendError,
    ) -> rusqlite::Result<Result<Appended, AppendError>> {
        Ok(
            match one_statement(connection, || first_outcome(connection, &self.writes))? {
                Ok(Ok(Some(first_outcome))) => Ok(first_outcome),
                Ok(Ok(None)) => Err(refusal),
                Ok(Err(taken)) => Err(taken),
                Err(error) => Err(Failure::from(error).into()),
            },
        )
    }
}

fn version(connection: &Connection, stream: &StreamId) -> rusqlite::Result<StreamVersion> {
    let key = (stream.name(), stream.tenant().as_str());
    let version: Option<i64> = connection
        .prepare_cached(VERSION)?
        .query_row(key, |row| row.get(0))?;
    Ok(StreamVersion::new(version.unwrap_or(0).unsigned_abs()))
}

fn metadata_text(metadata: &Metadata) -> Result<Cow<'static, str>, AppendError> {
    if *metadata == Metadata::default() {
        return Ok(Cow::Borrowed("{}"));
    }
    let text = serde_json::to_string(metadata).map_err(Failure::metadata)?;
    Ok(Cow::Owned(text))
}

/// Binds a payload's bytes as text without looking through them again.
struct PayloadText<'a>(&'a Payload);

impl ToSql for PayloadText<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0.as_bytes())))
    }
}
