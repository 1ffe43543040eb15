//! Streams that are taken off the hot path.
//!
//! Their rows move to tables of their own: what appends and loads go through, the log's tree and its two indexes, is
//! as large as the streams in use. Their tags stay where they are, for they decide conditions.

use orchestrix::store::{AppendError, ExpectedVersion, StreamId, StreamVersion};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::job::Work;
use crate::stream_state::StreamState;
use crate::transaction::savepoint;
use crate::writer::GROUP_WEIGHT;

const MOVE: &str = include_str!("sql/archive_events.sql");
const DELETE: &str = "DELETE FROM events WHERE stream = ?1 AND tenant = ?2";

/// A statement that reads the log, made to read the archive.
pub(crate) fn in_archive(statement: &str) -> String {
    statement.replace("FROM events", "FROM archived_events")
}

/// Archives one stream.
#[derive(Debug)]
pub(crate) struct ArchiveStream {
    pub(crate) stream: StreamId,
    pub(crate) expected: ExpectedVersion,
}

impl ArchiveStream {
    fn apply(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<Result<StreamVersion, AppendError>> {
        let state = StreamState::of(connection, &self.stream)?;
        let actual = state.version();
        if actual == StreamVersion::NONE || !self.expected.is_met_by(actual) {
            return Ok(Err(AppendError::Conflict {
                stream: self.stream.clone(),
                expected: self.expected,
                actual,
            }));
        }
        if let StreamState::InUse(_) = state {
            let key = (self.stream.name(), self.stream.tenant().as_str());
            connection.prepare_cached(MOVE)?.execute(key)?;
            connection.prepare_cached(DELETE)?.execute(key)?;
        }
        Ok(Ok(actual))
    }
}

impl Work for ArchiveStream {
    type Outcome = Result<StreamVersion, AppendError>;

    /// How long the stream is, is not known yet: nothing more is put into its transaction.
    fn weight(&self) -> usize {
        GROUP_WEIGHT
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        let outcome = savepoint(connection, || self.apply(connection))?;
        Ok(outcome.unwrap_or_else(|error| Err(Failure::from(error).into())))
    }
}
