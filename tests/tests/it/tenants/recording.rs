//! Ports that remember which of their calls were made.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Changes, CheckpointError, CheckpointMove, CheckpointStore,
    DeadLetter, DeadLetterRequest, DeadLetterSelection, DeadLetterStore, Document, DocumentQuery,
    EventStore, ExpectedVersion, FoundDocument, GlobalPosition, IdempotencyKey, IndexCondition,
    InlinePlace, Lease, LeaseError, LeaseStore, LeaseView, Lock, LockError, LockKey, LockStore,
    NodeId, Page, Ports, ReadAll, ReadError, ReadModelCommit, ReadModelError, ReadModelStore,
    ReadStream, RecordedEvent, StreamId, StreamVersion, TenantId,
};

macro_rules! methods {
    ($($method:ident)*) => {
        /// A call of a port.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Method {
            $($method,)*
        }

        impl Method {
            /// Every call of every port: [`Recording`] has to note one for each that a port requires.
            pub(super) const ALL: &[Self] = &[$(Self::$method,)*];
        }
    };
}

methods! {
    Append ReadStream ReadAll FindEvent OutcomeOf ArchiveStream Head Changes
    LoadCheckpoint SaveCheckpoint MoveCheckpoint
    DeadLetters DueDeadLetters RequestDeadLetters CountDeadLetters
    Documents Scan QueryDocuments CountDocuments StreamProgress InlinePlaces ReadModelCheckpoint Commit
    Schedule CancelScheduled ListScheduled
    TryLock HeldLocks
}

/// The ports of a store, with notes.
pub(super) struct Recording {
    ports: Ports,
    notes: Mutex<Notes>,
}

impl Recording {
    /// What notes nothing.
    pub(super) fn ports(&self) -> &Ports {
        &self.ports
    }
}

#[derive(Default)]
struct Notes {
    made: BTreeSet<Method>,
    kept: BTreeSet<Method>,
}

impl Recording {
    pub(super) fn new(ports: Ports) -> Self {
        Self {
            ports,
            notes: Mutex::default(),
        }
    }

    /// Forgets the calls that were made since those that are kept.
    pub(super) fn forget(&self) {
        self.notes().made.clear();
    }

    /// Keeps the calls that were made.
    pub(super) fn keep(&self) {
        let mut notes = self.notes();
        let made = std::mem::take(&mut notes.made);
        notes.kept.extend(made);
    }

    /// Whether the call is kept.
    pub(super) fn kept(&self, method: Method) -> bool {
        self.notes().kept.contains(&method)
    }

    pub(super) fn note(&self, method: Method) -> &Ports {
        self.notes().made.insert(method);
        &self.ports
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl EventStore for Recording {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.note(Method::Append).events.append(appends).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.note(Method::ReadStream).events.read_stream(read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.note(Method::ReadAll).events.read_all(read).await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        let events = &self.note(Method::FindEvent).events;
        events.find_event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        let events = &self.note(Method::OutcomeOf).events;
        events.outcome_of(tenant, key).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        let events = &self.note(Method::ArchiveStream).events;
        events.archive_stream(stream, expected).await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.note(Method::Head).events.head().await
    }

    fn changes(&self) -> Changes {
        self.note(Method::Changes).events.changes()
    }
}

#[async_trait]
impl CheckpointStore for Recording {
    async fn load_checkpoint(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError> {
        let checkpoints = &self.note(Method::LoadCheckpoint).checkpoints;
        checkpoints.load_checkpoint(subscription).await
    }

    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        let checkpoints = &self.note(Method::LoadCheckpoint).checkpoints;
        checkpoints.lane_checkpoints(subscription).await
    }

    async fn save_checkpoint(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        position: GlobalPosition,
    ) -> Result<(), CheckpointError> {
        let checkpoints = &self.note(Method::SaveCheckpoint).checkpoints;
        checkpoints
            .save_checkpoint(subscription, expected, position)
            .await
    }

    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        let checkpoints = &self.note(Method::MoveCheckpoint).checkpoints;
        checkpoints.move_checkpoint(moved).await
    }

    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        let checkpoints = &self.note(Method::LoadCheckpoint).checkpoints;
        checkpoints.checkpoints().await
    }

    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        let checkpoints = &self.note(Method::LoadCheckpoint).checkpoints;
        checkpoints.checkpoint_resets(subscription).await
    }

    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError> {
        let checkpoints = &self.note(Method::MoveCheckpoint).checkpoints;
        checkpoints.reset_checkpoints(subscription, position).await
    }
}

/// Leases are of nodes, and nothing of any tenant is in them.
#[async_trait]
impl LeaseStore for Recording {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        self.ports
            .checkpoints
            .renew_leases(node, wants, duration)
            .await
    }

    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        self.ports
            .checkpoints
            .acquire_leases(node, names, duration)
            .await
    }

    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        self.ports.checkpoints.release_leases(node, names).await
    }

    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError> {
        self.ports.checkpoints.retire_node(node).await
    }
}

#[async_trait]
impl DeadLetterStore for Recording {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let checkpoints = &self.note(Method::DeadLetters).checkpoints;
        checkpoints
            .dead_letters(subscription, selection, after, limit)
            .await
    }

    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let checkpoints = &self.note(Method::DueDeadLetters).checkpoints;
        checkpoints.due_dead_letters(subscription, limit).await
    }

    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        let checkpoints = &self.note(Method::RequestDeadLetters).checkpoints;
        checkpoints
            .request_dead_letters(subscription, selection, request)
            .await
    }

    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError> {
        let checkpoints = &self.note(Method::CountDeadLetters).checkpoints;
        checkpoints.count_dead_letters(subscription).await
    }
}

#[async_trait]
impl ReadModelStore for Recording {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        let read_models = &self.note(Method::Documents).read_models;
        read_models.documents(collection, tenant, keys).await
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        let read_models = &self.note(Method::Scan).read_models;
        read_models.scan(collection, tenant, after, limit).await
    }

    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError> {
        let read_models = &self.note(Method::QueryDocuments).read_models;
        read_models.query_documents(query).await
    }

    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError> {
        let read_models = &self.note(Method::CountDocuments).read_models;
        read_models
            .count_documents(collection, tenant, conditions)
            .await
    }

    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError> {
        let read_models = &self.note(Method::Scan).read_models;
        read_models.unindexed(collection, indexes).await
    }

    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError> {
        let read_models = &self.note(Method::StreamProgress).read_models;
        read_models.stream_progress(collection, streams).await
    }

    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError> {
        let read_models = &self.note(Method::InlinePlaces).read_models;
        read_models.inline_places(read_model, stream).await
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        let read_models = &self.note(Method::ReadModelCheckpoint).read_models;
        read_models.read_model_checkpoint(subscription).await
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        self.note(Method::Commit).read_models.commit(commit).await
    }
}

#[async_trait]
impl LockStore for Recording {
    async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError> {
        self.note(Method::TryLock).locks.try_lock(key).await
    }

    fn held_locks(&self) -> usize {
        self.note(Method::HeldLocks).locks.held_locks()
    }
}
