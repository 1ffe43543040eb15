//! A store that shows its events otherwise than they are.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, MemoryStore, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId,
    StreamVersion, TenantId,
};

type Change = Box<dyn Fn(Vec<RecordedEvent>) -> Vec<RecordedEvent> + Send + Sync>;

/// The log of a memory store, which fits into one page, as it was changed by hand.
pub(super) struct Tampered {
    inner: Arc<MemoryStore>,
    change: Change,
}

impl Tampered {
    pub(super) fn new(
        inner: Arc<MemoryStore>,
        change: impl Fn(Vec<RecordedEvent>) -> Vec<RecordedEvent> + Send + Sync + 'static,
    ) -> Self {
        Self {
            inner,
            change: Box::new(change),
        }
    }
}

#[async_trait]
impl EventStore for Tampered {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.inner.append(appends).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.inner.read_stream(read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        let (after, limit) = (read.after, read.limit);
        let whole = self
            .inner
            .read_all(ReadAll::after(GlobalPosition::START))
            .await?;
        assert!(whole.at_head, "the log is larger than a page");
        let mut events = (self.change)(whole.events);
        // In the place where it stands now.
        for (position, event) in (1..).zip(&mut events) {
            event.position = GlobalPosition::new(position);
        }
        events.retain(|event| event.position > after);
        let at_head = events.len() <= limit;
        events.truncate(limit);
        let scanned_to = events.last().map_or(after, |event| event.position);
        Ok(Page {
            events,
            scanned_to,
            at_head,
        })
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.inner.find_event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.inner.outcome_of(tenant, key).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.inner.archive_stream(stream, expected).await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.inner.head().await
    }

    fn changes(&self) -> Changes {
        self.inner.changes()
    }
}
