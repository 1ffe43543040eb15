//! A store whose calls are timed.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId, StreamVersion,
    TenantId,
};

/// Passes everything on, and remembers which call took longest.
pub(super) struct TimedStore {
    inner: Arc<dyn EventStore>,
    times: Mutex<Times>,
}

#[derive(Debug, Clone, Copy)]
struct Times {
    ended: usize,
    longest: (&'static str, Duration),
}

impl TimedStore {
    pub(super) fn over(inner: Arc<dyn EventStore>) -> Self {
        let times = Times {
            ended: 0,
            longest: ("none", Duration::ZERO),
        };
        Self {
            inner,
            times: Mutex::new(times),
        }
    }

    /// How many calls have ended.
    pub(super) fn ended(&self) -> usize {
        self.times.lock().expect("whole").ended
    }

    /// The call that took longest, and how long.
    pub(super) fn longest(&self) -> (&'static str, Duration) {
        self.times.lock().expect("whole").longest
    }

    async fn timed<T>(&self, call: &'static str, answer: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let answer = answer.await;
        let took = began.elapsed();
        let mut times = self.times.lock().expect("whole");
        times.ended += 1;
        if took > times.longest.1 {
            times.longest = (call, took);
        }
        answer
    }
}

#[async_trait]
impl EventStore for TimedStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.timed("append", self.inner.append(appends)).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.timed("read_stream", self.inner.read_stream(read))
            .await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.timed("read_all", self.inner.read_all(read)).await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        let found = self.inner.find_event(tenant, event_id);
        self.timed("find_event", found).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        let found = self.inner.outcome_of(tenant, key);
        self.timed("outcome_of", found).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        let archived = self.inner.archive_stream(stream, expected);
        self.timed("archive_stream", archived).await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.timed("head", self.inner.head()).await
    }

    fn changes(&self) -> Changes {
        self.inner.changes()
    }
}
