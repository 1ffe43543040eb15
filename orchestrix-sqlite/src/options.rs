//! How a store is opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use orchestrix::store::Limits;

use crate::SqliteError;

/// How a [`SqliteStore`](crate::SqliteStore) is opened.
///
/// ```
/// use std::time::Duration;
/// use orchestrix_sqlite::{SqliteOptions, SqliteStore};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let options = SqliteOptions::new(folder.path().join("shop.db"))
///     .with_readers(8)
///     .with_busy_timeout(Duration::from_secs(2));
/// let store = SqliteStore::open_with(options).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    pub(crate) path: PathBuf,
    pub(crate) readers: usize,
    pub(crate) busy_timeout: Duration,
    pub(crate) acquire_timeout: Duration,
    pub(crate) queue: usize,
    pub(crate) max_bytes: Option<u64>,
    pub(crate) limits: Limits,
}

impl SqliteOptions {
    /// The most readers that [`with_readers`](Self::with_readers) takes.
    pub const MAX_READERS: usize = 64;

    /// The file `path`, which is created when it is not there (its folder is not), with 4 readers, time-outs of 5 s
    /// and a queue of 1024.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            readers: 4,
            busy_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(5),
            queue: 1_024,
            max_bytes: None,
            limits: Limits::default(),
        }
    }

    /// How many reads may run at once, 1 to [`MAX_READERS`](Self::MAX_READERS); each has a connection of its own.
    #[must_use]
    pub fn with_readers(mut self, readers: usize) -> Self {
        self.readers = readers;
        self
    }

    /// How long to wait while another process writes, with a resolution of 1 ms, at most about 24 days. An append that
    /// waited in vain is [`Unavailable`](orchestrix::store::AppendError::Unavailable).
    #[must_use]
    pub fn with_busy_timeout(mut self, limit: Duration) -> Self {
        self.busy_timeout = limit;
        self
    }

    /// How long a read waits for a free reader, and a write for room in the queue, before it is given up as
    /// unavailable.
    #[must_use]
    pub fn with_acquire_timeout(mut self, limit: Duration) -> Self {
        self.acquire_timeout = limit;
        self
    }

    /// How many writes (calls of `append`, `archive_stream`, `save_checkpoint` and `commit`) may wait for the writer, at least 1.
    #[must_use]
    pub fn with_queue(mut self, writes: usize) -> Self {
        self.queue = writes;
        self
    }

    /// The size this store does not let the database file outgrow, in bytes; the WAL beside it is not counted. Writes
    /// that would are refused as failed, and nothing of them is stored. Without it the disk is the limit.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// The most that one append may hold, instead of [`Limits::default`].
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub(crate) fn check(&self) -> Result<(), SqliteError> {
        let refused = |option, reason| Err(SqliteError::Option { option, reason });
        if self.path.as_os_str().is_empty() {
            return refused("path", "it is empty; name a file");
        }
        if self.path.as_os_str() == ":memory:" {
            return refused(
                "path",
                "`:memory:` is no file; use `SqliteStore::in_memory`",
            );
        }
        if !(1..=Self::MAX_READERS).contains(&self.readers) {
            return refused("readers", "it must be 1 to 64");
        }
        if self.busy_timeout.as_millis() > i32::MAX as u128 {
            return refused("busy_timeout", "it must be at most 2147483647 ms");
        }
        if !(1..=tokio::sync::Semaphore::MAX_PERMITS).contains(&self.queue) {
            return refused("queue", "it must be at least 1 and below 2^61");
        }
        if self.max_bytes == Some(0) {
            return refused("max_bytes", "it must be above 0");
        }
        Ok(())
    }
}
