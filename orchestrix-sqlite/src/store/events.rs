//! The log.

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId, StreamVersion,
    TenantId,
};

use super::SqliteStore;
use crate::append::{AppendBatch, PreparedAppend};
use crate::archive::ArchiveStream;
use crate::failure::Failure;
use crate::{idempotency, read};

#[async_trait]
impl EventStore for SqliteStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let mut accepted = Vec::with_capacity(appends.len());
        let mut refused = Vec::new();
        for (n, append) in appends.into_iter().enumerate() {
            match PreparedAppend::new(append, &self.0.limits) {
                Ok(append) => accepted.push(append),
                Err(refusal) => refused.push((n, refusal)),
            }
        }
        let count = accepted.len();
        let mut outcomes = match count {
            0 => Vec::new(),
            _ => match self.0.writer.run(AppendBatch::new(accepted)).await {
                Ok(outcomes) => outcomes,
                Err(failure) => (0..count).map(|_| Err(failure.clone().into())).collect(),
            },
        };
        // The lowest first, so that each comes to stand where its append stood.
        for (n, refusal) in refused {
            outcomes.insert(n, Err(refusal));
        }
        outcomes
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.0
            .readers
            .read(move |connection| read::read_stream(connection, &read))
            .await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.0
            .readers
            .read(move |connection| read::read_all(connection, &read))
            .await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        let tenant = tenant.clone();
        self.0
            .readers
            .read(move |connection| read::find_event(connection, &tenant, event_id))
            .await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        let (tenant, key) = (tenant.clone(), key.clone());
        let find = move |connection: &_| idempotency::first_outcome(connection, &key, &tenant);
        Ok(self
            .0
            .readers
            .read(move |connection| find(connection).map_err(Failure::from))
            .await?)
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        let work = ArchiveStream {
            stream: stream.clone(),
            expected,
        };
        match self.0.writer.run(work).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into()),
        }
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        Ok(self.0.readers.read(read::head).await?)
    }

    fn changes(&self) -> Changes {
        let changes = self.0.changes.subscribe();
        self.0.writer.listen();
        changes
    }
}
