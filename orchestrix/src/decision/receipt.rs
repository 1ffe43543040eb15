//! What a decision came to.

use crate::aggregate::ReceiptEvent;
use crate::store::{AppendedStream, GlobalPosition};

/// The outcome of a decision: its events, if there are any, are stored, durably.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecisionReceipt {
    /// Where its events stand; nothing when it gave none.
    pub written: Option<AppendedStream>,
    /// Where the last event stands in the whole store, or how far the log was read where there is none: give it to
    /// [`View::at_least`](crate::app::View::at_least) to read your own write.
    pub position: GlobalPosition,
    /// What was appended, in order.
    pub events: Vec<ReceiptEvent>,
    /// How many times it was decided, from 1; others came in between one time less.
    pub attempts: u32,
}
