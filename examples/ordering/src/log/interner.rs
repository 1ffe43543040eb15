//! One copy of every text that repeats.

use std::collections::HashSet;
use std::sync::Arc;

/// Hands out shared texts: half a million rows name a few thousand goods and a few dozen countries.
#[derive(Default)]
pub(super) struct Interner {
    known: HashSet<Arc<str>>,
}

impl Interner {
    pub(super) fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.known.insert(Arc::clone(&new));
        new
    }
}
