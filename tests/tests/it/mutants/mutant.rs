//! A memory store of which single calls can be broken.

mod ports;
mod rebuilds;
mod schedules;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Backend, Changes, CheckpointError, CheckpointMove, DeadLetter,
    DeadLetterRequest, DeadLetterSelection, Document, DocumentQuery, EventData, EventStore,
    ExpectedVersion, FoundDocument, GlobalPosition, IdempotencyKey, IndexCondition, InlinePlace,
    Lease, LeaseError, LeaseStore as _, LeaseView, Limits, Lock, LockError, LockKey, MemoryStore,
    NodeId, Page, ReadAll, ReadError, ReadModelCommit, ReadModelError, ReadModelUpkeep, ReadStream,
    RecordedEvent, ScheduleId, ScheduleOutcome, ScheduleStoreError, Scheduled, StoreHealth,
    StreamId, StreamVersion, StreamWrite, SwitchBuild, TenantId,
};
use orchestrix::testkit::conformance::{Capabilities, StoreUnderTest};

pub(super) type Outcomes = Vec<Result<Appended, AppendError>>;

/// What is done instead of a call to the memory store, which it gets.
type Instead<Input, Output> =
    Option<Arc<dyn Fn(MemoryStore, Input) -> Boxed<Output> + Send + Sync>>;

type Boxed<Output> = Pin<Box<dyn Future<Output = Output> + Send>>;

macro_rules! mutant {
    ($($call:ident: $input:ty => $output:ty,)*) => {
        /// A store over a memory store; without flaws, it conforms, with all capabilities.
        #[derive(Clone, Default)]
        pub(super) struct Mutant {
            inner: MemoryStore,
            closed: Arc<AtomicBool>,
            forgets: bool,
            never_ends: bool,
            changes: Option<Arc<dyn Fn() -> Changes + Send + Sync>>,
            held_locks: Option<fn(usize) -> usize>,
            $($call: Instead<$input, $output>,)*
        }

        impl Mutant {$(
            pub(super) fn $call<F>(
                mut self,
                instead: impl Fn(MemoryStore, $input) -> F + Send + Sync + 'static,
            ) -> Self
            where
                F: Future<Output = $output> + Send + 'static,
            {
                self.$call = Some(Arc::new(move |store, input| Box::pin(instead(store, input))));
                self
            }
        )*}
    };
}

mutant! {
    append: Vec<Append> => Outcomes,
    read_stream: ReadStream => Result<Vec<RecordedEvent>, ReadError>,
    read_all: ReadAll => Result<Page, ReadError>,
    find_event: (TenantId, MessageId) => Result<Option<RecordedEvent>, ReadError>,
    outcome_of: (TenantId, IdempotencyKey) => Result<Option<Appended>, ReadError>,
    archive_stream: (StreamId, ExpectedVersion) => Result<StreamVersion, AppendError>,
    head: () => Result<GlobalPosition, ReadError>,
    load_checkpoint: String => Result<GlobalPosition, CheckpointError>,
    save_checkpoint: (String, GlobalPosition, GlobalPosition) => Result<(), CheckpointError>,
    move_checkpoint: CheckpointMove => Result<(), CheckpointError>,
    dead_letters: (String, DeadLetterSelection, GlobalPosition, usize) => Result<Vec<DeadLetter>, CheckpointError>,
    due_dead_letters: (String, usize) => Result<Vec<DeadLetter>, CheckpointError>,
    request_dead_letters: (String, DeadLetterSelection, DeadLetterRequest) => Result<u64, CheckpointError>,
    count_dead_letters: String => Result<u64, CheckpointError>,
    documents: (String, TenantId, Vec<String>) => Result<Vec<Document>, ReadModelError>,
    scan: (String, TenantId, Option<String>, usize) => Result<Vec<Document>, ReadModelError>,
    query_documents: DocumentQuery => Result<Vec<FoundDocument>, ReadModelError>,
    count_documents: (String, TenantId, Vec<IndexCondition>) => Result<u64, ReadModelError>,
    unindexed: (String, Vec<String>) => Result<Vec<String>, ReadModelError>,
    stream_progress: (String, Vec<StreamId>) => Result<Vec<StreamVersion>, ReadModelError>,
    inline_places: (String, StreamId) => Result<Vec<InlinePlace>, ReadModelError>,
    read_model_checkpoint: String => Result<GlobalPosition, ReadModelError>,
    commit: ReadModelCommit => Result<(), ReadModelError>,
    lane_checkpoints: String => Result<Vec<(String, GlobalPosition)>, CheckpointError>,
    checkpoints: () => Result<Vec<(String, GlobalPosition)>, CheckpointError>,
    checkpoint_resets: String => Result<u64, CheckpointError>,
    reset_checkpoints: (String, GlobalPosition) => Result<u64, CheckpointError>,
    renew_leases: (NodeId, Vec<String>, Duration) => Result<LeaseView, LeaseError>,
    acquire_leases: (NodeId, Vec<String>, Duration) => Result<Vec<Lease>, LeaseError>,
    release_leases: (NodeId, Vec<String>) => Result<(), LeaseError>,
    retire_node: NodeId => Result<(), LeaseError>,
    read_model_build: String => Result<u64, ReadModelError>,
    begin_rebuild: String => Result<u64, ReadModelError>,
    upkeep: () => Result<ReadModelUpkeep, ReadModelError>,
    switch_build: SwitchBuild => Result<bool, ReadModelError>,
    drop_read_model: String => Result<(), ReadModelError>,
    purge_dropped: (String, usize) => Result<u64, ReadModelError>,
    read_models: String => Result<Vec<String>, ReadModelError>,
    schedule: Scheduled => Result<ScheduleOutcome, ScheduleStoreError>,
    cancel_scheduled: (TenantId, ScheduleId) => Result<bool, ScheduleStoreError>,
    claim_scheduled: (Timestamp, Timestamp, usize) => Result<Vec<Scheduled>, ScheduleStoreError>,
    next_scheduled: () => Result<Option<Timestamp>, ScheduleStoreError>,
    extend_scheduled: (Scheduled, Timestamp) => Result<bool, ScheduleStoreError>,
    postpone_scheduled: (Scheduled, Timestamp, String) => Result<bool, ScheduleStoreError>,
    fired: (Scheduled, Timestamp) => Result<bool, ScheduleStoreError>,
    scheduled: (TenantId, Option<ScheduleId>, usize) => Result<Vec<Scheduled>, ScheduleStoreError>,
    forget_fired: (Timestamp, usize) => Result<u64, ScheduleStoreError>,
    try_lock: LockKey => Result<Option<Lock>, LockError>,
    health: () => StoreHealth,
    close: bool => Result<(), BoxError>,
}

impl Mutant {
    /// With other contents each time it is opened.
    pub(super) fn forgetting(mut self) -> Self {
        self.forgets = true;
        self
    }

    /// With ports that go on working after it is closed.
    pub(super) fn never_ending(mut self) -> Self {
        self.never_ends = true;
        self
    }

    /// With other limits on appends than stores have.
    pub(super) fn limiting(mut self, limits: Limits) -> Self {
        self.inner = MemoryStore::with_limits(limits);
        self
    }

    /// With another number of held locks than there are.
    pub(super) fn held_locks(mut self, instead: fn(usize) -> usize) -> Self {
        self.held_locks = Some(instead);
        self
    }

    /// With other wake-ups.
    pub(super) fn changes(mut self, instead: impl Fn() -> Changes + Send + Sync + 'static) -> Self {
        self.changes = Some(Arc::new(instead));
        self
    }

    /// With each append changed before it is stored.
    pub(super) fn appending(
        self,
        change: impl Fn(Append) -> Append + Send + Sync + 'static,
    ) -> Self {
        self.append(move |store, appends| {
            let appends = appends.into_iter().map(&change).collect();
            async move { store.append(appends).await }
        })
    }

    /// With each part of an append that is for one stream changed before it is stored.
    pub(super) fn writing(self, change: impl Fn(&mut StreamWrite) + Send + Sync + 'static) -> Self {
        self.appending(move |append| {
            let mut writes = append.writes().to_vec();
            writes.iter_mut().for_each(&change);
            append.with_writes(writes)
        })
    }

    /// With each event changed before it is stored.
    pub(super) fn storing(self, change: impl Fn(&mut EventData) + Send + Sync + 'static) -> Self {
        self.writing(move |write| write.events.iter_mut().for_each(&change))
    }

    /// With each outcome changed after the append.
    pub(super) fn telling(
        self,
        change: impl Fn(Result<Appended, AppendError>) -> Result<Appended, AppendError>
        + Clone
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.append(move |store, appends| {
            let change = change.clone();
            async move {
                store
                    .append(appends)
                    .await
                    .into_iter()
                    .map(change)
                    .collect()
            }
        })
    }

    /// With streams taken for others when they are written and read.
    pub(super) fn naming(
        self,
        change: impl Fn(&StreamId) -> StreamId + Clone + Send + Sync + 'static,
    ) -> Self {
        let of_reads = change.clone();
        self.writing(move |write| write.stream = change(&write.stream))
            .read_stream(move |store, mut read| {
                read.stream = of_reads(&read.stream);
                async move { store.read_stream(read).await }
            })
    }

    /// With what nodes are told of each other changed by the one who asks.
    pub(super) fn viewing(
        self,
        change: impl Fn(&mut LeaseView, &NodeId) + Clone + Send + Sync + 'static,
    ) -> Self {
        self.renew_leases(move |store, (node, wants, duration)| {
            let change = change.clone();
            async move {
                let mut view = store.renew_leases(&node, &wants, duration).await?;
                change(&mut view, &node);
                Ok(view)
            }
        })
    }

    /// With each page of the log changed after it is read.
    pub(super) fn paging(
        self,
        change: impl Fn(&mut Page, &ReadAll) + Clone + Send + Sync + 'static,
    ) -> Self {
        self.read_all(move |store, read| {
            let change = change.clone();
            async move {
                let mut page = store.read_all(read.clone()).await?;
                change(&mut page, &read);
                Ok(page)
            }
        })
    }

    /// An error's cause when it is closed.
    fn ended(&self) -> Result<(), BoxError> {
        match self.closed.load(Ordering::Acquire) && !self.never_ends {
            true => Err("the store is closed".into()),
            false => Ok(()),
        }
    }

    fn ended_for(&self, collection: &str) -> Result<(), ReadModelError> {
        self.ended().map_err(|source| ReadModelError::Failed {
            collection: collection.to_owned(),
            source,
        })
    }
}

/// An append of these writes, at least one.
pub(super) fn from_writes(writes: Vec<StreamWrite>) -> Append {
    let mut writes = writes.into_iter();
    let Some(first) = writes.next() else {
        panic!("an append has a write");
    };
    writes.fold(
        Append::new(first.stream, first.expected, first.events),
        |append, write| append.and(write.stream, write.expected, write.events),
    )
}

/// The same append without its condition.
pub(super) fn without_condition(append: Append) -> Append {
    let key = append.idempotency_key().cloned();
    let append = from_writes(append.into_writes());
    match key {
        Some(key) => append.with_idempotency_key(key),
        None => append,
    }
}

/// The same append without its key.
pub(super) fn without_key(append: Append) -> Append {
    let condition = append.condition().cloned();
    let append = from_writes(append.into_writes());
    match condition {
        Some(condition) => append.unless(condition.query, condition.after),
        None => append,
    }
}

/// The gap between two steps that should be one: long enough for others to come between on a loaded machine.
pub(super) async fn gap() {
    tokio::time::sleep(Duration::from_millis(4)).await;
}

/// A mutant under test: opening it again shows the same contents, unless it forgets them.
pub(super) struct MutantSubject(pub(super) Mutant);

#[async_trait]
impl StoreUnderTest for MutantSubject {
    fn capabilities(&self) -> Capabilities {
        Capabilities::all()
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        let mut opened = Mutant {
            closed: Arc::default(),
            ..self.0.clone()
        };
        if opened.forgets {
            opened.inner = MemoryStore::new();
        }
        Ok(Arc::new(opened))
    }
}
