//! The store: the ports, each handed on to the writer or to a reader.

mod consumers;
mod events;
mod read_models;
mod schedules;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::{
    Backend, BeginTransaction, ChangeSignal, CheckpointError, LeaseError, Limits, Lock, LockError,
    LockKey, LockStore, NodeId, Ports, ReadModelError, StoreHealth, TransactionalStore,
};
use orchestrix::telemetry;
use rusqlite::Connection;

use crate::connection::{self, Connections};
use crate::failure::Failure;
use crate::lease::{LeaseCall, Leasing};
use crate::locks::Locks;
use crate::readers::Readers;
use crate::rebuild::{RebuildCall, Rebuilding};
use crate::writer::Writer;
use crate::{SqliteError, SqliteOptions, SqliteSettings, SqliteTransaction, health};

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
