//! Wake-ups for readers.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// The waking end, which a store holds: cheap to clone, all clones wake the same readers.
#[derive(Debug, Clone)]
pub struct ChangeSignal(Arc<watch::Sender<u64>>);

impl Default for ChangeSignal {
    fn default() -> Self {
        Self::new()
    }
}

impl ChangeSignal {
    /// A signal that nobody listens to yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Wakes every reader.
    pub fn wake(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A reader's end; changes from now on wake it.
    pub fn subscribe(&self) -> Changes {
        Changes(self.0.subscribe())
    }

    /// How many readers listen.
    pub fn readers(&self) -> usize {
        self.0.receiver_count()
    }
}

/// The woken end: [`EventStore::changes`](super::EventStore::changes).
///
/// A wake-up only hints that there may be something to read; it may come late, twice, or not at all. What is read is
/// the log.
#[derive(Debug, Clone)]
pub struct Changes(watch::Receiver<u64>);

impl Changes {
    /// Waits until something may have changed since the last call, but at most `limit`.
    pub async fn changed(&mut self, limit: Duration) {
        if let Ok(Err(_gone)) = tokio::time::timeout(limit, self.0.changed()).await {
            // The store is gone; without this a reader would spin.
            tokio::time::sleep(limit).await;
        }
    }
}
