//! Locks by name: advisory locks of one session beside the pool.

mod key;
mod session;

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::store::{HeldLock, Lock, LockError, LockKey, ProcessLock, ProcessLocks};
use orchestrix::telemetry;
use tokio::runtime::Handle;

use crate::database::Database;
use crate::error::{Fault, SharedCause};
use crate::schema::Schema;
use session::{LockSession, SessionError};

/// The locks of one store.
#[derive(Debug)]
pub(crate) struct Locks {
    schema: Schema,
    /// First of all: a session of the database may take its own lock twice.
    process: ProcessLocks,
    session: Arc<LockSession>,
    runtime: Handle,
}

impl Locks {
    /// Must be called within a runtime. Nothing is connected before the first lock is wanted.
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            schema: schema.clone(),
            process: ProcessLocks::default(),
            session: Arc::new(LockSession::new(database)),
            runtime: Handle::current(),
        }
    }

    pub(crate) async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError> {
        let Some(process) = self.process.take(key) else {
            return Ok(None);
        };
        let (key, id) = (key.clone(), key::of(&self.schema, key));
        let (session, runtime) = (self.session.clone(), self.runtime.clone());
        let wanted = key.clone();
        // On a task of its own: of one who stops waiting, nobody would know whether he holds the lock. What the task
        // took for him is released when its outcome is dropped.
        let task = self.runtime.spawn(async move {
            let taken_by = session.try_lock(id).await?;
            Ok(taken_by.map(|number| {
                let held = SessionLock {
                    key: key.clone(),
                    id,
                    number,
                    session,
                    runtime,
                    process: Some(process),
                };
                Lock::new(key, held)
            }))
        });
        ended(&wanted, task.await)
    }

    /// How many are held in this process, as far as it knows.
    pub(crate) fn held(&self) -> usize {
        self.process.held()
    }

    /// Releases all locks.
    pub(crate) async fn close(&self) {
        self.session.close().await;
    }
}

/// A lock that the session of this number took.
#[derive(Debug)]
struct SessionLock {
    key: LockKey,
    id: i64,
    number: u64,
    session: Arc<LockSession>,
    runtime: Handle,
    /// Taken when it is released.
    process: Option<ProcessLock>,
}

#[async_trait]
impl HeldLock for SessionLock {
    async fn is_held(&self) -> Result<bool, LockError> {
        let (session, number, id) = (self.session.clone(), self.number, self.id);
        // On a task of its own: a statement that is cut off in the middle would take the session with it.
        let task = self
            .runtime
            .spawn(async move { session.is_held(number, id).await });
        ended(&self.key, task.await)
    }

    async fn release(mut self: Box<Self>) -> Result<bool, LockError> {
        let process = self.process.take();
        let (session, number, id) = (self.session.clone(), self.number, self.id);
        let task = self.runtime.spawn(async move {
            let was_held = session.unlock(number, id).await;
            drop(process);
            was_held
        });
        ended(&self.key, task.await)
    }
}

impl Drop for SessionLock {
    fn drop(&mut self) {
        let Some(process) = self.process.take() else {
            return;
        };
        let (session, number, id) = (self.session.clone(), self.number, self.id);
        // It is free for this process at once: should somebody here take it before it is unlocked below, the session
        // has it twice, and once less afterwards.
        drop(process);
        self.runtime.spawn(async move {
            if let Err(error) = session.unlock(number, id).await {
                session.end(number).await;
                let error: &dyn std::error::Error = &error;
                tracing::warn!(
                    { telemetry::ERROR } = error,
                    "a lock was not released, so its session was ended"
                );
            }
        });
    }
}

/// What the task found out.
fn ended<T>(
    key: &LockKey,
    task: Result<Result<T, SessionError>, tokio::task::JoinError>,
) -> Result<T, LockError> {
    let key = key.clone();
    match task {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(SessionError::NoSession(error))) => Err(LockError::Unavailable {
            key,
            source: error.into(),
        }),
        Ok(Err(SessionError::Driver(error))) if Fault::of(&error) == Fault::Refused => {
            Err(LockError::Failed {
                key,
                source: error.into(),
            })
        }
        Ok(Err(SessionError::Driver(error))) => Err(LockError::Unavailable {
            key,
            source: error.into(),
        }),
        Err(error) => Err(LockError::Failed {
            key,
            source: SharedCause::new(error).into(),
        }),
    }
}
