//! Which read meets which fault, and what is left of what was read.

use super::plan::Plan;
use super::read_fault::{ReadCall, ReadFault};
use crate::store::{Direction, GlobalPosition, Page, ReadStream, RecordedEvent};

/// A plan for each kind of read, so that a script is not used up by those who read in the background.
#[derive(Debug, Default)]
pub(super) struct ReadPlans {
    stream: Plan<ReadFault>,
    all: Plan<ReadFault>,
    find: Plan<ReadFault>,
    outcome: Plan<ReadFault>,
    head: Plan<ReadFault>,
}

impl ReadPlans {
    pub(super) fn of(&mut self, call: ReadCall) -> &mut Plan<ReadFault> {
        match call {
            ReadCall::Stream => &mut self.stream,
            ReadCall::All => &mut self.all,
            ReadCall::Find => &mut self.find,
            ReadCall::Outcome => &mut self.outcome,
            ReadCall::Head => &mut self.head,
        }
    }
}

impl ReadFault {
    /// Takes from a page what the fault hides, and says whether it hid anything.
    pub(super) fn hide_of_page(self, page: &mut Page, after: GlobalPosition) -> bool {
        match self {
            Self::Short if page.events.len() > 1 => {
                page.events.truncate(page.events.len().div_ceil(2));
                page.at_head = false;
            }
            Self::Stale if page.at_head && !page.events.is_empty() => {
                page.events.pop();
            }
            _ => return false,
        }
        page.scanned_to = page.events.last().map_or(after, |event| event.position);
        true
    }

    /// Takes from a stream's events what the fault hides, and says whether it hid anything.
    pub(super) fn hide_of_stream(self, events: &mut Vec<RecordedEvent>, read: &ReadStream) -> bool {
        if self != Self::Stale || events.is_empty() {
            return false;
        }
        match read.direction {
            Direction::Backward => {
                events.remove(0);
            }
            // Otherwise the stream may go on behind what was read.
            Direction::Forward if events.len() < read.limit => {
                events.pop();
            }
            Direction::Forward => return false,
        }
        true
    }
}
