//! A projection whose code changes while it runs, as with a new version of a program.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use orchestrix::prelude::*;

/// The stores whose counters are counted as they should be.
static CORRECTED: Mutex<Option<HashSet<String>>> = Mutex::new(None);

pub(super) fn corrected(store: &str) {
    let mut corrected = CORRECTED.lock().unwrap_or_else(PoisonError::into_inner);
    corrected.get_or_insert_default().insert(store.to_owned());
}

/// What an event of this counter counts.
pub(super) fn weight_of(counter: &str) -> u64 {
    let store = counter.split('-').next().unwrap_or_default();
    let corrected = CORRECTED.lock().unwrap_or_else(PoisonError::into_inner);
    match corrected.as_ref().is_some_and(|all| all.contains(store)) {
        true => 100,
        false => 1,
    }
}

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Counted {
    pub(super) counter: String,
    pub(super) by: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) sum: u64,
}

#[projection(key = counter)]
impl Tally {
    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.events += 1;
        self.sum += event.by * weight_of(&event.counter);
    }
}

#[module(projections(Tally))]
pub(super) struct Counting;
