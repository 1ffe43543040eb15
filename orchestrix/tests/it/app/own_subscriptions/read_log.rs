//! A log that notes what is read from it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, MemoryStore, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId,
    StreamVersion, TenantId,
};

/// Clones are one.
#[derive(Debug, Clone)]
pub(in crate::app) struct ReadLog {
    memory: MemoryStore,
    read: Arc<Mutex<Vec<u64>>>,
    limits: Arc<Mutex<Vec<(u64, usize)>>>,
}

impl ReadLog {
    pub(in crate::app) fn of(memory: &MemoryStore) -> Self {
        Self {
            memory: memory.clone(),
            read: Arc::default(),
            limits: Arc::default(),
        }
    }

    /// The positions of all events that left the store by position, in order.
    pub(in crate::app) fn read(&self) -> Vec<u64> {
        self.read.lock().unwrap().clone()
    }

    /// Behind which position each page was read, and how long it might be.
    pub(in crate::app) fn pages(&self) -> Vec<(u64, usize)> {
        self.limits.lock().unwrap().clone()
    }
}

#[async_trait]
impl EventStore for ReadLog {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.memory.append(appends).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.memory.read_stream(read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        let asked = (read.after.get(), read.limit);
        self.limits.lock().unwrap().push(asked);
        let page = self.memory.read_all(read).await?;
        let positions = page.events.iter().map(|event| event.position.get());
        self.read.lock().unwrap().extend(positions);
        Ok(page)
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.memory.find_event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.memory.outcome_of(tenant, key).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.memory.archive_stream(stream, expected).await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.memory.head().await
    }

    fn changes(&self) -> Changes {
        self.memory.changes()
    }
}
