//! A memory store that counts, waits and fails as a test tells it to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::{
    Append, AppendError, Appended, Backend, ChangeSignal, Changes, CheckpointError,
    CheckpointStore, Document, EventStore, GlobalPosition, MemoryStore, Page, Ports, ReadAll,
    ReadError, ReadModelCommit, ReadModelError, ReadModelStore, ReadStream, RecordedEvent,
    StreamVersion, TenantId,
};

use super::gate::Gate;

/// What happens to one append instead of the ordinary.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AppendFault {
    /// Another writer was faster, says the store.
    Conflict,
    /// Nothing stored, and the store says so.
    Unavailable,
    /// Nothing stored, but that is not known.
    NotSent,
    /// Stored, but that is not known.
    AnswerLost,
    /// Refused for good.
    Failed,
}

/// What happens to a commit of a read model, or to the saving of a checkpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CommitFault {
    /// Nothing is changed.
    Failed,
    /// All is changed, but the answer is an error.
    AnswerLost,
}

/// Calls of each port's methods.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) append: AtomicUsize,
    /// The appends in all calls of `append`.
    pub(crate) appends: AtomicUsize,
    /// The appends that were refused with a conflict.
    pub(crate) conflicts: AtomicUsize,
    pub(crate) read_stream: AtomicUsize,
    pub(crate) commit: AtomicUsize,
    pub(crate) save_checkpoint: AtomicUsize,
    pub(crate) close: AtomicUsize,
}

/// Faults come in their order, one for each call; without one, `always` decides.
#[derive(Debug)]
pub(crate) struct Faults<F> {
    queue: Mutex<VecDeque<F>>,
    always: Mutex<Option<F>>,
}

impl<F> Default for Faults<F> {
    fn default() -> Self {
        Self {
            queue: Mutex::default(),
            always: Mutex::default(),
        }
    }
}

impl<F: Copy> Faults<F> {
    pub(crate) fn next(&self, faults: impl IntoIterator<Item = F>) {
        self.queue.lock().unwrap().extend(faults);
    }

    pub(crate) fn always(&self, fault: F) {
        *self.always.lock().unwrap() = Some(fault);
    }

    pub(crate) fn none(&self) {
        self.queue.lock().unwrap().clear();
        *self.always.lock().unwrap() = None;
    }

    fn take(&self) -> Option<F> {
        let next = self.queue.lock().unwrap().pop_front();
        next.or(*self.always.lock().unwrap())
    }
}

/// Everything a test may turn. Clones are one store.
#[derive(Debug, Clone, Default)]
pub(crate) struct TestStore(Arc<Inner>);

#[derive(Debug, Default)]
pub(crate) struct Inner {
    pub(crate) memory: MemoryStore,
    pub(crate) calls: Calls,
    pub(crate) most_in_flight: AtomicUsize,
    in_flight: AtomicUsize,
    pub(crate) append_faults: Faults<AppendFault>,
    pub(crate) commit_faults: Faults<CommitFault>,
    pub(crate) append_gate: Gate,
    pub(crate) read_gate: Gate,
    pub(crate) close_gate: Gate,
    /// Readers that wait for changes are never woken.
    pub(crate) silent: AtomicBool,
    /// Reading the log fails.
    pub(crate) unreadable: AtomicBool,
    pub(crate) signal: ChangeSignal,
}

impl std::ops::Deref for TestStore {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl TestStore {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Another store over the same contents: what a second process has.
    pub(crate) fn beside(&self) -> Self {
        Self(Arc::new(Inner {
            memory: self.memory.clone(),
            ..Inner::default()
        }))
    }

    /// Whether an app or one of its tasks still holds the store, beside the test's own `handles`.
    pub(crate) fn is_held(&self, handles: usize) -> bool {
        Arc::strong_count(&self.0) > handles
    }

    async fn append_one(&self, append: Append) -> Result<Appended, AppendError> {
        let write = &append.writes()[0];
        let broken = || BoxError::from("the connection broke");
        match self.append_faults.take() {
            None => self.to_memory(append).await,
            Some(AppendFault::Conflict) => Err(AppendError::Conflict {
                stream: write.stream.clone(),
                expected: write.expected,
                actual: StreamVersion::new(77),
            }),
            Some(AppendFault::Unavailable) => Err(AppendError::Unavailable { source: broken() }),
            Some(AppendFault::Failed) => Err(AppendError::Failed { source: broken() }),
            Some(AppendFault::NotSent) => Err(AppendError::Indeterminate { source: broken() }),
            Some(AppendFault::AnswerLost) => {
                self.to_memory(append).await?;
                Err(AppendError::Indeterminate { source: broken() })
            }
        }
    }

    async fn to_memory(&self, append: Append) -> Result<Appended, AppendError> {
        let mut outcomes = self.memory.append(vec![append]).await;
        outcomes.pop().expect("one outcome for one append")
    }
}

#[async_trait]
impl EventStore for TestStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.calls.append.fetch_add(1, SeqCst);
        self.calls.appends.fetch_add(appends.len(), SeqCst);
        let in_flight = self.in_flight.fetch_add(1, SeqCst) + 1;
        self.most_in_flight.fetch_max(in_flight, SeqCst);
        self.append_gate.pass().await;
        let mut outcomes = Vec::new();
        for append in appends {
            let outcome = self.append_one(append).await;
            if matches!(outcome, Err(AppendError::Conflict { .. })) {
                self.calls.conflicts.fetch_add(1, SeqCst);
            }
            outcomes.push(outcome);
        }
        self.in_flight.fetch_sub(1, SeqCst);
        outcomes
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.calls.read_stream.fetch_add(1, SeqCst);
        self.read_gate.pass().await;
        self.memory.read_stream(read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        match self.unreadable.load(SeqCst) {
            true => Err(ReadError::Unavailable {
                source: "the database is away".into(),
            }),
            false => self.memory.read_all(read).await,
        }
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.memory.head().await
    }

    fn changes(&self) -> Changes {
        match self.silent.load(SeqCst) {
            true => self.signal.subscribe(),
            false => self.memory.changes(),
        }
    }
}

#[async_trait]
impl CheckpointStore for TestStore {
    async fn load_checkpoint(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError> {
        self.memory.load_checkpoint(subscription).await
    }

    async fn save_checkpoint(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        position: GlobalPosition,
    ) -> Result<(), CheckpointError> {
        self.calls.save_checkpoint.fetch_add(1, SeqCst);
        let fault = self.commit_faults.take();
        if !matches!(fault, Some(CommitFault::Failed)) {
            self.memory
                .save_checkpoint(subscription, expected, position)
                .await?;
        }
        fault.map_or(Ok(()), |_| {
            Err(CheckpointError::Failed {
                subscription: subscription.to_owned(),
                source: "the disk is full".into(),
            })
        })
    }
}

#[async_trait]
impl ReadModelStore for TestStore {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        self.memory.documents(collection, tenant, keys).await
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        self.memory.scan(collection, tenant, after, limit).await
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        self.memory.read_model_checkpoint(subscription).await
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        self.calls.commit.fetch_add(1, SeqCst);
        let collection = commit.collection.clone();
        let fault = self.commit_faults.take();
        if !matches!(fault, Some(CommitFault::Failed)) {
            self.memory.commit(commit).await?;
        }
        fault.map_or(Ok(()), |_| {
            Err(ReadModelError::Failed {
                collection,
                source: "the disk is full".into(),
            })
        })
    }
}

#[async_trait]
impl Backend for TestStore {
    fn name(&self) -> &'static str {
        "test"
    }

    fn ports(&self) -> Ports {
        Ports::of(Arc::new(self.clone()))
    }

    async fn close(&self) -> Result<(), BoxError> {
        self.calls.close.fetch_add(1, SeqCst);
        self.close_gate.pass().await;
        Ok(())
    }
}
