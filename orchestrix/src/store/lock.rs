//! Locks by name, for what must be done by one at a time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use tracing::{Instrument, Span, info_span};

use super::name::{NameError, check_name};
use super::{StreamId, TenantId};
use crate::backoff::Backoff;
use crate::error::BoxError;
use crate::telemetry;

/// Longest name of a lock, in bytes.
pub const MAX_LOCK_NAME_BYTES: usize = 640;

/// How soon a lock that somebody else holds is tried again, at first and at last.
const TRY_AGAIN: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(50)];

/// What a lock is on: a name within a tenant.
///
/// ```
/// use orchestrix::store::{LockKey, TenantId};
/// let key = LockKey::new(TenantId::default(), "nightly-report")?;
/// assert_eq!(key.name(), "nightly-report");
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LockKey {
    tenant: TenantId,
    name: Arc<str>,
}

impl LockKey {
    /// A key from its name.
    ///
    /// # Errors
    /// [`NameError`] when it is empty, longer than [`MAX_LOCK_NAME_BYTES`] or holds a control character.
    pub fn new(tenant: TenantId, name: impl Into<Arc<str>>) -> Result<Self, NameError> {
        let name = name.into();
        check_name("lock name", &name, MAX_LOCK_NAME_BYTES)?;
        Ok(Self { tenant, name })
    }

    /// The key under which commands lock a stream.
    pub fn of_stream(stream: &StreamId) -> Self {
        Self {
            tenant: stream.tenant().clone(),
            // Within the bound: a stream's name has at most `MAX_STREAM_NAME_BYTES`.
            name: format!("stream {}", stream.name()).into(),
        }
    }

    /// Whose lock.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Its name within the tenant.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The name; with the tenant in front unless it is the default one.
impl fmt::Display for LockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tenant.as_str() != TenantId::DEFAULT {
            write!(f, "{}/", self.tenant)?;
        }
        f.write_str(&self.name)
    }
}

/// Mutual exclusion among all that share a database.
///
/// A lock is held by a [`Lock`], and ends with it, with its process, or with the connection it was taken on. So it saves
/// work; it does not replace the version check of an append, which alone decides.
///
/// ```
/// use std::time::Duration;
/// use orchestrix::store::{LockKey, LockStore, MemoryStore, TenantId};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let key = LockKey::new(TenantId::default(), "nightly-report")?;
/// let lock = store.lock(&key, Duration::from_secs(1)).await?;
/// assert!(store.try_lock(&key).await?.is_none());
/// lock.release().await?;
/// # Ok(()) }
/// ```
#[async_trait]
pub trait LockStore: Send + Sync + 'static {
    /// Takes the lock if nobody holds it, this process included.
    ///
    /// # Errors
    /// [`LockError`].
    async fn try_lock(&self, key: &LockKey) -> Result<Option<Lock>, LockError>;

    /// How many locks this process holds.
    fn held_locks(&self) -> usize;

    /// Takes the lock as soon as nobody holds it, and waits for it at most `wait`. Who waits is served in no particular
    /// order.
    ///
    /// # Errors
    /// [`LockError::TimedOut`] when others held it all the time.
    async fn lock(&self, key: &LockKey, wait: Duration) -> Result<Lock, LockError> {
        let span = info_span!(
            telemetry::LOCK,
            { telemetry::LOCK_KEY } = %key,
            { telemetry::LOCK_WAIT } = ?wait,
            { telemetry::LOCK_ACQUIRED } = tracing::field::Empty,
        );
        async {
            let until = Instant::now() + wait;
            let mut backoff = Backoff::new(TRY_AGAIN[0], TRY_AGAIN[1]);
            loop {
                let found = self.try_lock(key).await?;
                let left = until.saturating_duration_since(Instant::now());
                if found.is_some() || left.is_zero() {
                    Span::current().record(telemetry::LOCK_ACQUIRED, found.is_some());
                    return found.ok_or_else(|| LockError::TimedOut {
                        key: key.clone(),
                        wait,
                    });
                }
                tokio::time::sleep(backoff.next().min(left)).await;
            }
        }
        .instrument(span)
        .await
    }
}

/// A lock that is held; it is released when this is dropped, at the latest.
pub struct Lock {
    key: LockKey,
    held: Box<dyn HeldLock>,
}

/// For stores: the holding of one lock. Dropping it releases the lock, without waiting for that.
#[async_trait]
pub trait HeldLock: Send + Sync + 'static {
    /// Whether it is still held.
    ///
    /// # Errors
    /// [`LockError`], when that cannot be found out.
    async fn is_held(&self) -> Result<bool, LockError>;

    /// Releases it, and says whether it was held until now.
    ///
    /// # Errors
    /// [`LockError`].
    async fn release(self: Box<Self>) -> Result<bool, LockError>;
}

impl Lock {
    /// For stores: a lock that was taken.
    pub fn new(key: LockKey, held: impl HeldLock) -> Self {
        Self {
            key,
            held: Box::new(held),
        }
    }

    /// What it is on.
    pub fn key(&self) -> &LockKey {
        &self.key
    }

    /// Whether it is still held: it is lost when the connection it was taken on breaks.
    ///
    /// # Errors
    /// [`LockError`], when that cannot be found out.
    pub async fn is_held(&self) -> Result<bool, LockError> {
        self.held.is_held().await
    }

    /// Releases it, and waits until that is done.
    ///
    /// # Errors
    /// [`LockError::Lost`] when it was not held until now: what was done under it may have been done by others, too.
    pub async fn release(self) -> Result<(), LockError> {
        match self.held.release().await? {
            true => Ok(()),
            false => Err(LockError::Lost { key: self.key }),
        }
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Why a lock was not taken, or not held.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Others held it all the time.
    #[error("the lock `{key}` was held by others for {wait:?}")]
    TimedOut {
        /// Which.
        key: LockKey,
        /// How long it was waited for.
        wait: Duration,
    },
    /// It was lost before it was released: the connection it was taken on broke.
    #[error("the lock `{key}` was lost before it was released")]
    Lost {
        /// Which.
        key: LockKey,
    },
    /// The store cannot be reached or is too busy.
    #[error("the store is unavailable for the lock `{key}`")]
    Unavailable {
        /// Which.
        key: LockKey,
        /// What the driver said.
        source: BoxError,
    },
    /// The store failed.
    #[error("the store failed on the lock `{key}`")]
    Failed {
        /// Which.
        key: LockKey,
        /// What the driver said.
        source: BoxError,
    },
}

impl LockError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::Unavailable { .. })
    }
}
