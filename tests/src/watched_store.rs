//! A store whose reads of the whole log are watched.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId, StreamVersion,
    TenantId,
};

/// Passes everything on, and shows each page of the log to somebody before it is given out.
pub struct WatchedStore<W> {
    inner: Arc<dyn EventStore>,
    watch: W,
}

impl<W: Fn(GlobalPosition, &Page) + Send + Sync> WatchedStore<W> {
    /// A store over this one; `watch` gets each page, and the position behind which it was asked for.
    pub fn over(inner: Arc<dyn EventStore>, watch: W) -> Self {
        Self { inner, watch }
    }
}

impl<W> fmt::Debug for WatchedStore<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl<W: Fn(GlobalPosition, &Page) + Send + Sync + 'static> EventStore for WatchedStore<W> {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.inner.append(appends).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.inner.read_stream(read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        let after = read.after;
        let page = self.inner.read_all(read).await?;
        (self.watch)(after, &page);
        Ok(page)
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
