//! What a copy has done.

use std::fmt;

use super::call::Sent;
use crate::store::GlobalPosition;

/// What one [run](super::CopyLog::run) of a copy has done until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CopyReport {
    /// Events that were stored in the target.
    pub events: u64,
    /// Streams that begin with one of these events.
    pub streams: u64,
    /// Bytes of payloads and metadata of these events.
    pub bytes: u64,
    /// Events that were sent, and were there already: what an earlier run had sent came late.
    pub repeated: u64,
    /// Where it began: what stands up to this position of the source was in the target before, and was skipped.
    pub resumed_after: GlobalPosition,
    /// How far it came: what stands up to this position of the source is in the target.
    pub copied_to: GlobalPosition,
}

impl CopyReport {
    pub(super) fn begin(resumed_after: GlobalPosition) -> Self {
        Self {
            resumed_after,
            copied_to: resumed_after,
            ..Self::default()
        }
    }

    /// Counts an append that was acknowledged.
    pub(super) fn add(&mut self, sent: &Sent, repeated: bool) {
        self.copied_to = self.copied_to.max(sent.last);
        if repeated {
            self.repeated += sent.events as u64;
            return;
        }
        self.events += sent.events as u64;
        self.streams += sent.streams as u64;
        self.bytes += sent.bytes as u64;
    }

    /// All events that were sent and are in the target now.
    pub(super) fn events_seen(&self) -> usize {
        usize::try_from(self.events + self.repeated).unwrap_or(usize::MAX)
    }
}

/// For people.
impl fmt::Display for CopyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} events copied ({} streams begun, {} bytes), behind position {} up to position {} of the source",
            self.events, self.streams, self.bytes, self.resumed_after, self.copied_to
        )?;
        match self.repeated {
            0 => Ok(()),
            repeated => write!(f, "; {repeated} events had come late from an earlier run"),
        }
    }
}
