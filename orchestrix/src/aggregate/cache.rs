//! States that were loaded lately, so that the next command for a stream reads nothing.

use std::any::Any;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::load::Loaded;
use crate::store::StreamId;

/// The least recently used state goes first. A state is taken out while a command works with it.
///
/// What is here may be older than the stream, where another process writes too: the version check of the append finds
/// that, and what was decided without an append is checked against the store.
pub(crate) struct StateCache {
    states: Option<Mutex<LruCache<StreamId, Box<dyn Any + Send + Sync>>>>,
}

impl StateCache {
    /// A cache of so many states; 0 caches nothing.
    pub(crate) fn new(states: usize) -> Self {
        Self {
            states: NonZeroUsize::new(states).map(|states| Mutex::new(LruCache::new(states))),
        }
    }

    pub(crate) fn take<A: 'static>(&self, stream: &StreamId) -> Option<Loaded<A>> {
        let state = self.lock()?.pop(stream)?;
        state.downcast().ok().map(|state| *state)
    }

    pub(crate) fn put<A: Send + Sync + 'static>(&self, stream: StreamId, state: Loaded<A>) {
        if let Some(mut states) = self.lock() {
            // What is pushed out is dropped after the lock is released.
            let pushed_out = states.push(stream, Box::new(state));
            drop(states);
            drop(pushed_out);
        }
    }

    fn lock(&self) -> Option<MutexGuard<'_, LruCache<StreamId, Box<dyn Any + Send + Sync>>>> {
        // Nothing under this lock panics half-way.
        let states = self.states.as_ref()?;
        Some(states.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for StateCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let len = self.lock().map_or(0, |states| states.len());
        f.debug_struct("StateCache").field("len", &len).finish()
    }
}
