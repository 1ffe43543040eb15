//! A log whose calls are counted.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId, StreamVersion,
    TenantId,
};

/// How often the store was called, for how many steps.
#[derive(Debug, Default)]
pub(super) struct Calls {
    appends: AtomicU64,
    trips: AtomicU64,
    reads: AtomicU64,
    steps: AtomicU64,
}

impl Calls {
    pub(super) fn forget(&self) {
        for count in [&self.appends, &self.trips, &self.reads, &self.steps] {
            count.store(0, Ordering::Relaxed);
        }
    }

    pub(super) fn expect(&self, steps: u64) {
        self.steps.fetch_add(steps, Ordering::Relaxed);
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps.load(Ordering::Relaxed).max(1) as f64;
        let each = |count: &AtomicU64| count.load(Ordering::Relaxed) as f64 / steps;
        write!(
            f,
            "for each step {:.2} appends in {:.2} round trips, and {:.2} reads",
            each(&self.appends),
            each(&self.trips),
            each(&self.reads)
        )
    }
}

/// Passes everything on.
pub(super) struct Counting {
    inner: Arc<dyn EventStore>,
    calls: Arc<Calls>,
}

impl Counting {
    pub(super) fn over(inner: Arc<dyn EventStore>, calls: Arc<Calls>) -> Self {
        Self { inner, calls }
    }

    fn read(&self) {
        self.calls.reads.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl EventStore for Counting {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let calls = &self.calls;
        calls.trips.fetch_add(1, Ordering::Relaxed);
        let count = appends.len() as u64;
        calls.appends.fetch_add(count, Ordering::Relaxed);
        self.inner.append(appends).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.read();
        self.inner.read_stream(read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.read();
        self.inner.read_all(read).await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.read();
        self.inner.find_event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.read();
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
