//! The log of a process that ends.

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId, StreamVersion,
    TenantId,
};

use super::Mortal;

#[async_trait]
impl EventStore for Mortal {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.write(self.events.append(appends)).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.events.read_stream(read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.events.read_all(read).await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.events.find_event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.events.outcome_of(tenant, key).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.write(self.events.archive_stream(stream, expected))
            .await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.events.head().await
    }

    fn changes(&self) -> Changes {
        self.events.changes()
    }
}
