//! The port for locks: within the process first, then among processes.

use async_trait::async_trait;
use orchestrix::store::{HeldLock, Lock, LockError, LockKey, ProcessLock, ProcessLocks};

use crate::failure::Failure;
use crate::lock_file::{Identity, LockFile, LockFolder};

/// The locks of one store.
#[derive(Debug)]
pub(crate) struct Locks {
    in_process: ProcessLocks,
    /// Nothing for a store in memory, which other processes cannot see.
    folder: Option<LockFolder>,
}

impl Locks {
    pub(crate) fn new(folder: Option<LockFolder>) -> Self {
        Self {
            in_process: ProcessLocks::default(),
            folder,
        }
    }

    pub(crate) async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError> {
        let Some(in_process) = self.in_process.take(key) else {
            return Ok(None);
        };
        let Some(folder) = self.folder.clone() else {
            return Ok(Some(Lock::new(key.clone(), in_process)));
        };
        let wanted = key.clone();
        let locked = blocking(key, move || folder.try_lock(&wanted)).await?;
        let file = locked.map_err(|failure| failure.into_lock(key.clone()))?;
        Ok(file.map(|file| Lock::new(key.clone(), SharedLock { file, in_process })))
    }

    pub(crate) fn held(&self) -> usize {
        self.in_process.held()
    }
}

/// A lock among processes. Dropping it costs three short file calls, made at once and in place: whoever dropped it may
/// take it again.
#[derive(Debug)]
struct SharedLock {
    /// Released before the lock within the process, or the next task here would find it held.
    file: LockFile,
    in_process: ProcessLock,
}

#[async_trait]
impl HeldLock for SharedLock {
    async fn is_held(&self) -> Result<bool, LockError> {
        let (key, identity): (_, Identity) = (self.in_process.key(), self.file.identity.clone());
        let looked = blocking(key, move || identity.is_current()).await?;
        looked.map_err(|error| LockError::Failed {
            key: key.clone(),
            source: error.into(),
        })
    }

    async fn release(self: Box<Self>) -> Result<bool, LockError> {
        let Self { file, in_process } = *self;
        let released = blocking(in_process.key(), move || file.release()).await;
        drop(in_process);
        released
    }
}

/// Makes file calls on a thread that may block.
async fn blocking<T: Send + 'static>(
    key: &LockKey,
    calls: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LockError> {
    tokio::task::spawn_blocking(calls)
        .await
        .map_err(|_cancelled| Failure::no_answer().into_lock(key.clone()))
}
