//! Locks among the tasks of one process.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{HeldLock, Lock, LockError, LockKey};

/// Which locks are held in this process. For stores that are not shared with other processes, and as the first step of
/// those that are: databases let one session take a lock twice. Cloning shares them.
///
/// ```
/// use orchestrix::store::{LockKey, ProcessLocks, TenantId};
/// let locks = ProcessLocks::default();
/// let key = LockKey::new(TenantId::default(), "nightly-report")?;
/// let held = locks.take(&key);
/// assert!(held.is_some() && locks.take(&key).is_none());
/// drop(held);
/// assert_eq!(locks.held(), 0);
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ProcessLocks(Arc<Mutex<HashSet<LockKey>>>);

/// A lock that this process holds, until this is dropped.
#[derive(Debug)]
pub struct ProcessLock {
    key: LockKey,
    locks: ProcessLocks,
}

impl ProcessLocks {
    /// Takes the lock, unless this process holds it.
    pub fn take(&self, key: &LockKey) -> Option<ProcessLock> {
        self.lock().insert(key.clone()).then(|| ProcessLock {
            key: key.clone(),
            locks: self.clone(),
        })
    }

    /// How many are held.
    pub fn held(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn try_lock(&self, key: &LockKey) -> Option<Lock> {
        Some(Lock::new(key.clone(), self.take(key)?))
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<LockKey>> {
        // Nothing under this lock panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProcessLock {
    /// What it is on.
    pub fn key(&self) -> &LockKey {
        &self.key
    }
}

impl Drop for ProcessLock {
    fn drop(&mut self) {
        self.locks.lock().remove(&self.key);
    }
}

#[async_trait]
impl HeldLock for ProcessLock {
    async fn is_held(&self) -> Result<bool, LockError> {
        Ok(true)
    }

    async fn release(self: Box<Self>) -> Result<bool, LockError> {
        Ok(true)
    }
}
