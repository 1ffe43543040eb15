//! The log.

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId, StreamVersion,
    TenantId,
};

use super::PostgresStore;

#[async_trait]
impl EventStore for PostgresStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let count = appends.len();
        let (appender, waker) = (self.0.appender.clone(), self.0.waker.clone());
        // On a task of its own, so that a caller who stops waiting does not cut it off in the middle.
        let task = self.0.runtime.spawn(async move {
            let outcomes = appender.append(appends).await;
            if outcomes
                .iter()
                .any(|outcome| matches!(outcome, Ok(done) if !done.repeated))
            {
                waker.appended();
            }
            outcomes
        });
        task.await.unwrap_or_else(|error| {
            let cause = crate::error::SharedCause::new(error);
            let lost = || AppendError::Indeterminate {
                source: cause.clone().into(),
            };
            (0..count).map(|_| Err(lost())).collect()
        })
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.0.reader.stream(&read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.0.reader.all(&read).await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.0.reader.event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.0.reader.outcome(tenant, key).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.0.archive.stream(stream, expected).await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.0.head.advance().await
    }

    fn changes(&self) -> Changes {
        if !self.0.database.is_closed() {
            self.0.is_listening.get_or_init(|| {
                let listen = self.0.waker.listen(self.0.database.clone());
                self.0.tasks().spawn_on(listen, &self.0.runtime);
            });
        }
        self.0.waker.changes().subscribe()
    }
}
