//! The store: its ports, each of which hands on to the part that does the work.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, Appended, Backend, BeginTransaction, Changes, CheckpointError,
    CheckpointMove, CheckpointStore, DeadLetter, DeadLetterRequest, DeadLetterSelection,
    DeadLetterStore, Document, DocumentQuery, EventStore, ExpectedVersion, FoundDocument,
    GlobalPosition, IdempotencyKey, IndexCondition, InlinePlace, Lease, LeaseError, LeaseStore,
    LeaseView, Limits, Lock, LockError, LockKey, LockStore, NodeId, Page, Ports, ReadAll,
    ReadError, ReadModelCommit, ReadModelError, ReadModelStore, ReadModelUpkeep, ReadStream,
    RebuildStore, RecordedEvent, ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError,
    Scheduled, StoreHealth, StreamId, StreamVersion, SwitchBuild, TenantId, TransactionalStore,
};
use sqlx::PgPool;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::append::Appender;
use crate::archive::Archive;
use crate::checkpoint::Checkpoints;
use crate::database::Database;
use crate::dead_letter::DeadLetters;
use crate::head::{Head, HeadStall};
use crate::health::{self, Health};
use crate::lease::Leases;
use crate::locks::Locks;
use crate::migrate::migrate;
use crate::notify::Waker;
use crate::progress::Progress;
use crate::read::Reader;
use crate::read_model::ReadModels;
use crate::rebuild::Rebuilds;
use crate::row_security;
use crate::schedule::Schedules;
use crate::schema::Schema;
use crate::table_transaction::TableStatements;
use crate::{PostgresError, PostgresOptions, PostgresTransaction};

/// A store in a PostgreSQL database, version 15 or later. Cloning shares it; when the last clone is gone, its tasks and
/// connections end.
#[derive(Debug, Clone)]
pub struct PostgresStore(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    database: Arc<Database>,
    appender: Arc<Appender>,
    head: Arc<Head>,
    reader: Reader,
    archive: Archive,
    checkpoints: Checkpoints,
    dead_letters: DeadLetters,
    leases: Leases,
    rebuilds: Rebuilds,
    read_models: ReadModels,
    progress: Arc<Progress>,
    schedules: Schedules,
    tables: TableStatements,
    locks: Locks,
    health: Health,
    waker: Arc<Waker>,
    /// Set by the first reader who waits for wake-ups.
    is_listening: OnceLock<()>,
    /// Where tasks run: also those that begin with a call from outside of the runtime.
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
}

impl PostgresStore {
    /// Opens the database at a URL (`postgres://user:password@host:port/database`) with default options.
    ///
    /// # Errors
    /// See [`PostgresStore::connect_with`].
    pub async fn connect(url: impl Into<String>) -> Result<Self, PostgresError> {
        Self::connect_with(PostgresOptions::new(url)).await
    }

    /// Opens a database, creates the tables or brings them up to date.
    ///
    /// Any number of processes may do so at once. A role that may not create tables can open a schema that is up to
    /// date.
    ///
    /// # Errors
    /// [`PostgresError`]: within the connect time-out when nobody answers.
    pub async fn connect_with(options: PostgresOptions) -> Result<Self, PostgresError> {
        let schema = Schema::new(options.schema())?;
        let limits = options.limits().clone();
        Self::open(Database::connect(&options).await?, schema, limits).await
    }

    /// Opens the database that a pool leads to. The pool stays the caller's: closing the store leaves it open.
    ///
    /// Sessions must be in `read committed` transactions, PostgreSQL's default; appends in others fail. The answer to a
    /// statement is waited for 35 s, whatever time the pool's sessions leave the server for it. Of the pool's
    /// connections, commands use at most all but one at a time.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub async fn with_pool(pool: PgPool, schema: &str) -> Result<Self, PostgresError> {
        Self::with_pool_and_limits(pool, schema, Limits::default()).await
    }

    /// As [`PostgresStore::with_pool`], with other limits on appends than the usual ones.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub async fn with_pool_and_limits(
        pool: PgPool,
        schema: &str,
        limits: Limits,
    ) -> Result<Self, PostgresError> {
        Self::open(Database::of_pool(pool), Schema::new(schema)?, limits).await
    }

    async fn open(
        database: Database,
        schema: Schema,
        limits: Limits,
    ) -> Result<Self, PostgresError> {
        if let Err(error) = migrate(&database, &schema).await {
            database.close().await;
            return Err(error);
        }
        if database.row_level_security()
            && let Err(error) = row_security::check(&database, &schema).await
        {
            database.close().await;
            return Err(error);
        }
        let health = Health::new(&schema);
        health.report(&database).await;
        let database = Arc::new(database);
        let head = Arc::new(Head::new(database.clone(), &schema));
        let progress = Arc::new(Progress::new(database.clone(), &schema));
        let waker = Arc::new(Waker::new(&schema));
        let mut tasks = JoinSet::new();
        tasks.spawn(waker.notify(database.clone()));
        tasks.spawn(waker.follow(head.clone()));
        Ok(Self(Arc::new(Shared {
            appender: Arc::new(Appender::new(database.clone(), &schema, limits)),
            reader: Reader::new(database.clone(), head.clone(), &schema),
            archive: Archive::new(database.clone(), &schema),
            checkpoints: Checkpoints::new(database.clone(), &schema),
            dead_letters: DeadLetters::new(database.clone(), &schema),
            leases: Leases::new(database.clone(), &schema),
            rebuilds: Rebuilds::new(database.clone(), &schema),
            read_models: ReadModels::new(database.clone(), &schema, progress.clone()),
            progress,
            tables: TableStatements::new(&schema),
            schedules: Schedules::new(database.clone(), &schema),
            locks: Locks::new(database.clone(), &schema),
            health,
            database,
            head,
            waker,
            is_listening: OnceLock::new(),
            runtime: Handle::current(),
            tasks: Mutex::new(tasks),
        })))
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0.database
    }

    pub(crate) fn checkpoints(&self) -> &Checkpoints {
        &self.0.checkpoints
    }

    pub(crate) fn dead_letters(&self) -> &DeadLetters {
        &self.0.dead_letters
    }

    pub(crate) fn leases(&self) -> &Leases {
        &self.0.leases
    }

    pub(crate) fn tables(&self) -> &TableStatements {
        &self.0.tables
    }

    /// What has stopped readers for at least a tenth of a second, as of the last time that somebody read at the head:
    /// nothing, as a rule.
    pub fn head_stall(&self) -> Option<HeadStall> {
        self.0.head.stall()
    }
}

impl Shared {
    /// The set of tasks is whole whatever panics beside it.
    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl EventStore for PostgresStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let count = appends.len();
        let (appender, waker) = (self.0.appender.clone(), self.0.waker.clone());
        // On a task of its own, so that a caller who stops waiting does not cut it off in the middle.
        let task = self.0.runtime.spawn(async move {
            let outcomes = appender.append(appends).await;
            if outcomes
                .iter()
                .any(|outcome| matches!(outcome, Ok(done) if !done.repeated))
            {
                waker.appended();
            }
            outcomes
        });
        task.await.unwrap_or_else(|error| {
            let cause = crate::error::SharedCause::new(error);
            let lost = || AppendError::Indeterminate {
                source: cause.clone().into(),
            };
            (0..count).map(|_| Err(lost())).collect()
        })
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        self.0.reader.stream(&read).await
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        self.0.reader.all(&read).await
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.0.reader.event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.0.reader.outcome(tenant, key).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.0.archive.stream(stream, expected).await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.0.head.advance().await
    }

    fn changes(&self) -> Changes {
        if !self.0.database.is_closed() {
            self.0.is_listening.get_or_init(|| {
                let listen = self.0.waker.listen(self.0.database.clone());
                self.0.tasks().spawn_on(listen, &self.0.runtime);
            });
        }
        self.0.waker.changes().subscribe()
    }
}

#[async_trait]
impl CheckpointStore for PostgresStore {
    async fn load_checkpoint(&self, checkpoint: &str) -> Result<GlobalPosition, CheckpointError> {
        self.0.checkpoints.load(checkpoint).await
    }

    async fn lane_checkpoints(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.0.checkpoints.lanes(subscription).await
    }

    async fn move_checkpoint(&self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        let store = &self.0;
        let moved = store
            .checkpoints
            .move_to(&moved, &store.dead_letters, &store.leases);
        moved.await
    }

    async fn checkpoints(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        self.0.checkpoints.all().await
    }

    async fn checkpoint_resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.0.checkpoints.resets(subscription).await
    }

    async fn reset_checkpoints(
        &self,
        subscription: &str,
        position: GlobalPosition,
    ) -> Result<u64, CheckpointError> {
        let (checkpoints, dead_letters) = (&self.0.checkpoints, &self.0.dead_letters);
        checkpoints
            .reset(subscription, position, dead_letters)
            .await
    }
}

#[async_trait]
impl LeaseStore for PostgresStore {
    async fn renew_leases(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        self.0.leases.renew(node, wants, duration).await
    }

    async fn acquire_leases(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        self.0.leases.acquire(node, names, duration).await
    }

    async fn release_leases(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        self.0.leases.release(node, names).await
    }

    async fn retire_node(&self, node: &NodeId) -> Result<(), LeaseError> {
        self.0.leases.retire(node).await
    }
}

#[async_trait]
impl DeadLetterStore for PostgresStore {
    async fn dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let dead_letters = &self.0.dead_letters;
        let found = dead_letters.list(subscription, selection, after, limit);
        found.await
    }

    async fn due_dead_letters(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        self.0.dead_letters.due(subscription, limit).await
    }

    async fn request_dead_letters(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        let dead_letters = &self.0.dead_letters;
        dead_letters.request(subscription, selection, request).await
    }

    async fn count_dead_letters(&self, subscription: &str) -> Result<u64, CheckpointError> {
        self.0.dead_letters.count(subscription).await
    }
}

#[async_trait]
impl ReadModelStore for PostgresStore {
    async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        self.0.read_models.documents(collection, tenant, keys).await
    }

    async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        self.0
            .read_models
            .scan(collection, tenant, after, limit)
            .await
    }

    async fn query_documents(
        &self,
        query: DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError> {
        self.0.read_models.query(&query).await
    }

    async fn count_documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError> {
        let read_models = &self.0.read_models;
        read_models.count(collection, tenant, conditions).await
    }

    async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError> {
        self.0.read_models.unindexed(collection, indexes).await
    }

    async fn read_model_checkpoint(
        &self,
        subscription: &str,
    ) -> Result<GlobalPosition, ReadModelError> {
        Ok(self.0.checkpoints.load(subscription).await?)
    }

    async fn stream_progress(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError> {
        self.0.progress.of_streams(collection, streams).await
    }

    async fn inline_places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError> {
        self.0.progress.places(read_model, stream).await
    }

    async fn commit(&self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        let (checkpoints, dead_letters) = (&self.0.checkpoints, &self.0.dead_letters);
        let read_models = &self.0.read_models;
        read_models
            .commit(commit, checkpoints, dead_letters, &self.0.leases)
            .await
    }
}

#[async_trait]
impl RebuildStore for PostgresStore {
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.0.rebuilds.build(read_model).await
    }

    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError> {
        self.0.rebuilds.begin(read_model).await
    }

    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        self.0.rebuilds.upkeep().await
    }

    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        self.0.rebuilds.switch(switch).await
    }

    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError> {
        self.0.rebuilds.give_up(collection).await
    }

    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError> {
        self.0.rebuilds.purge(collection, limit).await
    }

    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        self.0.rebuilds.read_models(prefix).await
    }
}

#[async_trait]
impl ScheduleStore for PostgresStore {
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError> {
        self.0.schedules.schedule(scheduled).await
    }

    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError> {
        self.0.schedules.cancel(tenant, id).await
    }

    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.0.schedules.claim(now, until, limit).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError> {
        self.0.schedules.next().await
    }

    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError> {
        self.0.schedules.extend(claimed, until).await
    }

    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError> {
        self.0.schedules.postpone(claimed, until, error).await
    }

    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError> {
        self.0.schedules.fired(claimed, at).await
    }

    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError> {
        self.0.schedules.list(tenant, after, limit).await
    }

    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError> {
        self.0.schedules.forget(before, limit).await
    }
}

#[async_trait]
impl LockStore for PostgresStore {
    async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError> {
        self.0.locks.try_lock(key).await
    }

    fn held_locks(&self) -> usize {
        self.0.locks.held()
    }
}

#[async_trait]
impl Backend for PostgresStore {
    fn name(&self) -> &'static str {
        health::BACKEND
    }

    fn ports(&self) -> Ports {
        Ports::of(Arc::new(self.clone()))
    }

    async fn health(&self) -> StoreHealth {
        let health = self.0.health.check(&self.0.database).await;
        health.with_head_stall(self.head_stall().map(health::stall))
    }

    async fn close(&self) -> Result<(), BoxError> {
        let mut tasks = std::mem::take(&mut *self.0.tasks());
        tasks.shutdown().await;
        let limit = self.0.database.answer_timeout();
        self.0.waker.end_listening(limit).await;
        self.0.locks.close().await;
        self.0.database.close().await;
        Ok(())
    }
}

impl TransactionalStore for PostgresStore {
    type Transaction = PostgresTransaction;

    async fn begin(&self, begin: BeginTransaction) -> Result<PostgresTransaction, ReadModelError> {
        PostgresTransaction::begin(self, begin).await
    }
}
