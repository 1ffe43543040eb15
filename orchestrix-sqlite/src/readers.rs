//! The connections that read.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::{SharedConnection, lock};
use crate::failure::Failure;

/// A fixed number of connections, each used by one read at a time.
#[derive(Debug)]
pub(crate) struct Readers {
    pool: Arc<Pool>,
    acquire_timeout: Duration,
}

#[derive(Debug)]
struct Pool {
    /// One permit for each connection.
    free: Arc<Semaphore>,
    idle: Mutex<Vec<SharedConnection>>,
    size: u32,
}

impl Readers {
    pub(crate) fn new(connections: Vec<SharedConnection>, acquire_timeout: Duration) -> Self {
        Self {
            pool: Arc::new(Pool {
                free: Arc::new(Semaphore::new(connections.len())),
                size: connections.len() as u32, // at most `SqliteOptions::MAX_READERS`
                idle: Mutex::new(connections),
            }),
            acquire_timeout,
        }
    }

    /// Runs a read on a thread that may block.
    pub(crate) async fn read<T, E>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        let lease = self.lease().await?;
        let done = tokio::task::spawn_blocking(move || read(&lock(&lease.connection)));
        done.await
            .unwrap_or_else(|_panicked| Err(Failure::no_answer().into()))
    }

    /// Waits for reads under way, at most the acquire time-out, and closes the connections that are idle then; the
    /// others are closed when their reads end.
    pub(crate) async fn close(&self) {
        let all = self.pool.free.acquire_many(self.pool.size);
        let _late_or_closed_before = tokio::time::timeout(self.acquire_timeout, all).await;
        self.pool.free.close();
        lock(&self.pool.idle).clear();
    }

    async fn lease(&self) -> Result<Lease, Failure> {
        let permit = self.pool.free.clone().acquire_owned();
        let permit = match tokio::time::timeout(self.acquire_timeout, permit).await {
            Ok(permit) => permit.map_err(|_closed| Failure::closed())?,
            Err(_elapsed) => return Err(Failure::no_reader(self.acquire_timeout)),
        };
        // There is an idle connection for each permit, except while the pool is being closed.
        let connection = lock(&self.pool.idle).pop().ok_or_else(Failure::closed)?;
        Ok(Lease {
            connection,
            pool: self.pool.clone(),
            _permit: permit,
        })
    }
}

/// A connection on loan; it goes back when this is dropped, also by a panic.
struct Lease {
    connection: SharedConnection,
    pool: Arc<Pool>,
    /// Dropped after `drop` has given the connection back.
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut idle = lock(&self.pool.idle);
        if !self.pool.free.is_closed() {
            idle.push(self.connection.clone());
        }
    }
}
