//! Taking streams off the hot path.

use std::sync::Arc;

use orchestrix::store::{AppendError, ExpectedVersion, StreamId, StreamVersion};
use sqlx::Row;

use crate::append::{ATTEMPTS, CallError, expectation};
use crate::database::{Database, Purpose, Scope};
use crate::row::unsigned;
use crate::schema::{Schema, Statement};

/// Moves streams to the archive.
#[derive(Debug)]
pub(crate) struct Archive {
    database: Arc<Database>,
    archive_stream: Statement,
}

impl Archive {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            archive_stream: schema
                .statement("select version, is_archived from {schema}.archive_stream($1, $2, $3)"),
        }
    }

    pub(crate) async fn stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        let mut attempt = 1;
        let (version, is_archived) = loop {
            match self.call(stream, expected).await {
                Ok(answer) => break answer,
                Err(error) if error.is_contention() && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.outcome()),
            }
        };
        if is_archived {
            Ok(version)
        } else {
            Err(AppendError::Conflict {
                stream: stream.clone(),
                expected,
                actual: version,
            })
        }
    }

    /// The stream's last version, and whether it is archived now.
    async fn call(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<(StreamVersion, bool), CallError> {
        let query = self
            .archive_stream
            .query()
            .bind(stream.tenant().as_str())
            .bind(stream.name())
            .bind(expectation(expected));
        let mut connection = self
            .database
            .lease_for(Purpose::Command, Scope::of(stream.tenant()))
            .await?;
        let row = connection.fetch_one(query).await?;
        let version: i64 = row.try_get(0)?;
        Ok((StreamVersion::new(unsigned(version)), row.try_get(1)?))
    }
}
