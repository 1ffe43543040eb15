//! The store: the ports, each handed on to the writer or to a reader.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Backend, BeginTransaction, ChangeSignal, Changes,
    CheckpointError, CheckpointMove, CheckpointStore, DeadLetter, DeadLetterRequest,
    DeadLetterSelection, DeadLetterStore, Document, DocumentQuery, EventStore, ExpectedVersion,
    FoundDocument, GlobalPosition, IdempotencyKey, IndexCondition, InlinePlace, Lease, LeaseError,
    LeaseStore, LeaseView, Limits, Lock, LockError, LockKey, LockStore, NodeId, Page, Ports,
    ReadAll, ReadError, ReadModelCommit, ReadModelError, ReadModelStore, ReadModelUpkeep,
    ReadStream, RebuildStore, RecordedEvent, ScheduleId, ScheduleOutcome, ScheduleStore,
    ScheduleStoreError, Scheduled, StoreHealth, StreamId, StreamVersion, SwitchBuild, TenantId,
    TransactionalStore,
};
use orchestrix::telemetry;
use rusqlite::Connection;

use crate::append::{AppendBatch, PreparedAppend};
use crate::archive::ArchiveStream;
use crate::checkpoint::{self, MoveCheckpoint, ResetCheckpoints};
use crate::connection::{self, Connections};
use crate::dead_letter::{self, RequestDeadLetters};
use crate::failure::Failure;
use crate::lease::{Acquire, LeaseCall, Leasing, Release, Renew, Retire};
use crate::locks::Locks;
use crate::read_model::{self, CommitReadModel};
use crate::readers::Readers;
use crate::rebuild::{self, Begin, Purge, RebuildCall, Rebuilding, Switch};
use crate::schedule::{
    self, Cancel, Claim, Extend, Fire, Forget, Postpone, Put, ScheduleCall, Scheduling,
};
use crate::writer::Writer;
use crate::{
    SqliteError, SqliteOptions, SqliteSettings, SqliteTransaction, document_query, health,
    idempotency, inline, read,
};

/// A store in one SQLite file. Cloning shares it; when the last clone is dropped, what is queued is still written and
/// the file is closed.
///
/// See the [crate] for an example and for how it works.
#[derive(Clone)]
pub struct SqliteStore(Arc<Shared>);

struct Shared {
    settings: SqliteSettings,
    changes: ChangeSignal,
    writer: Writer,
    readers: Readers,
    locks: Locks,
    limits: Limits,
}

impl SqliteStore {
    /// Opens the file `path`, or creates it.
    ///
    /// # Errors
    /// [`SqliteError`], with what to do.
    ///
    /// # Panics
    /// Outside of a tokio runtime; so do all calls that read or write.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, SqliteError> {
        Self::open_with(SqliteOptions::new(path)).await
    }

    /// Opens a file with other settings than the usual ones.
    ///
    /// # Errors
    /// [`SqliteError`], with what to do.
    pub async fn open_with(options: SqliteOptions) -> Result<Self, SqliteError> {
        Self::start(options, connection::open_file).await
    }

    /// An empty store without a file, gone with its last clone: for tests. Reads and writes take turns.
    ///
    /// # Errors
    /// [`SqliteError::Failed`] when memory or threads run out.
    pub async fn in_memory() -> Result<Self, SqliteError> {
        Self::start(SqliteOptions::new(":memory:"), |_| {
            connection::open_memory()
        })
        .await
    }

    /// How the data is kept, as SQLite says: for health reports.
    pub fn settings(&self) -> &SqliteSettings {
        &self.0.settings
    }

    async fn start(
        options: SqliteOptions,
        open: fn(&SqliteOptions) -> Result<Connections, SqliteError>,
    ) -> Result<Self, SqliteError> {
        let path = options.path.clone();
        let failed = |error: BoxError| SqliteError::Failed {
            action: "open",
            path,
            source: error,
        };
        let opened = tokio::task::spawn_blocking(move || open(&options).map(|all| (all, options)));
        let (connections, options) = match opened.await {
            Ok(opened) => opened?,
            Err(error) => return Err(failed(error.into())),
        };
        let changes = ChangeSignal::new();
        let writer = match Writer::start(connections.writer, changes.clone(), &options) {
            Ok(writer) => writer,
            Err(error) => return Err(failed(error.into())),
        };
        let settings = connections.settings;
        tracing::info!({ telemetry::SETTINGS } = ?settings, "opened the store");
        Ok(Self(Arc::new(Shared {
            settings,
            changes,
            writer,
            readers: Readers::new(connections.readers, options.acquire_timeout),
            locks: Locks::new(connections.locks),
            limits: options.limits,
        })))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let mut accepted = Vec::with_capacity(appends.len());
        let mut refused = Vec::new();
        for (n, append) in appends.into_iter().enumerate() {
            match PreparedAppend::new(append, &self.0.limits) {
                Ok(append) => accepted.push(append),
                Err(refusal) => refused.push((n, refusal)),
            }
        }
        let count = accepted.len();
        let mut outcomes = match count {
            0 => Vec::new(),
            _ => match self.0.writer.run(AppendBatch::new(accepted)).await {
                Ok(outcomes) => outcomes,
                Err(failure) => (0..count).map(|_| Err(failure.clone().into())).collect(),
            },
        };
        // The lowest first, so that each comes to stand where its append stood.
        for (n, refusal) in refused {
            outcomes.insert(n, Err(refusal));
        }
        outcomes
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.0
            .readers
            .read(move |connection| read::read_stream(connection, &read))
            .await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.0
            .readers
            .read(move |connection| read::read_all(connection, &read))
            .await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        let tenant = tenant.clone();
        self.0
            .readers
            .read(move |connection| read::find_event(connection, &tenant, event_id))
            .await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        let (tenant, key) = (tenant.clone(), key.clone());
        let find = move |connection: &_| idempotency::first_outcome(connection, &key, &tenant);
        Ok(self
            .0
            .readers
            .read(move |connection| find(connection).map_err(Failure::from))
            .await?)
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        let work = ArchiveStream {
            stream: stream.clone(),
            expected,
        };
        match self.0.writer.run(work).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into()),
        }
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        Ok(self.0.readers.read(read::head).await?)
    }

    fn changes(&self) -> Changes {
        let changes = self.0.changes.subscribe();
        self.0.writer.listen();
        changes
    }
}

#[async_trait]
impl CheckpointStore for SqliteStore {
    async fn load_checkpoint(&self, checkpoint: &str) -> Result<GlobalPosition, CheckpointError> {
        let name = checkpoint.to_owned();
        let load = move |connection: &_| Ok(checkpoint::load(connection, &name)?);
        self.of_subscription(checkpoint, load).await
    }

    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        let name = subscription.to_owned();
        let load = move |connection: &_| checkpoint::lanes(connection, &name);
        self.of_subscription(subscription, load).await
    }

    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        let subscription = moved.subscription.clone();
        match self.0.writer.run(MoveCheckpoint(moved)).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_checkpoint(subscription)),
        }
    }

    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.of_subscription("all", checkpoint::all).await
    }

    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        let name = subscription.to_owned();
        let load = move |connection: &_| Ok(rebuild::build(connection, &name)?);
        self.of_subscription(subscription, load).await
    }

    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError> {
        let subscription = subscription.to_owned();
        let reset = ResetCheckpoints {
            subscription: subscription.clone(),
            position,
        };
        match self.0.writer.run(reset).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_checkpoint(subscription)),
        }
    }
}

#[async_trait]
impl LeaseStore for SqliteStore {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        let wants = wants.to_vec();
        self.leasing(node, Renew { wants, duration }).await
    }

    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        let names = names.to_vec();
        self.leasing(node, Acquire { names, duration }).await
    }

    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        self.leasing(node, Release(names.to_vec())).await
    }

    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError> {
        self.leasing(node, Retire).await
    }
}

#[async_trait]
impl DeadLetterStore for SqliteStore {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let (name, selection) = (subscription.to_owned(), selection.clone());
        let read =
            move |connection: &_| dead_letter::list(connection, &name, &selection, after, limit);
        self.of_subscription(subscription, read).await
    }

    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let name = subscription.to_owned();
        let read = move |connection: &_| dead_letter::due(connection, &name, limit);
        self.of_subscription(subscription, read).await
    }

    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        let work = RequestDeadLetters {
            subscription: subscription.to_owned(),
            selection: selection.clone(),
            request,
        };
        match self.0.writer.run(work).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_checkpoint(subscription.to_owned())),
        }
    }

    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError> {
        let name = subscription.to_owned();
        let read = move |connection: &_| dead_letter::count(connection, &name);
        self.of_subscription(subscription, read).await
    }
}

#[async_trait]
impl ReadModelStore for SqliteStore {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        let (name, tenant, keys) = (collection.to_owned(), tenant.clone(), keys.to_vec());
        let read =
            move |connection: &_| read_model::documents(connection, &name, tenant.as_str(), &keys);
        self.of_read_model(collection, read).await
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        let (name, tenant, after) = (
            collection.to_owned(),
            tenant.clone(),
            after.map(str::to_owned),
        );
        let read = move |connection: &_| {
            read_model::scan(connection, &name, tenant.as_str(), after.as_deref(), limit)
        };
        self.of_read_model(collection, read).await
    }

    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError> {
        let collection = query.collection.clone();
        let read = move |connection: &_| document_query::query(connection, &query);
        let found = self.0.readers.read(read).await;
        found.map_err(|failure| failure.into_read_model(collection))
    }

    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError> {
        let (name, tenant, conditions) =
            (collection.to_owned(), tenant.clone(), conditions.to_vec());
        let read = move |connection: &_| {
            document_query::count(connection, &name, tenant.as_str(), &conditions)
        };
        let count = self.0.readers.read(read).await;
        count.map_err(|failure| failure.into_read_model(collection.to_owned()))
    }

    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError> {
        let (name, indexes) = (collection.to_owned(), indexes.to_vec());
        let read = move |connection: &_| read_model::unindexed(connection, &name, &indexes);
        let unindexed = self.0.readers.read(read).await;
        unindexed.map_err(|failure| failure.into_read_model(collection.to_owned()))
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        Ok(self.load_checkpoint(subscription).await?)
    }

    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError> {
        let (name, streams) = (collection.to_owned(), streams.to_vec());
        let read = move |connection: &_| inline::stream_progress(connection, &name, &streams);
        self.of_read_model(collection, read).await
    }

    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError> {
        let (name, stream) = (read_model.to_owned(), stream.clone());
        let read = move |connection: &_| inline::places(connection, &name, &stream);
        self.of_read_model(read_model, read).await
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        let collection = commit.collection.clone();
        let done = self.0.writer.run(CommitReadModel::new(commit)?).await;
        done.unwrap_or_else(|failure| Err(failure.into_read_model(collection)))
    }
}

impl SqliteStore {
    async fn rebuilding<T: RebuildCall>(
        &self,
        read_model: &str,
        what: T,
    ) -> Result<T::Answer, ReadModelError> {
        let work = Rebuilding {
            read_model: read_model.to_owned(),
            what,
        };
        match self.0.writer.run(work).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_read_model(read_model.to_owned())),
        }
    }

    /// Leases are written, like everything else, by the writer.
    async fn leasing<T: LeaseCall>(&self, node: &NodeId, what: T) -> Result<T::Answer, LeaseError> {
        let node = node.clone();
        let work = Leasing {
            node: node.clone(),
            what,
        };
        match self.0.writer.run(work).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_lease(node)),
        }
    }

    /// Reads something that belongs to a read model.
    async fn of_read_model<T: Send + 'static>(
        &self,
        collection: &str,
        read: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, ReadModelError> {
        let answer = self.0.readers.read(read).await;
        answer.map_err(|failure| failure.into_read_model(collection.to_owned()))
    }

    /// Reads something that belongs to a subscription.
    async fn of_subscription<T: Send + 'static>(
        &self,
        subscription: &str,
        read: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, CheckpointError> {
        let answer = self.0.readers.read(read).await;
        answer.map_err(|failure| failure.into_checkpoint(subscription.to_owned()))
    }
}

#[async_trait]
impl RebuildStore for SqliteStore {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        let name = read_model.to_owned();
        let read = move |connection: &_| Ok(rebuild::build(connection, &name)?);
        self.of_read_model(read_model, read).await
    }

    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.rebuilding(read_model, Begin).await
    }

    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        self.of_read_model("all", rebuild::upkeep).await
    }

    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        let read_model = switch.read_model.clone();
        self.rebuilding(&read_model, Switch(switch)).await
    }

    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError> {
        self.rebuilding(collection, rebuild::Drop).await
    }

    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError> {
        self.rebuilding(collection, Purge { limit }).await
    }

    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        let start = prefix.to_owned();
        let read = move |connection: &_| rebuild::names(connection, &start);
        self.of_read_model(prefix, read).await
    }
}

impl SqliteStore {
    async fn scheduling<T: ScheduleCall>(&self, what: T) -> Result<T::Answer, ScheduleStoreError> {
        match self.0.writer.run(Scheduling(what)).await {
            Ok(outcome) => outcome,
            Err(failure) => Err(failure.into_schedule()),
        }
    }
}

#[async_trait]
impl ScheduleStore for SqliteStore {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        self.scheduling(Put(scheduled)).await
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.scheduling(Cancel { tenant, id }).await
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.scheduling(Claim { now, until, limit }).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        let next = self.0.readers.read(schedule::next).await;
        next.map_err(Failure::into_schedule)
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        let claimed = claimed.clone();
        self.scheduling(Extend { claimed, until }).await
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        let (claimed, error) = (claimed.clone(), error.to_owned());
        let postpone = Postpone {
            claimed,
            until,
            error,
        };
        self.scheduling(postpone).await
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        let claimed = claimed.clone();
        self.scheduling(Fire { claimed, at }).await
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        let (tenant, after) = (tenant.clone(), after.cloned());
        let list = move |connection: &_| schedule::list(connection, &tenant, after.as_ref(), limit);
        let listed = self.0.readers.read(list).await;
        listed.map_err(Failure::into_schedule)
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        self.scheduling(Forget { before, limit }).await
    }
}

#[async_trait]
impl LockStore for SqliteStore {
    async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError> {
        if self.0.writer.is_closed() {
            return Err(Failure::closed().into_lock(key.clone()));
        }
        self.0.locks.try_lock(key).await
    }

    fn held_locks(&self) -> usize {
        self.0.locks.held()
    }
}

#[async_trait]
impl Backend for SqliteStore {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn ports(&self) -> Ports {
        Ports::of(Arc::new(self.clone()))
    }

    async fn health(&self) -> StoreHealth {
        let is_file = self.0.settings.path.is_some();
        health::ask(self.name(), &self.0.readers, &self.0.writer, is_file).await
    }

    async fn close(&self) -> Result<(), BoxError> {
        self.0.writer.refuse_more();
        // Before the writer ends, so that no snapshot of ours keeps the WAL from being moved into the database.
        self.0.readers.close().await;
        Ok(self.0.writer.close().await?)
    }
}

impl TransactionalStore for SqliteStore {
    type Transaction = SqliteTransaction;

    async fn begin(&self, begin: BeginTransaction) -> Result<SqliteTransaction, ReadModelError> {
        let subscription = begin.subscription.clone();
        let lent = self.0.writer.lend(begin).await;
        lent.unwrap_or_else(|failure| Err(failure.into_read_model(subscription)))
    }
}
