//! The log of the test store.

use std::sync::atomic::Ordering::SeqCst;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
    IdempotencyKey, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId, StreamVersion,
    TenantId,
};
use serde_json::json;

use super::super::stored::event;
use super::{ReadFault, TestStore};

#[async_trait]
impl EventStore for TestStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let in_flight = self.in_flight.fetch_add(1, SeqCst) + 1;
        self.most_in_flight.fetch_max(in_flight, SeqCst);
        self.append_gate.pass().await;
        for append in &appends {
            if self.rivals.take() == Some(true) {
                self.write_as_rival(append).await;
            }
        }
        let outcomes = self.faults.append(appends).await;
        let conflicts = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Err(AppendError::Conflict { .. })));
        self.calls.conflicts.fetch_add(conflicts.count(), SeqCst);
        self.in_flight.fetch_sub(1, SeqCst);
        outcomes
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.calls.read_stream.fetch_add(1, SeqCst);
        self.read_gate.pass().await;
        let source = || BoxError::from("the disk is broken");
        match self.read_faults.take() {
            None => self.memory.read_stream(read).await,
            Some(ReadFault::Unavailable) => Err(ReadError::Unavailable { source: source() }),
            Some(ReadFault::Failed) => Err(ReadError::Failed { source: source() }),
        }
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        match self.unreadable.load(SeqCst) {
            true => Err(ReadError::Unavailable {
                source: "the database is away".into(),
            }),
            false => self.memory.read_all(read).await,
        }
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
        self.head_gate.pass().await;
        self.memory.head().await
    }

    fn changes(&self) -> Changes {
        match self.silent.load(SeqCst) {
            true => self.signal.subscribe(),
            false => self.memory.changes(),
        }
    }
}

impl TestStore {
    /// Another writer comes just before this append, to its stream: one of a counter.
    async fn write_as_rival(&self, append: &Append) {
        let stream = &append.writes()[0].stream;
        let limited = event(
            "Limited",
            1,
            json!({ "counter": stream.key(), "limit": u32::MAX }),
        );
        let rival = Append::new(stream.clone(), ExpectedVersion::Any, vec![limited]);
        for outcome in self.memory.append(vec![rival]).await {
            outcome.expect("a rival writes whatever the version is");
        }
    }
}
