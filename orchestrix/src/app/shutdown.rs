//! The end of an application.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use super::Core;
use super::core::MOST_COMMANDS;
use crate::error::BoxError;
use crate::store::{Backend, StoreHealth};

/// What runs beside the callers of an application. Dropping it stops the subscriptions without waiting for them.
#[derive(Debug)]
pub(super) struct Running {
    stop: watch::Sender<bool>,
    /// Locked by the one who shuts down: others who do wait for the end too.
    ending: Mutex<Ending>,
    backend: BackendHandle,
}

/// What is left to end. It stays here until it has ended, should a shutdown be given up half-way.
#[derive(Debug)]
struct Ending {
    subscriptions: Vec<(String, JoinHandle<()>)>,
    closed: bool,
}

/// A backend, for `Debug`.
pub(super) struct BackendHandle(pub(super) Arc<dyn Backend>);

impl std::fmt::Debug for BackendHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

impl Running {
    pub(super) fn new(
        stop: watch::Sender<bool>,
        subscriptions: Vec<(String, JoinHandle<()>)>,
        backend: Arc<dyn Backend>,
    ) -> Self {
        Self {
            stop,
            ending: Mutex::new(Ending {
                subscriptions,
                closed: false,
            }),
            backend: BackendHandle(backend),
        }
    }

    /// What the store says of itself, if it says so within the limit.
    pub(super) async fn store_health(&self, limit: Duration) -> StoreHealth {
        let backend = &self.backend.0;
        let health = timeout(limit, backend.health()).await;
        health.unwrap_or_else(|_| {
            let late = format!("it took longer than {limit:?}");
            StoreHealth::new(backend.name(), Err(late.into()))
        })
    }

    pub(super) async fn shutdown(&self, core: &Core) -> Result<(), ShutdownError> {
        let mut ending = self.ending.lock().await;
        if ending.closed {
            return Ok(());
        }
        let limit = core.config.shutdown_timeout;
        let mut late = Vec::new();
        core.closing.store(true, Ordering::Release);
        // Commands under way hold a place each: all places together are there when the last has ended.
        let all = timeout(limit, core.door.acquire_many(MOST_COMMANDS)).await;
        core.door.close();
        if all.is_err() {
            late.push("commands under way".to_owned());
        }
        // A send fails only when every subscription has ended already.
        let _ = self.stop.send(true);
        late.extend(ending.join(limit).await);
        let closed = timeout(limit, self.backend.0.close()).await;
        ending.closed = true;
        match closed {
            Ok(Ok(())) if late.is_empty() => Ok(()),
            Ok(Ok(())) => Err(ShutdownError::Late { what: late, limit }),
            Ok(Err(source)) => Err(ShutdownError::Store { source }),
            Err(_) => {
                late.push(format!("the {} store", self.backend.0.name()));
                Err(ShutdownError::Late { what: late, limit })
            }
        }
    }
}

impl Ending {
    /// Waits for the subscriptions; aborts and names those that do not end.
    async fn join(&mut self, limit: Duration) -> Vec<String> {
        let until = Instant::now() + limit;
        let mut late = Vec::new();
        while let Some((name, task)) = self.subscriptions.last_mut() {
            if timeout_at(until, &mut *task).await.is_err() {
                task.abort();
                late.push(format!("subscription `{name}`"));
            }
            self.subscriptions.pop();
        }
        late.sort();
        late
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

/// What did not end as it should.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShutdownError {
    /// Some parts did not end in time, and were stopped.
    #[error("after {limit:?} these had not ended, and were stopped: {}", what.join(", "))]
    Late {
        /// Which.
        what: Vec<String>,
        /// The limit for each step.
        limit: Duration,
    },
    /// The store could not be closed.
    #[error("the store could not be closed")]
    Store {
        /// What it said.
        source: BoxError,
    },
}
