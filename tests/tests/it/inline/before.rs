//! The tally as it was before its documents were written with their events.

use orchestrix::prelude::*;

use super::counter::{Counted, Counter};

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) sum: u64,
}

#[projection(key = counter)]
impl Tally {
    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.events += 1;
        self.sum += event.by;
    }
}

#[module(aggregates(Counter), projections(Tally))]
pub(super) struct Counting;
