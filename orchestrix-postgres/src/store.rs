//! The store: its ports, each of which hands on to the part that does the work.

mod consumers;
mod events;
mod read_models;
mod schedules;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::{
    Backend, BeginTransaction, Limits, Lock, LockError, LockKey, LockStore, Ports, ReadModelError,
    StoreHealth, TransactionalStore,
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
use crate::schedule::Schedules;
use crate::schema::Schema;
use crate::table_transaction::TableStatements;
use crate::{PostgresError, PostgresOptions, PostgresTransaction, row_security};

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
