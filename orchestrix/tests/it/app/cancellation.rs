//! Commands that are given up half-way.

use std::future::{Future, IntoFuture, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, AppendError, Appended, Backend, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, Page, Ports, ReadAll, ReadError, ReadStream, RecordedEvent, StoreHealth,
    StreamId,
};

use super::counter::{Counting, count, count_each};
use super::stored::events;
use super::{Outcome, start};

/// Every call takes several polls, before and after its effect.
#[derive(Debug, Clone)]
struct SlowStore(MemoryStore);

async fn some_polls() {
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl EventStore for SlowStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        some_polls().await;
        let outcomes = self.0.append(appends).await;
        some_polls().await;
        outcomes
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        some_polls().await;
        let events = self.0.read_stream(read).await;
        some_polls().await;
        events
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.0.read_all(read).await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.0.find_event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.0.outcome_of(tenant, key).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.0.archive_stream(stream, expected).await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.0.head().await
    }

    fn changes(&self) -> Changes {
        self.0.changes()
    }
}

#[async_trait]
impl Backend for SlowStore {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn ports(&self) -> Ports {
        let mut ports = self.0.ports();
        ports.events = std::sync::Arc::new(self.clone());
        ports
    }

    async fn health(&self) -> StoreHealth {
        StoreHealth::new(self.name(), Ok(Duration::ZERO))
    }

    async fn close(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

/// Polls at most so many times, then drops the future. Whether it had ended.
async fn drop_after<F: Future>(polls: usize, future: F) -> bool {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if poll_once(future.as_mut()).await {
            return true;
        }
        // Wakes whoever works for it elsewhere.
        tokio::task::yield_now().await;
    }
    false
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> bool {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await
}

#[tokio::test]
async fn a_command_dropped_at_any_point_is_stored_whole_or_not_at_all() -> Outcome {
    let store = SlowStore(MemoryStore::new());
    let app = start(store.clone(), Counting).await;
    let mut ended = 0;
    let mut stored = 0;
    for polls in 1..=30 {
        ended += usize::from(
            drop_after(
                polls,
                app.dispatch(count_each("a", &[1, 1, 1])).into_future(),
            )
            .await,
        );
        // The next one waits for nobody, and decides on what is there.
        let receipt = app.dispatch(count("a", 1)).await?;
        let version = receipt.version.get() as usize;
        assert_eq!(
            version % 3,
            polls % 3,
            "after {polls} polls a part was stored"
        );
        assert_eq!(events(&store, "counter-a").await.len(), version);
        stored = version;
    }
    assert!(
        (1..30).contains(&ended),
        "{ended} of 30 ended: the polls do not cover the road"
    );
    assert!(stored >= 30 + 3 * ended);
    app.shutdown().await?;
    Ok(())
}

#[tokio::test]
async fn a_command_dropped_in_the_queue_or_in_a_batch_holds_nobody_up() -> Outcome {
    let store = SlowStore(MemoryStore::new());
    let app = start(store.clone(), Counting).await;
    for polls in 1..=30 {
        // Two keep both round trips busy, the third shares their queue, the fourth waits behind the first.
        let busy =
            ["b", "c"].map(|counter| tokio::spawn(app.dispatch(count(counter, 1)).into_future()));
        let dropped =
            ["d", "b"].map(|counter| app.dispatch(count_each(counter, &[1, 1])).into_future());
        let [first, second] = dropped;
        tokio::join!(drop_after(polls, first), drop_after(polls, second));
        for task in busy {
            task.await??;
        }
        for counter in ["b", "c", "d"] {
            app.dispatch(count(counter, 1)).await?;
        }
    }
    app.shutdown().await?;
    for (counter, own) in [("b", 60), ("c", 60), ("d", 30)] {
        let stored = events(&store, &format!("counter-{counter}")).await;
        assert!(stored.len() >= own, "{counter}");
        assert_eq!((stored.len() - own) % 2, 0, "{counter}: a part was stored");
    }
    Ok(())
}
