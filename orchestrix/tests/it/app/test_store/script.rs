//! What happens to coming calls.

use std::collections::VecDeque;
use std::sync::Mutex;

/// Entries come in their order, one for each call; without one, `always` decides.
#[derive(Debug)]
pub(crate) struct Script<F> {
    queue: Mutex<VecDeque<F>>,
    always: Mutex<Option<F>>,
}

impl<F> Default for Script<F> {
    fn default() -> Self {
        Self {
            queue: Mutex::default(),
            always: Mutex::default(),
        }
    }
}

impl<F: Copy> Script<F> {
    pub(crate) fn next(&self, entries: impl IntoIterator<Item = F>) {
        self.queue.lock().unwrap().extend(entries);
    }

    pub(crate) fn always(&self, entry: F) {
        *self.always.lock().unwrap() = Some(entry);
    }

    pub(crate) fn none(&self) {
        self.queue.lock().unwrap().clear();
        *self.always.lock().unwrap() = None;
    }

    pub(super) fn take(&self) -> Option<F> {
        let next = self.queue.lock().unwrap().pop_front();
        next.or(*self.always.lock().unwrap())
    }
}
