//! What a correct history came to.

use std::fmt;

/// Counts of a history that was found correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Appends that were acknowledged.
    pub acknowledged: usize,
    /// The events in them.
    pub acknowledged_events: usize,
    /// Of them, those that the store said to have been stored before.
    pub repeated: usize,
    /// Appends that were refused.
    pub refused: usize,
    /// Appends without a known outcome that are stored.
    pub indeterminate_stored: usize,
    /// Appends without a known outcome that are not stored, or only by another attempt at them.
    pub indeterminate_absent: usize,
    /// Reads of streams that were compared.
    pub stream_reads: usize,
    /// Pages of the log that were compared.
    pub pages: usize,
    /// Events in the store.
    pub stored_events: usize,
    /// Streams with events.
    pub streams: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "acknowledged {} appends with {} events ({} of them repeated), refused {}, indeterminate {} stored and {} \
             absent, {} stream reads, {} pages, {} events stored in {} streams",
            self.acknowledged,
            self.acknowledged_events,
            self.repeated,
            self.refused,
            self.indeterminate_stored,
            self.indeterminate_absent,
            self.stream_reads,
            self.pages,
            self.stored_events,
            self.streams,
        )
    }
}
