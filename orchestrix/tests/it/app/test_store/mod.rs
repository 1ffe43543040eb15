//! A memory store behind a fault store, which counts, waits and fails as a test tells it to.

mod leases;
mod log;
mod read_models;
mod rebuilds;
mod script;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::{Backend, ChangeSignal, MemoryStore, Ports, StoreHealth};
use orchestrix::testkit::faults::{AppendFault, FaultStore};

use super::gate::Gate;
use script::Script;

/// What happens to the reading of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ReadFault {
    /// The store cannot be reached.
    Unavailable,
    /// The store fails for good.
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

/// Calls of each port's methods; those of `append` are counted by the fault store.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// The appends that were refused with a conflict.
    pub(crate) conflicts: AtomicUsize,
    pub(crate) read_stream: AtomicUsize,
    pub(crate) commit: AtomicUsize,
    pub(crate) save_checkpoint: AtomicUsize,
    pub(crate) load_checkpoint: AtomicUsize,
    pub(crate) close: AtomicUsize,
}

/// Everything a test may turn. Clones are one store.
#[derive(Debug, Clone)]
pub(crate) struct TestStore(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) memory: MemoryStore,
    /// Where appends go through on their way to the memory.
    pub(crate) faults: FaultStore,
    pub(crate) calls: Calls,
    pub(crate) most_in_flight: AtomicUsize,
    in_flight: AtomicUsize,
    /// Before which appends another writer comes, to the same counter.
    pub(crate) rivals: Script<bool>,
    pub(crate) read_faults: Script<ReadFault>,
    pub(crate) commit_faults: Script<CommitFault>,
    /// Before leases are taken.
    pub(crate) acquire_gate: Gate,
    /// Leases can be neither taken nor renewed.
    pub(crate) leaseless: AtomicBool,
    pub(crate) switch_faults: Script<CommitFault>,
    pub(crate) append_gate: Gate,
    pub(crate) read_gate: Gate,
    pub(crate) head_gate: Gate,
    pub(crate) documents_gate: Gate,
    pub(crate) close_gate: Gate,
    /// Readers that wait for changes are woken by `signal` only.
    pub(crate) silent: AtomicBool,
    pub(crate) signal: ChangeSignal,
    /// Reading the log fails.
    pub(crate) unreadable: AtomicBool,
}

impl std::ops::Deref for TestStore {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl TestStore {
    pub(crate) fn new() -> Self {
        Self::over(MemoryStore::new())
    }

    /// Another store over the same contents: what a second process has.
    pub(crate) fn beside(&self) -> Self {
        Self::over(self.memory.clone())
    }

    fn over(memory: MemoryStore) -> Self {
        Self(Arc::new(Inner {
            faults: FaultStore::over(Arc::new(memory.clone())),
            memory,
            calls: Calls::default(),
            most_in_flight: AtomicUsize::default(),
            in_flight: AtomicUsize::default(),
            rivals: Script::default(),
            read_faults: Script::default(),
            commit_faults: Script::default(),
            acquire_gate: Gate::default(),
            leaseless: AtomicBool::default(),
            switch_faults: Script::default(),
            append_gate: Gate::default(),
            read_gate: Gate::default(),
            head_gate: Gate::default(),
            documents_gate: Gate::default(),
            close_gate: Gate::default(),
            silent: AtomicBool::default(),
            signal: ChangeSignal::new(),
            unreadable: AtomicBool::default(),
        }))
    }

    /// What happens to the next appends, one fault for each.
    pub(crate) fn fail_next(&self, faults: impl IntoIterator<Item = AppendFault>) {
        self.faults.next(faults.into_iter().map(Some));
    }

    /// Calls of `append` that have come through the gate.
    pub(crate) fn append_calls(&self) -> usize {
        self.faults.counts().calls
    }

    /// The appends in them.
    pub(crate) fn appends(&self) -> usize {
        self.faults.counts().appends
    }

    /// Whether an app or one of its tasks still holds the store, beside the test's own `handles`.
    pub(crate) fn is_held(&self, handles: usize) -> bool {
        Arc::strong_count(&self.0) > handles
    }
}

#[async_trait]
impl Backend for TestStore {
    fn name(&self) -> &'static str {
        "test"
    }

    fn ports(&self) -> Ports {
        let mut ports = self.memory.ports();
        ports.events = Arc::new(self.clone());
        ports.checkpoints = Arc::new(self.clone());
        ports.read_models = Arc::new(self.clone());
        ports
    }

    async fn health(&self) -> StoreHealth {
        StoreHealth::new(self.name(), Ok(Duration::ZERO))
    }

    async fn close(&self) -> Result<(), BoxError> {
        self.calls.close.fetch_add(1, SeqCst);
        self.close_gate.pass().await;
        Ok(())
    }
}
